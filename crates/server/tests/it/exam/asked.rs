//! Questions that are asked of some, in an order, and whose answers only some reviewers see.

use app::exam::part::QuestionDraft;
use app::exam::preset::Preset;
use app::exam::setup;
use domain::exam::question::Answer;
use domain::exam::{AskedOf, QuestionKind, SeenBy, TextForm};
use domain::staff::Role;
use testkit::{TestApp, both_backends};

use super::{COUNTY, again, draft, field, imported, officer, refusal};

const POSITION: &str = "数字资源管理";

fn asks(label: &str, kind: &str) -> QuestionDraft {
    QuestionDraft {
        label: label.into(),
        kind: kind.into(),
        max: "20".into(),
        options: "甲\n乙\n丙".into(),
        seen_by: "all".into(),
        ..QuestionDraft::default()
    }
}

both_backends! {
    async fn the_builder_checks_whom_it_names_and_keeps_an_order(t: TestApp) {
        let ctx = officer(&t).await;
        let exam = draft(&t, &ctx, Preset::Recruitment, "NY-60").await;
        let exam = imported(&t, &ctx, &exam, COUNTY).await;
        let code = {
            let table = app::exam::positions::table(&t.app, &exam).await.unwrap();
            table.items()[0].position.code.clone()
        };
        let before = exam.settings.questions.len();
        let put = async |mut question: QuestionDraft| {
            let exam = again(&t, &exam).await;
            question.version = exam.row.version;
            setup::put_question(&ctx, &exam, &question, None).await
        };
        let named = |positions: &str| QuestionDraft { positions: positions.into(), ..asks("车牌", "text") };
        let unknown = put(named(&format!("{code}、NOPE"))).await.unwrap_err();
        assert!(field(unknown, "positions").contains("NOPE"));
        put(QuestionDraft { form: "mask".into(), mask: "湘A-9999".into(), ..named(&code) }).await.unwrap();
        put(QuestionDraft { most: "2".into(), seen_by: "second".into(), ..asks("语种", "many") }).await.unwrap();
        let wrong = put(QuestionDraft { shortest: "21".into(), ..asks("短", "text") }).await.unwrap_err();
        assert!(field(wrong, "shortest").contains("最少"));
        let wrong = put(QuestionDraft { form: "mask".into(), ..asks("短", "text") }).await.unwrap_err();
        assert!(field(wrong, "mask").contains("格式"));
        let now = again(&t, &exam).await;
        let (plate, tongues) = (&now.settings.questions[before], &now.settings.questions[before + 1]);
        assert_eq!(plate.asked_of.positions, std::slice::from_ref(&code));
        assert!(matches!(&plate.kind, QuestionKind::Text { form: TextForm::Mask, mask, .. } if mask == "湘A-9999"));
        assert_eq!((tongues.seen_by, &tongues.kind), (SeenBy::Second, &QuestionKind::Choice {
            options: ["甲", "乙", "丙"].map(str::to_owned).to_vec(), many: true, most: 2,
        }));
        // What is stored shows in the form again.
        let shown = QuestionDraft::of(&now, Some(tongues));
        assert_eq!((shown.kind.as_str(), shown.most.as_str(), shown.seen_by.as_str()), ("many", "2", "second"));
        // Order, through the page.
        let key = tongues.key.clone();
        let mut browser = t.staff(&[Role::ExamOfficer]).await.browser();
        let list = format!("/office/exams/{}/questions", exam.public_id());
        let page = browser.get(&list).await.expect(200).shows("多选，最多 2 项").shows("只有复审").shows("写作 湘X-0000");
        browser.submit(page.form(&format!("{list}/{key}/place"))).await.expect(200).is_at(&list);
        let labels = async || -> Vec<String> {
            let now = again(&t, &exam).await;
            now.settings.questions[before..].iter().map(|one| one.label.clone()).collect()
        };
        assert_eq!(labels().await, ["语种", "车牌"]);
        // A table that lost the position makes the check fail.
        let now = again(&t, &exam).await;
        let mut changing = app::exam::part::Changing::of(&now);
        changing.settings.questions.last_mut().unwrap().asked_of.positions = vec!["NOPE".into()];
        setup::put(&ctx, &now, now.row.version, changing).await.unwrap();
        let check = app::exam::check(&t.app, &*again(&t, &exam).await).await.unwrap();
        assert!(check.problems.iter().any(|(_, text)| text.contains("NOPE")), "{check:?}");
        assert_eq!(refusal(app::exam::publish(&ctx, exam.public_id()).await.unwrap_err()), "exam_state");
    }

    async fn a_candidate_is_asked_what_is_for_him_and_a_reviewer_reads_what_is_for_him(t: TestApp) {
        let exam = t.recruitment(|settings| {
            settings.review.levels = 2;
            let (adjust, proof) = (settings.questions[0].clone(), settings.questions[1].clone());
            let mut elsewhere = adjust.clone();
            (elsewhere.key, elsewhere.label) = ("elsewhere".into(), "会计证号".into());
            elsewhere.asked_of = AskedOf {
                education: vec![domain::eligibility::EducationLevel::Junior],
                ..AskedOf::default()
            };
            let mut tongues = adjust.clone();
            (tongues.key, tongues.label, tongues.seen_by) = ("tongues".into(), "外语语种".into(), SeenBy::Second);
            tongues.kind = QuestionKind::Choice {
                options: ["英语", "法语", "俄语"].map(str::to_owned).to_vec(), many: true, most: 2,
            };
            settings.questions = vec![adjust, elsewhere, tongues, proof];
        }).await;
        let lin = t.ready("林一舟").await;
        let mut browser = lin.browser();
        let at = |page: &str| format!("/apply/{}/{page}", exam.public_id);
        let page = browser.get(&at("agreement")).await.expect(200);
        browser.submit(page.form(&at("agreement")).set("answer", "agree")).await;
        let position = exam.position(POSITION);
        let page = browser.get(&format!("{}?position={position}", at("form"))).await.expect(200);
        let page = page.shows("外语语种").shows("最多选 2 项").lacks("会计证号");
        let form = page.form(&at("form")).set("q.adjust", "是");
        let page = browser.submit(form).await.expect(422).shows("请选择外语语种");
        let form = page.form(&at("form")).set("q.adjust", "是").set("q.tongues", "法语");
        browser.submit(form).await.expect(200).shows("法语").lacks("会计证号");
        // As the form sends it, with an answer to what isn't asked.
        let ctx = lin.ctx();
        let mut sent = crate::application::form(&ctx, position);
        sent.answers.insert("tongues".into(), Answer::Chosen(vec!["俄语".into(), "英语".into()]));
        sent.answers.insert("elsewhere".into(), Answer::Text("是".into()));
        let id = app::application::submit(&ctx, &exam.public_id, &sent).await.unwrap().public_id;
        let own = app::application::own(&lin.ctx(), &id).await.unwrap();
        let kept = app::application::own_answers(&lin.ctx(), &own).await.unwrap();
        assert_eq!(kept.get("tongues"), Some(&Answer::Chosen(vec!["英语".into(), "俄语".into()])));
        assert_eq!(kept.get("elsewhere"), None);
        // 初审 doesn't read it, 复审 does; nobody is both in one exam.
        for (roles, reads) in [
            (vec![Role::FirstReviewer], false),
            (vec![Role::SecondReviewer], true),
        ] {
            let ctx = t.staff(&roles).await.ctx().await;
            let bench = app::review::bench(&ctx, &id).await.unwrap();
            assert_eq!(bench.content.answers.contains_key("tongues"), reads, "{roles:?}");
            assert_eq!(bench.questions.iter().any(|one| one.key == "tongues"), reads, "{roles:?}");
            assert!(bench.content.answers.contains_key("adjust"));
            assert!(!bench.questions.iter().any(|one| one.key == "elsewhere"));
        }
    }

    async fn a_file_is_served_to_the_level_that_it_is_for(t: TestApp) {
        for (seen_by, first) in [(SeenBy::Second, false), (SeenBy::All, true)] {
            let exam = t.recruitment(|settings| {
                settings.review.levels = 2;
                settings.questions[1].seen_by = seen_by;
            }).await;
            let lin = t.ready("林一舟").await;
            let mut browser = lin.browser();
            let at = |page: &str| format!("/apply/{}/{page}", exam.public_id);
            let page = browser.get(&at("agreement")).await.expect(200);
            browser.submit(page.form(&at("agreement")).set("answer", "agree")).await;
            let page = browser.get(&format!("{}?position={}", at("form"), exam.position(POSITION))).await.expect(200);
            let form = page.form(&at("form")).set("q.adjust", "是").file("q.proof", "证明.pdf", "application/pdf", b"%PDF-1.7 proof");
            let page = browser.submit(form).await.expect(200);
            browser.submit(page.form(&at("check"))).await.expect(200);
            let own = app::application::mine(&lin.ctx()).await.unwrap().remove(0);
            let answers = app::application::own_answers(&lin.ctx(), &own).await.unwrap();
            let Some(Answer::Files(files)) = answers.get("proof") else { panic!("{answers:?}") };
            let bench = format!("/office/reviews/{}/{}", exam.public_id, own.row.public_id);
            let file = format!("{bench}/files/{}", files[0].object);
            for (role, reads) in [(Role::FirstReviewer, first), (Role::SecondReviewer, true)] {
                let mut browser = t.staff(&[role]).await.browser();
                let page = browser.get(&bench).await.expect(200);
                assert_eq!(page.html().contains("证明.pdf"), reads, "{role:?} {seen_by:?}");
                browser.get(&file).await.expect(if reads { 200 } else { 404 });
            }
        }
    }

    async fn a_key_that_a_question_had_is_never_given_to_another(t: TestApp) {
        let ctx = officer(&t).await;
        let exam = draft(&t, &ctx, Preset::Recruitment, "NY-61").await;
        let put = async |label: &str| {
            let exam = again(&t, &exam).await;
            let question = QuestionDraft { version: exam.row.version, ..asks(label, "text") };
            setup::put_question(&ctx, &exam, &question, None).await.unwrap();
            again(&t, &exam).await.settings.questions.last().unwrap().key.clone()
        };
        let mut keys = Vec::new();
        for label in ["甲", "乙", "丙"] {
            keys.push(put(label).await);
            let now = again(&t, &exam).await;
            let mut changing = app::exam::part::Changing::of(&now);
            changing.settings.questions.pop();
            setup::put(&ctx, &now, now.row.version, changing).await.unwrap();
        }
        let mut once = keys.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), keys.len(), "{keys:?}");
    }
}
