//! SQL of days and their bills: rows of `bill`, `bill_take`, `bill_line`.

use db::dialect::pick;
use db::{DbResult, Query, Tx, p, point, record, sql};

record! {
    /// A day of a channel.
    #[derive(Debug, Clone)]
    pub struct BillRow {
        pub id: i64,
        pub public_id: String,
        pub channel: String,
        pub merchant: String,
        /// As the channel counts days.
        pub day: String,
        pub step: String,
        pub take: Option<i64>,
        pub next_at: Option<i64>,
        pub tries: i64,
        pub problem: String,
        pub missed_at: Option<i64>,
        pub run: i64,
        pub reached: i64,
        pub reached_id: i64,
        pub matched: i64,
        pub our_payments: i64,
        pub our_paid: i64,
        pub our_refunds: i64,
        pub our_refunded: i64,
        pub matched_at: Option<i64>,
        pub asked_by: Option<i64>,
        pub asked_at: Option<i64>,
        pub closed_by: Option<i64>,
        pub closed_at: Option<i64>,
        pub note: String,
        /// Of the reading that counts.
        pub lines: i64,
        pub payments: i64,
        pub paid: i64,
        pub refunds: i64,
        pub refunded: i64,
        pub fee: i64,
        /// Findings that are open, those that need a person, and what they come to.
        pub findings: i64,
        pub named: i64,
        pub asker: Option<String>,
        pub closer: Option<String>,
        /// When its money went to the treasury, and who said so.
        pub handed_at: Option<i64>,
        pub hander: Option<String>,
        /// When the books of the day moved after the comparison.
        pub stale_at: Option<i64>,
        /// What went to the treasury.
        pub handed_amount: Option<i64>,
    }
}

record! {
    /// One reading of a bill.
    #[derive(Debug, Clone)]
    pub struct TakeRow {
        pub id: i64,
        pub public_id: String,
        pub bill_id: i64,
        pub source: String,
        pub state: String,
        pub file_name: String,
        pub file_hash: String,
        pub object_id: Option<i64>,
        pub lines: i64,
        pub payments: i64,
        pub paid: i64,
        pub refunds: i64,
        pub refunded: i64,
        pub fee: i64,
        pub stored: i64,
        pub reason: String,
        pub made_by: i64,
        pub made_at: i64,
        pub decided_by: Option<i64>,
        pub decided_at: Option<i64>,
        pub maker: Option<String>,
        pub decider: Option<String>,
    }
}

pub(super) async fn bill_by_id(q: &mut impl Query, id: i64) -> DbResult<Option<BillRow>> {
    q.opt(
        sql!(
            "SELECT b.id, b.public_id, b.channel, b.merchant, b.day, b.step, b.take, b.next_at, b.tries, b.problem, b.missed_at, \
             b.run, b.reached, b.reached_id, b.matched, b.our_payments, b.our_paid, b.our_refunds, b.our_refunded, b.matched_at, \
             b.asked_by, b.asked_at, b.closed_by, b.closed_at, b.note, \
             COALESCE(t.lines, 0), COALESCE(t.payments, 0), COALESCE(t.paid, 0), COALESCE(t.refunds, 0), COALESCE(t.refunded, 0), \
             COALESCE(t.fee, 0), (SELECT COUNT(*) FROM bill_finding f WHERE f.bill_id = b.id AND f.state = 'open'), \
             (SELECT CAST(COALESCE(SUM(f.delta), 0) AS BIGINT) FROM bill_finding f WHERE f.bill_id = b.id AND f.state = 'open'), \
             s.name, c.name, b.handed_at, h.name, b.stale_at, b.handed_amount FROM bill b LEFT JOIN bill_take t ON t.id = b.take LEFT JOIN staff s ON s.id = b.asked_by \
             LEFT JOIN staff c ON c.id = b.closed_by LEFT JOIN staff h ON h.id = b.handed_by WHERE b.id = $1"
        ),
        p![id],
    )
    .await
}

pub(super) async fn bill_id_of(q: &mut impl Query, public_id: &str) -> DbResult<Option<i64>> {
    q.opt(
        point!("SELECT id FROM bill WHERE public_id = $1"),
        p![public_id],
    )
    .await
}

pub(super) async fn bill_of_day(
    q: &mut impl Query,
    channel: &str,
    day: &str,
) -> DbResult<Option<i64>> {
    q.opt(
        point!("SELECT id FROM bill WHERE channel = $1 AND day = $2"),
        p![channel, day],
    )
    .await
}

