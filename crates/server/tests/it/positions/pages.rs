//! The pages: from a filter to an amendment, from the check to the second person's word, and the candidate's own way.

use domain::staff::Role;
use testkit::{TestApp, both_backends, submitted};

use super::*;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

both_backends! {
    async fn an_officer_amends_a_position_on_the_pages(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let lin = t.ready("林一舟").await;
        submitted(&lin, &exam, POSITION).await;
        let mut desk = t.staff(&[Role::ExamOfficer]).await.browser();
        let root = format!("/office/exams/{}", exam.public_id);
        let at = format!("{root}/positions/{}", exam.position(POSITION));
        desk.get(&at).await.expect(200).shows("没有更正过");
        let page = desk.get(&format!("{at}/amend")).await;
        let form = page.expect(200).form(&format!("{at}/amend"));
        let page = desk.submit(form.set("headcount", "若干").set("remark", "备注一")).await;
        let page = page.expect(422).shows("备注一").shows("招聘人数");
        let form = page.form(&format!("{at}/amend"));
        let page = desk.submit(form.set("headcount", "3").set("major", "会计学")).await;
        let page = page.expect(200).shows("更正一个岗位").shows("不再符合").shows("公布后有 1 名已报名人员按新条件不符合");
        let draft = page.path().to_owned();
        let page = desk.submit(page.form(&draft)).await;
        let page = page.expect(422).shows("请写明原因");
        let page = desk.submit(page.form(&format!("{draft}/recount"))).await;
        let page = page.expect(200);
        let page = desk.submit(page.form(&draft).set("reason", "专业名称核对有误")).await;
        page.expect(200).shows("已公布").shows("专业名称核对有误");
        t.run_jobs().await;
        desk.get(&draft).await.expect(200).shows("已通知报考人员 1 人");
        desk.get(&at).await.expect(200).shows("专业名称核对有误").shows("其中 1 人按新条件不符合").shows("补充公告");
        desk.get(&format!("{root}/amendments")).await.expect(200).shows("更正一个岗位");
        desk.get(&format!("{root}/table")).await.expect(200).shows("有更正");
        // Everybody reads what was amended, with the notice.
        t.browser().get(&format!("/exams/{}/positions/{}", exam.public_id, exam.position(POSITION))).await
            .expect(200).shows("有更正").shows("招聘人数由“2”改为“3”");
    }

    async fn a_changed_table_is_uploaded_looked_at_and_given_up_on_the_pages(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let mut desk = t.staff(&[Role::ExamOfficer]).await.browser();
        let list = format!("/office/exams/{}/amendments", exam.public_id);
        let book = super::amend::table(&t, &[
            ["市图书馆", "市图书馆", POSITION, "0301", "5", "本科及以上", "不限", "不限"],
            ["市图书馆", "市图书馆", "古籍修复", "0399", "1", "本科及以上", "不限", "不限"],
            ["市图书馆", "市图书馆", "坏行", "0400", "若干", "本科及以上", "不限", "不限"],
        ]);
        let form = desk.get(&list).await.form(&list);
        let page = desk.submit(form.file("file", "更正表.xlsx", XLSX, &book)).await;
        let page = page.expect(200).shows("新增的岗位").shows("更正表里没有的岗位").shows("0302").shows("不会更正的行");
        let draft = page.path().to_owned();
        desk.submit(page.form(&format!("{draft}/discard"))).await.expect(200).shows("没有更正");
        desk.get(&draft).await.expect(200).shows("没有公布");
        let form = desk.get(&list).await.form(&list);
        let page = desk.submit(form.file("file", "不是表.xlsx", XLSX, b"nothing")).await;
        page.expect(422);
    }

    async fn the_ratio_is_checked_changed_asked_for_and_confirmed_on_the_pages(t: TestApp) {
        let exam = t.recruitment(|settings| {
            settings.open_ratio = Some(2);
            settings.steps.review = domain::exam::steps::ReviewStep::None;
            settings.steps.payment = domain::exam::steps::PaymentStep::None;
            settings.fees.rule = domain::payment::fee::FeeRule::Free;
            settings.windows.payment = None;
        }).await;
        for name in ["张三", "李四"] {
            submitted(&t.ready(name).await, &exam, POSITION).await;
        }
        app::statistics::fold(&t.app).await.unwrap();
        let mut one = t.staff(&[Role::ExamOfficer]).await.browser();
        let root = format!("/office/exams/{}", exam.public_id);
        let ratio = format!("{root}/ratio");
        let early = one.get(&ratio).await;
        early.expect(200).shows("还没有截止").shows("建议核减").lacks("按建议处置");
        t.clock.set("2026-03-20 17:00");
        let staff = Desk::of(&t).await;
        let (mut one, mut two) = (staff.one.browser(), staff.two.browser());
        let page = one.get(&ratio).await;
        let page = page.expect(200).shows("按建议处置 3 个岗位");
        one.get(&format!("{ratio}?show=cut")).await.expect(200).shows("至 1 人");
        let page = one.submit(page.form(&ratio)).await;
        let page = page.expect(200).shows("草稿").shows("提交复核");
        let draft = page.path().to_owned();
        let item = format!("{draft}/items/{}", exam.position("财务会计"));
        let form = one.get(&item).await.form(&item);
        let page = one.submit(form.set("outcome", "keep")).await;
        let page = page.expect(422).shows("请写明原因");
        let page = one.submit(page.form(&item).set("outcome", "keep").set("reason", "财务急需，经批准保留")).await;
        let page = page.expect(200).shows("财务急需，经批准保留");
        let page = one.submit(page.form(&draft).set("reason", "")).await;
        let page = page.expect(422).shows("请写明原因");
        let page = one.submit(page.form(&draft).set("reason", "达不到开考比例")).await;
        page.expect(200).shows("待复核").shows("须由另一位工作人员复核").lacks("同意并办理");
        let page = two.get(&draft).await.expect(200);
        let word = format!("{draft}/word");
        let refused = two.submit(page.form(&word).press("不同意")).await;
        refused.expect(422).shows("不同意的，请写明原因");
        two.submit(page.form(&word).press("同意并办理")).await.expect(200).shows("正在办理");
        t.run_jobs().await;
        one.get(&draft).await.expect(200).shows("已办完");
        one.get(&format!("{root}/table?state=cancelled")).await.expect(200).shows("信息系统运维").lacks("财务会计</a>");
    }

    async fn a_candidate_reads_what_happened_and_chooses_another_position_on_the_pages(t: TestApp) {
        let exam = t.recruitment(with_reapply).await;
        let lin = t.ready("林一舟").await;
        let id = submitted(&lin, &exam, POSITION).await;
        t.clock.set("2026-03-21 09:00");
        let desk = Desk::of(&t).await;
        let at = format!("/office/exams/{}/positions/{}/decide", exam.public_id, exam.position(POSITION));
        let (mut one, mut two) = (desk.one.browser(), desk.two.browser());
        let form = one.get(&at).await.form(&at);
        let page = one.submit(form.set("outcome", "cancel")).await;
        let page = page.expect(422).shows("请写明原因");
        let page = one.submit(page.form(&at).set("outcome", "cancel").set("reason", REASON)).await;
        let page = page.expect(200);
        let draft = page.path().to_owned();
        let page = page.shows("报考 1 人").shows("2026年3月24日");
        one.submit(page.form(&draft)).await.expect(200).shows("待复核");
        let form = two.get(&draft).await.form(&format!("{draft}/word"));
        two.submit(form.press("同意并办理")).await.expect(200);
        t.run_jobs().await;

        let mut browser = lin.again().await.browser();
        browser.get("/applications").await.expect(200).shows("岗位已取消").shows("报考岗位已取消").lacks("改报岗位");
        browser.get("/reviews").await.expect(200).shows("岗位已取消");
        t.clock.set("2026-03-24 09:00");
        let mut browser = lin.again().await.browser();
        browser.get("/applications").await.expect(200).shows("下一步：改报其他岗位").shows("还剩");
        let way = format!("/apply/{}", exam.public_id);
        browser.get(&format!("{way}/positions")).await.expect(200);
        // What he picked on the way before doesn't stand as chosen any more.
        browser.get(&format!("{way}/form?position={}", exam.position(POSITION))).await;
        browser.get(&way).await.expect(200).lacks(&format!("{POSITION}（岗位代码 0301） 已完成"));
        browser.get(&way).await.expect(200).shows("您报考的岗位已取消").shows("选择岗位");
        let agreement = format!("{way}/agreement");
        let form = browser.get(&agreement).await.form(&agreement);
        browser.submit(form.press("同意")).await.expect(200).shows("已取消。请改报其他岗位");
        let page = browser.get(&format!("{way}/form?position={}", exam.position(OTHER))).await;
        let page = page.expect(200);
        let form = page.form(&format!("{way}/form"));
        let page = browser.submit(form).await;
        let page = page.expect(200).shows("原来报考的岗位已取消");
        let check = format!("{way}/check");
        browser.submit(page.form(&check)).await.expect(200).shows(OTHER).shows("等待资格审查");
        assert_eq!(standing(&lin, &id).await, ["live", "", "pending", "none"]);
    }

    async fn what_a_stranger_may_not_change_he_does_not_find(t: TestApp) {
        let (exam, other) = (t.recruitment(|_| {}).await, t.recruitment(|_| {}).await);
        let stranger = t.staff_with(&[(Role::ExamOfficer, other.id, String::new())]).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let id = asked(&officer.ctx().await, &t, &exam, POSITION).await;
        let mut browser = stranger.browser();
        let root = format!("/office/exams/{}", exam.public_id);
        let position = exam.position(POSITION);
        for page in [
            format!("{root}/table"), format!("{root}/ratio"), format!("{root}/amendments"),
            format!("{root}/positions/{position}"), format!("{root}/positions/{position}/amend"),
            format!("{root}/positions/{position}/decide"), format!("{root}/decisions/{id}"),
            format!("{root}/decisions/{id}/items/{position}"),
            // By way of his own exam neither.
            format!("/office/exams/{}/decisions/{id}", other.public_id),
            format!("/office/exams/{}/positions/{position}", other.public_id),
        ] {
            browser.get(&page).await.expect(404);
        }
        browser.get(&format!("/office/exams/{}/ratio", other.public_id)).await.expect(200);
    }
}
