//! The bench: queue at the left, the comparison in the middle, the decision at the right.

use std::sync::Arc;

use app::App;
use app::exam::{self, Exam};
use app::object::File;
use app::review::{self, Bench, Unveiled, Veiled};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::application::Event;
use domain::check::{self, Unknown};
use domain::eligibility::{Answer, Verdict};
use domain::exam::Standing;
use domain::field::FieldErrors;
use domain::id_number::{IdDocument, IdType};
use domain::review::reason::{ReasonKind, ReasonTemplate, templates};
use domain::review::{ReturnItem, Review};
use domain::time::Timestamp;
use serde::Deserialize;
use web::{Html, PageError, PageResult, Problem, Protected, Shell, redirect};

use super::queue::{Button, Line, Looked, clock, line, state_tag, verdict_tag};
use super::reviewers;
use crate::context::{Desk, problem};
use crate::list::Tag;

/// What was typed into the decision, to be shown again.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    pub(super) decision: String,
    pub(super) code: String,
    pub(super) reason: String,
    pub(super) item: Vec<String>,
    pub(super) due: String,
    pub(super) hash: String,
    pub(super) review: String,
}

#[derive(Debug)]
struct Condition {
    label: &'static str,
    wanted: String,
    told: String,
    tag: Tag,
    reason: String,
    asks: bool,
}

#[derive(Debug)]
struct Doc {
    label: String,
    name: String,
    href: String,
    size: String,
}

#[derive(Debug)]
struct Log {
    at: String,
    text: String,
}

/// Something veiled: its mask, or what it hides.
#[derive(Debug)]
struct Secret {
    code: &'static str,
    label: &'static str,
    text: String,
    shown: bool,
}

#[derive(Debug, Template)]
#[template(path = "review/bench.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    id: String,
    base: String,
    queue: Vec<Line>,
    queue_total: i64,
    queue_state: &'static str,
    bench: Bench,
    choice: String,
    state: Tag,
    submitted: String,
    photo_state: &'static str,
    conditions: Vec<Condition>,
    docs: Vec<Doc>,
    logs: Vec<Log>,
    secrets: Vec<Secret>,
    photo: Option<String>,
    left: String,
    late: bool,
    due: String,
    level: &'static str,
    /// The first of two levels: an approval hands the application on.
    hands_on: bool,
    appeal: bool,
    appeal_note: String,
    may_reopen: bool,
    items: Vec<(String, String)>,
    return_reasons: Vec<&'static ReasonTemplate>,
    reject_reasons: Vec<&'static ReasonTemplate>,
    typed: Typed,
    errors: Vec<(String, String)>,
    changed: String,
    /// Further answers, and the parts of the profile.
    answers: Vec<(String, String)>,
    /// What the carried-over file says beside what was claimed.
    carried: Option<Carried>,
    /// 实名核验 and 学历核验: name, what the application was saved with, what is known now, whose answer it is, whether it asks for a look.
    checks: Vec<CheckLine>,
}

/// A check beside the conditions.
#[derive(Debug)]
struct CheckLine {
    label: &'static str,
    /// As it was when the application was saved; empty for an exam that doesn't ask for it.
    then: String,
    now: Tag,
    /// Why it can't be told, whose answer it is, when.
    note: String,
    asks: bool,
}

fn checks(bench: &Bench) -> Vec<CheckLine> {
    let seen = &bench.content.checks;
    bench
        .checks
        .iter()
        .filter(|one| one.verdict().is_some() || seen.iter().any(|then| then.kind == one.kind))
        .map(|one| {
            let then = seen.iter().find(|then| then.kind == one.kind);
            let then_text = then.map_or_else(String::new, |then| {
                let verdict = then.verdict.map_or("还没有结果", check::Verdict::label);
                format!("报名时：{verdict}（考试{}）", then.demand.label())
            });
            let note = one.standing.as_ref().map_or_else(String::new, |standing| {
                let why = standing.unknown.map_or("", Unknown::label);
                let source = standing.source_label();
                let at = standing.at.to_local_minute();
                let parts = [why, source, at.as_str(), standing.reference.as_str()];
                let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
                parts.join("，")
            });
            CheckLine {
                label: one.kind.label(),
                then: then_text,
                now: crate::check::tag(one.verdict()),
                note,
                asks: one.verdict() != Some(check::Verdict::Match),
            }
        })
        .collect()
}

/// 老考生档案 beside what the candidate chose.
#[derive(Debug)]
struct Carried {
    tag: Tag,
    fields: Vec<(String, String)>,
    claims: Vec<String>,
    manual: Vec<String>,
    now: String,
}

