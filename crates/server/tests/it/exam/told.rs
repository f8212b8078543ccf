//! Those concerned of a change of settings are told once each, whatever happens to the job, and by SMS where the exam says so.

use app::Error;
use app::exam::change::{self, tell};
use app::exam::part::{BasicsDraft, Draft as _, Part};
use domain::staff::Role;
use testkit::{TestApp, TestCandidate, TestExam, both_backends};

use super::publish_change;
use crate::arrangement::find;

const POSITION: &str = "数字资源管理";
const TITLE: &str = "考试安排有更正";

/// Three who applied for the exam.
async fn three(t: &TestApp, exam: &TestExam) -> Vec<TestCandidate> {
    let mut people = Vec::new();
    for name in ["林一舟", "苏晓", "周敏"] {
        let who = t.ready(name).await;
        crate::application::submitted(&who, exam, POSITION).await;
        people.push(who);
    }
    people
}

/// A published change of the exam; `settings_change.id`.
async fn published(t: &TestApp, exam: &TestExam, contact: &str) -> i64 {
    let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
    let now = find(t, exam).await;
    let mut basics = BasicsDraft::of(&now);
    basics.contact = contact.into();
    let draft = change::draft_part(&ctx, &now, Part::Basics, &basics)
        .await
        .unwrap();
    publish_change(&ctx, &now, &draft).await.unwrap();
    change::find(&ctx, &now, &draft).await.unwrap().row.id
}

/// How often each was told.
async fn how_often(people: &[TestCandidate]) -> Vec<usize> {
    let mut counts = Vec::new();
    for who in people {
        let inbox = app::message::inbox(&who.ctx(), None).await.unwrap();
        counts.push(inbox.iter().filter(|row| row.title.contains(TITLE)).count());
    }
    counts
}

both_backends! {
    async fn a_job_that_was_killed_halfway_is_taken_up_and_each_is_told_once(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let people = three(&t, &exam).await;
        let id = published(&t, &exam, "0735-1234567").await;
        assert_eq!(tell::tell_some(&t.system(), id, 1).await.unwrap(), Some(1));
        assert_eq!(how_often(&people).await, [1, 0, 0]);
        // The job is gone for good, and nothing but the timer knows of it.
        crate::invariants::run(&t, &["UPDATE job SET state = 'dead', finished_at = 1 WHERE name = 'exam.tell_change'"]).await;
        app::exam::reapply::sweep(&t.system()).await.unwrap();
        // Twice is as good as once.
        app::exam::reapply::sweep(&t.system()).await.unwrap();
        t.run_jobs().await;
        assert_eq!(how_often(&people).await, [1, 1, 1]);
        app::exam::reapply::sweep(&t.system()).await.unwrap();
        t.run_jobs().await;
        assert_eq!(tell::tell_some(&t.system(), id, 1).await.unwrap(), None);
        assert_eq!(how_often(&people).await, [1, 1, 1]);
    }

    async fn several_workers_tell_each_once(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let people = three(&t, &exam).await;
        let id = published(&t, &exam, "0735-1234567").await;
        let hands = (0..6).map(|_| {
            let ctx = t.system();
            tokio::spawn(async move { tell::tell_some(&ctx, id, 2).await })
        });
        for hand in hands.collect::<Vec<_>>() {
            match hand.await.unwrap() {
                Ok(_) | Err(Error::Conflict(_)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        t.run_jobs().await;
        assert_eq!(how_often(&people).await, [1, 1, 1]);
    }

    async fn control_a_job_that_forgets_how_far_it_came_tells_twice(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let people = three(&t, &exam).await;
        let id = published(&t, &exam, "0735-1234567").await;
        tell::tell_some(&t.system(), id, 1).await.unwrap();
        crate::invariants::run(&t, &["UPDATE settings_change SET reached = 0"]).await;
        t.run_jobs().await;
        assert_eq!(how_often(&people).await, [2, 1, 1]);
    }

    async fn who_applied_under_the_change_is_not_told_of_it(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let mut people = three(&t, &exam).await;
        published(&t, &exam, "0735-1234567").await;
        let late = t.ready("吴越").await;
        crate::application::submitted(&late, &exam, POSITION).await;
        people.push(late);
        t.run_jobs().await;
        assert_eq!(how_often(&people).await, [1, 1, 1, 0]);
    }

    async fn an_sms_goes_along_where_the_exam_says_so(t: TestApp) {
        let t = t.with(|setup| setup.policy.sms = true);
        for (says, wanted) in [(false, 0), (true, 3)] {
            let exam = t.recruitment(|settings| settings.notices.position_sms = says).await;
            let people = three(&t, &exam).await;
            crate::invariants::run(&t, &["UPDATE account SET mobile_verified_at = 1"]).await;
            published(&t, &exam, "0735-1234567").await;
            t.clock.advance(60);
            t.run_jobs().await;
            let sent = t.sms.sent().into_iter().filter(|sms| sms.template == "exam_changed").count();
            assert_eq!((sent, how_often(&people).await), (wanted, vec![1, 1, 1]));
        }
    }
}
