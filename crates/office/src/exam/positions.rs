//! 岗位表 with live counts, or 科目表.

use std::sync::Arc;

use app::App;
use app::exam::decision::Standing;
use app::exam::part::Part;
use app::exam::positions::{
    self, Filter, Page as Found, PositionFigures, Situation, Sort, TableFigures,
};
use app::exam::{self, Exam, setup};
use askama::Template;
use axum::extract::{Path, Query, State};
use domain::exam::{ExamState, ProfessionalTable, RatioBasis};
use domain::staff::Permission;
use serde::Deserialize;
use web::{Html, PageResult, Shell};

use super::missing::Missing;
use crate::context::{Desk, problem};
use crate::list::{Empty, Filters, Here};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    unit: String,
    state: String,
    sort: String,
    page: String,
    /// `csv`, else a workbook.
    format: String,
}

impl Asked {
    fn filter(&self, desk: &Desk, exam: &Exam) -> Filter {
        Filter {
            words: self.q.chars().take(60).collect(),
            unit: self.unit.chars().take(60).collect(),
            only: positions::scope(&desk.ctx, exam),
            situation: Situation::parse(&self.state),
            sort: Sort::parse(&self.sort),
            page: self.page.parse().unwrap_or(1),
            ..Filter::default()
        }
    }

    fn here(&self, path: String) -> Here {
        Here::new(path)
            .with("q", &self.q)
            .with("unit", &self.unit)
            .with("state", &self.state)
            .with("sort", &self.sort)
    }
}

#[derive(Debug, Template)]
#[template(path = "exam/positions.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    filters: Filters,
    found: Found,
    sums: PositionFigures,
    at: String,
    basis: &'static str,
    pages: Vec<(usize, String)>,
    table: Arc<ProfessionalTable>,
    empty: Empty,
    csv: String,
    may_import: bool,
    may_amend: bool,
    missing: Missing,
}

impl Page {
    fn standing(&self, one: &positions::Shown) -> Standing {
        Standing::of(&self.exam, Arc::clone(&one.item), one.figures)
    }
}

fn pairs(choices: &[(&str, &str)]) -> Vec<(String, String)> {
    choices
        .iter()
        .map(|(code, text)| ((*code).to_owned(), (*text).to_owned()))
        .collect()
}

/// The units that can be chosen: of those that the asking member of staff may see.
fn units(positions: &positions::PositionTable, only: Option<&[String]>) -> Vec<(String, String)> {
    positions
        .departments()
        .iter()
        .filter(|unit| only.is_none_or(|only| only.contains(unit)))
        .map(|unit| (unit.clone(), unit.clone()))
        .collect()
}

pub(super) async fn page(
    desk: Desk,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &id).await.map_err(problem)?;
    let filter = asked.filter(&desk, &exam);
    let positions = positions::table(&app, &exam).await.map_err(problem)?;
    let found = positions::search(&app, &exam, &filter)
        .await
        .map_err(problem)?;
    let figures: Arc<TableFigures> = positions::figures(&app, &exam).await.map_err(problem)?;
    let table = exam::subjects(&app, &exam).await.map_err(problem)?;
    let here = asked.here(format!("/office/exams/{id}/table"));
    let export = asked.here(format!("/office/exams/{id}/table/export"));
    let count = i64::try_from(found.total).unwrap_or(i64::MAX);
    let filters = Filters::new(&here)
        .text("q", "名称、代码或单位", &asked.q)
        .select(
            "unit",
            "主管部门或单位",
            &asked.unit,
            units(&positions, filter.only.as_deref()),
        )
        .select(
            "state",
            "报名情况",
            &asked.state,
            pairs(&Situation::CHOICES),
        )
        .select("sort", "排序", &asked.sort, pairs(&Sort::CHOICES))
        .count(count, "个岗位")
        .export(export.href());
    let pages = found
        .numbers()
        .into_iter()
        .map(|number| (number, here.but("page", &number.to_string())))
        .collect();
    let edits = desk
        .ctx
        .allow_for(Permission::ExamEdit, exam.id(), "")
        .is_ok();
    let may_import = edits && exam.state == ExamState::Draft;
    let import = format!("/office/exams/{id}/import");
    let mut empty =
        Empty::new("还没有表格", "从 xlsx 文件导入，核对无误后才会写入。").icon(web::icon::LIST);
    if may_import && !exam.has_positions() {
        empty = empty.way_on("直接填写", format!("/office/exams/{id}/subjects"));
    } else if may_import {
        empty = empty.way_on("导入表格", import);
    }
    let title = if exam.has_positions() {
        "岗位表"
    } else {
        "级别、专业与科目表"
    };
    let page = Page {
        shell: Shell::new(&desk.visit, title).below("/office/exams"),
        sums: figures.sum_of(&positions, filter.only.as_deref()),
        at: figures.at.to_clock(),
        basis: RatioBasis::of(exam.settings.steps).label(),
        may_amend: edits && exam.is_public() && exam.has_positions(),
        csv: export.but("format", "csv"),
        missing: Missing::of(&desk, &exam, Part::Table).await?,
        exam,
        filters,
        found,
        pages,
        table,
        empty,
        may_import,
    };
    Ok(Html::new(page).into())
}

pub(super) async fn export(
    desk: Desk,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &id).await.map_err(problem)?;
    let code = &exam.row.code;
    if !exam.has_positions() {
        let bytes = exam::structure::export(&desk.ctx, &exam)
            .await
            .map_err(problem)?;
        return Ok(web::page::download(
            super::XLSX,
            &format!("{code}-科目.xlsx"),
            bytes,
        ));
    }
    let filter = asked.filter(&desk, &exam);
    if asked.format == "csv" {
        let bytes = exam::export::positions_csv(&desk.ctx, &exam, &filter)
            .await
            .map_err(problem)?;
        let name = format!("{code}-岗位.csv");
        return Ok(web::page::download("text/csv; charset=utf-8", &name, bytes));
    }
    let bytes = exam::export::positions_xlsx(&desk.ctx, &exam, &filter)
        .await
        .map_err(problem)?;
    let name = format!("{code}-岗位.xlsx");
    Ok(web::page::download(super::XLSX, &name, bytes))
}
