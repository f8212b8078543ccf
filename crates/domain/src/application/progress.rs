//! The manual's step bar (§1.2.2.4): where an application stands, as a pure function of its state, the exam and the clock.
//!
//! 已录入报考信息 → 资格审查 → 缴费成功 → 已导入考场编排 → 打印准考证. Orange is the furthest step that is already true,
//! as the manual tells candidates to see 缴费成功 turn orange after they paid. Steps that an exam doesn't have are left out;
//! an exam that takes the fee first shows 缴费成功 before 资格审查.

use super::advance::{Gates, Rules, payment_open};
use super::moves::{Target, WhenMove, may_move};
use super::refused::Refused;
use super::state::{EndReason, Payment, Review, State, Tracks};
use crate::coded::coded;
use crate::exam::steps::Steps;
use crate::review::{PhotoState, ReviewEvent};
use crate::window::Standing;

coded! {
    /// A step of the bar.
    pub enum Step {
        /// Submitted.
        Entered = "entered", "已录入报考信息";
        /// Reviewed.
        Reviewed = "reviewed", "资格审查";
        /// Paid.
        Paid = "paid", "缴费成功";
        /// Seats are published.
        Arranged = "arranged", "已导入考场编排";
        /// The ticket may be printed.
        Ticket = "ticket", "打印准考证";
    }
}

/// How a step looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// True, and a later one is too.
    Done,
    /// The furthest that is true: orange, with the word 当前.
    Here,
    /// Not yet.
    Todo,
    /// It stopped here.
    Stopped,
    /// Never reached, because it stopped before.
    Off,
}

/// What the bar looks at besides the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The exam's steps.
    pub steps: Steps,
    /// Whether the published plan holds a seat.
    pub seated: bool,
    /// Where now lies in the ticket window; `None` where there is none.
    pub ticket: Option<Standing>,
}

/// The steps that the exam has, in its order, with their marks.
pub fn bar(state: State, known: &Known) -> Vec<(Step, Mark)> {
    let steps = order(known.steps);
    let tracks = state.tracks();
    let is_true: Vec<bool> = steps
        .iter()
        .map(|step| holds(*step, state, tracks, known))
        .collect();
    let furthest = is_true.iter().rposition(|held| *held);
    let stop = stopped(state).map(|at| match at {
        Some(step) => steps.iter().position(|one| *one == step).unwrap_or(0),
        None => furthest.map_or(0, |at| (at + 1).min(steps.len().saturating_sub(1))),
    });
    let mark = |index: usize| {
        let held = is_true.get(index).copied().unwrap_or(false);
        match stop {
            Some(at) if index == at => Mark::Stopped,
            Some(at) if index > at => Mark::Off,
            None if furthest == Some(index) => Mark::Here,
            _ if held => Mark::Done,
            _ => Mark::Todo,
        }
    };
    steps
        .iter()
        .enumerate()
        .map(|(index, step)| (*step, mark(index)))
        .collect()
}

fn order(steps: Steps) -> Vec<Step> {
    let middle = if steps.pays_first() {
        [Step::Paid, Step::Reviewed]
    } else {
        [Step::Reviewed, Step::Paid]
    };
    let all = [Step::Entered]
        .into_iter()
        .chain(middle)
        .chain([Step::Arranged, Step::Ticket]);
    all.filter(|step| match step {
        Step::Entered => true,
        Step::Reviewed => steps.has_review(),
        Step::Paid => steps.has_payment(),
        Step::Arranged | Step::Ticket => steps.seating,
    })
    .collect()
}

fn holds(step: Step, state: State, tracks: Tracks, known: &Known) -> bool {
    match step {
        Step::Entered => state != State::Draft,
        Step::Reviewed => tracks.review == Review::Approved,
        Step::Paid => matches!(tracks.payment, Payment::Paid | Payment::Waived),
        Step::Arranged => known.seated,
        Step::Ticket => {
            known.seated && matches!(known.ticket, Some(Standing::Open | Standing::After))
        }
    }
}