/// The days of a channel that are known, from one on.
pub(super) async fn days_from(
    q: &mut impl Query,
    channel: &str,
    from: &str,
) -> DbResult<Vec<String>> {
    let rows: Vec<(String,)> = q
        .rows(
            sql!("SELECT day FROM bill WHERE channel = $1 AND day >= $2 ORDER BY day LIMIT 400"),
            p![channel, from],
        )
        .await?;
    Ok(rows.into_iter().map(|(day,)| day).collect())
}

/// Whether a channel had days before one.
pub(super) async fn is_known_before(
    q: &mut impl Query,
    channel: &str,
    day: &str,
) -> DbResult<bool> {
    let found: Option<i64> = q
        .opt(
            sql!("SELECT id FROM bill WHERE channel = $1 AND day < $2 LIMIT 1"),
            p![channel, day],
        )
        .await?;
    Ok(found.is_some())
}

/// The channels that have had days, with the merchant of the last one.
pub(super) async fn known_channels(q: &mut impl Query) -> DbResult<Vec<(String, String)>> {
    q.rows(
        sql!(
            "SELECT b.channel, b.merchant FROM bill b WHERE b.day = (SELECT MAX(l.day) FROM bill l WHERE l.channel = b.channel) \
             ORDER BY b.channel LIMIT 20"
        ),
        p![],
    )
    .await
}

/// Whether a channel was paid by within a span.
pub(super) async fn was_paid(
    q: &mut impl Query,
    channel: &str,
    (from, to): (i64, i64),
) -> DbResult<bool> {
    let found: Option<i64> = q
        .opt(
            sql!(
                "SELECT id FROM payment_attempt WHERE channel = $1 AND paid_at >= $2 AND paid_at < $3 LIMIT 1"
            ),
            p![channel, from, to],
        )
        .await?;
    Ok(found.is_some())
}

record! {
    /// How far a day is.
    #[derive(Debug, Clone)]
    pub struct StandingRow {
        pub id: i64,
        pub run: i64,
        pub step: String,
        pub handed_at: Option<i64>,
    }
}

/// How far the day of a channel is; none if it isn't over, or was never looked at.
pub(super) async fn bill_standing(
    q: &mut impl Query,
    channel: &str,
    day: &str,
) -> DbResult<Option<StandingRow>> {
    q.opt(
        point!("SELECT id, run, step, handed_at FROM bill WHERE channel = $1 AND day = $2"),
        p![channel, day],
    )
    .await
}

/// The books of a day moved: what was compared isn't so any more. 0 rows for a day that is closed.
pub(super) async fn bill_stale(tx: &mut Tx, id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE bill SET stale_at = $2 WHERE id = $1 AND step <> 'closed'"),
        p![id, at],
    )
    .await
}

/// Days that were compared before their books moved.
pub(super) async fn bills_stale(q: &mut impl Query) -> DbResult<Vec<(i64, String)>> {
    q.rows(
        sql!(
            "SELECT id, step FROM bill WHERE stale_at IS NOT NULL AND step IN ('open', 'asked') ORDER BY id LIMIT 100"
        ),
        p![],
    )
    .await
}

/// A page of days, the newest first, of a channel (empty for all) in a group of steps (`open`: not closed; `closed`; empty for all).
pub(super) async fn bills(
    q: &mut impl Query,
    (channel, group): (&str, &str),
    (day, id): (&str, i64),
    limit: i64,
) -> DbResult<Vec<BillRow>> {
    q.rows(
        sql!(
            "SELECT b.id, b.public_id, b.channel, b.merchant, b.day, b.step, b.take, b.next_at, b.tries, b.problem, b.missed_at, \
             b.run, b.reached, b.reached_id, b.matched, b.our_payments, b.our_paid, b.our_refunds, b.our_refunded, b.matched_at, \
             b.asked_by, b.asked_at, b.closed_by, b.closed_at, b.note, \
             COALESCE(t.lines, 0), COALESCE(t.payments, 0), COALESCE(t.paid, 0), COALESCE(t.refunds, 0), COALESCE(t.refunded, 0), \
             COALESCE(t.fee, 0), (SELECT COUNT(*) FROM bill_finding f WHERE f.bill_id = b.id AND f.state = 'open'), \
             (SELECT CAST(COALESCE(SUM(f.delta), 0) AS BIGINT) FROM bill_finding f WHERE f.bill_id = b.id AND f.state = 'open'), \
             s.name, c.name, b.handed_at, h.name, b.stale_at, b.handed_amount FROM bill b LEFT JOIN bill_take t ON t.id = b.take LEFT JOIN staff s ON s.id = b.asked_by \
             LEFT JOIN staff c ON c.id = b.closed_by LEFT JOIN staff h ON h.id = b.handed_by WHERE (b.day, b.id) < ($3, $4) AND ($1 = '' OR b.channel = $1) \
             AND ($2 = '' OR ($2 = 'closed') = (b.step = 'closed')) ORDER BY b.day DESC, b.id DESC LIMIT $5"
        ),
        p![channel, group, day, id, limit],
    )
    .await
}

