//! 老考生: passes of earlier years from the officer's file to the candidate's choice, the review and the list of what would be
//! judged otherwise now.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::archive::put_away;
use app::application::{self, Agreed, Form, Pick};
use app::carried;
use app::exam::preset::Preset;
use app::exam::{self, Exam, import, setup};
use app::review;
use db::{Crowd, p, sql};
use domain::archive::Material;
use domain::exam::carried::{Lookup, Standing, Unchecked};
use domain::exam::{ExamSettings, LevelChoice, LevelRule, LevelRules, OnMismatch, Phase, TakeMode};
use domain::staff::Role;
use domain::time::Timestamp;
use domain::window::Window;
use testkit::{Browser, Page, TestApp, TestCandidate, TestStaff, both_backends};

const TABLE: &[u8] = include_bytes!("../../fixtures/professional-subjects.xlsx");
const ALL: &str = "考全科";
const EXEMPT: &str = "免考基础科目";
const BASICS: &str = "建设工程造价管理基础知识";
const CSV: &str = "text/csv";
const PDF: &[u8] = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";

fn rules(mismatch: OnMismatch) -> LevelRules {
    LevelRules {
        levels: vec![
            LevelRule {
                mode: TakeMode::All,
                valid_years: 3,
                ..LevelRule::unset(ALL)
            },
            LevelRule {
                mode: TakeMode::Exempt,
                valid_years: 2,
                conditions: vec![
                    "已取得一级造价工程师证书".into(),
                    "取得工程造价专业学士学位".into(),
                ],
                proof: "证书或学位证书".into(),
                ..LevelRule::unset(EXEMPT)
            },
        ],
        mismatch,
    }
}

fn settings(now: Timestamp, tune: impl FnOnce(&mut ExamSettings)) -> ExamSettings {
    let mut settings = Preset::Professional.settings(now);
    settings.organizer = "南屿市人事考试中心".into();
    settings.year = 2026;
    settings.levels = rules(OnMismatch::Refuse);
    settings.review.auto_when_all_pass = false;
    settings.review.auto_returning = true;
    let mut set = |phase, open, close| {
        let at = |local| Timestamp::parse_local(local).unwrap();
        settings
            .windows
            .set(phase, Window::new(at(open), at(close)).ok());
    };
    set(Phase::Registration, "2026-07-01 09:00", "2026-07-15 17:00");
    set(Phase::Review, "2026-07-01 09:00", "2026-07-20 17:00");
    set(Phase::Payment, "2026-07-01 09:00", "2026-07-22 17:00");
    set(Phase::Ticket, "2026-09-07 09:00", "2026-09-12 09:00");
    set(Phase::Sitting, "2026-09-12 09:00", "2026-09-12 17:00");
    set(Phase::Score, "2026-11-20 10:00", "2027-05-20 10:00");
    tune(&mut settings);
    settings
}

/// A published exam with its officer, on 2 July.
async fn published(
    t: &TestApp,
    code: &str,
    tune: impl FnOnce(&mut ExamSettings),
) -> (Arc<Exam>, TestStaff) {
    let officer = t.staff(&[Role::ExamOfficer]).await;
    let ctx = officer.ctx().await;
    let of = (
        Preset::Professional.category(),
        code,
        "二级造价工程师职业资格考试",
    );
    let id = setup::create_with(&ctx, of, settings(t.now(), tune), "新建")
        .await
        .unwrap();
    let draft = exam::find(&t.app, &id).await.unwrap();
    let batch = import::upload(&ctx, &draft, "科目表.xlsx", TABLE)
        .await
        .unwrap();
    let batch = import::find(&t.app, draft.id(), &batch).await.unwrap();
    import::confirm(&ctx, &draft, &batch).await.unwrap();
    let draft = exam::find(&t.app, &id).await.unwrap();
    let check = exam::check(&t.app, &draft).await.unwrap();
    assert!(check.is_clear(), "{check:?}");
    exam::publish(&ctx, &id).await.unwrap();
    (exam::find(&t.app, &id).await.unwrap(), officer)
}

