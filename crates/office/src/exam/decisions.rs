//! 核定开考比例, and a decision about positions: draft, second person's word, progress.

use std::sync::Arc;

use app::App;
use app::exam::decision::{self, Decision, DecisionRow, ItemRow, Standing};
use app::exam::{Exam, setup};
use askama::Template;
use axum::extract::{Path, Query, State};
use domain::exam::{PositionOutcome, RatioBasis};
use serde::Deserialize;
use web::forms::{Field, Form};
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell, flash};

use super::amendments::{Typed as Notice, notice_fields};
use super::position::Typed;
use crate::context::{Desk, problem};
use crate::list::{Here, Tabs, Tag};

/// Positions on a page of the check.
const PAGE: usize = 50;

/// What a decision is about.
pub(super) fn kind(row: &DecisionRow) -> &'static str {
    if row.kind == "ratio" {
        "核定开考比例"
    } else {
        "核减或取消岗位"
    }
}

/// Where it stands.
pub(super) fn tag(row: &DecisionRow) -> Tag {
    match row.state.as_str() {
        "draft" => Tag::wait("草稿"),
        "asked" => Tag::wait("待复核"),
        "running" => Tag::info("正在办理"),
        "done" => Tag::ok("已办完"),
        "rejected" => Tag::bad("未同意"),
        _ => Tag::off("已撤回"),
    }
}

/// An outcome as a tag.
fn outcome(code: &str) -> Tag {
    match PositionOutcome::from_code(code) {
        Some(PositionOutcome::Cut) => Tag::wait("核减"),
        Some(PositionOutcome::Cancel) => Tag::bad("取消"),
        _ => Tag::ok("保留"),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    show: String,
    page: String,
}

/// The page numbers to offer: first, last, the neighbours.
fn pages(here: &Here, page: usize, last: usize) -> Vec<(usize, String)> {
    (1..=last)
        .filter(|number| *number == 1 || *number == last || number.abs_diff(page) <= 2)
        .map(|number| (number, here.but("page", &number.to_string())))
        .collect()
}

#[derive(Debug, Template)]
#[template(path = "exam/ratio.html")]
struct RatioPage {
    shell: Shell,
    exam: Arc<Exam>,
    tabs: Tabs,
    rows: Vec<Standing>,
    pages: Vec<(usize, String)>,
    page: usize,
    basis: &'static str,
    closed: bool,
    closes: String,
    warnings: Vec<String>,
    open: Option<DecisionRow>,
    short: usize,
}

impl RatioPage {
    fn proposal(&self, standing: &Standing) -> Tag {
        outcome(standing.proposal().0.code())
    }
}

pub(super) async fn ratio(
    desk: Desk,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let all = decision::standings(&app, &exam).await.map_err(problem)?;
    let of = |wanted: PositionOutcome| {
        all.iter()
            .filter(|one| one.proposal().0 == wanted && !one.ratio.unclear)
            .count()
    };
    let (cut, cancel) = (of(PositionOutcome::Cut), of(PositionOutcome::Cancel));
    let unclear = all.iter().filter(|one| one.ratio.unclear).count();
    let show = match asked.show.as_str() {
        "cut" | "cancel" | "keep" | "unclear" => asked.show.as_str(),
        _ => "",
    };
    let here = Here::new(format!("/office/exams/{id}/ratio")).with("show", show);
    let total = all.len();
    let count = |number: usize| Some(i64::try_from(number).unwrap_or(i64::MAX));
    let tab = |tabs: Tabs, text: &str, code: &str, number: usize| {
        tabs.tab(text, here.but("show", code), show == code, count(number))
    };
    let mut tabs = tab(Tabs::new("建议"), "全部", "", total);
    tabs = tab(tabs, "建议取消", "cancel", cancel);
    tabs = tab(tabs, "建议核减", "cut", cut);
    tabs = tab(tabs, "建议保留", "keep", total - cut - cancel - unclear);
    if unclear > 0 {
        tabs = tab(tabs, "须人工核定", "unclear", unclear);
    }
    let found: Vec<Standing> = all
        .into_iter()
        .filter(|one| match show {
            "" => true,
            "unclear" => one.ratio.unclear,
            code => one.proposal().0.code() == code && !one.ratio.unclear,
        })
        .collect();
    let last = found.len().div_ceil(PAGE).max(1);
    let page = asked.page.parse().unwrap_or(1).clamp(1, last);
    let pages = pages(&here, page, last);
    let open = decision::open(&desk.ctx, &exam).await.map_err(problem)?;
    let page = RatioPage {
        shell: Shell::new(&desk.visit, "核定开考比例").below("/office/exams"),
        tabs,
        rows: found
            .into_iter()
            .skip((page - 1) * PAGE)
            .take(PAGE)
            .collect(),
        pages,
        page,
        basis: RatioBasis::of(exam.settings.steps).label(),
        closed: exam.is_public() && decision::is_closed(&exam, desk.ctx.at),
        closes: decision::closes(&exam).map_or_else(String::new, |at| at.to_chinese_short()),
        warnings: decision::warnings(&exam, desk.ctx.at),
        open,
        short: cut + cancel,
        exam,
    };
    Ok(Html::new(page).into())
}

/// Drafts the decision that the proposals make.
pub(super) async fn draft(desk: Desk, Path(id): Path<String>, _: Protected<Nothing>) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    let draft = decision::draft_ratio(&desk.ctx, &exam)
        .await
        .map_err(problem)?;
    Ok(web::redirect(&format!(
        "/office/exams/{id}/decisions/{draft}"
    )))
}

