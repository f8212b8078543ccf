//! 网上报名 from the categories to the applied exams, and everything that may stand in the way.

use app::application::{self, Form};
use app::{Ctx, Error};
use domain::application::Event;
use domain::exam::Phase;
use domain::exam::question::Answer;
use domain::exam::snapshot::Choice;
use domain::exam::steps::PhotoStep;
use domain::integrity::{IntegrityKind, IntegrityRecord};
use domain::staff::Role;
use testkit::{TestApp, TestExam, TestPosition, both_backends, moved};
pub(crate) use testkit::{application_form as form, submitted};

/// The code of a refusal.
pub(crate) fn code(result: app::Result<impl std::fmt::Debug>) -> &'static str {
    match result {
        Err(Error::Refused(refusal)) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}

const MAJOR_ANY: &str = "数字资源管理";
const ACCOUNTANT: &str = "财务会计";

both_backends! {
    async fn the_whole_way_through_the_pages(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let lin = t.ready("林一舟").await;
        let mut browser = lin.browser();
        browser.get("/apply").await.expect(200).shows("事业单位考试").shows("进入");
        let _page = browser.get("/apply/category/recruitment").await.expect(200).shows("2026年市直事业单位公开招聘").shows("报名中").shows("3月20日（周五）17:00");
        let start = format!("/apply/{}", exam.public_id);
        browser.get(&start).await.expect(200).shows("阅读并同意报名协议").shows("尚不能填写");

        let page = browser.get(&format!("{start}/agreement")).await;
        let agreement = page.expect(200).form(&format!("{start}/agreement"));
        let _page = browser.submit(agreement.clone().press("不同意")).await.expect(200).is_at("/apply");
        let _page = browser.submit(agreement.press("同意")).await.expect(200).is_at(&format!("{start}/positions")).shows(MAJOR_ANY).shows("专业不符");

        let form_path = format!("{start}/form");
        let position = exam.position(MAJOR_ANY);
        let page = browser.get(&format!("{form_path}?position={position}")).await.expect(200).shows("林一舟").shows("信息管理与信息系统").shows("是否服从调剂");
        let empty = page.form(&form_path);
        let page = browser.submit(empty).await.expect(422).shows("请选择是否服从调剂");
        let filled = page.form(&form_path).set("q.adjust", "否").file(
            "q.proof",
            "在职证明.pdf",
            "application/pdf",
            b"%PDF-1.7 proof",
        );
        let page = browser.submit(filled).await.expect(200).is_at(&format!("{start}/check")).shows("在职证明.pdf").shows("100.00 元");
        let check = page.form(&format!("{start}/check"));
        let _page = browser.submit(check.clone()).await.expect(200).is_at("/applications").shows("保存成功").shows("2026 0316 00001").shows("当前");

        // The same button once more changes nothing.
        let _page = browser.submit(check).await.expect(200).is_at("/applications");
        let mine = application::mine(&lin.ctx()).await.unwrap();
        assert_eq!(mine.len(), 1);
        let detail = format!("/applications/{}", mine[0].row.public_id);
        browser.get(&detail).await.expect(200).shows("报名登记表").shows("在职证明.pdf").shows(&lin.person.number);
        let pdf = browser.get(&format!("{detail}/form.pdf")).await;
        assert!(pdf.expect(200).body.starts_with(b"%PDF"));
        browser.get(&format!("{detail}/photo")).await.expect(200);
        let page = browser.get(&detail).await;
        let file = page.link("在职证明");
        browser.get(&file).await.expect(200);
        browser.get("/reviews?exam=事业单位").await.expect(200).shows("待审核");
        browser.get("/reviews?exam=公务员").await.expect(200).shows("没有找到这项考试");
        browser.get(&start).await.expect(200).shows("您已报名");
    }

    async fn home_says_what_comes_next_and_which_exams_one_is_in(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let lin = t.ready("林一舟").await;
        let mut browser = lin.browser();
        let apply = format!("/apply/{}", exam.public_id);
        let page = browser.get("/home").await.expect(200).shows("正在报名的考试").lacks("已报名");
        assert!(page.html().contains(&format!("href=\"{apply}\"")));
        let id = submitted(&lin, &exam, MAJOR_ANY).await;
        let page = browser.get("/home").await.expect(200).shows("等待资格审查").shows("待审核").shows("已报名");
        assert!(!page.html().contains(&format!("href=\"{apply}\"")), "an exam one is in is not offered again");
        let path = format!("/applications/{id}/withdraw");
        let form = browser.get(&path).await.form(&path);
        browser.submit(form).await.expect(200);
        let page = browser.get("/home").await.expect(200).shows("已取消报名");
        assert!(page.html().contains(&format!("href=\"{apply}\"")), "after it was withdrawn it is");
    }

    async fn somebody_new_is_led_from_profile_to_photo_by_the_home_page(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let mut browser = lin.browser();
        browser.get("/home").await.expect(200).shows("填写个人信息").lacks("上传照片");
        browser.get("/profile").await.expect(200).lacks("五个部分都已填写");
        t.fill_profile(&lin).await;
        browser.get("/home").await.expect(200).shows("上传照片").lacks("填写个人信息");
        browser.get("/profile").await.expect(200).shows("五个部分都已填写");
    }

    async fn saving_without_a_photo_leads_to_the_photo_and_back_with_everything_typed(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let lin = t.candidate("林一舟").await;
        t.fill_profile(&lin).await;
        let mut browser = lin.browser();
        let start = format!("/apply/{}", exam.public_id);
        let page = browser.get(&format!("{start}/agreement")).await;
        browser.submit(page.form(&format!("{start}/agreement")).press("同意")).await.expect(200);
        let form_path = format!("{start}/form");
        let page = browser.get(&format!("{form_path}?position={}", exam.position(MAJOR_ANY))).await;
        let page = browser.submit(page.form(&form_path).set("q.adjust", "否")).await;
        let check = page.expect(200).form(&format!("{start}/check"));
        let _page = browser.submit(check).await.expect(200).is_at(&format!("{start}/photo")).shows("还没有上传照片").shows("都已保留");
        assert!(application::mine(&lin.ctx()).await.unwrap().is_empty());
        t.upload_photo(&lin).await;
        let page = browser.get(&format!("{start}/check")).await.expect(200).shows("否");
        let _page = browser.submit(page.form(&format!("{start}/check"))).await.expect(200).is_at("/applications").shows("保存成功");
    }

    async fn entering_again_edits_and_refreshes_the_copy_of_the_profile(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let lin = t.ready("林一舟").await;
        let id = submitted(&lin, &exam, MAJOR_ANY).await;
        let before = application::own(&lin.ctx(), &id).await.unwrap();
        let work = domain::profile::WorkForm {
            occupation: "unemployed".into(),
            address: "南屿市解放路 2 号".into(),
            ..Default::default()
        };
        app::profile::save_work(&lin.ctx(), &work).await.unwrap();
        let kept = application::own_content(&lin.ctx(), &before).await.unwrap();
        assert_eq!(kept.profile.profile.work.as_ref().unwrap().employer, "某软件有限公司");
        let mut browser = lin.browser();
        let start = format!("/apply/{}", exam.public_id);
        let page = browser.get(&format!("{start}/agreement")).await;
        let page = browser.submit(page.form(&format!("{start}/agreement")).press("同意")).await.expect(200).is_at(&format!("{start}/form"));
        let form = page.form(&format!("{start}/form"));
        assert_eq!(form.value("q.adjust"), Some("是"), "answers are filled in");
        let page = browser.submit(form).await;
        let _page = browser.submit(page.expect(200).shows("修改").form(&format!("{start}/check"))).await.expect(200).is_at("/applications");
        let after = application::own(&lin.ctx(), &id).await.unwrap();
        assert_ne!(before.row.snapshot_hash, after.row.snapshot_hash);
        let kept = application::own_content(&lin.ctx(), &after).await.unwrap();
        assert_eq!(kept.profile.profile.work.unwrap().address, "南屿市解放路 2 号");
        let events = application::own_events(&lin.ctx(), &after).await.unwrap();
        assert_eq!(events.last().unwrap().note, "修改了：工作与联系");
        // Nothing changed since: saving again leaves no trace.
        let ctx = lin.ctx();
        let saved = application::submit(&ctx, &exam.public_id, &form_of(&ctx, &exam)).await.unwrap();
        assert_eq!(saved.event, None);
    }

    async fn sent_twice_at_once_it_is_one_application(t: TestApp) {
        assert_eq!(sent_at_once(&t).await, 1);
    }

    async fn control_without_the_index_it_is_several_where_commands_run_side_by_side(t: TestApp) {
        crate::invariants::run(&t, &["DROP INDEX application_live"]).await;
        if t.app.db().backend() == db::Backend::Postgres {
            // A pause before each insert, or the others might look after the first has written.
            let function = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS \
                            'BEGIN PERFORM pg_sleep(0.2); RETURN NEW; END'";
            let trigger = "CREATE TRIGGER slow BEFORE INSERT ON application FOR EACH ROW EXECUTE FUNCTION slow()";
            crate::invariants::run(&t, &[function, trigger]).await;
        }
        let made = sent_at_once(&t).await;
        match t.app.db().backend() {
            db::Backend::Sqlite => assert_eq!(made, 1, "one writer at a time"),
            db::Backend::Postgres => assert!(made > 1, "the test above would notice: {made}"),
        }
    }

    async fn sixty_four_on_fifty_places_are_exactly_fifty(t: TestApp) {
        let position = TestPosition { name: MAJOR_ANY, capacity: 50, ..TestPosition::default() };
        let exam = t.recruitment_with(|_| {}, &[position]).await;
        let mut people = Vec::new();
        for n in 0..64 {
            people.push(t.ready(&format!("考生{}", name_of(n))).await);
        }
        let tasks: Vec<_> = people
            .iter()
            .map(|who| {
                let (ctx, exam) = (who.ctx(), exam.clone());
                tokio::spawn(async move {
                    let form = form(&ctx, exam.position(MAJOR_ANY));
                    application::submit(&ctx, &exam.public_id, &form).await
                })
            })
            .collect();
        let (mut taken, mut full) = (0, 0);
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => taken += 1,
                Err(Error::Refused(refusal)) => {
                    assert_eq!(refusal.code, "position_full");
                    full += 1;
                }
                Err(error) => panic!("{error:?}"),
            }
        }
        assert_eq!((taken, full), (50, 14));
    }

    async fn counting_before_inserting_oversells_where_commands_run_side_by_side(t: TestApp) {
        // The control run of the test above: no conditional update, no CHECK, and a pause between count and insert.
        let tasks: Vec<_> = (0..64)
            .map(|_| {
                let app = t.app.clone();
                let command = Careless { id: app.reserve_ids(1) };
                tokio::spawn(async move { app.db().write(db::Lane::Interactive, command).await })
            })
            .collect();
        let mut sold = 0;
        for task in tasks {
            sold += u32::from(task.await.unwrap().unwrap());
        }
        match t.app.db().backend() {
            db::Backend::Sqlite => assert_eq!(sold, 50, "one writer at a time"),
            db::Backend::Postgres => assert!(sold > 50, "the test above would notice: {sold}"),
        }
    }

    async fn the_window_is_open_to_the_last_instant_and_not_one_longer(t: TestApp) {
        let exam = t.recruitment(|settings| {
            moved(settings, Phase::Registration, "2026-03-16 10:00", "2026-03-20 17:00");
            moved(settings, Phase::Review, "2026-03-16 10:00", "2026-03-21 17:00");
            moved(settings, Phase::Payment, "2026-03-16 10:00", "2026-03-23 17:00");
        })
        .await;
        let (lin, su) = (t.ready("林一舟").await, t.ready("苏晓").await);
        let start = format!("/apply/{}", exam.public_id);
        t.clock.set("2026-03-16 09:59:59");
        lin.again().await.browser().get(&start).await.expect(409).shows("网上报名尚未开始").shows("3月16日 10:00");
        let ctx = lin.ctx();
        let early = application::submit(&ctx, &exam.public_id, &form_of(&ctx, &exam)).await;
        assert_eq!(code(early), "registration_closed");
        t.clock.set("2026-03-20 16:59:59");
        let ctx = lin.ctx();
        application::submit(&ctx, &exam.public_id, &form_of(&ctx, &exam)).await.expect("in time");
        t.clock.advance(1);
        let ctx = su.ctx();
        let late = application::submit(&ctx, &exam.public_id, &form_of(&ctx, &exam)).await;
        assert_eq!(code(late), "registration_closed");
        su.again().await.browser().get(&start).await.expect(409).shows("网上报名已经截止");
        // The head of this request was read a second before the close: it counts.
        let in_time = Ctx { at: t.now().plus_seconds(-1), ..su.ctx() };
        application::submit(&in_time, &exam.public_id, &form_of(&in_time, &exam)).await.expect("in time");
    }

    async fn somebody_elses_application_is_not_found(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let (lin, su) = (t.ready("林一舟").await, t.ready("苏晓").await);
        let id = submitted(&lin, &exam, MAJOR_ANY).await;
        let mut browser = su.browser();
        for page in ["", "/form.pdf", "/photo", "/withdraw", "/appeal", "/files/0000000000000000"] {
            browser.get(&format!("/applications/{id}{page}")).await.expect(404);
        }
        assert!(matches!(application::withdraw(&su.ctx(), &id).await, Err(Error::NotFound)));
        assert!(matches!(application::appeal(&su.ctx(), &id, "这是别人的报名，不该受理").await, Err(Error::NotFound)));
    }

    async fn who_is_not_eligible_or_barred_does_not_enter(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let lin = t.ready("林一舟").await;
        let ctx = lin.ctx();
        let wrong = application::submit(&ctx, &exam.public_id, &form(&ctx, exam.position(ACCOUNTANT))).await;
        assert_eq!(code(wrong), "not_eligible");
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let identity = app::profile::own(&ctx).await.unwrap().identity;
        let record = IntegrityRecord {
            kind: IntegrityKind::FiveYears,
            reason: "携带手机进入考场".into(),
            starts_on: "2024-05-01".parse().unwrap(),
            ends_on: "2029-04-30".parse().ok(),
        };
        let staff = officer.ctx().await;
        application::integrity::record(&staff, &identity.document, "林一舟", &record, "市人社局处理决定").await.unwrap();
        let barred = application::submit(&ctx, &exam.public_id, &form_of(&ctx, &exam)).await;
        assert_eq!(code(barred), "integrity_record");
    }

    async fn an_incomplete_profile_and_an_old_agreement_are_named(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let lin = t.candidate("林一舟").await;
        let ctx = lin.ctx();
        let incomplete = application::submit(&ctx, &exam.public_id, &form_of(&ctx, &exam)).await;
        assert_eq!(code(incomplete), "profile_incomplete");
        t.fill_profile(&lin).await;
        let mut old = form_of(&ctx, &exam);
        old.agreed.version = 0;
        assert_eq!(code(application::submit(&ctx, &exam.public_id, &old).await), "agreement_changed");
        let photo = application::submit(&ctx, &exam.public_id, &form_of(&ctx, &exam)).await;
        assert_eq!(code(photo), "photo_missing");
    }

    async fn a_photo_that_must_be_approved_first_opens_its_gates(t: TestApp) {
        let exam = t.recruitment(|settings| {
            settings.steps.photo = PhotoStep::ApprovedBeforeApply;
        })
        .await;
        let lin = t.ready("林一舟").await;
        let ctx = lin.ctx();
        let waits = application::submit(&ctx, &exam.public_id, &form_of(&ctx, &exam)).await;
        assert_eq!(code(waits), "photo_not_approved");
        let _page = lin.browser().get(&format!("/apply/{}/photo", exam.public_id)).await.expect(200).shows("照片还在审核");
        let reviewer = t.staff(&[Role::PhotoReviewer]).await.ctx().await;
        let photo = app::photo::current(&t.app, lin.id).await.unwrap().unwrap();
        app::photo::decide(&reviewer, &photo.public_id, photo.version, &app::photo::Decision::Approve)
            .await
            .unwrap();
        application::submit(&ctx, &exam.public_id, &form_of(&ctx, &exam)).await.expect("now it may");
    }

    async fn a_full_position_says_so_before_anything_is_filled_in(t: TestApp) {
        let positions = [TestPosition { name: "甲岗", capacity: 1, ..TestPosition::default() }];
        let exam = t.recruitment_with(|_| {}, &positions).await;
        let (lin, su) = (t.ready("林一舟").await, t.ready("苏晓").await);
        submitted(&lin, &exam, "甲岗").await;
        let start = format!("/apply/{}", exam.public_id);
        let form = format!("{start}/form?position={}", exam.position("甲岗"));
        for (who, told) in [(&su, true), (&lin, false)] {
            let mut browser = who.browser();
            let page = browser.get(&format!("{start}/agreement")).await.expect(200);
            browser.submit(page.form(&format!("{start}/agreement")).press("同意")).await.expect(200);
            let page = browser.get(&form).await.expect(200).shows("甲岗");
            if told {
                page.shows("这个岗位已经报满");
                browser.get(&format!("{start}/positions")).await.expect(200).shows("已经报满");
            } else {
                page.lacks("已经报满");
            }
        }
    }

    async fn of_two_tabs_with_different_content_none_is_dropped_in_silence(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let lin = t.ready("林一舟").await;
        let ctx = lin.ctx();
        let (one, two) = (form(&ctx, exam.position(MAJOR_ANY)), form(&ctx, exam.position("信息系统运维")));
        let (first, second) = testkit::tokio::join!(
            application::submit(&ctx, &exam.public_id, &one),
            application::submit(&ctx, &exam.public_id, &two),
        );
        let mut saved = 0;
        for outcome in [first, second] {
            match outcome {
                Ok(done) => {
                    assert!(done.event.is_some(), "told as saved, it is saved");
                    saved += 1;
                }
                Err(app::Error::Conflict(_)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert!(saved > 0);
        // The control: the same sent twice is done once, and both are told so.
        let su = t.ready("苏晓").await;
        let ctx = su.ctx();
        let one = form(&ctx, exam.position(MAJOR_ANY));
        let (first, second) = testkit::tokio::join!(
            application::submit(&ctx, &exam.public_id, &one),
            application::submit(&ctx, &exam.public_id, &one),
        );
        assert_eq!(first.unwrap().public_id, second.unwrap().public_id);
    }

    async fn an_approved_photo_opens_every_fee_that_waited_for_it(t: TestApp) {
        let positions = [TestPosition { name: "馆员", ..TestPosition::default() }];
        let lin = t.ready("林一舟").await;
        let mut waiting = Vec::new();
        for _ in 0..9 {
            let exam = t
                .recruitment_with(
                    |settings| {
                        settings.steps.photo = PhotoStep::ApprovedBeforePayment;
                        settings.steps.review = domain::exam::steps::ReviewStep::None;
                        settings.windows.review = None;
                    },
                    &positions,
                )
                .await;
            waiting.push(submitted(&lin, &exam, "馆员").await);
        }
        let owes = async || {
            let mut count = 0;
            for id in &waiting {
                let view = application::own(&lin.ctx(), id).await.unwrap();
                count += usize::from(view.state.tracks().payment == domain::application::Payment::Due);
            }
            count
        };
        assert_eq!(owes().await, 0);
        let reviewer = t.staff(&[Role::PhotoReviewer]).await.ctx().await;
        let photo = app::photo::current(&t.app, lin.id).await.unwrap().unwrap();
        app::photo::decide(&reviewer, &photo.public_id, photo.version, &app::photo::Decision::Approve)
            .await
            .unwrap();
        assert_eq!(owes().await, 9);
    }

    async fn moving_frees_the_place_and_withdrawing_lets_one_apply_again(t: TestApp) {
        let positions = [
            TestPosition { name: "甲岗", capacity: 1, ..TestPosition::default() },
            TestPosition { name: "乙岗", capacity: 1, ..TestPosition::default() },
        ];
        let exam = t.recruitment_with(|_| {}, &positions).await;
        let (lin, su) = (t.ready("林一舟").await, t.ready("苏晓").await);
        let id = submitted(&lin, &exam, "甲岗").await;
        let ctx = su.ctx();
        let full = application::submit(&ctx, &exam.public_id, &form(&ctx, exam.position("甲岗"))).await;
        assert_eq!(code(full), "position_full");
        let ctx = lin.ctx();
        let moved = application::submit(&ctx, &exam.public_id, &form(&ctx, exam.position("乙岗"))).await.unwrap();
        assert_eq!((moved.public_id.as_str(), moved.event), (id.as_str(), Some(Event::Move)));
        submitted(&su, &exam, "甲岗").await;
        let view = application::own(&ctx, &id).await.unwrap();
        assert!(matches!(view.choice, Choice::Position { ref name, .. } if name == "乙岗"));
        let mut browser = lin.browser();
        let path = format!("/applications/{id}/withdraw");
        let page = browser.get(&path).await.expect(200).shows("名额会释放");
        browser.submit(page.form(&path)).await.expect(200).is_at("/applications").shows("已取消报名").lacks("等待审核");
        // The back button: the same form once more.
        browser.submit(page.form(&path)).await.expect(200);
        let again = submitted(&lin, &exam, "乙岗").await;
        assert_ne!(again, id);
        app::statistics::fold(&t.app).await.unwrap();
    }

    async fn what_is_kept_is_sealed_and_its_hash_proves_it(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let lin = t.ready("林一舟").await;
        let id = submitted(&lin, &exam, MAJOR_ANY).await;
        let view = application::own(&lin.ctx(), &id).await.unwrap();
        let kept = application::own_content(&lin.ctx(), &view).await.unwrap();
        let (_, hash) = kept.sealed().unwrap();
        assert_eq!(hash.as_slice(), view.row.snapshot_hash.as_slice());
        assert_eq!(kept.profile.id_number, lin.person.number);
        assert_eq!(view.row.agreement_version, 1);
        assert_eq!(view.row.agreed_at, lin.ctx().at.micros());
    }

    async fn files_of_the_wrong_kind_or_of_others_are_refused(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let (lin, su) = (t.ready("林一舟").await, t.ready("苏晓").await);
        let settings = testkit::test_settings();
        let question = settings.questions.iter().find(|q| q.key == "proof").unwrap();
        let ctx = lin.ctx();
        let html = application::files::attach(&ctx, question, "证明.pdf", b"<html>").await;
        assert!(matches!(html, Err(Error::Fields(_))));
        let large = [b"%PDF-".as_slice(), &vec![0; 1_100_000]].concat();
        let large = application::files::attach(&ctx, question, "证明.pdf", &large).await;
        assert!(matches!(large, Err(Error::Fields(_))));
        let stored = [b"%PDF-".as_slice(), &vec![0; 300_000]].concat();
        let facts = application::files::attach(&ctx, question, "证明.pdf", &stored).await.unwrap();
        assert!(application::files::facts(&su.ctx(), &facts.object).await.unwrap().is_none());
        let stolen = su.ctx();
        let mut form = form_of(&stolen, &exam);
        form.answers.insert("proof".into(), Answer::Files(vec![facts.clone()]));
        let refused = application::submit(&stolen, &exam.public_id, &form).await;
        assert!(matches!(refused, Err(Error::Fields(_))));
        let mut form = form_of(&ctx, &exam);
        form.answers.insert("proof".into(), Answer::Files(vec![facts]));
        application::submit(&ctx, &exam.public_id, &form).await.expect("his own");
        t.clock.advance_days(40);
        app::object::sweep(&t.app).await.unwrap();
        let view = &application::mine(&lin.ctx()).await.unwrap()[0];
        let content = application::own_content(&lin.ctx(), view).await.unwrap();
        let Some(Answer::Files(files)) = content.answers.get("proof") else { panic!("no file") };
        let file = application::own_attachment(&lin.ctx(), &view.row.public_id, &files[0].object).await;
        assert_eq!(file.unwrap().bytes.len(), stored.len(), "what was saved no longer expires");
    }
}

/// One candidate saves the same form eight times at the same moment: how many applications he has then.
async fn sent_at_once(t: &TestApp) -> usize {
    let exam = t.recruitment(|_| {}).await;
    let lin = t.ready("林一舟").await;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (ctx, exam) = (lin.ctx(), exam.clone());
            tokio::spawn(async move {
                let form = form(&ctx, exam.position(MAJOR_ANY));
                application::submit(&ctx, &exam.public_id, &form).await
            })
        })
        .collect();
    let mut ids = std::collections::BTreeSet::new();
    for task in tasks {
        ids.insert(task.await.unwrap().expect("each is answered").public_id);
    }
    assert_eq!(
        application::mine(&lin.ctx()).await.unwrap().len(),
        ids.len()
    );
    ids.len()
}

