//! A professional qualification exam from 报名 to 成绩查询: levels, specialties and subjects instead of positions, a fee by
//! subject, a review by the system where every condition is met, sittings and marks by subject.

use std::sync::Arc;

use app::exam::preset::Preset;
use app::exam::{self, Exam, import, setup};
use app::payment;
use documents::xlsx::{ColumnSpec, Writer};
use domain::exam::{ExamSettings, Phase};
use domain::sheet::Cell;
use domain::staff::Role;
use domain::time::Timestamp;
use domain::window::Window;
use simulators::bank::{Bank, Channel as _};
use testkit::{Browser, Page, TestApp, TestCandidate, both_backends};

use crate::arrangement::patient;

const TABLE: &[u8] = include_bytes!("../../fixtures/professional-subjects.xlsx");
const TITLE: &str = "2026年二级造价工程师职业资格考试";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const ALL: &str = "考全科";
const EXEMPT: &str = "免考基础科目";

/// Registration in July, the papers of the table on 12 September, scores in November.
fn settings(now: Timestamp) -> ExamSettings {
    let mut settings = Preset::Professional.settings(now);
    settings.organizer = "南屿市人事考试中心".into();
    settings.ticket = "level1+year2+room3+seat2".parse().unwrap();
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
    settings
}

async fn published(t: &TestApp) -> Arc<Exam> {
    let officer = t.staff(&[Role::ExamOfficer]).await.ctx().await;
    let of = (Preset::Professional.category(), "ZJ-2026", TITLE);
    let id = setup::create_with(&officer, of, settings(t.now()), "新建")
        .await
        .unwrap();
    let draft = exam::find(&t.app, &id).await.unwrap();
    let batch = import::upload(&officer, &draft, "科目表.xlsx", TABLE)
        .await
        .unwrap();
    let batch = import::find(&t.app, draft.id(), &batch).await.unwrap();
    import::confirm(&officer, &draft, &batch).await.unwrap();
    exam::publish(&officer, &id).await.unwrap();
    exam::find(&t.app, &id).await.unwrap()
}

/// 报名 → 同意: the page of levels.
async fn enter(browser: &mut Browser, exam: &Exam) -> Page {
    let page = browser
        .get("/apply")
        .await
        .expect(200)
        .shows("专业技术资格考试");
    let category = page
        .links("进入")
        .into_iter()
        .find(|href| href.contains("professional"))
        .expect("its door");
    browser
        .get(&category)
        .await
        .expect(200)
        .shows(TITLE)
        .shows("报名中");
    let start = format!("/apply/{}", exam.public_id());
    browser
        .get(&start)
        .await
        .expect(200)
        .shows("选择级别、专业和科目");
    let page = browser.get(&format!("{start}/agreement")).await.expect(200);
    let agreed = browser
        .submit(page.form(&format!("{start}/agreement")).press("同意"))
        .await;
    agreed.expect(200).is_at(&format!("{start}/level"))
}

/// 报名 to the end with one choice; the page after 保存.
async fn apply(
    browser: &mut Browser,
    exam: &Exam,
    choice: (&str, &str, &[&str]),
    fee: &str,
) -> Page {
    let (level, specialty, subjects) = choice;
    let start = format!("/apply/{}", exam.public_id());
    let page = enter(browser, exam).await;
    let page = browser
        .get(&page.link(&format!("{level} · {specialty}")))
        .await
        .expect(200);
    let form = page.form(&format!("{start}/level")).unset("subject");
    let form = subjects
        .iter()
        .fold(form, |form, code| form.add("subject", code));
    let page = browser
        .submit(form)
        .await
        .expect(200)
        .is_at(&format!("{start}/form"));
    let page = browser
        .submit(page.form(&format!("{start}/form")))
        .await
        .expect(200)
        .is_at(&format!("{start}/check"));
    let page = page
        .shows(level)
        .shows(specialty)
        .shows(fee)
        .shows("建设工程计量与计价实务");
    browser
        .submit(page.form(&format!("{start}/check")))
        .await
        .expect(200)
        .is_at("/applications")
}

async fn own(who: &TestCandidate) -> app::application::View {
    app::application::mine(&who.ctx()).await.unwrap().remove(0)
}

