//! 工作台: what waits for the member of staff who asks, and how the exams stand that he may see.
//!
//! No count reads on for ever: those of the statistics are exact, photos stop at 10,001 and all others at 1,001, so that the
//! page costs the same for a county and for a province.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use db::Crowd;
use domain::application::Tally;
use domain::exam::next::Next;
use domain::staff::Permission as P;

use super::desk_store::{self as store, RunningExam};
use crate::{Ctx, Result, statistics};

/// A kind of work that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Photos that nobody has looked at.
    Photos,
    /// Applications for the first level of the review.
    FirstReview,
    /// Applications for the second level.
    SecondReview,
    /// Applications whose refusal is appealed against.
    Appeals,
    /// Applications for a waiver that nobody has decided.
    Waivers,
    /// Payments that another person entered from a document.
    Offline,
    /// Lists of the collection bank that another person uploaded.
    BankLists,
    /// Orders that wait for the fiscal office's code.
    Codes,
    /// Lists for the treasury that another person entered as paid back.
    Treasury,
    /// Days that another person asks to be closed, and bills that another person uploaded.
    Bills,
    /// Days that are closed and whose money wasn't handed over to the treasury.
    ToHand,
    /// Fiscal receipts of refunded orders, to be reversed.
    RedReceipts,
    /// Refunds that another person asked for.
    Refunds,
    /// 账号申诉, filed or checked.
    Claims,
    /// Changes that another person asked for.
    Approvals,
    /// Differences with a channel's books.
    Discrepancies,
    /// Those among them that are the asker's own.
    OwnDiscrepancies,
    /// Score tables that another person imported.
    Scores,
    /// Decisions about exams that another person asked for, and archives to be handed over.
    Exams,
    /// Exams that are being set up and not out yet.
    Drafts,
    /// Rehearsals whose last window is over, to be wiped.
    Rehearsals,
    /// SMS that were given up.
    FailedSms,
}

impl Work {
    /// Where the count of this kind stops; the last number stands for more.
    pub const fn stops_at(self) -> i64 {
        match self {
            Self::Photos | Self::FirstReview | Self::SecondReview | Self::Appeals => 10_001,
            _ => 1_001,
        }
    }
}

/// How old the figures of the menu may be, in microseconds: the menu is on every page, the counts behind it are scans.
const LATELY: i64 = 10_000_000;
/// People whose figures are kept; a centre has fewer, and more than that would be a leak.
const MOST_KEPT: usize = 1000;

/// When somebody's work was last counted, and what there was.
type Counted = (i64, Vec<(Work, i64)>);

/// What waited for whom a moment ago, by staff id.
#[derive(Debug, Default)]
pub(crate) struct Waits(Mutex<HashMap<i64, Counted>>);

/// What waits for the asker, at most ten seconds old.
pub async fn waiting_lately(ctx: &Ctx) -> Result<Vec<(Work, i64)>> {
    let staff = ctx.staff()?.id;
    let now = ctx.at.micros();
    let kept = || {
        ctx.app
            .waits()
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    };
    if let Some((at, list)) = kept().get(&staff)
        && (0..LATELY).contains(&(now - at))
    {
        return Ok(list.clone());
    }
    let list = waiting(ctx).await?;
    let mut kept = kept();
    if kept.len() >= MOST_KEPT {
        kept.clear();
    }
    kept.insert(staff, (now, list.clone()));
    Ok(list)
}

/// The asker is about to change what waits: the next page counts anew.
pub fn forget_waiting(ctx: &Ctx) {
    let mut kept = ctx
        .app
        .waits()
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    kept.remove(&ctx.actor.id());
}