/// What a candidate would save for the position that takes every major.
pub(crate) fn form_of(ctx: &Ctx, exam: &TestExam) -> Form {
    form(ctx, exam.position(MAJOR_ANY))
}

/// A name in Chinese characters for the `n`th of many.
fn name_of(n: usize) -> String {
    let digits = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    format!("{}{}", digits[n / 10], digits[n % 10])
}

/// Takes a place as one shouldn't: counts, waits, inserts.
struct Careless {
    id: i64,
}

impl db::Command for Careless {
    const NAME: &'static str = "test.careless";
    type Out = bool;
    type Err = db::DbError;

    async fn run(&self, tx: &mut db::Tx) -> db::DbResult<bool> {
        let taken: i64 = tx
            .one(
                db::sql!("SELECT COUNT(*) FROM application_delta WHERE position_id = 1"),
                db::p![],
            )
            .await?;
        if tx.backend() == db::Backend::Postgres {
            let _: Vec<i64> = tx
                .rows(
                    db::sql!("SELECT CAST(1 AS BIGINT) FROM pg_sleep(0.05)"),
                    db::p![],
                )
                .await?;
        }
        if taken >= 50 {
            return Ok(false);
        }
        tx.exec(
            db::sql!(
                "INSERT INTO application_delta (id, exam_id, unit, position_id, hour, applied, pending, first_approved, \
                 returned, rejected, appealed, approved, due, paid) VALUES ($1, 1, '', 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)"
            ),
            db::p![self.id],
        )
        .await?;
        Ok(true)
    }
}
