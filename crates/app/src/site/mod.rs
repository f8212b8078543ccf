//! Settings that belong to the data rather than to the process: whether a database holds a demonstration, and what it was
//! made from. Few rows, written from the command line.

mod store;

use db::{Command, Lane, Tx};
use domain::staff::Permission;
use serde_json::json;

use crate::{App, Ctx, Error, Object, Result, Stamp};

/// The setting that marks a demonstration.
pub const DEMO: &str = "demo";

/// A setting's text, if it is set.
pub async fn get(app: &App, name: &str) -> Result<Option<String>> {
    Ok(store::setting(&mut app.db().read(), name).await?)
}

/// Sets it.
pub async fn put(ctx: &Ctx, name: &'static str, value: String) -> Result<()> {
    ctx.allow(Permission::SystemView)?;
    ctx.app
        .db()
        .write(
            Lane::Interactive,
            Put {
                stamp: Stamp::of(ctx),
                name,
                value,
            },
        )
        .await
}

struct Put {
    stamp: Stamp,
    name: &'static str,
    value: String,
}

impl Command for Put {
    const NAME: &'static str = "site.put";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let by = (self.stamp.at.micros(), self.stamp.actor_id());
        store::setting_put(tx, self.name, &self.value, by).await?;
        let object = Object {
            kind: "site",
            id: 0,
            exam_id: 0,
        };
        self.stamp
            .trail()
            .audit(tx, "site.put", object, json!({ "name": self.name }))
            .await
    }
}
