//! Exams: tables from real workbooks, what the public sees and when, windows to the second, places to the last one.

use std::sync::Arc;

use app::exam::import::{self, ImportFile};
use app::exam::part::{BasicsDraft, Draft, FeesDraft, Part, WindowsDraft};
use app::exam::positions::{self, Filter};
use app::exam::preset::Preset;
use app::exam::setup::{self, NewExam};
use app::exam::{self, Exam};
use app::{Ctx, Error};
use domain::eligibility::{EducationLevel, Facts, Studies, Verdict};
use domain::exam::{ExamSettings, ExamState, Phase, Windows};
use domain::staff::Role;
use domain::time::Timestamp;
use domain::window::Window;
use testkit::{TestApp, both_backends};

const COUNTY: &[u8] = include_bytes!("../../fixtures/county-recruitment.xlsx");
const INTERVIEW: &[u8] = include_bytes!("../../fixtures/direct-interview.xlsx");
const CIVIL: &[u8] = include_bytes!("../../fixtures/civil-service.xlsx");
const PROFESSIONAL: &[u8] = include_bytes!("../../fixtures/professional-subjects.xlsx");
const SKILLS: &[u8] = include_bytes!("../../fixtures/skills-subjects.xlsx");
const BROKEN: &[u8] = include_bytes!("../../fixtures/broken-positions.xlsx");

fn at(local: &str) -> Timestamp {
    Timestamp::parse_local(local).unwrap()
}

fn windows() -> Windows {
    let window = |open, close| Window::new(at(open), at(close)).ok();
    Windows {
        registration: window("2026-03-18 09:00", "2026-03-20 17:00"),
        review: window("2026-03-18 09:00", "2026-03-21 17:00"),
        payment: window("2026-03-18 09:00", "2026-03-23 17:00"),
        ticket: window("2026-04-07 09:00", "2026-04-12 09:00"),
        sitting: window("2026-04-12 09:00", "2026-04-12 17:00"),
        ..Windows::default()
    }
}

fn settings(preset: Preset) -> ExamSettings {
    let mut settings = preset.settings(at("2026-03-01 09:00"));
    settings.organizer = "南屿县人力资源和社会保障局".into();
    settings.counted_to = "2026-03-11".parse().ok();
    settings.windows = windows();
    if !settings.steps.seating {
        settings.windows.ticket = None;
        settings.windows.sitting = None;
    }
    if !settings.steps.has_payment() {
        settings.windows.payment = None;
    }
    if preset.category().has_positions() && settings.steps.seating {
        settings.papers = vec![domain::exam::settings::Paper {
            class: String::new(),
            code: "11".into(),
            name: "综合知识".into(),
            session: 1,
            starts_at: at("2026-04-12 09:00"),
            ends_at: at("2026-04-12 11:00"),
        }];
    }
    settings
}

async fn officer(t: &TestApp) -> Ctx {
    t.staff(&[Role::ExamOfficer]).await.ctx().await
}

async fn draft(t: &TestApp, ctx: &Ctx, preset: Preset, code: &str) -> Arc<Exam> {
    let of = (preset.category(), code, "南屿县2026年考试");
    let id = setup::create_with(ctx, of, settings(preset), "测试")
        .await
        .unwrap();
    exam::find(&t.app, &id).await.unwrap()
}

async fn again(t: &TestApp, exam: &Exam) -> Arc<Exam> {
    exam::find(&t.app, exam.public_id()).await.unwrap()
}

async fn imported(t: &TestApp, ctx: &Ctx, exam: &Exam, book: &[u8]) -> Arc<Exam> {
    let batch = import::upload(ctx, exam, "表.xlsx", book).await.unwrap();
    let batch = import::find(&t.app, exam.id(), &batch).await.unwrap();
    import::confirm(ctx, exam, &batch).await.unwrap();
    again(t, exam).await
}

async fn published(t: &TestApp, ctx: &Ctx, preset: Preset, code: &str, book: &[u8]) -> Arc<Exam> {
    let exam = draft(t, ctx, preset, code).await;
    let exam = imported(t, ctx, &exam, book).await;
    exam::publish(ctx, exam.public_id()).await.unwrap();
    again(t, &exam).await
}

fn refusal(error: Error) -> &'static str {
    match error {
        Error::Refused(refusal) => refusal.code,
        other => panic!("not a refusal: {other:?}"),
    }
}

fn field(error: Error, key: &str) -> String {
    match error {
        Error::Fields(errors) => errors
            .get(key)
            .unwrap_or_else(|| panic!("{errors}"))
            .to_owned(),
        other => panic!("no fields: {other:?}"),
    }
}

