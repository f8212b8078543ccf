//! A list of incidents: one enters it, another confirms it.
//!
//! ```text
//! Staging → Entered → Confirmed → Superseded;  Staging | Entered → Discarded
//! ```

use crate::coded::coded;

coded! {
    /// Where a list stands.
    pub enum IncidentState {
        /// Rows are being written.
        Staging = "staging", "录入中";
        /// Complete, waits for the second person.
        Entered = "entered", "待复核";
        /// Holds.
        Confirmed = "confirmed", "已复核";
        /// A later one took its place.
        Superseded = "superseded", "已被替换";
        /// Given up.
        Discarded = "discarded", "已放弃";
    }
}

coded! {
    /// What happens to a list.
    pub enum IncidentEvent {
        /// All rows are there.
        Finish = "finish", "录入完成";
        /// A second person has compared it with the papers of the rooms.
        Confirm = "confirm", "复核无误";
        /// A later one was confirmed.
        Supersede = "supersede", "被替换";
        /// Given up.
        Discard = "discard", "放弃";
    }
}

/// Why a list can't take an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IncidentRefused {
    /// The event doesn't belong to the state.
    #[error("缺考违纪登记{}，不能{}", .0.label(), .1.label())]
    Impossible(IncidentState, IncidentEvent),
    /// The same person entered it.
    #[error("复核须由登记以外的人员进行")]
    ConfirmerIsMaker,
}

impl IncidentState {
    /// The next state.
    ///
    /// # Errors
    /// Why it can't.
    pub fn on(
        self,
        event: IncidentEvent,
        entered_by: i64,
        actor: i64,
    ) -> Result<Self, IncidentRefused> {
        use IncidentEvent as E;
        use IncidentState as S;
        match (self, event) {
            (S::Staging, E::Finish) => Ok(S::Entered),
            (S::Entered, E::Confirm) if actor == entered_by => {
                Err(IncidentRefused::ConfirmerIsMaker)
            }
            (S::Entered, E::Confirm) => Ok(S::Confirmed),
            (S::Confirmed, E::Supersede) => Ok(S::Superseded),
            (S::Staging | S::Entered, E::Discard) => Ok(S::Discarded),
            (state, event) => Err(IncidentRefused::Impossible(state, event)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_state_and_event() {
        use IncidentState as S;
        // Columns: Finish, Confirm, Supersede, Discard.
        let (d, n) = (Some(S::Discarded), None);
        let table = [
            (S::Staging, [Some(S::Entered), n, n, d]),
            (S::Entered, [n, Some(S::Confirmed), n, d]),
            (S::Confirmed, [n, n, Some(S::Superseded), n]),
            (S::Superseded, [n; 4]),
            (S::Discarded, [n; 4]),
        ];
        assert_eq!(table.len(), S::ALL.len());
        for (state, row) in table {
            assert_eq!(row.len(), IncidentEvent::ALL.len());
            for (event, next) in IncidentEvent::ALL.iter().zip(row) {
                assert_eq!(state.on(*event, 1, 2).ok(), next, "{state:?} {event:?}");
            }
        }
        assert_eq!(
            S::Entered.on(IncidentEvent::Confirm, 1, 1),
            Err(IncidentRefused::ConfirmerIsMaker)
        );
    }
}
