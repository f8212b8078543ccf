//! Giving numbers: once, for ever, in chunks, before the plan that they belong to is published.

use std::collections::BTreeMap;

use db::{Command, Lane, Tx};
use serde_json::json;

use super::store;
use crate::{Ctx, Error, Object, Result, Stamp};

const CHUNK: usize = 250;

/// Gives each application its number. Doing it again changes nothing; a number that is somebody else's is refused, and no plan is
/// published over it.
pub(crate) async fn give(ctx: &Ctx, exam_id: i64, numbers: BTreeMap<i64, String>) -> Result<()> {
    let numbers: Vec<(i64, String)> = numbers.into_iter().collect();
    for chunk in numbers.chunks(CHUNK) {
        let command = Give {
            stamp: Stamp::of(ctx),
            exam_id,
            numbers: chunk.to_vec(),
        };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    Ok(())
}

struct Give {
    stamp: Stamp,
    exam_id: i64,
    numbers: Vec<(i64, String)>,
}

impl Command for Give {
    const NAME: &'static str = "ticket.give";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let at = self.stamp.at.micros();
        let mut given = 0;
        for (application_id, number) in &self.numbers {
            let new = store::number_insert(tx, self.exam_id, number, *application_id, at).await?;
            let owner = store::number_owner(tx, self.exam_id, number).await?;
            if new == 0 && owner != Some(*application_id) {
                return Err(Error::refused(
                    "ticket_number",
                    "准考证号有冲突",
                    "有准考证号已经给过别的考生。请重新编排后再公布。",
                ));
            }
            given += new;
        }
        let object = Object {
            kind: "exam",
            id: self.exam_id,
            exam_id: self.exam_id,
        };
        self.stamp
            .trail()
            .audit(tx, "ticket.give", object, json!({ "numbers": given }))
            .await
    }
}