/// A file of these rows: name, number, level, specialty, archive number, subject, day, certificate.
fn file(rows: &[[&str; 8]]) -> Vec<u8> {
    let mut text = "姓名,证件号码,级别,专业,档案号,科目,合格日期,已取得证书\n".to_owned();
    for row in rows {
        text.push_str(&row.join(","));
        text.push('\n');
    }
    text.into_bytes()
}

/// His pass of 01 at 考全科 · 安装工程, on this day.
fn pass<'a>(who: &'a TestCandidate, day: &'a str) -> [&'a str; 8] {
    [
        &who.person.name,
        &who.person.number,
        ALL,
        "安装工程",
        "DA-77",
        "01",
        day,
        "",
    ]
}

async fn import_file(officer: &TestStaff, exam: &Exam, bytes: &[u8]) -> String {
    let ctx = officer.ctx().await;
    let id = carried::upload(&ctx, exam, "档案.csv", bytes)
        .await
        .unwrap();
    carried::confirm(&ctx, exam, &id).await.unwrap();
    id
}

fn choice(level: &str, subjects: &[&str], claims: bool) -> LevelChoice {
    LevelChoice {
        level: level.into(),
        specialty: "安装工程".into(),
        subjects: subjects.iter().map(|code| (*code).into()).collect(),
        claims_passes: claims,
    }
}

/// 保存 of this choice: its public id, or the words of the refusal.
async fn saved(who: &TestCandidate, exam: &Exam, choice: LevelChoice) -> Result<String, String> {
    let ctx = who.ctx();
    let form = Form {
        pick: Pick::Professional(choice),
        answers: BTreeMap::new(),
        agreed: Agreed {
            version: 1,
            at: ctx.at,
        },
    };
    match application::submit(&ctx, exam.public_id(), &form).await {
        Ok(saved) => Ok(saved.public_id),
        Err(app::Error::Fields(errors)) => Err(errors.iter().map(|(_, text)| text).collect()),
        Err(error) => panic!("{error:?}"),
    }
}

async fn own(who: &TestCandidate) -> application::View {
    application::mine(&who.ctx()).await.unwrap().remove(0)
}

async fn seen(who: &TestCandidate) -> domain::exam::carried::Seen {
    let view = own(who).await;
    application::own_content(&who.ctx(), &view)
        .await
        .unwrap()
        .carried
        .unwrap()
}

/// 报名 → 同意 → the page of this level.
async fn at_level(browser: &mut Browser, exam: &Exam, level: &str) -> Page {
    let start = format!("/apply/{}", exam.public_id());
    let page = browser.get(&format!("{start}/agreement")).await.expect(200);
    let page = browser
        .submit(page.form(&format!("{start}/agreement")).press("同意"))
        .await
        .expect(200);
    let link = page.link(&format!("{level} · 安装工程"));
    browser.get(&link).await.expect(200)
}

