//! One order, and its receipt.

use app::App;
use app::payment::{self, AttemptRow, History, Progress, fiscal};
use askama::Template;
use axum::extract::Path;
use domain::application::progress::Mark;
use domain::money::Fen;
use domain::payment::{AttemptState, OrderState};
use domain::time::Timestamp;
use web::layout::Item;
use web::{Html, PageResult, Shell};

use super::tag;
use crate::application::words::{Tag, deadline, left};
use crate::context::{Me, problem};

/// A try to pay.
#[derive(Debug)]
struct Try {
    channel: String,
    merchant_no: String,
    state: String,
    at: String,
}

/// A step of money on its way back, as it is drawn.
#[derive(Debug)]
struct Leg {
    label: &'static str,
    class: &'static str,
    number: usize,
    mark: Mark,
    note: String,
}

/// Money on its way back.
#[derive(Debug)]
struct Back {
    number: String,
    amount: String,
    reason: &'static str,
    state: &'static str,
    legs: Vec<Leg>,
    /// What follows, in words.
    next: String,
}

fn back(progress: &Progress) -> Back {
    let time = |at: Timestamp| at.to_local_minute();
    let legs = progress.steps.iter().enumerate().map(|(at, step)| Leg {
        label: match step.leg {
            domain::payment::progress::Leg::Sent if progress.by_treasury => "报财政退库",
            leg => leg.label(),
        },
        class: match step.mark {
            Mark::Done => "is-done",
            Mark::Here => "is-here",
            Mark::Todo => "is-todo",
            Mark::Stopped => "is-stop",
            Mark::Off => "is-off",
        },
        number: at + 1,
        mark: step.mark,
        note: match step.at {
            _ if step.leg == domain::payment::progress::Leg::Approved && progress.automatic => {
                "自动办理，无需审批".to_owned()
            }
            Some(at) => time(at),
            None => String::new(),
        },
    });
    let next = match (progress.expected, progress.stopped) {
        (Some(day), _) => format!(
            "一般在 {} 前到账，退回付款时使用的账户。法定节假日顺延。",
            day.to_chinese()
        ),
        (None, Some(domain::payment::progress::Leg::Arrived)) => {
            "支付渠道没有办成这笔退款。工作人员会核对原因后重新办理，您不需要操作。".to_owned()
        }
        _ if progress.by_treasury && progress.steps.iter().any(|step| step.mark == Mark::Here) => {
            "这笔费用已缴入国库，不能原路退回，由财政部门退到您的账户，时间会长一些，退好后发消息告知。".to_owned()
        }
        _ if progress.by_hand && progress.steps.iter().any(|step| step.mark == Mark::Here) => {
            "这笔费用是线下缴的，由财务人员转到您提供的收款账户或者当面退还，退好后发消息告知。"
                .to_owned()
        }
        _ => String::new(),
    };
    Back {
        number: progress.refund_no.clone(),
        amount: progress.amount.yuan(),
        reason: progress.reason,
        state: progress.label,
        legs: legs.collect(),
        next,
    }
}

/// What became of a payment. One that credits nothing says why.
fn words(attempt: &AttemptRow, owed: i64) -> String {
    let Some(state) = AttemptState::from_code(&attempt.state) else {
        return "未知".to_owned();
    };
    let sum = attempt.received.unwrap_or(attempt.amount);
    match state {
        AttemptState::Surplus if sum != owed => {
            format!("收到 {} 元，金额不符，未入账", Fen::new(sum).yuan())
        }
        AttemptState::Surplus => "已收到，未入账".to_owned(),
        _ => state.label().to_owned(),
    }
}

/// Money that came and wasn't credited, in words, while it is looked into and after.
fn kept(app: &App, history: &History) -> Option<String> {
    let all = history.attempts.iter();
    let all: Vec<_> = all
        .filter(|one| one.state == AttemptState::Surplus.code())
        .map(|one| {
            let sum = Fen::new(one.received.unwrap_or(one.amount)).yuan();
            let at = Timestamp::from_micros(one.paid_at.unwrap_or(one.created_at));
            let channel = app.channels().name(&one.channel);
            format!("{}通过{channel}收到 {sum} 元", at.to_chinese_minute())
        })
        .collect();
    (!all.is_empty()).then(|| all.join("；"))
}

#[derive(Debug, Template)]
#[template(path = "payment/detail.html")]
struct Page {
    shell: Shell,
    history: History,
    tag: Tag,
    choice: String,
    amount: String,
    made: String,
    due: String,
    paid: String,
    channel: String,
    channel_no: String,
    tries: Vec<Try>,
    /// What came and wasn't credited.
    kept: Option<String>,
    /// Its fiscal receipt.
    fiscal: Option<fiscal::Own>,
    backs: Vec<Back>,
    /// What happened, and when.
    story: Vec<(String, String)>,
    /// How long it may still be paid, and the instant in epoch milliseconds.
    left: String,
    until: i64,
    /// Where the waiver stands, and its page.
    waiver: Option<(String, &'static str)>,
    open: bool,
    receipt: bool,
}

fn minute(micros: Option<i64>) -> String {
    micros
        .map(|at| Timestamp::from_micros(at).to_local_second())
        .unwrap_or_default()
}

/// The page.
pub(super) async fn show(me: Me, Path(id): Path<String>) -> PageResult {
    let history = payment::find(&me.ctx, &id).await.map_err(problem)?;
    let name = |code: &str| me.ctx.app.channels().name(code);
    let credited = history.credited();
    let tries = history.attempts.iter().map(|attempt| Try {
        channel: name(&attempt.channel),
        merchant_no: attempt.merchant_no.clone(),
        state: words(attempt, history.order.amount),
        at: minute(attempt.paid_at.or(Some(attempt.created_at))),
    });
    let (story, progress) = payment::told(&me.ctx, &history).await.map_err(problem)?;
    let backs: Vec<Back> = progress.iter().map(back).collect();
    let story = story.iter();
    let story = story.map(|one| (one.at.to_local_minute(), one.text.clone()));
    let page = Page {
        shell: me.shell("缴费单详情").await.at(Item::PaymentHistory),
        tag: tag(history.state),
        choice: history.view.choice.text(),
        amount: Fen::new(history.order.amount).yuan(),
        made: minute(Some(history.order.created_at)),
        due: deadline(history.deadline()),
        paid: minute(history.order.paid_at),
        channel: credited
            .map(|attempt| name(&attempt.channel))
            .unwrap_or_default(),
        channel_no: credited
            .and_then(|attempt| attempt.channel_no.as_deref())
            .map(domain::payment::offline::shown)
            .unwrap_or_default(),
        tries: tries.collect(),
        kept: kept(&me.ctx.app, &history),
        fiscal: fiscal::of_order(&me.ctx, &history.order)
            .await
            .map_err(problem)?,
        backs,
        story: story.collect(),
        left: left(history.deadline(), me.ctx.at),
        until: history.deadline().micros() / 1_000,
        waiver: super::waiver(&history.view),
        open: history.is_open(me.ctx.at),
        receipt: matches!(
            history.state,
            OrderState::Paid
                | OrderState::Refunding
                | OrderState::Refunded
                | OrderState::PartRefunded
        ),
        history,
    };
    Ok(Html::new(page).into())
}

/// 打印缴费凭据.
pub(super) async fn receipt(me: Me, Path(id): Path<String>) -> PageResult {
    let pdf = payment::receipt(&me.ctx, &id).await.map_err(problem)?;
    Ok(web::page::inline(
        "application/pdf",
        "缴费凭据.pdf",
        pdf.bytes,
    ))
}
