//! 成套用纸: asking for a run, how far it is, its files.

use std::sync::Arc;

use app::arrangement::papers::{self, Ask, FileRow, RunLine, RunRow, Wanted};
use app::arrangement::{self, PlanRow};
use app::exam::{Exam, setup};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use domain::arrangement::{PaperKind, RunState};
use domain::field::FieldErrors;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::protected::Nothing;
use web::submission::Submission;
use web::{Html, PageResult, Protected, Shell, flash, page as answer};

use crate::context::{Desk, problem};
use crate::list::{Asked, Cursor, Here, Pager, Tag};

/// Sites that are offered one by one; more are chosen by the numbers of rooms.
const SITES: usize = 40;

#[derive(Debug, Template)]
#[template(path = "arrangement/runs.html")]
struct List {
    shell: Shell,
    base: String,
    back: String,
    plan: PlanRow,
    usable: bool,
    form: Form,
    has_sites: bool,
    has_sessions: bool,
    runs: Vec<(RunLine, Tag)>,
    pager: Pager,
}

fn tag(state: RunState) -> Tag {
    match state {
        RunState::Making => Tag::info(state.label()),
        RunState::Ready => Tag::ok(state.label()),
        RunState::Failed => Tag::bad(state.label()),
        RunState::Emptied => Tag::off(state.label()),
    }
}

async fn load(desk: &Desk, exam: &str, plan: &str) -> app::Result<(Arc<Exam>, PlanRow)> {
    let exam = setup::for_staff(&desk.ctx, exam).await?;
    let plan = arrangement::plan(&desk.ctx, &exam, plan).await?;
    Ok((exam, plan))
}

/// The form, and whether it offers sites and sessions.
async fn form(
    desk: &Desk,
    exam: &Exam,
    plan: &PlanRow,
    action: String,
) -> app::Result<(Form, bool, bool)> {
    let kinds: Vec<(&str, &str)> = PaperKind::ALL
        .iter()
        .filter(|kind| **kind != PaperKind::Tickets || exam.row.seat_plan == plan.id)
        .map(|kind| (kind.code(), kind.label()))
        .collect();
    let usual = [
        PaperKind::Overview,
        PaperKind::Door,
        PaperKind::Chart,
        PaperKind::SignIn,
    ];
    let mut form = Form::new(&desk.visit, action).field(
        Field::checks("kinds", "用纸", kinds)
            .with_all(usual.map(PaperKind::code))
            .required(),
    );
    let sites: Vec<(String, String)> = papers::sites(&desk.ctx, exam, plan.id)
        .await?
        .into_iter()
        .map(|(number, name, rooms)| (number.to_string(), format!("{name}（{rooms} 个考场）")))
        .collect();
    let has_sites = (2..=SITES).contains(&sites.len());
    if has_sites {
        form = form.field(Field::checks("sites", "考点", sites).hint("不选为全部考点"));
    }
    let sessions: Vec<(String, String)> = arrangement::sessions(&desk.ctx.app, exam)
        .await?
        .into_iter()
        .map(|session| (session.number.to_string(), session.line()))
        .collect();
    let has_sessions = sessions.len() > 1;
    if has_sessions {
        form = form.field(
            Field::checks("sessions", "场次", sessions)
                .hint("不选为全部场次。签到表要每场分开的，一次选一场"),
        );
    }
    let form = form
        .field(Field::text("first", "从考场").optional().digits().narrow())
        .field(Field::text("last", "到考场").optional().digits().narrow())
        .field(Field::check("photos", "座次表、签到表带照片").with("1"))
        .field(Field::check("tables", "同时生成 xlsx 表格").with("1"))
        .field(
            Field::text("spare", "试卷袋备用份数")
                .hint("印在标签上，留空为手写")
                .optional()
                .digits()
                .narrow(),
        )
        .field(
            Field::file("file", "监考员名单", ".xlsx,.csv")
                .hint("有“姓名、单位、考点”列，后两列可以没有。上传后由系统抽签，每个考场两人；不上传的，监考名册留空手写")
                .optional(),
        )
        .field(
            Field::check("whole_numbers", "签到表印完整的证件号码")
                .hint("平时只印前三位。选了须写明原因"),
        )
        .field(
            Field::text("reason", "原因")
                .hint("例如：考点没有读卡设备，须人工核对证件号码")
                .optional(),
        );
    Ok((form, has_sites, has_sessions))
}

async fn show(
    desk: &Desk,
    (exam, plan): (&Exam, PlanRow),
    before: Option<&Cursor>,
    wrong: Option<(&Submission, &FieldErrors)>,
) -> PageResult {
    let base = format!("/office/seating/{}", exam.public_id());
    let back = format!("{base}/plans/{}", plan.public_id);
    let here = format!("{back}/runs");
    let (mut form, has_sites, has_sessions) = form(desk, exam, &plan, here.clone())
        .await
        .map_err(problem)?;
    form = form.refill(&desk.visit);
    if let Some((sent, errors)) = wrong {
        form = form.values(sent).errors(errors);
    }
    let mut runs = papers::runs(&desk.ctx, exam, before.map(Cursor::first))
        .await
        .map_err(problem)?;
    let size = usize::try_from(papers::PAGE).unwrap_or(20);
    let next = Pager::cut(&mut runs, size, |run| Cursor::one(run.id));
    let mut shown = Vec::new();
    for run in runs {
        let tag = tag(run.standing().map_err(problem)?);
        shown.push((run, tag));
    }
    let page = List {
        shell: Shell::new(&desk.visit, "成套用纸")
            .below("/office/seating")
            .with_errors(wrong.is_some()),
        pager: Pager::new(&Here::new(here), before, next),
        usable: !matches!(plan.state.as_str(), "staging" | "discarded"),
        base,
        back,
        plan,
        form,
        has_sites,
        has_sessions,
        runs: shown,
    };
    Ok(if wrong.is_some() {
        Html::invalid(page).into()
    } else {
        Html::new(page).into()
    })
}

