//! The statements about money: attempts, orders, refunds, the ledger (1 to 7).

use db::sql;

use super::Check;

pub(super) static CHECKS: &[Check] = &[
    Check {
        number: 1,
        name: "渠道收到的每一笔钱都落在一张已支付的缴费单上，或已发起退款",
        examined: sql!(
            "SELECT COUNT(*) FROM payment_attempt WHERE state IN ('succeeded', 'surplus')"
        ),
        broken: sql!(
            "SELECT t.merchant_no FROM payment_attempt t JOIN payment_order o ON o.id = t.order_id \
             WHERE (t.state = 'succeeded' AND (o.credited_attempt IS NULL OR o.credited_attempt <> t.id \
             OR o.state NOT IN ('paid', 'refunding', 'refunded', 'part_refunded', 'hold'))) \
             OR (t.state = 'surplus' AND NOT EXISTS (SELECT 1 FROM refund r WHERE r.attempt_id = t.id) \
             AND NOT EXISTS (SELECT 1 FROM discrepancy d WHERE d.order_id = o.id \
             AND d.kind NOT IN ('offline_return', 'offline_refused', 'list_line'))) ORDER BY t.id LIMIT 1000"
        ),
    },
    Check {
        number: 1,
        name: "已缴费的报名都有一张已支付的缴费单",
        examined: sql!("SELECT COUNT(*) FROM application WHERE life = 'live' AND payment = 'paid'"),
        broken: sql!(
            "SELECT a.registration_no FROM application a WHERE a.life = 'live' AND a.payment = 'paid' \
             AND NOT EXISTS (SELECT 1 FROM payment_order o WHERE o.application_id = a.id \
             AND o.state IN ('paid', 'refunding', 'part_refunded', 'hold')) ORDER BY a.id LIMIT 1000"
        ),
    },
    Check {
        number: 2,
        name: "入账的支付都有渠道凭据",
        examined: sql!("SELECT COUNT(*) FROM payment_order WHERE credited_attempt IS NOT NULL"),
        broken: sql!(
            "SELECT o.order_no FROM payment_order o WHERE o.credited_attempt IS NOT NULL AND NOT EXISTS \
             (SELECT 1 FROM payment_attempt t JOIN gateway_event g ON g.merchant_no = t.merchant_no \
             WHERE t.id = o.credited_attempt AND t.order_id = o.id) ORDER BY o.id LIMIT 1000"
        ),
    },
    Check {
        number: 3,
        name: "应收、发起、实收金额一致",
        examined: sql!("SELECT COUNT(*) FROM payment_attempt"),
        broken: sql!(
            "SELECT t.merchant_no FROM payment_attempt t JOIN payment_order o ON o.id = t.order_id \
             WHERE t.amount <> o.amount OR (t.state = 'succeeded' AND (t.received IS NULL OR t.received <> t.amount)) \
             ORDER BY t.id LIMIT 1000"
        ),
    },
    Check {
        number: 4,
        name: "退款不超过收款",
        examined: sql!("SELECT COUNT(*) FROM refund"),
        broken: sql!(
            "SELECT o.order_no FROM payment_order o \
             JOIN (SELECT order_id, SUM(amount) AS back FROM refund WHERE state <> 'failed' GROUP BY order_id) r \
             ON r.order_id = o.id \
             LEFT JOIN (SELECT order_id, SUM(received) AS got FROM payment_attempt \
             WHERE state IN ('succeeded', 'surplus') GROUP BY order_id) t ON t.order_id = o.id \
             WHERE r.back > COALESCE(t.got, 0) ORDER BY o.id LIMIT 1000"
        ),
    },
    Check {
        number: 6,
        name: "每笔账借贷相等",
        examined: sql!("SELECT COUNT(DISTINCT posting) FROM ledger_entry"),
        broken: sql!(
            "SELECT CAST(posting AS TEXT) FROM ledger_entry GROUP BY posting HAVING SUM(debit) <> SUM(credit) \
             ORDER BY posting LIMIT 1000"
        ),
    },
    Check {
        number: 6,
        name: "渠道实收与账本一致",
        examined: sql!("SELECT COUNT(*) FROM payment_attempt WHERE received IS NOT NULL"),
        broken: sql!(
            "SELECT t.merchant_no FROM payment_attempt t \
             LEFT JOIN (SELECT attempt_id, SUM(debit) AS booked FROM ledger_entry \
             WHERE substr(book, 1, 8) = 'channel:' GROUP BY attempt_id) l ON l.attempt_id = t.id \
             WHERE t.state IN ('succeeded', 'surplus') AND COALESCE(l.booked, 0) <> COALESCE(t.received, 0) \
             ORDER BY t.id LIMIT 1000"
        ),
    },
    Check {
        number: 6,
        name: "渠道以外的收入与账本一致",
        examined: sql!("SELECT COUNT(*) FROM hand_revenue"),
        broken: sql!(
            "SELECT b.book FROM (SELECT 'offline' AS book UNION ALL SELECT 'nontax' UNION ALL SELECT 'treasury') b \
             LEFT JOIN (SELECT CASE book WHEN 'channel:offline' THEN 'offline' WHEN 'channel:nontax' THEN 'nontax' ELSE book END AS book, \
             SUM(debit - credit) AS booked FROM ledger_entry WHERE book IN ('channel:offline', 'channel:nontax', 'treasury') GROUP BY 1) l \
             ON l.book = b.book LEFT JOIN (SELECT book, SUM(paid - refunded) AS told FROM hand_revenue GROUP BY book) h ON h.book = b.book \
             WHERE COALESCE(l.booked, 0) <> COALESCE(h.told, 0) ORDER BY b.book LIMIT 1000"
        ),
    },
    Check {
        number: 7,
        name: "截止之前支付的才算缴费",
        examined: sql!("SELECT COUNT(*) FROM payment_order WHERE credited_attempt IS NOT NULL"),
        broken: sql!(
            "SELECT order_no FROM payment_order WHERE credited_attempt IS NOT NULL \
             AND state IN ('paid', 'refunding', 'refunded', 'part_refunded') \
             AND (paid_at IS NULL OR paid_at >= expires_at) ORDER BY id LIMIT 1000"
        ),
    },
];
