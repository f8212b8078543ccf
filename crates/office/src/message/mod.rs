//! 短信记录: what was sent, what waits, what was given up; and the demonstration's SMS.

use app::App;
use app::message::office::{self, Demonstrated, Filter, Sent};
use askama::Template;
use axum::extract::Query;
use domain::staff::Permission;
use serde::Deserialize;
use web::{Html, PageResult, Problem, Protected, Routes, Shell, Who, flash, page as answer};

use crate::context::{Desk, problem};
use crate::list::{
    Cursor, Empty, Export, Filters, Head, Here, Pager, Saved, Sort, Tabs, Tag, Taken, given, saved,
};

const PAGE: usize = 50;

pub(crate) fn routes() -> Routes<App> {
    const WHO: Who = Who::Staff(Permission::MessageView);
    Routes::new("message")
        .get("/office/messages", WHO, page)
        .post("/office/messages/export", WHO.export(), export)
        .post("/office/messages/retry", WHO, retry)
        .get("/office/messages/demo", WHO, demo)
}

#[derive(Debug, Default, Deserialize)]
struct ListQuery {
    #[serde(default)]
    state: String,
    #[serde(default)]
    not: String,
    #[serde(default)]
    sort: String,
    before: Option<Cursor>,
}

impl ListQuery {
    /// By when they were left, the newest first unless turned round.
    fn sort(&self) -> Sort {
        Sort::read(&self.sort, &["left"], ("left", true))
    }

    /// The tab; the first one for a state that there isn't.
    fn state(&self) -> (&'static str, &'static str) {
        let mut states = office::STATES.into_iter();
        states
            .find(|(code, _)| *code == self.state)
            .unwrap_or(("", "全部"))
    }

    fn filter(&self) -> Filter {
        Filter {
            state: self.state().0.to_owned(),
            other: !self.not.is_empty(),
            oldest: self.sort().turned(),
        }
    }

    fn here(&self) -> Here {
        let state = self.state().0;
        Here::new("/office/messages")
            .with("state", state)
            .with("not", if state.is_empty() { "" } else { &self.not })
            .with("sort", &self.sort().code())
    }
}

#[derive(Debug, Template)]
#[template(path = "message/page.html")]
struct Page {
    shell: Shell,
    saved: Saved,
    left: Head,
    export: Export,
    filters: Option<Filters>,
    tabs: Tabs,
    rows: Vec<Sent>,
    pager: Pager,
    empty: Empty,
    failed: i64,
    demo: bool,
    sees_people: bool,
}

fn state_tag(state: &str, error: &str) -> Tag {
    match state {
        "dropped" if error == app::message::REHEARSED => Tag::off("演练不发"),
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
        "payment_refunded" | "payment_refunded_by_hand" => "退款",
        "payment_code" => "缴款码",
        "waiver_decided" => "减免申请结果",
        "application_ended" => "报名终止",
        "position_changed" => "岗位更正或取消",
        "exam_changed" => "考试安排更正",
        "shortlist_published" => "入围面试",
        "promotion_offered" => "递补通知",
        "medical_notice" => "体检通知",
        "hire_published" => "聘用通知",
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
    let (here, filter) = (query.here(), query.filter());
    let failed = office::count(&desk.ctx, "failed").await.map_err(problem)?;
    let queued = office::count(&desk.ctx, "queued").await.map_err(problem)?;
    let mut tabs = Tabs::new("短信状态");
    for (state, text) in office::STATES {
        let href = here.clone().with("not", "").but("state", state);
        let chosen = filter.state == state && !filter.other;
        tabs = match state {
            "failed" => tabs.badge(text, href, chosen, failed),
            "queued" => tabs.badge(text, href, chosen, queued),
            _ => tabs.tab(text, href, chosen, None),
        };
    }
    let before = query.before.as_ref().map(Cursor::first);
    let mut rows = office::sent(&desk.ctx, &filter, before, 51)
        .await
        .map_err(problem)?;
    let next = Pager::cut(&mut rows, PAGE, |row| Cursor::one(row.id));
    let shell = Shell::new(&desk.visit, "短信记录");
    let (code, text) = query.state();
    let page = Page {
        saved: Saved::of(&desk, &shell, &saved::MESSAGE, &here).await?,
        left: query.sort().head(&here, "left", "提交时间"),
        export: Export::new(&shell, &here),
        filters: (!code.is_empty()).then(|| Filters::new(&here).turned("状态", filter.other, text)),
        shell,
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

/// The list under its filter as a file.
async fn export(desk: Desk, Query(query): Query<ListQuery>, taken: Protected<Taken>) -> PageResult {
    let words = |template: &str| about(template).to_owned();
    let copy = office::export(&desk.ctx, &query.filter(), &words, taken.format())
        .await
        .map_err(problem)?;
    given(&desk, "短信记录", taken.format(), copy)
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
        flash::done(if id.is_some() {
            "这条短信已重新排队"
        } else {
            "发送失败的短信已全部重新排队"
        }),
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
