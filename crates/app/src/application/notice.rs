//! What a candidate is told about a step, in the inbox and by SMS.

use db::Query;
use domain::application::{EndReason, Event, Payment, State, Tracks};
use domain::exam::Phase;
use domain::money::Fen;
use domain::review::Review;

use super::effects::Step;
use super::rules::{self, Ground};
use super::{content, store};
use crate::message::{Notice, Sms};
use crate::{App, Error, Result};

/// The message for a step; `None` where there is nothing to tell.
pub(super) fn of(step: &Step<'_>) -> Option<Notice> {
    let exam = step.ground.exam.title();
    let (title, body, template) = match step.after {
        State::Draft => return None,
        // Its end was told before, and the refund tells of the money itself.
        State::Ended { .. }
            if step.event == Event::FinishRefund && matches!(step.before, State::Ended { .. }) =>
        {
            return None;
        }
        State::Ended { reason, tracks } => ended(step, reason, tracks),
        State::Live(tracks) => live(step, tracks)?,
    };
    let sms = template.map(|template| Sms {
        template,
        params: vec![("exam", exam.to_owned()), ("text", body.clone())],
    });
    let kind = if matches!(step.event, Event::StartRefund | Event::AbandonRefund) {
        "payment"
    } else {
        "review"
    };
    Some(Notice {
        kind,
        title: format!("{title}：{exam}"),
        body,
        link: "/applications".to_owned(),
        sms,
    })
}

type Words = (&'static str, String, Option<&'static str>);

fn live(step: &Step<'_>, tracks: Tracks) -> Option<Words> {
    let next = next(step, tracks);
    Some(match step.event {
        Event::Submit => {
            let number = domain::application::number::grouped(step.number);
            ("报名已提交", format!("报名序号 {number}。{next}"), None)
        }
        Event::Edit => ("报考信息已修改", next, None),
        Event::Move => ("已改报岗位", next, None),
        Event::Supplement => ("补充材料已提交", next, None),
        Event::Approve if tracks.review == Review::FirstApproved => (
            "初审已通过",
            "接下来由复审人员审核，请等待结果。".to_owned(),
            None,
        ),
        Event::Approve | Event::ReviewTimedOut => ("资格审查已通过", next, Some("review_approved")),
        Event::Reverse => ("申诉成立，资格审查已通过", next, Some("review_approved")),
        Event::Return => {
            let until = step.due.map_or_else(
                || "请尽快改好并提交".to_owned(),
                |due| format!("请在 {} 前改好并提交", due.to_chinese_short()),
            );
            let note = step.note.trim_end_matches('。');
            let body = format!("{note}。{until}，逾期按审核不通过处理。");
            ("需要补充材料", body, Some("review_returned"))
        }
        Event::Reject | Event::SupplementDue => {
            let note = step.note.trim_end_matches('。');
            let body = format!("原因：{note}。可在“我的报名信息”查看能否改报或申诉。");
            ("资格审查不通过", body, Some("review_rejected"))
        }
        Event::Uphold => {
            let note = step.note.trim_end_matches('。');
            (
                "申诉未成立",
                format!("维持审核不通过的结论：{note}。"),
                Some("review_rejected"),
            )
        }
        Event::Appeal => (
            "申诉已提交",
            "审核单位将另派人员处理，请等待结果。".to_owned(),
            None,
        ),
        Event::ReopenReview => (
            "审核结论已撤销",
            "资格审查重新进行，请等待结果。".to_owned(),
            Some("review_reopened"),
        ),
        Event::PhotoApproved if step.before == step.after => return None,
        Event::PhotoApproved => ("照片审核已通过", next, None),
        // `settle` tells of money itself, with the order's number.
        Event::Pay | Event::AcceptLate => return None,
        // Who decided about a waiver tells what it takes off.
        Event::Waive => return None,
        Event::StartRefund => (
            "退款已开始",
            format!("{}退完后，这项报名终止。", refund(step)),
            None,
        ),
        Event::AbandonRefund => (
            "退款未成功",
            abandoned(step, "您的报名和缴费仍然有效。"),
            None,
        ),
        Event::CancelPosition => {
            let sms = step.ground.exam.settings.notices.position_sms;
            (
                "报考岗位已取消，请改报",
                reapply(step, tracks),
                sms.then_some("position_changed"),
            )
        }
        _ => return None,
    })
}

