//! 实名核验 and 学历核验 (assurance §5, 7): is this person, is this education on record?
//!
//! What is asked about somebody becomes due when his account wakes, his identity is corrected or his profile is saved ([`due`]). A job
//! looks what changed and asks the operator's adapter, outside of any transaction ([`ask`]): it answers at once, or the question goes
//! on the next list, which an officer takes to the authority and brings back with its answers ([`batch`]). Staff with the document
//! before them may find otherwise, two of them ([`overrule`]).
//!
//! An answer belongs to the keyed digest of what was asked. Whoever changes his name or education has no answer from that moment
//! on, whenever the job comes. What an exam makes of it is its setting: [`seen`] is what an application keeps.

mod ask;
pub mod batch;
mod overrule;
mod results;
mod store;

use db::{Query, Tx};
use domain::check::{CheckKind, CheckRules, CheckSeen, Demand, Subject, Unknown, Verdict};
use domain::profile::{Identity, Profile};
use domain::staff::Permission;
use domain::time::Timestamp;

pub use ask::ask_due;
pub use overrule::request as ask_overrule;
pub(crate) use overrule::{changes, decide};
pub use store::{BatchRow, ProblemRow};

use crate::{App, Ctx, Error, Object, Result};

/// The source of an answer that staff gave.
pub const STAFF: &str = "staff";

fn item_object(id: i64) -> Object {
    Object {
        kind: "check_item",
        id,
        exam_id: 0,
    }
}

/// In the transaction that changes something that may be asked about.
pub(crate) async fn due(tx: &mut Tx, account_id: i64, at: Timestamp) -> Result<()> {
    for kind in CheckKind::ALL {
        store::due_put(tx, kind.code(), account_id, at.micros()).await?;
    }
    Ok(())
}

/// An account closes: nothing more is asked about its holder, and nothing that was answered counts.
pub(crate) async fn forget(tx: &mut Tx, account_id: i64, at: Timestamp) -> Result<()> {
    store::due_drop(tx, account_id).await?;
    store::items_end(tx, account_id, at.micros()).await?;
    Ok(())
}

/// The keyed digest of a question.
fn digest(app: &App, subject: &Subject) -> [u8; 32] {
    app.index().index("check.subject", &subject.text())
}

/// A question as it stands, with the answer that counts.
#[derive(Debug, Clone)]
pub struct Standing {
    id: i64,
    digest: Vec<u8>,
    /// What URLs carry.
    pub public_id: String,
    /// Which.
    pub kind: CheckKind,
    /// The answer; `None` while there is none.
    pub verdict: Option<Verdict>,
    /// Why it is unknown.
    pub unknown: Option<Unknown>,
    /// Whose answer it is.
    pub source: String,
    /// The authority's number.
    pub reference: String,
    /// When the answer was given, or the question became due.
    pub at: Timestamp,
    /// When the question became due.
    pub asked_at: Timestamp,
}

impl Standing {
    fn of(row: store::ItemRow) -> Result<Self> {
        let wrong = || Error::inconsistent("check_item");
        let verdict = match &row.verdict {
            Some(code) => Some(Verdict::from_code(code).ok_or_else(wrong)?),
            None => None,
        };
        Ok(Self {
            id: row.id,
            digest: row.subject,
            public_id: row.public_id,
            kind: CheckKind::from_code(&row.kind).ok_or_else(wrong)?,
            verdict,
            unknown: row.unknown.as_deref().and_then(Unknown::from_code),
            source: row.source,
            reference: row.reference.unwrap_or_default(),
            at: Timestamp::from_micros(row.at.unwrap_or(row.due_at)),
            asked_at: Timestamp::from_micros(row.due_at),
        })
    }

    /// Whose answer it is, in words.
    pub fn source_label(&self) -> &str {
        source_label(&self.source)
    }
}

/// The source of an answer in words.
pub fn source_label(code: &str) -> &str {
    match code {
        STAFF => "工作人员核对原件",
        "file" => "核验名单",
        other => other,
    }
}

/// The question about somebody as he is now; `None` while there is nothing to ask, or nobody.
async fn subject_now(app: &App, kind: CheckKind, account_id: i64) -> Result<Option<Subject>> {
    if !crate::account::is_active(&mut app.db().read(), account_id).await? {
        return Ok(None);
    }
    let identity = crate::account::identity(app, account_id).await?;
    let profile = crate::profile::find(app, account_id).await?.profile;
    Ok(Subject::of(kind, &identity, &profile))
}

