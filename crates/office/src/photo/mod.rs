//! 照片审核: a handful of photos at a time, held by one reviewer, decided together; the last decisions can be taken back.

use app::App;
use app::photo::{Card, DecidedFilter, DecidedRow, Decision};
use askama::Template;
use axum::extract::{Path, Query};
use domain::review::reason::{self, ReasonKind};
use domain::staff::Permission;
use http::{HeaderValue, header};
use serde::Deserialize;
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Routes, Shell, Who, flash, page as answer};

use crate::context::{Desk, problem};
use crate::list::{
    Cursor, Empty, Export, Filters, Head, Here, Pager, Saved, Sort, Tabs, Tag, Taken, given, saved,
    turned,
};

pub(crate) fn routes() -> Routes<App> {
    const WHO: Who = Who::Staff(Permission::PhotoReview);
    Routes::new("photo")
        .get("/office/photos", WHO, page)
        .post("/office/photos", WHO, decide)
        .post("/office/photos/claim", WHO, claim)
        .post("/office/photos/release", WHO, release)
        .get("/office/photos/decided", WHO, decided)
        .post("/office/photos/decided/export", WHO.export(), export)
        .get("/office/photos/{id}/image", WHO, image)
        .post("/office/photos/{id}/reopen", WHO, reopen)
}

/// A photo on the table, with what was chosen for it and what is wrong with that.
#[derive(Debug)]
struct Slot {
    card: Card,
    choice: String,
    code: String,
    reason: String,
    message: Option<String>,
}

