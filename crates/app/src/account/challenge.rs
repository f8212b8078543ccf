//! What stands in front of every credential check: the captcha's single use, and one throttle (password, SMS code,
//! activation code, second factor, recovery alike).
//!
//! [`take`] is one small commit before any password is hashed: it spends the captcha's nonce, asks whether the subjects may
//! try now, and counts the try as failed until it is known better, so that of a burst no more are looked at than of the
//! same tries one after the other. Who was right gives the try back ([`Try::passed`], [`Try::judged`]). Delays grow and end;
//! nobody is locked out by another's tries, because the device that proved itself before has a counter of its own
//! (assurance §5, 6).

use std::time::Duration;

use db::{Command, Lane, Tx};
use domain::time::Timestamp;

use super::store;
use super::subject::{Subject, Subjects};
use crate::{Ctx, Error, Object, Result, Stamp};

/// A solved captcha: its nonce, to be spent, and until when it would have been good.
#[derive(Debug, Clone)]
pub struct Solved {
    /// The token's nonce.
    pub nonce: Vec<u8>,
    /// When the token ends.
    pub expires_at: Timestamp,
}

/// Spends the captcha and asks whether the subjects may try now, for pages on which nothing is compared. Counts nothing.
///
/// # Errors
/// `Fields` under `captcha` if it was used before; `TooMany` with the time to wait.
pub(crate) async fn enter(ctx: &Ctx, captcha: Solved, subjects: &Subjects) -> Result<()> {
    come_in(ctx, Some(captcha), subjects, false).await?;
    Ok(())
}

/// Spends the captcha and takes a try: it counts as failed unless it is given back. Must stand before every comparison of a
/// credential.
///
/// # Errors
/// `Fields` under `captcha` if it was used before; `TooMany` with the time to wait.
pub(crate) async fn take(ctx: &Ctx, captcha: Option<Solved>, subjects: Subjects) -> Result<Try> {
    let taken = come_in(ctx, captcha, &subjects, true).await?;
    Ok(Try {
        subjects,
        taken,
        at: ctx.at,
    })
}

async fn come_in(
    ctx: &Ctx,
    captcha: Option<Solved>,
    subjects: &Subjects,
    takes: bool,
) -> Result<Vec<Taken>> {
    let command = Enter {
        captcha,
        subjects: subjects.clone(),
        at: ctx.at,
        takes,
    };
    match ctx.app.db().write(Lane::Interactive, command).await? {
        Entry::Open(taken) => Ok(taken),
        Entry::Used => Err(Error::field(
            "captcha",
            "这个验证码已经用过，请输入新的验证码",
        )),
        Entry::Wait(time) => Err(Error::TooMany(time)),
    }
}

enum Entry {
    Open(Vec<Taken>),
    Used,
    Wait(Duration),
}

/// What a try left in one counter.
#[derive(Debug, Clone)]
struct Taken {
    key: [u8; 32],
    /// The delay that began with it, in seconds.
    delay: i64,
}

struct Enter {
    captcha: Option<Solved>,
    subjects: Subjects,
    at: Timestamp,
    takes: bool,
}

impl Enter {
    /// How long the subjects have to wait yet.
    async fn wait(&self, tx: &mut Tx) -> Result<Option<Duration>> {
        let until = store::throttles_until(tx, self.subjects.keys()).await?;
        let wait = until.map_or(0, |until| until - self.at.micros());
        let wait = u64::try_from(wait).unwrap_or(0);
        Ok((wait > 0).then(|| Duration::from_micros(wait)))
    }
}

impl Command for Enter {
    const NAME: &'static str = "account.enter";
    type Out = Entry;
    type Err = Error;

