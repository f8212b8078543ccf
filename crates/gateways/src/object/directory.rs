//! Files in a local folder: written beside, synced, renamed, folder synced.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::{ObjectError, ObjectStore, is_name, random_name};

/// A store in a folder that only its owner may enter.
#[derive(Debug, Clone)]
pub struct DirectoryStore {
    root: PathBuf,
}

impl DirectoryStore {
    /// Opens the folder, making it if need be.
    ///
    /// # Errors
    /// If it can't be made.
    pub fn open(root: &Path) -> io::Result<Self> {
        private_folder(root)?;
        Ok(Self {
            root: root.to_owned(),
        })
    }

    fn path(&self, name: &str) -> Result<PathBuf, ObjectError> {
        is_name(name)
            .then(|| self.root.join(name))
            .ok_or(ObjectError::Missing)
    }
}

fn private_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

fn write(root: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    let path = root.join(name);
    let folder = path.parent().unwrap_or(root);
    let fresh = !folder.exists();
    private_folder(folder)?;
    let beside = path.with_extension("part");
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o400)
        .open(&beside)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    if let Err(error) = written.and_then(|()| fs::rename(&beside, &path)) {
        let _ = fs::remove_file(&beside);
        return Err(error);
    }
    File::open(folder)?.sync_all()?;
    if fresh {
        File::open(root)?.sync_all()?;
    }
    Ok(())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, ObjectError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => Err(ObjectError::Missing),
        Ok(Err(error)) => Err(ObjectError::Io(error)),
        Err(error) => Err(ObjectError::Io(io::Error::other(error))),
    }
}

impl ObjectStore for DirectoryStore {
    fn put(&self, content: Bytes) -> BoxFuture<'_, Result<String, ObjectError>> {
        async move {
            let name = random_name()?;
            let (root, named) = (self.root.clone(), name.clone());
            blocking(move || write(&root, &named, &content)).await?;
            Ok(name)
        }
        .boxed()
    }

    fn put_back<'a>(
        &'a self,
        name: &'a str,
        content: Bytes,
    ) -> BoxFuture<'a, Result<(), ObjectError>> {
        async move {
            let path = self.path(name)?;
            let (root, named) = (self.root.clone(), name.to_owned());
            blocking(move || {
                if path.exists() {
                    Ok(())
                } else {
                    write(&root, &named, &content)
                }
            })
            .await
        }
        .boxed()
    }

    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Bytes, ObjectError>> {
        async move {
            let path = self.path(name)?;
            blocking(move || fs::read(path).map(Bytes::from)).await
        }
        .boxed()
    }

    fn delete<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), ObjectError>> {
        async move {
            let path = self.path(name)?;
            match blocking(move || fs::remove_file(path)).await {
                Ok(()) | Err(ObjectError::Missing) => Ok(()),
                Err(error) => Err(error),
            }
        }
        .boxed()
    }
}
