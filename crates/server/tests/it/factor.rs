//! 重新绑定验证器 of a colleague: two security admins, neither of them the one concerned.

use app::staff::factor;
use app::{Actor, Error, Secret, approval};
use domain::staff::Role;
use testkit::{Browser, Page, TestApp, TestStaff, both_backends, totp_code};

use crate::invariants::run;
use crate::staff::{first_step, logged_in, open, shown};

const REASON: &str = "手机丢失，本人到办公室说明";
const NOTE: &str = "已打电话向本人核实";

async fn admin(t: &TestApp, name: &str) -> TestStaff {
    t.staff_named(name, &[Role::SecurityAdmin]).await
}

/// The public id of somebody's account.
async fn id_of(t: &TestApp, who: &TestStaff) -> String {
    let all = app::staff::list(&t.system()).await.unwrap();
    let row = all.into_iter().find(|row| row.id == who.id);
    row.expect("an account").public_id
}

/// The first person asks; the request's public id.
async fn asked(t: &TestApp, by: &TestStaff, about: &TestStaff) -> String {
    let ctx = by.ctx().await;
    factor::request(&ctx, &id_of(t, about).await, REASON)
        .await
        .expect("asked");
    let open = approval::list(&ctx, "open", None, 10).await.unwrap();
    open.into_iter()
        .find(|row| row.object_id == about.id)
        .expect("a request")
        .public_id
}

async fn decide(by: &TestStaff, id: &str, approve: bool) -> app::Result<()> {
    approval::decide(&by.ctx().await, id, approve, NOTE)
        .await
        .map(drop)
}

fn code<T: std::fmt::Debug>(answer: app::Result<T>) -> &'static str {
    match answer {
        Err(Error::Refused(refusal)) => refusal.code,
        Err(Error::Conflict(_)) => "conflict",
        Err(Error::Forbidden) => "forbidden",
        Err(Error::NotFound) => "not_found",
        Err(Error::Fields(_)) => "fields",
        other => panic!("{other:?}"),
    }
}

async fn bound(t: &TestApp, who: &TestStaff) -> bool {
    let all = app::staff::list(&t.system()).await.unwrap();
    all.iter().any(|row| row.id == who.id && row.second_factor)
}

/// Gives the password and sets up another app; the page of the set-up.
async fn set_up_anew(t: &TestApp, who: &TestStaff) -> (Browser, Page) {
    let mut browser = t.browser();
    let page = first_step(&mut browser, &who.username, &who.password).await;
    let secret = shown(&page, "密钥");
    let form = page
        .form("/office/login/enroll")
        .set("otp", &totp_code(&secret, t.now()));
    let inside = browser.submit(form).await.expect(200).is_at("/office");
    drop(inside);
    (browser, page)
}

