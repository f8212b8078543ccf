//! The exams that wait for the asker, and one exam's queue.

use std::sync::Arc;

use app::App;
use app::exam::{self, Exam};
use app::review::{self, ExamQueue, Filter, QueueRow};
use askama::Template;
use axum::extract::{Path, Query, State};
use domain::eligibility::Verdict;
use domain::exam::snapshot::Choice;
use domain::review::Review;
use domain::staff::Permission;
use domain::time::Timestamp;
use serde::Deserialize;
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell, icon, redirect};

use super::reviewers;
use crate::context::{Desk, problem};
use crate::list::{
    Cursor, Empty, Export, Filters, Head, Here, Pager, Saved, Sort, Tabs, Tag, Taken, given, saved,
    turned,
};

#[derive(Debug, Template)]
#[template(path = "review/exams.html")]
struct ExamsPage {
    shell: Shell,
    queues: Vec<ExamQueue>,
    empty: Empty,
    /// The asker reviews on the second level only.
    second: bool,
}

impl ExamsPage {
    /// The queue that has work: a second reviewer with nothing but appeals begins with those.
    fn href(&self, queue: &ExamQueue) -> String {
        let here = Here::new(format!("/office/reviews/{}", queue.exam.public_id()));
        let appeals = self.second && queue.second == 0 && queue.appeals > 0;
        here.with("state", if appeals { Review::Appealed.code() } else { "" })
            .href()
    }
}

pub(super) async fn exams(desk: Desk) -> PageResult {
    reviewers(&desk)?;
    let mut queues = review::exams(&desk.ctx).await.map_err(problem)?;
    // What has work first; otherwise as it came.
    queues.sort_by_key(|queue| queue.first + queue.second + queue.appeals == 0);
    let empty = Empty::new(
        "没有需要您审查的考试",
        "已发布、设有网上资格审查、并且授权给您的考试会出现在这里。",
    )
    .icon(icon::SHIELD)
    .way_on("返回工作台", "/office");
    let shell = Shell::new(&desk.visit, "资格审查").below("/office/reviews");
    Ok(Html::new(ExamsPage {
        shell,
        queues,
        empty,
        second: !desk.may(Permission::FirstReview),
    })
    .into())
}

/// The filter as the address carries it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Looked {
    pub(super) state: String,
    pub(super) not: String,
    pub(super) verdict: String,
    pub(super) who: String,
    pub(super) unit: String,
    /// `1` for those beyond their time only.
    pub(super) late: String,
    pub(super) sort: String,
    pub(super) before: Option<Cursor>,
}

impl Looked {
    /// The filter; a reviewer of the second level begins with what waits for him.
    pub(super) fn filter(&self, desk: &Desk) -> Filter {
        let usual = if desk.may(Permission::FirstReview) {
            Review::Pending
        } else {
            Review::FirstApproved
        };
        let after = self.before.as_ref();
        let (verdict, other_verdict) = turned(&self.verdict);
        Filter {
            review: Review::from_code(&self.state).unwrap_or(usual),
            other: !self.not.is_empty(),
            verdict: verdict.to_owned(),
            other_verdict,
            latest: self.sort().descends(),
            who: domain::application::number::typed(&self.who),
            unit: self.unit.trim().to_owned(),
            late: (self.late == "1").then(|| desk.ctx.at.micros()),
            after: after.map(|at| (at.first(), at.second())),
        }
        .named(&self.who)
    }

    /// By deadline, the most urgent first unless turned round.
    fn sort(&self) -> Sort {
        Sort::read(&self.sort, &["due"], ("due", false))
    }

    /// The address of a queue with this filter.
    pub(super) fn here(&self, exam: &Exam) -> Here {
        Here::new(format!("/office/reviews/{}", exam.public_id()))
            .with("state", &self.state)
            .with("not", &self.not)
            .with("verdict", &self.verdict)
            .with("who", &self.who)
            .with("unit", &self.unit)
            .with("late", &self.late)
            .with("sort", &self.sort().code())
    }
}

/// What was typed is a number if it has digits, else a name.
trait Named {
    fn named(self, typed: &str) -> Self;
}

impl Named for Filter {
    fn named(mut self, typed: &str) -> Self {
        if self.who.is_empty() {
            typed.trim().clone_into(&mut self.who);
        }
        self
    }
}

