//! 我的报名信息: every application with its step bar, the reason where it stopped, and what comes next.

use app::application::{self, View};
use app::ticket::Place;
use askama::Template;
use domain::application::EndReason;
use domain::application::progress::{Mark, Next, Step};
use domain::application::{Payment, State, number};
use domain::exam::Phase;
use domain::exam::steps::ReviewStep;
use domain::money::Fen;
use domain::review::Review;
use domain::time::Timestamp;
use web::layout::Item;
use web::{Html, PageResult, Shell};

use super::words::{Tag, deadline, left};
use crate::context::{Me, problem};

/// A step of the bar as it is drawn.
#[derive(Debug)]
pub(crate) struct Drawn {
    pub(crate) label: &'static str,
    pub(crate) class: &'static str,
    pub(crate) number: usize,
    pub(crate) mark: Mark,
    pub(crate) notes: Vec<String>,
}

impl Drawn {
    pub(crate) fn is_done(&self) -> bool {
        self.mark == Mark::Done
    }

    pub(crate) fn is_here(&self) -> bool {
        self.mark == Mark::Here
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.mark == Mark::Stopped
    }
}

/// What comes next, in words, with its buttons: the first one is the main one.
#[derive(Debug)]
pub(crate) struct Todo {
    pub(crate) bad: bool,
    pub(crate) title: String,
    pub(crate) texts: Vec<String>,
    pub(crate) buttons: Vec<(&'static str, String)>,
}

/// One application, ready to be drawn.
#[derive(Debug)]
pub(crate) struct Card {
    pub(crate) view: View,
    pub(crate) number: String,
    pub(crate) tag: Tag,
    pub(crate) steps: Vec<Drawn>,
    pub(crate) todo: Todo,
    /// Where and when, once the ticket can be printed.
    pub(super) ticket: Option<Place>,
}

#[derive(Debug, Template)]
#[template(path = "application/mine.html")]
struct Page {
    shell: Shell,
    cards: Vec<Card>,
    waiting: usize,
}

pub(super) async fn list(me: Me) -> PageResult {
    let views = application::mine(&me.ctx).await.map_err(problem)?;
    let prints = views.iter().any(|view| view.next == Next::PrintTicket);
    let mut cards: Vec<Card> = views
        .into_iter()
        .map(|view| card(view, me.ctx.at))
        .collect();
    if prints {
        for item in app::ticket::list(&me.ctx).await.map_err(problem)? {
            let found = cards.iter_mut().find(|card| {
                card.view.next == Next::PrintTicket && card.view.row.public_id == item.public_id
            });
            if let Some(card) = found {
                card.ticket = item.place;
            }
        }
    }
    let waiting = cards.iter().filter(|card| waits(card.view.next)).count();
    let shell = me.shell("我的报名信息").await.at(Item::Applications);
    let shell = crate::payment::counted(&me, shell).await;
    Ok(Html::new(Page {
        shell,
        cards,
        waiting,
    })
    .into())
}

/// Whether the candidate has something to do.
pub(crate) const fn waits(next: Next) -> bool {
    matches!(
        next,
        Next::Pay { open: true }
            | Next::Supplement { open: true }
            | Next::ReplacePhoto
            | Next::PrintTicket
            | Next::Reapply { open: true, .. }
            | Next::Refused { may_move: true, .. }
            | Next::Refused { may_mend: true, .. }
            | Next::Refused {
                may_appeal: true,
                ..
            }
    )
}

pub(crate) fn card(view: View, now: Timestamp) -> Card {
    let steps = view
        .bar
        .iter()
        .enumerate()
        .map(|(index, (step, mark))| Drawn {
            label: step.label(),
            class: match mark {
                Mark::Done => "is-done",
                Mark::Here => "is-here",
                Mark::Todo => "is-todo",
                Mark::Stopped => "is-stop",
                Mark::Off => "is-off",
            },
            number: index + 1,
            mark: *mark,
            notes: notes(&view, *step, *mark),
        })
        .collect();
    Card {
        number: number::grouped(&view.row.registration_no),
        tag: Tag::of(&view),
        todo: todo(&view, now),
        ticket: None,
        steps,
        view,
    }
}

fn notes(view: &View, step: Step, mark: Mark) -> Vec<String> {
    let row = &view.row;
    let at = |micros: Option<i64>| micros.map(|at| Timestamp::from_micros(at).to_chinese_short());
    let closes = |phase| {
        view.exam
            .window(phase)
            .map(|window| window.close().to_chinese_short())
    };
    let opens = |phase| {
        view.exam
            .window(phase)
            .map(|window| window.open().to_chinese_short())
    };
    let mut notes: Vec<String> = Vec::new();
    if mark == Mark::Stopped {
        notes.push("停在这一步".to_owned());
    }
    let review = view.state.tracks().review;
    // An application that ended waits for nothing any more: its bar says what ended it, not what was to come.
    if mark == Mark::Stopped
        && let State::Ended { reason, .. } = view.state
    {
        notes.push(ended(reason).to_owned());
        return notes;
    }
    let text = match step {
        Step::Entered => Some(view.submitted_at().to_chinese_short()),
        Step::Reviewed if view.cancelled => Some("改报后重新审查".to_owned()),
        Step::Reviewed => match review {
            Review::None | Review::Pending if mark != Mark::Off => Some("等待审核".to_owned()),
            Review::FirstApproved => Some("初审通过，等待复审".to_owned()),
            Review::Appealed => Some("申诉处理中".to_owned()),
            _ => at(row.review_at).map(|at| format!("{at} {}", review.label())),
        },
        Step::Paid => match (mark, at(row.paid_at)) {
            (Mark::Done | Mark::Here, Some(at)) => Some(at),
            (Mark::Done | Mark::Here, None) => {
                let payment = view.state.tracks().payment;
                Some(payment.label_for(Fen::new(row.fee)).to_owned())
            }
            // Whoever owes nothing waits for no window and no bill.
            (Mark::Todo, None) if row.fee == 0 => Some(Payment::None.label().to_owned()),
            (Mark::Todo, _) if view.next == Next::Pay { open: true } => {
                notes.push("下一步".to_owned());
                closes(Phase::Payment).map(|at| format!("{at} 截止"))
            }
            (Mark::Todo, _) if view.made.steps.review == ReviewStep::BeforePayment => {
                Some("审查通过后缴费".to_owned())
            }
            (Mark::Todo, _) => opens(Phase::Payment).map(|at| format!("{at} 起")),
            _ => None,
        },
        Step::Arranged => match mark {
            Mark::Done | Mark::Here => Some("已公布".to_owned()),
            Mark::Todo => Some("报名结束后进行".to_owned()),
            _ => None,
        },
        Step::Ticket => match mark {
            Mark::Here | Mark::Done => closes(Phase::Ticket).map(|at| format!("{at} 截止")),
            Mark::Todo => opens(Phase::Ticket).map(|at| format!("{at} 起")),
            _ => None,
        },
    };
    notes.extend(text);
    notes
}

fn todo(view: &View, now: Timestamp) -> Todo {
    let detail = ("详细", format!("/applications/{}", view.row.public_id));
    let apply = format!("/apply/{}", view.exam.public_id());
    let closes = |phase| view.exam.window(phase).map(|window| window.close());
    let asked = view
        .waiver
        .is_open()
        .then(|| "减免申请待审核，审核期间报名不会因为没有缴费而终止。".to_owned());
    let waiver = crate::payment::waiver(view).map(|(href, text)| match text {
        "申请减免" => ("申请减免", href),
        _ => ("减免申请", href),
    });
    let plain = |title: &str, texts: Vec<String>| Todo {
        bad: false,
        title: title.to_owned(),
        texts,
        buttons: vec![detail.clone()],
    };
    match view.next {
        Next::Pay { open: true } => {
            let fee = Fen::new(view.row.fee).yuan();
            let text = closes(Phase::Payment).map(|close| {
                format!(
                    "请在 {} 前支付，{}。逾期未缴，视为放弃报名。",
                    deadline(close),
                    left(close, now)
                )
            });
            let mut buttons = vec![("缴费", "/payments".to_owned())];
            buttons.extend(waiver.clone());
            buttons.push(detail);
            Todo {
                bad: false,
                title: format!("下一步：缴费 {fee} 元"),
                texts: text.into_iter().chain(asked).collect(),
                buttons,
            }
        }
        Next::Pay { open: false } => match view.exam.window(Phase::Payment) {
            Some(window) if now < window.open() => plain(
                "下一步：缴费",
                vec![format!(
                    "网上缴费 {} 开放，届时请到“网上支付”办理。",
                    deadline(window.open())
                )],
            ),
            _ if waiver.is_some() && view.waiver.is_open() => Todo {
                bad: false,
                title: "等待减免审核".to_owned(),
                texts: asked.into_iter().collect(),
                buttons: waiver.into_iter().chain([detail]).collect(),
            },
            _ => plain(
                "缴费时间已过",
                vec!["缴费截止前没有收到费用。已付款的，正在核实，请勿重复支付。".to_owned()],
            ),
        },
        Next::Supplement { open } => supplement(view, open, &apply, detail, now),
        Next::Refused {
            may_move,
            may_mend,
            may_appeal,
        } => refused(view, (may_move, may_mend, may_appeal), &apply, detail),
        Next::AwaitReview => {
            let mut texts =
                vec!["资格审查结果会发站内消息，也可以在“报名审核状态查询”查看。".to_owned()];
            if let Some(close) = closes(Phase::Registration).filter(|close| now < *close) {
                texts.push(format!(
                    "审核开始前，{} 前可以修改报考信息。",
                    deadline(close)
                ));
            }
            plain("等待资格审查", texts)
        }
        Next::AwaitAppeal => plain(
            "申诉处理中",
            vec!["由作出原结论以外的人员处理，结果会发站内消息。".to_owned()],
        ),
        Next::AwaitPhoto => plain(
            "等待照片审核",
            vec![format!(
                "照片审核通过后才能{}，结果会发站内消息。",
                after_photo(view)
            )],
        ),
        Next::ReplacePhoto => {
            let reason = view
                .photo
                .as_ref()
                .map(|(_, reason)| reason.clone())
                .unwrap_or_default();
            Todo {
                bad: true,
                title: "照片没有通过审核".to_owned(),
                texts: vec![
                    format!("原因：{}。", reason.trim_end_matches('。')),
                    format!("请重新上传照片，审核通过后才能{}。", after_photo(view)),
                ],
                buttons: vec![("照片维护", "/photo?next=/applications".to_owned()), detail],
            }
        }
        Next::AwaitSeats => plain("等待考场编排", vec![ticket_text(view)]),
        Next::AwaitTicket => plain("等待打印准考证", vec![ticket_text(view)]),
        Next::PrintTicket => Todo {
            bad: false,
            title: "下一步：打印准考证".to_owned(),
            texts: closes(Phase::Ticket)
                .map(|close| format!("请在 {} 前打印，{}。", deadline(close), left(close, now)))
                .into_iter()
                .collect(),
            buttons: vec![
                ("打印准考证", format!("/tickets/{}", view.row.public_id)),
                detail,
            ],
        },
        Next::TicketOver if view.scores => Todo {
            bad: false,
            title: "成绩已公布".to_owned(),
            texts: vec!["可以查询成绩，打印成绩单。".to_owned()],
            buttons: vec![
                ("查询成绩", format!("/scores/{}", view.row.public_id)),
                detail,
            ],
        },
        Next::TicketOver => plain(
            "准考证打印已结束",
            vec!["成绩公布后可以在“成绩查询”查看。".to_owned()],
        ),
        Next::Reapply { open, ahead } => reapply(view, (open, ahead), &apply, detail, now),
        Next::AwaitRefund => {
            let mut texts = vec!["已缴的费用正在退回，进度和到账时间见缴费单。".to_owned()];
            if matches!(view.state, State::Live(_)) {
                texts.push("全部退完后，这项报名终止。".to_owned());
            }
            plain("退款处理中", texts)
        }
        Next::Nothing => plain(
            "已办理完毕",
            vec!["后续安排请留意公告和站内消息。".to_owned()],
        ),
        Next::Over { may_apply } => over(view, may_apply, apply, detail),
    }
}

/// What the photo stands in the way of: the fee, or what follows it for whoever owes none.
const fn after_photo(view: &View) -> &'static str {
    if view.row.fee == 0 {
        "继续办理"
    } else {
        "缴费"
    }
}