both_backends! {
    async fn a_returning_candidate_takes_what_is_left_and_needs_no_reviewer(t: TestApp) {
        t.clock.set("2026-07-02 10:00");
        let (exam, officer) = published(&t, "ZJ-1", |_| {}).await;
        let (lin, su) = (t.ready("林一舟").await, t.ready("苏晓").await);

        // The officer uploads: two good rows, two with an error, and nothing counts before it is confirmed.
        let mut office = officer.browser();
        let base = format!("/office/exams/{}/carried", exam.public_id());
        office.get(&format!("/office/exams/{}", exam.public_id())).await.expect(200).shows("老考生档案");
        office.get(&base).await.expect(200).shows("还没有启用的档案");
        let page = office.get(&format!("{base}/upload")).await.expect(200).shows("须在连续 3 个考试年度内");
        let bytes = file(&[
            pass(&lin, "2024-11-02"),
            ["陈旧", "431000199001010019", ALL, "水利工程", "", BASICS, "2023", ""],
            ["错号", "431000199001010018", ALL, "安装工程", "", "01", "2024", ""],
            ["错科", "431000199001010027", ALL, "安装工程", "", "99", "2024", ""],
        ]);
        let form = page.form(&format!("{base}/upload"));
        office.submit(form.clone()).await.expect(422).shows("请选择要导入的");
        office.submit(form.clone().file("file", "空.csv", CSV, "甲,乙\n1,2\n".as_bytes())).await.expect(422).shows("没有找到表头");
        let page = office.submit(form.file("file", "档案.csv", CSV, &bytes)).await.expect(200);
        let page = page.shows("等待核对").shows("没有这个科目").shows("已失效").lacks("431000199001010018");
        let staged = page.path().to_owned();
        let figures = carried::figures(&officer.ctx().await, &exam).await.unwrap();
        let row = &figures.imports[0];
        assert_eq!((row.rows_read, row.rows_good, row.rows_bad), (4, 2, 2));
        assert_eq!((row.people, row.passes, row.lapsed), (2, 2, 1));
        assert!(figures.current.is_none());
        let asked = |who: &TestCandidate| { let (app, exam, id) = (t.app.clone(), Arc::clone(&exam), who.id);
            async move { carried::lookup(&app, &exam, id).await.unwrap().lookup } };
        assert_eq!(asked(&lin).await, Lookup::Unchecked(Unchecked::NoFile));
        office.submit(page.form(&format!("{staged}/confirm"))).await.expect(200).is_at(&base)
            .shows("林一舟").shows("DA-77").shows("有效至 2026 年度").lacks(&lin.person.number);
        assert!(matches!(asked(&lin).await, Lookup::Found(found) if found.len() == 1));
        assert_eq!(asked(&su).await, Lookup::NotFound);

        // Found by name and by the whole number, which no address carries; a copy masks it.
        office.get(&format!("{base}?name=林一舟")).await.expect(200).shows("DA-77").lacks("陈旧");
        office.get(&format!("{base}?level={EXEMPT}")).await.expect(200).shows("没有符合条件");
        let page = office.get(&base).await.expect(200);
        let find = page.form(&format!("{base}/find"));
        office.submit(find.clone().set("number", &lin.person.number)).await.expect(200).shows("林一舟").lacks("陈旧");
        office.submit(find.clone().set("number", "431")).await.expect(422).shows("完整的证件号码");
        let copy = office.submit(page.form(&format!("{base}/export")).set("format", "csv")).await.expect(200);
        let text = String::from_utf8(copy.body.to_vec()).unwrap();
        assert!(text.contains("林一舟") && !text.contains(&lin.person.number), "{text}");

        // 林一舟 sees his pass and takes the other subject; ticking it again by hand is refused.
        let mut browser = lin.browser();
        let start = format!("/apply/{}", exam.public_id());
        let page = at_level(&mut browser, &exam, ALL).await;
        let page = page.shows("您以前年度的成绩").shows("2024-11-02 合格，有效至 2026 年度").shows("须报考未通过的全部科目");
        let form = page.form(&format!("{start}/level"));
        assert_eq!(form.values("subject"), ["05"]);
        browser.submit(form.clone().add("subject", "01")).await.expect(422).shows("以前年度已合格");
        browser.submit(form.clone().unset("subject")).await.expect(422).shows("请至少选择一个科目");
        let page = browser.submit(form).await.expect(200).is_at(&format!("{start}/form"));
        let page = page.shows("老考生").shows("60.00 元");
        let page = browser.submit(page.form(&format!("{start}/form"))).await.expect(200).is_at(&format!("{start}/check"));
        let page = page.shows("DA-77").shows("已合格科目");
        browser.submit(page.form(&format!("{start}/check"))).await.expect(200).shows("保存成功");
        let view = own(&lin).await;
        assert_eq!((view.row.review.as_str(), view.row.payment.as_str(), view.row.fee), ("approved", "due", 6_000));
        let kept = seen(&lin).await;
        assert_eq!((kept.standing, kept.version, kept.completes), (Standing::Returning, 1, true));
        browser.get(&format!("/applications/{}", view.row.public_id)).await.expect(200).shows("考生类别").shows("老考生");

        // Who isn't in the file takes everything, and waits for the reviewer.
        let page = at_level(&mut su.browser(), &exam, ALL).await;
        assert_eq!(page.form(&format!("{start}/level")).values("subject"), ["01", "05"]);
        let refused = saved(&su, &exam, choice(ALL, &["05"], false)).await.unwrap_err();
        assert_eq!(refused, format!("考全科须报考全部科目，您还没有选：{BASICS}"));
        saved(&su, &exam, choice(ALL, &["01", "05"], false)).await.unwrap();
        assert_eq!((own(&su).await.row.review.as_str(), seen(&su).await.standing), ("pending", Standing::New));
        assert_eq!(own(&su).await.row.payment, "none");
    }
}

