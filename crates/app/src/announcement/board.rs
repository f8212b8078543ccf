//! What the portal shows, held in memory and replaced whole when something changes.

use std::collections::HashSet;
use std::sync::Arc;

use db::Crowd;
use domain::announcement::Category;
use domain::time::Timestamp;
use parking_lot::RwLock;

use super::store::{self, AnnouncementRow, AttachmentRow, PageRow};
use crate::exam::Viewer;
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
    /// The rehearsal that it is bound to: only its candidates read it.
    pub rehearsal: Option<i64>,
}

impl Posting {
    /// 栏目, in words.
    pub fn category(&self) -> &'static str {
        Category::parse(&self.row.category).map_or("公告", Category::label)
    }

    /// When it came out.
    pub fn published_at(&self) -> Timestamp {
        Timestamp::from_micros(self.row.publish_at)
    }

    /// Out for less than a week.
    pub fn is_new(&self, now: Timestamp) -> bool {
        now.seconds_since(self.published_at()) < 7 * 86_400
    }
}

#[derive(Debug, Default)]
struct Content {
    postings: Vec<Arc<Posting>>,
    pages: Vec<Arc<PageRow>>,
    /// Grows with every reading that found something else: part of the pages' ETag.
    generation: u64,
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
        let rehearsed: HashSet<i64> = store::announcements_rehearsed(&mut scan)
            .await?
            .into_iter()
            .map(|(id,)| id)
            .collect();
        let postings = rows
            .into_iter()
            .map(|row| {
                let (own, rest) = files.drain(..).partition(|f| f.announcement_id == row.id);
                files = rest;
                Arc::new(Posting {
                    rehearsal: rehearsed.contains(&row.id).then_some(row.exam_id),
                    row,
                    files: own,
                })
            })
            .collect();
        let pages = store::pages(&mut scan)
            .await?
            .into_iter()
            .map(Arc::new)
            .collect();
        let mut content = self.0.write();
        let generation = content.generation + 1;
        *content = Arc::new(Content {
            postings,
            pages,
            generation,
        });
        Ok(())
    }

    /// Waits until something changes in this process.
    pub async fn changed(app: &App) {
        app.db().changed(TOPIC).await;
    }

    /// Changes with everything that the board shows, the clock aside.
    pub fn generation(&self) -> u64 {
        self.0.read().generation
    }

    /// What is out at `now` for who looks, pinned first, newest first.
    pub fn out(&self, viewer: Viewer, now: Timestamp) -> Vec<Arc<Posting>> {
        let content = Arc::clone(&self.0.read());
        content
            .postings
            .iter()
            .filter(|p| p.row.publish_at <= now.micros() && viewer.sees(p.rehearsal))
            .cloned()
            .collect()
    }

    /// One announcement that is out at `now` for who looks.
    pub fn find(&self, viewer: Viewer, public_id: &str, now: Timestamp) -> Option<Arc<Posting>> {
        self.0
            .read()
            .postings
            .iter()
            .find(|p| p.row.public_id == public_id && p.row.publish_at <= now.micros())
            .filter(|p| viewer.sees(p.rehearsal))
            .cloned()
    }

    /// A page of what is out at `now` for who looks: of one category or, with `None`, of all. The rows, and how many there are.
    pub fn listed(
        &self,
        viewer: Viewer,
        category: Option<Category>,
        now: Timestamp,
        (skip, take): (usize, usize),
    ) -> (Vec<Arc<Posting>>, usize) {
        let mut out = self.out(viewer, now);
        if let Some(category) = category {
            out.retain(|posting| posting.row.category == category.code());
        }
        let count = out.len();
        (out.into_iter().skip(skip).take(take).collect(), count)
    }

    /// A standing page that was edited; see [`super::standing`].
    pub fn page(&self, slug: &str) -> Option<Arc<PageRow>> {
        self.0.read().pages.iter().find(|p| p.slug == slug).cloned()
    }
}