fn carried(bench: &Bench) -> Option<Carried> {
    let seen = bench.content.carried.as_ref()?;
    let mut claims = Vec::new();
    if seen.claims_passes {
        claims.push("自述未选的科目在以前年度已合格".to_owned());
    }
    if seen.claims_condition {
        claims.push("按所选级别的条件报考，见“填报内容”和证明材料".to_owned());
    }
    if !seen.completes {
        claims.push("这次考试全部合格后，仍有科目未通过".to_owned());
    }
    let now = match &bench.carried_now {
        None => String::new(),
        Some(Err(refusal)) => refusal.clone(),
        Some(Ok(now)) if now.manual.is_empty() => now.standing.label().to_owned(),
        Some(Ok(now)) => format!("{}：{}", now.standing.label(), now.manual.join("；")),
    };
    let label = seen.standing.label();
    Some(Carried {
        tag: match seen.standing {
            Standing::Returning => Tag::ok(label),
            Standing::New => Tag::info(label),
            Standing::Differs | Standing::Unchecked => Tag::wait(label),
        },
        fields: seen.fields().into_iter().skip(1).collect(),
        claims,
        manual: seen.manual.clone(),
        now,
    })
}

impl Page {
    fn error(&self, field: &str) -> Option<&str> {
        self.errors
            .iter()
            .find(|(key, _)| key == field)
            .map(|(_, message)| message.as_str())
    }

    /// Whether the candidate changed this part since the last decision: its name is in what the page says of it.
    fn is_new(&self, label: &str) -> bool {
        self.changed.contains(label)
    }

    fn mine(&self) -> bool {
        self.bench.holder.as_ref().is_some_and(|(_, mine)| *mine)
    }
}

/// The exam of an address, and the application, which must be one of it.
pub(super) async fn found(
    desk: &Desk,
    app: &App,
    exam: &str,
    id: &str,
) -> Result<(Arc<Exam>, Bench), PageError> {
    reviewers(desk)?;
    let exam = exam::find(app, exam).await.map_err(problem)?;
    let bench = review::bench(&desk.ctx, id).await.map_err(problem)?;
    if bench.view.row.exam_id != exam.id() {
        return Err(Problem::NotFound.into());
    }
    Ok((exam, bench))
}

pub(super) async fn show(
    desk: Desk,
    State(app): State<App>,
    Path((exam, id)): Path<(String, String)>,
) -> PageResult {
    page(
        &desk,
        &app,
        (&exam, &id),
        Typed::default(),
        FieldErrors::new(),
        None,
    )
    .await
}

/// Draws the bench, with what was typed and what was unveiled.
pub(super) async fn page(
    desk: &Desk,
    app: &App,
    (exam, id): (&str, &str),
    typed: Typed,
    errors: FieldErrors,
    unveiled: Option<(Veiled, Unveiled)>,
) -> PageResult {
    let (exam, bench) = found(desk, app, exam, id).await?;
    let now = desk.ctx.at;
    let review = bench.review();
    let looked = Looked {
        state: if review.waits_for_staff() {
            review.code().to_owned()
        } else {
            String::new()
        },
        ..Looked::default()
    };
    let filter = looked.filter(desk);
    let queue = review::queue(&desk.ctx, &exam, &filter)
        .await
        .map_err(problem)?;
    let base = format!("/office/reviews/{}/{id}", exam.public_id());
    let (left, late) = clock(bench.due().map_or(0, Timestamp::micros), now);
    let photo = match &unveiled {
        Some((_, Unveiled::PhotoToken(token))) => Some(format!("{base}/photo/{token}")),
        _ => None,
    };
    let failed = !errors.is_empty();
    let typed = filled(typed, &bench, &exam, now);
    let shell = Shell::new(&desk.visit, format!("资格审查：{}", bench.view.row.name))
        .below("/office/reviews")
        .with_errors(failed)
        .exam(exam.title(), "/office/reviews");
    let page = Page {
        shell,
        id: id.to_owned(),
        queue: queue
            .rows
            .into_iter()
            .take(20)
            .map(|row| line(row, now))
            .collect(),
        queue_total: queue.total,
        queue_state: filter.review.code(),
        choice: bench.view.choice.text(),
        state: state_tag(review),
        submitted: bench.view.submitted_at().to_chinese_short(),
        photo_state: bench
            .view
            .photo
            .as_ref()
            .map_or("未上传", |(state, _)| state.label()),
        conditions: bench.lines.iter().map(condition).collect(),
        docs: docs(&bench, &base),
        logs: logs(&bench),
        secrets: secrets(&bench, unveiled.as_ref()),
        photo,
        left,
        late,
        due: bench
            .due()
            .map(Timestamp::to_chinese_short)
            .unwrap_or_default(),
        hands_on: review == Review::Pending && exam.settings.review.levels >= 2,
        level: match review {
            Review::Pending if exam.settings.review.levels >= 2 => "初审",
            Review::FirstApproved => "复审",
            Review::Appealed => "申诉处理",
            Review::Pending => "审查",
            _ => "",
        },
        appeal: review == Review::Appealed,
        appeal_note: last_note(&bench, Event::Appeal),
        may_reopen: matches!(
            review,
            Review::Approved | Review::Rejected | Review::FirstApproved
        ) && !bench.view.seated,
        items: items(&bench),
        return_reasons: templates(ReasonKind::Return).collect(),
        reject_reasons: templates(ReasonKind::Reject).collect(),
        typed,
        errors: errors
            .iter()
            .map(|(key, text)| (key.to_owned(), text.to_owned()))
            .collect(),
        changed: changed(&bench),
        answers: answers(&bench),
        carried: carried(&bench),
        checks: checks(&bench),
        base,
        exam,
        bench,
    };
    Ok(if failed {
        Html::invalid(page)
    } else {
        Html::new(page)
    }
    .into())
}

