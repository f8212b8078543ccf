//! 工作台: what waits for this person, and how the exams stand. Also the way out.

mod guide;
mod outcome;

use app::App;
use app::staff::{ExamFigures, Figures, Work};
use askama::Template;
use axum::response::Response;
use domain::staff::Permission;
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Routes, Shell, Who};

use crate::context::{Desk, problem, stored};
use crate::list::Empty;

pub(crate) fn routes() -> Routes<App> {
    Routes::new("staff")
        .get("/office", Who::AnyStaff, page)
        .post("/office/logout", Who::AnyStaff, logout)
}

/// One line of 要处理的事.
#[derive(Debug)]
struct Todo {
    text: String,
    count: String,
    href: String,
}

#[derive(Debug, Template)]
#[template(path = "desk/page.html")]
struct Page {
    shell: Shell,
    sees_exams: bool,
    sees_reviews: bool,
    sees_money: bool,
    figures: Figures,
    todo: Vec<Todo>,
    /// What became of what he asked another for: what didn't come about, and what did.
    refused: Vec<outcome::Outcome>,
    agreed: Vec<outcome::Outcome>,
    dates: Vec<Date>,
    /// What is due in the running exams: as long as `figures.exams`.
    next: Vec<Vec<crate::exam::next::Line>>,
    idle: Empty,
    /// What there is to do here at all, for those who are new.
    ways: Vec<guide::Way>,
    may_make: bool,
    now: i64,
}

/// A window of an exam in 近期时间.
#[derive(Debug)]
struct Date {
    title: String,
    what: &'static str,
    text: String,
    open: bool,
}

async fn page(desk: Desk) -> PageResult {
    let waiting = app::staff::waiting(&desk.ctx).await.map_err(problem)?;
    let figures = app::staff::figures(&desk.ctx).await.map_err(problem)?;
    let shell = Shell::new(&desk.visit, "工作台");
    let mut todo = Vec::new();
    for (work, count) in waiting {
        let (text, unit, href) = words(work);
        todo.push(Todo {
            text: text.to_owned(),
            count: format!("{} {unit}", crate::show::stopped(count, work.stops_at())),
            href: href.to_owned(),
        });
    }
    todo.extend(late(&desk).await?);
    let (refused, agreed): (Vec<_>, Vec<_>) = app::staff::outcomes(&desk.ctx)
        .await
        .map_err(problem)?
        .iter()
        .map(|row| (row.failed(), outcome::words(row)))
        .partition(|(failed, _)| *failed);
    let told = |list: Vec<(bool, outcome::Outcome)>| {
        let list = list.into_iter().map(|(_, one)| one);
        list.take(TOLD).collect::<Vec<_>>()
    };
    let now = desk.ctx.at.micros();
    let mut dates: Vec<(i64, Date)> = figures
        .exams
        .iter()
        .flat_map(|exam| windows(exam, now))
        .collect();
    dates.sort_by_key(|(closes, _)| *closes);
    let next = figures
        .exams
        .iter()
        .map(|one| {
            let exam = (one.exam.id, one.exam.public_id.as_str());
            crate::exam::next::lines(&desk, exam, &one.next)
        })
        .collect();
    let page = Page {
        shell,
        sees_exams: desk.may(Permission::ExamView),
        sees_reviews: desk.may(Permission::FirstReview) || desk.may(Permission::SecondReview),
        sees_money: desk.may(Permission::Finance),
        figures,
        next,
        todo,
        refused: told(refused),
        agreed: told(agreed),
        dates: dates.into_iter().map(|(_, date)| date).take(8).collect(),
        ways: guide::ways(|permission| desk.may(permission)),
        may_make: desk.may(Permission::ExamEdit),
        idle: Empty::new("没有要处理的事", "新的工作会出现在这里和左边的菜单上。")
            .icon(web::icon::OK),
        now,
    };
    Ok(Html::new(page).into())
}

/// Outcomes of one's own requests that are told at once.
const TOLD: usize = 20;

/// What has waited for the asker's review beyond its time: a line for each exam, leading to just those.
async fn late(desk: &Desk) -> PageResult<Vec<Todo>> {
    if !desk.may(Permission::FirstReview) && !desk.may(Permission::SecondReview) {
        return Ok(Vec::new());
    }
    let late = app::review::late(&desk.ctx).await.map_err(problem)?;
    Ok(late
        .into_iter()
        .map(|one| Todo {
            text: format!("审查已超时限：{}", one.exam.title()),
            count: format!("{} 人", crate::show::stopped(one.count, 1_001)),
            href: format!(
                "/office/reviews/{}?state={}&late=1",
                one.exam.public_id(),
                one.review.code()
            ),
        })
        .collect())
}

