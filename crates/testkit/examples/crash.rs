//! The power-cut harness; `scripts/crash.sh` runs it.
//!
//! * `crash stream FOLDER full|off` runs under the shim `powercut`: candidates sign up, keep drafts and, one in four,
//!   fill in their profile, upload a photo and submit an application, many at a time, and every success is written down
//!   when it is answered.
//! * `crash check JOURNAL CUTS` rebuilds what a disk holds that lost power in the middle, at many instants, opens it, and
//!   looks whether everything is there that was answered until then, whether the file is sound and no invariant broken.
//!
//! At every other cut all that wasn't synced is gone; at the rest a random part of it has reached the disk, in any
//! order, some of it half.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a tool for tests: it fails at once"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use db::backup::Snapshot;
use db::{Crowd, Db, Durability, Options, p, sql};
use domain::clock::Clock;
use testkit::TestApp;
use vault::{Keyring, SeededEntropy};

/// Where successes are written down, in the watched folder: the shim brings them into one order with the syncs.
const ANSWERED: &str = "answered";
const DATABASE: &str = "baokao.db";
/// Small, so that the log is checkpointed and shortened many times.
const WAL_BOUND: u64 = 1 << 20;
const CALLERS: u32 = 12;
const CANDIDATES: u32 = 240;
/// One of the exam's positions, for any major.
const POSITION: &str = "数字资源管理";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    match arguments.as_slice() {
        ["stream", folder, durability] => {
            runtime.block_on(stream(Path::new(folder), durability));
        }
        ["check", journal, cuts] => {
            let cuts = cuts.parse().expect("a number of cuts");
            runtime.block_on(check(Path::new(journal), cuts));
        }
        _ => panic!("usage: crash stream FOLDER full|off | crash check JOURNAL CUTS"),
    }
}

fn options(file: &Path, durability: Durability) -> Options {
    let long = std::time::Duration::from_secs(60);
    let url = format!("sqlite:{}", file.display());
    Options {
        durability,
        wal_bound: WAL_BOUND,
        command_limit: long,
        read_limit: long,
        scan_limit: long,
        ..Options::new(url)
    }
}

async fn stream(folder: &Path, durability: &str) {
    let durability = match durability {
        "full" => Durability::Full,
        "off" => Durability::Off,
        other => panic!("{other}"),
    };
    let file = std::fs::File::create(folder.join(ANSWERED)).expect("a file for what was answered");
    let answered = Arc::new(Mutex::new(file));
    // Fixtures of the kit go elsewhere.
    let aside = tempfile::tempdir().expect("a folder");
    let t = TestApp::over(options(&folder.join(DATABASE), durability), aside).await;
    let say = move |line: String| {
        answered
            .lock()
            .unwrap()
            .write_all(line.as_bytes())
            .expect("written down");
    };
    let exam = t.recruitment(|_| {}).await;
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..CALLERS {
        let (t, exam, say) = (t.clone(), exam.clone(), say.clone());
        callers.spawn(async move {
            for turn in 0..CANDIDATES / CALLERS {
                let candidate = t.candidate("考生").await;
                say(format!("account {}\n", candidate.id));
                if turn % 4 == 0 {
                    t.fill_profile(&candidate).await;
                    say(format!("profile {}\n", candidate.id));
                    t.upload_photo(&candidate).await;
                    say(format!("photo {}\n", candidate.id));
                    let application = testkit::submitted(&candidate, &exam, POSITION).await;
                    say(format!("application {application}\n"));
                }
                for form in ["profile", "apply"] {
                    let typed = vec!["字".repeat(700)];
                    let fields = BTreeMap::from([("resume".to_owned(), typed)]);
                    app::draft::keep(&candidate.ctx(), form, &fields)
                        .await
                        .expect("a draft");
                    say(format!("draft {} {form}\n", candidate.id));
                }
            }
        });
    }
    while let Some(ended) = callers.join_next().await {
        ended.expect("a caller");
    }
    let stats = t.app.db().stats();
    println!("{} commits of {} commands", stats.commits, stats.commands);
    // No orderly end: that would be one more thing that a power cut doesn't have.
    std::process::exit(0);
}

/// One change, as the shim noted it.
enum Change {
    Write(u64, Vec<u8>),
    Truncate(u64),
    Sync,
    Unlink,
}

