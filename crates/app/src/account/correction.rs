//! 更正身份信息 and 更换手机号码 at the office: what a candidate can't change alone, asked for by one member of staff who has seen the
//! document, decided by another (invariant 24).

use db::{Command, Lane, Tx};
use domain::field::FieldErrors;
use domain::id_number::{IdDocument, IdType, Typed};
use domain::phone::Mobile;
use domain::staff::Permission;
use domain::text::PersonName;
use serde::{Deserialize, Serialize};
use serde_json::json;
use vault::Place;

use super::office_store as store;
use super::signup::{account_place, mobile_index, number_index};
use super::store::AccountRow;
use crate::approval::{self, ApprovalRow, Change, Kind};
use crate::message::{self, Notice, Sms};
use crate::object::{self, File, NewObject, Owner};
use crate::{App, Ctx, Error, Object, Result, Stamp};

/// The new identity as typed.
#[derive(Debug, Clone, Default)]
pub struct IdentityForm {
    /// 姓名
    pub name: String,
    /// 证件类型, its code.
    pub id_type: String,
    /// 证件号码
    pub id_number: String,
    /// Why, and what document was seen.
    pub reason: String,
}

/// What the request carries, encrypted.
#[derive(Serialize, Deserialize)]
enum Payload {
    #[serde(rename = "identity")]
    Identity {
        name: String,
        id_type: String,
        id_number: String,
        /// The picture of the document that a candidate sent along.
        #[serde(default)]
        evidence: Option<i64>,
    },
    #[serde(rename = "mobile")]
    Mobile { mobile: String },
}

pub(super) fn check_reason(errors: &mut FieldErrors, typed: &str) -> String {
    let reason = domain::text::paragraph(typed);
    let length = reason.chars().count();
    if !(4..=300).contains(&length) {
        errors.add("reason", "请写明原因和核对过的证件，4 至 300 个字");
    }
    if crate::reason::holds_number(&reason) {
        errors.add("reason", "原因里不要写证件号码或手机号码");
    }
    reason
}

/// Asks for another name, document type or number.
pub async fn request_identity(ctx: &Ctx, public_id: &str, form: &IdentityForm) -> Result<()> {
    ctx.allow(Permission::AccountDesk)?;
    let row = store::account_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)?;
    let mut errors = FieldErrors::new();
    let reason = check_reason(&mut errors, &form.reason);
    let name = PersonName::parse(&form.name)
        .map_err(|e| errors.add("name", e.to_string()))
        .ok();
    let document = match IdType::parse(&form.id_type) {
        None => {
            errors.add("id_type", "请选择证件类型");
            None
        }
        Some(id_type) => IdDocument::parse(id_type, &form.id_number, ctx.at.date())
            .map_err(|e| errors.add("id_number", e.to_string()))
            .ok(),
    };
    errors.into_result()?;
    let (Some(name), Some(document)) = (name, document) else {
        return Err(Error::inconsistent("identity form"));
    };
    let document = match document {
        Typed::Same(document) => document,
        _ => return Err(Error::field("id_number", "请填写 18 位证件号码")),
    };
    let index = number_index(&ctx.app, &document);
    let taken = super::store::accounts_by_number(&mut ctx.app.db().read(), &index)
        .await?
        .into_iter()
        .any(|other| other.id != row.id && other.id_type == document.id_type().code());
    if taken {
        return Err(Error::field(
            "id_number",
            "这个证件号码已有账号，请先通过账号申诉处理",
        ));
    }
    let payload = Payload::Identity {
        name: name.as_str().to_owned(),
        id_type: document.id_type().code().to_owned(),
        id_number: document.canonical().to_owned(),
        evidence: None,
    };
    ask(ctx, &row, Kind::IdentityCorrection, payload, reason).await
}

