//! The one function that moves an application: a table of (state, event) behind the exam's gates.

use super::event::{Effect, Event};
use super::moves::{self, MoveRules, Target};
use super::refused::Refused;
use super::state::{Attendance, EndReason, Payment, Review, State, Tracks};
use crate::eligibility::Verdict;
use crate::exam::steps::{PhotoStep, ReviewStep, Steps};
use crate::exam::windows::OpenNow;
use crate::review::{OnTimeout, PhotoState, ReviewEvent, ReviewRules};

/// What is known about the application besides its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gates {
    /// The candidate's current photo.
    pub photo: Option<PhotoState>,
    /// How the candidate compares with the position: `Fail` bars a submission.
    pub verdict: Verdict,
    /// Whether the carried-over file bears out what he chose (老考生).
    pub returning: bool,
    /// Whether the integrity record bars him today.
    pub barred: bool,
    /// Where a 改报 leads, or where a submission goes.
    pub target: Target,
    /// Whether the position that it holds after the step is cancelled: then no gate opens, and nobody reviews.
    pub cancelled: bool,
    /// Whether the present refusal was already appealed.
    pub appealed_before: bool,
    /// Whether the published seat plan holds a seat of his.
    pub seated: bool,
    /// Whether nothing is to pay for what stood there before the step.
    pub was_free: bool,
    /// Whether nothing is to pay for what stands there after it.
    pub free: bool,
}

impl Default for Gates {
    fn default() -> Self {
        Self {
            photo: None,
            verdict: Verdict::Pass,
            returning: false,
            barred: false,
            target: Target::default(),
            cancelled: false,
            appealed_before: false,
            seated: false,
            was_free: false,
            free: false,
        }
    }
}

/// The exam's rules at this moment, and the facts of this application.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'e> {
    /// The exam's step order.
    pub steps: Steps,
    /// The exam's review settings.
    pub review: &'e ReviewRules,
    /// The exam's move settings.
    pub moves: &'e MoveRules,
    /// Which windows are open at the instant that counts.
    pub open: OpenNow,
    /// Facts.
    pub gates: Gates,
}

/// The new state and what must be done in the same transaction, or the rule that forbids it.
pub fn advance(
    state: State,
    event: Event,
    rules: &Rules<'_>,
) -> Result<(State, Vec<Effect>), Refused> {
    match state {
        State::Draft => from_draft(event, rules),
        State::Live(tracks) => from_live(tracks, event, rules),
        State::Ended { reason, tracks } => from_ended(reason, tracks, event, rules),
    }
}

/// Whether the fee may be paid: the steps before it are done.
pub fn payment_open(tracks: Tracks, rules: &Rules<'_>) -> Result<(), Refused> {
    if !rules.steps.has_payment() {
        return Err(Refused::NoPayment);
    }
    if rules.steps.review == ReviewStep::BeforePayment && tracks.review != Review::Approved {
        return Err(Refused::ReviewFirst);
    }
    if rules.steps.photo == PhotoStep::ApprovedBeforePayment {
        photo_approved(rules)?;
    }
    Ok(())
}

/// Whether every step before the seating is done.
pub fn may_be_seated(tracks: Tracks, steps: Steps) -> bool {
    let reviewed = !steps.has_review() || tracks.review == Review::Approved;
    let paid = !steps.has_payment() || matches!(tracks.payment, Payment::Paid | Payment::Waived);
    steps.seating && reviewed && paid
}

fn from_draft(event: Event, rules: &Rules<'_>) -> Result<(State, Vec<Effect>), Refused> {
    match event {
        Event::Submit => {
            if !rules.open.registration {
                return Err(Refused::RegistrationClosed);
            }
            may_enter(rules)?;
            moves::check_target(rules.moves, rules.gates.target)?;
            let mut effects = vec![Effect::AssignNumber, Effect::TakePlace, Effect::Snapshot];
            let tracks = through_gates(Tracks::NEW, rules, &mut effects);
            effects.push(Effect::Notify);
            Ok((State::Live(tracks), effects))
        }
        Event::Withdraw => Ok((
            State::Ended {
                reason: EndReason::Withdrawn,
                tracks: Tracks::NEW,
            },
            Vec::new(),
        )),
        _ => Err(Refused::Impossible(State::Draft, event)),
    }
}

