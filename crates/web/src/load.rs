//! How many requests are worked on at once, with a share that only the office may use.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::kit::Limits;
use crate::session::Surface;

/// The places that requests take.
#[derive(Debug)]
pub(crate) struct Load {
    everybody: Arc<Semaphore>,
    office: Arc<Semaphore>,
    exports: Arc<Semaphore>,
}

impl Load {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            everybody: Arc::new(Semaphore::new(limits.requests)),
            office: Arc::new(Semaphore::new(limits.office_requests)),
            exports: Arc::new(Semaphore::new(limits.exports)),
        }
    }

    /// A place for one list that is written to a file; `None` if there is none left.
    pub(crate) fn export(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.exports).try_acquire_owned().ok()
    }

    /// A place for one request; `None` if there is none left. Nobody queues here: waiting would only hide the rush.
    pub(crate) fn take(&self, surface: Surface) -> Option<OwnedSemaphorePermit> {
        let reserved = match surface {
            Surface::Office => Arc::clone(&self.office).try_acquire_owned().ok(),
            Surface::Public => None,
        };
        reserved.or_else(|| Arc::clone(&self.everybody).try_acquire_owned().ok())
    }
}
