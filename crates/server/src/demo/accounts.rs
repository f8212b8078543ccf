//! Who can log in to a demonstration, kept in the database as its marker.

use app::{App, Ctx, site};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The password of all candidates of a demonstration.
pub(super) const CANDIDATE_PASSWORD: &str = "yanshi-2026";
/// The password of all staff of a demonstration.
pub(super) const STAFF_PASSWORD: &str = "yanshi-banshi-2026";

/// A member of staff.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Staff {
    /// To log in with.
    pub(crate) username: String,
    /// What he does.
    pub(crate) role: String,
    /// What his authenticator app would hold (base32).
    pub(crate) secret: String,
}

/// A candidate worth logging in as.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Candidate {
    /// 姓名
    pub(crate) name: String,
    /// 证件号码
    pub(crate) number: String,
    /// What there is to see.
    pub(crate) note: String,
}

/// What a demonstration was made from.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Marker {
    /// The seed.
    pub(crate) seed: u64,
    /// Whether all of it is there: a load that was broken off leaves `false`.
    pub(crate) complete: bool,
    /// Staff.
    pub(crate) staff: Vec<Staff>,
    /// Candidates.
    pub(crate) candidates: Vec<Candidate>,
}

/// What the marker is sealed for.
const PURPOSE: &str = "demo marker";

impl Marker {
    /// The database's marker; `None` if it holds no demonstration. One that can't be read is that of a load which has to
    /// be done again.
    pub(super) async fn read(app: &App) -> anyhow::Result<Option<Self>> {
        let Some(sealed) = site::get(app, site::DEMO).await? else {
            return Ok(None);
        };
        let opened = app.sealer().open(PURPOSE, &sealed, app.now());
        let marker = opened
            .ok()
            .and_then(|opened| serde_json::from_slice(&opened.payload).ok());
        Ok(Some(marker.unwrap_or_default()))
    }

    /// Marks the database. The marker names people by their numbers, made up as they are: it is sealed like all such
    /// (`baokao invariants`, 28).
    pub(super) async fn write(&self, ctx: &Ctx) -> anyhow::Result<()> {
        let app = &ctx.app;
        let clear = serde_json::to_vec(self)?;
        let forever = Timestamp::from_micros(i64::MAX);
        let sealed = app.sealer().seal(PURPOSE, &clear, forever, app.entropy());
        Ok(site::put(ctx, site::DEMO, sealed).await?)
    }
}
