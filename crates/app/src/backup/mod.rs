//! Backups: the whole product in one sealed file, taken while it runs, restored into either database.
//!
//! A backup is a snapshot of every table (one instant, see [`db::backup`]) and the files of the object store that it
//! names, sealed to a backup key. The keyring is never in it: what is encrypted by field stays encrypted, and a restored
//! database runs only under the keyring that it was made with. Who finds a backup without its key can read nothing.
//!
//! [`restore`] reads all of it twice: first to see that it is whole and of this program's schema, then to fill an empty
//! database. In the end it compares what the database holds with what the backup said.

mod error;
mod format;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use db::backup::{AnyRow, RowHasher, Snapshot};
use db::schema::{Schema, Table};
use db::{Crowd, Db, Options, Value};
use domain::time::Timestamp;
use gateways::object::{ObjectError, ObjectStore};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use vault::Entropy;
use vault::recipient::BackupKey;

pub use error::BackupError;
use format::{Frame, FrameReader, FrameWriter};

use crate::schema::MIGRATIONS;

/// What a backup begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The format of the file.
    pub format: u32,
    /// The instant it shows, in microseconds.
    pub made_at: i64,
    /// The highest migration of the database.
    pub schema_version: u32,
    /// `sqlite` or `postgres`: where it was taken. It can be restored into either.
    pub database: String,
}

/// How many rows a table has, and their hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSum {
    /// Rows.
    pub rows: u64,
    /// Over all of them in the order of the key, in hexadecimal.
    pub sha256: String,
}

impl From<db::backup::TableHash> for TableSum {
    fn from(hash: db::backup::TableHash) -> Self {
        Self {
            rows: hash.rows,
            sha256: hash.sha256,
        }
    }
}

/// What a backup holds: its last part, and what [`create`], [`verify`] and [`restore`] answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// What it began with.
    pub header: Header,
    /// Every table.
    pub tables: BTreeMap<String, TableSum>,
    /// Files of the object store by name, with the hash of their (encrypted) content.
    pub objects: BTreeMap<String, String>,
    /// Files that the database names and the store didn't have: removed after the snapshot was taken, or lost.
    pub missing: Vec<String>,
}

impl Manifest {
    /// Rows in all tables.
    pub fn rows(&self) -> u64 {
        self.tables.values().map(|table| table.rows).sum()
    }
}

/// Format 1, the only one so far.
const FORMAT: u32 = 1;
/// The table whose rows name files of the object store.
const OBJECTS: &str = "object";

/// What a backup is made from or restored into.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The database. For a backup it may be in use, for a restore it must not be.
    pub options: &'a Options,
    /// Where files over 256 KB are.
    pub objects: &'a dyn ObjectStore,
    /// The key that it is sealed to.
    pub key: &'a BackupKey,
}

/// Takes a backup into a new file. The product may be running, in this process or another.
///
/// # Errors
/// [`BackupError`]; an incomplete file is removed.
pub async fn create(
    place: Place<'_>,
    entropy: &dyn Entropy,
    at: Timestamp,
    to: &Path,
) -> Result<Manifest, BackupError> {
    if to.exists() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let mut name = to.as_os_str().to_owned();
    name.push(".part");
    let part = PathBuf::from(name);
    let result = write(place, entropy, at, &part).await.and_then(|manifest| {
        std::fs::rename(&part, to)?;
        sync_folder(to)?;
        Ok(manifest)
    });
    if result.is_err() {
        drop(std::fs::remove_file(&part));
    }
    result
}

async fn write(
    place: Place<'_>,
    entropy: &dyn Entropy,
    at: Timestamp,
    part: &Path,
) -> Result<Manifest, BackupError> {
    let file = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(part)?;
    let folder = part
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut snapshot = Snapshot::take(place.options, folder.unwrap_or(Path::new("."))).await?;
    let result = write_snapshot(place, entropy, at, (&mut snapshot, file)).await;
    snapshot.close().await;
    result
}

