//! What the portal shows, held in memory and replaced whole when something changes.

use std::sync::Arc;

use db::Crowd;
use domain::time::Timestamp;
use parking_lot::RwLock;

use super::store::{self, AnnouncementRow, AttachmentRow, PageRow};
use crate::{App, Result};

/// Woken when an announcement or a page changes.
pub(super) const TOPIC: &str = "announcement.board";
/// More than any portal lists; older announcements are found by search.
const HELD: i64 = 2_000;

/// An announcement with its files.
#[derive(Debug, Clone)]
pub struct Posting {
    /// The announcement.
    pub row: AnnouncementRow,
    /// Its files in order.
    pub files: Vec<AttachmentRow>,
}

#[derive(Debug, Default)]
struct Content {
    postings: Vec<Arc<Posting>>,
    pages: Vec<Arc<PageRow>>,
}

/// The public notices and pages in memory. One per process; [`Board::reload`] replaces the content.
#[derive(Debug, Clone, Default)]
pub struct Board(Arc<RwLock<Arc<Content>>>);

impl Board {
    /// Reads everything anew. Called at start, on the `announcement.board` topic and every minute (other processes).
    pub async fn reload(&self, app: &App) -> Result<()> {
        let mut scan = app.db().scan(Crowd::System);
        let rows = store::announcements_out(&mut scan, HELD).await?;
        let mut files = store::attachments_out(&mut scan).await?;
        let postings = rows
            .into_iter()
            .map(|row| {
                let (own, rest) = files.drain(..).partition(|f| f.announcement_id == row.id);
                files = rest;
                Arc::new(Posting { row, files: own })
            })
            .collect();
        let pages = store::pages(&mut scan).await?.into_iter().map(Arc::new).collect();
        *self.0.write() = Arc::new(Content { postings, pages });
        Ok(())
    }

    /// Waits until something changes in this process.
    pub async fn changed(app: &App) {
        app.db().changed(TOPIC).await;
    }

    /// What is out at `now`, pinned first, newest first.
    pub fn out(&self, now: Timestamp) -> Vec<Arc<Posting>> {
        let content = Arc::clone(&self.0.read());
        content.postings.iter().filter(|p| p.row.publish_at <= now.micros()).cloned().collect()
    }

    /// One announcement that is out at `now`.
    pub fn find(&self, public_id: &str, now: Timestamp) -> Option<Arc<Posting>> {
        self.0
            .read()
            .postings
            .iter()
            .find(|p| p.row.public_id == public_id && p.row.publish_at <= now.micros())
            .cloned()
    }

    /// A standing page.
    pub fn page(&self, slug: &str) -> Option<Arc<PageRow>> {
        self.0.read().pages.iter().find(|p| p.slug == slug).cloned()
    }
}