both_backends! {
    async fn without_the_setting_a_returning_candidate_waits_as_everybody(t: TestApp) {
        t.clock.set("2026-07-02 10:00");
        let (exam, officer) = published(&t, "ZJ-2", |settings| settings.review.auto_returning = false).await;
        let lin = t.ready("林一舟").await;
        import_file(&officer, &exam, &file(&[pass(&lin, "2025")])).await;
        let id = saved(&lin, &exam, choice(ALL, &["05"], false)).await.unwrap();
        assert_eq!((own(&lin).await.row.review.as_str(), seen(&lin).await.standing), ("pending", Standing::Returning));
        // The reviewer sees what the file says beside what was chosen.
        let mut first = t.staff(&[Role::FirstReviewer]).await.browser();
        let bench = first.get(&format!("/office/reviews/{}/{id}", exam.public_id())).await.expect(200);
        bench.shows("考生类别").shows("老考生").shows("DA-77").shows(BASICS).lacks("按现在的档案");
    }
}

both_backends! {
    async fn an_exemption_is_claimed_with_its_condition_and_proof_and_a_person_decides(t: TestApp) {
        t.clock.set("2026-07-02 10:00");
        let (exam, officer) = published(&t, "ZJ-3", |settings| settings.review.auto_when_all_pass = true).await;
        let lin = t.ready("林一舟").await;
        import_file(&officer, &exam, &file(&[["陈旧", "431000199001010019", ALL, "水利工程", "", "01", "2025", ""]])).await;
        let mut browser = lin.browser();
        let start = format!("/apply/{}", exam.public_id());
        let page = at_level(&mut browser, &exam, EXEMPT).await.shows("须符合条件").shows("已取得一级造价工程师证书");
        let page = browser.submit(page.form(&format!("{start}/level"))).await.expect(200).is_at(&format!("{start}/form"));
        let form = page.shows("免考基础科目的条件").shows("证书或学位证书").form(&format!("{start}/form"));
        // Without condition and proof it goes no further.
        browser.submit(form.clone()).await.expect(422).shows("请选择免考基础科目的条件").shows("请上传证书或学位证书");
        let direct = saved(&lin, &exam, choice(EXEMPT, &["05"], false)).await.unwrap_err();
        assert!(direct.contains("请选择免考基础科目的条件"), "{direct}");
        let form = form.set("q.claim_condition", "取得工程造价专业学士学位").file("q.claim_proof", "学位证书.pdf", "application/pdf", PDF);
        let page = browser.submit(form).await.expect(200).is_at(&format!("{start}/check"));
        let page = page.shows("取得工程造价专业学士学位").shows("学位证书.pdf").shows("免考基础科目的条件须人工审核");
        browser.submit(page.form(&format!("{start}/check"))).await.expect(200).shows("保存成功");
        // Every rule of the exam is met, and yet a person looks: at the claim and its proof.
        let view = own(&lin).await;
        assert_eq!((view.row.review.as_str(), view.row.verdict.as_str()), ("pending", "manual"));
        assert!(seen(&lin).await.claims_condition);
        let reviewer = t.staff(&[Role::FirstReviewer]).await;
        let mut first = reviewer.browser();
        let at = format!("/office/reviews/{}/{}", exam.public_id(), view.row.public_id);
        let page = first.get(&at).await.expect(200);
        let page = page.shows("新考生").shows("按所选级别的条件报考").shows("须人工核对").shows("取得工程造价专业学士学位").shows("学位证书.pdf");
        let doc = page.links("证书或学位证书").remove(0);
        assert!(first.get(&doc).await.expect(200).body.starts_with(b"%PDF"));
        // 退回补充 can name the claim; the candidate mends it and sends it in again.
        first.submit(page.form(&format!("{at}/claim"))).await.expect(200);
        let bench = review::bench(&reviewer.ctx().await, &view.row.public_id).await.unwrap();
        assert_eq!(bench.files().len(), 1);
        let page = first.get(&at).await.expect(200);
        let decide = page.form(&format!("{at}/decide")).set("decision", "return").add("item", "q.claim_proof").set("reason", "证书不清晰，请重新上传");
        first.submit(decide).await.expect(200);
        assert_eq!(own(&lin).await.row.review, "returned");
        let page = browser.get(&format!("{start}/form")).await.expect(200).shows("学位证书.pdf");
        browser.submit(page.form(&format!("{start}/form"))).await.expect(200);
        let page = browser.get(&format!("{start}/check")).await.expect(200);
        browser.submit(page.form(&format!("{start}/check"))).await.expect(200);
        assert_eq!(own(&lin).await.row.review, "pending");
    }
}

