//! The parts that use cases work with, wired once at start.

use std::sync::Arc;

use db::Db;
use domain::clock::Clock;
use domain::ids::IdMaker;
use domain::time::Timestamp;
use gateways::check::Checks;
use gateways::object::ObjectStore;
use gateways::payment::Channels;
use gateways::sms::SmsSender;
use vault::{BlindIndex, Entropy, FieldCipher, Mac, Sealer, TicketKeys};

use crate::account::session::SessionCache;
use crate::announcement::Board;

/// What the operator has decided and every use case must respect.
#[derive(Debug, Clone)]
pub struct Policy {
    /// SMS are sent: sign-up verifies the mobile, and a forgotten password can be recovered by code.
    pub sms: bool,
    /// `manual_open`: the six digits alone open a new account. Offline demonstrations on loopback only.
    pub manual_open: bool,
    /// How long a candidate's session lasts without a request, in seconds.
    pub candidate_session: i64,
    /// How long a staff session lasts without a request, in seconds.
    pub staff_session: i64,
    /// How long after the login a candidate's session ends however much it is used, in seconds.
    pub candidate_longest: i64,
    /// How long after the login a staff session ends however much it is used, in seconds.
    pub staff_longest: i64,
    /// Who can check identities and educations.
    pub checks: Checks,
    /// Where anybody checks a fiscal e-receipt; empty for nowhere.
    pub receipt_check: String,
    /// Tickets are kept set, and set before their candidates come.
    pub ticket_cache: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            sms: false,
            manual_open: false,
            candidate_session: 2 * 3600,
            staff_session: 8 * 3600,
            candidate_longest: 24 * 3600,
            staff_longest: 12 * 3600,
            checks: Checks::default(),
            receipt_check: String::new(),
            ticket_cache: true,
        }
    }
}

/// What [`App::new`] is made from.
#[derive(Debug)]
pub struct Parts {
    /// The database.
    pub db: Db,
    /// The clock; tests turn it.
    pub clock: Arc<dyn Clock>,
    /// Randomness; tests seed it.
    pub entropy: Arc<dyn Entropy>,
    /// Field encryption.
    pub cipher: Arc<FieldCipher>,
    /// Keyed look-ups of whole values.
    pub index: Arc<BlindIndex>,
    /// The audit key.
    pub mac: Arc<dyn Mac>,
    /// Sealed tokens.
    pub sealer: Arc<Sealer>,
    /// Signatures of tickets.
    pub ticket_keys: Arc<TicketKeys>,
    /// Password hashing on its own threads.
    pub passwords: vault::password::Pool,
    /// Where SMS go.
    pub sms: Arc<dyn SmsSender>,
    /// Where files above 256 KB lie.
    pub objects: Arc<dyn ObjectStore>,
    /// The payment channels.
    pub channels: Channels,
    /// The site's address without a slash at the end: where channels send notices and payers return to.
    pub site_url: String,
    /// The operator's decisions.
    pub policy: Policy,
}

/// The application: cheap to clone, shared by all requests and jobs.
#[derive(Debug, Clone)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    parts: Parts,
    ids: IdMaker,
    sessions: SessionCache,
    board: Board,
    exams: crate::exam::Catalogue,
    papers: crate::paper::Papers,
    turns: crate::turns::Turns,
    waits: crate::staff::Waits,
}

impl App {
    /// Wires the parts.
    pub fn new(mut parts: Parts) -> Self {
        let cashier =
            crate::payment::rehearsal::Cashier::new(parts.db.clone(), Arc::clone(&parts.clock));
        parts.channels = parts.channels.with_apart(Arc::new(cashier));
        let mut seed = [0u8; 8];
        parts.entropy.fill(&mut seed);
        let ids = IdMaker::new(u64::from_le_bytes(seed));
        let sessions = SessionCache::for_backend(parts.db.backend());
        Self(Arc::new(Inner {
            parts,
            ids,
            sessions,
            board: Board::default(),
            exams: crate::exam::Catalogue::default(),
            papers: crate::paper::Papers::default(),
            turns: crate::turns::Turns::default(),
            waits: crate::staff::Waits::default(),
        }))
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.0.parts.db
    }

    /// Exams and position tables in memory.
    pub fn exams(&self) -> &crate::exam::Catalogue {
        &self.0.exams
    }

    /// The typesetter.
    pub(crate) fn papers(&self) -> &crate::paper::Papers {
        &self.0.papers
    }

    /// Whose turn it is to compute.
    pub(crate) fn turns(&self) -> &crate::turns::Turns {
        &self.0.turns
    }

    /// What waited for whom a moment ago.
    pub(crate) fn waits(&self) -> &crate::staff::Waits {
        &self.0.waits
    }

    /// The instant by the injected clock.
    pub fn now(&self) -> Timestamp {
        self.0.parts.clock.now()
    }

    /// The operator's decisions.
    pub fn policy(&self) -> &Policy {
        &self.0.parts.policy
    }

    /// Field encryption.
    pub fn cipher(&self) -> &Arc<FieldCipher> {
        &self.0.parts.cipher
    }

    /// Keyed look-ups.
    pub fn index(&self) -> &BlindIndex {
        &self.0.parts.index
    }

    /// Sealed tokens.
    pub fn sealer(&self) -> &Sealer {
        &self.0.parts.sealer
    }

    /// Signatures of tickets.
    pub fn ticket_keys(&self) -> &TicketKeys {
        &self.0.parts.ticket_keys
    }

    /// Password hashing.
    pub fn passwords(&self) -> &vault::password::Pool {
        &self.0.parts.passwords
    }

    /// The payment channels.
    pub fn channels(&self) -> &Channels {
        &self.0.parts.channels
    }

    /// The site's address without a slash at the end.
    pub fn site_url(&self) -> &str {
        &self.0.parts.site_url
    }

    /// Where SMS go.
    pub fn sms(&self) -> &dyn SmsSender {
        self.0.parts.sms.as_ref()
    }

    /// Files above 256 KB.
    pub fn objects(&self) -> &dyn ObjectStore {
        self.0.parts.objects.as_ref()
    }

    /// Remembered sessions.
    pub fn sessions(&self) -> &SessionCache {
        &self.0.sessions
    }

    /// Announcements and standing pages in memory.
    pub fn board(&self) -> &Board {
        &self.0.board
    }

    /// Randomness.
    pub fn entropy(&self) -> &dyn Entropy {
        self.0.parts.entropy.as_ref()
    }

    /// The audit key.
    pub fn audit_mac(&self) -> Arc<dyn Mac> {
        Arc::clone(&self.0.parts.mac)
    }

    /// `N` random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0u8; N];
        self.0.parts.entropy.fill(&mut bytes);
        bytes
    }

    /// The first of `count` consecutive ids that nobody else gets.
    pub fn reserve_ids(&self, count: u32) -> i64 {
        self.0.ids.reserve(self.now(), count)
    }
}
