//! An interview's plan: groups, the draw, the marks.
//!
//! ```text
//! Staging → Ready → Published → Drawn → Closed (→ Drawn, to correct marks);  Published → Superseded;  Staging | Ready → Discarded
//! ```
//! Once it is drawn no other takes its place: whoever doesn't like an order can't have another one.

use crate::coded::coded;

coded! {
    /// Where a plan stands.
    pub enum PlanState {
        /// Groups are being written.
        Staging = "staging", "正在编排";
        /// Complete; people can still be moved.
        Ready = "ready", "待公布";
        /// In force; the seed's hash stands in public.
        Published = "published", "已公布";
        /// The orders are drawn, the seed stands in public.
        Drawn = "drawn", "已抽签";
        /// Everybody has a result.
        Closed = "closed", "成绩已归集";
        /// A later one took its place before the draw.
        Superseded = "superseded", "已被替换";
        /// Given up before publication.
        Discarded = "discarded", "已放弃";
    }
}

coded! {
    /// What happens to a plan.
    pub enum PlanEvent {
        /// All groups are there.
        Finish = "finish", "编排完成";
        /// A second person publishes it.
        Publish = "publish", "公布";
        /// The orders are drawn.
        Draw = "draw", "抽签";
        /// Every result is agreed on.
        Close = "close", "成绩归集";
        /// A result has to be corrected.
        Reopen = "reopen", "更正面试成绩";
        /// A later one was published.
        Supersede = "supersede", "被替换";
        /// Given up.
        Discard = "discard", "放弃";
    }
}

/// Why a plan can't take an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlanRefused {
    /// The event doesn't belong to the state.
    #[error("面试安排{}，不能{}", .0.label(), .1.label())]
    Impossible(PlanState, PlanEvent),
    /// The same person made it.
    #[error("公布须由编排以外的人员进行")]
    PublisherIsMaker,
    /// Somebody has no agreed result.
    #[error("还有 {0} 人没有核对一致的面试成绩")]
    Unfinished(u32),
    /// A correction without a reason.
    #[error("更正面试成绩请写明原因")]
    NoReason,
}

/// Who, why and how far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hands<'r> {
    /// Who made the plan.
    pub made_by: i64,
    /// Who acts now.
    pub actor: i64,
    /// People without an agreed result.
    pub unfinished: u32,
    /// Why results are corrected.
    pub reason: &'r str,
}

impl PlanState {
    /// The next state.
    ///
    /// # Errors
    /// Why it can't.
    pub fn on(self, event: PlanEvent, hands: Hands<'_>) -> Result<Self, PlanRefused> {
        use PlanEvent as E;
        use PlanState as S;
        match (self, event) {
            (S::Staging, E::Finish) => Ok(S::Ready),
            (S::Ready, E::Publish) if hands.actor == hands.made_by => {
                Err(PlanRefused::PublisherIsMaker)
            }
            (S::Ready, E::Publish) => Ok(S::Published),
            (S::Published, E::Draw) => Ok(S::Drawn),
            (S::Drawn, E::Close) if hands.unfinished > 0 => {
                Err(PlanRefused::Unfinished(hands.unfinished))
            }
            (S::Drawn, E::Close) => Ok(S::Closed),
            (S::Closed, E::Reopen) if hands.reason.trim().is_empty() => Err(PlanRefused::NoReason),
            (S::Closed, E::Reopen) => Ok(S::Drawn),
            (S::Published, E::Supersede) => Ok(S::Superseded),
            (S::Staging | S::Ready, E::Discard) => Ok(S::Discarded),
            (state, event) => Err(PlanRefused::Impossible(state, event)),
        }
    }

    /// Whether it is the exam's plan.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Published | Self::Drawn | Self::Closed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HANDS: Hands<'_> = Hands {
        made_by: 1,
        actor: 2,
        unfinished: 0,
        reason: "登分有误",
    };

    #[test]
    fn every_pair_of_state_and_event() {
        use PlanState as S;
        // Columns: Finish, Publish, Draw, Close, Reopen, Supersede, Discard.
        let n = None;
        let (d, w) = (Some(S::Discarded), Some(S::Drawn));
        let table = [
            (S::Staging, [Some(S::Ready), n, n, n, n, n, d]),
            (S::Ready, [n, Some(S::Published), n, n, n, n, d]),
            (S::Published, [n, n, w, n, n, Some(S::Superseded), n]),
            (S::Drawn, [n, n, n, Some(S::Closed), n, n, n]),
            (S::Closed, [n, n, n, n, w, n, n]),
            (S::Superseded, [n; 7]),
            (S::Discarded, [n; 7]),
        ];
        assert_eq!(table.len(), S::ALL.len());
        for (state, row) in table {
            assert_eq!(row.len(), PlanEvent::ALL.len());
            for (event, next) in PlanEvent::ALL.iter().zip(row) {
                assert_eq!(state.on(*event, HANDS).ok(), next, "{state:?} {event:?}");
            }
        }
    }

    #[test]
    fn it_takes_another_person_all_results_and_a_reason() {
        let own = Hands { actor: 1, ..HANDS };
        assert_eq!(
            PlanState::Ready.on(PlanEvent::Publish, own),
            Err(PlanRefused::PublisherIsMaker)
        );
        let early = Hands {
            unfinished: 3,
            ..HANDS
        };
        assert_eq!(
            PlanState::Drawn.on(PlanEvent::Close, early),
            Err(PlanRefused::Unfinished(3))
        );
        let silent = Hands {
            reason: " ",
            ..HANDS
        };
        assert_eq!(
            PlanState::Closed.on(PlanEvent::Reopen, silent),
            Err(PlanRefused::NoReason)
        );
    }
}
