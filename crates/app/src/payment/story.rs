//! What happened to an order from its first day on, in words: for its candidate's page and for the office's.

use db::Query;
use domain::application::progress::Mark;
use domain::money::Fen;
use domain::payment::progress::{Leg, expected, legs};
use domain::payment::{AttemptState, OrderState, RefundReason, RefundState, WaiverState};
use domain::time::{Date, Timestamp};

use super::offline;
use super::progress_store::{self as times, RefundTimes};
use super::refund::store::RefundRow;
use super::store::{AttemptRow, OrderRow};
use crate::{App, Result, waiver};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: String,
}

/// A step of a refund, how it stands, and when it was done.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// Which.
    pub leg: Leg,
    /// How it stands.
    pub mark: Mark,
    /// When, if that is known.
    pub at: Option<Timestamp>,
}

/// How far a refund has come.
#[derive(Debug, Clone)]
pub struct Progress {
    /// Its number.
    pub refund_no: String,
    /// The sum.
    pub amount: Fen,
    /// Why.
    pub reason: &'static str,
    /// Its state, in words.
    pub label: &'static str,
    /// Nobody asked: the system raised it, and nobody had to approve.
    pub automatic: bool,
    /// The steps.
    pub steps: [Step; 4],
    /// By when it usually is there, while it is on its way.
    pub expected: Option<Date>,
    /// It came outside of the channels, and goes back that way.
    pub by_hand: bool,
    /// It was handed over, and the treasury pays it back.
    pub by_treasury: bool,
    /// It stopped: at the second person, or at the channel.
    pub stopped: Option<Leg>,
}

/// Everything that happened to an order, the oldest first, and how far its refunds have come.
pub(super) async fn of(
    q: &mut impl Query,
    app: &App,
    order: &OrderRow,
    attempts: &[AttemptRow],
    refunds: &[RefundRow],
) -> Result<(Vec<Told>, Vec<Progress>)> {
    let known = times::refund_times(q, order.id).await?;
    let none = |id| RefundTimes {
        refund_id: id,
        decided_at: None,
        sent_at: None,
        listed_at: None,
    };
    let mut all = vec![told(
        order.created_at,
        format!("生成缴费单，应缴 {} 元", Fen::new(order.amount).yuan()),
    )];
    for attempt in attempts {
        all.extend(tries(app, order, attempt));
    }
    let state = OrderState::from_code(&order.state);
    if let (Some(at), Some(OrderState::Voided | OrderState::Expired)) = (order.closed_at, state) {
        all.push(told(
            at,
            format!("缴费单{}", state.map_or("已关闭", OrderState::label)),
        ));
    }
    let mut progress = Vec::new();
    for refund in refunds {
        let times = known.iter().find(|one| one.refund_id == refund.id);
        let times = times.copied().unwrap_or(none(refund.id));
        all.extend(back(refund, times));
        let offline = attempts
            .iter()
            .any(|one| one.id == refund.attempt_id && offline::by_hand(&one.channel));
        progress.push(steps(refund, times, offline));
    }
    for (at, text) in waiver::story(q, order.application_id).await? {
        all.push(told(at, text));
    }
    all.sort_by_key(|one| one.at);
    Ok((all, progress))
}

fn told(at: i64, text: String) -> Told {
    Told {
        at: Timestamp::from_micros(at),
        text,
    }
}

fn tries(app: &App, order: &OrderRow, attempt: &AttemptRow) -> Vec<Told> {
    let channel = app.channels().name(&attempt.channel);
    let state = AttemptState::from_code(&attempt.state);
    let ended = match state {
        Some(state @ (AttemptState::Closed | AttemptState::Failed)) => {
            format!("（{}）", state.label())
        }
        _ => String::new(),
    };
    let mut all = Vec::new();
    // What came by a document was begun by nobody here, and was there before it was entered.
    let by_hand = offline::by_hand(&attempt.channel);
    if !by_hand {
        all.push(told(
            attempt.created_at,
            format!("发起支付：{channel}{ended}"),
        ));
    }
    // A channel tells whole seconds, which may lie before our own instant.
    let from = if by_hand {
        i64::MIN
    } else {
        attempt.created_at
    };
    let paid_at = attempt.paid_at.map(|at| at.max(from));
    let sum = Fen::new(attempt.received.unwrap_or(attempt.amount)).yuan();
    match (state, paid_at) {
        (Some(AttemptState::Succeeded), Some(at)) => {
            all.push(told(at, format!("{channel}支付成功 {sum} 元")));
        }
        (Some(AttemptState::Surplus), Some(at)) => {
            let text = if attempt.received == Some(order.amount) {
                format!("{channel}收到 {sum} 元，没有入账")
            } else {
                format!("{channel}收到 {sum} 元，与应缴金额不符，没有入账")
            };
            all.push(told(at, text));
        }
        _ => {}
    }
    all
}

