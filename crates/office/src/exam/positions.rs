//! 岗位表 with live counts, or 科目表.

use std::sync::Arc;

use app::App;
use app::exam::positions::{self, Filter, Page as Found};
use app::exam::{self, Exam, Figures, setup};
use app::statistics;
use askama::Template;
use axum::extract::{Path, Query, State};
use domain::exam::{ExamState, ProfessionalTable};
use domain::staff::Permission;
use serde::Deserialize;
use web::{Html, PageResult, Shell};

use crate::context::{Desk, problem};
use crate::list::{Empty, Filters, Here};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    unit: String,
    page: String,
}

impl Asked {
    /// Narrowed to what the asker may see.
    fn filter(&self, within: Option<Vec<String>>) -> Filter {
        Filter {
            within,
            words: self.q.chars().take(60).collect(),
            unit: self.unit.chars().take(60).collect(),
            page: self.page.parse().unwrap_or(1),
            ..Filter::default()
        }
    }
}

#[derive(Debug, Template)]
#[template(path = "exam/positions.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    filters: Filters,
    found: Found,
    sums: Figures,
    pages: Vec<(usize, String)>,
    table: Arc<ProfessionalTable>,
    empty: Empty,
    may_import: bool,
}

pub(super) async fn page(
    desk: Desk,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &id).await.map_err(problem)?;
    let within = statistics::units(&desk.ctx, exam.id()).map_err(problem)?;
    let filter = asked.filter(within.clone());
    let positions = positions::table(&app, &exam).await.map_err(problem)?;
    let found = positions::search(&app, &exam, &filter)
        .await
        .map_err(problem)?;
    let sums = setup::figures(&desk.ctx, &exam).await.map_err(problem)?;
    let table = exam::subjects(&app, &exam).await.map_err(problem)?;
    let here = Here::new(format!("/office/exams/{id}/table"))
        .with("q", &asked.q)
        .with("unit", &asked.unit);
    let export = Here::new(format!("/office/exams/{id}/table/export"))
        .with("q", &asked.q)
        .with("unit", &asked.unit);
    let units = positions
        .departments()
        .iter()
        .filter(|unit| within.as_ref().is_none_or(|mine| mine.contains(unit)))
        .map(|unit| (unit.clone(), unit.clone()));
    let count = i64::try_from(found.total).unwrap_or(i64::MAX);
    let filters = Filters::new(&here)
        .text("q", "名称、代码或单位", &asked.q)
        .select("unit", "主管部门或单位", &asked.unit, units)
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
    if may_import {
        empty = empty.way_on("导入表格", import);
    }
    let title = if exam.has_positions() {
        "岗位表"
    } else {
        "级别、专业与科目表"
    };
    let page = Page {
        shell: Shell::new(&desk.visit, title).below("/office/exams"),
        exam,
        filters,
        found,
        sums,
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
    let within = statistics::units(&desk.ctx, exam.id()).map_err(problem)?;
    let bytes = exam::export::positions_xlsx(&desk.ctx, &exam, &asked.filter(within))
        .await
        .map_err(problem)?;
    let name = format!("{}-岗位.xlsx", exam.row.code);
    Ok(web::page::download(super::XLSX, &name, bytes))
}
