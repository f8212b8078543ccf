//! Which statements were executed, and how hard SQLite worked for them.
//!
//! With `BAOKAO_SQL_TRACE=<folder>` each process appends to a file of its own there, a line for each distinct statement
//! when it has succeeded for the first time, and another when SQLite later worked at least twice as hard for it:
//! backend, kind, full-scan steps, sorts, virtual machine steps and text, separated by tabs. [`read`] reads them all and
//! keeps the hardest run of each. A later step holds every literal of the sources against it, so that one that no test
//! executed on both databases is found, and each `point!` that [works too hard](Entry::works_too_hard).

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use parking_lot::Mutex;
use rusqlite::{Statement, StatementStatus};

use crate::{Backend, Sql};

/// Steps through a table without an index that a point read may do: a table of settings may be read whole.
pub const POINT_FULL_SCAN_STEPS: u64 = 100;
/// Virtual machine steps that a point read may do: some 50 rows with 20 columns, 0.1 ms.
pub const POINT_VM_STEPS: u64 = 5_000;

/// A statement that was executed, with the hardest of its runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// On which database.
    pub backend: Backend,
    /// Whether `point!` made it.
    pub point: bool,
    /// Rows that SQLite stepped over without an index.
    pub full_scan_steps: u64,
    /// Sorts that no index saved.
    pub sorts: u64,
    /// Virtual machine steps.
    pub vm_steps: u64,
    /// The statement.
    pub text: String,
}

impl Entry {
    /// A point read that isn't one.
    pub fn works_too_hard(&self) -> bool {
        self.point
            && (self.full_scan_steps > POINT_FULL_SCAN_STEPS || self.vm_steps > POINT_VM_STEPS)
    }

    fn line(&self) -> String {
        let backend = match self.backend {
            Backend::Sqlite => "sqlite",
            Backend::Postgres => "postgres",
        };
        let kind = if self.point { "point" } else { "any" };
        let text = self
            .text
            .replace('\\', "\\\\")
            .replace('\n', "\\n")
            .replace('\t', "\\t");
        let (scan, sorts, steps) = (self.full_scan_steps, self.sorts, self.vm_steps);
        format!("{backend}\t{kind}\t{scan}\t{sorts}\t{steps}\t{text}\n")
    }

    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.splitn(6, '\t');
        let backend = match fields.next()? {
            "sqlite" => Backend::Sqlite,
            "postgres" => Backend::Postgres,
            _ => return None,
        };
        let point = fields.next()? == "point";
        let mut number = || fields.next()?.parse().ok();
        let (full_scan_steps, sorts, vm_steps) = (number()?, number()?, number()?);
        let mut text = String::new();
        let mut chars = fields.next()?.chars();
        while let Some(c) = chars.next() {
            text.push(match c {
                '\\' => match chars.next()? {
                    'n' => '\n',
                    't' => '\t',
                    other => other,
                },
                other => other,
            });
        }
        Some(Self {
            backend,
            point,
            full_scan_steps,
            sorts,
            vm_steps,
            text,
        })
    }
}

/// What all processes have written into `folder`.
///
/// # Errors
/// If the folder can't be read.
pub fn read(folder: &Path) -> std::io::Result<Vec<Entry>> {
    let mut hardest: HashMap<(bool, String), Entry> = HashMap::new();
    for file in std::fs::read_dir(folder)? {
        let text = std::fs::read_to_string(file?.path())?;
        // The last line of a process that was killed may be torn.
        for entry in text.lines().filter_map(Entry::parse) {
            let key = (entry.backend == Backend::Sqlite, entry.text.clone());
            let known = hardest.entry(key).or_insert_with(|| entry.clone());
            known.point |= entry.point;
            known.full_scan_steps = known.full_scan_steps.max(entry.full_scan_steps);
            known.sorts = known.sorts.max(entry.sorts);
            known.vm_steps = known.vm_steps.max(entry.vm_steps);
        }
    }
    let mut entries: Vec<Entry> = hardest.into_values().collect();
    entries.sort_by(|a, b| a.text.cmp(&b.text));
    Ok(entries)
}

struct Writer {
    file: File,
    written: HashMap<(bool, String), u64>,
}

fn writer() -> Option<&'static Mutex<Writer>> {
    static WRITER: OnceLock<Option<Mutex<Writer>>> = OnceLock::new();
    WRITER
        .get_or_init(|| {
            let folder = PathBuf::from(std::env::var_os("BAOKAO_SQL_TRACE")?);
            std::fs::create_dir_all(&folder).ok()?;
            let name = format!("{}-{:x}.tsv", std::process::id(), super::nonce());
            let file = OpenOptions::new()
                .create(true)
                .append(true)
                .open(folder.join(name))
                .ok()?;
            Some(Mutex::new(Writer {
                file,
                written: HashMap::new(),
            }))
        })
        .as_ref()
}

impl Writer {
    fn note(&mut self, entry: &Entry) {
        let key = (entry.backend == Backend::Sqlite, entry.text.clone());
        let work = entry.vm_steps + entry.full_scan_steps + 1;
        if self
            .written
            .get(&key)
            .is_some_and(|before| work < before * 2)
        {
            return;
        }
        self.written.insert(key, work);
        // A trace that can't be written makes the check that reads it fail, which is enough.
        drop(self.file.write_all(entry.line().as_bytes()));
    }
}

pub(crate) fn sqlite(sql: &Sql, statement: &Statement<'_>) {
    let Some(writer) = writer() else { return };
    let take = |status| u64::try_from(statement.reset_status(status)).unwrap_or(0);
    let entry = Entry {
        backend: Backend::Sqlite,
        point: sql.is_point(),
        full_scan_steps: take(StatementStatus::FullscanStep),
        sorts: take(StatementStatus::Sort),
        vm_steps: take(StatementStatus::VmStep),
        text: sql.text().to_owned(),
    };
    writer.lock().note(&entry);
}

pub(crate) fn postgres(sql: &Sql) {
    let Some(writer) = writer() else { return };
    let (full_scan_steps, sorts, vm_steps) = (0, 0, 0);
    let (point, text) = (sql.is_point(), sql.text().to_owned());
    let backend = Backend::Postgres;
    writer.lock().note(&Entry {
        backend,
        point,
        full_scan_steps,
        sorts,
        vm_steps,
        text,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hardest_run_of_a_statement_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let light = Entry {
            backend: Backend::Sqlite,
            point: true,
            full_scan_steps: 0,
            sorts: 0,
            vm_steps: 12,
            text: "SELECT a\n\tFROM \\t".to_owned(),
        };
        let heavy = Entry {
            full_scan_steps: 101,
            ..light.clone()
        };
        std::fs::write(folder.path().join("1.tsv"), light.line()).unwrap();
        std::fs::write(folder.path().join("2.tsv"), heavy.line() + "sqlite\tpoi").unwrap();
        let read = read(folder.path()).unwrap();
        assert_eq!(read, vec![heavy]);
        assert!(read[0].works_too_hard() && !light.works_too_hard());
    }
}
