//! Making an exam's file: a job that goes on, file by file, where a crash left it.

use std::fmt::Write as _;

use db::{Command, Crowd, Lane, Tx};
use documents::listing::{self, Listing, Table};
use documents::{Field, Imprint};
use domain::archive::{ArchiveState, Material, Section};
use domain::time::Timestamp;
use jobs::{Job, JobResult, Run};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::store::{self, ArchiveRow, FileRow};
use super::volume::{self, Volume};
use crate::chunks::{self, Over};
use crate::exam::{self, Exam};
use crate::object::{self, NewObject, Owner};
use crate::{App, Ctx, Error, Object, Result, Stamp, paper};

/// What the files of an archive are in the table of stored files.
pub(super) const KIND: &str = "archive";

/// Makes the file of an archive.
#[derive(Debug, Serialize, Deserialize)]
pub struct Build {
    /// `exam_archive.id`.
    pub archive: i64,
}

impl Job for Build {
    type State = App;
    const NAME: &'static str = "archive.build";
    const QUEUE: &'static str = "archive";

    async fn run(&self, app: &App, run: &Run) -> JobResult {
        // A context for each chunk: what holds is asked at the clock's time.
        let next = || async { build_some(&Ctx::system(app), self.archive).await };
        chunks::work(run, "个文件已生成", next).await
    }
}

impl Over for Build {
    fn over(archive: i64) -> Self {
        Self { archive }
    }
}

/// Gives archives whose job died another one.
///
/// # Errors
/// Trouble with the database.
pub async fn resume(ctx: &Ctx) -> Result<()> {
    let rows = store::building(&mut ctx.app.db().scan(Crowd::System)).await?;
    chunks::resume::<Build>(ctx, &rows).await
}

/// The next file, or the next section where one has nothing (more). How many files there are by now; `None` once all are there.
///
/// # Errors
/// `Conflict` if another worker made this file meanwhile; `NotFound`.
pub async fn build_some(ctx: &Ctx, archive: i64) -> Result<Option<i64>> {
    let row = store::by_id(&mut ctx.app.db().read(), archive)
        .await?
        .ok_or(Error::NotFound)?;
    if row.standing()? != ArchiveState::Building {
        return Ok(None);
    }
    let exam = exam::find_by_id(&ctx.app, row.exam_id).await?;
    let section =
        Section::from_code(&row.section).ok_or(Error::inconsistent("exam_archive.section"))?;
    if section == Section::Contents {
        return contents(ctx, &exam, row).await;
    }
    let made = volume::make(ctx, &exam, section, &row).await?;
    let to = match (made.next, section.next()) {
        (Some(reached), _) => (section.code(), reached),
        (None, Some(next)) => (next.code(), String::new()),
        (None, None) => return Err(Error::inconsistent("exam_archive.section")),
    };
    let mut files = Vec::new();
    if let Some(volume) = made.volume {
        files.push(stored(ctx, &row, (section, row.files + 1), volume).await?);
    }
    let count = row.files + i64::try_from(files.len()).unwrap_or(0);
    let command = Step {
        stamp: Stamp::of(ctx),
        row,
        to,
        files,
        ends: None,
    };
    ctx.app.db().write(Lane::Background, command).await?;
    Ok(Some(count))
}

/// Puts a file into the store; the row that names it is written with the step.
async fn stored(
    ctx: &Ctx,
    row: &ArchiveRow,
    (section, seq): (Section, i64),
    volume: Volume,
) -> Result<(NewObject, FileRow)> {
    let name = format!(
        "{:02}-{seq:03}-{}.{}",
        section.number(),
        section.label(),
        volume.ending
    );
    let sha256 = hex::encode(Sha256::digest(&volume.bytes));
    let size = i64::try_from(volume.bytes.len()).unwrap_or(i64::MAX);
    let object = object::prepare(
        &ctx.app,
        KIND,
        Owner::Staff(row.asked_by),
        (volume.media_type, &name),
        &volume.bytes,
    )
    .await?;
    let file = FileRow {
        seq,
        section: section.code().to_owned(),
        name,
        media_type: volume.media_type.to_owned(),
        object_id: 0,
        entries: volume.entries,
        size,
        sha256,
        taken: 0,
    };
    Ok((object, file))
}

