//! What is kept of news whatever they mean, and what a person is asked.

use db::Tx;
use domain::payment::Outcome;
use domain::payment::evidence::{Evidence, News};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::payment::book_store as books;
use crate::payment::ticket::store as tickets;
use crate::payment::ticket::{self, Ticket};
use crate::{Result, Trail};

/// The stored code of an outcome.
pub(in crate::payment) fn outcome_code(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::UnknownOrder => "unknown_order",
        Outcome::Foreign(_) => "other_merchant",
        Outcome::Hold(_) => "hold",
        Outcome::AlreadyApplied => "already_applied",
        Outcome::AppliedElsewhere(_) => "applied_elsewhere",
        Outcome::Credited { late: false } => "credited",
        Outcome::Credited { late: true } => "late_accepted",
        Outcome::TookOver { .. } => "took_over",
        Outcome::SentBack(_) => "sent_back",
        Outcome::NotPaid => "not_paid",
        Outcome::StillUnknown => "unknown",
        Outcome::Illegal(_) => "illegal",
    }
}

/// Opens a discrepancy, unless the same one is open already.
pub(super) async fn alert(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    evidence: &Evidence,
    order_id: i64,
    outcome: &Outcome,
) -> Result<()> {
    let kind = outcome_code(outcome);
    if tickets::discrepancy_open(tx, kind, &evidence.merchant_no).await? {
        return Ok(());
    }
    let (amount, told) = match &evidence.news {
        News::Paid(paid) => (
            paid.amount.get(),
            format!(
                "渠道交易号 {}，收款 {} 元",
                paid.channel_no,
                paid.amount.yuan()
            ),
        ),
        _ => (0, "渠道未说明收款".to_owned()),
    };
    let why = match outcome {
        Outcome::Foreign(reason) | Outcome::Hold(reason) => reason.label().to_owned(),
        Outcome::AppliedElsewhere(number) => format!("同一交易号已登记在 {number}"),
        Outcome::UnknownOrder => "没有这个商户单号".to_owned(),
        Outcome::Illegal(wrong) => wrong.to_string(),
        _ => String::new(),
    };
    let ticket = Ticket {
        kind,
        channel: &evidence.channel,
        number: &evidence.merchant_no,
        order_id,
        amount,
        detail: &format!("{why}；{told}"),
        urgent: false,
    };
    let told = json!({ "kind": kind, "order": order_id });
    ticket::open(tx, trail, &ticket, told).await?;
    Ok(())
}

/// Keeps what a channel said, once: only news of money, closes and trouble; "not yet" is no news.
pub(super) async fn keep(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    evidence: &Evidence,
    outcome: &Outcome,
) -> Result<()> {
    let news = match &evidence.news {
        News::Paid(paid) => json!({
            "paid": { "channel_no": paid.channel_no, "amount": paid.amount.get(),
                      "currency": paid.currency, "paid_at": paid.paid_at.micros() }
        }),
        News::Closed => json!("closed"),
        News::NotPaid { last: true } => json!("finally_unpaid"),
        News::NotPaid { last: false } | News::Unknown => return Ok(()),
    };
    let content = json!({
        "channel": evidence.channel,
        "merchant": evidence.merchant,
        "merchant_no": evidence.merchant_no,
        "news": news,
    })
    .to_string();
    let row = books::EventInsert {
        id: trail.id()?,
        channel: &evidence.channel,
        body_hash: &Sha256::digest(content.as_bytes()),
        source: evidence.source.code(),
        merchant_no: &evidence.merchant_no,
        content: content.as_bytes(),
        outcome: outcome_code(outcome),
        at: trail.at().micros(),
    };
    books::event_insert(tx, &row).await?;
    Ok(())
}