async fn write_snapshot(
    place: Place<'_>,
    entropy: &dyn Entropy,
    at: Timestamp,
    (snapshot, file): (&mut Snapshot, File),
) -> Result<Manifest, BackupError> {
    let schema = snapshot.schema().clone();
    let schema_version = snapshot.version().await?;
    if schema_version != MIGRATIONS.latest() {
        return Err(BackupError::Version {
            found: schema_version,
            known: MIGRATIONS.latest(),
        });
    }
    let database = match place.options.backend()? {
        db::Backend::Sqlite => "sqlite",
        db::Backend::Postgres => "postgres",
    };
    let header = Header {
        format: FORMAT,
        made_at: at.micros(),
        schema_version,
        database: database.to_owned(),
    };
    let mut out = FrameWriter(place.key.seal(BufWriter::new(file), entropy)?);
    out.json(Frame::HEADER, &header)?;
    let mut manifest = Manifest {
        header,
        tables: BTreeMap::new(),
        objects: BTreeMap::new(),
        missing: Vec::new(),
    };
    let mut files: Vec<String> = Vec::new();
    for table in schema.in_reference_order() {
        out.json(Frame::TABLE, &table.name)?;
        let mut hasher = RowHasher::default();
        let path = path_column(table);
        snapshot
            .each(table, |rows| {
                for row in &rows {
                    hasher.add(row);
                    files.extend(path.and_then(|path| named_file(row, path)));
                }
                out.rows(&rows)
            })
            .await?;
        manifest
            .tables
            .insert(table.name.clone(), hasher.finish().into());
    }
    for name in files {
        match place.objects.get(&name).await {
            Ok(content) => {
                out.object(&name, &content)?;
                manifest
                    .objects
                    .insert(name, hex::encode(Sha256::digest(&content)));
            }
            Err(ObjectError::Missing) => manifest.missing.push(name),
            Err(error) => return Err(error.into()),
        }
    }
    out.json(Frame::MANIFEST, &manifest)?;
    let mut file = out.0.finish()?;
    file.flush()?;
    file.get_ref().sync_all()?;
    Ok(manifest)
}

fn path_column(table: &Table) -> Option<usize> {
    let position = table
        .columns
        .iter()
        .position(|column| column.name == "path")?;
    (table.name == OBJECTS).then_some(position)
}

fn named_file(row: &AnyRow, path: usize) -> Option<String> {
    match row.0.get(path) {
        Some(Value::Text(name)) => Some(name.clone()),
        _ => None,
    }
}

fn sync_folder(of: &Path) -> std::io::Result<()> {
    let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// What becomes of the parts of a backup that is read.
enum Part {
    Table(String),
    Rows(Vec<AnyRow>),
    Object(String, Vec<u8>),
}

/// Reads a backup to its end and sees that it is whole.
///
/// # Errors
/// [`BackupError::WrongKey`], [`BackupError::Damaged`], [`BackupError::Format`].
pub fn verify(key: &BackupKey, from: &Path) -> Result<Manifest, BackupError> {
    let mut reading = Reading::open(key, from)?;
    while reading.next()?.is_some() {}
    reading.finish()
}

/// A backup that is being read, with the sums of what was read.
struct Reading {
    frames: FrameReader<vault::recipient::Open<BufReader<File>>>,
    header: Header,
    tables: BTreeMap<String, TableSum>,
    objects: BTreeMap<String, String>,
    current: Option<(String, RowHasher)>,
    manifest: Option<Manifest>,
}

impl Reading {
    fn open(key: &BackupKey, from: &Path) -> Result<Self, BackupError> {
        let opened = key
            .open(BufReader::new(File::open(from)?))
            .map_err(BackupError::opening)?;
        let mut frames = FrameReader(opened);
        let first = frames.next()?.ok_or(BackupError::Damaged("it is empty"))?;
        let header: Header = first.json(Frame::HEADER)?;
        if header.format != FORMAT {
            return Err(BackupError::Format(header.format));
        }
        let (tables, objects) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self {
            frames,
            header,
            tables,
            objects,
            current: None,
            manifest: None,
        })
    }

    fn next(&mut self) -> Result<Option<Part>, BackupError> {
        let Some(frame) = self.frames.next()? else {
            return Ok(None);
        };
        if self.manifest.is_some() {
            return Err(BackupError::Damaged("something follows its end"));
        }
        if frame.kind != Frame::ROWS {
            self.end_table();
        }
        match frame.kind {
            Frame::TABLE => {
                let name: String = frame.json(Frame::TABLE)?;
                self.current = Some((name.clone(), RowHasher::default()));
                Ok(Some(Part::Table(name)))
            }
            Frame::ROWS => {
                let rows = frame.rows()?;
                let (_, hasher) = self
                    .current
                    .as_mut()
                    .ok_or(BackupError::Damaged("rows of no table"))?;
                rows.iter().for_each(|row| hasher.add(row));
                Ok(Some(Part::Rows(rows)))
            }
            Frame::OBJECT => {
                let (name, content) = frame.object()?;
                self.objects
                    .insert(name.clone(), hex::encode(Sha256::digest(&content)));
                Ok(Some(Part::Object(name, content)))
            }
            Frame::MANIFEST => {
                self.manifest = Some(frame.json(Frame::MANIFEST)?);
                // Nothing follows, which the seal's own end must confirm.
                self.next()
            }
            _ => Err(BackupError::Damaged("an unknown part")),
        }
    }

    fn end_table(&mut self) {
        if let Some((name, hasher)) = self.current.take() {
            self.tables.insert(name, hasher.finish().into());
        }
    }

    fn finish(self) -> Result<Manifest, BackupError> {
        let manifest = self
            .manifest
            .ok_or(BackupError::Damaged("its end is missing"))?;
        if manifest.header != self.header
            || manifest.tables != self.tables
            || manifest.objects != self.objects
        {
            return Err(BackupError::Damaged(
                "its content and its manifest disagree",
            ));
        }
        Ok(manifest)
    }
}

