//! The candidate desk: claims and corrections by two people, searches, unmasking, messages sent.

use app::account::claim::{self, ClaimForm};
use app::account::office::{self, Masked, Search};
use app::{Actor, Error, approval};
use domain::staff::Role;
use testkit::{Browser, TestApp, TestCandidate, both_backends};

async fn claimed(t: &TestApp, holder: &TestCandidate) -> String {
    let form = ClaimForm {
        id_number: holder.person.number.clone(),
        name: "林一舟".into(),
        mobile: "13900000001".into(),
        statement: "这个号码不是我注册的，我从未使用过这个网站。".into(),
    };
    let picture = imaging::drawn::portrait(3);
    let evidence = Some(("image/jpeg", "身份证.jpg", picture.as_slice()));
    claim::file(&t.ctx(Actor::Anonymous), &form, evidence, t.solved())
        .await
        .unwrap();
    let officer = t.staff(&[Role::ExamOfficer]).await;
    claim::list(&officer.ctx().await, "open", None)
        .await
        .unwrap()[0]
        .public_id
        .clone()
}

async fn step(browser: &mut Browser, id: &str, button: &str) -> testkit::Page {
    let page = browser
        .get(&format!("/office/claims/{id}"))
        .await
        .expect(200);
    browser
        .submit(
            page.form_with(button)
                .set("note", "已电话核实，材料齐全")
                .press(button),
        )
        .await
}

async fn found(t: &TestApp, candidate: &TestCandidate) -> String {
    let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
    let search = Search {
        number: candidate.person.number.clone(),
        ..Search::default()
    };
    office::search(&ctx, &search).await.unwrap()[0]
        .public_id
        .clone()
}

