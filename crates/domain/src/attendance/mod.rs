//! 缺考违纪: who didn't come, who broke the rules, whose answers are alike, by session.
//!
//! A list is entered or imported by one person and confirmed by another ([`state`]); each version holds the whole list. What a confirmed
//! list makes of an application is [`track`], what it makes of a mark is [`crate::score::incidents`].

pub mod import;
pub mod state;

use crate::application::state::Attendance;
use crate::coded::coded;
use crate::score::Flag;

coded! {
    /// What happened to a candidate in a session. Source: reference `domain.md` §4 (flags -1, -2, -4) and §6 (缺考/违纪登记表).
    pub enum IncidentKind {
        /// Didn't come.
        Absent = "absent", "缺考";
        /// Broke the rules of the room.
        Violation = "violation", "违纪";
        /// His answers are too much like another's; found when papers are marked.
        Similar = "similar", "雷同";
    }
}

impl IncidentKind {
    /// What it makes of the marks of the session's subjects.
    pub const fn flag(self) -> Flag {
        match self {
            Self::Absent => Flag::Absent,
            Self::Violation => Flag::Violation,
            Self::Similar => Flag::Invalidated,
        }
    }

    /// What a file means by a word or a status number.
    pub fn from_cell(cell: &str) -> Option<Self> {
        let flag = Flag::from_word(cell)
            .or_else(|| cell.trim().parse().ok().and_then(Flag::from_number))?;
        match flag {
            Flag::Normal => None,
            Flag::Absent => Some(Self::Absent),
            Flag::Violation => Some(Self::Violation),
            Flag::Invalidated => Some(Self::Similar),
        }
    }
}

/// What the incidents of one candidate come to for his application. `sits`: the sessions that he has a seat in.
///
/// A violation in one session is one; an absence is one only if he came to none. Whoever has neither is [`Attendance::Present`].
/// What belongs to a session without a seat doesn't count.
pub fn track(incidents: &[(u32, IncidentKind)], sits: &[u32]) -> Attendance {
    let here = incidents.iter().filter(|(one, _)| sits.contains(one));
    let broke = |kind| matches!(kind, IncidentKind::Violation | IncidentKind::Similar);
    if here.clone().any(|(_, kind)| broke(*kind)) {
        return Attendance::Violation;
    }
    let absent = |session: &u32| {
        here.clone()
            .any(|(one, kind)| one == session && *kind == IncidentKind::Absent)
    };
    if !sits.is_empty() && sits.iter().all(absent) {
        Attendance::Absent
    } else {
        Attendance::Present
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_violation_is_one_and_only_all_absences_are_one() {
        use Attendance as A;
        use IncidentKind::{Absent, Similar, Violation};
        for (incidents, sits, expected) in [
            (&[][..], &[1, 2][..], A::Present),
            (&[(1, Absent)], &[1, 2], A::Present),
            (&[(1, Absent), (2, Absent)], &[1, 2], A::Absent),
            (&[(2, Absent), (1, Absent)], &[1, 2], A::Absent),
            (&[(1, Absent)], &[1], A::Absent),
            (&[(1, Absent), (1, Violation)], &[1], A::Violation),
            (&[(1, Absent), (2, Violation)], &[1, 2], A::Violation),
            (&[(2, Similar)], &[1, 2], A::Violation),
            // Session 3 isn't his.
            (&[(3, Violation)], &[1, 2], A::Present),
            (&[(1, Absent), (3, Absent)], &[1], A::Absent),
            (&[(3, Absent)], &[1], A::Present),
            // Without a seat nobody can be absent.
            (&[(1, Absent)], &[], A::Present),
        ] {
            assert_eq!(track(incidents, sits), expected, "{incidents:?} {sits:?}");
        }
    }

    #[test]
    fn words_and_numbers_mean_kinds_and_kinds_mean_flags() {
        for (cell, kind) in [
            ("缺考", Some(IncidentKind::Absent)),
            ("-1", Some(IncidentKind::Absent)),
            ("违纪", Some(IncidentKind::Violation)),
            (" 作弊 ", Some(IncidentKind::Violation)),
            ("-2", Some(IncidentKind::Violation)),
            ("雷同", Some(IncidentKind::Similar)),
            ("-4", Some(IncidentKind::Similar)),
            ("正常", None),
            ("0", None),
            ("-3", None),
            ("", None),
        ] {
            assert_eq!(IncidentKind::from_cell(cell), kind, "{cell}");
        }
        for kind in IncidentKind::ALL {
            let number = kind.flag().number().to_string();
            assert_eq!(IncidentKind::from_cell(&number), Some(*kind));
            assert_eq!(IncidentKind::from_cell(kind.label()), Some(*kind));
        }
    }
}
