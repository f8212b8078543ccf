//! The people between 入围 and 聘用: by stage, position, unit and name; several at once; to be taken away as one of the lists by name.

use std::sync::Arc;

use app::exam::positions::{self, PositionTable};
use app::exam::{Exam, setup};
use app::selection::export::{self, ListKind, standing_words};
use app::selection::{PersonLine, list, step};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use domain::selection::{Stage, StageEvent};
use serde::Deserialize;
use web::{Html, PageResult, Problem, Protected, Shell, flash, page as answer};

use super::stage_tag;
use crate::context::{Desk, problem};
use crate::list::{Cursor, Empty, Export, Filters, Here, Pager, Saved, Tabs, Taken, given, saved};

/// People on a page.
const PAGE: usize = 50;

/// What is asked for, as the address carries it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    stage: String,
    position: String,
    unit: String,
    name: String,
    before: Option<Cursor>,
}

impl ListQuery {
    fn stage(&self) -> Option<Stage> {
        Stage::from_code(&self.stage)
    }

    fn asked(&self, table: &PositionTable) -> list::Asked {
        let code = domain::sheet::squeezed(&self.position);
        let wanted = table.items().iter().find(|item| item.position.code == code);
        list::Asked {
            standings: match self.stage() {
                Some(Stage::Out) => list::OUT.to_vec(),
                Some(stage) => vec![stage.code()],
                None => Vec::new(),
            },
            followed: false,
            // A code that there isn't finds nobody.
            position_id: match (code.is_empty(), wanted) {
                (true, _) => 0,
                (false, Some(item)) => item.id,
                (false, None) => -1,
            },
            unit: self.unit.clone(),
            name: domain::text::line(&self.name),
            asked: self.stage == "asked",
        }
    }

    fn here(&self, base: &str) -> Here {
        Here::new(format!("{base}/people"))
            .with("stage", &self.stage)
            .with("position", &self.position)
            .with("unit", &self.unit)
            .with("name", &self.name)
    }
}

#[derive(Debug, Template)]
#[template(path = "selection/people.html")]
struct Page {
    shell: Shell,
    base: String,
    table: Arc<PositionTable>,
    saved: Saved,
    tabs: Tabs,
    filters: Filters,
    export: Export,
    /// Where one of the lists by name is taken from.
    take: String,
    kinds: Vec<(&'static str, &'static str)>,
    /// What can be entered for several at once here: code and word of its button.
    events: Vec<(&'static str, &'static str)>,
    stage: String,
    rows: Vec<PersonLine>,
    pager: Pager,
    empty: Empty,
}

impl Page {
    fn place(&self, row: &&PersonLine) -> String {
        self.table.by_id(row.position_id).map_or_else(
            || "（岗位已不在表中）".to_owned(),
            |item| format!("{} {}", item.position.employer, item.position.name),
        )
    }
}

fn standing(row: &&PersonLine) -> String {
    standing_words(&row.stage, &row.left_why)
}

fn waits(row: &&PersonLine) -> &'static str {
    StageEvent::from_code(&row.asked).map_or("", StageEvent::label)
}

fn dash(text: &str) -> &str {
    if text.is_empty() { "—" } else { text }
}

/// The word of an event's button, as the office says it.
pub(super) fn button(event: StageEvent) -> &'static str {
    match event {
        StageEvent::DocumentsPass => "复审通过",
        StageEvent::DocumentsFail => "复审不通过",
        StageEvent::DocumentsMissed => "未到",
        other => other.label(),
    }
}

/// The page.
pub(super) async fn page(
    desk: Desk,
    Path(exam): Path<String>,
    Query(query): Query<ListQuery>,
) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let base = format!("/office/selection/{}", exam.public_id());
    let table = positions::table(&desk.ctx.app, &exam)
        .await
        .map_err(problem)?;
    let asked = query.asked(&table);
    let here = query.here(&base);
    let counts = list::counts(&desk.ctx, &exam).await.map_err(problem)?;
    let waiting = list::waiting(&desk.ctx, &exam).await.map_err(problem)?;
    let mut tabs =
        Tabs::new("进程").tab("全部", here.but("stage", ""), query.stage.is_empty(), None);
    if waiting > 0 || query.stage == "asked" {
        tabs = tabs.tab(
            "待复核",
            here.but("stage", "asked"),
            query.stage == "asked",
            Some(waiting),
        );
    }
    for (stage, count) in counts {
        let chosen = query.stage() == Some(stage);
        if count > 0 || chosen {
            tabs = tabs.badge(
                stage.label(),
                here.but("stage", stage.code()),
                chosen,
                count,
            );
        }
    }
    let units = list::units_of(&desk.ctx, &exam).await.map_err(problem)?;
    let units = units
        .into_iter()
        .filter(|unit| !unit.is_empty())
        .map(|unit| (unit.clone(), unit));
    let from = query.before.as_ref().map(Cursor::first);
    let limit = u32::try_from(PAGE).unwrap_or(u32::MAX).saturating_add(1);
    let mut rows = list::page(&desk.ctx, &exam, &asked, from, limit)
        .await
        .map_err(problem)?;
    let next = Pager::cut(&mut rows, PAGE, |row| Cursor::one(row.application_id));
    let events = query
        .stage()
        .map(|stage| step::events_at(&exam, stage, None))
        .unwrap_or_default()
        .into_iter()
        .filter(|event| step::is_for_many(*event))
        .map(|event| (event.code(), button(event)))
        .collect();
    let shell = Shell::new(&desk.visit, "入围人员")
        .below("/office/selection")
        .exam(exam.title(), "/office/selection");
    let take = here.pairs().iter().fold(
        Here::new(format!("{base}/people/take")),
        |to, (name, value)| to.with(name, value),
    );
    let page = Page {
        saved: Saved::of(&desk, &shell, &saved::CONTENDER, &here).await?,
        export: Export::new(&shell, &here),
        take: take.href(),
        kinds: ListKind::ALL
            .into_iter()
            .map(|kind| (kind.code(), kind.label()))
            .collect(),
        filters: Filters::new(&here)
            .text("position", "岗位代码", &query.position)
            .select("unit", "单位", &query.unit, units)
            .text("name", "姓名", &asked.name),
        pager: Pager::new(&here, query.before.as_ref(), next),
        shell,
        base,
        table,
        tabs,
        events,
        stage: query.stage.clone(),
        rows,
        empty: Empty::new(
            "这里没有考生",
            "入围名单公布后，考生会按进程列在这里。换一个环节或清空筛选再看，姓名要写全。",
        )
        .icon(web::icon::MEDAL),
    };
    Ok(Html::new(page).into())
}

