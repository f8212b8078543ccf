//! 掉单: the operator has one order looked into at once, whatever its timer says.

use domain::payment::Source;

use super::ask::query;
use super::list_store::OfficeOrderRow;
use super::office::{Search, list};
use super::settle::outcome_code;
use super::store::{self, AttemptRow};
use crate::{Ctx, Error, Result};

/// What became of one try.
#[derive(Debug, Clone)]
pub struct Recovered {
    /// The try.
    pub attempt: AttemptRow,
    /// What the channel's answer came to, as a code; `None` if the channel isn't offered any more.
    pub outcome: Option<&'static str>,
}

/// The order of a number: 缴费单号, 商户单号 or 渠道交易号.
///
/// # Errors
/// `NotFound`.
pub async fn order_of(ctx: &Ctx, number: &str) -> Result<OfficeOrderRow> {
    let search = Search {
        number: number.to_owned(),
        ..Search::default()
    };
    let (rows, _) = list(ctx, &search).await?;
    rows.into_iter().next().ok_or(Error::NotFound)
}

/// Asks the channel about every try of an order, those that were given up as well, and settles what it says.
///
/// # Errors
/// `NotFound`; trouble with the database. A channel that doesn't answer is none.
pub async fn recover(ctx: &Ctx, number: &str) -> Result<Vec<Recovered>> {
    let order = order_of(ctx, number).await?;
    let mut recovered = Vec::new();
    for attempt in store::attempts_of(&mut ctx.app.db().read(), order.id).await? {
        let settled = query(ctx, &attempt, Source::Query).await?;
        recovered.push(Recovered {
            outcome: settled.map(|settled| outcome_code(&settled.outcome)),
            attempt,
        });
    }
    Ok(recovered)
}
