//! Stored files: photos, attachments, uploads. Encrypted, immutable, under a random public id.
//!
//! Up to [`INLINE_LIMIT`] a file is a row of its own, so that one commit and one backup hold it; a larger one is put into the
//! object store before the commit that names it (a crash between the two leaves an orphan, never a hole). Who may read
//! a file is decided by the feature that hung it somewhere, never by its id alone.

mod store;
pub(crate) mod wipe_store;

use db::{Crowd, Tx};
use domain::time::Timestamp;
use vault::Place;

use crate::{App, Error, Result, Trail};

/// Files up to this size live in the database.
pub const INLINE_LIMIT: usize = 256 * 1024;

/// Whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A candidate's.
    Account(i64),
    /// One that staff uploaded for themselves: import files.
    Staff(i64),
    /// Anybody may read it: attachments of announcements.
    Public,
}

impl Owner {
    fn columns(self) -> (&'static str, i64) {
        match self {
            Self::Account(id) => ("account", id),
            Self::Staff(id) => ("staff", id),
            Self::Public => ("public", 0),
        }
    }
}

/// A file about to be stored. Made before the command; large content is already in the object store.
#[derive(Debug, Clone)]
pub struct NewObject {
    /// What it is for: `photo`, `attachment`, `import`, `announcement`.
    pub kind: &'static str,
    /// Whose it is.
    pub owner: Owner,
    /// `image/jpeg` and so on; decided by us, never by the uploader.
    pub media_type: &'static str,
    /// The name it was uploaded under, for display.
    pub file_name: String,
    /// When it may be removed; `None` keeps it.
    pub expires_at: Option<Timestamp>,
    id: i64,
    size: i64,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    Inline(Vec<u8>),
    Stored(String),
}

/// The name of a file as people read it: without what no page shows, 120 characters at most.
pub(crate) fn shown_name(file_name: &str) -> String {
    let shown = file_name.chars().filter(|c| !c.is_control());
    shown.take(120).collect()
}

/// Encrypts `bytes` and, if they are large, puts them into the object store.
pub async fn prepare(
    app: &App,
    kind: &'static str,
    owner: Owner,
    named: (&'static str, &str),
    bytes: &[u8],
) -> Result<NewObject> {
    let id = app.reserve_ids(1);
    let sealed = app.cipher().seal(place(id), bytes, app.entropy());
    let content = if bytes.len() <= INLINE_LIMIT {
        Content::Inline(sealed)
    } else {
        let path = app
            .objects()
            .put(sealed.into())
            .await
            .map_err(|e| Error::internal("object store", e))?;
        Content::Stored(path)
    };
    Ok(NewObject {
        kind,
        owner,
        media_type: named.0,
        file_name: named.1.chars().take(120).collect(),
        expires_at: None,
        id,
        size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        content,
    })
}

/// Names a prepared file in the caller's transaction; returns its id.
pub async fn insert(tx: &mut Tx, trail: &mut Trail<'_>, object: &NewObject) -> Result<i64> {
    let (owner_kind, owner_id) = object.owner.columns();
    let (content, path) = match &object.content {
        Content::Inline(bytes) => (Some(bytes.as_slice()), None),
        Content::Stored(path) => (None, Some(path.as_str())),
    };
    let row = store::ObjectInsert {
        id: object.id,
        public_id: &trail.public_id(object.id).to_string(),
        kind: object.kind,
        owner_kind,
        owner_id,
        media_type: object.media_type,
        file_name: &object.file_name,
        size: object.size,
        content,
        path,
        at: trail.at().micros(),
        expires_at: object.expires_at.map(|t| t.micros()),
    };
    store::object_insert(tx, &row).await?;
    Ok(object.id)
}

/// A file's content with what a page needs to serve it.
#[derive(Debug, Clone)]
pub struct File {
    /// `image/jpeg` and so on.
    pub media_type: String,
    /// The name it was uploaded under.
    pub file_name: String,
    /// The clear content.
    pub bytes: Vec<u8>,
}

/// Reads a file by id. The caller has checked that the asker may see it.
pub(crate) async fn read(app: &App, id: i64) -> Result<File> {
    let row = store::object_find(&mut app.db().read(), id)
        .await?
        .ok_or(Error::NotFound)?;
    open(app, row).await
}

/// What is known about a file of one owner and kind, with its id; `None` for anybody else's and for what was emptied.
pub(crate) async fn owned(
    app: &App,
    owner: Owner,
    kind: &str,
    public_id: &str,
) -> Result<Option<(i64, Facts)>> {
    let (owner_kind, owner_id) = owner.columns();
    let row = store::object_owned(
        &mut app.db().read(),
        public_id,
        (owner_kind, owner_id),
        kind,
    )
    .await?;
    Ok(row.map(|(id, media_type, file_name, size)| {
        (
            id,
            Facts {
                media_type,
                file_name,
                size,
            },
        )
    }))
}

/// What a page says about a file without opening it.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub media_type: String,
    pub file_name: String,
    pub size: i64,
}

