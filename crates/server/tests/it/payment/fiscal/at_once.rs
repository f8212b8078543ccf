//! Two who take the last rows of a file over at once.

use std::sync::Arc;
use std::time::Duration;

use app::payment::{self, fiscal};
use db::{Command, Lane, Tx, p, sql};
use domain::staff::Role;
use testkit::TestApp;
use tokio::sync::Notify;

use super::super::stage;
use super::{another, file, own, paid, staged};
use crate::halfway::halfway;

/// What another worker does with the last row of a file, in a transaction that stays open until it is told to end.
struct Takes {
    import: i64,
    line: i64,
    open: Arc<Notify>,
    end: Arc<Notify>,
}

impl Command for Takes {
    const NAME: &'static str = "test.takes";
    type Out = ();
    type Err = app::Error;

    async fn run(&self, tx: &mut Tx) -> app::Result<()> {
        tx.exec(
            sql!("UPDATE fiscal_import SET state = 'applying' WHERE id = $1"),
            p![self.import],
        )
        .await?;
        tx.exec(
            sql!("UPDATE fiscal_row SET outcome = 'same' WHERE import_id = $1 AND line = $2"),
            p![self.import, self.line],
        )
        .await?;
        self.open.notify_one();
        self.end.notified().await;
        Ok(())
    }
}

/// SQLite has one writer; on PostgreSQL two who take the last two rows over at once don't see each other's, so the second waits for the file.
///
/// The control: without that wait ours is committed while the other's is still open, and halfway stops there. Then the other's commits, ours
/// finds it done and leaves it alone, and nobody looks at the file again: it stays `applying`.
#[test]
fn a_file_whose_last_two_rows_are_taken_over_at_once_is_done_on_postgres() {
    testkit::run(TestApp::postgres, |t: TestApp| async move {
        let s = stage(&t).await;
        let one = s.t.staff(&[Role::FinanceOfficer]).await.ctx().await;
        let first = paid(&s).await;
        let (_, second) = another(&s).await;
        let text = file(&[
            (&first, "0000000017", "100"),
            (&second, "0000000018", "100"),
        ]);
        let (id, counts) = staged(&one, &text).await;
        assert_eq!(counts, [2, 0, 0, 0]);
        fiscal::confirm(&one, &id).await.unwrap();
        let (import, changes, _) = fiscal::imported(&one, &id).await.unwrap();
        let takes = Takes {
            import: import.id,
            line: changes[1].line,
            open: Arc::default(),
            end: Arc::default(),
        };
        let (open, end) = (Arc::clone(&takes.open), Arc::clone(&takes.end));
        let db = s.t.app.db().clone();
        let other = tokio::spawn(async move { db.write(Lane::Interactive, takes).await });
        open.notified().await;
        let ctx = s.t.system();
        let mut work = std::pin::pin!(payment::work(&ctx));
        let there = async || {
            let (_, changes, _) = fiscal::imported(&one, &id).await.unwrap();
            changes[0].outcome == "taken"
        };
        let early =
            tokio::time::timeout(Duration::from_secs(1), halfway(work.as_mut(), there)).await;
        end.notify_one();
        other.await.unwrap().unwrap();
        let ended = match early {
            Ok(Some(ended)) => ended,
            _ => work.await,
        };
        ended.unwrap();
        let (import, ..) = fiscal::imported(&one, &id).await.unwrap();
        assert_eq!(import.state, "done");
        assert_eq!(own(&s).await.unwrap().number, "0000000017");
    });
}