/// 网上支付 by WeChat Pay.
async fn pay(browser: &mut Browser, who: &TestCandidate, bank: &Bank, fee: &str) {
    let page = browser
        .get("/payments")
        .await
        .expect(200)
        .shows(TITLE)
        .shows(fee);
    let pay = page
        .links("缴费")
        .into_iter()
        .chain(page.own_links())
        .find(|href| href.ends_with("/pay"))
        .expect("缴费");
    let page = browser
        .get(&pay)
        .await
        .expect(200)
        .shows("确认缴费")
        .shows(fee);
    browser.follow = false;
    let form = page.form(&pay).set("channel", crate::payment::CHANNEL);
    browser.submit(form).await.expect(303);
    browser.follow = true;
    let order = pay
        .trim_start_matches("/payments/")
        .trim_end_matches("/pay")
        .to_owned();
    let number = payment::find(&who.ctx(), &order).await.unwrap().attempts[0]
        .merchant_no
        .clone();
    assert!(bank.pay(&number));
    let page = browser
        .get(&format!("/payments/{order}/return"))
        .await
        .expect(200);
    let page = browser
        .submit(page.form(&format!("/payments/{order}/ask")))
        .await
        .expect(200);
    page.shows("缴费成功");
}

fn marks(t: &TestApp, rows: &[[&str; 3]]) -> Vec<u8> {
    let columns = ["准考证号", "科目代码", "成绩"].map(|title| ColumnSpec::new(title, 16.0));
    let mut writer = Writer::new("成绩", &columns, t.now()).unwrap();
    for row in rows {
        writer.row(&row.map(Cell::text)).unwrap();
    }
    writer.finish().unwrap()
}

