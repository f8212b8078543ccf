//! 预览: those who set an exam up see it as a candidate would; nobody else sees anything of it, by whatever route.

use app::exam::part::{AgreementDraft, BasicsDraft, Changing, Draft as _, Part, SeatingDraft};
use app::exam::preset::Preset;
use app::exam::{self, Exam, change, setup};
use domain::exam::{AskedOf, Question, QuestionKind, SeenBy};
use domain::staff::Role;
use testkit::{Browser, Page, TestApp, both_backends};

use super::{COUNTY, again, draft, imported, officer};
use crate::arrangement::find;

/// What stands in the draft and nowhere else.
const SECRETS: [&str; 5] = [
    "未公布的考试甲",
    "未公布的协议乙",
    "未公布的隐私丙",
    "未公布的问题丁",
    "未公布的须知戊",
];

/// A draft with all that a preview shows.
async fn secret(t: &TestApp) -> std::sync::Arc<Exam> {
    let ctx = officer(t).await;
    let exam = draft(t, &ctx, Preset::Recruitment, "NY-70").await;
    let exam = imported(t, &ctx, &exam, COUNTY).await;
    let basics = BasicsDraft {
        title: SECRETS[0].into(),
        ..BasicsDraft::of(&exam)
    };
    setup::save(&ctx, &exam, &basics).await.unwrap();
    let exam = again(t, &exam).await;
    let agreement = AgreementDraft {
        text: SECRETS[1].into(),
        privacy: SECRETS[2].into(),
        ..AgreementDraft::of(&exam)
    };
    setup::save(&ctx, &exam, &agreement).await.unwrap();
    let exam = again(t, &exam).await;
    let seating = SeatingDraft {
        notice: SECRETS[4].into(),
        ..SeatingDraft::of(&exam)
    };
    setup::save(&ctx, &exam, &seating).await.unwrap();
    let exam = again(t, &exam).await;
    let mut changing = Changing::of(&exam);
    changing.settings.questions = vec![Question {
        key: "q1".into(),
        label: SECRETS[3].into(),
        hint: String::new(),
        required: true,
        kind: QuestionKind::Choice {
            options: vec!["是".into(), "否".into()],
            many: false,
            most: 0,
        },
        asked_of: AskedOf {
            positions: vec![first(t, &exam).await.1],
            ..AskedOf::default()
        },
        seen_by: SeenBy::All,
    }];
    setup::put(&ctx, &exam, exam.row.version, changing)
        .await
        .unwrap();
    again(t, &exam).await
}

/// Public id and code of its first position.
async fn first(t: &TestApp, exam: &Exam) -> (String, String) {
    let table = exam::positions::table(&t.app, exam).await.unwrap();
    let item = &table.items()[0];
    (item.public_id.clone(), item.position.code.clone())
}

fn leaks(page: &Page) -> Vec<&'static str> {
    let text = page.html();
    SECRETS
        .into_iter()
        .filter(|secret| text.contains(secret))
        .collect()
}

/// Every page of the product with the exam's own ids filled in.
fn pages(exam: &Exam, position: &str) -> Vec<String> {
    server::routes::list()
        .into_iter()
        // The first login's page needs a session that is half open, and asks for the login again and again.
        .filter(|route| route.method == "GET" && route.path != "/activate")
        .map(|route| {
            let parts = route.path.split('/').map(|part| match part {
                "{id}" | "{exam}" => exam.public_id(),
                "{position}" => position,
                part if part.starts_with('{') => "x",
                part => part,
            });
            parts.collect::<Vec<_>>().join("/")
        })
        .collect()
}

/// What somebody reads of the draft, by any page.
async fn reads(browser: &mut Browser, pages: &[String]) -> Vec<(String, Vec<&'static str>)> {
    let mut found = Vec::new();
    for path in pages {
        let page = browser.get(path).await;
        assert!(page.status.as_u16() < 500, "{path}: {}", page.status);
        let leaks = leaks(&page);
        if !leaks.is_empty() {
            found.push((path.clone(), leaks));
        }
    }
    found
}

