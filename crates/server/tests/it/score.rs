//! 成绩: imported whole, checked by a second person, invisible to the second of its time, corrected only with a reason.

use app::exam::import;
use app::score;
use app::{Error, Result};
use domain::exam::ExamSettings;
use domain::staff::Role;
use domain::time::Timestamp;
use testkit::{TestApp, TestExam, TestStaff, both_backends};

use crate::arrangement::{applied, book, find, patient, seat, straight};
use crate::halfway::halfway;

pub(crate) fn scored(settings: &mut ExamSettings) {
    straight(settings);
    let mut second = settings.papers[0].clone();
    settings.papers[0].name = "职测".into();
    second.code = "12".into();
    second.name = "综应".into();
    second.session = 2;
    second.starts_at = second.ends_at.plus_seconds(600);
    second.ends_at = second.starts_at.plus_seconds(7_200);
    settings.papers.push(second);
    settings.score.formula = Some("(职测+综应)/2".parse().unwrap());
    settings.score.rank_shown = true;
    settings.score.total_line = Some("60".parse().unwrap());
    settings
        .score
        .full_marks
        .insert("职测".into(), "100".parse().unwrap());
}

fn code(result: Result<impl std::fmt::Debug>) -> &'static str {
    match result {
        Err(Error::Refused(refusal)) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}

pub(crate) fn at(local: &str) -> Timestamp {
    Timestamp::parse_local(local).unwrap()
}

const TITLES: [&str; 4] = ["准考证号", "姓名", "职测", "综应"];
const VISIBLE: &str = "2026-05-08 10:00";

/// Ticket numbers in the order of the names that [`applied`] was given.
pub(crate) async fn tickets(
    t: &TestApp,
    people: &[(testkit::TestCandidate, String)],
) -> Vec<String> {
    let now = t.now();
    t.clock.set("2026-04-08 10:00");
    let mut numbers = Vec::new();
    for (who, id) in people {
        numbers.push(
            app::ticket::own(&who.ctx(), id)
                .await
                .unwrap()
                .content
                .ticket_no,
        );
    }
    t.clock.set_to(now);
    numbers
}

pub(crate) fn row(number: &str, name: &str, one: &str, two: &str) -> Vec<String> {
    [number, name, one, two].map(str::to_owned).to_vec()
}

pub(crate) async fn upload(
    t: &TestApp,
    by: &TestStaff,
    exam: &TestExam,
    rows: &[Vec<String>],
    reason: &str,
) -> Result<Option<String>> {
    let now = find(t, exam).await;
    let bytes = book(&TITLES, rows);
    let id = score::upload(&by.ctx().await, &now, ("成绩.xlsx", &bytes), reason).await?;
    let batch = import::find(&t.app, now.id(), &id).await?;
    let summary: serde_json::Value = serde_json::from_str(&batch.summary).unwrap();
    assert_eq!(
        batch.rows_read,
        batch.rows_good + batch.rows_bad,
        "rows in = matched + rejected"
    );
    Ok(summary["batch"].as_str().map(str::to_owned))
}

