//! What a try is held against: counters by account, device and network.

use domain::account::throttle::Policy;

use crate::Ctx;

/// One counter: what is tried, by whom, from where.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    /// Of the row; what it is made from can't be read back.
    pub(super) key: [u8; 32],
    /// Whose counters end together when delays are forgiven; empty for nobody's.
    pub(super) whom: Vec<u8>,
    /// How the counter reacts.
    pub(super) policy: Policy,
    /// Counted when a try has failed, not when it begins: an honest crowd behind one address, all of it at the login page when
    /// registration opens, must not look like failures. A burst overshoots by what the password threads let wait.
    pub(super) crowded: bool,
}

/// The counters that one try is held against.
#[derive(Debug, Clone)]
pub(crate) struct Subjects(pub(super) Vec<Subject>);

impl Subjects {
    /// The counters of a try at the credentials of `whom` (a blind index, whether such an account exists or not).
    ///
    /// `device` is the proof that this device logged that account in before: it is counted apart, so that a stranger's
    /// failures can't delay the owner.
    pub(crate) fn of(ctx: &Ctx, whom: &[u8], device: Option<&[u8]>) -> Self {
        let key = |parts: &[&[u8]]| Self::key(ctx, parts);
        let network = ctx.network.as_bytes();
        let own = |key, policy| Subject {
            key,
            whom: whom.to_vec(),
            policy,
            crowded: false,
        };
        let mut subjects = match device {
            Some(device) => vec![own(key(&[b"device", whom, device]), Policy::device())],
            None => vec![
                own(
                    key(&[b"account+network", whom, network]),
                    Policy::account_and_network(),
                ),
                own(key(&[b"account", whom]), Policy::account()),
            ],
        };
        subjects.push(Subject {
            key: key(&[b"network", network]),
            whom: Vec::new(),
            policy: Policy::network(),
            crowded: true,
        });
        Self(subjects)
    }

    /// The keys of all, for one statement; none has more than three counters.
    pub(super) fn keys(&self) -> [&[u8]; 3] {
        let mut keys: [&[u8]; 3] = [&[]; 3];
        for (place, subject) in keys.iter_mut().zip(&self.0) {
            *place = subject.key.as_slice();
        }
        keys
    }

    fn key(ctx: &Ctx, parts: &[&[u8]]) -> [u8; 32] {
        let joined = parts.iter().map(hex::encode).collect::<Vec<_>>().join(":");
        ctx.app.index().index("throttle", &joined)
    }

    /// The counter of a network whose tries are at nobody: a code that is no person's. Apart from the logins' own, so that neither
    /// delays the other; only failures count, since a whole school comes from one address.
    pub(crate) fn crowd(ctx: &Ctx, what: &str) -> Self {
        Self(vec![Subject {
            key: Self::key(ctx, &[b"crowd", what.as_bytes(), ctx.network.as_bytes()]),
            whom: Vec::new(),
            policy: Policy::network(),
            crowded: true,
        }])
    }

    /// The counter of what one network asks for without any credential.
    pub(super) fn asking(ctx: &Ctx, what: &str) -> Self {
        Self(vec![Subject {
            key: Self::key(ctx, &[b"asking", what.as_bytes(), ctx.network.as_bytes()]),
            whom: Vec::new(),
            policy: Policy::asking(),
            crowded: false,
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
            crowded: false,
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
