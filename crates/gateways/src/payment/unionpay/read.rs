//! What UnionPay says.

use domain::money::Fen;
use domain::payment::evidence::{CNY, News, PaidNews};
use domain::payment::number::is_merchant_no;
use domain::time::Timestamp;

use super::UnionpayConfig;
use super::sign::{self, Fields};
use crate::payment::{BadNotice, NewRefund, Notice, RefundNews, Told};

/// A field, empty for none.
pub(super) fn get<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map(String::as_str).unwrap_or_default()
}

/// `MMDDhhmmss` without a year, as the first such time not before a day before `after`, and within a year.
pub(super) fn trace_time(text: &str, after: Timestamp) -> Option<Timestamp> {
    let part = |from: usize| text.get(from..from + 2);
    if text.len() != 10 {
        return None;
    }
    let from = after.plus_days(-1);
    let year = from.date().year();
    [year, year + 1].into_iter().find_map(|year| {
        let text = format!(
            "{year}-{}-{} {}:{}:{}",
            part(0)?,
            part(2)?,
            part(4)?,
            part(6)?,
            part(8)?
        );
        let end = from.plus_days(366);
        Timestamp::parse_local(&text).filter(|at| (from..end).contains(at))
    })
}

/// A query's answer about a payment.
pub(super) fn payment(answer: &Fields, begun_at: Timestamp) -> News {
    match (get(answer, "respCode"), get(answer, "origRespCode")) {
        ("00", "00" | "A6") => {
            let amount = get(answer, "txnAmt").parse().ok().map(Fen::new);
            let paid_at = trace_time(get(answer, "traceTime"), begun_at);
            let currency = match get(answer, "currencyCode") {
                "156" => CNY,
                other => other,
            };
            match (amount, paid_at, get(answer, "queryId")) {
                (Some(amount), Some(paid_at), number) if !number.is_empty() => {
                    News::Paid(PaidNews {
                        channel_no: number.to_owned(),
                        amount,
                        currency: currency.to_owned(),
                        paid_at,
                    })
                }
                _ => News::Unknown,
            }
        }
        // In the works.
        ("00", "03" | "04" | "05") => News::Unknown,
        // Not paid so far, or not there: final only when its time is over, which whoever asks knows.
        ("00", code) if !code.is_empty() => News::NotPaid { last: false },
        ("34", _) => News::NotPaid { last: false },
        _ => News::Unknown,
    }
}

/// The answer to a refund: taken, not done.
pub(super) fn refund_taken(answer: &Fields) -> RefundNews {
    match get(answer, "respCode") {
        "00" | "03" | "04" | "05" => RefundNews::Processing,
        // It was sent before, and a query knows what became of it. Called failed, it would be sent again under another number.
        "12" => RefundNews::Unknown,
        // The order is wrong in itself, or the payment is no such one: no repetition mends it.
        code if matches!(code.as_bytes(), [b'1' | b'3', b'0'..=b'9']) && code != "34" => {
            RefundNews::Failed(get(answer, "respMsg").to_owned())
        }
        _ => RefundNews::Unknown,
    }
}

/// A query's answer about a refund.
pub(super) fn refund(answer: &Fields, of: &NewRefund) -> RefundNews {
    match (get(answer, "respCode"), get(answer, "origRespCode")) {
        ("00", "00" | "A6") => {
            let same = get(answer, "txnAmt").parse() == Ok(of.amount.get());
            let at = trace_time(get(answer, "traceTime"), of.begun_at);
            match (at, get(answer, "queryId")) {
                (Some(at), number) if same && !number.is_empty() => RefundNews::Succeeded {
                    channel_no: number.to_owned(),
                    at,
                },
                _ => RefundNews::Unknown,
            }
        }
        ("00", "03" | "04" | "05") => RefundNews::Processing,
        ("00", code) if !code.is_empty() => {
            RefundNews::Failed(get(answer, "origRespMsg").to_owned())
        }
        ("34", _) => RefundNews::Missing,
        _ => RefundNews::Unknown,
    }
}

/// Checks and reads a notice. UnionPay's own sample asks before it credits; so do we: a notice is a reason to ask.
pub(super) fn notice(
    config: &UnionpayConfig,
    body: &[u8],
    now: Timestamp,
) -> Result<Notice, BadNotice> {
    let fields = sign::form(body).ok_or(BadNotice::Malformed)?;
    if !config.trust.holds(&fields, now) {
        return Err(BadNotice::Signature);
    }
    let number = get(&fields, "orderId").to_owned();
    let query_id = get(&fields, "queryId");
    if get(&fields, "merId") != config.mer_id || !is_merchant_no(&number) || query_id.is_empty() {
        return Err(BadNotice::Malformed);
    }
    let told = match get(&fields, "txnType") {
        "01" => Told::AskPayment(number),
        "04" | "31" => Told::AskRefund(number),
        _ => Told::Nothing,
    };
    Ok(Notice {
        id: format!("{query_id}-{}", get(&fields, "txnType")),
        told,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_have_been_taken_is_a_refused_refund() {
        let taken = |code: &str| {
            let answer = Fields::from([("respCode".to_owned(), code.to_owned())]);
            refund_taken(&answer)
        };
        for code in ["00", "03", "04", "05"] {
            assert_eq!(taken(code), RefundNews::Processing, "{code}");
        }
        for code in ["10", "13", "35", "36", "39"] {
            assert!(matches!(taken(code), RefundNews::Failed(_)), "{code}");
        }
        // A repetition, an answer that isn't about it, trouble of theirs, something that we don't know.
        for code in ["12", "34", "01", "02", "60", "98", "99", "", "1", "100"] {
            assert_eq!(taken(code), RefundNews::Unknown, "{code}");
        }
    }

    #[test]
    fn a_time_without_a_year_is_the_one_that_follows_the_order() {
        let at = |text: &str| Timestamp::parse_local(text).unwrap();
        for (text, after, means) in [
            (
                "0318094205",
                "2026-03-18 09:40",
                Some("2026-03-18 09:42:05"),
            ),
            (
                "0101000005",
                "2026-12-31 23:59:50",
                Some("2027-01-01 00:00:05"),
            ),
            (
                "1231235955",
                "2027-01-01 00:00:10",
                Some("2026-12-31 23:59:55"),
            ),
            ("0229120000", "2027-03-01 12:00", None),
            ("03180942", "2026-03-18 09:40", None),
            ("1340094205", "2026-03-18 09:40", None),
        ] {
            assert_eq!(
                trace_time(text, at(after)),
                means.map(at),
                "{text} after {after}"
            );
        }
    }
}