/// Keeps a file that was to expire: something was saved that refers to it.
pub(crate) async fn keep(tx: &mut Tx, id: i64) -> Result<()> {
    store::object_keep(tx, id).await?;
    Ok(())
}

/// Reads a public file: an announcement's attachment.
pub async fn read_public(app: &App, public_id: &str) -> Result<File> {
    let row = store::object_public(&mut app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)?;
    open(app, row).await
}

async fn open(app: &App, row: store::ObjectRow) -> Result<File> {
    let sealed = match (row.content, row.path) {
        (Some(bytes), _) if bytes.is_empty() => return Err(Error::NotFound),
        (Some(bytes), _) => bytes,
        (None, Some(path)) => app
            .objects()
            .get(&path)
            .await
            .map_err(|e| Error::internal("object store", e))?
            .to_vec(),
        (None, None) => return Err(Error::inconsistent("object.content")),
    };
    let bytes = app
        .cipher()
        .open(place(row.id), &sealed)
        .map_err(|e| Error::internal("object.content", e))?;
    Ok(File {
        media_type: row.media_type,
        file_name: row.file_name,
        bytes: bytes.to_vec(),
    })
}

fn place(id: i64) -> Place {
    Place {
        table: "object",
        column: "content",
        row: id,
    }
}

/// Empties what has expired, rows first, then the stored content. Returns how many.
pub async fn sweep(app: &App) -> Result<usize> {
    let now = app.now().micros();
    let due = store::objects_expired(&mut app.db().scan(Crowd::System), now, 200).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let ids = due.iter().map(|(id, _)| *id).collect();
    app.db().write(db::Lane::Background, Empty { ids }).await?;
    for path in due.iter().filter_map(|(_, path)| path.as_deref()) {
        if let Err(error) = app.objects().delete(path).await {
            tracing::warn!(%error, "an expired object stays in the store");
        }
    }
    Ok(due.len())
}

/// Removes the stored content of files that are about to be emptied: before the commit that says so, so that nothing personal
/// stays behind a crash. Done twice, it does no harm.
pub(crate) async fn wipe(app: &App, paths: impl Iterator<Item = &str>) -> Result<()> {
    for path in paths {
        app.objects()
            .delete(path)
            .await
            .map_err(|e| Error::internal("object store", e))?;
    }
    Ok(())
}

/// Empties a file in the caller's transaction; its row stays for those that refer to it.
pub(crate) async fn empty(tx: &mut Tx, id: i64) -> Result<()> {
    store::object_empty(tx, id).await?;
    Ok(())
}

struct Empty {
    ids: Vec<i64>,
}

impl db::Command for Empty {
    const NAME: &'static str = "object.empty";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        for id in &self.ids {
            store::object_empty(tx, *id).await?;
        }
        Ok(())
    }
}

/// Lets all files of an account expire.
pub(crate) async fn expire_of_account(tx: &mut Tx, account_id: i64, at: i64) -> Result<()> {
    store::objects_expire_of(tx, account_id, at).await?;
    Ok(())
}
