//! SQL that removes what a rehearsal leaves of orders and what was paid: `$1` is its `exam.id`, a few hundred rows at a time.

use db::sql;

use crate::rehearsal::wipe::Wipe;

/// In an order that foreign keys allow.
pub(crate) static WIPE: &[Wipe] = &[
    Wipe {
        kind: "账务",
        table: "ledger_entry",
        sql: sql!(
            "DELETE FROM ledger_entry WHERE id IN (SELECT x.id FROM ledger_entry x JOIN payment_order o \
             ON x.order_id = o.id WHERE o.exam_id = $1 ORDER BY x.id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "账务",
        table: "discrepancy",
        sql: sql!(
            "DELETE FROM discrepancy WHERE id IN (SELECT x.id FROM discrepancy x JOIN payment_order o ON \
             x.order_id = o.id WHERE o.exam_id = $1 ORDER BY x.id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "账务",
        table: "gateway_event",
        sql: sql!(
            "DELETE FROM gateway_event WHERE id IN (SELECT x.id FROM gateway_event x JOIN payment_attempt \
             t ON t.merchant_no = x.merchant_no JOIN payment_order o ON o.id = t.order_id WHERE o.exam_id \
             = $1 ORDER BY x.id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "退款",
        table: "rehearsal_refund",
        sql: sql!(
            "DELETE FROM rehearsal_refund WHERE refund_no IN (SELECT x.refund_no FROM rehearsal_refund x \
             JOIN payment_attempt t ON t.merchant_no = x.merchant_no JOIN payment_order o ON o.id = \
             t.order_id WHERE o.exam_id = $1 ORDER BY x.refund_no LIMIT 200)"
        ),
    },
    Wipe {
        kind: "支付记录",
        table: "rehearsal_payment",
        sql: sql!(
            "DELETE FROM rehearsal_payment WHERE merchant_no IN (SELECT x.merchant_no FROM \
             rehearsal_payment x JOIN payment_attempt t ON t.merchant_no = x.merchant_no JOIN \
             payment_order o ON o.id = t.order_id WHERE o.exam_id = $1 ORDER BY x.merchant_no LIMIT 200)"
        ),
    },
    Wipe {
        kind: "支付记录",
        table: "nontax_code",
        sql: sql!(
            "DELETE FROM nontax_code WHERE order_id IN (SELECT x.order_id FROM nontax_code x JOIN payment_order o ON \
             x.order_id = o.id WHERE o.exam_id = $1 ORDER BY x.order_id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "支付记录",
        table: "nontax_row",
        sql: sql!(
            "DELETE FROM nontax_row WHERE order_id IN (SELECT x.order_id FROM nontax_row x JOIN payment_order o ON \
             x.order_id = o.id WHERE o.exam_id = $1 ORDER BY x.order_id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "支付记录",
        table: "offline_entry",
        sql: sql!(
            "DELETE FROM offline_entry WHERE id IN (SELECT x.id FROM offline_entry x JOIN payment_order o ON \
             x.order_id = o.id WHERE o.exam_id = $1 ORDER BY x.id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "票据",
        table: "fiscal_row",
        sql: sql!(
            "DELETE FROM fiscal_row WHERE order_id IN (SELECT x.order_id FROM fiscal_row x JOIN payment_order o ON \
             x.order_id = o.id WHERE o.exam_id = $1 ORDER BY x.order_id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "票据",
        table: "fiscal_receipt",
        sql: sql!(
            "DELETE FROM fiscal_receipt WHERE order_id IN (SELECT x.order_id FROM fiscal_receipt x JOIN payment_order o ON \
             x.order_id = o.id WHERE o.exam_id = $1 ORDER BY x.order_id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "退款",
        table: "treasury_line",
        sql: sql!(
            "DELETE FROM treasury_line WHERE refund_id IN (SELECT x.refund_id FROM treasury_line x JOIN payment_order o ON \
             x.order_id = o.id WHERE o.exam_id = $1 ORDER BY x.refund_id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "退款",
        table: "refund",
        sql: sql!(
            "DELETE FROM refund WHERE id IN (SELECT x.id FROM refund x JOIN payment_order o ON x.order_id \
             = o.id WHERE o.exam_id = $1 ORDER BY x.id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "支付记录",
        table: "payment_attempt",
        sql: sql!(
            "DELETE FROM payment_attempt WHERE id IN (SELECT x.id FROM payment_attempt x JOIN \
             payment_order o ON x.order_id = o.id WHERE o.exam_id = $1 ORDER BY x.id LIMIT 200)"
        ),
    },
    Wipe {
        kind: "缴费单",
        table: "payment_order",
        sql: sql!(
            "DELETE FROM payment_order WHERE id IN (SELECT id FROM payment_order WHERE exam_id = $1 ORDER \
             BY id LIMIT 200)"
        ),
    },
];
