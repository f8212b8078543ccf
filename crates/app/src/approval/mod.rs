//! Changes that two people must want: one asks with a reason, another decides (invariants 15, 19, 24).
//!
//! The change itself belongs to its feature, which applies it in the transaction of the second person's word
//! ([`decided`]). The payload is encrypted: it may hold a new name or number.

mod store;

use db::{Crowd, Tx};
use domain::staff::Permission;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use vault::Place;

pub use store::ApprovalRow;

use crate::{App, Ctx, Error, Object, Result, Trail};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 账号申诉: the account under this number isn't its owner's.
    AccountClaim,
    /// 更正身份信息
    IdentityCorrection,
    /// 更换手机号码 at the office
    MobileChange,
    /// 找回账号 at the office
    AccountRecovery,
}

impl Kind {
    /// The stored code.
    pub fn code(self) -> &'static str {
        match self {
            Self::AccountClaim => "account_claim",
            Self::IdentityCorrection => "identity_correction",
            Self::MobileChange => "mobile_change",
            Self::AccountRecovery => "account_recovery",
        }
    }

    /// What staff read.
    pub fn title(code: &str) -> &'static str {
        match code {
            "account_claim" => "账号申诉",
            "identity_correction" => "更正身份信息",
            "mobile_change" => "更换手机号码",
            "account_recovery" => "找回账号",
            _ => "其他",
        }
    }
}

fn place(id: i64) -> Place {
    Place { table: "approval", column: "payload", row: id }
}

/// Asks for a change in the caller's transaction.
pub(crate) async fn request<T: Serialize + Sync>(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    app: &App,
    what: (Kind, i64),
    payload: &T,
    reason: &str,
) -> Result<i64> {
    let id = trail.id()?;
    let clear = serde_json::to_vec(payload).map_err(|e| Error::internal("approval.payload", e))?;
    let sealed = trail.seal(app, place(id), &clear);
    let row = store::ApprovalInsert {
        id,
        public_id: &trail.public_id(id).to_string(),
        kind: what.0.code(),
        object_id: what.1,
        exam_id: 0,
        payload: &sealed,
        reason,
        by: trail.actor_id(),
        at: trail.at().micros(),
    };
    store::approval_insert(tx, &row).await?;
    let object = Object { kind: "approval", id, exam_id: 0 };
    trail.audit(tx, "approval.request", object, json!({ "kind": what.0.code(), "of": what.1 })).await?;
    Ok(id)
}

/// The payload in clear.
pub(crate) fn payload<T: DeserializeOwned>(app: &App, row: &ApprovalRow) -> Result<T> {
    let clear = app
        .cipher()
        .open(place(row.id), &row.payload)
        .map_err(|e| Error::internal("approval.payload", e))?;
    serde_json::from_slice(&clear).map_err(|e| Error::internal("approval.payload", e))
}

/// Records the second person's word; the caller applies the change in the same transaction.
pub(crate) async fn decided(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    row: &ApprovalRow,
    approve: bool,
    note: &str,
) -> Result<()> {
    let state = if approve { "approved" } else { "rejected" };
    let (by, at) = (trail.actor_id(), trail.at().micros());
    if row.requested_by == by {
        return Err(Error::refused(
            "same_person",
            "须由另一人审批",
            "申请人不能审批自己提出的申请，请另一位工作人员办理。",
        ));
    }
    if store::approval_decide(tx, row.id, (state, note), by, at).await? == 0 {
        return Err(Error::Conflict("这项申请已有结果，请刷新查看"));
    }
    let object = Object { kind: "approval", id: row.id, exam_id: row.exam_id };
    trail.audit(tx, "approval.decide", object, json!({ "state": state, "kind": row.kind })).await
}

/// A page of requests in one state, newest first.
pub async fn list(ctx: &Ctx, state: &str, before: Option<i64>) -> Result<Vec<ApprovalRow>> {
    ctx.allow(Permission::AccountDesk)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(store::approvals(&mut scan, state, before.unwrap_or(i64::MAX), 50).await?)
}

/// One request.
pub async fn find(ctx: &Ctx, public_id: &str) -> Result<ApprovalRow> {
    ctx.allow(Permission::AccountDesk)?;
    store::approval_by_public_id(&mut ctx.app.db().read(), public_id).await?.ok_or(Error::NotFound)
}