both_backends! {
    async fn scores_go_from_the_file_to_the_candidate_by_two_people_and_a_clock(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(scored).await;
        let people = applied(&t, &exam, &["林一舟", "欧阳喆䶮", "何小宁", "周明远"]).await;
        seat(&t, &t.staff(&[Role::ExamOfficer]).await.ctx().await, &exam, "甲").await;
        let numbers = tickets(&t, &people).await;
        t.clock.set("2026-05-01 09:00");
        let (maker, checker) = (t.staff(&[Role::ScoreOfficer]).await, t.staff(&[Role::ScoreOfficer]).await);
        let (mut made, mut checked) = (maker.browser(), checker.browser());
        let base = format!("/office/scores/{}", exam.public_id);
        made.get("/office/scores").await.expect(200).shows("未公布");
        made.get(&base).await.expect(200).shows("还没有成绩");
        let page = made.get(&format!("{base}/import")).await.expect(200);
        let form = page.form(&format!("{base}/import"));
        const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        let send = |rows: &[Vec<String>]| form.clone().file("file", "成绩.xlsx", XLSX, &book(&TITLES, rows));
        made.submit(form.clone().file("file", "x.xlsx", XLSX, b"PK\x03\x04")).await.expect(422).shows("文件已损坏");

        // One bad row, and nothing is written.
        for (bad, says) in [
            (row("999", "", "1", "2"), "没有这个准考证号"),
            (row(&numbers[0], "张三", "1", "2"), "姓名与准考证号不符"),
            (row(&numbers[0], "", "101", "2"), "超过满分"),
            (row(&numbers[0], "", "", "2"), "没有成绩"),
            (row(&numbers[0], "", "八十", "2"), "看不懂"),
        ] {
            let rows = [row(&numbers[1], "", "60", "60"), bad];
            let page = made.submit(send(&rows)).await.expect(200).shows(says);
            page.shows("现在没有写入任何成绩");
        }
        let now = find(&t, &exam).await;
        assert!(score::batches(&maker.ctx().await, &now).await.unwrap().is_empty());

        // A zero, an absence, a violation and an ordinary mark stay apart.
        let rows = [
            row(&numbers[0], "林一舟", "86.5", "70"),
            row(&numbers[1], "", "0", "90"),
            row(&numbers[2], "", "-1", "88"),
            row(&numbers[3], "", "50", "违纪"),
        ];
        let page = made.submit(send(&rows)).await.expect(200).shows("全部对上").shows("8 个成绩");
        let batch = page.link("查看成绩批次");
        let _page = made.get(&batch).await.expect(200).shows("待核对").shows("等待另一位成绩管理员核对").lacks("核对无误");
        let id = batch.rsplit('/').next().unwrap().to_owned();
        // One is found by his number or his name, whole, and the order can be turned round.
        let registered = score::marks(&maker.ctx().await, &score::batch(&maker.ctx().await, &now, &id).await.unwrap(), 0, 1).await.unwrap();
        assert_eq!(registered[0].name, "林一舟");
        for typed in [numbers[0].as_str(), registered[0].registration_no.as_str(), "林一舟", " 林一舟 "] {
            let form = made.get(&batch).await.expect(200);
            let form = form.forms().into_iter().find(|form| form.names().contains(&"who")).expect("a filter");
            made.submit(form.set("who", typed)).await.expect(200).shows("86.5").shows("林一舟").lacks("欧阳喆䶮").lacks("周明远");
        }
        for typed in ["林一", "999", "20260316"] {
            made.get(&format!("{batch}?who={typed}")).await.expect(200).shows("这批成绩里没有").lacks(&numbers[0]).lacks("林一舟");
        }
        let text = made.get(&format!("{batch}?sort=-applied")).await.expect(200).text();
        assert!(text.rfind("林一舟").unwrap() > text.rfind("周明远").unwrap(), "the last first");
        let text = made.get(&batch).await.expect(200).text();
        assert!(text.rfind("林一舟").unwrap() < text.rfind("周明远").unwrap(), "the first first");
        // Page by page, from either end, of all and of one name: everybody once, his subjects in their own order.
        let (ctx, whole) = (maker.ctx().await, score::batch(&maker.ctx().await, &now, &id).await.unwrap());
        for (who, people) in [("", 4), ("林一舟", 1)] {
            let mut ends = Vec::new();
            for descends in [false, true] {
                let looked = score::Looked { who: who.into(), descends };
                let (mut read, mut after) = (Vec::new(), None);
                loop {
                    // Two subjects each.
                    let page = score::marks_under(&ctx, &whole, &looked, after, 2).await.unwrap();
                    let Some(last) = page.last() else { break };
                    assert!(page.iter().all(|row| row.application_id == last.application_id) && page[0].subject_code < page[1].subject_code);
                    after = Some(last.application_id);
                    read.push(last.application_id);
                }
                ends.push(read);
            }
            assert_eq!(ends[0].len(), people);
            ends[1].reverse();
            assert_eq!(ends[0], ends[1]);
        }
        assert_eq!(code(score::check(&maker.ctx().await, &now, &id).await), "same_person");
        assert!(matches!(score::publish(&checker.ctx().await, &now, &id, (at(VISIBLE), "")).await, Err(Error::Conflict(_))), "unchecked");
        let page = checked.get(&batch).await.expect(200).shows("核对无误");
        let page = checked.submit(page.form(&format!("{batch}/check"))).await.expect(200).shows("待公布");
        let publish = page.form(&format!("{batch}/publish"));
        checked.submit(publish.clone().set("visible_at", "明天")).await.expect(422).shows("请填写公布时间");
        checked.submit(publish.set("visible_at", "2026-05-08T10:00")).await.expect(200).shows("定时公布");

        // Invisible on every route until the second.
        let mine = format!("/scores/{}", people[0].1);
        t.clock.set("2026-05-08 09:59:59");
        let lin = &people[0].0;
        let mut browser = lin.browser();
        browser.get("/scores").await.expect(200).shows("尚未公布").shows("10:00").lacks("86.5").lacks("查询成绩<");
        browser.get(&mine).await.shows("成绩尚未公布").lacks("86.5");
        assert_eq!(code(score::own(&lin.ctx(), &people[0].1).await), "score_not_yet");
        browser.post(&format!("{mine}/print"), &[]).await.lacks("%PDF");
        for address in ["/applications", "/home"] {
            browser.get(address).await.expect(200).lacks("成绩已公布").lacks("查询成绩");
        }
        t.clock.set(VISIBLE);
        let page = browser.get("/home").await.expect(200).shows("成绩已公布").lacks("已缴费");
        assert_eq!(page.link("查询成绩"), mine);
        browser.get("/applications").await.expect(200).shows("成绩已公布").shows("查询成绩");
        let page = browser.get("/scores").await.expect(200).shows("已公布");
        let link = page.link("查询成绩");
        let page = browser.get(&link).await.expect(200).shows("86.5").shows("78.25").shows("第 1 名").shows("共 2 人有成绩").shows("合格");
        let pdf = browser.submit(page.form(&format!("{link}/print"))).await.expect(200);
        assert!(pdf.body.starts_with(b"%PDF"));
        let own = |who: usize| {
            let ctx = people[who].0.ctx();
            let id = people[who].1.clone();
            async move { score::own(&ctx, &id).await.unwrap() }
        };
        let zero = own(1).await;
        assert_eq!((zero.lines[0].mark.as_str(), zero.lines[0].flag, zero.total.unwrap().mark.as_str()), ("0", "", "45.00"));
        assert_eq!(zero.passed, Some(false));
        let absent = own(2).await;
        assert_eq!((absent.lines[0].mark.as_str(), absent.lines[0].flag), ("", "缺考"));
        assert_eq!((absent.total.unwrap().flag, absent.rank), ("缺考", None));
        assert_eq!(own(3).await.lines[1].flag, "违纪");
        // Somebody else's scores aren't there.
        browser.get(&format!("/scores/{}", people[1].1)).await.expect(404);
        // The window ends.
        t.clock.set("2026-06-08 10:00");
        assert_eq!(code(score::own(&people[0].0.ctx(), &people[0].1).await), "score_closed");
    }

    async fn a_published_score_changes_only_with_a_reason_by_two_people(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(scored).await;
        let people = applied(&t, &exam, &["林一舟", "何小宁"]).await;
        seat(&t, &t.staff(&[Role::ExamOfficer]).await.ctx().await, &exam, "甲").await;
        let numbers = tickets(&t, &people).await;
        let (maker, checker) = (t.staff(&[Role::ScoreOfficer]).await, t.staff(&[Role::ScoreOfficer]).await);
        let rows = [row(&numbers[0], "", "60", "60"), row(&numbers[1], "", "70", "70")];
        let first = upload(&t, &maker, &exam, &rows, "").await.unwrap().unwrap();
        let now = find(&t, &exam).await;
        score::check(&checker.ctx().await, &now, &first).await.unwrap();
        // Nobody can have scores before the exam is over.
        for early in [t.now(), at("2026-04-12 16:59")] {
            let refused = score::publish(&checker.ctx().await, &now, &first, (early, "")).await;
            assert!(matches!(&refused, Err(Error::Fields(errors)) if errors.get("visible_at").is_some()), "{refused:?}");
        }
        t.clock.set("2026-04-12 17:00");
        score::publish(&checker.ctx().await, &now, &first, (t.now(), "")).await.unwrap();
        let seen = |who: usize| {
            let (ctx, id) = (people[who].0.ctx(), people[who].1.clone());
            async move { score::own(&ctx, &id).await.unwrap().lines[0].mark.clone() }
        };
        assert_eq!(seen(0).await, "60");

        let mended = [row(&numbers[0], "", "61", "60"), row(&numbers[1], "", "70", "70")];
        assert!(matches!(upload(&t, &maker, &exam, &mended, "").await, Err(Error::Fields(_))), "no reason");
        let second = upload(&t, &maker, &exam, &mended, "复查更正 1 人").await.unwrap().unwrap();
        let now = find(&t, &exam).await;
        let batch = score::batch(&maker.ctx().await, &now, &second).await.unwrap();
        let changes = score::changes(&maker.ctx().await, &now, &batch).await.unwrap();
        assert_eq!(changes.len(), 1);
        assert_eq!((changes[0].old.as_str(), changes[0].new.as_str(), changes[0].name.as_str()), ("60", "61", "林一舟"));
        assert_eq!(code(score::check(&maker.ctx().await, &now, &second).await), "same_person");
        assert_eq!(seen(0).await, "60", "nothing changes before publication");
        score::check(&checker.ctx().await, &now, &second).await.unwrap();
        score::publish(&checker.ctx().await, &now, &second, (t.now(), "")).await.unwrap();
        assert_eq!(seen(0).await, "61");
        let now = find(&t, &exam).await;
        let batches = score::batches(&checker.ctx().await, &now).await.unwrap();
        assert_eq!(batches.iter().map(|one| one.row.state.as_str()).collect::<Vec<_>>(), ["published", "superseded"]);
        assert_eq!(batches[0].row.reason, "复查更正 1 人");
        // The old values stay in the old batch.
        let old = score::marks(&checker.ctx().await, &batches[1], 0, 10).await.unwrap();
        assert!(old.iter().any(|mark| mark.name == "林一舟" && mark.mark == "60"));

        // One more, given up.
        let third = upload(&t, &maker, &exam, &mended, "再次核对").await.unwrap().unwrap();
        let other = score::discard(&checker.ctx().await, &now, &third, "").await;
        assert!(matches!(other, Err(Error::Fields(_))), "whoever imported it is told why: {other:?}");
        score::discard(&checker.ctx().await, &now, &third, "第 3 考场漏登两人").await.unwrap();
        let home = maker.browser().get("/office").await.expect(200).shows("导入的成绩").shows("被放弃").shows("第 3 考场漏登两人");
        assert!(home.own_links().iter().any(|link| link.ends_with(&third)));
        let gone = score::batch(&maker.ctx().await, &now, &third).await.unwrap();
        assert!(score::marks(&maker.ctx().await, &gone, 0, 10).await.unwrap().is_empty());
        assert!(matches!(score::discard(&maker.ctx().await, &now, &second, "").await, Err(Error::Conflict(_))));
        assert_eq!(seen(0).await, "61");
    }

    async fn a_correction_never_hides_what_candidates_see_already(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(scored).await;
        let people = applied(&t, &exam, &["林一舟", "何小宁"]).await;
        seat(&t, &t.staff(&[Role::ExamOfficer]).await.ctx().await, &exam, "甲").await;
        let numbers = tickets(&t, &people).await;
        t.clock.set("2026-05-08 09:00");
        let (maker, checker) = (t.staff(&[Role::ScoreOfficer]).await, t.staff(&[Role::ScoreOfficer]).await);
        let ready = async |mark: &str, reason: &str| {
            let rows = [row(&numbers[0], "", mark, "60"), row(&numbers[1], "", "70", "70")];
            let batch = upload(&t, &maker, &exam, &rows, reason).await.unwrap().unwrap();
            let now = find(&t, &exam).await;
            score::check(&checker.ctx().await, &now, &batch).await.unwrap();
            batch
        };
        let publish = async |batch: &str, local: &str| {
            let now = find(&t, &exam).await;
            score::publish(&checker.ctx().await, &now, batch, (at(local), "")).await
        };
        let first = ready("60", "").await;
        // Outside 成绩查询 nobody could see them.
        let late = publish(&first, "2026-06-08 10:00").await;
        assert!(matches!(&late, Err(Error::Fields(errors)) if errors.get("visible_at").unwrap().contains("成绩查询")), "{late:?}");
        publish(&first, "2026-05-08 10:00").await.unwrap();
        // Until somebody sees them, a correction may have a time of its own.
        let second = ready("61", "复查更正 1 人").await;
        publish(&second, "2026-05-08 11:00").await.unwrap();

        t.clock.set("2026-05-08 11:00");
        let seen = async || score::own(&people[0].0.ctx(), &people[0].1).await.unwrap().lines[0].mark.clone();
        assert_eq!(seen().await, "61");
        let third = ready("62", "再次更正 1 人").await;
        let base = format!("/office/scores/{}/batches/{third}", exam.public_id);
        let mut desk = checker.browser();
        let page = desk.get(&base).await.expect(200);
        let form = page.form(&format!("{base}/publish"));
        let later = form.clone().set("visible_at", "2026-05-08T11:01");
        desk.submit(later).await.expect(422).shows("现在的成绩考生已经能查到");
        assert_eq!(seen().await, "61", "what was seen stays in sight");
        // The control: at once it may be.
        desk.submit(form).await.expect(200).shows("已公布");
        assert_eq!(seen().await, "62");
    }

    async fn a_missing_mark_is_told_and_is_no_absence(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(scored).await;
        let people = applied(&t, &exam, &["林一舟", "何小宁"]).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let (maker, checker) = (t.staff(&[Role::ScoreOfficer]).await, t.staff(&[Role::ScoreOfficer]).await);
        assert_eq!(code(upload(&t, &maker, &exam, &[], "").await), "no_tickets");
        assert!(matches!(upload(&t, &officer, &exam, &[], "").await, Err(Error::Forbidden)));
        seat(&t, &officer.ctx().await, &exam, "甲").await;
        let numbers = tickets(&t, &people).await;
        let tail = &people[0].0.person.number[14..];
        let now = find(&t, &exam).await;
        // One row per subject, cross-checked with the last four of the number.
        let titles = ["准考证号", "证件号后四位", "科目代码", "成绩"];
        let line = |tail: &str| vec![[&numbers[0], tail, "11", "80"].map(str::to_owned).to_vec()];
        let ctx = maker.ctx().await;
        let id = score::upload(&ctx, &now, ("a.xlsx", &book(&titles, &line("0000"))), "").await.unwrap();
        let batch = import::find(&t.app, now.id(), &id).await.unwrap();
        assert_eq!((batch.rows_good, batch.rows_bad), (0, 1));
        let id = score::upload(&ctx, &now, ("a.xlsx", &book(&titles, &line(tail))), "").await.unwrap();
        let batch = import::find(&t.app, now.id(), &id).await.unwrap();
        let problems = import::problems_of(&t.app, batch.id).await.unwrap();
        assert_eq!(problems.iter().filter(|one| one.severity == "warning").count(), 3);
        let summary: serde_json::Value = serde_json::from_str(&batch.summary).unwrap();
        let scores = summary["batch"].as_str().unwrap();
        score::check(&checker.ctx().await, &now, scores).await.unwrap();
        t.clock.set("2026-04-12 17:00");
        score::publish(&checker.ctx().await, &now, scores, (t.now(), "")).await.unwrap();
        let report = score::own(&people[0].0.ctx(), &people[0].1).await.unwrap();
        assert_eq!((report.lines.len(), report.total.unwrap().flag, report.rank), (1, "暂无成绩", None));
        assert_eq!(code(score::own(&people[1].0.ctx(), &people[1].1).await), "no_score");
    }

    async fn a_batch_given_up_in_the_middle_of_its_staging_leaves_no_row(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(scored).await;
        let people = applied(&t, &exam, &["林一舟", "何小宁"]).await;
        seat(&t, &t.staff(&[Role::ExamOfficer]).await.ctx().await, &exam, "甲").await;
        let numbers = tickets(&t, &people).await;
        let (maker, other) = (t.staff(&[Role::ScoreOfficer]).await.ctx().await, t.staff(&[Role::ScoreOfficer]).await.ctx().await);
        let now = find(&t, &exam).await;
        let bytes = book(&TITLES, &[row(&numbers[0], "", "60", "60"), row(&numbers[1], "", "70", "70")]);
        let rows = async || -> (i64, i64) {
            let scan = t.app.db().scan(db::Crowd::System);
            scan.one(db::sql!("SELECT (SELECT COUNT(*) FROM score), (SELECT COUNT(*) FROM score_total)"), db::p![]).await.unwrap()
        };
        let mut stopped = false;
        for _ in 0..20 {
            let mut staging = std::pin::pin!(score::upload(&maker, &now, ("成绩.xlsx", &bytes), ""));
            let mut ended = halfway(staging.as_mut(), async || rows().await.0 > 0).await;
            stopped = ended.is_none() && rows().await == (4, 0);
            if ended.is_none() && !stopped {
                // The totals came in the same step as the marks, which proves nothing.
                ended = Some(staging.as_mut().await);
            }
            let batch = score::batches(&other, &now).await.unwrap().remove(0);
            score::discard(&other, &now, &batch.row.public_id, "另一份表才是对的").await.unwrap();
            if ended.is_none() {
                let ended = staging.await;
                assert!(matches!(ended, Err(Error::Conflict(_))), "{ended:?}");
                break;
            }
        }
        assert!(stopped, "the marks were there and the totals to come");
        assert_eq!(rows().await, (0, 0));
        // The control: nobody gives the next one up, and it goes through.
        score::upload(&maker, &now, ("成绩.xlsx", &bytes), "").await.unwrap();
        assert_eq!(rows().await, (4, 2));
    }
}
