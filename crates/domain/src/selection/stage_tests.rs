//! Every stage with every event on every path, written out by hand; and walks that never get lost.

use proptest::prelude::*;

use super::stage::{Entry, Path, Stage, StageEvent, StageRefused};

fn paths() -> impl Iterator<Item = Path> {
    (0u8..8).map(|bits| Path {
        documents: bits & 1 != 0,
        medical: bits & 2 != 0,
        background: bits & 4 != 0,
    })
}

/// What leads on, for an exam that has everything; all other pairs of these stages are refused.
const ONWARD: [(Stage, StageEvent, Stage); 35] = {
    use Stage as S;
    use StageEvent as E;
    [
        (S::Offered, E::Accept, S::Called),
        (S::Offered, E::Decline, S::Out),
        (S::Offered, E::Lapse, S::Out),
        (S::Offered, E::Remove, S::Out),
        (S::Called, E::DocumentsPass, S::Qualified),
        (S::Called, E::DocumentsFail, S::Out),
        (S::Called, E::DocumentsMissed, S::Out),
        (S::Called, E::GiveUp, S::Out),
        (S::Called, E::Remove, S::Out),
        (S::Qualified, E::Score, S::Interviewed),
        (S::Qualified, E::InterviewMissed, S::Out),
        (S::Qualified, E::InterviewViolation, S::Out),
        (S::Qualified, E::GiveUp, S::Out),
        (S::Qualified, E::Remove, S::Out),
        (S::Interviewed, E::Score, S::Interviewed),
        (S::Interviewed, E::ToMedical, S::Medical),
        (S::Interviewed, E::GiveUp, S::Out),
        (S::Interviewed, E::Remove, S::Out),
        (S::Medical, E::MedicalPass, S::Background),
        (S::Medical, E::MedicalAgain, S::MedicalAgain),
        (S::Medical, E::MedicalFail, S::Out),
        (S::Medical, E::GiveUp, S::Out),
        (S::Medical, E::Remove, S::Out),
        (S::MedicalAgain, E::MedicalPass, S::Background),
        (S::MedicalAgain, E::MedicalFail, S::Out),
        (S::MedicalAgain, E::GiveUp, S::Out),
        (S::MedicalAgain, E::Remove, S::Out),
        (S::Background, E::BackgroundPass, S::Proposed),
        (S::Background, E::BackgroundFail, S::Out),
        (S::Background, E::GiveUp, S::Out),
        (S::Background, E::Remove, S::Out),
        (S::Proposed, E::Announce, S::Announced),
        (S::Proposed, E::GiveUp, S::Out),
        (S::Proposed, E::Remove, S::Out),
        (S::Announced, E::Hire, S::Hired),
    ]
};
const FROM_ANNOUNCED: [StageEvent; 3] = [
    StageEvent::ObjectionUpheld,
    StageEvent::GiveUp,
    StageEvent::Remove,
];

fn expected(stage: Stage, event: StageEvent, path: Path, left: Option<Stage>) -> Option<Stage> {
    if (stage, event) == (Stage::Out, StageEvent::Reinstate) {
        return left.filter(|left| *left != Stage::Out && *left != Stage::Hired);
    }
    if stage == Stage::Announced && FROM_ANNOUNCED.contains(&event) {
        return Some(Stage::Out);
    }
    let (_, _, next) = ONWARD
        .iter()
        .find(|(from, on, _)| (*from, *on) == (stage, event))?;
    // An exam without a step goes on to the one behind it.
    let mut next = *next;
    for (has, skipped, to) in [
        (path.documents, Stage::Called, Stage::Qualified),
        (path.medical, Stage::Medical, Stage::Background),
        (path.background, Stage::Background, Stage::Proposed),
    ] {
        if !has && next == skipped {
            next = to;
        }
    }
    Some(next)
}