both_backends! {
    async fn a_claim_is_found_not_found_or_cannot_be_checked(t: TestApp) {
        t.clock.set("2026-07-02 10:00");
        let (strict, officer) = published(&t, "ZJ-4", |_| {}).await;
        let (mild, _) = published(&t, "ZJ-5", |settings| settings.levels = rules(OnMismatch::Manual)).await;
        let people = [t.ready("林一舟").await, t.ready("苏晓").await, t.ready("周宁").await];
        let [lin, su, zhou] = &people;
        let partly = || choice(ALL, &["05"], true);

        // No file: it can't be checked, whatever the exam says of contradictions.
        saved(lin, &strict, partly()).await.unwrap();
        assert_eq!((seen(lin).await.standing, own(lin).await.row.review.as_str()), (Standing::Unchecked, "pending"));

        // A file without her: refused by one exam, looked at by a person in the other.
        let mut other_name = pass(zhou, "2025");
        other_name[0] = "周宁宁";
        let bytes = file(&[pass(lin, "2025"), other_name]);
        import_file(&officer, &strict, &bytes).await;
        import_file(&officer, &mild, &bytes).await;
        let refused = saved(su, &strict, partly()).await.unwrap_err();
        assert!(refused.contains("档案里没有查到"), "{refused}");
        let page = at_level(&mut su.browser(), &strict, ALL).await.lacks("在以前年度已合格");
        assert!(page.form(&format!("/apply/{}/level", strict.public_id())).value("claims_passes").is_none());
        at_level(&mut su.browser(), &mild, ALL).await.shows("未选的科目我在以前年度已合格");
        saved(su, &mild, partly()).await.unwrap();
        assert_eq!((seen(su).await.standing, own(su).await.row.review.as_str()), (Standing::Differs, "pending"));

        // His number under another name: nothing is taken over, a person looks.
        at_level(&mut zhou.browser(), &strict, ALL).await.shows("姓名不一致");
        saved(zhou, &strict, choice(ALL, &["01", "05"], false)).await.unwrap();
        assert_eq!((seen(zhou).await.standing, own(zhou).await.row.review.as_str()), (Standing::Unchecked, "pending"));

        // Passes at another specialty than the chosen one.
        let mut water = choice(ALL, &["01", "04"], false);
        water.specialty = "水利工程".into();
        let refused = saved(lin, &mild, water.clone()).await;
        assert!(refused.is_ok(), "{refused:?}");
        assert_eq!(seen(lin).await.standing, Standing::Differs);
        let refused = saved(lin, &strict, water).await.unwrap_err();
        assert!(refused.contains("您应继续报考“考全科 · 安装工程”"), "{refused}");
    }
}

