//! From an upload to the file that counts, and out of use again.

use std::collections::BTreeMap;

use db::{Command, Lane, Tx};
use domain::exam::ExamState;
use domain::exam::carried::Carried;
use domain::exam::table::{CarriedPerson, PassReading, PassTable, read_passes};
use domain::staff::Permission;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use vault::Place;

use super::store::{self, EntryInsert, ImportRow, ProblemRow};
use crate::arrangement::workbook;
use crate::exam::{self, Exam};
use crate::{Ctx, Error, Object, Result, Stamp};

/// Larger files are cut into several exams' worth.
const LARGEST: usize = 20 * 1024 * 1024;
/// Rows written by one command.
const CHUNK: usize = 250;
/// Problems that are kept.
const MOST_PROBLEMS: usize = 2_000;

/// Reads a file and stages it; nothing counts before [`confirm`]. Returns the upload's public id.
///
/// # Errors
/// `Fields` under `file` for what can't be read; `Refused` for an exam without levels, or one that is archived.
pub async fn upload(ctx: &Ctx, exam: &Exam, file_name: &str, bytes: &[u8]) -> Result<String> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    may_have(exam)?;
    if bytes.len() > LARGEST {
        return Err(Error::field("file", "文件超过 20 MB，请只保留需要的列"));
    }
    let sheets = workbook(bytes).await?;
    let table = exam::subjects(&ctx.app, exam).await?;
    let settings = std::sync::Arc::clone(&exam.settings);
    let today = ctx.at.date();
    let read = tokio::task::spawn_blocking(move || {
        let reading = PassReading {
            table: &table,
            rules: &settings.levels,
            year: settings.year,
            today,
        };
        sheets
            .iter()
            .map(|sheet| read_passes(sheet, &reading))
            .max_by_key(|read| (read.rows_good, read.rows_read))
    })
    .await
    .map_err(|e| Error::internal("read a carried-over file", e))?
    .ok_or_else(|| Error::field("file", "文件里没有工作表，请检查后重新上传"))?;
    if read.rows_read == 0 {
        let message = read.problems.first().map(|one| one.message.clone());
        let message = message.unwrap_or_else(|| "表中没有可以导入的行".to_owned());
        return Err(Error::field("file", message));
    }
    let begin = Begin {
        stamp: Stamp::of(ctx),
        exam_id: exam.id(),
        file_name: crate::object::shown_name(file_name),
        file_hash: hex::encode(Sha256::digest(bytes)),
    };
    let (id, public_id) = ctx.app.db().write(Lane::Interactive, begin).await?;
    stage(ctx, id, &read).await?;
    Ok(public_id)
}

fn may_have(exam: &Exam) -> Result<()> {
    if exam.has_positions() || exam.settings.levels.is_unset() {
        return Err(Error::refused(
            "no_levels",
            "还没有设置级别",
            "请先在“级别与老考生”中设置各级别的报考方式和成绩有效期，再导入老考生档案。",
        ));
    }
    if exam.state == ExamState::Archived {
        return Err(Error::refused(
            "exam_archived",
            "考试已归档",
            "已归档的考试只能查看，不能再导入老考生档案。",
        ));
    }
    Ok(())
}

