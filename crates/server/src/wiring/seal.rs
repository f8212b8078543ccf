//! The kit's tokens under the keyring's token key.

use std::sync::Arc;

use vault::{Entropy, Sealer};
use web::seal::Seal;

/// Seals the kit's tokens.
#[derive(Debug, Clone)]
pub struct KitSeal {
    /// The keyring's sealer.
    pub sealer: Arc<Sealer>,
    /// Nonces.
    pub entropy: Arc<dyn Entropy>,
}

impl Seal for KitSeal {
    fn seal(&self, purpose: &'static str, plain: &[u8]) -> Vec<u8> {
        self.sealer
            .seal_bytes(&named(purpose), plain, self.entropy.as_ref())
    }

    fn open(&self, purpose: &'static str, sealed: &[u8]) -> Option<Vec<u8>> {
        self.sealer
            .open_bytes(&named(purpose), sealed)
            .map(|plain| plain.to_vec())
    }
}

/// Apart from the purposes of use cases, which seal under the same key.
fn named(purpose: &str) -> String {
    format!("web.{purpose}")
}