both_backends! {
    async fn a_claim_takes_two_people_and_freezes_the_account_between(t: TestApp) {
        let squatter = t.candidate("占号者").await;
        let mut theirs = squatter.browser();
        theirs.get("/home").await.expect(200);
        let id = claimed(&t, &squatter).await;
        let (one, two) = (t.staff(&[Role::ExamOfficer]).await, t.staff(&[Role::ExamOfficer]).await);
        let (mut first, mut second) = (one.browser(), two.browser());
        let page = first.get("/office/claims").await.expect(200).shows("林一舟").shows("占号者");
        let page = first.get(&page.link("林一舟")).await.expect(200).shows("139****0001");
        let page = page.lacks("13900000001").lacks(&squatter.person.number);
        let picture = first.get(&page.link("查看")).await.expect(200);
        assert_eq!(picture.header("content-type"), Some("image/jpeg"));
        let empty = page.form_with("核实属实").press("核实属实");
        first.submit(empty).await.expect(422).shows("请写明核实的情况");

        step(&mut first, &id, "核实属实").await.expect(200).shows("须由另一位工作人员决定");
        theirs.get("/home").await.is_at("/login");
        // The same person can't decide, not even around the page.
        let own = claim::decide(&one.ctx().await, &id, true, "我自己决定").await;
        assert!(matches!(own, Err(Error::Refused(_))), "{own:?}");
        step(&mut second, &id, "申诉成立").await.expect(200).shows("已办结");
        let again = claim::decide(&two.ctx().await, &id, true, "再来一次").await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
        first.get("/office/claims?state=granted").await.expect(200).shows("林一舟");
        // The number is free for its owner.
        t.candidate_of(testkit::Person { name: "林一舟".into(), ..squatter.person.clone() }).await;
    }

    async fn a_refused_claim_wakes_the_account(t: TestApp) {
        let owner = t.candidate("林一舟").await;
        let id = claimed(&t, &owner).await;
        let mut first = t.staff(&[Role::ExamOfficer]).await.browser();
        let mut second = t.staff(&[Role::ExamOfficer]).await.browser();
        step(&mut first, &id, "核实属实").await.expect(200);
        step(&mut second, &id, "恢复账号").await.expect(200).shows("已办结");
        let login = app::account::Login {
            number: owner.person.number.clone(),
            password: app::Secret::new(owner.password.clone()),
            door: String::new(),
            captcha: t.solved(),
            activation: None,
            device: None,
        };
        app::account::login(&t.ctx(Actor::Anonymous), login).await.unwrap();
    }

    async fn a_claim_that_plainly_does_not_hold_freezes_nothing(t: TestApp) {
        let owner = t.candidate("林一舟").await;
        let id = claimed(&t, &owner).await;
        let mut desk = t.staff(&[Role::ExamOfficer]).await.browser();
        step(&mut desk, &id, "驳回").await.expect(200).shows("申诉不成立");
        owner.browser().get("/home").await.expect(200).is_at("/home");
    }

    async fn numbers_are_found_whole_and_shown_masked(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let mut desk = t.staff(&[Role::ExamOfficer]).await.browser();
        let page = desk.get("/office/search").await.expect(200);
        let form = page.form("/office/search");
        desk.submit(form.clone()).await.expect(422).shows("请填写完整的证件号码");
        let page = desk.submit(form.clone().set("number", &lin.person.number)).await.expect(200).shows("林一舟");
        assert_eq!(page.url, "/office/search", "no number in an address");
        let page = page.lacks(&lin.person.number).lacks(&lin.person.mobile);
        let person = page.link("林一舟");
        desk.submit(form.clone().set("number", &lin.person.mobile)).await.expect(200).shows("林一舟");
        desk.submit(form.clone().set("number", "13700000000")).await.expect(200).shows("没有找到");
        let last = lin.person.number[14..].to_owned();
        desk.submit(form.clone().set("name", "林一舟").set("last_four", &last)).await.expect(200).shows("139****");
        desk.submit(form.clone().set("name", "林一").set("last_four", &last)).await.expect(200).shows("没有找到");
        desk.submit(form.set("name", "林一舟")).await.expect(422).shows("请填写证件号码的后四位");
        desk.get(&person).await.expect(200).lacks(&lin.person.number).lacks(&lin.person.mobile).shows("还没有报名");
    }

    async fn guessing_last_digits_is_slowed_down(t: TestApp) {
        t.candidate("林一舟").await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let ctx = officer.ctx().await;
        let guess = |n: usize| Search { name: "林一舟".into(), last_four: format!("{:04}", 9000 + n), ..Search::default() };
        let mut refused = None;
        for n in 0..8 {
            if let Err(error) = office::search(&ctx, &guess(n)).await {
                refused = Some((n, error));
                break;
            }
        }
        let (after, error) = refused.expect("a guesser is slowed down");
        assert!(after >= 5 && matches!(error, Error::TooMany(_)), "{after} {error:?}");
        // Whole numbers are found all the same.
        let whole = Search { number: "13700000000".into(), ..Search::default() };
        assert!(office::search(&ctx, &whole).await.unwrap().is_empty());
    }

    async fn a_number_is_unmasked_with_a_reason_that_is_recorded(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let id = found(&t, &lin).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let mut desk = officer.browser();
        let path = format!("/office/candidates/{id}");
        let page = desk.get(&path).await.expect(200).lacks(&lin.person.number);
        let form = page.form(&format!("{path}/unmask")).set("value", "id_number").set("reason", "核对本人身份");
        desk.submit(form.clone()).await.expect(200).shows(&lin.person.number).lacks(&lin.person.mobile);
        desk.submit(form.clone().set("value", "mobile")).await.expect(200).shows(&lin.person.mobile);
        desk.submit(form.set("reason", "")).await.expect(422).shows("请写明查看的原因").lacks(&lin.person.number);
        desk.get(&path).await.expect(200).lacks(&lin.person.number);
        let ctx = t.staff(&[Role::Auditor]).await.ctx().await;
        let filter = app::audit::Filter { action: "account.unmask".into(), ..Default::default() };
        let rows = app::audit::entries(&ctx, &filter, None, 10).await.unwrap();
        assert_eq!(rows.len(), 2);
        assert!(rows[1].detail.contains("核对本人身份") && rows[1].actor_id == officer.id);
        // Somebody who works on an exam sees only what belongs to it.
        let reviewer = t.staff_with(&[(Role::FirstReviewer, 7, "市卫健委".into())]).await;
        let ctx = reviewer.ctx().await;
        let scope = |exam, unit| (domain::staff::Permission::FirstReview, exam, unit);
        let no = office::unmask_for(&ctx, lin.id, scope(8, "市卫健委"), Masked::Mobile, "核对材料").await;
        assert!(matches!(no, Err(Error::Forbidden)));
        let yes = office::unmask_for(&ctx, lin.id, scope(7, "市卫健委"), Masked::Mobile, "核对材料").await;
        assert_eq!(yes.unwrap(), lin.person.mobile);
    }

    async fn an_identity_is_corrected_by_two_people(t: TestApp) {
        let lin = t.candidate("林一州").await;
        let right = t.person("林一舟");
        let id = found(&t, &lin).await;
        let (one, two) = (t.staff(&[Role::ExamOfficer]).await, t.staff(&[Role::ExamOfficer]).await);
        let mut first = one.browser();
        let path = format!("/office/candidates/{id}/identity");
        let page = first.get(&path).await.expect(200);
        let form = page.form(&path).set("name", "林一舟").set("id_type", "01").set("id_number", &right.number);
        first.submit(form.clone().set("reason", "号码 13800000000 写错")).await.expect(422).shows("不要写证件号码");
        let other = t.candidate("周南").await;
        let taken = form.clone().set("id_number", &other.person.number).set("reason", "姓名写错，已核对身份证");
        first.submit(taken).await.expect(422).shows("这个证件号码已有账号");
        let form = form.set("reason", "姓名写错，已核对身份证");
        first.submit(form.clone()).await.expect(200).shows("已提交");
        first.submit(form).await.expect(409).shows("等待复核");

        let page = first.get("/office/approvals").await.expect(200).shows("更正身份信息");
        let request = page.link("更正身份信息");
        first.get(&request).await.expect(200).shows("须由另一位工作人员复核").lacks(&right.number);
        let row_id = request.rsplit('/').next().unwrap();
        let own = approval::decide(&one.ctx().await, row_id, true, "我自己同意").await;
        assert!(matches!(own, Err(Error::Refused(_))), "{own:?}");
        let mut second = two.browser();
        second.get("/office").await.expect(200).shows("待第二人复核");
        let page = second.get(&request).await.expect(200).shows("林一州").shows("林一舟").lacks(&right.number);
        let word = page.form(&request);
        second.submit(word.clone().press("同意")).await.expect(422).shows("请写明核对的情况");
        second.submit(word.set("note", "已核对原件").press("同意")).await.expect(200);
        second.get(&format!("/office/candidates/{id}")).await.expect(200).shows("林一舟");
        let search = Search { number: right.number.clone(), ..Search::default() };
        assert_eq!(office::search(&two.ctx().await, &search).await.unwrap()[0].name, "林一舟");
        let again = approval::decide(&two.ctx().await, row_id, true, "再来一次").await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
        second.get("/office/approvals?state=approved").await.expect(200).shows("更正身份信息");
        // Who has no part in such things doesn't learn of them.
        let finance = t.staff(&[Role::FinanceOfficer]).await;
        finance.browser().get(&request).await.expect(404);
        finance.browser().get("/office/approvals").await.expect(200).shows("没有申请");
    }

    async fn a_mobile_is_changed_by_two_people_and_sessions_end(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let id = found(&t, &lin).await;
        let mut first = t.staff(&[Role::ExamOfficer]).await.browser();
        let mut second = t.staff(&[Role::ExamOfficer]).await.browser();
        let path = format!("/office/candidates/{id}/mobile");
        let page = first.get(&path).await.expect(200);
        let form = page.form(&path).set("mobile", "13900000099").set("reason", "手机丢失，已核对身份证");
        first.submit(form.clone().set("mobile", "123")).await.expect(422).shows("您填了 3 位");
        first.submit(form).await.expect(200).shows("已提交");
        let request = second.get("/office/approvals").await.link("更换手机号码");
        let page = second.get(&request).await.expect(200).shows("139****0099").lacks("13900000099");
        let mut theirs = lin.browser();
        theirs.get("/home").await.expect(200).is_at("/home");
        second.submit(page.form(&request).set("note", "已核对原件").press("同意")).await.expect(200);
        theirs.get("/home").await.is_at("/login");
        let search = Search { number: "13900000099".into(), ..Search::default() };
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        assert_eq!(office::search(&ctx, &search).await.unwrap()[0].name, "林一舟");
    }

    async fn messages_sent_are_listed_and_tried_again(t: TestApp) {
        let loud = t.with(|setup| setup.policy.sms = true);
        let lin = t.candidate("林一舟").await;
        let id = claimed(&t, &lin).await;
        t.sms.refuse(1_000);
        let officer = t.staff(&[Role::ExamOfficer]).await.at(&loud);
        claim::check(&officer.ctx().await, &id, "已电话核实").await.unwrap();
        for _ in 0..12 {
            loud.run_jobs().await;
            t.clock.advance(3 * 3600);
        }
        let officer = t.staff(&[Role::ExamOfficer]).await.at(&loud);
        let mut desk = officer.browser();
        let page = desk.get("/office/messages?state=failed").await.expect(200).shows("发送失败").shows("账号申诉");
        let page = page.lacks("13900000001").shows("139****0001");
        t.sms.refuse(0);
        desk.submit(page.form_with("重发全部失败的")).await.expect(200).shows("待发送");
        loud.run_jobs().await;
        desk.get("/office/messages?state=sent").await.expect(200).shows("已发送");
        desk.get("/office/messages").await.expect(200).shows("账号申诉");
        let none = app::message::office::retry(&officer.ctx().await, Some(1)).await;
        assert!(matches!(none, Err(Error::Conflict(_))));
        // Who runs the system sees that messages went out, not to whom.
        let admin = t.staff(&[Role::SysAdmin]).await.at(&loud);
        admin.browser().get("/office/messages").await.expect(200).shows("已发送").lacks("139****");
    }
}
