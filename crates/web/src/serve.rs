//! Serves a router over TCP: bounded connections, time limits on heads and idle lines, a graceful end.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use crate::client_addr::Peer;
use crate::kit::Limits;

mod idle;

use idle::{Idle, Work};

/// How long open requests get to end after the signal.
const GRACE: Duration = Duration::from_secs(25);

/// Serves until `shutdown` is ready, then lets open requests end.
///
/// # Errors
/// If the listener's own socket fails; a single connection's trouble ends that connection only.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: &Limits,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(64 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(Duration::from_secs(30)))
        .max_concurrent_streams(64)
        .max_header_list_size(32 * 1024);
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(limits.connections));
    let mut shutdown = pin!(shutdown);

    loop {
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place,
            () = shutdown.as_mut() => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shutdown.as_mut() => break,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            // Out of file descriptors, or a peer that has gone already: the next one may do.
            Err(error) => {
                tracing::warn!(%error, "accept");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // Small answers shouldn't wait for more.
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let work = Work::default();
        let making = work.clone();
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(address.ip()));
            let router = router.clone();
            let making = making.begin();
            async move {
                let _making = making;
                Ok::<_, Infallible>(
                    router
                        .oneshot(request)
                        .await
                        .unwrap_or_else(|never| match never {}),
                )
            }
        });
        let stream = TokioIo::new(Idle::new(stream, limits.idle, work));
        let connection = builder.serve_connection(stream, service).into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection");
            }
            drop(place);
        });
    }

    drop(listener);
    if tokio::time::timeout(GRACE, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests hadn't ended when the server stopped");
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::net::SocketAddr;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;
    use tokio::sync::Notify;

    use super::*;

    const IDLE: Duration = Duration::from_millis(100);

    /// Serves a router on a port of its own, with lines that may be idle for [`IDLE`], until the test is over.
    async fn served(router: Router) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let limits = Limits {
            idle: IDLE,
            ..Limits::default()
        };
        tokio::spawn(async move { serve(listener, router, &limits, std::future::pending()).await });
        address
    }

    async fn asked(address: SocketAddr, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nHost: here\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    }

    #[tokio::test]
    async fn an_answer_that_is_long_in_the_making_arrives_and_an_idle_line_is_closed() {
        let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (b, g) = (Arc::clone(&begun), Arc::clone(&go));
        let slow = move || async move {
            b.notify_one();
            g.notified().await;
            "made"
        };
        let address = served(Router::new().route("/slow", get(slow))).await;
        let mut stream = asked(address, "/slow").await;
        begun.notified().await;
        tokio::time::sleep(IDLE * 5).await;
        go.notify_one();
        // To the end: the line is kept alive by nobody, so the server closes it.
        let mut text = String::new();
        let read = stream.read_to_string(&mut text);
        tokio::time::timeout(Duration::from_secs(20), read)
            .await
            .unwrap()
            .unwrap();
        assert!(
            text.starts_with("HTTP/1.1 200") && text.ends_with("made"),
            "{text}"
        );
    }

    /// Tells when it is dropped.
    struct Gone(Arc<Notify>);

    impl Drop for Gone {
        fn drop(&mut self) {
            self.0.notify_one();
        }
    }

    #[tokio::test]
    async fn a_client_that_hangs_up_ends_the_work_on_its_answer() {
        let (begun, gone) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (b, g) = (Arc::clone(&begun), Arc::clone(&gone));
        let endless = move || async move {
            let _gone = Gone(g);
            b.notify_one();
            std::future::pending::<&'static str>().await
        };
        let address = served(Router::new().route("/endless", get(endless))).await;
        let stream = asked(address, "/endless").await;
        begun.notified().await;
        tokio::time::sleep(IDLE * 3).await;
        drop(stream);
        tokio::time::timeout(Duration::from_secs(20), gone.notified())
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn a_client_that_stops_reading_loses_its_line() {
        let gone = Arc::new(Notify::new());
        let g = Arc::clone(&gone);
        let large = move || async move {
            let held = Gone(g);
            let chunks = futures_util::stream::repeat_with(move || {
                let _ = &held;
                Ok::<_, Infallible>(vec![0u8; 64 * 1024])
            });
            Body::from_stream(chunks)
        };
        let address = served(Router::new().route("/large", get(large))).await;
        // Held open, never read.
        let _stream = asked(address, "/large").await;
        tokio::time::timeout(Duration::from_secs(20), gone.notified())
            .await
            .unwrap();
    }
}
