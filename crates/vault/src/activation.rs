//! The activation code: printed on the sign-up's result page, typed on another device.

use std::fmt;

use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::Entropy;

/// Letters and digits that nobody misreads (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 12 of them: 60 bits, good for a day, each try throttled.
const LENGTH: usize = 12;

/// A one-time code of twelve characters; only its hash is stored.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct ActivationCode([u8; LENGTH]);

impl ActivationCode {
    /// A fresh code.
    pub fn random(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0u8; LENGTH];
        entropy.fill(&mut bytes);
        Self(bytes.map(|byte| ALPHABET[usize::from(byte & 31)]))
    }

    /// For people: `K7QM-2XPA-90RT`.
    pub fn grouped(&self) -> String {
        let groups: Vec<String> = self
            .0
            .chunks(4)
            .map(|group| group.iter().map(|b| char::from(*b)).collect())
            .collect();
        groups.join("-")
    }

    /// What is stored.
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"baokao activation code 1");
        hash.update(self.0);
        hash.finalize().into()
    }

    /// The hash of a code as typed: case, width, spaces, hyphens and the usual confusions (o/0, i/l/1) don't matter. `None` if
    /// it can't be a code.
    pub fn hash_of(typed: &str) -> Option<[u8; 32]> {
        let mut code = [0u8; LENGTH];
        let mut count = 0;
        for c in domain::text::to_half_width(typed).chars() {
            let c = match c.to_ascii_uppercase() {
                c if c.is_whitespace() || matches!(c, '-' | '_' | '—' | '－' | '–') => {
                    continue;
                }
                'O' => '0',
                'I' | 'L' => '1',
                c => c,
            };
            let byte = u8::try_from(c)
                .ok()
                .filter(|byte| ALPHABET.contains(byte))?;
            *code.get_mut(count)? = byte;
            count += 1;
        }
        (count == LENGTH).then(|| Self(code).hash())
    }
}

impl fmt::Debug for ActivationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ActivationCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededEntropy;

    #[test]
    fn a_code_is_recognised_however_it_is_typed() {
        let code = ActivationCode::random(&SeededEntropy::new(11));
        let shown = code.grouped();
        assert_eq!(shown.len(), 14);
        let loose = shown
            .to_lowercase()
            .replace('-', " ")
            .replace('0', "o")
            .replace('1', "l");
        for typed in [
            shown.clone(),
            shown.replace('-', ""),
            loose,
            format!(" {shown} "),
        ] {
            assert_eq!(
                ActivationCode::hash_of(&typed),
                Some(code.hash()),
                "{typed}"
            );
        }
        assert!(!format!("{code:?}").contains(&shown));
    }

    #[test]
    fn what_cannot_be_a_code_has_no_hash() {
        for typed in [
            "",
            "K7QM-2XPA",
            "K7QM-2XPA-90RTT",
            "K7QM-2XPA-90R!",
            "激活码激活码激活码激活码",
        ] {
            assert_eq!(ActivationCode::hash_of(typed), None, "{typed}");
        }
    }
}
