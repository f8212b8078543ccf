//! A full disk: who submits is told in words and loses nothing that was typed, nothing is stored by halves, and the server
//! goes on by itself when there is room again.
//!
//! SQLite is told that its file may not grow: it then says what it says when the disk is full (`SQLITE_FULL`), at the first
//! write that needs another page. On a small file system of its own the disk is really filled instead, so that the kernel
//! refuses the log's next byte (`ENOSPC`), at the commit:
//!
//! ```sh
//! unshare -m sh -c 'mount -t tmpfs -o size=24m tmpfs /mnt && TMPDIR=/mnt BAOKAO_FULL_DISK=1 cargo nextest run full_disk'
//! ```

use std::io::Write as _;

use app::application;
use app::{Error, invariants};
use db::backup::Snapshot;
use db::{Command, Crowd, DbError, DbResult, Lane, Tx, p, sql};
use testkit::{Form, TestApp, TestCandidate};

use crate::application::{form, submitted};

const POSITION: &str = "数字资源管理";

/// The disk from now on.
#[derive(Clone, Copy)]
enum Disk {
    /// Not one page more than there is.
    Full,
    Room,
}

impl Command for Disk {
    const NAME: &'static str = "test.disk";
    type Out = i64;
    type Err = DbError;

    async fn run(&self, tx: &mut Tx) -> DbResult<i64> {
        match self {
            // SQLite sets it to what the file has.
            Self::Full => tx.one(sql!("PRAGMA max_page_count = 1"), p![]).await,
            Self::Room => {
                tx.exec(sql!("DROP TABLE junk"), p![]).await?;
                tx.one(sql!("PRAGMA max_page_count = 4000000"), p![]).await
            }
        }
    }
}

/// Fills what is free within the file.
struct Junk(i64);

impl Command for Junk {
    const NAME: &'static str = "test.junk";
    type Out = ();
    type Err = DbError;

    async fn run(&self, tx: &mut Tx) -> DbResult<()> {
        tx.exec(sql!("CREATE TABLE IF NOT EXISTS junk (bytes BLOB)"), p![])
            .await?;
        tx.exec(sql!("INSERT INTO junk VALUES (zeroblob($1))"), p![self.0])
            .await?;
        Ok(())
    }
}

/// Whether the file system is small enough to be filled.
fn for_real() -> bool {
    std::env::var_os("BAOKAO_FULL_DISK").is_some()
}

/// Fills the disk to the last byte.
fn fill_for_real(t: &TestApp) {
    let mut filler = std::fs::File::create(t.folder().join("filler")).unwrap();
    let full = loop {
        if let Err(error) = filler.write_all(&[0; 4096]) {
            break error;
        }
    };
    assert_eq!(full.kind(), std::io::ErrorKind::StorageFull, "{full}");
}

async fn fill(t: &TestApp) {
    let db = t.app.db();
    db.write(Lane::Interactive, Junk(1)).await.unwrap();
    if for_real() {
        fill_for_real(t);
    } else {
        db.write(Lane::Interactive, Disk::Full).await.unwrap();
    }
    // What is free within the file, and within a log that starts anew after a checkpoint.
    for bytes in [1_000_000, 100_000, 10_000, 5_000] {
        while db.write(Lane::Interactive, Junk(bytes)).await.is_ok() {}
    }
    let full = db.write(Lane::Interactive, Junk(5_000)).await;
    assert!(matches!(full, Err(DbError::Full)), "{full:?}");
}

async fn make_room(t: &TestApp) {
    if for_real() {
        std::fs::remove_file(t.folder().join("filler")).unwrap();
    }
    t.app
        .db()
        .write(Lane::Interactive, Disk::Room)
        .await
        .unwrap();
}

/// 简历 with so many rows, each as long as the form takes: twelve are more than what is free in any page.
fn resume_of(form: Form, rows: i32, mark: &str) -> Form {
    (0..rows).fold(form, |form, row| {
        let field = |name: &str| format!("{name}_{row}");
        let (from, to) = (2008 + row, 2009 + row);
        let to = if row + 1 == rows {
            "至今".to_owned()
        } else {
            format!("{to}年8月")
        };
        form.set(&field("from"), &format!("{from}年9月"))
            .set(&field("to"), &to)
            .set(&field("place"), &format!("{mark}{}", "某单位".repeat(19)))
            .set(&field("role"), &"工程师".repeat(13))
    })
}

async fn resume(who: &TestCandidate) -> String {
    let stored = app::profile::own(&who.ctx()).await.unwrap();
    serde_json::to_string(&stored.stored.profile.resume).unwrap()
}

async fn rows(t: &TestApp) -> (i64, i64, i64) {
    let scan = t.app.db().scan(Crowd::System);
    let sql = sql!(
        "SELECT (SELECT COUNT(*) FROM application), (SELECT COUNT(*) FROM application_event), \
         (SELECT COUNT(*) FROM audit_entry)"
    );
    scan.one(sql, p![]).await.unwrap()
}

