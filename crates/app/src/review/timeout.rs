//! The clocks of the review: reviewers who are late, candidates who didn't supplement.

use db::{Command, Crowd, Lane, Tx};
use domain::application::Event;

use super::store;
use crate::application::{Extra, advance_with};
use crate::setback::{self, Kind};
use crate::{App, Ctx, Error, Result, Stamp};

/// Handled at a time.
const ROUND: i64 = 200;
const OVERDUE: &str = "在补充截止时间前没有收到要求补充的材料。";

/// Does what the settings say about reviews that are late, and ends what wasn't supplemented. Returns how many moved.
pub async fn sweep(app: &App) -> Result<usize> {
    let at = app.now().micros();
    let late = store::overdue(&mut app.db().scan(Crowd::System), at, ROUND).await?;
    let unmended = store::supplements_due(&mut app.db().scan(Crowd::System), at, ROUND).await?;
    let late = late.into_iter().map(|id| (id, Event::ReviewTimedOut, ""));
    let due = late.chain(
        unmended
            .into_iter()
            .map(|id| (id, Event::SupplementDue, OVERDUE)),
    );
    let ctx = Ctx::system(app);
    let mut moved = 0;
    for (id, event, note) in due {
        let command = Tick {
            stamp: Stamp::of(&ctx),
            app: app.clone(),
            id,
            event,
            note,
        };
        match app.db().write(Lane::Background, command).await {
            Ok(()) => moved += 1,
            Err(error) => {
                // Somebody decided in between: the next look won't find it any more. Everything else is tried again later,
                // and keeps nobody waiting who comes after it.
                if !matches!(error, Error::Refused(_) | Error::Conflict(_)) {
                    tracing::warn!(application = id, %error, "the clock of a review couldn't be followed");
                }
                setback::put(app, Kind::Review, id).await?;
            }
        }
    }
    Ok(moved)
}

struct Tick {
    stamp: Stamp,
    app: App,
    id: i64,
    event: Event,
    note: &'static str,
}

impl Command for Tick {
    const NAME: &'static str = "review.tick";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let extra = Extra {
            note: self.note,
            ..Extra::default()
        };
        advance_with(tx, &mut trail, &self.app, self.id, self.event, &extra).await?;
        Ok(())
    }
}
