//! 导出: what a list shows as a file, masked, within one's scope, harmless in a spreadsheet, and written down.

use domain::sheet::Cell;
use domain::staff::Role;
use testkit::{Browser, Page, TestApp, both_backends};

use crate::application::submitted;
use crate::lists::two_schools;
use crate::review::approve;

pub(crate) async fn copied(browser: &mut Browser, list: &str, format: &str) -> Page {
    let (path, query) = list.split_once('?').unwrap_or((list, ""));
    let page = browser.get(list).await.expect(200);
    let form = page.form(&format!("{path}/export"));
    assert!(query.is_empty() || form.path().starts_with(path), "{query}");
    browser.submit(form.set("format", format)).await.expect(200)
}

pub(crate) fn rows(file: &Page) -> Vec<Vec<String>> {
    let book = documents::xlsx::read(&file.body).unwrap();
    let raw = |row: &Vec<Cell>| row.iter().map(|cell| cell.raw().to_owned()).collect();
    book[0].rows.iter().map(raw).collect()
}

both_backends! {
    async fn a_queue_is_exported_as_it_is_filtered_masked_and_within_ones_units(t: TestApp) {
        let exam = two_schools(&t).await;
        let mut numbers = Vec::new();
        for (name, position) in [("林一舟", "语文教师"), ("苏晓", "数学教师"), ("陈默", "校医")] {
            let who = t.ready(name).await;
            submitted(&who, &exam, position).await;
            numbers.push(who.person.number.clone());
        }
        // A name that a spreadsheet would run.
        crate::invariants::run(&t, &["UPDATE application SET name = '=cmd' WHERE name = '陈默'"]).await;
        let queue = format!("/office/reviews/{}", exam.public_id);
        let mut all = t.staff(&[Role::FirstReviewer]).await.browser();
        let file = copied(&mut all, &queue, "xlsx").await;
        let table = rows(&file);
        assert_eq!(table.len(), 4, "{table:?}");
        assert_eq!(table[0][..3], ["报名序号", "姓名", "证件号码"]);
        assert_eq!(table[1][1], "林一舟");
        assert_eq!(table[1][2], format!("{}{}", &numbers[0][..3], "*".repeat(15)));
        let csv = copied(&mut all, &queue, "csv").await.html();
        assert_eq!(csv.lines().count(), 4);
        assert!(csv.contains("'=cmd") && !csv.contains(",=cmd"), "{csv}");
        for number in &numbers {
            assert!(!csv.contains(number.as_str()) && !format!("{table:?}").contains(number.as_str()), "in clear");
        }
        // Under a filter; within one's units, whatever the filter says.
        let table = rows(&copied(&mut all, &format!("{queue}?who=%E8%8B%8F%E6%99%93"), "xlsx").await);
        assert_eq!((table.len(), table[1][1].as_str()), (2, "苏晓"));
        let mut second = t.staff_with(&[(Role::FirstReviewer, exam.id, "第二中学".into())]).await.browser();
        for query in ["", "?state=pending&not=1", "?unit=%E7%AC%AC%E4%B8%80%E4%B8%AD%E5%AD%A6"] {
            let file = copied(&mut second, &format!("{queue}{query}"), "csv").await.html();
            assert!(!file.contains("林一舟") && !file.contains("第一中学"), "{query}: {file}");
        }
        assert_eq!(copied(&mut second, &queue, "csv").await.html().lines().count(), 3);
        // Every copy is in the trail, with the filter and without a name.
        let mut auditor = t.staff(&[Role::Auditor]).await.browser();
        let page = auditor.get("/office/audit?action=review.export").await.expect(200).shows("导出资格审查名单");
        assert_eq!(page.main().matches("导出资格审查名单").count(), 7);
        assert!(!page.html().contains("苏晓"));
    }

    async fn orders_are_exported_as_they_are_filtered(t: TestApp) {
        let (t, _) = t.with_channels();
        let exam = two_schools(&t).await;
        let who = t.ready("苏晓").await;
        let id = submitted(&who, &exam, "数学教师").await;
        approve(&t.staff(&[Role::FirstReviewer]).await.ctx().await, &id).await;
        t.run_jobs().await;
        let mut finance = t.staff(&[Role::FinanceOfficer]).await.browser();
        let table = rows(&copied(&mut finance, "/office/payments", "xlsx").await);
        assert_eq!(table.len(), 2, "{table:?}");
        assert_eq!((table[1][1].as_str(), table[1][5].as_str()), ("苏晓", "未支付"));
        assert_eq!(table[1][4].parse::<f64>().ok(), Some(100.0));
        assert_eq!(copied(&mut finance, "/office/payments?state=paid", "csv").await.html().lines().count(), 1);
        assert_eq!(copied(&mut finance, "/office/payments?state=paid&not=1", "csv").await.html().lines().count(), 2);
        let mut auditor = t.staff(&[Role::Auditor]).await.browser();
        auditor.get("/office/audit?action=payment.export").await.expect(200).shows("导出缴费单");
    }

    async fn every_list_is_copied_masked_and_written_down(t: TestApp) {
        let exam = two_schools(&t).await;
        let who = t.ready("苏晓").await;
        submitted(&who, &exam, "数学教师").await;
        let other = t.candidate("周南").await;
        let picture = imaging::drawn::portrait(3);
        app::photo::upload(&other.ctx(), &picture, &domain::photo::PhotoSpec::default()).await.unwrap();
        let mut officer = t.staff(&[Role::ExamOfficer]).await.browser();
        crate::integrity::entered(&mut officer, &who, "").await.expect(200);
        let draft = app::announcement::AnnouncementDraft {
            title: "=关于报名的公告".into(),
            body: "<p>公告</p>".into(),
            category: "notice".into(),
            ..Default::default()
        };
        app::announcement::save(&t.staff(&[Role::ExamOfficer]).await.ctx().await, None, &draft).await.unwrap();
        let photos = t.staff(&[Role::PhotoReviewer]).await;
        let mut reviewer = photos.browser();
        let ctx = photos.ctx().await;
        app::photo::claim(&ctx).await.unwrap();
        for card in app::photo::held(&ctx).await.unwrap() {
            let reject = app::photo::Decision::Reject { code: "photo_blur".into(), reason: "照片模糊".into() };
            app::photo::decide(&ctx, &card.public_id, card.version, &reject).await.unwrap();
        }
        // A name that a spreadsheet would run.
        crate::invariants::run(&t, &["UPDATE account SET name = '=HYPERLINK' WHERE name = '周南'"]).await;
        let mut security = t.staff(&[Role::SecurityAdmin]).await.browser();
        let mut auditor = t.staff(&[Role::Auditor]).await.browser();
        let account = app::account::office::candidate(&t.staff(&[Role::ExamOfficer]).await.ctx().await, &public_id(&t, who.id).await).await.unwrap();
        let candidate = format!("/office/candidates/{}", account.account.public_id);
        // Each under a filter, once as a workbook and once as text; what it shows, and what the trail calls it.
        let lists: [(&mut Browser, String, &str, &str, &str); 3] = [
            (&mut reviewer, "/office/photos/decided?state=rejected&reason=photo_blur".into(), "照片模糊", "photo.export", "导出照片审核记录"),
            (&mut security, "/office/staff?role=-auditor&sort=-name".into(), "安全", "staff.export", "导出工作人员账号"),
            (&mut auditor, "/office/audit?action=account.signup&sort=at".into(), "account.signup", "audit.export", "导出操作日志"),
        ];
        let mut told = Vec::new();
        for (browser, list, shows, action, words) in lists {
            whole(browser, &list, shows, &who.person.number).await;
            told.push((action, words));
        }
        for (list, shows, action, words) in [
            ("/office/integrity?kind=five_years", "考试违纪（五年）", "application.integrity_export", "导出诚信档案"),
            ("/office/messages?state=failed&not=1", "事项", "message.export", "导出短信记录"),
            ("/office/announcements?state=draft&not=1", "标题", "announcement.export", "导出公告列表"),
            (candidate.as_str(), "苏晓", "account.export", "导出考生的报名"),
        ] {
            whole(&mut officer, list, shows, &who.person.number).await;
            told.push((action, words));
        }
        for (action, words) in told {
            let page = auditor.get(&format!("/office/audit?action={action}")).await.expect(200);
            assert_eq!(page.main().matches(words).count(), 2, "{action}: {}", page.main());
        }
        // Neither a secret nor a formula gets out.
        let staff = copied(&mut security, "/office/staff", "csv").await.html();
        assert!(!staff.contains("$argon2") && staff.lines().count() > 3, "{staff}");
        let decided = copied(&mut reviewer, "/office/photos/decided?state=rejected&reason=-photo_face", "csv").await.html();
        assert!(decided.contains("'=HYPERLINK") && !decided.contains("\n=HYPERLINK"), "{decided}");
        assert_eq!(copied(&mut reviewer, "/office/photos/decided?state=rejected&reason=-photo_blur", "csv").await.html().lines().count(), 1);
        let masked = copied(&mut officer, &candidate, "csv").await.html();
        assert!(masked.contains(&format!("{}***", &who.person.number[..3])), "{masked}");
    }

    async fn so_many_lists_are_copied_at_once_and_the_next_one_is_told_to_wait(t: TestApp) {
        let full = t.with(|setup| setup.limits.exports = 0);
        let mut admin = full.staff(&[Role::SecurityAdmin]).await.browser();
        let page = admin.get("/office/staff").await.expect(200);
        let busy = admin.submit(page.form("/office/staff/export")).await.expect(503);
        assert!(busy.header("retry-after").is_some());
        // With a place it goes.
        let free = t.with(|setup| setup.limits.exports = 1);
        let mut admin = free.staff(&[Role::SecurityAdmin]).await.browser();
        for _ in 0..2 {
            let page = admin.get("/office/staff").await.expect(200);
            admin.submit(page.form("/office/staff/export")).await.expect(200);
        }
    }
}

pub(crate) async fn public_id(t: &TestApp, account: i64) -> String {
    let scan = t.app.db().scan(db::Crowd::System);
    scan.one(
        db::sql!("SELECT public_id FROM account WHERE id = $1"),
        db::p![account],
    )
    .await
    .unwrap()
}

/// Both kinds of copy of a list: they have the same rows, and nobody's number.
async fn whole(browser: &mut Browser, list: &str, shows: &str, number: &str) {
    let book = rows(&copied(browser, list, "xlsx").await);
    let csv = copied(browser, list, "csv").await.html();
    assert_eq!(csv.lines().count(), book.len(), "{list}: {csv}");
    assert!(
        csv.contains(shows) && format!("{book:?}").contains(shows),
        "{list}: {csv}"
    );
    assert!(
        !csv.contains(number) && !format!("{book:?}").contains(number),
        "{list}: a number in clear"
    );
}
