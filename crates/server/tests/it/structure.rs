//! 级别、专业与科目 typed into pages: rows, rules of the levels, what is still missing, a copy of it all.

use std::sync::Arc;

use app::exam::part::Part;
use app::exam::preset::Preset;
use app::exam::setup::{self, NewExam};
use app::exam::{self, Exam};
use domain::exam::{OnMismatch, TakeMode};
use domain::staff::Role;
use testkit::{Browser, Page, TestApp, both_backends};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

async fn draft(t: &TestApp, code: &str) -> (Arc<Exam>, Browser) {
    draft_of(t, code, "").await
}

/// The same, `1` for a rehearsal.
async fn draft_of(t: &TestApp, code: &str, rehearsal: &str) -> (Arc<Exam>, Browser) {
    let officer = t.staff(&[Role::ExamOfficer]).await;
    let new = NewExam {
        title: "注册消防工程师资格考试".into(),
        code: code.into(),
        source: "preset:professional".into(),
        rehearsal: rehearsal.into(),
    };
    let id = setup::create(&officer.ctx().await, &new).await.unwrap();
    (exam::find(&t.app, &id).await.unwrap(), officer.browser())
}

/// The form of the page with these rows in it, from the top.
fn typed(page: &Page, action: &str, rows: &[[&str; 9]]) -> testkit::Form {
    let names = [
        "order",
        "level",
        "specialty",
        "code",
        "name",
        "date",
        "starts",
        "ends",
        "fee",
    ];
    let mut form = page.form(action);
    for name in names {
        form = form.unset(name);
    }
    for row in rows {
        for (name, text) in names.iter().zip(row) {
            form = form.add(name, text);
        }
    }
    form
}

async fn names(t: &TestApp, exam: &Exam) -> Vec<String> {
    let exam = exam::find(&t.app, exam.public_id()).await.unwrap();
    let table = exam::subjects(&t.app, &exam).await.unwrap();
    table
        .subjects
        .iter()
        .map(|one| format!("{}/{}", one.level, one.name))
        .collect()
}

const ONE: [&str; 9] = [
    "20",
    "考全科",
    "",
    "1",
    "安全技术实务",
    "2026-11-07",
    "09:00",
    "11:30",
    "60",
];
const TWO: [&str; 9] = [
    "10",
    "考全科",
    "",
    "2",
    "案例分析",
    "2026-11-07",
    "14:00",
    "17:00",
    "70.5",
];
const EXEMPT: [&str; 9] = [
    "30",
    "免一科",
    "",
    "2",
    "案例分析",
    "2026-11-07",
    "14:00",
    "17:00",
    "",
];

both_backends! {
    async fn subjects_are_typed_reordered_and_removed(t: TestApp) {
        t.clock.set("2026-07-02 10:00");
        let (exam, mut office) = draft(&t, "XF-1").await;
        let table = format!("/office/exams/{}/table", exam.public_id());
        let at = format!("/office/exams/{}/subjects", exam.public_id());
        office.get(&table).await.expect(200).shows("直接填写");
        let page = office.get(&at).await.expect(200);
        office.submit(typed(&page, &at, &[])).await.expect(422).shows("请至少填写一个科目");
        // What can't be read is named by its row, what was typed stays, and nothing is stored.
        let mut bad = EXEMPT;
        bad[7] = "13:00";
        let page = office.submit(typed(&page, &at, &[ONE, bad])).await.expect(422).shows("第 2 行：没有看到起止时间");
        assert_eq!(page.form(&at).value("name"), Some("安全技术实务"));
        let mut unnamed = EXEMPT;
        unnamed[4] = "";
        let page = office.submit(typed(&page, &at, &[ONE, TWO, unnamed])).await.expect(422).shows("第 3 行：请填写科目名称");
        assert!(names(&t, &exam).await.is_empty());
        let page = office.submit(typed(&page, &at, &[ONE, TWO, EXEMPT])).await.expect(200).is_at(&table);
        page.shows("70.50").shows("安全技术实务");
        assert_eq!(names(&t, &exam).await, ["考全科/案例分析", "考全科/安全技术实务", "免一科/案例分析"]);

        // Another order, one row gone. Whoever had the page open before is told.
        let stale = page_of(&mut office, &at).await;
        let page = page_of(&mut office, &at).await;
        let mut last = TWO;
        last[0] = "90";
        office.submit(typed(&page, &at, &[last, ONE, EXEMPT]).add("remove", "2")).await.expect(200).is_at(&table);
        assert_eq!(names(&t, &exam).await, ["考全科/安全技术实务", "考全科/案例分析"]);
        office.submit(typed(&stale, &at, &[ONE])).await.expect(409).shows("刚被别人改过");

        // The export is a file that the import reads.
        let file = office.get(&format!("{table}/export")).await.expect(200).body;
        let import = format!("/office/exams/{}/import", exam.public_id());
        let page = office.get(&import).await.expect(200).shows("网页填写.xlsx");
        let page = office.submit(page.form(&import).file("file", "科目.xlsx", XLSX, &file)).await.expect(200);
        page.shows("导入无误的 2 行").shows("每一行都能读懂");
    }

    async fn the_table_of_a_rehearsal_says_so_and_is_imported_again(t: TestApp) {
        t.clock.set("2026-07-02 10:00");
        for (code, rehearsal, name) in [("XF-3", "1", "演练 科目"), ("XF-4", "", "科目")] {
            let (exam, mut office) = draft_of(&t, code, rehearsal).await;
            let table = format!("/office/exams/{}/table", exam.public_id());
            let at = format!("/office/exams/{}/subjects", exam.public_id());
            let page = page_of(&mut office, &at).await;
            office.submit(typed(&page, &at, &[ONE, TWO])).await.expect(200).is_at(&table);
            let file = office.get(&format!("{table}/export")).await.expect(200).body;
            assert_eq!(documents::xlsx::read(&file).unwrap()[0].name, name);
            let import = format!("/office/exams/{}/import", exam.public_id());
            let page = office.get(&import).await.expect(200);
            let page = office.submit(page.form(&import).file("file", "科目.xlsx", XLSX, &file)).await.expect(200);
            page.shows("导入无误的 2 行").shows("每一行都能读懂");
        }
    }
}

