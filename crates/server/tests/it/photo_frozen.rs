//! The photo and the papers: it stands still once a seat is given, and what is printed is the photo that was accepted.

use app::photo::{self, Decision};
use domain::photo::PhotoSpec;
use domain::staff::Role;
use testkit::{Browser, Page, TestApp, TestCandidate, both_backends};

use crate::application::submitted;
use crate::arrangement::{applied, find, made, patient, seat, straight, wanted};

const POSITION: &str = "数字资源管理";

async fn upload(browser: &mut Browser, seed: u64) -> Page {
    let form = browser.get("/photo").await.expect(200).form("/photo");
    browser
        .submit(form.file(
            "photo",
            "照片.jpg",
            "image/jpeg",
            &imaging::drawn::portrait(seed),
        ))
        .await
}

/// The photo that counts: its public id and its picture.
async fn current(t: &TestApp, who: &TestCandidate) -> (String, Vec<u8>) {
    let row = photo::current(&t.app, who.id)
        .await
        .unwrap()
        .expect("a photo");
    let file = photo::own(&who.ctx(), &row.public_id).await.unwrap();
    (row.public_id, file.bytes)
}

/// The photo of an application, as its form shows it.
async fn on_the_form(browser: &mut Browser, application: &str) -> Vec<u8> {
    let page = browser
        .get(&format!("/applications/{application}/photo"))
        .await;
    page.expect(200).body.to_vec()
}

async fn decide(t: &TestApp, who: &TestCandidate, decision: &Decision) {
    let reviewer = t.staff(&[Role::PhotoReviewer]).await.ctx().await;
    let row = photo::current(&t.app, who.id)
        .await
        .unwrap()
        .expect("a photo");
    photo::decide(&reviewer, &row.public_id, row.version, decision)
        .await
        .expect("decided");
}

fn refusal() -> Decision {
    Decision::Reject {
        code: "photo_blur".into(),
        reason: "照片模糊，请重拍".into(),
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

both_backends! {
    async fn a_seat_freezes_the_photo_until_tickets_are_over(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(straight).await;
        let people = applied(&t, &exam, &["林一舟", "何小宁"]).await;
        let (lin, application) = &people[0];
        let su = t.ready("苏晓").await;
        let officer = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let mut browser = lin.browser();
        // A plan that nobody published gives no seat.
        let now = find(&t, &exam).await;
        made(&officer, &now, wanted("1", "甲")).await;
        upload(&mut browser, 21).await.expect(200).is_at("/photo").shows("照片保存成功");
        let form = browser.get("/photo").await.form("/photo");

        seat(&t, &officer, &exam, "乙").await;
        let (id, picture) = current(&t, lin).await;
        let page = browser.get("/photo").await.expect(200).shows("照片不能再更换").shows("已编排考场");
        assert!(page.forms().iter().all(|form| form.path() != "/photo"), "no form to upload with");
        // The page of before, sent now: refused, and the photo stays.
        let late = form.file("photo", "照片.jpg", "image/jpeg", &imaging::drawn::portrait(22));
        browser.submit(late).await.expect(409).shows("照片不能再更换").shows("请联系考试机构");
        assert_eq!(current(&t, lin).await, (id, picture.clone()));
        // The control: who has no seat may.
        upload(&mut su.browser(), 23).await.expect(200).shows("照片保存成功");

        t.clock.set("2026-04-12 08:59:59");
        browser.get("/photo").await.expect(200).shows("照片不能再更换");
        t.clock.advance(1);
        upload(&mut browser, 24).await.expect(200).shows("照片保存成功");
        assert_ne!(current(&t, lin).await.1, picture);
        assert_eq!(on_the_form(&mut browser, application).await, picture, "the exam that was sat keeps its photo");
    }

    async fn the_papers_show_the_photo_that_was_accepted(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(straight).await;
        let lin = t.ready("林一舟").await;
        let application = submitted(&lin, &exam, POSITION).await;
        let mut browser = lin.browser();
        let first = on_the_form(&mut browser, &application).await;
        decide(&t, &lin, &refusal()).await;
        upload(&mut browser, 31).await.expect(200).shows("照片保存成功");
        decide(&t, &lin, &Decision::Approve).await;
        let (_, accepted) = current(&t, &lin).await;
        assert_ne!(accepted, first);
        assert_eq!(on_the_form(&mut browser, &application).await, accepted);
    }

    async fn a_photo_that_is_refused_after_the_seating_is_replaced_on_the_ticket_too(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(straight).await;
        let people = applied(&t, &exam, &["林一舟"]).await;
        let (lin, application) = &people[0];
        let officer = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        seat(&t, &officer, &exam, "甲").await;
        let (_, first) = current(&t, lin).await;
        let mut browser = lin.browser();
        browser.get("/photo").await.expect(200).shows("照片不能再更换");
        decide(&t, lin, &refusal()).await;
        // He was told to upload another: then he may.
        browser.get("/photo").await.expect(200).shows("照片审核不通过").lacks("照片不能再更换");
        upload(&mut browser, 41).await.expect(200).shows("照片保存成功");
        let (_, second) = current(&t, lin).await;
        assert_eq!(on_the_form(&mut browser, application).await, second);
        // Uploaded anew it is frozen again, and so it stays when it is accepted.
        browser.get("/photo").await.expect(200).shows("照片不能再更换");
        decide(&t, lin, &Decision::Approve).await;
        let again = photo::upload(&lin.ctx(), &imaging::drawn::portrait(42), &PhotoSpec::default()).await;
        assert!(matches!(again, Err(app::Error::Refused(_))), "{again:?}");
        t.clock.set("2026-04-08 10:00");
        let path = format!("/tickets/{application}");
        let print = browser.get(&path).await.expect(200).form(&format!("{path}/print"));
        let pdf = browser.submit(print).await.expect(200).body;
        assert!(pdf.starts_with(b"%PDF"));
        assert!(contains(&pdf, &second) && !contains(&pdf, &first), "the picture lies in the file as it is");
    }
}
