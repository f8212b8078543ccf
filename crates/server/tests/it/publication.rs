//! What a publication tells everybody: once each, when it can be seen, whatever happens to the job.

use app::message::round;
use app::score;
use app::{Ctx, Error};
use domain::staff::Role;
use testkit::{TestApp, TestCandidate, both_backends};

use crate::arrangement::{applied, find, made, patient, seat, straight, wanted};
use crate::invariants::run;
use crate::score::{at, row, scored, tickets, upload};

const NAMES: [&str; 5] = ["林一舟", "苏晓", "何小宁", "周明远", "欧阳喆"];

/// Titles of a candidate's messages of one kind, newest first.
async fn told(who: &TestCandidate, kind: &str) -> Vec<String> {
    let inbox = app::message::inbox(&who.ctx(), None).await.unwrap();
    inbox
        .into_iter()
        .filter(|row| row.kind == kind)
        .map(|row| row.title.split('：').next().unwrap().to_owned())
        .collect()
}

async fn all_told(people: &[(TestCandidate, String)], kind: &str) -> Vec<usize> {
    let mut counts = Vec::new();
    for (who, _) in people {
        counts.push(told(who, kind).await.len());
    }
    counts
}

/// Five seated candidates, at a time when tickets can be printed; nobody has been told.
async fn seated(t: &TestApp, sms: bool) -> (testkit::TestExam, Vec<(TestCandidate, String)>) {
    let exam = t
        .recruitment(|settings| {
            straight(settings);
            settings.notices.ticket_sms = sms;
        })
        .await;
    let people = applied(t, &exam, &NAMES).await;
    let officer = t.staff(&[Role::ExamOfficer]).await;
    seat(t, &officer.ctx().await, &exam, "甲").await;
    (exam, people)
}

/// The id of the one round there is.
async fn the_round(t: &TestApp) -> i64 {
    assert_eq!(round::open_rounds(&t.system()).await.unwrap(), 1);
    assert_eq!(
        round::open_rounds(&t.system()).await.unwrap(),
        0,
        "opened once"
    );
    let rounds = app::message::round::unfinished(&t.app).await.unwrap();
    let [round] = rounds.as_slice() else {
        panic!("{rounds:?}")
    };
    *round
}

