//! How far a refund has come, as a payer reads it: 申请 → 审批 → 提交渠道 → 到账, and by when it usually is there.

use super::refund::{Passage, RefundState};
use crate::application::progress::Mark;
use crate::coded::coded;
use crate::time::{Date, Timestamp};

coded! {
    /// A step of a refund.
    pub enum Leg {
        /// Somebody asked for it, or the system did.
        Asked = "asked", "申请";
        /// A second person approved it, or none was needed.
        Approved = "approved", "审批";
        /// The channel has it.
        Sent = "sent", "提交渠道";
        /// The payer has it.
        Arrived = "arrived", "到账";
    }
}

/// The steps with how each stands. The furthest that is true is the present one; what is over is done to the end, or stopped where
/// it stopped.
pub fn legs(state: RefundState, passage: Passage) -> [(Leg, Mark); 4] {
    use Mark as M;
    let marks = match state {
        RefundState::Requested => [M::Here, M::Todo, M::Todo, M::Todo],
        RefundState::Approved => [M::Done, M::Here, M::Todo, M::Todo],
        RefundState::Submitted | RefundState::Unknown => [M::Done, M::Done, M::Here, M::Todo],
        RefundState::Succeeded => [M::Done, M::Done, M::Done, M::Done],
        RefundState::Abnormal => [M::Done, M::Done, M::Done, M::Stopped],
        RefundState::Failed if passage.sent => [M::Done, M::Done, M::Done, M::Stopped],
        RefundState::Failed => [M::Done, M::Stopped, M::Off, M::Off],
    };
    let [asked, approved, sent, arrived] = marks;
    [
        (Leg::Asked, asked),
        (Leg::Approved, approved),
        (Leg::Sent, sent),
        (Leg::Arrived, arrived),
    ]
}

/// Working days from the moment on that a channel has it: most are faster, a bank card is the slowest.
const WORKING_DAYS: u32 = 7;

/// The day by which the money usually is there. Public holidays aren't known here: over one it takes longer.
pub fn expected(sent: Timestamp) -> Date {
    let mut day = sent.date();
    let mut left = WORKING_DAYS;
    while left > 0 {
        day = day.plus_days(1);
        // 1970-01-01 in Beijing was a Thursday: 0 is a Monday, 5 and 6 are the weekend.
        let days = (day.start().seconds() + 8 * 3600).div_euclid(86_400);
        if (days + 3).rem_euclid(7) < 5 {
            left -= 1;
        }
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refund_is_where_it_stands() {
        let read = |state, sent| {
            let passage = Passage {
                sent,
                decided: false,
            };
            legs(state, passage).map(|(_, mark)| mark)
        };
        for state in RefundState::ALL {
            for sent in [false, true] {
                let marks = read(*state, sent);
                let stands = marks
                    .iter()
                    .filter(|mark| matches!(mark, Mark::Here | Mark::Stopped))
                    .count();
                let over = *state == RefundState::Succeeded;
                assert_eq!(stands, usize::from(!over), "{state:?}");
                // Nothing comes after what is to come or stopped.
                let done = marks.iter().take_while(|mark| **mark == Mark::Done).count();
                assert!(marks.iter().skip(done).all(|mark| *mark != Mark::Done));
            }
        }
        assert_eq!(read(RefundState::Failed, false)[1], Mark::Stopped);
        assert_eq!(read(RefundState::Failed, true)[3], Mark::Stopped);
    }

    #[test]
    fn weekends_are_no_working_days() {
        for (sent, there) in [
            // A Monday; the seventh working day is the Wednesday after the next weekend.
            ("2026-03-16 10:00", "2026-03-25"),
            // Friday evening.
            ("2026-03-20 22:00", "2026-03-31"),
            ("2026-03-21 09:00", "2026-03-31"),
            ("2026-03-22 23:59", "2026-03-31"),
        ] {
            let day = expected(Timestamp::parse_local(sent).unwrap());
            assert_eq!(day.to_string(), there, "{sent}");
        }
    }
}
