//! Changes that two people must want: one asks with a reason, another decides (invariants 15, 19, 24).
//!
//! The change itself belongs to its feature, which applies it in the transaction of the second person's word
//! ([`decided`]). The payload is encrypted: it may hold a new name or number.

mod export;
mod store;
pub(crate) mod wipe_store;

use db::{Crowd, Query, Tx};
use domain::staff::Permission;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use vault::Place;

pub use export::export;
pub use store::{ApprovalRow, ExamWait};

use crate::{App, Ctx, Error, Object, Result, Trail, account, staff};

/// What is asked for. Other things that take two people have tables of their own: claims, refunds, scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 更正身份信息
    IdentityCorrection,
    /// 更换手机号码 at the office
    MobileChange,
    /// 找回账号 at the office
    AccountRecovery,
    /// 重新绑定验证器 of a colleague
    StaffFactor,
    /// 建立原系统账号 of an upload
    LegacyImport,
    /// 接回原系统账号 that nobody has opened
    LegacyWithdrawal,
    /// 人工认定 of a check
    CheckOverrule,
}

/// How many kinds there are: places of `kind IN (…)`.
pub(crate) const KINDS: usize = 7;

impl Kind {
    /// All of them. Each can be asked for somewhere, and is decided on the approvals page.
    pub const ALL: [Self; KINDS] = [
        Self::IdentityCorrection,
        Self::MobileChange,
        Self::AccountRecovery,
        Self::StaffFactor,
        Self::LegacyImport,
        Self::LegacyWithdrawal,
        Self::CheckOverrule,
    ];

    /// The stored code.
    pub fn code(self) -> &'static str {
        match self {
            Self::IdentityCorrection => "identity_correction",
            Self::MobileChange => "mobile_change",
            Self::AccountRecovery => "account_recovery",
            Self::StaffFactor => "staff_factor",
            Self::LegacyImport => "legacy_import",
            Self::LegacyWithdrawal => "legacy_withdrawal",
            Self::CheckOverrule => "check_overrule",
        }
    }

    /// The kind with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// What staff read.
    pub fn label(self) -> &'static str {
        match self {
            Self::IdentityCorrection => "更正身份信息",
            Self::MobileChange => "更换手机号码",
            Self::AccountRecovery => "找回账号",
            Self::StaffFactor => "重新绑定验证器",
            Self::LegacyImport => "建立原系统账号",
            Self::LegacyWithdrawal => "接回原系统账号",
            Self::CheckOverrule => "人工认定核验一致",
        }
    }

    /// What staff read for a stored code.
    pub fn title(code: &str) -> &'static str {
        Self::parse(code).map_or("其他", Self::label)
    }

    /// Who may see and decide it.
    pub fn permission(self) -> Permission {
        match self {
            Self::IdentityCorrection
            | Self::MobileChange
            | Self::AccountRecovery
            | Self::LegacyImport
            | Self::LegacyWithdrawal
            | Self::CheckOverrule => Permission::AccountDesk,
            Self::StaffFactor => Permission::StaffManage,
        }
    }
}

fn place(id: i64) -> Place {
    Place {
        table: "approval",
        column: "payload",
        row: id,
    }
}

/// Asks for a change in the caller's transaction.
///
/// # Errors
/// `taken` if the same kind of change of the same thing waits already. The database says so, since of two that ask at the
/// same moment neither would see the other.
pub(crate) async fn request<T: Serialize + Sync>(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    app: &App,
    what: (Kind, i64),
    (payload, reason): (&T, &str),
    taken: fn() -> Error,
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
    match store::approval_insert(tx, &row).await {
        Err(error) if error.violates("approval", &["kind", "object_id"]) => return Err(taken()),
        other => other?,
    };
    let object = Object {
        kind: "approval",
        id,
        exam_id: 0,
    };
    trail
        .audit(
            tx,
            "approval.request",
            object,
            json!({ "kind": what.0.code(), "of": what.1 }),
        )
        .await?;
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
    let object = Object {
        kind: "approval",
        id: row.id,
        exam_id: row.exam_id,
    };
    trail
        .audit(
            tx,
            "approval.decide",
            object,
            json!({ "state": state, "kind": row.kind }),
        )
        .await
}

/// The kinds that the asker may decide, each at its place, the others empty: for `kind IN (…)`.
fn kinds(ctx: &Ctx) -> Result<[&'static str; KINDS]> {
    let staff = ctx.staff()?;
    Ok(Kind::ALL.map(|kind| {
        if staff.grants.any(kind.permission()) {
            kind.code()
        } else {
            ""
        }
    }))
}

/// What a list of requests is asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// `open`, `approved`, `rejected`, `withdrawn`.
    pub state: String,
    /// One kind only.
    pub kind: Option<Kind>,
    /// All but that kind.
    pub other: bool,
}

/// What people read for a state.
pub fn state_label(state: &str) -> &'static str {
    match state {
        "open" => "待复核",
        "approved" => "已同意",
        "rejected" => "未同意",
        _ => "已撤回",
    }
}

