//! What is forgotten by itself after a while, and what isn't.

use db::{Crowd, p, sql};
use domain::staff::Role;
use testkit::{TestApp, both_backends};

use crate::account::sign_up;
use crate::invariants::run;

/// The states of what the office's list of SMS shows, newest first.
async fn listed(t: &TestApp) -> Vec<String> {
    let officer = t.staff(&[Role::ExamOfficer]).await.ctx().await;
    let all = app::message::office::Filter::default();
    let rows = app::message::office::sent(&officer, &all, None, 50)
        .await
        .unwrap();
    rows.into_iter().map(|row| row.state).collect()
}

/// Rounds of housekeeping until nothing is left to do; how many SMS went.
async fn swept(t: &TestApp) -> u64 {
    let mut gone = 0;
    loop {
        match app::message::sweep(&t.system()).await.unwrap() {
            0 => return gone,
            some => gone += some,
        }
    }
}

both_backends! {
    async fn an_sms_is_forgotten_when_nobody_can_ask_about_it_any_more(t: TestApp) {
        let t = t.with(|setup| setup.policy.sms = true);
        for name in ["林一舟", "苏晓", "何小宁", "周明远"] {
            sign_up(&mut t.browser(), &t.person(name)).await.expect(200).shows("核实手机号码");
        }
        t.run_jobs().await;
        assert_eq!(t.sms.sent().len(), 4);
        // One each of what can be over, and one that waits for a gateway that has been away since.
        run(&t, &[
            "UPDATE outbox_message SET state = 'failed', sent_at = NULL WHERE id = (SELECT MIN(id) FROM outbox_message)",
            "UPDATE outbox_message SET state = 'queued', sent_at = NULL, next_at = 9000000000000000 WHERE id = (SELECT MAX(id) FROM outbox_message)",
        ]).await;
        t.clock.advance_days(app::message::KEPT_DAYS);
        t.clock.advance(-60);
        assert_eq!(swept(&t).await, 0);
        sign_up(&mut t.browser(), &t.person("欧阳喆")).await.expect(200).shows("核实手机号码");
        t.clock.advance(120);
        assert_eq!(swept(&t).await, 3);
        assert_eq!(listed(&t).await, ["queued", "queued"]);
    }

    async fn codes_are_forgotten_when_no_day_counts_them(t: TestApp) {
        let t = t.with(|setup| setup.policy.sms = true);
        sign_up(&mut t.browser(), &t.person("林一舟")).await.expect(200).shows("核实手机号码");
        let codes = async |t: &TestApp| t.app.db().scan(Crowd::System).one::<i64>(sql!("SELECT COUNT(*) FROM sms_code"), p![]).await.unwrap();
        let housekeeping = async |t: &TestApp| while app::account::sweep(&t.system()).await.unwrap() > 0 {};
        t.clock.advance_days(2);
        t.clock.advance(-60);
        housekeeping(&t).await;
        assert_eq!(codes(&t).await, 1);
        t.clock.advance(120);
        housekeeping(&t).await;
        assert_eq!(codes(&t).await, 0);
    }
}
