//! The bytes that an audit row's MAC is taken over: every column, each with its length, so that no two rows look alike.

use crate::time::Timestamp;

/// One audit row.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Row id.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Kind of who did it: `candidate`, `staff`, `system` ….
    pub actor_kind: &'a str,
    /// Account or staff id, 0 for those who have none.
    pub actor_id: i64,
    /// What was done: `application.submit`.
    pub action: &'a str,
    /// Kind of what it was done to.
    pub object_kind: &'a str,
    /// Its id.
    pub object_id: i64,
    /// The exam it belongs to, 0 for none.
    pub exam_id: i64,
    /// The request's reference number.
    pub request_id: &'a str,
    /// JSON without personal data.
    pub detail: &'a str,
}

impl Entry<'_> {
    /// The canonical bytes.
    pub fn canonical(&self) -> Vec<u8> {
        let mut bytes = b"baokao.audit.1".to_vec();
        for number in [
            self.id,
            self.at.micros(),
            self.actor_id,
            self.object_id,
            self.exam_id,
        ] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        for text in [
            self.actor_kind,
            self.action,
            self.object_kind,
            self.request_id,
            self.detail,
        ] {
            bytes.extend_from_slice(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_a_letter_between_columns_changes_the_bytes() {
        let entry = Entry {
            id: 1,
            at: Timestamp::from_micros(2),
            actor_kind: "staff",
            actor_id: 3,
            action: "exam.publish",
            object_kind: "exam",
            object_id: 4,
            exam_id: 4,
            request_id: "ab",
            detail: "c{}",
        };
        let moved = Entry {
            request_id: "abc",
            detail: "{}",
            ..entry
        };
        assert_ne!(entry.canonical(), moved.canonical());
        assert_ne!(
            entry.canonical(),
            Entry {
                object_id: 5,
                exam_id: 3,
                ..entry
            }
            .canonical()
        );
    }
}