/// Days that a job should be at: to be asked for now, being compared, or being read.
pub(super) async fn bills_at_work(q: &mut impl Query, at: i64) -> DbResult<Vec<i64>> {
    let rows: Vec<(i64,)> = q
        .rows(
            sql!(
                "SELECT id FROM bill WHERE (step IN ('waiting', 'open') AND next_at IS NOT NULL AND next_at <= $1) \
                 OR step IN ('lines', 'payments', 'refunds', 'acting') \
                 OR id IN (SELECT bill_id FROM bill_take WHERE state = 'reading') ORDER BY id LIMIT 100"
            ),
            p![at],
        )
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Days that have no bill though it was due, and that nobody was told of.
pub(super) async fn bills_missing(
    q: &mut impl Query,
    day: &str,
) -> DbResult<Vec<(i64, String, String, String)>> {
    q.rows(
        sql!(
            "SELECT id, channel, day, problem FROM bill WHERE step = 'waiting' AND missed_at IS NULL AND day <= $1 ORDER BY id LIMIT 100"
        ),
        p![day],
    )
    .await
}

/// A new day's columns.
pub(super) struct BillInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub channel: &'a str,
    pub merchant: &'a str,
    pub day: &'a str,
    pub next_at: Option<i64>,
    pub at: i64,
}

/// Makes a day, once.
pub(super) async fn bill_insert(tx: &mut Tx, row: &BillInsert<'_>) -> DbResult<u64> {
    tx.exec(
        sql!(
            "INSERT INTO bill (id, public_id, channel, merchant, day, step, next_at, tries, problem, run, reached, reached_id, matched, \
             our_payments, our_paid, our_refunds, our_refunded, note, created_at) \
             VALUES ($1, $2, $3, $4, $5, 'waiting', $6, 0, '', 0, 0, 0, 0, 0, 0, 0, 0, '', $7) ON CONFLICT (channel, day) DO NOTHING"
        ),
        p![
            row.id,
            row.public_id,
            row.channel,
            row.merchant,
            row.day,
            row.next_at,
            row.at
        ],
    )
    .await
}

/// The channel was asked: when again, and what it said.
pub(super) async fn bill_tried(
    tx: &mut Tx,
    id: i64,
    next_at: Option<i64>,
    problem: &str,
) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE bill SET tries = tries + 1, next_at = $2, problem = $3 WHERE id = $1"),
        p![id, next_at, problem],
    )
    .await
}

pub(super) async fn bill_missed(tx: &mut Tx, id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE bill SET missed_at = $2 WHERE id = $1 AND missed_at IS NULL"),
        p![id, at],
    )
    .await
}

/// Asks the channel for it at once, whoever waits for its hour.
pub(super) async fn bill_hurry(tx: &mut Tx, id: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE bill SET next_at = $2 WHERE id = $1 AND step IN ('waiting', 'open')"),
        p![id, at],
    )
    .await
}

/// A new reading's columns.
pub(super) struct TakeInsert<'a> {
    pub id: i64,
    pub public_id: &'a str,
    pub bill_id: i64,
    pub source: &'a str,
    pub file_name: &'a str,
    pub file_hash: &'a str,
    pub object_id: Option<i64>,
    /// Lines, payments and their sum, refunds and theirs, fees.
    pub sums: [i64; 6],
    pub reason: &'a str,
    pub by: i64,
    pub at: i64,
}

pub(super) async fn take_insert(tx: &mut Tx, row: &TakeInsert<'_>) -> DbResult<u64> {
    let [lines, payments, paid, refunds, refunded, fee] = row.sums;
    tx.exec(
        sql!(
            "INSERT INTO bill_take (id, public_id, bill_id, source, state, file_name, file_hash, object_id, lines, payments, paid, \
             refunds, refunded, fee, stored, reason, made_by, made_at) \
             VALUES ($1, $2, $3, $4, 'reading', $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14, $15, $16)"
        ),
        p![
            row.id,
            row.public_id,
            row.bill_id,
            row.source,
            row.file_name,
            row.file_hash,
            row.object_id,
            lines,
            payments,
            paid,
            refunds,
            refunded,
            fee,
            row.reason,
            row.by,
            row.at
        ],
    )
    .await
}

