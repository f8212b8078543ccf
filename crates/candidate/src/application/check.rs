//! The answers to check before 保存, and 保存 itself.

use app::App;
use app::application::{self, Form, Pick, Prepared};
use askama::Template;
use axum::extract::{Path, State};
use domain::exam::question::Answer;
use domain::exam::steps::PhotoStep;
use domain::review::PhotoState;
use web::errors::Refusal;
use web::layout::Item;
use web::protected::Nothing;
use web::{Html, PageError, PageResult, Problem, Protected, Shell, flash, redirect};

use super::entry::Entry;
use super::words::{self, Tag};
use super::{form, start};
use crate::context::{Me, problem};
use crate::way_back;

#[derive(Debug)]
struct Row {
    label: String,
    text: String,
    files: Vec<(String, String)>,
}

#[derive(Debug, Template)]
#[template(path = "application/check.html")]
struct Page {
    shell: Shell,
    entry: Entry,
    prepared: Prepared,
    choice: Vec<(String, String)>,
    rows: Vec<Row>,
    mark: (&'static str, web::icon::Icon),
    photo: Option<Tag>,
    fee: String,
    moves: bool,
}

/// What will be saved, from what was kept on the way.
async fn content(me: &Me, entry: &Entry) -> Result<Option<Form>, PageError> {
    let Some(agreed) = entry.way.agreed else {
        return Ok(None);
    };
    let pick = match &entry.way.pick {
        Some(pick) => pick.clone(),
        None if entry.exam.has_positions() => return Ok(None),
        None => Pick::Exam,
    };
    let typed = form::typed(me, entry).await.map_err(problem)?;
    let level = match &pick {
        Pick::Professional(choice) => Some(choice.level.as_str()),
        Pick::Position(_) | Pick::Exam => None,
    };
    let questions = entry.exam.settings.questions_for(level);
    let answers = form::answers(me, &questions, &typed)
        .await
        .map_err(problem)?;
    Ok(Some(Form {
        pick,
        answers,
        agreed,
    }))
}

pub(super) async fn show(me: Me, State(app): State<App>, Path(id): Path<String>) -> PageResult {
    let entry = Entry::open(&me, &app, &id).await?;
    let Some(content) = content(&me, &entry).await? else {
        return Ok(redirect(&entry.at("")));
    };
    let prepared = application::prepare(
        &me.ctx,
        &entry.exam,
        &content.pick,
        &content.answers,
        content.agreed,
    );
    let prepared = match prepared.await {
        Ok(prepared) => prepared,
        Err(error) => return stopped(&entry, error),
    };
    let photo = photo_tag(&me, &entry).await?;
    let rows = prepared
        .questions
        .iter()
        .map(|question| match content.answers.get(&question.key) {
            Some(Answer::Text(text)) if !text.trim().is_empty() => Row {
                label: question.label.clone(),
                text: text.clone(),
                files: Vec::new(),
            },
            Some(answer @ Answer::Chosen(chosen)) if !chosen.is_empty() => Row {
                label: question.label.clone(),
                text: answer.says(),
                files: Vec::new(),
            },
            Some(Answer::Files(files)) => Row {
                label: question.label.clone(),
                text: String::new(),
                files: files
                    .iter()
                    .map(|file| {
                        (
                            entry.at(&format!("/files/{}", file.object)),
                            file.name.clone(),
                        )
                    })
                    .collect(),
            },
            Some(Answer::Text(_) | Answer::Chosen(_)) | None => Row {
                label: question.label.clone(),
                text: "未填写".to_owned(),
                files: Vec::new(),
            },
        })
        .collect();
    let moves = entry
        .there
        .as_ref()
        .is_some_and(|view| view.row.position_id != prepared.picked.position_id);
    let fee = if entry.has_paid() {
        "已缴费，不再收费".to_owned()
    } else if prepared.fee.get() > 0 {
        format!("{} 元", prepared.fee.yuan())
    } else {
        String::new()
    };
    let mark = words::verdict(prepared.report.verdict);
    let shell = me.shell("核对报考信息").await.at(Item::Apply);
    let mut choice = application::choice_fields(&app, &entry.exam, &prepared.picked.choice)
        .await
        .map_err(problem)?;
    let carried = prepared.picked.carried.iter();
    choice.extend(carried.flat_map(|one| one.seen.fields()));
    Ok(Html::new(Page {
        shell,
        entry,
        prepared,
        choice,
        rows,
        mark,
        photo,
        fee,
        moves,
    })
    .into())
}

async fn photo_tag(me: &Me, entry: &Entry) -> Result<Option<Tag>, PageError> {
    let step = entry.exam.settings.steps.photo;
    if step == PhotoStep::None {
        return Ok(None);
    }
    let photo = app::photo::current(&me.ctx.app, me.account_id())
        .await
        .map_err(problem)?;
    let photo = photo.and_then(|row| PhotoState::from_code(&row.state));
    Ok(Some(start::photo_tag(photo, step)))
}

/// What stands in the way of saving, as a page that leads on.
fn stopped(entry: &Entry, error: app::Error) -> PageResult {
    use app::Error as E;
    let refusal = match error {
        // Something on the form: the form shows it.
        E::Fields(_) => return Ok(redirect(&entry.at("/form"))),
        E::Refused(refusal) => refusal,
        other => return Err(problem(other)),
    };
    let page = Refusal::new(refusal.code, refusal.title, refusal.text);
    let page = match refusal.code {
        "photo_missing" | "photo_not_approved" => return Ok(redirect(&entry.at("/photo"))),
        "agreement_changed" => return Ok(redirect(&entry.at("/agreement"))),
        "profile_incomplete" => page.as_hint().way_out(
            "填写个人信息",
            way_back::with("/profile", &entry.at("/check")),
        ),
        "position_full" | "position_barred" | "position_cancelled" | "not_eligible" => {
            page.way_out("重新选择岗位", entry.at("/positions"))
        }
        code if code.starts_with("identity_") => page.way_out(
            "查看核验结果",
            way_back::with("/profile", &entry.at("/check")),
        ),
        code if code.starts_with("education_") => page.way_out(
            "查看核验结果",
            way_back::with("/profile/education", &entry.at("/check")),
        ),
        _ if entry.there.is_some() => page.way_out("我的报名信息", "/applications"),
        _ => page.way_out("返回网上报名", "/apply"),
    };
    Err(Problem::Refused(page).into())
}

pub(super) async fn save(
    me: Me,
    State(app): State<App>,
    Path(id): Path<String>,
    _: Protected<Nothing>,
) -> PageResult {
    let entry = Entry::look(&me, &app, &id).await?;
    let Some(content) = content(&me, &entry).await? else {
        // The way was forgotten when it was saved: this is the same button pressed twice.
        return Ok(redirect(if entry.there.is_some() {
            "/applications"
        } else {
            "/apply"
        }));
    };
    match application::submit(&me.ctx, entry.exam.public_id(), &content).await {
        Ok(saved) => {
            let next = format!("/applications#{}", saved.public_id);
            Ok(web::page::redirect_with(&me.visit, &next, flash::SAVED))
        }
        Err(error) => stopped(&entry, error),
    }
}

#[derive(Debug, Template)]
#[template(path = "application/photo.html")]
struct PhotoPage {
    shell: Shell,
    entry: Entry,
    state: Option<PhotoState>,
    reason: String,
}

/// 保存 found no acceptable photo: leads to 照片维护 and back.
pub(super) async fn photo(me: Me, State(app): State<App>, Path(id): Path<String>) -> PageResult {
    let entry = Entry::look(&me, &app, &id).await?;
    let photo = app::photo::current(&app, me.account_id())
        .await
        .map_err(problem)?;
    let state = photo
        .as_ref()
        .and_then(|row| PhotoState::from_code(&row.state));
    let reason = photo.map(|row| row.reason).unwrap_or_default();
    let shell = me.shell("请先上传照片").await.at(Item::Apply);
    Ok(Html::new(PhotoPage {
        shell,
        entry,
        state,
        reason,
    })
    .into())
}
