//! Backups: taken while the product runs, sealed, restored into either database with equal rows.

use app::backup::{self, BackupError, Place};
use app::object::{self, Owner};
use db::{Db, Options};
use gateways::object::{MemoryStore, ObjectStore};
use testkit::{TestApp, both_backends};
use vault::recipient::BackupKey;
use vault::{Keyring, SeededEntropy};

fn key(seed: u64) -> BackupKey {
    BackupKey::generate(&SeededEntropy::new(seed))
}

fn place<'a>(t: &'a TestApp, key: &'a BackupKey) -> Place<'a> {
    Place {
        options: &t.options,
        objects: &t.objects,
        key,
    }
}

fn empty_sqlite(t: &TestApp, name: &str) -> Options {
    Options::new(format!("sqlite:{}", t.folder().join(name).display()))
}

/// Candidates with everything that the fixtures give them, a small file in a row and a large one in the store.
async fn lived_in(t: &TestApp) -> Vec<u8> {
    let zhang = t.candidate("张三").await;
    t.candidate("李四").await;
    t.run_jobs().await;
    let large: Vec<u8> = (0..object::INLINE_LIMIT + 1)
        .map(|n| u8::try_from(n % 251).unwrap())
        .collect();
    for bytes in [&large[..100], &large[..]] {
        let file = object::prepare(
            &t.app,
            "attachment",
            Owner::Account(zhang.id),
            ("image/jpeg", "a.jpg"),
            bytes,
        );
        let file = file.await.unwrap();
        t.app
            .db()
            .write(
                db::Lane::Interactive,
                Keep(file, app::Stamp::of(&t.system())),
            )
            .await
            .unwrap();
    }
    assert_eq!(t.objects.len(), 1);
    large
}

struct Keep(object::NewObject, app::Stamp);

impl db::Command for Keep {
    const NAME: &'static str = "test.keep";
    type Out = i64;
    type Err = app::Error;

    async fn run(&self, tx: &mut db::Tx) -> app::Result<i64> {
        object::insert(tx, &mut self.1.trail(), &self.0).await
    }
}

both_backends! {
    async fn a_backup_restores_into_either_database_with_equal_rows(t: TestApp) {
        lived_in(&t).await;
        let key = key(1);
        let file = t.folder().join("backup");
        let entropy = SeededEntropy::new(2);
        let made = backup::create(place(&t, &key), &entropy, t.now(), &file).await.unwrap();
        assert_eq!(made.tables["account"].rows, 2);
        assert_eq!((made.objects.len(), made.missing.len()), (1, 0));
        assert_eq!(backup::verify(&key, &file).unwrap(), made);
        // Whoever finds it reads nothing.
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows("张三".len()).any(|window| window == "张三".as_bytes()));
        let left: Vec<_> = std::fs::read_dir(t.folder()).unwrap().flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| name.contains("snapshot") || name.contains("part")).collect();
        assert!(left.is_empty(), "{left:?}");

        for options in [empty_sqlite(&t, "restored.db"), Options::new(db::testing::fresh_database())] {
            let objects = MemoryStore::default();
            let target = Place { options: &options, objects: &objects, key: &key };
            let restored = backup::restore(target, t.now(), &file).await.unwrap();
            assert_eq!(restored, made);
            let name = made.objects.keys().next().unwrap();
            assert_eq!(objects.get(name).await.unwrap(), t.objects.get(name).await.unwrap());
            // It runs under its own keyring, and under no other.
            let db = Db::open(options.clone()).await.unwrap();
            assert_eq!(app::keys::standing(&db, &t.keyring).await.unwrap(), app::keys::Standing::Match);
            let other = Keyring::generate(&SeededEntropy::new(99));
            assert_eq!(app::keys::standing(&db, &other).await.unwrap(), app::keys::Standing::Mismatch);
            db.close().await;
            // A backup of the restored database has the same rows.
            let again = t.folder().join(format!("again-{}", options.backend().unwrap() == db::Backend::Sqlite));
            let source = Place { options: &options, objects: &objects, key: &key };
            let twin = backup::create(source, &entropy, t.now(), &again).await.unwrap();
            assert_eq!((twin.tables, twin.objects), (made.tables.clone(), made.objects.clone()));
            // Restored once more, it would overwrite what is there.
            let refused = backup::restore(target, t.now(), &file).await;
            assert!(matches!(refused, Err(BackupError::NotEmpty(_))), "{refused:?}");
        }
    }

    async fn another_key_and_every_change_are_refused_and_leave_nothing_behind(t: TestApp) {
        lived_in(&t).await;
        let (key, other) = (key(1), key(2));
        let file = t.folder().join("backup");
        let entropy = SeededEntropy::new(3);
        backup::create(place(&t, &key), &entropy, t.now(), &file).await.unwrap();
        let over = backup::create(place(&t, &key), &entropy, t.now(), &file).await;
        assert!(matches!(over, Err(BackupError::Exists(_))));
        assert!(matches!(backup::verify(&other, &file), Err(BackupError::WrongKey)));

        let good = std::fs::read(&file).unwrap();
        let tampered = t.folder().join("tampered");
        let options = empty_sqlite(&t, "untouched.db");
        let objects = MemoryStore::default();
        let target = Place { options: &options, objects: &objects, key: &key };
        let mut changes: Vec<Vec<u8>> = Vec::new();
        for at in [0, 20, 100, good.len() / 2, good.len() - 1] {
            let mut bad = good.clone();
            bad[at] ^= 1;
            changes.push(bad);
        }
        changes.push(good[..good.len() - 1].to_vec());
        changes.push(good[..good.len() / 2].to_vec());
        changes.push([&good[..], b"more"].concat());
        changes.push(Vec::new());
        for bad in changes {
            std::fs::write(&tampered, &bad).unwrap();
            assert!(backup::verify(&key, &tampered).is_err());
            assert!(backup::restore(target, t.now(), &tampered).await.is_err());
        }
        assert!(!t.folder().join("untouched.db").exists() && objects.is_empty());
        backup::restore(target, t.now(), &file).await.unwrap();
    }

    async fn a_backup_is_taken_while_candidates_sign_up(t: TestApp) {
        let key = key(1);
        let (file, entropy) = (t.folder().join("backup"), SeededEntropy::new(4));
        let busy = {
            let t = t.clone();
            tokio::spawn(async move {
                for _ in 0..12 {
                    t.candidate("考生").await;
                }
            })
        };
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        let made = backup::create(place(&t, &key), &entropy, t.now(), &file).await.unwrap();
        busy.await.unwrap();
        let options = empty_sqlite(&t, "restored.db");
        let objects = MemoryStore::default();
        let target = Place { options: &options, objects: &objects, key: &key };
        assert_eq!(backup::restore(target, t.now(), &file).await.unwrap(), made);
    }
}
