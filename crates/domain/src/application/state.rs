//! The state of an application: a life and three tracks.

use serde::{Deserialize, Serialize};

use crate::coded::coded;
use crate::money::Fen;
pub use crate::review::Review;

coded! {
    /// The column `life`.
    pub enum Life {
        /// Begun, not submitted.
        Draft = "draft", "草稿";
        /// Submitted and in process.
        Live = "live", "有效";
        /// Over.
        Ended = "ended", "已终止";
    }
}

coded! {
    /// The payment track.
    pub enum Payment {
        /// Not yet open, or the exam is free.
        None = "none", "无需缴费";
        /// The fee may be paid now.
        Due = "due", "待缴费";
        /// The fee is credited.
        Paid = "paid", "已缴费";
        /// The fee is waived (减免).
        Waived = "waived", "已减免";
        /// Money is on its way back.
        Refunding = "refunding", "退款中";
        /// All money went back.
        Refunded = "refunded", "已退款";
    }
}

impl Payment {
    /// What people read where the fee is known: an application whose fee is 0 owes nothing, whatever its track says, and
    /// nothing was granted to it. A waiver (减免) leaves the fee as it was set.
    pub const fn label_for(self, fee: Fen) -> &'static str {
        match self {
            Self::Waived if fee.get() == 0 => Self::None.label(),
            other => other.label(),
        }
    }
}

coded! {
    /// The attendance track.
    pub enum Attendance {
        /// Not yet known.
        None = "none", "未考";
        /// Sat the exam.
        Present = "present", "已参加";
        /// Didn't come.
        Absent = "absent", "缺考";
        /// Broke the rules of the room.
        Violation = "violation", "违纪";
    }
}

coded! {
    /// Why an application ended.
    pub enum EndReason {
        /// The candidate withdrew it.
        Withdrawn = "withdrawn", "考生已取消报名";
        /// The fee wasn't paid in time.
        Unpaid = "unpaid", "逾期未缴费";
        /// The position was cancelled, and the candidate didn't move.
        PositionCancelled = "position_cancelled", "报考岗位已取消";
        /// Taken out by staff with a reason: untrue statements, a sanction.
        Disqualified = "disqualified", "已取消报考资格";
        /// The centre gave all the money back: candidates can't ask for that themselves.
        Refunded = "refunded", "已退费，报名终止";
    }
}

/// The three tracks of a submitted application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tracks {
    /// Qualification review.
    pub review: Review,
    /// Fee.
    pub payment: Payment,
    /// Exam day.
    pub attendance: Attendance,
}

impl Tracks {
    /// The tracks of a fresh submission, before the gates open.
    pub const NEW: Self = Self {
        review: Review::None,
        payment: Payment::None,
        attendance: Attendance::None,
    };

    /// Every combination, for exhaustive tests.
    pub fn all() -> impl Iterator<Item = Self> {
        Review::ALL.iter().flat_map(|review| {
            Payment::ALL.iter().flat_map(move |payment| {
                Attendance::ALL.iter().map(move |attendance| Self {
                    review: *review,
                    payment: *payment,
                    attendance: *attendance,
                })
            })
        })
    }

    /// Whether money was credited and hasn't all gone back.
    pub const fn holds_money(self) -> bool {
        matches!(self.payment, Payment::Paid | Payment::Refunding)
    }
}

/// The state of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "life", rename_all = "snake_case")]
pub enum State {
    /// Begun, not submitted.
    Draft,
    /// Submitted and in process.
    Live(Tracks),
    /// Over. The tracks stay as they were; only a refund still moves.
    Ended {
        /// Why.
        reason: EndReason,
        /// Where the tracks stood.
        tracks: Tracks,
    },
}

impl State {
    /// Builds the state from its stored columns; `None` when they contradict each other.
    pub fn from_parts(life: Life, reason: &str, tracks: Tracks) -> Option<Self> {
        match life {
            Life::Draft if tracks == Tracks::NEW && reason.is_empty() => Some(Self::Draft),
            Life::Live if reason.is_empty() => Some(Self::Live(tracks)),
            Life::Ended => Some(Self::Ended {
                reason: EndReason::from_code(reason)?,
                tracks,
            }),
            _ => None,
        }
    }

    /// The column `life`.
    pub const fn life(self) -> Life {
        match self {
            Self::Draft => Life::Draft,
            Self::Live(_) => Life::Live,
            Self::Ended { .. } => Life::Ended,
        }
    }

    /// The tracks; those of a draft are all at their start.
    pub const fn tracks(self) -> Tracks {
        match self {
            Self::Draft => Tracks::NEW,
            Self::Live(tracks) | Self::Ended { tracks, .. } => tracks,
        }
    }

    /// The column `end_reason`: empty while it lives.
    pub const fn end_reason(self) -> &'static str {
        match self {
            Self::Ended { reason, .. } => reason.code(),
            _ => "",
        }
    }

    /// One phrase for refusals, where the fee isn't known. A waived fee and none at all read alike: 无需缴费 is true of both.
    pub const fn label(self) -> &'static str {
        self.label_for(Fen::ZERO)
    }

    /// One phrase for lists; `fee` is what the application was to pay.
    pub const fn label_for(self, fee: Fen) -> &'static str {
        match self {
            Self::Draft => "草稿，尚未提交",
            Self::Ended { reason, .. } => reason.label(),
            Self::Live(tracks) => match (tracks.attendance, tracks.payment, tracks.review) {
                (Attendance::Present | Attendance::Absent | Attendance::Violation, _, _) => {
                    tracks.attendance.label()
                }
                (_, Payment::Refunding | Payment::Refunded, _) => tracks.payment.label(),
                (_, _, Review::Returned | Review::Rejected | Review::Appealed) => {
                    tracks.review.label()
                }
                (_, Payment::Due, _) => "待缴费",
                (_, _, Review::Pending | Review::FirstApproved) => tracks.review.label(),
                (_, Payment::Paid | Payment::Waived, _) => tracks.payment.label_for(fee),
                (_, Payment::None, Review::Approved) => "审核通过",
                (_, Payment::None, Review::None) => "已提交",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_owes_nothing_is_not_called_waived() {
        let state = State::Live(Tracks {
            review: Review::Approved,
            payment: Payment::Waived,
            attendance: Attendance::None,
        });
        assert_eq!(state.label_for(Fen::new(0)), "无需缴费");
        assert_eq!(state.label_for(Fen::new(6_000)), "已减免");
        for payment in Payment::ALL {
            let same = payment.label_for(Fen::new(0)) == payment.label();
            assert_eq!(same, *payment != Payment::Waived, "{payment:?}");
        }
    }

    #[test]
    fn a_state_reads_back_from_its_columns() {
        for tracks in Tracks::all() {
            let live = State::Live(tracks);
            assert_eq!(
                State::from_parts(live.life(), live.end_reason(), live.tracks()),
                Some(live)
            );
            for reason in EndReason::ALL {
                let ended = State::Ended {
                    reason: *reason,
                    tracks,
                };
                assert_eq!(
                    State::from_parts(ended.life(), ended.end_reason(), ended.tracks()),
                    Some(ended)
                );
            }
            let draft = State::from_parts(Life::Draft, "", tracks);
            assert_eq!(draft, (tracks == Tracks::NEW).then_some(State::Draft));
        }
        assert_eq!(
            State::from_parts(Life::Live, "withdrawn", Tracks::NEW),
            None
        );
        assert_eq!(State::from_parts(Life::Ended, "", Tracks::NEW), None);
    }
}