fn ticket_text(view: &View) -> String {
    match view.exam.window(Phase::Ticket) {
        Some(window) => format!("准考证 {} 起可以打印。", deadline(window.open())),
        None => "准考证打印时间另行公告。".to_owned(),
    }
}

/// The position is gone: what may be done, until when, and what becomes of the money.
fn reapply(
    view: &View,
    (open, ahead): (bool, bool),
    apply: &str,
    detail: (&'static str, String),
    now: Timestamp,
) -> Todo {
    let paid = view.state.tracks().payment == Payment::Paid;
    let mut texts = vec!["您报考的岗位已取消。".to_owned()];
    let over = if paid {
        "报名终止，已缴的费用全额退回"
    } else {
        "报名终止"
    };
    let mut buttons = vec![detail];
    match view.exam.window(Phase::Reapply).filter(|_| ahead) {
        Some(window) if open => {
            texts.push(format!(
                "请在 {} 前改报其他岗位，{}。改报后重新进行资格审查{}。",
                deadline(window.close()),
                left(window.close(), now),
                if paid { "，不再另外收费" } else { "" }
            ));
            // 网上报名 ends before 改报 begins: in between nobody can choose.
            if let Some(registration) =
                view.exam
                    .window(Phase::Registration)
                    .filter(|registration| {
                        now < registration.close() && registration.close() < window.open()
                    })
            {
                texts.push(format!(
                    "现在就可以改报；{} 至 {} 之间暂停办理。",
                    deadline(registration.close()),
                    deadline(window.open())
                ));
            }
            texts.push(format!("到期没有改报的，{over}。"));
            buttons.insert(0, ("改报岗位", format!("{apply}/positions")));
        }
        Some(window) => texts.push(format!(
            "改报 {} 开始，{} 截止，届时请回到这里选择其他岗位。到期没有改报的，{over}。",
            deadline(window.open()),
            deadline(window.close())
        )),
        None => texts.push(format!(
            "改报时间已过，正在办理：{over}。结果会发站内消息。"
        )),
    }
    Todo {
        bad: true,
        title: if open {
            "下一步：改报其他岗位".to_owned()
        } else {
            "报考岗位已取消".to_owned()
        },
        texts,
        buttons,
    }
}

fn supplement(
    view: &View,
    open: bool,
    apply: &str,
    detail: (&'static str, String),
    now: Timestamp,
) -> Todo {
    let mut texts = vec![view.row.review_reason.clone()];
    let due = view.review_due();
    if let Some(due) = due.filter(|_| open) {
        texts.push(format!(
            "请在 {} 前改好并提交，{}。逾期按审核不通过处理。",
            deadline(due),
            left(due, now)
        ));
    } else {
        texts.push("补充截止时间已过，不能再提交。有疑问请联系审核单位。".to_owned());
    }
    let mut buttons = vec![detail];
    if open {
        buttons.insert(0, ("补充材料", apply.to_owned()));
    }
    Todo {
        bad: true,
        title: "需要补充材料".to_owned(),
        texts,
        buttons,
    }
}

fn refused(
    view: &View,
    (may_move, may_mend, may_appeal): (bool, bool, bool),
    apply: &str,
    detail: (&'static str, String),
) -> Todo {
    let mut texts = vec![view.row.review_reason.clone()];
    if !view.row.unit.is_empty() {
        texts.push(format!("审核单位：{}。", view.row.unit));
    }
    let closes = view
        .exam
        .window(Phase::Registration)
        .map(|window| deadline(window.close()));
    let mut ways = String::new();
    if let Some(closes) = closes.filter(|_| may_move || may_mend) {
        ways.push_str(&match (may_move, may_mend) {
            (true, true) => {
                format!("报名截止前（{closes}）您可以改报其他岗位，或者改好后重新提交")
            }
            (true, false) => format!("报名截止前（{closes}）您可以改报其他岗位"),
            _ => format!("报名截止前（{closes}）您可以改好后重新提交"),
        });
    }
    if let Some(until) = view.appeal_until.filter(|_| may_appeal) {
        let joint = if ways.is_empty() { "" } else { "；" };
        ways.push_str(&format!(
            "{joint}如认为审核有误，可在 {} 前申诉",
            deadline(until)
        ));
    }
    texts.push(if ways.is_empty() {
        "报名时间和申诉时间都已过，不能再改报或申诉。".to_owned()
    } else {
        ways + "。"
    });
    let mut buttons = Vec::new();
    if may_move && view.exam.has_positions() {
        // The way asks for the agreement first and then leads to the positions.
        buttons.push(("重新选择岗位", format!("{apply}/positions")));
    }
    if may_mend {
        buttons.push(("修改后重新提交", apply.to_owned()));
    }
    if may_appeal {
        buttons.push((
            "申诉",
            format!("/applications/{}/appeal", view.row.public_id),
        ));
    }
    buttons.push(detail);
    Todo {
        bad: true,
        title: "审核不通过".to_owned(),
        texts,
        buttons,
    }
}

/// Why an application ended, said to its candidate.
pub(super) const fn ended(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Withdrawn => "已取消报名",
        reason => reason.label(),
    }
}

fn over(view: &View, may_apply: bool, apply: String, detail: (&'static str, String)) -> Todo {
    let State::Ended { reason, .. } = view.state else {
        return Todo {
            bad: false,
            title: String::new(),
            texts: Vec::new(),
            buttons: vec![detail],
        };
    };
    let mut texts = vec![
        match reason {
            EndReason::Withdrawn => "您已取消这项报名。",
            EndReason::Unpaid => {
                "缴费截止前没有收到费用，视为放弃报名。已付款的，核实后会恢复报名或原路退回。"
            }
            EndReason::PositionCancelled => "报考的岗位已取消。已缴费的，费用全额退回。",
            EndReason::Disqualified => "报考资格已取消。有异议请联系考试机构。",
            EndReason::Refunded => "费用已全额退回，这项报名随退费终止。有疑问请联系考试机构。",
        }
        .to_owned(),
    ];
    let mut buttons = vec![detail];
    if may_apply && reason != EndReason::Disqualified {
        texts.push("报名还没有截止，可以重新报名。".to_owned());
        buttons.insert(0, ("重新报名", apply));
    }
    Todo {
        bad: false,
        title: ended(reason).to_owned(),
        texts,
        buttons,
    }
}
