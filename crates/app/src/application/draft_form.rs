//! What an application form keeps before it is saved, by exam: where the candidate is, and what he typed.

/// The name under which the way is kept: agreement, position, level. Only our handlers write it.
pub fn way(exam: &str) -> String {
    format!("apply.{exam}")
}

/// The name under which typed answers are kept; the page writes it by itself (`/drafts/…`).
pub fn typed(exam: &str) -> String {
    format!("apply-{exam}")
}

pub(super) fn names(exam: &str) -> [String; 2] {
    [way(exam), typed(exam)]
}
