//! `baokao audit verify`: walks the chain and every MAC, read-only, on a live system.

use db::{Crowd, Db, Query};
use domain::audit::Entry;
use domain::time::Timestamp;
use vault::{Mac, Tag};

use super::seal::link_hash;
use super::store;
use crate::Result;

/// Rows read at a time: no read holds a transaction for long.
const PAGE: i64 = 1_000;
/// An entry that is still unlinked after this long is a fault: the sealer runs every second.
const BACKLOG_MICROS: i64 = 60_000_000;

/// What was examined and found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Entries whose MAC was checked.
    pub entries: u64,
    /// Links walked.
    pub links: u64,
    /// The hash of the newest link: noted elsewhere (paper, another machine), it shows a cut-off tail later.
    pub head: String,
    /// What is wrong, one line each, by entry id or link number.
    pub violations: Vec<String>,
}

/// Checks every entry's MAC, every link's hash and that no link's entry is gone.
pub async fn verify(db: &Db, mac: &dyn Mac, now: Timestamp) -> Result<Report> {
    verify_on(&mut db.scan(Crowd::System), mac, now).await
}

/// The same on a snapshot.
pub(crate) async fn verify_on(q: &mut impl Query, mac: &dyn Mac, now: Timestamp) -> Result<Report> {
    let mut report = Report::default();
    entries(q, mac, &mut report).await?;
    links(q, 0, &mut report).await?;
    late(q, now, &mut report).await?;
    Ok(report)
}

/// How many of the newest links the office's page looks at.
const RECENT: i64 = 2_000;

/// The same for the newest links and their entries alone: what a page may do between two clicks.
pub async fn verify_recent(db: &Db, mac: &dyn Mac, now: Timestamp) -> Result<Report> {
    let mut report = Report::default();
    let newest = store::newest_link(&mut db.scan(Crowd::System))
        .await?
        .map_or(0, |(seq, _, _)| seq);
    let after = (newest - RECENT).max(0);
    for row in store::entries_linked_after(&mut db.scan(Crowd::System), after, RECENT).await? {
        check_entry(&row, mac, &mut report);
    }
    let q = &mut db.scan(Crowd::System);
    links(q, after, &mut report).await?;
    late(q, now, &mut report).await?;
    Ok(report)
}

async fn late(q: &mut impl Query, now: Timestamp, report: &mut Report) -> Result<()> {
    let late = store::backlog(q, now.micros() - BACKLOG_MICROS).await?;
    if late > 0 {
        report
            .violations
            .push(format!("有 {late} 条一分钟以前的记录没有入链"));
    }
    Ok(())
}

fn check_entry(row: &store::EntryRow, mac: &dyn Mac, report: &mut Report) {
    let entry = Entry {
        id: row.id,
        at: Timestamp::from_micros(row.at),
        actor_kind: &row.actor_kind,
        actor_id: row.actor_id,
        action: &row.action,
        object_kind: &row.object_kind,
        object_id: row.object_id,
        exam_id: row.exam_id,
        request_id: &row.request_id,
        detail: &row.detail,
    };
    let tag = Tag {
        version: u32::try_from(row.key_version).unwrap_or(0),
        bytes: row.mac.clone(),
    };
    if !mac.verify(&entry.canonical(), &tag) {
        report
            .violations
            .push(format!("记录 {}：内容与校验码不一致", row.id));
    }
    report.entries += 1;
}

async fn entries(q: &mut impl Query, mac: &dyn Mac, report: &mut Report) -> Result<()> {
    let mut after = i64::MIN;
    loop {
        let page = store::entries_after(q, after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.id;
        for row in &page {
            check_entry(row, mac, report);
        }
    }
}

/// Walks the links after `start`; the link before it is taken at its word.
async fn links(q: &mut impl Query, start: i64, report: &mut Report) -> Result<()> {
    let mut after = start;
    let mut prev = match start {
        0 => vec![0; 32],
        _ => store::links_after(q, start - 1, 1)
            .await?
            .pop()
            .map_or_else(|| vec![0; 32], |link| link.hash),
    };
    let mut expected = start + 1;
    loop {
        let page = store::links_after(q, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        for link in &page {
            if link.seq != expected {
                report
                    .violations
                    .push(format!("链号 {expected} 至 {}：缺失", link.seq - 1));
            }
            expected = link.seq + 1;
            if link.prev_hash != prev {
                report
                    .violations
                    .push(format!("链号 {}：与前一条接不上", link.seq));
            }
            match &link.mac {
                None => report.violations.push(format!(
                    "链号 {}：记录 {} 已被删除",
                    link.seq, link.entry_id
                )),
                Some(mac) => {
                    if link_hash(&link.prev_hash, link.seq, link.entry_id, mac)[..] != link.hash[..]
                    {
                        report
                            .violations
                            .push(format!("链号 {}：哈希不一致", link.seq));
                    }
                }
            }
            prev.clone_from(&link.hash);
            report.links += 1;
        }
    }
    report.head = prev.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(())
}
