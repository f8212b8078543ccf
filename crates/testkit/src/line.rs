//! The network between the product and PostgreSQL, for a test to cut and to mend.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Up,
    /// Connections are closed, new ones too.
    Cut,
    /// As [`State::Up`] until somebody commits: that connection is closed before it hears the answer.
    CutAtCommit,
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

    /// The next one to commit has his connection closed when the server has stored everything and before he hears of it.
    pub fn cut_at_commit(&self) {
        self.0.send_replace(State::CutAtCommit);
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

impl State {
    fn passes(self) -> bool {
        matches!(self, Self::Up | Self::CutAtCommit)
    }
}

async fn carry(mut near: TcpStream, server: SocketAddr, mut state: watch::Receiver<State>) {
    // What was silenced has lost bytes: it isn't taken up again.
    let passes = state.borrow_and_update().passes();
    if passes && let Ok(mut far) = TcpStream::connect(server).await {
        // An error is an end like any other: both sides see their connection close.
        let _ended = pass(&mut near, &mut far, &mut state).await;
    }
    if state
        .wait_for(|state| *state != State::Silent)
        .await
        .is_err()
    {
        // The test is over.
    }
}

/// Passes bytes on until one side ends or the state says so.
async fn pass(
    near: &mut TcpStream,
    far: &mut TcpStream,
    state: &mut watch::Receiver<State>,
) -> std::io::Result<()> {
    let (mut up, mut down) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
    loop {
        tokio::select! {
            read = near.read(&mut up) => {
                let sent = up.get(..read?).unwrap_or_default();
                if sent.is_empty() {
                    return Ok(());
                }
                far.write_all(sent).await?;
                let commits = sent.windows(7).any(|part| part == b"COMMIT\0");
                if commits && *state.borrow() == State::CutAtCommit {
                    // Its answer says that everything is stored. Nobody else hears it.
                    let _unheard = far.read(&mut down).await?;
                    return Ok(());
                }
            }
            read = far.read(&mut down) => {
                let answer = down.get(..read?).unwrap_or_default();
                if answer.is_empty() {
                    return Ok(());
                }
                near.write_all(answer).await?;
            }
            changed = state.changed() => {
                if changed.is_err() || !state.borrow_and_update().passes() {
                    return Ok(());
                }
            }
        }
    }
}
