//! The people of the file that counts, found by name or by number, and the history of uploads.

use std::sync::Arc;

use app::carried::{self, Entry, Figures, Filter};
use app::exam::{Exam, setup};
use askama::Template;
use axum::extract::{Path, Query};
use domain::exam::ExamState;
use domain::staff::Permission;
use serde::Deserialize;
use web::forms::{Field, Form};
use web::{Html, PageResult, Problem, Protected, Shell};

use crate::context::{Desk, problem};
use crate::list::{Cursor, Empty, Export, Filters, Here, Pager, Taken, given};

const PAGE: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    name: String,
    level: String,
    before: Option<Cursor>,
}

impl Asked {
    fn filter(&self) -> Filter {
        Filter {
            name: domain::text::line(&self.name),
            level: self.level.chars().take(40).collect(),
        }
    }

    fn here(&self, exam: &Exam) -> Here {
        let filter = self.filter();
        Here::new(format!("/office/exams/{}/carried", exam.public_id()))
            .with("name", &filter.name)
            .with("level", &filter.level)
    }
}

#[derive(Debug, Template)]
#[template(path = "carried/list.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    figures: Figures,
    form: Form,
    filters: Filters,
    export: Export,
    rows: Vec<Entry>,
    pager: Option<Pager>,
    empty: Empty,
    may_edit: bool,
    may_desk: bool,
    belongs: bool,
}

fn number_form(desk: &Desk, exam: &Exam) -> Form {
    let action = format!("/office/exams/{}/carried/find", exam.public_id());
    Form::new(&desk.visit, action).bare().field(
        Field::text("number", "按证件号码查找")
            .hint("须填完整号码，查找不留在网址里")
            .narrow()
            .attribute("autocomplete", "off"),
    )
}

/// What is shown below the figures: a page of the list, or what was found under a number.
struct Shown {
    rows: Vec<Entry>,
    pager: Option<Pager>,
    form: Form,
}

fn drawn(
    desk: &Desk,
    exam: Arc<Exam>,
    figures: Figures,
    (here, filter): (&Here, &Filter),
    shown: Shown,
) -> Page {
    let edits = desk
        .ctx
        .allow_for(Permission::ExamEdit, exam.id(), "")
        .is_ok();
    let shell = Shell::new(&desk.visit, "老考生档案")
        .below("/office/exams")
        .with_errors(shown.form.has_errors());
    let levels = exam.settings.levels.levels.iter();
    let levels = levels.map(|rule| (rule.level.clone(), rule.level.clone()));
    let empty = if figures.current.is_none() {
        Empty::new(
            "还没有启用的档案",
            "导入以前年度合格成绩后，老考生报名时系统自动标出已合格的科目。",
        )
    } else {
        Empty::new("没有符合条件的人", "姓名和证件号码都要写全。")
    };
    Page {
        filters: Filters::new(here)
            .text("name", "姓名", &filter.name)
            .select("level", "级别", &filter.level, levels.collect::<Vec<_>>()),
        export: Export::new(&shell, here),
        shell,
        may_edit: edits && exam.state != ExamState::Archived,
        may_desk: desk.may(Permission::AccountDesk),
        belongs: carried::belongs_to(&exam),
        exam,
        figures,
        form: shown.form,
        rows: shown.rows,
        pager: shown.pager,
        empty: empty.icon(web::icon::LIST),
    }
}

pub(super) async fn page(
    desk: Desk,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &id).await.map_err(problem)?;
    let figures = carried::figures(&desk.ctx, &exam).await.map_err(problem)?;
    let (here, filter) = (asked.here(&exam), asked.filter());
    let mut rows = match &figures.current {
        Some(import) => {
            let after = asked.before.as_ref().map_or(0, Cursor::first);
            carried::entries(&desk.ctx, &exam, import, &filter, (after, 51))
                .await
                .map_err(problem)?
        }
        None => Vec::new(),
    };
    let next = Pager::cut(&mut rows, PAGE, |row| Cursor::one(row.id));
    let shown = Shown {
        rows,
        pager: Some(Pager::new(&here, asked.before.as_ref(), next)),
        form: number_form(&desk, &exam),
    };
    Ok(Html::new(drawn(&desk, exam, figures, (&here, &filter), shown)).into())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    number: String,
}

/// By number: a POST, so that it stays out of addresses and logs.
pub(super) async fn find(
    desk: Desk,
    Path(id): Path<String>,
    sent: Protected<Wanted>,
) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &id).await.map_err(problem)?;
    let figures = carried::figures(&desk.ctx, &exam).await.map_err(problem)?;
    let asked = Asked::default();
    let (here, filter) = (asked.here(&exam), asked.filter());
    let import = figures.current.as_ref().ok_or(Problem::NotFound)?;
    let form = number_form(&desk, &exam);
    match carried::by_number(&desk.ctx, &exam, import, &sent.number).await {
        Ok(rows) => {
            let shown = Shown {
                rows,
                pager: None,
                form,
            };
            Ok(Html::new(drawn(&desk, exam, figures, (&here, &filter), shown)).into())
        }
        Err(app::Error::Fields(errors)) => {
            let shown = Shown {
                rows: Vec::new(),
                pager: None,
                form: form.errors(&errors),
            };
            let page = drawn(&desk, exam, figures, (&here, &filter), shown);
            Ok(Html::invalid(page).into())
        }
        Err(error) => Err(problem(error)),
    }
}

pub(super) async fn export(
    desk: Desk,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    taken: Protected<Taken>,
) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &id).await.map_err(problem)?;
    let figures = carried::figures(&desk.ctx, &exam).await.map_err(problem)?;
    let import = figures.current.ok_or(Problem::NotFound)?;
    let format = taken.format();
    let copy = carried::export(&desk.ctx, &exam, &import, &asked.filter(), format)
        .await
        .map_err(problem)?;
    given(
        &desk,
        &format!("{}-老考生档案", exam.row.code),
        format,
        copy,
    )
}
