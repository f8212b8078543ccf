//! Two who take the last rows of a file over at once.

use app::payment::{self, fiscal};
use db::{p, sql};
use domain::staff::Role;
use futures_util::FutureExt as _;
use testkit::TestApp;

use super::super::stage;
use super::{another, file, own, paid, staged};
use crate::held::Held;

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
        let (held, line) = (import.id, changes[1].line);
        let other = Held::begin(&s.t, move |tx| {
            async move {
                tx.exec(
                    sql!("UPDATE fiscal_import SET state = 'applying' WHERE id = $1"),
                    p![held],
                )
                .await?;
                tx.exec(
                    sql!(
                        "UPDATE fiscal_row SET outcome = 'same' WHERE import_id = $1 AND line = $2"
                    ),
                    p![held, line],
                )
                .await?;
                Ok(())
            }
            .boxed()
        })
        .await;
        let ctx = s.t.system();
        let there = async || {
            let (_, changes, _) = fiscal::imported(&one, &id).await.unwrap();
            changes[0].outcome == "taken"
        };
        other.before(payment::work(&ctx), there).await.unwrap();
        let (import, ..) = fiscal::imported(&one, &id).await.unwrap();
        assert_eq!(import.state, "done");
        assert_eq!(own(&s).await.unwrap().number, "0000000017");
    });
}