#[test]
fn every_pair_of_stage_and_event_on_every_path() {
    assert_eq!((Stage::ALL.len(), StageEvent::ALL.len()), (11, 21));
    let lefts = std::iter::once(None).chain(Stage::ALL.iter().copied().map(Some));
    for path in paths() {
        for left in lefts.clone() {
            for stage in Stage::ALL.iter().copied() {
                for event in StageEvent::ALL.iter().copied() {
                    let found = stage.on(event, path, left);
                    let next = expected(stage, event, path, left);
                    assert_eq!(
                        found,
                        next.ok_or(StageRefused(stage, event)),
                        "{stage:?} {event:?} {path:?} {left:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn who_is_called_begins_at_the_first_step_that_there_is() {
    for path in paths() {
        let first = if path.documents {
            Stage::Called
        } else {
            Stage::Qualified
        };
        assert_eq!(Stage::entry(Entry::Call, path), first);
        assert_eq!(Stage::entry(Entry::Offer, path), Stage::Offered);
        assert_eq!(Stage::Offered.on(StageEvent::Accept, path, None), Ok(first));
    }
}

#[test]
fn what_judges_somebody_out_takes_two_and_no_button_offers_what_follows() {
    let weighty: Vec<StageEvent> = StageEvent::ALL
        .iter()
        .copied()
        .filter(|event| event.is_weighty())
        .collect();
    assert_eq!(
        weighty,
        [
            StageEvent::DocumentsFail,
            StageEvent::MedicalFail,
            StageEvent::BackgroundFail,
            StageEvent::ObjectionUpheld,
            StageEvent::GiveUp,
            StageEvent::Remove,
            StageEvent::Reinstate,
        ]
    );
    for event in StageEvent::ALL {
        assert!(!(event.is_his_own() && event.follows()), "{event:?}");
    }
}

#[test]
fn a_post_is_taken_from_the_medical_check_on() {
    let taken: Vec<Stage> = Stage::ALL
        .iter()
        .copied()
        .filter(|stage| stage.takes_a_post())
        .collect();
    assert_eq!(
        taken,
        [
            Stage::Medical,
            Stage::MedicalAgain,
            Stage::Background,
            Stage::Proposed,
            Stage::Announced,
            Stage::Hired
        ]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Any events in any order: nobody leaves Hired, nobody comes back to where he never was, and who is neither hired nor out can always
    /// get to both.
    #[test]
    fn no_walk_gets_lost(
        bits in 0u8..8, offered in any::<bool>(),
        events in prop::collection::vec(prop::sample::select(StageEvent::ALL), 0..60)
    ) {
        let path = paths().nth(usize::from(bits)).unwrap();
        let mut stage = Stage::entry(if offered { Entry::Offer } else { Entry::Call }, path);
        let (mut left, mut seen) = (None, vec![stage]);
        for event in events {
            let Ok(next) = stage.on(event, path, left) else { continue };
            prop_assert_ne!(stage, Stage::Hired);
            if next == Stage::Out {
                left = Some(stage);
            } else if stage == Stage::Out {
                prop_assert!(seen.contains(&next));
            }
            seen.push(next);
            stage = next;
            prop_assert!(path.documents || stage != Stage::Called);
            prop_assert!(path.background || stage != Stage::Background);
            prop_assert!(path.medical || !matches!(stage, Stage::Medical | Stage::MedicalAgain));
        }
        if stage.is_alive() {
            prop_assert_eq!(stage.on(StageEvent::Remove, path, left), Ok(Stage::Out));
            let onward = [
                StageEvent::Accept, StageEvent::DocumentsPass, StageEvent::Score, StageEvent::ToMedical,
                StageEvent::MedicalPass, StageEvent::BackgroundPass, StageEvent::Announce, StageEvent::Hire,
            ];
            for event in onward {
                stage = stage.on(event, path, left).unwrap_or(stage);
            }
            prop_assert_eq!(stage, Stage::Hired);
        }
    }
}
