//! 归档: two people, a file that is whole, and what has an end gone when its time is over, not before.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use app::application::{self, Form, files};
use app::archive::{self, build, purge};
use app::{Error, exam};
use db::{Crowd, p, sql};
use domain::archive::{Material, Section};
use domain::exam::question::Answer;
use domain::sheet::Sheet;
use domain::staff::Role;
use testkit::{
    TestApp, TestCandidate, TestExam, TestStaff, application_form, archive_request, both_backends,
};

use crate::application::submitted;
use crate::arrangement::{applied, find, patient, seat, straight};
use crate::invariants::run;
use crate::score::{self, scored, tickets};

const POSITION: &str = "数字资源管理";

struct Set {
    exam: TestExam,
    people: Vec<TestCandidate>,
    officers: [TestStaff; 2],
}

impl Set {
    fn base(&self) -> String {
        format!("/office/exams/{}/archive", self.exam.public_id)
    }

    fn id(&self) -> &str {
        &self.exam.public_id
    }
}

/// Three applicants, one with files in the rows and in the store and with a photo that he replaced; one approved; registration closed.
async fn over(t: &TestApp) -> Set {
    let exam = t.recruitment(|_| {}).await;
    let mut people = Vec::new();
    for name in ["林一舟", "苏晓", "王二"] {
        people.push(t.ready(name).await);
    }
    let lin = &people[0];
    t.upload_photo(lin).await;
    let ctx = lin.ctx();
    let proof = testkit::test_settings().questions;
    let proof = proof.into_iter().find(|one| one.key == "proof").unwrap();
    let mut proofs = Vec::new();
    for (name, size) in [("小.pdf", 1_000), ("大.pdf", 300_000)] {
        let bytes = [b"%PDF-".as_slice(), &vec![b'x'; size]].concat();
        proofs.push(files::attach(&ctx, &proof, name, &bytes).await.unwrap());
    }
    let usual = application_form(&ctx, exam.position(POSITION));
    let mut answers = usual.answers.clone();
    answers.insert("proof".into(), Answer::Files(proofs));
    let form = Form { answers, ..usual };
    application::submit(&ctx, &exam.public_id, &form)
        .await
        .unwrap();
    for one in &people[1..] {
        submitted(one, &exam, POSITION).await;
    }
    let reviewer = t.staff(&[Role::FirstReviewer]).await.ctx().await;
    let second = application::mine(&people[1].ctx()).await.unwrap()[0]
        .row
        .public_id
        .clone();
    let reject = app::review::Decision::Reject {
        code: "other".into(),
        reason: "专业不符合岗位要求".into(),
    };
    crate::review::decide(&reviewer, &second, &reject)
        .await
        .unwrap();
    let officers = [
        t.staff(&[Role::ExamOfficer]).await,
        t.staff(&[Role::ExamOfficer]).await,
    ];
    exam::close(&officers[0].ctx().await, &exam.public_id)
        .await
        .unwrap();
    Set {
        exam,
        people,
        officers,
    }
}

/// Asked for and confirmed, the files not made yet.
async fn confirmed(set: &Set, days: &[(Material, &str)]) {
    confirmed_by(&set.officers, set.id(), days).await;
}

async fn confirmed_by(officers: &[TestStaff; 2], exam: &str, days: &[(Material, &str)]) {
    let mut ask = archive_request("招聘工作已结束");
    for (material, days) in days {
        ask.keep.insert(material.code().into(), (*days).into());
    }
    archive::ask(&officers[0].ctx().await, exam, &ask)
        .await
        .unwrap();
    archive::decide(&officers[1].ctx().await, exam, true, "")
        .await
        .unwrap();
}

/// A closed exam archived, handed over, and rid of what is due.
pub(crate) async fn put_away(
    t: &TestApp,
    officers: &[TestStaff; 2],
    exam: &str,
    days: &[(Material, &str)],
) {
    confirmed_by(officers, exam, days).await;
    t.run_jobs().await;
    handed_by(&officers[0], exam).await;
    due(t).await;
}

async fn row(set: &Set) -> archive::ArchiveRow {
    archive::find(&set.officers[0].ctx().await, set.id())
        .await
        .unwrap()
        .1
        .unwrap()
}

