//! After the interview: totals, one person a post for the 体检, who follows there, and the hiring.

use app::selection::promote::{self, Point};
use app::selection::round::{self, Looked};
use app::selection::{draft, export, own, step};
use app::{Error, copy::Format};
use domain::selection::{RoundKind, StageEvent};
use testkit::{TestApp, both_backends};

use super::*;

const FIVE: Marks<'static> = &[
    ("林一舟", "90", "90"),
    ("何小宁", "85", "85"),
    ("周明远", "80", "80"),
    ("欧阳喆䶮", "75", "75"),
    ("孙次之", "70", "70"),
];

/// Everybody on the list, nobody behind it.
async fn called(t: &TestApp) -> Stand {
    let s = stand(
        t,
        |settings| settings.selection.ratios = RatioStep::parse_line("1:3").into_iter().collect(),
        FIVE,
    )
    .await;
    s.published(RoundKind::Shortlist, "").await.unwrap();
    let exam = s.now().await;
    let ids: Vec<String> = s
        .listed()
        .await
        .into_iter()
        .map(|one| one.public_id)
        .collect();
    let pass = StageEvent::DocumentsPass;
    let (done, left) = step::act_many(&s.ctx().await, &exam, &ids, pass)
        .await
        .unwrap();
    assert_eq!((done, left.len()), (5, 0));
    s
}

/// Combined totals as a list in force, by name: rank, total, mark of the interview; 0 with a reason for who isn't ranked.
async fn totalled(s: &Stand, ranks: &[(&str, i64, &str, &str, &str)]) {
    let exam = s.exam.id;
    let round = format!(
        "INSERT INTO selection_round (id, public_id, exam_id, kind, version, state, basis, rules, digest, people, excluded, positions, \
         reason, made_by, made_at, checked_by, checked_at, published_by, published_at, visible_at, reached, carried) \
         VALUES (9001, 'total1', {exam}, 'total', 1, 'published', 77, '{{}}', 'x', 5, 0, 1, '', 1, 1, 2, 1, 2, 1, 1, 0, 0)"
    );
    crate::invariants::run(&s.t, &[&round]).await;
    for (name, rank, total, interview, why) in ranks {
        let one = s.person(name).await;
        let verdict = if why.is_empty() { "in" } else { "excluded" };
        let row = format!(
            "INSERT INTO selection_row (round_id, position_id, application_id, rank, total, written, interview, verdict, why) \
             VALUES (9001, {}, {}, {rank}, '{total}', '{}', '{interview}', '{verdict}', '{why}')",
            one.position_id, one.application_id, one.written
        );
        crate::invariants::run(&s.t, &[&row]).await;
    }
    // The timer finds it.
    s.t.clock.advance(31);
    s.t.run_jobs().await;
}