fn back(refund: &RefundRow, times: RefundTimes) -> Vec<Told> {
    let sum = Fen::new(refund.amount).yuan();
    let reason = RefundReason::from_code(&refund.reason).map_or("退款", RefundReason::label);
    let mut all = vec![told(
        refund.created_at,
        format!("申请退款 {sum} 元（{reason}）"),
    )];
    let state = RefundState::from_code(&refund.state);
    let refused = state == Some(RefundState::Failed) && !refund.sent();
    if let Some(at) = times.decided_at {
        let text = if refused { refund.label() } else { "批准" };
        all.push(told(at, format!("退款 {sum} 元{text}")));
    }
    if let Some(at) = times.sent_at {
        all.push(told(at, format!("退款 {sum} 元已提交支付渠道")));
    }
    if let Some(at) = times.listed_at {
        all.push(told(at, format!("退款 {sum} 元已报财政部门退库")));
    }
    if let (Some(at), Some(RefundState::Succeeded)) = (refund.finished_at, state) {
        let before = times.sent_at.or(times.listed_at).or(times.decided_at);
        let at = at.max(before.unwrap_or(i64::MIN));
        let by = if refund.by_treasury() {
            "，由国库退库"
        } else {
            ""
        };
        all.push(told(at, format!("退款 {sum} 元成功{by}")));
    }
    all
}

fn steps(refund: &RefundRow, times: RefundTimes, by_hand: bool) -> Progress {
    let state = RefundState::from_code(&refund.state).unwrap_or(RefundState::Unknown);
    let automatic = refund.requested_by == 0 && refund.approved_by.is_none();
    let time = |leg: Leg| match leg {
        Leg::Asked => Some(refund.created_at),
        Leg::Approved if automatic && state != RefundState::Requested => Some(refund.created_at),
        Leg::Approved => times.decided_at,
        Leg::Sent => times.sent_at.or(times.listed_at),
        Leg::Arrived => refund.finished_at,
    };
    // On a list for the treasury it is on its way.
    let shown = match state {
        RefundState::Approved if times.listed_at.is_some() => RefundState::Submitted,
        other => other,
    };
    let marked = legs(shown, refund.passage());
    let steps = marked.map(|(leg, mark)| Step {
        leg,
        mark,
        at: time(leg)
            .filter(|_| matches!(mark, Mark::Done | Mark::Here | Mark::Stopped))
            .map(Timestamp::from_micros),
    });
    let on_its_way = matches!(state, RefundState::Submitted | RefundState::Unknown);
    let stopped = marked.iter().find(|(_, mark)| *mark == Mark::Stopped);
    Progress {
        refund_no: refund.refund_no.clone(),
        amount: Fen::new(refund.amount),
        reason: RefundReason::from_code(&refund.reason).map_or("退款", RefundReason::label),
        label: refund.label(),
        automatic,
        steps,
        expected: times
            .sent_at
            .filter(|_| on_its_way)
            .map(|at| expected(Timestamp::from_micros(at))),
        by_hand,
        by_treasury: refund.by_treasury(),
        stopped: stopped.map(|(leg, _)| *leg),
    }
}

/// What a waiver's state means in a story; `None` for what isn't told there.
pub(crate) fn waived(state: WaiverState) -> Option<&'static str> {
    match state {
        WaiverState::Granted => Some("减免申请已通过"),
        WaiverState::Rejected => Some("减免申请未通过"),
        WaiverState::Withdrawn => Some("撤回减免申请"),
        WaiverState::Void => Some("减免申请已失效"),
        WaiverState::Pending | WaiverState::Proposed => None,
    }
}