#[derive(Debug, Template)]
#[template(path = "photo/page.html")]
struct Page {
    shell: Shell,
    tabs: Tabs,
    slots: Vec<Slot>,
    pending: i64,
    reasons: Vec<(&'static str, &'static str, &'static str)>,
    failed: Vec<(String, String)>,
    empty: Empty,
}

fn tabs(here: &str, pending: i64) -> Tabs {
    Tabs::new("照片审核")
        .tab(
            "待审核",
            "/office/photos".to_owned(),
            here == "pending",
            Some(pending),
        )
        .tab(
            "未通过",
            "/office/photos/decided?state=rejected".to_owned(),
            here == "rejected",
            None,
        )
        .tab(
            "已通过",
            "/office/photos/decided?state=approved".to_owned(),
            here == "approved",
            None,
        )
}

async fn table(desk: &Desk, slots: Vec<Slot>, failed: Vec<(String, String)>) -> PageResult<Page> {
    let pending = app::photo::pending(&desk.ctx).await.map_err(problem)?;
    let mut shell = Shell::new(&desk.visit, "照片审核");
    if !failed.is_empty() {
        shell = shell.with_errors(true);
    }
    Ok(Page {
        shell,
        tabs: tabs("pending", pending),
        slots,
        pending,
        reasons: reason::templates(ReasonKind::PhotoReject)
            .map(|template| (template.code, template.title, template.text))
            .collect(),
        failed,
        empty: if pending == 0 {
            Empty::new("没有待审核的照片", "考生上传照片后会出现在这里。").icon(web::icon::OK)
        } else {
            Empty::new(
                "您手上没有照片",
                "领取一批开始审核。领取后 15 分钟内只有您能看到这些照片。",
            )
            .icon(web::icon::CAMERA)
        },
    })
}

/// What the asking reviewer holds. Takes nothing: that is [`claim`].
async fn page(desk: Desk) -> PageResult {
    let held = app::photo::held(&desk.ctx).await.map_err(problem)?;
    let slots = held
        .into_iter()
        .map(|card| Slot {
            card,
            choice: String::new(),
            code: String::new(),
            reason: String::new(),
            message: None,
        })
        .collect();
    Ok(Html::new(table(&desk, slots, Vec::new()).await?).into())
}

/// Takes the next handful.
async fn claim(desk: Desk, _: Protected<Nothing>) -> PageResult {
    app::photo::claim(&desk.ctx).await.map_err(problem)?;
    Ok(answer::redirect("/office/photos"))
}

/// Puts back what wasn't decided.
async fn release(desk: Desk, _: Protected<Nothing>) -> PageResult {
    app::photo::release(&desk.ctx).await.map_err(problem)?;
    Ok(answer::redirect("/office/photos"))
}

/// The table as sent: one entry a photo in each list. A radio button sends nothing where nothing was chosen, so each photo
/// has a name of its own for it, `choice-0` to `choice-23`, which are fields of their own below.
#[derive(Debug, Deserialize)]
struct Sent {
    id: Vec<String>,
    version: Vec<String>,
    code: Vec<String>,
    reason: Vec<String>,
    more: bool,
    #[serde(rename = "choice-0")]
    _c0: String,
    #[serde(rename = "choice-1")]
    _c1: String,
    #[serde(rename = "choice-2")]
    _c2: String,
    #[serde(rename = "choice-3")]
    _c3: String,
    #[serde(rename = "choice-4")]
    _c4: String,
    #[serde(rename = "choice-5")]
    _c5: String,
    #[serde(rename = "choice-6")]
    _c6: String,
    #[serde(rename = "choice-7")]
    _c7: String,
    #[serde(rename = "choice-8")]
    _c8: String,
    #[serde(rename = "choice-9")]
    _c9: String,
    #[serde(rename = "choice-10")]
    _c10: String,
    #[serde(rename = "choice-11")]
    _c11: String,
    #[serde(rename = "choice-12")]
    _c12: String,
    #[serde(rename = "choice-13")]
    _c13: String,
    #[serde(rename = "choice-14")]
    _c14: String,
    #[serde(rename = "choice-15")]
    _c15: String,
    #[serde(rename = "choice-16")]
    _c16: String,
    #[serde(rename = "choice-17")]
    _c17: String,
    #[serde(rename = "choice-18")]
    _c18: String,
    #[serde(rename = "choice-19")]
    _c19: String,
    #[serde(rename = "choice-20")]
    _c20: String,
    #[serde(rename = "choice-21")]
    _c21: String,
    #[serde(rename = "choice-22")]
    _c22: String,
    #[serde(rename = "choice-23")]
    _c23: String,
}

/// Which button of a photo was pressed, by its place on the page.
fn choice(sent: &web::Submission, place: usize) -> String {
    sent.get(&format!("choice-{place}"))
        .unwrap_or_default()
        .to_owned()
}

/// Decides all photos for which something was chosen; the others stay on the table.
async fn decide(desk: Desk, sent: Protected<Sent>) -> PageResult {
    let held = app::photo::held(&desk.ctx).await.map_err(problem)?;
    let mut slots = Vec::new();
    let mut failed = Vec::new();
    let mut decided = 0;
    for (place, id) in sent.id.iter().enumerate() {
        let at = |list: &[String]| list.get(place).cloned().unwrap_or_default();
        let chosen = choice(sent.submission(), place);
        let (code, typed) = (at(&sent.code), at(&sent.reason));
        let name = held
            .iter()
            .find(|card| card.public_id == *id)
            .map(|card| card.name.clone());
        let decision = match chosen.as_str() {
            "approve" => Decision::Approve,
            "reject" => Decision::Reject {
                code: code.clone(),
                reason: explain(&code, &typed),
            },
            _ => continue,
        };
        let version = at(&sent.version).parse().unwrap_or(0);
        match app::photo::decide(&desk.ctx, id, version, &decision).await {
            Ok(()) => decided += 1,
            Err(app::Error::Fields(errors)) => {
                let message = errors
                    .iter()
                    .next()
                    .map(|(_, text)| text.to_owned())
                    .unwrap_or_default();
                failed.push((
                    format!("p-{id}"),
                    format!("{}：{message}", name.unwrap_or_default()),
                ));
                if let Some(card) = held.iter().find(|card| card.public_id == *id) {
                    let card = card.clone();
                    slots.push(Slot {
                        card,
                        choice: chosen,
                        code,
                        reason: typed,
                        message: Some(message),
                    });
                }
            }
            Err(app::Error::Conflict(text)) => {
                failed.push((
                    String::new(),
                    format!("{}：{text}", name.unwrap_or_default()),
                ));
            }
            Err(other) => return Err(problem(other)),
        }
    }
    if failed.is_empty() {
        if sent.more
            && app::photo::held(&desk.ctx)
                .await
                .map_err(problem)?
                .is_empty()
        {
            app::photo::claim(&desk.ctx).await.map_err(problem)?;
        }
        return Ok(answer::redirect_with(
            &desk.visit,
            "/office/photos",
            flash::done(format!("已审 {decided} 张照片")),
        ));
    }
    for card in app::photo::held(&desk.ctx).await.map_err(problem)? {
        if !slots
            .iter()
            .any(|slot| slot.card.public_id == card.public_id)
        {
            slots.push(Slot {
                card,
                choice: String::new(),
                code: String::new(),
                reason: String::new(),
                message: None,
            });
        }
    }
    Ok(Html::invalid(table(&desk, slots, failed).await?).into())
}

/// The typed explanation, or the template's own words.
fn explain(code: &str, typed: &str) -> String {
    let typed = domain::text::line(typed);
    if typed.is_empty() {
        reason::template(code)
            .filter(|template| template.kind == ReasonKind::PhotoReject)
            .map(|template| template.text.to_owned())
            .unwrap_or_default()
    } else {
        typed
    }
}

/// A photo, never kept by a cache on the way.
async fn image(desk: Desk, Path(id): Path<String>) -> PageResult {
    let file = app::photo::view(&desk.ctx, &id).await.map_err(problem)?;
    let mut response = answer::inline("image/jpeg", "photo.jpg", file.bytes);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

#[derive(Debug, Default, Deserialize)]
struct DecidedQuery {
    #[serde(default)]
    state: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    sort: String,
    before: Option<Cursor>,
}

impl DecidedQuery {
    fn state(&self) -> &'static str {
        if self.state == "approved" {
            "approved"
        } else {
            "rejected"
        }
    }

    /// By when they were uploaded, the newest first unless turned round.
    fn sort(&self) -> Sort {
        Sort::read(&self.sort, &["uploaded"], ("uploaded", true))
    }

    /// The reason as it stands in the address, if there is such a one and the tab has reasons.
    fn reason(&self) -> &str {
        let known = |code: &str| {
            reason::templates(ReasonKind::PhotoReject).any(|template| template.code == code)
        };
        let asked = self.state() == "rejected" && known(turned(&self.reason).0);
        if asked { &self.reason } else { "" }
    }

    fn filter(&self) -> DecidedFilter {
        let (code, other) = turned(self.reason());
        DecidedFilter {
            state: self.state().to_owned(),
            reason: code.to_owned(),
            other,
            oldest: self.sort().turned(),
        }
    }

    fn here(&self) -> Here {
        Here::new("/office/photos/decided")
            .with("state", self.state())
            .with("reason", self.reason())
            .with("sort", &self.sort().code())
    }
}

#[derive(Debug, Template)]
#[template(path = "photo/decided.html")]
struct DecidedPage {
    shell: Shell,
    saved: Saved,
    uploaded: Head,
    export: Export,
    filters: Option<Filters>,
    tabs: Tabs,
    rows: Vec<DecidedRow>,
    pager: Pager,
    empty: Empty,
    state: &'static str,
}

const PAGE: usize = 30;

/// The last decisions, to be looked at and taken back.
async fn decided(desk: Desk, Query(query): Query<DecidedQuery>) -> PageResult {
    let (state, here, filter) = (query.state(), query.here(), query.filter());
    let before = query
        .before
        .as_ref()
        .map(|cursor| (cursor.first(), cursor.second()));
    let mut rows = app::photo::recent(&desk.ctx, &filter, before, 31)
        .await
        .map_err(problem)?;
    let next = Pager::cut(&mut rows, PAGE, |row| Cursor::two(row.uploaded_at, row.id));
    let pending = app::photo::pending(&desk.ctx).await.map_err(problem)?;
    let shell = Shell::new(&desk.visit, "照片审核");
    let reasons = reason::templates(ReasonKind::PhotoReject)
        .map(|template| (template.code.to_owned(), template.title.to_owned()));
    let page = DecidedPage {
        saved: Saved::of(&desk, &shell, &saved::PHOTO, &here).await?,
        uploaded: query.sort().head(&here, "uploaded", "上传时间"),
        export: Export::new(&shell, &here),
        filters: (state == "rejected")
            .then(|| Filters::new(&here).choice("reason", "原因", query.reason(), reasons)),
        shell,
        tabs: tabs(state, pending),
        rows,
        pager: Pager::new(&here, query.before.as_ref(), next),
        empty: Empty::new("还没有这样的照片", "审核过的照片会出现在这里。")
            .way_on("去审核", "/office/photos"),
        state,
    };
    Ok(Html::new(page).into())
}

/// The list under its filter as a file.
async fn export(
    desk: Desk,
    Query(query): Query<DecidedQuery>,
    taken: Protected<Taken>,
) -> PageResult {
    let copy = app::photo::export(&desk.ctx, &query.filter(), taken.format())
        .await
        .map_err(problem)?;
    given(&desk, "照片审核", taken.format(), copy)
}

fn state_tag(state: &str) -> Tag {
    if state == "approved" {
        Tag::ok("已通过")
    } else {
        Tag::bad("未通过")
    }
}

/// A decision that is taken back.
#[derive(Debug, Deserialize)]
struct Reopen {
    version: String,
    state: String,
}

/// Takes a decision back: the photo waits again.
async fn reopen(desk: Desk, Path(id): Path<String>, sent: Protected<Reopen>) -> PageResult {
    let version = sent.version.parse().unwrap_or(0);
    app::photo::reopen(&desk.ctx, &id, version)
        .await
        .map_err(problem)?;
    let state = if sent.state == "approved" {
        "approved"
    } else {
        "rejected"
    };
    let path = format!("/office/photos/decided?state={state}");
    let said = flash::done("结论已撤回，照片重新待审");
    Ok(answer::redirect_with(&desk.visit, &path, said))
}
