//! A create call that is on its way while somebody else gives the order up.

use std::sync::Arc;
use std::time::Duration;

use app::payment::{self, Started};
use axum::body::Bytes;
use domain::payment::OrderState;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use gateways::payment::{Lost, Transport};
use http::{Request, Response};
use simulators::Link;
use simulators::bank::{Call, Fate};
use testkit::{TestApp, both_backends, tokio};

use super::{CHANNEL, Stage, refused, staged};

/// The line to a channel on which a call that begins a payment takes its time before it arrives.
#[derive(Debug)]
struct Slow(Link);

impl Transport for Slow {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, Lost>> {
        async move {
            if request.uri().path().ends_with("/native") {
                tokio::time::sleep(Duration::from_millis(1_500)).await;
            }
            self.0.send(request).await
        }
        .boxed()
    }

    fn fetch<'a>(
        &'a self,
        request: Request<Bytes>,
        longest: u64,
        piece: &'a mut (dyn FnMut(&[u8]) -> std::io::Result<()> + Send),
    ) -> BoxFuture<'a, Result<u16, Lost>> {
        self.0.fetch(request, longest, piece)
    }
}

async fn slow(t: &TestApp) -> Stage {
    let channels = t.with_channels_over(|link| Arc::new(Slow(link)));
    staged(channels, |_| {}).await
}

both_backends! {
    async fn an_order_is_not_voided_while_the_channel_is_being_told_of_it(t: TestApp) {
        let s = slow(&t).await;
        let (pays, voids) = (s.ctx(), s.ctx());
        let desk = payment::Payer::default();
        let (started, voided) = tokio::join!(payment::pay(&pays, &s.order, CHANNEL, &desk), async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            payment::void(&voids, &s.order).await
        });
        assert_eq!(refused(voided), "confirming");
        assert!(matches!(started.unwrap(), Started::Cashier(_)));
        let number = s.history().await.attempts[0].merchant_no.clone();
        assert!(s.bank.pay(&number));
        s.t.clock.advance(20);
        s.t.run_jobs().await;
        assert_eq!(s.state().await, OrderState::Paid);
        s.balances().await;
    }

    async fn money_for_an_attempt_that_was_given_up_too_soon_is_found(t: TestApp) {
        let s = slow(&t).await;
        // The call takes longer than anybody waits for it, and its answer is lost.
        s.bank.tell(Call::Create, Fate::LostAfter);
        let pays = s.ctx();
        let desk = payment::Payer::default();
        let (started, voided) = tokio::join!(payment::pay(&pays, &s.order, CHANNEL, &desk), async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            s.t.clock.advance(60);
            payment::void(&s.ctx(), &s.order).await
        });
        assert!(voided.unwrap());
        assert_eq!(started.unwrap(), Started::Confirming);
        assert_eq!(s.history().await.attempts[0].state, "failed");
        assert_eq!(s.state().await, OrderState::Voided);
        let number = s.history().await.attempts[0].merchant_no.clone();
        assert!(s.bank.pay(&number));
        s.t.clock.advance(20);
        s.t.run_jobs().await;
        assert_eq!(s.state().await, OrderState::Paid);
        assert_eq!(s.track().await, "paid");
        s.balances().await;
    }

    async fn a_cashier_that_opens_after_the_order_was_given_up_is_closed_again(t: TestApp) {
        let s = slow(&t).await;
        let pays = s.ctx();
        let desk = payment::Payer::default();
        let (started, voided) = tokio::join!(payment::pay(&pays, &s.order, CHANNEL, &desk), async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            s.t.clock.advance(60);
            payment::void(&s.ctx(), &s.order).await
        });
        assert!(voided.unwrap());
        assert_eq!(refused(started), "order_not_open");
        let number = s.history().await.attempts[0].merchant_no.clone();
        assert!(!s.bank.pay(&number));
    }
}
