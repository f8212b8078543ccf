//! Taking the files of a run: one, or all in one stream. They name people, so each taking leaves an entry.

use db::{Command, Crowd, Lane, Tx};
use domain::arrangement::RunState;
use domain::staff::Permission;
use serde_json::json;

use super::make::place;
use super::store::{self, FileRow, RunRow};
use crate::exam::Exam;
use crate::object::File;
use crate::outgoing::{self, Outgoing};
use crate::{App, Ctx, Error, Result, Stamp};

/// Files read at once.
const PAGE: i64 = 500;

/// One file.
///
/// # Errors
/// `NotFound`, also once it was deleted; `Forbidden`.
pub async fn take(ctx: &Ctx, exam: &Exam, public_id: &str, seq: i64) -> Result<File> {
    let run = there(ctx, exam, public_id).await?;
    let file = store::file_find(&mut ctx.app.db().read(), run.id, seq)
        .await?
        .ok_or(Error::NotFound)?;
    let bytes = content(&ctx.app, &file).await?;
    record(ctx, run, seq).await?;
    let name = file.name.rsplit('/').next().unwrap_or_default();
    let site = match file.name.split_once('/') {
        Some((site, _)) => format!("{site} "),
        None => String::new(),
    };
    Ok(File {
        media_type: file.media_type,
        file_name: format!("{site}{name}"),
        bytes,
    })
}

/// All of them, in folders by site. A run that isn't whole gives what it has.
///
/// # Errors
/// `NotFound` before there is a file, and once they were deleted; `Forbidden`.
pub async fn take_all(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<Outgoing> {
    let run = there(ctx, exam, public_id).await?;
    let mut files: Vec<FileRow> = Vec::new();
    loop {
        let after = files.last().map_or(0, |file| file.seq);
        let mut scan = ctx.app.db().scan(Crowd::Staff);
        let page = store::files_after(&mut scan, run.id, after, PAGE).await?;
        if page.is_empty() {
            break;
        }
        files.extend(page);
    }
    let first = files.first().ok_or(Error::NotFound)?;
    // Deleted ones are found out before the answer begins.
    content(&ctx.app, first).await?;
    let name = format!("{} 考场用纸 第{}版", exam.title(), run.plan_version);
    record(ctx, run, 0).await?;
    let app = ctx.app.clone();
    Ok(outgoing::zip(name, files, move |file: FileRow| {
        let app = app.clone();
        async move {
            let bytes = content(&app, &file).await?;
            Ok((file.name, bytes))
        }
    }))
}

async fn there(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<RunRow> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    let run = super::run(ctx, exam, public_id).await?;
    if run.standing()? == RunState::Emptied {
        return Err(Error::NotFound);
    }
    Ok(run)
}

/// The clear content of a file. Backups leave it out, so after one was restored there may be none.
async fn content(app: &App, file: &FileRow) -> Result<Vec<u8>> {
    let sealed = match app.objects().get(&file.path).await {
        Ok(sealed) => sealed,
        Err(gateways::object::ObjectError::Missing) => {
            return Err(Error::refused(
                "papers_gone",
                "文件已不在服务器上",
                "请重新生成这套用纸。",
            ));
        }
        Err(error) => return Err(Error::internal("object store", error)),
    };
    let clear = app
        .cipher()
        .open(place(file.id), &sealed)
        .map_err(|e| Error::internal("paper_file.content", e))?;
    Ok(clear.to_vec())
}

async fn record(ctx: &Ctx, run: RunRow, seq: i64) -> Result<()> {
    let stamp = Stamp::of(ctx);
    let command = Record { stamp, run, seq };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Record {
    stamp: Stamp,
    run: RunRow,
    /// 0: all of them.
    seq: i64,
}

impl Command for Record {
    const NAME: &'static str = "arrangement.papers_take";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let wanted = self.run.wanted()?;
        let mut detail = json!({ "file": self.seq });
        if wanted.whole_numbers
            && let Some(detail) = detail.as_object_mut()
        {
            detail.insert("whole_numbers".into(), true.into());
            detail.insert("reason".into(), wanted.reason.into());
        }
        self.stamp
            .trail()
            .audit(tx, "arrangement.papers_take", self.run.object(), detail)
            .await
    }
}
