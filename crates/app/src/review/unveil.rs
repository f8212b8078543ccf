//! 查看: what is veiled on the bench is shown with a reason, and each look is recorded (invariant 29).

use db::{Command, Lane, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::scope;
use crate::application::kept;
use crate::application::store::{ApplicationRow, application_by_public_id};
use crate::object::File;
use crate::{Ctx, Error, Object, Result, Stamp};

/// What is veiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Veiled {
    /// 证件号码.
    IdNumber,
    /// 手机号码.
    Mobile,
    /// 照片.
    Photo,
}

impl Veiled {
    /// By its code in forms.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "id_number" => Some(Self::IdNumber),
            "mobile" => Some(Self::Mobile),
            "photo" => Some(Self::Photo),
            _ => None,
        }
    }

    /// Its code in forms and audit rows.
    pub const fn code(self) -> &'static str {
        match self {
            Self::IdNumber => "id_number",
            Self::Mobile => "mobile",
            Self::Photo => "photo",
        }
    }

    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::IdNumber => "证件号码",
            Self::Mobile => "手机号码",
            Self::Photo => "照片",
        }
    }
}

/// What was shown.
#[derive(Debug, Clone)]
pub enum Unveiled {
    /// A number.
    Text(String),
    /// A token that opens the photo for five minutes.
    PhotoToken(String),
}

const PHOTO: &str = "review.photo";
const PHOTO_SECONDS: i64 = 300;

/// Shows one thing; the look and its reason are recorded.
///
/// # Errors
/// `Fields` under `why` without a reason or with a long one.
pub async fn unveil(ctx: &Ctx, public_id: &str, what: Veiled, why: &str) -> Result<Unveiled> {
    let row = application_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)?;
    scope::may_look(ctx, row.exam_id, &row.unit)?;
    let hint = "请写明查看的原因，2 至 100 个字，例如：核对证明材料";
    let why = crate::reason::read("why", why, 2..=100, hint)?;
    let command = Look {
        stamp: Stamp::of(ctx),
        id: row.id,
        exam_id: row.exam_id,
        what,
        why,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    match what {
        Veiled::IdNumber => Ok(Unveiled::Text(
            kept(&ctx.app, &row).await?.profile.id_number,
        )),
        Veiled::Mobile => Ok(Unveiled::Text(kept(&ctx.app, &row).await?.profile.mobile)),
        Veiled::Photo => photo_token(ctx, &row),
    }
}

#[derive(Serialize, Deserialize)]
struct Ticket {
    application: i64,
    staff: i64,
}

fn photo_token(ctx: &Ctx, row: &ApplicationRow) -> Result<Unveiled> {
    let ticket = Ticket {
        application: row.id,
        staff: ctx.staff()?.id,
    };
    let clear = serde_json::to_vec(&ticket).map_err(|e| Error::internal("photo token", e))?;
    let until = ctx.at.plus_seconds(PHOTO_SECONDS);
    Ok(Unveiled::PhotoToken(ctx.app.sealer().seal(
        PHOTO,
        &clear,
        until,
        ctx.app.entropy(),
    )))
}

/// The photo behind a token that [`unveil`] gave to the same person.
pub async fn photo(ctx: &Ctx, public_id: &str, token: &str) -> Result<File> {
    let row = application_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)?;
    scope::may_look(ctx, row.exam_id, &row.unit)?;
    let opened = ctx
        .app
        .sealer()
        .open(PHOTO, token, ctx.at)
        .map_err(|_| Error::NotFound)?;
    let ticket: Ticket = serde_json::from_slice(&opened.payload).map_err(|_| Error::NotFound)?;
    if ticket.application != row.id || ticket.staff != ctx.staff()?.id {
        return Err(Error::NotFound);
    }
    crate::photo::of_application(&ctx.app, row.account_id, row.photo_id).await
}

struct Look {
    stamp: Stamp,
    id: i64,
    exam_id: i64,
    what: Veiled,
    why: String,
}

impl Command for Look {
    const NAME: &'static str = "review.unveil";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let object = Object {
            kind: "application",
            id: self.id,
            exam_id: self.exam_id,
        };
        let detail = json!({ "what": self.what.code(), "why": self.why });
        self.stamp
            .trail()
            .audit(tx, "review.unveil", object, detail)
            .await
    }
}
