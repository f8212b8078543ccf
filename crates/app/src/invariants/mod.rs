//! `baokao invariants`: what must never break, checked read-only on a live system.
//!
//! The numbers are those of the list in the assurance reference. Checked is what a database can show: races, pages and caches
//! are tested elsewhere. All of it looks at one [`Snapshot`], so that nothing that is being written looks like a fault, and no
//! time limit of pages applies.
//!
//! | No. | What is looked for |
//! |---|---|
//! | 1, 2, 3, 4, 6, 7 | money: each paid attempt in one order, evidence, sums, refunds, the ledger, deadlines |
//! | 8, 9, 10, 11, 13, 14, 15 | applications and orders: states, one per person, cancelled positions, capacity, steps, approvals, two people |
//! | 12 | windows: every step inside, extensions recorded |
//! | 16, 17, 18 | seats and ticket numbers |
//! | 19, 20, 21, 22 | scores: two people, not before their time, nothing lost at the import, totals recomputed |
//! | 23, 25, 26, 28 | whose things they are, fresh sign-ups, dead sessions, nothing in clear text |
//! | 14, 15, 19, 20, 22 | the selection: posts, two people, lists by two and at their time, lists recomputed, who follows whom |
//! | 24 | what staff found of a check was found by two |
//! | 29, 30, 32, 33 | reasons and ends, audit chain and its completeness, messages, the database itself |
//!
//! Not in a database: 5 and 27 (the same end from any order of news, the same answer for anybody: tests of `payment` and
//! `login`), most of 24 (rights change, what was done under them stays: the authorization matrix), 31 and 34 (power cuts and
//! restores: `scripts/crash.sh`, the tests of `backup`).

mod clear_text;
mod people;
mod retention;
mod sealed;
mod selection;
mod store;
mod totals;
mod windows;

use db::backup::Snapshot;
use domain::time::Timestamp;
use vault::Keyring;

use crate::Result;

/// Violations that are told one by one; beyond them only their number is.
const TOLD: usize = 20;
/// Looking stops at so many violations.
const MOST: usize = 1_000;

/// What one invariant came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its number in the list.
    pub number: u32,
    /// What must hold, in the operator's language.
    pub name: &'static str,
    /// Rows that were looked at.
    pub examined: u64,
    /// Rows that break it. Looking stops at a thousand.
    pub violations: u64,
    /// The first of them, by a name that staff know: an order number, a registration number, an id.
    pub told: Vec<String>,
}

impl Finding {
    fn new(number: u32, name: &'static str, examined: u64, broken: Vec<String>) -> Self {
        let violations = u64::try_from(broken.len()).unwrap_or(u64::MAX);
        let told = broken.into_iter().take(TOLD).collect();
        Self {
            number,
            name,
            examined,
            violations,
            told,
        }
    }
}

/// Checks everything and answers a finding for each invariant, in the order of their numbers.
///
/// # Errors
/// If the snapshot can't be read.
pub async fn check(
    snapshot: &mut Snapshot,
    keyring: &Keyring,
    now: Timestamp,
) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for check in store::checks() {
        let (examined, broken) = store::run(snapshot, check).await?;
        findings.push(Finding::new(check.number, check.name, examined, broken));
    }
    findings.push(people::second_reviewers(snapshot).await?);
    findings.push(windows::steps(snapshot).await?);
    findings.push(windows::records(snapshot).await?);
    findings.push(windows::cancelled(snapshot, now).await?);
    findings.push(totals::check(snapshot).await?);
    findings.push(selection::lists(snapshot).await?);
    findings.push(selection::posts(snapshot).await?);
    findings.push(sealed::documents(snapshot, keyring).await?);
    findings.push(sealed::columns(snapshot).await?);
    findings.push(clear_text::check(snapshot).await?);
    findings.push(retention::looks(snapshot).await?);
    findings.push(retention::ends(snapshot, now).await?);
    let report = crate::audit::verify_on(snapshot, &keyring.audit_mac(), now).await?;
    let examined = report.entries + report.links;
    findings.push(Finding::new(
        30,
        "操作日志完整，链条相接",
        examined,
        report.violations,
    ));
    let (examined, broken) = store::soundness(snapshot).await?;
    findings.push(Finding::new(
        33,
        "数据库文件完好，引用都有着落",
        examined,
        broken,
    ));
    findings.sort_by_key(|finding| finding.number);
    Ok(findings)
}
