//! The sandbox channel with its server, listening on a free port of this machine.

use std::sync::Arc;
use std::time::Duration;

use domain::clock::Clock;
use gateways::payment::sandbox::{self, SandboxConfig as Ours};
use gateways::payment::{Channels, PaymentGateway, Web};
use simulators::sandbox::{Sandbox, SandboxConfig};
use tokio::net::TcpListener;

use crate::setup::TestApp;

/// Who we are at the sandbox.
pub const MERCHANT: &str = "baokao-test";
const SECRET: &str = "a secret of the tests";

impl TestApp {
    /// The same product with the sandbox channel, and the sandbox itself: its book is the truth, its faults are set with
    /// `set_faults`. Its notices go to the product's address, which listens nowhere: deliver them with
    /// [`crate::Browser::send`] to `/gateway/sandbox/notice`, or let the product ask.
    pub async fn with_cashier(&self) -> (Self, Sandbox) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let mut there = SandboxConfig::new(&origin, MERCHANT, SECRET, Arc::clone(&clock));
        there.retries = vec![Duration::from_millis(50)];
        let simulator = Sandbox::new(there).expect("a sandbox");
        tokio::spawn(simulators::sandbox::serve(
            listener,
            simulator.clone(),
            std::future::pending(),
        ));
        let ours = Ours {
            base_url: origin.clone(),
            merchant: MERCHANT.into(),
            secret: SECRET.into(),
        };
        let channel: Arc<dyn PaymentGateway> = {
            let web = Web::new().expect("a client");
            Arc::new(sandbox::Sandbox::new(ours, clock, Arc::new(web)))
        };
        let t = self.with(|setup| {
            setup.channels = Channels::new(vec![channel], false).expect("a test is no production");
            setup.form_targets = vec![origin];
        });
        (t, simulator)
    }
}