both_backends! {
    async fn a_county_s_table_is_read_whole_and_nothing_is_visible_before_it_is_confirmed(t: TestApp) {
        let ctx = officer(&t).await;
        let exam = draft(&t, &ctx, Preset::Recruitment, "NY-01").await;
        let id = import::upload(&ctx, &exam, "南屿县岗位表.xlsx", COUNTY).await.unwrap();
        let preview = import::preview(&t.app, &exam, &id).await.unwrap();
        assert!(preview.errors().is_empty(), "{:?}", preview.errors());
        assert!(preview.batch.rows_good >= 150, "{}", preview.batch.rows_good);
        assert_eq!((preview.batch.rows_bad, preview.batch.rows_read), (0, preview.batch.rows_good));
        assert_eq!(preview.summary.title, "南屿县2026年事业单位公开招聘工作人员岗位表");
        assert!(preview.summary.notes.iter().any(|note| note.contains("35周岁以下")));
        assert_eq!(preview.summary.added, usize::try_from(preview.batch.rows_good).unwrap());
        // Nothing is written before somebody confirms.
        let exam = again(&t, &exam).await;
        assert_eq!(exam.row.positions_batch, 0);
        assert!(positions::table(&t.app, &exam).await.unwrap().items().is_empty());
        assert_eq!(setup::figures(&t.app, &exam).await.unwrap().positions, 0);

        import::confirm(&ctx, &exam, &preview.batch).await.unwrap();
        let exam = again(&t, &exam).await;
        let table = positions::table(&t.app, &exam).await.unwrap();
        assert_eq!(i64::try_from(table.items().len()).unwrap(), preview.batch.rows_good);
        assert_eq!(table.headcount(), preview.summary.headcount);
        assert_eq!(setup::figures(&t.app, &exam).await.unwrap().positions, preview.batch.rows_good);
        // Merged employers, full-width digits, conditions as rules.
        let hospital: Vec<_> =
            table.items().iter().filter(|one| one.position.employer == "南屿县人民医院").collect();
        assert_eq!(hospital.len(), 6);
        assert!(hospital.iter().all(|one| one.unit == "县卫生健康局"));
        let reporter = table.items().iter().find(|one| one.position.name == "记者").unwrap();
        let rules = domain::eligibility::describe_all(&reporter.position.rules);
        assert!(rules.contains("本科及以上") && rules.contains("1995年3月11日"), "{rules}");
        // Confirmed once, and only once.
        assert!(matches!(import::confirm(&ctx, &exam, &preview.batch).await, Err(Error::Conflict(_))));
        assert!(matches!(import::discard(&ctx, &preview.batch).await, Err(Error::Conflict(_))));
        assert_eq!(import::recent(&t.app, exam.id(), import::Kind::Positions).await.unwrap().len(), 1);
        let file = import::file(&t.app, &preview.batch).await.unwrap();
        assert_eq!(file.bytes, COUNTY);
    }

    async fn a_notice_without_codes_and_tables_of_subjects_are_read(t: TestApp) {
        let ctx = officer(&t).await;
        let exam = published(&t, &ctx, Preset::Interview, "NY-02", INTERVIEW).await;
        let table = positions::table(&t.app, &exam).await.unwrap();
        assert_eq!(table.items().len(), 8);
        assert_eq!(table.items()[0].position.code, "0001");
        assert_eq!(table.items()[1].position.headcount, 2);

        let exam = published(&t, &ctx, Preset::CivilService, "NY-03", CIVIL).await;
        let table = positions::table(&t.app, &exam).await.unwrap();
        assert_eq!(table.items().len(), 12);
        assert_eq!(table.items()[1].position.employer, "市劳动保障监察支队");

        let exam = published(&t, &ctx, Preset::Professional, "NY-04", PROFESSIONAL).await;
        let table = exam::subjects(&t.app, &exam).await.unwrap();
        assert_eq!(table.levels(), ["考全科", "免考基础科目"]);
        assert_eq!(table.specialties("考全科").len(), 4);
        let subjects = table.subjects_of("考全科", "水利工程");
        assert_eq!(subjects.iter().map(|one| one.session).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(subjects[0].starts_at, at("2026-09-12 09:00"));
        assert_eq!(subjects[0].fee.get(), 6_000);

        let exam = published(&t, &ctx, Preset::Other, "NY-05", SKILLS).await;
        let table = exam::subjects(&t.app, &exam).await.unwrap();
        assert_eq!(table.subjects.len(), 5);
        assert_eq!(exam::subjects(&t.app, &exam).await.unwrap().subjects.len(), 5);
        let mut read = t.app.db().read();
        assert_eq!(exam::subject_rows(&mut read, exam.id()).await.unwrap().len(), 5);
    }

    async fn every_row_that_cannot_be_read_is_listed_with_its_reason(t: TestApp) {
        let ctx = officer(&t).await;
        let exam = draft(&t, &ctx, Preset::Recruitment, "NY-06").await;
        let id = import::upload(&ctx, &exam, "坏表.xlsx", BROKEN).await.unwrap();
        let preview = import::preview(&t.app, &exam, &id).await.unwrap();
        assert_eq!((preview.batch.rows_good, preview.batch.rows_bad), (5, 7));
        for (line, words) in [
            (4, "招聘人数"),
            (5, "与第 3 行重复"),
            (6, "至少为 1"),
            (7, "请填写岗位名称"),
            (8, "请填写岗位代码"),
            (9, "最多 30 个字"),
            (10, "超过 9999"),
        ] {
            let found = preview.errors().into_iter().find(|one| one.line == line);
            let found = found.unwrap_or_else(|| panic!("line {line}: {:?}", preview.errors()));
            assert!(found.message.contains(words), "{line}: {}", found.message);
            assert_eq!(preview.cells(found).len(), preview.summary.columns.len());
        }
        assert!(preview.warnings().iter().any(|one| one.line == 13 && one.message.contains("已按上一行填为")));
        let both = preview.errors();
        let groups = import::Preview::grouped(&both);
        assert_eq!(groups.len(), both.len(), "every error says something else");
        // The good rows may be taken over without the others; what looks like a formula stays text.
        import::confirm(&ctx, &exam, &preview.batch).await.unwrap();
        let exam = again(&t, &exam).await;
        let table = positions::table(&t.app, &exam).await.unwrap();
        assert_eq!(table.items().len(), 5);
        assert!(table.items().iter().any(|one| one.position.name == "=1+1"));
    }

    async fn what_is_not_a_workbook_is_refused_and_leaves_nothing(t: TestApp) {
        let ctx = officer(&t).await;
        let exam = draft(&t, &ctx, Preset::Recruitment, "NY-07").await;
        let cut = &COUNTY[..COUNTY.len() / 2];
        let noise: Vec<u8> = (0..4_000u32).map(|n| u8::try_from(n * 37 % 251).unwrap()).collect();
        for (what, bytes) in [
            ("empty", &b""[..]),
            ("text", b"\xe5\xb2\x97\xe4\xbd\x8d,\xe4\xba\xba\xe6\x95\xb0"),
            ("pdf", b"%PDF-1.7 ..."),
            ("old format", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on"),
            ("cut off", cut),
            ("noise", &noise),
            ("a zip of nothing", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        ] {
            let error = import::upload(&ctx, &exam, "x.xlsx", bytes).await.unwrap_err();
            assert!(!field(error, "file").is_empty(), "{what}");
        }
        let large = vec![0u8; 11 * 1024 * 1024];
        let error = import::upload(&ctx, &exam, "x.xlsx", &large).await.unwrap_err();
        assert!(field(error, "file").contains("10 MB"));
        assert!(import::recent(&t.app, exam.id(), import::Kind::Positions).await.unwrap().is_empty());
        // A sheet of the other kind is a workbook, but nothing in it can be taken over.
        let id = import::upload(&ctx, &exam, "科目.xlsx", SKILLS).await.unwrap();
        let preview = import::preview(&t.app, &exam, &id).await.unwrap();
        assert_eq!(preview.batch.rows_good, 0);
        assert!(!preview.errors().is_empty());
        let refused = import::confirm(&ctx, &exam, &preview.batch).await.unwrap_err();
        assert_eq!(refusal(refused), "import_empty");
    }

    async fn a_corrected_table_shows_its_changes_and_replaces_the_first(t: TestApp) {
        let ctx = officer(&t).await;
        let exam = draft(&t, &ctx, Preset::Recruitment, "NY-08").await;
        let exam = imported(&t, &ctx, &exam, BROKEN).await;
        let first = exam.row.positions_batch;
        let id = import::upload(&ctx, &exam, "重传.xlsx", BROKEN).await.unwrap();
        let preview = import::preview(&t.app, &exam, &id).await.unwrap();
        assert_eq!((preview.summary.added, preview.summary.same, preview.summary.removed), (0, 5, 0));
        import::discard(&ctx, &preview.batch).await.unwrap();
        let row = import::find(&t.app, exam.id(), &id).await.unwrap();
        assert_eq!(row.state, "discarded");
        assert_eq!(again(&t, &exam).await.row.positions_batch, first);
        let id = import::upload(&ctx, &exam, "县表.xlsx", COUNTY).await.unwrap();
        let preview = import::preview(&t.app, &exam, &id).await.unwrap();
        assert!(preview.summary.added > 100 && preview.summary.removed == 5);
        // A batch of another exam isn't found.
        let other = draft(&t, &ctx, Preset::Recruitment, "NY-09").await;
        assert!(matches!(import::find(&t.app, other.id(), &id).await, Err(Error::NotFound)));
        import::confirm(&ctx, &exam, &preview.batch).await.unwrap();
        assert_ne!(again(&t, &exam).await.row.positions_batch, first);
    }

    async fn an_exam_with_gaps_is_not_published_and_each_gap_names_its_part(t: TestApp) {
        let ctx = officer(&t).await;
        let new = NewExam {
            title: "南屿县2026年公开招聘".into(),
            code: " ny-10 ".into(),
            source: "preset:recruitment".into(),
        };
        let id = setup::create(&ctx, &new).await.unwrap();
        let exam = exam::find(&t.app, &id).await.unwrap();
        assert_eq!(exam.row.code, "NY-10");
        let taken = setup::create(&ctx, &new).await.unwrap_err();
        assert!(field(taken, "code").contains("已用过"));
        let check = exam::check(&t.app, &exam).await.unwrap();
        for part in [Part::Basics, Part::Windows, Part::Table, Part::Papers] {
            assert!(check.of(part).next().is_some(), "{part:?}: {check:?}");
        }
        assert!(check.of(Part::Fees).next().is_none(), "{check:?}");
        assert_eq!(refusal(exam::publish(&ctx, &id).await.unwrap_err()), "exam_state");
        // An exam that isn't published is nobody's but the staff's.
        assert!(exam::public_list(&t.app).await.unwrap().is_empty());
        let mut browser = t.browser();
        browser.get(&format!("/exams/{id}")).await.expect(404);
        browser.get(&format!("/exams/{id}/positions")).await.expect(404);
    }

    async fn parts_are_saved_at_the_version_that_was_read(t: TestApp) {
        let ctx = officer(&t).await;
        let exam = draft(&t, &ctx, Preset::Recruitment, "NY-11").await;
        let mut basics = BasicsDraft::of(&exam);
        basics.title = "改过的名称".into();
        setup::save(&ctx, &exam, &basics).await.unwrap();
        let stale = setup::save(&ctx, &exam, &basics).await.unwrap_err();
        assert!(matches!(stale, Error::Conflict(_)));
        let exam = again(&t, &exam).await;
        assert_eq!((exam.title(), exam.row.settings_version), ("改过的名称", 2));
        let mut fees = FeesDraft::of(&exam);
        fees.amount = "免费".into();
        let error = setup::save(&ctx, &exam, &fees).await.unwrap_err();
        assert!(field(error, "amount").contains("金额"));
        let history = setup::history(&ctx, &exam).await.unwrap();
        assert_eq!(history.iter().map(|one| one.0).collect::<Vec<_>>(), [2, 1]);
        // Copies keep everything but times and subjects.
        let copy = NewExam {
            title: "下一年".into(),
            code: "NY-12".into(),
            source: format!("copy:{}", exam.public_id()),
        };
        let copy = setup::create(&ctx, &copy).await.unwrap();
        let copy = exam::find_by_id(&t.app, exam::find(&t.app, &copy).await.unwrap().id()).await.unwrap();
        assert_eq!(copy.settings.fees, exam.settings.fees);
        assert_eq!(copy.windows(), &Windows::default());
        // A reviewer sees exams, but changes none; a photo reviewer sees none.
        let reviewer = t.staff(&[Role::FirstReviewer]).await.ctx().await;
        assert_eq!(setup::list(&reviewer, "", None).await.unwrap().len(), 2);
        let denied = setup::save(&reviewer, &exam, &BasicsDraft::of(&exam)).await;
        assert!(matches!(denied, Err(Error::Forbidden)));
        let photos = t.staff(&[Role::PhotoReviewer]).await.ctx().await;
        assert!(matches!(setup::list(&photos, "", None).await, Err(Error::Forbidden)));
        assert!(matches!(setup::for_staff(&photos, exam.public_id()).await, Err(Error::NotFound)));
    }

    async fn windows_open_and_close_to_the_second(t: TestApp) {
        let ctx = officer(&t).await;
        let exam = published(&t, &ctx, Preset::Recruitment, "NY-13", COUNTY).await;
        for (local, open) in [
            ("2026-03-18 08:59:59", false),
            ("2026-03-18 09:00:00", true),
            ("2026-03-20 16:59:59", true),
            ("2026-03-20 17:00:00", false),
        ] {
            assert_eq!(exam.open_at(at(local)).registration, open, "{local}");
            assert_eq!(exam.is_open(Phase::Registration, at(local)), open, "{local}");
            t.clock.set(local);
            let page = t.browser().get(&format!("/exams/{}", exam.public_id())).await.expect(200);
            let button = page.links("报名").iter().any(|href| href.starts_with("/apply/"));
            assert_eq!(button, open, "{local}");
        }
        assert!(exam.open_at(at("2026-03-20 17:00:00")).review);
        // Closed for good, nothing opens registration but an extension.
        t.clock.set("2026-03-19 09:00");
        exam::close(&ctx, exam.public_id()).await.unwrap();
        let exam = again(&t, &exam).await;
        assert!(!exam.is_open(Phase::Registration, at("2026-03-19 10:00")));
        assert!(exam.open_at(at("2026-03-19 10:00")).payment);
    }

    async fn a_published_exam_is_extended_with_a_reason_and_not_changed_otherwise(t: TestApp) {
        let ctx = officer(&t).await;
        let exam = published(&t, &ctx, Preset::Recruitment, "NY-14", COUNTY).await;
        assert_eq!(refusal(setup::save(&ctx, &exam, &BasicsDraft::of(&exam)).await.unwrap_err()), "exam_published");
        assert_eq!(refusal(import::upload(&ctx, &exam, "x.xlsx", COUNTY).await.unwrap_err()), "exam_published");
        t.clock.set("2026-03-19 09:00");
        let ctx = officer(&t).await;
        let mut draft = WindowsDraft::of(&exam);
        let set = |draft: &mut WindowsDraft, key: &str, to: &str| draft.0.insert(key.into(), to.into());
        set(&mut draft, "registration_close", "2026-03-22T17:00");
        let error = setup::extend(&ctx, &exam, &draft).await.unwrap_err();
        assert!(field(error, "reason").contains("原因"));
        set(&mut draft, "reason", "系统维护两小时，顺延报名时间");
        // The review would close before the registration: its extension is decided together.
        let error = setup::extend(&ctx, &exam, &draft).await.unwrap_err();
        assert!(field(error, "windows").contains("资格审查"));
        set(&mut draft, "review_close", "2026-03-23T17:00");
        for (key, to, words) in [
            ("payment_close", "2026-03-23T16:00", "只能延长"),
            ("registration_open", "2026-03-19T12:00", "已经开始"),
            ("ticket_open", "2026-04-06T09:00", "不能提前"),
        ] {
            let mut wrong = draft.clone();
            set(&mut wrong, key, to);
            assert!(field(setup::extend(&ctx, &exam, &wrong).await.unwrap_err(), key).contains(words), "{key}");
        }
        setup::extend(&ctx, &exam, &draft).await.unwrap();
        let exam = again(&t, &exam).await;
        assert!(exam.is_open(Phase::Registration, at("2026-03-22 16:59")));
        assert_eq!(exam.row.registration_closes, at("2026-03-22 17:00").micros());
        assert!(setup::history(&ctx, &exam).await.unwrap()[0].1.contains("系统维护"));
        // Closed and extended, it is open again; archived, it is gone for the public.
        exam::close(&ctx, exam.public_id()).await.unwrap();
        let exam = again(&t, &exam).await;
        let mut draft = WindowsDraft::of(&exam);
        set(&mut draft, "registration_close", "2026-03-23T12:00");
        set(&mut draft, "reason", "补报一天，见补充公告");
        setup::extend(&ctx, &exam, &draft).await.unwrap();
        assert_eq!(again(&t, &exam).await.state, ExamState::Published);
        exam::close(&ctx, exam.public_id()).await.unwrap();
        exam::archive(&ctx, exam.public_id()).await.unwrap();
        assert!(matches!(exam::public(&t.app, exam.public_id()).await, Err(Error::NotFound)));
        assert_eq!(refusal(exam::reopen(&ctx, exam.public_id()).await.unwrap_err()), "exam_state");
    }

    async fn positions_are_found_by_words_unit_education_major_and_headcount(t: TestApp) {
        let ctx = officer(&t).await;
        let exam = published(&t, &ctx, Preset::Recruitment, "NY-15", COUNTY).await;
        let count = async |filter: Filter| positions::search(&t.app, &exam, &filter).await.unwrap().total;
        let all = count(Filter::default()).await;
        assert!(all >= 150);
        assert_eq!(count(Filter { words: "记者".into(), ..Filter::default() }).await, 1);
        assert_eq!(count(Filter { words: "县博物馆 文物".into(), ..Filter::default() }).await, 1);
        assert_eq!(count(Filter { unit: "县图书馆".into(), ..Filter::default() }).await, 3);
        let college = count(Filter { education: Some(EducationLevel::College), ..Filter::default() }).await;
        let master = count(Filter { education: Some(EducationLevel::Master), ..Filter::default() }).await;
        assert!(0 < college && college < all && master == all, "{college} {master} {all}");
        let nurse = Filter { major: "护理学".into(), words: "人民医院".into(), ..Filter::default() };
        assert_eq!(count(nurse).await, 1);
        assert!(count(Filter { headcount: 5, ..Filter::default() }).await < 12);
        let page = positions::search(&t.app, &exam, &Filter { page: 999, ..Filter::default() }).await.unwrap();
        assert_eq!((page.page, page.last()), (page.pages, all));
        // 我能报的岗位.
        let facts = Facts {
            sex: Some("女".into()),
            birth_date: "1996-05-01".parse().ok(),
            studies: vec![Studies {
                level: Some(EducationLevel::Bachelor),
                degree: Some(domain::eligibility::Degree::Bachelor),
                study_mode: "全日制".into(),
                major: "汉语言文学".into(),
                ..Studies::default()
            }],
            ..Facts::default()
        };
        let page = positions::positions_with_verdicts(&t.app, &exam, &facts, &Filter::default()).await.unwrap();
        let v = page.verdicts;
        assert_eq!(v.all, v.pass + v.manual + v.fail);
        assert!(v.pass > 5 && v.fail > 30, "{v:?}");
        let fails = Filter { verdict: Some(Verdict::Fail), ..Filter::default() };
        let page = positions::positions_with_verdicts(&t.app, &exam, &facts, &fails).await.unwrap();
        assert_eq!(page.total, v.fail);
        let possible = Filter { possible: true, ..Filter::default() };
        let open = positions::positions_with_verdicts(&t.app, &exam, &facts, &possible).await.unwrap();
        assert_eq!(open.total, v.pass + v.manual);
        assert!(open.shown.iter().all(|one| one.report.as_ref().unwrap().verdict != Verdict::Fail));
        let men = page.shown.iter().chain(&[]).all(|one| !one.report.as_ref().unwrap().reason.is_empty());
        assert!(men);
    }

    async fn everybody_reads_the_exam_and_its_positions_without_an_account(t: TestApp) {
        let ctx = officer(&t).await;
        let exam = published(&t, &ctx, Preset::Recruitment, "NY-16", COUNTY).await;
        let id = exam.public_id();
        let mut browser = t.browser();
        let before = t.app.db().stats().commits;
        browser.get(&format!("/exams/{id}")).await.expect(200).shows("网上报名").shows("岗位");
        let page = browser.get(&format!("/exams/{id}/positions?q=%E5%8C%BB%E9%99%A2&education=college")).await;
        let page = page.expect(200).shows("全科医师").lacks("符合").shows("登录");
        let detail = page.links("详细")[0].clone();
        browser.get(&detail).await.expect(200).shows("岗位条件").shows("县卫生健康局");
        browser.get(&format!("/exams/{id}/positions?q=zzz")).await.expect(200).shows("没有找到岗位");
        browser.get(&format!("/exams/{id}/positions/nonsense")).await.expect(404);
        assert_eq!(t.app.db().stats().commits, before, "anonymous pages write nothing");
        let candidate = t.candidate("林一舟").await;
        let page = candidate.browser().get(&format!("/exams/{id}/positions")).await.expect(200);
        page.shows("需人工审核").shows("自动比对");
        let broken = published(&t, &ctx, Preset::Recruitment, "NY-17", BROKEN).await;
        let page = browser.get(&format!("/exams/{}/positions", broken.public_id())).await.expect(200);
        assert!(page.html().contains("=1+1") && !page.html().contains("<b>加粗</b>"));
        let exam = published(&t, &ctx, Preset::Professional, "NY-18", PROFESSIONAL).await;
        let page = browser.get(&format!("/exams/{}", exam.public_id())).await.expect(200);
        page.shows("免考基础科目").shows("60.00");
    }

    async fn the_office_sets_up_imports_publishes_extends_and_closes(t: TestApp) {
        let mut browser = t.staff(&[Role::ExamOfficer]).await.browser();
        browser.get("/office/exams").await.expect(200).shows("没有考试");
        let page = browser.get("/office/exams/new").await.expect(200);
        let page = browser.submit(page.form("/office/exams/new").set("title", "")).await;
        let page = page.expect(422).shows("请填写考试名称");
        let form = page
            .form("/office/exams/new")
            .set("title", "南屿县2026年公开招聘")
            .set("code", "NY2026-01")
            .set("source", "preset:recruitment");
        let page = browser.submit(form).await.expect(200).shows("检查并发布").shows("请设置网上报名");
        let home = page.path().to_owned();
        let path = |part: &str| format!("{home}/{part}");
        // Each part opens and is saved as it is, or with what was missing.
        let page = browser.get(&path("basics")).await.expect(200);
        let form = page.form(&path("basics")).set("organizer", "南屿县人力资源和社会保障局").set("counted_to", "2026-03-11");
        browser.submit(form).await.expect(200).is_at(&home).shows("保存成功");
        for part in ["steps", "fees", "photo", "agreement", "seating", "scores"] {
            let page = browser.get(&path(part)).await.expect(200);
            browser.submit(page.form(&path(part))).await.expect(200).is_at(&home);
        }
        let page = browser.get(&path("windows")).await.expect(200);
        let mut form = page.form(&path("windows"));
        for (key, to) in [
            ("registration_open", "2026-03-18T09:00"),
            ("registration_close", "2026-03-17T09:00"),
        ] {
            form = form.set(key, to);
        }
        let page = browser.submit(form).await.expect(422).shows("结束时间应晚于开始时间");
        let mut form = page.form(&path("windows"));
        for (key, to) in [
            ("registration_close", "2026-03-20T17:00"),
            ("review_open", "2026-03-18T09:00"),
            ("review_close", "2026-03-21T17:00"),
            ("payment_open", "2026-03-18T09:00"),
            ("payment_close", "2026-03-23T17:00"),
            ("ticket_open", "2026-04-07T09:00"),
            ("ticket_close", "2026-04-12T09:00"),
            ("sitting_open", "2026-04-12T09:00"),
            ("sitting_close", "2026-04-12T17:00"),
        ] {
            form = form.set(key, to);
        }
        browser.submit(form).await.expect(200).is_at(&home);
        let page = browser.get(&path("papers")).await.expect(200);
        let version = page.form(&path("papers")).value("version").unwrap().to_owned();
        let fields = [
            ("version", version.as_str()),
            ("class", ""), ("code", "11"), ("name", "综合知识"),
            ("starts", "2026-04-12T09:00"), ("ends", "2026-04-12T11:00"),
            ("class", ""), ("code", ""), ("name", ""), ("starts", ""), ("ends", ""),
        ];
        let csrf = page.form(&path("papers")).value("_csrf").unwrap().to_owned();
        let mut all = vec![("_csrf", csrf.as_str())];
        all.extend(fields);
        browser.post(&path("papers"), &all).await.expect(200).is_at(&home);
        // A question, changed and removed.
        let page = browser.get(&path("questions/new")).await.expect(200);
        let form = page.form(&path("questions/new")).set("label", "服务地点");
        browser.submit(form).await.expect(200).shows("服务地点");
        let page = browser.get(&path("questions/q1")).await.expect(200);
        let form = page.form(&path("questions/q1")).set("kind", "choice").set("options", "是");
        let page = browser.submit(form).await.expect(422).shows("至少要有两个选项");
        let form = page.form(&path("questions/q1")).set("options", "是\n否");
        let page = browser.submit(form).await.expect(200).shows("单选：是、否");
        let form = page.form(&path("questions/q1/remove"));
        browser.submit(form).await.expect(200).shows("没有附加问题");
        // Import: a bad file, a table with errors given up, the right one confirmed.
        let page = browser.get(&path("import")).await.expect(200);
        let form = page.form(&path("import")).file("file", "岗位表.xlsx", "application/octet-stream", b"not a workbook");
        browser.submit(form).await.expect(422).shows(".xlsx");
        let form = page.form(&path("import")).file("file", "坏表.xlsx", "application/octet-stream", BROKEN);
        let page = browser.submit(form).await.expect(200).shows("现在还没有写入任何数据").shows("与第 3 行重复");
        assert!(page.html().contains("&#60;script&#62;") && !page.html().contains("<script>alert"));
        let preview = page.path().to_owned();
        browser.get(&format!("{preview}?show=warnings")).await.expect(200).shows("已按上一行填为");
        browser.get(&format!("{preview}/file")).await.expect(200);
        let list = browser.get(&format!("{preview}/problems")).await.expect(200);
        assert!(list.header("content-type").unwrap().contains("spreadsheet"));
        browser.submit(page.form(&format!("{preview}/discard"))).await.expect(200).shows("已放弃");
        let page = browser.get(&path("import")).await;
        let form = page.form(&path("import")).file("file", "岗位表.xlsx", "application/octet-stream", COUNTY);
        let page = browser.submit(form).await.expect(200).shows("导入无误的");
        let preview = page.path().to_owned();
        browser.submit(page.form(&format!("{preview}/confirm"))).await.expect(200).shows("已导入").shows("记者");
        browser.get(&path("table?q=%E5%8C%BB%E5%B8%88&page=1")).await.expect(200).shows("全科医师");
        let table = browser.get(&path("table/export?q=%E5%8C%BB%E5%B8%88")).await.expect(200);
        let sheets = documents::xlsx::read(&table.body).unwrap();
        assert_eq!(sheets[0].height(), 5, "a header and the physicians' positions");
        // Publish, extend, close, archive.
        let page = browser.get(&path("publish")).await.expect(200).lacks("没有完成");
        browser.submit(page.form(&path("publish"))).await.expect(200).shows("已发布");
        t.browser().get(&home.replace("/office", "")).await.expect(200);
        let page = browser.get(&path("extend")).await.expect(200);
        let form = page
            .form(&path("extend"))
            .set("reason", "节假日顺延")
            .set("score_open", "2026-05-08T10:00")
            .set("score_close", "2026-06-08T10:00");
        browser.submit(form).await.expect(200).shows("节假日顺延");
        let page = browser.get(&path("close")).await.expect(200);
        let page = browser.submit(page.form(&path("close"))).await.expect(200).shows("报名已结束");
        browser.submit(page.form(&path("archive"))).await.expect(200).shows("已归档");
        browser.get("/office/exams?state=archived").await.expect(200).shows("南屿县2026年公开招聘");
        browser.get("/office/exams?state=draft").await.expect(200).shows("没有考试");
        // Unpublish, on another exam.
        let ctx = officer(&t).await;
        let exam = published(&t, &ctx, Preset::Interview, "NY-19", INTERVIEW).await;
        let home = format!("/office/exams/{}", exam.public_id());
        let page = browser.get(&home).await.expect(200);
        browser.submit(page.form(&format!("{home}/unpublish"))).await.expect(200).shows("草稿");
    }

    async fn ages_are_counted_to_the_day_that_was_set_when_the_table_was_read(t: TestApp) {
        let ctx = officer(&t).await;
        let exam = draft(&t, &ctx, Preset::Recruitment, "NY-20").await;
        let exam = imported(&t, &ctx, &exam, COUNTY).await;
        let mut basics = BasicsDraft::of(&exam);
        basics.counted_to = "2026年4月1日".into();
        setup::save(&ctx, &exam, &basics).await.unwrap();
        let exam = again(&t, &exam).await;
        let check = exam::check(&t.app, &exam).await.unwrap();
        assert!(check.of(Part::Table).next().is_some_and(|text| text.contains("重新导入")));
        assert_eq!(refusal(exam::publish(&ctx, exam.public_id()).await.unwrap_err()), "exam_state");
        let exam = imported(&t, &ctx, &exam, COUNTY).await;
        exam::publish(&ctx, exam.public_id()).await.unwrap();
    }

    async fn applications_show_in_the_counts_of_their_position(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let position = exam.positions[0].0.clone();
        let lin = t.ready("林一舟").await;
        let id = crate::application::submitted(&lin, &exam, &position).await;
        let found = exam::find_by_id(&t.app, exam.id).await.unwrap();
        let of = async || {
            let table = positions::table(&t.app, &found).await.unwrap();
            positions::figures(&t.app, &found).await.unwrap().of(table.items()[0].id)
        };
        assert_eq!(of().await.applied, 0, "nobody has folded yet");
        t.run_jobs().await;
        exam::fold_counts(&t.app).await.unwrap();
        assert_eq!(of().await.applied, 1);
        assert_eq!(setup::figures(&t.app, &found).await.unwrap().applied, 1);
        let officer = officer(&t).await;
        assert_eq!(refusal(exam::unpublish(&officer, &exam.public_id).await.unwrap_err()), "exam_state");
        app::application::withdraw(&lin.ctx(), &id).await.unwrap();
        exam::fold_counts(&t.app).await.unwrap();
        assert_eq!(of().await.applied, 0);
    }

    async fn the_command_line_imports_a_file_into_a_new_exam(t: TestApp) {
        let file = ImportFile {
            exam_code: "CLI-1".into(),
            preset: Some(Preset::Recruitment),
            title: "命令行导入的考试".into(),
            file_name: "county.xlsx".into(),
            bytes: COUNTY.to_vec(),
            confirm: true,
        };
        let report = import::import_file(&t.app, &file).await.unwrap();
        assert!(report.confirmed && report.preview.errors().is_empty());
        let exam = exam::find(&t.app, &report.exam_public_id).await.unwrap();
        assert!(positions::table(&t.app, &exam).await.unwrap().items().len() >= 150);
        let missing = ImportFile { exam_code: "CLI-2".into(), preset: None, ..file };
        assert!(matches!(import::import_file(&t.app, &missing).await, Err(Error::NotFound)));
    }
}
