//! 账号与安全: what the owner sees of the account, and the devices on which it is logged in.

use db::{Command, Lane, Tx};
use domain::id_number::{IdDocument, IdType};
use domain::profile::Identity;
use domain::time::Timestamp;
use serde_json::json;

use super::session::Session;
use super::signup::account_place;
use super::store::{self, AccountRow};
use crate::{App, Ctx, Error, Object, Result, Stamp};

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
    let clear = app
        .cipher()
        .open(account_place("id_number", row.id), &row.id_number)
        .map_err(|e| Error::internal("account.id_number", e))?;
    let number =
        std::str::from_utf8(&clear).map_err(|e| Error::internal("account.id_number", e))?;
    let id_type = IdType::parse(&row.id_type).ok_or(Error::inconsistent("account.id_type"))?;
    Ok(IdDocument::from_stored(id_type, number))
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

/// A device on which the account is logged in.
#[derive(Debug, Clone)]
pub struct OpenSession {
    /// What the button that ends it sends.
    pub handle: String,
    /// What the browser said of itself.
    pub device: String,
    /// Its network.
    pub network: String,
    /// When it logged in.
    pub created_at: Timestamp,
    /// When it was last used, to five minutes.
    pub seen_at: Timestamp,
    /// Is it the one that asks?
    pub current: bool,
}

fn handle(app: &App, id: i64) -> String {
    let index = app.index().index("session.handle", &id.to_string());
    hex::encode(index.get(..12).unwrap_or_default())
}

/// Where the asking candidate is logged in, last used first.
pub async fn sessions(ctx: &Ctx, current: &Session) -> Result<Vec<OpenSession>> {
    let account_id = ctx.candidate()?;
    let rows = store::sessions_of(
        &mut ctx.app.db().scan(db::Crowd::Candidates),
        account_id,
        ctx.at.micros(),
    )
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| OpenSession {
            handle: handle(&ctx.app, row.id),
            current: row.id == current.id,
            device: row.device,
            network: row.network,
            created_at: Timestamp::from_micros(row.created_at),
            seen_at: Timestamp::from_micros(row.last_seen_at),
        })
        .collect())
}

/// Ends the session with this handle, or every session but the asking one.
pub async fn end_sessions(ctx: &Ctx, current: &Session, which: Option<&str>) -> Result<()> {
    let account_id = ctx.candidate()?;
    let rows = store::sessions_of(
        &mut ctx.app.db().scan(db::Crowd::Candidates),
        account_id,
        ctx.at.micros(),
    )
    .await?;
    let ids: Vec<i64> = rows
        .iter()
        .map(|row| row.id)
        .filter(|id| match which {
            Some(which) => handle(&ctx.app, *id) == which,
            None => *id != current.id,
        })
        .collect();
    let command = EndSessions {
        stamp: Stamp::of(ctx),
        account_id,
        ids,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    ctx.app.sessions().clear();
    Ok(())
}

struct EndSessions {
    stamp: Stamp,
    account_id: i64,
    ids: Vec<i64>,
}

impl Command for EndSessions {
    const NAME: &'static str = "account.end_sessions";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut ended = 0;
        for id in &self.ids {
            ended += store::session_delete(tx, *id).await?;
        }
        let object = Object {
            kind: "account",
            id: self.account_id,
            exam_id: 0,
        };
        self.stamp
            .trail()
            .audit(
                tx,
                "account.end_sessions",
                object,
                json!({ "ended": ended }),
            )
            .await
    }
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