both_backends! {
    async fn two_security_admins_let_a_colleague_set_up_another_app(t: TestApp) {
        let (one, two) = (admin(&t, "高远").await, admin(&t, "何静").await);
        let wang = t.staff_named("王敏", &[Role::PhotoReviewer]).await;
        t.clock.advance(60);
        let mut inside = wang.browser();
        inside.get("/office").await.expect(200);
        // Asked on her page, with a reason.
        let mut desk = one.browser();
        let page = open(&mut desk, &wang.username).await.expect(200).lacks("待复核");
        let page = desk.get(&page.link("申请重新绑定")).await.expect(200).shows("两位安全管理员").shows("baokao admin reset");
        let path = page.path().to_owned();
        desk.submit(page.form(&path)).await.expect(422).shows("请写明原因");
        let page = desk.submit(page.form(&path).set("reason", REASON)).await.expect(200);
        page.shows("重新绑定的申请待复核").lacks("申请重新绑定<");
        assert!(bound(&t, &wang).await, "nothing happens before the second word");
        let again = factor::request(&two.ctx().await, &id_of(&t, &wang).await, REASON).await;
        assert_eq!(code(again), "conflict");

        // Decided by the other, who reads what becomes of it.
        let mut second = two.browser();
        second.get("/office").await.expect(200).shows("双人复核");
        let page = second.get("/office/approvals").await.expect(200).shows(REASON);
        let address = page.link("重新绑定验证器");
        let page = second.get(&address).await.expect(200).shows("王敏").shows(&wang.username);
        let page = page.shows("作废，本人下次登录时重新绑定").shows("全部退出").lacks("请对照本人证件");
        desk.get(&address).await.expect(200).shows("须由另一位工作人员复核").lacks("核对情况");
        let form = page.form(&address).set("note", NOTE);
        second.submit(form.clone().press("同意")).await.expect(200).is_at("/office/approvals");
        assert!(!bound(&t, &wang).await);
        inside.get("/office").await.is_at("/office/login");
        // Pressed twice, from a page that is still open: nothing happens again.
        second.submit(form.press("同意")).await.expect(409);

        // Her password is as it was; the page of the new app says who did it, and her account keeps saying it.
        t.clock.advance(60);
        let (mut browser, page) = set_up_anew(&t, &wang).await;
        page.shows("高远 提出，何静 同意").shows("如果不是您本人要求的");
        browser.get("/office/account").await.expect(200).shows("高远 提出，何静 同意").shows("立即联系");
        assert!(bound(&t, &wang).await);
        // The trail names all three.
        let auditor = t.staff(&[Role::Auditor]).await;
        let mut book = auditor.browser();
        let page = book.get("/office/audit?object=staff&action=staff.factor_reset").await.expect(200);
        page.shows("作废工作人员验证器").shows("何静").shows("王敏").lacks("高远");
        book.get("/office/audit?action=approval.request").await.expect(200).shows("高远");
    }

    async fn neither_who_asked_nor_the_one_concerned_decides(t: TestApp) {
        let (one, two) = (admin(&t, "高远").await, admin(&t, "何静").await);
        let (three, officer) = (admin(&t, "郭涛").await, t.staff(&[Role::ExamOfficer]).await);
        // About himself nobody asks.
        assert_eq!(code(factor::request(&one.ctx().await, &id_of(&t, &one).await, REASON).await), "same_person");
        one.browser().get("/office/account").await.expect(200).lacks("申请重新绑定");
        let id = asked(&t, &one, &two).await;
        assert_eq!(code(decide(&one, &id, true).await), "same_person");
        assert_eq!(code(decide(&two, &id, true).await), "same_person");
        // She sees that it is about her, and can't turn it down either.
        let address = format!("/office/approvals/{id}");
        two.browser().get(&address).await.expect(200).shows("关于您自己的账号").lacks("核对情况");
        assert_eq!(code(decide(&two, &id, false).await), "same_person");
        // Others don't learn that there is such a request.
        assert_eq!(code(decide(&officer, &id, true).await), "not_found");
        officer.browser().get(&address).await.expect(404);
        officer.browser().get("/office/approvals").await.expect(200).lacks(REASON);
        assert!(bound(&t, &two).await);
        decide(&three, &id, true).await.unwrap();
        assert!(!bound(&t, &two).await);
        assert_eq!(code(decide(&three, &id, true).await), "conflict");
        // The control: with another name on the request, the one who asked isn't stopped any more.
        let id = asked(&t, &one, &three).await;
        run(&t, &["UPDATE approval SET requested_by = 1 WHERE state = 'open'"]).await;
        decide(&one, &id, true).await.unwrap();
        assert!(!bound(&t, &three).await);
    }

    async fn whoever_is_turned_down_keeps_his_second_factor(t: TestApp) {
        let (one, two) = (admin(&t, "高远").await, admin(&t, "何静").await);
        let wang = t.staff_named("王敏", &[Role::PhotoReviewer]).await;
        t.clock.advance(60);
        let id = asked(&t, &one, &wang).await;
        decide(&two, &id, false).await.unwrap();
        assert!(bound(&t, &wang).await);
        wang.browser().get("/office").await.expect(200);
        assert_eq!(code(decide(&two, &id, true).await), "conflict");
        let mut browser = logged_in(&t, &wang).await;
        browser.get("/office/account").await.expect(200).lacks("提出").lacks("同意");
        two.browser().get("/office/approvals?state=rejected").await.expect(200).shows("未同意");
        // It may be asked for again.
        asked(&t, &one, &wang).await;
    }

    async fn a_request_about_an_account_that_changed_meanwhile_can_only_be_turned_down(t: TestApp) {
        let (one, two) = (admin(&t, "高远").await, admin(&t, "何静").await);
        let wang = t.staff_named("王敏", &[Role::PhotoReviewer]).await;
        let id = asked(&t, &one, &wang).await;
        app::staff::disable(&one.ctx().await, &wang.username).await.unwrap();
        assert_eq!(code(decide(&two, &id, true).await), "disabled");
        assert!(bound(&t, &wang).await);
        assert_eq!(code(factor::request(&two.ctx().await, &id_of(&t, &wang).await, REASON).await), "disabled");
        let open = approval::list(&two.ctx().await, "open", None, 10).await.unwrap();
        assert_eq!(open.len(), 1, "a refusal decides nothing");
        decide(&two, &id, false).await.unwrap();

        // The operator was faster.
        app::staff::enable(&one.ctx().await, &wang.username).await.unwrap();
        let id = asked(&t, &one, &wang).await;
        app::staff::reset(&t.system(), &wang.username, Secret::new("caomei-xiaochuan-4"), true).await.unwrap();
        assert_eq!(code(decide(&two, &id, true).await), "no_factor");
        decide(&two, &id, false).await.unwrap();
        assert_eq!(code(factor::request(&one.ctx().await, &id_of(&t, &wang).await, REASON).await), "no_factor");
    }

    async fn one_security_admin_alone_takes_no_second_factor_away(t: TestApp) {
        let one = admin(&t, "高远").await;
        let wang = t.staff_named("王敏", &[Role::PhotoReviewer]).await;
        let ctx = one.ctx().await;
        let password = || Secret::new("caomei-xiaochuan-4");
        assert_eq!(code(app::staff::reset(&ctx, &wang.username, password(), true).await), "forbidden");
        // The box that the form had is refused with everything else; a new password alone touches no second factor.
        let mut desk = one.browser();
        let page = open(&mut desk, &wang.username).await.expect(200);
        let page = desk.get(&page.link("重置密码…")).await.expect(200);
        let form = page.form_with("确认重置密码");
        desk.submit(form.clone().add("factor", "1")).await.expect(400);
        desk.submit(form).await.expect(200).shows("密码已重置");
        assert!(bound(&t, &wang).await);
        desk.get("/office/approvals").await.expect(200).shows("baokao admin reset").lacks("更正身份信息");
        assert_eq!(code(factor::request(&t.ctx(Actor::Anonymous), &id_of(&t, &wang).await, REASON).await), "forbidden");
        // The operator can.
        app::staff::reset(&t.system(), &wang.username, password(), true).await.unwrap();
        assert!(!bound(&t, &wang).await);
    }
}
