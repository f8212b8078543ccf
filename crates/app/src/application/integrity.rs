//! 诚信档案: records that bar a person from applying for a time.

use db::{Command, Lane, Tx};
use domain::id_number::IdDocument;
use domain::integrity::IntegrityRecord;
use domain::staff::Permission;
use domain::time::Timestamp;
use serde_json::json;

use super::store;
use crate::{App, Ctx, Error, Object, Result, Stamp};

/// Enters a record against the holder of a document, whether or not he has an account yet.
pub async fn record(
    ctx: &Ctx,
    document: &IdDocument,
    name: &str,
    record: &IntegrityRecord,
) -> Result<()> {
    ctx.allow(Permission::ExamEdit)?;
    if record.reason.trim().chars().count() < 4 {
        return Err(Error::field("reason", "请写明记录的依据和原因"));
    }
    let command = Enter {
        stamp: Stamp::of(ctx),
        index: ctx
            .app
            .index()
            .index("account.id_number", document.canonical()),
        name: name.to_owned(),
        record: record.clone(),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

/// Whether a record bars the holder of an account today.
pub(crate) async fn is_barred(app: &App, account_id: i64, at: Timestamp) -> Result<bool> {
    Ok(super::rules::barred(&mut app.db().read(), account_id, at)
        .await?
        .is_some())
}

struct Enter {
    stamp: Stamp,
    index: [u8; 32],
    name: String,
    record: IntegrityRecord,
}

impl Command for Enter {
    const NAME: &'static str = "application.integrity_record";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let id = trail.id()?;
        let what = (
            self.name.as_str(),
            self.record.kind.code(),
            self.record.reason.trim(),
        );
        let starts = self.record.starts_on.to_string();
        let ends = self.record.ends_on.map(|day| day.to_string());
        let who = (self.stamp.actor_id(), self.stamp.at.micros());
        store::integrity_insert(tx, id, &self.index, what, (&starts, ends.as_deref()), who).await?;
        let object = Object {
            kind: "integrity_record",
            id,
            exam_id: 0,
        };
        let detail = json!({ "kind": self.record.kind.code() });
        trail
            .audit(tx, "application.integrity_record", object, detail)
            .await
    }
}
