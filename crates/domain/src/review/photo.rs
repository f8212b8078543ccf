//! The photo's review.
//!
//! ```text
//! Pending → Approved | Rejected;  Pending | Approved | Rejected → Replaced
//! ```
//! A candidate may replace the photo until it is frozen by the seating of an exam that uses it; an approved photo
//! that is replaced is a new row in `Pending`.

use crate::coded::coded;

coded! {
    /// Where one uploaded photo stands.
    pub enum PhotoState {
        /// Uploaded, waits for a reviewer.
        Pending = "pending", "待审核";
        /// Good for every exam with this specification.
        Approved = "approved", "已通过";
        /// Refused with a reason; the candidate uploads another.
        Rejected = "rejected", "未通过";
        /// A later upload took its place. Final.
        Replaced = "replaced", "已替换";
    }
}

coded! {
    /// What happens to a photo.
    pub enum PhotoEvent {
        /// A reviewer accepts it.
        Approve = "approve", "通过";
        /// A reviewer refuses it, with a reason.
        Reject = "reject", "不通过";
        /// A second person takes an earlier decision back.
        Reopen = "reopen", "重新审核";
        /// The candidate uploads another one.
        Replace = "replace", "重新上传";
    }
}

/// Why a photo can't take an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhotoRefused {
    /// The event doesn't belong to the state.
    #[error("照片{}，不能{}", .0.label(), .1.label())]
    Impossible(PhotoState, PhotoEvent),
    /// Seats are arranged: tickets and sign-in sheets carry this photo.
    #[error("考场已编排，照片不能再更换。确需更换的，请联系考试机构")]
    Frozen,
}

impl PhotoState {
    /// The next state. `frozen`: an exam that uses the photo has arranged its seats.
    pub fn on(self, event: PhotoEvent, frozen: bool) -> Result<Self, PhotoRefused> {
        use PhotoEvent as E;
        use PhotoState as S;
        match (self, event) {
            (S::Pending, E::Approve) => Ok(S::Approved),
            (S::Pending, E::Reject) => Ok(S::Rejected),
            (S::Approved | S::Rejected, E::Reopen) => Ok(S::Pending),
            (S::Pending | S::Approved, E::Replace) if frozen => Err(PhotoRefused::Frozen),
            (S::Pending | S::Approved | S::Rejected, E::Replace) => Ok(S::Replaced),
            (state, event) => Err(PhotoRefused::Impossible(state, event)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_state_and_event() {
        use PhotoState as S;
        // Columns: Approve, Reject, Reopen, Replace, Replace when frozen. `None` is refused.
        let table = [
            (
                S::Pending,
                [
                    Some(S::Approved),
                    Some(S::Rejected),
                    None,
                    Some(S::Replaced),
                    None,
                ],
            ),
            (
                S::Approved,
                [None, None, Some(S::Pending), Some(S::Replaced), None],
            ),
            (
                S::Rejected,
                [
                    None,
                    None,
                    Some(S::Pending),
                    Some(S::Replaced),
                    Some(S::Replaced),
                ],
            ),
            (S::Replaced, [None, None, None, None, None]),
        ];
        assert_eq!(table.len(), S::ALL.len());
        for (state, row) in table {
            for (event, next) in PhotoEvent::ALL.iter().zip(row) {
                assert_eq!(state.on(*event, false).ok(), next, "{state:?} {event:?}");
            }
            assert_eq!(
                state.on(PhotoEvent::Replace, true).ok(),
                row[4],
                "{state:?} frozen"
            );
        }
    }

    #[test]
    fn a_refusal_says_what_stands_in_the_way() {
        assert_eq!(
            PhotoState::Approved
                .on(PhotoEvent::Approve, false)
                .unwrap_err()
                .to_string(),
            "照片已通过，不能通过"
        );
        assert!(
            PhotoState::Approved
                .on(PhotoEvent::Replace, true)
                .unwrap_err()
                .to_string()
                .contains("考场已编排")
        );
    }
}