#[derive(Debug, Template)]
#[template(path = "exam/decision.html")]
struct Page {
    shell: Shell,
    exam: Arc<Exam>,
    found: Decision,
    basis: RatioBasis,
    warnings: Vec<String>,
    ask: Form,
    word: Form,
    own: bool,
    awaits: bool,
    tabs: Tabs,
    /// Which of the items the page shows.
    shown: std::ops::Range<usize>,
    /// Their outcome; empty for all.
    show: &'static str,
    pages: Vec<(usize, String)>,
    page: usize,
}

impl Page {
    fn is(&self, state: &str) -> bool {
        self.found.row.state == state
    }

    /// The items on this page.
    fn items(&self) -> impl Iterator<Item = &(ItemRow, Option<Arc<app::exam::positions::Item>>)> {
        self.found
            .items
            .iter()
            .filter(|(item, _)| self.show.is_empty() || item.outcome == self.show)
            .skip(self.shown.start)
            .take(self.shown.len())
    }

    fn counted(&self, item: &ItemRow) -> i64 {
        self.basis.pick((item.applied, item.approved, item.paid))
    }

    fn proposal(&self, item: &ItemRow) -> String {
        match PositionOutcome::from_code(&item.proposal) {
            Some(PositionOutcome::Cut) => format!("核减至 {} 人", item.proposed),
            Some(other) => other.label().to_owned(),
            None => String::new(),
        }
    }
}

fn at(exam: &Exam, found: &Decision) -> String {
    format!(
        "/office/exams/{}/decisions/{}",
        exam.public_id(),
        found.row.public_id
    )
}

fn ask_form(desk: &Desk, exam: &Exam, found: &Decision) -> Form {
    let (title, body) = decision::notice(exam, found);
    let form = Form::new(&desk.visit, at(exam, found));
    let reason = if found.row.kind == "ratio" && found.row.reason.is_empty() {
        "报名和缴费已截止，部分岗位达不到开考比例"
    } else {
        &found.row.reason
    };
    notice_fields(form, (&title, &body), reason)
}

fn word_form(desk: &Desk, exam: &Exam, found: &Decision) -> Form {
    Form::new(&desk.visit, format!("{}/word", at(exam, found)))
        .bare()
        .field(
            Field::text_area("note", "复核意见", 3)
                .hint("不同意的，须写明原因")
                .optional(),
        )
}

