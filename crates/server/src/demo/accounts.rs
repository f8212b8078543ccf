//! Who can log in to a demonstration, kept in the database as its marker.

use app::{App, Ctx, site};
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

impl Marker {
    /// The database's marker; `None` if it holds no demonstration.
    pub(super) async fn read(app: &App) -> anyhow::Result<Option<Self>> {
        let text = site::get(app, site::DEMO).await?;
        Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    /// Marks the database.
    pub(super) async fn write(&self, ctx: &Ctx) -> anyhow::Result<()> {
        Ok(site::put(ctx, site::DEMO, serde_json::to_string(self)?).await?)
    }
}
