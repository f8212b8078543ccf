//! A photo that was approved may open gates of its owner's applications; one that was replaced is replaced there, too.

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
    let mut after = 0;
    loop {
        let ids = store::living_ids_of(tx, account_id, after).await?;
        let Some(last) = ids.last() else {
            return Ok(());
        };
        after = *last;
        for id in ids {
            advance(tx, trail, app, id, Event::PhotoApproved, "").await?;
        }
    }
}

/// Gives the living applications that were made with a photo the one that took its place. One that has a seat keeps its
/// photo, which the papers of the room carry, unless that photo was `refused`.
pub(crate) async fn photo_replaced(
    tx: &mut Tx,
    account_id: i64,
    (before, after): (i64, i64),
    refused: bool,
) -> Result<()> {
    store::photo_put(tx, account_id, (before, after), refused).await?;
    Ok(())
}