/// Whether it stopped: `Some(Some(step))` at a certain one, `Some(None)` after the furthest that is true.
fn stopped(state: State) -> Option<Option<Step>> {
    match state {
        State::Draft => None,
        State::Ended {
            reason: EndReason::Unpaid,
            ..
        } => Some(Some(Step::Paid)),
        State::Ended { .. } => Some(None),
        State::Live(tracks) => match (tracks.review, tracks.payment) {
            (Review::Rejected | Review::Returned, _) => Some(Some(Step::Reviewed)),
            (_, Payment::Refunding | Payment::Refunded) => Some(Some(Step::Paid)),
            _ => None,
        },
    }
}

/// What comes next, and who has to do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Staff review.
    AwaitReview,
    /// Other staff look at the appeal.
    AwaitAppeal,
    /// The candidate hands in what was asked for; `open` while he may.
    Supplement {
        /// Whether it isn't too late.
        open: bool,
    },
    /// Refused: what the candidate may do about it.
    Refused {
        /// Choose another position.
        may_move: bool,
        /// Mend the entries and submit again.
        may_mend: bool,
        /// Appeal.
        may_appeal: bool,
    },
    /// The fee waits until the photo is approved.
    AwaitPhoto,
    /// The fee waits for another photo.
    ReplacePhoto,
    /// The candidate pays; `standing` of the payment window.
    Pay {
        /// Whether the payment window is open now.
        open: bool,
    },
    /// Seats are arranged.
    AwaitSeats,
    /// The ticket window hasn't opened.
    AwaitTicket,
    /// The candidate prints.
    PrintTicket,
    /// The ticket window is over.
    TicketOver,
    /// Nothing more happens here.
    Nothing,
    /// Money is on its way back.
    AwaitRefund,
    /// The position was cancelled: the candidate chooses another one; `open` while he may.
    Reapply {
        /// Whether he may choose now.
        open: bool,
        /// Whether he may choose now or later.
        ahead: bool,
    },
    /// Over; the candidate may apply again.
    Over {
        /// Whether registration is open.
        may_apply: bool,
    },
}

/// What comes next for an application.
pub fn next(state: State, known: &Known, rules: &Rules<'_>) -> Next {
    let tracks = match state {
        State::Draft => return Next::Nothing,
        State::Ended { tracks, .. } if tracks.payment == Payment::Refunding => {
            return Next::AwaitRefund;
        }
        State::Ended { .. } => {
            return Next::Over {
                may_apply: rules.open.registration,
            };
        }
        State::Live(tracks) => tracks,
    };
    if rules.gates.cancelled && !matches!(tracks.payment, Payment::Refunding | Payment::Refunded) {
        let open = may_move(rules.moves, tracks, rules.open, rules.gates.target).is_ok()
            && !rules.gates.seated;
        return Next::Reapply {
            open,
            ahead: open || (rules.open.reapply_ahead && !rules.gates.seated),
        };
    }
    match tracks.review {
        Review::Returned => {
            return Next::Supplement {
                open: rules.open.supplement,
            };
        }
        Review::Rejected => return refused(tracks, rules),
        Review::Appealed => return Next::AwaitAppeal,
        _ => {}
    }
    match tracks.payment {
        Payment::Refunding | Payment::Refunded => return Next::AwaitRefund,
        Payment::Due => {
            return Next::Pay {
                open: rules.open.payment,
            };
        }
        Payment::None if rules.steps.has_payment() => match payment_open(tracks, rules) {
            Err(Refused::PhotoMissing) => return Next::ReplacePhoto,
            Err(Refused::PhotoNotApproved) => {
                return if rules.gates.photo == Some(PhotoState::Rejected) {
                    Next::ReplacePhoto
                } else {
                    Next::AwaitPhoto
                };
            }
            Err(Refused::ReviewFirst) => return Next::AwaitReview,
            _ => {}
        },
        _ => {}
    }
    if matches!(tracks.review, Review::Pending | Review::FirstApproved) {
        return Next::AwaitReview;
    }
    if !rules.steps.seating {
        return Next::Nothing;
    }
    match (known.seated, known.ticket) {
        (false, _) => Next::AwaitSeats,
        (true, Some(Standing::Open)) => Next::PrintTicket,
        (true, Some(Standing::After)) => Next::TicketOver,
        (true, _) => Next::AwaitTicket,
    }
}

