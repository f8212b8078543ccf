//! Lists as the office works on them: look, compare, check by a second person, publish for a set time, take back, give up.

use db::{Command, Crowd, Lane, Query, Tx};
use domain::selection::round::{Hands, RoundEvent, RoundRefused};
use domain::selection::{RoundKind, RoundState};
use domain::staff::Permission;
use domain::time::Timestamp;
use serde_json::json;

use super::draft::Seal;
use super::round_store::{self as store, RoundRow};
use super::row_store::{self, RoundChange, RowFilter, RowLine};
use super::store as people_store;
use crate::application::store as applications;
use crate::exam::Exam;
use crate::{Ctx, Error, Result, Stamp, interview};

pub use super::publish::{publish, withdraw};

/// What whoever stages reads, when somebody gave the list up meanwhile.
pub(super) const GIVEN_UP: &str = "这份名单已被放弃，请重新生成";
pub(super) const TOUCHED: &str = "这份名单刚被别人处理过，请刷新查看";
/// Lines read at a time.
pub(super) const PAGE: i64 = 1_000;
/// Differences that are told.
pub const MOST_CHANGES: i64 = 500;

/// A list with what it is and where it stands.
#[derive(Debug, Clone)]
pub struct Round {
    /// The row.
    pub row: RoundRow,
    /// What it is for.
    pub kind: RoundKind,
    /// Where it stands.
    pub state: RoundState,
}

impl TryFrom<RoundRow> for Round {
    type Error = Error;

    fn try_from(row: RoundRow) -> Result<Self> {
        Ok(Self {
            kind: RoundKind::from_code(&row.kind)
                .ok_or(Error::inconsistent("selection_round.kind"))?,
            state: RoundState::from_code(&row.state)
                .ok_or(Error::inconsistent("selection_round.state"))?,
            row,
        })
    }
}

impl Round {
    /// Whether its time has come.
    pub fn is_visible(&self, at: Timestamp) -> bool {
        self.state == RoundState::Published
            && self.row.visible_at.is_some_and(|from| from <= at.micros())
    }
}

/// The lists of an exam, newest first.
pub async fn rounds(ctx: &Ctx, exam: &Exam) -> Result<Vec<Round>> {
    ctx.allow_for(Permission::Selection, exam.id(), "")?;
    let rows = store::rounds_of(&mut ctx.app.db().scan(Crowd::Staff), exam.id()).await?;
    rows.into_iter().map(Round::try_from).collect()
}

/// One list of an exam.
///
/// # Errors
/// `NotFound` also for one of another exam.
pub async fn round(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<Round> {
    ctx.allow_for(Permission::Selection, exam.id(), "")?;
    store::round_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .filter(|row| row.exam_id == exam.id())
        .ok_or(Error::NotFound)?
        .try_into()
}

/// What of a list is looked at; empty and 0 mean any.
#[derive(Debug, Clone, Default)]
pub struct Looked {
    /// The position, by `position.id`.
    pub position_id: i64,
    /// A verdict's code; `on` for everybody who goes on.
    pub verdict: String,
    /// The candidate's name, whole.
    pub name: String,
}

/// Where a page of a list begins: position, rank, application of the last line before.
pub type RowPlace = (i64, i64, i64);

/// A page of a list, position by position, by rank.
pub async fn rows(
    ctx: &Ctx,
    round: &Round,
    looked: &Looked,
    from: Option<RowPlace>,
    limit: u32,
) -> Result<Vec<RowLine>> {
    ctx.allow_for(Permission::Selection, round.row.exam_id, "")?;
    let filter = RowFilter {
        position_id: looked.position_id,
        verdict: &looked.verdict,
        name: looked.name.trim(),
    };
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(row_store::rows_page(&mut scan, round.row.id, &filter, from, limit).await?)
}

/// What a list says otherwise than the one in force; empty when there is none or it is that one.
pub async fn changes(ctx: &Ctx, exam: &Exam, round: &Round) -> Result<Vec<RoundChange>> {
    let live = store::round_live(&mut ctx.app.db().read(), exam.id(), round.kind.code()).await?;
    let Some(live) = live.filter(|live| live.id != round.row.id) else {
        return Ok(Vec::new());
    };
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(row_store::changes_between(&mut scan, live.id, round.row.id, MOST_CHANGES).await?)
}

/// What stands in the way of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Obstacles {
    /// What it was made of isn't in force any more.
    pub stale: bool,
    /// People who have come too far to be taken off.
    pub too_far: i64,
    /// People who share the last place where only as many may go on as there are posts.
    pub ties: i64,
}

