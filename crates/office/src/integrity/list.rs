//! The list: what bars today first, by kind and name.

use app::application::integrity::{self, Filter, IntegrityRow};
use askama::Template;
use axum::extract::Query;
use domain::integrity::IntegrityKind;
use serde::Deserialize;
use web::{Html, PageResult, Protected, Shell};

use crate::context::{Desk, problem};
use crate::list::{
    Cursor, Empty, Export, Filters, Head, Here, Pager, Saved, Sort, Tabs, Taken, given, saved,
    turned, typed,
};

const PAGE: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    state: String,
    kind: String,
    name: String,
    sort: String,
    before: Option<Cursor>,
}

const STATES: [(&str, &str); 4] = [
    ("active", "生效中"),
    ("over", "已到期"),
    ("lifted", "已解除"),
    ("all", "全部"),
];

impl Asked {
    fn state(&self) -> &'static str {
        let mut states = STATES.iter();
        let state = states.find(|(code, _)| *code == self.state);
        state.map_or("active", |(code, _)| *code)
    }

    /// A kind's code, and whether all but that is meant.
    fn kind(&self) -> (&'static str, bool) {
        let (code, other) = turned(&self.kind);
        let kind = IntegrityKind::from_code(code);
        kind.map_or(("", false), |kind| (kind.code(), other))
    }

    fn typed_kind(&self) -> String {
        let (code, other) = self.kind();
        typed(code, other)
    }

    /// The column that the list of a state is ordered by, the last first unless turned round.
    fn sort(&self) -> Sort {
        let column = match self.state() {
            "active" | "over" => "ends",
            "lifted" => "lifted",
            _ => "entered",
        };
        Sort::read(&self.sort, &[column], (column, true))
    }

    fn filter(&self) -> Filter {
        let (kind, other) = self.kind();
        let state = self.state();
        Filter {
            state: if state == "all" { "" } else { state }.to_owned(),
            kind: kind.to_owned(),
            other,
            name: domain::text::line(&self.name),
            turned: self.sort().turned(),
        }
    }

    fn here(&self) -> Here {
        Here::new("/office/integrity")
            .with("state", self.state())
            .with("kind", &self.typed_kind())
            .with("name", &domain::text::line(&self.name))
            .with("sort", &self.sort().code())
    }
}

#[derive(Debug, Template)]
#[template(path = "integrity/list.html")]
struct Page {
    shell: Shell,
    saved: Saved,
    export: Export,
    tabs: Tabs,
    filters: Filters,
    /// 期限, and 登记 or 状态 where the list is ordered by that.
    ends: Option<Head>,
    entered: Option<Head>,
    lifted: Option<Head>,
    rows: Vec<IntegrityRow>,
    pager: Pager,
    empty: Empty,
    today: String,
}

/// The list under its filter as a file.
pub(super) async fn export(
    desk: Desk,
    Query(asked): Query<Asked>,
    taken: Protected<Taken>,
) -> PageResult {
    let copy = integrity::export(&desk.ctx, &asked.filter(), taken.format())
        .await
        .map_err(problem)?;
    given(&desk, "诚信档案", taken.format(), copy)
}

/// The page.
pub(super) async fn page(desk: Desk, Query(asked): Query<Asked>) -> PageResult {
    let (state, filter, here) = (asked.state(), asked.filter(), asked.here());
    let total = integrity::count(&desk.ctx, &filter)
        .await
        .map_err(problem)?;
    let before = asked.before.as_ref();
    let before = before.map(|at| (at.first(), at.second()));
    let mut rows = integrity::list(&desk.ctx, &filter, before, 51)
        .await
        .map_err(problem)?;
    let next = Pager::cut(&mut rows, PAGE, |row| {
        let (key, id) = row.place(&filter);
        Cursor::two(key, id)
    });
    let mut tabs = Tabs::new("记录状态");
    for (code, text) in STATES {
        let href = here.clone().with("sort", "").but("state", code);
        tabs = tabs.tab(text, href, code == state, None);
    }
    let kinds = IntegrityKind::ALL
        .iter()
        .map(|kind| (kind.code().to_owned(), kind.label().to_owned()));
    let narrowed = !filter.kind.is_empty() || !filter.name.is_empty();
    let empty = if narrowed {
        Empty::new(
            "没有符合条件的记录",
            "姓名要写全。也可以换一个种类，或者看全部状态。",
        )
    } else {
        Empty::new(
            "没有这样的记录",
            "考试机构或主管部门作出处理决定后，在这里登记。",
        )
    };
    let shell = Shell::new(&desk.visit, "诚信档案");
    let sort = asked.sort();
    let head = |column, label| (sort.column() == column).then(|| sort.head(&here, column, label));
    let page = Page {
        saved: Saved::of(&desk, &shell, &saved::INTEGRITY, &here).await?,
        export: Export::new(&shell, &here),
        ends: head("ends", "期限"),
        entered: head("entered", "登记"),
        lifted: head("lifted", "状态"),
        shell,
        tabs,
        filters: Filters::new(&here)
            .text("name", "姓名", &filter.name)
            .choice("kind", "种类", &asked.typed_kind(), kinds)
            .count(total, "条"),
        rows,
        pager: Pager::new(&here, asked.before.as_ref(), next),
        empty: empty.icon(web::icon::NO),
        today: desk.ctx.at.date().to_string(),
    };
    Ok(Html::new(page).into())
}
