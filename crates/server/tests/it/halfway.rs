//! A use case of several commits, stopped between two of them.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use testkit::tokio::sync::Notify;

/// Rings when the use case could go on.
struct Bell(Notify);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.notify_one();
    }
}

/// Lets a use case go on until `there` holds, and leaves it standing: nothing of it runs until it is awaited. `there` is asked
/// whenever an answer has come that the use case hasn't seen yet, so after a commit and before the next; only where a commit is
/// over before its answer is waited for, the use case makes two steps at once. What it came to, if it ended before.
pub(crate) async fn halfway<F: Future>(
    mut work: Pin<&mut F>,
    there: impl AsyncFn() -> bool,
) -> Option<F::Output> {
    let bell = Arc::new(Bell(Notify::new()));
    let waker = Waker::from(Arc::clone(&bell));
    loop {
        if let Poll::Ready(end) = work.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(end);
        }
        bell.0.notified().await;
        if there().await {
            return None;
        }
    }
}