pub(crate) fn unzipped(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|at| {
            let mut entry = zip.by_index(at).unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            (entry.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(<sha2::Sha256 as sha2::Digest>::digest(bytes))
}

pub(crate) fn of<'a>(
    files: &'a BTreeMap<String, Vec<u8>>,
    section: Section,
    ending: &str,
) -> &'a [u8] {
    let found = files
        .iter()
        .find(|(name, _)| name.contains(section.label()) && name.ends_with(ending));
    found
        .unwrap_or_else(|| panic!("no {section:?} in {:?}", files.keys()))
        .1
}

pub(crate) fn book(bytes: &[u8]) -> Sheet {
    documents::xlsx::read(bytes).unwrap().remove(0)
}

pub(crate) fn texts(sheet: &Sheet) -> String {
    format!("{sheet:?}")
}

/// Everything taken and handed over.
async fn handed(set: &Set) {
    handed_by(&set.officers[0], set.id()).await;
}

async fn handed_by(officer: &TestStaff, exam: &str) {
    let ctx = officer.ctx().await;
    let mut taken = archive::take_all(&ctx, exam).await.unwrap();
    while let Some(piece) = taken.pieces.recv().await {
        piece.unwrap();
    }
    let row = archive::find(&ctx, exam).await.unwrap().1.unwrap();
    archive::hand(&ctx, exam, "档案室 王敏", row.check_code())
        .await
        .unwrap();
}

/// Bytes of everything that is kept of applicants: contents, files in rows, files in the store.
async fn kept(t: &TestApp, set: &Set) -> (i64, i64, usize) {
    let scan = t.app.db().scan(Crowd::System);
    let contents: i64 = scan
        .one(
            sql!("SELECT COALESCE(CAST(SUM(LENGTH(snapshot) + LENGTH(answers)) AS BIGINT), 0) FROM application WHERE exam_id = $1"),
            p![set.exam.id],
        )
        .await
        .unwrap();
    let scan = t.app.db().scan(Crowd::System);
    let files: i64 = scan
        .one(
            sql!("SELECT COUNT(*) FROM object WHERE kind = 'attachment' AND size > 0"),
            p![],
        )
        .await
        .unwrap();
    (contents, files, t.objects.len())
}

async fn due(t: &TestApp) {
    // Several looks, as the timer has them.
    for _ in 0..3 {
        purge::purge_due(&t.system()).await.unwrap();
    }
}

async fn sound(t: &TestApp) {
    // The clock was turned by days.
    app::audit::seal_all(&t.system()).await.unwrap();
    let mut snapshot = db::backup::Snapshot::take(&t.options, t.folder())
        .await
        .unwrap();
    let findings = app::invariants::check(&mut snapshot, &t.keyring, t.now())
        .await
        .unwrap();
    snapshot.close().await;
    for finding in findings {
        assert_eq!(finding.violations, 0, "{finding:?}");
    }
}

fn refused<T: std::fmt::Debug>(answer: app::Result<T>) -> &'static str {
    match answer {
        Err(Error::Refused(refusal)) => refusal.code,
        other => panic!("{other:?}"),
    }
}

