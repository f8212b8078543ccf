//! 个人信息修改 (manual 1.2.2.1): five parts, each a form of its own with the list of all parts above it.
//!
//! What is typed is kept as a draft while it is typed, and offered again when the page is opened next time.

mod basic;
mod correction;
mod education;
mod family;
mod resume;
mod rows;
mod work;

use app::App;
use app::check::Shown;
use app::draft::Fields;
use axum::response::Response;
use domain::check::{CheckKind, Verdict};
use domain::profile::{Part, Profile};
use domain::time::Timestamp;
use serde::Serialize;
use web::forms::{Choice, Field, Form};
use web::icon::{self, Icon};
use web::layout::Item;
use web::page::redirect_with;
use web::routes::MIB;
use web::{PageResult, Routes, Shell, Who, flash};

use crate::context::{Me, problem};
use crate::way_back;

/// The routes of this feature.
pub(crate) fn routes() -> Routes<App> {
    Routes::new("profile")
        .get("/profile", Who::Candidate, basic::page)
        .post("/profile", Who::Candidate, basic::save)
        .get("/profile/education", Who::Candidate, education::list)
        .get(
            "/profile/education/new",
            Who::Candidate,
            education::add_page,
        )
        .post("/profile/education/new", Who::Candidate, education::add)
        .get(
            "/profile/education/{id}",
            Who::Candidate,
            education::edit_page,
        )
        .post("/profile/education/{id}", Who::Candidate, education::edit)
        .post(
            "/profile/education/{id}/remove",
            Who::Candidate,
            education::remove,
        )
        .get("/profile/work", Who::Candidate, work::page)
        .post("/profile/work", Who::Candidate, work::save)
        .get("/profile/resume", Who::Candidate, resume::page)
        .post("/profile/resume", Who::Candidate, resume::save)
        .get("/profile/family", Who::Candidate, family::page)
        .post("/profile/family", Who::Candidate, family::save)
        .get("/profile/correction", Who::Candidate, correction::page)
        .post(
            "/profile/correction",
            Who::Candidate.body(4 * MIB),
            correction::save,
        )
}

/// The address of a part.
pub(crate) fn href(part: Part) -> &'static str {
    match part {
        Part::Basic => "/profile",
        Part::Education => "/profile/education",
        Part::Work => "/profile/work",
        Part::Resume => "/profile/resume",
        Part::Family => "/profile/family",
    }
}

/// What every page of the profile shows around its form.
#[derive(Debug)]
struct Around {
    part: Part,
    parts: Vec<(Part, bool)>,
    /// The application that sent the candidate here; empty if none did.
    back: String,
    /// When the draft that the form shows was kept.
    draft: Option<String>,
}

impl Around {
    fn new(me: &Me, part: Part, profile: &Profile, draft: Option<Timestamp>) -> Self {
        Self {
            part,
            back: way_back::of(&me.visit).to_owned(),
            parts: Part::ALL
                .iter()
                .map(|part| (*part, profile.has(*part)))
                .collect(),
            draft: draft.map(Timestamp::to_chinese_minute),
        }
    }

    // Read by templates

    fn number(&self) -> usize {
        Part::ALL
            .iter()
            .position(|part| *part == self.part)
            .map_or(0, |place| place + 1)
    }

    fn count(&self) -> usize {
        Part::ALL.len()
    }

    fn complete(&self) -> bool {
        self.parts.iter().all(|(_, done)| *done)
    }

    /// Each part: label, address, whether it is filled in, whether it is this page's.
    fn parts(&self) -> impl Iterator<Item = (&'static str, String, bool, bool)> + '_ {
        self.parts.iter().map(|(part, done)| {
            let href = self.at(href(*part));
            (part.label(), href, *done, *part == self.part)
        })
    }

    /// An address of the profile with the way back kept.
    fn at(&self, path: &str) -> String {
        way_back::with(path, &self.back)
    }

    /// The address of a row of 学历学位, or of something done with it.
    fn row(&self, id: &u32, rest: &str) -> String {
        self.at(&format!("/profile/education/{id}{rest}"))
    }

    /// Where 返回 leads.
    fn leave(&self) -> &str {
        if self.back.is_empty() {
            "/home"
        } else {
            &self.back
        }
    }

    fn drop_draft(&self) -> String {
        format!(
            "{}/drop",
            crate::draft::address(&app::profile::draft_name(self.part))
        )
    }
}

/// How the box of a check looks.
fn check_class(one: &Shown) -> &'static str {
    match one.verdict() {
        Some(Verdict::Match) => "bk-notice--ok",
        Some(Verdict::Mismatch) => "bk-notice--bad",
        Some(Verdict::Unknown) | None => "bk-notice--wait",
    }
}

