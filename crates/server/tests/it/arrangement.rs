//! 考场编排 and 准考证: made, imported, published by one flip, printed inside the window.

use std::sync::Arc;

use app::arrangement::{self, Generate, SiteLine, make};
use app::exam::{self, Exam, import};
use app::{Ctx, Error, ticket};
use documents::xlsx::{ColumnSpec, Writer};
use domain::arrangement::Options;
use domain::exam::ExamSettings;
use domain::exam::steps::{PaymentStep, ReviewStep};
use domain::payment::fee::FeeRules;
use domain::sheet::Cell;
use domain::staff::Role;
use domain::time::Timestamp;
use testkit::{TestApp, TestCandidate, TestExam, both_backends};

use crate::application::submitted;
use crate::halfway::halfway;

pub(crate) const POSITION: &str = "数字资源管理";

/// No review, no fee: whoever has applied may be seated.
pub(crate) fn straight(settings: &mut ExamSettings) {
    settings.steps.review = ReviewStep::None;
    settings.steps.payment = PaymentStep::None;
    settings.fees = FeeRules::default();
    settings.windows.payment = None;
    settings.windows.review = None;
    settings.notices.ticket = vec!["开考 30 分钟后不得入场。".into()];
}

/// Sessions that outlive the weeks that these tests turn the clock by.
pub(crate) fn patient(t: &TestApp) -> TestApp {
    t.with(|setup| {
        setup.policy.candidate_session = 400 * 86_400;
        setup.policy.staff_session = 400 * 86_400;
        setup.policy.candidate_longest = 400 * 86_400;
        setup.policy.staff_longest = 400 * 86_400;
    })
}

/// Without a written part.
fn unseated(settings: &mut ExamSettings) {
    straight(settings);
    settings.steps.seating = false;
    settings.papers.clear();
    settings.windows.ticket = None;
    settings.windows.sitting = None;
    settings.windows.score = None;
}

pub(crate) async fn find(t: &TestApp, exam: &TestExam) -> Arc<Exam> {
    exam::find(&t.app, &exam.public_id).await.unwrap()
}

pub(crate) async fn applied(
    t: &TestApp,
    exam: &TestExam,
    names: &[&str],
) -> Vec<(TestCandidate, String)> {
    let mut people = Vec::new();
    for name in names {
        let one = t.ready(name).await;
        let id = submitted(&one, exam, POSITION).await;
        people.push((one, id));
    }
    people
}

pub(crate) fn wanted(rooms: &str, seed: &str) -> Generate {
    let line = SiteLine {
        name: "市第五中学".into(),
        address: "文昌路 18 号".into(),
        rooms: rooms.into(),
        ..SiteLine::default()
    };
    Generate {
        rooms: arrangement::from_lines(&[line], 30).unwrap(),
        options: Options::default(),
        seed: seed.into(),
        special: vec![],
    }
}

/// Has a plan made, as its job makes it.
pub(crate) async fn made(ctx: &Ctx, exam: &Exam, wanted: Generate) -> String {
    let plan = arrangement::generate(ctx, exam, wanted).await.unwrap();
    make::make_all(ctx, exam, &plan).await.unwrap();
    plan
}

/// Makes a plan and publishes it.
pub(crate) async fn seat(t: &TestApp, ctx: &Ctx, exam: &TestExam, seed: &str) {
    let now = find(t, exam).await;
    let plan = made(ctx, &now, wanted("1", seed)).await;
    arrangement::publish(ctx, &now, &plan).await.unwrap();
}

pub(crate) fn book(titles: &[&str], rows: &[Vec<String>]) -> Vec<u8> {
    let columns: Vec<ColumnSpec> = titles
        .iter()
        .map(|title| ColumnSpec::new(*title, 12.0))
        .collect();
    let mut writer = Writer::new("表", &columns, Timestamp::from_seconds(1_770_000_000)).unwrap();
    for row in rows {
        let cells: Vec<Cell> = row.iter().map(Cell::text).collect();
        writer.row(&cells).unwrap();
    }
    writer.finish().unwrap()
}