/// What waits for the asker, kinds with nothing left out.
pub async fn waiting(ctx: &Ctx) -> Result<Vec<(Work, i64)>> {
    let staff = ctx.staff()?;
    let may = |permission| staff.grants.any(permission);
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let mut list = Vec::new();
    if may(P::PhotoReview) {
        list.push((Work::Photos, store::photos(&mut scan).await?));
    }
    list.extend(reviews(ctx).await?);
    if may(P::AccountDesk) {
        list.push((Work::Claims, store::claims(&mut scan, staff.id).await?));
    }
    let approvals = crate::approval::waiting(ctx).await?;
    list.push((Work::Approvals, approvals));
    if may(P::Finance) {
        list.push((Work::Waivers, store::waivers(&mut scan).await?));
        list.push((Work::Offline, store::offline(&mut scan, staff.id).await?));
        list.push((
            Work::BankLists,
            store::bank_lists(&mut scan, staff.id).await?,
        ));
        let at = ctx.at.micros();
        list.push((Work::Codes, store::codes_waiting(&mut scan, at).await?));
        list.push((Work::Treasury, store::treasury(&mut scan, staff.id).await?));
        list.push((Work::Bills, store::bills(&mut scan, staff.id).await?));
        list.push((Work::ToHand, store::days_to_hand(&mut scan).await?));
        list.push((Work::RedReceipts, store::red_receipts(&mut scan).await?));
        list.push((Work::Refunds, store::refunds(&mut scan, staff.id).await?));
        list.push((
            Work::OwnDiscrepancies,
            store::own_discrepancies(&mut scan, staff.id).await?,
        ));
        list.push((Work::Discrepancies, store::discrepancies(&mut scan).await?));
    }
    if may(P::ScoreEdit) {
        list.push((Work::Scores, store::scores(&mut scan, staff.id).await?));
    }
    if may(P::ExamEdit) {
        let count = crate::approval::exam_waits(ctx).await?.len();
        list.push((Work::Exams, i64::try_from(count).unwrap_or(i64::MAX)));
        let drafts = crate::exam::setup::drafts(ctx).await?;
        list.push((Work::Drafts, drafts));
        let over = crate::rehearsal::waiting(ctx).await?;
        list.push((Work::Rehearsals, over));
    }
    if may(P::MessageView) {
        list.push((Work::FailedSms, store::failed_sms(&mut scan).await?));
    }
    list.retain(|(_, count)| *count > 0);
    Ok(list)
}

/// What waits on either level of the review: the queues of the asker's exams, each within his units.
async fn reviews(ctx: &Ctx) -> Result<Vec<(Work, i64)>> {
    let grants = &ctx.staff()?.grants;
    let levels = [
        (Work::FirstReview, P::FirstReview),
        (Work::SecondReview, P::SecondReview),
        (Work::Appeals, P::SecondReview),
    ];
    let mut list = Vec::new();
    let mut queues = None;
    for (work, permission) in levels.into_iter().filter(|level| grants.any(level.1)) {
        if queues.is_none() {
            queues = Some(crate::review::exams(ctx).await?);
        }
        let count = queues
            .iter()
            .flatten()
            .filter(|queue| {
                let units = grants.units(permission, queue.exam.id());
                units.is_none_or(|units| !units.is_empty())
            })
            .map(|queue| match work {
                Work::FirstReview => queue.first,
                Work::SecondReview => queue.second,
                _ => queue.appeals,
            })
            .sum();
        list.push((work, count));
    }
    Ok(list)
}

/// How one exam stands, as far as the asker may see: his units where he has some only.
#[derive(Debug, Clone)]
pub struct ExamFigures {
    /// The exam.
    pub exam: RunningExam,
    /// Its figures, seconds old.
    pub tally: Tally,
    /// What today added to its living applications.
    pub today: i64,
    /// What is due in it.
    pub next: Vec<Next>,
}

/// How the running exams stand, and all of them together.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// The exams that the asker may see, those that close first on top.
    pub exams: Vec<ExamFigures>,
}

impl Figures {
    /// What the centre has: without rehearsals, which the list below the sums shows.
    fn real(&self) -> impl Iterator<Item = &ExamFigures> {
        self.exams.iter().filter(|one| !one.exam.rehearsal)
    }

    /// How many exams are running.
    pub fn running(&self) -> usize {
        self.real().count()
    }

    /// Applications that were handed in and not withdrawn.
    pub fn submitted(&self) -> i64 {
        self.real().map(|one| one.tally.applied).sum()
    }

    /// Those of today.
    pub fn today(&self) -> i64 {
        self.real().map(|one| one.today).sum()
    }

    /// Those that wait for a review.
    pub fn in_review(&self) -> i64 {
        self.real().map(|one| one.tally.waiting()).sum()
    }

    /// Those that are paid or need no payment.
    pub fn paid(&self) -> i64 {
        self.real().map(|one| one.tally.paid).sum()
    }
}

/// The figures of the exams that the asker may see; nothing for who sees none.
pub async fn figures(ctx: &Ctx) -> Result<Figures> {
    let staff = ctx.staff()?;
    if !staff.grants.any(P::ExamView) {
        return Ok(Figures::default());
    }
    let today = ctx.at.date().start();
    let mut rows = store::running(&mut ctx.app.db().scan(Crowd::Staff)).await?;
    if let Some(scope) = staff.grants.exams(P::ExamView) {
        rows.retain(|exam| scope.contains(&exam.id));
    }
    let mut exams = Vec::with_capacity(rows.len());
    for exam in rows {
        let (tally, today) = statistics::standing(ctx, exam.id, today).await?;
        let whole = crate::exam::find_by_id(&ctx.app, exam.id).await?;
        let next = crate::exam::next_steps(ctx, &whole, (0, tally.waiting())).await?;
        exams.push(ExamFigures {
            exam,
            tally,
            today,
            next,
        });
    }
    Ok(Figures { exams })
}