fn decision_page(
    desk: &Desk,
    (exam, found): (Arc<Exam>, Decision),
    asked: &Asked,
    forms: (Form, Form),
) -> Page {
    let (ask, word) = forms;
    let show = PositionOutcome::from_code(&asked.show).map_or("", PositionOutcome::code);
    let here = Here::new(at(&exam, &found)).with("show", show);
    let (kept, cut, cancelled) = found.counts;
    let all = found.items.len();
    let mut tabs = Tabs::new("处置");
    for (text, code, number) in [
        ("全部", "", all),
        ("取消", "cancel", cancelled),
        ("核减", "cut", cut),
        ("保留", "keep", kept),
    ] {
        let count = i64::try_from(number).unwrap_or(i64::MAX);
        tabs = tabs.tab(text, here.but("show", code), show == code, Some(count));
    }
    let total = match show {
        "cancel" => cancelled,
        "cut" => cut,
        "keep" => kept,
        _ => all,
    };
    let last = total.div_ceil(PAGE).max(1);
    let page = asked.page.parse().unwrap_or(1).clamp(1, last);
    Page {
        tabs,
        show,
        shown: (page - 1) * PAGE..page * PAGE,
        pages: pages(&here, page, last),
        page,
        shell: Shell::new(&desk.visit, kind(&found.row))
            .below("/office/exams")
            .with_errors(ask.has_errors() || word.has_errors()),
        basis: RatioBasis::of(exam.settings.steps),
        warnings: decision::warnings(&exam, desk.ctx.at),
        own: found.row.asked_by.is_some_and(|asker| desk.is(asker)),
        awaits: found.awaits(desk.ctx.actor.id()),
        exam,
        found,
        ask,
        word,
    }
}

async fn looked(desk: &Desk, (id, decision): (&str, &str)) -> PageResult<(Arc<Exam>, Decision)> {
    let exam = setup::for_edit(&desk.ctx, id).await.map_err(problem)?;
    let found = decision::find(&desk.ctx, &exam, decision)
        .await
        .map_err(problem)?;
    Ok((exam, found))
}

