//! An upload: kept encrypted, read by a job, staged row by row.

use db::{Command, Lane, Query, Tx};
use domain::account::legacy::{
    LegacyPerson, LegacyTable, MONTHS, MOST_PER_MOBILE, crowded, read_accounts,
};
use domain::exam::table::RowProblem;
use domain::field::FieldErrors;
use domain::staff::Permission;
use domain::time::Date;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use vault::Place;

use super::store::{self, EntryRow, ImportInsert, ImportRow, ProblemRow};
use super::{CHUNK, Work, object};
use crate::account::signup::{mobile_index, number_index};
use crate::account::store as accounts;
use crate::arrangement::workbook;
use crate::chunks;
use crate::object::{self as objects, NewObject, Owner};
use crate::{Ctx, Error, Result, Stamp};

/// Larger files are cut into several.
const LARGEST: usize = 20 * 1024 * 1024;
/// Errors that are told row by row.
const MOST_ERRORS: usize = 2_000;
/// Accounts that exist already, told row by row; beyond them only their number is.
const MOST_KNOWN: i64 = 500;
/// How long the upload itself is kept if no job comes to read it.
const KEPT_DAYS: i64 = 3;

/// Takes an upload; a job stages it. Returns the import's public id.
///
/// # Errors
/// `Fields` under `file` and `months`.
pub async fn upload(ctx: &Ctx, file_name: &str, bytes: &[u8], months: &str) -> Result<String> {
    ctx.allow(Permission::AccountDesk)?;
    let mut errors = FieldErrors::new();
    let months = domain::text::to_half_width(months);
    let months = months
        .trim()
        .parse::<u8>()
        .ok()
        .filter(|months| MONTHS.contains(months));
    if months.is_none() {
        errors.add("months", "请填写 1 至 24 之间的月数");
    }
    if bytes.len() > LARGEST {
        errors.add("file", "文件超过 20 MB，请只保留需要的列，或分成几个文件");
    } else {
        match read(bytes, ctx.at.date()).await {
            Ok(table) => match table.problems.first().filter(|one| one.row == 0) {
                Some(whole) => errors.add("file", whole.message.clone()),
                None if table.rows_read == 0 => errors.add("file", "表中没有可以导入的行"),
                None => {}
            },
            Err(Error::Fields(wrong)) => {
                for (field, message) in wrong.iter() {
                    errors.add(field, message);
                }
            }
            Err(error) => return Err(error),
        }
    }
    errors.into_result()?;
    let name = objects::shown_name(file_name);
    let owner = Owner::Staff(ctx.staff()?.id);
    let mut file = objects::prepare(
        &ctx.app,
        "legacy",
        owner,
        ("application/octet-stream", &name),
        bytes,
    )
    .await?;
    file.expires_at = Some(ctx.at.plus_days(KEPT_DAYS));
    let command = Begin {
        stamp: Stamp::of(ctx),
        file,
        file_name: name,
        file_hash: hex::encode(Sha256::digest(bytes)),
        months: i64::from(months.unwrap_or_default()),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

async fn read(bytes: &[u8], today: Date) -> Result<LegacyTable> {
    let sheets = workbook(bytes).await?;
    tokio::task::spawn_blocking(move || {
        sheets
            .iter()
            .map(|sheet| read_accounts(sheet, today))
            .max_by_key(|table| (table.people.len(), table.rows_read))
    })
    .await
    .map_err(|e| Error::internal("read a table of accounts", e))?
    .ok_or_else(|| Error::field("file", "文件里没有工作表，请检查后重新上传"))
}

struct Begin {
    stamp: Stamp,
    file: NewObject,
    file_name: String,
    file_hash: String,
    months: i64,
}

impl Command for Begin {
    const NAME: &'static str = "account.legacy_upload";
    type Out = String;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<String> {
        let mut trail = self.stamp.trail();
        let object_id = objects::insert(tx, &mut trail, &self.file).await?;
        let id = trail.id()?;
        let public_id = trail.public_id(id).to_string();
        let row = ImportInsert {
            id,
            public_id: &public_id,
            file: (&self.file_name, &self.file_hash),
            object_id,
            months: self.months,
            by: self.stamp.actor_id(),
            at: self.stamp.at.micros(),
        };
        store::import_insert(tx, &row).await?;
        let detail =
            json!({ "file": self.file_name, "sha256": self.file_hash, "months": self.months });
        trail
            .audit(tx, "account.legacy_upload", object(id), detail)
            .await?;
        let job = trail.id()?;
        chunks::enqueue::<Work>(tx, job, id, self.stamp.at).await?;
        Ok(public_id)
    }
}

/// Stages all of the file that isn't staged yet. `true`: the import moved on.
pub(super) async fn stage(ctx: &Ctx, row: &ImportRow) -> Result<bool> {
    let bytes = match objects::read(&ctx.app, row.object_id).await {
        Ok(file) => file.bytes,
        // It has expired.
        Err(Error::NotFound) => return fail(ctx, row).await,
        Err(error) => return Err(error),
    };
    // Numbers that say a birth date are judged by the day of the upload, whenever the job comes.
    let today = domain::time::Timestamp::from_micros(row.created_at).date();
    let table = match read(&bytes, today).await {
        Ok(table) => table,
        Err(Error::Fields(_)) => return fail(ctx, row).await,
        Err(error) => return Err(error),
    };
    let told = told(&table.problems);
    for chunk in told.chunks(CHUNK) {
        let command = Tell {
            import_id: row.id,
            rows: chunk.to_vec(),
        };
        ctx.app.db().write(Lane::Background, command).await?;
    }
    let (mut reached, mut known) = (row.reached, row.rows_known);
    let left: Vec<&LegacyPerson> = table
        .people
        .iter()
        .filter(|one| i64::from(one.line) > row.reached)
        .collect();
    for chunk in left.chunks(CHUNK) {
        let command = some(ctx, row.id, (reached, known), chunk).await?;
        (reached, known) = (command.lines.1, known + command.counts.1);
        ctx.app.db().write(Lane::Background, command).await?;
    }
    let people = i64::try_from(table.people.len()).unwrap_or(i64::MAX);
    let read = i64::from(table.rows_read);
    let command = Finish {
        import_id: row.id,
        reached,
        rows: (read, read - people),
    };
    ctx.app.db().write(Lane::Background, command).await?;
    Ok(true)
}

/// The rows as they are kept: in the order of their lines, each at the same place however often the file is read.
fn told(problems: &[RowProblem]) -> Vec<ProblemRow> {
    let mut before = (0, 0);
    problems
        .iter()
        .take(MOST_ERRORS)
        .map(|one| {
            before = if before.0 == one.row {
                (one.row, before.1 + 1)
            } else {
                (one.row, 0)
            };
            let severity = one.severity.code();
            problem(i64::from(one.row), before.1, severity, one)
        })
        .collect()
}

/// Places for the problems of one line.
const PLACES: i64 = 10;

pub(super) fn problem(line: i64, place: i64, severity: &str, one: &RowProblem) -> ProblemRow {
    ProblemRow {
        item: line * PLACES + place.min(PLACES - 1),
        line,
        severity: severity.to_owned(),
        field: one.column.clone(),
        cell: one.cell.chars().take(60).collect(),
        message: one.message.chars().take(200).collect(),
    }
}

/// A row that is left out because its number has an account.
pub(super) fn known_problem(line: i64) -> ProblemRow {
    ProblemRow {
        item: line * PLACES,
        line,
        severity: "warning".to_owned(),
        field: "证件号码".to_owned(),
        cell: String::new(),
        message: "这个证件号码已有账号，跳过".to_owned(),
    }
}

pub(super) fn entry_place(column: &'static str, id: i64) -> Place {
    Place {
        table: "legacy_entry",
        column,
        row: id,
    }
}

async fn some(
    ctx: &Ctx,
    import_id: i64,
    (from, known): (i64, i64),
    people: &[&LegacyPerson],
) -> Result<StageSome> {
    let app = &ctx.app;
    let first = app.reserve_ids(u32::try_from(people.len()).unwrap_or(u32::MAX));
    let mut command = StageSome {
        import_id,
        lines: (from, from),
        counts: (0, 0, 0),
        rows: Vec::with_capacity(people.len()),
        problems: Vec::new(),
    };
    let mut read = app.db().read();
    for (id, person) in (first..).zip(people) {
        let line = i64::from(person.line);
        command.lines.1 = line;
        if is_known(ctx, &mut read, person).await? {
            if known + command.counts.1 < MOST_KNOWN {
                command.problems.push(known_problem(line));
            }
            command.counts.1 += 1;
            continue;
        }
        let index = mobile_index(app, &person.mobile);
        let sharing = accounts::accounts_with_mobile(&mut read, &index).await?;
        if sharing + i64::from(person.nth_of_mobile) > i64::from(MOST_PER_MOBILE) {
            let one = crowded(person.line, &person.mobile);
            command.problems.push(problem(line, 0, "error", &one));
            command.counts.2 += 1;
            continue;
        }
        let sealed = |column, clear: &str| {
            app.cipher()
                .seal(entry_place(column, id), clear.as_bytes(), app.entropy())
        };
        command.counts.0 += 1;
        command.rows.push(EntryRow {
            id,
            line,
            name: person.name.as_str().to_owned(),
            id_type: person.document.id_type().code().to_owned(),
            id_number: sealed("id_number", person.document.canonical()),
            mobile: sealed("mobile", person.mobile.as_str()),
        });
    }
    Ok(command)
}

/// Whether the number has an account, of whatever kind of document: a sign-up with it would be turned away as well.
async fn is_known(ctx: &Ctx, q: &mut impl Query, person: &LegacyPerson) -> Result<bool> {
    let index = number_index(&ctx.app, &person.document);
    let rows = accounts::accounts_by_number(q, &index).await?;
    // A sign-up that nobody finished in time frees the number when it is asked for again.
    let at = ctx.at.micros();
    Ok(rows.iter().any(|row| !row.is_over(at)))
}

/// Some staged rows.
struct StageSome {
    import_id: i64,
    lines: (i64, i64),
    /// Good, known, bad.
    counts: (i64, i64, i64),
    rows: Vec<EntryRow>,
    problems: Vec<ProblemRow>,
}

impl Command for StageSome {
    const NAME: &'static str = "account.legacy_stage";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if store::import_reach(tx, self.import_id, self.lines, self.counts).await? == 0 {
            return Err(Error::Conflict(OVERTAKEN));
        }
        for row in &self.rows {
            store::entry_insert(tx, self.import_id, row).await?;
        }
        for row in &self.problems {
            store::problem_insert(tx, self.import_id, row).await?;
        }
        Ok(())
    }
}

