//! What use-case and HTTP tests stand on: the whole product over a fresh database, a clock to turn, a browser.
//!
//! A test lives in `crates/server/tests/it/<feature>.rs` (list the module in `main.rs` there) and is written once for both
//! databases:
//!
//! ```ignore
//! use testkit::{TestApp, both_backends};
//!
//! both_backends! {
//!     async fn a_candidate_sees_what_he_saved(t: TestApp) {
//!         let zhang = t.candidate("张三").await;            // signed up, activated, password set
//!         let mut browser = zhang.browser();                // logged in
//!         let page = browser.get("/profile").await.expect(200);
//!         let form = page.form("/profile").set("address", "南屿市人民路 1 号");
//!         let page = browser.submit(form).await;            // follows the redirect
//!         page.expect(200).shows("保存成功");
//!     }
//! }
//! ```
//!
//! That makes two tests, `…::a_candidate_sees_what_he_saved::sqlite` and `…::postgres`. PostgreSQL is the server that
//! `BAOKAO_TEST_PG` names, else a throw-away cluster that each test process starts for itself (about 3 s: set the variable).
//! `. scripts/lib.sh; . scripts/postgres.sh; postgres_start; export BAOKAO_TEST_PG=$PG_URL` gives one.
//!
//! | For | Take |
//! |---|---|
//! | the application, the database | [`TestApp::app`], `t.app.db()` |
//! | a use case as the system, a candidate, staff | [`TestApp::ctx`], [`TestCandidate::ctx`], [`TestStaff::ctx`] |
//! | time | `t.clock.set("2026-03-18 10:00")`, `t.clock.advance_hours(3)`; it starts at [`START`] |
//! | jobs | [`TestApp::run_jobs`] does everything that is due |
//! | SMS | [`TestApp::sms`] remembers them; `t.with(\|s\| s.policy.sms = true)` switches sign-up codes on |
//! | other settings, a switched-off defence | [`TestApp::with`] |
//! | a visitor | [`TestApp::browser`]; `get`, `submit`, `post`; a captcha in a form is answered by itself |
//! | PostgreSQL away | [`TestApp::on_a_line`], then `t.line().cut()`, `silence()`, `mend()` |
//! | payment | [`TestApp::with_channels`] gives the product WeChat Pay, Alipay and UnionPay, and their other sides |
//! | an exam; a candidate with profile and photo | [`TestApp::recruitment`], [`TestApp::ready`] |
//! | a candidate, staff | [`TestApp::candidate`], [`TestApp::staff`] |
//!
//! Builders go through the use cases, never around them by SQL, so that what they make could have come about. Add the
//! builder of your feature in a file of your own with an `impl TestApp`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that can't be set up fails at once"
)]

pub mod browser;
mod channels;
mod clock;
mod doctored;
mod journey;
mod line;
mod paper;
mod people;
mod setup;
mod totp;

pub use browser::{Browser, Form, Page};
pub use channels::simulated_keys;
pub use clock::{FakeClock, START};
pub use doctored::{Doctored, Said};
pub use journey::{
    TestExam, TestPosition, application_form, archive_request, moved, submitted, test_settings,
    test_windows,
};
pub use line::Line;
pub use paper::codes_of;
pub use people::{Person, TestCandidate, TestStaff};
pub use setup::{BASE_URL, Setup, TestApp};
pub use totp::totp_code;

#[doc(hidden)]
pub use tokio;

/// Writes a test once and runs it on SQLite and on PostgreSQL.
///
/// The function's one argument is a [`TestApp`] over a fresh database. Several functions may stand in one block.
#[macro_export]
macro_rules! both_backends {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident: $kind:ty) $body:block)+) => {
        $(
            $(#[$meta])*
            mod $name {
                #[allow(unused_imports, reason = "a body may need none of its module's names")]
                use super::*;

                async fn body($app: $kind) $body

                #[test]
                fn sqlite() {
                    $crate::run($crate::TestApp::sqlite, body);
                }

                #[test]
                fn postgres() {
                    $crate::run($crate::TestApp::postgres, body);
                }
            }
        )+
    };
}

/// Runs one test body over one database. Called by [`both_backends!`].
pub fn run<M, MF, B, BF>(make: M, body: B)
where
    M: FnOnce() -> MF,
    MF: Future<Output = TestApp>,
    B: FnOnce(TestApp) -> BF,
    BF: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let app = make().await;
        let db = app.app.db().clone();
        body(app).await;
        db.close().await;
    });
}