/// All changes in order, each with the name of its file.
fn read_journal(path: &Path) -> Vec<(String, Change)> {
    let bytes = std::fs::read(path).expect("the journal");
    let mut rest = bytes.as_slice();
    let mut names: BTreeMap<u32, String> = BTreeMap::new();
    let mut changes = Vec::new();
    while rest.len() >= 21 {
        let (head, after) = rest.split_at(21);
        let file = u32::from_le_bytes(head[1..5].try_into().unwrap());
        let offset = u64::from_le_bytes(head[5..13].try_into().unwrap());
        let length = u64::from_le_bytes(head[13..21].try_into().unwrap());
        let length = usize::try_from(length).unwrap();
        if after.len() < length {
            break;
        }
        let (data, after) = after.split_at(length);
        rest = after;
        let change = match head[0] {
            b'N' => {
                names.insert(file, String::from_utf8(data.to_vec()).unwrap());
                continue;
            }
            b'W' => Change::Write(offset, data.to_vec()),
            b'T' => Change::Truncate(offset),
            b'S' => Change::Sync,
            b'U' => Change::Unlink,
            other => panic!("record {other}"),
        };
        changes.push((names[&file].clone(), change));
    }
    changes
}

/// A file on a disk: what is surely on it, and what was written since.
#[derive(Default)]
struct OnDisk {
    /// None until the first sync: a file that nobody synced is not found after the cut.
    safe: Option<Vec<u8>>,
    since: Vec<usize>,
}

fn apply(content: &mut Vec<u8>, change: &Change, keep: usize) {
    match change {
        Change::Write(offset, data) => {
            let data = &data[..keep.min(data.len())];
            let start = usize::try_from(*offset).unwrap();
            if content.len() < start + data.len() {
                content.resize(start + data.len(), 0);
            }
            content[start..start + data.len()].copy_from_slice(data);
        }
        Change::Truncate(length) => content.resize(usize::try_from(*length).unwrap(), 0),
        Change::Sync | Change::Unlink => {}
    }
}

/// Small and repeatable: xorshift.
struct Chance(u64);

impl Chance {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(below.max(1)).unwrap()).unwrap()
    }
}

#[derive(Default)]
struct Found {
    lost: usize,
    damaged: usize,
    broken: usize,
    answered: usize,
}

async fn check(journal: &Path, cuts: usize) {
    let changes = read_journal(journal);
    let seed = std::env::var("CRASH_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(20_260_318);
    let mut chance = Chance(seed);
    let syncs = changes
        .iter()
        .filter(|(_, change)| matches!(change, Change::Sync))
        .count();
    // From the first answer on: before it there is nothing to lose.
    let first = changes
        .iter()
        .position(|(name, _)| name == ANSWERED)
        .expect("an answer");
    let mut at: BTreeSet<usize> = BTreeSet::from([changes.len()]);
    while at.len() < cuts {
        at.insert(first + 1 + chance.next(changes.len() - first - 1));
    }
    let mut files: BTreeMap<String, OnDisk> = BTreeMap::new();
    let mut answers = String::new();
    let mut all = Found::default();
    let (mut torn, mut losing) = (0, 0);
    for (index, (name, change)) in changes.iter().enumerate() {
        if at.contains(&index) {
            let keep_some = torn % 2 == 1;
            torn += 1;
            let found = cut(&files, &changes, &answers, keep_some.then_some(&mut chance)).await;
            losing += usize::from(found.lost + found.damaged + found.broken > 0);
            all.lost += found.lost;
            all.damaged += found.damaged;
            all.broken += found.broken;
            all.answered += found.answered;
        }
        if name == ANSWERED {
            if let Change::Write(_, data) = change {
                answers.push_str(std::str::from_utf8(data).unwrap());
            }
            continue;
        }
        let file = files.entry(name.clone()).or_default();
        match change {
            Change::Sync => {
                let content = file.safe.get_or_insert_default();
                for index in file.since.drain(..) {
                    apply(content, &changes[index].1, usize::MAX);
                }
            }
            Change::Unlink => *file = OnDisk::default(),
            Change::Write(..) | Change::Truncate(_) => file.since.push(index),
        }
    }
    println!(
        "cuts {torn} seed {seed} changes {} syncs {syncs} answers {} looked-for {} lost {} damaged {} broken {} cuts-with-loss {losing}",
        changes.len(),
        answers.lines().count(),
        all.answered,
        all.lost,
        all.damaged,
        all.broken,
    );
}

/// Puts the files together that the disk holds after a cut, and looks at them.
async fn cut(
    files: &BTreeMap<String, OnDisk>,
    changes: &[(String, Change)],
    answers: &str,
    mut chance: Option<&mut Chance>,
) -> Found {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, file) in files {
        // Rebuilt from the log; a lock is its process's.
        if name.ends_with("-shm") || name.ends_with(".lock") {
            continue;
        }
        let mut content = file.safe.clone();
        if let Some(chance) = chance.as_deref_mut() {
            for &index in &file.since {
                // Lost, torn between two sectors, or whole.
                let keep = match chance.next(3) {
                    0 => continue,
                    1 => 512 * chance.next(9),
                    _ => usize::MAX,
                };
                apply(content.get_or_insert_default(), &changes[index].1, keep);
            }
        }
        if let Some(content) = content {
            std::fs::write(folder.path().join(name), content).expect("a file");
        }
    }
    let answered: Vec<&str> = answers.lines().collect();
    let mut found = Found {
        answered: answered.len(),
        ..Found::default()
    };
    match look(&folder.path().join(DATABASE), folder.path()).await {
        Ok((kept, broken)) => {
            found.lost = answered
                .iter()
                .filter(|line| !kept.contains(**line))
                .count();
            found.broken = broken.len();
            for line in broken {
                println!("broken: {line}");
            }
        }
        Err(error) => {
            println!("damaged: {error}");
            found.damaged = 1;
            found.lost = answered.len();
        }
    }
    found
}

