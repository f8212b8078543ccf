//! The lists of the office: filters, turned round as well, within one's units, each read off an index of its own.

use domain::staff::Role;
use testkit::{Browser, Page, TestApp, TestExam, TestPosition, both_backends};

use crate::application::submitted;
use crate::review::approve;

pub(crate) async fn two_schools(t: &TestApp) -> TestExam {
    let positions = [
        TestPosition {
            name: "语文教师",
            employer: "第一中学",
            ..TestPosition::default()
        },
        TestPosition {
            name: "数学教师",
            employer: "第二中学",
            ..TestPosition::default()
        },
        TestPosition {
            name: "校医",
            employer: "第二中学",
            experience: "2年以上工作经历",
            ..TestPosition::default()
        },
    ];
    t.recruitment_with(|_| {}, &positions).await
}

async fn names(browser: &mut Browser, path: &str) -> Vec<String> {
    let text = browser.get(path).await.expect(200).main();
    let known = ["林一舟", "苏晓", "陈默", "周远"];
    let mut found: Vec<(usize, String)> = known
        .iter()
        .filter_map(|name| Some((text.find(name)?, (*name).to_owned())))
        .collect();
    found.sort();
    found.into_iter().map(|(_, name)| name).collect()
}

both_backends! {
    async fn a_queue_is_narrowed_by_state_verdict_unit_and_name(t: TestApp) {
        let exam = two_schools(&t).await;
        let mut ids = Vec::new();
        for (name, position) in [("林一舟", "语文教师"), ("苏晓", "数学教师"), ("陈默", "校医"), ("周远", "数学教师")] {
            let who = t.ready(name).await;
            ids.push(submitted(&who, &exam, position).await);
            t.clock.advance_hours(1);
        }
        let mut all = t.staff(&[Role::FirstReviewer]).await.browser();
        let mut second = t.staff_with(&[(Role::FirstReviewer, exam.id, "第二中学".into())]).await.browser();
        let queue = format!("/office/reviews/{}", exam.public_id);
        let everybody = ["林一舟", "苏晓", "陈默", "周远"];
        assert_eq!(names(&mut all, &queue).await, everybody);
        assert_eq!(names(&mut second, &queue).await, everybody[1..]);
        all.get(&queue).await.shows("共 4 条");
        second.get(&queue).await.shows("共 3 条");
        // Approved, the first one leaves; turned round he is what is left.
        approve(&t.staff(&[Role::FirstReviewer]).await.ctx().await, &ids[0]).await;
        assert_eq!(names(&mut all, &queue).await, everybody[1..]);
        assert_eq!(names(&mut all, &format!("{queue}?state=pending&not=1")).await, ["林一舟"]);
        assert_eq!(names(&mut all, &format!("{queue}?state=approved")).await, ["林一舟"]);
        assert_eq!(names(&mut all, &format!("{queue}?state=approved&not=1")).await, everybody[1..]);
        all.get(&format!("{queue}?state=approved&not=1")).await.shows("共 3 条").shows("不是“审核通过”");
        assert!(names(&mut second, &format!("{queue}?state=pending&not=1")).await.is_empty(), "it is the other school's");
        // By unit, by name, by number, by verdict; within one's own units only.
        assert_eq!(names(&mut all, &format!("{queue}?unit=%E7%AC%AC%E4%BA%8C%E4%B8%AD%E5%AD%A6")).await, everybody[1..]);
        let other = format!("{queue}?state=approved&unit=%E7%AC%AC%E4%B8%80%E4%B8%AD%E5%AD%A6");
        assert_eq!(names(&mut all, &other).await, ["林一舟"]);
        assert!(names(&mut second, &other).await.is_empty(), "no filter widens a scope");
        assert_eq!(names(&mut all, &format!("{queue}?who=%E8%8B%8F%E6%99%93")).await, ["苏晓"]);
        let number = format!("{}00002", t.now().date().to_string().replace('-', ""));
        assert_eq!(names(&mut second, &format!("{queue}?who={number}")).await, ["苏晓"]);
        let by_verdict: Vec<String> = {
            let mut found = names(&mut all, &format!("{queue}?verdict=pass")).await;
            found.extend(names(&mut all, &format!("{queue}?verdict=manual")).await);
            found.extend(names(&mut all, &format!("{queue}?verdict=fail")).await);
            found.sort();
            found
        };
        let mut left: Vec<&str> = everybody[1..].to_vec();
        left.sort_unstable();
        assert_eq!(by_verdict, left, "each in one verdict");
    }

    async fn pages_of_a_queue_of_several_units_follow_one_another(t: TestApp) {
        let exam = two_schools(&t).await;
        let who = t.ready("林一舟").await;
        submitted(&who, &exam, "语文教师").await;
        // Rows as a submission makes them, more than a page.
        for n in 0..70 {
            let number = 2_026_123_100_100_i64 + n;
            let unit = if n % 2 == 0 { "第一中学" } else { "第二中学" };
            let account = format!(
                "INSERT INTO account (id, public_id, state, id_type, id_number, id_index, name, name_order, mobile, \
                 mobile_index, epoch, created_at, version) SELECT {n} + 1, 'acc{n}', 'closed', id_type, id_number, \
                 id_index, name, name_order, mobile, mobile_index, 0, 0, 0 FROM account WHERE id = {}", who.id
            );
            let application = format!(
                "INSERT INTO application (id, public_id, exam_id, account_id, registration_no, position_id, unit, choice, life, \
                 end_reason, review, review_at, review_reason, review_due, payment, attendance, rejections, verdict, name, \
                 snapshot, snapshot_hash, answers, settings_version, agreement_version, agreed_at, photo_id, fee, submitted_at, \
                 changed_at, version) SELECT {n} + 1, 'app{n}', exam_id, {n} + 1, '{number}', position_id, '{unit}', choice, life, \
                 end_reason, review, review_at, review_reason, {}, payment, attendance, rejections, verdict, 'P{n}', \
                 snapshot, snapshot_hash, answers, settings_version, agreement_version, agreed_at, photo_id, fee, submitted_at, \
                 changed_at, version FROM application WHERE name = '林一舟'", n / 3
            );
            crate::invariants::run(&t, &[&account, &application]).await;
        }
        let grants = ["第一中学", "第二中学"].map(|unit| (Role::FirstReviewer, exam.id, unit.to_owned()));
        let mut reviewer = t.staff_with(&grants).await.browser();
        let mut seen = Vec::new();
        let mut path = Some(format!("/office/reviews/{}?who=", exam.public_id));
        while let Some(here) = path {
            let page = reviewer.get(&here).await.expect(200);
            let links = page.own_links();
            let apps = links.iter().filter_map(|link| link.rsplit_once("/app"));
            seen.extend(apps.map(|(_, n)| n.parse::<i64>().unwrap()));
            path = links.into_iter().find(|link| link.contains("before=") && page.html().contains(&format!("href=\"{}\" rel=\"next\"", link.replace('&', "&amp;"))));
        }
        seen.dedup();
        assert_eq!(seen, (0..70).collect::<Vec<i64>>(), "each once, the most urgent first");
    }

    async fn orders_and_the_trail_are_narrowed_by_what_was_asked_for(t: TestApp) {
        let (t, _) = t.with_channels();
        let exam = two_schools(&t).await;
        let who = t.ready("苏晓").await;
        let id = submitted(&who, &exam, "数学教师").await;
        let officer = t.staff(&[Role::FirstReviewer]).await;
        approve(&officer.ctx().await, &id).await;
        t.run_jobs().await;
        let mut finance = t.staff(&[Role::FinanceOfficer]).await.browser();
        let shown = |page: Page| page.expect(200).main().contains("苏晓");
        for (query, there) in [
            ("", true),
            ("?state=unpaid", true),
            ("?state=unpaid&not=1", false),
            ("?state=paid&not=1", true),
            ("?state=paid", false),
            ("?name=%E8%8B%8F%E6%99%93", true),
            ("?name=%E8%8B%8F%E6%99%93&state=unpaid", true),
            ("?name=%E8%8B%8F", false),
            ("?number=JF20260316000001", false),
            ("?number=P20260316090000ABCDEFGH", false),
        ] {
            let page = finance.get(&format!("/office/payments{query}")).await;
            assert_eq!(shown(page), there, "{query}");
        }
        let page = finance.get(&format!("/office/payments?exam={}", exam.public_id)).await;
        page.expect(200).shows("苏晓").shows("未支付（1）");

        let mut auditor = t.staff(&[Role::Auditor]).await.browser();
        let count = |page: Page| page.expect(200).html().matches("<tr>").count();
        let username = &officer.username;
        let page = auditor.get(&format!("/office/audit?username={username}")).await;
        assert!(count(page) > 1);
        for (query, some) in [
            ("kind=staff&object=application", true),
            ("kind=gateway", false),
            ("action=application.advance", true),
            ("action=nothing.at_all", false),
            ("object=application&from=2026-03-16&until=2026-03-16", true),
            ("object=application&from=2026-03-17", false),
        ] {
            let page = auditor.get(&format!("/office/audit?{query}")).await;
            assert_eq!(count(page) > 1, some, "{query}");
        }
    }
}
