//! A day of a channel on its way to being closed, and the readings of its bill.
//!
//! ```text
//! Waiting → Lines → Payments → Refunds → Acting → Open ⇄ Asked → Closed
//! ```
//! A reading that counts begins the comparison anew, as long as nobody has asked for the day to be closed; asked for again over the same
//! reading it does so once the comparison is over. A closed day stands still.

use super::Discrepancy;
use crate::coded::coded;

coded! {
    /// Where a day stands.
    pub enum DayStep {
        /// Its bill isn't there.
        Waiting = "waiting", "等待账单";
        /// Lines of the bill are compared with what we have.
        Lines = "lines", "正在比对账单";
        /// Our payments are compared with the lines.
        Payments = "payments", "正在比对收款";
        /// Our refunds are.
        Refunds = "refunds", "正在比对退款";
        /// What was found is acted on.
        Acting = "acting", "正在处理差异";
        /// The comparison stands.
        Open = "open", "待关账";
        /// One person asked for it to be closed.
        Asked = "asked", "待签字";
        /// Another signed.
        Closed = "closed", "已关账";
    }
}

coded! {
    /// What happens to a day.
    pub enum DayEvent {
        /// A whole reading of its bill counts from now on.
        Read = "read", "账单读入";
        /// All of this step was gone through.
        Through = "through", "比对完一步";
        /// It is compared again over the same reading.
        Again = "again", "重新比对";
        /// One person asks for it to be closed.
        Ask = "ask", "提请关账";
        /// Another gives it back.
        GiveBack = "give_back", "退回";
        /// Another signs.
        Sign = "sign", "签字关账";
    }
}

impl DayStep {
    /// The next step.
    pub fn on(self, event: DayEvent) -> Result<Self, Discrepancy> {
        use DayEvent as E;
        use DayStep as S;
        match (self, event) {
            (S::Asked | S::Closed, E::Read) => Err(self.never(event)),
            (_, E::Read) => Ok(S::Lines),
            (S::Lines, E::Through) => Ok(S::Payments),
            (S::Payments, E::Through) => Ok(S::Refunds),
            (S::Refunds, E::Through) => Ok(S::Acting),
            (S::Acting, E::Through) => Ok(S::Open),
            (S::Acting | S::Open, E::Again) => Ok(S::Lines),
            (S::Open, E::Ask) => Ok(S::Asked),
            (S::Asked, E::GiveBack) => Ok(S::Open),
            (S::Asked, E::Sign) => Ok(S::Closed),
            _ => Err(self.never(event)),
        }
    }

    fn never(self, event: DayEvent) -> Discrepancy {
        Discrepancy {
            machine: "对账",
            state: self.code(),
            event: event.code(),
        }
    }
}

coded! {
    /// Where a reading of a bill stands.
    pub enum TakeState {
        /// Its lines are being stored.
        Reading = "reading", "正在读入";
        /// Somebody uploaded it; a second person must confirm it.
        Staged = "staged", "待确认";
        /// It counts.
        Current = "current", "生效";
        /// Nobody needs it; its lines are being removed.
        Dropping = "dropping", "清除中";
        /// They are gone.
        Dropped = "dropped", "已清除";
    }
}

coded! {
    /// What happens to a reading.
    pub enum TakeEvent {
        /// All lines of what the channel gave are stored.
        Whole = "whole", "读完";
        /// All lines of what somebody uploaded are.
        WholeUpload = "whole_upload", "上传的读完";
        /// The file is another one meanwhile: this one was begun for nothing.
        Abandon = "abandon", "中止";
        /// The second person confirms it.
        Confirm = "confirm", "确认";
        /// Somebody gives it up.
        Discard = "discard", "放弃";
        /// Another one counts.
        Replace = "replace", "被替换";
        /// Its last line is removed.
        Clear = "clear", "清除完";
    }
}

impl TakeState {
    /// The next state.
    pub fn on(self, event: TakeEvent) -> Result<Self, Discrepancy> {
        use TakeEvent as E;
        use TakeState as S;
        match (self, event) {
            (S::Reading, E::Whole) => Ok(S::Current),
            (S::Reading, E::WholeUpload) => Ok(S::Staged),
            (S::Reading, E::Abandon) => Ok(S::Dropping),
            (S::Staged, E::Confirm) => Ok(S::Current),
            (S::Staged, E::Discard) => Ok(S::Dropping),
            (S::Current, E::Replace) => Ok(S::Dropping),
            (S::Dropping, E::Clear) => Ok(S::Dropped),
            (state, event) => Err(Discrepancy {
                machine: "账单",
                state: state.code(),
                event: event.code(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_a_days_step_and_event() {
        use DayStep as S;
        // Columns: Read, Through, Again, Ask, GiveBack, Sign.
        let n = None;
        let (l, p, r, a) = (
            Some(S::Lines),
            Some(S::Payments),
            Some(S::Refunds),
            Some(S::Acting),
        );
        let (o, q, c) = (Some(S::Open), Some(S::Asked), Some(S::Closed));
        let table = [
            (S::Waiting, [l, n, n, n, n, n]),
            (S::Lines, [l, p, n, n, n, n]),
            (S::Payments, [l, r, n, n, n, n]),
            (S::Refunds, [l, a, n, n, n, n]),
            (S::Acting, [l, o, l, n, n, n]),
            (S::Open, [l, n, l, q, n, n]),
            (S::Asked, [n, n, n, n, o, c]),
            (S::Closed, [n, n, n, n, n, n]),
        ];
        assert_eq!(table.map(|(state, _)| state), *S::ALL);
        for (state, row) in table {
            assert_eq!(row.len(), DayEvent::ALL.len());
            for (event, next) in DayEvent::ALL.iter().zip(row) {
                assert_eq!(state.on(*event).ok(), next, "{state:?} {event:?}");
            }
        }
    }

    #[test]
    fn every_pair_of_a_readings_state_and_event() {
        use TakeState as S;
        // Columns: Whole, WholeUpload, Abandon, Confirm, Discard, Replace, Clear.
        let n = None;
        let (s, c) = (Some(S::Staged), Some(S::Current));
        let (d, g) = (Some(S::Dropping), Some(S::Dropped));
        let table = [
            (S::Reading, [c, s, d, n, n, n, n]),
            (S::Staged, [n, n, n, c, d, n, n]),
            (S::Current, [n, n, n, n, n, d, n]),
            (S::Dropping, [n, n, n, n, n, n, g]),
            (S::Dropped, [n, n, n, n, n, n, n]),
        ];
        assert_eq!(table.map(|(state, _)| state), *S::ALL);
        for (state, row) in table {
            assert_eq!(row.len(), TakeEvent::ALL.len());
            for (event, next) in TakeEvent::ALL.iter().zip(row) {
                assert_eq!(state.on(*event).ok(), next, "{state:?} {event:?}");
            }
        }
    }
}
