//! What an arrangement is made from, and the seats that it gives.

use serde::{Deserialize, Serialize};

use super::pattern::Pattern;
use crate::coded::coded;

/// One paper that a candidate sits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Sitting {
    /// Session of the exam, from 1.
    pub session: u32,
    /// Paper class or subject code: a room opens one at a time.
    pub paper: String,
}

coded! {
    /// What neighbours should not have in common.
    pub enum ApartKind {
        /// The employer that they apply to.
        Employer = "employer", "报考单位";
        /// The position that they apply for.
        Position = "position", "报考岗位";
        /// Where they work now.
        Workplace = "workplace", "工作单位";
        /// Where they graduated.
        School = "school", "毕业院校";
    }
}

/// An employer, school and the like of a candidate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Apart {
    /// What it is.
    pub kind: ApartKind,
    /// Which one; nothing is shared by those whose key is empty.
    pub key: String,
}

/// A candidate to seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The application.
    pub id: i64,
    /// What he sits; sessions differ.
    pub sittings: Vec<Sitting>,
    /// Level or specialty: kept together where it can be.
    pub group: String,
    /// Region of the exam that he chose; empty where the exam has one.
    pub region: String,
    /// Employers, schools and the like: neighbours should share none.
    pub apart: Vec<Apart>,
    /// Needs a room of the accommodation kind (合理便利).
    pub accommodation: bool,
}

impl Candidate {
    /// His sittings in order: the candidates who share them can share rooms.
    pub fn bundle(&self) -> Vec<&Sitting> {
        let mut sittings: Vec<&Sitting> = self.sittings.iter().collect();
        sittings.sort();
        sittings
    }

    /// His first session.
    pub fn first_session(&self) -> Option<u32> {
        self.sittings.iter().map(|sitting| sitting.session).min()
    }
}

coded! {
    /// What a room is for.
    pub enum RoomUse {
        /// Everybody.
        Standard = "standard", "普通考场";
        /// Candidates with accommodations only.
        Accommodation = "accommodation", "合理便利考场";
        /// Kept free for the day.
        Spare = "spare", "备用考场";
    }
}

/// A room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// Number, unique through the exam, as on the ticket.
    pub no: u32,
    /// Number of its site.
    pub site: u32,
    /// Name of the site.
    pub site_name: String,
    /// Address of the site.
    pub address: String,
    /// Name of the room (`教学楼 301`).
    pub name: String,
    /// Region of the exam; empty where the exam has one.
    pub region: String,
    /// Seats.
    pub capacity: u32,
    /// What it is for.
    pub usage: RoomUse,
}

/// Seats in a room unless somebody says otherwise.
pub const DEFAULT_CAPACITY: u32 = 30;

coded! {
    /// What stays the same for a candidate of several sessions.
    pub enum SeatKeeping {
        /// One seat over all his sessions.
        Seat = "seat", "各场次座位相同";
        /// One site; rooms are filled anew for each session and need fewer seats.
        Site = "site", "各场次考点相同";
    }
}

/// The options of a plan; stored with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// How desks stand.
    pub pattern: Pattern,
    /// What a candidate keeps.
    pub keeping: SeatKeeping,
    /// Whether neighbours are chosen to share no employer or school.
    pub spread: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            pattern: Pattern::default(),
            keeping: SeatKeeping::Seat,
            spread: true,
        }
    }
}

/// One seat of one candidate in one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Seat {
    /// The application.
    pub candidate: i64,
    /// The session.
    pub session: u32,
    /// The room's number.
    pub room: u32,
    /// The seat's number, from 1.
    pub seat: u32,
}