/// What waits behind the entries of the menu, by address.
pub(crate) fn counts(waiting: &[(Work, i64)]) -> Vec<(&'static str, u32)> {
    let mut counts: Vec<(&'static str, u32)> = Vec::new();
    for (work, count) in waiting {
        let entry = match work {
            Work::Discrepancies
            | Work::Offline
            | Work::BankLists
            | Work::Codes
            | Work::Treasury
            | Work::RedReceipts => "/office/payments",
            // A draft may lie for weeks, and so may what is handed over once a month: no reason for a number in the menu.
            // One's own are among all.
            Work::Drafts | Work::ToHand | Work::OwnDiscrepancies => continue,
            other => words(*other).2.split('?').next().unwrap_or_default(),
        };
        let count = u32::try_from(*count).unwrap_or(u32::MAX);
        match counts.iter_mut().find(|(known, _)| *known == entry) {
            Some((_, sum)) => *sum = sum.saturating_add(count),
            None => counts.push((entry, count)),
        }
    }
    counts
}

fn words(work: Work) -> (&'static str, &'static str, &'static str) {
    match work {
        Work::Photos => ("照片待审", "张", "/office/photos"),
        Work::FirstReview => ("资格待初审", "人", "/office/reviews"),
        Work::SecondReview => ("资格待复审", "人", "/office/reviews"),
        Work::Appeals => ("资格审查申诉", "人", "/office/reviews"),
        Work::Waivers => ("减免申请待审核", "件", "/office/waivers"),
        Work::Offline => ("线下缴费待复核", "笔", "/office/payments/offline"),
        Work::BankLists => ("到账清单待复核", "份", "/office/payments/codes"),
        Work::Codes => ("缴费单待取缴款码", "张", "/office/payments/codes"),
        Work::Treasury => ("退库清单待复核", "份", "/office/payments/treasury"),
        Work::Bills => ("对账待签字或确认", "件", "/office/bills"),
        Work::ToHand => ("已关账，待登记缴库", "份", "/office/bills?state=hand"),
        Work::RedReceipts => (
            "财政票据待冲红",
            "张",
            "/office/payments/receipts?state=red",
        ),
        Work::Refunds => ("退款待第二人批准", "笔", "/office/payments#refunds"),
        Work::Claims => ("账号申诉待办理", "件", "/office/claims"),
        Work::Approvals => ("待第二人复核", "件", "/office/approvals"),
        Work::OwnDiscrepancies => (
            "由您负责的异常单",
            "条",
            "/office/payments/discrepancies?owner=me",
        ),
        Work::Discrepancies => ("对账差异", "笔", "/office/payments/discrepancies"),
        Work::Scores => ("成绩待复核", "批", "/office/scores"),
        Work::Exams => ("考试事项待办理", "件", "/office/approvals"),
        Work::Drafts => ("草稿考试待发布", "项", "/office/exams?state=draft"),
        Work::Rehearsals => ("演练考试已结束，待清除", "项", "/office/exams"),
        Work::FailedSms => ("短信发送失败", "条", "/office/messages?state=failed"),
    }
}

/// The windows that are open or still to come, with when they close.
fn windows(one: &ExamFigures, now: i64) -> Vec<(i64, Date)> {
    let exam = &one.exam;
    let all = [
        (
            "网上报名",
            exam.registration_opens,
            exam.registration_closes,
        ),
        ("网上缴费", exam.registration_opens, exam.payment_closes),
        ("准考证打印", exam.ticket_opens, exam.ticket_closes),
    ];
    all.into_iter()
        .filter(|(_, opens, closes)| *closes > now && opens < closes)
        .map(|(what, opens, closes)| {
            let open = opens <= now;
            let text = if open {
                format!("至 {}", crate::show::short(closes))
            } else {
                format!("{} 起", crate::show::short(opens))
            };
            (
                if open { closes } else { opens },
                Date {
                    title: exam.title.clone(),
                    what,
                    text,
                    open,
                },
            )
        })
        .collect()
}

async fn logout(desk: Desk, _: Protected<Nothing>) -> PageResult<Response> {
    app::account::session::logout(&desk.ctx, stored(&desk.visit)?)
        .await
        .map_err(problem)?;
    desk.visit.end_session();
    Ok(web::page::redirect_with(
        &desk.visit,
        "/office/login",
        web::flash::LOGGED_OUT,
    ))
}