/// A page of requests in one state that the asker may see, newest first.
pub async fn list(
    ctx: &Ctx,
    state: &str,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<ApprovalRow>> {
    let asked = Asked {
        state: state.to_owned(),
        ..Asked::default()
    };
    page(ctx, &asked, before, limit).await
}

/// A page of requests under a filter that the asker may see, newest first.
pub async fn page(
    ctx: &Ctx,
    asked: &Asked,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<ApprovalRow>> {
    let wanted = |code: &str| {
        asked
            .kind
            .is_none_or(|kind| (kind.code() == code) != asked.other)
    };
    let kinds = kinds(ctx)?.map(|code| if wanted(code) { code } else { "" });
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let before = before.unwrap_or(i64::MAX);
    Ok(store::approvals(&mut scan, &asked.state, before, &kinds, limit).await?)
}

/// The kinds that the asker may decide.
pub fn kinds_seen(ctx: &Ctx) -> Result<Vec<Kind>> {
    Ok(kinds(ctx)?.into_iter().filter_map(Kind::parse).collect())
}

/// How many wait for the asker: of the kinds that he may decide, those that somebody else asked for.
pub async fn waiting(ctx: &Ctx) -> Result<i64> {
    let kinds = kinds(ctx)?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(store::approvals_waiting(&mut scan, ctx.staff()?.id, &kinds).await?)
}

/// What waits of the exams that the asker may edit, the oldest first: decisions about positions, changes of settings and archives that
/// somebody else asked for, and archives to be handed over.
pub async fn exam_waits(ctx: &Ctx) -> Result<Vec<ExamWait>> {
    let staff = ctx.staff()?;
    let mut rows = store::exam_waits(&mut ctx.app.db().scan(Crowd::Staff)).await?;
    rows.retain(|row| {
        let his = row.kind != "handover" && row.asked_by == staff.id;
        !his && staff.grants.allows(Permission::ExamEdit, row.exam_id, "")
    });
    Ok(rows)
}

/// One request, to those who may decide its kind on its exam.
pub async fn find(ctx: &Ctx, public_id: &str) -> Result<ApprovalRow> {
    let row = store::approval_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)?;
    let kind = Kind::parse(&row.kind).ok_or(Error::inconsistent("approval.kind"))?;
    match ctx.allow_for(kind.permission(), row.exam_id, "") {
        // Whoever may not decide it doesn't learn that it exists.
        Err(Error::Forbidden) => Err(Error::NotFound),
        other => other.map(|()| row),
    }
}

/// The old and the new values of a request, to show before the second person decides. Numbers are masked.
pub async fn changes(ctx: &Ctx, row: &ApprovalRow) -> Result<Vec<Change>> {
    match Kind::parse(&row.kind) {
        Some(Kind::IdentityCorrection | Kind::MobileChange) => {
            account::correction::changes(ctx, row).await
        }
        Some(Kind::AccountRecovery) => account::recovery::changes(ctx, row).await,
        Some(Kind::StaffFactor) => staff::factor::changes(ctx, row).await,
        Some(Kind::LegacyImport | Kind::LegacyWithdrawal) => {
            account::legacy::changes(ctx, row).await
        }
        Some(Kind::CheckOverrule) => crate::check::changes(ctx, row).await,
        None => Ok(Vec::new()),
    }
}

/// One value that a request changes.
#[derive(Debug, Clone)]
pub struct Change {
    /// What it is.
    pub what: &'static str,
    /// As it stands.
    pub old: String,
    /// As it is asked for.
    pub new: String,
}

/// The public id of the request of this kind for this object that waits.
pub(crate) async fn open_of(q: &mut impl Query, what: (Kind, i64)) -> Result<Option<String>> {
    Ok(store::approval_open_of(q, what.0.code(), what.1).await?)
}

/// The last change of this object that two people agreed on.
pub(crate) async fn last_approved(
    q: &mut impl Query,
    what: (Kind, i64),
) -> Result<Option<ApprovalRow>> {
    Ok(store::approval_last_approved(q, what.0.code(), what.1).await?)
}

/// Whether the request is about the account of the asker himself: then he has no word in it.
pub fn concerns(ctx: &Ctx, row: &ApprovalRow) -> bool {
    let about_staff = row.kind == Kind::StaffFactor.code();
    about_staff && ctx.staff().is_ok_and(|staff| staff.id == row.object_id)
}

/// What the second person writes about what he saw, without the numbers that he may have typed.
///
/// # Errors
/// `Fields` under `note`.
pub(crate) fn read_note(typed: &str) -> Result<String> {
    crate::reason::read("note", typed, 1..=500, "请写明核对的情况，最多 500 个字")
}

/// The second person's word; approved, the change is made in the same transaction. A recovery gives the slip for the account's
/// owner, which nobody can see again.
pub async fn decide(
    ctx: &Ctx,
    public_id: &str,
    approve: bool,
    note: &str,
) -> Result<Option<account::recovery::Slip>> {
    let row = find(ctx, public_id).await?;
    let kind = Kind::parse(&row.kind).ok_or(Error::inconsistent("approval.kind"))?;
    let note = read_note(note)?;
    match kind {
        Kind::IdentityCorrection | Kind::MobileChange => {
            account::correction::decide(ctx, row, approve, note).await?;
        }
        Kind::AccountRecovery => {
            return account::recovery::decide(ctx, public_id, approve, &note).await;
        }
        Kind::StaffFactor => staff::factor::decide(ctx, row, approve, note).await?,
        Kind::LegacyImport | Kind::LegacyWithdrawal => {
            account::legacy::decide(ctx, row, approve, note).await?;
        }
        Kind::CheckOverrule => crate::check::decide(ctx, row, approve, note).await?,
    }
    Ok(None)
}
