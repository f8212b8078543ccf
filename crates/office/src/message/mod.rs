//! 短信记录: what was sent, what waits, what was given up; and the demonstration's SMS.

use app::App;
use app::message::office::{self, Demonstrated, Sent};
use askama::Template;
use axum::extract::Query;
use domain::staff::Permission;
use serde::Deserialize;
use web::{Html, PageResult, Problem, Protected, Routes, Shell, Who, flash, page as answer};

use crate::context::{Desk, problem};
use crate::list::{Cursor, Empty, Here, Pager, Tabs, Tag};

const PAGE: usize = 50;

pub(crate) fn routes() -> Routes<App> {
    const WHO: Who = Who::Staff(Permission::MessageView);
    Routes::new("message")
        .get("/office/messages", WHO, page)
        .post("/office/messages/retry", WHO, retry)
        .get("/office/messages/demo", WHO, demo)
}

#[derive(Debug, Default, Deserialize)]
struct ListQuery {
    #[serde(default)]
    state: String,
    before: Option<Cursor>,
}

#[derive(Debug, Template)]
#[template(path = "message/page.html")]
struct Page {
    shell: Shell,
    tabs: Tabs,
    rows: Vec<Sent>,
    pager: Pager,
    empty: Empty,
    failed: i64,
    demo: bool,
    sees_people: bool,
}

fn state_tag(state: &str) -> Tag {
    match state {
        "sent" => Tag::ok("已发送"),
        "queued" | "sending" => Tag::wait("待发送"),
        "failed" => Tag::bad("发送失败"),
        _ => Tag::off("已取消"),
    }
}

/// What a template is about, for those who don't know its name.
fn about(template: &str) -> &str {
    match template {
        "code_signup" => "注册验证码",
        "code_activate" => "首次登录验证码",
        "code_recover" => "找回密码验证码",
        "code_change_mobile" => "更换手机验证码",
        "account_activated" => "账号启用",
        "account_corrected" => "账号信息更正",
        "account_recovered" => "账号找回",
        "password_changed" => "密码修改",
        "mobile_changed" => "手机号码修改",
        "claim_filed" | "claim_moved" => "账号申诉",
        "photo_rejected" => "照片不通过",
        "payment_paid" => "缴费成功",
        "payment_refunded" => "退款",
        "application_ended" => "报名终止",
        "position_changed" => "岗位更正或取消",
        "exam_changed" => "考试安排更正",
        "broadcast" => "群发消息",
        other if other.starts_with("review") => "资格审查结果",
        other if other.starts_with("payment") => "缴费",
        other if other.starts_with("ticket") => "准考证",
        other if other.starts_with("score") => "成绩",
        other => other,
    }
}

/// The list.
async fn page(desk: Desk, Query(query): Query<ListQuery>) -> PageResult {
    let here = Here::new("/office/messages").with("state", &query.state);
    let failed = office::count(&desk.ctx, "failed").await.map_err(problem)?;
    let queued = office::count(&desk.ctx, "queued").await.map_err(problem)?;
    let mut tabs = Tabs::new("短信状态");
    for (state, text) in office::STATES {
        let (href, chosen) = (here.but("state", state), query.state == state);
        tabs = match state {
            "failed" => tabs.badge(text, href, chosen, failed),
            "queued" => tabs.badge(text, href, chosen, queued),
            _ => tabs.tab(text, href, chosen, None),
        };
    }
    let before = query.before.as_ref().map(Cursor::first);
    let mut rows = office::sent(&desk.ctx, &query.state, before, 51)
        .await
        .map_err(problem)?;
    let next = Pager::cut(&mut rows, PAGE, |row| Cursor::one(row.id));
    let page = Page {
        shell: Shell::new(&desk.visit, "短信记录"),
        tabs,
        pager: Pager::new(&here, query.before.as_ref(), next),
        rows,
        empty: Empty::new(
            "没有短信",
            "验证码、审核结果和缴费通知的短信会出现在这里。未开通短信的，只发站内消息。",
        )
        .icon(web::icon::PHONE),
        failed,
        demo: office::demonstrated(&desk.ctx.app).is_some(),
        sees_people: desk.may(Permission::AccountDesk),
    };
    Ok(Html::new(page).into())
}

/// One message, or all that were given up.
#[derive(Debug, Deserialize)]
struct Retry {
    id: String,
}

/// Tries again.
async fn retry(desk: Desk, sent: Protected<Retry>) -> PageResult {
    let id = match sent.id.as_str() {
        "" => None,
        text => Some(text.parse::<i64>().map_err(|_| Problem::NotFound)?),
    };
    office::retry(&desk.ctx, id).await.map_err(problem)?;
    Ok(answer::redirect_with(
        &desk.visit,
        "/office/messages?state=queued",
        flash::SAVED,
    ))
}

#[derive(Debug, Template)]
#[template(path = "message/demo.html")]
struct DemoPage {
    shell: Shell,
    rows: Vec<Demonstrated>,
    empty: Empty,
}

/// The messages of the demonstration. There is no such page where SMS are real.
async fn demo(desk: Desk) -> PageResult {
    let rows = office::demonstrated(&desk.ctx.app).ok_or(Problem::NotFound)?;
    let page = DemoPage {
        shell: Shell::new(&desk.visit, "演示短信").below("/office/messages"),
        rows,
        empty: Empty::new("还没有短信", "注册、审核、缴费时会有短信。").icon(web::icon::PHONE),
    };
    Ok(Html::new(page).into())
}
