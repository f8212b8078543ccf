//! Work that computes for milliseconds: pictures, papers.

use tokio::sync::Semaphore;

use crate::{App, Error, Result};

/// As many turns as there are cores: more would only make all of them slower.
#[derive(Debug)]
pub(crate) struct Turns(Semaphore);

impl Default for Turns {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self(Semaphore::new(cores))
    }
}

impl App {
    /// Computes on a blocking thread when it is this caller's turn, so that the threads that answer requests stay free.
    /// `what` names the work in an error.
    ///
    /// # Errors
    /// `Internal` if `work` panics.
    pub(crate) async fn compute<T: Send + 'static>(
        &self,
        what: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let _turn = self
            .turns()
            .0
            .acquire()
            .await
            .map_err(|e| Error::internal(what, e))?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|e| Error::internal(what, e))
    }
}
