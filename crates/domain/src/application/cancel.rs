//! Tests of what a cancelled position does to those who applied.

use super::advance::{Gates, Rules, advance};
use super::event::{Effect, Event};
use super::moves::{MoveRules, Target, WhenMove};
use super::refused::Refused;
use super::state::{EndReason, Payment, Review, State, Tracks};
use crate::exam::steps::{PhotoStep, ReviewStep, Steps};
use crate::exam::windows::OpenNow;
use crate::review::ReviewRules;

const COMING: OpenNow = OpenNow {
    reapply_ahead: true,
    payment: true,
    ..OpenNow::NONE
};

fn step(
    state: State,
    event: Event,
    open: OpenNow,
    gates: Gates,
) -> Result<(State, Vec<Effect>), Refused> {
    let rules = Rules {
        steps: Steps {
            photo: PhotoStep::None,
            review: ReviewStep::BeforePayment,
            ..Steps::default()
        },
        review: &ReviewRules::default(),
        moves: &MoveRules {
            may_move: WhenMove::Never,
            ..MoveRules::default()
        },
        open,
        gates,
    };
    advance(state, event, &rules)
}

fn gone() -> Gates {
    Gates {
        cancelled: true,
        ..Gates::default()
    }
}

#[test]
fn without_a_reapply_window_everybody_is_over_and_every_fee_goes_back() {
    for tracks in Tracks::all() {
        let (state, effects) = step(
            State::Live(tracks),
            Event::CancelPosition,
            OpenNow::NONE,
            gone(),
        )
        .expect("over");
        let State::Ended {
            reason,
            tracks: now,
        } = state
        else {
            panic!("{tracks:?} lives on");
        };
        assert_eq!(reason, EndReason::PositionCancelled);
        let paid = tracks.payment == Payment::Paid;
        assert_eq!(effects.contains(&Effect::RefundAll), paid, "{tracks:?}");
        assert_eq!(
            now.payment == Payment::Refunding,
            paid || tracks.payment == Payment::Refunding
        );
        assert_eq!(
            effects.contains(&Effect::CloseOrders),
            tracks.payment == Payment::Due
        );
        assert!(effects.contains(&Effect::ReleasePlace) && effects.contains(&Effect::Notify));
    }
}

#[test]
fn before_and_in_the_reapply_window_everybody_keeps_his_money_in_and_waits() {
    for tracks in Tracks::all() {
        for seated in [false, true] {
            let gates = Gates { seated, ..gone() };
            let (state, effects) =
                step(State::Live(tracks), Event::CancelPosition, COMING, gates).expect("taken");
            let leaves = matches!(tracks.payment, Payment::Refunding | Payment::Refunded);
            if seated || leaves {
                assert!(matches!(state, State::Ended { .. }), "{tracks:?} {seated}");
                continue;
            }
            let payment = match tracks.payment {
                Payment::Due => Payment::None,
                other => other,
            };
            let waits = Tracks {
                review: Review::None,
                payment,
                ..tracks
            };
            assert_eq!(state, State::Live(waits));
            assert!(
                !effects.contains(&Effect::RefundAll) && !effects.contains(&Effect::ReleasePlace)
            );
            assert_eq!(
                effects.contains(&Effect::CloseOrders),
                tracks.payment == Payment::Due
            );
            assert_eq!(
                effects.contains(&Effect::LeaveQueue),
                tracks.review.waits_for_staff()
            );
            // The same event once the window is over ends it, with the money back.
            let (state, effects) =
                step(state, Event::CancelPosition, OpenNow::NONE, gates).expect("over");
            assert!(matches!(state, State::Ended { .. }));
            assert_eq!(
                effects.contains(&Effect::RefundAll),
                payment == Payment::Paid
            );
        }
    }
}

#[test]
fn on_a_cancelled_position_no_gate_opens_and_nobody_reviews() {
    let live = |review, payment| {
        State::Live(Tracks {
            review,
            payment,
            ..Tracks::NEW
        })
    };
    let open = OpenNow {
        review: true,
        ..COMING
    };
    for event in Event::ALL.iter().filter(|event| event.review().is_some()) {
        for review in Review::ALL {
            let answer = step(live(*review, Payment::None), *event, open, gone());
            assert_eq!(
                answer,
                Err(Refused::PositionCancelled),
                "{event:?} {review:?}"
            );
        }
    }
    let waiting = live(Review::None, Payment::None);
    let (after, effects) = step(waiting, Event::PhotoApproved, open, gone()).expect("taken");
    assert_eq!((after, effects), (waiting, vec![Effect::Notify]));
    assert_eq!(
        step(waiting, Event::Pay, open, gone()),
        Err(Refused::PositionCancelled)
    );
    // Money that lands in the instant before the candidate is told counts, and goes back or stays with him afterwards.
    let due = live(Review::Approved, Payment::Due);
    let (paid, _) = step(due, Event::Pay, open, gone()).expect("credited");
    assert_eq!(paid.tracks().payment, Payment::Paid);
    // The control: where nothing was cancelled the gates open.
    let (after, _) = step(waiting, Event::PhotoApproved, open, Gates::default()).expect("taken");
    assert_eq!(after.tracks().review, Review::Pending);
}

#[test]
fn who_chooses_another_position_is_reviewed_afresh_and_has_paid_already() {
    let paid = State::Live(Tracks {
        review: Review::None,
        payment: Payment::Paid,
        ..Tracks::NEW
    });
    let gates = Gates {
        target: Target {
            from_cancelled: true,
            ..Target::default()
        },
        ..Gates::default()
    };
    let open = OpenNow {
        reapply: true,
        ..COMING
    };
    let (state, effects) = step(paid, Event::Move, open, gates).expect("moved");
    assert_eq!(
        (state.tracks().review, state.tracks().payment),
        (Review::Pending, Payment::Paid)
    );
    for effect in [
        Effect::ReleasePlace,
        Effect::TakePlace,
        Effect::QueueReview,
        Effect::Snapshot,
    ] {
        assert!(effects.contains(&effect), "{effect:?}");
    }
    // Before the window opens nobody moves, and out of an open position nobody moves at all here.
    assert_eq!(
        step(paid, Event::Move, COMING, gates),
        Err(Refused::ReapplyClosed)
    );
    assert_eq!(
        step(paid, Event::Move, open, Gates::default()),
        Err(Refused::MoveNever)
    );
}