/// Works until the round is over; another worker's chunk is not an error.
async fn work(ctx: &Ctx, id: i64, chunk: u32) {
    loop {
        match round::tell_some(ctx, id, chunk).await {
            Ok(None) => return,
            Ok(Some(_)) | Err(Error::Conflict(_)) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// Five SMS to candidates wait in the outbox.
async fn queued(t: &TestApp) -> (TestApp, Vec<(TestCandidate, String)>) {
    let t = patient(t).with(|setup| setup.policy.sms = true);
    let (_, people) = seated(&t, true).await;
    run(&t, &["UPDATE account SET mobile_verified_at = 1"]).await;
    t.clock.set("2026-04-07 09:00");
    let id = the_round(&t).await;
    work(&t.system(), id, 100).await;
    (t, people)
}

both_backends! {
    async fn everybody_with_a_seat_is_told_once_when_tickets_open(t: TestApp) {
        let t = patient(&t);
        let (_, people) = seated(&t, false).await;
        let idle = t.ready("没报名").await;
        t.clock.set("2026-04-07 08:59");
        t.run_jobs().await;
        assert_eq!(all_told(&people, "ticket").await, [0; 5], "not before they open");
        t.clock.set("2026-04-07 09:00");
        t.run_jobs().await;
        assert_eq!(all_told(&people, "ticket").await, [1; 5]);
        assert_eq!(told(&people[0].0, "ticket").await, ["可以打印准考证了"]);
        assert!(told(&idle, "ticket").await.is_empty());
        people[0].0.browser().get("/messages").await.expect(200).shows("可以打印准考证了");
        t.clock.advance(3600);
        t.run_jobs().await;
        assert_eq!(all_told(&people, "ticket").await, [1; 5], "and never again");
        assert!(t.sms.sent().is_empty(), "the exam doesn't ask for SMS");
    }

    async fn an_sms_goes_along_where_the_exam_says_so(t: TestApp) {
        let t = patient(&t).with(|setup| setup.policy.sms = true);
        let (_, people) = seated(&t, true).await;
        run(&t, &["UPDATE account SET mobile_verified_at = 1"]).await;
        t.clock.set("2026-04-07 09:00");
        t.run_jobs().await;
        // The outbox has its own turn.
        t.clock.advance(60);
        t.run_jobs().await;
        let sent: Vec<_> = t.sms.sent().into_iter().filter(|sms| sms.template == "ticket_open").collect();
        assert_eq!(sent.len(), people.len());
        for (who, _) in &people {
            assert_eq!(sent.iter().filter(|sms| sms.to == who.person.mobile).count(), 1);
        }
    }

    async fn a_crash_in_mid_way_tells_nobody_twice_and_forgets_nobody(t: TestApp) {
        let t = patient(&t);
        let (_, people) = seated(&t, false).await;
        t.clock.set("2026-04-07 09:00");
        let id = the_round(&t).await;
        // The process dies after its first chunk: the job is still there, and the runner takes it again.
        assert_eq!(round::tell_some(&t.system(), id, 2).await.unwrap(), Some(2));
        assert_eq!(all_told(&people, "ticket").await.iter().sum::<usize>(), 2);
        t.run_jobs().await;
        assert_eq!(all_told(&people, "ticket").await, [1; 5]);
    }

    async fn a_code_overtakes_the_messages_to_everybody(t: TestApp) {
        let (t, _) = queued(&t).await;
        t.clock.advance(60);
        crate::account::sign_up(&mut t.browser(), &t.person("新来的")).await.expect(200).shows("核实手机号码");
        app::message::send_due(&t.system()).await.unwrap();
        let sent = t.sms.sent();
        let mass = sent.iter().filter(|sms| sms.template == "ticket_open").count();
        let code = sent.iter().position(|sms| sms.template == "code_signup").expect("a code");
        assert_eq!(mass, NAMES.len());
        // Those that are sent at once have no order among them.
        assert!(code < app::message::AT_ONCE, "{code}");
    }

    async fn an_sms_that_cannot_be_read_fails_alone(t: TestApp) {
        let (t, _) = queued(&t).await;
        let broken = "UPDATE outbox_message SET recipient = params WHERE id = \
                      (SELECT MIN(id) FROM outbox_message WHERE template = 'ticket_open')";
        run(&t, &[broken]).await;
        assert_eq!(app::message::send_due(&t.system()).await.unwrap(), NAMES.len() - 1);
        let (keeper, officer) = (t.staff(&[Role::SysAdmin]).await, t.staff(&[Role::ExamOfficer]).await);
        for staff in [keeper, officer] {
            let failed = app::message::office::sent(&staff.ctx().await, &app::message::office::Filter { state: "failed".into(), ..Default::default() }, None, 10).await.unwrap();
            assert_eq!(failed.iter().map(|one| one.error.as_str()).collect::<Vec<_>>(), ["unreadable"]);
            staff.browser().get("/office/messages?state=failed").await.expect(200).shows("内容无法读取");
        }
        t.clock.advance(3600);
        assert_eq!(app::message::send_due(&t.system()).await.unwrap(), 0);
    }

    async fn a_round_whose_job_died_is_taken_up_again(t: TestApp) {
        let t = patient(&t);
        let (_, people) = seated(&t, false).await;
        t.clock.set("2026-04-07 09:00");
        let id = the_round(&t).await;
        assert_eq!(round::tell_some(&t.system(), id, 2).await.unwrap(), Some(2));
        run(&t, &["UPDATE job SET state = 'dead', finished_at = 1 WHERE name = 'message.tell'"]).await;
        t.clock.advance(60);
        t.run_jobs().await;
        assert_eq!(all_told(&people, "ticket").await, [1; 5]);
        assert!(round::unfinished(&t.app).await.unwrap().is_empty());
    }

    async fn a_round_at_work_gets_no_second_job(t: TestApp) {
        let t = patient(&t);
        let (_, people) = seated(&t, false).await;
        // What else is due by then is done.
        t.clock.set("2026-04-06 09:00");
        t.run_jobs().await;
        t.clock.set("2026-04-07 09:00");
        the_round(&t).await;
        for _ in 0..3 {
            assert_eq!(round::open_rounds(&t.system()).await.unwrap(), 0);
        }
        let jobs = t.run_jobs().await;
        assert_eq!(jobs.done, 1, "{jobs:?}");
        assert_eq!(all_told(&people, "ticket").await, [1; 5]);
    }

    async fn somebody_whose_number_cannot_be_read_holds_up_nobody(t: TestApp) {
        let t = patient(&t).with(|setup| setup.policy.sms = true);
        let (_, people) = seated(&t, true).await;
        let (one, other) = (people[1].0.id, people[0].0.id);
        let swapped = format!("UPDATE account SET mobile = (SELECT mobile FROM account WHERE id = {other}) WHERE id = {one}");
        run(&t, &["UPDATE account SET mobile_verified_at = 1", &swapped]).await;
        t.clock.set("2026-04-07 09:00");
        t.run_jobs().await;
        assert_eq!(all_told(&people, "ticket").await, [1; 5]);
        t.clock.advance(60);
        t.run_jobs().await;
        let sent = t.sms.sent().into_iter().filter(|sms| sms.template == "ticket_open").count();
        assert_eq!(sent, NAMES.len() - 1);
    }

    async fn nobody_is_told_of_what_cannot_be_seen_any_more(t: TestApp) {
        let t = patient(&t);
        let (_, people) = seated(&t, false).await;
        t.clock.set("2026-04-07 09:00");
        the_round(&t).await;
        run(&t, &["UPDATE exam SET ticket_opens = ticket_opens + 3600000000"]).await;
        t.run_jobs().await;
        assert_eq!(all_told(&people, "ticket").await, [0; 5]);
        // The control: when it can, everybody is.
        t.clock.set("2026-04-07 10:00");
        t.run_jobs().await;
        assert_eq!(all_told(&people, "ticket").await, [1; 5]);
    }

    async fn two_workers_at_once_tell_everybody_once(t: TestApp) {
        let t = patient(&t);
        let (_, people) = seated(&t, false).await;
        t.clock.set("2026-04-07 09:00");
        let id = the_round(&t).await;
        let ctx = t.system();
        testkit::tokio::join!(work(&ctx, id, 1), work(&ctx, id, 2), work(&ctx, id, 1));
        assert_eq!(all_told(&people, "ticket").await, [1; 5]);
    }

    async fn a_job_that_lost_its_place_tells_nobody_again(t: TestApp) {
        let t = patient(&t);
        let (_, people) = seated(&t, false).await;
        t.clock.set("2026-04-07 09:00");
        let id = the_round(&t).await;
        let again = "UPDATE message_round SET reached = 0, finished_at = NULL";
        work(&t.system(), id, 2).await;
        run(&t, &[again]).await;
        work(&t.system(), id, 2).await;
        assert_eq!(all_told(&people, "ticket").await, [1; 5]);
        // The control: without the note of who was told, everybody is told a second time.
        run(&t, &["DELETE FROM message_told", again]).await;
        work(&t.system(), id, 2).await;
        assert_eq!(all_told(&people, "ticket").await, [2; 5]);
    }

    async fn a_plan_that_replaces_another_is_news_only_for_whom_it_moves(t: TestApp) {
        let t = patient(&t);
        let (exam, people) = seated(&t, false).await;
        t.clock.set("2026-04-07 09:00");
        t.run_jobs().await;
        let officer = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let old = seats(&officer, &t, &exam).await;
        let now = find(&t, &exam).await;
        let plan = made(&officer, &now, wanted("1", "乙")).await;
        app::arrangement::publish(&officer, &now, &plan).await.unwrap();
        let new = seats(&officer, &t, &exam).await;
        t.clock.advance(60);
        t.run_jobs().await;
        let mut moved = 0;
        for (who, _) in &people {
            let titles = told(who, "ticket").await;
            if old[&who.person.name] == new[&who.person.name] {
                assert_eq!(titles, ["可以打印准考证了"]);
            } else {
                assert_eq!(titles, ["考场或座位有调整", "可以打印准考证了"]);
                moved += 1;
            }
        }
        assert!(moved > 0, "the other seed moves somebody");
    }

    async fn scores_are_told_when_they_can_be_seen_and_corrections_to_whom_they_concern(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(scored).await;
        let people = applied(&t, &exam, &NAMES[..3]).await;
        seat(&t, &t.staff(&[Role::ExamOfficer]).await.ctx().await, &exam, "甲").await;
        let numbers = tickets(&t, &people).await;
        t.clock.set("2026-05-01 09:00");
        let (maker, checker) = (t.staff(&[Role::ScoreOfficer]).await, t.staff(&[Role::ScoreOfficer]).await);
        let mut rows: Vec<_> = numbers.iter().map(|number| row(number, "", "80", "70")).collect();
        let batch = upload(&t, &maker, &exam, &rows, "").await.unwrap().unwrap();
        let now = find(&t, &exam).await;
        score::check(&checker.ctx().await, &now, &batch).await.unwrap();
        score::publish(&checker.ctx().await, &now, &batch, (at("2026-05-08 10:00"), "")).await.unwrap();
        t.run_jobs().await;
        assert_eq!(all_told(&people, "score").await, [0; 3], "published, not yet visible");
        t.clock.set("2026-05-08 10:00");
        t.run_jobs().await;
        assert_eq!(told(&people[0].0, "score").await, ["成绩已公布"]);
        assert_eq!(all_told(&people, "score").await, [1; 3]);
        let inbox = app::message::inbox(&people[0].0.ctx(), None).await.unwrap();
        assert!(inbox.iter().all(|row| !row.body.contains("80") && !row.body.contains("75")), "marks stand on the page");

        rows[1] = row(&numbers[1], "", "81", "70");
        let batch = upload(&t, &maker, &exam, &rows, "登分差错").await.unwrap().unwrap();
        let now = find(&t, &exam).await;
        score::check(&checker.ctx().await, &now, &batch).await.unwrap();
        score::publish(&checker.ctx().await, &now, &batch, (t.now(), "登分差错")).await.unwrap();
        t.clock.advance(60);
        t.run_jobs().await;
        assert_eq!(all_told(&people, "score").await, [1, 2, 1]);
        assert_eq!(told(&people[1].0, "score").await, ["成绩有更正", "成绩已公布"]);
    }
}

/// Room and seat by name.
async fn seats(
    ctx: &Ctx,
    t: &TestApp,
    exam: &testkit::TestExam,
) -> std::collections::BTreeMap<String, (i64, i64)> {
    let now = find(t, exam).await;
    let plan = app::arrangement::overview(ctx, &now).await.unwrap();
    let plan = plan.published.unwrap();
    let mut seats = std::collections::BTreeMap::new();
    for room in app::arrangement::all_rooms(&ctx.app, plan.id)
        .await
        .unwrap()
    {
        let sitting = app::arrangement::room(ctx, &plan, room.room_no).await;
        for seat in sitting.unwrap() {
            seats.insert(seat.name, (room.room_no, seat.seat_no));
        }
    }
    seats
}
