//! What money leaves behind, under names that are the same whenever it is done: an order or an attempt that is made by it has another
//! number each time.

use db::{Crowd, p, sql};
use testkit::TestApp;

/// An attempt: its application, channel, state, the channel's number, what came.
type Tried = (i64, String, String, Option<String>, Option<i64>);

/// Everything that money leaves behind, without what differs from run to run.
pub(super) async fn picture(t: &TestApp) -> Vec<String> {
    let scan = t.app.db().scan(Crowd::System);
    let mut all = Vec::new();
    let orders: Vec<(i64, i64, String, i64)> = scan
        .rows(
            sql!("SELECT application_id, amount, state, CASE WHEN credited_attempt IS NULL THEN 0 ELSE 1 END FROM payment_order \
                  ORDER BY application_id, amount, state"),
            p![],
        )
        .await
        .expect("orders");
    all.extend(orders.iter().map(|row| format!("order {row:?}")));
    let attempts: Vec<Tried> = scan
        .rows(
            sql!("SELECT o.application_id, t.channel, t.state, t.channel_no, t.received FROM payment_attempt t \
                  JOIN payment_order o ON o.id = t.order_id ORDER BY o.application_id, t.channel, t.state"),
            p![],
        )
        .await
        .expect("attempts");
    all.extend(attempts.iter().map(|row| format!("attempt {row:?}")));
    let applications: Vec<(i64, String, String)> = scan
        .rows(
            sql!("SELECT id, life, payment FROM application ORDER BY id"),
            p![],
        )
        .await
        .expect("applications");
    all.extend(
        applications
            .iter()
            .map(|row| format!("application {row:?}")),
    );
    let refunds: Vec<(i64, String, i64, String)> = scan
        .rows(
            sql!("SELECT o.application_id, r.state, r.amount, r.reason FROM refund r JOIN payment_order o ON o.id = r.order_id \
                  ORDER BY o.application_id, r.state, r.amount"),
            p![],
        )
        .await
        .expect("refunds");
    all.extend(refunds.iter().map(|row| format!("refund {row:?}")));
    let ledger: Vec<(String, i64, i64)> = scan
        .rows(
            sql!(
                "SELECT book, SUM(debit), SUM(credit) FROM ledger_entry GROUP BY book ORDER BY book"
            ),
            p![],
        )
        .await
        .expect("ledger");
    all.extend(ledger.iter().map(|row| format!("ledger {row:?}")));
    let events: Vec<(String, i64)> = scan
        .rows(
            sql!("SELECT outcome, COUNT(*) FROM gateway_event GROUP BY outcome ORDER BY outcome"),
            p![],
        )
        .await
        .expect("events");
    all.extend(events.iter().map(|row| format!("event {row:?}")));
    let alerts: Vec<(String, i64)> = scan
        .rows(
            sql!("SELECT kind, COUNT(*) FROM discrepancy GROUP BY kind ORDER BY kind"),
            p![],
        )
        .await
        .expect("discrepancies");
    all.extend(alerts.iter().map(|row| format!("discrepancy {row:?}")));
    let waivers: Vec<(i64, String, Option<i64>)> = scan
        .rows(
            sql!("SELECT application_id, state, off FROM fee_waiver ORDER BY id"),
            p![],
        )
        .await
        .expect("waivers");
    all.extend(waivers.iter().map(|row| format!("waiver {row:?}")));
    let documents: Vec<(String, String)> = scan
        .rows(
            sql!("SELECT document_no, state FROM offline_entry ORDER BY id"),
            p![],
        )
        .await
        .expect("documents");
    all.extend(documents.iter().map(|row| format!("document {row:?}")));
    let lines: Vec<(i64, String)> = scan
        .rows(
            sql!("SELECT line, outcome FROM nontax_row ORDER BY batch_id, line"),
            p![],
        )
        .await
        .expect("lines");
    all.extend(lines.iter().map(|row| format!("line {row:?}")));
    let audit: i64 = scan
        .one(sql!("SELECT COUNT(*) FROM audit_entry"), p![])
        .await
        .expect("audit");
    all.push(format!("audit {audit}"));
    all
}