    // A refusal that must be remembered is an `Ok`: the nonce stays spent.
    async fn run(&self, tx: &mut Tx) -> Result<Entry> {
        if let Some(captcha) = &self.captcha {
            let fresh = store::nonce_spend(tx, &captcha.nonce, captcha.expires_at.micros()).await?;
            if fresh == 0 {
                return Ok(Entry::Used);
            }
        }
        if let Some(wait) = self.wait(tx).await? {
            return Ok(Entry::Wait(wait));
        }
        let mut taken = Vec::new();
        if !self.takes {
            return Ok(Entry::Open(taken));
        }
        for subject in self.subjects.0.iter().filter(|one| !one.crowded) {
            match count(tx, subject, self.at, true).await? {
                Some(one) => taken.push(one),
                // Another try has begun a delay since we looked. Whoever is turned away isn't counted.
                None => {
                    give_back(tx, &taken, self.at).await?;
                    let wait = self.wait(tx).await?.unwrap_or_default();
                    return Ok(Entry::Wait(wait.max(Duration::from_secs(1))));
                }
            }
        }
        Ok(Entry::Open(taken))
    }
}

/// Counts one more failure of a subject and begins the delay that follows. `None` if it has to wait yet and is `guarded`.
///
/// The database adds, and checks the delay as it adds: two tries that both read the count and then wrote it would be one, and
/// two that both looked would both be let in (PostgreSQL, READ COMMITTED).
async fn count(
    tx: &mut Tx,
    subject: &Subject,
    at: Timestamp,
    guarded: bool,
) -> Result<Option<Taken>> {
    let since = at.plus_seconds(-subject.policy.forget()).micros();
    let keys = (subject.key.as_slice(), subject.whom.as_slice());
    let open_at = if guarded { at.micros() } else { i64::MAX };
    let times = (at.micros(), since, open_at);
    let Some(failures) = store::throttle_count(tx, keys, times).await? else {
        return Ok(None);
    };
    let delay = subject.policy.delay(failures);
    if delay > 0 {
        store::throttle_block(tx, &subject.key, at.plus_seconds(delay).micros()).await?;
    }
    Ok(Some(Taken {
        key: subject.key,
        delay,
    }))
}

/// Takes back what a try left: its count, and the delay that began with it unless another try has begun one since.
async fn give_back(tx: &mut Tx, taken: &[Taken], at: Timestamp) -> Result<()> {
    for one in taken {
        let until = at.plus_seconds(one.delay).micros();
        store::throttle_give_back(tx, &one.key, until, at.micros()).await?;
    }
    Ok(())
}

/// Lets one through, and the next only after so many seconds; of several at the same moment one. The row is locked until the
/// commit: what follows in the same transaction happens one after the other for a `key`.
pub(super) async fn once_in(
    tx: &mut Tx,
    key: &[u8; 32],
    at: Timestamp,
    seconds: i64,
) -> Result<bool> {
    let times = (at.micros(), at.plus_seconds(-seconds).micros(), at.micros());
    if store::throttle_count(tx, (key, &[]), times)
        .await?
        .is_none()
    {
        return Ok(false);
    }
    store::throttle_block(tx, key, at.plus_seconds(seconds).micros()).await?;
    Ok(true)
}

/// A try that was taken. It counts as failed, whatever becomes of it, until it is given back.
#[derive(Debug, Clone)]
#[must_use = "a try that was right has to be given back"]
pub(crate) struct Try {
    subjects: Subjects,
    taken: Vec<Taken>,
    at: Timestamp,
}

impl Try {
    /// The credential was right and opens the account: forgets the failures of the account's own counters; the network's stay.
    pub(crate) async fn passed(&self, tx: &mut Tx) -> Result<()> {
        for one in &self.taken {
            store::throttle_clear(tx, &one.key).await?;
        }
        Ok(())
    }

    /// Gives the try back where nothing could be compared: the trouble is ours.
    pub(crate) async fn decided<T>(&self, ctx: &Ctx, answer: Result<T>) -> Result<T> {
        if answer.is_err() {
            // In vain if it is the database that is away: then the try stays counted.
            self.give_back(ctx).await.ok();
        }
        answer
    }

