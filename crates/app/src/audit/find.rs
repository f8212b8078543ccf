//! What people type into the filters of the trail: a colleague's name, a number that stands on a page.

use std::collections::HashMap;

use db::{Crowd, DbResult, Query, p, point, sql};

use super::ListedRow;
use crate::{Ctx, Error, Result};

/// Objects that one number may stand for: an application has its account, photos and orders with it.
const MOST: i64 = 50;

/// The member of staff whom a user name or a whole name stands for.
///
/// # Errors
/// `Fields` under `username` if there is nobody, or more than one of that name.
pub(super) async fn actor(ctx: &Ctx, typed: &str) -> Result<i64> {
    let typed = domain::text::line(typed);
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let found = staff_called(&mut scan, &typed.to_lowercase(), &typed).await?;
    match found.as_slice() {
        [] => Err(Error::field("username", "没有这个用户名或姓名的工作人员")),
        [(id, _)] => Ok(*id),
        many => {
            let own = many
                .iter()
                .find(|(_, username)| *username == typed.to_lowercase());
            own.map(|(id, _)| *id).ok_or_else(|| {
                let names: Vec<&str> = many.iter().map(|(_, name)| name.as_str()).collect();
                let text = format!(
                    "有 {} 个人叫这个名字，请填用户名：{}",
                    many.len(),
                    names.join("、")
                );
                Error::field("username", text)
            })
        }
    }
}

/// What a number stands for, by kind and id: 报名序号, 缴费单号, 考试代码 or a user name.
///
/// # Errors
/// `Fields` under `number` if nothing has it.
pub(super) async fn objects(ctx: &Ctx, typed: &str) -> Result<Vec<(String, i64)>> {
    let typed = domain::sheet::squeezed(typed);
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let found = numbered(&mut scan, &typed, &typed.to_lowercase()).await?;
    if found.is_empty() {
        return Err(Error::field(
            "number",
            "没有这个编号。可以填报名序号、缴费单号、考试代码或用户名",
        ));
    }
    Ok(found)
}

/// Gives objects the number or title that people know them by.
pub(super) async fn name(ctx: &Ctx, rows: &mut [ListedRow]) -> Result<()> {
    let mut known: HashMap<(String, i64), Option<String>> = HashMap::new();
    for row in rows
        .iter_mut()
        .filter(|row| row.object.is_none() && row.object_id != 0)
    {
        let key = (row.object_kind.clone(), row.object_id);
        if let Some(name) = known.get(&key) {
            row.object = name.clone();
            continue;
        }
        let mut read = ctx.app.db().read();
        let name = match row.object_kind.as_str() {
            "application" => registration_no(&mut read, row.object_id).await?,
            "payment_order" => order_no(&mut read, row.object_id).await?,
            "exam" => exam_title(&mut read, row.object_id).await?,
            _ => None,
        };
        row.object.clone_from(&name);
        known.insert(key, name);
    }
    Ok(())
}

async fn staff_called(
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

/// The exams go first: 报名序号 is found within each by its index.
async fn numbered(q: &mut impl Query, typed: &str, username: &str) -> DbResult<Vec<(String, i64)>> {
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
        p![typed, username, MOST],
    )
    .await
}

async fn registration_no(q: &mut impl Query, id: i64) -> DbResult<Option<String>> {
    q.opt(
        point!("SELECT registration_no FROM application WHERE id = $1"),
        p![id],
    )
    .await
}

async fn order_no(q: &mut impl Query, id: i64) -> DbResult<Option<String>> {
    q.opt(
        point!("SELECT order_no FROM payment_order WHERE id = $1"),
        p![id],
    )
    .await
}

async fn exam_title(q: &mut impl Query, id: i64) -> DbResult<Option<String>> {
    q.opt(point!("SELECT title FROM exam WHERE id = $1"), p![id])
        .await
}
