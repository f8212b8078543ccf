//! 准考证版式: written, looked at, tried in a process of its own, used by a second look, put back. The child is the real binary.

use std::path::Path;
use std::time::Duration;

use app::ticket::template::{self, Limits, Want};
use app::{Ctx, Error, ticket};
use domain::staff::Role;
use testkit::{TestApp, TestExam, both_backends};

use crate::arrangement::{applied, find, patient, seat, straight};
use crate::invariants::rows::text_of;

const OPEN: &str = "2026-04-07 09:00";

/// The product with its child, and time enough for a slow machine.
fn with_child(t: &TestApp) -> TestApp {
    let t = patient(t);
    let limits = Limits {
        time: Duration::from_secs(60),
        ..Limits::default()
    };
    assert!(
        t.app
            .set_typesetter(Path::new(env!("CARGO_BIN_EXE_baokao")), limits)
    );
    assert!(!t.app.set_typesetter(Path::new("/nowhere"), limits), "once");
    t
}

async fn set_up(t: &TestApp) -> (TestExam, Ctx) {
    let exam = t.recruitment(straight).await;
    (exam, t.staff(&[Role::ExamOfficer]).await.ctx().await)
}

fn code(result: app::Result<impl std::fmt::Debug>) -> &'static str {
    match result {
        Err(Error::Refused(refusal)) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}

/// The built-in template with a line of its own.
async fn with_a_line(ctx: &Ctx, now: &app::exam::Exam, line: &str) -> String {
    let text = template::text(ctx, now, Some(0)).await.unwrap();
    text.replace(
        "#heading-line[考生须知]",
        &format!("{line}\n#heading-line[考生须知]"),
    )
}

