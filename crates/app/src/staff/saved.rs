//! Filters of lists that a member of staff keeps under a name.
//!
//! A kept filter is what stood in the address, nothing more: whoever opens it asks the list, which reads each value again and
//! answers within the asker's scope. What says who somebody is (names, numbers) isn't kept: the pages leave it out.

use db::{Command, Crowd, Lane, Tx};

pub use super::saved_store::SavedRow;

use super::saved_store as store;
use crate::{Ctx, Error, Result, Stamp};

/// Filters that one person keeps for one list: more are a second list to search.
pub const MOST: usize = 20;
/// Characters of a name.
const NAME: std::ops::RangeInclusive<usize> = 1..=20;
/// Bytes of a filter; the longest address of a list is shorter.
const QUERY: usize = 1_000;

/// The asker's filters of a list, by name.
///
/// # Errors
/// `Forbidden` to who isn't staff.
pub async fn list(ctx: &Ctx, list: &str) -> Result<Vec<SavedRow>> {
    let staff = ctx.staff()?.id;
    Ok(store::saved_of(&mut ctx.app.db().scan(Crowd::Staff), staff, list).await?)
}

/// The asker's filters of all lists: the list's code and the filter.
///
/// # Errors
/// `Forbidden` to who isn't staff.
pub async fn all(ctx: &Ctx) -> Result<Vec<(String, SavedRow)>> {
    let staff = ctx.staff()?.id;
    let rows = store::saved_all(&mut ctx.app.db().scan(Crowd::Staff), staff).await?;
    let row = |(list, public_id, name, query)| {
        let row = SavedRow {
            public_id,
            name,
            query,
        };
        (list, row)
    };
    Ok(rows.into_iter().map(row).collect())
}

/// Keeps a filter under a name; the same name again replaces it.
///
/// # Errors
/// `Fields` under `name`; `Refused` beyond [`MOST`].
pub async fn save(ctx: &Ctx, list: &str, name: &str, query: &str) -> Result<()> {
    ctx.staff()?;
    let name = domain::text::line(name);
    if !NAME.contains(&name.chars().count()) {
        return Err(Error::field("name", "请写一个名称，最多 20 个字"));
    }
    if crate::reason::holds_number(&name) {
        return Err(Error::field("name", "名称里不要写证件号码或手机号码"));
    }
    if query.is_empty() || query.len() > QUERY {
        return Err(Error::field("name", "没有可以保存的筛选条件"));
    }
    let command = Save {
        stamp: Stamp::of(ctx),
        list: list.to_owned(),
        name,
        query: query.to_owned(),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Save {
    stamp: Stamp,
    list: String,
    name: String,
    query: String,
}

impl Command for Save {
    const NAME: &'static str = "staff.save_filter";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let staff = self.stamp.actor_id();
        let at = self.stamp.at.micros();
        if store::saved_replace(tx, (staff, &self.list, &self.name), &self.query, at).await? > 0 {
            return Ok(());
        }
        if store::saved_of(tx, staff, &self.list).await?.len() >= MOST {
            return Err(Error::refused(
                "too_many_filters",
                "保存的筛选太多",
                format!("一个列表最多保存 {MOST} 个筛选，请先删除不用的。"),
            ));
        }
        let id = trail.id()?;
        let public_id = trail.public_id(id).to_string();
        let key = (staff, self.list.as_str(), self.name.as_str());
        store::saved_insert(tx, (id, &public_id), key, &self.query, at).await?;
        Ok(())
    }
}

/// Throws one of the asker's own filters away.
///
/// # Errors
/// `NotFound`, also for another's.
pub async fn delete(ctx: &Ctx, public_id: &str) -> Result<()> {
    let command = Delete {
        staff: ctx.staff()?.id,
        public_id: public_id.to_owned(),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Delete {
    staff: i64,
    public_id: String,
}

impl Command for Delete {
    const NAME: &'static str = "staff.delete_filter";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        match store::saved_delete(tx, self.staff, &self.public_id).await? {
            0 => Err(Error::NotFound),
            _ => Ok(()),
        }
    }
}
