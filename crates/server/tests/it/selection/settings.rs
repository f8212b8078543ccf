//! 面试与聘用 in the set-up of an exam: typed, told line by line, standing still once somebody is called.

use app::exam::part::{Draft as _, Part, SelectionDraft};
use app::exam::{change, preset::Preset};
use domain::selection::RoundKind;
use domain::selection::rules::{Ends, Ties};
use domain::staff::Role;
use testkit::{TestApp, both_backends};

use super::*;
use crate::exam::{again, draft as drafted, officer};

both_backends! {
    async fn the_rules_are_typed_and_each_mistake_stands_beside_its_field(t: TestApp) {
        let ctx = officer(&t).await;
        let exam = drafted(&t, &ctx, Preset::Recruitment, "MS-01").await;
        let path = format!("/office/exams/{}/selection", exam.public_id());
        let mut browser = t.staff(&[Role::ExamOfficer]).await.browser();
        let page = browser.get(&path).await.expect(200).shows("入围比例");
        let form = page.form(&path).set("on", "1");
        browser.submit(form.clone()).await.expect(422).shows("请填写入围比例").shows("计算公式");
        let form = form.set("ratios", "10 = 1:3\n1:x");
        browser.submit(form.clone()).await.expect(422).shows("每行写作");
        let form = form.set("ratios", "10 = 1:3\n1:1.5").set("total", "口试").set("judges", "一");
        let page = browser.submit(form.clone()).await.expect(422).shows("应为 0 到 30 之间的整数");
        assert_eq!(page.form(&path).value("total"), Some("口试"));
        browser.submit(form.clone().set("judges", "7")).await.expect(422).shows("“口试”看不懂");
        let form = form.set("judges", "7").set("total", "笔试*60%+面试*40%").set("least", "六十");
        browser.submit(form.clone()).await.expect(422).shows("例如 60");
        let form = form.set("least", "60").set("ties", Ties::TieBreak.code()).set("ends", Ends::Down.code()).unset("background");
        browser.submit(form).await.expect(200).shows("面试与聘用已保存").shows("有面试，总成绩 = 笔试*60%+面试*40%");
        let exam = again(&t, &exam).await;
        let rules = &exam.settings.selection;
        assert!(rules.on && !rules.background && rules.documents && rules.medical);
        assert_eq!((rules.places(10), rules.places(11), rules.places(2)), (Some(30), Some(16), Some(6)));
        assert_eq!(SelectionDraft::of(&exam).ratios, "10 = 1:3\n1:1.5");
    }

    async fn once_somebody_is_called_the_rules_stand_still_and_before_it_takes_two(t: TestApp) {
        let s = stand(&t, |_| {}, &[("林一舟", "90", "90")]).await;
        let ctx = s.t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let typed = async |change: fn(&mut SelectionDraft)| {
            let exam = s.now().await;
            let mut draft = SelectionDraft::of(&exam);
            change(&mut draft);
            change::draft_part(&ctx, &exam, Part::Selection, &draft).await
        };
        let id = typed(|draft| draft.ratios = "1:2".into()).await.unwrap();
        let exam = s.now().await;
        let change = change::find(&ctx, &exam, &id).await.unwrap();
        assert_eq!(change.row.two_people, 1, "{change:?}");
        s.published(RoundKind::Shortlist, "").await.unwrap();
        assert_eq!(code(typed(|draft| draft.ratios = "1:3".into()).await), "frozen");
        assert_eq!(code(typed(|draft| draft.digits = "1".into()).await), "frozen");
        typed(|draft| draft.offer_hours = "48".into()).await.unwrap();
    }

    async fn a_copy_keeps_the_rules_and_no_window_of_a_bonus(t: TestApp) {
        use app::exam::setup::{self, NewExam};
        let ctx = officer(&t).await;
        let mut settings = testkit::test_settings();
        selecting(&mut settings);
        settings.selection.tie_break = vec!["面试".into(), "职测".into()];
        let at = domain::time::Timestamp::from_seconds;
        settings.score.bonus.window = domain::window::Window::new(at(0), at(9)).ok();
        let of = (domain::exam::ExamCategory::Recruitment, "MS-03", "今年");
        let exam = setup::create_with(&ctx, of, settings, "测试").await.unwrap();
        let new = NewExam {
            title: "下一年".into(),
            code: "MS-02".into(),
            source: format!("copy:{exam}"), ..NewExam::default() };
        let copy = setup::create(&ctx, &new).await.unwrap();
        let copy = app::exam::find(&t.app, &copy).await.unwrap();
        assert!(copy.settings.selection.on && copy.settings.score.bonus.window.is_none());
        assert_eq!(copy.settings.selection.tie_break, ["面试"]);
    }
}
