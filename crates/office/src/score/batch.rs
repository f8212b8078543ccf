//! One batch: figures, changes, marks, the second person's word, publication.

use app::exam::{Exam, setup};
use app::score::{self, Batch, Change, MarkRow, SubjectFigures};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use domain::field::FieldErrors;
use domain::score::Flag;
use domain::score::publication::BatchState;
use domain::time::Timestamp;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell, flash};

use super::list::tag;
use crate::context::{Desk, problem};
use crate::list::{Cursor, Empty, Export, Filters, Head, Here, Pager, Sort, Tag};

type PathOf = Path<(String, String)>;
/// Marks on a page.
const PAGE: u32 = 100;

/// What the marks are narrowed to, as the address carries it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    who: String,
    sort: String,
    before: Option<Cursor>,
}

impl Asked {
    /// By who applied first, which is how they are stored.
    fn sort(&self) -> Sort {
        Sort::read(&self.sort, &["applied"], ("applied", false))
    }

    /// What it asks the use case for.
    pub(super) fn looked(&self) -> score::Looked {
        score::Looked {
            who: self.who.clone(),
            descends: self.sort().descends(),
        }
    }

    fn here(&self, path: &str) -> Here {
        Here::new(path)
            .with("who", &self.who)
            .with("sort", &self.sort().code())
    }
}

#[derive(Debug, Template)]
#[template(path = "score/batch.html")]
struct Page {
    shell: Shell,
    base: String,
    here: String,
    batch: Batch,
    tag: Tag,
    figures: Vec<SubjectFigures>,
    changes: Vec<Change>,
    marks: Vec<MarkRow>,
    filters: Filters,
    export: Export,
    /// Are its marks all there, to be taken away?
    there: bool,
    /// 姓名, by which the rows can be turned round.
    applied: Head,
    empty: Empty,
    /// Does any of these marks have a total or a rank?
    totals: bool,
    pager: Pager,
    waits_for_check: bool,
    own: bool,
    form: Option<Form>,
    open: bool,
}

impl Page {
    fn text(&self, row: &&MarkRow) -> String {
        match Flag::from_code(&row.flag) {
            None | Some(Flag::Normal) => row.mark.clone(),
            Some(flag) => flag.label().to_owned(),
        }
    }

    fn total(&self, row: &&MarkRow) -> String {
        Flag::from_code(&row.total)
            .map_or_else(|| row.total.clone(), |flag| flag.label().to_owned())
    }
}

async fn show(
    desk: &Desk,
    exam: &Exam,
    batch: Batch,
    asked: &Asked,
    (typed, errors): (Option<&Sent>, Option<&FieldErrors>),
) -> PageResult {
    let base = format!("/office/scores/{}", exam.public_id());
    let here = format!("{base}/batches/{}", batch.row.public_id);
    let figures = score::figures(&desk.ctx, &batch).await.map_err(problem)?;
    let changes = score::changes(&desk.ctx, exam, &batch)
        .await
        .map_err(problem)?;
    // A place that can't be read is the first page.
    let begins = asked.before.as_ref();
    let after = begins.map(Cursor::first).filter(|id| *id != i64::MAX);
    let mut marks = score::marks_under(&desk.ctx, &batch, &asked.looked(), after, PAGE + 1)
        .await
        .map_err(problem)?;
    let next = cut(&mut marks).map(Cursor::one);
    let list = asked.here(&here);
    let pager = Pager::new(&list, begins, next);
    let totals = marks
        .iter()
        .any(|row| !row.total.is_empty() || row.rank.is_some());
    let form = (batch.state == BatchState::Checked).then(|| {
        // Scores in sight are replaced at once: a later time would hide them.
        let seen = exam.scores_visible(desk.ctx.at);
        let planned = exam
            .window(domain::exam::Phase::Score)
            .map(|window| window.open())
            .filter(|_| !seen);
        let start = planned
            .filter(|at| *at > desk.ctx.at)
            .unwrap_or(desk.ctx.at)
            .to_input();
        let mut form = Form::new(&desk.visit, format!("{here}/publish")).field(
            Field::date_time("visible_at", "公布时间")
                .hint(if seen {
                    "现在的成绩考生已经能查到，更正只能立即公布"
                } else {
                    "到这一刻考生才能查到成绩；填已过的时间等于立即公布"
                })
                .with(typed.map_or(start, |sent| sent.visible_at.clone()))
                .required(),
        );
        if exam.row.score_batch != 0 {
            let reason = typed.map_or(batch.row.reason.clone(), |sent| sent.reason.clone());
            form = form.field(Field::text("reason", "更改原因").with(reason).required());
        }
        if let Some(errors) = errors {
            form = form.errors(errors);
        }
        form
    });
    let shell = Shell::new(&desk.visit, format!("第 {} 批成绩", batch.row.version))
        .below("/office/scores")
        .with_errors(errors.is_some());
    let page = Page {
        export: Export::new(&shell, &list),
        there: !matches!(batch.state, BatchState::Staging | BatchState::Discarded),
        shell,
        base,
        here,
        tag: tag(&batch, desk.ctx.at),
        figures,
        changes,
        marks,
        filters: Filters::new(&list).text("who", "准考证号、报名序号或姓名", &asked.who),
        applied: asked.sort().head(&list, "applied", "报名序号"),
        empty: Empty::new(
            "这批成绩里没有",
            "请核对准考证号、报名序号或姓名，须填完整；清空后看全部成绩。",
        ),
        totals,
        pager,
        waits_for_check: batch.state == BatchState::Imported,
        own: desk.is(batch.row.imported_by),
        open: matches!(
            batch.state,
            BatchState::Staging | BatchState::Imported | BatchState::Checked
        ),
        batch,
        form,
    };
    Ok(if errors.is_some() {
        Html::invalid(page).into()
    } else {
        Html::new(page).into()
    })
}