impl Line {
    /// Whether it may be chosen for 批量通过: only what the comparison found right in every point.
    fn passes(&self) -> bool {
        Verdict::from_code(&self.row.verdict) == Some(Verdict::Pass)
    }
}

/// A line of the queue.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) row: QueueRow,
    pub(super) choice: String,
    pub(super) verdict: Tag,
    pub(super) state: Tag,
    pub(super) left: String,
    pub(super) late: bool,
    pub(super) holder: String,
}

pub(super) const STATES: [Review; 6] = [
    Review::Pending,
    Review::FirstApproved,
    Review::Appealed,
    Review::Returned,
    Review::Approved,
    Review::Rejected,
];

/// A verdict as a tag.
pub(super) fn verdict_tag(verdict: Verdict) -> Tag {
    match verdict {
        Verdict::Pass => Tag::ok(Verdict::Pass.label()),
        Verdict::Manual => Tag::wait(Verdict::Manual.label()),
        Verdict::Fail => Tag::bad(Verdict::Fail.label()),
    }
}

/// A verdict's code in words, for templates.
pub(crate) fn verdict_word(code: &str) -> &'static str {
    Verdict::from_code(code).map_or("需人工审核", Verdict::label)
}

/// A state of the review as a tag.
pub(super) fn state_tag(review: Review) -> Tag {
    match review {
        Review::Approved => Tag::ok(review.label()),
        Review::Rejected | Review::Returned => Tag::bad(review.label()),
        Review::None => Tag::off(review.label()),
        _ => Tag::wait(review.label()),
    }
}

/// `剩 2 小时`, `已超 3 小时`; empty without a deadline.
pub(super) fn clock(due: i64, now: Timestamp) -> (String, bool) {
    if due <= 0 {
        return (String::new(), false);
    }
    let seconds = Timestamp::from_micros(due).seconds_since(now);
    let span = |seconds: i64| match seconds {
        ..3_600 => format!("{} 分钟", (seconds / 60).max(1)),
        3_600..86_400 => format!("{} 小时", seconds / 3600),
        _ if seconds % 86_400 < 3600 => format!("{} 天", seconds / 86_400),
        _ => format!("{} 天 {} 小时", seconds / 86_400, seconds % 86_400 / 3600),
    };
    if seconds <= 0 {
        (format!("已超 {}", span(-seconds)), true)
    } else {
        (format!("剩 {}", span(seconds)), seconds < 3 * 3600)
    }
}

pub(super) fn line(row: QueueRow, now: Timestamp) -> Line {
    let (left, late) = clock(row.review_due, now);
    let choice = serde_json::from_str::<Choice>(&row.choice);
    let holder = if row.held_until > now.micros() {
        row.holder.clone()
    } else {
        String::new()
    };
    Line {
        choice: choice.map(|choice| choice.text()).unwrap_or_default(),
        verdict: verdict_tag(Verdict::from_code(&row.verdict).unwrap_or(Verdict::Manual)),
        state: state_tag(Review::from_code(&row.review).unwrap_or(Review::None)),
        left,
        late,
        holder,
        row,
    }
}

#[derive(Debug, Template)]
#[template(path = "review/list.html")]
struct ListPage {
    shell: Shell,
    exam: Arc<Exam>,
    tabs: Tabs,
    filters: Filters,
    saved: Saved,
    due: Head,
    export: Export,
    lines: Vec<Line>,
    pager: Pager,
    empty: Empty,
    /// What 领取下一条 carries on.
    state: &'static str,
    looked: Looked,
    waits: bool,
    /// Is there anything to choose for 批量通过?
    bulk: bool,
}

