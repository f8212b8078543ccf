//! Topics that sleepers wait on and commands wake after their commit.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;

/// All topics of one database handle. A topic comes to be when somebody asks for it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hub(Arc<Mutex<HashMap<&'static str, watch::Sender<u64>>>>);

impl Hub {
    /// Completes at the first wake after this *call* (not after the first poll), so nothing is lost between looking for
    /// work and going to sleep.
    pub(crate) fn changed(
        &self,
        topic: &'static str,
    ) -> impl Future<Output = ()> + Send + 'static + use<> {
        let mut receiver = self
            .0
            .lock()
            .entry(topic)
            .or_insert_with(|| watch::channel(0).0)
            .subscribe();
        async move {
            if receiver.changed().await.is_err() {
                // The database was closed: nothing will ever change again.
                std::future::pending::<()>().await;
            }
        }
    }

    /// Wakes everybody who waits on one of the topics.
    pub(crate) fn wake(&self, topics: &[&'static str]) {
        if topics.is_empty() {
            return;
        }
        let hub = self.0.lock();
        for topic in topics {
            if let Some(sender) = hub.get(topic) {
                sender.send_modify(|version| *version += 1);
            }
        }
    }
}
