//! The one page of an exam's archive, and what is sent from it.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::archive::{self, ArchiveRow, Ask, FileRow, OpenPoint, PurgeRow};
use app::exam::Exam;
use askama::Template;
use axum::extract::Path;
use domain::archive::{ArchiveState, Material, STAYS, Section};
use domain::exam::ExamState;
use domain::time::Timestamp;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell, flash, page as answer};

use crate::context::{Desk, problem};
use crate::list::Tag;

#[derive(Debug, Template)]
#[template(path = "archive/page.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    row: Option<ArchiveRow>,
    state: Option<ArchiveState>,
    points: Vec<OpenPoint>,
    ask: Form,
    word: Form,
    hand: Form,
    hold: Form,
    files: Vec<FileRow>,
    purges: Vec<PurgeRow>,
    /// Whether the asker is the one who looks.
    own: bool,
    now: Timestamp,
    base: String,
}

impl Page {
    fn is(&self, state: &str) -> bool {
        self.state.is_some_and(|known| known.code() == state)
    }

    /// Can it be asked for now? Not while one counts.
    fn may_ask(&self) -> bool {
        self.exam.state == ExamState::Closed && self.state.is_none_or(|state| !state.is_live())
    }

    /// Is there one that counts?
    fn is_live(&self) -> bool {
        self.state.is_some_and(ArchiveState::is_live)
    }

    fn blocked(&self) -> bool {
        self.points.iter().any(|point| point.blocks)
    }

    fn tag(&self) -> Option<Tag> {
        let state = self.state?;
        Some(match state {
            ArchiveState::Asked | ArchiveState::Built => Tag::wait(state.label()),
            ArchiveState::Building => Tag::info(state.label()),
            ArchiveState::Handed => Tag::ok(state.label()),
            ArchiveState::Rejected => Tag::bad(state.label()),
            ArchiveState::Withdrawn => Tag::off(state.label()),
        })
    }

    /// Files that are listed, bytes, and how many nobody took.
    fn sums(&self) -> (usize, i64, usize) {
        let size = self.files.iter().map(|file| file.size).sum();
        let untaken = self.files.iter().filter(|file| file.taken == 0).count();
        (self.files.len(), size, untaken)
    }

    /// How many sections are made.
    fn sections(&self) -> (usize, usize) {
        let section = self
            .row
            .as_ref()
            .and_then(|row| Section::from_code(&row.section));
        let done = section.map_or(0, |section| section.number() - 1);
        (done, Section::ALL.len())
    }

    /// The package was deleted from the server.
    fn package_gone(&self) -> bool {
        self.purges
            .iter()
            .any(|one| one.kind == Material::Package.code() && one.state == "done")
    }

    fn certified(&self) -> bool {
        self.purges.iter().any(|one| one.state == "done")
    }

    fn purge_tag(&self, one: &PurgeRow) -> Tag {
        let held = self.row.as_ref().is_some_and(|row| row.held_at.is_some());
        match (one.state.as_str(), held) {
            ("done", _) => Tag::ok("已清除"),
            (_, true) => Tag::bad("暂缓"),
            ("running", _) => Tag::info("正在清除"),
            _ if one.due_at <= self.now.micros() && !self.is("handed") => Tag::wait("等待移交"),
            _ if one.due_at <= self.now.micros() => Tag::wait("即将清除"),
            _ => Tag::off("未到期"),
        }
    }
}

fn material(code: &str) -> &'static str {
    Material::from_code(code).map_or("", Material::label)
}

fn base(id: &str) -> String {
    format!("/office/exams/{id}/archive")
}

fn keep_name(material: Material) -> String {
    format!("keep.{}", material.code())
}

fn ask_form(desk: &Desk, id: &str, points: &[OpenPoint]) -> Form {
    let days = Material::ALL.iter().map(|material| {
        Field::text(keep_name(*material), material.label())
            .hint(format!("{}保留的天数", material.counts_from()))
            .required()
            .digits()
            .narrow()
            .with(material.usual_days().to_string())
    });
    let mut form = Form::new(&desk.visit, base(id))
        .field(
            Field::text_area("reason", "归档的原因或依据", 3)
                .hint("例如：招聘工作已结束，聘用人员已公示，按《档案管理办法》归档")
                .required(),
        )
        .fields(days);
    if !points.is_empty() {
        form = form.field(Field::check("aware", "已了解上面没有办完的事项，仍要归档").required());
    }
    form
}

