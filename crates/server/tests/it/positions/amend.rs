//! 更正: field by field, with a notice; nothing published is changed in place.

use app::exam::amendment::{self, Publication};
use app::exam::import;
use app::exam::positions;
use app::{Error, application};
use documents::xlsx::{ColumnSpec, Writer};
use domain::sheet::Cell;
use domain::staff::Role;
use testkit::{TestApp, both_backends, submitted};

use super::*;

pub(super) const HEAD: [&str; 8] = [
    "主管部门",
    "招聘单位",
    "岗位名称",
    "岗位代码",
    "招聘人数",
    "学历",
    "专业",
    "工作经历",
];

/// A table as the centre publishes it anew.
pub(super) fn table(t: &TestApp, rows: &[[&str; 8]]) -> Vec<u8> {
    let columns: Vec<_> = HEAD
        .iter()
        .map(|title| ColumnSpec::new(*title, 16.0))
        .collect();
    let mut writer = Writer::new("岗位表", &columns, t.now()).unwrap();
    for row in rows {
        writer.row(&row.map(Cell::text)).unwrap();
    }
    writer.finish().unwrap()
}

fn publication() -> Publication {
    Publication {
        reason: "专业名称核对有误".into(),
        title: "招聘公告补充公告".into(),
        body: "数字资源管理岗位的专业要求更正如下。\n其他不变。".into(),
    }
}

