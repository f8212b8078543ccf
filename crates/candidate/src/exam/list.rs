//! The list of positions: filter, verdicts, table, pages; all in the address.
//!
//! ```ignore
//! let list = PositionList::load(&ctx, &exam, &query, Choose::apply(&exam, "/apply/x/positions")).await?;
//! ```
//! A template shows it whole with `{{ list }}`.

use std::sync::Arc;

use app::Ctx;
use app::exam::Exam;
use app::exam::positions::{self, Filter, Page, Shown};
use askama::Template;
use askama::filters::HtmlSafe;
use domain::eligibility::{EducationLevel, Verdict};
use domain::exam::PublicCounts;
use serde::Deserialize;

use super::links::Links;
use crate::way_back;

/// 我能报的岗位, as the address carries it.
const POSSIBLE: &str = "possible";

/// The filter as the address carries it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct PositionQuery {
    /// Words in name, code or employer.
    pub(crate) q: String,
    /// An [`EducationLevel`]'s code.
    pub(crate) education: String,
    /// 主管部门 or 招聘单位.
    pub(crate) unit: String,
    /// A major.
    pub(crate) major: String,
    /// At least so many posts.
    pub(crate) n: String,
    /// A [`Verdict`]'s code, or [`POSSIBLE`].
    pub(crate) verdict: String,
    /// The page.
    pub(crate) page: String,
}

impl PositionQuery {
    fn filter(&self) -> Filter {
        let short = |text: &str| text.chars().take(60).collect::<String>();
        Filter {
            words: short(&self.q),
            unit: short(&self.unit),
            education: EducationLevel::from_code(&self.education),
            major: short(&self.major),
            headcount: domain::sheet::squeezed(&self.n).parse().unwrap_or(0),
            verdict: Verdict::from_code(&self.verdict),
            possible: self.verdict == POSSIBLE,
            page: self.page.parse().unwrap_or(1),
            ..Filter::default()
        }
    }

    fn address(&self, path: &str, changed: (&str, &str)) -> String {
        let pairs = [
            ("q", self.q.as_str()),
            ("education", &self.education),
            ("unit", &self.unit),
            ("major", &self.major),
            ("n", &self.n),
            ("verdict", &self.verdict),
            ("page", &self.page),
        ];
        let mut text = path.to_owned();
        let mut joint = '?';
        for (name, value) in pairs {
            // Another filter begins at the first page again.
            let value = match changed {
                (key, value) if key == name => value,
                (key, _) if name == "page" && key != "page" => "",
                _ => value,
            };
            if !value.is_empty() {
                text.push(joint);
                text.push_str(name);
                text.push('=');
                encode(&mut text, value);
                joint = '&';
            }
        }
        text
    }
}

pub(super) fn encode(text: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
}

/// Where the list stands and what its rows lead to.
#[derive(Debug, Clone)]
pub(crate) struct Choose {
    /// The list's own address.
    path: String,
    /// The address that a chosen position's public id is hung on; `None` where nothing can be chosen.
    form: Option<String>,
    /// Where the exam's pages are.
    links: Links,
}

impl Choose {
    /// The list to look at: rows lead to the position's page.
    pub(crate) fn look(links: Links) -> Self {
        Self {
            path: links.positions(),
            form: None,
            links,
        }
    }

    /// The choice in 网上报名, shown at `path`: 报名 leads on to `/apply/{exam}/form?position={position}`.
    pub(crate) fn apply(exam: &Exam, path: impl Into<String>) -> Self {
        let form = format!("/apply/{}/form?position=", exam.public_id());
        Self {
            path: path.into(),
            form: Some(form),
            links: Links::public(exam),
        }
    }
}

/// One row.
#[derive(Debug)]
struct Row {
    name: String,
    code: String,
    employer: String,
    headcount: u32,
    applied: String,
    conditions: String,
    mark: Option<Mark>,
    detail: String,
    form: Option<String>,
    note: &'static str,
}

/// How the candidate compares.
#[derive(Debug)]
pub(crate) struct Mark {
    pub(crate) tone: &'static str,
    pub(crate) icon: web::icon::Icon,
    pub(crate) title: String,
    pub(crate) reason: String,
}

fn look(verdict: Verdict) -> (&'static str, web::icon::Icon) {
    match verdict {
        Verdict::Pass => ("ok", web::icon::OK),
        Verdict::Manual => ("wait", web::icon::CLOCK),
        Verdict::Fail => ("bad", web::icon::NO),
    }
}

impl Mark {
    /// A report's verdict with icon, word and reason.
    pub(crate) fn of(report: &domain::eligibility::Report) -> Self {
        let (tone, icon) = look(report.verdict);
        Self {
            tone,
            icon,
            title: report.title.clone(),
            reason: report.reason.clone(),
        }
    }

    /// The answer to one rule.
    pub(crate) fn answer(answer: &domain::eligibility::Answer) -> Self {
        let (tone, icon) = look(answer.verdict());
        let (title, reason) = (
            answer.verdict().label().to_owned(),
            answer.reason().to_owned(),
        );
        Self {
            tone,
            icon,
            title,
            reason,
        }
    }
}

#[derive(Debug)]
struct Chip {
    text: &'static str,
    icon: Option<web::icon::Icon>,
    count: usize,
    href: String,
    on: bool,
}

