//! Stored files: what expires is emptied, row and store alike.

use app::application::files;
use app::{Error, Secret, object};
use db::{Crowd, p, sql};
use domain::exam::question::Question;
use testkit::{TestApp, both_backends};

fn proof() -> Question {
    let settings = testkit::test_settings();
    settings
        .questions
        .into_iter()
        .find(|q| q.key == "proof")
        .unwrap()
}

fn pdf(size: usize) -> Vec<u8> {
    [b"%PDF-".as_slice(), &vec![b'x'; size]].concat()
}

/// How many files there are, and bytes of content in the rows.
async fn rows(t: &TestApp) -> (i64, i64) {
    let scan = t.app.db().scan(Crowd::System);
    scan.one(
        sql!("SELECT COUNT(*), COALESCE(CAST(SUM(LENGTH(content)) AS BIGINT), 0) FROM object"),
        p![],
    )
    .await
    .unwrap()
}

both_backends! {
    async fn an_upload_that_nobody_saved_is_emptied_after_a_month(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let ctx = lin.ctx();
        let small = files::attach(&ctx, &proof(), "小.pdf", &pdf(1_000)).await.unwrap();
        let large = files::attach(&ctx, &proof(), "大.pdf", &pdf(300_000)).await.unwrap();
        assert_eq!((rows(&t).await.0, t.objects.len()), (2, 1), "the large one lies in the object store");
        assert!(rows(&t).await.1 > 1_000);
        t.clock.advance_days(29);
        assert_eq!(object::sweep(&t.app).await.unwrap(), 0);
        assert_eq!(files::own_file(&lin.ctx(), &large.object).await.unwrap().bytes.len(), 300_005);
        t.clock.advance_days(2);
        assert_eq!(object::sweep(&t.app).await.unwrap(), 2);
        // The rows stay for whatever refers to them; nothing is in them.
        assert_eq!(rows(&t).await, (2, 0));
        assert!(t.objects.is_empty());
        for file in [&small, &large] {
            assert!(files::facts(&lin.ctx(), &file.object).await.unwrap().is_none());
            assert!(matches!(files::own_file(&lin.ctx(), &file.object).await, Err(Error::NotFound)));
        }
        assert_eq!(object::sweep(&t.app).await.unwrap(), 0, "once is enough");
    }

    async fn the_photos_of_a_closed_account_go_with_the_next_sweep(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        t.upload_photo(&lin).await;
        t.upload_photo(&lin).await;
        let photo = app::photo::current(&t.app, lin.id).await.unwrap().unwrap();
        assert!(app::photo::own(&lin.ctx(), &photo.public_id).await.is_ok());
        let other = t.candidate("苏晓").await;
        t.upload_photo(&other).await;
        app::account::close(&lin.ctx(), Secret::new(lin.password.clone())).await.unwrap();
        assert_eq!(object::sweep(&t.app).await.unwrap(), 2, "the one before it as well");
        assert!(matches!(app::photo::own(&lin.ctx(), &photo.public_id).await, Err(Error::NotFound)));
        let theirs = app::photo::current(&t.app, other.id).await.unwrap().unwrap();
        assert!(app::photo::own(&other.ctx(), &theirs.public_id).await.is_ok(), "nobody else's");
    }
}
