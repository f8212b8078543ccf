//! Files that answer a question: stored when they are uploaded, hung on the application when it is saved.
//!
//! What nobody saves expires after a month. The kind is recognised by the content, never by the name.

use std::collections::BTreeMap;

use db::{Command, Lane, Tx};
use domain::exam::question::{Answer, FileFacts, Question, QuestionKind};

use super::store;
use crate::object::{self, File, NewObject, Owner};
use crate::{Ctx, Error, Result, Stamp, Trail};

/// How long an upload waits for 保存, in days.
const WAITS_DAYS: i64 = 30;
const KIND: &str = "attachment";

/// What a content is; `None` for anything that questions don't take.
pub fn media_type(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"%PDF-") {
        Some("application/pdf")
    } else if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        Some("image/jpeg")
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else {
        None
    }
}

/// Stores an uploaded file for a question. Its facts go into the answer.
///
/// # Errors
/// `Fields` under `q.<question>` for a file that the question doesn't take.
pub async fn attach(ctx: &Ctx, question: &Question, name: &str, bytes: &[u8]) -> Result<FileFacts> {
    let account_id = ctx.candidate()?;
    let key = format!("q.{}", question.key);
    let wrong = |message: String| {
        let mut errors = domain::field::FieldErrors::new();
        errors.add(key.clone(), message);
        Error::Fields(errors)
    };
    let media = media_type(bytes)
        .ok_or_else(|| wrong(format!("“{name}”不是 PDF、JPG 或 PNG 文件，请换一个文件")))?;
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let facts = FileFacts {
        object: String::new(),
        name: name.to_owned(),
        media_type: media.to_owned(),
        size,
    };
    if !matches!(question.kind, QuestionKind::File { .. }) {
        return Err(Error::NotFound);
    }
    question
        .check(Some(&Answer::Files(vec![facts.clone()])))
        .map_err(wrong)?;
    let mut object = object::prepare(
        &ctx.app,
        KIND,
        Owner::Account(account_id),
        (media, name),
        bytes,
    )
    .await?;
    object.expires_at = Some(ctx.at.plus_days(WAITS_DAYS));
    let command = Attach {
        stamp: Stamp::of(ctx),
        object,
    };
    let public_id = ctx.app.db().write(Lane::Interactive, command).await?;
    Ok(FileFacts {
        object: public_id,
        ..facts
    })
}

struct Attach {
    stamp: Stamp,
    object: NewObject,
}

impl Command for Attach {
    const NAME: &'static str = "application.attach";
    type Out = String;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<String> {
        let mut trail = self.stamp.trail();
        let id = object::insert(tx, &mut trail, &self.object).await?;
        Ok(trail.public_id(id).to_string())
    }
}

/// What is known about an upload of the asking candidate; `None` if it isn't his or has expired.
pub async fn facts(ctx: &Ctx, public_id: &str) -> Result<Option<FileFacts>> {
    let owner = Owner::Account(ctx.candidate()?);
    let found = object::owned(&ctx.app, owner, KIND, public_id).await?;
    Ok(found.map(|(_, file)| FileFacts {
        object: public_id.to_owned(),
        name: file.file_name,
        media_type: file.media_type,
        size: u64::try_from(file.size).unwrap_or(0),
    }))
}

/// The content of an upload of the asking candidate.
pub async fn own_file(ctx: &Ctx, public_id: &str) -> Result<File> {
    let owner = Owner::Account(ctx.candidate()?);
    let (id, _) = object::owned(&ctx.app, owner, KIND, public_id)
        .await?
        .ok_or(Error::NotFound)?;
    object::read(&ctx.app, id).await
}

/// Question and object id of every file among the answers; each is the asking candidate's.
pub(super) async fn attached(
    ctx: &Ctx,
    answers: &BTreeMap<String, Answer>,
) -> Result<Vec<(String, i64)>> {
    let owner = Owner::Account(ctx.candidate()?);
    let mut attached = Vec::new();
    for (key, answer) in answers {
        let Answer::Files(files) = answer else {
            continue;
        };
        for file in files {
            let found = object::owned(&ctx.app, owner, KIND, &file.object).await?;
            let (id, _) = found.ok_or_else(|| {
                let mut errors = domain::field::FieldErrors::new();
                errors.add(
                    format!("q.{key}"),
                    format!("“{}”已失效，请重新上传", file.name),
                );
                Error::Fields(errors)
            })?;
            attached.push((key.clone(), id));
        }
    }
    Ok(attached)
}

/// Hangs the files of a saved application in place of those before; they no longer expire.
pub(super) async fn hang(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    application_id: i64,
    files: &[(String, i64)],
) -> Result<()> {
    store::files_clear(tx, application_id).await?;
    for (question, object_id) in files {
        object::keep(tx, *object_id).await?;
        store::file_insert(tx, (trail.id()?, application_id), question, *object_id).await?;
    }
    Ok(())
}