fn word_form(desk: &Desk, id: &str) -> Form {
    Form::new(&desk.visit, format!("{}/word", base(id)))
        .bare()
        .field(
            Field::text_area("note", "复核意见", 3)
                .hint("不同意的，须写明原因")
                .optional(),
        )
}

fn hand_form(desk: &Desk, id: &str) -> Form {
    Form::new(&desk.visit, format!("{}/hand", base(id)))
        .bare()
        .field(
            Field::text("receiver", "接收档案的部门和人")
                .hint("例如：市人社局档案室 王敏")
                .required(),
        )
        .field(
            Field::text("proof", "校验码")
                .hint("在下载的“卷内目录”（PDF）最后一页，8 位")
                .required()
                .narrow(),
        )
}

fn hold_form(desk: &Desk, id: &str) -> Form {
    Form::new(&desk.visit, format!("{}/hold", base(id)))
        .bare()
        .field(
            Field::text_area("reason", "暂缓的原因", 2)
                .hint("例如：有考生提起行政复议，材料须保留")
                .required(),
        )
}

/// The forms of the page; one of them may carry what was typed and what has to be mended.
struct Forms {
    ask: Form,
    word: Form,
    hand: Form,
    hold: Form,
}

async fn drawn(
    desk: &Desk,
    id: &str,
    with: impl FnOnce(Forms) -> Forms + Send,
) -> PageResult<Page> {
    let (exam, row) = archive::find(&desk.ctx, id).await.map_err(problem)?;
    let state = match &row {
        Some(row) => Some(row.standing().map_err(problem)?),
        None => None,
    };
    let awaits = state.is_none_or(|state| !state.is_live() || state == ArchiveState::Asked);
    let points = if exam.state == ExamState::Closed && awaits {
        archive::open_points(&desk.ctx, &exam)
            .await
            .map_err(problem)?
    } else {
        Vec::new()
    };
    let (mut files, mut purges) = (Vec::new(), Vec::new());
    if let Some(row) = &row {
        files = archive::files(&desk.ctx, row, 0).await.map_err(problem)?;
        purges = archive::purges(&desk.ctx, row).await.map_err(problem)?;
    }
    let forms = with(Forms {
        ask: ask_form(desk, id, &points).refill(&desk.visit),
        word: word_form(desk, id).refill(&desk.visit),
        hand: hand_form(desk, id).refill(&desk.visit),
        hold: hold_form(desk, id).refill(&desk.visit),
    });
    let Forms {
        ask,
        word,
        hand,
        hold,
    } = forms;
    let wrong = [&ask, &word, &hand, &hold]
        .iter()
        .any(|form| form.has_errors());
    Ok(Page {
        shell: Shell::new(&desk.visit, "归档")
            .below("/office/exams")
            .with_errors(wrong),
        own: row.as_ref().is_some_and(|row| desk.is(row.asked_by)),
        exam,
        row,
        state,
        points,
        ask,
        word,
        hand,
        hold,
        files,
        purges,
        now: desk.ctx.at,
        base: base(id),
    })
}

pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    Ok(Html::new(drawn(&desk, &id, |forms| forms).await?).into())
}

/// Back to the page, or the page with what has to be mended.
async fn ended(
    desk: &Desk,
    id: &str,
    done: app::Result<()>,
    what: &str,
    with: impl FnOnce(Forms, &domain::field::FieldErrors) -> Forms + Send,
) -> PageResult {
    match done {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &base(id),
            flash::done(what),
        )),
        Err(app::Error::Fields(errors)) => {
            let page = drawn(desk, id, |forms| with(forms, &errors)).await?;
            Ok(Html::invalid(page).into())
        }
        Err(error) => Err(problem(error)),
    }
}