pub(super) async fn list(
    desk: Desk,
    State(app): State<App>,
    Path(exam): Path<String>,
    Query(looked): Query<Looked>,
) -> PageResult {
    reviewers(&desk)?;
    let exam = exam::find(&app, &exam).await.map_err(problem)?;
    let filter = looked.filter(&desk);
    let page = review::queue(&desk.ctx, &exam, &filter)
        .await
        .map_err(problem)?;
    let [first, second, appeals] = review::waiting(&desk.ctx, &exam).await.map_err(problem)?;
    let here = looked.here(&exam);
    let mut tabs = Tabs::new("审查状态");
    for state in STATES {
        let count = match state {
            Review::Pending => Some(first),
            Review::FirstApproved if exam.settings.review.levels < 2 => continue,
            Review::FirstApproved => Some(second),
            Review::Appealed => Some(appeals),
            _ => None,
        };
        let text = match state {
            Review::Pending if exam.settings.review.levels >= 2 => "待初审",
            Review::FirstApproved => "待复审",
            Review::Appealed => "申诉",
            other => other.label(),
        };
        tabs = tabs.tab(
            text,
            here.clone().with("not", "").but("state", state.code()),
            state == filter.review && !filter.other,
            count,
        );
    }
    let verdicts = Verdict::ALL
        .iter()
        .map(|v| (v.code().to_owned(), v.label().to_owned()));
    let filters = Filters::new(&here)
        .text("who", "姓名或报名序号", &looked.who)
        .text("unit", "审核单位", &looked.unit)
        .turned("状态", filter.other, filter.review.label())
        .choice("verdict", "系统比对", &looked.verdict, verdicts)
        .select(
            "late",
            "时限",
            &looked.late,
            [("1".to_owned(), "已超时限".to_owned())],
        )
        .count(page.total, "条");
    let next = page.next.map(|(due, id)| Cursor::two(due, id));
    let empty = if filter.review.waits_for_staff() {
        Empty::new("这里没有待审的报名", "考生提交后会按时限排在这里。")
    } else {
        Empty::new("没有符合条件的报名", "换一个状态或清空筛选再看。")
    };
    let pager = Pager::new(&here, looked.before.as_ref(), next);
    let lines: Vec<Line> = page
        .rows
        .into_iter()
        .map(|row| line(row, desk.ctx.at))
        .collect();
    let waits = filter.review.waits_for_staff() && !filter.other;
    let first_or_second = waits && filter.review != Review::Appealed;
    let bulk = first_or_second && lines.iter().any(Line::passes);
    let shell = Shell::new(&desk.visit, "资格审查")
        .below("/office/reviews")
        .exam(exam.title(), "/office/reviews");
    let saved = Saved::of(&desk, &shell, &saved::REVIEW, &here).await?;
    let page = ListPage {
        saved,
        due: looked.sort().head(&here, "due", "时限"),
        export: Export::new(&shell, &here),
        shell,
        tabs,
        filters,
        lines,
        pager,
        empty: empty.icon(icon::SHIELD),
        state: filter.review.code(),
        waits,
        bulk,
        looked,
        exam,
    };
    Ok(Html::new(page).into())
}

/// The queue under its filter as a file.
pub(super) async fn export(
    desk: Desk,
    State(app): State<App>,
    Path(exam): Path<String>,
    Query(looked): Query<Looked>,
    asked: Protected<Taken>,
) -> PageResult {
    reviewers(&desk)?;
    let exam = exam::find(&app, &exam).await.map_err(problem)?;
    let filter = looked.filter(&desk);
    let copy = review::export(&desk.ctx, &exam, &filter, asked.format())
        .await
        .map_err(problem)?;
    let name = format!("{}-资格审查", exam.row.code);
    given(&desk, &name, asked.format(), copy)
}

/// What 领取下一条 carries.
#[derive(Debug, Default, Deserialize)]
pub(super) struct NextForm {
    state: String,
    verdict: String,
    unit: String,
}

pub(super) async fn next(
    desk: Desk,
    State(app): State<App>,
    Path(exam): Path<String>,
    form: Protected<NextForm>,
) -> PageResult {
    reviewers(&desk)?;
    let exam = exam::find(&app, &exam).await.map_err(problem)?;
    let form = form.into_inner();
    let looked = Looked {
        state: form.state,
        verdict: form.verdict,
        unit: form.unit,
        ..Looked::default()
    };
    let filter = looked.filter(&desk);
    let next = review::claim_next(&desk.ctx, &exam, &filter, None)
        .await
        .map_err(problem)?;
    let base = format!("/office/reviews/{}", exam.public_id());
    Ok(redirect(&match next {
        Some(id) => format!("{base}/{id}"),
        None => format!("{base}?state={}", filter.review.code()),
    }))
}

/// A button without fields.
pub(super) type Button = Protected<Nothing>;
