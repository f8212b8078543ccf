//! What people type into the filters of the trail: a colleague's name, a number that stands on a page.

use std::collections::HashMap;

use db::Crowd;

use super::{ListedRow, find_store as store};
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
    let found = store::staff_called(&mut scan, &typed.to_lowercase(), &typed).await?;
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
    let found = store::numbered(&mut scan, (&typed, &typed.to_lowercase()), MOST).await?;
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
            "application" => store::registration_no(&mut read, row.object_id).await?,
            "payment_order" => store::order_no(&mut read, row.object_id).await?,
            "exam" => store::exam_title(&mut read, row.object_id).await?,
            _ => None,
        };
        row.object.clone_from(&name);
        known.insert(key, name);
    }
    Ok(())
}
