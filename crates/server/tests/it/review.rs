//! 资格审查: claims, decisions with their four eyes, what a candidate can do about them, clocks.

use app::application::{self, View};
use app::review::{self, Decision, Filter, Shown, Unveiled, Veiled};
use app::{Ctx, Error};
use domain::application::{Event, Payment};
use domain::review::{OnTimeout, ReturnItem, Review};
use domain::staff::Role;
use domain::time::Timestamp;
use testkit::{TestApp, TestCandidate, TestExam, both_backends};

use crate::application::{form, submitted};

const POSITION: &str = "数字资源管理";

async fn shown(ctx: &Ctx, id: &str) -> Shown {
    let bench = review::bench(ctx, id).await.expect("a bench");
    Shown {
        public_id: id.to_owned(),
        hash: bench.hash(),
        review: bench.review(),
    }
}

pub(crate) async fn decide(ctx: &Ctx, id: &str, decision: &Decision) -> app::Result<()> {
    let shown = shown(ctx, id).await;
    review::decide(ctx, &shown, decision).await.map(|_| ())
}

/// Approves for whoever looks at it from another feature's tests.
pub(crate) async fn approve(ctx: &Ctx, id: &str) {
    decided(ctx, id).await.expect("approved");
}

/// Tries to.
pub(crate) async fn decided(ctx: &Ctx, id: &str) -> app::Result<()> {
    let bench = review::bench(ctx, id).await?;
    let shown = Shown {
        public_id: id.to_owned(),
        hash: bench.hash(),
        review: bench.review(),
    };
    let approve = Decision::Approve;
    review::decide(ctx, &shown, &approve).await.map(|_| ())
}

fn reject() -> Decision {
    Decision::Reject {
        code: "major".into(),
        reason: "岗位要求的专业与您的毕业专业不一致。".into(),
    }
}

fn give_back(due: Option<Timestamp>) -> Decision {
    Decision::Return {
        code: "unclear_document".into(),
        reason: "在职证明缺少单位公章，请重新上传。".into(),
        items: vec![ReturnItem {
            field: "profile.education".into(),
            note: "缺公章".into(),
        }],
        due,
    }
}

async fn view(who: &TestCandidate, id: &str) -> View {
    application::own(&who.ctx(), id)
        .await
        .expect("the own application")
}

async fn save(who: &TestCandidate, exam: &TestExam, position: &str) -> app::Result<Option<Event>> {
    let ctx = who.ctx();
    let form = form(&ctx, exam.position(position));
    application::submit(&ctx, &exam.public_id, &form)
        .await
        .map(|saved| saved.event)
}

fn code(result: app::Result<impl std::fmt::Debug>) -> &'static str {
    match result {
        Err(Error::Refused(refusal)) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}

/// Four reviewers ask for the next one of four at the same moment: how many are held.
async fn held_at_once(t: &TestApp) -> usize {
    let exam = t.recruitment(|_| {}).await;
    let mut staff = Vec::new();
    for name in ["林一舟", "苏晓", "何小宁", "周明远"] {
        let who = t.ready(name).await;
        submitted(&who, &exam, POSITION).await;
        staff.push(t.staff(&[Role::FirstReviewer]).await.ctx().await);
    }
    let found = app::exam::find(&t.app, &exam.public_id).await.unwrap();
    let filter = Filter::default();
    let next = |who: usize| review::claim_next(&staff[who], &found, &filter, None);
    let (a, b, c, d) = testkit::tokio::join!(next(0), next(1), next(2), next(3));
    let held: std::collections::BTreeSet<_> = [a, b, c, d]
        .into_iter()
        .map(|one| one.unwrap().expect("one for each"))
        .collect();
    held.len()
}

