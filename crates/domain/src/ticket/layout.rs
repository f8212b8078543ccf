//! 准考证版式: the states of an exam's own template, and how large it may be.
//!
//! A draft is written and tried; it is used once it has passed the test set, in place of the one before. What was used is never
//! changed: a later wording is a later version.

use crate::coded::coded;

/// Largest template, in bytes of UTF-8.
pub const LARGEST: usize = 64 * 1024;

coded! {
    /// Where a version stands.
    pub enum LayoutState {
        /// Being written.
        Draft = "draft", "草稿";
        /// Tickets are set by it.
        Used = "used", "使用中";
        /// Tickets were set by it.
        Replaced = "replaced", "已停用";
        /// Thrown away before it was used.
        Dropped = "dropped", "已放弃";
    }
}

/// What happens to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayoutEvent {
    /// 保存草稿.
    Write,
    /// 启用.
    Use,
    /// Another one is used, or the built-in one again.
    Replace,
    /// 放弃草稿.
    Drop,
}

/// Where a version goes; `None` for what can't happen to it.
pub const fn next(state: LayoutState, event: LayoutEvent) -> Option<LayoutState> {
    use LayoutEvent as E;
    use LayoutState as S;
    match (state, event) {
        (S::Draft, E::Write) => Some(S::Draft),
        (S::Draft, E::Use) => Some(S::Used),
        (S::Draft, E::Drop) => Some(S::Dropped),
        (S::Used, E::Replace) => Some(S::Replaced),
        (S::Draft, E::Replace)
        | (S::Used, E::Write | E::Use | E::Drop)
        | (S::Replaced | S::Dropped, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_draft_is_written_used_or_dropped() {
        use LayoutEvent as E;
        use LayoutState as S;
        let allowed = [
            (S::Draft, E::Write, S::Draft),
            (S::Draft, E::Use, S::Used),
            (S::Draft, E::Drop, S::Dropped),
            (S::Used, E::Replace, S::Replaced),
        ];
        for state in S::ALL {
            for event in [E::Write, E::Use, E::Replace, E::Drop] {
                let found = allowed
                    .iter()
                    .find(|(from, on, _)| (from, on) == (state, &event));
                assert_eq!(
                    next(*state, event),
                    found.map(|(.., to)| *to),
                    "{state:?} {event:?}"
                );
            }
        }
    }
}
