//! Look-ups of encrypted values: a keyed hash of the whole canonical value.

use std::fmt;

use zeroize::Zeroizing;

/// Blind indexes. Its key is drawn apart from the field keys and never rotated with them: every stored index would change.
pub struct BlindIndex(Zeroizing<[u8; 32]>);

impl fmt::Debug for BlindIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlindIndex(…)")
    }
}

impl BlindIndex {
    pub(crate) fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self(key)
    }

    /// The index of `value` in the space `name` (`account.id_number`): the same number in two columns has two indexes.
    pub fn index(&self, name: &str, value: &str) -> [u8; 32] {
        crate::mac::hmac(
            &self.0,
            &[b"baokao index 1", name.as_bytes(), value.as_bytes()],
        )
    }
}

#[cfg(test)]
mod tests {
    use crate::{Keyring, SeededEntropy};

    #[test]
    fn an_index_depends_on_key_name_and_value_and_on_nothing_else() {
        let ring = Keyring::generate(&SeededEntropy::new(1));
        let index = ring.blind_index();
        let base = index.index("account.mobile", "13800000000");
        assert_eq!(
            base,
            ring.blind_index().index("account.mobile", "13800000000")
        );
        assert_ne!(base, index.index("account.mobile", "13800000001"));
        assert_ne!(base, index.index("account.id_number", "13800000000"));
        let other = Keyring::generate(&SeededEntropy::new(2)).blind_index();
        assert_ne!(base, other.index("account.mobile", "13800000000"));
    }

    #[test]
    fn name_and_value_do_not_run_together() {
        let index = Keyring::generate(&SeededEntropy::new(1)).blind_index();
        assert_ne!(index.index("ab", "c"), index.index("a", "bc"));
    }

    #[test]
    fn a_rotation_leaves_indexes_as_they_are() {
        let mut ring = Keyring::generate(&SeededEntropy::new(1));
        let before = ring.blind_index().index("a", "b");
        ring.rotate(&SeededEntropy::new(2));
        assert_eq!(ring.blind_index().index("a", "b"), before);
    }
}