fn ended(step: &Step<'_>, reason: EndReason, tracks: Tracks) -> Words {
    let money = match tracks.payment {
        Payment::Refunding => "已缴的费用正在退回。",
        Payment::Refunded => "已缴的费用已退回。",
        _ => "",
    };
    match (step.event, reason) {
        (Event::StartRefund, _) => ("退款已开始", refund(step), None),
        (Event::AbandonRefund, _) => ("退款未成功", abandoned(step, ""), None),
        (_, EndReason::Withdrawn) => ("报名已取消", "报名截止前可以重新报名。".to_owned(), None),
        (_, EndReason::Unpaid) => (
            "报名已终止",
            "缴费截止前没有收到费用，视为放弃报名。已经付款的，款项核实后会恢复报名或原路退回。"
                .to_owned(),
            Some("application_ended"),
        ),
        (_, EndReason::PositionCancelled) => (
            "报考岗位已取消",
            format!("您报考的岗位已取消。{money}"),
            Some("application_ended"),
        ),
        (_, EndReason::Disqualified) => (
            "报考资格已取消",
            format!(
                "原因：{}。有异议请联系考试机构。",
                step.note.trim_end_matches('。')
            ),
            Some("application_ended"),
        ),
        (_, EndReason::Refunded) => (
            "报名已终止",
            format!("{money}这项报名随退费终止。有疑问请联系考试机构。"),
            Some("application_ended"),
        ),
    }
}

/// What somebody may do whose position was cancelled, and until when.
fn reapply(step: &Step<'_>, tracks: Tracks) -> String {
    let window = step.ground.exam.window(Phase::Reapply);
    let times = window.map_or_else(String::new, |window| window.to_chinese());
    let money = match tracks.payment {
        Payment::Paid => "已缴的费用继续有效，不再另外收费。",
        _ => "",
    };
    let end = match tracks.payment {
        Payment::Paid => "到期没有改报的，报名终止，费用全额退回。",
        _ => "到期没有改报的，报名终止。",
    };
    format!(
        "您报考的岗位已取消。请在 {times} 到“我的报名信息”选择其他岗位，改报后重新审查。{money}{end}"
    )
}

fn refund(step: &Step<'_>) -> String {
    format!(
        "{} 元开始退回。通过支付渠道缴的原路退回，到账时间以渠道为准；线下缴的由财务人员线下退回。",
        Fen::new(step.fee).yuan()
    )
}

/// The channel refused: what became of the money, and who does what next. Nothing is asked of the candidate.
fn abandoned(step: &Step<'_>, standing: &str) -> String {
    format!(
        "支付渠道没有办成这笔退款，{} 元没有退回。{standing}财务人员会核对原因后重新办理，办好再发消息告知，您不需要操作。",
        Fen::new(step.fee).yuan()
    )
}

/// An application whose fee is there, as its candidate is told of it.
#[derive(Debug)]
pub(crate) struct PaidFor {
    /// The exam's title.
    pub exam: String,
    /// What was chosen; empty where nothing is.
    pub choice: String,
    /// The step that comes next, as one sentence.
    pub next: String,
}

/// What a payment is for, and what follows it: `settle` tells of the money itself.
pub(crate) async fn paid_for(q: &mut impl Query, app: &App, id: i64) -> Result<PaidFor> {
    let row = store::application_by_id(q, id)
        .await?
        .ok_or(Error::inconsistent("payment_order.application_id"))?;
    let ground = rules::ground(q, app, row.exam_id, row.settings_version).await?;
    let tracks = rules::state_of(&row)?.tracks();
    Ok(PaidFor {
        exam: ground.exam.title().to_owned(),
        choice: content::choice_of(&row)
            .map(|choice| choice.text())
            .unwrap_or_default(),
        next: to_come(&ground, row.fee, tracks),
    })
}

/// The step that comes next, as one sentence.
fn next(step: &Step<'_>, tracks: Tracks) -> String {
    to_come(step.ground, step.fee, tracks)
}

fn to_come(ground: &Ground, fee: i64, tracks: Tracks) -> String {
    let windows = ground.exam.windows();
    let close = |phase: Phase| {
        windows
            .get(phase)
            .map(|window| window.close().to_chinese_short())
    };
    let opens = |phase: Phase| {
        windows
            .get(phase)
            .map(|window| window.open().to_chinese_short())
    };
    match (tracks.payment, tracks.review) {
        (Payment::Due, _) => match close(Phase::Payment) {
            Some(close) => format!(
                "请在 {close} 前缴费 {} 元，逾期未缴视为放弃报名。",
                Fen::new(fee).yuan()
            ),
            None => format!("请缴费 {} 元。", Fen::new(fee).yuan()),
        },
        (_, Review::Pending | Review::FirstApproved) => {
            "接下来是资格审查，结果会发站内消息。".to_owned()
        }
        _ if ground.made.steps.seating => match opens(Phase::Ticket) {
            Some(opens) if ground.exam.settings.stagger.is_off() => {
                format!("准考证 {opens} 起可以打印。")
            }
            Some(opens) => {
                format!("准考证 {opens} 起分批打印，您的开始时间见“准考证打印”。")
            }
            None => "准考证打印时间另行通知。".to_owned(),
        },
        _ => "请留意后续通知。".to_owned(),
    }
}
