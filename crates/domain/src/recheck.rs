//! 成绩复查: a candidate asks, one person looks, another confirms; a mistake is corrected by a later batch of scores.
//!
//! ```text
//! Filed → Found → Upheld
//!               → Correcting → Corrected   with the publication of the batch that has the right mark
//! Filed → Withdrawn | Refused;  Found → Filed, Correcting → Found (sent back)
//! ```
//! Whether something was left out, wrongly entered or wrongly added, never how it was marked. Subjective papers; objective ones only where
//! a zero or an absence is disputed; once a subject. Source: reference `domain.md` §9.

use crate::coded::coded;
use crate::score::{Flag, Mark};

coded! {
    /// Why one may ask.
    pub enum Ground {
        /// The subject has questions that people marked.
        Subjective = "subjective", "主观题漏评、登分、合分";
        /// The mark is zero.
        Zero = "zero", "成绩为零分";
        /// He is said to have been absent.
        Absent = "absent", "成绩为缺考";
    }
}

/// Why one may not ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAsked {
    /// Outside of the window, or the exam has none.
    #[error("现在不是成绩复查的申请时间")]
    Closed,
    /// Asked before.
    #[error("每个科目只能申请一次复查")]
    Again,
    /// A sanction has its own way of appeal.
    #[error("违纪或成绩无效的处理有异议的，请按处理决定告知的途径申诉")]
    Sanction,
    /// A machine marked it.
    #[error("客观题由机器评阅，成绩为零分或缺考的才受理复查")]
    Objective,
}

/// Whether and on what ground somebody may ask for a subject. `open`: the window; `asked`: whether he did before, unless he took it back;
/// `has_subjective`: whether people marked some of it.
///
/// # Errors
/// Why not, in the candidate's words.
pub fn may_ask(
    open: bool,
    asked: bool,
    mark: Mark,
    has_subjective: bool,
) -> Result<Ground, NotAsked> {
    if !open {
        return Err(NotAsked::Closed);
    }
    if asked {
        return Err(NotAsked::Again);
    }
    match mark {
        Mark::Violation | Mark::Invalidated => Err(NotAsked::Sanction),
        Mark::Absent => Ok(Ground::Absent),
        Mark::Normal(_) if has_subjective => Ok(Ground::Subjective),
        Mark::Normal(number) if number.is_zero() => Ok(Ground::Zero),
        Mark::Normal(_) => Err(NotAsked::Objective),
    }
}

coded! {
    /// Where a request stands.
    pub enum RecheckState {
        /// Nobody has looked.
        Filed = "filed", "待处理";
        /// Taken back by the candidate.
        Withdrawn = "withdrawn", "已撤回";
        /// Not one to be looked at; with a reason.
        Refused = "refused", "不予受理";
        /// One person has looked.
        Found = "found", "待复核";
        /// The mark is right.
        Upheld = "upheld", "维持原成绩";
        /// It isn't; waits for the batch with the right one.
        Correcting = "correcting", "待更正";
        /// The right one is published.
        Corrected = "corrected", "已更正";
    }
}

coded! {
    /// What happens to a request.
    pub enum RecheckEvent {
        /// The candidate takes it back.
        Withdraw = "withdraw", "撤回";
        /// Not looked at.
        Refuse = "refuse", "不予受理";
        /// Somebody has looked and says what the mark should be.
        Find = "find", "登记复查结果";
        /// The second person wants it looked at again, or the correction wasn't to be.
        SendBack = "send_back", "退回";
        /// The second person agrees: the mark is right.
        Uphold = "uphold", "维持原成绩";
        /// The second person agrees: it has to be corrected.
        Correct = "correct", "更正成绩";
        /// The batch with the right one was published.
        Publish = "publish", "公布更正";
    }
}

/// Why a request can't take an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecheckRefused {
    /// The event doesn't belong to the state.
    #[error("复查申请{}，不能{}", .0.label(), .1.label())]
    Impossible(RecheckState, RecheckEvent),
    /// The same person looked.
    #[error("复核须由登记复查结果以外的人员进行")]
    SamePerson,
    /// The finding says something else.
    #[error("复查结果与原成绩不同，不能维持原成绩")]
    Differs,
    /// The finding says nothing else.
    #[error("复查结果与原成绩相同，没有要更正的")]
    Same,
}

/// Who acts on what finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// Who looked; 0 for nobody yet.
    pub found_by: i64,
    /// Who acts now.
    pub actor: i64,
    /// Whether what was found differs from the published mark.
    pub differs: bool,
}

