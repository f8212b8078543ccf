//! SQL of what a number or a name in the trail's filters stands for.

use db::{DbResult, Query, p, point, sql};

pub(super) async fn staff_called(
    q: &mut impl Query,
    username: &str,
    name: &str,
) -> DbResult<Vec<(i64, String)>> {
    q.rows(
        sql!("SELECT id, username FROM staff WHERE username = $1 OR name = $2 ORDER BY username LIMIT 20"),
        p![username, name],
    )
    .await
}

/// What has this number, at most `most`. The exams go first: 报名序号 is found within each by its index.
pub(super) async fn numbered(
    q: &mut impl Query,
    (typed, username): (&str, &str),
    most: i64,
) -> DbResult<Vec<(String, i64)>> {
    q.rows(
        sql!(
            "WITH a AS (SELECT a.id, a.account_id FROM exam x CROSS JOIN application a \
             WHERE a.exam_id = x.id AND a.registration_no = $1) \
             SELECT 'application', id FROM a \
             UNION SELECT 'account', account_id FROM a \
             UNION SELECT 'profile', account_id FROM a \
             UNION SELECT 'photo', p.id FROM a JOIN photo p ON p.account_id = a.account_id \
             UNION SELECT 'payment_order', o.id FROM a JOIN payment_order o ON o.application_id = a.id \
             UNION SELECT 'refund', r.id FROM a JOIN payment_order o ON o.application_id = a.id JOIN refund r ON r.order_id = o.id \
             UNION SELECT 'payment_order', id FROM payment_order WHERE order_no = $1 \
             UNION SELECT 'refund', r.id FROM payment_order o JOIN refund r ON r.order_id = o.id WHERE o.order_no = $1 \
             UNION SELECT 'exam', id FROM exam WHERE code = $1 \
             UNION SELECT 'staff', id FROM staff WHERE username = $2 LIMIT $3"
        ),
        p![typed, username, most],
    )
    .await
}

pub(super) async fn registration_no(q: &mut impl Query, id: i64) -> DbResult<Option<String>> {
    q.opt(
        point!("SELECT registration_no FROM application WHERE id = $1"),
        p![id],
    )
    .await
}

pub(super) async fn order_no(q: &mut impl Query, id: i64) -> DbResult<Option<String>> {
    q.opt(
        point!("SELECT order_no FROM payment_order WHERE id = $1"),
        p![id],
    )
    .await
}

pub(super) async fn exam_title(q: &mut impl Query, id: i64) -> DbResult<Option<String>> {
    q.opt(point!("SELECT title FROM exam WHERE id = $1"), p![id])
        .await
}