fn refused(tracks: Tracks, rules: &Rules<'_>) -> Next {
    let may_appeal = rules.open.appeal
        && tracks
            .review
            .on(
                ReviewEvent::Appeal,
                rules.review,
                rules.gates.appealed_before,
            )
            .is_ok();
    // Which position he may choose is asked when he chooses it.
    let target = Target {
        from_cancelled: rules.gates.target.from_cancelled,
        ..Target::default()
    };
    Next::Refused {
        may_move: rules.moves.may_move != WhenMove::Never
            && may_move(rules.moves, tracks, rules.open, target).is_ok(),
        may_mend: rules.open.registration && !tracks.holds_money() && !rules.gates.seated,
        may_appeal,
    }
}

/// Gates for looking only: nothing is known to stand in the way but the photo and the seat.
pub fn looking(photo: Option<PhotoState>, seated: bool, appealed_before: bool) -> Gates {
    Gates {
        photo,
        seated,
        appealed_before,
        ..Gates::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::moves::MoveRules;
    use crate::application::state::Attendance;
    use crate::exam::steps::{PaymentStep, ReviewStep};
    use crate::exam::windows::OpenNow;
    use crate::review::ReviewRules;

    fn live(review: Review, payment: Payment) -> State {
        State::Live(Tracks {
            review,
            payment,
            attendance: Attendance::None,
        })
    }

    fn known() -> Known {
        Known {
            steps: Steps::default(),
            seated: false,
            ticket: Some(Standing::Before),
        }
    }

    fn marks(state: State, known: &Known) -> String {
        bar(state, known)
            .into_iter()
            .map(|(_, mark)| match mark {
                Mark::Done => 'd',
                Mark::Here => 'H',
                Mark::Todo => '.',
                Mark::Stopped => 'X',
                Mark::Off => '-',
            })
            .collect()
    }

    #[test]
    fn orange_is_the_furthest_step_already_true() {
        let seated = Known {
            seated: true,
            ..known()
        };
        let printing = Known {
            ticket: Some(Standing::Open),
            ..seated
        };
        let after = Known {
            ticket: Some(Standing::After),
            ..seated
        };
        for (state, known, expected) in [
            (live(Review::Pending, Payment::None), known(), "H...."),
            (live(Review::FirstApproved, Payment::None), known(), "H...."),
            (live(Review::Approved, Payment::Due), known(), "dH..."),
            (live(Review::Approved, Payment::Paid), known(), "ddH.."),
            (live(Review::Approved, Payment::Waived), known(), "ddH.."),
            (live(Review::Approved, Payment::Paid), seated, "dddH."),
            (live(Review::Approved, Payment::Paid), printing, "ddddH"),
            (live(Review::Approved, Payment::Paid), after, "ddddH"),
            (live(Review::Rejected, Payment::None), known(), "dX---"),
            (live(Review::Returned, Payment::None), known(), "dX---"),
            (live(Review::Appealed, Payment::None), known(), "H...."),
            (live(Review::Approved, Payment::Refunding), known(), "ddX--"),
        ] {
            assert_eq!(marks(state, &known), expected, "{state:?} {known:?}");
        }
        let ended = |reason, review, payment| State::Ended {
            reason,
            tracks: Tracks {
                review,
                payment,
                attendance: Attendance::None,
            },
        };
        assert_eq!(
            marks(
                ended(EndReason::Unpaid, Review::Approved, Payment::Due),
                &known()
            ),
            "ddX--"
        );
        assert_eq!(
            marks(
                ended(EndReason::Withdrawn, Review::Pending, Payment::None),
                &known()
            ),
            "dX---"
        );
    }

    #[test]
    fn steps_that_an_exam_lacks_are_left_out_and_a_fee_first_comes_first() {
        let interview = Known {
            steps: Steps {
                payment: PaymentStep::None,
                seating: false,
                ..Steps::default()
            },
            ..known()
        };
        assert_eq!(
            marks(live(Review::Approved, Payment::None), &interview),
            "dH"
        );
        let first = Known {
            steps: Steps {
                review: ReviewStep::AfterPayment,
                ..Steps::default()
            },
            ..known()
        };
        let names: Vec<Step> = bar(State::Draft, &first)
            .into_iter()
            .map(|(step, _)| step)
            .collect();
        assert_eq!(names.get(1..3), Some(&[Step::Paid, Step::Reviewed][..]));
        for steps in Steps::all() {
            let known = Known { steps, ..known() };
            for tracks in Tracks::all() {
                let here = bar(State::Live(tracks), &known)
                    .into_iter()
                    .filter(|(_, mark)| matches!(mark, Mark::Here | Mark::Stopped))
                    .count();
                assert!(here <= 1, "{steps:?} {tracks:?}");
            }
        }
    }

    #[test]
    fn whose_position_was_cancelled_chooses_another_one_while_he_may() {
        let (review, moves) = (ReviewRules::default(), MoveRules::default());
        let rules = |open| Rules {
            steps: Steps::default(),
            review: &review,
            moves: &moves,
            open,
            gates: Gates {
                cancelled: true,
                target: Target {
                    from_cancelled: true,
                    ..Target::default()
                },
                ..Gates::default()
            },
        };
        let coming = OpenNow {
            reapply_ahead: true,
            ..OpenNow::NONE
        };
        for (open, expected) in [
            (OpenNow::ALL, (true, true)),
            (coming, (false, true)),
            (OpenNow::NONE, (false, false)),
        ] {
            for payment in [Payment::None, Payment::Paid, Payment::Waived] {
                let next = next(live(Review::None, payment), &known(), &rules(open));
                let (open, ahead) = expected;
                assert_eq!(next, Next::Reapply { open, ahead }, "{payment:?}");
            }
        }
        assert_eq!(
            next(
                live(Review::None, Payment::Refunding),
                &known(),
                &rules(OpenNow::ALL)
            ),
            Next::AwaitRefund
        );
    }

    #[test]
    fn a_refusal_names_the_ways_that_are_open() {
        let (review, moves) = (ReviewRules::default(), MoveRules::default());
        let rules = |open| Rules {
            steps: Steps::default(),
            review: &review,
            moves: &moves,
            open,
            gates: Gates::default(),
        };
        let state = live(Review::Rejected, Payment::None);
        assert_eq!(
            next(state, &known(), &rules(OpenNow::ALL)),
            Next::Refused {
                may_move: true,
                may_mend: true,
                may_appeal: true
            }
        );
        assert_eq!(
            next(state, &known(), &rules(OpenNow::NONE)),
            Next::Refused {
                may_move: false,
                may_mend: false,
                may_appeal: false
            }
        );
        assert_eq!(
            next(
                live(Review::Approved, Payment::Due),
                &known(),
                &rules(OpenNow::ALL)
            ),
            Next::Pay { open: true }
        );
        assert_eq!(
            next(
                live(Review::Approved, Payment::Paid),
                &known(),
                &rules(OpenNow::NONE)
            ),
            Next::AwaitSeats
        );
        assert_eq!(
            next(
                live(Review::Pending, Payment::None),
                &known(),
                &rules(OpenNow::NONE)
            ),
            Next::AwaitReview
        );
    }
}