/// What stands in the way of a list now.
pub async fn obstacles(ctx: &Ctx, exam: &Exam, round: &Round) -> Result<Obstacles> {
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    obstacles_in(&mut scan, exam, round).await
}

pub(super) async fn obstacles_in(
    q: &mut impl Query,
    exam: &Exam,
    round: &Round,
) -> Result<Obstacles> {
    let row = &round.row;
    let (mut too_far, mut ties) = (0, 0);
    let basis = match round.kind {
        RoundKind::Shortlist => {
            too_far = people_store::too_far(q, exam.id(), row.id).await?;
            if exam.settings.steps.seating {
                exam.row.score_batch
            } else {
                0
            }
        }
        // A plan that nobody can look up any more is the plan that it was.
        RoundKind::Total => interview::results(q, exam.id())
            .await?
            .map_or(row.basis, |results| results.plan_id),
        RoundKind::Medical => {
            ties = row_store::ties_open(q, row.id).await?;
            live_id(q, exam.id(), "total").await?
        }
        RoundKind::Hire => live_id(q, exam.id(), "medical").await?,
    };
    Ok(Obstacles {
        stale: basis != row.basis,
        too_far,
        ties,
    })
}

async fn live_id(q: &mut impl Query, exam_id: i64, kind: &str) -> Result<i64> {
    let live = store::round_live(q, exam_id, kind).await?;
    Ok(live.map_or(0, |live| live.id))
}

pub(super) fn refused(no: RoundRefused) -> Error {
    match no {
        RoundRefused::Impossible(..) => Error::Conflict(TOUCHED),
        RoundRefused::CheckerIsMaker => Error::refused(
            "same_person",
            "须由另一人核对",
            "生成名单的人不能核对自己生成的名单，请另一位工作人员办理。",
        ),
        RoundRefused::NoReason => Error::field(
            "reason",
            "已公布的名单要更改，请写明原因，例如：成绩复查更正 2 人",
        ),
        RoundRefused::Seen => Error::refused(
            "seen",
            "名单已经公布",
            "公布时间已到，考生已经看到，不能撤回。要更改请重新生成名单。",
        ),
    }
}

pub(super) async fn found_in(tx: &mut Tx, public_id: &str) -> Result<Round> {
    store::round_by_public_id(tx, public_id)
        .await?
        .ok_or(Error::NotFound)?
        .try_into()
}

pub(super) fn hands<'r>(
    round: &Round,
    actor: i64,
    (replaces, reason): (bool, &'r str),
) -> Hands<'r> {
    Hands {
        made_by: round.row.made_by,
        actor,
        replaces,
        reason,
        seen: false,
    }
}