/// Its sign.
fn check_icon(one: &Shown) -> Icon {
    match one.verdict() {
        Some(Verdict::Match) => icon::OK,
        Some(Verdict::Mismatch) => icon::WARN,
        Some(Verdict::Unknown) | None => icon::CLOCK,
    }
}

/// What its owner can do.
fn check_text(one: &Shown) -> &'static str {
    match (one.verdict(), one.kind) {
        (Some(Verdict::Match), _) => "",
        (Some(Verdict::Mismatch), CheckKind::Identity) => {
            "。请对照证件核对姓名和号码，填错了的点“申请更正”；没有填错的，持证件原件到考试机构认定。"
        }
        (Some(Verdict::Mismatch), CheckKind::Education) => {
            "。请对照毕业证书核对最高学历，填错了的改正后会重新核验；没有填错的，持毕业证书原件到考试机构认定。"
        }
        (Some(Verdict::Unknown), _) => {
            "。资格审查时由人工核对；考试要求核验通过才能报名的，请持原件到考试机构认定。"
        }
        (None, _) => "。结果一般要几天，有结果后在这里显示。",
    }
}

/// What is known of one check, for the page that it is about.
async fn checks(me: &Me, kind: CheckKind) -> PageResult<Vec<Shown>> {
    let mut checks = app::check::own(&me.ctx).await.map_err(problem)?;
    checks.retain(|one| one.kind == kind);
    Ok(checks)
}

/// The frame of a page of the profile.
async fn shell(me: &Me, errors: bool) -> Shell {
    me.shell("个人信息修改")
        .await
        .at(Item::Profile)
        .with_errors(errors)
}

/// Where a saved part leads: to the next that is still empty, or back to itself.
async fn saved(me: &Me, part: Part) -> PageResult<Response> {
    let stored = app::profile::find(&me.ctx.app, me.account_id())
        .await
        .map_err(problem)?;
    let next = stored
        .profile
        .missing(Part::ALL)
        .first()
        .copied()
        .unwrap_or(part);
    let target = way_back::keep(&me.visit, href(next));
    Ok(redirect_with(&me.visit, &target, flash::SAVED))
}

/// Fills a form with what a struct of texts holds, name by name.
fn filled<T: Serialize>(mut form: Form, typed: &T) -> Form {
    if let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(typed) {
        for (name, value) in fields {
            if let serde_json::Value::String(text) = value {
                form = form.value(&name, text);
            }
        }
    }
    form
}

/// What was kept of a part that isn't saved yet, unless the page is shown again for a reason of its own.
async fn draft(me: &Me, part: Part) -> PageResult<Option<(Fields, Timestamp)>> {
    if me.visit.refill().is_some() {
        return Ok(None);
    }
    app::draft::find(&me.ctx, &app::profile::draft_name(part))
        .await
        .map_err(problem)
}

/// A list of codes with their labels.
fn choices<T: Copy>(
    all: impl Iterator<Item = T>,
    code: impl Fn(T) -> &'static str,
    label: impl Fn(T) -> &'static str,
) -> Vec<Choice> {
    all.map(|one| Choice::new(code(one), label(one))).collect()
}

/// A place: the province from a list, the rest as text.
fn place(name: &str, label: &str, hint: &str, required: bool) -> [Field; 2] {
    use domain::profile::Province;
    let province = Field::select(
        format!("{name}_province"),
        format!("{label}：省份"),
        choices(Province::all(), Province::code, Province::label),
    );
    let rest = Field::text(format!("{name}_place"), format!("{label}：市和县（区）"))
        .hint(hint)
        .attribute("maxlength", "60");
    if required {
        [province.required(), rest.required()]
    } else {
        [province.optional(), rest.optional()]
    }
}
