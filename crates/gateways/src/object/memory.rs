//! The store of tests.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;

use super::{ObjectError, ObjectStore, random_name};

/// Files in memory; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore(Arc<Mutex<HashMap<String, Bytes>>>);

impl MemoryStore {
    /// How many files it holds.
    pub fn len(&self) -> usize {
        self.0.lock().len()
    }

    /// Does it hold none?
    pub fn is_empty(&self) -> bool {
        self.0.lock().is_empty()
    }
}

impl ObjectStore for MemoryStore {
    fn put(&self, content: Bytes) -> BoxFuture<'_, Result<String, ObjectError>> {
        let stored = random_name().inspect(|name| {
            self.0.lock().insert(name.clone(), content);
        });
        async { stored }.boxed()
    }

    fn put_back<'a>(
        &'a self,
        name: &'a str,
        content: Bytes,
    ) -> BoxFuture<'a, Result<(), ObjectError>> {
        self.0.lock().entry(name.to_owned()).or_insert(content);
        async { Ok(()) }.boxed()
    }

    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Bytes, ObjectError>> {
        let found = self.0.lock().get(name).cloned().ok_or(ObjectError::Missing);
        async { found }.boxed()
    }

    fn delete<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), ObjectError>> {
        self.0.lock().remove(name);
        async { Ok(()) }.boxed()
    }
}
