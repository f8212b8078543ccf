//! 填写报考信息: the candidate's own data to look at, the exam's extra questions to answer, files to upload.
//!
//! Files are stored as soon as they arrive, so that a mistake elsewhere on the page doesn't ask for them again.

use std::collections::{BTreeMap, BTreeSet};

use app::App;
use app::application::{self, Pick, files};
use app::draft::{self, Fields};
use app::object::File;
use askama::Template;
use axum::extract::{Path, Query, State};
use domain::exam::question::{Answer, FileFacts, Question, QuestionKind, check_all};
use domain::field::FieldErrors;
use domain::profile::{Identity, Part, Profile};
use serde::Deserialize;
use web::forms::Form;
use web::layout::Item;
use web::{Html, PageResult, Protected, Shell, redirect};

use super::entry::Entry;
use super::question_field::{self, field_name, kept_name};
use super::words;
use crate::context::{Me, fields, problem};

/// What the address says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Looked {
    position: String,
}

#[derive(Debug, Template)]
#[template(path = "application/form.html")]
struct Page {
    shell: Shell,
    entry: Entry,
    form: Form,
    position: String,
    choosing: Option<String>,
    choice: Vec<(String, String)>,
    identity: Identity,
    profile: Profile,
    missing: Vec<Part>,
    mark: (&'static str, web::icon::Icon, String, String),
    fee: String,
    asks: bool,
    /// Whether there is anything that the comparison says.
    verdict: bool,
    /// Whether somebody else took the last place of the position.
    full: bool,
}

/// Typed answers as they are kept: a name may hold several values.
pub(super) async fn typed(me: &Me, entry: &Entry) -> app::Result<Fields> {
    let exam = entry.exam.public_id();
    if let Some((fields, _)) = draft::find(&me.ctx, &draft_form(exam)).await? {
        return Ok(fields);
    }
    let Some(view) = &entry.there else {
        return Ok(Fields::new());
    };
    let mut fields = Fields::new();
    for (key, answer) in application::own_answers(&me.ctx, view).await? {
        match answer {
            Answer::Text(text) => fields.insert(format!("q.{key}"), vec![text]),
            Answer::Chosen(chosen) => fields.insert(format!("q.{key}"), chosen),
            Answer::Files(list) => fields.insert(
                format!("kept.{key}"),
                list.into_iter().map(|file| file.object).collect(),
            ),
        };
    }
    Ok(fields)
}

fn draft_form(exam: &str) -> String {
    application::draft_form::typed(exam)
}

/// The answers in kept fields: texts as typed, files as far as they are the candidate's and still there.
pub(super) async fn answers(
    me: &Me,
    questions: &[Question],
    fields: &Fields,
) -> app::Result<BTreeMap<String, Answer>> {
    let mut answers = BTreeMap::new();
    for question in questions {
        if let QuestionKind::File { .. } = question.kind {
            let files = kept_files(me, question, fields).await?;
            if !files.is_empty() {
                answers.insert(question.key.clone(), Answer::Files(files));
            }
        } else if let Some(values) = fields.get(&field_name(question)) {
            let answer = match (&question.kind, values.first()) {
                (QuestionKind::Choice { many: true, .. }, _) => Answer::Chosen(values.clone()),
                (_, Some(text)) => Answer::Text(text.clone()),
                (_, None) => continue,
            };
            answers.insert(question.key.clone(), answer);
        }
    }
    Ok(answers)
}

async fn kept_files(me: &Me, question: &Question, fields: &Fields) -> app::Result<Vec<FileFacts>> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for object in fields.get(&kept_name(question)).into_iter().flatten() {
        if seen.insert(object.clone())
            && let Some(facts) = files::facts(&me.ctx, object).await?
        {
            found.push(facts);
        }
    }
    Ok(found)
}

pub(super) async fn show(
    me: Me,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(looked): Query<Looked>,
) -> PageResult {
    let mut entry = Entry::open(&me, &app, &id).await?;
    if !entry.has_agreed() {
        return Ok(redirect(&entry.at("/agreement")));
    }
    let refilled = me
        .visit
        .refill()
        .and_then(|refill| refill.values("position").next());
    let position = refilled.unwrap_or(&looked.position).to_owned();
    if !position.is_empty() {
        entry.way.pick = Some(Pick::Position(position));
    }
    let fields = typed(&me, &entry).await.map_err(problem)?;
    page(&me, &app, entry, &fields, None).await
}

