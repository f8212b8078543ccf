//! The three real channels with their simulated other sides, in the same process.

use std::path::PathBuf;
use std::sync::Arc;

use domain::clock::Clock;
use domain::time::Timestamp;
use gateways::payment::{Channels, Transport};
use simulators::bank::Bank;
use simulators::{Keys, Link, Trio};

use crate::setup::TestApp;

/// Where the channels seem to be.
pub const ORIGIN: &str = "https://channels.example";

impl TestApp {
    /// The same product with WeChat Pay, Alipay and UnionPay, and the channels themselves: what their banks hold is the truth. Notices stay
    /// with them (`bank().due()`) until a test delivers them.
    pub fn with_channels(&self) -> (Self, Trio) {
        self.with_channels_over(|link| Arc::new(link))
    }

    /// The same with calls that go over a line of the test's own.
    pub fn with_channels_over(
        &self,
        line: impl FnOnce(Link) -> Arc<dyn Transport>,
    ) -> (Self, Trio) {
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let banks = [1, 2, 3].map(|seed| Bank::new(Arc::clone(&clock), seed));
        let trio = Trio::new(ORIGIN, simulated_keys(), banks).expect("channels");
        let link = line(trio.link());
        let gateways = trio.gateways(&clock, &link).expect("gateways");
        let t = self.with(|setup| {
            setup.channels = Channels::new(gateways.to_vec(), true).expect("they are real");
        });
        (t, trio)
    }
}

/// Keys of simulated channels: dear to make, so those of the first test serve all that follow on this machine.
pub fn simulated_keys() -> Keys {
    let path: PathBuf = std::env::temp_dir().join("baokao-simulated-keys-1.json");
    let around = Timestamp::parse_local("2026-03-18 09:40").expect("a time");
    Keys::kept(&path, around).expect("keys can be made")
}
