//! Tables from real workbooks: read whole, problem by problem, and taken over by one flip.

use app::Error;
use app::exam::import::{self, ImportFile};
use app::exam::part::{BasicsDraft, Draft as _, Part};
use app::exam::preset::Preset;
use app::exam::{self, positions, setup};
use testkit::{TestApp, both_backends};

use super::{
    BROKEN, CIVIL, COUNTY, INTERVIEW, PROFESSIONAL, SKILLS, again, at, draft, field, imported,
    officer, published, refusal,
};

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
        assert_eq!(setup::figures(&ctx, &exam).await.unwrap().positions, 0);

        import::confirm(&ctx, &exam, &preview.batch).await.unwrap();
        let exam = again(&t, &exam).await;
        let table = positions::table(&t.app, &exam).await.unwrap();
        assert_eq!(i64::try_from(table.items().len()).unwrap(), preview.batch.rows_good);
        assert_eq!(table.headcount(), preview.summary.headcount);
        assert_eq!(setup::figures(&ctx, &exam).await.unwrap().positions, preview.batch.rows_good);
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
