//! 减免申请: asked for with words and evidence before the payment or after it, looked at, taken back.

use std::time::Duration;

use app::App;
use app::waiver::{self, Desk, Form as Asked, Own};
use askama::Template;
use axum::extract::Path;
use domain::field::FieldErrors;
use domain::money::Fen;
use domain::payment::waiver::{MOST_BYTES, MOST_FILES};
use domain::payment::{Waiver, WaiverState};
use domain::time::Timestamp;
use serde::Deserialize;
use web::forms::{Choice, Field, Form};
use web::layout::Item;
use web::page::redirect_with;
use web::protected::Nothing;
use web::routes::MIB;
use web::{Html, PageResult, Protected, Routes, Shell, Who, flash};

use crate::application::words::{Tag, deadline};
use crate::context::{Me, fields, problem};

pub(crate) fn routes() -> Routes<App> {
    const WHO: Who = Who::Candidate;
    let uploads = WHO.body(24 * MIB).body_time(Duration::from_secs(180));
    Routes::new("waiver")
        .get("/applications/{id}/waiver", WHO, show)
        .post("/applications/{id}/waiver", uploads, ask)
        .post("/applications/{id}/waiver/withdraw", WHO, withdraw)
        .get("/applications/{id}/waiver/files/{file}", WHO, file)
}

/// The state of an application for a waiver as a tag.
pub(crate) fn tag(state: WaiverState) -> Tag {
    use web::icon;
    match state {
        // Who asked waits for the office, whichever person of it has the word.
        WaiverState::Pending | WaiverState::Proposed => Tag::new("wait", icon::CLOCK, "待审核"),
        WaiverState::Granted => Tag::new("ok", icon::OK, "已通过"),
        WaiverState::Rejected => Tag::new("bad", icon::WARN, "未通过"),
        WaiverState::Withdrawn => Tag::new("off", icon::MINUS, "已撤回"),
        WaiverState::Void => Tag::new("off", icon::MINUS, "已失效"),
    }
}

/// An application for a waiver in words.
#[derive(Debug)]
struct Line {
    tag: Tag,
    grants: String,
    asked: String,
    decided: String,
    /// What was granted, in 元, and what is left to pay.
    off: Option<(String, String)>,
    own: Own,
}

impl Line {
    fn of(own: Own) -> Self {
        let time = |at: i64| Timestamp::from_micros(at).to_local_minute();
        let decided = matches!(own.state, WaiverState::Granted | WaiverState::Rejected);
        let off = match (own.state, own.row.fee, own.row.off) {
            (WaiverState::Granted, Some(fee), Some(off)) => {
                Some((Fen::new(off).yuan(), Fen::new(fee - off).yuan()))
            }
            _ => None,
        };
        Self {
            tag: tag(own.state),
            grants: own.row.waiver().map(Waiver::words).unwrap_or_default(),
            asked: time(own.row.asked_at),
            decided: own
                .row
                .decided_at
                .filter(|_| decided)
                .map(time)
                .unwrap_or_default(),
            off,
            own,
        }
    }
}

#[derive(Debug, Template)]
#[template(path = "waiver/page.html")]
struct Page {
    shell: Shell,
    id: String,
    exam: String,
    fee: String,
    /// Until when one may ask.
    until: String,
    paid: bool,
    due: bool,
    after_payment: bool,
    barred: Option<String>,
    form: Option<Form>,
    lines: Vec<Line>,
}