async fn page(
    me: &Me,
    app: &App,
    entry: Entry,
    fields: &Fields,
    errors: Option<FieldErrors>,
) -> PageResult {
    let exam = &entry.exam;
    let subjects = !app::exam::subjects(app, exam)
        .await
        .map_err(problem)?
        .subjects
        .is_empty();
    let choosing = entry.choosing(subjects);
    let pick = match (&entry.way.pick, &choosing) {
        (Some(pick), _) => pick.clone(),
        (None, None) => Pick::Exam,
        (None, Some(choosing)) => return Ok(redirect(choosing)),
    };
    let picked = match application::pick(app, exam, me.account_id(), &pick).await {
        Ok(picked) => picked,
        // What was chosen before doesn't fit any more: the page of levels says why.
        Err(app::Error::Fields(_)) if choosing.is_some() && !exam.has_positions() => {
            return Ok(redirect(&entry.at("/level")));
        }
        Err(error) => return Err(problem(error)),
    };
    let own = app::profile::own(&me.ctx).await.map_err(problem)?;
    let facts = application::facts(app, exam, me.account_id(), me.ctx.at)
        .await
        .map_err(problem)?;
    let report = picked.report(&facts);
    let (tone, icon) = words::verdict(report.verdict);
    let (_, fee) = application::bill(exam, &picked).map_err(problem)?;
    let position = match &pick {
        Pick::Position(position) => position.clone(),
        _ => String::new(),
    };
    let mut form = Form::new(&me.visit, entry.at("/form"))
        .draft(crate::draft::address(&draft_form(exam.public_id())));
    let questions = application::asked(&picked, &facts);
    for question in &questions {
        let kept = kept_files(me, question, fields).await.map_err(problem)?;
        form = form.fields(question_field::inputs(question, fields, &kept));
    }
    form = form.refill(&me.visit);
    let failed = errors.is_some();
    if let Some(errors) = &errors {
        form = form.errors(errors);
    }
    let profile = own.stored.profile;
    let missing = profile.missing(application::wanted_parts(exam));
    let shell = me
        .shell("填写报考信息")
        .await
        .at(Item::Apply)
        .with_errors(failed);
    let mut choice = application::choice_fields(app, exam, &picked.choice)
        .await
        .map_err(problem)?;
    choice.extend(picked.carried.iter().flat_map(|one| one.seen.fields()));
    let own_position = entry.there.as_ref().and_then(|view| view.row.position_id);
    let full = match picked.position_id {
        Some(id) if own_position != Some(id) => app::exam::positions::figures(app, exam)
            .await
            .map_err(problem)?
            .of(id)
            .is_full(),
        _ => false,
    };
    let asks = !questions.is_empty();
    let verdict = !picked.rules.is_empty() || !report.answers.is_empty();
    let page = Page {
        verdict,
        full,
        shell,
        form,
        position,
        choosing,
        choice,
        identity: own.identity,
        profile,
        missing,
        mark: (tone, icon, report.title, report.reason),
        fee: if entry.has_paid() {
            "已缴费，不再收费".to_owned()
        } else if fee.get() > 0 {
            format!("{} 元", fee.yuan())
        } else {
            String::new()
        },
        asks,
        entry,
    };
    Ok(if failed {
        Html::invalid(page)
    } else {
        Html::new(page)
    }
    .into())
}

/// What the candidate is asked with what he picked; everything before he has picked.
async fn asked(me: &Me, app: &App, entry: &Entry) -> PageResult<Vec<Question>> {
    let exam = &entry.exam;
    let pick = match &entry.way.pick {
        Some(pick) => pick.clone(),
        None if exam.has_positions() => return Ok(exam.settings.questions.clone()),
        None => Pick::Exam,
    };
    let picked = match application::pick(app, exam, me.account_id(), &pick).await {
        Ok(picked) => picked,
        // What was chosen doesn't fit any more: the next page says so.
        Err(app::Error::Fields(_)) => return Ok(exam.settings.questions.clone()),
        Err(error) => return Err(problem(error)),
    };
    let facts = application::facts(app, exam, me.account_id(), me.ctx.at)
        .await
        .map_err(problem)?;
    Ok(application::asked(&picked, &facts))
}

pub(super) async fn save(
    me: Me,
    State(app): State<App>,
    Path(id): Path<String>,
    form: Protected<BTreeMap<String, Vec<String>>>,
) -> PageResult {
    let (sent, uploads) = form.into_parts();
    let mut entry = Entry::open(&me, &app, &id).await?;
    if !entry.has_agreed() {
        return Ok(redirect(&entry.at("/agreement")));
    }
    if let Some(position) = sent.get("position").and_then(|values| values.first())
        && !position.is_empty()
    {
        entry.way.pick = Some(Pick::Position(position.clone()));
    }
    let questions = asked(&me, &app, &entry).await?;
    let mut errors = FieldErrors::new();
    let mut kept: Fields = Fields::new();
    for question in &questions {
        let names = [field_name(question), kept_name(question)];
        for name in names {
            if let Some(values) = sent.get(&name) {
                kept.insert(name, values.clone());
            }
        }
        for upload in uploads
            .iter()
            .filter(|upload| upload.field == field_name(question))
        {
            match files::attach(&me.ctx, question, &upload.file_name, &upload.bytes).await {
                Ok(facts) => kept
                    .entry(kept_name(question))
                    .or_default()
                    .push(facts.object),
                Err(error) => {
                    for (key, message) in fields(error)?.iter() {
                        errors.add(key, message);
                    }
                }
            }
        }
    }
    entry
        .way
        .keep(&me.ctx, entry.exam.public_id())
        .await
        .map_err(problem)?;
    draft::keep(&me.ctx, &draft_form(entry.exam.public_id()), &kept)
        .await
        .map_err(problem)?;
    let answers = answers(&me, &questions, &kept).await.map_err(problem)?;
    if let Err(wrong) = check_all(&questions, &answers) {
        for (key, message) in wrong {
            errors.add(format!("q.{key}"), message);
        }
    }
    if !errors.is_empty() {
        return page(&me, &app, entry, &kept, Some(errors)).await;
    }
    Ok(redirect(&entry.at("/check")))
}

/// An upload that isn't saved with an application yet.
pub(super) async fn file(me: Me, Path((_, object)): Path<(String, String)>) -> PageResult {
    let file = files::own_file(&me.ctx, &object).await.map_err(problem)?;
    Ok(attachment(file))
}

/// A stored file as an answer. Its type is one of ours; anything else is downloaded as bytes.
pub(crate) fn attachment(file: File) -> axum::response::Response {
    match file.media_type.as_str() {
        "application/pdf" => web::page::inline("application/pdf", &file.file_name, file.bytes),
        "image/jpeg" => web::page::inline("image/jpeg", &file.file_name, file.bytes),
        "image/png" => web::page::inline("image/png", &file.file_name, file.bytes),
        _ => web::page::download("application/octet-stream", &file.file_name, file.bytes),
    }
}
