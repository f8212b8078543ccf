//! The job's part: what became due is compared with what was asked before, and what is new is asked.

use std::sync::Arc;

use db::{Command, Crowd, Lane, Tx};
use domain::check::{CheckKind, Subject};
use gateways::check::{Asked, Verifier};
use serde_json::json;

use super::store::{self, ItemInsert};
use super::{digest, item_object, standings, subject_now};
use crate::{App, Ctx, Error, Result, Stamp};

/// People asked about at once.
const CHUNK: i64 = 100;
/// What nobody answered is asked again after so many seconds.
const AGAIN_SECONDS: i64 = 600;

/// Asks about the next people; how many were dealt with. Run again while it is not 0.
pub async fn ask_due(ctx: &Ctx) -> Result<u64> {
    let mut dealt = 0;
    for kind in CheckKind::ALL.iter().copied() {
        // Without anybody to ask, what is due waits: it is one row a person, and is asked when somebody is there.
        if let Some(verifier) = ctx.app.policy().checks.of(kind).cloned() {
            dealt += some(ctx, kind, verifier).await?;
        }
    }
    Ok(dealt)
}

/// What is to be done about one person.
struct Work {
    account_id: i64,
    mark: i64,
    /// The question that no longer stands.
    old: Option<i64>,
    /// The new one.
    new: Option<New>,
    /// Nobody answered: later.
    again: bool,
}

struct New {
    id: i64,
    digest: [u8; 32],
    asked: Asked,
}

async fn some(ctx: &Ctx, kind: CheckKind, verifier: Arc<dyn Verifier>) -> Result<u64> {
    let app = &ctx.app;
    let now = ctx.at.micros();
    let due = store::due(&mut app.db().scan(Crowd::System), kind.code(), CHUNK).await?;
    let due: Vec<(i64, i64)> = due.into_iter().filter(|(_, at)| *at <= now).collect();
    if due.is_empty() {
        return Ok(0);
    }
    let (mut work, mut subjects, mut places) = (Vec::new(), Vec::new(), Vec::new());
    for (account_id, mark) in due {
        let (old, subject) = compared(app, kind, account_id).await?;
        if let Some(subject) = subject {
            places.push(work.len());
            subjects.push(subject);
        }
        work.push(Work {
            account_id,
            mark,
            old,
            new: None,
            again: false,
        });
    }
    let mut answers = verifier.ask(&subjects).await.into_iter();
    for (place, subject) in places.into_iter().zip(&subjects) {
        let Some(one) = work.get_mut(place) else {
            continue;
        };
        match answers.next().unwrap_or(Asked::Again) {
            Asked::Again => one.again = true,
            asked => {
                one.new = Some(New {
                    id: app.reserve_ids(1),
                    digest: digest(app, subject),
                    asked,
                });
            }
        }
    }
    let dealt = u64::try_from(work.iter().filter(|one| !one.again).count()).unwrap_or(0);
    let command = Keep {
        stamp: Stamp::for_rows(ctx, u32::try_from(work.len()).unwrap_or(u32::MAX)),
        kind,
        source: verifier.source(),
        work,
    };
    app.db().write(Lane::Background, command).await?;
    Ok(dealt)
}

/// The question about somebody as he is now, unless it stands already; and the one that stands in its place.
async fn compared(
    app: &App,
    kind: CheckKind,
    account_id: i64,
) -> Result<(Option<i64>, Option<Subject>)> {
    let standing = standings(&mut app.db().read(), account_id).await?;
    let standing = standing.into_iter().find(|one| one.kind == kind);
    let old = standing.as_ref().map(|one| one.id);
    let Some(subject) = subject_now(app, kind, account_id).await? else {
        return Ok((old, None));
    };
    if standing.is_some_and(|one| one.digest == digest(app, &subject)) {
        return Ok((None, None));
    }
    Ok((old, Some(subject)))
}

struct Keep {
    stamp: Stamp,
    kind: CheckKind,
    source: &'static str,
    work: Vec<Work>,
}

impl Command for Keep {
    const NAME: &'static str = "check.ask";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let (kind, at) = (self.kind.code(), self.stamp.at.micros());
        for one in &self.work {
            if one.again {
                let to = self.stamp.at.plus_seconds(AGAIN_SECONDS).micros();
                store::due_later(tx, kind, one.account_id, (one.mark, to)).await?;
                continue;
            }
            // Saved again, or asked by another worker meanwhile: the mark that is there now speaks for it.
            if store::due_take(tx, kind, one.account_id, one.mark).await? == 0 {
                continue;
            }
            if let Some(old) = one.old
                && store::item_replace(tx, old, at).await? == 0
            {
                return Err(Error::Conflict("这个人的核验刚有变化"));
            }
            let Some(new) = &one.new else { continue };
            let answer = match &new.asked {
                Asked::Answered(answer) => Some((
                    answer.verdict.code(),
                    answer.unknown.map(domain::check::Unknown::code),
                    answer.reference.as_str(),
                )),
                Asked::Listed | Asked::Again => None,
            };
            let row = ItemInsert {
                id: new.id,
                public_id: &trail.public_id(new.id).to_string(),
                kind,
                account_id: one.account_id,
                subject: &new.digest,
                source: self.source,
                answer,
                at,
            };
            store::item_insert(tx, &row).await?;
            let detail = json!({
                "kind": kind, "account": one.account_id, "source": self.source, "verdict": answer.map(|one| one.0),
            });
            trail
                .audit(tx, "check.ask", item_object(new.id), detail)
                .await?;
        }
        Ok(())
    }
}
