//! 成套用纸: made step by step whoever makes them, taken by those who may, gone when their days are over.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;

use app::arrangement::papers::{self, Ask, FileRow, RunRow, make, sweep};
use app::arrangement::{self, Generate, PlanRow, SiteLine};
use app::{Ctx, Error};
use domain::arrangement::{Options, PaperKind};
use domain::exam::ExamSettings;
use domain::exam::settings::Paper;
use domain::staff::Role;
use domain::time::Timestamp;
use testkit::{TestApp, TestCandidate, TestExam, both_backends, tokio};

use crate::archive::{book as sheet_of, texts, unzipped};
use crate::arrangement::{applied, book, find, patient, straight};
use crate::halfway::halfway;
use crate::invariants::rows::text_of;

const NAMES: [&str; 5] = ["林一舟", "欧阳喆䶮", "何小宁", "周明远", "苏晓"];

/// Two papers on one day.
fn two_papers(settings: &mut ExamSettings) {
    straight(settings);
    let at = |text| Timestamp::parse_local(text).unwrap();
    settings.papers.push(Paper {
        class: String::new(),
        code: "21".into(),
        name: "综合应用能力".into(),
        session: 2,
        starts_at: at("2026-04-12 10:40"),
        ends_at: at("2026-04-12 12:40"),
    });
}

/// Two sites, three rooms of two seats each.
fn rooms() -> Generate {
    let line = |name: &str, rooms: &str| SiteLine {
        name: name.into(),
        address: "文昌路 18 号".into(),
        rooms: rooms.into(),
        capacity: "2".into(),
        ..SiteLine::default()
    };
    let lines = [line("市第五中学", "2"), line("实验小学", "1")];
    Generate {
        rooms: arrangement::from_lines(&lines, 30).unwrap(),
        options: Options::default(),
        seed: "甲".into(),
        special: vec![],
    }
}

struct Set {
    exam: TestExam,
    people: Vec<(TestCandidate, String)>,
    plan: PlanRow,
}

/// A plan that is ready, and published if that is wanted.
async fn planned(t: &TestApp, ctx: &Ctx, exam: &TestExam, publish: bool) -> PlanRow {
    let now = find(t, exam).await;
    let id = arrangement::generate(ctx, &now, rooms()).await.unwrap();
    t.run_jobs().await;
    if publish {
        arrangement::publish(ctx, &now, &id).await.unwrap();
    }
    let now = find(t, exam).await;
    arrangement::plan(ctx, &now, &id).await.unwrap()
}

async fn seated(t: &TestApp, ctx: &Ctx, publish: bool) -> Set {
    let exam = t.recruitment(two_papers).await;
    let people = applied(t, &exam, &NAMES).await;
    let plan = planned(t, ctx, &exam, publish).await;
    Set { exam, people, plan }
}

fn every_kind() -> Ask {
    Ask {
        kinds: PaperKind::ALL
            .iter()
            .map(|kind| kind.code().to_owned())
            .collect(),
        photos: true,
        tables: true,
        spare: "2".into(),
        ..Ask::default()
    }
}

fn only(kind: PaperKind) -> Ask {
    Ask {
        kinds: vec![kind.code().to_owned()],
        ..every_kind()
    }
}

async fn asked(t: &TestApp, ctx: &Ctx, set: &Set, ask: &Ask) -> RunRow {
    let now = find(t, &set.exam).await;
    let id = papers::ask(ctx, &now, &set.plan, ask).await.unwrap();
    papers::run(ctx, &now, &id).await.unwrap()
}

async fn again(t: &TestApp, ctx: &Ctx, set: &Set, run: &RunRow) -> RunRow {
    let now = find(t, &set.exam).await;
    papers::run(ctx, &now, &run.public_id).await.unwrap()
}

async fn all_files(ctx: &Ctx, run: &RunRow) -> Vec<FileRow> {
    papers::files(ctx, run, 0).await.unwrap()
}

/// Everything in one ZIP, by name.
async fn taken(t: &TestApp, ctx: &Ctx, set: &Set, run: &RunRow) -> BTreeMap<String, Vec<u8>> {
    let now = find(t, &set.exam).await;
    let mut taken = papers::take_all(ctx, &now, &run.public_id).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(piece) = taken.pieces.recv().await {
        bytes.extend_from_slice(&piece.unwrap());
    }
    unzipped(&bytes)
}

fn fields(result: app::Result<impl std::fmt::Debug>) -> Vec<String> {
    match result {
        Err(Error::Fields(errors)) => errors.iter().map(|(key, _)| key.to_owned()).collect(),
        other => panic!("{other:?}"),
    }
}