async fn page_of(office: &mut Browser, at: &str) -> Page {
    office.get(at).await.expect(200)
}

both_backends! {
    async fn levels_get_their_rules_and_the_check_says_what_is_missing(t: TestApp) {
        t.clock.set("2026-07-02 10:00");
        let (exam, mut office) = draft(&t, "XF-2").await;
        let at = format!("/office/exams/{}/levels", exam.public_id());
        office.get(&at).await.expect(200).shows("科目表里还没有级别");
        let subjects = format!("/office/exams/{}/subjects", exam.public_id());
        let page = page_of(&mut office, &subjects).await;
        office.submit(typed(&page, &subjects, &[ONE, TWO, EXEMPT])).await.expect(200);
        let page = page_of(&mut office, &at).await;
        assert_eq!(page.form(&at).values("level"), ["考全科", "免一科"]);
        let rules = |years: &'static str, conditions: &'static str| {
            page.form(&at).unset("mode").add("mode", "all").add("mode", "exempt")
                .unset("valid_years").add("valid_years", years).add("valid_years", "2")
                .unset("conditions").add("conditions", "").add("conditions", conditions)
                .set("mismatch", "manual").set("auto_returning", "true")
        };
        office.submit(rules("三", "")).await.expect(422).shows("考全科：成绩有效期应为 0 到 20 的整数");
        // An exemption without a condition can be saved and not be published.
        office.submit(rules("3", "")).await.expect(200).shows("级别与老考生已保存：");
        let saved = exam::find(&t.app, exam.public_id()).await.unwrap();
        let check = exam::check(&t.app, &saved).await.unwrap();
        let missing: Vec<&str> = check.of(Part::Levels).collect();
        assert_eq!(missing, ["级别“免一科”为免试部分科目，请填写条件"]);
        office.get(&format!("/office/exams/{}", exam.public_id())).await.expect(200).shows("请填写条件").shows("考全科（考全科）");
        let page = page_of(&mut office, &at).await;
        let form = page.form(&at).unset("conditions").add("conditions", "").add("conditions", "取得消防工程专业学士学位");
        office.submit(form).await.expect(200);
        let saved = exam::find(&t.app, exam.public_id()).await.unwrap();
        let levels = &saved.settings.levels;
        assert_eq!((levels.mismatch, saved.settings.review.auto_returning), (OnMismatch::Manual, true));
        assert_eq!((levels.of("考全科").mode, levels.of("考全科").valid_years), (TakeMode::All, 3));
        assert!(exam::check(&t.app, &saved).await.unwrap().of(Part::Levels).next().is_none());

        // A copy has it all, and asks for new times where they lie before the end of registration.
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let new = NewExam { title: "下一年".into(), code: "XF-3".into(), source: format!("copy:{}", exam.public_id()), ..NewExam::default() };
        let id = setup::create(&ctx, &new).await.unwrap();
        let copy = exam::find(&t.app, &id).await.unwrap();
        assert_eq!(copy.settings.levels, saved.settings.levels);
        assert_eq!(names(&t, &copy).await, names(&t, &exam).await);
        let mut settings = Preset::Professional.settings(t.now());
        settings.windows.set(
            domain::exam::Phase::Registration,
            domain::window::Window::new(t.now().plus_days(300), t.now().plus_days(310)).ok(),
        );
        let mut changing = app::exam::part::Changing::of(&copy);
        changing.settings.windows = settings.windows;
        setup::put(&ctx, &copy, copy.row.version, changing).await.unwrap();
        let copy = exam::find(&t.app, &id).await.unwrap();
        let check = exam::check(&t.app, &copy).await.unwrap();
        assert!(check.of(Part::Table).any(|text| text.contains("早于网上报名截止")), "{check:?}");
    }
}
