//! 账号申诉: one person checks, which freezes the account; another decides.

use app::account::ClaimRow;
use app::account::claim;
use askama::Template;
use axum::extract::{Path, Query};
use http::{HeaderValue, header};
use serde::Deserialize;
use web::forms::{Field, Form};
use web::{Html, PageResult, Problem, Protected, Shell, Visit, flash, page as answer};

use super::account_tag;
use crate::context::{Desk, problem};
use crate::list::{
    Cursor, Empty, Export, Filters, Head, Here, Pager, Saved, Sort, Tabs, Tag, Taken, given, saved,
};

const PAGE: usize = 30;

fn state_tag(state: &str) -> Tag {
    let label = claim::state_label(state);
    match state {
        "open" => Tag::wait(label),
        "checked" => Tag::info(label),
        "granted" => Tag::ok(label),
        _ => Tag::off(label),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    state: String,
    name: String,
    sort: String,
    before: Option<Cursor>,
}

impl ListQuery {
    fn sort(&self) -> Sort {
        Sort::read(&self.sort, &["filed"], ("filed", true))
    }

    fn asked(&self) -> claim::Asked {
        let mut states = claim::STATES.iter();
        let state = states
            .find(|(code, _)| *code == self.state)
            .map_or("open", |(code, _)| *code);
        claim::Asked {
            state: state.to_owned(),
            name: domain::text::line(&self.name),
            oldest: self.sort().turned(),
        }
    }

    fn here(&self, asked: &claim::Asked) -> Here {
        Here::new("/office/claims")
            .with("state", &asked.state)
            .with("name", &asked.name)
            .with("sort", &self.sort().code())
    }
}

#[derive(Debug, Template)]
#[template(path = "account/claims.html")]
struct ListPage {
    shell: Shell,
    saved: Saved,
    export: Export,
    tabs: Tabs,
    filters: Filters,
    filed: Head,
    rows: Vec<ClaimRow>,
    pager: Pager,
    empty: Empty,
}

/// The list under its filter as a file.
pub(super) async fn export(
    desk: Desk,
    Query(query): Query<ListQuery>,
    taken: Protected<Taken>,
) -> PageResult {
    let copy = app::account::export_claims(&desk.ctx, &query.asked(), taken.format())
        .await
        .map_err(problem)?;
    given(&desk, "账号申诉", taken.format(), copy)
}

/// The list.
pub(super) async fn list(desk: Desk, Query(query): Query<ListQuery>) -> PageResult {
    let asked = query.asked();
    let here = query.here(&asked);
    let mut tabs = Tabs::new("申诉状态");
    for (code, text) in claim::STATES {
        tabs = tabs.tab(text, here.but("state", code), code == asked.state, None);
    }
    let from = query.before.as_ref().map(Cursor::first);
    let mut rows = claim::page(&desk.ctx, &asked, from, 31)
        .await
        .map_err(problem)?;
    let next = Pager::cut(&mut rows, PAGE, |row| Cursor::one(row.id));
    let shell = Shell::new(&desk.visit, "账号申诉");
    let empty = if asked.name.is_empty() {
        Empty::new(
            "没有申诉",
            "考生发现证件号码被别人注册时，可以从注册页提出申诉。",
        )
    } else {
        Empty::new("没有这个人的申诉", "姓名要写全，也可以看看其他状态。")
    };
    let page = ListPage {
        saved: Saved::of(&desk, &shell, &saved::CLAIM, &here).await?,
        export: Export::new(&shell, &here),
        shell,
        tabs,
        filters: Filters::new(&here).text("name", "申诉人姓名", &asked.name),
        filed: query.sort().head(&here, "filed", "提交时间"),
        rows,
        pager: Pager::new(&here, query.before.as_ref(), next),
        empty: empty.icon(web::icon::PERSON),
    };
    Ok(Html::new(page).into())
}

#[derive(Debug, Template)]
#[template(path = "account/claim.html")]
struct Page {
    shell: Shell,
    row: ClaimRow,
    mobile: String,
    form: Form,
    /// He checked it himself: somebody else decides.
    checked_it: bool,
    /// What the check says of the disputed account; none without one.
    identity: Option<app::check::Shown>,
}

fn form(visit: &Visit, id: &str) -> Form {
    Form::new(visit, format!("/office/claims/{id}"))
        .bare()
        .field(
            Field::text_area("note", "核实情况", 3)
                .hint("写明怎样核实、看到了什么。不要写证件号码。")
                .required(),
        )
}

async fn shown(desk: &Desk, id: &str, form: Form) -> PageResult<Page> {
    let row = claim::find(&desk.ctx, id).await.map_err(problem)?;
    let mobile = claim::masked_mobile(&desk.ctx, &row).map_err(problem)?;
    let shell = Shell::new(&desk.visit, "账号申诉")
        .below("/office/claims")
        .with_errors(form.has_errors());
    let identity = app::check::of_claim(&desk.ctx, &row)
        .await
        .map_err(problem)?;
    let checked_it = row.checked_by.is_some_and(|staff| desk.is(staff));
    Ok(Page {
        shell,
        row,
        mobile,
        form,
        checked_it,
        identity,
    })
}

/// One claim.
pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    let form = form(&desk.visit, &id).refill(&desk.visit);
    Ok(Html::new(shown(&desk, &id, form).await?).into())
}

/// The picture that came with it.
pub(super) async fn evidence(desk: Desk, Path(id): Path<String>) -> PageResult {
    let file = claim::evidence(&desk.ctx, &id).await.map_err(problem)?;
    let kind = app::announcement::known_type(&file.media_type);
    let mut response = answer::inline(kind, "证明材料", file.bytes);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// What is done, and what was seen.
#[derive(Debug, Deserialize)]
pub(super) struct Step {
    note: String,
    step: String,
}

/// Checks, grants or refuses.
pub(super) async fn step(desk: Desk, Path(id): Path<String>, sent: Protected<Step>) -> PageResult {
    let outcome = match sent.step.as_str() {
        "check" => claim::check(&desk.ctx, &id, &sent.note).await,
        "dismiss" => claim::dismiss(&desk.ctx, &id, &sent.note).await,
        "grant" => claim::decide(&desk.ctx, &id, true, &sent.note).await,
        "refuse" => claim::decide(&desk.ctx, &id, false, &sent.note).await,
        _ => return Err(Problem::BadRequest("请从页面上的按钮办理。").into()),
    };
    match outcome {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/claims/{id}"),
            flash::done(match sent.step.as_str() {
                "check" => "账号申诉已核实，等待另一人决定",
                "dismiss" => "账号申诉已驳回",
                "grant" => "账号申诉已同意",
                _ => "账号申诉未同意",
            }),
        )),
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk.visit, &id)
                .values(sent.submission())
                .errors(&errors);
            Ok(Html::invalid(shown(&desk, &id, form).await?).into())
        }
        Err(other) => Err(problem(other)),
    }
}
