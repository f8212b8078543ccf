//! The code of a pass. It is made of the pass's public id and a key of the installation, so that the slip can be printed again while
//! the database holds nothing but its hash.

use vault::{ActivationCode, Entropy};

use crate::App;

/// The code that a pass with this public id has.
pub(super) fn of(app: &App, public_id: &str) -> ActivationCode {
    ActivationCode::random(&Known(app.index().index("door.code", public_id)))
}

/// Bytes that are known beforehand, as a source of more than there are: a code takes twelve.
struct Known([u8; 32]);

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Known(…)")
    }
}

impl Entropy for Known {
    fn fill(&self, bytes: &mut [u8]) {
        for (byte, known) in bytes.iter_mut().zip(self.0.iter().cycle()) {
            *byte = *known;
        }
    }
}