both_backends! {
    async fn from_the_levels_to_the_scores(t: TestApp) {
        let t = patient(&t);
        t.clock.set("2026-06-20 09:00");
        let (t, trio) = t.with_channels();
        let bank = trio.wechat.bank();
        let exam = published(&t).await;
        let (lin, su) = (t.ready("林一舟").await, t.ready("苏晓").await);
        let (mut browser, mut hers) = (lin.browser(), su.browser());
        let start = format!("/apply/{}", exam.public_id());
        browser.get(&start).await.expect(409).shows("网上报名尚未开始");

        // 报名: two levels with four specialties each.
        t.clock.set("2026-07-02 10:00");
        let page = enter(&mut browser, &exam).await;
        for specialty in ["土木建筑工程", "交通运输工程", "水利工程", "安装工程"] {
            for level in [ALL, EXEMPT] {
                assert_eq!(page.links(&format!("{level} · {specialty}")).len(), 1, "{level} {specialty}");
            }
        }
        let page = browser.get(&page.link(&format!("{ALL} · 水利工程"))).await.expect(200);
        let page = page.shows("建设工程造价管理基础知识").shows("9月12日").shows("9:00").shows("14:00").shows("考务费 60.00 元");
        let level = page.form(&format!("{start}/level"));
        browser.submit(level.clone()).await.expect(422).shows("请至少选择一个科目");
        browser.submit(level.clone().add("subject", "02")).await.expect(422).shows("没有科目");
        browser.submit(level.clone().set("specialty", "园林").add("subject", "01")).await.expect(422).shows("请选择级别和专业");
        assert!(app::application::mine(&lin.ctx()).await.unwrap().is_empty());
        let page = apply(&mut browser, &exam, (ALL, "水利工程", &["01", "04"]), "120.00 元").await;
        page.shows("保存成功").shows("水利工程").shows("缴费");
        // Every condition is met: the system approves, and the fee is due at once.
        let view = own(&lin).await;
        assert_eq!((view.row.review.as_str(), view.row.payment.as_str(), view.row.fee), ("approved", "due", 12_000));
        assert_eq!(view.row.position_id, None);
        browser.get(&format!("/applications/{}", view.row.public_id)).await.expect(200)
            .shows("报名登记表").shows(ALL).shows("建设工程计量与计价实务（水利工程）");
        browser.get("/reviews?exam=造价").await.expect(200).shows("审核通过");
        apply(&mut hers, &exam, (EXEMPT, "安装工程", &["05"]), "60.00 元").await.shows("保存成功");

        // 缴费 by subject.
        pay(&mut browser, &lin, bank, "120.00").await;
        pay(&mut hers, &su, bank, "60.00").await;
        assert_eq!(own(&lin).await.row.payment, "paid");

        // 考场编排 on the staff's pages.
        t.clock.set("2026-08-20 10:00");
        let mut office = t.staff(&[Role::ExamOfficer]).await.browser();
        let base = format!("/office/seating/{}", exam.public_id());
        let page = office.get(&format!("{base}/generate")).await.expect(200).shows("可以编排 2 人");
        let form = page.form(&format!("{base}/generate"))
            .set_all(&[("name-0", "市第五中学"), ("address-0", "文昌路 18 号"), ("rooms-0", "4")]);
        let plan = office.submit(form).await.expect(200).shows("生成中").path().to_owned();
        t.run_jobs().await;
        let page = office.get(&plan).await.expect(200).shows("待公布");
        office.submit(page.form(&format!("{plan}/publish"))).await.expect(200).shows("已公布");

        // 准考证: each sits the subjects that were chosen, at their times.
        t.clock.set("2026-09-08 10:00");
        let page = browser.get("/tickets").await.expect(200).shows("可打印准考证");
        let ticket = page.link("打印准考证");
        let page = browser.get(&ticket).await.expect(200);
        let page = page.shows("建设工程造价管理基础知识").shows("建设工程计量与计价实务（水利工程）").shows("水利工程").lacks("安装工程）");
        let pdf = browser.submit(page.form(&format!("{ticket}/print"))).await.expect(200);
        assert!(pdf.body.starts_with(b"%PDF"));
        let page = hers.get("/tickets").await.expect(200);
        hers.get(&page.link("打印准考证")).await.expect(200)
            .shows("建设工程计量与计价实务（安装工程）").lacks("建设工程造价管理基础知识");
        let mut numbers = Vec::new();
        for who in [&lin, &su] {
            let id = own(who).await.row.public_id;
            numbers.push(app::ticket::own(&who.ctx(), &id).await.unwrap().content.ticket_no);
        }
        let (one, two) = (numbers[0].as_str(), numbers[1].as_str());
        // The level is read off the number: its place in the table.
        let table = exam::subjects(&t.app, &exam).await.unwrap();
        for (number, level) in [(one, ALL), (two, EXEMPT)] {
            let place = 1 + table.levels().iter().position(|known| *known == level).unwrap();
            assert!(number.starts_with(&format!("{place}26")), "{number} for {level}");
        }

        // 成绩: by subject; a mark for a subject that somebody didn't sit is refused.
        t.clock.set("2026-11-10 10:00");
        let (mut maker, mut checker) =
            (t.staff(&[Role::ScoreOfficer]).await.browser(), t.staff(&[Role::ScoreOfficer]).await.browser());
        let scores = format!("/office/scores/{}", exam.public_id());
        let page = maker.get(&format!("{scores}/import")).await.expect(200);
        let import = page.form(&format!("{scores}/import"));
        let send = |rows: &[[&str; 3]]| import.clone().file("file", "成绩.xlsx", XLSX, &marks(&t, rows));
        let wrong = [[one, "01", "71"], [one, "04", "60"], [two, "01", "80"], [two, "05", "90"]];
        maker.submit(send(&wrong)).await.expect(200).shows("现在没有写入任何成绩");
        let right = [[one, "01", "71"], [one, "04", "60.5"], [two, "05", "缺考"]];
        let page = maker.submit(send(&right)).await.expect(200).shows("全部对上").shows("3 个成绩");
        let batch = page.link("查看成绩批次");
        let page = checker.get(&batch).await.expect(200).shows("核对无误");
        let page = checker.submit(page.form(&format!("{batch}/check"))).await.expect(200);
        let publish = page.form(&format!("{batch}/publish")).set("visible_at", "2026-11-20T10:00");
        checker.submit(publish).await.expect(200).shows("定时公布");

        // 成绩查询.
        t.clock.set("2026-11-20 09:59:59");
        browser.get("/scores").await.expect(200).shows("尚未公布").lacks("60.5");
        t.clock.set("2026-11-20 10:00");
        let page = browser.get("/scores").await.expect(200);
        let page = browser.get(&page.link("查询成绩")).await.expect(200);
        page.shows("建设工程造价管理基础知识").shows("71").shows("建设工程计量与计价实务（水利工程）").shows("60.5");
        let page = hers.get("/scores").await.expect(200);
        hers.get(&page.link("查询成绩")).await.expect(200).shows("安装工程").shows("缺考").lacks("60.5");
    }
}
