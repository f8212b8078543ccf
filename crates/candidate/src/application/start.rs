//! One exam's way as a task list: profile, photo, agreement, position, answers, 保存.

use app::App;
use app::application::{self, Pick};
use app::exam;
use askama::Template;
use axum::extract::{Path, State};
use domain::exam::steps::PhotoStep;
use domain::review::PhotoState;
use domain::time::Timestamp;
use web::icon;
use web::layout::Item;
use web::{Html, PageResult, Shell};

use super::entry::Entry;
use super::words::Tag;
use crate::context::{Me, problem};
use crate::way_back;

/// A line of the task list.
#[derive(Debug)]
pub(super) struct Task {
    text: &'static str,
    /// Where it leads; `None` while it can't be done yet.
    href: Option<String>,
    note: String,
    tag: Tag,
}

#[derive(Debug, Template)]
#[template(path = "application/start.html")]
struct Start {
    shell: Shell,
    entry: Entry,
    tasks: Vec<Task>,
    next: (String, &'static str),
    closes: Option<Timestamp>,
    returned: Option<(String, Timestamp)>,
}

const DONE: Tag = Tag::new("ok", icon::CHECK, "已完成");
const TODO: Tag = Tag::new("info", icon::PAPER, "未完成");
const LATER: Tag = Tag::new("off", icon::MINUS, "尚不能填写");

pub(super) async fn show(me: Me, State(app): State<App>, Path(id): Path<String>) -> PageResult {
    let entry = Entry::open(&me, &app, &id).await?;
    let profile = app::profile::own(&me.ctx)
        .await
        .map_err(problem)?
        .stored
        .profile;
    let missing = profile.missing(application::wanted_parts(&entry.exam));
    let photo = app::photo::current(&app, me.account_id())
        .await
        .map_err(problem)?;
    let photo = photo.and_then(|row| PhotoState::from_code(&row.state));
    let subjects = !exam::subjects(&app, &entry.exam)
        .await
        .map_err(problem)?
        .subjects
        .is_empty();
    let picked = match &entry.way.pick {
        Some(pick) => application::pick(&app, &entry.exam, me.account_id(), pick)
            .await
            .ok(),
        None => None,
    };
    let profile_at = way_back::with("/profile", &entry.at(""));
    let mut tasks = Vec::new();
    let names: Vec<&str> = missing.iter().map(|part| part.label()).collect();
    tasks.push(Task {
        text: "填写个人信息",
        href: Some(profile_at.clone()),
        note: if missing.is_empty() {
            "报名时会留存一份，之后再改个人信息须重新点“修改”".to_owned()
        } else {
            format!("还缺：{}", names.join("、"))
        },
        tag: if missing.is_empty() { DONE } else { TODO },
    });
    if entry.exam.settings.steps.photo != PhotoStep::None {
        tasks.push(photo_task(
            &entry.at(""),
            photo,
            entry.exam.settings.steps.photo,
        ));
    }
    let agreed = entry.has_agreed();
    tasks.push(Task {
        text: "阅读并同意报名协议",
        href: Some(entry.at("/agreement")),
        note: String::new(),
        tag: if agreed { DONE } else { TODO },
    });
    let positions = entry.exam.has_positions();
    let choosing = entry.choosing(subjects);
    let chosen = choosing.is_none() || picked.is_some();
    if let Some(href) = &choosing {
        tasks.push(Task {
            text: if positions {
                "选择岗位"
            } else {
                "选择级别、专业和科目"
            },
            href: agreed.then(|| href.clone()),
            note: picked.as_ref().map(|p| p.choice.text()).unwrap_or_else(|| {
                if agreed {
                    String::new()
                } else {
                    "同意协议后选择".to_owned()
                }
            }),
            tag: match (agreed, &entry.way.pick) {
                (_, Some(Pick::Position(_) | Pick::Professional(_))) if picked.is_some() => DONE,
                (true, _) => TODO,
                (false, _) => LATER,
            },
        });
    }
    let ready = agreed && chosen;
    tasks.push(Task {
        text: "填写报考信息，核对并保存",
        href: ready.then(|| entry.at("/form")),
        note: String::new(),
        tag: if ready { TODO } else { LATER },
    });
    let next = if !missing.is_empty() {
        (profile_at, "填写个人信息")
    } else if !agreed {
        (entry.at("/agreement"), "阅读报名协议")
    } else if let Some(href) = choosing.filter(|_| !chosen) {
        (
            href,
            if positions {
                "选择岗位"
            } else {
                "选择科目"
            },
        )
    } else {
        (entry.at("/form"), "填写报考信息")
    };
    let returned = entry
        .there
        .as_ref()
        .filter(|_| entry.is_returned())
        .and_then(|view| {
            view.review_due()
                .map(|due| (view.row.review_reason.clone(), due))
        });
    let closes = entry.closes();
    let shell = me.shell(entry.exam.title()).await.at(Item::Apply);
    Ok(Html::new(Start {
        shell,
        entry,
        tasks,
        next,
        closes,
        returned,
    })
    .into())
}

fn photo_task(back: &str, photo: Option<PhotoState>, step: PhotoStep) -> Task {
    let note = match (photo, step) {
        (Some(PhotoState::Approved), _) => "",
        (Some(PhotoState::Pending), PhotoStep::ApprovedBeforeApply) => {
            "本考试须照片审核通过后才能报名，请等待审核结果"
        }
        (Some(PhotoState::Pending), _) => "已上传，正在审核，不影响报名",
        (Some(PhotoState::Rejected), _) => "照片审核没有通过，请重新上传",
        _ => "须上传合格的证件照，才能保存报名",
    };
    let tag = photo_tag(photo, step);
    Task {
        text: "上传照片",
        href: Some(way_back::with("/photo", back)),
        note: note.to_owned(),
        tag,
    }
}

/// Whether the photo will do.
pub(super) fn photo_tag(photo: Option<PhotoState>, step: PhotoStep) -> Tag {
    match (photo, step) {
        (Some(PhotoState::Approved), _) => DONE,
        (Some(PhotoState::Pending), PhotoStep::ApprovedBeforeApply) => {
            Tag::new("wait", icon::CLOCK, "待审核")
        }
        (Some(PhotoState::Pending), _) => Tag::new("ok", icon::CHECK, "已上传"),
        (Some(PhotoState::Rejected), _) => Tag::new("bad", icon::WARN, "未通过"),
        _ => Tag::new("info", icon::CAMERA, "未上传"),
    }
}
