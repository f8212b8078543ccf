//! Notices to merchants, true and forged.

use std::time::Duration;

use domain::time::Timestamp;
use gateways::payment::sandbox::sign::{self, Signed};
use gateways::payment::sandbox::wire::{Notice, PaymentStatus};

use super::Sandbox;
use super::faults::Forgery;

/// Sends the notice of a payment as the faults have it, and again until it is acknowledged.
pub(super) fn start(sandbox: &Sandbox, merchant_no: &str) {
    let faults = sandbox.faults();
    if faults.lose_notices {
        return;
    }
    let (sandbox, merchant_no) = (sandbox.clone(), merchant_no.to_owned());
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(faults.delay_millis)).await;
        for _ in 0..faults.repeat {
            sandbox.notify(&merchant_no, Forgery::None).await;
        }
        for pause in std::iter::once(Duration::ZERO).chain(sandbox.config().retries.clone()) {
            tokio::time::sleep(pause).await;
            if sandbox.notify(&merchant_no, Forgery::None).await == Some(200) {
                return;
            }
        }
    });
}

/// A notice as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Where to.
    pub url: String,
    /// Its headers.
    pub headers: Vec<(&'static str, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Sandbox {
    /// Delivers one notice now, true or forged, and answers the status of the merchant's reply; 200 only with the exact body
    /// `success`. `None`: no such trade, or nobody listens.
    pub async fn notify(&self, merchant_no: &str, forgery: Forgery) -> Option<u16> {
        let status = self.post(self.letter(merchant_no, forgery)?).await?;
        if status == 200 && forgery == Forgery::None {
            self.change(|book| {
                if let Some(trade) = book.trades.get_mut(merchant_no) {
                    trade.acknowledged += 1;
                }
            });
        }
        Some(status)
    }

    /// Writes one notice, true or forged, without delivering it. `None`: no such trade.
    pub fn letter(&self, merchant_no: &str, forgery: Forgery) -> Option<Letter> {
        let book = self.book();
        let trade = book.trades.get(merchant_no)?;
        let config = self.config();
        let now = self.now();
        let mut payment = book.payment(&config.merchant, merchant_no, now);
        if payment.status != PaymentStatus::Paid && forgery != Forgery::None {
            payment.status = PaymentStatus::Paid;
            payment.channel_no = Some(format!("SFORGED{}", now.micros()));
            payment.paid_at = Some(now.micros());
        }
        match forgery {
            Forgery::SignedOtherAmount => payment.amount += 1,
            Forgery::OtherMerchant => payment.merchant = "999999".to_owned(),
            Forgery::UnknownNumber => {
                payment.merchant_no = "P20260101000000ZZZZZZZZZZZZZ".to_owned();
            }
            _ => {}
        }
        let notice = Notice {
            id: format!("N{merchant_no}"),
            payment,
        };
        let signed_at = if forgery == Forgery::Stale {
            now.plus_seconds(-3600)
        } else {
            now
        };
        seal(
            &notice,
            trade.order.notify_url.clone(),
            &config.secret,
            (signed_at, forgery),
        )
    }

    async fn post(&self, letter: Letter) -> Option<u16> {
        let mut request = self.0.client.post(&letter.url);
        for (name, value) in &letter.headers {
            request = request.header(*name, value);
        }
        let answer = request.body(letter.body).send().await.ok()?;
        let status = answer.status().as_u16();
        let text = answer.text().await.ok()?;
        // A page with status 200 that isn't the agreed word is no acknowledgement.
        Some(if status == 200 && text != "success" {
            299
        } else {
            status
        })
    }
}

/// Signs a notice, as rightly as the forgery has it.
fn seal(notice: &Notice, url: String, secret: &str, how: (Timestamp, Forgery)) -> Option<Letter> {
    let (signed_at, forgery) = how;
    let body = serde_json::to_vec(notice).ok()?;
    let secret = if forgery == Forgery::WrongKey {
        "not the key"
    } else {
        secret
    };
    let timestamp = signed_at.seconds();
    let signature = Signed {
        what: "notice",
        timestamp,
        body: &body,
    }
    .sign(secret);
    let body = match forgery {
        Forgery::AlteredAmount => {
            let mut altered = notice.clone();
            altered.payment.amount = 1;
            serde_json::to_vec(&altered).ok()?
        }
        Forgery::Truncated => body.get(..body.len() / 2)?.to_vec(),
        _ => body,
    };
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        (sign::TIMESTAMP, timestamp.to_string()),
    ];
    if forgery != Forgery::Unsigned {
        headers.push((sign::SIGNATURE, signature));
    }
    Some(Letter { url, headers, body })
}