fn form(me: &Me, desk: &Desk) -> Form {
    let choices: Vec<Choice> = desk
        .categories
        .iter()
        .map(|one| {
            let hint = if one.evidence.is_empty() {
                one.grants.words()
            } else {
                format!("{}。需要：{}", one.grants.words(), one.evidence)
            };
            Choice::new(one.name.clone(), one.name.clone()).hint(hint)
        })
        .collect();
    let before = desk.asked.first();
    let kept: Vec<Choice> = before
        .map(|own| own.files.iter().filter(|file| file.size > 0))
        .into_iter()
        .flatten()
        .map(|file| Choice::new(file.public_id.clone(), file.file_name.clone()))
        .collect();
    let category = Field::radio("category", "减免类别", choices).required();
    let statement = Field::text_area("statement", "情况说明", 4)
        .hint("写明家庭情况和证明由谁出具，5 至 500 个字。不要写证件号码。")
        .attribute("maxlength", "500")
        .required();
    let (category, statement) = match before {
        Some(own) => (
            category.with(own.row.category.clone()),
            statement.with(own.statement.clone()),
        ),
        None => (category, statement),
    };
    let action = format!("/applications/{}/waiver", desk.view.row.public_id);
    let mut form = Form::new(&me.visit, action)
        .field(category)
        .field(statement);
    let mut upload = Field::file(
        "evidence",
        "证明材料",
        "image/jpeg,image/png,application/pdf",
    )
    .hint(format!(
        "照片或者扫描件，JPG、PNG 或 PDF，每个不超过 {} MB，最多 {MOST_FILES} 个。",
        MOST_BYTES / (1024 * 1024)
    ))
    .attribute("multiple", "multiple");
    // What is there already answers it: the browser needn't ask for more.
    upload = if kept.is_empty() {
        upload.required()
    } else {
        let all: Vec<String> = kept.iter().map(|one| one.value.clone()).collect();
        form = form.field(
            Field::checks("keep", "上次提交的材料", kept)
                .hint("勾选的一并提交，不需要的去掉勾选。")
                .optional()
                .with_all(all),
        );
        upload.optional()
    };
    form.field(upload)
}

async fn page(me: &Me, id: &str, refused: Option<(&FieldErrors, &web::Submission)>) -> PageResult {
    let desk = waiver::desk(&me.ctx, id).await.map_err(problem)?;
    let may = desk.may_ask();
    let form = may.then(|| {
        let form = form(me, &desk);
        match refused {
            Some((errors, sent)) => form.values(sent).errors(errors),
            None => form.refill(&me.visit),
        }
    });
    let failed = refused.is_some();
    let view = &desk.view;
    let page = Page {
        shell: me
            .shell("减免申请")
            .await
            .at(Item::Payments)
            .with_errors(failed),
        id: view.row.public_id.clone(),
        exam: view.exam.title().to_owned(),
        fee: Fen::new(view.row.fee).yuan(),
        until: desk
            .window
            .map(|window| deadline(window.close()))
            .unwrap_or_default(),
        paid: view.row.payment == "paid",
        due: view.row.payment == "due",
        after_payment: view.exam.settings.fees.waiver.after_payment,
        barred: desk.barred.clone().filter(|_| !may),
        form,
        lines: desk.asked.into_iter().map(Line::of).collect(),
    };
    Ok(if failed {
        Html::invalid(page)
    } else {
        Html::new(page)
    }
    .into())
}

async fn show(me: Me, Path(id): Path<String>) -> PageResult {
    page(&me, &id, None).await
}

/// What the form sends, the files aside.
#[derive(Debug, Deserialize)]
struct Posted {
    #[serde(default)]
    category: String,
    statement: String,
    /// Files of the one before.
    #[serde(default)]
    keep: Vec<String>,
}

async fn ask(me: Me, Path(id): Path<String>, sent: Protected<Posted>) -> PageResult {
    let uploads: Vec<waiver::Upload<'_>> = sent
        .submission()
        .files()
        .iter()
        .filter(|file| file.field == "evidence")
        .map(|file| (file.file_name.as_str(), &file.bytes[..]))
        .collect();
    let asked = Asked {
        category: sent.category.clone(),
        statement: sent.statement.clone(),
        keep: sent.keep.clone(),
    };
    match waiver::ask(&me.ctx, &id, &asked, &uploads).await {
        Ok(()) => Ok(redirect_with(
            &me.visit,
            &format!("/applications/{id}/waiver"),
            flash::SUBMITTED,
        )),
        Err(error) => {
            let errors = fields(error)?;
            page(&me, &id, Some((&errors, sent.submission()))).await
        }
    }
}

async fn withdraw(me: Me, Path(id): Path<String>, _: Protected<Nothing>) -> PageResult {
    waiver::withdraw(&me.ctx, &id).await.map_err(problem)?;
    Ok(redirect_with(
        &me.visit,
        &format!("/applications/{id}/waiver"),
        flash::done("减免申请已撤回"),
    ))
}

async fn file(me: Me, Path((id, file)): Path<(String, String)>) -> PageResult {
    let file = waiver::own_evidence(&me.ctx, &id, &file)
        .await
        .map_err(problem)?;
    Ok(crate::application::attachment(file))
}
