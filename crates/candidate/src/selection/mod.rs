//! 面试与聘用: where the candidate stands between 入围 and 聘用, whether he follows somebody, and that he gives up.

use app::App;
use app::selection::own::{self, Mark, Own};
use askama::Template;
use axum::extract::Path;
use domain::selection::{Stage, StageEvent};
use domain::time::Timestamp;
use web::layout::Item;
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Routes, Shell, Who, flash, page as answer};

use crate::application::words::{deadline, left};
use crate::context::{Me, problem};

pub(crate) fn routes() -> Routes<App> {
    const WHO: Who = Who::Candidate;
    Routes::new("selection")
        .get("/applications/{id}/selection", WHO, show)
        .post("/applications/{id}/selection/accept", WHO, accept)
        .get("/applications/{id}/selection/decline", WHO, decline_page)
        .post("/applications/{id}/selection/decline", WHO, decline)
        .get("/applications/{id}/selection/give-up", WHO, give_up_page)
        .post("/applications/{id}/selection/give-up", WHO, give_up)
}

/// A step of the bar.
#[derive(Debug)]
struct Leg {
    number: usize,
    label: &'static str,
    mark: Mark,
    class: &'static str,
}

#[derive(Debug)]
struct Line {
    at: String,
    text: String,
}

#[derive(Debug, Template)]
#[template(path = "selection/page.html")]
struct Page {
    shell: Shell,
    id: String,
    title: String,
    choice: String,
    legs: Vec<Leg>,
    /// What is to be done now, and what it means.
    heading: String,
    text: &'static str,
    tone: &'static str,
    due: String,
    left: String,
    own: Own,
    lines: Vec<Line>,
}

impl Page {
    fn place(&self) -> String {
        if self.own.row.rank > 0 {
            format!("第 {} 名", self.own.row.rank)
        } else {
            String::new()
        }
    }
}

fn legs(own: &Own) -> Vec<Leg> {
    let bar = own.bar.iter();
    bar.enumerate()
        .map(|(place, &(label, mark))| Leg {
            number: place.saturating_add(1),
            label,
            mark,
            class: match mark {
                Mark::Done => "is-done",
                Mark::Here => "is-here",
                Mark::Stopped => "is-stop",
                Mark::Ahead => "",
            },
        })
        .collect()
}

/// What the stage asks of him: heading, a sentence, the tone of the notice.
fn says(own: &Own) -> (String, &'static str, &'static str) {
    let (text, tone) = match own.stage {
        Stage::Offered if own.may_answer => (
            "有名额空出，您可以递补。请在截止时间前确认是否参加，逾期视为放弃。",
            "wait",
        ),
        Stage::Offered => ("确认的时间已过，视为放弃。", "bad"),
        Stage::Called => (
            "请按公告的时间和地点，携带身份证、学历学位证书等原件参加资格复审。未到的取消面试资格。",
            "wait",
        ),
        Stage::Qualified => ("请留意面试安排，届时携带身份证参加面试。", "wait"),
        Stage::Interviewed => ("请等待总成绩和体检名单公布。", "wait"),
        Stage::Medical => ("请按通知的时间和地点参加体检。", "wait"),
        Stage::MedicalAgain => ("体检须复检，请按通知的时间和地点参加。", "wait"),
        Stage::Background => ("正在进行考察，请保持电话畅通。", "wait"),
        Stage::Proposed => ("已列为拟聘用人员，等待公示。", "ok"),
        Stage::Announced => ("正在公示，公示期满没有问题的办理聘用。", "ok"),
        Stage::Hired => ("已列入聘用名单，请按通知办理聘用手续。", "ok"),
        Stage::Out => (
            "后面的环节不再参加。对结果有疑问的，请联系考试机构。",
            "bad",
        ),
    };
    let heading = match (own.stage, own.left_why) {
        (Stage::Out, Some(why)) => why.label().to_owned(),
        (stage, _) => stage.label().to_owned(),
    };
    (heading, text, tone)
}

async fn show(me: Me, Path(id): Path<String>) -> PageResult {
    let own = own::own(&me.ctx, &id).await.map_err(problem)?;
    let (heading, text, tone) = says(&own);
    let lines = own
        .steps
        .iter()
        .rev()
        .map(|step| Line {
            at: Timestamp::from_micros(step.decided_at.unwrap_or(step.asked_at)).to_local_minute(),
            text: match StageEvent::from_code(&step.event) {
                Some(event) if step.reason.is_empty() => event.label().to_owned(),
                Some(event) => format!("{}：{}", event.label(), step.reason),
                None => "其他".to_owned(),
            },
        })
        .collect();
    let due = own.due.filter(|_| own.may_answer);
    let page = Page {
        shell: me.shell("面试与聘用").await.at(Item::Applications),
        id,
        title: own.exam.title().to_owned(),
        choice: own.choice.clone(),
        legs: legs(&own),
        heading,
        text,
        tone,
        due: due.map(deadline).unwrap_or_default(),
        left: due.map(|due| left(due, me.ctx.at)).unwrap_or_default(),
        own,
        lines,
    };
    Ok(Html::new(page).into())
}

fn back(me: &Me, id: &str, text: &str) -> axum::response::Response {
    answer::redirect_with(
        &me.visit,
        &format!("/applications/{id}/selection"),
        flash::done(text),
    )
}

async fn accept(me: Me, Path(id): Path<String>, _: Protected<Nothing>) -> PageResult {
    own::answer(&me.ctx, &id, true).await.map_err(problem)?;
    Ok(back(&me, &id, "已确认递补"))
}

/// Before something that can't be taken back.
#[derive(Debug, Template)]
#[template(path = "selection/sure.html")]
struct Sure {
    shell: Shell,
    id: String,
    title: String,
    choice: String,
    /// The last part of the address, and the word of the button.
    action: &'static str,
    button: &'static str,
    text: &'static str,
}

async fn sure(
    me: &Me,
    id: &str,
    (action, button, text): (&'static str, &'static str, &'static str),
) -> PageResult {
    let own = own::own(&me.ctx, id).await.map_err(problem)?;
    let page = Sure {
        shell: me.shell(button).await.at(Item::Applications),
        id: id.to_owned(),
        title: own.exam.title().to_owned(),
        choice: own.choice,
        action,
        button,
        text,
    };
    Ok(Html::new(page).into())
}

async fn decline_page(me: Me, Path(id): Path<String>) -> PageResult {
    const WORDS: (&str, &str, &str) = (
        "decline",
        "放弃递补",
        "放弃后由排名在后的考生递补，您不能再参加这次面试。",
    );
    sure(&me, &id, WORDS).await
}

async fn decline(me: Me, Path(id): Path<String>, _: Protected<Nothing>) -> PageResult {
    own::answer(&me.ctx, &id, false).await.map_err(problem)?;
    Ok(back(&me, &id, "已放弃递补"))
}

async fn give_up_page(me: Me, Path(id): Path<String>) -> PageResult {
    const WORDS: (&str, &str, &str) = (
        "give-up",
        "放弃后面的环节",
        "放弃后，资格复审、面试、体检、考察和聘用都不再参加，空出的名额由其他考生递补。",
    );
    sure(&me, &id, WORDS).await
}

async fn give_up(me: Me, Path(id): Path<String>, _: Protected<Nothing>) -> PageResult {
    own::give_up(&me.ctx, &id).await.map_err(problem)?;
    Ok(back(&me, &id, "已放弃"))
}
