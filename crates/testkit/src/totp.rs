//! What an authenticator app does.

use domain::time::Timestamp;
use totp_rs::{Algorithm, Builder, Secret};

/// The code that an app shows at `at` for the secret it was given as text (base32).
pub fn totp_code(secret: &str, at: Timestamp) -> String {
    let secret: [u8; 20] = decode(secret).try_into().expect("a secret of 20 bytes");
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(30)
        .with_secret(Secret::new_stack(secret))
        .build()
        .expect("a good secret");
    totp.generate(u64::try_from(at.seconds()).expect("after 1970"))
        .to_string()
}

fn decode(text: &str) -> Vec<u8> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0u32, 0u32);
    for letter in text.bytes().filter(u8::is_ascii_alphanumeric) {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => panic!("{text:?} is not base32"),
        };
        held = (held << 5) | u32::from(value);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            let [.., last] = (held >> bits).to_be_bytes();
            bytes.push(last);
        }
    }
    bytes
}
