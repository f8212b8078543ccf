//! Signatures of tickets: Ed25519, made here, looked at by phones without a network (issue 5, point 4).

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use domain::ticket::pass::{self, KeyId, Pass, Signature, Unfit};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

struct TicketKey {
    id: KeyId,
    public: [u8; 32],
    pair: Ed25519KeyPair,
}

/// Signs with the newest key and knows the signatures of all: a rotation between the printing and the exam harms nobody.
///
/// The keys are derived from the keyring's token keys, so that no file has one more to lose.
pub struct TicketKeys {
    newest_first: Vec<TicketKey>,
}

impl fmt::Debug for TicketKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TicketKeys(…)")
    }
}

impl TicketKeys {
    pub(crate) fn new<'a>(newest_first: impl Iterator<Item = &'a Zeroizing<[u8; 32]>>) -> Self {
        Self {
            newest_first: newest_first.map(ticket_key).collect(),
        }
    }

    /// The text of the QR: the pass, signed.
    ///
    /// # Errors
    /// [`Unfit`] for a pass with something too large in it.
    pub fn seal(&self, pass: &Pass) -> Result<String, Unfit> {
        let Some(key) = self.newest_first.first() else {
            // A keyring without keys isn't loaded.
            std::process::abort()
        };
        let body = pass.body(key.id)?;
        let signature = key.pair.try_sign(&pass::message(&body)).ok();
        let signature: Option<Signature> =
            signature.and_then(|signature| signature.as_ref().try_into().ok());
        match signature {
            Some(signature) => Ok(pass::text(&body, &signature)),
            // Signing in memory doesn't fail, and a signature has 64 bytes.
            None => std::process::abort(),
        }
    }

    /// What a QR says, if one of our keys signed just that.
    pub fn open(&self, text: &str) -> Option<Pass> {
        let sealed = pass::read(text)?;
        let key = self.newest_first.iter().find(|key| key.id == sealed.key)?;
        UnparsedPublicKey::new(&ED25519, key.public)
            .verify(&sealed.message, &sealed.signature)
            .is_ok()
            .then_some(sealed.pass)
    }

    /// What a phone needs: every key's id and public half, newest first.
    pub fn public(&self) -> Vec<(KeyId, [u8; 32])> {
        self.newest_first
            .iter()
            .map(|key| (key.id, key.public))
            .collect()
    }
}

fn ticket_key(seed: &Zeroizing<[u8; 32]>) -> TicketKey {
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed[..]).ok();
    let public = pair
        .as_ref()
        .and_then(|pair| pair.public_key().as_ref().try_into().ok());
    let (Some(pair), Some(public)) = (pair, public) else {
        // Any 32 bytes are a seed, and a public key has 32 bytes.
        std::process::abort()
    };
    let hash: [u8; 32] = Sha256::digest(public).into();
    let [a, b, c, d, ..] = hash;
    TicketKey {
        id: [a, b, c, d],
        public,
        pair,
    }
}

#[cfg(test)]
mod tests {
    use domain::ticket::pass::groups;

    use super::*;
    use crate::{Keyring, SeededEntropy};

    fn pass() -> Pass {
        Pass {
            exam: 7,
            plan: 3,
            expires: 29_600_040,
            ticket_no: "26030701218".into(),
            seats: groups([(1, 12, 18), (2, 12, 18)]).unwrap(),
            name: "林一舟".into(),
        }
    }

    fn ring() -> Keyring {
        Keyring::generate(&SeededEntropy::new(1))
    }

    #[test]
    fn the_signatures_are_the_standards_own() {
        // RFC 8032, 7.1, test 2.
        let mut seed = Zeroizing::new([0u8; 32]);
        hex::decode_to_slice(
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            seed.as_mut(),
        )
        .unwrap();
        let key = ticket_key(&seed);
        assert_eq!(
            hex::encode(key.public),
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
        );
        assert_eq!(
            hex::encode(key.pair.sign(&[0x72])),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        );
    }

    #[test]
    fn a_signed_pass_reads_back_and_is_the_same_every_time() {
        let keys = ring().ticket_keys();
        let text = keys.seal(&pass()).unwrap();
        assert_eq!(keys.open(&text), Some(pass()));
        // What is printed twice, and cached, is one text.
        assert_eq!(ring().ticket_keys().seal(&pass()).unwrap(), text);
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let keys = ring().ticket_keys();
        let text = keys.seal(&pass()).unwrap();
        let (mut refused, mut read) = (0, 0);
        for at in pass::PREFIX.len()..text.len() {
            let digit = LETTERS
                .iter()
                .position(|known| *known == text.as_bytes()[at]);
            for bit in 0..5 {
                // A bit of what is signed, or of the signature: most of these are still read.
                let other = char::from(LETTERS[digit.unwrap() ^ (1 << bit)]);
                let mut altered = text.clone();
                altered.replace_range(at..=at, &other.to_string());
                assert_eq!(keys.open(&altered), None, "bit {bit} of letter {at}");
                refused += 1;
                read += u32::from(pass::read(&altered).is_some());
            }
            // And a bit of the letter itself, which no longer is of the alphabet, or is another.
            for bit in 0..8 {
                let mut bytes = text.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                if let Ok(altered) = String::from_utf8(bytes) {
                    assert_eq!(keys.open(&altered), None, "bit {bit} of letter {at}");
                }
            }
        }
        assert!(refused > 800 && read > 700, "{read} of {refused} were read");
    }

    #[test]
    fn control_an_altered_pass_reads_and_only_the_signature_tells() {
        let keys = ring().ticket_keys();
        let sealed = pass::read(&keys.seal(&pass()).unwrap()).unwrap();
        let other = Pass {
            name: "王小二".into(),
            ..pass()
        };
        let forged = pass::text(&other.body(sealed.key).unwrap(), &sealed.signature);
        assert_eq!(pass::read(&forged).unwrap().pass, other);
        assert_eq!(keys.open(&forged), None);
    }

    #[test]
    fn tickets_of_before_a_rotation_stay_good_and_those_after_have_the_new_key() {
        let mut ring = ring();
        let before = ring.ticket_keys();
        let old = before.seal(&pass()).unwrap();
        ring.rotate(&SeededEntropy::new(2));
        let after = ring.ticket_keys();
        assert_eq!(after.open(&old), Some(pass()));
        let new = after.seal(&pass()).unwrap();
        assert_eq!(after.open(&new), Some(pass()));
        assert_eq!(before.open(&new), None, "whoever has only the old keys");
        assert_eq!(after.public().len(), 2);
        assert_eq!(after.public().last(), before.public().first());
    }

    #[test]
    fn neither_another_installations_ticket_nor_a_specimen_is_good() {
        let keys = ring().ticket_keys();
        let other = Keyring::generate(&SeededEntropy::new(3)).ticket_keys();
        assert_eq!(keys.open(&other.seal(&pass()).unwrap()), None);
        assert_eq!(keys.open(&pass().specimen().unwrap()), None);
        // Not even under the name of a key that we know.
        let body = pass().body(keys.public()[0].0).unwrap();
        assert_eq!(keys.open(&pass::text(&body, &[0; 64])), None);
        assert!(pass::read(&pass::text(&body, &[0; 64])).is_some());
    }

    #[test]
    fn a_pass_that_does_not_fit_is_not_signed() {
        let wrong = Pass {
            ticket_no: "A-12".into(),
            ..pass()
        };
        assert_eq!(
            ring().ticket_keys().seal(&wrong),
            Err(Unfit("a ticket number"))
        );
    }
}
