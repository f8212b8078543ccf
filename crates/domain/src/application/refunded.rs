//! Tests of what it does to an application that all its money went back.

use super::advance::{Gates, Rules, advance};
use super::event::{Effect, Event};
use super::moves::MoveRules;
use super::refused::Refused;
use super::state::{EndReason, Payment, State, Tracks};
use crate::exam::steps::Steps;
use crate::exam::windows::OpenNow;
use crate::review::ReviewRules;

fn step(state: State, event: Event) -> Result<(State, Vec<Effect>), Refused> {
    let rules = Rules {
        steps: Steps::default(),
        review: &ReviewRules::default(),
        moves: &MoveRules::default(),
        open: OpenNow::NONE,
        gates: Gates::default(),
    };
    advance(state, event, &rules)
}

#[test]
fn it_is_over_for_that_and_not_by_the_candidates_own_word() {
    for tracks in Tracks::all() {
        let live = step(State::Live(tracks), Event::FinishRefund);
        if tracks.payment != Payment::Refunding {
            assert!(live.is_err(), "{tracks:?}");
            continue;
        }
        let (state, effects) = live.expect("over");
        let now = Tracks {
            payment: Payment::Refunded,
            ..tracks
        };
        let over = |reason| State::Ended {
            reason,
            tracks: now,
        };
        assert_eq!(state, over(EndReason::Refunded));
        assert!(effects.contains(&Effect::ReleasePlace) && effects.contains(&Effect::Notify));
        assert_eq!(state.label(), "已退费，报名终止");
        // What was over before stays over for what it was.
        for reason in EndReason::ALL.iter().copied() {
            let before = State::Ended { reason, tracks };
            let (after, effects) = step(before, Event::FinishRefund).expect("over");
            assert_eq!(after, over(reason));
            assert!(!effects.contains(&Effect::ReleasePlace));
        }
    }
}
