//! What every schedule begins with: an exam whose payment closes in six hours, and fifty-two people who owe. Made once, by the use cases, and
//! copied.

use std::path::PathBuf;
use std::time::Duration;

use app::payment;
use db::{Durability, Options};
use domain::exam::Phase;
use domain::exam::steps::ReviewStep;
use domain::payment::{Waiver, WaiverCategory};
use domain::staff::Role;
use domain::time::Timestamp;
use simulators::Keys;
use testkit::{TestApp, TestCandidate, TestStaff, moved, submitted};

use crate::payer::HALF;

/// How many owe.
pub(crate) const PEOPLE: usize = 52;
/// When payment closes.
pub(crate) const CLOSES: &str = "2026-03-16 15:00";

/// Somebody who owes.
#[derive(Debug, Clone)]
pub(crate) struct Debtor {
    pub(crate) who: TestCandidate,
    /// His application's public id.
    pub(crate) application: String,
    /// His order's public id.
    pub(crate) order: String,
}

/// Who is in the database that every schedule begins with.
#[derive(Debug)]
pub(crate) struct People {
    pub(crate) debtors: Vec<Debtor>,
    pub(crate) finance: [TestStaff; 2],
}

/// That database, to be copied.
#[derive(Debug)]
pub(crate) struct Template {
    folder: tempfile::TempDir,
    pub(crate) people: People,
    pub(crate) keys: Keys,
}

/// How a database of schedules is opened.
pub(crate) fn options(url: &str) -> Options {
    let long = Duration::from_secs(60);
    Options {
        durability: Durability::Off,
        command_limit: long,
        read_limit: long,
        scan_limit: long,
        readers: 1,
        ..Options::new(url)
    }
}

impl People {
    /// Fills an empty database with them.
    pub(crate) async fn make(url: &str) -> Self {
        let t = TestApp::over(options(url), tempfile::tempdir().expect("a folder")).await;
        let exam = t
            .recruitment(|settings| {
                settings.steps.review = ReviewStep::None;
                settings.fees.offline.taken = true;
                settings.fees.nontax.taken = true;
                settings.fees.waiver.categories.push(WaiverCategory {
                    name: HALF.to_owned(),
                    grants: Waiver::Percent { percent: 50 },
                    evidence: "残疾人证".to_owned(),
                });
                moved(settings, Phase::Registration, "2026-03-16 08:00", CLOSES);
                moved(settings, Phase::Payment, "2026-03-16 08:00", CLOSES);
            })
            .await;
        let mut debtors = Vec::new();
        for _ in 0..PEOPLE {
            let who = t.ready("考生").await;
            let application = submitted(&who, &exam, "数字资源管理").await;
            let bill = payment::payable(&who.ctx(), &application).await;
            let order = bill.expect("a bill").order.expect("an order").public_id;
            debtors.push(Debtor {
                who,
                application,
                order,
            });
        }
        let finance = [
            t.staff(&[Role::FinanceOfficer]).await,
            t.staff(&[Role::FinanceOfficer]).await,
        ];
        t.run_jobs().await;
        t.app.db().clone().close().await;
        Self { debtors, finance }
    }
}

impl Template {
    pub(crate) async fn make() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let people = People::make(&url(&folder)).await;
        Self {
            folder,
            people,
            keys: testkit::simulated_keys(),
        }
    }

    /// A product over a copy. Its randomness is that of the schedule.
    pub(crate) async fn copy(&self, seed: u64) -> TestApp {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::copy(file(&self.folder), file(&folder)).expect("a copy");
        let time = u32::try_from(seed % 998).expect("below 1,000") + 1;
        TestApp::over_anew(options(&url(&folder)), folder, time).await
    }
}

fn file(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("baokao.db")
}

fn url(folder: &tempfile::TempDir) -> String {
    format!("sqlite:{}", file(folder).display())
}

/// The instant at which payment closes.
pub(crate) fn closes() -> Timestamp {
    Timestamp::parse_local(CLOSES).expect("a time")
}