/// 核对无误: a second person has looked at the list.
///
/// # Errors
/// `Refused` for whoever made it, and while people share a last place that only one of them can have.
pub async fn check(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<()> {
    let round = round(ctx, exam, public_id).await?;
    let command = Check {
        stamp: Stamp::of(ctx),
        public_id: round.row.public_id,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

pub(super) fn tied(ties: i64) -> Error {
    Error::refused(
        "tie",
        "有并列的没有确定",
        format!("有 {ties} 人并列，人数超过招聘人数。请先逐人确定谁进入体检，再核对。"),
    )
}

struct Check {
    stamp: Stamp,
    public_id: String,
}

impl Command for Check {
    const NAME: &'static str = "selection.check";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let now = found_in(tx, &self.public_id).await?;
        let hands = hands(&now, self.stamp.actor_id(), (false, ""));
        now.state.on(RoundEvent::Check, hands).map_err(refused)?;
        if now.kind == RoundKind::Medical {
            let ties = row_store::ties_open(tx, now.row.id).await?;
            if ties > 0 {
                return Err(tied(ties));
            }
        }
        let who = (self.stamp.actor_id(), self.stamp.at.micros());
        if store::round_checked(tx, now.row.id, who).await? == 0 {
            return Err(Error::Conflict(TOUCHED));
        }
        let detail = json!({ "made_by": now.row.made_by, "people": now.row.people });
        self.stamp
            .trail()
            .audit(tx, "selection.check", now.row.object(), detail)
            .await
    }
}

/// Decides about somebody of a list who shares a last place that isn't enough for all: he goes on, or he doesn't. He is named by the public
/// id of his application.
///
/// # Errors
/// `Fields` under `reason`; `Conflict` once the list is checked, or for somebody who shares none.
pub async fn decide_tie(
    ctx: &Ctx,
    exam: &Exam,
    (public_id, application): (&str, &str),
    (enters, reason): (bool, &str),
) -> Result<()> {
    let round = round(ctx, exam, public_id).await?;
    let application = applications::application_by_public_id(&mut ctx.app.db().read(), application)
        .await?
        .ok_or(Error::field("application", "请选择考生"))?
        .id;
    let hint = "请写明怎样确定的，例如：加试成绩 81.5 分，高于并列的另一人，4 至 200 个字";
    let command = DecideTie {
        stamp: Stamp::of(ctx),
        public_id: round.row.public_id,
        application,
        enters,
        reason: crate::reason::read("reason", reason, 4..=200, hint)?,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct DecideTie {
    stamp: Stamp,
    public_id: String,
    application: i64,
    enters: bool,
    reason: String,
}

impl Command for DecideTie {
    const NAME: &'static str = "selection.decide_tie";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let now = found_in(tx, &self.public_id).await?;
        if now.kind != RoundKind::Medical || now.state != RoundState::Draft {
            return Err(Error::Conflict(TOUCHED));
        }
        let verdict = if self.enters { "in" } else { "beyond" };
        let id = now.row.id;
        if row_store::row_decide(tx, id, self.application, verdict).await? == 0 {
            return Err(Error::Conflict(
                "这位考生没有并列，或者已经确定，请刷新查看",
            ));
        }
        let (mut seal, mut after, mut people) = (Seal::default(), 0, 0);
        loop {
            let rows = row_store::rows_after(tx, id, after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            after = last.application_id;
            for row in &rows {
                people += i64::from(matches!(row.verdict.as_str(), "in" | "tie"));
                seal.line(row);
            }
        }
        let digest = seal.finish();
        if store::round_redigested(tx, id, &now.row.digest, &digest, people).await? == 0 {
            return Err(Error::Conflict(TOUCHED));
        }
        let detail = json!({
            "application_id": self.application,
            "verdict": verdict,
            "reason": self.reason,
            "digest": digest,
        });
        self.stamp
            .trail()
            .audit(tx, "selection.draft", now.row.object(), detail)
            .await
    }
}

/// 放弃 a list that isn't published; its lines go.
///
/// # Errors
/// `Fields` under `why` if somebody else made it and isn't told why.
pub async fn discard(ctx: &Ctx, exam: &Exam, public_id: &str, why: &str) -> Result<()> {
    let round = round(ctx, exam, public_id).await?;
    let id = round.row.id;
    let own = round.row.made_by == ctx.actor.id();
    let (length, hint) = if own {
        (0..=500, "最多 500 个字")
    } else {
        (4..=500, "别人生成的名单，请写明为什么放弃，4 至 500 个字")
    };
    let command = Discard {
        stamp: Stamp::of(ctx),
        round: round.row,
        why: crate::reason::read("why", why, length, hint)?,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    while ctx
        .app
        .db()
        .write(Lane::Background, Drop { round_id: id })
        .await?
        > 0
    {}
    Ok(())
}

struct Discard {
    stamp: Stamp,
    round: RoundRow,
    why: String,
}

impl Command for Discard {
    const NAME: &'static str = "selection.discard";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let who = (self.stamp.actor_id(), self.stamp.at.micros());
        if store::round_dropped(tx, self.round.id, who, &self.why).await? == 0 {
            return Err(Error::Conflict("这份名单已公布或已放弃，请刷新查看"));
        }
        let detail = json!({ "kind": self.round.kind, "why": self.why });
        self.stamp
            .trail()
            .audit(tx, "selection.discard", self.round.object(), detail)
            .await
    }
}

struct Drop {
    round_id: i64,
}

impl Command for Drop {
    const NAME: &'static str = "selection.drop";
    type Out = u64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<u64> {
        Ok(row_store::rows_drop(tx, self.round_id, 250).await?)
    }
}