/// The questions about an account that stand. The caller has checked who asks.
pub(crate) async fn standings(q: &mut impl Query, account_id: i64) -> Result<Vec<Standing>> {
    store::items_of(q, account_id)
        .await?
        .into_iter()
        .map(Standing::of)
        .collect()
}

/// What an application with these settings keeps: one line for each check that the exam asks for, with the answer to the question
/// about the person as he is now.
pub(crate) async fn seen(
    app: &App,
    rules: &CheckRules,
    account_id: i64,
    (identity, profile): (&Identity, &Profile),
) -> Result<Vec<CheckSeen>> {
    if rules.is_off() {
        return Ok(Vec::new());
    }
    let standings = standings(&mut app.db().read(), account_id).await?;
    let wanted = CheckKind::ALL
        .iter()
        .copied()
        .filter(|kind| rules.of(*kind) != Demand::Off);
    Ok(wanted
        .map(|kind| {
            let answer = Subject::of(kind, identity, profile)
                .map(|subject| digest(app, &subject))
                .and_then(|digest| {
                    standings
                        .iter()
                        .find(|one| one.kind == kind && one.digest == digest)
                })
                .filter(|one| one.verdict.is_some());
            CheckSeen {
                kind,
                demand: rules.of(kind),
                verdict: answer.and_then(|one| one.verdict),
                unknown: answer.and_then(|one| one.unknown),
                source: answer.map_or_else(String::new, |one| one.source.clone()),
                at: answer.map_or(0, |one| one.at.micros()),
            }
        })
        .collect())
}

/// A check as its owner and staff read it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Which.
    pub kind: CheckKind,
    /// The question that stands, if it is about the person as he is now.
    pub standing: Option<Standing>,
}

impl Shown {
    /// The answer.
    pub fn verdict(&self) -> Option<Verdict> {
        self.standing.as_ref().and_then(|one| one.verdict)
    }

    /// The answer in a word.
    pub fn label(&self) -> &'static str {
        self.verdict().map_or("核验中", Verdict::label)
    }
}

/// The checks of an account that the operator has somebody to ask about, or that were answered. Nothing of a check that there is
/// nothing to ask yet.
async fn shown(app: &App, account_id: i64) -> Result<Vec<Shown>> {
    let identity = crate::account::identity(app, account_id).await?;
    let profile = crate::profile::find(app, account_id).await?.profile;
    let standings = standings(&mut app.db().read(), account_id).await?;
    let mut shown = Vec::new();
    for kind in CheckKind::ALL.iter().copied() {
        let Some(subject) = Subject::of(kind, &identity, &profile) else {
            continue;
        };
        let digest = digest(app, &subject);
        let standing = standings
            .iter()
            .find(|one| one.kind == kind && one.digest == digest)
            .cloned();
        if standing.is_some() || app.policy().checks.of(kind).is_some() {
            shown.push(Shown { kind, standing });
        }
    }
    Ok(shown)
}

/// The asking candidate's checks.
pub async fn own(ctx: &Ctx) -> Result<Vec<Shown>> {
    shown(&ctx.app, ctx.candidate()?).await
}

/// The checks of an account for the desk.
///
/// # Errors
/// `NotFound`; `Forbidden`.
pub async fn of_candidate(ctx: &Ctx, public_id: &str) -> Result<Vec<Shown>> {
    ctx.allow(Permission::AccountDesk)?;
    let row = crate::account::office::desk_row(ctx, public_id).await?;
    if row.mobile.is_empty() {
        // Closed, or brought along and never opened: there is nothing left of whom to ask.
        return Ok(Vec::new());
    }
    shown(&ctx.app, row.id).await
}

/// What 实名核验 says of the account that a claim disputes, if it was asked.
///
/// # Errors
/// `Forbidden`.
pub async fn of_claim(ctx: &Ctx, claim: &crate::account::ClaimRow) -> Result<Option<Shown>> {
    ctx.allow(Permission::AccountDesk)?;
    let standings = standings(&mut ctx.app.db().read(), claim.account_id).await?;
    let kind = CheckKind::Identity;
    let standing = standings.into_iter().find(|one| one.kind == kind);
    Ok(standing.map(|standing| Shown {
        kind,
        standing: Some(standing),
    }))
}

/// The checks of whoever made an application, for its reviewer. The caller has checked the scope.
pub(crate) async fn of_account(app: &App, account_id: i64) -> Result<Vec<Shown>> {
    shown(app, account_id).await
}
