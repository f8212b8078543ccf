//! A candidate's claim to a bonus: evidence, a first look, a second person's approval.
//!
//! ```text
//! Pending → Proposed → Granted → Revoked (asked for by one, done by another)
//! Proposed → Pending (sent back);  Pending | Proposed → Rejected;  Pending → Withdrawn;  Pending | Proposed → Void
//! ```
//! What was rejected takes a second person once a first one was for it. Source: reference `domain.md` §9 (application, evidence,
//! department approval, publicity).

use crate::coded::coded;

coded! {
    /// Where a claim stands.
    pub enum ClaimState {
        /// Nobody has looked.
        Pending = "pending", "待初审";
        /// One person is for it.
        Proposed = "proposed", "待复核";
        /// It counts.
        Granted = "granted", "已同意";
        /// Refused with a reason.
        Rejected = "rejected", "未同意";
        /// Taken back by the candidate.
        Withdrawn = "withdrawn", "已撤回";
        /// It counted, and was taken away.
        Revoked = "revoked", "已取消";
        /// The application ended before anybody decided.
        Void = "void", "已失效";
    }
}

coded! {
    /// What happens to a claim.
    pub enum ClaimEvent {
        /// The first person is for it.
        Propose = "propose", "初审同意";
        /// The second person is, too.
        Grant = "grant", "复核同意";
        /// The second person wants it looked at again.
        SendBack = "send_back", "退回初审";
        /// Refused.
        Reject = "reject", "不同意";
        /// The candidate takes it back.
        Withdraw = "withdraw", "撤回";
        /// Somebody asks for it to be taken away.
        AskRevoke = "ask_revoke", "提出取消";
        /// Another person takes it away.
        Revoke = "revoke", "取消";
        /// Another person leaves it.
        KeepGranted = "keep_granted", "不取消";
        /// The application ended.
        Lapse = "lapse", "随报名终止";
    }
}

/// Why a claim can't take an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimRefused {
    /// The event doesn't belong to the state.
    #[error("加分申请{}，不能{}", .0.label(), .1.label())]
    Impossible(ClaimState, ClaimEvent),
    /// The same person was for it.
    #[error("复核须由初审以外的人员进行")]
    SamePerson,
    /// The same person asked for it.
    #[error("取消须由提出以外的人员办理")]
    SameAsker,
    /// Nobody has asked for it, or somebody has already.
    #[error("加分的取消应先由一人提出，再由另一人办理")]
    NotInTurn,
}

/// Who has done what, and who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hands {
    /// Who was for it; 0 for nobody.
    pub proposed_by: i64,
    /// Who asks for it to be taken away; 0 for nobody.
    pub revoke_asked_by: i64,
    /// Who acts now; 0 for the system.
    pub actor: i64,
}

impl ClaimState {
    /// The next state.
    ///
    /// # Errors
    /// Why it can't.
    pub fn on(self, event: ClaimEvent, hands: Hands) -> Result<Self, ClaimRefused> {
        use ClaimEvent as E;
        use ClaimState as S;
        let asked = hands.revoke_asked_by != 0;
        match (self, event) {
            (S::Pending, E::Propose) => Ok(S::Proposed),
            (S::Proposed, E::Grant | E::Reject) if hands.actor == hands.proposed_by => {
                Err(ClaimRefused::SamePerson)
            }
            (S::Proposed, E::Grant) => Ok(S::Granted),
            // Whoever was for it may think better of it himself.
            (S::Proposed, E::SendBack) => Ok(S::Pending),
            (S::Pending | S::Proposed, E::Reject) => Ok(S::Rejected),
            (S::Pending, E::Withdraw) => Ok(S::Withdrawn),
            (S::Pending | S::Proposed, E::Lapse) => Ok(S::Void),
            (S::Granted, E::AskRevoke) if asked => Err(ClaimRefused::NotInTurn),
            (S::Granted, E::Revoke | E::KeepGranted) if !asked => Err(ClaimRefused::NotInTurn),
            (S::Granted, E::Revoke | E::KeepGranted) if hands.actor == hands.revoke_asked_by => {
                Err(ClaimRefused::SameAsker)
            }
            (S::Granted, E::AskRevoke | E::KeepGranted) => Ok(S::Granted),
            (S::Granted, E::Revoke) => Ok(S::Revoked),
            (state, event) => Err(ClaimRefused::Impossible(state, event)),
        }
    }

    /// Whether it stands in the way of another one of its kind.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Pending | Self::Proposed | Self::Granted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRESH: Hands = Hands {
        proposed_by: 1,
        revoke_asked_by: 0,
        actor: 2,
    };
    const ASKED: Hands = Hands {
        revoke_asked_by: 1,
        ..FRESH
    };

    #[test]
    fn every_pair_of_state_and_event() {
        use ClaimState as S;
        let n = None;
        let (p, r, v) = (Some(S::Proposed), Some(S::Rejected), Some(S::Void));
        let (g, k) = (Some(S::Granted), Some(S::Revoked));
        // Columns: Propose, Grant, SendBack, Reject, Withdraw, AskRevoke, Revoke, KeepGranted, Lapse.
        let table = [
            (S::Pending, [p, n, n, r, Some(S::Withdrawn), n, n, n, v]),
            (S::Proposed, [n, g, Some(S::Pending), r, n, n, n, n, v]),
            (S::Granted, [n, n, n, n, n, g, k, g, n]),
            (S::Rejected, [n; 9]),
            (S::Withdrawn, [n; 9]),
            (S::Revoked, [n; 9]),
            (S::Void, [n; 9]),
        ];
        assert_eq!(table.len(), S::ALL.len());
        for (state, row) in table {
            assert_eq!(row.len(), ClaimEvent::ALL.len());
            for (event, next) in ClaimEvent::ALL.iter().zip(row) {
                let hands = match event {
                    ClaimEvent::Revoke | ClaimEvent::KeepGranted => ASKED,
                    _ => FRESH,
                };
                assert_eq!(state.on(*event, hands).ok(), next, "{state:?} {event:?}");
            }
            let moves = row.iter().any(Option::is_some);
            assert_eq!(state.is_live(), moves, "{state:?}");
        }
    }

    #[test]
    fn granting_and_taking_away_take_two() {
        use ClaimEvent as E;
        use ClaimState as S;
        let own = Hands { actor: 1, ..FRESH };
        assert_eq!(S::Proposed.on(E::Grant, own), Err(ClaimRefused::SamePerson));
        assert_eq!(
            S::Proposed.on(E::Reject, own),
            Err(ClaimRefused::SamePerson)
        );
        assert_eq!(S::Proposed.on(E::SendBack, own), Ok(S::Pending));
        let own = Hands { actor: 1, ..ASKED };
        assert_eq!(S::Granted.on(E::Revoke, own), Err(ClaimRefused::SameAsker));
        assert_eq!(
            S::Granted.on(E::KeepGranted, own),
            Err(ClaimRefused::SameAsker)
        );
        assert_eq!(
            S::Granted.on(E::Revoke, FRESH),
            Err(ClaimRefused::NotInTurn)
        );
        assert_eq!(
            S::Granted.on(E::AskRevoke, ASKED),
            Err(ClaimRefused::NotInTurn)
        );
    }
}