fn code(result: app::Result<impl std::fmt::Debug>) -> &'static str {
    match result {
        Err(Error::Refused(refusal)) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}

async fn numbers(t: &TestApp, ctx: &Ctx, exam: &TestExam) -> Vec<(String, String, i64)> {
    let now = find(t, exam).await;
    let published = arrangement::overview(ctx, &now)
        .await
        .unwrap()
        .published
        .unwrap();
    let mut seats = Vec::new();
    for room in arrangement::all_rooms(&ctx.app, published.id)
        .await
        .unwrap()
    {
        for seat in arrangement::room(ctx, &published, room.room_no)
            .await
            .unwrap()
        {
            seats.push((seat.name, seat.ticket_no, seat.seat_no));
        }
    }
    seats.sort();
    seats
}

const OPEN: &str = "2026-04-07 09:00";
const CLOSE: &str = "2026-04-12 09:00";

both_backends! {
    async fn lists_of_exams_with_seats_leave_out_none_and_go_on_to_the_next_page(t: TestApp) {
        let t = patient(&t);
        let positions = [testkit::TestPosition { name: "馆员", ..Default::default() }];
        let oldest = t.recruitment_with(straight, &positions).await;
        let mut shown = Vec::new();
        for _ in 0..20 {
            shown.push(t.recruitment_with(straight, &positions).await.public_id);
        }
        let hidden = t.recruitment_with(unseated, &positions).await;
        for number in 0..21 {
            let of = (domain::exam::ExamCategory::Recruitment, format!("DR-{number}"), "草稿");
            app::exam::setup::create_with(&t.system(), (of.0, &of.1, of.2), testkit::test_settings(), "测试").await.unwrap();
        }
        let roles = [(Role::ExamOfficer, "seating"), (Role::ExamOfficer, "tickets"), (Role::ScoreOfficer, "scores")];
        for (role, list) in roles {
            let path = format!("/office/{list}");
            let of = |id: &str| format!("{path}/{id}");
            let mut desk = t.staff(&[role]).await.browser();
            let page = desk.get(&path).await.expect(200);
            let links = page.own_links();
            assert!(shown.iter().all(|id| links.contains(&of(id))), "{path}: {links:?}");
            assert!(!links.contains(&of(&oldest.public_id)) && !links.contains(&of(&hidden.public_id)), "{path}");
            let page = desk.get(&page.link("下一页")).await.expect(200);
            let links = page.own_links();
            assert!(links.contains(&of(&oldest.public_id)), "{path}: {links:?}");
            assert!(!links.contains(&of(&shown[0])), "{path}: {links:?}");
            assert!(page.links("下一页").is_empty(), "{path}");
            // Who holds one old exam sees it on the first page, and nothing else.
            let mut scoped = t.staff_with(&[(role, oldest.id, String::new())]).await.browser();
            let page = scoped.get(&path).await.expect(200);
            let links = page.own_links();
            assert!(links.contains(&of(&oldest.public_id)), "{path}: {links:?}");
            assert!(!shown.iter().any(|id| links.contains(&of(id))), "{path}: {links:?}");
            let links = scoped.get("/office/exams").await.expect(200).own_links();
            assert!(links.contains(&format!("/office/exams/{}", oldest.public_id)), "{links:?}");
        }
    }

    async fn staff_arrange_and_publish_and_the_candidate_prints_one_page(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(straight).await;
        let people = applied(&t, &exam, &["林一舟", "欧阳喆䶮", "何小宁"]).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let mut office = officer.browser();
        let mut browser = people[0].0.browser();
        browser.get("/tickets").await.expect(200).shows("等待考场编排");

        let base = format!("/office/seating/{}", exam.public_id);
        office.get("/office/seating").await.expect(200).shows("未编排");
        office.get(&base).await.expect(200).shows("还没有公布的编排");
        let page = office.get(&format!("{base}/generate")).await.expect(200).shows("可以编排 3 人");
        let form = page.form(&format!("{base}/generate"));
        let page = office.submit(form.clone()).await.expect(422).shows("请至少填写一个考点");
        // Too few seats: said where more rooms are written, with what was typed.
        let few = page.form(&format!("{base}/generate")).set_all(&[("name-0", "市第五中学"), ("rooms-0", "1"), ("capacity-0", "2")]);
        let again = office.submit(few).await.expect(422).shows("普通考场不够：需要 3 个座位，现有 2 个");
        assert_eq!(again.form(&format!("{base}/generate")).value("name-0"), Some("市第五中学"));
        let form = page.form(&format!("{base}/generate")).set_all(&[("name-0", "市第五中学"), ("address-0", "文昌路 18 号"), ("rooms-0", "2")]);
        let page = office.submit(form).await.expect(200).shows("正在编排：0 / 3 个座位").lacks("公布这一版编排");
        let plan = page.path().to_owned();
        t.run_jobs().await;
        office.get(&plan).await.expect(200).shows("待公布").shows("公布这一版编排").lacks("正在编排");
        office.get(&format!("{plan}/rooms/1")).await.expect(200).shows("林一舟").shows("何小宁");

        // Made and not published: nobody sees anything of it.
        browser.get("/tickets").await.expect(200).shows("等待考场编排").lacks("26 01");
        t.clock.set(OPEN);
        browser.get("/tickets").await.expect(200).shows("等待考场编排");
        browser.get(&format!("/tickets/{}", people[0].1)).await.shows("考场尚未编排");

        let page = office.get(&plan).await.expect(200);
        office.submit(page.form(&format!("{plan}/publish"))).await.expect(200).shows("已公布");
        let page = office.get(&plan).await.expect(200).shows("考生看到的就是这一版");
        for kind in ["door", "chart", "sign"] {
            let papers = page.form(&format!("{plan}/papers")).set("kind", kind);
            assert!(office.submit(papers).await.expect(200).body.starts_with(b"%PDF"), "{kind}");
        }
        let far = page.form(&format!("{plan}/papers")).set_all(&[("first", "8"), ("last", "9")]);
        office.submit(far).await.shows("没有可打印的考场");
        let table = office.submit(page.form(&format!("{plan}/table"))).await.expect(200);
        let sheets = documents::xlsx::read(&table.body).unwrap();
        assert_eq!(sheets[0].height(), 4, "a title and three seats");

        let page = browser.get("/tickets").await.expect(200).shows("可打印准考证").shows("市第五中学").shows("2026年4月12日（周日）9:00–10:30");
        let link = page.link("打印准考证");
        let page = browser.get(&link).await.expect(200).shows("开考 30 分钟后不得入场").shows("文昌路 18 号");
        let pdf = browser.submit(page.form(&format!("{link}/print"))).await.expect(200);
        assert!(pdf.body.starts_with(b"%PDF"));
        browser.get("/tickets").await.expect(200).shows("已打印 1 次");
        office.get(&format!("/office/tickets/{}", exam.public_id)).await.expect(200).shows("可以打印");
        let sample = office.get(&format!("/office/tickets/{}/sample", exam.public_id)).await.expect(200);
        assert!(sample.body.starts_with(b"%PDF"));

        // Somebody else's ticket isn't there.
        let mut other = people[1].0.browser();
        other.get(&format!("/tickets/{}", people[0].1)).await.expect(404);
        // The window ends to the second.
        t.clock.set("2026-04-12 08:59:59");
        browser.get(&link).await.expect(200);
        t.clock.set(CLOSE);
        browser.get(&link).await.shows("准考证打印已结束");
        browser.get("/tickets").await.expect(200).shows("打印已结束").lacks("市第五中学");
    }

    async fn a_later_plan_replaces_the_published_one_and_numbers_stay_for_ever(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(straight).await;
        let first = applied(&t, &exam, &["林一舟", "欧阳喆", "何小宁"]).await;
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let now = find(&t, &exam).await;
        assert!(!now.is_seated());
        // The same input and seed give the same plan.
        let one = made(&ctx, &now, wanted("1", "甲")).await;
        let two = made(&ctx, &now, wanted("1", "甲")).await;
        let mut seats = Vec::new();
        for id in [&one, &two] {
            let plan = arrangement::plan(&ctx, &now, id).await.unwrap();
            let rows = arrangement::room(&ctx, &plan, 1).await.unwrap();
            seats.push(rows.iter().map(|row| (row.seat_no, row.application_id)).collect::<Vec<_>>());
        }
        assert_eq!(seats[0], seats[1]);
        arrangement::discard(&ctx, &now, &two).await.unwrap();
        let given_up = arrangement::plan(&ctx, &now, &two).await.unwrap();
        assert!(arrangement::room(&ctx, &given_up, 1).await.unwrap().is_empty());
        assert!(matches!(arrangement::publish(&ctx, &now, &two).await, Err(Error::Conflict(_))));

        arrangement::publish(&ctx, &now, &one).await.unwrap();
        let before = numbers(&t, &ctx, &exam).await;
        assert_eq!(before.len(), 3);
        assert!(matches!(arrangement::publish(&ctx, &now, &one).await, Err(Error::Conflict(_))));

        // A plan that knows nothing of a later candidate is refused.
        let now = find(&t, &exam).await;
        let stale = made(&ctx, &now, wanted("1", "乙")).await;
        let late = applied(&t, &exam, &["周明远"]).await;
        assert_eq!(code(arrangement::publish(&ctx, &now, &stale).await), "plan_stale");
        assert_eq!(numbers(&t, &ctx, &exam).await, before);

        let next = made(&ctx, &now, wanted("1", "丙")).await;
        let plan = arrangement::plan(&ctx, &now, &next).await.unwrap();
        let differences = arrangement::differences(&ctx, &now, &plan).await.unwrap().unwrap();
        assert_eq!((differences.added, differences.removed), (1, 0));
        assert!(differences.rows.iter().any(|row| row.name == "周明远" && row.old_room == 0));
        arrangement::publish(&ctx, &now, &next).await.unwrap();
        let after = numbers(&t, &ctx, &exam).await;
        for (name, number, _) in &before {
            assert!(after.iter().any(|(other, same, _)| other == name && same == number), "{name}");
        }
        let unique: std::collections::BTreeSet<&String> = after.iter().map(|(_, number, _)| number).collect();
        assert_eq!(unique.len(), 4);
        let states: Vec<String> = arrangement::plans(&ctx, &now).await.unwrap().into_iter().map(|plan| plan.state).collect();
        assert_eq!(states, ["published", "ready", "discarded", "superseded"]);
        // Their tickets show the plan that is published now.
        t.clock.set(OPEN);
        let ticket = ticket::own(&late[0].0.ctx(), &late[0].1).await.unwrap();
        let here = after.iter().find(|(name, ..)| name == "周明远").unwrap();
        assert_eq!((ticket.content.ticket_no, ticket.content.sessions[0].seat.clone()), (here.1.clone(), here.2.to_string()));
        assert!(!app::photo::replaceable(&first[0].0.ctx()).await.unwrap(), "the photo stays as it is");
    }

    async fn two_plans_made_before_either_is_published_dont_give_anybody_two_numbers(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(straight).await;
        applied(&t, &exam, &["林一舟", "欧阳喆"]).await;
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let now = find(&t, &exam).await;
        let one = made(&ctx, &now, wanted("1", "甲")).await;
        // Another room, so that no number of the one is a number of the other.
        let mut elsewhere = wanted("1", "乙");
        elsewhere.rooms[0].no = 2;
        let two = made(&ctx, &now, elsewhere).await;
        arrangement::publish(&ctx, &now, &one).await.unwrap();
        let before = numbers(&t, &ctx, &exam).await;
        let now = find(&t, &exam).await;
        assert_eq!(code(arrangement::publish(&ctx, &now, &two).await), "ticket_number");
        assert_eq!(numbers(&t, &ctx, &exam).await, before);
        let given = crate::invariants::rows::text_of(&t, "SELECT CAST(COUNT(*) AS TEXT) FROM ticket_number").await;
        assert_eq!(given, "2");
    }

    async fn a_plan_given_up_in_the_middle_of_its_staging_leaves_no_seat(t: TestApp) {
        let exam = t.recruitment(straight).await;
        applied(&t, &exam, &["林一舟", "何小宁"]).await;
        let (maker, other) = (t.staff(&[Role::ExamOfficer]).await.ctx().await, t.staff(&[Role::ExamOfficer]).await.ctx().await);
        let now = find(&t, &exam).await;
        let rows = async || -> (i64, i64) {
            let scan = t.app.db().scan(db::Crowd::System);
            scan.one(db::sql!("SELECT (SELECT COUNT(*) FROM seat_room), (SELECT COUNT(*) FROM seat)"), db::p![]).await.unwrap()
        };
        let plan = arrangement::generate(&maker, &now, wanted("1", "甲")).await.unwrap();
        assert_eq!(rows().await, (1, 0), "the room is there, the seats are to come");
        let row = arrangement::plan(&other, &now, &plan).await.unwrap();
        let made = async || {
            let mut held = None;
            while make::make_some(&t.system(), row.id, &mut held, 1).await?.is_some() {}
            Ok::<(), Error>(())
        };
        let mut making = std::pin::pin!(made());
        let ended = halfway(making.as_mut(), async || rows().await.1 > 0).await;
        assert!(ended.is_none() && rows().await.1 > 0, "stopped in the middle");
        arrangement::discard(&other, &now, &plan).await.unwrap();
        assert_eq!(rows().await.1, 0);
        let ended = making.await;
        assert!(matches!(ended, Ok(()) | Err(Error::Conflict(_))), "{ended:?}");
        assert_eq!(rows().await.1, 0);
        let mut office = t.staff(&[Role::ExamOfficer]).await.browser();
        office.get(&format!("/office/seating/{}/plans/{plan}", exam.public_id)).await.expect(200).shows("已放弃");
        // The control: nobody gives the next one up.
        self::made(&maker, &now, wanted("1", "乙")).await;
        assert_eq!(rows().await.1, 2);
    }

    async fn a_seat_file_is_taken_whole_or_not_at_all(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(straight).await;
        applied(&t, &exam, &["林一舟", "何小宁"]).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let ctx = officer.ctx().await;
        let mut office = officer.browser();
        let now = find(&t, &exam).await;
        let roster = arrangement::template_xlsx(&ctx, &now).await.unwrap();
        let sheet = documents::xlsx::read(&roster).unwrap().remove(0);
        let titles = ["报名序号", "姓名", "考点名称", "考点地址", "考场号", "座位号", "准考证号"];
        let row = |at: usize, name: &str, seat: &str, number: &str| -> Vec<String> {
            let known = sheet.at(at, 0).raw();
            [known, name, "市第五中学", "文昌路", "1", seat, number].map(str::to_owned).to_vec()
        };
        let base = format!("/office/seating/{}", exam.public_id);
        let page = office.get(&format!("{base}/import")).await.expect(200);
        let form = page.form(&format!("{base}/import"));
        const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        let send = |bytes: &[u8]| form.clone().file("file", "编排.xlsx", XLSX, bytes);

        office.submit(send(b"<html>")).await.expect(422).shows("另存为 .xlsx");
        office.submit(send(b"")).await.expect(422).shows("请选择要导入的 xlsx 文件");
        for (rows, says) in [
            (vec![row(1, "", "1", ""), row(2, "", "1", "")], "编排了两个人"),
            (vec![row(1, "", "1", "")], "没有座位"),
            (vec![row(1, "张三", "1", ""), row(2, "", "2", "")], "姓名与报名信息不一致"),
            (vec![row(1, "", "零", ""), row(2, "", "2", "")], "座位号应为大于 0 的整数"),
            (vec![row(1, "", "1", "2601010001"), row(2, "", "2", "2601010001")], "与另一名考生重复"),
        ] {
            let page = office.submit(send(&book(&titles, &rows))).await.expect(200).shows(says);
            page.shows("现在没有生成编排");
        }
        assert!(arrangement::plans(&ctx, &now).await.unwrap().is_empty());

        let good = [row(1, "", "1", "2601010001"), row(2, "", "2", "2601010002")];
        let page = office.submit(send(&book(&titles, &good))).await.expect(200).shows("每一行都对上了");
        let batches = import::recent(&t.app, now.id(), import::Kind::Seats).await.unwrap();
        assert_eq!((batches[0].rows_read, batches[0].rows_good, batches[0].rows_bad), (2, 2, 0));
        let plan = page.link("查看编排");
        let page = office.get(&plan).await.expect(200);
        office.submit(page.form(&format!("{plan}/publish"))).await.expect(200);
        let seats = numbers(&t, &ctx, &exam).await;
        assert!(seats.iter().any(|(_, number, seat)| number == "2601010002" && *seat == 2), "{seats:?}");
    }

    async fn who_may_not_arrange_is_turned_away(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(straight).await;
        applied(&t, &exam, &["林一舟"]).await;
        let scorer = t.staff(&[Role::ScoreOfficer]).await;
        let ctx = scorer.ctx().await;
        let now = find(&t, &exam).await;
        assert!(matches!(arrangement::generate(&ctx, &now, wanted("1", "")).await, Err(Error::Forbidden)));
        scorer.browser().get("/office/seating").await.expect(403);
        let elsewhere = t.staff_with(&[(Role::ExamOfficer, exam.id + 1, String::new())]).await;
        let ctx = elsewhere.ctx().await;
        assert!(matches!(arrangement::overview(&ctx, &now).await, Err(Error::Forbidden)));
        let officer = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let few = Generate { rooms: vec![], ..wanted("1", "") };
        assert_eq!(code(arrangement::generate(&officer, &now, few).await), "plan");
        let stranger = Generate { special: vec!["1".into()], ..wanted("1", "") };
        assert!(matches!(arrangement::generate(&officer, &now, stranger).await, Err(Error::Fields(_))));
    }

    async fn staff_set_the_ticket_window_and_the_notice_with_a_reason(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(straight).await;
        let people = applied(&t, &exam, &["林一舟"]).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        seat(&t, &officer.ctx().await, &exam, "甲").await;
        let mut office = officer.browser();
        let path = format!("/office/tickets/{}", exam.public_id);
        office.get("/office/tickets").await.expect(200).shows("未到时间");
        let page = office.get(&path).await.expect(200);
        let bad = page.form(&path).set_all(&[("closes", "2026-03-01T09:00"), ("notice", "")]);
        office.submit(bad).await.expect(422).shows("停止时间应晚于开始时间").shows("请填写考生须知").shows("请写明修改的原因");
        let good = page.form(&path).set_all(&[("opens", "2026-03-19T09:00"), ("notice", "带齐两证。\n迟到 5 分钟不得入场。"), ("reason", "编排完成，提前开放打印")]);
        office.submit(good.clone()).await.expect(200).shows("准考证设置已保存：");
        // Somebody else's older page is told that it is old.
        office.submit(good).await.expect(409);
        t.clock.set("2026-03-19 09:00");
        let page = people[0].0.browser().get(&format!("/tickets/{}", people[0].1)).await;
        page.expect(200).shows("迟到 5 分钟不得入场");
    }
}
