//! 个人信息 (manual 1.2.2.1): what a candidate tells about himself once and every application takes a copy of.
//!
//! The content is one encrypted document per account; name, document and mobile are the account's. Saved part by part:
//! each part is checked whole and replaces only itself, so that two open tabs don't undo each other. `complete` says whether the parts
//! that every exam asks for are there.

mod save;
mod store;
pub(crate) mod wipe_store;

use db::Tx;
use domain::profile::{Identity, Profile};
use domain::time::Timestamp;
use vault::Place;

pub use save::{remove_education, save_basic, save_education, save_family, save_resume, save_work};

use crate::{App, Ctx, Error, Result};

fn place(account_id: i64) -> Place {
    Place {
        table: "profile",
        column: "content",
        row: account_id,
    }
}

/// A profile as it is stored; an empty one if nothing was saved yet.
#[derive(Debug, Clone, Default)]
pub struct Stored {
    /// The content.
    pub profile: Profile,
    /// Grows with every save; 0 for nothing saved.
    pub version: i64,
    /// When it was saved last.
    pub saved_at: Option<Timestamp>,
}

/// The profile of an account. The caller has checked who asks.
pub async fn find(app: &App, account_id: i64) -> Result<Stored> {
    let Some((content, version, saved_at)) =
        store::profile_find(&mut app.db().read(), account_id).await?
    else {
        return Ok(Stored::default());
    };
    let clear = app
        .cipher()
        .open(place(account_id), &content)
        .map_err(|e| Error::internal("profile.content", e))?;
    let profile =
        serde_json::from_slice(&clear).map_err(|e| Error::internal("profile.content", e))?;
    Ok(Stored {
        profile,
        version,
        saved_at: Some(Timestamp::from_micros(saved_at)),
    })
}

/// Who the asking candidate is, with the profile.
#[derive(Debug, Clone)]
pub struct Own {
    /// What the account says.
    pub identity: Identity,
    /// What was told.
    pub stored: Stored,
}

/// The asking candidate's own profile.
pub async fn own(ctx: &Ctx) -> Result<Own> {
    let account_id = ctx.candidate()?;
    Ok(Own {
        identity: crate::account::identity(&ctx.app, account_id).await?,
        stored: find(&ctx.app, account_id).await?,
    })
}

/// The profile as saved, as JSON, for the copy of one's data; `null` if never saved.
pub(crate) async fn stored(app: &App, account_id: i64) -> Result<serde_json::Value> {
    let stored = find(app, account_id).await?;
    if stored.version == 0 {
        return Ok(serde_json::Value::Null);
    }
    serde_json::to_value(&stored.profile).map_err(|e| Error::internal("profile.content", e))
}

/// Forgets the profile of an account that is being closed.
pub(crate) async fn erase(tx: &mut Tx, account_id: i64) -> Result<()> {
    store::profile_delete(tx, account_id).await?;
    Ok(())
}

/// The name under which the draft of a part is kept.
pub fn draft_name(part: domain::profile::Part) -> String {
    format!("profile-{}", part.code())
}