/// Checks what a candidate asks for himself.
///
/// # Errors
/// Every field to mend, in the order of the page.
pub fn check_own(
    form: &IdentityForm,
    today: domain::time::Date,
) -> std::result::Result<(), FieldErrors> {
    let mut errors = FieldErrors::new();
    errors.take("name", PersonName::parse(&form.name));
    match IdType::parse(&form.id_type) {
        None => errors.add("id_type", "请选择证件类型"),
        Some(id_type) => match IdDocument::parse(id_type, &form.id_number, today) {
            Ok(Typed::Same(_)) => {}
            Ok(Typed::Converted(_)) => errors.add("id_number", "请填写 18 位证件号码"),
            Err(error) => errors.add("id_number", error.to_string()),
        },
    }
    let reason = domain::text::paragraph(&form.reason);
    let length = reason.chars().count();
    if !(10..=300).contains(&length) {
        errors.add(
            "reason",
            format!("请用 10 至 300 个字写明更正的原因，您填了 {length} 个"),
        );
    } else if crate::reason::holds_number(&reason) {
        errors.add("reason", "原因里不要写证件号码或手机号码");
    }
    errors.into_result()
}

/// 申请更正 by the candidate, with a picture of the document. One member of staff compares and passes it on ([`decide`]), another
/// decides.
pub async fn request_own(
    ctx: &Ctx,
    form: &IdentityForm,
    file: (&'static str, &str, &[u8]),
) -> Result<()> {
    check_own(form, ctx.at.date())?;
    let account_id = ctx.candidate()?;
    let named = (file.0, file.1);
    let evidence = object::prepare(
        &ctx.app,
        "correction",
        Owner::Account(account_id),
        named,
        file.2,
    )
    .await?;
    let command = AskOwn {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        account_id,
        evidence,
        name: PersonName::parse(&form.name)
            .map(String::from)
            .unwrap_or_default(),
        id_type: form.id_type.clone(),
        id_number: domain::id_number::lookup_key(&form.id_number),
        reason: domain::text::paragraph(&form.reason),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

/// What a candidate reads who asks once more.
fn own_open() -> Error {
    Error::refused(
        "correction_open",
        "更正申请正在处理",
        "您已有一项更正申请正在核对，结果会发站内消息，不需要重复提交。",
    )
}

/// What staff read who ask for what waits already.
pub(super) fn taken() -> Error {
    Error::Conflict("这个账号已有一项同样的申请在等待复核")
}

struct AskOwn {
    app: App,
    stamp: Stamp,
    account_id: i64,
    evidence: NewObject,
    name: String,
    id_type: String,
    id_number: String,
    reason: String,
}

impl Command for AskOwn {
    const NAME: &'static str = "account.correction_ask_own";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let what = (Kind::IdentityCorrection, self.account_id);
        let mut trail = self.stamp.trail();
        let evidence = object::insert(tx, &mut trail, &self.evidence).await?;
        let payload = Payload::Identity {
            name: self.name.clone(),
            id_type: self.id_type.clone(),
            id_number: self.id_number.clone(),
            evidence: Some(evidence),
        };
        let reason = self.reason.as_str();
        approval::request(
            tx,
            &mut trail,
            &self.app,
            what,
            (&payload, reason),
            own_open,
        )
        .await?;
        Ok(())
    }
}

/// The picture that a candidate sent with a request.
pub async fn evidence(ctx: &Ctx, row: &ApprovalRow) -> Result<File> {
    ctx.allow(Permission::AccountDesk)?;
    match approval::payload(&ctx.app, row)? {
        Payload::Identity {
            evidence: Some(id), ..
        } => object::read(&ctx.app, id).await,
        _ => Err(Error::NotFound),
    }
}

/// Whether the candidate himself asked: then the first member of staff only passes it on.
pub fn is_own(row: &ApprovalRow) -> bool {
    row.kind == Kind::IdentityCorrection.code() && row.requested_by == row.object_id
}

/// Asks for another mobile, for who lost the old one.
pub async fn request_mobile(ctx: &Ctx, public_id: &str, typed: &str, reason: &str) -> Result<()> {
    ctx.allow(Permission::AccountDesk)?;
    let row = store::account_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)?;
    let mut errors = FieldErrors::new();
    let reason = check_reason(&mut errors, reason);
    let mobile = Mobile::parse(typed)
        .map_err(|e| errors.add("mobile", e.to_string()))
        .ok();
    errors.into_result()?;
    let mobile = mobile.ok_or(Error::inconsistent("mobile form"))?;
    let payload = Payload::Mobile {
        mobile: mobile.as_str().to_owned(),
    };
    ask(ctx, &row, Kind::MobileChange, payload, reason).await
}

async fn ask(
    ctx: &Ctx,
    row: &AccountRow,
    kind: Kind,
    payload: Payload,
    reason: String,
) -> Result<()> {
    if row.state != "active" && row.state != "pending" {
        return Err(Error::refused(
            "account_state",
            "账号现在不能更正",
            "账号已冻结、失效或注销，请先处理账号申诉。",
        ));
    }
    let command = Ask {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        account_id: row.id,
        kind,
        payload,
        reason,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Ask {
    app: App,
    stamp: Stamp,
    account_id: i64,
    kind: Kind,
    payload: Payload,
    reason: String,
}

impl Command for Ask {
    const NAME: &'static str = "account.correction_ask";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let what = (self.kind, self.account_id);
        let mut trail = self.stamp.trail();
        let (payload, reason) = (&self.payload, self.reason.as_str());
        approval::request(tx, &mut trail, &self.app, what, (payload, reason), taken).await?;
        Ok(())
    }
}

/// Old and new values, numbers masked: the second person compares them with the document in his hand, or unmasks.
pub(crate) async fn changes(ctx: &Ctx, row: &ApprovalRow) -> Result<Vec<Change>> {
    let account = super::store::account_by_id(&mut ctx.app.db().read(), row.object_id)
        .await?
        .ok_or(Error::NotFound)?;
    let change = |what, old: String, new: String| Change { what, old, new };
    Ok(match approval::payload(&ctx.app, row)? {
        Payload::Identity {
            name,
            id_type,
            id_number,
            ..
        } => {
            let old = super::office::document(&ctx.app, &account)?;
            let kind = IdType::parse(&id_type).ok_or(Error::inconsistent("approval.payload"))?;
            let new = IdDocument::from_stored(kind, id_number);
            vec![
                change("姓名", account.name, name),
                change(
                    "证件类型",
                    old.id_type().label().to_owned(),
                    kind.label().to_owned(),
                ),
                change("证件号码", shown(&old, &new), shown(&new, &old)),
            ]
        }
        Payload::Mobile { mobile } => {
            let new = Mobile::parse(&mobile).map_err(|e| Error::internal("approval.payload", e))?;
            vec![change(
                "手机号码",
                super::office::mobile(&ctx.app, &account)?.masked(),
                new.masked(),
            )]
        }
    })
}

/// The number with all hidden but its first three characters and those in which it differs from the other.
fn shown(number: &IdDocument, other: &IdDocument) -> String {
    let others: Vec<char> = other.canonical().chars().collect();
    let same_length = others.len() == number.canonical().chars().count();
    number
        .canonical()
        .chars()
        .enumerate()
        .map(|(place, c)| {
            let differs = same_length && others.get(place) != Some(&c);
            if place < 3 || differs { c } else { '*' }
        })
        .collect()
}

/// The second person's word.
pub(crate) async fn decide(ctx: &Ctx, row: ApprovalRow, approve: bool, note: String) -> Result<()> {
    let account = super::store::account_by_id(&mut ctx.app.db().read(), row.object_id)
        .await?
        .ok_or(Error::NotFound)?;
    let payload: Payload = approval::payload(&ctx.app, &row)?;
    let write = match &payload {
        Payload::Identity {
            name,
            id_type,
            id_number,
            ..
        } => {
            let kind = IdType::parse(id_type).ok_or(Error::inconsistent("approval.payload"))?;
            let document = IdDocument::from_stored(kind, id_number.clone());
            Write::Identity {
                name: name.clone(),
                id_type: kind.code(),
                sealed: seal(
                    ctx,
                    account_place("id_number", account.id),
                    document.canonical(),
                ),
                index: number_index(&ctx.app, &document),
            }
        }
        Payload::Mobile { mobile } => {
            let mobile =
                Mobile::parse(mobile).map_err(|e| Error::internal("approval.payload", e))?;
            Write::Mobile {
                sealed: seal(ctx, account_place("mobile", account.id), mobile.as_str()),
                index: mobile_index(&ctx.app, &mobile),
            }
        }
    };
    let command = Decide {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        row,
        account,
        payload,
        write,
        approve,
        note,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.sessions().clear();
    Ok(())
}

fn seal(ctx: &Ctx, place: Place, clear: &str) -> Vec<u8> {
    ctx.app
        .cipher()
        .seal(place, clear.as_bytes(), ctx.app.entropy())
}

enum Write {
    Identity {
        name: String,
        id_type: &'static str,
        sealed: Vec<u8>,
        index: [u8; 32],
    },
    Mobile {
        sealed: Vec<u8>,
        index: [u8; 32],
    },
}

struct Decide {
    app: App,
    stamp: Stamp,
    row: ApprovalRow,
    account: AccountRow,
    payload: Payload,
    write: Write,
    approve: bool,
    note: String,
}

impl Command for Decide {
    const NAME: &'static str = "account.correction_decide";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        approval::decided(tx, &mut trail, &self.row, self.approve, &self.note).await?;
        if !self.approve {
            if is_own(&self.row) {
                let body = format!("原因：{}。需要时请补充材料后重新申请。", self.note);
                let notice = Notice {
                    kind: "account",
                    title: "更正申请没有通过".to_owned(),
                    body,
                    link: "/profile/correction".to_owned(),
                    sms: None,
                };
                message::notify(tx, &mut trail, &self.app, self.account.id, &notice).await?;
            }
            return Ok(());
        }
        if is_own(&self.row) {
            // Passed on: what the candidate asked for is now this member of staff's request, for another to decide.
            let what = (Kind::IdentityCorrection, self.account.id);
            let reason = format!("考生申请：{}。核对：{}", self.row.reason, self.note);
            let payload = &self.payload;
            approval::request(tx, &mut trail, &self.app, what, (payload, &reason), taken).await?;
            return Ok(());
        }
        let (id, version) = (self.account.id, self.account.version);
        // The old number is told of a new one first, while it is still the account's.
        let (text, action) = match &self.write {
            Write::Identity { .. } => (
                "您申请更正的身份信息已生效，请登录核对。",
                "account.identity_corrected",
            ),
            Write::Mobile { .. } => (
                "您的手机号码已由考试机构更换。如非本人办理，请立即联系考试机构。",
                "account.mobile_corrected",
            ),
        };
        let notice = Notice {
            kind: "account",
            title: "账号信息已更正".to_owned(),
            body: text.to_owned(),
            link: "/account".to_owned(),
            sms: Some(Sms {
                template: "account_corrected",
                params: vec![("text", text.to_owned())],
            }),
        };
        message::notify(tx, &mut trail, &self.app, id, &notice).await?;
        let changed = match &self.write {
            Write::Identity {
                name,
                id_type,
                sealed,
                index,
            } => {
                store::account_set_identity(tx, id, version, (name, id_type), (sealed, index)).await
            }
            Write::Mobile { sealed, index } => {
                let verified = self
                    .account
                    .mobile_verified_at
                    .map(|_| self.stamp.at.micros());
                store::account_set_mobile_by_office(tx, id, version, (sealed, index), verified)
                    .await
            }
        };
        let changed = changed.map_err(|error| match error {
            db::DbError::Conflict { .. } => {
                Error::Conflict("这个证件号码刚被注册，请先通过账号申诉处理")
            }
            other => other.into(),
        })?;
        if changed == 0 {
            return Err(Error::Conflict("账号刚有改动，请重新核对后再复核"));
        }
        if matches!(self.write, Write::Identity { .. }) {
            crate::check::due(tx, id, self.stamp.at).await?;
        }
        let object = Object {
            kind: "account",
            id,
            exam_id: 0,
        };
        trail
            .audit(
                tx,
                action,
                object,
                json!({ "approval": self.row.public_id }),
            )
            .await
    }
}
