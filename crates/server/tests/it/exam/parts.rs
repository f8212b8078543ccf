//! Settings: gaps, versions, windows to the second, and what may change in a published exam.

use app::Error;
use app::exam::part::{BasicsDraft, Draft as _, FeesDraft, Part, WindowsDraft};
use app::exam::preset::Preset;
use app::exam::setup::{self, NewExam};
use app::exam::{self, import};
use domain::exam::{ExamState, Phase, Windows};
use domain::staff::Role;
use testkit::{TestApp, both_backends};

use super::{COUNTY, again, at, draft, extend, field, officer, published, refusal};

both_backends! {
    async fn an_exam_with_gaps_is_not_published_and_each_gap_names_its_part(t: TestApp) {
        let ctx = officer(&t).await;
        let new = NewExam {
            title: "南屿县2026年公开招聘".into(),
            code: " ny-10 ".into(),
            source: "preset:recruitment".into(), ..NewExam::default() };
        let id = setup::create(&ctx, &new).await.unwrap();
        let exam = exam::find(&t.app, &id).await.unwrap();
        assert_eq!(exam.row.code, "NY-10");
        let taken = setup::create(&ctx, &new).await.unwrap_err();
        assert!(field(taken, "code").contains("已用过"));
        let check = exam::check(&t.app, &exam).await.unwrap();
        for part in [Part::Basics, Part::Windows, Part::Table, Part::Papers] {
            assert!(check.of(part).next().is_some(), "{part:?}: {check:?}");
        }
        assert!(check.of(Part::Fees).next().is_none(), "{check:?}");
        assert_eq!(refusal(exam::publish(&ctx, &id).await.unwrap_err()), "exam_state");
        // An exam that isn't published is nobody's but the staff's.
        assert!(exam::public_list(&t.app).await.unwrap().is_empty());
        let mut browser = t.browser();
        browser.get(&format!("/exams/{id}")).await.expect(404);
        browser.get(&format!("/exams/{id}/positions")).await.expect(404);
    }

    async fn parts_are_saved_at_the_version_that_was_read(t: TestApp) {
        let ctx = officer(&t).await;
        let exam = draft(&t, &ctx, Preset::Recruitment, "NY-11").await;
        let mut basics = BasicsDraft::of(&exam);
        basics.title = "改过的名称".into();
        setup::save(&ctx, &exam, &basics).await.unwrap();
        let stale = setup::save(&ctx, &exam, &basics).await.unwrap_err();
        assert!(matches!(stale, Error::Conflict(_)));
        let exam = again(&t, &exam).await;
        assert_eq!((exam.title(), exam.row.settings_version), ("改过的名称", 2));
        let mut fees = FeesDraft::of(&exam);
        fees.amount = "免费".into();
        let error = setup::save(&ctx, &exam, &fees).await.unwrap_err();
        assert!(field(error, "amount").contains("金额"));
        let history = setup::history(&ctx, &exam).await.unwrap();
        assert_eq!(history.iter().map(|one| one.0).collect::<Vec<_>>(), [2, 1]);
        // Copies keep everything but times and subjects.
        let copy = NewExam {
            title: "下一年".into(),
            code: "NY-12".into(),
            source: format!("copy:{}", exam.public_id()), ..NewExam::default() };
        let copy = setup::create(&ctx, &copy).await.unwrap();
        let copy = exam::find_by_id(&t.app, exam::find(&t.app, &copy).await.unwrap().id()).await.unwrap();
        assert_eq!(copy.settings.fees, exam.settings.fees);
        assert_eq!(copy.windows(), &Windows::default());
        // A reviewer sees exams, but changes none; a photo reviewer sees none.
        let reviewer = t.staff(&[Role::FirstReviewer]).await.ctx().await;
        assert_eq!(setup::list(&reviewer, "", None).await.unwrap().len(), 2);
        let denied = setup::save(&reviewer, &exam, &BasicsDraft::of(&exam)).await;
        assert!(matches!(denied, Err(Error::Forbidden)));
        let photos = t.staff(&[Role::PhotoReviewer]).await.ctx().await;
        assert!(matches!(setup::list(&photos, "", None).await, Err(Error::Forbidden)));
        assert!(matches!(setup::for_staff(&photos, exam.public_id()).await, Err(Error::NotFound)));
    }

    async fn windows_open_and_close_to_the_second(t: TestApp) {
        let ctx = officer(&t).await;
        let exam = published(&t, &ctx, Preset::Recruitment, "NY-13", COUNTY).await;
        for (local, open) in [
            ("2026-03-18 08:59:59", false),
            ("2026-03-18 09:00:00", true),
            ("2026-03-20 16:59:59", true),
            ("2026-03-20 17:00:00", false),
        ] {
            assert_eq!(exam.open_at(at(local)).registration, open, "{local}");
            assert_eq!(exam.is_open(Phase::Registration, at(local)), open, "{local}");
            t.clock.set(local);
            let page = t.browser().get(&format!("/exams/{}", exam.public_id())).await.expect(200);
            let button = page.links("报名").iter().any(|href| href.starts_with("/apply/"));
            assert_eq!(button, open, "{local}");
        }
        assert!(exam.open_at(at("2026-03-20 17:00:00")).review);
        // Closed for good, nothing opens registration but an extension.
        t.clock.set("2026-03-19 09:00");
        exam::close(&ctx, exam.public_id()).await.unwrap();
        let exam = again(&t, &exam).await;
        assert!(!exam.is_open(Phase::Registration, at("2026-03-19 10:00")));
        assert!(exam.open_at(at("2026-03-19 10:00")).payment);
    }

    async fn a_published_exam_is_extended_with_a_reason_and_not_changed_otherwise(t: TestApp) {
        let ctx = officer(&t).await;
        let exam = published(&t, &ctx, Preset::Recruitment, "NY-14", COUNTY).await;
        assert_eq!(refusal(setup::save(&ctx, &exam, &BasicsDraft::of(&exam)).await.unwrap_err()), "exam_published");
        assert_eq!(refusal(import::upload(&ctx, &exam, "x.xlsx", COUNTY).await.unwrap_err()), "exam_published");
        t.clock.set("2026-03-19 09:00");
        let ctx = officer(&t).await;
        let mut draft = WindowsDraft::of(&exam);
        let set = |draft: &mut WindowsDraft, key: &str, to: &str| draft.0.insert(key.into(), to.into());
        set(&mut draft, "registration_close", "2026-03-22T17:00");
        let error = extend(&ctx, &exam, &draft).await.unwrap_err();
        assert!(field(error, "reason").contains("原因"));
        set(&mut draft, "reason", "系统维护两小时，顺延报名时间");
        // The review would close before the registration: its extension is decided together.
        assert_eq!(refusal(extend(&ctx, &exam, &draft).await.unwrap_err()), "settings_problems");
        set(&mut draft, "review_close", "2026-03-23T17:00");
        for (key, to, words) in [
            ("payment_close", "2026-03-23T16:00", "只能延长"),
            ("registration_open", "2026-03-19T12:00", "已经开始"),
            ("ticket_open", "2026-04-06T09:00", "不能提前"),
        ] {
            let mut wrong = draft.clone();
            set(&mut wrong, key, to);
            assert!(field(extend(&ctx, &exam, &wrong).await.unwrap_err(), key).contains(words), "{key}");
        }
        extend(&ctx, &exam, &draft).await.unwrap();
        let exam = again(&t, &exam).await;
        assert!(exam.is_open(Phase::Registration, at("2026-03-22 16:59")));
        assert_eq!(exam.row.registration_closes, at("2026-03-22 17:00").micros());
        assert!(setup::history(&ctx, &exam).await.unwrap()[0].1.contains("系统维护"));
        // Closed and extended, it is open again; archived, it is gone for the public.
        exam::close(&ctx, exam.public_id()).await.unwrap();
        let exam = again(&t, &exam).await;
        let mut draft = WindowsDraft::of(&exam);
        set(&mut draft, "registration_close", "2026-03-23T12:00");
        set(&mut draft, "reason", "补报一天，见补充公告");
        extend(&ctx, &exam, &draft).await.unwrap();
        assert_eq!(again(&t, &exam).await.state, ExamState::Published);
        exam::close(&ctx, exam.public_id()).await.unwrap();
        t.archived(exam.public_id()).await;
        assert!(matches!(exam::shown(&t.ctx(app::Actor::Anonymous), exam.public_id()).await, Err(Error::NotFound)));
        assert_eq!(refusal(exam::reopen(&ctx, exam.public_id()).await.unwrap_err()), "exam_state");
    }
}
