//! The statements about rehearsals: nobody real in them, nothing of them outside, no money, no SMS (23, 2, 32).

use db::sql;

use super::Check;

pub(super) static CHECKS: &[Check] = &[
    Check {
        number: 23,
        name: "演练考试的报名都来自它的演练考生，演练考生不报别的考试",
        examined: sql!("SELECT COUNT(*) FROM application"),
        broken: sql!(
            "SELECT p.registration_no FROM application p JOIN account a ON a.id = p.account_id \
             JOIN exam e ON e.id = p.exam_id \
             WHERE COALESCE(a.rehearsal_exam, 0) <> CASE WHEN e.rehearsal = 1 THEN e.id ELSE 0 END ORDER BY 1 LIMIT 1000"
        ),
    },
    Check {
        number: 23,
        name: "演练考试的名称都带演练标记，其他考试的都不带",
        examined: sql!("SELECT COUNT(*) FROM exam"),
        broken: sql!(
            "SELECT code FROM exam WHERE COALESCE(rehearsal, 0) <> CASE WHEN substr(title, 1, 4) = '【演练】' THEN 1 ELSE 0 END \
             ORDER BY id LIMIT 1000"
        ),
    },
    Check {
        number: 2,
        name: "演练考试只用演练支付，其他考试都不用",
        examined: sql!("SELECT COUNT(*) FROM payment_attempt"),
        broken: sql!(
            "SELECT t.merchant_no FROM payment_attempt t JOIN payment_order o ON o.id = t.order_id JOIN exam e ON e.id = o.exam_id \
             WHERE COALESCE(e.rehearsal, 0) <> CASE WHEN t.channel = 'rehearsal' THEN 1 ELSE 0 END ORDER BY t.id LIMIT 1000"
        ),
    },
    Check {
        number: 32,
        name: "演练考生没有发出或待发的短信",
        examined: sql!("SELECT COUNT(*) FROM account WHERE rehearsal_exam IS NOT NULL"),
        broken: sql!(
            "SELECT CAST(m.id AS TEXT) FROM outbox_message m JOIN account a ON a.id = m.account_id \
             WHERE a.rehearsal_exam IS NOT NULL AND m.state <> 'dropped' ORDER BY m.id LIMIT 1000"
        ),
    },
];