/// Fills in the proposed due time: the exam's hours from now.
fn filled(mut typed: Typed, bench: &Bench, exam: &Exam, now: Timestamp) -> Typed {
    if typed.due.is_empty() {
        let hours = i64::from(exam.settings.review.supplement_hours);
        typed.due = now.plus_seconds(hours * 3600).to_input();
    }
    typed.hash = bench.hash();
    typed
}

fn condition(line: &review::Line) -> Condition {
    let verdict = line.answer.verdict();
    Condition {
        label: line.label,
        wanted: line.wanted.clone(),
        told: line.told.clone(),
        tag: match verdict {
            Verdict::Manual => Tag::wait("须人工核对"),
            other => verdict_tag(other),
        },
        reason: match &line.answer {
            Answer::Fail(reason) => reason.clone(),
            _ => String::new(),
        },
        asks: verdict != Verdict::Pass,
    }
}

fn docs(bench: &Bench, base: &str) -> Vec<Doc> {
    bench
        .files()
        .into_iter()
        .map(|(label, file)| Doc {
            label,
            name: file.name.clone(),
            href: format!("{base}/files/{}", file.object),
            size: crate::show::size(i64::try_from(file.size).unwrap_or(i64::MAX)),
        })
        .collect()
}

fn logs(bench: &Bench) -> Vec<Log> {
    bench
        .events
        .iter()
        .map(|event| {
            let what = Event::from_code(&event.event).map_or("其他", Event::label);
            let who = match event.actor_kind.as_str() {
                "candidate" => "考生",
                "staff" => event.actor_name.as_str(),
                "gateway" => "支付渠道",
                _ => "系统",
            };
            let note = if event.note.is_empty() {
                String::new()
            } else {
                format!("：{}", event.note)
            };
            Log {
                at: Timestamp::from_micros(event.at).to_chinese_short(),
                text: format!("{who} {what}{note}"),
            }
        })
        .collect()
}

fn last_note(bench: &Bench, event: Event) -> String {
    let found = bench
        .events
        .iter()
        .rev()
        .find(|one| one.event == event.code());
    found.map(|one| one.note.clone()).unwrap_or_default()
}

/// What the candidate changed since it was last decided on.
fn changed(bench: &Bench) -> String {
    let Some(decided) = bench.decisions.last().map(|decision| decision.decided_at) else {
        return String::new();
    };
    let codes = [
        Event::Supplement.code(),
        Event::Edit.code(),
        Event::Move.code(),
    ];
    let notes: Vec<&str> = bench
        .events
        .iter()
        .filter(|event| event.at > decided && codes.contains(&event.event.as_str()))
        .map(|event| {
            if event.note.is_empty() {
                "内容没有变化"
            } else {
                event.note.as_str()
            }
        })
        .collect();
    notes.join("；")
}

fn secrets(bench: &Bench, unveiled: Option<&(Veiled, Unveiled)>) -> Vec<Secret> {
    let person = &bench.content.profile;
    let masked = match IdType::parse(&person.id_type) {
        Some(id_type) => IdDocument::from_stored(id_type, person.id_number.clone()).masked(),
        None => "***".to_owned(),
    };
    let tail: String = person.mobile.chars().skip(7).collect();
    let head: String = person.mobile.chars().take(3).collect();
    [
        (Veiled::IdNumber, masked),
        (Veiled::Mobile, format!("{head}****{tail}")),
    ]
    .into_iter()
    .map(|(what, mask)| {
        let seen = match unveiled {
            Some((which, Unveiled::Text(text))) if *which == what => Some(text.clone()),
            _ => None,
        };
        Secret {
            code: what.code(),
            label: what.label(),
            shown: seen.is_some(),
            text: seen.unwrap_or(mask),
        }
    })
    .collect()
}