pub(super) async fn page(
    desk: Desk,
    Path((id, decision)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> PageResult {
    let (exam, found) = looked(&desk, (&id, &decision)).await?;
    let forms = (
        ask_form(&desk, &exam, &found).refill(&desk.visit),
        word_form(&desk, &exam, &found).refill(&desk.visit),
    );
    Ok(Html::new(decision_page(&desk, (exam, found), &asked, forms)).into())
}

pub(super) async fn ask(
    desk: Desk,
    Path((id, decision)): Path<(String, String)>,
    sent: Protected<Notice>,
) -> PageResult {
    let (exam, found) = looked(&desk, (&id, &decision)).await?;
    match decision::ask(&desk.ctx, &exam, &decision, &sent.publication()).await {
        Ok(()) => Ok(web::page::redirect_with(
            &desk.visit,
            &at(&exam, &found),
            flash::named("岗位处置已提交复核", exam.title()),
        )),
        Err(app::Error::Fields(errors)) => {
            let ask = ask_form(&desk, &exam, &found)
                .values(sent.submission())
                .errors(&errors);
            let forms = (ask, word_form(&desk, &exam, &found));
            let page = decision_page(&desk, (exam, found), &Asked::default(), forms);
            Ok(Html::invalid(page).into())
        }
        Err(error) => Err(problem(error)),
    }
}

/// The second person's word as typed.
#[derive(Debug, Deserialize)]
pub(super) struct Word {
    #[serde(default)]
    note: String,
    decision: String,
}

pub(super) async fn word(
    desk: Desk,
    Path((id, decision)): Path<(String, String)>,
    sent: Protected<Word>,
) -> PageResult {
    let approve = match sent.decision.as_str() {
        "approve" => true,
        "reject" => false,
        _ => return Err(web::Problem::BadRequest("请选择同意或者不同意。").into()),
    };
    let (exam, found) = looked(&desk, (&id, &decision)).await?;
    match decision::decide(&desk.ctx, &exam, &decision, approve, &sent.note).await {
        Ok(()) => Ok(web::page::redirect_with(
            &desk.visit,
            &at(&exam, &found),
            flash::named(
                if approve {
                    "已同意岗位处置，正在办理"
                } else {
                    "没有同意岗位处置"
                },
                exam.title(),
            ),
        )),
        Err(app::Error::Fields(errors)) => {
            let word = word_form(&desk, &exam, &found)
                .values(sent.submission())
                .errors(&errors);
            let forms = (ask_form(&desk, &exam, &found), word);
            let page = decision_page(&desk, (exam, found), &Asked::default(), forms);
            Ok(Html::invalid(page).into())
        }
        Err(error) => Err(problem(error)),
    }
}

pub(super) async fn withdraw(
    desk: Desk,
    Path((id, decision)): Path<(String, String)>,
    _: Protected<Nothing>,
) -> PageResult {
    let exam = setup::for_edit(&desk.ctx, &id).await.map_err(problem)?;
    decision::withdraw(&desk.ctx, &exam, &decision)
        .await
        .map_err(problem)?;
    Ok(web::page::redirect_with(
        &desk.visit,
        &format!("/office/exams/{id}/amendments"),
        flash::named("岗位处置已撤回", exam.title()),
    ))
}

#[derive(Debug, Template)]
#[template(path = "exam/decision_item.html")]
struct ItemPage {
    shell: Shell,
    back: String,
    item: ItemRow,
    name: String,
    employer: String,
    basis: RatioBasis,
    form: Form,
}

fn item_form(desk: &Desk, back: &str, item: &ItemRow) -> Form {
    let mut choices = vec![(PositionOutcome::Keep.code(), "保留，不核减")];
    if item.headcount > 1 {
        choices.push((PositionOutcome::Cut.code(), "核减招聘人数"));
    }
    choices.push((PositionOutcome::Cancel.code(), "取消岗位"));
    let mut form = Form::new(&desk.visit, format!("{back}/items/{}", item.public_id)).field(
        Field::radio("outcome", "处置", choices)
            .required()
            .with(&item.outcome),
    );
    if item.headcount > 1 {
        let now = if item.outcome == PositionOutcome::Cut.code() {
            item.new_headcount.to_string()
        } else {
            String::new()
        };
        form = form.field(
            Field::text("headcount", "核减后的招聘人数")
                .hint(format!("现在招聘 {} 人，只在核减时填写", item.headcount))
                .optional()
                .digits()
                .narrow()
                .with(now),
        );
    }
    form.field(
        Field::text_area("reason", "原因", 3)
            .hint("与建议不同的，须写明原因；复核人和审计都会看到")
            .optional()
            .with(&item.reason),
    )
}

fn item_page(
    desk: &Desk,
    (exam, found): (Arc<Exam>, &Decision),
    position: &str,
    form: impl FnOnce(&str, &ItemRow) -> Form,
) -> PageResult<ItemPage> {
    let (item, position) = found
        .items
        .iter()
        .find(|(item, _)| item.public_id == position)
        .ok_or_else(|| problem(app::Error::NotFound))?;
    let back = at(&exam, found);
    let form = form(&back, item);
    let named = position.as_ref().map(|item| &item.position);
    Ok(ItemPage {
        shell: Shell::new(&desk.visit, "调整处置")
            .below("/office/exams")
            .with_errors(form.has_errors()),
        name: named.map_or_else(String::new, |p| p.name.clone()),
        employer: named.map_or_else(String::new, |p| p.employer.clone()),
        basis: RatioBasis::of(exam.settings.steps),
        item: item.clone(),
        back,
        form,
    })
}

pub(super) async fn item(
    desk: Desk,
    Path((id, decision, position)): Path<(String, String, String)>,
) -> PageResult {
    let (exam, found) = looked(&desk, (&id, &decision)).await?;
    let page = item_page(&desk, (exam, &found), &position, |back, item| {
        item_form(&desk, back, item).refill(&desk.visit)
    })?;
    Ok(Html::new(page).into())
}

/// The name of a position in a decision.
fn named(found: &Decision, position: &str) -> String {
    found
        .items
        .iter()
        .find(|(item, _)| item.public_id == position)
        .and_then(|(_, named)| named.as_ref())
        .map_or_else(String::new, |named| named.position.name.clone())
}

pub(super) async fn choose(
    desk: Desk,
    Path((id, decision, position)): Path<(String, String, String)>,
    sent: Protected<Typed>,
) -> PageResult {
    let (exam, found) = looked(&desk, (&id, &decision)).await?;
    let chosen = sent.single();
    match decision::choose(&desk.ctx, &exam, &decision, &position, &chosen).await {
        Ok(()) => Ok(web::page::redirect_with(
            &desk.visit,
            &at(&exam, &found),
            flash::named("岗位的处置已保存", &named(&found, &position)),
        )),
        Err(app::Error::Fields(errors)) => {
            let page = item_page(&desk, (exam, &found), &position, |back, item| {
                item_form(&desk, back, item)
                    .values(sent.submission())
                    .errors(&errors)
            })?;
            Ok(Html::invalid(page).into())
        }
        Err(error) => Err(problem(error)),
    }
}