fn code(result: app::Result<impl std::fmt::Debug>) -> &'static str {
    match result {
        Err(Error::Refused(refusal)) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}

async fn entries(t: &TestApp, action: &str) -> usize {
    let query = format!("SELECT CAST(COUNT(*) AS TEXT) FROM audit_entry WHERE action = '{action}'");
    text_of(t, &query).await.parse().unwrap()
}

fn list_of(people: &[(&str, &str, &str)]) -> Vec<u8> {
    let rows: Vec<Vec<String>> = people
        .iter()
        .map(|(name, employer, site)| [*name, *employer, *site].map(str::to_owned).to_vec())
        .collect();
    book(&["姓名", "单位", "考点"], &rows)
}

const DAY: i64 = 86_400;

fn later(t: &TestApp, days: i64) {
    t.clock.advance(days * DAY);
}

both_backends! {
    async fn files_are_made_once_each_whoever_makes_them_and_name_everybody(t: TestApp) {
        let t = patient(&t);
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let set = seated(&t, &ctx, true).await;
        let run = asked(&t, &ctx, &set, &every_kind()).await;
        assert_eq!((run.state.as_str(), run.files), ("making", 0));
        // Several hands at once, a few times.
        for _ in 0..3 {
            let hands = (0..4).map(|_| {
                let (ctx, id) = (t.system(), run.id);
                tokio::spawn(async move { make::make_some(&ctx, id).await })
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
        // Another one is killed between two commits.
        let before = again(&t, &ctx, &set, &run).await.reached;
        {
            let system = t.system();
            let mut work = pin!(async {
                while make::make_some(&system, run.id).await.unwrap().is_some() {}
            });
            let moved = async || again(&t, &ctx, &set, &run).await.reached != before;
            assert!(halfway(work.as_mut(), moved).await.is_none(), "it ended too early");
        }
        let half = again(&t, &ctx, &set, &run).await;
        assert!(half.state == "making" && half.done > 0 && half.done < half.total, "{half:?}");
        make::resume(&t.system()).await.unwrap();
        t.run_jobs().await;
        let run = again(&t, &ctx, &set, &run).await;
        assert_eq!((run.state.as_str(), run.failure.as_str()), ("ready", ""));
        assert_eq!(run.done, run.total);
        assert!(make::make_some(&t.system(), run.id).await.unwrap().is_none());
        let files = all_files(&ctx, &run).await;
        assert_eq!(i64::try_from(files.len()).unwrap(), run.files);
        assert_eq!(files.iter().map(|file| file.pages).sum::<i64>(), run.pages);
        let names: BTreeSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names.len(), files.len(), "no file twice");
        // Two sites; nine kinds by site (two of them without a table), the sums, and the four files of the pack.
        assert_eq!(files.len(), 2 * (9 + 7) + 1 + 4, "{names:?}");

        let all = taken(&t, &ctx, &set, &run).await;
        assert_eq!(all.keys().map(String::as_str).collect::<BTreeSet<_>>(), names);
        for (name, bytes) in &all {
            let file = files.iter().find(|file| file.name == *name).unwrap();
            assert_eq!(i64::try_from(bytes.len()).unwrap(), file.size, "{name}");
            assert_eq!(name.ends_with(".pdf"), bytes.starts_with(b"%PDF"), "{name}");
        }
        assert!(all.contains_key("01 市第五中学/考场座次表 001-002.pdf"), "{names:?}");
        assert!(all.contains_key("02 实验小学/考生签到表 003-003.xlsx"), "{names:?}");
        // Everybody once for each session, with the first three characters of his number.
        let mut lines = 0;
        for site in ["01 市第五中学/考生签到表 001-002.xlsx", "02 实验小学/考生签到表 003-003.xlsx"] {
            let sheet = sheet_of(&all[site]);
            lines += sheet.height() - 1;
            for row in 1..sheet.height() {
                let (name, number) = (sheet.at(row, 7).raw(), sheet.at(row, 8).raw());
                assert!(NAMES.contains(&name), "{name}");
                assert_eq!(number, "431***************");
            }
        }
        assert_eq!(lines, 2 * NAMES.len());
        // The pack tells nobody's name, and its digests are those of its files.
        let pack = String::from_utf8(all["阅卷数据包/座位与科目.csv"].clone()).unwrap();
        assert_eq!(pack.lines().count(), 1 + 2 * NAMES.len());
        assert!(NAMES.iter().all(|name| !pack.contains(name)));
        assert!(pack.contains(",1,11,") && pack.contains(",2,21,"), "{pack}");
        let digests = String::from_utf8(all["阅卷数据包/SHA-256.txt"].clone()).unwrap();
        assert_eq!(digests.lines().count(), 3);
        for line in digests.lines() {
            let (digest, name) = line.split_once("  ").unwrap();
            let bytes = &all[&format!("阅卷数据包/{name}")];
            assert_eq!(hex::encode(<sha2::Sha256 as sha2::Digest>::digest(bytes)), digest, "{name}");
        }
        let counts = texts(&sheet_of(&all["阅卷数据包/人数核对.xlsx"]));
        assert!(counts.contains("实验小学") && counts.contains("综合应用能力"), "{counts}");
    }

    async fn only_who_may_arrange_takes_them_and_each_taking_is_written_down(t: TestApp) {
        let t = patient(&t);
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let ctx = officer.ctx().await;
        let set = seated(&t, &ctx, false).await;
        let ask = only(PaperKind::Door);
        let run = asked(&t, &ctx, &set, &ask).await;
        t.run_jobs().await;
        let now = find(&t, &set.exam).await;
        let other = t.recruitment(straight).await;
        let elsewhere = t.staff_with(&[(Role::ExamOfficer, other.id, String::new())]).await.ctx().await;
        let reviewer = t.staff(&[Role::FirstReviewer]).await.ctx().await;
        for stranger in [&elsewhere, &reviewer] {
            assert!(matches!(papers::ask(stranger, &now, &set.plan, &ask).await, Err(Error::Forbidden)));
            assert!(matches!(papers::runs(stranger, &now, None).await, Err(Error::Forbidden)));
            assert!(matches!(papers::run(stranger, &now, &run.public_id).await, Err(Error::Forbidden)));
            assert!(matches!(papers::sites(stranger, &now, set.plan.id).await, Err(Error::Forbidden)));
            assert!(matches!(papers::take(stranger, &now, &run.public_id, 1).await, Err(Error::Forbidden)));
            assert!(matches!(papers::take_all(stranger, &now, &run.public_id).await, Err(Error::Forbidden)));
        }
        // Under another exam there is no such run, even for whom that exam is.
        let theirs = find(&t, &other).await;
        assert!(matches!(papers::take(&elsewhere, &theirs, &run.public_id, 1).await, Err(Error::NotFound)));
        assert_eq!(entries(&t, "arrangement.papers_take").await, 0);
        let file = papers::take(&ctx, &now, &run.public_id, 1).await.unwrap();
        assert_eq!(file.file_name, "01 市第五中学 考场门贴 001-002.pdf");
        assert!(file.bytes.starts_with(b"%PDF"));
        assert!(matches!(papers::take(&ctx, &now, &run.public_id, 99).await, Err(Error::NotFound)));
        taken(&t, &ctx, &set, &run).await;
        assert_eq!(entries(&t, "arrangement.papers_take").await, 2);
        assert_eq!(entries(&t, "arrangement.papers").await, 1);
        assert_eq!(entries(&t, "arrangement.papers_end").await, 1);
    }

    async fn whole_numbers_are_printed_with_a_reason_only(t: TestApp) {
        let t = patient(&t);
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let set = seated(&t, &ctx, false).await;
        let now = find(&t, &set.exam).await;
        let mut ask = Ask { whole_numbers: true, ..only(PaperKind::SignIn) };
        assert_eq!(fields(papers::ask(&ctx, &now, &set.plan, &ask).await), ["reason"]);
        ask.reason = "考点没有读卡设备，联系 13800000000".into();
        let run = asked(&t, &ctx, &set, &ask).await;
        t.run_jobs().await;
        let all = taken(&t, &ctx, &set, &run).await;
        let shown: String = all.iter().filter(|(name, _)| name.ends_with("xlsx")).map(|(_, bytes)| texts(&sheet_of(bytes))).collect();
        for (one, _) in &set.people {
            assert!(shown.contains(&one.person.number), "{shown}");
        }
        for action in ["arrangement.papers", "arrangement.papers_take"] {
            let detail = text_of(&t, &format!("SELECT detail FROM audit_entry WHERE action = '{action}'")).await;
            assert!(detail.contains("考点没有读卡设备") && detail.contains("true"), "{detail}");
            assert!(!detail.contains("13800000000"), "{detail}");
        }
        // What has no numbers needs no reason.
        let door = Ask { whole_numbers: true, ..only(PaperKind::Door) };
        let run = asked(&t, &ctx, &set, &door).await;
        assert!(!run.wanted().unwrap().whole_numbers);
    }

    async fn what_has_expired_is_deleted_with_the_names_of_the_list(t: TestApp) {
        let t = patient(&t);
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let set = seated(&t, &ctx, false).await;
        let now = find(&t, &set.exam).await;
        let few = Ask { list: list_of(&[("王建国", "一中", ""), ("李爱华", "二中", "")]), ..only(PaperKind::Staff) };
        assert_eq!(fields(papers::ask(&ctx, &now, &set.plan, &few).await), ["file"]);
        let lost = Ask { list: list_of(&[("王建国", "一中", "第九中学")]), ..few.clone() };
        assert_eq!(fields(papers::ask(&ctx, &now, &set.plan, &lost).await), ["file"]);
        let blank = Ask { list: book(&["电话"], &[vec!["1".into()]]), ..few.clone() };
        assert_eq!(fields(papers::ask(&ctx, &now, &set.plan, &blank).await), ["file"]);
        let seven: Vec<(&str, &str, &str)> = vec![
            ("王建国", "一中", ""), ("李爱华", "二中", ""), ("何𬭊", "一中", ""), ("龙䶮", "二中", ""),
            ("赵喆", "三中", "实验小学"), ("钱旻", "一中", "2"), ("孙㛃", "三中", ""),
        ];
        let run = asked(&t, &ctx, &set, &Ask { list: list_of(&seven), ..few }).await;
        t.run_jobs().await;
        let all = taken(&t, &ctx, &set, &run).await;
        let second = texts(&sheet_of(&all["02 实验小学/监考名册 003-003.xlsx"]));
        assert!(second.contains("赵喆") && second.contains("钱旻"), "{second}");
        assert!(all.contains_key("01 市第五中学/监考名册 001-002.pdf"));
        let path = all_files(&ctx, &run).await[0].path.clone();
        assert!(t.app.objects().get(&path).await.is_ok());

        assert_eq!(sweep::sweep(&t.system()).await.unwrap(), 0, "nothing is due");
        later(&t, 15);
        assert!(sweep::sweep(&t.system()).await.unwrap() > 0);
        assert_eq!(sweep::sweep(&t.system()).await.unwrap(), 0);
        let run = again(&t, &ctx, &set, &run).await;
        assert_eq!(run.state, "emptied");
        assert!(!run.wanted.contains("王建国"), "{}", run.wanted);
        assert!(all_files(&ctx, &run).await.is_empty());
        assert!(t.app.objects().get(&path).await.is_err(), "the content is still there");
        assert!(matches!(papers::take(&ctx, &now, &run.public_id, 1).await, Err(Error::NotFound)));
        assert!(matches!(papers::take_all(&ctx, &now, &run.public_id).await, Err(Error::NotFound)));
        assert_eq!(entries(&t, "arrangement.papers_expire").await, 1);
        // One that was still being made stops.
        let late = asked(&t, &ctx, &set, &only(PaperKind::Chart)).await;
        assert!(make::make_some(&t.system(), late.id).await.unwrap().is_some());
        later(&t, 15);
        sweep::sweep(&t.system()).await.unwrap();
        assert!(make::make_some(&t.system(), late.id).await.unwrap().is_none());
        t.run_jobs().await;
        let late = again(&t, &ctx, &set, &late).await;
        assert_eq!((late.state.as_str(), all_files(&ctx, &late).await.len()), ("emptied", 0));
    }

    async fn what_stands_in_the_way_is_said_and_ends_the_run(t: TestApp) {
        let t = patient(&t);
        let ctx = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let set = seated(&t, &ctx, false).await;
        let now = find(&t, &set.exam).await;
        for (wrong, field) in [
            (Ask::default(), "kinds"),
            (only(PaperKind::Tickets), "kinds"),
            (Ask { first: "x".into(), ..only(PaperKind::Door) }, "first"),
            (Ask { first: "3".into(), last: "2".into(), ..only(PaperKind::Door) }, "last"),
            (Ask { first: "8".into(), ..only(PaperKind::Door) }, "first"),
            (Ask { spare: "51".into(), ..only(PaperKind::Bag) }, "spare"),
        ] {
            assert_eq!(fields(papers::ask(&ctx, &now, &set.plan, &wrong).await), [field], "{wrong:?}");
        }
        // One site, one session, some rooms.
        let part = Ask { sites: vec!["1".into()], sessions: vec!["2".into()], first: "2".into(), ..only(PaperKind::SignIn) };
        let run = asked(&t, &ctx, &set, &part).await;
        t.run_jobs().await;
        let all = taken(&t, &ctx, &set, &run).await;
        assert_eq!(all.keys().collect::<Vec<_>>(), ["01 市第五中学/考生签到表 002-002.pdf", "01 市第五中学/考生签到表 002-002.xlsx"]);
        assert!(texts(&sheet_of(&all["01 市第五中学/考生签到表 002-002.xlsx"])).contains("综合应用能力"));

        // No more than three at once, and none of a plan that was given up.
        let mut runs = Vec::new();
        for _ in 0..3 {
            runs.push(asked(&t, &ctx, &set, &only(PaperKind::Door)).await);
        }
        assert_eq!(code(papers::ask(&ctx, &now, &set.plan, &only(PaperKind::Door)).await), "papers_busy");
        assert_eq!(papers::runs(&ctx, &now, None).await.unwrap().len(), 4);
        arrangement::discard(&ctx, &now, &set.plan.public_id).await.unwrap();
        let given_up = arrangement::plan(&ctx, &now, &set.plan.public_id).await.unwrap();
        assert_eq!(code(papers::ask(&ctx, &now, &given_up, &only(PaperKind::Door)).await), "papers_plan");
        t.run_jobs().await;
        let failed = again(&t, &ctx, &set, &runs[0]).await;
        assert_eq!(failed.state, "failed");
        assert!(failed.failure.contains("放弃"), "{}", failed.failure);
        // The plan as it was when the form was sent: the command looks again.
        assert!(papers::ask(&ctx, &now, &set.plan, &only(PaperKind::Door)).await.is_err());

        // Tickets are those of the published plan alone.
        let first = planned(&t, &ctx, &set.exam, true).await;
        let next = planned(&t, &ctx, &set.exam, false).await;
        let set = Set { plan: first, ..set };
        let run = asked(&t, &ctx, &set, &only(PaperKind::Tickets)).await;
        assert!(make::make_some(&t.system(), run.id).await.unwrap().is_some());
        let now = find(&t, &set.exam).await;
        arrangement::publish(&ctx, &now, &next.public_id).await.unwrap();
        t.run_jobs().await;
        let run = again(&t, &ctx, &set, &run).await;
        assert_eq!((run.state.as_str(), run.files), ("failed", 1), "{run:?}");
        assert!(run.failure.contains("新的一版"), "{}", run.failure);
    }

    async fn the_pages_lead_from_the_plan_to_the_files(t: TestApp) {
        let t = patient(&t);
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let set = seated(&t, &officer.ctx().await, true).await;
        let mut office = officer.browser();
        let base = format!("/office/seating/{}", set.exam.public_id);
        let plan = format!("{base}/plans/{}", set.plan.public_id);
        let runs = office.get(&plan).await.expect(200).link("生成成套用纸");
        assert_eq!(runs, format!("{plan}/runs"));
        let page = office.get(&runs).await.expect(200).shows("还没有生成过").shows("市第五中学（2 个考场）");
        let form = page.form(&runs);
        assert_eq!(form.values("kinds"), ["overview", "door", "chart", "sign"]);
        let wrong = form.clone().unset("kinds").set_all(&[("first", "2"), ("whole_numbers", "1")]);
        let page = office.submit(wrong).await.expect(422).shows("请至少选择一种用纸");
        assert_eq!(page.form(&runs).value("first"), Some("2"));
        let sent = form.unset("kinds").add("kinds", "door").add("kinds", "staff").file(
            "file", "监考.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            &list_of(&[("甲一", "一中", ""), ("乙二", "二中", ""), ("丙三", "一中", ""), ("丁四", "二中", ""), ("戊五", "", ""), ("己六", "", "")]),
        );
        let page = office.submit(sent).await.expect(200).shows("生成中").shows("还没有文件");
        let run = page.path().to_owned();
        t.run_jobs().await;
        let page = office.get(&run).await.expect(200).shows("已生成").shows("考场门贴 001-002.pdf").shows("监考抽签种子");
        let one = office.submit(page.form(&format!("{run}/take"))).await.expect(200);
        assert!(one.body.starts_with(b"%PDF"));
        let all = office.submit(page.form(&format!("{run}/take-all"))).await.expect(200);
        assert_eq!(unzipped(&all.body).len(), 8);
        office.get(&runs).await.expect(200).shows("8 个文件");
        later(&t, 15);
        sweep::sweep(&t.system()).await.unwrap();
        office.get(&run).await.expect(200).shows("已清除").lacks("下载全部");
        office.get(&format!("{base}/runs/none")).await.expect(404);
    }
}
