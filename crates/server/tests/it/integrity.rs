//! 诚信档案 in the office: entered, found, lifted by another person; and what it does to an application.

use app::application::{self, integrity};
use app::audit;
use domain::staff::Role;
use testkit::{Browser, Page, TestApp, TestCandidate, both_backends};

use crate::application::{code, form_of};

/// Enters a record against this person; the page that answers.
pub(crate) async fn entered(browser: &mut Browser, person: &TestCandidate, ends_on: &str) -> Page {
    let page = browser.get("/office/integrity/new").await.expect(200);
    let form = page.form("/office/integrity/new").set_all(&[
        ("name", &person.person.name),
        ("id_number", &person.person.number),
        ("kind", "five_years"),
        ("source", "南屿市人社局，南人社罚〔2026〕12 号"),
        ("reason", "笔试中携带手机进入考场"),
        ("starts_on", "2026-01-05"),
        ("ends_on", ends_on),
    ]);
    browser.submit(form).await
}

both_backends! {
    async fn a_record_is_entered_listed_and_bars_until_another_person_lifts_it(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let lin = t.ready("林一舟").await;
        let (one, two) = (t.staff(&[Role::ExamOfficer]).await, t.staff(&[Role::ExamOfficer]).await);
        let (mut first, mut second) = (one.browser(), two.browser());
        first.get("/office/integrity").await.expect(200).shows("没有这样的记录");

        let page = entered(&mut first, &lin, "").await.expect(200).shows("2026-01-05 至 2031-01-04").shows("诚信记录已登记：林一舟");
        let page = page.shows("限制报名").shows("南人社罚〔2026〕12 号").shows("须由另一位工作人员解除").shows("查看考生");
        page.lacks(&lin.person.number);
        let list = first.get("/office/integrity").await.expect(200).shows("林一舟").shows("共 1 条");
        let record = list.link("林一舟");
        let ctx = lin.ctx();
        let barred = application::submit(&ctx, &exam.public_id, &form_of(&ctx, &exam)).await;
        assert_eq!(code(barred), "integrity_record");

        // Who entered it can't lift it, not even around the page.
        let id = record.rsplit('/').next().unwrap().to_owned();
        let own = integrity::lift(&one.ctx().await, &id, "决定已经撤销").await;
        assert_eq!(code(own), "same_person");
        let page = second.get(&record).await.expect(200);
        let lift = page.form(&format!("{record}/lift"));
        second.submit(lift.clone()).await.expect(422).shows("请写明原因");
        let number = format!("号码 {} 登记错了", lin.person.number);
        second.submit(lift.clone().set("reason", &number)).await.expect(422).shows("原因里不要写证件号码");
        let page = second.submit(lift.clone().set("reason", "行政复议后决定被撤销")).await.expect(200);
        page.shows("已解除").shows("行政复议后决定被撤销");
        second.submit(lift.set("reason", "行政复议后决定被撤销")).await.expect(409);
        application::submit(&ctx, &exam.public_id, &form_of(&ctx, &exam)).await.expect("nothing bars him");

        first.get("/office/integrity").await.expect(200).lacks("林一舟");
        first.get("/office/integrity?state=lifted").await.expect(200).shows("林一舟");
        let auditor = t.staff(&[Role::Auditor]).await.ctx().await;
        let filter = audit::Filter { object_kind: "integrity_record".into(), ..Default::default() };
        let rows = audit::entries(&auditor, &filter, None, 10).await.unwrap();
        let actions: Vec<&str> = rows.iter().map(|row| row.action.as_str()).collect();
        assert_eq!(actions, ["application.integrity_lift", "application.integrity_record"]);
    }

    async fn a_record_is_checked_field_by_field_and_never_entered_twice(t: TestApp) {
        let lin = t.candidate("林一舟").await;
        let mut desk = t.staff(&[Role::ExamOfficer]).await.browser();
        let page = desk.get("/office/integrity/new").await.expect(200);
        let blank = page.form("/office/integrity/new").set("starts_on", "");
        let page = desk.submit(blank).await.expect(422).shows("请选择记录的种类").shows("处理机关和文号，4 至 100 个字");
        page.shows("请填写开始日期");
        let again = entered(&mut desk, &lin, "2025-12-31").await.expect(422).shows("截止日期不能早于开始日期");
        assert_eq!(again.form("/office/integrity/new").value("name"), Some("林一舟"));
        let page = entered(&mut desk, &lin, "明年").await.expect(422).shows("截止日期应为日期");
        let long = page.form("/office/integrity/new").set("kind", "long_term").set("ends_on", "2030-01-01");
        desk.submit(long).await.expect(422).shows("长期的记录没有截止日期");
        entered(&mut desk, &lin, "2027-12-31").await.expect(200).shows("2026-01-05 至 2027-12-31");
        entered(&mut desk, &lin, "").await.expect(422).shows("已有同类记录");
    }

    async fn records_are_filtered_by_state_kind_and_name_and_paged(t: TestApp) {
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let ctx = officer.ctx().await;
        for n in 0..53 {
            let person = testkit::Person::nth("何小宁", n);
            let form = integrity::IntegrityForm {
                name: if n == 7 { "苏晓".into() } else { "何小宁".into() },
                id_type: "01".into(),
                id_number: person.number.clone(),
                kind: if n < 2 { "no_show" } else { "long_term" }.into(),
                source: "市考试院处理决定".into(),
                reason: "无故缺考两次以上".into(),
                starts_on: if n == 0 { "2020-01-01" } else { "2026-01-01" }.into(),
                ends_on: String::new(),
            };
            integrity::enter(&ctx, &form).await.unwrap();
        }
        let mut desk = officer.browser();
        let page = desk.get("/office/integrity").await.expect(200).shows("共 52 条").shows("未注册");
        assert_eq!(page.html().matches("<tr><th scope=\"row\"").count(), 50);
        let next = desk.get(&page.link("下一页")).await.expect(200).shows("上一页");
        assert_eq!(next.html().matches("<tr><th scope=\"row\"").count(), 2);
        desk.get("/office/integrity?state=over").await.expect(200).shows("共 1 条").shows("已到期");
        desk.get("/office/integrity?kind=no_show").await.expect(200).shows("共 1 条").lacks("考试违纪（长期）</td>");
        desk.get("/office/integrity?name=%E8%8B%8F%E6%99%93").await.expect(200).shows("共 1 条").shows("苏晓");
        desk.get("/office/integrity?state=all").await.expect(200).shows("共 53 条");
        desk.get("/office/integrity?name=x").await.expect(200).shows("没有符合条件的记录");
        desk.get("/office/integrity/0000000000000000").await.expect(404);
    }
}
