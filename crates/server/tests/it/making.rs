//! 考场编排 as a job: killed anywhere it ends with the same plan, and what can't be made says why.

use app::arrangement::{self, PlanRow, make};
use app::{Ctx, Error};
use domain::exam::ExamSettings;
use domain::staff::Role;
use testkit::{TestApp, both_backends};

use crate::arrangement::{applied, find, made, patient, straight, wanted};
use crate::invariants::rows::{run, text_of};

/// Papers in four sessions: five people have twenty seats, which one statement writes.
pub(crate) fn four_sessions(settings: &mut ExamSettings) {
    straight(settings);
    let first = settings.papers[0].clone();
    for later in 1..4u32 {
        let mut paper = first.clone();
        paper.session = 1 + later;
        paper.code = (11 + later).to_string();
        paper.name = format!("科目{later}");
        paper.starts_at = first.starts_at.plus_seconds(7_200 * i64::from(later));
        paper.ends_at = first.ends_at.plus_seconds(7_200 * i64::from(later));
        settings.papers.push(paper);
    }
}

const FIVE: [&str; 5] = ["林一舟", "欧阳喆", "何小宁", "周明远", "苏晓"];

/// Session, room, seat, application and ticket number of every seat of a plan.
async fn seats(ctx: &Ctx, plan: &PlanRow) -> Vec<(i64, i64, i64, i64, String)> {
    let mut seats = Vec::new();
    for room in arrangement::all_rooms(&ctx.app, plan.id).await.unwrap() {
        for row in arrangement::room(ctx, plan, room.room_no).await.unwrap() {
            seats.push((
                row.session,
                row.room_no,
                row.seat_no,
                row.application_id,
                row.ticket_no,
            ));
        }
    }
    seats.sort();
    seats
}