/// The list of all files: for machines, whose digest is the archive's, and for people, with the check code on its last page.
async fn contents(ctx: &Ctx, exam: &Exam, row: ArchiveRow) -> Result<Option<i64>> {
    let mut all = Vec::new();
    loop {
        let after = all.last().map_or(0, |file: &FileRow| file.seq);
        let mut scan = ctx.app.db().scan(Crowd::System);
        let page = store::files(&mut scan, row.id, after, super::SHOWN).await?;
        if page.is_empty() {
            break;
        }
        all.extend(page);
    }
    let mut list = String::from("\u{feff}文件,条数,字节,SHA-256\r\n");
    for file in &all {
        // Names are ours: section, number, ending.
        let _ = write!(
            list,
            "{},{},{},{}\r\n",
            file.name, file.entries, file.size, file.sha256
        );
    }
    let hash = hex::encode(Sha256::digest(list.as_bytes()));
    let paper = listing(ctx, exam, &row, &all, &hash);
    let imprint = Imprint::new(&row.public_id, ctx.at).of_exam(exam.row.code.clone());
    let pdf = paper::set(&ctx.app, move |engine| {
        listing::render(engine, &paper, &imprint)
    })
    .await?;
    let entries = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let volumes = [
        Volume {
            ending: "csv",
            media_type: "text/csv",
            bytes: list.into_bytes(),
            entries,
        },
        Volume {
            ending: "pdf",
            media_type: "application/pdf",
            bytes: pdf.bytes,
            entries,
        },
    ];
    let mut files = Vec::new();
    for (seq, volume) in (row.files + 1..).zip(volumes) {
        files.push(stored(ctx, &row, (Section::Contents, seq), volume).await?);
    }
    let command = Step {
        stamp: Stamp::of(ctx),
        to: (Section::Contents.code(), "end".to_owned()),
        row,
        files,
        ends: Some(hash),
    };
    ctx.app.db().write(Lane::Background, command).await?;
    Ok(None)
}

fn listing(ctx: &Ctx, exam: &Exam, row: &ArchiveRow, files: &[FileRow], hash: &str) -> Listing {
    let minute = |at: i64| Timestamp::from_micros(at).to_local_minute();
    let name = |name: &Option<String>| name.clone().unwrap_or_default();
    let total: i64 = files.iter().map(|file| file.size).sum();
    let fields = vec![
        Field::new("考试代码", exam.row.code.clone()),
        Field::new("文件数", files.len().to_string()),
        Field::new("申请人", name(&row.asker)),
        Field::new("申请时间", minute(row.asked_at)),
        Field::new("复核人", name(&row.decider)),
        Field::new("复核时间", row.decided_at.map(minute).unwrap_or_default()),
        Field::new("总字节数", total.to_string()),
        Field::new("生成时间", ctx.at.to_local_minute()),
        Field::new("归档依据", row.reason.clone()),
    ];
    let columns = ["序号", "文件", "条数", "字节", "SHA-256"];
    let rows = files
        .iter()
        .map(|file| {
            vec![
                file.seq.to_string(),
                file.name.clone(),
                file.entries.to_string(),
                file.size.to_string(),
                listing::broken_digest(&file.sha256),
            ]
        })
        .collect();
    let mut notes = vec![
        "每个文件的 SHA-256 与上表一致，说明文件完整、没有改动。".to_owned(),
        format!("目录文件（csv）的 SHA-256：{hash}"),
        format!(
            "校验码：{}",
            hash.get(hash.len().saturating_sub(8)..).unwrap_or_default()
        ),
    ];
    if !row.open_points.is_empty() {
        notes.push(format!(
            "归档时没有办完的事项：{}",
            row.open_points.replace('\n', "；")
        ));
    }
    Listing {
        heading: "卷内目录".to_owned(),
        exam: exam.title().to_owned(),
        fields,
        tables: vec![Table {
            title: "文件".to_owned(),
            columns: columns.map(str::to_owned).to_vec(),
            widths: vec![2, 8, 3, 4, 10],
            rows,
        }],
        notes,
        signatures: vec!["移交人".to_owned(), "接收人".to_owned(), "日期".to_owned()],
        issuer: exam.settings.organizer.clone(),
        footer: format!("生成时间 {}", ctx.at.to_local_minute()),
    }
}

/// One step: the files, and how far it is, in one commit.
struct Step {
    stamp: Stamp,
    row: ArchiveRow,
    to: (&'static str, String),
    files: Vec<(NewObject, FileRow)>,
    /// The digest of the list, when all is there.
    ends: Option<String>,
}

impl Command for Step {
    const NAME: &'static str = "archive.step_on";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let row = &self.row;
        let from = (row.section.as_str(), row.reached.as_str());
        let to = (self.to.0, self.to.1.as_str());
        let count = i64::try_from(self.files.len()).unwrap_or(0);
        if store::advance(tx, row.id, from, to, count).await? == 0 {
            return Err(Error::Conflict("另一个任务正在生成这份档案"));
        }
        for (object, file) in &self.files {
            let object_id = object::insert(tx, &mut trail, object).await?;
            let file = FileRow {
                object_id,
                ..file.clone()
            };
            store::file_insert(tx, row.id, &file).await?;
        }
        let Some(hash) = &self.ends else {
            return Ok(());
        };
        let at = self.stamp.at;
        store::built(tx, row.id, hash, at.micros()).await?;
        let kept = row.kept();
        // The package's own days count from the handing over.
        for material in Material::ALL
            .iter()
            .filter(|one| **one != Material::Package)
        {
            let due = kept.due(*material, at).micros();
            store::purge_insert(tx, row.id, material.code(), due).await?;
        }
        let object = Object {
            kind: "exam_archive",
            id: row.id,
            exam_id: row.exam_id,
        };
        let detail = json!({ "files": row.files + count, "sha256": hash });
        trail.audit(tx, "archive.built", object, detail).await
    }
}