pub(super) const OVERTAKEN: &str = "这次导入刚被别人处理过，请刷新后再看";

/// What is wrong with rows that can't be read.
struct Tell {
    import_id: i64,
    rows: Vec<ProblemRow>,
}

impl Command for Tell {
    const NAME: &'static str = "account.legacy_problems";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        for row in &self.rows {
            store::problem_insert(tx, self.import_id, row).await?;
        }
        Ok(())
    }
}

struct Finish {
    import_id: i64,
    reached: i64,
    rows: (i64, i64),
}

impl Command for Finish {
    const NAME: &'static str = "account.legacy_staged";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        if store::import_staged(tx, self.import_id, self.reached, self.rows).await? == 0 {
            return Err(Error::Conflict(OVERTAKEN));
        }
        Ok(())
    }
}

async fn fail(ctx: &Ctx, row: &ImportRow) -> Result<bool> {
    let command = Fail { import_id: row.id };
    ctx.app.db().write(Lane::Background, command).await?;
    Ok(false)
}

struct Fail {
    import_id: i64,
}

impl Command for Fail {
    const NAME: &'static str = "account.legacy_fail";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        store::import_move(tx, self.import_id, "reading", "failed").await?;
        Ok(())
    }
}

/// The clear text of an entry's sealed column.
pub(super) fn clear(ctx: &Ctx, column: &'static str, id: i64, sealed: &[u8]) -> Result<String> {
    let clear = ctx
        .app
        .cipher()
        .open(entry_place(column, id), sealed)
        .map_err(|e| Error::internal("legacy_entry", e))?;
    String::from_utf8(clear.to_vec()).map_err(|e| Error::internal("legacy_entry", e))
}