/// What is typed into the form that asks: as many fields as there are materials.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Asked(BTreeMap<String, String>);

pub(super) async fn ask(desk: Desk, Path(id): Path<String>, sent: Protected<Asked>) -> PageResult {
    let text = |name: &str| sent.0.get(name).cloned().unwrap_or_default();
    let ask = Ask {
        reason: text("reason"),
        keep: Material::ALL
            .iter()
            .map(|one| (one.code().to_owned(), text(&keep_name(*one))))
            .collect(),
        aware: !text("aware").is_empty(),
    };
    let done = archive::ask(&desk.ctx, &id, &ask).await;
    ended(
        &desk,
        &id,
        done,
        "归档申请已提交，等待另一人复核",
        |forms, errors| Forms {
            ask: forms.ask.values(sent.submission()).errors(errors),
            ..forms
        },
    )
    .await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Word {
    decision: String,
    note: String,
}

pub(super) async fn word(desk: Desk, Path(id): Path<String>, sent: Protected<Word>) -> PageResult {
    let done = archive::decide(&desk.ctx, &id, sent.decision == "approve", &sent.note).await;
    let what = if sent.decision == "approve" {
        "已同意归档，开始生成档案文件"
    } else {
        "没有同意归档"
    };
    ended(&desk, &id, done, what, |forms, errors| Forms {
        word: forms.word.values(sent.submission()).errors(errors),
        ..forms
    })
    .await
}

pub(super) async fn withdraw(
    desk: Desk,
    Path(id): Path<String>,
    _: Protected<Nothing>,
) -> PageResult {
    let done = archive::withdraw(&desk.ctx, &id).await;
    ended(&desk, &id, done, "归档申请已撤回", |forms, _| forms).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Receiver {
    receiver: String,
    proof: String,
}

pub(super) async fn hand(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Receiver>,
) -> PageResult {
    let done = archive::hand(&desk.ctx, &id, &sent.receiver, &sent.proof).await;
    ended(
        &desk,
        &id,
        done,
        "档案移交已登记",
        |forms, errors| Forms {
            hand: forms.hand.values(sent.submission()).errors(errors),
            ..forms
        },
    )
    .await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Why {
    reason: String,
}

pub(super) async fn hold(desk: Desk, Path(id): Path<String>, sent: Protected<Why>) -> PageResult {
    let done = archive::hold(&desk.ctx, &id, &sent.reason).await;
    ended(
        &desk,
        &id,
        done,
        "已暂缓清除个人信息",
        |forms, errors| Forms {
            hold: forms.hold.values(sent.submission()).errors(errors),
            ..forms
        },
    )
    .await
}

pub(super) async fn release(
    desk: Desk,
    Path(id): Path<String>,
    _: Protected<Nothing>,
) -> PageResult {
    let done = archive::release(&desk.ctx, &id).await;
    ended(&desk, &id, done, "已恢复清除个人信息", |forms, _| forms).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Which {
    seq: i64,
}

pub(super) async fn take(desk: Desk, Path(id): Path<String>, sent: Protected<Which>) -> PageResult {
    let file = archive::take(&desk.ctx, &id, sent.seq)
        .await
        .map_err(problem)?;
    // Always a file to keep: an HTML of ours is opened from the disk, never by this site.
    let kind = "application/octet-stream";
    Ok(answer::download(kind, &file.file_name, file.bytes))
}

pub(super) async fn take_all(
    desk: Desk,
    Path(id): Path<String>,
    _: Protected<Nothing>,
) -> PageResult {
    let taken = archive::take_all(&desk.ctx, &id).await.map_err(problem)?;
    let name = format!("{}.zip", taken.name);
    Ok(answer::download_pieces(
        "application/zip",
        &name,
        taken.pieces,
    ))
}

pub(super) async fn certificate(desk: Desk, Path(id): Path<String>) -> PageResult {
    let (name, pdf) = archive::certificate(&desk.ctx, &id)
        .await
        .map_err(problem)?;
    Ok(answer::inline("application/pdf", &name, pdf))
}