impl RecheckState {
    /// The next state.
    ///
    /// # Errors
    /// Why it can't.
    pub fn on(self, event: RecheckEvent, finding: Finding) -> Result<Self, RecheckRefused> {
        use RecheckEvent as E;
        use RecheckState as S;
        match (self, event) {
            (S::Filed, E::Withdraw) => Ok(S::Withdrawn),
            (S::Filed, E::Refuse) => Ok(S::Refused),
            (S::Filed, E::Find) | (S::Correcting, E::SendBack) => Ok(S::Found),
            (S::Found, E::SendBack) => Ok(S::Filed),
            (S::Found, E::Uphold | E::Correct) if finding.actor == finding.found_by => {
                Err(RecheckRefused::SamePerson)
            }
            (S::Found, E::Uphold) if finding.differs => Err(RecheckRefused::Differs),
            (S::Found, E::Uphold) => Ok(S::Upheld),
            (S::Found, E::Correct) if !finding.differs => Err(RecheckRefused::Same),
            (S::Found, E::Correct) => Ok(S::Correcting),
            (S::Correcting, E::Publish) => Ok(S::Corrected),
            (state, event) => Err(RecheckRefused::Impossible(state, event)),
        }
    }

    /// Whether somebody still has to do something.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Filed | Self::Found | Self::Correcting)
    }
}

/// Whether a finding changes anything: another number or another flag. `82.5` and `82.50` are one mark.
pub fn differs(published: Mark, found: Mark) -> bool {
    published.flag() != found.flag()
        || (published.flag() == Flag::Normal && published.number() != found.number())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::Decimal;

    fn n(text: &str) -> Mark {
        Mark::Normal(text.parse().unwrap())
    }

    #[test]
    fn every_pair_of_state_and_event_with_either_finding() {
        use RecheckState as S;
        let x = None;
        let (found, filed) = (Some(S::Found), Some(S::Filed));
        // Columns: Withdraw, Refuse, Find, SendBack, Uphold, Correct, Publish.
        let table = |differs: bool| {
            let upheld = (!differs).then_some(S::Upheld);
            let correcting = differs.then_some(S::Correcting);
            [
                (
                    S::Filed,
                    [Some(S::Withdrawn), Some(S::Refused), found, x, x, x, x],
                ),
                (S::Withdrawn, [x; 7]),
                (S::Refused, [x; 7]),
                (S::Found, [x, x, x, filed, upheld, correcting, x]),
                (S::Upheld, [x; 7]),
                (S::Correcting, [x, x, x, found, x, x, Some(S::Corrected)]),
                (S::Corrected, [x; 7]),
            ]
        };
        for differs in [false, true] {
            let finding = Finding {
                found_by: 1,
                actor: 2,
                differs,
            };
            let table = table(differs);
            assert_eq!(table.len(), S::ALL.len());
            for (state, row) in table {
                assert_eq!(row.len(), RecheckEvent::ALL.len());
                for (event, next) in RecheckEvent::ALL.iter().zip(row) {
                    assert_eq!(state.on(*event, finding).ok(), next, "{state:?} {event:?}");
                }
                assert_eq!(
                    state.is_open(),
                    row.iter().any(Option::is_some),
                    "{state:?}"
                );
            }
        }
    }

    #[test]
    fn the_answer_takes_another_person_and_follows_the_finding() {
        let of = |event, found_by, differs| {
            let finding = Finding {
                found_by,
                actor: 2,
                differs,
            };
            RecheckState::Found.on(event, finding)
        };
        use RecheckEvent::{Correct, Uphold};
        assert_eq!(of(Uphold, 2, false), Err(RecheckRefused::SamePerson));
        assert_eq!(of(Correct, 2, true), Err(RecheckRefused::SamePerson));
        assert_eq!(of(Uphold, 1, true), Err(RecheckRefused::Differs));
        assert_eq!(of(Correct, 1, false), Err(RecheckRefused::Same));
    }

    #[test]
    fn one_may_ask_about_what_people_marked_and_about_zeros_and_absences() {
        let zero = Mark::Normal(Decimal::ZERO);
        for (mark, subjective, expected) in [
            (n("61.5"), true, Ok(Ground::Subjective)),
            (n("61.5"), false, Err(NotAsked::Objective)),
            (zero, true, Ok(Ground::Subjective)),
            (zero, false, Ok(Ground::Zero)),
            (n("0.00"), false, Ok(Ground::Zero)),
            (Mark::Absent, true, Ok(Ground::Absent)),
            (Mark::Absent, false, Ok(Ground::Absent)),
            (Mark::Violation, true, Err(NotAsked::Sanction)),
            (Mark::Invalidated, false, Err(NotAsked::Sanction)),
        ] {
            assert_eq!(may_ask(true, false, mark, subjective), expected, "{mark:?}");
            assert_eq!(
                may_ask(false, false, mark, subjective),
                Err(NotAsked::Closed)
            );
            assert_eq!(may_ask(true, true, mark, subjective), Err(NotAsked::Again));
        }
    }

    #[test]
    fn a_finding_differs_by_number_or_by_flag() {
        for (published, found, expected) in [
            (n("82.5"), n("82.50"), false),
            (n("82.5"), n("82.4"), true),
            (n("0"), Mark::Absent, true),
            (Mark::Absent, n("0"), true),
            (Mark::Absent, Mark::Absent, false),
            (Mark::Absent, Mark::Violation, true),
        ] {
            assert_eq!(
                differs(published, found),
                expected,
                "{published:?} {found:?}"
            );
        }
    }
}