both_backends! {
    async fn a_later_import_changes_nothing_that_was_saved_and_the_list_tells_whom_it_concerns(t: TestApp) {
        t.clock.set("2026-07-02 10:00");
        let (exam, officer) = published(&t, "ZJ-6", |_| {}).await;
        let (lin, su) = (t.ready("林一舟").await, t.ready("苏晓").await);
        let first = import_file(&officer, &exam, &file(&[pass(&lin, "2025"), pass(&su, "2025")])).await;
        let his = saved(&lin, &exam, choice(ALL, &["05"], false)).await.unwrap();
        saved(&su, &exam, choice(ALL, &["05"], false)).await.unwrap();
        let before = seen(&lin).await;
        let mut office = officer.browser();
        let base = format!("/office/exams/{}/carried", exam.public_id());
        office.get(&format!("{base}/differs")).await.expect(200).shows("没有不一致的报名");

        // The second file has his pass no more, and hers as it was.
        import_file(&officer, &exam, &file(&[pass(&su, "2025")])).await;
        let page = office.get(&format!("{base}/differs")).await.expect(200);
        page.shows("林一舟").shows("结论会不同").shows("考全科须报考全部科目").lacks("苏晓");
        assert_eq!((seen(&lin).await, own(&lin).await.row.review.as_str()), (before, "approved"));
        let mut reviewer = t.staff(&[Role::FirstReviewer]).await.browser();
        reviewer.get(&format!("/office/reviews/{}/{his}", exam.public_id())).await.expect(200).shows("按现在的档案");
        office.get(&format!("{base}/{first}")).await.expect(200).shows("已被替换");

        // Withdrawn with a reason: no file counts, both are on the list.
        let figures = carried::figures(&officer.ctx().await, &exam).await.unwrap();
        let current = figures.current.unwrap().public_id;
        let at = format!("{base}/{current}");
        let retract = office.get(&at).await.expect(200).form(&format!("{at}/retract"));
        office.submit(retract.clone()).await.expect(422).shows("请写明撤回的原因");
        office.submit(retract.clone().set("reason", "导入了 2024 年的旧文件")).await.expect(200).is_at(&base).shows("已撤回");
        office.submit(retract.set("reason", "导入了 2024 年的旧文件")).await.expect(409);
        let found = carried::lookup(&t.app, &exam, su.id).await.unwrap();
        assert_eq!(found.lookup, Lookup::Unchecked(Unchecked::NoFile));
        office.get(&format!("{base}/differs")).await.expect(200).shows("林一舟").shows("苏晓");

        // Given up before it counted: its rows are gone, and it can't be taken into use.
        let ctx = officer.ctx().await;
        let third = carried::upload(&ctx, &exam, "档案.csv", &file(&[pass(&lin, "2025")])).await.unwrap();
        let import = carried::imports(&ctx, &exam, &third).await.unwrap();
        let all = carried::Filter::default();
        assert_eq!(carried::entries(&ctx, &exam, &import, &all, (0, 10)).await.unwrap().len(), 1);
        carried::discard(&ctx, &exam, &third).await.unwrap();
        assert!(carried::entries(&ctx, &exam, &import, &all, (0, 10)).await.unwrap().is_empty());
        assert!(matches!(carried::confirm(&ctx, &exam, &third).await, Err(app::Error::Conflict(_))));
    }
}

async fn entries_of(t: &TestApp, exam: &Exam) -> i64 {
    let count = sql!(
        "SELECT COUNT(*) FROM carried_entry e JOIN carried_import i ON i.id = e.import_id WHERE i.exam_id = $1"
    );
    let scan = t.app.db().scan(Crowd::System);
    scan.one(count, p![exam.id()]).await.unwrap()
}