/// What can be asked to be mended: the parts of the profile, the exam's questions, the photo.
fn items(bench: &Bench) -> Vec<(String, String)> {
    let parts = domain::profile::Part::ALL
        .iter()
        .map(|part| (format!("profile.{}", part.code()), part.label().to_owned()));
    let questions = bench
        .questions
        .iter()
        .map(|question| (format!("q.{}", question.key), question.label.clone()));
    questions
        .chain(parts)
        .chain([("photo".to_owned(), "照片".to_owned())])
        .collect()
}

fn answers(bench: &Bench) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    use domain::exam::question::Answer;
    for question in &bench.questions {
        if let Some(answer @ (Answer::Text(_) | Answer::Chosen(_))) =
            bench.content.answers.get(&question.key)
        {
            pairs.push((question.label.clone(), answer.says()));
        }
    }
    let profile = &bench.content.profile.profile;
    for education in &profile.educations {
        let degree = education
            .degree
            .map(|degree| format!("，{}", degree.label()));
        pairs.push((
            "学历学位".to_owned(),
            format!(
                "{}{}，{}，{}，{}，{}毕业",
                education.level.label(),
                degree.unwrap_or_default(),
                education.school,
                education.major,
                education.study_mode.label(),
                education.graduated_on.to_chinese()
            ),
        ));
    }
    for row in &profile.resume {
        pairs.push((
            "简历".to_owned(),
            format!("{} {}，{}", row.period(), row.place, row.role),
        ));
    }
    for member in profile.family.iter().flat_map(|family| &family.rows) {
        pairs.push((
            "家庭成员".to_owned(),
            format!(
                "{} {}，{}",
                member.relation.label(),
                member.name,
                member.unit
            ),
        ));
    }
    pairs
}

/// The items of a return, by their names in the form.
pub(super) fn chosen_items(bench: &Bench, names: &[String], note: &str) -> Vec<ReturnItem> {
    let known = items(bench);
    names
        .iter()
        .filter(|name| known.iter().any(|(code, _)| code == *name))
        .map(|name| ReturnItem {
            field: name.clone(),
            note: note.to_owned(),
        })
        .collect()
}

pub(super) async fn claim(
    desk: Desk,
    State(app): State<App>,
    Path((exam, id)): Path<(String, String)>,
    _: Button,
) -> PageResult {
    found(&desk, &app, &exam, &id).await?;
    review::claim(&desk.ctx, &id).await.map_err(problem)?;
    Ok(redirect(&format!("/office/reviews/{exam}/{id}")))
}

pub(super) async fn release(
    desk: Desk,
    State(app): State<App>,
    Path((exam, id)): Path<(String, String)>,
    _: Button,
) -> PageResult {
    found(&desk, &app, &exam, &id).await?;
    review::let_go(&desk.ctx, &id).await.map_err(problem)?;
    Ok(redirect(&format!("/office/reviews/{exam}")))
}

/// 查看 with its reason.
#[derive(Debug, Deserialize)]
pub(super) struct UnveilForm {
    what: String,
    why: String,
}

pub(super) async fn unveil(
    desk: Desk,
    State(app): State<App>,
    Path((exam, id)): Path<(String, String)>,
    form: Protected<UnveilForm>,
) -> PageResult {
    found(&desk, &app, &exam, &id).await?;
    let what = Veiled::from_code(&form.what).ok_or(Problem::NotFound)?;
    let empty = FieldErrors::new();
    match review::unveil(&desk.ctx, &id, what, &form.why).await {
        Ok(seen) => {
            page(
                &desk,
                &app,
                (&exam, &id),
                Typed::default(),
                empty,
                Some((what, seen)),
            )
            .await
        }
        Err(app::Error::Fields(errors)) => {
            page(&desk, &app, (&exam, &id), Typed::default(), errors, None).await
        }
        Err(error) => Err(problem(error)),
    }
}

pub(super) async fn photo(
    desk: Desk,
    Path((_, id, token)): Path<(String, String, String)>,
) -> PageResult {
    reviewers(&desk)?;
    let file = review::photo(&desk.ctx, &id, &token)
        .await
        .map_err(problem)?;
    Ok(served(file))
}

pub(super) async fn file(
    desk: Desk,
    Path((_, id, object)): Path<(String, String, String)>,
) -> PageResult {
    reviewers(&desk)?;
    let file = review::attachment(&desk.ctx, &id, &object)
        .await
        .map_err(problem)?;
    Ok(served(file))
}

fn served(file: File) -> Response {
    match file.media_type.as_str() {
        "application/pdf" => web::page::inline("application/pdf", &file.file_name, file.bytes),
        "image/jpeg" => web::page::inline("image/jpeg", &file.file_name, file.bytes),
        "image/png" => web::page::inline("image/png", &file.file_name, file.bytes),
        _ => web::page::download("application/octet-stream", &file.file_name, file.bytes),
    }
}
