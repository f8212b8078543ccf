//! A batch of scores: one imports, another checks, then it is published for a set time.
//!
//! ```text
//! Staging → Imported → Checked → Published → Superseded;  Staging | Imported | Checked → Discarded
//! ```
//! A published score changes only by a later batch with a reason; the old one stays.

use crate::coded::coded;

coded! {
    /// Where a batch stands.
    pub enum BatchState {
        /// Rows are being written.
        Staging = "staging", "导入中";
        /// Complete, waits for the second person.
        Imported = "imported", "待核对";
        /// Checked by the second person.
        Checked = "checked", "待公布";
        /// The exam's pointer leads to it; visible from its time on.
        Published = "published", "已公布";
        /// A later batch took its place.
        Superseded = "superseded", "已被替换";
        /// Given up before publication.
        Discarded = "discarded", "已放弃";
    }
}

coded! {
    /// What happens to a batch.
    pub enum BatchEvent {
        /// All rows are there.
        Finish = "finish", "导入完成";
        /// A second person has compared it with the source.
        Check = "check", "核对无误";
        /// It becomes the exam's scores at a set time.
        Publish = "publish", "公布";
        /// A later batch was published.
        Supersede = "supersede", "被替换";
        /// Given up.
        Discard = "discard", "放弃";
    }
}

/// Why a batch can't take an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BatchRefused {
    /// The event doesn't belong to the state.
    #[error("成绩批次{}，不能{}", .0.label(), .1.label())]
    Impossible(BatchState, BatchEvent),
    /// The same person imported it.
    #[error("核对须由导入以外的人员进行")]
    CheckerIsMaker,
    /// A correction of published scores without a reason.
    #[error("已公布的成绩要更改，请写明原因")]
    NoReason,
}

/// Who and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hands<'r> {
    /// Who imported the batch.
    pub imported_by: i64,
    /// Who acts now.
    pub actor: i64,
    /// Whether the exam has published scores already.
    pub replaces_published: bool,
    /// Why they are replaced.
    pub reason: &'r str,
}

impl BatchState {
    /// The next state.
    pub fn on(self, event: BatchEvent, hands: Hands<'_>) -> Result<Self, BatchRefused> {
        use BatchEvent as E;
        use BatchState as S;
        match (self, event) {
            (S::Staging, E::Finish) => Ok(S::Imported),
            (S::Imported, E::Check) if hands.actor == hands.imported_by => {
                Err(BatchRefused::CheckerIsMaker)
            }
            (S::Imported, E::Check) => Ok(S::Checked),
            (S::Checked, E::Publish)
                if hands.replaces_published && hands.reason.trim().is_empty() =>
            {
                Err(BatchRefused::NoReason)
            }
            (S::Checked, E::Publish) => Ok(S::Published),
            (S::Published, E::Supersede) => Ok(S::Superseded),
            (S::Staging | S::Imported | S::Checked, E::Discard) => Ok(S::Discarded),
            (state, event) => Err(BatchRefused::Impossible(state, event)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HANDS: Hands<'_> = Hands {
        imported_by: 1,
        actor: 2,
        replaces_published: false,
        reason: "",
    };

    #[test]
    fn every_pair_of_state_and_event() {
        use BatchState as S;
        // Columns: Finish, Check, Publish, Supersede, Discard.
        let d = Some(S::Discarded);
        let table = [
            (S::Staging, [Some(S::Imported), None, None, None, d]),
            (S::Imported, [None, Some(S::Checked), None, None, d]),
            (S::Checked, [None, None, Some(S::Published), None, d]),
            (S::Published, [None, None, None, Some(S::Superseded), None]),
            (S::Superseded, [None; 5]),
            (S::Discarded, [None; 5]),
        ];
        assert_eq!(table.len(), S::ALL.len());
        for (state, row) in table {
            for (event, next) in BatchEvent::ALL.iter().zip(row) {
                assert_eq!(state.on(*event, HANDS).ok(), next, "{state:?} {event:?}");
            }
        }
    }

    #[test]
    fn checking_takes_another_person_and_a_correction_takes_a_reason() {
        let own = Hands { actor: 1, ..HANDS };
        assert_eq!(
            BatchState::Imported.on(BatchEvent::Check, own),
            Err(BatchRefused::CheckerIsMaker)
        );
        let again = Hands {
            replaces_published: true,
            reason: "  ",
            ..HANDS
        };
        assert_eq!(
            BatchState::Checked.on(BatchEvent::Publish, again),
            Err(BatchRefused::NoReason)
        );
        let told = Hands {
            reason: "复查更正 2 人",
            ..again
        };
        assert_eq!(
            BatchState::Checked.on(BatchEvent::Publish, told),
            Ok(BatchState::Published)
        );
    }
}
