//! Nobody but its own candidates reads anything of a rehearsal, by whatever route.

use app::announcement::{self, AnnouncementDraft};
use domain::exam::ExamCategory;
use domain::staff::Role;
use testkit::{Browser, Page, TestApp, TestCandidate, TestExam, both_backends};

/// What stands in the rehearsal and nowhere else.
const TITLE: &str = "漏字测试用的演练";
const NOTICE: &str = "漏字测试用的公告";

/// A rehearsal with everything that could leak: positions, a notice with a file, candidates who applied and paid.
struct Stage {
    exam: TestExam,
    notice: String,
    him: TestCandidate,
    ids: Vec<String>,
}

async fn stage(t: &TestApp) -> Stage {
    let exam = t
        .rehearsal(TITLE, |settings| {
            settings.steps.review = domain::exam::steps::ReviewStep::None;
            settings.counts = domain::exam::PublicCounts::Exact;
        })
        .await;
    let him = t.rehearsing(&exam, (3, 100, 100)).await.remove(0);
    let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
    let draft = AnnouncementDraft {
        category: domain::announcement::Category::ALL[0].code().into(),
        title: NOTICE.into(),
        body: format!("<p>{NOTICE}</p>"),
        ..AnnouncementDraft::default()
    };
    let notice = announcement::save(&ctx, None, &draft).await.unwrap();
    announcement::attach(&ctx, &notice, "a.pdf", b"%PDF-1.4 x")
        .await
        .unwrap();
    announcement::publish(&ctx, &notice, None).await.unwrap();
    // Bound as the notice of an amendment is.
    let bound = format!(
        "UPDATE announcement SET exam_id = {} WHERE public_id = '{notice}'",
        exam.id
    );
    crate::invariants::rows::run(t, &[bound.as_str()]).await;
    t.app.board().reload(&t.app).await.unwrap();
    let application = app::application::mine(&him.ctx())
        .await
        .unwrap()
        .remove(0)
        .row
        .public_id;
    let bill = app::payment::payable(&him.ctx(), &application)
        .await
        .unwrap();
    let order = bill.order.unwrap().public_id;
    let mut ids = vec![exam.public_id.clone(), notice.clone(), application, order];
    ids.extend(exam.positions.iter().map(|(_, id)| id.clone()));
    Stage {
        exam,
        notice,
        him,
        ids,
    }
}

/// Every page outside of the office, with each of the ids in each place of its address; and every address without any.
fn pages(stage: &Stage) -> Vec<String> {
    let mut pages = Vec::new();
    for route in server::routes::list() {
        let path = &route.path;
        // The first login's page asks for the login again and again.
        if route.method != "GET" || path.starts_with("/office") || path == "/activate" {
            continue;
        }
        if path.contains("{category}") {
            for one in ExamCategory::ALL {
                pages.push(path.replace("{category}", one.code()));
            }
            continue;
        }
        if !path.contains('{') {
            pages.push(path.clone());
            continue;
        }
        for id in &stage.ids {
            let parts = path.split('/').map(|part| match part {
                "{position}" => stage.exam.positions[0].1.as_str(),
                part if part.starts_with('{') => id.as_str(),
                part => part,
            });
            pages.push(parts.collect::<Vec<_>>().join("/"));
        }
    }
    pages.push("/news?page=1".to_owned());
    for one in ExamCategory::ALL {
        pages.push(format!("/login?door={}", one.code()));
    }
    pages
}

/// What a page says of the rehearsal: its words, and ids that weren't in the address that was asked for.
fn leaks(stage: &Stage, asked: &str, page: &Page) -> Vec<String> {
    let text = page.html();
    let mut words: Vec<String> = [TITLE, NOTICE, "演练岗位甲", "演练岗位乙"]
        .map(str::to_owned)
        .to_vec();
    words.extend(
        stage
            .ids
            .iter()
            .filter(|id| !asked.contains(id.as_str()))
            .cloned(),
    );
    words.retain(|word| text.contains(word.as_str()));
    words
}

async fn reads(browser: &mut Browser, stage: &Stage) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for path in pages(stage) {
        let page = browser.get(&path).await;
        assert!(page.status.as_u16() < 500, "{path}: {}", page.status);
        let leaks = leaks(stage, &path, &page);
        if !leaks.is_empty() {
            found.push((path, leaks));
        }
    }
    found
}

both_backends! {
    async fn nobody_else_reads_anything_of_it_by_any_route(t: TestApp) {
        let stage = stage(&t).await;
        let _public = t.recruitment(|_| {}).await;
        // The control: one of its own finds all of it, so that the search is worth something.
        let found = reads(&mut stage.him.browser(), &stage).await;
        for word in [TITLE, NOTICE, "演练岗位甲", stage.exam.public_id.as_str(), stage.notice.as_str()] {
            assert!(found.iter().any(|(_, leaks)| leaks.iter().any(|one| one == word)), "{word}: {found:?}");
        }
        let mut others = vec![
            ("nobody", t.browser()),
            ("a candidate", t.ready("林一舟").await.browser()),
        ];
        for (who, browser) in &mut others {
            assert_eq!(reads(browser, &stage).await, [], "{who}");
        }
        for path in [
            format!("/exams/{}", stage.exam.public_id),
            format!("/exams/{}/positions", stage.exam.public_id),
            format!("/exams/{}/counts", stage.exam.public_id),
            format!("/news/{}", stage.notice),
        ] {
            t.browser().get(&path).await.expect(404);
            stage.him.browser().get(&path).await.expect(200);
        }
        // Nor by a candidate of another rehearsal.
        let other = t.rehearsal("另一场演练", |_| {}).await;
        let stranger = t.rehearsing(&other, (1, 0, 0)).await.remove(0);
        assert_eq!(reads(&mut stranger.browser(), &stage).await, [], "a candidate of another one");
    }

    async fn a_rehearsals_candidate_sees_and_enters_nothing_else(t: TestApp) {
        let rehearsal = t.rehearsal(TITLE, |_| {}).await;
        let real = t.recruitment(|_| {}).await;
        let him = t.rehearsing(&rehearsal, (1, 0, 0)).await.remove(0);
        let mut browser = him.browser();
        for path in ["/", "/account", "/apply", "/apply/category/recruitment", "/news"] {
            let page = browser.get(path).await;
            assert!(!page.html().contains("2026年市直事业单位公开招聘"), "{path}");
        }
        browser.get(&format!("/exams/{}", real.public_id)).await.expect(404);
        browser.get(&format!("/apply/{}", real.public_id)).await.expect(404);
        let form = testkit::application_form(&him.ctx(), real.position("数字资源管理"));
        let refused = app::application::submit(&him.ctx(), &real.public_id, &form).await;
        assert!(matches!(refused, Err(app::Error::NotFound)), "{refused:?}");
        // Whatever the request says of him, the transaction knows whose account it is.
        let lying = app::Ctx { rehearses: None, ..him.ctx() };
        let refused = app::application::submit(&lying, &real.public_id, &form).await;
        assert!(matches!(refused, Err(app::Error::NotFound)), "{refused:?}");
        let person = t.ready("林一舟").await;
        let form = testkit::application_form(&person.ctx(), rehearsal.position("演练岗位甲"));
        let lying = app::Ctx { rehearses: Some(rehearsal.id), ..person.ctx() };
        for ctx in [person.ctx(), lying] {
            let refused = app::application::submit(&ctx, &rehearsal.public_id, &form).await;
            assert!(matches!(refused, Err(app::Error::NotFound)), "{refused:?}");
        }
    }
}