both_backends! {
    async fn a_template_is_written_tried_used_and_put_back_on_its_pages(t: TestApp) {
        let t = with_child(&t);
        let exam = t.recruitment(straight).await;
        let people = applied(&t, &exam, &["林一舟"]).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let ctx = officer.ctx().await;
        seat(&t, &ctx, &exam, "甲").await;
        let base = format!("/office/tickets/{}/template", exam.public_id);
        let mut desk = officer.browser();
        desk.get(&format!("/office/tickets/{}", exam.public_id)).await.expect(200).shows("准考证版式");
        let page = desk.get(&base).await.expect(200).shows("正在使用内置版式").shows("还没有自定义的版式");
        let form = page.form(&base);
        let built_in = form.value("source").unwrap().to_owned();
        assert!(built_in.contains("准考证"));
        desk.submit(form.clone().set("source", "  ")).await.expect(422).shows("版式是空的");
        let long = "字".repeat(22_000);
        let again = desk.submit(form.clone().set("source", &long)).await.expect(422).shows("最多 64 KB");
        assert_eq!(again.form(&base).value("source"), Some(long.as_str()), "what was typed stays");
        desk.submit(form.clone().set("source", "证件 431000199001010027")).await.expect(422).shows("不要写证件号码");

        // A look before it is kept: a script gets a picture and faults, a button a PDF or the page again.
        let preview = format!("{base}/preview");
        let seen = desk.submit(form.clone().to(&preview)).await.expect(200).html();
        assert!(seen.contains("<svg") && seen.contains("\"faults\":[]"), "{seen:.200}");
        let broken = built_in.replace("d.name)", "d.naem)");
        let seen = desk.submit(form.clone().set("source", &broken).to(&preview)).await.expect(200).html();
        assert!(seen.contains("第 ") && seen.contains(" 行：") && seen.contains("\"picture\":\"\""), "{seen}");
        let seen = desk.submit(form.clone().set("source", "").to(&preview)).await.expect(200).html();
        assert!(seen.contains("版式是空的"), "{seen}");
        let pdf = desk.submit(form.clone().set("want", "pdf").to(&preview)).await.expect(200);
        assert!(pdf.body.starts_with(b"%PDF"));
        let again = desk.submit(form.clone().set("source", &broken).set("want", "pdf").to(&preview)).await.expect(422).shows(" 行：");
        assert_eq!(again.form(&base).value("source").map(str::trim_end), Some(broken.trim_end()));
        desk.submit(form.clone().set("source", "").set("want", "pdf").to(&preview)).await.expect(422);
        desk.submit(form.clone().set("case", "nobody").to(&preview)).await.expect(404);

        // A draft that lacks a name can't be used, and its page says why.
        let bad = built_in.replace("weight: \"bold\", d.name)", "weight: \"bold\", \"某\")");
        desk.submit(form.set("source", &bad)).await.expect(200).shows("草稿第 1 版已保存").shows("草稿");
        desk.get(&format!("{base}/use")).await.expect(200).shows("检查没有通过").shows("没有印出姓名").lacks("启用原因");
        let sha = text_of(&t, "SELECT sha256 FROM ticket_template").await;
        let now = find(&t, &exam).await;
        assert_eq!(code(template::take_into_use(&ctx, &now, (1, &sha), "印乘车路线").await), "ticket_template");

        let good = with_a_line(&ctx, &now, "乘 3 路公交车到一中站。").await;
        let page = desk.get(&base).await.expect(200);
        assert_eq!(page.form(&base).value("source").map(str::trim_end), Some(bad.trim_end()), "the draft goes on");
        desk.submit(page.form(&base).set("source", &good)).await.expect(200).shows("草稿第 1 版已保存");
        let page = desk.get(&format!("{base}/use")).await.expect(200).shows("检查通过");
        for link in ["usual", "sessions"] {
            let picture = desk.get(&format!("{base}/picture?version=1&case={link}")).await.expect(200);
            assert_eq!(picture.header("content-type"), Some("image/svg+xml"));
        }
        desk.get(&format!("{base}/picture?version=9&case=usual")).await.expect(404);
        let form = page.form(&format!("{base}/use"));
        desk.submit(form.clone().set("reason", "无")).await.expect(422).shows("请写明原因");
        t.clock.set(OPEN);
        let print = async || {
            let who = people[0].0.ctx();
            let own = ticket::own(&who, &people[0].1).await.unwrap();
            ticket::download(&who, own).await.unwrap()
        };
        let before = print().await;
        desk.submit(form.set("reason", "印上乘车路线")).await.expect(200).shows("第 1 版版式已启用").shows("正在使用第 1 版");
        let after = print().await;
        assert_ne!(before, after);
        let sample = desk.get(&format!("/office/tickets/{}/sample", exam.public_id)).await.expect(200);
        assert!(sample.body.starts_with(b"%PDF"));
        desk.get(&format!("{base}/use")).await.expect(404);

        // Back to the built-in one, with a reason; the tickets are what they were.
        let page = desk.get(&base).await.expect(200);
        let back = page.form(&format!("{base}/built-in"));
        desk.submit(back.clone().set("reason", "")).await.expect(422).shows("请写明原因");
        desk.submit(back.clone().set("reason", "路线有变动")).await.expect(200).shows("正在使用内置版式").shows("已停用");
        desk.submit(back.set("reason", "路线有变动")).await.expect(409);
        assert_eq!(print().await, before);
        // An earlier version is where a new draft may begin.
        let page = desk.get(&format!("{base}?from=1")).await.expect(200);
        assert!(page.form(&base).value("source").unwrap().contains("乘 3 路公交车"));
        desk.submit(page.form(&base)).await.expect(200).shows("草稿第 2 版已保存");
        let page = desk.get(&base).await.expect(200);
        desk.submit(page.form(&format!("{base}/drop"))).await.expect(200).shows("版式草稿已放弃").shows("已放弃");
        let mut auditor = t.staff(&[Role::Auditor]).await.browser();
        auditor.get("/office/audit?action=ticket.template_use").await.expect(200).shows("启用准考证版式");
    }

    async fn what_somebody_else_wrote_meanwhile_is_neither_overwritten_nor_used(t: TestApp) {
        let t = with_child(&t);
        let (exam, ctx) = set_up(&t).await;
        let now = find(&t, &exam).await;
        let one = with_a_line(&ctx, &now, "一").await;
        let two = with_a_line(&ctx, &now, "二").await;
        let mark = async || template::overview(&ctx, &now).await.unwrap().mark();
        assert_eq!(mark().await, "");
        assert_eq!(template::write(&ctx, &now, &one, "").await.unwrap(), 1);
        let first = mark().await;
        // Both began without a draft, or with the same one.
        let late = template::write(&ctx, &now, &two, "").await;
        assert!(matches!(late, Err(Error::Fields(_))), "{late:?}");
        assert_eq!(template::write(&ctx, &now, &two, &first).await.unwrap(), 1);
        let late = template::write(&ctx, &now, &one, &first).await;
        assert!(matches!(late, Err(Error::Fields(_))), "{late:?}");
        let stale = template::take_into_use(&ctx, &now, (1, &first), "印乘车路线").await;
        assert!(matches!(stale, Err(Error::Conflict(_))), "{stale:?}");
        assert!(matches!(template::drop_draft(&ctx, &now, &first).await, Err(Error::Conflict(_))));
        let second = mark().await;
        template::take_into_use(&ctx, &now, (1, &second), "印乘车路线").await.unwrap();
        let twice = template::take_into_use(&ctx, &now, (1, &second), "印乘车路线").await;
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
        assert!(matches!(template::drop_draft(&ctx, &now, &second).await, Err(Error::Conflict(_))));
        // A later version takes its place: one is used at a time.
        assert_eq!(template::write(&ctx, &now, &one, "").await.unwrap(), 2);
        let third = mark().await;
        template::take_into_use(&ctx, &now, (2, &third), "路线有变动").await.unwrap();
        let overview = template::overview(&ctx, &now).await.unwrap();
        let states: Vec<&str> = overview.rows.iter().map(|row| row.state.as_str()).collect();
        assert_eq!(states, ["used", "replaced"]);
        assert_eq!(overview.used().map(|row| (row.version, row.reason.clone())), Some((2, "路线有变动".to_owned())));
        assert!(overview.rows.iter().all(|row| row.made_by.is_some() && row.used_by.is_some()));
        // Who only arranges seats doesn't write programs.
        let other = t.staff(&[Role::ScoreOfficer]).await.ctx().await;
        assert!(matches!(template::write(&other, &now, &one, "").await, Err(Error::Forbidden)));
    }

    async fn a_template_that_never_ends_or_wants_all_memory_is_told_as_a_fault(t: TestApp) {
        let t = with_child(&t);
        let (exam, ctx) = set_up(&t).await;
        let now = find(&t, &exam).await;
        let tried = async |ctx: &Ctx, source: &str| {
            let answer = template::preview(ctx, &now, source, "usual", Want::Picture).await.unwrap();
            answer.faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("；")
        };
        let hasty = t.with(|_| {});
        let limits = Limits { time: Duration::from_secs(3), ..Limits::default() };
        hasty.app.set_typesetter(Path::new(env!("CARGO_BIN_EXE_baokao")), limits);
        let soon = Ctx { app: hasty.app.clone(), ..ctx.clone() };
        let endless = "#for a in range(100000) { for b in range(100000) { let c = calc.pow(2, 10) } }";
        let told = tried(&soon, endless).await;
        assert!(told.contains("时间太长"), "{told}");
        let greedy = "#let a = \"字\" * 1000000\n#let b = a * 10000\n#b";
        let told = tried(&ctx, greedy).await;
        assert!(told.contains("内存太多"), "{told}");
        for reach in ["#read(\"/etc/passwd\")", "#import \"@preview/cetz:0.1.0\"", "#image(\"/proc/self/environ\")"] {
            let told = tried(&ctx, reach).await;
            assert!(told.starts_with("第 1 行："), "{told}");
        }
        // After all that it still sets a good one.
        let good = template::text(&ctx, &now, Some(0)).await.unwrap();
        assert_eq!(tried(&ctx, &good).await, "");
        let cases = template::cases(&now);
        for case in &cases {
            let pdf = template::preview(&ctx, &now, &good, case.code, Want::Pdf).await.unwrap();
            assert!(pdf.faults.is_empty() && pdf.pdf.starts_with(b"%PDF"), "{}: {:?}", case.name, pdf.faults);
        }
        assert_eq!(template::write(&ctx, &now, &good, "").await.unwrap(), 1);
        assert_eq!(template::test(&ctx, &now, 1).await.unwrap(), vec![]);
    }

    async fn without_a_child_nothing_is_tried_and_nothing_used(t: TestApp) {
        let (exam, ctx) = set_up(&t).await;
        let now = find(&t, &exam).await;
        let text = template::text(&ctx, &now, None).await.unwrap();
        assert_eq!(code(template::preview(&ctx, &now, &text, "usual", Want::Picture).await), "typesetter");
        template::write(&ctx, &now, &text, "").await.unwrap();
        let mark = template::overview(&ctx, &now).await.unwrap().mark();
        assert_eq!(code(template::take_into_use(&ctx, &now, (1, &mark), "印乘车路线").await), "typesetter");
    }
}
