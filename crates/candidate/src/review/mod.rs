//! 报名审核状态查询 (manual 1.2.2.6): photo and qualification of each application, by the exam's name.

use app::App;
use app::application::{self, View};
use askama::Template;
use axum::extract::Query;
use domain::application::State;
use domain::exam::steps::PhotoStep;
use domain::review::{PhotoState, Review};
use domain::time::Timestamp;
use serde::Deserialize;
use web::icon;
use web::layout::Item;
use web::{Html, PageResult, Routes, Shell, Who};

use crate::application::words::{Tag, deadline};
use crate::context::{Me, problem};

pub(crate) fn routes() -> Routes<App> {
    Routes::new("review").get("/reviews", Who::Candidate, show)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Looked {
    exam: String,
}

/// One check: of the photo or of the qualification.
#[derive(Debug)]
struct Check {
    tag: Tag,
    reason: String,
    at: String,
}

#[derive(Debug)]
struct Row {
    exam: String,
    choice: String,
    href: String,
    photo: Check,
    review: Check,
}

#[derive(Debug, Template)]
#[template(path = "review/page.html")]
struct Page {
    shell: Shell,
    exam: String,
    all: usize,
    rows: Vec<Row>,
}

async fn show(me: Me, Query(looked): Query<Looked>) -> PageResult {
    let views = application::mine(&me.ctx).await.map_err(problem)?;
    let all = views.len();
    let words: Vec<String> = domain::text::to_half_width(&looked.exam)
        .to_lowercase()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let mut photo_at = String::new();
    if let Some(row) = app::photo::current(&me.ctx.app, me.account_id())
        .await
        .map_err(problem)?
    {
        let at = row.decided_at.unwrap_or(row.uploaded_at);
        photo_at = Timestamp::from_micros(at).to_local_minute();
    }
    let rows = views
        .iter()
        .filter(|view| {
            let title = domain::text::to_half_width(view.exam.title()).to_lowercase();
            words.iter().all(|word| title.contains(word.as_str()))
        })
        .map(|view| Row {
            exam: view.exam.title().to_owned(),
            choice: view.choice.text(),
            href: format!("/applications/{}", view.row.public_id),
            photo: photo(view, &photo_at),
            review: review(view),
        })
        .collect();
    let shell = me.shell("报名审核状态查询").await.at(Item::Reviews);
    let exam = looked.exam.chars().take(80).collect();
    Ok(Html::new(Page {
        shell,
        exam,
        all,
        rows,
    })
    .into())
}

fn photo(view: &View, at: &str) -> Check {
    let check = |tag, reason: &str, at: &str| Check {
        tag,
        reason: reason.to_owned(),
        at: at.to_owned(),
    };
    if view.made.steps.photo == PhotoStep::None {
        return check(Tag::new("off", icon::MINUS, "不需要"), "", "");
    }
    match &view.photo {
        None => check(
            Tag::new("off", icon::MINUS, "未上传"),
            "请到“照片维护”上传",
            "",
        ),
        Some((PhotoState::Approved, _)) => check(Tag::new("ok", icon::CHECK, "已通过"), "", at),
        Some((PhotoState::Rejected, reason)) => {
            check(Tag::new("bad", icon::NO, "未通过"), reason, at)
        }
        Some(_) => check(Tag::new("wait", icon::CLOCK, "待审核"), "", at),
    }
}

fn review(view: &View) -> Check {
    let review = view.state.tracks().review;
    let at = view
        .row
        .review_at
        .map(|at| Timestamp::from_micros(at).to_local_minute())
        .unwrap_or_default();
    let label = review.label();
    if !view.made.steps.has_review() {
        let tag = Tag::new("off", icon::MINUS, "网上不审查");
        return Check {
            tag,
            reason: String::new(),
            at: String::new(),
        };
    }
    let (tag, mut reason) = match review {
        _ if view.cancelled && matches!(view.state, State::Live(_)) => (
            Tag::new("bad", icon::WARN, "岗位已取消"),
            "请到“我的报名信息”改报其他岗位，改报后重新审查".to_owned(),
        ),
        Review::Approved => (Tag::new("ok", icon::CHECK, label), String::new()),
        Review::Rejected => (
            Tag::new("bad", icon::NO, label),
            view.row.review_reason.clone(),
        ),
        Review::Returned => (
            Tag::new("bad", icon::WARN, label),
            view.row.review_reason.clone(),
        ),
        _ => (Tag::new("wait", icon::CLOCK, label), String::new()),
    };
    if let Some(due) = view.review_due().filter(|_| review == Review::Returned) {
        reason.push_str(&format!(" 请在 {} 前补充。", deadline(due)));
    }
    Check { tag, reason, at }
}
