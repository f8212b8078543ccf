//! 导出: what a list shows as a file, masked, within one's scope, harmless in a spreadsheet, and written down.

use domain::sheet::Cell;
use domain::staff::Role;
use testkit::{Browser, Page, TestApp, both_backends};

use crate::application::submitted;
use crate::lists::two_schools;
use crate::review::approve;

async fn copied(browser: &mut Browser, list: &str, format: &str) -> Page {
    let (path, query) = list.split_once('?').unwrap_or((list, ""));
    let page = browser.get(list).await.expect(200);
    let form = page.form(&format!("{path}/export"));
    assert!(query.is_empty() || form.path().starts_with(path), "{query}");
    browser.submit(form.set("format", format)).await.expect(200)
}

fn rows(file: &Page) -> Vec<Vec<String>> {
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
        assert_eq!(page.html().matches("导出资格审查名单").count(), 7);
        assert!(!page.html().contains("苏晓"));
    }

    async fn orders_are_exported_as_they_are_filtered(t: TestApp) {
        let (t, _) = t.with_cashier().await;
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
}
