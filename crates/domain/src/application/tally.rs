//! What an application adds to the live figures of its exam, its unit and its position.
//!
//! Every step adds the difference of two tallies; a timer folds the differences into counts. So no page ever counts
//! applications, however many there are (DESIGN §7).

use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

use super::{Payment, State};
use crate::review::Review;

/// Figures: how many living applications stand where. Differences of two may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Living applications.
    pub applied: i64,
    /// Waiting for the first level of the review.
    pub pending: i64,
    /// Waiting for the second level.
    pub first_approved: i64,
    /// Sent back for supplements.
    pub returned: i64,
    /// Refused.
    pub rejected: i64,
    /// Refused and appealed against.
    pub appealed: i64,
    /// Approved for good.
    pub approved: i64,
    /// Owing the fee.
    pub due: i64,
    /// Fee credited or waived.
    pub paid: i64,
}

impl Tally {
    /// What one application in this state counts for: nothing before it is submitted and after it ended.
    pub fn of(state: State) -> Self {
        let State::Live(tracks) = state else {
            return Self::default();
        };
        let review = |review| i64::from(tracks.review == review);
        Self {
            applied: 1,
            pending: review(Review::Pending),
            first_approved: review(Review::FirstApproved),
            returned: review(Review::Returned),
            rejected: review(Review::Rejected),
            appealed: review(Review::Appealed),
            approved: review(Review::Approved),
            due: i64::from(tracks.payment == Payment::Due),
            paid: i64::from(matches!(tracks.payment, Payment::Paid | Payment::Waived)),
        }
    }

    /// Whether it changes nothing.
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    /// How many wait for a reviewer, at whatever level.
    pub const fn waiting(&self) -> i64 {
        self.pending + self.first_approved + self.appealed
    }

    fn zip(self, other: Self, with: impl Fn(i64, i64) -> i64) -> Self {
        Self {
            applied: with(self.applied, other.applied),
            pending: with(self.pending, other.pending),
            first_approved: with(self.first_approved, other.first_approved),
            returned: with(self.returned, other.returned),
            rejected: with(self.rejected, other.rejected),
            appealed: with(self.appealed, other.appealed),
            approved: with(self.approved, other.approved),
            due: with(self.due, other.due),
            paid: with(self.paid, other.paid),
        }
    }
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
}

impl Sub for Tally {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::{EndReason, Tracks};

    #[test]
    fn only_living_applications_count_and_each_in_one_place_of_the_review_at_most() {
        assert!(Tally::of(State::Draft).is_zero());
        for tracks in Tracks::all() {
            let ended = State::Ended {
                reason: EndReason::Withdrawn,
                tracks,
            };
            assert!(Tally::of(ended).is_zero());
            let one = Tally::of(State::Live(tracks));
            assert_eq!(one.applied, 1);
            let placed = one.waiting() + one.returned + one.rejected + one.approved;
            assert_eq!(
                placed,
                i64::from(tracks.review != Review::None),
                "{tracks:?}"
            );
            assert!(one.due + one.paid <= 1);
        }
    }

    #[test]
    fn a_walk_adds_up_to_where_it_ends() {
        let at = |review, payment| {
            State::Live(Tracks {
                review,
                payment,
                ..Tracks::NEW
            })
        };
        let walk = [
            State::Draft,
            at(Review::Pending, Payment::None),
            at(Review::Returned, Payment::None),
            at(Review::Approved, Payment::Due),
            at(Review::Approved, Payment::Paid),
        ];
        let sum: Tally = walk
            .windows(2)
            .map(|step| match step {
                [from, to] => Tally::of(*to) - Tally::of(*from),
                _ => Tally::default(),
            })
            .sum();
        assert_eq!(sum, Tally::of(at(Review::Approved, Payment::Paid)));
        assert_eq!((sum.applied, sum.approved, sum.paid, sum.due), (1, 1, 1, 0));
    }
}
