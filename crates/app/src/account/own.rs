//! 账号与安全: what the owner sees of the account.

use domain::id_number::{IdDocument, IdType};
use domain::profile::Identity;
use domain::time::Timestamp;

use super::signup::account_place;
use super::store::{self, AccountRow};
use crate::{App, Ctx, Error, Result};

/// The account as its owner sees it; numbers are masked even here, for who looks over the shoulder.
#[derive(Debug, Clone)]
pub struct Overview {
    /// 姓名
    pub name: String,
    /// 证件类型
    pub id_type: &'static str,
    /// The first three characters of the number.
    pub id_number: String,
    /// `138****0000`
    pub mobile: String,
    /// Whether the mobile was proven by a code.
    pub mobile_verified: bool,
    /// 注册时间
    pub created_at: Timestamp,
}

fn document(app: &App, row: &AccountRow) -> Result<IdDocument> {
    opened(app, row.id, &row.id_type, &row.id_number)
}

fn opened(app: &App, id: i64, id_type: &str, sealed: &[u8]) -> Result<IdDocument> {
    let clear = app
        .cipher()
        .open(account_place("id_number", id), sealed)
        .map_err(|e| Error::internal("account.id_number", e))?;
    let number =
        std::str::from_utf8(&clear).map_err(|e| Error::internal("account.id_number", e))?;
    let id_type = IdType::parse(id_type).ok_or(Error::inconsistent("account.id_type"))?;
    Ok(IdDocument::from_stored(id_type, number))
}

/// The first three characters of an account's number, from the columns of its row: for lists that read many at once.
pub(crate) fn masked(app: &App, id: i64, id_type: &str, sealed: &[u8]) -> Result<String> {
    Ok(opened(app, id, id_type, sealed)?.masked())
}

/// The asking candidate's account.
pub async fn overview(ctx: &Ctx) -> Result<Overview> {
    let row = own(ctx).await?;
    let document = document(&ctx.app, &row)?;
    Ok(Overview {
        id_type: document.id_type().label(),
        id_number: document.masked(),
        mobile: super::login::mobile_of(ctx, &row)?.masked(),
        mobile_verified: row.mobile_verified_at.is_some(),
        created_at: Timestamp::from_micros(row.created_at),
        name: row.name,
    })
}

async fn own(ctx: &Ctx) -> Result<AccountRow> {
    let account_id = ctx.candidate()?;
    store::account_by_id(&mut ctx.app.db().read(), account_id)
        .await?
        .ok_or(Error::NotFound)
}

/// Whether an account is in use.
pub(crate) async fn is_active(q: &mut impl db::Query, account_id: i64) -> Result<bool> {
    let row = store::account_by_id(q, account_id).await?;
    Ok(row.is_some_and(|row| row.state == "active"))
}

/// Name, document and mobile of an account in clear: for its own pages and papers. The caller has checked who asks.
pub async fn identity(app: &App, account_id: i64) -> Result<Identity> {
    let row = store::account_by_id(&mut app.db().read(), account_id)
        .await?
        .ok_or(Error::NotFound)?;
    let mobile = app
        .cipher()
        .open(account_place("mobile", row.id), &row.mobile)
        .map_err(|e| Error::internal("account.mobile", e))?;
    Ok(Identity {
        document: document(app, &row)?,
        mobile: String::from_utf8_lossy(&mobile).into_owned(),
        name: row.name,
    })
}

/// The activation code as a paper.
#[derive(Clone)]
pub struct ActivationSheet {
    /// 证件号码, masked.
    pub id_number: String,
    /// The code in groups.
    pub code: String,
    /// Until when it is good, in words.
    pub until: String,
    /// The site's address, for the paper and its QR code.
    pub site: String,
    /// The exam centre.
    pub issuer: String,
}

impl std::fmt::Debug for ActivationSheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ActivationSheet(…)")
    }
}

/// Sets the activation code as a PDF.
pub async fn activation_pdf(ctx: &Ctx, sheet: ActivationSheet) -> Result<Vec<u8>> {
    use documents::{Field, Imprint, activation};
    let imprint = Imprint::new("activation", ctx.at);
    let slip = activation::Activation {
        heading: "首次登录激活码".to_owned(),
        rows: vec![
            Field::new("证件号码", sheet.id_number),
            Field::new("有效期至", sheet.until),
        ],
        code: sheet.code,
        steps: [
            "打开登录页，点“首次登录核实身份”。",
            "填写证件号码和激活码。",
            "设置自己的密码，今后用证件号码和密码登录。",
        ]
        .map(str::to_owned)
        .to_vec(),
        site: sheet.site,
        issuer: sheet.issuer,
        footer: "激活码只能用一次，请勿交给他人。用注册时的设备首次登录，不需要激活码。".to_owned(),
    };
    let pdf = crate::paper::set(&ctx.app, move |engine| {
        activation::render(engine, &slip, &imprint)
    })
    .await?;
    Ok(pdf.bytes)
}
