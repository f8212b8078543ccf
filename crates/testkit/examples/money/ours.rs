//! What we say of money in the end.

use std::collections::BTreeMap;

use db::{Crowd, p, sql};
use testkit::TestApp;

/// An order as it ended.
pub(crate) struct Order {
    pub(crate) number: String,
    pub(crate) state: String,
    pub(crate) amount: i64,
    pub(crate) closed_at: Option<i64>,
    /// What a waiver that was granted takes off what was paid.
    pub(crate) off: i64,
    /// Two people decided about it.
    pub(crate) looked_into: bool,
}

/// An attempt as it ended.
pub(crate) struct Attempt {
    pub(crate) order: i64,
    pub(crate) channel: String,
    pub(crate) state: String,
    pub(crate) channel_no: Option<String>,
    pub(crate) received: Option<i64>,
}

/// A refund as it ended.
pub(crate) struct Gone {
    pub(crate) state: String,
    pub(crate) amount: i64,
    /// The payment's merchant number.
    pub(crate) of: String,
}

/// All of it.
pub(crate) struct Ours {
    pub(crate) orders: BTreeMap<i64, Order>,
    /// By merchant number.
    pub(crate) attempts: BTreeMap<String, Attempt>,
    /// By number.
    pub(crate) refunds: BTreeMap<String, Gone>,
}

type OrderRow = (i64, String, String, i64, Option<i64>, i64, i64);
type AttemptRow = (String, i64, String, String, Option<String>, Option<i64>);

/// Reads it.
pub(crate) async fn ours(t: &TestApp) -> Ours {
    let scan = t.app.db().scan(Crowd::System);
    let orders: Vec<OrderRow> = scan
        .rows(
            sql!("SELECT o.id, o.order_no, o.state, o.amount, o.closed_at, CAST(COALESCE((SELECT SUM(w.off) FROM fee_waiver w \
                  WHERE w.application_id = o.application_id AND w.state = 'granted'), 0) AS BIGINT), \
                  (SELECT COUNT(*) FROM discrepancy d WHERE d.order_id = o.id AND d.kind = 'hold' AND d.proposal IS NOT NULL) \
                  FROM payment_order o"),
            p![],
        )
        .await
        .expect("orders");
    let attempts: Vec<AttemptRow> = scan
        .rows(
            sql!("SELECT merchant_no, order_id, channel, state, channel_no, received FROM payment_attempt"),
            p![],
        )
        .await
        .expect("attempts");
    let refunds: Vec<(String, String, i64, String)> = scan
        .rows(
            sql!("SELECT r.refund_no, r.state, r.amount, t.merchant_no FROM refund r JOIN payment_attempt t ON t.id = r.attempt_id"),
            p![],
        )
        .await
        .expect("refunds");
    let order = |(id, number, state, amount, closed_at, off, looked)| {
        let order = Order {
            number,
            state,
            amount,
            closed_at,
            off,
            looked_into: looked > 0,
        };
        (id, order)
    };
    let attempt = |(number, order, channel, state, channel_no, received)| {
        let attempt = Attempt {
            order,
            channel,
            state,
            channel_no,
            received,
        };
        (number, attempt)
    };
    let refund = |(number, state, amount, of)| (number, Gone { state, amount, of });
    Ours {
        orders: orders.into_iter().map(order).collect(),
        attempts: attempts.into_iter().map(attempt).collect(),
        refunds: refunds.into_iter().map(refund).collect(),
    }
}