async fn stage(ctx: &Ctx, id: i64, read: &PassTable) -> Result<()> {
    let seals = seals(&read.people)?;
    for chunk in read.people.chunks(CHUNK) {
        let first = ctx
            .app
            .reserve_ids(u32::try_from(chunk.len()).unwrap_or(u32::MAX));
        let rows = (first..)
            .zip(chunk)
            .map(|(row, person)| staged(ctx, row, person, &seals))
            .collect::<Result<Vec<_>>>()?;
        let command = StageEntries {
            import_id: id,
            rows,
        };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    let kept = read
        .problems
        .iter()
        .take(MOST_PROBLEMS)
        .map(|one| ProblemRow {
            line: i64::from(one.row),
            severity: one.severity.code().to_owned(),
            field: one.column.clone(),
            cell: one.cell.chars().take(60).collect(),
            message: one.message.chars().take(200).collect(),
        });
    let kept: Vec<ProblemRow> = kept.collect();
    for (place, rows) in kept.chunks(CHUNK).enumerate() {
        let command = StageProblems {
            import_id: id,
            first: i64::try_from(place * CHUNK).unwrap_or(i64::MAX),
            rows: rows.to_vec(),
        };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    let number = |count: u32| i64::from(count);
    let finish = Finish {
        import_id: id,
        rows: (
            number(read.rows_read),
            number(read.rows_good),
            number(read.rows_read - read.rows_good),
        ),
        counts: (
            i64::try_from(seals.len()).unwrap_or(i64::MAX),
            number(read.passes),
            number(read.lapsed),
        ),
    };
    ctx.app.db().write(Lane::Interactive, finish).await
}

/// By document: a hash of everything that the file says about its holder.
fn seals(people: &[CarriedPerson]) -> Result<BTreeMap<&str, String>> {
    let mut told: BTreeMap<&str, (&str, Vec<&Carried>)> = BTreeMap::new();
    for person in people {
        let of = told
            .entry(person.document.canonical())
            .or_insert((&person.name, Vec::new()));
        of.1.push(&person.carried);
    }
    told.into_iter()
        .map(|(number, (name, mut carried))| {
            carried.sort();
            let json = serde_json::to_vec(&(name, carried))
                .map_err(|e| Error::internal("carried_entry.seal", e))?;
            let hash = Sha256::digest(json);
            Ok((number, hex::encode(hash)))
        })
        .collect()
}

/// An entry ready to be written.
struct Staged {
    id: i64,
    line: i64,
    name: String,
    id_type: &'static str,
    id_number: Vec<u8>,
    id_index: [u8; 32],
    carried: Carried,
    passes: String,
    seal: String,
}

fn staged(
    ctx: &Ctx,
    id: i64,
    person: &CarriedPerson,
    seals: &BTreeMap<&str, String>,
) -> Result<Staged> {
    let number = person.document.canonical();
    let place = Place {
        table: "carried_entry",
        column: "id_number",
        row: id,
    };
    let app = &ctx.app;
    Ok(Staged {
        id,
        line: i64::from(person.line),
        name: person.name.clone(),
        id_type: person.document.id_type().code(),
        id_number: app.cipher().seal(place, number.as_bytes(), app.entropy()),
        id_index: app.index().index("account.id_number", number),
        passes: serde_json::to_string(&person.carried.passes)
            .map_err(|e| Error::internal("carried_entry.passes", e))?,
        seal: seals.get(number).cloned().unwrap_or_default(),
        carried: person.carried.clone(),
    })
}

fn object(id: i64, exam_id: i64) -> Object {
    Object {
        kind: "carried_import",
        id,
        exam_id,
    }
}

struct Begin {
    stamp: Stamp,
    exam_id: i64,
    file_name: String,
    file_hash: String,
}

impl Command for Begin {
    const NAME: &'static str = "carried.begin";
    type Out = (i64, String);
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<(i64, String)> {
        let mut trail = self.stamp.trail();
        let id = trail.id()?;
        let public_id = trail.public_id(id).to_string();
        let version = store::next_version(tx, self.exam_id).await?;
        let keys = (id, public_id.as_str(), self.exam_id, version);
        let who = (self.stamp.actor_id(), self.stamp.at.micros());
        match store::import_insert(tx, keys, (&self.file_name, &self.file_hash), who).await {
            Err(error) if error.violates("carried_import", &["exam_id", "version"]) => {
                return Err(Error::Conflict("另一个人同时上传了档案，请重新上传"));
            }
            other => other?,
        };
        let detail =
            json!({ "file": self.file_name, "sha256": self.file_hash, "version": version });
        trail
            .audit(tx, "carried.upload", object(id, self.exam_id), detail)
            .await?;
        Ok((id, public_id))
    }
}

struct StageEntries {
    import_id: i64,
    rows: Vec<Staged>,
}

impl Command for StageEntries {
    const NAME: &'static str = "carried.stage";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        for row in &self.rows {
            let insert = EntryInsert {
                id: row.id,
                import_id: self.import_id,
                line: row.line,
                name: &row.name,
                id_type: row.id_type,
                id_number: &row.id_number,
                id_index: &row.id_index,
                level: &row.carried.level,
                specialty: &row.carried.specialty,
                archive_no: &row.carried.archive_no,
                holds: i64::from(row.carried.holds),
                passes: &row.passes,
                seal: &row.seal,
            };
            store::entry_insert(tx, &insert).await?;
        }
        Ok(())
    }
}

struct StageProblems {
    import_id: i64,
    first: i64,
    rows: Vec<ProblemRow>,
}

impl Command for StageProblems {
    const NAME: &'static str = "carried.problems";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        for (item, row) in (self.first..).zip(&self.rows) {
            store::problem_insert(tx, (self.import_id, item), row).await?;
        }
        Ok(())
    }
}

struct Finish {
    import_id: i64,
    rows: (i64, i64, i64),
    counts: (i64, i64, i64),
}

