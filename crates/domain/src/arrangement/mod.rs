//! 考场编排: who sits where.
//!
//! [`generate()`] makes a plan from candidates, rooms and a seed, always the same one for the same input; a plan made
//! elsewhere comes in through [`import`]. Both go through [`check()`], which knows nothing of how a plan was made.

mod blocks;
mod bound;
pub mod check;
mod classes;
mod deal;
pub mod generate;
pub mod import;
pub mod input;
pub mod invigilate;
pub mod papers;
pub mod pattern;
mod place;
mod seat;
pub mod seed;

#[cfg(test)]
mod generate_tests;
#[cfg(test)]
mod spread_tests;

pub use check::{Violation, check};
pub use generate::{ALGORITHM, ClosePair, Plan, PlanProblem, generate};
pub use input::{Apart, ApartKind, Candidate, Options, Room, RoomUse, Seat, SeatKeeping, Sitting};
pub use papers::{PaperKind, RunEvent, RunState};
pub use pattern::Pattern;
pub use seed::{Shuffler, seed_hash};

crate::coded::coded! {
    /// Where a plan stands.
    pub enum PlanState {
        /// Rows are being written.
        Staging = "staging", "生成中";
        /// Complete and checked.
        Ready = "ready", "待公布";
        /// The exam's pointer leads to it.
        Published = "published", "已公布";
        /// A later plan took its place.
        Superseded = "superseded", "已被替换";
        /// Given up before publication.
        Discarded = "discarded", "已放弃";
    }
}

crate::coded::coded! {
    /// What happens to a plan.
    pub enum PlanEvent {
        /// All rows are there and no rule is broken.
        Finish = "finish", "编排完成";
        /// The exam's pointer is flipped to it.
        Publish = "publish", "公布";
        /// Another plan was published.
        Supersede = "supersede", "被替换";
        /// Given up.
        Discard = "discard", "放弃";
        /// It can't be made.
        Fail = "fail", "编排未完成";
    }
}

impl PlanState {
    /// The next state; `None` for a pair that the table doesn't have. A published plan changes only by another one.
    pub const fn on(self, event: PlanEvent) -> Option<Self> {
        match (self, event) {
            (Self::Staging, PlanEvent::Finish) => Some(Self::Ready),
            (Self::Ready, PlanEvent::Publish) => Some(Self::Published),
            (Self::Published, PlanEvent::Supersede) => Some(Self::Superseded),
            (Self::Staging | Self::Ready, PlanEvent::Discard)
            | (Self::Staging, PlanEvent::Fail) => Some(Self::Discarded),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_plan_state_and_event() {
        use PlanState as S;
        // Columns: Finish, Publish, Supersede, Discard, Fail.
        let gone = Some(S::Discarded);
        let table = [
            (S::Staging, [Some(S::Ready), None, None, gone, gone]),
            (S::Ready, [None, Some(S::Published), None, gone, None]),
            (S::Published, [None, None, Some(S::Superseded), None, None]),
            (S::Superseded, [None; 5]),
            (S::Discarded, [None; 5]),
        ];
        assert_eq!(table.len(), S::ALL.len());
        for (state, row) in table {
            for (event, next) in PlanEvent::ALL.iter().zip(row) {
                assert_eq!(state.on(*event), next, "{state:?} {event:?}");
            }
        }
    }
}