/// The readings of a day, the newest first.
pub(super) async fn takes_of(q: &mut impl Query, bill_id: i64) -> DbResult<Vec<TakeRow>> {
    q.rows(
        sql!(
            "SELECT t.id, t.public_id, t.bill_id, t.source, t.state, t.file_name, t.file_hash, t.object_id, t.lines, t.payments, t.paid, \
             t.refunds, t.refunded, t.fee, t.stored, t.reason, t.made_by, t.made_at, t.decided_by, t.decided_at, s.name, d.name \
             FROM bill_take t LEFT JOIN staff s ON s.id = t.made_by LEFT JOIN staff d ON d.id = t.decided_by \
             WHERE t.bill_id = $1 ORDER BY t.id DESC LIMIT 50"
        ),
        p![bill_id],
    )
    .await
}

/// So many lines more are stored; 0 rows if another worker was faster.
pub(super) async fn take_store(tx: &mut Tx, id: i64, from: i64, count: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE bill_take SET stored = stored + $3 WHERE id = $1 AND stored = $2 AND state = 'reading'"
        ),
        p![id, from, count],
    )
    .await
}

pub(super) async fn take_move(tx: &mut Tx, id: i64, from: &str, to: &str) -> DbResult<u64> {
    tx.exec(
        sql!("UPDATE bill_take SET state = $3 WHERE id = $1 AND state = $2"),
        p![id, from, to],
    )
    .await
}

/// Whatever counted before this reading doesn't any more.
pub(super) async fn takes_replaced(tx: &mut Tx, bill_id: i64, by: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE bill_take SET state = 'dropping' WHERE bill_id = $1 AND state = 'current' AND id <> $2"
        ),
        p![bill_id, by],
    )
    .await
}

/// The second person's word on what was uploaded.
pub(super) async fn take_decide(tx: &mut Tx, id: i64, to: &str, by: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE bill_take SET state = $2, decided_by = $3, decided_at = $4 \
             WHERE id = $1 AND state = 'staged' AND made_by <> $3"
        ),
        p![id, to, by, at],
    )
    .await
}

/// Lines as a JSON array of arrays, in the order of the columns: one statement for some hundred.
pub(super) async fn lines_insert(tx: &mut Tx, take_id: i64, lines: &str) -> DbResult<u64> {
    let statement = pick(
        tx.backend(),
        sql!(
            "INSERT INTO bill_line (take_id, seq, kind, channel_no, our_no, of_no, amount, fee, at, merchant, done) \
             SELECT $1, j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3, j.value ->> 4, j.value ->> 5, j.value ->> 6, \
             j.value ->> 7, j.value ->> 8, j.value ->> 9 FROM json_each($2) j"
        ),
        sql!(
            "INSERT INTO bill_line (take_id, seq, kind, channel_no, our_no, of_no, amount, fee, at, merchant, done) \
             SELECT $1, CAST(j ->> 0 AS BIGINT), j ->> 1, j ->> 2, j ->> 3, j ->> 4, CAST(j ->> 5 AS BIGINT), CAST(j ->> 6 AS BIGINT), \
             CAST(j ->> 7 AS BIGINT), j ->> 8, CAST(j ->> 9 AS BIGINT) FROM jsonb_array_elements(CAST(CAST($2 AS TEXT) AS JSONB)) j"
        ),
    );
    tx.exec(statement, p![take_id, lines]).await
}

/// A reading that nobody needs any more, if there is one.
pub(super) async fn take_dropping(q: &mut impl Query) -> DbResult<Option<i64>> {
    q.opt(
        sql!("SELECT id FROM bill_take WHERE state = 'dropping' ORDER BY id LIMIT 1"),
        p![],
    )
    .await
}

pub(super) async fn lines_drop(tx: &mut Tx, take_id: i64, limit: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "DELETE FROM bill_line WHERE take_id = $1 AND seq <= \
             (SELECT COALESCE(MIN(seq), 0) + $2 FROM bill_line WHERE take_id = $1)"
        ),
        p![take_id, limit],
    )
    .await
}

/// Another reading counts from now on, and a comparison begins.
pub(super) async fn bill_flip(tx: &mut Tx, id: i64, take: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE bill SET take = $2, step = 'lines', run = run + 1, reached = 0, reached_id = 0, matched = 0, our_payments = 0, \
             our_paid = 0, our_refunds = 0, our_refunded = 0, next_at = NULL, problem = '', asked_by = NULL, asked_at = NULL, stale_at = NULL \
             WHERE id = $1 AND step NOT IN ('asked', 'closed')"
        ),
        p![id, take],
    )
    .await
}

