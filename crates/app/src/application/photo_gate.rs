//! A photo that was approved may open gates of its owner's applications.

use db::Tx;
use domain::application::Event;

use super::advance::advance;
use super::store;
use crate::{App, Result, Trail};

/// Tells every living application of an account that its photo was approved. Called where that is decided.
pub(crate) async fn photo_approved(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    app: &App,
    account_id: i64,
) -> Result<()> {
    for id in store::living_ids_of(tx, account_id).await? {
        advance(tx, trail, app, id, Event::PhotoApproved, "").await?;
    }
    Ok(())
}
