//! 照片维护 (manual 1.2.2.2): one photo per candidate, used on the registration form and the ticket.
//!
//! States `none → pending → approved | rejected`, `replaced` for those before. Refused files never become a row: the candidate
//! is told at once what is wrong. A photo may be replaced until a live application of the candidate has a seat; one that was
//! refused may be even then. Applications without a seat follow the photo: the papers show the one that was accepted.
//! Called by the candidate's page, by the review queue of the office, and by `application` at 保存.

mod review;
mod store;
pub(crate) mod wipe_store;

use db::{Command, Lane, Tx};
use domain::photo::PhotoSpec;
use domain::review::{PhotoEvent, PhotoState};
use serde_json::json;

pub use review::{
    Card, DecidedFilter, Decision, claim, decide, export, held, pending, recent, release, reopen,
    view,
};
pub use store::{DecidedRow, PhotoRow};

use crate::object::{self, File, NewObject, Owner};
use crate::{App, Ctx, Error, Object, Result, Stamp, application};

/// The photo that counts for an account, if there is one.
pub async fn current(app: &App, account_id: i64) -> Result<Option<PhotoRow>> {
    Ok(store::photo_current(&mut app.db().read(), account_id).await?)
}

/// The state of the photo that counts, as the caller's transaction sees it.
pub(crate) async fn state_in(q: &mut impl db::Query, account_id: i64) -> Result<Option<String>> {
    Ok(store::photo_current(q, account_id)
        .await?
        .map(|row| row.state))
}

/// The id of the photo that counts, as the caller's transaction sees it; 0 for none.
pub(crate) async fn id_in(q: &mut impl db::Query, account_id: i64) -> Result<i64> {
    Ok(store::photo_current(q, account_id)
        .await?
        .map_or(0, |row| row.id))
}

/// Whether the asking candidate may still replace the photo.
pub async fn replaceable(ctx: &Ctx) -> Result<bool> {
    let account_id = ctx.candidate()?;
    let mut read = ctx.app.db().read();
    let current = store::photo_current(&mut read, account_id).await?;
    let frozen = store::photo_frozen(&mut read, account_id, ctx.at.micros()).await?;
    may_replace(current.as_ref(), frozen)
}

/// Whether another photo may take the place of `current`: the domain's word. A first photo always may.
fn may_replace(current: Option<&PhotoRow>, frozen: bool) -> Result<bool> {
    let Some(row) = current else {
        return Ok(true);
    };
    let state = PhotoState::from_code(&row.state).ok_or(Error::inconsistent("photo.state"))?;
    Ok(state.on(PhotoEvent::Replace, frozen).is_ok())
}

/// The asking candidate's own photo.
pub async fn own(ctx: &Ctx, public_id: &str) -> Result<File> {
    let account_id = ctx.candidate()?;
    let row = store::photo_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .filter(|row| row.account_id == account_id)
        .ok_or(Error::NotFound)?;
    object::read(&ctx.app, row.object_id).await
}

/// The photo an application was made with, for its form and ticket. The caller has checked who asks.
pub(crate) async fn of_application(app: &App, account_id: i64, photo_id: i64) -> Result<File> {
    let object_id = store::photo_object(&mut app.db().read(), account_id, photo_id)
        .await?
        .ok_or(Error::NotFound)?;
    object::read(app, object_id).await
}

/// 上传: checks the file strictly, encodes it anew without metadata, and puts it in place of the one before.
///
/// # Errors
/// `Fields` under `photo` with the exact reason; `Refused` once a seat was given.
pub async fn upload(ctx: &Ctx, bytes: &[u8], spec: &PhotoSpec) -> Result<()> {
    let account_id = ctx.candidate()?;
    let limits = imaging::photo::Spec {
        width: spec.width,
        height: spec.height,
        max_bytes: spec.max_bytes(),
    };
    let bytes = bytes.to_vec();
    let accepted = ctx
        .app
        .compute("check a photo", move || {
            imaging::photo::check(&bytes, &limits)
        })
        .await?
        .map_err(|refusal| Error::field("photo", refusal.to_string()))?;
    let named = ("image/jpeg", "photo.jpg");
    let object = object::prepare(
        &ctx.app,
        "photo",
        Owner::Account(account_id),
        named,
        &accepted.jpeg,
    )
    .await?;
    let command = Upload {
        stamp: Stamp::of(ctx),
        account_id,
        object,
        size: (u32::from(accepted.width), u32::from(accepted.height)),
        hints: serde_json::to_string(&accepted.hints)
            .map_err(|e| Error::internal("photo.hints", e))?,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Upload {
    stamp: Stamp,
    account_id: i64,
    object: NewObject,
    size: (u32, u32),
    hints: String,
}

impl Command for Upload {
    const NAME: &'static str = "photo.upload";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let at = self.stamp.at.micros();
        let before = store::photo_current(tx, self.account_id).await?;
        let frozen = store::photo_frozen(tx, self.account_id, at).await?;
        if !may_replace(before.as_ref(), frozen)? {
            return Err(Error::refused(
                "photo_frozen",
                "照片不能再更换",
                "您报考的考试已编排考场，准考证使用现在的照片。确需更换的，请联系考试机构。",
            ));
        }
        let mut trail = self.stamp.trail();
        store::photo_replace(tx, self.account_id).await?;
        let object_id = object::insert(tx, &mut trail, &self.object).await?;
        let id = trail.id()?;
        let row = store::PhotoInsert {
            id,
            public_id: &trail.public_id(id).to_string(),
            account_id: self.account_id,
            object_id,
            size: self.size,
            hints: &self.hints,
            at,
        };
        store::photo_insert(tx, &row).await?;
        if let Some(before) = before {
            let refused = before.state == PhotoState::Rejected.code();
            let photos = (before.id, id);
            application::photo_replaced(tx, self.account_id, photos, refused).await?;
        }
        let object = Object {
            kind: "photo",
            id,
            exam_id: 0,
        };
        trail.audit(tx, "photo.upload", object, json!({})).await
    }
}

/// Lets go of the photos of an account that is being closed: their files expire with the next sweep.
pub(crate) async fn erase(tx: &mut Tx, account_id: i64, at: i64) -> Result<()> {
    store::photo_replace(tx, account_id).await?;
    object::expire_of_account(tx, account_id, at).await
}
