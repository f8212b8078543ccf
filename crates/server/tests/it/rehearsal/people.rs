//! 演练考生: made by a job, let in by what stands on a sheet that is handed out once; and the marks on all that they and staff see.

use app::exam::setup::{self, NewExam};
use app::rehearsal;
use app::{Actor, Error};
use domain::staff::Role;
use testkit::{TestApp, both_backends};

use crate::arrangement::find;

const TITLE: &str = "试一遍";

both_backends! {
    async fn candidates_are_made_in_a_job_and_apply_by_themselves_the_same_for_the_same_seed(t: TestApp) {
        let exam = t.rehearsal(TITLE, |_| {}).await;
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let found = find(&t, &exam).await;
        rehearsal::ask(&ctx, &found, ("6", "100", "0")).await.unwrap();
        let busy = rehearsal::ask(&ctx, &found, ("1", "0", "0")).await;
        assert!(matches!(&busy, Err(Error::Refused(r)) if r.code == "rehearsal_busy"), "{busy:?}");
        t.run_jobs().await;
        let (_, view) = rehearsal::overview(&ctx, &exam.public_id).await.unwrap();
        assert_eq!((view.made, view.applied, view.refused, view.sealed), (6, 6, 0, 6), "{:?}", view.candidates);
        assert_eq!(view.candidates[0].name, "演练考生001");
        rehearsal::ask(&ctx, &found, ("2", "0", "0")).await.unwrap();
        t.run_jobs().await;
        let (_, view) = rehearsal::overview(&ctx, &exam.public_id).await.unwrap();
        assert_eq!((view.made, view.applied, view.sealed), (8, 6, 8));
        assert_eq!(view.candidates[7].name, "演练考生008");
        let most = rehearsal::ask(&ctx, &found, ("493", "0", "0")).await;
        assert!(matches!(most, Err(Error::Fields(_))), "{most:?}");
        let figures = setup::figures(&ctx, &found).await.unwrap();
        assert_eq!(figures.applied, 6, "the ordinary figures know of them");
    }

    async fn a_job_that_died_goes_on_where_it_was(t: TestApp) {
        let exam = t.rehearsal(TITLE, |_| {}).await;
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let found = find(&t, &exam).await;
        rehearsal::ask(&ctx, &found, ("4", "0", "0")).await.unwrap();
        // As if the process had died in the middle: its job is gone, two steps are done.
        crate::invariants::rows::run(&t, &["DELETE FROM job"]).await;
        let run: i64 = crate::invariants::rows::text_of(&t, "SELECT CAST(id AS TEXT) FROM rehearsal_run").await.parse().unwrap();
        for _ in 0..2 {
            rehearsal::make_some(&t.system(), run).await.unwrap();
        }
        t.clock.advance_hours(1);
        t.run_jobs().await;
        let (_, view) = rehearsal::overview(&ctx, &exam.public_id).await.unwrap();
        assert_eq!(view.made, 4);
        assert!(view.candidates.iter().all(|row| row.stage == "ready"), "{:?}", view.candidates);
    }

    async fn the_sheet_is_handed_out_once_and_lost_passwords_are_made_anew(t: TestApp) {
        let exam = t.rehearsal(TITLE, |_| {}).await;
        let him = t.rehearsing(&exam, (3, 0, 0)).await.remove(0);
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let found = find(&t, &exam).await;
        let again = rehearsal::hand_out(&ctx, &found).await;
        assert!(matches!(&again, Err(Error::Refused(r)) if r.code == "nothing_sealed"), "{again:?}");
        him.browser().get("/account").await.expect(200).shows("演练考试，不对外");
        assert_eq!(rehearsal::renew(&ctx, &found, ("1", "1")).await.unwrap(), 1);
        him.browser().get("/account").await.expect(200).lacks("演练考试，不对外");
        let sheet = rehearsal::hand_out(&ctx, &found).await.unwrap();
        assert_eq!(sheet.count, 1);
        for range in [("0", "30"), ("9", "9"), ("x", "2")] {
            assert!(matches!(rehearsal::renew(&ctx, &found, range).await, Err(Error::Fields(_))), "{range:?}");
        }
    }

    async fn its_candidates_log_in_until_a_month_after_the_last_window(t: TestApp) {
        let exam = t.rehearsal(TITLE, |_| {}).await;
        let him = t.rehearsing(&exam, (1, 0, 0)).await.remove(0);
        // The windows end on 8 June.
        t.clock.set("2026-07-08 09:59");
        him.again().await;
        t.clock.set("2026-07-08 10:01");
        let login = crate::account::login_of(&t, &him.person.number, &him.password, None);
        let refused = app::account::login(&t.ctx(Actor::Anonymous), login).await;
        assert!(matches!(refused, Err(Error::Fields(_))), "{refused:?}");
    }

    async fn nobody_can_sign_up_under_the_number_of_one(t: TestApp) {
        let exam = t.rehearsal(TITLE, |_| {}).await;
        let him = t.rehearsing(&exam, (1, 0, 0)).await.remove(0);
        let form = app::account::SignupForm {
            name: "林一舟".into(),
            id_type: domain::id_number::IdType::ResidentCard.code().into(),
            id_number: him.person.number.clone(),
            mobile: "13900000000".into(),
            door: String::new(),
        };
        let refused = app::account::start_signup(&t.ctx(Actor::Anonymous), &form, t.solved()).await;
        assert!(matches!(&refused, Err(Error::Fields(e)) if e.get("id_number").is_some()), "{refused:?}");
    }

    async fn it_is_made_as_one_for_good_and_a_copy_of_it_may_be_real(t: TestApp) {
        let mut browser = t.staff(&[Role::ExamOfficer]).await.browser();
        let form = browser.get("/office/exams/new").await.expect(200).form("/office/exams/new")
            .set("title", "春季试演").set("code", "YL-1").set("rehearsal", "1").set("source", "preset:recruitment");
        let page = browser.submit(form).await.expect(200).shows("【演练】春季试演").shows("演练考试，不对外，结束后清除");
        let id = page.url.rsplit('/').next().unwrap().to_owned();
        // Its title keeps the mark, whatever is typed.
        let path = format!("/office/exams/{id}/basics");
        let form = browser.get(&path).await.expect(200).form(&path).set("title", "改过的试演");
        browser.submit(form).await.expect(200);
        let exam = app::exam::find(&t.app, &id).await.unwrap();
        assert_eq!(exam.title(), "【演练】改过的试演");
        assert!(exam.is_rehearsal());
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let copy = NewExam { title: "【演练】真的".into(), code: "ZS-1".into(), source: format!("copy:{id}"), ..NewExam::default() };
        let real = app::exam::find(&t.app, &setup::create(&ctx, &copy).await.unwrap()).await.unwrap();
        assert_eq!((real.title(), real.is_rehearsal()), ("真的", false));
        browser.get(&format!("/office/exams/{}", real.public_id())).await.expect(200).lacks("演练考试，不对外");
        browser.get(&format!("/office/exams/{}/rehearsal", real.public_id())).await.expect(404);
    }

    async fn every_page_of_it_says_so(t: TestApp) {
        const SAYS: &str = "演练考试，不对外，结束后清除";
        let exam = t.rehearsal(TITLE, |settings| settings.steps.review = domain::exam::steps::ReviewStep::None).await;
        let him = t.rehearsing(&exam, (2, 100, 100)).await.remove(0);
        let application = app::application::mine(&him.ctx()).await.unwrap().remove(0).row.public_id;
        let order = app::payment::payable(&him.ctx(), &application).await.unwrap().order.unwrap().public_id;
        let mut browser = him.browser();
        for path in ["/", "/account", "/apply", "/profile", "/photo", "/applications", "/payments", "/messages", "/tickets", "/scores"] {
            browser.get(path).await.expect(200).shows(SAYS);
        }
        for path in [format!("/applications/{application}"), format!("/payments/{order}"), format!("/payments/{order}/result")] {
            browser.get(&path).await.expect(200).shows(SAYS);
        }
        // Everybody's pages don't.
        t.browser().get("/").await.expect(200).lacks(SAYS);
        let roles = [Role::ExamOfficer, Role::FirstReviewer, Role::FinanceOfficer, Role::ScoreOfficer];
        let mut office = t.staff(&roles).await.browser();
        let mut seen = 0;
        for route in server::routes::list() {
            if route.method != "GET" || !route.path.starts_with("/office/") || !(route.path.contains("/{exam}") || route.path.starts_with("/office/exams/{id}")) {
                continue;
            }
            let parts = route.path.split('/').map(|part| match part {
                "{exam}" => exam.public_id.as_str(),
                "{id}" if route.path.starts_with("/office/exams/") => exam.public_id.as_str(),
                "{id}" => application.as_str(),
                "{position}" => exam.positions[0].1.as_str(),
                part if part.starts_with('{') => "x",
                part => part,
            });
            let path = parts.collect::<Vec<_>>().join("/");
            let page = office.get(&path).await;
            if page.status == 200 && page.html().contains("<!doctype html>") {
                assert!(page.html().contains(SAYS), "{path}");
                seen += 1;
            }
        }
        assert!(seen > 30, "{seen}");
        office.get("/office/exams").await.expect(200).lacks(SAYS).shows("【演练】试一遍");
        office.get(&format!("/office/payments/{order}")).await.expect(200).shows(SAYS);
        office.get("/office/payments").await.expect(200).shows("【演练】试一遍");
    }

    async fn what_is_printed_and_exported_of_it_says_so(t: TestApp) {
        let exam = t.rehearsal(TITLE, |settings| settings.steps.review = domain::exam::steps::ReviewStep::None).await;
        let him = t.rehearsing(&exam, (2, 100, 100)).await.remove(0);
        let application = app::application::mine(&him.ctx()).await.unwrap().remove(0).row.public_id;
        let order = app::payment::payable(&him.ctx(), &application).await.unwrap().order.unwrap().public_id;
        let mut browser = him.browser();
        for path in [format!("/applications/{application}/form.pdf"), format!("/payments/{order}/receipt")] {
            let pdf = browser.get(&path).await.expect(200);
            if let Some(text) = printed(&pdf.body) {
                assert!(text.contains("演练，无效"), "{path}: {text}");
            }
        }
        let mut office = t.staff(&[Role::ExamOfficer]).await.browser();
        let file = office.get(&format!("/office/exams/{}/table/export", exam.public_id)).await.expect(200);
        let text = match documents::xlsx::read(&file.body) {
            Ok(book) => format!("{book:?}"),
            Err(_) => String::from_utf8_lossy(&file.body).into_owned(),
        };
        assert!(text.contains("演练"), "{text}");
        // A real one's papers don't.
        let real = t.recruitment(|_| {}).await;
        let lin = t.ready("林一舟").await;
        let application = testkit::submitted(&lin, &real, "数字资源管理").await;
        let pdf = lin.browser().get(&format!("/applications/{application}/form.pdf")).await.expect(200);
        if let Some(text) = printed(&pdf.body) {
            assert!(text.contains("报名登记表") && !text.contains("演练"), "{text}");
        }
    }

    async fn a_rehearsal_that_is_over_is_proposed_to_be_wiped_and_counts_for_nothing(t: TestApp) {
        let exam = t.rehearsal(TITLE, |_| {}).await;
        t.rehearsing(&exam, (3, 100, 0)).await;
        app::statistics::fold(&t.app).await.unwrap();
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let figures = app::staff::figures(&officer.ctx().await).await.unwrap();
        assert_eq!((figures.exams.len(), figures.running(), figures.submitted()), (1, 0, 0));
        assert_eq!(figures.exams[0].tally.applied, 3, "its own row tells");
        officer.browser().get("/office").await.expect(200).lacks("待清除").shows("【演练】试一遍");
        t.clock.set("2026-06-08 10:00");
        let officer = t.staff(&[Role::ExamOfficer]).await;
        officer.browser().get("/office").await.expect(200).shows("演练考试已结束，待清除");
        app::rehearsal::wipe::ask(&officer.ctx().await, &exam.public_id, TITLE).await.unwrap();
        t.clock.advance_hours(1);
        officer.browser().get("/office").await.expect(200).lacks("待清除");
    }
}

/// The text of a PDF, where the machine has poppler's tool.
fn printed(pdf: &[u8]) -> Option<String> {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut child = Command::new("pdftotext")
        .args(["-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take().unwrap().write_all(pdf).unwrap();
    let output = child.wait_with_output().unwrap();
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}
