//! The network between the product and PostgreSQL, for a test to cut and to mend.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Up,
    /// Connections are closed, new ones too.
    Cut,
    /// Connections stay and nothing passes: a dead switch, a firewall that drops.
    Silent,
}

/// A line to PostgreSQL. It ends with the test's runtime.
#[derive(Debug, Clone)]
pub struct Line(Arc<watch::Sender<State>>);

impl Line {
    /// A line to the server that a `postgres://` URL names, and the URL that leads over it.
    pub(crate) async fn to(url: &str) -> (Self, String) {
        let (head, rest) = url.split_once("://").expect("a URL");
        let (server, database) = rest.split_once('/').expect("a database");
        let (user, host) = server.rsplit_once('@').unwrap_or(("postgres", server));
        let server: SocketAddr = host
            .parse()
            .expect("PostgreSQL for tests listens at an address with a port");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (state, seen) = watch::channel(State::Up);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, server, seen.clone()));
            }
        });
        let url = format!("{head}://{user}@127.0.0.1:{port}/{database}");
        (Self(Arc::new(state)), url)
    }

    /// Closes what is open and lets nobody through.
    pub fn cut(&self) {
        self.0.send_replace(State::Cut);
    }

    /// Nothing passes any more, and nobody is told.
    pub fn silence(&self) {
        self.0.send_replace(State::Silent);
    }

    /// Lets new connections through again.
    pub fn mend(&self) {
        self.0.send_replace(State::Up);
    }
}

async fn carry(mut near: TcpStream, server: SocketAddr, mut state: watch::Receiver<State>) {
    // What was silenced has lost bytes: it isn't taken up again.
    if *state.borrow_and_update() == State::Up
        && let Ok(mut far) = TcpStream::connect(server).await
    {
        tokio::select! {
            _ = copy_bidirectional(&mut near, &mut far) => {}
            _ = state.changed() => {}
        }
    }
    if state
        .wait_for(|state| *state != State::Silent)
        .await
        .is_err()
    {
        // The test is over.
    }
}