fn from_live(
    tracks: Tracks,
    event: Event,
    rules: &Rules<'_>,
) -> Result<(State, Vec<Effect>), Refused> {
    if let Some(review) = event.review() {
        if rules.gates.cancelled {
            return Err(Refused::PositionCancelled);
        }
        return reviewed(tracks, event, review, rules);
    }
    let impossible = Err(Refused::Impossible(State::Live(tracks), event));
    let mut effects = Vec::new();
    let mut next = tracks;
    match event {
        Event::Edit => {
            next = edited(tracks, rules)?;
            close_debt(&mut next, &mut effects);
            end_freedom(&mut next, rules, &mut effects);
            effects.push(Effect::Snapshot);
        }
        Event::Move => {
            not_arranged(event, rules)?;
            moves::may_move(rules.moves, tracks, rules.open, rules.gates.target)?;
            may_enter(rules)?;
            next.review = Review::None;
            close_debt(&mut next, &mut effects);
            end_freedom(&mut next, rules, &mut effects);
            if tracks.review.waits_for_staff() {
                effects.push(Effect::LeaveQueue);
            }
            effects.extend([Effect::ReleasePlace, Effect::TakePlace, Effect::Snapshot]);
        }
        Event::PhotoApproved => {}
        Event::Pay => match tracks.payment {
            Payment::Due => next.payment = Payment::Paid,
            Payment::None => {
                if rules.gates.cancelled {
                    return Err(Refused::PositionCancelled);
                }
                payment_open(tracks, rules)?;
                next.payment = Payment::Paid;
            }
            _ => return impossible,
        },
        Event::Waive => match tracks.payment {
            Payment::Due => {
                close_debt(&mut next, &mut effects);
                next.payment = Payment::Waived;
            }
            // Paid before it was granted: the money goes back, and the place stays.
            Payment::Paid => next.payment = Payment::Waived,
            Payment::None => {
                return Err(payment_open(tracks, rules)
                    .err()
                    .unwrap_or(Refused::NoPayment));
            }
            _ => return impossible,
        },
        Event::ExpireUnpaid if tracks.payment == Payment::Due && rules.open.payment => {
            return Err(Refused::PaymentStillOpen);
        }
        Event::ExpireUnpaid if tracks.payment == Payment::Due => {
            return Ok(ended(EndReason::Unpaid, tracks));
        }
        Event::Withdraw => {
            not_arranged(event, rules)?;
            if tracks.holds_money() {
                return Err(Refused::WithdrawAfterPayment);
            }
            if !rules.open.registration {
                return Err(Refused::RegistrationClosed);
            }
            return Ok(ended(EndReason::Withdrawn, tracks));
        }
        // Whoever may still choose another position waits for 改报; the others are over at once.
        Event::CancelPosition if may_reapply(tracks, rules) => {
            return Ok(awaiting_reapply(tracks));
        }
        Event::CancelPosition => return Ok(ended(EndReason::PositionCancelled, tracks)),
        Event::Disqualify => return Ok(ended(EndReason::Disqualified, tracks)),
        Event::StartRefund if tracks.payment == Payment::Paid => {
            next.payment = Payment::Refunding;
            return Ok((State::Live(next), vec![Effect::RefundAll, Effect::Notify]));
        }
        Event::AbandonRefund if tracks.payment == Payment::Refunding => {
            next.payment = Payment::Paid;
        }
        Event::FinishRefund if tracks.payment == Payment::Refunding => {
            // Whoever has all his money back has left the exam: the place goes to others. He didn't ask for it, the centre did.
            next.payment = Payment::Refunded;
            return Ok(ended(EndReason::Refunded, next));
        }
        Event::MarkPresent => return attended(tracks, Attendance::Present, event, rules),
        Event::MarkAbsent => return attended(tracks, Attendance::Absent, event, rules),
        Event::MarkViolation => return attended(tracks, Attendance::Violation, event, rules),
        _ => return impossible,
    }
    let next = through_gates(next, rules, &mut effects);
    effects.push(Effect::Notify);
    Ok((State::Live(next), effects))
}

fn from_ended(
    reason: EndReason,
    tracks: Tracks,
    event: Event,
    rules: &Rules<'_>,
) -> Result<(State, Vec<Effect>), Refused> {
    let with = |payment| State::Ended {
        reason,
        tracks: Tracks { payment, ..tracks },
    };
    match (event, tracks.payment) {
        (Event::StartRefund, Payment::Paid) => Ok((
            with(Payment::Refunding),
            vec![Effect::RefundAll, Effect::Notify],
        )),
        (Event::FinishRefund, Payment::Refunding) => {
            Ok((with(Payment::Refunded), vec![Effect::Notify]))
        }
        // Who was told that it began is told that it came to nothing.
        (Event::AbandonRefund, Payment::Refunding) => {
            Ok((with(Payment::Paid), vec![Effect::Notify]))
        }
        (Event::AcceptLate, Payment::Due) if reason == EndReason::Unpaid => {
            // Paid in time, told late: the candidate takes his place again if the position still has one.
            moves::check_target(rules.moves, rules.gates.target)?;
            let mut effects = vec![Effect::TakePlace];
            let paid = Tracks {
                payment: Payment::Paid,
                ..tracks
            };
            let tracks = through_gates(paid, rules, &mut effects);
            effects.push(Effect::Notify);
            Ok((State::Live(tracks), effects))
        }
        _ => Err(Refused::Over(reason, event)),
    }
}