/// Cuts a page at the end of a person, so that nobody's subjects stand on two pages.
fn cut(marks: &mut Vec<MarkRow>) -> Option<i64> {
    let most = usize::try_from(PAGE).unwrap_or(usize::MAX);
    if marks.len() <= most {
        return None;
    }
    let torn = marks.last().map(|row| row.application_id)?;
    marks.retain(|row| row.application_id != torn);
    marks.last().map(|row| row.application_id)
}

pub(super) async fn page(
    desk: Desk,
    Path((exam, batch)): PathOf,
    Query(asked): Query<Asked>,
) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let batch = score::batch(&desk.ctx, &exam, &batch)
        .await
        .map_err(problem)?;
    show(&desk, &exam, batch, &asked, (None, None)).await
}

pub(super) async fn check(
    desk: Desk,
    Path((exam, batch)): PathOf,
    _: Protected<Nothing>,
) -> PageResult<Response> {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let found = score::batch(&desk.ctx, &exam, &batch)
        .await
        .map_err(problem)?;
    score::check(&desk.ctx, &exam, &batch)
        .await
        .map_err(problem)?;
    let target = format!("/office/scores/{}/batches/{batch}", exam.public_id());
    Ok(web::page::redirect_with(
        &desk.visit,
        &target,
        flash::done(format!("第 {} 批成绩已核对无误", found.row.version)),
    ))
}

#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    visible_at: String,
    reason: String,
}

pub(super) async fn publish(
    desk: Desk,
    Path((exam, id)): PathOf,
    form: Protected<Sent>,
) -> PageResult<Response> {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let sent = form.into_inner();
    let outcome = match Timestamp::parse_local(&sent.visible_at.replace('T', " ")) {
        Some(at) => score::publish(&desk.ctx, &exam, &id, (at, &sent.reason)).await,
        None => Err(app::Error::field(
            "visible_at",
            "请填写公布时间，例如 2026-05-08 10:00",
        )),
    };
    match outcome {
        Ok(()) => {
            let target = format!("/office/scores/{}/batches/{id}", exam.public_id());
            let batch = score::batch(&desk.ctx, &exam, &id).await.map_err(problem)?;
            let what = format!("第 {} 批成绩已公布", batch.row.version);
            Ok(web::page::redirect_with(
                &desk.visit,
                &target,
                flash::named(&what, exam.title()),
            ))
        }
        Err(app::Error::Fields(errors)) => {
            let batch = score::batch(&desk.ctx, &exam, &id).await.map_err(problem)?;
            let shown = show(
                &desk,
                &exam,
                batch,
                &Asked::default(),
                (Some(&sent), Some(&errors)),
            )
            .await?;
            Ok(shown.into_response())
        }
        Err(error) => Err(problem(error)),
    }
}