/// A comparison begins anew over the reading that counts.
pub(super) async fn bill_again(tx: &mut Tx, id: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE bill SET step = 'lines', run = run + 1, reached = 0, reached_id = 0, matched = 0, our_payments = 0, our_paid = 0, \
             our_refunds = 0, our_refunded = 0, next_at = NULL, problem = '', stale_at = NULL WHERE id = $1 AND take IS NOT NULL AND step IN ('acting', 'open')"
        ),
        p![id],
    )
    .await
}

/// Where the steps of a comparison are and go.
pub(super) struct Onward<'a> {
    pub id: i64,
    pub run: i64,
    pub step: &'a str,
    pub from: (i64, i64),
    pub to: &'a str,
    pub reached: (i64, i64),
}

/// A step of the comparison, with what it adds: lines that match, payments of ours and their sum, refunds and theirs.
pub(super) async fn bill_onward(tx: &mut Tx, on: &Onward<'_>, add: [i64; 5]) -> DbResult<u64> {
    let [matched, payments, paid, refunds, refunded] = add;
    tx.exec(
        sql!(
            "UPDATE bill SET step = $6, reached = $7, reached_id = $8, matched = matched + $9, our_payments = our_payments + $10, \
             our_paid = our_paid + $11, our_refunds = our_refunds + $12, our_refunded = our_refunded + $13 \
             WHERE id = $1 AND run = $2 AND step = $3 AND reached = $4 AND reached_id = $5"
        ),
        p![
            on.id,
            on.run,
            on.step,
            on.from.0,
            on.from.1,
            on.to,
            on.reached.0,
            on.reached.1,
            matched,
            payments,
            paid,
            refunds,
            refunded
        ],
    )
    .await
}

pub(super) async fn bill_open(tx: &mut Tx, id: i64, run: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE bill SET step = 'open', matched_at = $3 WHERE id = $1 AND run = $2 AND step = 'acting' AND stale_at IS NULL"
        ),
        p![id, run, at],
    )
    .await
}

/// Days before this one whose open questions its bill may answer.
pub(super) async fn bills_waiting_for(
    q: &mut impl Query,
    channel: &str,
    (from, to): (&str, &str),
) -> DbResult<Vec<i64>> {
    let rows: Vec<(i64,)> = q
        .rows(
            sql!(
                "SELECT b.id FROM bill b WHERE b.channel = $1 AND b.day >= $2 AND b.day < $3 AND b.step = 'open' AND EXISTS \
                 (SELECT 1 FROM bill_finding f WHERE f.bill_id = b.id AND f.state = 'open' \
                 AND f.class IN ('local_only', 'refund_local_only', 'refund_pending')) ORDER BY b.day"
            ),
            p![channel, from, to],
        )
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Whether the bill of a later day was compared.
pub(super) async fn later_matched(q: &mut impl Query, channel: &str, day: &str) -> DbResult<bool> {
    let found: Option<i64> = q
        .opt(
            sql!(
                "SELECT id FROM bill WHERE channel = $1 AND day > $2 AND matched_at IS NOT NULL LIMIT 1"
            ),
            p![channel, day],
        )
        .await?;
    Ok(found.is_some())
}

/// The first person asks for a day to be closed.
pub(super) async fn bill_ask(tx: &mut Tx, id: i64, run: i64, by: i64, at: i64) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE bill SET step = 'asked', asked_by = $3, asked_at = $4 WHERE id = $1 AND run = $2 AND step = 'open' AND stale_at IS NULL"
        ),
        p![id, run, by, at],
    )
    .await
}

/// The second person signs (`closed`), or gives it back (`open`).
pub(super) async fn bill_sign(tx: &mut Tx, id: i64, by: i64, at: i64, note: &str) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE bill SET step = 'closed', closed_by = $2, closed_at = $3, note = $4 \
             WHERE id = $1 AND step = 'asked' AND asked_by <> $2 AND stale_at IS NULL"
        ),
        p![id, by, at, note],
    )
    .await
}

pub(super) async fn bill_unask(tx: &mut Tx, id: i64, note: &str) -> DbResult<u64> {
    tx.exec(
        sql!(
            "UPDATE bill SET step = 'open', asked_by = NULL, asked_at = NULL, note = $2 WHERE id = $1 AND step = 'asked'"
        ),
        p![id, note],
    )
    .await
}