/// A review event, behind the exam's windows.
fn reviewed(
    tracks: Tracks,
    event: Event,
    review: ReviewEvent,
    rules: &Rules<'_>,
) -> Result<(State, Vec<Effect>), Refused> {
    if !rules.steps.has_review() {
        return Err(Refused::NoReview);
    }
    match review {
        ReviewEvent::Approve | ReviewEvent::Return | ReviewEvent::Reject if !rules.open.review => {
            return Err(Refused::ReviewClosed);
        }
        ReviewEvent::Supplement if !rules.open.supplement => return Err(Refused::SupplementClosed),
        // It brings a new profile, so it answers to the same rules as an edit.
        ReviewEvent::Supplement => may_enter(rules)?,
        ReviewEvent::Appeal if !rules.open.appeal => return Err(Refused::AppealClosed),
        ReviewEvent::Reopen if rules.gates.seated => return Err(Refused::Arranged(event)),
        ReviewEvent::Reopen if tracks.holds_money() && !rules.steps.pays_first() => {
            return Err(Refused::Impossible(State::Live(tracks), event));
        }
        _ => {}
    }
    let to = tracks
        .review
        .on(review, rules.review, rules.gates.appealed_before)?;
    let mut next = Tracks {
        review: to,
        ..tracks
    };
    let mut effects = Vec::new();
    match (to, review) {
        (_, ReviewEvent::TimedOut) if to == tracks.review => {
            let escalates = rules.review.on_timeout == OnTimeout::Escalate;
            return Ok((
                State::Live(tracks),
                if escalates {
                    vec![Effect::Escalate]
                } else {
                    Vec::new()
                },
            ));
        }
        (Review::Pending, ReviewEvent::Supplement) => {
            effects.extend([Effect::Snapshot, Effect::QueueReview]);
        }
        (Review::Pending | Review::Appealed | Review::FirstApproved, _) => {
            effects.push(Effect::QueueReview);
        }
        (Review::Rejected, ReviewEvent::Reject | ReviewEvent::SupplementDue) => {
            effects.extend([Effect::CountRejection, Effect::LeaveQueue]);
        }
        _ => effects.push(Effect::LeaveQueue),
    }
    if next.payment == Payment::Due && payment_open(next, rules).is_err() {
        close_debt(&mut next, &mut effects);
    }
    let next = through_gates(next, rules, &mut effects);
    effects.push(Effect::Notify);
    Ok((State::Live(next), effects))
}

/// The tracks after the candidate changed what he submitted.
fn edited(tracks: Tracks, rules: &Rules<'_>) -> Result<Tracks, Refused> {
    not_arranged(Event::Edit, rules)?;
    if !rules.open.registration {
        return Err(Refused::RegistrationClosed);
    }
    if tracks.holds_money() {
        return Err(Refused::EditAfterPayment);
    }
    may_enter(rules)?;
    moves::check_target(rules.moves, rules.gates.target)?;
    let event = if tracks.review == Review::Rejected {
        ReviewEvent::Resubmit
    } else {
        ReviewEvent::Edit
    };
    let review = tracks
        .review
        .on(event, rules.review, rules.gates.appealed_before)?;
    Ok(Tracks { review, ..tracks })
}

/// What holds for whoever enters a position or mends what he entered with: eligible, not barred, with a photo.
fn may_enter(rules: &Rules<'_>) -> Result<(), Refused> {
    if rules.gates.barred {
        return Err(Refused::IntegrityRecord);
    }
    if rules.gates.verdict == Verdict::Fail {
        return Err(Refused::NotEligible);
    }
    match rules.steps.photo {
        PhotoStep::None => Ok(()),
        PhotoStep::ApprovedBeforeApply => photo_approved(rules),
        PhotoStep::Uploaded | PhotoStep::ApprovedBeforePayment => photo_uploaded(rules),
    }
}

fn photo_uploaded(rules: &Rules<'_>) -> Result<(), Refused> {
    match rules.gates.photo {
        Some(PhotoState::Pending | PhotoState::Approved) => Ok(()),
        Some(PhotoState::Rejected | PhotoState::Replaced) | None => Err(Refused::PhotoMissing),
    }
}

fn photo_approved(rules: &Rules<'_>) -> Result<(), Refused> {
    photo_uploaded(rules)?;
    if rules.gates.photo == Some(PhotoState::Approved) {
        Ok(())
    } else {
        Err(Refused::PhotoNotApproved)
    }
}

