//! 网上支付, 未支付单据, 支付信息查询.

use app::application::View;
use app::payment::{self, Bill, OwnOrderRow};
use askama::Template;
use axum::extract::Query;
use domain::application::Payment;
use domain::exam::Phase;
use domain::money::Fen;
use domain::payment::{WaiverState, number};
use domain::time::{Date, Timestamp};
use serde::Deserialize;
use web::layout::Item;
use web::{Html, PageResult, Shell};

use super::tag_of;
use crate::application::words::{Tag, deadline, left};
use crate::context::{Me, problem};

/// An application with what can be done about its fee.
#[derive(Debug)]
struct Line {
    bill: Bill,
    choice: String,
    amount: String,
    tag: Tag,
    note: String,
    /// 查询支付结果: a payment was begun, and asking comes before paying again.
    wait: Option<String>,
    /// 缴费 leads to its order.
    pay: Option<String>,
    /// 缴费 raises an order first.
    raise: Option<String>,
    /// 查看 its order.
    see: Option<String>,
    /// Where its waiver stands, or that one may be asked for; with the address.
    waiver: Option<(String, &'static str)>,
}

/// What a page says of an application's waiver, with the address of the waiver's own page.
pub(crate) fn waiver(view: &View) -> Option<(String, &'static str)> {
    let text = match view.waiver.state {
        Some(WaiverState::Pending | WaiverState::Proposed) => "减免申请待审核",
        Some(WaiverState::Granted) => "减免申请已通过",
        Some(WaiverState::Rejected) => "减免申请未通过",
        _ if view.waiver.may_ask => "申请减免",
        _ => return None,
    };
    Some((format!("/applications/{}/waiver", view.row.public_id), text))
}

#[derive(Debug, Template)]
#[template(path = "payment/bills.html")]
struct BillsPage {
    shell: Shell,
    lines: Vec<Line>,
    due: usize,
}

/// 网上支付 (manual 1.2.3.2).
pub(super) async fn bills(me: Me) -> PageResult {
    let bills = payment::bills(&me.ctx).await.map_err(problem)?;
    let lines: Vec<Line> = bills
        .into_iter()
        .map(|bill| line(bill, me.ctx.at))
        .collect();
    let due = lines
        .iter()
        .filter(|line| line.pay.is_some() || line.raise.is_some())
        .count();
    let shell = frame(&me, "网上支付", Item::Payments).await;
    Ok(Html::new(BillsPage { shell, lines, due }).into())
}

async fn frame(me: &Me, title: &str, item: Item) -> Shell {
    counted(me, me.shell(title).await.at(item)).await
}

/// The frame with the number of unpaid bills in the menu.
pub(crate) async fn counted(me: &Me, shell: Shell) -> Shell {
    let unpaid = payment::unpaid(&me.ctx).await;
    let count = unpaid
        .ok()
        .and_then(|rows| u32::try_from(rows.len()).ok())
        .unwrap_or(0);
    shell.count(Item::UnpaidBills.href(), count)
}

fn line(bill: Bill, now: Timestamp) -> Line {
    let track = bill.view.state.tracks().payment;
    let order = bill.order.as_ref();
    let href = |page: &str| order.map(|order| format!("/payments/{}{page}", order.public_id));
    let window = bill.view.exam.window(Phase::Payment);
    let (tag, note) = match (track, order) {
        (_, Some(order)) if order.state != "unpaid" || track != Payment::Due => {
            let text = match order.state.as_str() {
                "paying" => "已发起支付，结果以本站显示为准".to_owned(),
                "hold" => "工作人员正在核查，请不要重复支付".to_owned(),
                _ => order
                    .paid_at
                    .map(|at| Timestamp::from_micros(at).to_chinese_minute())
                    .unwrap_or_default(),
            };
            (tag_of(&order.state), text)
        }
        (Payment::Due, _) if bill.open => {
            let text =
                window.map(|w| format!("{} 截止，{}", deadline(w.close()), left(w.close(), now)));
            (
                Tag::new("wait", web::icon::CLOCK, "待缴费"),
                text.unwrap_or_default(),
            )
        }
        (Payment::Due, _) => {
            let text = match window {
                Some(w) if now < w.open() => format!("{} 开始缴费", deadline(w.open())),
                Some(w) => format!("缴费已于 {} 截止", deadline(w.close())),
                None => "缴费时间另行公告".to_owned(),
            };
            (Tag::new("off", web::icon::MINUS, "未到缴费时间"), text)
        }
        (Payment::None, _) => (
            Tag::new("off", web::icon::MINUS, "暂不需要缴费"),
            "资格审查通过后再缴费".to_owned(),
        ),
        (other, _) => (Tag::new("ok", web::icon::OK, other.label()), String::new()),
    };
    let owed =
        bill.open && order.is_none_or(|order| matches!(order.state.as_str(), "unpaid" | "paying"));
    Line {
        choice: bill.view.choice.text(),
        amount: bill.amount().yuan(),
        wait: href("/wait").filter(|_| order.is_some_and(|order| order.state == "paying")),
        pay: href("/pay").filter(|_| owed),
        raise: (owed && order.is_none())
            .then(|| format!("/payments/raise/{}", bill.view.row.public_id)),
        see: href("").filter(|_| !owed),
        waiver: waiver(&bill.view),
        tag,
        note,
        bill,
    }
}

/// An order in a list.
#[derive(Debug)]
struct Row {
    number: String,
    id: String,
    exam: String,
    choice: String,
    amount: String,
    tag: Tag,
    /// A payment was begun, and nobody knows yet how it ended.
    paying: bool,
    made: String,
    paid: String,
    due: String,
}

fn row(order: OwnOrderRow) -> Row {
    let choice = serde_json::from_str::<domain::exam::snapshot::Choice>(&order.choice);
    Row {
        number: number::grouped(&order.order_no),
        id: order.public_id,
        exam: order.exam,
        choice: choice.map(|choice| choice.text()).unwrap_or_default(),
        amount: Fen::new(order.amount).yuan(),
        tag: tag_of(&order.state),
        paying: order.state == "paying",
        made: Timestamp::from_micros(order.created_at).to_local_minute(),
        paid: order
            .paid_at
            .map(|at| Timestamp::from_micros(at).to_local_minute())
            .unwrap_or_default(),
        due: deadline(Timestamp::from_micros(order.expires_at)),
    }
}

#[derive(Debug, Template)]
#[template(path = "payment/unpaid.html")]
struct UnpaidPage {
    shell: Shell,
    rows: Vec<Row>,
}

/// 未支付单据 (manual 1.2.3.3).
pub(super) async fn unpaid(me: Me) -> PageResult {
    let rows: Vec<Row> = payment::unpaid(&me.ctx)
        .await
        .map_err(problem)?
        .into_iter()
        .map(row)
        .collect();
    let shell = frame(&me, "未支付单据", Item::UnpaidBills).await;
    Ok(Html::new(UnpaidPage { shell, rows }).into())
}

/// The conditions of 支付信息查询, as typed.
#[derive(Debug, Default, Clone, Deserialize)]
pub(super) struct Conditions {
    #[serde(default)]
    number: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

#[derive(Debug, Template)]
#[template(path = "payment/history.html")]
struct HistoryPage {
    shell: Shell,
    conditions: Conditions,
    rows: Vec<Row>,
    mistakes: Vec<(&'static str, &'static str)>,
}

impl HistoryPage {
    fn asked(&self) -> bool {
        let Conditions { number, from, to } = &self.conditions;
        !(number.is_empty() && from.is_empty() && to.is_empty())
    }

    fn mistake(&self, key: &str) -> Option<&'static str> {
        self.mistakes
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, text)| *text)
    }
}

/// 支付信息查询 (manual 1.2.3.4).
pub(super) async fn history(me: Me, Query(conditions): Query<Conditions>) -> PageResult {
    let mut mistakes = Vec::new();
    let mut day = |key, text: &str| {
        let typed = text.trim();
        let parsed = Date::parse_typed(typed);
        if parsed.is_none() && !typed.is_empty() {
            mistakes.push((key, "请填写日期，例如 2026-03-18"));
        }
        parsed
    };
    let (from, to) = (day("from", &conditions.from), day("to", &conditions.to));
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        mistakes.push(("to", "结束时间不能早于开始时间"));
    }
    let rows = if mistakes.is_empty() {
        payment::history(&me.ctx, &conditions.number, from, to)
            .await
            .map_err(problem)?
    } else {
        Vec::new()
    };
    let shell = frame(&me, "支付信息查询", Item::PaymentHistory)
        .await
        .with_errors(!mistakes.is_empty());
    let page = HistoryPage {
        shell,
        conditions,
        rows: rows.into_iter().map(row).collect(),
        mistakes,
    };
    Ok(Html::new(page).into())
}
