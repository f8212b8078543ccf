//! Files that are too large for a row: encrypted by the caller, stored once, never changed.

mod directory;
mod memory;

use std::fmt;

use bytes::Bytes;
use futures_util::future::BoxFuture;

pub use directory::DirectoryStore;
pub use memory::MemoryStore;

/// Why a file can't be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// There is no such file, or the name is none of ours.
    #[error("there is no such object")]
    Missing,
    /// The disk refused.
    #[error("the object store failed")]
    Io(#[source] std::io::Error),
}

/// Stores files under random names.
pub trait ObjectStore: fmt::Debug + Send + Sync {
    /// Stores a file durably and returns its name. Done before the commit that speaks of it.
    fn put(&self, content: Bytes) -> BoxFuture<'_, Result<String, ObjectError>>;
    /// Stores a file durably under the name that it had: what a restored backup holds. One that is there stays.
    fn put_back<'a>(
        &'a self,
        name: &'a str,
        content: Bytes,
    ) -> BoxFuture<'a, Result<(), ObjectError>>;
    /// Reads a file.
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Bytes, ObjectError>>;
    /// Removes a file; removing what isn't there is no error.
    fn delete<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), ObjectError>>;
}

/// `a3/a3f0…`: 128 random bits in hexadecimal, in 256 folders.
fn random_name() -> Result<String, ObjectError> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(|e| ObjectError::Io(std::io::Error::other(e)))?;
    let name = hex::encode(bytes);
    Ok(format!("{}/{name}", &name[..2]))
}

/// Names come back from the database; one that isn't of our making never reaches the file system.
fn is_name(name: &str) -> bool {
    name.split_once('/').is_some_and(|(folder, file)| {
        folder.len() == 2
            && file.len() == 32
            && file.starts_with(folder)
            && file
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn behaves(store: &dyn ObjectStore) {
        let name = store.put(Bytes::from_static(b"content")).await.unwrap();
        assert!(is_name(&name));
        assert_eq!(store.get(&name).await.unwrap(), "content");
        assert_ne!(
            store.put(Bytes::from_static(b"content")).await.unwrap(),
            name
        );
        store.delete(&name).await.unwrap();
        store.delete(&name).await.unwrap();
        assert!(matches!(store.get(&name).await, Err(ObjectError::Missing)));
        for name in [
            "",
            "../../etc/passwd",
            "aa/../secret",
            "aa/aaaa",
            "bb/aa000000000000000000000000000000",
        ] {
            assert!(
                matches!(store.get(name).await, Err(ObjectError::Missing)),
                "{name}"
            );
        }
    }

    #[tokio::test]
    async fn both_stores_keep_read_and_remove() {
        let dir = tempfile::tempdir().unwrap();
        behaves(&DirectoryStore::open(dir.path()).unwrap()).await;
        behaves(&MemoryStore::default()).await;
    }

    #[tokio::test]
    async fn a_directory_keeps_files_across_restarts_and_leaves_no_half_ones() {
        let dir = tempfile::tempdir().unwrap();
        let name = DirectoryStore::open(dir.path())
            .unwrap()
            .put(Bytes::from_static(b"x"))
            .await
            .unwrap();
        let again = DirectoryStore::open(dir.path()).unwrap();
        assert_eq!(again.get(&name).await.unwrap(), "x");
        let folder = dir.path().join(&name[..2]);
        let files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|f| f.unwrap().file_name())
            .collect();
        assert_eq!(files, [std::ffi::OsString::from(&name[3..])]);
    }
}
