//! 公开报名人数: the public reads as much as the exam tells, and no more.

use domain::exam::PublicCounts;
use testkit::{TestApp, TestPosition, both_backends};

const POSITION: &str = "数字资源管理";

both_backends! {
    async fn the_public_reads_counts_as_far_as_the_exam_tells(t: TestApp) {
        let lin = t.ready("林一舟").await;
        for (counts, says) in [
            (PublicCounts::Exact, Some("1")),
            (PublicCounts::UpTo { most: 1 }, Some("1 人以上")),
            (PublicCounts::Hidden, None),
        ] {
            let exam = t.recruitment(|settings| settings.counts = counts).await;
            crate::application::submitted(&lin, &exam, POSITION).await;
            app::statistics::fold(&t.app).await.unwrap();
            t.clock.advance(60);
            let home = format!("/exams/{}", exam.public_id);
            let mut browser = t.browser();
            let before = t.app.db().stats().commits;
            let page = browser.get(&home).await.expect(200);
            let list = browser.get(&format!("{home}/positions")).await.expect(200);
            let one = browser.get(&format!("{home}/positions/{}", exam.position(POSITION))).await.expect(200);
            let at = format!("{home}/counts");
            let Some(says) = says else {
                page.lacks("各岗位报名人数");
                list.lacks("过审");
                one.shows("不公开");
                browser.get(&at).await.expect(404);
                continue;
            };
            page.shows("各岗位报名人数");
            assert!(list.html().contains(&format!("{says} / 0")), "{counts:?}");
            let most = browser.get(&format!("{at}?sort=most")).await.expect(200).shows(POSITION);
            assert!(most.html().contains(&format!(">{says}</td>")), "{counts:?}");
            let least = browser.get(&format!("{at}?sort=least")).await.expect(200);
            let first = |page: &testkit::Page| page.html().find(POSITION) < page.html().find("财务会计");
            assert!(first(&most) && !first(&least), "{counts:?}");
            browser.get(&format!("{at}?unit=nobody&page=9")).await.expect(200).shows("没有找到岗位");
            assert_eq!(t.app.db().stats().commits, before, "anonymous pages write nothing");
        }
        t.browser().get("/exams/nonsense/counts").await.expect(404);
    }

    async fn what_is_not_told_does_not_show_in_the_order_either(t: TestApp) {
        let names = ["馆藏整理", "展陈设计"];
        let positions = names.map(|name| TestPosition { name, ..TestPosition::default() });
        for (counts, by_count) in [(PublicCounts::Exact, true), (PublicCounts::UpTo { most: 1 }, false)] {
            let exam = t.recruitment_with(|settings| settings.counts = counts, &positions).await;
            let code = async |name: &str| {
                let found = app::exam::find(&t.app, &exam.public_id).await.unwrap();
                let table = app::exam::positions::table(&t.app, &found).await.unwrap();
                let item = table.items().iter().find(|item| item.position.name == name).cloned();
                item.unwrap().position.code.clone()
            };
            // Two applied for the one with the later code, one for the other.
            let mut ordered = [(code(names[0]).await, names[0]), (code(names[1]).await, names[1])];
            ordered.sort();
            let (earlier, later) = (ordered[0].1, ordered[1].1);
            for (name, position) in [("林一舟", earlier), ("苏晓", later), ("周敏", later)] {
                crate::application::submitted(&t.ready(name).await, &exam, position).await;
            }
            app::statistics::fold(&t.app).await.unwrap();
            t.clock.advance(60);
            let page = t.browser().get(&format!("/exams/{}/counts?sort=most", exam.public_id)).await.expect(200);
            let html = page.html();
            assert_eq!(html.find(later) < html.find(earlier), by_count, "{counts:?}");
        }
    }
}