both_backends! {
    async fn a_plan_is_the_same_wherever_its_job_was_killed(t: TestApp) {
        let exam = t.recruitment(four_sessions).await;
        applied(&t, &exam, &FIVE).await;
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let now = find(&t, &exam).await;
        let whole = made(&ctx, &now, wanted("1", "甲")).await;
        let whole = arrangement::plan(&ctx, &now, &whole).await.unwrap();
        let expected = seats(&ctx, &whole).await;
        assert_eq!((whole.state.as_str(), whole.seats, expected.len()), ("ready", 20, 20));
        for chunk in [1, 3, 7, 19, 20] {
            let id = arrangement::generate(&ctx, &now, wanted("1", "甲")).await.unwrap();
            let plan = arrangement::plan(&ctx, &now, &id).await.unwrap();
            let mut there = 0;
            // Whoever goes on knows nothing of what was done before.
            while let Some((by_now, of)) = make::make_some(&t.system(), plan.id, &mut None, chunk).await.unwrap() {
                assert_eq!((by_now > there, of), (true, 20), "chunks of {chunk}");
                there = by_now;
            }
            let plan = arrangement::plan(&ctx, &now, &id).await.unwrap();
            assert_eq!((plan.state.as_str(), plan.input_sha256.as_str()), ("ready", whole.input_sha256.as_str()));
            assert_eq!(seats(&ctx, &plan).await, expected, "chunks of {chunk}");
            assert_eq!(plan.summary, whole.summary);
            // Once more changes nothing.
            assert_eq!(make::make_some(&t.system(), plan.id, &mut None, chunk).await.unwrap(), None);
        }
        assert!(matches!(make::make_some(&t.system(), 1, &mut None, 1).await, Err(Error::NotFound)));
        // Two at once write the one plan.
        let id = arrangement::generate(&ctx, &now, wanted("1", "甲")).await.unwrap();
        let plan = arrangement::plan(&ctx, &now, &id).await.unwrap();
        let work = async || {
            let mut held = None;
            loop {
                match make::make_some(&t.system(), plan.id, &mut held, 2).await {
                    Ok(Some(_)) | Err(Error::Conflict(_)) => {}
                    Ok(None) => break,
                    Err(error) => panic!("{error:?}"),
                }
            }
        };
        tokio::join!(work(), work());
        let plan = arrangement::plan(&ctx, &now, &id).await.unwrap();
        assert_eq!((plan.state.as_str(), seats(&ctx, &plan).await), ("ready", expected));
    }

    async fn who_comes_before_the_job_is_in_the_plan_and_who_comes_during_it_makes_it_stale(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(straight).await;
        applied(&t, &exam, &["林一舟", "何小宁"]).await;
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let now = find(&t, &exam).await;
        let asked = arrangement::generate(&ctx, &now, wanted("1", "甲")).await.unwrap();
        let before = arrangement::plan(&ctx, &now, &asked).await.unwrap();
        // Half of it is there when somebody comes and the job dies.
        make::make_some(&t.system(), before.id, &mut None, 1).await.unwrap();
        applied(&t, &exam, &["周明远"]).await;
        make::make_all(&ctx, &now, &asked).await.unwrap();
        let plan = arrangement::plan(&ctx, &now, &asked).await.unwrap();
        assert_eq!((plan.state.as_str(), plan.seats, plan.figures().people), ("ready", 3, 3));
        assert_ne!(plan.input_sha256, before.input_sha256);
        assert_eq!(arrangement::one_room(&ctx, &plan, 1).await.unwrap().people, 3);
        // The control: a plan asked for now is the same.
        let fresh = made(&ctx, &now, wanted("1", "甲")).await;
        let fresh = arrangement::plan(&ctx, &now, &fresh).await.unwrap();
        assert_eq!(seats(&ctx, &fresh).await, seats(&ctx, &plan).await);
        assert_eq!(fresh.input_sha256, plan.input_sha256);

        // A candidate's own commit goes between two chunks; the plan is of those whom the job has seen.
        let asked = arrangement::generate(&ctx, &now, wanted("1", "乙")).await.unwrap();
        let row = arrangement::plan(&ctx, &now, &asked).await.unwrap();
        let mut held = None;
        make::make_some(&t.system(), row.id, &mut held, 1).await.unwrap();
        applied(&t, &exam, &["苏晓"]).await;
        while make::make_some(&t.system(), row.id, &mut held, 1).await.unwrap().is_some() {}
        let plan = arrangement::plan(&ctx, &now, &asked).await.unwrap();
        assert_eq!((plan.state.as_str(), plan.seats), ("ready", 3));
        let refused = arrangement::publish(&ctx, &now, &asked).await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    }

    async fn a_plan_that_cannot_be_made_any_more_says_why(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(straight).await;
        applied(&t, &exam, &["林一舟", "何小宁"]).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let (ctx, mut office) = (officer.ctx().await, officer.browser());
        let now = find(&t, &exam).await;
        let mut few = wanted("1", "甲");
        few.rooms[0].capacity = 2;
        let asked = arrangement::generate(&ctx, &now, few).await.unwrap();
        let row = arrangement::plan(&ctx, &now, &asked).await.unwrap();
        make::make_some(&t.system(), row.id, &mut None, 1).await.unwrap();
        applied(&t, &exam, &["周明远"]).await;
        t.run_jobs().await;
        let plan = arrangement::plan(&ctx, &now, &asked).await.unwrap();
        assert_eq!(plan.state, "discarded");
        assert!(plan.failure.contains("普通考场不够"), "{}", plan.failure);
        assert!(seats(&ctx, &plan).await.is_empty());
        let base = format!("/office/seating/{}", exam.public_id);
        office.get(&base).await.expect(200).shows("未完成");
        office.get(&format!("{base}/plans/{asked}")).await.expect(200).shows("编排没有完成").shows("普通考场不够").lacks("公布这一版编排");
        // Rooms that were never written, or another way of making plans: given up too.
        for (damage, why) in [
            ("UPDATE seat_plan SET rooms = 2 WHERE state = 'staging'", "考场没有写完"),
            ("UPDATE seat_plan SET options = '{\"algorithm\":1}' WHERE state = 'staging'", "编排方法有变化"),
            ("UPDATE seat_room SET usage = 'spare'", "普通考场不够"),
        ] {
            let asked = arrangement::generate(&ctx, &now, wanted("1", "甲")).await.unwrap();
            run(&t, &[damage]).await;
            make::make_all(&ctx, &now, &asked).await.unwrap();
            let plan = arrangement::plan(&ctx, &now, &asked).await.unwrap();
            assert!(plan.state == "discarded" && plan.failure.contains(why), "{}", plan.failure);
        }
    }

    async fn what_a_dead_process_left_is_taken_up_or_cleared_away(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(straight).await;
        applied(&t, &exam, &["林一舟", "何小宁"]).await;
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let now = find(&t, &exam).await;
        let state = async |id: &str| arrangement::plan(&ctx, &now, id).await.unwrap().state;
        // Its job is gone, and so is the request that might still be writing rooms.
        let lost = arrangement::generate(&ctx, &now, wanted("1", "甲")).await.unwrap();
        run(&t, &["DELETE FROM job_progress", "DELETE FROM job"]).await;
        t.run_jobs().await;
        assert_eq!(state(&lost).await, "staging", "too early to say");
        t.clock.advance(601);
        t.run_jobs().await;
        assert_eq!(state(&lost).await, "ready");
        // A file's rows were with its request only.
        let torn = made(&ctx, &now, wanted("1", "乙")).await;
        let torn_id = arrangement::plan(&ctx, &now, &torn).await.unwrap().id;
        run(&t, &[&format!("UPDATE seat_plan SET state = 'staging', source = 'imported' WHERE id = {torn_id}")]).await;
        t.clock.advance(2_900);
        make::resume(&t.system()).await.unwrap();
        assert_eq!(state(&torn).await, "staging");
        t.clock.advance(702);
        make::resume(&t.system()).await.unwrap();
        let row = arrangement::plan(&ctx, &now, &torn).await.unwrap();
        assert_eq!(row.state, "discarded");
        assert!(row.failure.contains("导入中断") && seats(&ctx, &row).await.is_empty());
        // Whoever gave a plan up died before its seats were gone.
        let littered = made(&ctx, &now, wanted("1", "丙")).await;
        let id = arrangement::plan(&ctx, &now, &littered).await.unwrap().id;
        run(&t, &[&format!("UPDATE seat_plan SET state = 'discarded' WHERE id = {id}")]).await;
        make::resume(&t.system()).await.unwrap();
        let left = text_of(&t, &format!("SELECT CAST(COUNT(*) AS TEXT) FROM seat WHERE plan_id = {id}")).await;
        assert_eq!(left, "0");
    }

    async fn the_rooms_of_a_plan_keep_their_region(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(straight).await;
        applied(&t, &exam, &["林一舟"]).await;
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let now = find(&t, &exam).await;
        let mut regional = wanted("2", "甲");
        regional.rooms[1].region = "南区".into();
        let plan = made(&ctx, &now, regional).await;
        let row = arrangement::plan(&ctx, &now, &plan).await.unwrap();
        let rooms = arrangement::all_rooms(&ctx.app, row.id).await.unwrap();
        assert_eq!((rooms[0].region.as_str(), rooms[1].region.as_str()), ("", "南区"));
        // Somebody who chose no region doesn't sit in that room: the check of what is stored knows it.
        run(&t, &[&format!("UPDATE seat SET room_no = 2 WHERE plan_id = {}", row.id)]).await;
        let refused = arrangement::publish(&ctx, &now, &plan).await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
        run(&t, &[&format!("UPDATE seat SET room_no = 1 WHERE plan_id = {}", row.id)]).await;
        arrangement::publish(&ctx, &now, &plan).await.unwrap();
    }
}