both_backends! {
    async fn a_preview_shows_the_draft_and_leads_nowhere_but_back(t: TestApp) {
        let exam = secret(&t).await;
        let (position, code) = first(&t, &exam).await;
        let mut browser = t.staff(&[Role::ExamOfficer]).await.browser();
        let home = format!("/office/exams/{}", exam.public_id());
        let base = format!("{home}/preview");
        assert_eq!(browser.get(&home).await.expect(200).link("预览"), base);
        let before = t.app.db().stats().commits;
        for (path, says) in [
            ("", SECRETS[0]),
            ("", "时间安排"),
            ("/positions", "岗位代码 "),
            (&format!("/positions/{position}"), code.as_str()),
            ("/agreement", SECRETS[1]),
            ("/agreement", SECRETS[2]),
            ("/form", SECRETS[3]),
            ("/form", &format!("只问：报考岗位 {code}")),
            ("/ticket", SECRETS[4]),
            ("/positions?q=nonsense&verdict=possible", "没有找到岗位"),
        ] {
            let page = browser.get(&format!("{base}{path}")).await.expect(200).shows("预览").shows(says);
            for link in page.own_links() {
                let inside = link == home || link == base || link.starts_with(&format!("{base}/"));
                assert!(inside || link.starts_with("#"), "{path} leads to {link}");
            }
            for form in page.forms() {
                assert!(form.path().starts_with(&base), "{path} sends to {}", form.path());
            }
            assert!(!page.html().contains("method=\"post\""), "{path} can be sent");
        }
        browser.get(&format!("{base}/positions/nonsense")).await.expect(404);
        assert_eq!(t.app.db().stats().commits, before, "looking writes nothing");
        // What everybody sees doesn't know of it.
        let public = exam::shown(&t.ctx(app::Actor::Anonymous), exam.public_id()).await;
        assert!(matches!(public, Err(app::Error::NotFound)));
    }

    async fn a_draft_is_read_by_nobody_else_by_any_route(t: TestApp) {
        let exam = secret(&t).await;
        let (position, _) = first(&t, &exam).await;
        let elsewhere = t.recruitment(|_| {}).await;
        let pages = pages(&exam, &position);
        // The control: who sets it up finds all of it, so that the search is worth something.
        let mut officer = t.staff(&[Role::ExamOfficer]).await.browser();
        let found = reads(&mut officer, &pages).await;
        for secret in SECRETS {
            assert!(found.iter().any(|(path, leaks)| path.contains("/preview") && leaks.contains(&secret)), "{secret}: {found:?}");
        }
        let mut others = vec![
            ("nobody", t.browser()),
            ("a candidate", t.ready("林一舟").await.browser()),
            ("a reviewer", t.staff(&[Role::FirstReviewer]).await.browser()),
            ("an officer of another exam", t.staff_with(&[(Role::ExamOfficer, elsewhere.id, String::new())]).await.browser()),
        ];
        for (who, browser) in &mut others {
            let found = reads(browser, &pages).await;
            // Who may see that exams are being prepared reads their titles in the office's list.
            let found: Vec<_> = found
                .into_iter()
                .filter(|(_, leaks)| *who != "a reviewer" || *leaks != [SECRETS[0]])
                .collect();
            assert_eq!(found, [], "{who}");
        }
    }

    async fn a_change_is_previewed_as_if_it_stood_and_only_while_it_waits(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let now = find(&t, &exam).await;
        let basics = BasicsDraft { contact: "新的咨询电话".into(), ..BasicsDraft::of(&now) };
        let id = change::draft_part(&ctx, &now, Part::Basics, &basics).await.unwrap();
        let mut browser = t.staff(&[Role::ExamOfficer]).await.browser();
        let at = format!("/office/exams/{}/changes/{id}", exam.public_id);
        assert_eq!(browser.get(&at).await.expect(200).link("预览"), format!("{at}/preview"));
        let page = browser.get(&format!("{at}/preview")).await.expect(200).shows("新的咨询电话").shows("现在还没有公布");
        for link in page.own_links() {
            assert!(link == at || link.starts_with(&format!("{at}/preview")) || link.starts_with("#"), "{link}");
        }
        browser.get(&format!("/office/exams/{}/preview", exam.public_id)).await.expect(200).lacks("新的咨询电话");
        t.browser().get(&format!("/exams/{}", exam.public_id)).await.expect(200).lacks("新的咨询电话");
        let elsewhere = t.recruitment(|_| {}).await;
        browser.get(&format!("/office/exams/{}/changes/{id}/preview", elsewhere.public_id)).await.expect(404);
        change::withdraw(&ctx, &now, &id).await.unwrap();
        browser.get(&format!("{at}/preview")).await.expect(409);
    }
}
