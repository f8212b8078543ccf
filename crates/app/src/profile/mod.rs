//! 个人信息 (manual 1.2.2.1): what a candidate tells about himself once and every application takes a copy of.
//!
//! The content is one encrypted document per account; name, document and mobile are the account's. Saved section by
//! section; `complete` says whether every required part is there, for `application` at 保存.

mod store;

use db::Tx;
use vault::Place;

use crate::{App, Error, Result};

fn place(account_id: i64) -> Place {
    Place { table: "profile", column: "content", row: account_id }
}

/// The profile as saved, as JSON, for the copy of one's data; `null` if never saved.
pub(crate) async fn stored(app: &App, account_id: i64) -> Result<serde_json::Value> {
    let Some((content, _, _)) = store::profile_find(&mut app.db().read(), account_id).await? else {
        return Ok(serde_json::Value::Null);
    };
    let clear = app
        .cipher()
        .open(place(account_id), &content)
        .map_err(|e| Error::internal("profile.content", e))?;
    serde_json::from_slice(&clear).map_err(|e| Error::internal("profile.content", e))
}

/// Forgets the profile of an account that is being closed.
pub(crate) async fn erase(tx: &mut Tx, account_id: i64) -> Result<()> {
    store::profile_delete(tx, account_id).await?;
    Ok(())
}