pub(crate) async fn nothing_is_broken(t: &TestApp) {
    app::audit::seal_all(&t.system()).await.unwrap();
    app::statistics::fold(&t.app).await.unwrap();
    let mut snapshot = Snapshot::take(&t.options, t.folder()).await.unwrap();
    let findings = invariants::check(&mut snapshot, &t.keyring, t.now())
        .await
        .unwrap();
    snapshot.close().await;
    for finding in findings {
        assert_eq!(finding.violations, 0, "{finding:?}");
    }
}

#[test]
fn what_was_typed_is_shown_again_and_saved_when_there_is_room() {
    testkit::run(TestApp::sqlite, |t| async move {
        let lin = t.ready("林一舟").await;
        let mut browser = lin.browser();
        let blank = async |browser: &mut testkit::Browser| {
            let page = browser.get("/profile/resume").await.expect(200);
            page.form("/profile/resume")
        };
        // The control: with room, the same form is saved.
        let first = resume_of(blank(&mut browser).await, 2, "甲");
        browser.submit(first).await.expect(200).shows("保存成功");
        let kept = resume(&lin).await;
        assert!(kept.contains("甲某单位"));

        fill(&t).await;
        let before = rows(&t).await;
        let typed = resume_of(blank(&mut browser).await, 12, "乙");
        let page = browser.submit(typed).await.expect(503);
        let page = page
            .shows("存储空间不足")
            .shows("填的内容还在")
            .lacks("保存成功");
        assert!(page.header("retry-after").is_some());
        let shown = page.form("/profile/resume");
        assert!(shown.value("place_0").unwrap().starts_with("乙某单位"));
        assert!(shown.value("place_11").unwrap().starts_with("乙某单位"));
        assert_eq!(shown.value("to_11"), Some("至今"));
        assert_eq!(
            (resume(&lin).await, rows(&t).await),
            (kept, before),
            "nothing by halves"
        );
        // Reading goes on, and so does being told.
        browser.get("/home").await.expect(200);
        browser.get("/applications").await.expect(200);
        t.browser().get("/").await.expect(200);
        browser
            .submit(shown.clone())
            .await
            .expect(503)
            .shows("存储空间不足");

        make_room(&t).await;
        let page = browser.submit(shown).await.expect(200).shows("保存成功");
        assert_eq!(page.form("/profile/resume").value("to_11"), Some("至今"));
        assert!(resume(&lin).await.contains("乙某单位"));
        nothing_is_broken(&t).await;
    });
}

#[test]
fn an_application_is_there_whole_or_not_at_all_and_its_number_is_not_lost() {
    testkit::run(TestApp::sqlite, |t| async move {
        let exam = t.recruitment(|_| {}).await;
        let mut people = Vec::new();
        for name in ["林一舟", "苏晓", "何小宁", "周明远", "王二", "赵三"] {
            let who = t.ready(name).await;
            let mut browser = who.browser();
            let page = browser.get("/profile/resume").await.expect(200);
            let long = resume_of(page.form("/profile/resume"), 12, "甲");
            browser.submit(long).await.expect(200);
            people.push(who);
        }
        let lin = &people[0];
        let mut browser = lin.browser();
        let start = format!("/apply/{}", exam.public_id);
        let page = browser.get(&format!("{start}/agreement")).await;
        browser
            .submit(page.form(&format!("{start}/agreement")).press("同意"))
            .await;
        let page = browser
            .get(&format!(
                "{start}/form?position={}",
                exam.position(POSITION)
            ))
            .await;
        let filled = page.form(&format!("{start}/form")).set("q.adjust", "否");
        let page = browser.submit(filled).await.expect(200);
        let check = page.form(&format!("{start}/check"));

        fill(&t).await;
        let before = rows(&t).await;
        let page = browser
            .submit(check)
            .await
            .expect(503)
            .shows("存储空间不足");
        let check = page
            .shows("核对")
            .shows("林一舟")
            .form(&format!("{start}/check"));
        // Many at once: each is told, none takes another down.
        let crowd: Vec<_> = people[1..]
            .iter()
            .map(|who| {
                let (ctx, exam) = (who.ctx(), exam.clone());
                tokio::spawn(async move {
                    let form = form(&ctx, exam.position(POSITION));
                    application::submit(&ctx, &exam.public_id, &form).await
                })
            })
            .collect();
        for one in crowd {
            let answer = one.await.unwrap();
            assert!(
                matches!(answer, Err(Error::Db(DbError::Full))),
                "{answer:?}"
            );
        }
        assert_eq!(rows(&t).await, before);
        browser
            .get("/applications")
            .await
            .expect(200)
            .lacks("2026 0316");

        make_room(&t).await;
        let page = browser
            .submit(check)
            .await
            .expect(200)
            .is_at("/applications");
        page.shows("保存成功").shows("2026 0316 00001");
        for who in &people[1..] {
            submitted(who, &exam, POSITION).await;
        }
        assert_eq!(rows(&t).await.0, 6);
        nothing_is_broken(&t).await;
    });
}
