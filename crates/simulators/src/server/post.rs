//! Delivers notices, and again after each pause until they are acknowledged.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

use crate::bank::{Channel, Letter};

/// How often is looked for what is due.
const EVERY: Duration = Duration::from_millis(200);

/// Delivers what is due, for ever.
///
/// # Errors
/// If the HTTP client can't be made.
pub(super) fn deliver(
    channels: Arc<[Arc<dyn Channel>]>,
) -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(10))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .map_err(io::Error::other)?;
    Ok(async move {
        loop {
            for channel in channels.iter() {
                for letter in channel.bank().due() {
                    tokio::spawn(one(client.clone(), Arc::clone(channel), letter));
                }
            }
            tokio::time::sleep(EVERY).await;
        }
    })
}

async fn one(client: reqwest::Client, channel: Arc<dyn Channel>, letter: Letter) {
    let Some(request) = channel.write(&letter) else {
        return;
    };
    let answer = post(&client, request).await;
    if !answer.is_some_and(|answer| channel.accepts(&answer)) {
        channel.bank().again(letter, channel.pauses());
    }
}

async fn post(client: &reqwest::Client, request: Request<Bytes>) -> Option<Response<Bytes>> {
    let request = reqwest::Request::try_from(request).ok()?;
    let answer = client.execute(request).await.ok()?;
    let status = answer.status();
    let mut whole = Response::new(answer.bytes().await.ok()?);
    *whole.status_mut() = status;
    Some(whole)
}
