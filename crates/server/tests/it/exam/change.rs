//! Nothing published is edited in place: changes of settings, with diff, notice, second person, and who is told.

use app::Error;
use app::exam::amendment::Publication;
use app::exam::change;
use app::exam::part::{
    AgreementDraft, BasicsDraft, Draft as _, FeesDraft, Part, ScoresDraft, SeatingDraft,
    StepsDraft, WindowsDraft,
};
use domain::exam::Phase;
use domain::staff::Role;
use domain::time::Timestamp;
use testkit::{TestApp, both_backends};

use super::{publish_change, refusal};
use crate::arrangement::find;

const POSITION: &str = "数字资源管理";

fn publication() -> Publication {
    Publication {
        reason: "核对有误，予以更正".into(),
        title: "招聘公告补充公告".into(),
        body: "咨询电话更正如下，其他事项不变。".into(),
    }
}

both_backends! {
    async fn a_published_part_is_changed_by_a_notice_as_a_new_version_and_those_who_applied_are_told(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let (lin, su) = (t.ready("林一舟").await, t.ready("苏晓").await);
        let id = crate::application::submitted(&lin, &exam, POSITION).await;
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let now = find(&t, &exam).await;
        let mut basics = BasicsDraft::of(&now);
        // As it is, there is nothing to publish.
        let nothing = change::draft_part(&ctx, &now, Part::Basics, &basics).await.unwrap_err();
        assert_eq!(refusal(nothing), "nothing_changed");
        basics.contact = "0735-1234567".into();
        basics.open_ratio = "3".into();
        let draft = change::draft_part(&ctx, &now, Part::Basics, &basics).await.unwrap();
        let seen = change::find(&ctx, &now, &draft).await.unwrap();
        let words: Vec<_> = seen.changes.iter().map(|one| (one.field.as_str(), one.new.as_str())).collect();
        assert_eq!(words, [("开考比例", "3"), ("咨询电话和时间", "0735-1234567")]);
        assert!(seen.row.notice_body.contains("咨询电话和时间定为“0735-1234567”"), "{}", seen.row.notice_body);
        // Nothing has happened yet; a notice and a reason are needed.
        assert_eq!(find(&t, &exam).await.row.settings_version, 1);
        let empty = change::submit(&ctx, &now, &draft, &Publication::default()).await;
        assert!(matches!(empty, Err(Error::Fields(_))));
        change::submit(&ctx, &now, &draft, &publication()).await.unwrap();
        let now = find(&t, &exam).await;
        assert_eq!((now.row.settings_version, now.settings.open_ratio), (2, Some(3)));
        assert_eq!(app::application::own(&lin.ctx(), &id).await.unwrap().row.settings_version, 1);
        // Once is enough.
        let again = change::submit(&ctx, &now, &draft, &publication()).await;
        assert!(matches!(again, Err(Error::Conflict(_))));
        t.run_jobs().await;
        let told = |page: testkit::Page| page.text().contains("考试安排有更正");
        assert!(told(lin.browser().get("/messages").await));
        assert!(!told(su.browser().get("/messages").await), "who didn't apply isn't told");
        assert_eq!(change::find(&ctx, &now, &draft).await.unwrap().row.told, 1);
        t.browser().get(&format!("/exams/{}", exam.public_id)).await.expect(200).shows("招聘公告补充公告");
        let versions = change::versions(&ctx, &now).await.unwrap();
        assert_eq!(versions.iter().map(|one| (one.number, one.changes.len())).collect::<Vec<_>>(), [(2, 2), (1, 0)]);
        // A draft over settings that have changed since is published by nobody.
        let mut basics = BasicsDraft::of(&now);
        basics.contact = "甲".into();
        let first = change::draft_part(&ctx, &now, Part::Basics, &basics).await.unwrap();
        basics.contact = "乙".into();
        let second = change::draft_part(&ctx, &now, Part::Basics, &basics).await.unwrap();
        publish_change(&ctx, &now, &first).await.unwrap();
        assert!(matches!(publish_change(&ctx, &now, &second).await, Err(Error::Conflict(_))));
        change::withdraw(&ctx, &now, &second).await.unwrap();
        assert!(matches!(change::withdraw(&ctx, &now, &second).await, Err(Error::Conflict(_))));
    }

    async fn what_an_application_hangs_on_is_frozen_and_money_takes_two_people(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let ctx = officer.ctx().await;
        let now = find(&t, &exam).await;
        let mut fees = FeesDraft::of(&now);
        fees.amount = "80".into();
        let draft = change::draft_part(&ctx, &now, Part::Fees, &fees).await.unwrap();
        let late = change::draft_part(&ctx, &now, Part::Fees, &fees).await.unwrap();
        publish_change(&ctx, &now, &draft).await.unwrap();
        assert_eq!(find(&t, &exam).await.row.settings_version, 1, "it waits for another person");
        let alone = change::decide(&ctx, &now, &draft, (true, "")).await.unwrap_err();
        assert_eq!(refusal(alone), "same_person");
        let other = t.staff(&[Role::ExamOfficer]).await;
        let second = other.ctx().await;
        let hush = change::decide(&second, &now, &draft, (false, "")).await;
        assert!(matches!(hush, Err(Error::Fields(_))), "a refusal has a reason");
        // Through the page.
        let mut browser = other.browser();
        let at = format!("/office/exams/{}/changes/{draft}", exam.public_id);
        let page = browser.get(&at).await.expect(200).shows("每人 80.00 元").shows("同意并公布");
        browser.submit(page.form(&format!("{at}/decide")).set("answer", "yes")).await.expect(200).shows("已公布");
        let now = find(&t, &exam).await;
        assert_eq!(now.row.settings_version, 2);
        // Drafted before somebody applied, published after: refused then.
        crate::application::submitted(&t.ready("林一舟").await, &exam, POSITION).await;
        let stale = publish_change(&ctx, &now, &late).await;
        assert!(stale.is_ok(), "asking is not publishing");
        assert!(matches!(change::decide(&second, &now, &late, (true, "")).await, Err(Error::Conflict(_))));
        // Who asked learns that it has lapsed, and that the other was agreed to, until he gives it up.
        let lapsed = format!("/office/exams/{}/changes/{late}", exam.public_id);
        let mut asker = officer.browser();
        let home = asker.get("/office").await.expect(200).shows("已失效").shows("提交以后考试设置又有改动").shows("近 7 天已同意的（1）");
        assert!(home.own_links().contains(&lapsed));
        browser.get("/office").await.expect(200).lacks("您提出的申请");
        change::withdraw(&ctx, &now, &late).await.unwrap();
        asker.get("/office").await.expect(200).lacks("已失效");
        let mut fees = FeesDraft::of(&now);
        fees.amount = "90".into();
        let frozen = change::draft_part(&ctx, &now, Part::Fees, &fees).await.unwrap_err();
        assert_eq!(refusal(frozen), "frozen");
        let mut steps = StepsDraft::of(&now);
        steps.review = "none".into();
        assert_eq!(refusal(change::draft_part(&ctx, &now, Part::Steps, &steps).await.unwrap_err()), "frozen");
        // What doesn't touch them may change: the hours of the review.
        let mut steps = StepsDraft::of(&now);
        steps.hours = "36".into();
        let draft = change::draft_part(&ctx, &now, Part::Steps, &steps).await.unwrap();
        publish_change(&ctx, &now, &draft).await.unwrap();
        assert_eq!(find(&t, &exam).await.settings.review.hours, 36);
        // Nobody else: an officer of another exam, a reviewer, a draft's exam.
        let elsewhere = t.recruitment(|_| {}).await;
        let there = find(&t, &elsewhere).await;
        assert!(matches!(change::find(&ctx, &there, &draft).await, Err(Error::NotFound)));
        let reviewer = t.staff(&[Role::FirstReviewer]).await.ctx().await;
        assert!(matches!(change::find(&reviewer, &now, &draft).await, Err(Error::Forbidden | Error::NotFound)));
    }

    async fn the_transaction_itself_wants_the_second_person_and_the_settings_that_were_changed(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let other = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let now = find(&t, &exam).await;
        let mut fees = FeesDraft::of(&now);
        fees.amount = "80".into();
        let draft = change::draft_part(&ctx, &now, Part::Fees, &fees).await.unwrap();
        // A row that forgot that it takes two is published by nobody alone.
        let forgot = "UPDATE settings_change SET two_people = 0";
        crate::invariants::run(&t, &[forgot]).await;
        assert_eq!(refusal(publish_change(&ctx, &now, &draft).await.unwrap_err()), "same_person");
        assert_eq!(refusal(publish_change(&other, &now, &draft).await.unwrap_err()), "same_person");
        crate::invariants::run(&t, &["UPDATE settings_change SET two_people = 1"]).await;
        // Who asked isn't the second, and who drafted isn't either.
        publish_change(&other, &now, &draft).await.unwrap();
        for alone in [&ctx, &other] {
            let refused = change::decide(alone, &now, &draft, (true, "")).await.unwrap_err();
            assert_eq!(refusal(refused), "same_person");
        }
        assert_eq!(find(&t, &exam).await.row.settings_version, 1);
        // Control: with their names forgotten, one of them passes for the second person.
        crate::invariants::run(&t, &["UPDATE settings_change SET created_by = 1, asked_by = 1"]).await;
        change::decide(&ctx, &now, &draft, (true, "")).await.unwrap();
        assert_eq!(find(&t, &exam).await.row.settings_version, 2);
    }

    async fn control_a_change_that_forgets_what_it_was_drafted_over_takes_the_other_back(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let now = find(&t, &exam).await;
        let with = |contact: &str| BasicsDraft { contact: contact.into(), ..BasicsDraft::of(&now) };
        let ratio = BasicsDraft { open_ratio: "5".into(), ..BasicsDraft::of(&now) };
        let first = change::draft_part(&ctx, &now, Part::Basics, &with("甲")).await.unwrap();
        let second = change::draft_part(&ctx, &now, Part::Basics, &ratio).await.unwrap();
        publish_change(&ctx, &now, &first).await.unwrap();
        let now = find(&t, &exam).await;
        assert_eq!(now.settings.notices.contact, "甲");
        assert!(matches!(publish_change(&ctx, &now, &second).await, Err(Error::Conflict(_))));
        crate::invariants::run(&t, &["UPDATE settings_change SET base_version = 2"]).await;
        publish_change(&ctx, &now, &second).await.unwrap();
        assert_ne!(find(&t, &exam).await.settings.notices.contact, "甲");
    }

    async fn scores_and_seats_that_are_published_keep_their_rules(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        for (pointer, part) in [("seat_plan", Part::Seating), ("score_batch", Part::Scores)] {
            let drafted = async || {
                let now = find(&t, &exam).await;
                match part {
                    Part::Seating => {
                        let room_capacity = (now.settings.room_capacity + 1).to_string();
                        let draft = SeatingDraft { room_capacity, ..SeatingDraft::of(&now) };
                        change::draft_part(&ctx, &now, part, &draft).await
                    }
                    _ => {
                        let draft = ScoresDraft { digits: "1".into(), ..ScoresDraft::of(&now) };
                        change::draft_part(&ctx, &now, part, &draft).await
                    }
                }
            };
            let before = drafted().await.unwrap();
            crate::invariants::run(&t, &[&format!("UPDATE exam SET {pointer} = 1")]).await;
            t.app.exams().forget();
            assert_eq!(refusal(drafted().await.unwrap_err()), "frozen", "{pointer}");
            let now = find(&t, &exam).await;
            if part == Part::Seating {
                assert_eq!(refusal(publish_change(&ctx, &now, &before).await.unwrap_err()), "frozen");
            }
            crate::invariants::run(&t, &[&format!("UPDATE exam SET {pointer} = 0")]).await;
            t.app.exams().forget();
        }
    }

    async fn an_extension_shows_what_it_does_before_it_is_published_and_moves_the_others_along(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        t.clock.set("2026-03-19 09:00");
        let mut browser = t.staff(&[Role::ExamOfficer]).await.browser();
        let home = format!("/office/exams/{}", exam.public_id);
        let before = find(&t, &exam).await;
        let mut draft = WindowsDraft::of(&before);
        draft.0.insert("registration_close".into(), "2026-03-26T17:00".into());
        let page = browser.get(&format!("{home}/extend")).await.expect(200);
        let form = page
            .form(&format!("{home}/extend"))
            .set("registration_close", "2026-03-26T17:00")
            .set("reason", "系统维护，顺延报名时间");
        let page = browser.submit(form).await.expect(200).shows("对后面环节的影响").shows("还不能公布");
        let page = page.shows("资格审查的结束时间不能早于网上报名的结束时间");
        assert_eq!(find(&t, &exam).await.row.settings_version, 1, "looking changes nothing");
        let at = page.path().to_owned();
        let page = browser.submit(page.form(&format!("{at}/along"))).await.expect(200).lacks("还不能公布");
        assert_ne!(page.path(), at);
        let moved = page.path().to_owned();
        browser.submit(page.form(&moved)).await.expect(200).shows("已公布");
        browser.get(&at).await.expect(200).shows("已放弃");
        let after = find(&t, &exam).await;
        let close = |exam: &app::exam::Exam, phase| exam.window(phase).unwrap().close();
        assert_eq!(close(&after, Phase::Registration), Timestamp::parse_local("2026-03-26 17:00").unwrap());
        let delta = close(&after, Phase::Registration).micros() - close(&before, Phase::Registration).micros();
        assert_eq!(close(&after, Phase::Review).micros() - close(&before, Phase::Review).micros(), delta);
        assert_eq!(after.settings.windows.problems(after.settings.steps), Vec::<String>::new());
    }

    async fn an_extension_says_how_much_time_it_leaves_to_the_reviewers(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        t.clock.set("2026-03-19 09:00");
        let mut browser = t.staff(&[Role::ExamOfficer]).await.browser();
        let home = format!("/office/exams/{}", exam.public_id);
        let review = find(&t, &exam).await.window(Phase::Review).unwrap().close();
        let asked = async |browser: &mut testkit::Browser, fields: &[(&str, Timestamp)]| {
            let page = browser.get(&format!("{home}/extend")).await.expect(200);
            let mut form = page.form(&format!("{home}/extend")).set("reason", "系统维护，顺延报名时间");
            for (field, at) in fields {
                form = form.set(field, &at.to_input());
            }
            browser.submit(form).await.expect(200)
        };
        // To the very end of the review: it fits, and nobody can review what comes last.
        let page = asked(&mut browser, &[("registration_close", review)]).await;
        page.shows("没有给审查留出时间").shows("请把资格审查一起推迟");
        let hours = |n: i64| review.plus_seconds(-3600 * n);
        let page = asked(&mut browser, &[("registration_close", hours(5))]).await;
        page.shows("资格审查只剩 5 小时").shows("少于本场考试规定的审查时限 1 天");
        // With time enough it is said how much, and nothing is warned of.
        let later = review.plus_seconds(48 * 3600);
        let page = asked(&mut browser, &[("registration_close", review), ("review_close", later), ("payment_close", later.plus_seconds(86_400))]).await;
        page.shows("网上报名结束后，资格审查还有 2 天").lacks("少于").lacks("没有给审查留出时间");
    }

    async fn an_application_remembers_the_privacy_text_that_was_agreed_to(t: TestApp) {
        let exam = t.recruitment(|settings| {
            settings.privacy.version = 1;
            settings.privacy.text = "第一版隐私说明".into();
        }).await;
        let (lin, su) = (t.ready("林一舟").await, t.ready("苏晓").await);
        let agreement = format!("/apply/{}/agreement", exam.public_id);
        lin.browser().get(&agreement).await.expect(200).shows("第一版隐私说明");
        let early = crate::application::submitted(&lin, &exam, POSITION).await;
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let now = find(&t, &exam).await;
        let text = AgreementDraft { privacy: "第二版隐私说明".into(), ..AgreementDraft::of(&now) };
        let draft = change::draft_part(&ctx, &now, Part::Agreement, &text).await.unwrap();
        publish_change(&ctx, &now, &draft).await.unwrap();
        let now = find(&t, &exam).await;
        assert_eq!((now.settings.privacy.version, now.settings.agreement.version), (2, 2));
        // Who read the first text and sends now has to read the second.
        let mut form = crate::application::form(&su.ctx(), exam.position(POSITION));
        let stale = app::application::submit(&su.ctx(), &exam.public_id, &form).await.unwrap_err();
        assert_eq!(refusal(stale), "agreement_changed");
        su.browser().get(&agreement).await.expect(200).shows("第二版隐私说明").lacks("第一版隐私说明");
        form.agreed.version = 2;
        let late = app::application::submit(&su.ctx(), &exam.public_id, &form).await.unwrap().public_id;
        for (who, id, version, text) in [(&lin, &early, 1, "第一版隐私说明"), (&su, &late, 2, "第二版隐私说明")] {
            let own = app::application::own(&who.ctx(), id).await.unwrap();
            assert_eq!(own.row.agreement_version, version);
            assert_eq!((i64::from(own.made.privacy.version), own.made.privacy.text.as_str()), (version, text));
        }
        // The same text saved again is no new version.
        let same = AgreementDraft::of(&now);
        assert_eq!(refusal(change::draft_part(&ctx, &now, Part::Agreement, &same).await.unwrap_err()), "nothing_changed");
    }
}