/// Restores a backup into an empty database, migrating it first. No server may be using it.
///
/// # Errors
/// [`BackupError`]. A backup that is damaged, sealed to another key or of another schema changes nothing. If the
/// restore itself fails half-way, the database is of no use: start again with an empty one.
pub async fn restore(
    place: Place<'_>,
    at: Timestamp,
    from: &Path,
) -> Result<Manifest, BackupError> {
    let manifest = verify(place.key, from)?;
    if manifest.header.schema_version != MIGRATIONS.latest() {
        return Err(BackupError::Version {
            found: manifest.header.schema_version,
            known: MIGRATIONS.latest(),
        });
    }
    db::migrate(place.options, &MIGRATIONS, at.micros()).await?;
    let db = Db::open(place.options.clone()).await?;
    let schema = db::schema::read(&mut db.scan(Crowd::System)).await?;
    let filled = fill(place, &db, &schema, from).await;
    db.close().await;
    filled?;

    let folder = from
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut snapshot = Snapshot::take(place.options, folder.unwrap_or(Path::new("."))).await?;
    let hashes = snapshot.hashes().await;
    snapshot.close().await;
    for (name, sum) in hashes? {
        let expected = manifest.tables.get(&name);
        if expected != Some(&TableSum::from(sum)) {
            return Err(BackupError::Different(name));
        }
    }
    Ok(manifest)
}

async fn fill(place: Place<'_>, db: &Db, schema: &Schema, from: &Path) -> Result<(), BackupError> {
    for table in schema.tables.values() {
        if !db::backup::is_empty(db, table).await? {
            return Err(BackupError::NotEmpty(table.name.clone()));
        }
    }
    let mut reading = Reading::open(place.key, from)?;
    let mut current: Option<&Table> = None;
    while let Some(part) = reading.next()? {
        match part {
            Part::Table(name) => {
                let table = schema.tables.get(&name);
                current = Some(table.ok_or(BackupError::Damaged("a table that is not known"))?);
            }
            Part::Rows(rows) => {
                let table = current.ok_or(BackupError::Damaged("rows of no table"))?;
                if rows.iter().any(|row| row.0.len() != table.columns.len()) {
                    return Err(BackupError::Damaged("a row of another shape"));
                }
                db::backup::load(db, table, rows).await?;
            }
            Part::Object(name, content) => place.objects.put_back(&name, content.into()).await?,
        }
    }
    reading.finish().map(drop)
}