fn not_arranged(event: Event, rules: &Rules<'_>) -> Result<(), Refused> {
    if rules.gates.seated {
        Err(Refused::Arranged(event))
    } else {
        Ok(())
    }
}

/// Whether a candidate of a cancelled position is left the choice of another one: 改报 is open or to come, no seat was given
/// yet, and the money isn't on its way back.
fn may_reapply(tracks: Tracks, rules: &Rules<'_>) -> bool {
    rules.open.reapply_ahead
        && !rules.gates.seated
        && !matches!(tracks.payment, Payment::Refunding | Payment::Refunded)
}

/// The position is gone, its candidate is not: nobody reviews and nobody pays until he has chosen anew. What was paid stays
/// paid.
fn awaiting_reapply(tracks: Tracks) -> (State, Vec<Effect>) {
    let mut effects = Vec::new();
    let mut next = Tracks {
        review: Review::None,
        ..tracks
    };
    if tracks.review.waits_for_staff() {
        effects.push(Effect::LeaveQueue);
    }
    close_debt(&mut next, &mut effects);
    effects.push(Effect::Notify);
    (State::Live(next), effects)
}

/// Opens whatever the steps now allow.
fn through_gates(mut tracks: Tracks, rules: &Rules<'_>, effects: &mut Vec<Effect>) -> Tracks {
    if rules.gates.cancelled {
        return tracks;
    }
    // Whoever owes nothing has this step behind him as soon as it is his turn, and is never asked to pay 0.
    let pass = |tracks: &mut Tracks| {
        if rules.gates.free
            && tracks.payment == Payment::None
            && payment_open(*tracks, rules).is_ok()
        {
            tracks.payment = Payment::Waived;
        }
    };
    pass(&mut tracks);
    let paid = matches!(tracks.payment, Payment::Paid | Payment::Waived);
    let review_opens = rules.steps.has_review()
        && tracks.review == Review::None
        && (!rules.steps.pays_first() || paid);
    if review_opens {
        if approves_itself(rules) {
            tracks.review = Review::Approved;
        } else {
            tracks.review = Review::Pending;
            effects.push(Effect::QueueReview);
        }
    }
    pass(&mut tracks);
    if tracks.payment == Payment::None && payment_open(tracks, rules).is_ok() {
        tracks.payment = Payment::Due;
        effects.push(Effect::OpenPayment);
    }
    tracks
}

/// Whether nobody need look: every rule is met, or the person was found eligible in an earlier year.
fn approves_itself(rules: &Rules<'_>) -> bool {
    let all_pass = rules.review.auto_when_all_pass && rules.gates.verdict == Verdict::Pass;
    let known = rules.review.auto_returning && rules.gates.returning;
    all_pass || (known && rules.gates.verdict != Verdict::Fail)
}

/// Takes an unpaid debt back; its open order is voided.
fn close_debt(tracks: &mut Tracks, effects: &mut Vec<Effect>) {
    if tracks.payment == Payment::Due {
        tracks.payment = Payment::None;
        effects.push(Effect::CloseOrders);
    }
}

/// Whoever owed nothing, and now picks what costs something, owes it; a review that comes after the payment waits for it again.
fn end_freedom(tracks: &mut Tracks, rules: &Rules<'_>, effects: &mut Vec<Effect>) {
    if tracks.payment != Payment::Waived || !rules.gates.was_free || rules.gates.free {
        return;
    }
    tracks.payment = Payment::None;
    if rules.steps.pays_first() && tracks.review != Review::None {
        if tracks.review.waits_for_staff() {
            effects.push(Effect::LeaveQueue);
        }
        tracks.review = Review::None;
    }
}

fn ended(reason: EndReason, tracks: Tracks) -> (State, Vec<Effect>) {
    let mut effects = vec![Effect::ReleasePlace];
    let mut tracks = tracks;
    if tracks.review.waits_for_staff() {
        effects.push(Effect::LeaveQueue);
    }
    match (tracks.payment, reason) {
        (Payment::Due, _) => effects.push(Effect::CloseOrders),
        (Payment::Paid, EndReason::PositionCancelled) => {
            tracks.payment = Payment::Refunding;
            effects.push(Effect::RefundAll);
        }
        _ => {}
    }
    effects.push(Effect::Notify);
    (State::Ended { reason, tracks }, effects)
}

fn attended(
    tracks: Tracks,
    attendance: Attendance,
    event: Event,
    rules: &Rules<'_>,
) -> Result<(State, Vec<Effect>), Refused> {
    if !rules.gates.seated || !may_be_seated(tracks, rules.steps) {
        return Err(Refused::NotSeated);
    }
    if tracks.attendance == attendance {
        return Err(Refused::Impossible(State::Live(tracks), event));
    }
    Ok((
        State::Live(Tracks {
            attendance,
            ..tracks
        }),
        Vec::new(),
    ))
}
