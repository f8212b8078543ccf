//! The candidate's and the finance officer's pages, and the settings.

use app::exam::{self, part::Draft as _};
use testkit::{TestApp, both_backends};

use super::*;
use crate::payment::{stage, stage_with};

both_backends! {
    async fn a_candidate_asks_with_a_picture_and_reads_the_answer(t: TestApp) {
        let s = stage(&t).await;
        let mut browser = s.lin.browser();
        let path = format!("/applications/{}/waiver", s.application);
        let page = browser.get("/payments").await.expect(200);
        assert_eq!(page.link("申请减免"), path);
        let page = browser.get(&path).await.expect(200).shows("城乡低保家庭").shows("全免").shows("低保证").shows("100.00");
        let form = page.form(&path).set("category", FULL).set("statement", "低保家庭");
        let page = browser.submit(form.clone()).await.expect(422).shows("请用 5 至 500 个字").shows("请上传证明材料");
        let form = page.form(&path).set("statement", "母亲户享受城市低保").file("evidence", "证.gif", "image/gif", b"GIF89a");
        browser.submit(form.clone()).await.expect(422).shows("不是 PDF、JPG 或 PNG");
        let big = vec![0u8; 4 * 1024 * 1024 + 1];
        let form = page.form(&path).set("statement", "母亲户享受城市低保");
        browser.submit(form.clone().file("evidence", "证.png", "image/png", &big)).await.expect(422).shows("超过 4 MB");
        let form = form.file("evidence", "低保证.png", "image/png", PNG);
        let page = browser.submit(form).await.expect(200).is_at(&path).shows("待审核").shows("低保证.png").shows("母亲户享受城市低保");
        let picture = browser.get(&page.link("低保证.png")).await.expect(200);
        assert_eq!((picture.body.as_ref(), picture.header("content-type")), (PNG, Some("image/png")));
        for list in ["/payments", "/applications", "/home"] {
            browser.get(list).await.expect(200).shows("减免申请待审核");
        }

        let (officer, _) = finance(&s).await;
        let mut desk = officer.browser();
        desk.get("/office").await.expect(200).shows("减免申请待审核");
        let list = desk.get("/office/waivers").await.expect(200).shows("林一舟").shows("城乡低保家庭");
        let at = list.link("林一舟");
        let page = desk.get(&at).await.expect(200).shows("母亲户享受城市低保").shows("减免后应缴").lacks(&s.lin.person.number);
        let proof = page.link("低保证.png");
        assert_eq!(desk.get(&proof).await.expect(200).body.as_ref(), PNG);
        desk.submit(page.form(&at).press("不同意")).await.expect(422).shows("请写明不同意的原因");
        desk.submit(page.form(&at).press("不同意").set("note", "证件照片不清楚，请重拍")).await.expect(200).is_at(&at).shows("未通过");
        let page = browser.get(&path).await.expect(200).shows("证件照片不清楚，请重拍").shows("重新申请").shows("上次提交的材料");
        let again = page.form(&path);
        assert_eq!(again.value("statement"), Some("母亲户享受城市低保"));
        browser.submit(again).await.expect(200).shows("待审核").shows("以前的申请");
        let at = desk.get("/office/waivers").await.expect(200).link("林一舟");
        let page = desk.get(&at).await.expect(200).shows("以前的申请");
        desk.submit(page.form(&at).press("同意减免 100.00 元")).await.expect(200).shows("减免已通过").shows("已通过");
        browser.get(&path).await.expect(200).shows("不需要再缴费").lacks("提交申请");
        browser.get("/payments").await.expect(200).shows("已减免").shows("减免申请已通过");
        desk.get("/office/waivers?state=granted").await.expect(200).shows("林一舟").shows("100.00");
        desk.get("/office/waivers?state=all&name=林一舟").await.expect(200).shows("林一舟").shows("未通过");
        desk.get("/office/waivers?state=all&name=林一舟&sort=-asked").await.expect(200).shows("林一舟");
        desk.get("/office/waivers?state=all&sort=-asked").await.expect(200).shows("林一舟");
        let of = format!("/office/waivers?state=granted&exam={}", s.exam.public_id);
        desk.get(&of).await.expect(200).shows("林一舟");
        desk.get(&format!("{of}&name=林一舟")).await.expect(200).shows("林一舟");
        desk.get(&format!("/office/waivers?state=all&exam={}", s.exam.public_id)).await.expect(200).shows("林一舟");
        let page = desk.get("/office/waivers?state=granted").await.expect(200);
        let form = page.forms().into_iter().find(|form| form.path().contains("/export")).unwrap();
        desk.submit(form).await.expect(200);
        let trail = s.t.staff(&[Role::Auditor]).await;
        trail.browser().get("/office/audit?object=fee_waiver").await.expect(200).shows("申请减免").shows("查看减免材料").shows("同意减免");
    }

    async fn waivers_are_counted_by_exam_category_and_state_with_what_was_waived(t: TestApp) {
        let s = stage_with(&t, half).await;
        let (officer, one) = finance(&s).await;
        let mut desk = officer.browser();
        desk.get("/office/waivers/statistics").await.expect(200).shows("还没有人申请减免");
        for (name, category, word) in [("苏晓", FULL, "grant"), ("王二", HALF, "grant"), ("赵三", HALF, "reject"), ("钱四", FULL, "")] {
            let (who, application, _) = crate::payment::owing(&s.t, &s.exam, name).await;
            let id = asked(&who, &application, category).await;
            match word {
                "grant" => drop(waiver::grant(&one, &id, "").await.unwrap()),
                "reject" => waiver::reject(&one, &id, "不属于减免的范围").await.unwrap(),
                _ => {}
            }
        }
        let other = s.t.recruitment(|settings| settings.steps.review = domain::exam::steps::ReviewStep::None).await;
        let (who, application, _) = crate::payment::owing(&s.t, &other, "孙五").await;
        asked(&who, &application, FULL).await;
        let found = waiver::statistics(&one, 0).await.unwrap();
        assert_eq!(found.lines.len(), 3);
        // Pending, proposed, granted, rejected, withdrawn, void.
        assert_eq!((found.total.counts.as_slice(), found.total.off), ([2, 0, 2, 1, 0, 0].as_slice(), 15_000));
        let here = waiver::statistics(&one, s.exam.id).await.unwrap();
        let lines: Vec<_> = here.lines.iter().map(|line| (line.category.as_str(), line.all(), line.off)).collect();
        assert_eq!(lines.len(), 2);
        assert!(lines.contains(&(FULL, 2, 10_000)) && lines.contains(&(HALF, 2, 5_000)), "{lines:?}");
        let officer = s.t.staff(&[Role::ExamOfficer]).await.ctx().await;
        assert!(matches!(waiver::statistics(&officer, 0).await, Err(app::Error::Forbidden)));
        let at = format!("/office/waivers/statistics?exam={}", s.exam.public_id);
        desk.get("/office/waivers").await.expect(200).shows("减免统计");
        desk.get(&at).await.expect(200).shows("150.00").shows("合计").shows("待复核退款");
        let table = crate::copies::rows(&crate::copies::copied(&mut desk, &at, "xlsx").await);
        assert_eq!(table.len(), 4, "{table:?}");
        let last = table.last().unwrap();
        assert_eq!((last[0].as_str(), last[2].as_str(), last[9].parse::<f64>().ok()), ("合计", "4", Some(150.0)));
        let trail = s.t.staff(&[Role::Auditor]).await;
        trail.browser().get("/office/audit?action=waiver.statistics_export").await.expect(200).shows("导出减免统计");
    }

    async fn taken_back_it_may_be_asked_for_again(t: TestApp) {
        let s = stage(&t).await;
        asked(&s.lin, &s.application, FULL).await;
        let mut browser = s.lin.browser();
        let path = format!("/applications/{}/waiver", s.application);
        let page = browser.get(&path).await.expect(200);
        let page = browser.submit(page.form(&format!("{path}/withdraw"))).await.expect(200);
        page.is_at(&path).shows("减免申请已撤回").shows("已撤回").shows("重新申请");
        // Nobody else sees or takes back any of it.
        let wang = s.t.ready("王二").await;
        let mut other = wang.browser();
        other.get(&path).await.expect(404);
        other.post(&format!("{path}/withdraw"), &[]).await.expect(404);
    }

    async fn who_gets_what_is_a_setting_of_the_exam(t: TestApp) {
        let s = stage(&t).await;
        s.t.browser().get(&format!("/exams/{}", s.exam.public_id)).await.expect(200).shows("城乡低保家庭（全免）");
        let found = exam::find(&s.t.app, &s.exam.public_id).await.unwrap();
        let before = exam::part::FeesDraft::of(&found);
        assert!(before.categories.starts_with("城乡低保家庭 = 全免 = 低保证"));
        assert!(before.after_payment);
        let (officer, at) = drafted(&s.t).await;
        let mut desk = officer.browser();
        let page = desk.get(&at).await.expect(200);
        let form = page.form(&at).set("rule", "flat").set("amount", "100").set("waivers", "1");
        desk.submit(form.clone().set("categories", "")).await.expect(422).shows("请至少填写一个减免类别");
        desk.submit(form.clone().set("categories", "残疾人 一半")).await.expect(422).shows("应写作");
        desk.submit(form.clone().set("categories", "残疾人 = 50%\n残疾人 = 全免")).await.expect(422).shows("重复");
        desk.submit(form.set("categories", "残疾人 = 50% = 残疾人证\n孤儿 ＝ 30元")).await.expect(200);
        desk.get(&at).await.expect(200).shows("残疾人 = 减免 50% = 残疾人证").shows("孤儿 = 减免 30.00 元");
    }
}

/// A draft of an exam, and the address of its fees.
async fn drafted(t: &TestApp) -> (TestStaff, String) {
    let ctx = t.system();
    let settings = testkit::test_settings();
    let of = (
        domain::exam::ExamCategory::Recruitment,
        "DRAFT1",
        "草稿考试",
    );
    let id = app::exam::setup::create_with(&ctx, of, settings, "测试")
        .await
        .expect("a draft");
    let officer = t.staff(&[Role::ExamOfficer]).await;
    (officer, format!("/office/exams/{id}/fees"))
}
