//! A list that is made, looked at by a second person and published at a set time: 入围名单, 总成绩, 体检名单, 聘用名单.
//!
//! ```text
//! Staging → Draft → Checked → Published → Superseded;  Staging | Draft | Checked → Discarded
//! Published → Checked before its time (撤回), and then the one before is in force again: Superseded → Published
//! ```

use crate::coded::coded;

coded! {
    /// What a list is for.
    pub enum RoundKind {
        /// Who comes to the interview.
        Shortlist = "shortlist", "入围名单";
        /// Combined totals and ranks.
        Total = "total", "总成绩和排名";
        /// Who comes to the 体检.
        Medical = "medical", "体检名单";
        /// Who is hired.
        Hire = "hire", "聘用名单";
    }
}

coded! {
    /// Where a list stands.
    pub enum RoundState {
        /// Rows are being written.
        Staging = "staging", "正在生成";
        /// Complete, waits for the second person.
        Draft = "draft", "待核对";
        /// Looked at by the second person.
        Checked = "checked", "待公布";
        /// In force from its time on.
        Published = "published", "已公布";
        /// A later one took its place.
        Superseded = "superseded", "已被替换";
        /// Given up before publication.
        Discarded = "discarded", "已放弃";
    }
}

coded! {
    /// What happens to a list.
    pub enum RoundEvent {
        /// All rows are there.
        Finish = "finish", "生成完成";
        /// A second person has looked at it.
        Check = "check", "核对无误";
        /// It gets its time.
        Publish = "publish", "公布";
        /// Its time is taken back before it came.
        Withdraw = "withdraw", "撤回定时公布";
        /// A later one was published.
        Supersede = "supersede", "被替换";
        /// The later one was withdrawn.
        Reinstate = "reinstate", "恢复";
        /// Given up.
        Discard = "discard", "放弃";
    }
}

/// Why a list can't take an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RoundRefused {
    /// The event doesn't belong to the state.
    #[error("名单{}，不能{}", .0.label(), .1.label())]
    Impossible(RoundState, RoundEvent),
    /// The same person made it.
    #[error("核对须由生成名单以外的人员进行")]
    CheckerIsMaker,
    /// It takes the place of a published one without a reason.
    #[error("已公布的名单要更改，请写明原因")]
    NoReason,
    /// Its time has come.
    #[error("名单已经公布，不能撤回；要更改请重新生成名单")]
    Seen,
}

/// Who and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hands<'r> {
    /// Who made the list.
    pub made_by: i64,
    /// Who acts now.
    pub actor: i64,
    /// Whether one of its kind is published already.
    pub replaces: bool,
    /// Why that one is replaced.
    pub reason: &'r str,
    /// Whether its time has come, so that people may have seen it.
    pub seen: bool,
}

impl RoundState {
    /// The next state.
    ///
    /// # Errors
    /// Why it can't.
    pub fn on(self, event: RoundEvent, hands: Hands<'_>) -> Result<Self, RoundRefused> {
        use RoundEvent as E;
        use RoundState as S;
        match (self, event) {
            (S::Staging, E::Finish) => Ok(S::Draft),
            (S::Draft, E::Check) if hands.actor == hands.made_by => {
                Err(RoundRefused::CheckerIsMaker)
            }
            (S::Draft, E::Check) => Ok(S::Checked),
            (S::Checked, E::Publish) if hands.replaces && hands.reason.trim().is_empty() => {
                Err(RoundRefused::NoReason)
            }
            (S::Checked, E::Publish) | (S::Superseded, E::Reinstate) => Ok(S::Published),
            (S::Published, E::Withdraw) if hands.seen => Err(RoundRefused::Seen),
            (S::Published, E::Withdraw) => Ok(S::Checked),
            (S::Published, E::Supersede) => Ok(S::Superseded),
            (S::Staging | S::Draft | S::Checked, E::Discard) => Ok(S::Discarded),
            (state, event) => Err(RoundRefused::Impossible(state, event)),
        }
    }

    /// Whether the same kind of list can't be made anew yet.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Staging | Self::Draft | Self::Checked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HANDS: Hands<'_> = Hands {
        made_by: 1,
        actor: 2,
        replaces: false,
        reason: "",
        seen: false,
    };

    #[test]
    fn every_pair_of_state_and_event() {
        use RoundState as S;
        // Columns: Finish, Check, Publish, Withdraw, Supersede, Reinstate, Discard.
        let n = None;
        let (d, p) = (Some(S::Discarded), Some(S::Published));
        let table = [
            (S::Staging, [Some(S::Draft), n, n, n, n, n, d]),
            (S::Draft, [n, Some(S::Checked), n, n, n, n, d]),
            (S::Checked, [n, n, p, n, n, n, d]),
            (
                S::Published,
                [n, n, n, Some(S::Checked), Some(S::Superseded), n, n],
            ),
            (S::Superseded, [n, n, n, n, n, p, n]),
            (S::Discarded, [n; 7]),
        ];
        assert_eq!(table.len(), S::ALL.len());
        for (state, row) in table {
            assert_eq!(row.len(), RoundEvent::ALL.len());
            for (event, next) in RoundEvent::ALL.iter().zip(row) {
                assert_eq!(state.on(*event, HANDS).ok(), next, "{state:?} {event:?}");
            }
            assert_eq!(state.is_open(), row[6].is_some(), "{state:?}");
        }
    }

    #[test]
    fn it_takes_another_person_a_reason_and_its_time() {
        let own = Hands { actor: 1, ..HANDS };
        assert_eq!(
            RoundState::Draft.on(RoundEvent::Check, own),
            Err(RoundRefused::CheckerIsMaker)
        );
        let again = Hands {
            replaces: true,
            reason: "  ",
            ..HANDS
        };
        assert_eq!(
            RoundState::Checked.on(RoundEvent::Publish, again),
            Err(RoundRefused::NoReason)
        );
        let told = Hands {
            reason: "成绩更正",
            ..again
        };
        assert_eq!(
            RoundState::Checked.on(RoundEvent::Publish, told),
            Ok(RoundState::Published)
        );
        let seen = Hands {
            seen: true,
            ..HANDS
        };
        assert_eq!(
            RoundState::Published.on(RoundEvent::Withdraw, seen),
            Err(RoundRefused::Seen)
        );
    }
}
