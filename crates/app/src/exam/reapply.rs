//! The end of 改报: whoever still stands on a cancelled position is ended, and his fee goes back. The same timer comes back for
//! those whom the job of a decision couldn't move, and takes up jobs that died.

use db::{Command, Crowd, Lane, Tx};
use domain::application::Event;

use super::decision::carry;
use super::{amendment, amendment_store, catalogue, change, decision_store as store};
use crate::{App, Ctx, Error, Result, Stamp, application};

/// Positions and applications read at a time.
const PAGE: i64 = 200;
const NOTE: &str = "改报时间已过，没有选择其他岗位";

/// One round; how many applications moved.
pub async fn sweep(ctx: &Ctx) -> Result<usize> {
    carry::resume(ctx).await?;
    amendment::tell::resume(ctx).await?;
    change::tell::resume(ctx).await?;
    let app = &ctx.app;
    let (mut moved, mut after) = (0, 0);
    loop {
        let mut scan = app.db().scan(Crowd::System);
        let positions = store::cancelled_with_people(&mut scan, after, PAGE).await?;
        let Some((last, _)) = positions.last().copied() else {
            return Ok(moved);
        };
        after = last;
        for (position, exam) in positions {
            if store::is_at_work(&mut app.db().read(), position).await? {
                continue;
            }
            let exam = catalogue::find_by_id(app, exam).await?;
            moved += of_position(ctx, position, exam.open_at(app.now()).reapply_ahead).await?;
        }
    }
}

async fn of_position(ctx: &Ctx, position: i64, ahead: bool) -> Result<usize> {
    let app = &ctx.app;
    let (mut moved, mut after) = (0, 0);
    loop {
        let mut scan = app.db().scan(Crowd::System);
        let people = amendment_store::live_at(&mut scan, position, after, PAGE).await?;
        let Some(last) = people.last().map(|person| person.id) else {
            return Ok(moved);
        };
        after = last;
        for person in people {
            let command = End {
                stamp: Stamp::of(ctx),
                app: app.clone(),
                of: (person.id, position),
                ahead,
            };
            match app.db().write(Lane::Background, command).await {
                Ok(done) => moved += usize::from(done),
                // He moved at this very moment.
                Err(Error::Conflict(_)) => {}
                Err(error) => {
                    tracing::error!(application = person.id, %error, "an applicant of a cancelled position couldn't be moved");
                }
            }
        }
    }
}

struct End {
    stamp: Stamp,
    app: App,
    of: (i64, i64),
    /// 改报 is still open or to come: only those who weren't told yet.
    ahead: bool,
}

impl Command for End {
    const NAME: &'static str = "exam.reapply_end";
    type Out = bool;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<bool> {
        let mut trail = self.stamp.trail();
        let (id, position) = self.of;
        let done = carry::cancel_one(tx, &mut trail, &self.app, self.of, NOTE).await?;
        if self.ahead || done.is_some() {
            return Ok(done.is_some());
        }
        let row = application::store::application_by_id(tx, id).await?;
        if !row.is_some_and(|row| row.life == "live" && row.position_id == Some(position)) {
            return Ok(false);
        }
        let event = Event::CancelPosition;
        application::advance(tx, &mut trail, &self.app, id, event, NOTE).await?;
        Ok(true)
    }
}
