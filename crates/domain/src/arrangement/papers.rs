//! 成套用纸: the kinds of papers that a site needs, and where a run that makes them stands.

use crate::coded::coded;

coded! {
    /// A kind of paper, in the order in which a run makes them.
    pub enum PaperKind {
        /// Sites, rooms, sessions, papers, ranges of tickets, people; totals.
        Overview = "overview", "考场分布总表";
        /// Number of the room, range of tickets, names: to read from afar.
        Door = "door", "考场门贴";
        /// Who sits where, drawn as the desks stand.
        Chart = "chart", "考场座次表";
        /// A place to sign for each candidate and session.
        SignIn = "sign", "考生签到表";
        /// A sticker for each desk.
        Label = "label", "桌签";
        /// A label for each bag: room, session and paper.
        Bag = "bag", "试卷袋标签";
        /// What happened in a room, to be filled in by hand.
        Record = "record", "缺考违纪登记表";
        /// Who invigilates where.
        Staff = "staff", "监考名册";
        /// The tickets of a room by seat, for those who come without.
        Tickets = "tickets", "准考证（按考场）";
        /// Numbers and papers without a name, for those who mark.
        Data = "data", "阅卷数据包";
    }
}

impl PaperKind {
    /// Those that can be printed at once for a few rooms.
    pub const AT_ONCE: [Self; 3] = [Self::Door, Self::Chart, Self::SignIn];

    /// Whether photos of candidates may stand on it.
    pub const fn has_photos(self) -> bool {
        matches!(self, Self::Chart | Self::SignIn)
    }

    /// Whether document numbers of candidates stand on it.
    pub const fn has_numbers(self) -> bool {
        matches!(self, Self::SignIn)
    }

    /// Whether it also comes as a workbook.
    pub const fn has_table(self) -> bool {
        !matches!(self, Self::Label | Self::Tickets | Self::Data)
    }
}

coded! {
    /// Where a run stands.
    pub enum RunState {
        /// Its files are being made.
        Making = "making", "生成中";
        /// All files are there.
        Ready = "ready", "已生成";
        /// It can't go on; the files that were made stay until they expire.
        Failed = "failed", "未完成";
        /// Its files were deleted.
        Emptied = "emptied", "已清除";
    }
}

coded! {
    /// What happens to a run.
    pub enum RunEvent {
        /// The last file is made.
        Finish = "finish", "全部生成";
        /// Something stands in the way that waiting doesn't mend.
        Fail = "fail", "不能继续";
        /// Its days are over.
        Expire = "expire", "到期清除";
    }
}

impl RunState {
    /// The next state; `None` for a pair that the table doesn't have.
    pub const fn on(self, event: RunEvent) -> Option<Self> {
        match (self, event) {
            (Self::Making, RunEvent::Finish) => Some(Self::Ready),
            (Self::Making, RunEvent::Fail) => Some(Self::Failed),
            (Self::Making | Self::Ready | Self::Failed, RunEvent::Expire) => Some(Self::Emptied),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_run_state_and_event() {
        use RunState as S;
        // Columns: Finish, Fail, Expire.
        let table = [
            (
                S::Making,
                [Some(S::Ready), Some(S::Failed), Some(S::Emptied)],
            ),
            (S::Ready, [None, None, Some(S::Emptied)]),
            (S::Failed, [None, None, Some(S::Emptied)]),
            (S::Emptied, [None; 3]),
        ];
        assert_eq!(table.len(), S::ALL.len());
        for (state, row) in table {
            for (event, next) in RunEvent::ALL.iter().zip(row) {
                assert_eq!(state.on(*event), next, "{state:?} {event:?}");
            }
        }
    }

    #[test]
    fn only_what_is_signed_beside_a_photo_has_numbers() {
        for kind in PaperKind::ALL {
            assert!(!kind.has_numbers() || kind.has_photos(), "{kind:?}");
        }
        assert!(PaperKind::AT_ONCE.iter().all(|kind| kind.has_table()));
    }
}