/// The list under its filter as a file.
pub(super) async fn export(
    desk: Desk,
    Path(exam): Path<String>,
    Query(query): Query<ListQuery>,
    taken: Protected<Taken>,
) -> PageResult {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let asked = asked_in(&desk, &exam, &query).await?;
    let kind = ListKind::Everybody;
    let copy = export::people(&desk.ctx, &exam, (kind, &asked), taken.format())
        .await
        .map_err(problem)?;
    given(&desk, kind.label(), taken.format(), copy)
}

async fn asked_in(desk: &Desk, exam: &Exam, query: &ListQuery) -> PageResult<list::Asked> {
    let table = positions::table(&desk.ctx.app, exam)
        .await
        .map_err(problem)?;
    Ok(query.asked(&table))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    kind: String,
    /// `xlsx`, `csv`, `pdf`.
    format: String,
}

/// One of the lists by name, as a table or as a paper.
pub(super) async fn take(
    desk: Desk,
    Path(exam): Path<String>,
    Query(query): Query<ListQuery>,
    wanted: Protected<Wanted>,
) -> PageResult<Response> {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let asked = asked_in(&desk, &exam, &query).await?;
    let kind = ListKind::from_code(&wanted.kind);
    if wanted.format == "pdf" {
        let bytes = export::people_paper(&desk.ctx, &exam, (kind, &asked))
            .await
            .map_err(problem)?;
        let name = format!("{} {}.pdf", exam.title(), kind.label());
        return Ok(answer::download("application/pdf", &name, bytes));
    }
    let format = app::copy::Format::from_code(&wanted.format);
    let copy = export::people(&desk.ctx, &exam, (kind, &asked), format)
        .await
        .map_err(problem)?;
    given(&desk, kind.label(), format, copy)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    /// Public ids.
    pick: Vec<String>,
    event: String,
    stage: String,
    /// `1` once the names were looked at.
    sure: String,
}

#[derive(Debug, Template)]
#[template(path = "selection/bulk.html")]
struct Bulk {
    shell: Shell,
    base: String,
    stage: String,
    event: &'static str,
    label: &'static str,
    /// Public id and name.
    people: Vec<(String, String)>,
    /// Done already: for whom it wasn't possible, and why.
    left: Vec<(String, String)>,
    done: Option<usize>,
}

/// One result for several people: first the names, then the deed.
pub(super) async fn bulk(
    desk: Desk,
    Path(exam): Path<String>,
    chosen: Protected<Chosen>,
) -> PageResult<Response> {
    let exam = setup::for_staff(&desk.ctx, &exam).await.map_err(problem)?;
    let base = format!("/office/selection/{}", exam.public_id());
    let Some(event) = StageEvent::from_code(&chosen.event).filter(|one| step::is_for_many(*one))
    else {
        return Err(Problem::BadRequest("请选择要登记的结果。").into());
    };
    let back = Here::new(format!("{base}/people")).with("stage", &chosen.stage);
    if chosen.pick.is_empty() {
        return Ok(answer::redirect_with(
            &desk.visit,
            &back.href(),
            flash::done("没有选择考生，请先勾选"),
        ));
    }
    let mut people = Vec::new();
    let (mut done, mut left) = (None, Vec::new());
    if chosen.sure == "1" {
        let (count, others) = step::act_many(&desk.ctx, &exam, &chosen.pick, event)
            .await
            .map_err(problem)?;
        if others.is_empty() {
            return Ok(answer::redirect_with(
                &desk.visit,
                &back.href(),
                flash::done(format!("{} 人已登记“{}”", count, button(event))),
            ));
        }
        done = Some(count);
        left = others;
    } else {
        for id in chosen.pick.iter().take(step::MOST) {
            let one = step::one(&desk.ctx, &exam, id).await.map_err(problem)?;
            people.push((id.clone(), one.row.name));
        }
    }
    let page = Bulk {
        shell: Shell::new(&desk.visit, format!("批量登记：{}", button(event)))
            .below("/office/selection"),
        base,
        stage: chosen.stage.clone(),
        event: event.code(),
        label: button(event),
        people,
        left,
        done,
    };
    Ok(Html::new(page).into())
}