both_backends! {
    async fn every_workbook_of_a_rehearsal_says_what_it_is(t: TestApp) {
        let exam = t.rehearsal("春季试演", |_| {}).await;
        app::exam::close(&t.system(), &exam.public_id).await.unwrap();
        let (one, _) = t.archived(&exam.public_id).await;
        let mut browser = one.browser();
        let base = format!("/office/exams/{}/archive", exam.public_id);
        let page = browser.get(&base).await.expect(200);
        let all = browser.submit(page.form(&format!("{base}/take-all"))).await.expect(200);
        let books: Vec<_> = unzipped(&all.body).into_iter().filter(|(name, _)| name.ends_with(".xlsx")).collect();
        assert!(books.len() >= 3, "{}", books.len());
        for (name, bytes) in books {
            let sheet = book(&bytes);
            assert!(sheet.name.starts_with("演练 "), "{name}: {}", sheet.name);
            let last = format!("{:?}", sheet.rows.last().unwrap());
            assert!(last.contains(domain::rehearsal::PAPER), "{name}: {last}");
        }
        // So does its table of positions; that of a real exam doesn't.
        let mut officer = t.staff(&[Role::ExamOfficer]).await.browser();
        let real = t.recruitment(|_| {}).await;
        for (exam, marked) in [(&exam, true), (&real, false)] {
            let table = officer.get(&format!("/office/exams/{}/table/export", exam.public_id)).await.expect(200);
            let sheet = book(&table.body);
            assert_eq!(sheet.name.starts_with("演练 "), marked, "{}", sheet.name);
            assert_eq!(texts(&sheet).contains(domain::rehearsal::PAPER), marked);
        }
    }

    async fn an_exam_is_archived_by_two_people_on_its_pages_and_its_file_is_whole(t: TestApp) {
        let set = over(&t).await;
        let (base, mut one, mut two) = (set.base(), set.officers[0].browser(), set.officers[1].browser());
        let page = one.get(&base).await.expect(200).shows("2 人的资格审查还没有结论").shows("请留意");
        // What is still open has to be known, the reason written, the days be days.
        let form = page.form(&base).set("keep.attachments", "一年");
        let again = one.submit(form).await.expect(422).shows("0 至 3650").shows("4 至 500 个字").shows("请确认已了解");
        assert_eq!(again.form(&base).value("keep.attachments"), Some("一年"), "what was typed stays");
        let form = page.form(&base).set("reason", "招聘工作已结束，按规定归档").set("aware", "1");
        one.submit(form.clone()).await.expect(200).shows("待复核").shows("须由另一位工作人员复核").lacks("同意归档");
        one.submit(form).await.expect(409);
        // It waits on the home page of who may confirm it, and leads there; not on that of who asked.
        one.get("/office").await.expect(200).lacks("考试事项待办理");
        two.get("/office").await.expect(200).shows("考试事项待办理");
        let waits = two.get("/office/approvals").await.expect(200).shows("归档，待复核");
        assert_eq!(waits.link("归档，待复核"), base);
        let elsewhere = t.recruitment(|_| {}).await;
        let elsewhere = t.staff_with(&[(Role::ExamOfficer, elsewhere.id, String::new())]).await;
        elsewhere.browser().get("/office/approvals").await.expect(200).lacks("归档，待复核");
        // Not by the one who asked.
        let own = archive::decide(&set.officers[0].ctx().await, set.id(), true, "").await;
        assert_eq!(refused(own), "same_person");
        let word = two.get(&base).await.expect(200).form(&format!("{base}/word"));
        two.submit(word.clone().press("不同意")).await.expect(422).shows("请写明原因");
        two.submit(word.press("同意归档")).await.expect(200).shows("正在生成");
        assert!(matches!(exam::shown(&t.ctx(app::Actor::Anonymous), set.id()).await, Err(Error::NotFound)), "gone for candidates");
        t.run_jobs().await;
        one.get("/office/approvals").await.expect(200).shows("考试档案已生成，待移交");
        let page = one.get(&base).await.expect(200).shows("待移交").shows("还有").shows("卷内目录");
        // All files in one, each with the digest of the list.
        let all = one.submit(page.form(&format!("{base}/take-all"))).await.expect(200);
        let files = unzipped(&all.body);
        let list = String::from_utf8(of(&files, Section::Contents, "csv").to_vec()).unwrap();
        let lines: Vec<Vec<&str>> = list.lines().skip(1).map(|line| line.split(',').collect()).collect();
        assert_eq!(lines.len() + 2, files.len(), "the list names every file but itself: {:?}", files.keys());
        for line in &lines {
            assert_eq!(sha256(&files[line[0]]), line[3], "{}", line[0]);
            assert_eq!(files[line[0]].len().to_string(), line[2], "{}", line[0]);
        }
        let roster = book(of(&files, Section::Roster, "xlsx"));
        let all_rows = texts(&roster);
        for one in &set.people {
            assert!(all_rows.contains(&one.person.number) && all_rows.contains(&one.person.name), "{}", one.person.name);
        }
        assert!(all_rows.contains("审核不通过") || all_rows.contains("未通过"), "{all_rows}");
        let reviews = texts(&book(of(&files, Section::Reviews, "xlsx")));
        assert!(reviews.contains("苏晓") && reviews.contains("专业不符合岗位要求"), "{reviews}");
        assert!(texts(&book(of(&files, Section::Table, "xlsx"))).contains(POSITION));
        assert!(texts(&book(of(&files, Section::Log, "xlsx"))).contains("archive.decide"));
        let forms = unzipped(of(&files, Section::Forms, "zip"));
        assert_eq!(forms.len(), 3);
        assert!(forms.values().all(|pdf| pdf.starts_with(b"%PDF-")));
        let photos = unzipped(of(&files, Section::Photos, "zip"));
        assert_eq!(photos.len(), 3);
        assert!(photos.values().all(|photo| photo.starts_with(&[0xff, 0xd8])));
        let attached = unzipped(of(&files, Section::Attachments, "zip"));
        let sizes: Vec<usize> = attached.values().map(Vec::len).collect();
        assert_eq!(sizes, [1_005, 300_005], "{:?}", attached.keys());
        // Handed over by the code that stands on the list only.
        let page = one.get(&base).await.expect(200).shows("已下载");
        let hand = page.form(&format!("{base}/hand")).set("receiver", "档案室 王敏");
        one.submit(hand.clone().set("proof", "00000000")).await.expect(422).shows("校验码不对");
        let code = sha256(list.as_bytes());
        one.submit(hand.set("proof", &code[code.len() - 8..])).await.expect(200).shows("已移交").shows("王敏");
        let mut auditor = t.staff(&[Role::Auditor]).await.browser();
        auditor.get("/office/audit?action=archive.take").await.expect(200).shows("下载档案文件");
        sound(&t).await;
    }

    async fn nothing_goes_before_its_day_nor_before_the_file_is_handed_over(t: TestApp) {
        let set = over(&t).await;
        let days = [(Material::Attachments, "0"), (Material::Content, "10"), (Material::OldPhotos, "0"), (Material::Uploads, "0"), (Material::Package, "5")];
        confirmed(&set, &days).await;
        t.run_jobs().await;
        let before = kept(&t, &set).await;
        assert!(before.0 > 1_000 && before.1 == 2, "{before:?}");
        due(&t).await;
        assert_eq!(kept(&t, &set).await, before, "not handed over: nothing goes");
        // Not without having taken it.
        let ctx = set.officers[0].ctx().await;
        let code = row(&set).await.check_code().to_owned();
        assert_eq!(refused(archive::hand(&ctx, set.id(), "档案室 王敏", &code).await), "archive_untaken");
        handed(&set).await;
        due(&t).await;
        let (contents, files, _) = kept(&t, &set).await;
        assert_eq!((contents, files), (before.0, 0), "what is due is gone, what isn't stays");
        let lin = &set.people[0];
        let old: i64 = t.app.db().scan(Crowd::System)
            .one(sql!("SELECT COUNT(*) FROM photo p JOIN object o ON o.id = p.object_id WHERE p.account_id = $1 AND p.state = 'replaced' AND o.size > 0"), p![lin.id])
            .await.unwrap();
        assert_eq!(old, 0, "the replaced photo is gone");
        assert!(app::photo::current(&t.app, lin.id).await.unwrap().is_some(), "his photo is his");
        assert!(archive::take(&set.officers[0].ctx().await, set.id(), 1).await.is_ok(), "the package has five days");
        t.clock.advance_days(6);
        due(&t).await;
        let gone = archive::take(&set.officers[0].ctx().await, set.id(), 1).await;
        assert!(matches!(gone, Err(Error::NotFound)), "{gone:?}");
        assert!(t.objects.is_empty(), "no file is left in the store");
        assert_eq!(kept(&t, &set).await.0, before.0);
        t.clock.advance_days(6);
        due(&t).await;
        assert_eq!(kept(&t, &set).await, (0, 0, 0));
        // What he applied for stays to be seen; what he wrote isn't there, and the page says so.
        let mut browser = lin.again().await.browser();
        let mine = browser.get("/applications").await.expect(200).shows(POSITION);
        let form = mine.own_links().into_iter().find(|link| link.ends_with("/form"));
        if let Some(form) = form {
            browser.get(&form).await.expect(409).shows("已按规定清除");
        }
        let view = application::mine(&lin.ctx()).await.unwrap().remove(0);
        assert_eq!(refused(application::own_content(&lin.ctx(), &view).await), "content_erased");
        // The certificate says what went, and the page leads to it.
        let mut officer = t.staff(&[Role::ExamOfficer]).await.browser();
        let page = officer.get(&set.base()).await.expect(200).shows("已清除").lacks("未到期");
        let certificate = officer.get(&page.link("清除证明")).await.expect(200);
        assert!(certificate.body.starts_with(b"%PDF-"));
        let purges = archive::purges(&set.officers[0].ctx().await, &row(&set).await).await.unwrap();
        let removed: BTreeMap<&str, i64> = purges.iter().map(|one| (one.kind.as_str(), one.removed)).collect();
        assert_eq!((removed["attachments"], removed["content"], removed["old_photos"]), (2, 3, 1), "{removed:?}");
        assert!(purges.iter().all(|one| one.state == "done" && (one.removed == 0) == one.digest.is_empty()));
        sound(&t).await;
    }

    async fn what_claims_to_be_deleted_and_is_not_is_found_and_so_is_what_is_overdue(t: TestApp) {
        let set = over(&t).await;
        confirmed(&set, &[(Material::Attachments, "0")]).await;
        t.run_jobs().await;
        handed(&set).await;
        let found = async || {
            app::audit::seal_all(&t.system()).await.unwrap();
            let mut snapshot = db::backup::Snapshot::take(&t.options, t.folder()).await.unwrap();
            let findings = app::invariants::check(&mut snapshot, &t.keyring, t.now()).await.unwrap();
            snapshot.close().await;
            let broken = findings.into_iter().filter(|finding| finding.violations > 0);
            broken.map(|finding| finding.name).collect::<Vec<_>>()
        };
        assert_eq!(found().await, [""; 0]);
        const FALSE: &str = "写着已清除的都已清除，没有移交的都还在";
        for kind in ["content", "attachments", "package"] {
            let set = |state: &str| format!("UPDATE archive_purge SET state = '{state}' WHERE kind = '{kind}'");
            run(&t, &[&set("done")]).await;
            assert_eq!(found().await, [FALSE], "{kind}");
            run(&t, &[&set("waiting")]).await;
        }
        // The timer stood still for weeks.
        t.clock.advance_days(11);
        assert_eq!(found().await, ["到期的文件、归档材料和没有激活的注册都已清除"]);
        due(&t).await;
        assert_eq!(found().await, [""; 0]);
    }

    async fn a_hold_keeps_everything_until_it_is_taken_off(t: TestApp) {
        let set = over(&t).await;
        let zero: Vec<(Material, &str)> = Material::ALL.iter().map(|one| (*one, "0")).collect();
        confirmed(&set, &zero).await;
        t.run_jobs().await;
        let (mut browser, base) = (set.officers[1].browser(), set.base());
        let hold = browser.get(&base).await.expect(200).form(&format!("{base}/hold"));
        browser.submit(hold.clone().set("reason", "无")).await.expect(422).shows("暂缓清除的原因");
        browser.submit(hold.set("reason", "有考生提起行政复议")).await.expect(200).shows("行政复议").shows("暂缓");
        handed(&set).await;
        let before = kept(&t, &set).await;
        due(&t).await;
        assert_eq!(kept(&t, &set).await, before);
        let release = browser.get(&base).await.expect(200).form(&format!("{base}/release"));
        browser.submit(release).await.expect(200);
        due(&t).await;
        assert_eq!(kept(&t, &set).await, (0, 0, 0));
    }

    async fn a_photo_that_another_exam_needs_stays_until_that_one_lets_it_go(t: TestApp) {
        let t = patient(&t);
        let set = over(&t).await;
        // Somebody sat another exam, and has another photo since: that exam keeps the one that he sat it with.
        let other = t.recruitment(straight).await;
        let lin = &set.people[0];
        submitted(lin, &other, POSITION).await;
        seat(&t, &set.officers[0].ctx().await, &other, "甲").await;
        t.clock.set("2026-04-12 09:00");
        t.upload_photo(lin).await;
        let mine = application::mine(&lin.ctx()).await.unwrap();
        let used = mine.iter().find(|view| view.exam.id() == other.id).unwrap().row.photo_id;
        let size = async || -> i64 {
            let scan = t.app.db().scan(Crowd::System);
            let size = sql!("SELECT o.size FROM photo p JOIN object o ON o.id = p.object_id WHERE p.id = $1 AND p.state = 'replaced'");
            scan.one(size, p![used]).await.unwrap()
        };
        let zero: Vec<(Material, &str)> = Material::ALL.iter().map(|one| (*one, "0")).collect();
        confirmed(&set, &zero).await;
        t.run_jobs().await;
        handed(&set).await;
        due(&t).await;
        assert!(size().await > 0, "the other exam still shows it");
        exam::close(&set.officers[0].ctx().await, &other.public_id).await.unwrap();
        let set = Set { exam: other, ..set };
        confirmed(&set, &zero).await;
        t.run_jobs().await;
        handed(&set).await;
        due(&t).await;
        assert_eq!(size().await, 0, "now nobody needs it");
    }

    async fn seats_and_published_scores_are_in_the_file_and_scores_to_come_block_it(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(scored).await;
        let people = applied(&t, &exam, &["林一舟", "何小宁"]).await;
        let officers = [t.staff(&[Role::ExamOfficer]).await, t.staff(&[Role::ExamOfficer]).await];
        seat(&t, &officers[0].ctx().await, &exam, "甲").await;
        let numbers = tickets(&t, &people).await;
        t.clock.set("2026-05-01 09:00");
        let (maker, checker) = (t.staff(&[Role::ScoreOfficer]).await, t.staff(&[Role::ScoreOfficer]).await.ctx().await);
        let rows = [score::row(&numbers[0], "林一舟", "86.5", "70"), score::row(&numbers[1], "", "-1", "88")];
        let batch = score::upload(&t, &maker, &exam, &rows, "").await.unwrap().unwrap();
        let now = find(&t, &exam).await;
        app::score::check(&checker, &now, &batch).await.unwrap();
        app::score::publish(&checker, &now, &batch, (score::at("2026-05-08 10:00"), "")).await.unwrap();
        // A batch of before figures were kept is counted, to the same end.
        let figures = async || {
            let row = app::score::batch(&checker, &now, &batch).await.unwrap();
            format!("{:?}", app::score::figures(&checker, &row).await.unwrap())
        };
        let kept = figures().await;
        run(&t, &["UPDATE score_batch SET figures = NULL"]).await;
        assert_eq!(figures().await, kept);
        exam::close(&officers[0].ctx().await, &exam.public_id).await.unwrap();
        let set = Set { exam, people: Vec::new(), officers };
        let ask = archive_request("招聘工作已结束");
        assert_eq!(refused(archive::ask(&set.officers[0].ctx().await, set.id(), &ask).await), "archive_blocked");
        t.clock.set("2026-05-08 10:00");
        confirmed(&set, &[]).await;
        t.run_jobs().await;
        let mut taken = archive::take_all(&set.officers[0].ctx().await, set.id()).await.unwrap();
        let mut bytes = Vec::new();
        while let Some(piece) = taken.pieces.recv().await {
            bytes.extend_from_slice(&piece.unwrap());
        }
        let files = unzipped(&bytes);
        let seats = texts(&book(of(&files, Section::Seats, "xlsx")));
        assert!(seats.contains(&numbers[0]) && seats.contains("市第五中学"), "{seats}");
        let scores = texts(&book(of(&files, Section::Scores, "xlsx")));
        assert!(scores.contains("86.5") && scores.contains("缺考") && scores.contains("78.25"), "{scores}");
    }

    async fn files_are_made_once_each_whoever_makes_them_and_whatever_falls_over(t: TestApp) {
        let set = over(&t).await;
        confirmed(&set, &[]).await;
        let id = row(&set).await.id;
        // A few files by hand, several hands at once; then the job dies and another one goes on.
        for _ in 0..4 {
            let hands = (0..4).map(|_| {
                let ctx = t.system();
                tokio::spawn(async move { build::build_some(&ctx, id).await })
            });
            let mut done = 0;
            for hand in futures_util::future::join_all(hands).await {
                match hand.unwrap() {
                    Ok(_) => done += 1,
                    Err(Error::Conflict(_)) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
            assert!(done >= 1);
        }
        build::resume(&t.system()).await.unwrap();
        t.run_jobs().await;
        let row = row(&set).await;
        assert_eq!(row.state, "built");
        let files = archive::files(&set.officers[0].ctx().await, &row, 0).await.unwrap();
        let mut names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(i64::try_from(names.len()).unwrap(), row.files);
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), files.len(), "no file twice");
        let roster = files.iter().filter(|file| file.section == "roster");
        assert_eq!(roster.map(|file| file.entries).sum::<i64>(), 3, "nobody twice, nobody left out");
    }

    async fn money_on_its_way_blocks_and_a_refusal_leaves_everything_as_it_was(t: TestApp) {
        let set = over(&t).await;
        let third = &set.people[2];
        let reviewer = t.staff(&[Role::FirstReviewer]).await.ctx().await;
        let open = application::mine(&third.ctx()).await.unwrap()[0].row.public_id.clone();
        let ask = archive_request("招聘工作已结束");
        let (one, two) = (set.officers[0].ctx().await, set.officers[1].ctx().await);
        archive::ask(&one, set.id(), &ask).await.unwrap();
        archive::withdraw(&one, set.id()).await.unwrap();
        set.officers[1].browser().get(&set.base()).await.expect(200).shows("已撤回").lacks("同意归档");
        assert!(matches!(archive::decide(&two, set.id(), true, "").await, Err(Error::NotFound)));
        archive::ask(&one, set.id(), &ask).await.unwrap();
        // Approved meanwhile: now he owes a fee.
        crate::review::decide(&reviewer, &open, &app::review::Decision::Approve).await.unwrap();
        assert_eq!(refused(archive::decide(&two, set.id(), true, "").await), "archive_blocked");
        archive::decide(&two, set.id(), false, "还有人没有缴费").await.unwrap();
        assert_eq!(refused(archive::ask(&one, set.id(), &ask).await), "archive_blocked");
        let mut browser = set.officers[0].browser();
        let page = browser.get(&set.base()).await.expect(200).shows("还有人没有缴费").shows("须先办完");
        assert!(page.forms().iter().all(|form| form.path() != set.base()), "nothing to send while something blocks");
        assert_eq!(exam::find(&t.app, set.id()).await.unwrap().state, domain::exam::ExamState::Closed);
        // Nobody paid in time: the order is over, and stands in the file.
        t.clock.set("2026-05-01 09:00");
        while app::payment::work(&t.system()).await.unwrap() > 0 {}
        confirmed(&set, &[]).await;
        t.run_jobs().await;
        let mut taken = archive::take_all(&set.officers[0].ctx().await, set.id()).await.unwrap();
        let mut bytes = Vec::new();
        while let Some(piece) = taken.pieces.recv().await {
            bytes.extend_from_slice(&piece.unwrap());
        }
        let orders = texts(&book(of(&unzipped(&bytes), Section::Payments, "xlsx")));
        assert!(orders.contains("王二") && orders.contains("过期"), "{orders}");
        // An open exam isn't archived either.
        let open = t.recruitment(|_| {}).await;
        assert_eq!(refused(archive::ask(&one, &open.public_id, &ask).await), "archive_open");
    }

    async fn who_may_not_edit_the_exam_reaches_nothing_of_its_archive(t: TestApp) {
        let set = over(&t).await;
        confirmed(&set, &[]).await;
        t.run_jobs().await;
        let other = t.recruitment(|_| {}).await;
        let elsewhere = t.staff_with(&[(Role::ExamOfficer, other.id, String::new())]).await;
        let ctx = elsewhere.ctx().await;
        let answers = [
            archive::find(&ctx, set.id()).await.map(drop),
            archive::take(&ctx, set.id(), 1).await.map(drop),
            archive::take_all(&ctx, set.id()).await.map(drop),
            archive::hand(&ctx, set.id(), "某处某人", "00000000").await,
            archive::hold(&ctx, set.id(), "不应该做得到").await,
            archive::certificate(&ctx, set.id()).await.map(drop),
        ];
        for answer in answers {
            assert!(matches!(answer, Err(Error::Forbidden | Error::NotFound)), "{answer:?}");
        }
        elsewhere.browser().get(&set.base()).await;
        for role in [Role::FirstReviewer, Role::Auditor, Role::SysAdmin, Role::FinanceOfficer] {
            t.staff(&[role]).await.browser().get(&set.base()).await.expect(403);
        }
    }
}