    /// What a comparison came to, on pages that open nothing by it: a right try is given back while earlier failures stay, a
    /// wrong one is counted.
    pub(crate) async fn judged<T>(
        &self,
        ctx: &Ctx,
        answer: Result<T>,
        right: impl FnOnce(&T) -> bool,
        aim: Option<Aim>,
    ) -> Result<T> {
        let answer = self.decided(ctx, answer).await?;
        if right(&answer) {
            self.give_back(ctx).await?;
        } else {
            self.failed(ctx, aim).await?;
        }
        Ok(answer)
    }

    /// Gives the try back, as a command of its own.
    pub(crate) async fn give_back(&self, ctx: &Ctx) -> Result<()> {
        let command = GiveBack {
            taken: self.taken.clone(),
            at: self.at,
        };
        ctx.app.db().write(Lane::Interactive, command).await
    }

    /// The credential was wrong: counts it against the network as well. A failed login leaves a row in the audit trail.
    pub(crate) async fn failed(&self, ctx: &Ctx, aim: Option<Aim>) -> Result<()> {
        let command = Failed {
            attempt: self.clone(),
            trace: aim.map(|aim| (Stamp::of(ctx), aim)),
        };
        ctx.app.db().write(Lane::Interactive, command).await
    }
}

struct GiveBack {
    taken: Vec<Taken>,
    at: Timestamp,
}

impl Command for GiveBack {
    const NAME: &'static str = "account.give_back";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        give_back(tx, &self.taken, self.at).await
    }
}

/// Whom a failed login was aimed at: the blind index of what was typed and, if there is such a person, the id. What was typed
/// is never kept.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Aim {
    /// A candidate's account: noted from the first delay on. Before that, people mistype.
    Candidate([u8; 32], i64),
    /// A member of staff: every failure is noted.
    Staff([u8; 32], i64),
}

struct Failed {
    attempt: Try,
    trace: Option<(Stamp, Aim)>,
}

impl Command for Failed {
    const NAME: &'static str = "account.failed";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let taken = self.attempt.taken.iter().map(|one| one.delay);
        let mut delay = taken.max().unwrap_or(0);
        let crowded = self.attempt.subjects.0.iter().filter(|one| one.crowded);
        for subject in crowded {
            let counted = count(tx, subject, self.attempt.at, false).await?;
            delay = delay.max(counted.map_or(0, |one| one.delay));
        }
        let Some((stamp, aim)) = &self.trace else {
            return Ok(());
        };
        let (action, kind, whom, id) = match aim {
            Aim::Candidate(_, _) if delay == 0 => return Ok(()),
            Aim::Candidate(whom, id) => ("account.login_failed", "account", whom, *id),
            Aim::Staff(whom, id) => ("staff.login_failed", "staff", whom, *id),
        };
        let object = Object {
            kind,
            id,
            exam_id: 0,
        };
        let detail = serde_json::json!({ "whom": hex::encode(whom), "delay": delay });
        stamp.trail().audit(tx, action, object, detail).await
    }
}

/// Ends the delays of the named accounts or members of staff, on every network.
pub(crate) async fn forgive(ctx: &Ctx, whom: &[[u8; 32]]) -> Result<()> {
    let command = Forgive {
        stamp: Stamp::of(ctx),
        whom: whom.to_vec(),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Forgive {
    stamp: Stamp,
    whom: Vec<[u8; 32]>,
}

impl Command for Forgive {
    const NAME: &'static str = "account.forgive";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut cleared = 0;
        for whom in &self.whom {
            cleared += store::throttles_clear_of(tx, whom).await?;
        }
        let object = Object {
            kind: "throttle",
            id: 0,
            exam_id: 0,
        };
        self.stamp
            .trail()
            .audit(
                tx,
                "account.forgive",
                object,
                serde_json::json!({ "counters": cleared }),
            )
            .await
    }
}