both_backends! {
    async fn one_position_is_amended_with_a_notice_and_those_who_applied_keep_what_they_submitted(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let (lin, su) = (t.ready("林一舟").await, t.ready("苏晓").await);
        let id = submitted(&lin, &exam, POSITION).await;
        submitted(&su, &exam, OTHER).await;
        let hash = view(&lin, &id).await.row.snapshot_hash;
        let officer = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let now = found(&t, &exam).await;
        let position = exam.position(POSITION);
        assert!(field(amendment::draft_one(&officer, &now, position, &typed(&[])).await, "name").contains("没有改动"));
        assert!(!field(amendment::draft_one(&officer, &now, position, &typed(&[("headcount", "若干")])).await, "headcount").is_empty());
        let change = typed(&[("headcount", "3"), ("major", "会计学")]);
        let draft = amendment::draft_one(&officer, &now, position, &change).await.unwrap();
        let seen = amendment::find(&officer, &now, &draft).await.unwrap();
        let fields: Vec<_> = seen.revisions[0].1.iter().map(|c| (c.field.as_str(), c.old.as_str(), c.new.as_str())).collect();
        assert_eq!(fields, [("招聘人数", "2", "3"), ("专业", "不限", "会计学")]);
        // What it means to those who applied is counted before anybody confirms it; 林一舟 studied information management.
        assert_eq!((seen.summary.applied, seen.summary.unfit()), (1, 1));
        assert!(seen.row.notice_body.contains("招聘人数由“2”改为“3”"), "{}", seen.row.notice_body);
        // Until it is published nothing is visible.
        let before = positions::find(&t.app, &now, position).await.unwrap();
        assert_eq!(before.position.headcount, 2);
        assert!(field(amendment::publish(&officer, &now, &draft, &Publication::default()).await, "reason").contains("原因"));
        let wang = t.ready("王五").await;
        submitted(&wang, &exam, POSITION).await;
        amendment::recount(&officer, &now, &draft).await.unwrap();
        assert_eq!(amendment::find(&officer, &now, &draft).await.unwrap().summary.unfit(), 2);
        amendment::publish(&officer, &now, &draft, &publication()).await.unwrap();
        t.run_jobs().await;
        let now = found(&t, &exam).await;
        let item = positions::find(&t.app, &now, position).await.unwrap();
        assert_eq!((item.position.headcount, item.position.majors.as_str()), (3, "会计学"));
        assert_eq!(exam::setup::figures(&t.system(), &now).await.unwrap().headcount, 7);
        let kept = application::own_content(&lin.ctx(), &view(&lin, &id).await).await.unwrap();
        assert_eq!(view(&lin, &id).await.row.snapshot_hash, hash);
        assert_eq!(kept.verdict, domain::eligibility::Verdict::Pass);
        assert_eq!(standing(&lin, &id).await, ["live", "", "pending", "none"]);
        assert!(titles(&lin).await.contains(&"报考岗位有更正，请核对条件".to_owned()));
        // The reviewer sees what changed since, and nothing passes by a comparison with conditions that no longer stand.
        assert_eq!(view(&lin, &id).await.row.verdict, "fail");
        let reviewer = t.staff(&[Role::FirstReviewer]).await;
        let bench = app::review::bench(&reviewer.ctx().await, &id).await.unwrap();
        assert_eq!(bench.amended.len(), 1);
        assert_eq!(bench.lines[0].answer.verdict(), domain::eligibility::Verdict::Fail);
        reviewer.browser().get(&format!("/office/reviews/{}/{id}", exam.public_id)).await
            .expect(200).shows("报名以后岗位有更正").shows("招聘人数由“2”改为“3”");
        assert!(!titles(&su).await.iter().any(|title| title.contains("更正")));
        let history = amendment::history(&t.app, &item).await.unwrap();
        assert_eq!(history.len(), 1);
        assert_eq!((history[0].row.told, history[0].row.unfit, history[0].row.reason.as_str()), (2, 2, "专业名称核对有误"));
        t.browser().get("/news").await.expect(200).shows("招聘公告补充公告");
        t.browser().get(&format!("/exams/{}/positions/{position}", exam.public_id)).await.expect(200).shows("会计学");
        // New people are compared with what stands now; whoever saves again, too.
        let late = t.ready("钱七").await;
        assert_eq!(refusal(moves(&late, &exam, POSITION).await), "not_eligible");
        sound(&t).await;
    }

    async fn the_row_that_was_published_first_never_changes(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let officer = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let rows = async || crate::invariants::text_of(&t, "SELECT content || rules || name || CAST(headcount AS TEXT) FROM position WHERE code = '0301'").await;
        let before = rows().await;
        for headcount in ["3", "4"] {
            let now = found(&t, &exam).await;
            let draft = amendment::draft_one(&officer, &now, exam.position(POSITION), &typed(&[("headcount", headcount)])).await.unwrap();
            amendment::publish(&officer, &now, &draft, &publication()).await.unwrap();
        }
        assert_eq!(rows().await, before);
        let now = found(&t, &exam).await;
        let item = positions::find(&t.app, &now, exam.position(POSITION)).await.unwrap();
        assert_eq!(item.position.headcount, 4);
        let history = amendment::history(&t.app, &item).await.unwrap();
        let changes: Vec<_> = history.iter().map(|past| (past.changes[0].old.as_str(), past.changes[0].new.as_str())).collect();
        assert_eq!(changes, [("3", "4"), ("2", "3")]);
    }

    async fn a_changed_table_over_a_published_one_shows_added_changed_and_vanished_codes(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let lin = t.ready("林一舟").await;
        submitted(&lin, &exam, OTHER).await;
        app::statistics::fold(&t.app).await.unwrap();
        let officer = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let now = found(&t, &exam).await;
        // The old door stays shut.
        let same = table(&t, &[["市图书馆", "市图书馆", POSITION, "0301", "2", "本科及以上", "不限", "不限"]]);
        assert_eq!(refusal(import::upload(&officer, &now, "表.xlsx", &same).await), "exam_published");
        let new = table(&t, &[
            ["市图书馆", "市图书馆", POSITION, "0301", "5", "本科及以上", "不限", "不限"],
            ["市博物馆", "市博物馆", "财务会计", "0302", "2", "本科及以上", "会计学", "不限"],
            ["市图书馆", "市图书馆", "古籍修复", "0399", "1", "本科及以上", "不限", "不限"],
            ["市图书馆", "市图书馆", "坏行", "0400", "若干", "本科及以上", "不限", "不限"],
        ]);
        let draft = amendment::draft_import(&officer, &now, "更正表.xlsx", &new).await.unwrap();
        let seen = amendment::find(&officer, &now, &draft).await.unwrap();
        let summary = &seen.summary;
        let codes = |list: &[amendment::Named]| list.iter().map(|one| (one.code.clone(), one.count)).collect::<Vec<_>>();
        assert_eq!(codes(&summary.added), [("0399".to_owned(), 1)]);
        assert_eq!(codes(&summary.vanished), [("0303".to_owned(), 1)]);
        assert_eq!(summary.refused.len(), 1);
        assert!(summary.changed >= 1, "{summary:?}");
        // The table of an amendment can't be taken over by the old door once the exam is a draft again, either.
        let table_before = positions::table(&t.app, &now).await.unwrap().items().len();
        assert_eq!(table_before, 3);
        amendment::publish(&officer, &now, &draft, &publication()).await.unwrap();
        t.run_jobs().await;
        let now = found(&t, &exam).await;
        let table_now = positions::table(&t.app, &now).await.unwrap();
        let found: Vec<_> = table_now.items().iter().map(|item| (item.position.code.as_str(), item.position.headcount)).collect();
        assert_eq!(found, [("0301", 5), ("0302", 2), ("0303", 2), ("0399", 1)]);
        assert_eq!(exam::setup::figures(&t.system(), &now).await.unwrap().positions, 4);
        // The added one takes people; the vanished one keeps his.
        let su = t.ready("苏晓").await;
        let added = table_now.items()[3].public_id.clone();
        let form = testkit::application_form(&su.ctx(), &added);
        application::submit(&su.ctx(), &exam.public_id, &form).await.unwrap();
        assert_eq!(view(&lin, &application::mine(&lin.ctx()).await.unwrap()[0].row.public_id).await.row.life, "live");
        sound(&t).await;
    }

    async fn employers_are_not_amended_and_a_table_without_news_is_none(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let officer = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let now = found(&t, &exam).await;
        let moved = table(&t, &[["市文化馆", "市文化馆", POSITION, "0301", "5", "本科及以上", "不限", "不限"]]);
        assert!(field(amendment::draft_import(&officer, &now, "表.xlsx", &moved).await, "file").contains("没有可以更正的行"));
        assert!(!field(amendment::draft_import(&officer, &now, "表.xlsx", b"no workbook").await, "file").is_empty());
    }

    async fn what_was_drafted_against_an_older_table_is_not_published(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let officer = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let now = found(&t, &exam).await;
        let one = amendment::draft_one(&officer, &now, exam.position(POSITION), &typed(&[("headcount", "3")])).await.unwrap();
        let two = amendment::draft_one(&officer, &now, exam.position(POSITION), &typed(&[("headcount", "4")])).await.unwrap();
        amendment::publish(&officer, &now, &two, &publication()).await.unwrap();
        assert!(matches!(amendment::publish(&officer, &now, &one, &publication()).await, Err(Error::Conflict(_))));
        assert!(matches!(amendment::publish(&officer, &now, &two, &publication()).await, Err(Error::Conflict(_))));
        amendment::discard(&officer, &now, &one).await.unwrap();
        assert!(matches!(amendment::discard(&officer, &now, &one).await, Err(Error::Conflict(_))));
        let now = found(&t, &exam).await;
        assert!(!amendment::find(&officer, &now, &one).await.unwrap().is_draft());
        assert_eq!(positions::find(&t.app, &now, exam.position(POSITION)).await.unwrap().position.headcount, 4);
        assert_eq!(amendment::list(&officer, &now, None, 10).await.unwrap().len(), 1);
    }

    async fn a_discarded_table_leaves_no_position_behind(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let officer = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let now = found(&t, &exam).await;
        let new = table(&t, &[["市图书馆", "市图书馆", "古籍修复", "0399", "1", "本科及以上", "不限", "不限"]]);
        let draft = amendment::draft_import(&officer, &now, "表.xlsx", &new).await.unwrap();
        assert_eq!(crate::invariants::text_of(&t, "SELECT CAST(COUNT(*) AS TEXT) FROM position WHERE code = '0399'").await, "1");
        assert_eq!(positions::table(&t.app, &now).await.unwrap().items().len(), 3);
        amendment::discard(&officer, &now, &draft).await.unwrap();
        assert_eq!(crate::invariants::text_of(&t, "SELECT CAST(COUNT(*) AS TEXT) FROM position WHERE code = '0399'").await, "0");
    }

    async fn an_amendment_waits_while_a_decision_is_carried_out(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let desk = Desk::of(&t).await;
        let (one, two) = (desk.one.ctx().await, desk.two.ctx().await);
        let now = found(&t, &exam).await;
        let draft = amendment::draft_one(&one, &now, exam.position(OTHER), &typed(&[("headcount", "3")])).await.unwrap();
        let id = asked(&one, &t, &exam, POSITION).await;
        decision::decide(&two, &now, &id, true, "").await.unwrap();
        assert_eq!(refusal(amendment::publish(&one, &now, &draft, &publication()).await), "decision_running");
        t.run_jobs().await;
        // The decision amended the table: the draft is of yesterday.
        assert!(matches!(amendment::publish(&one, &now, &draft, &publication()).await, Err(Error::Conflict(_))));
    }

    async fn a_crash_tells_nobody_twice_and_forgets_nobody(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let mut people = Vec::new();
        for name in ["张三", "李四", "王五"] {
            let who = t.ready(name).await;
            submitted(&who, &exam, POSITION).await;
            people.push(who);
        }
        let officer = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let now = found(&t, &exam).await;
        let draft = amendment::draft_one(&officer, &now, exam.position(POSITION), &typed(&[("headcount", "3")])).await.unwrap();
        amendment::publish(&officer, &now, &draft, &publication()).await.unwrap();
        let row = amendment::find(&officer, &now, &draft).await.unwrap().row;
        assert_eq!(amendment::tell::tell_some(&t.system(), row.id, 2).await.unwrap(), Some(2));
        crate::invariants::run(&t, &["UPDATE job SET state = 'dead', finished_at = 1 WHERE name = 'exam.tell_amendment'"]).await;
        t.clock.advance(120);
        t.run_jobs().await;
        t.run_jobs().await;
        for who in &people {
            assert_eq!(titles(who).await.iter().filter(|title| *title == "报考岗位有更正").count(), 1);
        }
        assert!(amendment::find(&officer, &now, &draft).await.unwrap().row.told_at.is_some());
    }
}