/// The list, ready to be shown.
#[derive(Debug, Template)]
#[template(path = "exam/list.html")]
pub(crate) struct PositionList {
    path: String,
    query: PositionQuery,
    units: Vec<String>,
    chips: Vec<Chip>,
    compared: bool,
    more: bool,
    /// What an empty list says: heading, text, and the button's address and words.
    none: Nothing,
    rows: Vec<Row>,
    page: Page,
    pages: Vec<(usize, String)>,
    next: Option<String>,
    figures_at: String,
    counted: bool,
    /// Whether the exam tells how many applied.
    tells: bool,
    preview: bool,
}

impl HtmlSafe for PositionList {}

impl PositionList {
    /// Searches under `query`; a logged-in candidate is compared with each position.
    pub(crate) async fn load(
        ctx: &Ctx,
        exam: &Arc<Exam>,
        query: &PositionQuery,
        choose: Choose,
    ) -> app::Result<Self> {
        let (app, filter) = (&ctx.app, query.filter());
        let table = positions::table(app, exam).await?;
        let (page, compared) = match ctx.candidate() {
            Ok(account) => {
                let facts = app::application::facts(app, exam, account, ctx.at).await?;
                (
                    positions::positions_with_verdicts(app, exam, &facts, &filter).await?,
                    true,
                )
            }
            Err(_) => (positions::search(app, exam, &filter).await?, false),
        };
        Ok(Self::new(
            query,
            table.departments().to_vec(),
            page,
            (compared, exam.settings.counts),
            &choose,
        ))
    }

    fn new(
        query: &PositionQuery,
        units: Vec<String>,
        page: Page,
        (compared, public): (bool, PublicCounts),
        choose: &Choose,
    ) -> Self {
        let path = choose.path.as_str();
        let pages = page
            .numbers()
            .into_iter()
            .map(|number| (number, query.address(path, ("page", &number.to_string()))))
            .collect();
        let next = (page.page < page.pages)
            .then(|| query.address(path, ("page", &(page.page + 1).to_string())));
        let chip = |text, icon, count, code: &str| Chip {
            text,
            icon,
            count,
            href: query.address(path, ("verdict", code)),
            on: query.verdict == code,
        };
        let counts = page.verdicts;
        let chips = vec![
            chip("全部", None, counts.all, ""),
            chip("我能报的岗位", None, counts.pass + counts.manual, POSSIBLE),
            chip(
                "符合",
                Some(web::icon::OK),
                counts.pass,
                Verdict::Pass.code(),
            ),
            chip(
                "需人工审核",
                Some(web::icon::CLOCK),
                counts.manual,
                Verdict::Manual.code(),
            ),
            chip(
                "不符合",
                Some(web::icon::NO),
                counts.fail,
                Verdict::Fail.code(),
            ),
        ];
        Self {
            path: path.to_owned(),
            units,
            none: none(query, (path, choose.links.is_preview()), counts.manual),
            chips: if compared { chips } else { Vec::new() },
            compared,
            more: !query.major.is_empty() || !query.n.is_empty(),
            rows: page
                .shown
                .iter()
                .map(|shown| row(shown, choose, public))
                .collect(),
            figures_at: page.figures_at.to_clock(),
            counted: public.is_shown() && page.shown.iter().any(|shown| shown.figures.applied > 0),
            tells: public.is_shown(),
            preview: choose.links.is_preview(),
            page,
            pages,
            next,
            query: query.clone(),
        }
    }

    fn educations(&self) -> &'static [EducationLevel] {
        EducationLevel::ALL
    }
}

/// What an empty list says.
type Nothing = (&'static str, &'static str, String, &'static str);

fn none(query: &PositionQuery, (path, preview): (&str, bool), manual: usize) -> Nothing {
    if query.verdict == Verdict::Pass.code() && manual > 0 {
        return (
            "没有条件全部符合的岗位",
            "“需人工审核”的岗位也可以报名，由招聘单位核对条件。",
            query.address(path, ("verdict", Verdict::Manual.code())),
            "看需人工审核的岗位",
        );
    }
    // Nobody is compared in a preview, and nothing leads out of it.
    if query.verdict == POSSIBLE && !preview {
        return (
            "没有找到您能报的岗位",
            "个人信息填得不全或有误会影响比对，请先核对；也可以放宽查询条件。",
            if path.starts_with("/apply/") {
                way_back::with("/profile", path)
            } else {
                "/profile".to_owned()
            },
            "个人信息修改",
        );
    }
    (
        "没有找到岗位",
        "换一个词，或者放宽学历、专业和人数再查。",
        path.to_owned(),
        "查看全部岗位",
    )
}

fn row(shown: &Shown, choose: &Choose, counts: PublicCounts) -> Row {
    let (item, position) = (&shown.item, &shown.item.position);
    let fails = shown
        .report
        .as_ref()
        .is_some_and(|report| report.verdict == Verdict::Fail);
    let closed = shown.figures.cancelled || shown.figures.is_full();
    Row {
        name: position.name.clone(),
        code: position.code.clone(),
        employer: position.employer.clone(),
        headcount: position.headcount,
        applied: match (
            counts.says(shown.figures.applied),
            counts.says(shown.figures.approved),
        ) {
            (Some(applied), Some(approved)) => format!("{applied} / {approved}"),
            _ => String::new(),
        },
        conditions: item.conditions(),
        mark: shown.report.as_ref().map(Mark::of),
        detail: choose.links.position(&item.public_id),
        form: choose
            .form
            .as_ref()
            .filter(|_| !fails && !closed)
            .map(|form| format!("{form}{}", item.public_id)),
        note: match (shown.figures.cancelled, shown.figures.is_full()) {
            (true, _) => "岗位已取消",
            (_, true) => "已经报满",
            _ => "",
        },
    }
}
