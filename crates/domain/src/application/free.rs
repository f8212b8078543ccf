//! Tests of applications for which nothing is to pay.

use super::advance::{Gates, Rules, advance};
use super::event::{Effect, Event};
use super::moves::{MoveRules, WhenMove};
use super::state::{Attendance, Payment, Review, State, Tracks};
use crate::exam::steps::{PhotoStep, ReviewStep, Steps};
use crate::exam::windows::OpenNow;
use crate::review::{ReviewEvent, ReviewRules};

const OPEN: OpenNow = OpenNow {
    registration: true,
    review: true,
    payment: true,
    ..OpenNow::NONE
};

fn step(
    state: State,
    event: Event,
    review: ReviewStep,
    was_free: bool,
    free: bool,
) -> (State, Vec<Effect>) {
    let rules = Rules {
        steps: Steps {
            photo: PhotoStep::None,
            review,
            ..Steps::default()
        },
        review: &ReviewRules::default(),
        moves: &MoveRules {
            may_move: WhenMove::BeforeReview,
            ..MoveRules::default()
        },
        open: OPEN,
        gates: Gates {
            was_free,
            free,
            ..Gates::default()
        },
    };
    advance(state, event, &rules).expect("allowed")
}

fn tracks(state: State) -> (Review, Payment) {
    (state.tracks().review, state.tracks().payment)
}

#[test]
fn who_owes_nothing_has_paid_when_it_is_his_turn() {
    for (review, expected) in [
        (ReviewStep::None, (Review::None, Payment::Waived)),
        (ReviewStep::AfterPayment, (Review::Pending, Payment::Waived)),
        (ReviewStep::BeforePayment, (Review::Pending, Payment::None)),
    ] {
        let (state, effects) = step(State::Draft, Event::Submit, review, true, true);
        assert_eq!(tracks(state), expected, "{review:?}");
        assert!(!effects.contains(&Effect::OpenPayment), "{review:?}");
        // The control: with a fee it falls due.
        let (state, effects) = step(State::Draft, Event::Submit, review, false, false);
        let due = review != ReviewStep::BeforePayment;
        assert_eq!(state.tracks().payment == Payment::Due, due, "{review:?}");
        assert_eq!(effects.contains(&Effect::OpenPayment), due, "{review:?}");
    }
    let (waits, _) = step(
        State::Draft,
        Event::Submit,
        ReviewStep::BeforePayment,
        true,
        true,
    );
    let approve = Event::Approve;
    assert_eq!(approve.review(), Some(ReviewEvent::Approve));
    let (state, effects) = step(waits, approve, ReviewStep::BeforePayment, true, true);
    assert_eq!(tracks(state), (Review::Approved, Payment::Waived));
    assert!(!effects.contains(&Effect::OpenPayment));
}

#[test]
fn another_choice_with_a_fee_is_owed_and_reviewed_after_it() {
    let free = State::Live(Tracks {
        review: Review::Pending,
        payment: Payment::Waived,
        attendance: Attendance::None,
    });
    for event in [Event::Edit, Event::Move] {
        let (state, effects) = step(free, event, ReviewStep::AfterPayment, true, false);
        assert_eq!(tracks(state), (Review::None, Payment::Due), "{event:?}");
        assert!(effects.contains(&Effect::OpenPayment) && effects.contains(&Effect::LeaveQueue));
        // A waiver that somebody granted for a fee stays.
        let (state, _) = step(free, event, ReviewStep::AfterPayment, false, false);
        assert_eq!(state.tracks().payment, Payment::Waived, "{event:?}");
        // What is owed isn't any more when the new choice is free.
        let owing = State::Live(Tracks {
            review: Review::None,
            payment: Payment::Due,
            attendance: Attendance::None,
        });
        let (state, effects) = step(owing, event, ReviewStep::AfterPayment, false, true);
        assert_eq!(
            tracks(state),
            (Review::Pending, Payment::Waived),
            "{event:?}"
        );
        assert!(effects.contains(&Effect::CloseOrders));
    }
}
