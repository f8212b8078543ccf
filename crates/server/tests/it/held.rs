//! What another worker does, in a transaction that stays open until it is told to end. SQLite has one writer: it is for PostgreSQL.

use std::sync::Arc;
use std::time::Duration;

use db::{Command, Lane, Tx};
use futures_util::future::BoxFuture;
use testkit::TestApp;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::halfway::halfway;

struct Acts<F> {
    act: F,
    open: Arc<Notify>,
    end: Arc<Notify>,
}

impl<F> Command for Acts<F>
where
    F: for<'a> Fn(&'a mut Tx) -> BoxFuture<'a, app::Result<()>> + Send + Sync + 'static,
{
    const NAME: &'static str = "test.held";
    type Out = ();
    type Err = app::Error;

    async fn run(&self, tx: &mut Tx) -> app::Result<()> {
        (self.act)(tx).await?;
        self.open.notify_one();
        self.end.notified().await;
        Ok(())
    }
}

/// A transaction that has done its part and isn't committed.
pub(crate) struct Held {
    other: JoinHandle<app::Result<()>>,
    end: Arc<Notify>,
}

impl Held {
    /// Begins one, and answers once all of it was done.
    pub(crate) async fn begin<F>(t: &TestApp, act: F) -> Self
    where
        F: for<'a> Fn(&'a mut Tx) -> BoxFuture<'a, app::Result<()>> + Send + Sync + 'static,
    {
        let (open, end) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let acts = Acts {
            act,
            open: Arc::clone(&open),
            end: Arc::clone(&end),
        };
        let db = t.app.db().clone();
        let other = tokio::spawn(async move { db.write(Lane::Interactive, acts).await });
        open.notified().await;
        Self { other, end }
    }

    /// Commits.
    pub(crate) async fn commit(self) {
        self.end.notify_one();
        self.other.await.unwrap().unwrap();
    }

    /// Lets a use case go on beside it, which has to wait for it: it commits after a moment.
    pub(crate) async fn while_waiting<T>(self, work: impl Future<Output = T>) -> T {
        let commit = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            self.commit().await;
        };
        tokio::join!(work, commit).0
    }

    /// Lets a use case go on beside it until `there` holds, if it comes so far within a second; then this commits, and that goes on.
    pub(crate) async fn before<F: Future>(
        self,
        work: F,
        there: impl AsyncFn() -> bool,
    ) -> F::Output {
        let mut work = std::pin::pin!(work);
        let early =
            tokio::time::timeout(Duration::from_secs(1), halfway(work.as_mut(), there)).await;
        self.commit().await;
        match early {
            Ok(Some(ended)) => ended,
            _ => work.await,
        }
    }
}