both_backends! {
    async fn a_reviewer_works_through_the_queue_on_the_pages(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let (lin, su) = (t.ready("林一舟").await, t.ready("苏晓").await);
        let first = submitted(&lin, &exam, POSITION).await;
        t.clock.advance(60);
        let second = submitted(&su, &exam, "信息系统运维").await;
        let staff = t.staff(&[Role::FirstReviewer]).await;
        let mut browser = staff.browser();
        browser.get("/office/reviews").await.expect(200).shows("2026年市直事业单位公开招聘");
        let list = format!("/office/reviews/{}", exam.public_id);
        let page = browser.get(&list).await.expect(200).shows("林一舟").shows("苏晓").shows("待审核（2）").shows("剩 1 天");
        let page = browser.submit(page.form(&format!("{list}/next"))).await;
        let bench = format!("{list}/{first}");
        let page = page.expect(200).is_at(&bench).shows("林一舟").shows("符合").shows("已遮蔽");
        assert!(!page.html().contains(&lin.person.number), "the number is veiled");
        assert!(!page.html().contains(&lin.person.mobile), "the mobile is veiled");

        let unveil = page.forms().into_iter().find(|f| f.value("what") == Some("id_number")).unwrap();
        let refused = browser.submit(unveil.clone().set("why", "")).await;
        refused.expect(422).shows("请写明查看的原因");
        browser.submit(unveil.set("why", "核对证明材料")).await.expect(200).shows(&lin.person.number);
        let unveil = page.forms().into_iter().find(|f| f.value("what") == Some("photo")).unwrap();
        let seen = browser.submit(unveil).await;
        let photo = seen.expect(200).html().split("src=\"").find_map(|part| {
            let end = part.find('"')?;
            part[..end].contains("/photo/").then(|| part[..end].to_owned())
        });
        browser.get(&photo.unwrap()).await.expect(200);

        let decide = page.form(&format!("{bench}/decide"));
        let _page = browser.submit(decide.clone().set("decision", "reject")).await.expect(422).shows("请写明原因");
        let page = browser.submit(decide.clone().set("decision", "approve")).await.expect(200).is_at(&format!("{list}/{second}")).shows("须人工核对");
        // The back button and once more: it isn't what it was.
        browser.submit(decide.set("decision", "approve")).await.expect(409);

        let decide = page.form(&format!("{list}/{second}/decide"));
        let back = decide
            .set("decision", "return")
            .set("code", "unclear_document")
            .set("reason", "在职证明缺少单位公章，请重新上传。")
            .set("due", "2026-03-18T17:00")
            .add("item", "q.proof");
        browser.submit(back).await.expect(200).is_at(&list);
        su.browser().get("/applications").await.expect(200).shows("需要补充材料").shows("3月18日（周三）17:00");
        lin.browser().get("/applications").await.expect(200).shows("下一步：缴费 100.00 元");
        lin.browser().get("/messages").await.expect(200).shows("资格审查已通过");
        su.browser().get("/reviews").await.expect(200).shows("缺少单位公章");
    }

    async fn many_that_pass_whole_are_approved_after_a_preview(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let (lin, su, he) = (t.ready("林一舟").await, t.ready("苏晓").await, t.ready("何小宁").await);
        let ids = [
            submitted(&lin, &exam, POSITION).await,
            submitted(&su, &exam, POSITION).await,
            submitted(&he, &exam, "信息系统运维").await,
        ];
        let mut browser = t.staff(&[Role::FirstReviewer]).await.browser();
        let list = format!("/office/reviews/{}", exam.public_id);
        let page = browser.get(&list).await.expect(200);
        let form = ids.iter().fold(page.form(&format!("{list}/bulk")), |form, id| form.add("pick", id));
        let page = browser.submit(form).await.expect(200).shows("确认通过 2 条").shows("有条件须人工核对");
        // One of them changes before the confirmation.
        application::withdraw(&su.ctx(), &ids[1]).await.unwrap();
        let page = browser.submit(page.form(&format!("{list}/bulk/confirm"))).await;
        page.expect(200).shows("已通过 1 条，1 条没有处理");
        assert_eq!(view(&lin, &ids[0]).await.state.tracks().review, Review::Approved);
        assert_eq!(view(&he, &ids[2]).await.state.tracks().review, Review::Pending);
    }

    async fn two_reviewers_never_hold_the_same_application(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let lin = t.ready("林一舟").await;
        let id = submitted(&lin, &exam, POSITION).await;
        let one = t.staff(&[Role::FirstReviewer]).await.ctx().await;
        let two = t.staff(&[Role::FirstReviewer]).await;
        review::claim(&one, &id).await.unwrap();
        let other = two.ctx().await;
        assert!(matches!(review::claim(&other, &id).await, Err(Error::Conflict(_))));
        assert!(matches!(decide(&other, &id, &Decision::Approve).await, Err(Error::Conflict(_))));
        let found = app::exam::find(&t.app, &exam.public_id).await.unwrap();
        assert_eq!(review::claim_next(&other, &found, &Filter::default(), None).await.unwrap(), None);
        let bench = review::bench(&other, &id).await.unwrap();
        assert!(bench.holder.is_some_and(|(_, mine)| !mine));
        review::let_go(&one, &id).await.unwrap();
        review::claim(&other, &id).await.expect("given back");
        t.clock.advance(16 * 60);
        let later = Ctx { at: t.now(), ..one };
        review::claim(&later, &id).await.expect("a claim runs out");
    }

    async fn reviewers_who_ask_for_the_next_one_at_once_get_one_each(t: TestApp) {
        assert_eq!(held_at_once(&t).await, 4);
    }

    async fn control_with_claims_that_run_out_at_once_all_get_the_same_one(t: TestApp) {
        crate::invariants::forgets(&t, "review_claim", "until", "0").await;
        assert_eq!(held_at_once(&t).await, 1);
    }

    async fn what_was_approved_is_what_was_shown(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let lin = t.ready("林一舟").await;
        let id = submitted(&lin, &exam, POSITION).await;
        let staff = t.staff(&[Role::FirstReviewer]).await.ctx().await;
        let seen = shown(&staff, &id).await;
        let work = domain::profile::WorkForm {
            occupation: "unemployed".into(),
            address: "南屿市解放路 2 号".into(),
            ..Default::default()
        };
        app::profile::save_work(&lin.ctx(), &work).await.unwrap();
        assert_eq!(save(&lin, &exam, POSITION).await.unwrap(), Some(Event::Edit));
        let late = review::decide(&staff, &seen, &Decision::Approve).await;
        assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
        decide(&staff, &id, &Decision::Approve).await.unwrap();
        let bench = review::bench(&staff, &id).await.unwrap();
        assert_eq!(bench.decisions[0].snapshot_hash, bench.view.row.snapshot_hash);
        // After that neither content nor position can change.
        app::profile::save_work(&lin.ctx(), &domain::profile::WorkForm { postcode: "423000".into(), ..work })
            .await
            .unwrap();
        assert_eq!(code(save(&lin, &exam, POSITION).await), "review");
        assert_eq!(code(save(&lin, &exam, "信息系统运维").await), "move_after_approval");
        let view = view(&lin, &id).await;
        assert_eq!(view.state.tracks().payment, Payment::Due);
    }

    async fn returned_it_is_mended_or_runs_out(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let (lin, su) = (t.ready("林一舟").await, t.ready("苏晓").await);
        let staff = t.staff(&[Role::FirstReviewer]).await.ctx().await;
        let (one, two) = (submitted(&lin, &exam, POSITION).await, submitted(&su, &exam, POSITION).await);
        let soon = decide(&staff, &one, &give_back(Some(staff.at))).await;
        assert!(matches!(soon, Err(Error::Fields(_))));
        decide(&staff, &one, &give_back(Some(staff.at.plus_seconds(7200)))).await.unwrap();
        decide(&staff, &two, &give_back(None)).await.unwrap();
        lin.browser().get(&format!("/apply/{}", exam.public_id)).await.expect(200).shows("需要补充材料");
        // What is to be mended and until when, in the card and in the message.
        let until = staff.at.plus_seconds(7200).to_chinese_short();
        lin.browser().get("/applications").await.expect(200).shows("缺少单位公章，请重新上传。需修改：学历学位。");
        lin.browser().get("/messages").await.expect(200).shows("需修改：学历学位。").shows(&format!("请在 {until} 前改好并提交"));
        assert_eq!(save(&lin, &exam, POSITION).await.unwrap(), Some(Event::Supplement));
        assert_eq!(view(&lin, &one).await.state.tracks().review, Review::Pending);
        t.clock.advance_hours(25);
        assert_eq!(code(save(&su, &exam, POSITION).await), "supplement_closed");
        review::sweep(&t.app).await.unwrap();
        let refused = view(&su, &two).await;
        assert_eq!(refused.state.tracks().review, Review::Rejected);
        assert!(refused.row.review_reason.contains("补充截止"));
    }

    async fn what_changed_since_the_last_look_is_marked(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let (lin, su) = (t.ready("林一舟").await, t.ready("苏晓").await);
        let reviewer = t.staff(&[Role::FirstReviewer]).await;
        let staff = reviewer.ctx().await;
        let (one, two) = (submitted(&lin, &exam, POSITION).await, submitted(&su, &exam, POSITION).await);
        for id in [&one, &two] {
            decide(&staff, id, &give_back(None)).await.unwrap();
        }
        let study = domain::profile::EducationForm {
            level: "21".into(),
            degree: "412".into(),
            study_mode: "full_time".into(),
            school: "南屿师范学院".into(),
            major: "信息管理与信息系统".into(),
            graduated_on: "2022年6月".into(),
            ..Default::default()
        };
        t.clock.advance(60);
        app::profile::save_education(&lin.ctx(), Some(1), &study).await.unwrap();
        for who in [&lin, &su] {
            assert_eq!(save(who, &exam, POSITION).await.unwrap(), Some(Event::Supplement));
        }
        let mut desk = reviewer.browser();
        let bench = |id: &str| format!("/office/reviews/{}/{id}", exam.public_id);
        desk.get(&bench(&one)).await.expect(200).shows("上次审核以后，修改了：学历学位").shows("有改动");
        // The control: nothing is marked where nothing changed.
        desk.get(&bench(&two)).await.expect(200).shows("内容没有变化").lacks("有改动");
    }

    async fn a_supplement_obeys_the_rules_of_entering(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let lin = t.ready("林一舟").await;
        let id = submitted(&lin, &exam, POSITION).await;
        let staff = t.staff(&[Role::FirstReviewer]).await.ctx().await;
        decide(&staff, &id, &give_back(None)).await.unwrap();

        // 诚信档案, entered meanwhile.
        let (one, two) = (t.staff(&[Role::ExamOfficer]).await, t.staff(&[Role::ExamOfficer]).await);
        let mut desk = one.browser();
        crate::integrity::entered(&mut desk, &lin, "").await.expect(200);
        assert_eq!(code(save(&lin, &exam, POSITION).await), "integrity_record");
        assert_eq!(view(&lin, &id).await.state.tracks().review, Review::Returned);
        let record = desk.get("/office/integrity").await.expect(200).link("林一舟");
        let record = record.rsplit('/').next().unwrap();
        application::integrity::lift(&two.ctx().await, record, "行政复议后决定被撤销").await.unwrap();

        // A profile that fits the position no more.
        let study = |level: &str, degree: &str| domain::profile::EducationForm {
            level: level.into(),
            degree: degree.into(),
            study_mode: "full_time".into(),
            school: "南屿学院".into(),
            major: "信息管理与信息系统".into(),
            graduated_on: "2022年6月".into(),
            ..Default::default()
        };
        let college = study("31", "");
        app::profile::save_education(&lin.ctx(), Some(1), &college).await.unwrap();
        assert_eq!(code(save(&lin, &exam, POSITION).await), "not_eligible");
        app::profile::save_education(&lin.ctx(), Some(1), &study("21", "412")).await.unwrap();

        // A photo that was refused.
        let photos = t.staff(&[Role::PhotoReviewer]).await.ctx().await;
        app::photo::claim(&photos).await.unwrap();
        let card = app::photo::held(&photos).await.unwrap().remove(0);
        let blurred = app::photo::Decision::Reject { code: "photo_blur".into(), reason: "照片模糊，请重新拍摄。".into() };
        app::photo::decide(&photos, &card.public_id, card.version, &blurred).await.unwrap();
        assert_eq!(code(save(&lin, &exam, POSITION).await), "photo_missing");
        assert_eq!(view(&lin, &id).await.state.tracks().review, Review::Returned);

        // The control: nothing in the way any more.
        t.upload_photo(&lin).await;
        assert_eq!(save(&lin, &exam, POSITION).await.unwrap(), Some(Event::Supplement));
        assert_eq!(view(&lin, &id).await.state.tracks().review, Review::Pending);
    }

    async fn refused_one_moves_to_another_position_or_appeals_once(t: TestApp) {
        let exam = t.recruitment(|settings| settings.moves.barred_after = 1).await;
        let (lin, su) = (t.ready("林一舟").await, t.ready("苏晓").await);
        let reviewer = t.staff(&[Role::FirstReviewer]).await;
        let staff = reviewer.ctx().await;
        let (one, two) = (submitted(&lin, &exam, POSITION).await, submitted(&su, &exam, POSITION).await);
        for id in [&one, &two] {
            decide(&staff, id, &reject()).await.unwrap();
        }
        let mut browser = lin.browser();
        let _page = browser.get("/applications").await.expect(200).shows("停在这一步").shows("重新选择岗位").shows("申诉");
        assert_eq!(code(save(&lin, &exam, POSITION).await), "position_barred");
        assert_eq!(save(&lin, &exam, "信息系统运维").await.unwrap(), Some(Event::Move));
        assert_eq!(view(&lin, &one).await.state.tracks().review, Review::Pending);

        let mut browser = su.browser();
        let path = format!("/applications/{two}/appeal");
        let page = browser.get(&path).await;
        let page = browser.submit(page.expect(200).form(&path).set("note", "太短")).await.expect(422).shows("10 至 500 个字");
        let form = page.form(&path).set("note", "本人专业在岗位要求的目录内，请核对毕业证书。");
        browser.submit(form).await.expect(200).is_at("/applications").shows("申诉处理中");
        let own = decide(&staff, &two, &Decision::Reverse { reason: "专业在目录内，原结论有误。".into() }).await;
        assert_eq!(code(own), "not_this_person");
        let other = t.staff(&[Role::FirstReviewer]).await.ctx().await;
        let uphold = Decision::Uphold { reason: "经复核，专业不在要求内。".into() };
        decide(&other, &two, &uphold).await.unwrap();
        let again = application::appeal(&su.ctx(), &two, "请再看一次，我的专业确实在目录内。").await;
        assert_eq!(code(again), "review");
        t.clock.advance_days(3);
        let late = application::appeal(&su.ctx(), &two, "请再看一次，我的专业确实在目录内。").await;
        assert_eq!(code(late), "appeal_closed");
    }

    async fn two_levels_are_two_people_and_a_conclusion_is_taken_back_by_another(t: TestApp) {
        let exam = t.recruitment(|settings| settings.review.levels = 2).await;
        let lin = t.ready("林一舟").await;
        let id = submitted(&lin, &exam, POSITION).await;
        let first = t.staff(&[Role::FirstReviewer]).await.ctx().await;
        let both = t.staff(&[Role::SecondReviewer]).await;
        let second = both.ctx().await;
        assert_eq!(code(decide(&second, &id, &Decision::Approve).await), "other_level");
        decide(&first, &id, &Decision::Approve).await.unwrap();
        assert_eq!(view(&lin, &id).await.state.tracks().review, Review::FirstApproved);
        assert_eq!(code(decide(&first, &id, &Decision::Approve).await), "other_level");
        both.browser().get(&format!("/office/reviews/{}", exam.public_id)).await.expect(200).shows("林一舟");
        decide(&second, &id, &Decision::Approve).await.unwrap();
        assert_eq!(view(&lin, &id).await.state.tracks().review, Review::Approved);
        assert_eq!(code(review::reopen(&second, &id, "结论有误，重新审核").await), "not_this_person");
        assert!(matches!(review::reopen(&first, &id, "错").await, Err(Error::Fields(_))));
        review::reopen(&first, &id, "结论有误，重新审核").await.unwrap();
        let view = view(&lin, &id).await;
        assert_eq!(view.state.tracks().review, Review::Pending);
        assert_eq!(view.state.tracks().payment, Payment::None, "the debt is gone with the approval");
    }

    async fn a_reviewer_sees_his_units_only(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let lin = t.ready("林一舟").await;
        let id = submitted(&lin, &exam, POSITION).await;
        let library = t.staff_with(&[(Role::FirstReviewer, exam.id, "市图书馆".into())]).await;
        let museum = t.staff_with(&[(Role::FirstReviewer, exam.id, "市博物馆".into())]).await;
        let elsewhere = t.staff_with(&[(Role::FirstReviewer, exam.id + 1, String::new())]).await;
        let list = format!("/office/reviews/{}", exam.public_id);
        let bench = format!("{list}/{id}");
        library.browser().get(&list).await.expect(200).shows("林一舟");
        library.browser().get(&bench).await.expect(200);
        museum.browser().get(&list).await.expect(200).shows("没有待审的报名");
        museum.browser().get(&bench).await.expect(404);
        elsewhere.browser().get(&list).await.expect(403);
        elsewhere.browser().get(&bench).await.expect(404);
        let stranger = museum.ctx().await;
        assert!(matches!(review::claim(&stranger, &id).await, Err(Error::NotFound)));
        let looked = review::unveil(&stranger, &id, Veiled::IdNumber, "核对证明材料").await;
        assert!(matches!(looked, Err(Error::NotFound)));
        let officer = t.staff(&[Role::ExamOfficer]).await;
        officer.browser().get("/office/reviews").await.expect(403);
    }

    async fn nobody_reviews_himself_or_a_relative(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let lin = t.ready("林一舟").await;
        let id = submitted(&lin, &exam, POSITION).await;
        for (name, decided) in [("林一舟", false), ("林大江", false), ("何小宁", true)] {
            let staff = t.staff_named(name, &[Role::FirstReviewer]).await.ctx().await;
            let result = decide(&staff, &id, &Decision::Approve).await;
            if decided {
                result.expect("somebody else");
            } else {
                assert_eq!(code(result), "not_this_person", "{name}");
            }
        }
    }

    async fn late_reviewers_are_reminded_once_or_consent_by_silence(t: TestApp) {
        let strict = t.recruitment(|_| {}).await;
        let silent = t.recruitment(|s| s.review.on_timeout = OnTimeout::AutoApprove).await;
        let lin = t.ready("林一舟").await;
        let one = submitted(&lin, &strict, POSITION).await;
        let two = submitted(&lin, &silent, POSITION).await;
        assert_eq!(review::sweep(&t.app).await.unwrap(), 0);
        t.clock.advance_hours(25);
        assert_eq!(review::sweep(&t.app).await.unwrap(), 2);
        assert_eq!(review::sweep(&t.app).await.unwrap(), 0, "reminded once");
        assert_eq!(view(&lin, &one).await.state.tracks().review, Review::Pending);
        assert_eq!(view(&lin, &two).await.state.tracks().review, Review::Approved);
        let staff = t.staff(&[Role::FirstReviewer]).await;
        let _page = staff.browser().get(&format!("/office/reviews/{}", strict.public_id)).await.expect(200).shows("已超");
    }

    async fn a_review_that_cannot_be_moved_keeps_nobody_else_waiting(t: TestApp) {
        let silent = t.recruitment(|s| s.review.on_timeout = OnTimeout::AutoApprove).await;
        let (lin, wang) = (t.ready("林一舟").await, t.ready("王二").await);
        let broken = submitted(&lin, &silent, POSITION).await;
        let sound = submitted(&wang, &silent, POSITION).await;
        // Settings that aren't there: no step of this one can be taken.
        let lost = format!("UPDATE application SET settings_version = 9999 WHERE public_id = '{broken}'");
        crate::invariants::run(&t, &[&lost]).await;
        t.clock.advance_hours(25);
        t.run_jobs().await;
        assert_eq!(view(&wang, &sound).await.state.tracks().review, Review::Approved);
        // Mended, it is taken up again, not at once but soon.
        let found = format!("UPDATE application SET settings_version = 1 WHERE public_id = '{broken}'");
        crate::invariants::run(&t, &[&found]).await;
        assert_eq!(review::sweep(&t.app).await.unwrap(), 0);
        t.clock.advance(61);
        assert_eq!(review::sweep(&t.app).await.unwrap(), 1);
        assert_eq!(view(&lin, &broken).await.state.tracks().review, Review::Approved);
    }

    async fn the_reason_of_a_look_carries_no_number_into_the_trail(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let lin = t.ready("林一舟").await;
        let id = submitted(&lin, &exam, POSITION).await;
        let staff = t.staff(&[Role::FirstReviewer]).await.ctx().await;
        let why = format!("证件 {} 的电话 138 0000 0000", lin.person.number);
        review::unveil(&staff, &id, Veiled::Mobile, &why).await.unwrap();
        let long = review::unveil(&staff, &id, Veiled::Mobile, &"长".repeat(101)).await;
        assert!(matches!(long, Err(Error::Fields(_))));
        let auditor = t.staff(&[Role::Auditor]).await.ctx().await;
        let filter = app::audit::Filter { action: "review.unveil".into(), ..Default::default() };
        let rows = app::audit::entries(&auditor, &filter, None, 10).await.unwrap();
        assert_eq!(rows.len(), 1);
        assert!(rows[0].detail.contains("证件 *** 的电话 ***"), "{}", rows[0].detail);
    }

    async fn each_look_behind_the_veil_is_recorded(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let lin = t.ready("林一舟").await;
        let id = submitted(&lin, &exam, POSITION).await;
        let staff = t.staff(&[Role::FirstReviewer]).await.ctx().await;
        let before = t.commits();
        let seen = review::unveil(&staff, &id, Veiled::Mobile, "电话核实").await.unwrap();
        assert!(matches!(seen, Unveiled::Text(text) if text == lin.person.mobile));
        assert_eq!(t.commits(), before + 1);
        let Unveiled::PhotoToken(token) = review::unveil(&staff, &id, Veiled::Photo, "核对照片").await.unwrap() else {
            panic!("no token")
        };
        review::photo(&staff, &id, &token).await.expect("for the one who looked");
        let other = t.staff(&[Role::FirstReviewer]).await.ctx().await;
        assert!(matches!(review::photo(&other, &id, &token).await, Err(Error::NotFound)));
        let later = Ctx { at: staff.at.plus_seconds(301), ..staff };
        assert!(matches!(review::photo(&later, &id, &token).await, Err(Error::NotFound)));
    }
}
