//! 账号与安全, and the copy of one's data (PIPL article 45).

use app::account::Overview;
use domain::id_number::IdType;
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
    let content = serde_json::json!({
        "姓名": copy.name,
        "证件类型": IdType::parse(&copy.id_type).map_or("", IdType::label),
        "证件号码": copy.id_number,
        "手机号码": copy.mobile,
        "注册时间": copy.created_at.to_local_second(),
        "个人信息": copy.profile,
        "站内消息条数": copy.messages,
        "报名": applications,
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
