//! Claims: an application is one reviewer's for a quarter of an hour, or until he decides.

use db::{Command, Lane, Tx};
use domain::review::Review;

use super::scope;
use super::store::{self, Slice, Units};
use crate::application::store::{application_by_id, application_by_public_id};
use crate::exam::Exam;
use crate::{Ctx, Error, Result};

/// How long a claim lasts.
pub(super) const CLAIM_MICROS: i64 = 15 * 60 * 1_000_000;
/// How often the most urgent one may be snatched away before the reviewer is asked to try again.
const RACES: u32 = 20;
/// What a reviewer reads when another one is at work.
pub(super) const HELD: &str = "这条报名正由其他审核人员办理，请先审其他的";

/// Takes one application.
///
/// # Errors
/// `Conflict` while another reviewer holds it.
pub async fn claim(ctx: &Ctx, public_id: &str) -> Result<()> {
    let row = application_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)?;
    scope::may_look(ctx, row.exam_id, &row.unit)?;
    let command = Claim {
        id: row.id,
        staff_id: ctx.staff()?.id,
        at: ctx.at.micros(),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Claim {
    id: i64,
    staff_id: i64,
    at: i64,
}

impl Command for Claim {
    const NAME: &'static str = "review.claim";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let row = application_by_id(tx, self.id)
            .await?
            .ok_or(Error::NotFound)?;
        let waits = Review::from_code(&row.review).is_some_and(Review::waits_for_staff);
        if !waits || row.life != "live" {
            return Err(Error::Conflict("这条报名已有结论，请看最新内容"));
        }
        hold(tx, self.id, self.staff_id, self.at).await
    }
}

/// Takes or prolongs a claim in the caller's transaction.
pub(super) async fn hold(tx: &mut Tx, id: i64, staff_id: i64, at: i64) -> Result<()> {
    if store::claim_put(tx, id, staff_id, at, at + CLAIM_MICROS).await? == 0 {
        return Err(Error::Conflict(HELD));
    }
    Ok(())
}

/// Takes the most urgent application that nobody else holds; its public id, `None` if there is none. `skip` is the one
/// just left.
pub async fn claim_next(
    ctx: &Ctx,
    exam: &Exam,
    filter: &super::Filter,
    skip: Option<&str>,
) -> Result<Option<String>> {
    let skip = match skip {
        Some(public_id) => application_by_public_id(&mut ctx.app.db().read(), public_id)
            .await?
            .map_or(0, |row| row.id),
        None => 0,
    };
    let command = ClaimNext {
        exam_id: exam.id(),
        review: filter.review,
        verdict: filter.verdict.clone(),
        other_verdict: filter.other_verdict,
        unit: filter.unit.clone(),
        units: scope::units(ctx, exam.id())?,
        staff_id: ctx.staff()?.id,
        at: ctx.at.micros(),
        skip,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct ClaimNext {
    exam_id: i64,
    review: Review,
    verdict: String,
    other_verdict: bool,
    unit: String,
    units: Units,
    staff_id: i64,
    at: i64,
    skip: i64,
}

impl Command for ClaimNext {
    const NAME: &'static str = "review.claim_next";
    type Out = Option<String>;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<Option<String>> {
        let slice = Slice {
            exam_id: self.exam_id,
            review: self.review.code(),
            other: false,
            verdict: &self.verdict,
            other_verdict: self.other_verdict && !self.verdict.is_empty(),
            latest: false,
            who: "",
            unit: &self.unit,
            late: None,
            units: &self.units,
        };
        for _ in 0..RACES {
            let free =
                store::queue_first_free(tx, &slice, self.staff_id, self.at, self.skip).await?;
            let Some((id, public_id)) = free else {
                return Ok(None);
            };
            // Where somebody was faster (on PostgreSQL commands run side by side), the next one is free.
            let until = self.at + CLAIM_MICROS;
            if store::claim_put(tx, id, self.staff_id, self.at, until).await? == 1 {
                return Ok(Some(public_id));
            }
        }
        Err(Error::Conflict(HELD))
    }
}

/// Gives a claim back undecided.
pub async fn let_go(ctx: &Ctx, public_id: &str) -> Result<()> {
    let row = application_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)?;
    scope::may_look(ctx, row.exam_id, &row.unit)?;
    ctx.app
        .db()
        .write(
            Lane::Interactive,
            LetGo {
                id: row.id,
                staff_id: ctx.staff()?.id,
            },
        )
        .await
}

struct LetGo {
    id: i64,
    staff_id: i64,
}

impl Command for LetGo {
    const NAME: &'static str = "review.let_go";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::claim_delete_own(tx, self.id, self.staff_id).await?;
        Ok(())
    }
}
