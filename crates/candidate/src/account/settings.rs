//! 账号与安全, and the copy of one's data (PIPL article 45).

use app::account::Overview;
use domain::id_number::IdType;
use domain::money::Fen;
use domain::time::Timestamp;
use web::protected::Nothing;
use web::{Html, PageResult, Problem, Protected, Shell};

use crate::context::{Me, problem};

#[derive(Debug, askama::Template)]
#[template(path = "account/settings.html")]
struct Page {
    shell: Shell,
    own: Overview,
}

/// The page.
pub(super) async fn page(me: Me) -> PageResult {
    let own = app::account::overview(&me.ctx).await.map_err(problem)?;
    Ok(Html::new(Page {
        shell: me.shell("账号与安全").await,
        own,
    })
    .into())
}

/// 下载个人信息副本: a JSON file with Chinese names, which every editor opens.
pub(super) async fn copy(me: Me, _: Protected<Nothing>) -> PageResult {
    let copy = app::account::copy(&me.ctx).await.map_err(problem)?;
    let applications: Vec<_> = copy
        .applications
        .iter()
        .map(|row| {
            serde_json::json!({
                "考试": row.exam, "报名序号": row.registration_no, "提交时间": row.submitted_at.to_local_second(),
            })
        })
        .collect();
    let checks: Vec<_> = copy
        .checks
        .iter()
        .map(|one| {
            let second = |at: Option<Timestamp>| at.map(|at| at.to_local_second());
            serde_json::json!({
                "种类": one.kind, "提出核验的时间": second(one.asked_at), "结果": one.verdict, "原因": one.why,
                "结果来源": one.source, "结果时间": second(one.answered_at),
            })
        })
        .collect();
    let waivers: Vec<_> = copy.waivers.iter().map(waiver).collect();
    let money: Vec<_> = copy.money.iter().map(money).collect();
    let content = serde_json::json!({
        "姓名": copy.name,
        "证件类型": IdType::parse(&copy.id_type).map_or("", IdType::label),
        "证件号码": copy.id_number,
        "手机号码": copy.mobile,
        "注册时间": copy.created_at.to_local_second(),
        "个人信息": copy.profile,
        "站内消息条数": copy.messages,
        "报名": applications,
        "减免申请": waivers,
        "缴费": money,
        "实名与学历核验": checks,
        "生成时间": me.ctx.at.to_local_second(),
    });
    let bytes = serde_json::to_vec_pretty(&content).map_err(|e| Problem::caused("copy", e))?;
    Ok(web::page::download(
        "application/json",
        "个人信息副本.json",
        bytes,
    ))
}

fn second(at: Timestamp) -> String {
    at.to_local_second()
}

fn yuan(fen: i64) -> String {
    Fen::new(fen).yuan()
}

/// An application for a waiver, with what was sent along and where it can be looked at.
fn waiver(one: &app::waiver::OwnCopy) -> serde_json::Value {
    let files: Vec<_> = one
        .files
        .iter()
        .map(|(name, size, page)| match size {
            0 => serde_json::json!({ "文件": name, "说明": "已按规定清除" }),
            _ => serde_json::json!({ "文件": name, "字节": size, "登录后查看": page }),
        })
        .collect();
    serde_json::json!({
        "考试": one.exam, "报名序号": one.registration_no, "减免类别": one.category, "减免标准": one.grants,
        "情况说明": one.statement, "证明材料": files, "状态": one.state, "减免金额（元）": one.off.map(yuan),
        "申请时间": second(one.asked_at), "审核时间": one.decided_at.map(second), "审核意见": one.note,
    })
}

/// An order, with what came and went outside of the channels.
fn money(one: &app::payment::OwnMoney) -> serde_json::Value {
    let refunds: Vec<_> = one
        .refunds
        .iter()
        .map(|one| {
            serde_json::json!({
                "退款单号": one.number, "金额（元）": yuan(one.amount), "原因": one.reason, "状态": one.state,
                "申请时间": second(one.asked_at), "退款时间": one.done_at.map(second),
            })
        })
        .collect();
    let documents: Vec<_> = one
        .documents
        .iter()
        .map(|one| {
            serde_json::json!({
                "事项": if one.back { "退回" } else { "缴费" }, "方式": one.method, "凭证号": one.number,
                "金额（元）": yuan(one.amount), "收付时间": second(one.paid_at), "状态": one.state,
                "留存凭证扫描件": one.scanned,
            })
        })
        .collect();
    let code = one.code.as_ref().map(|code| {
        let paid: Vec<_> = code
            .paid
            .iter()
            .map(|(sum, at, number)| {
                serde_json::json!({ "金额（元）": yuan(*sum), "缴款时间": second(*at), "银行凭证号": number })
            })
            .collect();
        serde_json::json!({
            "缴款码": code.code, "申请时间": second(code.asked_at), "取码时间": code.given_at.map(second), "银行到账": paid,
        })
    });
    serde_json::json!({
        "缴费单号": one.number, "考试": one.exam, "金额（元）": yuan(one.amount), "状态": one.state,
        "生成时间": second(one.made_at), "支付时间": one.paid_at.map(second), "支付方式": one.channel,
        "渠道流水号": one.channel_no, "退款": refunds, "线下缴费": documents, "缴款码": code,
    })
}
