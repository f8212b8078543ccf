//! The table of the office: sorted, filtered, exported, narrowed to the units of who asks.

use domain::exam::steps::{PaymentStep, ReviewStep};
use domain::staff::Role;
use testkit::{Page, TestApp, TestPosition, both_backends, submitted};

use super::*;

/// The codes on a page of the table, in their order.
fn codes(page: &Page) -> Vec<String> {
    let mut found: Vec<(usize, String)> = ["0301", "0302", "0303", "0304"]
        .iter()
        .filter_map(|code| {
            let cell = format!("<td class=\"bk-num\">{code}</td>");
            page.html().find(&cell).map(|at| (at, (*code).to_owned()))
        })
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, code)| code).collect()
}

async fn busy(t: &TestApp) -> TestExam {
    let positions = [
        TestPosition {
            name: "甲岗",
            employer: "市图书馆",
            ..TestPosition::default()
        },
        TestPosition {
            name: "乙岗",
            employer: "市博物馆",
            ..TestPosition::default()
        },
        TestPosition {
            name: "丙岗",
            employer: "市档案馆",
            ..TestPosition::default()
        },
        TestPosition {
            name: "=丁岗",
            employer: "市图书馆",
            ..TestPosition::default()
        },
    ];
    let exam = t
        .recruitment_with(
            |settings| {
                settings.open_ratio = Some(2);
                settings.steps.review = ReviewStep::None;
                settings.steps.payment = PaymentStep::None;
                settings.fees.rule = domain::payment::fee::FeeRule::Free;
                settings.windows.payment = None;
            },
            &positions,
        )
        .await;
    for (name, position) in [
        ("张三", "甲岗"),
        ("李四", "乙岗"),
        ("王五", "乙岗"),
        ("赵六", "乙岗"),
        ("钱七", "乙岗"),
    ] {
        submitted(&t.ready(name).await, &exam, position).await;
    }
    app::statistics::fold(&t.app).await.expect("folded");
    exam
}

both_backends! {
    async fn positions_are_sorted_and_filtered_by_how_many_came(t: TestApp) {
        let exam = busy(&t).await;
        let mut desk = t.staff(&[Role::ExamOfficer]).await.browser();
        let path = format!("/office/exams/{}/table", exam.public_id);
        for (query, expected) in [
            ("", vec!["0301", "0302", "0303", "0304"]),
            ("?sort=applied", vec!["0302", "0301", "0303", "0304"]),
            ("?sort=few", vec!["0303", "0304", "0301", "0302"]),
            ("?sort=ratio", vec!["0303", "0304", "0301", "0302"]),
            ("?sort=high", vec!["0302", "0301", "0303", "0304"]),
            ("?sort=department", vec!["0302", "0301", "0304", "0303"]),
            ("?state=nobody", vec!["0303", "0304"]),
            ("?state=short", vec!["0301", "0303", "0304"]),
            ("?state=short&unit=%E5%B8%82%E5%9B%BE%E4%B9%A6%E9%A6%86", vec!["0301", "0304"]),
            ("?state=cancelled", vec![]),
        ] {
            let page = desk.get(&format!("{path}{query}")).await;
            assert_eq!(codes(&page.expect(200)), expected, "{query}");
        }
        cancelled(&t, &exam, "丙岗").await;
        let page = desk.get(&format!("{path}?state=cancelled")).await;
        assert_eq!(codes(&page.expect(200)), ["0303"]);
        let page = desk.get(&format!("{path}?state=nobody")).await;
        assert_eq!(codes(&page.expect(200)), ["0304"]);
    }

    async fn the_current_filter_is_exported_in_both_formats_and_no_cell_is_a_formula(t: TestApp) {
        let exam = busy(&t).await;
        let mut desk = t.staff(&[Role::ExamOfficer]).await.browser();
        let path = format!("/office/exams/{}/table/export", exam.public_id);
        let csv = desk.get(&format!("{path}?format=csv&state=nobody&sort=few")).await.expect(200);
        let sheet = documents::csv_file::read(&csv.body).unwrap();
        let cells: Vec<_> = (1..sheet.height()).map(|row| (sheet.at(row, 0).raw().to_owned(), sheet.at(row, 6).raw().to_owned())).collect();
        assert_eq!(cells, [("0303".to_owned(), "0".to_owned()), ("0304".to_owned(), "0".to_owned())]);
        let text = String::from_utf8_lossy(&csv.body).into_owned();
        assert!(text.contains("'=丁岗"), "{text}");
        let book = desk.get(&format!("{path}?state=short")).await;
        let sheets = documents::xlsx::read(&book.expect(200).body).unwrap();
        assert_eq!(sheets[0].height(), 4);
        let proposals: Vec<_> = (1..4).map(|row| sheets[0].at(row, 16).raw().to_owned()).collect();
        assert_eq!(proposals, ["取消", "取消", "取消"]);
    }

    async fn a_reviewer_of_one_unit_sees_no_position_figure_or_file_of_another(t: TestApp) {
        let exam = busy(&t).await;
        let reviewer = t.staff_with(&[(Role::FirstReviewer, exam.id, "市图书馆".to_owned())]).await;
        let mut desk = reviewer.browser();
        let path = format!("/office/exams/{}/table", exam.public_id);
        let page = desk.get(&path).await.expect(200);
        assert_eq!(codes(&page), ["0301", "0304"]);
        page.shows("共 1 / 0 / 0").lacks("市博物馆");
        for query in ["?q=%E4%B9%99%E5%B2%97", "?unit=%E5%B8%82%E5%8D%9A%E7%89%A9%E9%A6%86", "?sort=applied&state=nobody"] {
            let page = desk.get(&format!("{path}{query}")).await;
            page.expect(200).lacks("乙岗</a>");
        }
        let csv = desk.get(&format!("{path}/export?format=csv")).await;
        assert_eq!(documents::csv_file::read(&csv.expect(200).body).unwrap().height(), 3);
        let at = |name: &str| format!("/office/exams/{}/positions/{}", exam.public_id, exam.position(name));
        desk.get(&at("甲岗")).await.expect(200).lacks("核减或取消");
        desk.get(&at("乙岗")).await.expect(404);
        // The control: an officer of every unit sees it.
        t.staff(&[Role::ExamOfficer]).await.browser().get(&at("乙岗")).await.expect(200).shows("核减或取消");
    }
}