both_backends! {
    async fn the_file_of_an_archived_exam_goes_when_its_days_are_over(t: TestApp) {
        t.clock.set("2026-07-02 10:00");
        let (exam, officer) = published(&t, "ZJ-9", |_| {}).await;
        let (other, _) = published(&t, "ZJ-10", |_| {}).await;
        let lin = t.ready("林一舟").await;
        for exam in [&exam, &other] {
            import_file(&officer, exam, &file(&[pass(&lin, "2025")])).await;
        }
        exam::close(&officer.ctx().await, exam.public_id()).await.unwrap();
        let officers = [officer, t.staff(&[Role::ExamOfficer]).await];
        put_away(&t, &officers, exam.public_id(), &[(Material::Uploads, "1")]).await;
        assert_eq!(entries_of(&t, &exam).await, 1, "it has a day");
        t.clock.advance_days(2);
        app::archive::purge::purge_due(&t.system()).await.unwrap();
        assert_eq!(entries_of(&t, &exam).await, 0);
        assert_eq!(entries_of(&t, &other).await, 1, "the other exam's file stays");
    }

    async fn the_file_is_the_officers_of_the_exam_and_the_auditor_looks(t: TestApp) {
        t.clock.set("2026-07-02 10:00");
        let (exam, officer) = published(&t, "ZJ-7", |_| {}).await;
        let (other, _) = published(&t, "ZJ-8", |_| {}).await;
        let lin = t.ready("林一舟").await;
        let import = import_file(&officer, &exam, &file(&[pass(&lin, "2025")])).await;
        let base = format!("/office/exams/{}/carried", exam.public_id());
        let gets = [base.clone(), format!("{base}/differs"), format!("{base}/{import}")];
        let posts = ["upload".to_owned(), format!("{import}/confirm"), format!("{import}/discard"), format!("{import}/retract")];

        let auditor = t.staff(&[Role::Auditor]).await;
        let mut audits = auditor.browser();
        for get in &gets {
            audits.get(get).await.expect(200);
        }
        audits.get(&base).await.expect(200).shows("林一舟").lacks(&lin.person.number).lacks("导入档案");
        for post in &posts {
            audits.post(&format!("{base}/{post}"), &[]).await.expect(403);
        }
        let ctx = auditor.ctx().await;
        assert!(carried::upload(&ctx, &exam, "档案.csv", &file(&[pass(&lin, "2025")])).await.is_err());

        // An officer of another exam, and a reviewer of this one, get nothing of it by any address.
        let stranger = t.staff_with(&[(Role::ExamOfficer, other.id(), String::new())]).await;
        let mut others = vec![stranger];
        for role in [Role::FirstReviewer, Role::SecondReviewer, Role::FinanceOfficer, Role::ScoreOfficer] {
            others.push(t.staff(&[role]).await);
        }
        for who in &others {
            let mut browser = who.browser();
            for get in &gets {
                let page = browser.get(get).await;
                assert!([403, 404].contains(&page.status.as_u16()), "{get}: {}", page.status);
            }
            let all = posts.iter().map(String::as_str).chain(["find", "export"]);
            for post in all {
                let fields: &[(&str, &str)] = match post.rsplit('/').next() {
                    Some("find") => &[("number", &lin.person.number)],
                    Some("retract") => &[("reason", "导错了文件")],
                    _ => &[],
                };
                let page = browser.post(&format!("{base}/{post}"), fields).await;
                assert!([403, 404].contains(&page.status.as_u16()), "{post}: {}", page.status);
            }
        }
        // Nor can one exam's file be reached through another exam's address.
        let mut own = officer.browser();
        own.get(&format!("/office/exams/{}/carried/{import}", other.public_id())).await.expect(404);
        let found = carried::lookup(&t.app, &exam, lin.id).await.unwrap();
        assert_eq!(found.version, 1);
    }
}