impl Command for Finish {
    const NAME: &'static str = "carried.finish";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if store::import_staged(tx, self.import_id, self.rows, self.counts).await? == 0 {
            return Err(Error::Conflict("这次导入已被放弃，请重新上传"));
        }
        Ok(())
    }
}

const GONE: &str = "这份档案刚被别人处理过，请刷新后再看";

/// 启用: one flip, and from now on this upload counts for everybody who chooses or saves.
///
/// # Errors
/// `Refused` if nothing in it can be imported; `Conflict` if it isn't staged any more.
pub async fn confirm(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<()> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    may_have(exam)?;
    let row = found(ctx, exam, public_id).await?;
    if row.rows_good == 0 {
        return Err(Error::refused(
            "import_empty",
            "没有可以导入的行",
            "请按列出的问题修改表格，再重新上传。",
        ));
    }
    let command = Confirm {
        stamp: Stamp::of(ctx),
        row,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

async fn found(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<ImportRow> {
    store::import_by_public_id(&mut ctx.app.db().read(), exam.id(), public_id)
        .await?
        .ok_or(Error::NotFound)
}

struct Confirm {
    stamp: Stamp,
    row: ImportRow,
}

impl Command for Confirm {
    const NAME: &'static str = "carried.confirm";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let who = (self.stamp.actor_id(), self.stamp.at.micros());
        let (id, exam_id) = (self.row.id, self.row.exam_id);
        if store::import_confirmed(tx, id, who).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        let before = store::current(tx, exam_id).await?;
        if let Some((before, _)) = before
            && store::import_ended(tx, before, "replaced", who, None).await? == 0
        {
            return Err(Error::Conflict(GONE));
        }
        store::current_put(tx, exam_id, id).await?;
        let detail = json!({
            "version": self.row.version, "instead_of": before.map(|(_, version)| version), "rows": self.row.rows_good,
            "left_out": self.row.rows_bad, "people": self.row.people, "passes": self.row.passes,
        });
        self.stamp
            .trail()
            .audit(tx, "carried.confirm", object(id, exam_id), detail)
            .await
    }
}

/// 放弃 before it counted; its rows go.
pub async fn discard(ctx: &Ctx, exam: &Exam, public_id: &str) -> Result<()> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    let row = found(ctx, exam, public_id).await?;
    let id = row.id;
    let command = End {
        stamp: Stamp::of(ctx),
        row,
        reason: None,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    while ctx
        .app
        .db()
        .write(Lane::Background, Drop { import_id: id })
        .await?
        > 0
    {}
    Ok(())
}

/// 撤回 the file that counts, with a reason: no file counts any more. Its rows stay for the record.
///
/// # Errors
/// `Fields` under `reason`; `Conflict` if it doesn't count any more.
pub async fn retract(ctx: &Ctx, exam: &Exam, public_id: &str, reason: &str) -> Result<()> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    let reason = domain::text::paragraph(reason);
    if !(4..=200).contains(&reason.chars().count()) {
        return Err(Error::field("reason", "请写明撤回的原因，4 至 200 个字"));
    }
    if crate::reason::holds_number(&reason) {
        return Err(Error::field("reason", "原因里不要写证件号码或手机号码"));
    }
    let command = End {
        stamp: Stamp::of(ctx),
        row: found(ctx, exam, public_id).await?,
        reason: Some(reason),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct End {
    stamp: Stamp,
    row: ImportRow,
    /// Of a withdrawal; `None` gives up what never counted.
    reason: Option<String>,
}

impl Command for End {
    const NAME: &'static str = "carried.end";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let who = (self.stamp.actor_id(), self.stamp.at.micros());
        let (id, exam_id) = (self.row.id, self.row.exam_id);
        let (to, action) = match self.reason {
            Some(_) => ("retracted", "carried.retract"),
            None => ("discarded", "carried.discard"),
        };
        if store::import_ended(tx, id, to, who, self.reason.as_deref()).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        if self.reason.is_some() && store::current_clear(tx, exam_id, id).await? == 0 {
            return Err(Error::Conflict(GONE));
        }
        let detail = json!({ "version": self.row.version, "reason": self.reason });
        self.stamp
            .trail()
            .audit(tx, action, object(id, exam_id), detail)
            .await
    }
}

struct Drop {
    import_id: i64,
}

impl Command for Drop {
    const NAME: &'static str = "carried.drop";
    type Out = u64;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<u64> {
        let limit = i64::try_from(CHUNK).unwrap_or(i64::MAX);
        Ok(store::entries_drop(tx, self.import_id, limit).await?)
    }
}
