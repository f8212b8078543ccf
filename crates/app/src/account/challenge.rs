//! What stands in front of every credential check: the captcha's single use, and one throttle (password, SMS code,
//! activation code, second factor, recovery alike).
//!
//! [`enter`] is one small commit before any password is hashed: it spends the captcha's nonce and asks whether the
//! subjects may try now. [`failed`] and [`passed`] keep the counts. Delays grow and end; nobody is locked out by
//! another's tries, because the device that proved itself before has a counter of its own (assurance §5, 6).

use std::time::Duration;

use db::{Command, Lane, Tx};
use domain::account::throttle::Policy;
use domain::time::Timestamp;

use super::store;
use crate::{Ctx, Error, Object, Result, Stamp};

/// One counter: what is tried, by whom, from where.
#[derive(Debug, Clone)]
pub struct Subject {
    key: [u8; 32],
    whom: Vec<u8>,
    policy: Policy,
}

/// The counters that one try is held against.
#[derive(Debug, Clone)]
pub struct Subjects(Vec<Subject>);

impl Subjects {
    /// The counters of a try at the credentials of `whom` (a blind index, whether such an account exists or not).
    ///
    /// `device` is the proof that this device logged that account in before: it is counted apart, so that a stranger's
    /// failures can't delay the owner.
    pub fn of(ctx: &Ctx, whom: &[u8], device: Option<&[u8]>) -> Self {
        let key = |parts: &[&[u8]]| Self::key(ctx, parts);
        let network = ctx.network.as_bytes();
        let mut subjects = Vec::with_capacity(3);
        if let Some(device) = device {
            subjects.push(Subject {
                key: key(&[b"device", whom, device]),
                whom: whom.to_vec(),
                policy: Policy::device(),
            });
        } else {
            subjects.push(Subject {
                key: key(&[b"account+network", whom, network]),
                whom: whom.to_vec(),
                policy: Policy::account_and_network(),
            });
            subjects.push(Subject {
                key: key(&[b"account", whom]),
                whom: whom.to_vec(),
                policy: Policy::account(),
            });
        }
        subjects.push(Subject {
            key: key(&[b"network", network]),
            whom: Vec::new(),
            policy: Policy::network(),
        });
        Self(subjects)
    }
}

impl Subjects {
    fn key(ctx: &Ctx, parts: &[&[u8]]) -> [u8; 32] {
        let joined = parts.iter().map(hex::encode).collect::<Vec<_>>().join(":");
        ctx.app.index().index("throttle", &joined)
    }

    /// The counter of what one network asks for without any credential.
    pub(super) fn asking(ctx: &Ctx, what: &str) -> Self {
        Self(vec![Subject {
            key: Self::key(ctx, &[b"asking", what.as_bytes(), ctx.network.as_bytes()]),
            whom: Vec::new(),
            policy: Policy::asking(),
        }])
    }

    /// The counters of claims at a number, whether it has an account or not: few from one network, and a crowd of networks
    /// is slowed down like one that guesses at a password. What is claimed never delays a login.
    pub(super) fn claiming(ctx: &Ctx, number: &[u8]) -> Self {
        let network = ctx.network.as_bytes();
        let subject = |key, policy| Subject {
            key,
            whom: Vec::new(),
            policy,
        };
        Self(vec![
            subject(
                Self::key(ctx, &[b"claim+network", number, network]),
                Policy::claiming(),
            ),
            subject(Self::key(ctx, &[b"claim", number]), Policy::account()),
        ])
    }
}

/// A solved captcha: its nonce, to be spent, and until when it would have been good.
#[derive(Debug, Clone)]
pub struct Solved {
    /// The token's nonce.
    pub nonce: Vec<u8>,
    /// When the token ends.
    pub expires_at: Timestamp,
}

/// Spends the captcha and asks whether the subjects may try now.
///
/// # Errors
/// `Fields` under `captcha` if it was used before; `TooMany` with the time to wait.
pub async fn enter(ctx: &Ctx, captcha: Option<Solved>, subjects: &Subjects) -> Result<()> {
    let command = Enter {
        captcha,
        subjects: subjects.clone(),
        at: ctx.at,
    };
    match ctx.app.db().write(Lane::Interactive, command).await? {
        Entry::Open => Ok(()),
        Entry::Used => Err(Error::field(
            "captcha",
            "这个验证码已经用过，请输入新的验证码",
        )),
        Entry::Wait(time) => Err(Error::TooMany(time)),
    }
}

enum Entry {
    Open,
    Used,
    Wait(Duration),
}

struct Enter {
    captcha: Option<Solved>,
    subjects: Subjects,
    at: Timestamp,
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
        let mut longest = 0;
        for subject in &self.subjects.0 {
            if let Some((_, blocked_until, _)) = store::throttle_find(tx, &subject.key).await? {
                longest = longest.max(blocked_until - self.at.micros());
            }
        }
        Ok(match u64::try_from(longest) {
            Ok(wait) if wait > 0 => Entry::Wait(Duration::from_micros(wait)),
            _ => Entry::Open,
        })
    }
}

/// Counts a failed try against every subject, in the caller's transaction.
///
/// The database adds: two failures that both read the count and then wrote it would be one (PostgreSQL, READ COMMITTED).
/// Returns the longest delay that follows, in seconds.
pub(crate) async fn failed(tx: &mut Tx, subjects: &Subjects, at: Timestamp) -> Result<i64> {
    let mut longest = 0;
    for subject in &subjects.0 {
        let since = at.plus_seconds(-subject.policy.forget()).micros();
        let keys = (subject.key.as_slice(), subject.whom.as_slice());
        store::throttle_count(tx, keys, at.micros(), since).await?;
        let failures = store::throttle_find(tx, &subject.key)
            .await?
            .map_or(1, |(failures, _, _)| failures);
        let delay = subject.policy.delay(failures);
        longest = longest.max(delay);
        let until = at.plus_seconds(delay).micros();
        store::throttle_block(tx, &subject.key, until).await?;
    }
    Ok(longest)
}

/// Forgets the failures of the account's own counters; the network's stay.
pub(crate) async fn passed(tx: &mut Tx, subjects: &Subjects) -> Result<()> {
    let own = subjects.0.len().saturating_sub(1);
    for subject in subjects.0.iter().take(own) {
        store::throttle_clear(tx, &subject.key).await?;
    }
    Ok(())
}

/// Counts a failed try against every subject, as a command of its own.
pub(crate) async fn count_failure(ctx: &Ctx, subjects: Subjects) -> Result<()> {
    let command = Failed {
        subjects,
        at: ctx.at,
        trace: None,
    };
    ctx.app.db().write(Lane::Interactive, command).await
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

/// The same for a failed login, which leaves a row in the audit trail.
pub(crate) async fn login_failed(ctx: &Ctx, subjects: Subjects, aim: Aim) -> Result<()> {
    let command = Failed {
        subjects,
        at: ctx.at,
        trace: Some((Stamp::of(ctx), aim)),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Failed {
    subjects: Subjects,
    at: Timestamp,
    trace: Option<(Stamp, Aim)>,
}

impl Command for Failed {
    const NAME: &'static str = "account.failed";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let delay = failed(tx, &self.subjects, self.at).await?;
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