/// What of the answers is there, and what is broken.
async fn look(file: &Path, folder: &Path) -> Result<(BTreeSet<String>, Vec<String>), String> {
    if !file.exists() {
        return Err("the file is gone".to_owned());
    }
    let options = options(file, Durability::Full);
    let text = |error: db::DbError| error.to_string();
    // A cut in the middle of the first start: the next start goes on with the migrations. Had anything been answered
    // before, it would be missing, and be counted as lost.
    db::migrate(&options, &app::schema::MIGRATIONS, 1)
        .await
        .map_err(text)?;
    let db = Db::open(options.clone()).await.map_err(text)?;
    db::check(&db, &app::schema::MIGRATIONS)
        .await
        .map_err(text)?;
    let scan = db.scan(Crowd::System);
    let sound: Vec<String> = scan
        .rows(sql!("PRAGMA integrity_check"), p![])
        .await
        .map_err(text)?;
    if sound != ["ok"] {
        return Err(sound.join("; "));
    }
    let kept = kept(&db).await.map_err(text)?;

    // As the stream's kit makes it.
    let keyring = Keyring::generate(&SeededEntropy::new(7));
    let mut snapshot = Snapshot::take(&options, folder).await.map_err(text)?;
    let now = testkit::FakeClock::default().now();
    let findings = app::invariants::check(&mut snapshot, &keyring, now).await;
    snapshot.close().await;
    db.close().await;
    let findings = findings.map_err(|error| error.to_string())?;
    let broken = findings
        .into_iter()
        .filter(|finding| finding.violations > 0)
        .map(|finding| format!("{} {}: {:?}", finding.number, finding.name, finding.told))
        .collect();
    Ok((kept, broken))
}

/// All that the stream may have been told is done, in its words.
async fn kept(db: &Db) -> db::DbResult<BTreeSet<String>> {
    let scan = db.scan(Crowd::System);
    let mut kept = BTreeSet::new();
    let accounts: Vec<i64> = scan
        .rows(sql!("SELECT id FROM account WHERE state = 'active'"), p![])
        .await?;
    kept.extend(accounts.into_iter().map(|id| format!("account {id}")));
    let drafts: Vec<(i64, String)> = scan
        .rows(sql!("SELECT account_id, form FROM form_draft"), p![])
        .await?;
    kept.extend(
        drafts
            .into_iter()
            .map(|(id, form)| format!("draft {id} {form}")),
    );
    // Each part is a commit of its own; the last one completes it.
    let profiles: Vec<i64> = scan
        .rows(
            sql!("SELECT account_id FROM profile WHERE complete = 1"),
            p![],
        )
        .await?;
    kept.extend(profiles.into_iter().map(|id| format!("profile {id}")));
    let photos: Vec<i64> = scan
        .rows(sql!("SELECT account_id FROM photo"), p![])
        .await?;
    kept.extend(photos.into_iter().map(|id| format!("photo {id}")));
    let applications: Vec<String> = scan
        .rows(
            sql!("SELECT public_id FROM application WHERE life = 'live'"),
            p![],
        )
        .await?;
    kept.extend(
        applications
            .into_iter()
            .map(|id| format!("application {id}")),
    );
    Ok(kept)
}
