//! The timer's rounds, through the registry that serves: a long queue.

use testkit::{TestApp, both_backends};

use super::stage;

both_backends! {
    async fn one_tick_asks_about_more_attempts_than_one_round_takes(t: TestApp) {
        let s = stage(&t).await;
        // Each cashier runs out before the next is opened: 45 attempts wait to be looked into.
        for _ in 0..45 {
            s.begin().await;
            s.t.clock.advance(31 * 60);
        }
        s.t.run_jobs().await;
        let open = s.history().await.attempts.iter().filter(|row| row.state != "closed").count();
        assert_eq!(open, 0);
    }
}