both_backends! {
    async fn totals_wait_for_the_interview_and_marks_for_their_list(t: TestApp) {
        let s = called(&t).await;
        let exam = s.now().await;
        assert_eq!(code(draft::make(&s.ctx().await, &exam, RoundKind::Total).await), "no_interview");
        assert_eq!(code(draft::make(&s.ctx().await, &exam, RoundKind::Medical).await), "no_total");
        assert_eq!(code(draft::make(&s.ctx().await, &exam, RoundKind::Hire).await), "nobody");
        s.tell("林一舟", Told::Interviewed(StageEvent::Score, "73.19")).await.unwrap();
        s.tell("孙次之", Told::Interviewed(StageEvent::InterviewMissed, "")).await.unwrap();
        // The office sees the mark, the candidate doesn't before the totals are out.
        assert_eq!(s.person("林一舟").await.interview, "73.19");
        let (lin, application) = s.of("林一舟");
        let mine = format!("/applications/{application}/selection");
        lin.browser().get(&mine).await.expect(200).shows("已面试").lacks("73.19");
        totalled(&s, &[
            ("林一舟", 1, "83.28", "73.19", ""),
            ("何小宁", 2, "82.10", "77.75", ""),
            ("周明远", 3, "80.00", "80.00", ""),
            ("欧阳喆䶮", 0, "", "", "missed"),
            ("孙次之", 0, "", "", "missed"),
        ]).await;
        lin.browser().get(&mine).await.expect(200).shows("73.19").shows("83.28").shows("总排名");
        lin.browser().get("/messages").await.expect(200).shows("总成绩已公布");
        let line = s.person("何小宁").await;
        assert_eq!((line.stage.as_str(), line.total.as_str(), line.final_rank), ("interviewed", "82.10", 2));
        assert_eq!(s.person("欧阳喆䶮").await.left_why, "interview_missed");
        assert_eq!(s.person("孙次之").await.left_stage, "qualified");
    }

    async fn one_person_a_post_goes_to_the_medical_and_a_tie_is_decided_first(t: TestApp) {
        let s = called(&t).await;
        totalled(&s, &[
            ("林一舟", 1, "83.28", "80.00", ""),
            ("何小宁", 2, "82.10", "80.00", ""),
            ("周明远", 2, "82.10", "81.00", ""),
            ("欧阳喆䶮", 4, "78.00", "78.00", ""),
            ("孙次之", 0, "70.00", "50.00", "least"),
        ]).await;
        let exam = s.now().await;
        let id = draft::make(&s.ctx().await, &exam, RoundKind::Medical).await.unwrap();
        assert_eq!(code(round::check(&s.second().await, &exam, &id).await), "tie");
        let here = format!("/office/selection/{}/rounds/{id}", s.exam.public_id);
        let mut desk = s.one.browser();
        let page = desk.get(&here).await.expect(200).shows("有 2 人并列").shows("并列，待确定").shows("进入体检");
        let tie = format!("{here}/tie");
        let (zhou, he) = (s.of("周明远").1.clone(), s.of("何小宁").1.clone());
        let form = page.form(&tie).set("application", &zhou);
        desk.submit(form.clone()).await.expect(422).shows("请选择是否进入体检");
        desk.submit(form.clone().set("enters", "yes")).await.expect(422).shows("怎样确定");
        let form = form.set("enters", "yes").set("reason", "加试成绩高于并列的另一人");
        let page = desk.submit(form).await.expect(200).shows("有 1 人并列").shows("经研究确定进入");
        let form = page.form(&tie).set_all(&[("application", &he), ("enters", "yes"), ("reason", "误选")]);
        desk.submit(form.clone()).await.expect(422).shows("4 至 200 个字");
        // Both would be one too many.
        desk.submit(form.set("reason", "两人都进入体检")).await.expect(200).lacks("人并列，人数超过");
        round::check(&s.second().await, &exam, &id).await.unwrap();
        assert_eq!(code(s.publish(&id, "").await), "too_many");
        round::discard(&s.ctx().await, &exam, &id, "").await.unwrap();
        let id = draft::make(&s.ctx().await, &exam, RoundKind::Medical).await.unwrap();
        let ctx = s.ctx().await;
        round::decide_tie(&ctx, &exam, (&id, &zhou), (true, "加试成绩高于并列的另一人")).await.unwrap();
        round::decide_tie(&ctx, &exam, (&id, &he), (false, "加试成绩低于并列的另一人")).await.unwrap();
        assert!(matches!(round::decide_tie(&ctx, &exam, (&id, &s.of("林一舟").1), (false, "没有并列的人")).await, Err(Error::Conflict(_))));
        round::check(&s.second().await, &exam, &id).await.unwrap();
        assert!(matches!(round::decide_tie(&ctx, &exam, (&id, &he), (true, "核对以后再改")).await, Err(Error::Conflict(_))));
        s.publish(&id, "").await.unwrap();
        s.t.run_jobs().await;
        let stages = s.stages().await;
        let medical: Vec<&str> = stages.iter().filter(|(_, stage)| stage == "medical").map(|(name, _)| name.as_str()).collect();
        assert_eq!(medical, ["周明远", "林一舟"]);
        assert!(s.texted("medical_notice").await > 0);
        let whole = round::round(&ctx, &exam, &id).await.unwrap();
        let copy = export::lines(&ctx, &exam, (&whole, &Looked::default()), Format::Xlsx).await.unwrap();
        assert_eq!(copy.rows, 5);
    }

    async fn a_post_that_gets_free_is_filled_as_often_as_the_rules_say_and_the_way_ends_with_the_hiring(t: TestApp) {
        let s = called(&t).await;
        totalled(&s, &[
            ("林一舟", 1, "90.00", "90.00", ""),
            ("何小宁", 2, "85.00", "85.00", ""),
            ("周明远", 3, "80.00", "80.00", ""),
            ("欧阳喆䶮", 3, "80.00", "80.00", ""),
            ("孙次之", 5, "70.00", "70.00", ""),
        ]).await;
        s.published(RoundKind::Medical, "").await.unwrap();
        let exam = s.now().await;
        let (one, two) = (s.ctx().await, s.second().await);
        let position = s.person("林一舟").await.position_id;
        assert_eq!(code(promote::follow(&one, &exam, position, (&[], "")).await), "no_vacancy");
        assert_eq!(code(promote::offer(&one, &exam, position).await), "planned", "the interview is over");
        let fails = async |name: &str, event: StageEvent, reason: &str| {
            let id = s.person(name).await.public_id;
            step::act(&one, &exam, &id, (event, reason)).await.unwrap();
            let waiting = step::one(&one, &exam, &id).await.unwrap().waiting.unwrap().public_id;
            step::decide(&two, &exam, (&id, &waiting), (true, "")).await.unwrap();
        };
        let passes = async |name: &str, event: StageEvent| {
            let id = s.person(name).await.public_id;
            step::act(&one, &exam, &id, (event, "")).await.unwrap();
        };
        passes("何小宁", StageEvent::MedicalAgain).await;
        fails("何小宁", StageEvent::MedicalFail, "").await;
        let free = promote::vacancies(&one, &exam).await.unwrap();
        assert!(free[0].point == Point::Medical && free[0].free == 1 && free[0].tied);
        let path = format!("/office/selection/{}/promote", s.exam.public_id);
        let mut desk = s.one.browser();
        let page = desk.get(&path).await.expect(200).shows("周明远").shows("欧阳喆䶮").shows("这些考生并列");
        desk.submit(page.form(&path)).await.expect(422).shows("请选定 1 人");
        let form = page.form(&path).add("chosen", &s.person("欧阳喆䶮").await.public_id);
        desk.submit(form.clone()).await.expect(422).shows("怎样确定");
        desk.submit(form.set("reason", "加试成绩高于并列的另一人")).await.expect(200).shows("已递补：欧阳喆䶮").shows("没有空出的名额");
        assert_eq!(s.person("欧阳喆䶮").await.stage, "medical");
        // His post isn't filled a second time; the other one is.
        passes("欧阳喆䶮", StageEvent::MedicalPass).await;
        fails("欧阳喆䶮", StageEvent::BackgroundFail, "政审材料不实").await;
        assert_eq!(code(promote::follow(&one, &exam, position, (&[], "")).await), "used_up");
        desk.get(&path).await.expect(200).shows("已达到递补次数");
        passes("林一舟", StageEvent::MedicalPass).await;
        fails("林一舟", StageEvent::GiveUp, "本人书面放弃聘用").await;
        assert_eq!(promote::follow(&one, &exam, position, (&[], "")).await.unwrap(), ["周明远"]);
        // The post is taken: whoever left it can't come back.
        let lin = s.person("林一舟").await.public_id;
        step::act(&one, &exam, &lin, (StageEvent::Reinstate, "本人要求恢复")).await.unwrap();
        let waiting = step::one(&one, &exam, &lin).await.unwrap().waiting.unwrap().public_id;
        step::decide(&two, &exam, (&lin, &waiting), (true, "")).await.unwrap();
        let he = s.person("何小宁").await.public_id;
        step::act(&one, &exam, &he, (StageEvent::Reinstate, "复检报告有误")).await.unwrap();
        let waiting = step::one(&one, &exam, &he).await.unwrap().waiting.unwrap().public_id;
        assert_eq!(code(step::decide(&two, &exam, (&he, &waiting), (true, "")).await), "no_post");
        step::decide(&two, &exam, (&he, &waiting), (false, "名额已满")).await.unwrap();
        // To the end: 考察, 公示, 聘用.
        passes("周明远", StageEvent::MedicalPass).await;
        passes("周明远", StageEvent::BackgroundPass).await;
        passes("林一舟", StageEvent::BackgroundPass).await;
        s.tell("周明远", Told::Publicised(StageEvent::Announce, "")).await.unwrap();
        s.tell("林一舟", Told::Publicised(StageEvent::Announce, "")).await.unwrap();
        s.tell("林一舟", Told::Publicised(StageEvent::ObjectionUpheld, "学历证书不实")).await.unwrap();
        s.published(RoundKind::Hire, "").await.unwrap();
        assert_eq!(s.person("周明远").await.stage, "hired");
        assert_eq!(s.person("林一舟").await.left_why, "objection_upheld");
        assert!(s.texted("hire_published").await > 0);
        let (zhou, application) = s.of("周明远");
        zhou.browser().get(&format!("/applications/{application}/selection")).await.expect(200).shows("已列入聘用名单").lacks("放弃后面");
        assert_eq!(code(own::give_up(&zhou.ctx(), application).await), "stage");
        assert!(matches!(s.tell("周明远", Told::Left).await, Ok(())), "who is hired stays");
        assert_eq!(s.person("周明远").await.stage, "hired");
        let listed = s.listed().await.len();
        assert_eq!(listed, 5);
    }
}
