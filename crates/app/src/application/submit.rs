//! 保存 and 修改: one command for a first submission, an edit, a move to another position and a supplement.
//!
//! Which of them it is follows from what is there: the candidate sees one form. Sent twice (a double click, two tabs, the
//! back button) it changes nothing the second time.

use std::collections::BTreeMap;

use db::{Command, Lane, Tx};
use domain::application::Event;
use domain::exam::question::Answer;
use domain::review::Review;

use super::advance::{Extra, advance_with};
use super::content::{self, Agreed, Pick};
use super::store::{self, ApplicationRow, ContentColumns};
use super::{draft_form, files, rules};
use crate::{App, Ctx, Error, Result, Stamp, draft, exam};

/// What the candidate saves.
#[derive(Debug, Clone)]
pub struct Form {
    /// What he picked.
    pub pick: Pick,
    /// His answers to the exam's questions.
    pub answers: BTreeMap<String, Answer>,
    /// The agreement.
    pub agreed: Agreed,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// The application's public id.
    pub public_id: String,
    /// What was done; `None` if it had been done already.
    pub event: Option<Event>,
}

/// Saves an application.
///
/// # Errors
/// `Fields`, or `Refused` with the rule that stands in the way; the codes `photo_missing` and `photo_not_approved` lead to
/// 照片维护, `position_full` to the positions, `profile_incomplete` to the profile.
pub async fn submit(ctx: &Ctx, exam_id: &str, form: &Form) -> Result<Saved> {
    let account_id = ctx.candidate()?;
    let app = &ctx.app;
    let exam = exam::find(app, exam_id).await?;
    if !exam.is_shown_to(ctx.viewer()) {
        return Err(Error::NotFound);
    }
    let there = store::application_living(&mut app.db().read(), exam.id(), account_id).await?;
    let prepared = content::prepare(ctx, &exam, &form.pick, &form.answers, form.agreed).await?;
    let id = there
        .as_ref()
        .map_or_else(|| app.reserve_ids(1), |row| row.id);
    let event = event_for(there.as_ref(), prepared.picked.position_id);
    let note = match &there {
        Some(row) => {
            let before = content::kept(app, row).await?;
            let names = content::changes(&before, &prepared.kept, &exam);
            if names.is_empty() {
                String::new()
            } else {
                format!("修改了：{}", names.join("、"))
            }
        }
        None => String::new(),
    };
    let attached = files::attached(ctx, &prepared.kept.answers).await?;
    let mut content = prepared.columns(app, id)?;
    if let Some(row) = there
        .as_ref()
        .filter(|row| event == Event::Move && row.payment == "paid")
    {
        // Out of a cancelled position: what was paid stays paid, whatever the other one costs.
        content.fee = row.fee;
    }
    let hash = content.snapshot_hash;
    let command = Submit {
        stamp: Stamp::of(ctx),
        app: app.clone(),
        exam_id: exam.id(),
        rehearsal: exam.is_rehearsal().then(|| exam.id()),
        forms: draft_form::names(exam.public_id()),
        account_id,
        id,
        event,
        note,
        content,
        files: attached,
    };
    let race = |error: &Error| match error {
        Error::Db(db) => db.violates("application", &["exam_id", "account_id"]),
        _ => false,
    };
    match app.db().write(Lane::Interactive, command).await {
        // Another tab's submission committed between our look and ours.
        Err(error) if race(&error) => {
            let row = store::application_living(&mut app.db().read(), exam.id(), account_id)
                .await?
                .ok_or(error)?;
            done_before(&row, hash.as_slice())
        }
        other => other,
    }
}

/// A first submission that came second: the same one sent twice was done before, another tab's other content is not dropped
/// in silence.
///
/// # Errors
/// `Conflict` if what was stored isn't what was sent.
fn done_before(row: &ApplicationRow, hash: &[u8]) -> Result<Saved> {
    if row.snapshot_hash.as_slice() != hash {
        return Err(Error::Conflict(super::advance::CHANGED));
    }
    Ok(Saved {
        public_id: row.public_id.clone(),
        event: None,
    })
}

fn event_for(there: Option<&ApplicationRow>, position_id: Option<i64>) -> Event {
    match there {
        None => Event::Submit,
        Some(row) if row.review == Review::Returned.code() && row.position_id == position_id => {
            Event::Supplement
        }
        Some(row) if row.position_id != position_id => Event::Move,
        Some(_) => Event::Edit,
    }
}

struct Submit {
    stamp: Stamp,
    app: App,
    exam_id: i64,
    /// The same, if it is a rehearsal.
    rehearsal: Option<i64>,
    forms: [String; 2],
    account_id: i64,
    id: i64,
    event: Event,
    /// What was changed, by name.
    note: String,
    content: ContentColumns,
    /// Question and object id of each file.
    files: Vec<(String, i64)>,
}

impl Command for Submit {
    const NAME: &'static str = "application.submit";
    type Out = Saved;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<Saved> {
        let mut trail = self.stamp.trail();
        let there = store::application_living(tx, self.exam_id, self.account_id).await?;
        let gone = match there.as_ref().and_then(|row| row.position_id) {
            Some(position) if self.event == Event::Edit => rules::cancelled(tx, position).await?,
            _ => false,
        };
        let public_id = match (&there, self.event) {
            (Some(row), Event::Submit) => {
                return done_before(row, self.content.snapshot_hash.as_slice());
            }
            // Saved again as it is; on a position that is gone the rules have their say.
            (Some(row), Event::Edit)
                if !gone
                    && row.snapshot_hash.as_slice() == self.content.snapshot_hash.as_slice()
                    && (row.review == Review::None.code()
                        || row.review == Review::Pending.code()) =>
            {
                return Ok(Saved {
                    public_id: row.public_id.clone(),
                    event: None,
                });
            }
            (Some(row), _) if row.id == self.id => row.public_id.clone(),
            (None, Event::Submit) => {
                // Whose account it is, the transaction says: a person's is never in a rehearsal, nor the other way round.
                let rehearses = crate::account::rehearsal_of(tx, self.account_id).await?;
                if rehearses != self.rehearsal {
                    return Err(Error::NotFound);
                }
                let public_id = trail.public_id(self.id).to_string();
                let keys = (self.id, public_id.as_str(), self.exam_id, self.account_id);
                store::application_insert(tx, keys, &self.content, self.stamp.at.micros()).await?;
                public_id
            }
            _ => return Err(Error::Conflict(super::advance::CHANGED)),
        };
        // Another tab uploaded another photo after this one was read.
        if self.content.photo_id != 0
            && crate::photo::id_in(tx, self.account_id).await? != self.content.photo_id
        {
            return Err(Error::Conflict("照片刚刚更换过，请核对后再保存"));
        }
        let extra = Extra {
            note: &self.note,
            fresh: Some(&self.content),
            ..Extra::default()
        };
        advance_with(tx, &mut trail, &self.app, self.id, self.event, &extra).await?;
        files::hang(tx, &mut trail, self.id, &self.files).await?;
        for form in &self.forms {
            draft::forget(tx, self.account_id, form).await?;
        }
        Ok(Saved {
            public_id,
            event: Some(self.event),
        })
    }
}
