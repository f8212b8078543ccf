//! Base 32 of RFC 4648 without padding: capitals and digits only, which a QR code packs into 5.5 bits each where any other
//! text takes 8.

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The text of some bytes.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0u32, 0u32);
    for byte in bytes {
        bits = (bits << 8) | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            text.push(letter(bits >> held));
        }
        bits &= (1 << held) - 1;
    }
    if held > 0 {
        text.push(letter(bits << (5 - held)));
    }
    text
}

fn letter(bits: u32) -> char {
    let digit = usize::try_from(bits & 31).unwrap_or(0);
    char::from(*ALPHABET.get(digit).unwrap_or(&b'A'))
}

/// The bytes of a text; `None` for one that [`encode`] wouldn't have written: another letter, a small one, bits left over. One
/// content has one text, so that none can be altered unnoticed.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut held, mut bits) = (0u32, 0u32);
    for letter in text.bytes() {
        let digit = ALPHABET.iter().position(|known| *known == letter)?;
        bits = (bits << 5) | u32::try_from(digit).ok()?;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held).ok()?);
            bits &= (1 << held) - 1;
        }
    }
    (held < 5 && bits == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_vectors_of_the_standard() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()));
        }
    }

    #[test]
    fn what_nobody_would_have_written_is_refused() {
        for text in ["mzxw6", "MZ", "MZXW6Y", "A", "MZX", "MY======", "M1", "准"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_text_reads_back_and_is_the_only_one(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let text = encode(&bytes);
            prop_assert_eq!(decode(&text), Some(bytes));
            // One letter more or fewer means other bytes, or none.
            for other in [format!("{text}A"), text.chars().skip(1).collect()] {
                if let Some(bytes) = decode(&other) {
                    prop_assert_eq!(encode(&bytes), other);
                }
            }
        }
    }
}