pub(super) async fn list(
    desk: Desk,
    Path((exam, plan)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> PageResult {
    let (exam, plan) = load(&desk, &exam, &plan).await.map_err(problem)?;
    show(&desk, (&exam, plan), asked.before.as_ref(), None).await
}

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    kinds: Vec<String>,
    sites: Vec<String>,
    sessions: Vec<String>,
    first: String,
    last: String,
    photos: bool,
    tables: bool,
    spare: String,
    whole_numbers: bool,
    reason: String,
}

pub(super) async fn ask(
    desk: Desk,
    Path((exam, plan)): Path<(String, String)>,
    form: Protected<Sent>,
) -> PageResult<Response> {
    let (exam, plan) = load(&desk, &exam, &plan).await.map_err(problem)?;
    let submission = form.submission().clone();
    let (sent, files) = form.into_parts();
    let file = files.into_iter().find(|file| file.field == "file");
    let ask = Ask {
        kinds: sent.kinds,
        sites: sent.sites,
        sessions: sent.sessions,
        first: sent.first,
        last: sent.last,
        photos: sent.photos,
        tables: sent.tables,
        spare: sent.spare,
        whole_numbers: sent.whole_numbers,
        reason: sent.reason,
        list: file.map(|file| file.bytes.to_vec()).unwrap_or_default(),
    };
    match papers::ask(&desk.ctx, &exam, &plan, &ask).await {
        Ok(run) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/seating/{}/runs/{run}", exam.public_id()),
            flash::done("开始生成成套用纸"),
        )),
        Err(app::Error::Fields(errors)) => {
            let wrong = Some((&submission, &errors));
            Ok(show(&desk, (&exam, plan), None, wrong)
                .await?
                .into_response())
        }
        Err(error) => Err(problem(error)),
    }
}

#[derive(Debug, Template)]
#[template(path = "arrangement/run.html")]
struct Page {
    shell: Shell,
    back: String,
    here: String,
    run: RunRow,
    state: RunState,
    tag: Tag,
    wanted: Wanted,
    files: Vec<FileRow>,
    pager: Pager,
}

impl Page {
    fn kinds(&self) -> String {
        let kinds = self.wanted.kinds.iter().map(|kind| kind.label());
        kinds.collect::<Vec<_>>().join("、")
    }

    /// Which rooms, in words.
    fn rooms(&self) -> String {
        match (self.wanted.first_room, self.wanted.last_room) {
            (0, 0) => "全部考场".to_owned(),
            (first, 0) => format!("{first} 号考场起"),
            (0, last) => format!("到 {last} 号考场"),
            (first, last) => format!("{first} 至 {last} 号考场"),
        }
    }
}

pub(super) async fn page(
    desk: Desk,
    Path((exam, run)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let run = papers::run(&desk.ctx, &exam, &run).await.map_err(problem)?;
    let begins = asked.before.as_ref();
    let after = begins.map_or(0, Cursor::first);
    let mut files = papers::files(&desk.ctx, &run, after)
        .await
        .map_err(problem)?;
    let size = usize::try_from(papers::SHOWN).unwrap_or(200);
    let next = Pager::cut(&mut files, size, |file| Cursor::one(file.seq));
    let state = run.standing().map_err(problem)?;
    let base = format!("/office/seating/{}", exam.public_id());
    let here = format!("{base}/runs/{}", run.public_id);
    let page = Page {
        shell: Shell::new(&desk.visit, "成套用纸").below("/office/seating"),
        back: format!("{base}/plans/{}/runs", run.plan_public_id),
        pager: Pager::new(&Here::new(here.as_str()), begins, next),
        here,
        tag: tag(state),
        state,
        wanted: run.wanted().map_err(problem)?,
        run,
        files,
    };
    Ok(Html::new(page).into())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Which {
    seq: i64,
}

pub(super) async fn take(
    desk: Desk,
    Path((exam, run)): Path<(String, String)>,
    sent: Protected<Which>,
) -> PageResult<Response> {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let file = papers::take(&desk.ctx, &exam, &run, sent.seq)
        .await
        .map_err(problem)?;
    // Always a file to keep, whatever it is.
    let kind = "application/octet-stream";
    Ok(answer::download(kind, &file.file_name, file.bytes))
}

pub(super) async fn take_all(
    desk: Desk,
    Path((exam, run)): Path<(String, String)>,
    _: Protected<Nothing>,
) -> PageResult<Response> {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let taken = papers::take_all(&desk.ctx, &exam, &run)
        .await
        .map_err(problem)?;
    let name = format!("{}.zip", taken.name);
    Ok(answer::download_pieces(
        "application/zip",
        &name,
        taken.pieces,
    ))
}
