//! One day: the equation with its numbers, what doesn't match by class, the readings.

use app::payment::reconcile::{self, Detail, TakeRow};
use askama::Template;
use axum::extract::Path;
use domain::payment::reconcile::{Equation, Weight};
use web::forms::Form;
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell, flash, page as answer};

use super::yuan;
use crate::context::{Desk, problem};
use crate::list::{Export, Here};

#[derive(Debug, Template)]
#[template(path = "bill/day.html")]
struct Page {
    shell: Shell,
    detail: Detail,
    channel: String,
    /// The file for the treasury.
    treasury: Export,
    /// What it comes to, where that is soon added up.
    to_hand: Option<i64>,
    /// Says that it was handed over.
    hand: Form,
    me: i64,
}

impl Page {
    fn equation(&self) -> Equation {
        self.detail.bill.equation()
    }

    fn is(&self, step: &str) -> bool {
        self.detail.bill.step == step
    }

    /// What is going on, how far it is, and of how much (0 where nobody knows).
    fn progress(&self) -> Option<(&'static str, i64, i64)> {
        let bill = &self.detail.bill;
        if let Some(take) = self
            .detail
            .takes
            .iter()
            .find(|take| take.state == "reading")
        {
            return Some(("正在读入账单", take.stored, take.lines));
        }
        match bill.step.as_str() {
            "lines" => Some(("正在逐行比对账单", bill.reached, bill.lines)),
            "payments" | "refunds" => Some((
                "正在比对本系统的收支",
                bill.our_payments + bill.our_refunds,
                0,
            )),
            "acting" => Some(("正在处理差异", 0, 0)),
            _ => None,
        }
    }

    fn staged(&self) -> Option<&TakeRow> {
        self.detail.takes.iter().find(|take| take.state == "staged")
    }

    fn still_open(&self) -> bool {
        !self.is("asked") && !self.is("closed")
    }
}

/// What has to be done about a class.
fn weight(class: &reconcile::Classed) -> &'static str {
    match class.class.weight() {
        Weight::Told => "已说明，不用处理",
        Weight::Waits => "等次日账单；仍没有的转异常单",
        Weight::Ticket => "已转异常单",
    }
}

fn take_state(take: &TakeRow) -> &'static str {
    match take.state.as_str() {
        "reading" => "正在读入",
        "staged" => "等待另一人确认",
        "current" => "采用",
        _ => "不再采用",
    }
}

/// A day of more payments isn't added up at each look.
const FEW: i64 = 20_000;

async fn shown(desk: &Desk, id: &str, hand: Form) -> PageResult<Page> {
    let detail = reconcile::detail(&desk.ctx, id).await.map_err(problem)?;
    let channel = desk.ctx.app.channels().name(&detail.bill.channel);
    let shell = Shell::new(&desk.visit, "一日对账")
        .below("/office/bills")
        .with_errors(hand.has_errors());
    let bill = &detail.bill;
    let adds = bill.step == "closed" && bill.handed_at.is_none() && bill.our_payments <= FEW;
    let to_hand = if adds {
        let sum = reconcile::to_hand(&desk.ctx, bill).await;
        Some(sum.map_err(problem)?)
    } else {
        None
    };
    Ok(Page {
        treasury: Export::new(&shell, &Here::new(format!("/office/bills/{id}/treasury"))),
        to_hand,
        hand,
        shell,
        detail,
        channel,
        me: desk.ctx.actor.id(),
    })
}

/// The page.
pub(super) async fn page(desk: Desk, Path(id): Path<String>) -> PageResult {
    let hand = super::hand::form(&desk, &id).refill(&desk.visit);
    Ok(Html::new(shown(&desk, &id, hand).await?).into())
}

/// The page with what is to be mended about the handing over.
pub(super) async fn invalid(desk: Desk, id: &str, hand: Form) -> PageResult {
    Ok(Html::invalid(shown(&desk, id, hand).await?).into())
}

/// 重新取账单.
pub(super) async fn fetch(desk: Desk, Path(id): Path<String>, _: Protected<Nothing>) -> PageResult {
    reconcile::fetch_again(&desk.ctx, &id)
        .await
        .map_err(problem)?;
    let said = flash::done("已向渠道重新取账单，稍后刷新查看");
    Ok(answer::redirect_with(
        &desk.visit,
        &format!("/office/bills/{id}"),
        said,
    ))
}

/// 重新比对.
pub(super) async fn compare(
    desk: Desk,
    Path(id): Path<String>,
    _: Protected<Nothing>,
) -> PageResult {
    reconcile::compare_again(&desk.ctx, &id)
        .await
        .map_err(problem)?;
    let said = flash::done("正在重新比对，稍后刷新查看");
    Ok(answer::redirect_with(
        &desk.visit,
        &format!("/office/bills/{id}"),
        said,
    ))
}
