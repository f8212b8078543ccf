//! One person's way: what staff enter, what takes two people, several at once, who sees whom.

use app::selection::export::{self, ListKind};
use app::selection::list::{self, Asked};
use app::selection::step::{self, Entered};
use app::selection::{own, round};
use app::{Error, copy::Format};
use domain::selection::{RoundKind, Stage, StageEvent};
use domain::staff::Role;
use testkit::{TestApp, both_backends};

use super::*;

const FOUR: Marks<'static> = &[
    ("林一舟", "90", "90"),
    ("何小宁", "80", "80"),
    ("周明远", "80", "80"),
    ("欧阳喆䶮", "70", "70"),
];

both_backends! {
    async fn what_takes_somebody_out_is_entered_by_one_and_decided_by_another(t: TestApp) {
        let s = stand(&t, |_| {}, FOUR).await;
        s.published(RoundKind::Shortlist, "").await.unwrap();
        let base = format!("/office/selection/{}", s.exam.public_id);
        let (mut desk, mut other) = (s.one.browser(), s.other.browser());
        let list = desk.get(&format!("{base}/people?stage=called")).await.expect(200).shows("林一舟").shows("待资格复审");
        let here = list.link("林一舟");
        let page = desk.get(&here).await.expect(200).shows("复审通过").shows("还没有登记");
        desk.submit(page.form(&format!("{here}/sign-in"))).await.expect(200).shows("已签到");
        let exam = s.now().await;
        let id = here.rsplit('/').next().unwrap().to_owned();
        assert!(matches!(step::sign_in(&s.ctx().await, &exam, &id).await, Err(Error::Conflict(_))));
        desk.get(&format!("{base}/people?stage=called")).await.expect(200).shows("已签到");
        // A no needs its reason, and another person.
        let page = desk.get(&here).await.expect(200);
        desk.submit(page.form(&here).press("复审不通过")).await.expect(422).shows("请写明原因");
        let page = desk.submit(page.form(&here).set("reason", "学历专业与岗位要求不符").press("复审不通过")).await.expect(200)
            .shows("等待另一人复核").shows("登记的人不能复核").lacks("不同意");
        page.shows("学历专业与岗位要求不符");
        let one = step::one(&s.ctx().await, &exam, &id).await.unwrap();
        let waiting = one.waiting.unwrap().public_id;
        assert_eq!(one.stage, Stage::Called, "nothing happens before the second word");
        assert_eq!(code(step::act(&s.second().await, &exam, &id, (StageEvent::DocumentsPass, "")).await), "step_waits");
        assert_eq!(code(step::decide(&s.ctx().await, &exam, (&id, &waiting), (true, "")).await), "same_person");
        assert!(matches!(step::decide(&s.second().await, &exam, (&id, "nothing"), (true, "")).await, Err(Error::Conflict(_))));
        let (lin, application) = s.of("林一舟");
        lin.browser().get(&format!("/applications/{application}/selection")).await.expect(200).lacks("不符");
        desk.get(&base).await.expect(200).shows("1 项登记等待另一人复核");
        other.get(&format!("{base}/people?stage=asked")).await.expect(200).shows("待复核").shows("林一舟").lacks("何小宁");
        let page = other.get(&here).await.expect(200);
        let form = page.form(&format!("{here}/decide"));
        other.submit(form.clone().press("不同意")).await.expect(422).shows("请写明原因");
        let page = other.submit(form.set("note", "专业目录中相近，可以认定").press("不同意")).await.expect(200).shows("已退回").shows("未通过复核");
        // Passed, he waits for the interview.
        other.submit(page.form(&here).press("复审通过")).await.expect(200).shows("待面试");
        lin.browser().get("/messages").await.expect(200).shows("资格复审通过");
        // Out by two, and back by two.
        let he = s.person("何小宁").await.public_id;
        let (one, two) = (s.ctx().await, s.second().await);
        let ask = (StageEvent::DocumentsFail, "证书与填报不一致");
        assert_eq!(step::act(&one, &exam, &he, ask).await.unwrap(), Entered::Asked);
        let waiting = step::one(&one, &exam, &he).await.unwrap().waiting.unwrap().public_id;
        step::decide(&two, &exam, (&he, &waiting), (true, "")).await.unwrap();
        let page = desk.get(&format!("{base}/people?stage=out")).await.expect(200).shows("何小宁").shows("资格复审不通过");
        let his = page.link("何小宁");
        desk.get(&his).await.expect(200).shows("在“待资格复审”时").shows("恢复");
        assert_eq!(step::act(&one, &exam, &he, (StageEvent::Reinstate, "原件已补齐，核对无误")).await.unwrap(), Entered::Asked);
        let waiting = step::one(&one, &exam, &he).await.unwrap().waiting.unwrap().public_id;
        step::decide(&two, &exam, (&he, &waiting), (true, "情况属实")).await.unwrap();
        assert_eq!(s.person("何小宁").await.stage, "called");
        // What doesn't belong to the stage, and what nobody enters by hand.
        assert_eq!(code(step::act(&one, &exam, &he, (StageEvent::MedicalPass, "")).await), "stage");
        assert_eq!(code(step::act(&one, &exam, &he, (StageEvent::BackgroundFail, "有不良记录")).await), "stage");
        assert!(matches!(step::act(&one, &exam, &he, (StageEvent::Hire, "")).await, Err(Error::Forbidden)));
        assert!(field(step::act(&one, &exam, &he, (StageEvent::MedicalFail, "血压偏高")).await, "reason").contains("只登记结果"));
        // He gives up while something waits: that is pointless then.
        step::act(&one, &exam, &he, ask).await.unwrap();
        let (who, his) = s.of("何小宁");
        let path = format!("/applications/{his}/selection");
        let mut browser = who.browser();
        let page = browser.get(&path).await.expect(200);
        let sure = page.link("放弃后面的环节");
        let page = browser.get(&sure).await.expect(200).shows("提交后不能撤回");
        browser.submit(page.form(&sure)).await.expect(200).is_at(&path).shows("已放弃").shows("后面的环节不再参加");
        own::give_up(&who.ctx(), his).await.unwrap();
        let gone = step::one(&one, &exam, &he).await.unwrap();
        assert!(gone.waiting.is_none() && gone.left == Some(Stage::Called));
        assert_eq!(code(own::answer(&who.ctx(), his, true).await), "no_offer");
        let trail = s.t.staff(&[Role::Auditor]).await;
        trail.browser().get("/office/audit?object=contender").await.expect(200).shows("提交进程复核").shows("复核进程").shows("资格复审签到");
        assert_eq!(crate::invariants::broken_names(&s.t).await, [""; 0]);
    }

    async fn several_are_entered_at_once_and_those_left_out_are_named(t: TestApp) {
        let s = stand(&t, |_| {}, FOUR).await;
        s.published(RoundKind::Shortlist, "").await.unwrap();
        let base = format!("/office/selection/{}", s.exam.public_id);
        let exam = s.now().await;
        let mut desk = s.one.browser();
        let page = desk.get(&format!("{base}/people?stage=called")).await.expect(200);
        let form = page.form(&format!("{base}/people/bulk"));
        desk.submit(form.clone().press("复审通过")).await.expect(200).shows("请先勾选");
        let ids: Vec<String> = s.listed().await.into_iter().map(|one| one.public_id).collect();
        let form = ids.iter().fold(form, |form, id| form.add("pick", id)).press("复审通过");
        let page = desk.submit(form).await.expect(200).shows("请核对下面的名单").shows("确认登记 3 人");
        // One of them goes his way meanwhile.
        step::act(&s.second().await, &exam, &ids[0], (StageEvent::DocumentsPass, "")).await.unwrap();
        let gone = s.listed().await[0].name.clone();
        desk.submit(page.form(&format!("{base}/people/bulk"))).await.expect(200).shows("2 人已登记").shows(&gone).shows("请刷新");
        assert!(s.listed().await.iter().all(|one| one.stage == "qualified"));
        let ctx = s.ctx().await;
        assert_eq!(code(step::act_many(&ctx, &exam, &ids, StageEvent::GiveUp).await), "not_for_many");
        let many = vec![ids[0].clone(); step::MOST + 1];
        assert_eq!(code(step::act_many(&ctx, &exam, &many, StageEvent::DocumentsMissed).await), "too_many");
        // By position, unit and name; and as each list by name.
        let line = s.listed().await.remove(0);
        for query in ["position=0301", "unit=市图书馆", &format!("name={}", line.name), "stage=qualified"] {
            desk.get(&format!("{base}/people?{query}")).await.expect(200).shows(&line.name);
        }
        desk.get(&format!("{base}/people?position=0999")).await.expect(200).shows("这里没有考生");
        let page = desk.get(&format!("{base}/people")).await.expect(200).shows("入围人员名单");
        let form = page.forms().into_iter().find(|form| form.path().ends_with("/people/export")).unwrap();
        desk.submit(form).await.expect(200);
        for kind in ListKind::ALL {
            let copy = export::people(&ctx, &exam, (kind, &Asked::default()), Format::Csv).await.unwrap();
            let want = match kind {
                ListKind::Everybody | ListKind::DocumentsDone | ListKind::Interview => 3,
                _ => 0,
            };
            assert_eq!(copy.rows, want, "{kind:?}");
        }
        let take = format!("{base}/people/take");
        let form = page.form(&take).set("kind", "interview");
        let pdf = desk.submit(form.clone().press("打印")).await.expect(200);
        assert!(pdf.body.starts_with(b"%PDF"));
        let table = desk.submit(form.press("csv")).await.expect(200).text();
        assert!(table.contains("林一舟") && !table.contains(&s.of("林一舟").0.person.number), "masked");
        assert_eq!(code(export::people_paper(&ctx, &exam, (ListKind::Hired, &Asked::default())).await), "no_rows");
    }

    async fn a_unit_works_on_its_own_people_and_sees_no_others(t: TestApp) {
        let s = stand(&t, |_| {}, FOUR).await;
        s.published(RoundKind::Shortlist, "").await.unwrap();
        let exam = s.now().await;
        let own = s.t.staff_with(&[(Role::SelectionOfficer, exam.id(), "市图书馆".to_owned())]).await;
        let foreign = s.t.staff_with(&[(Role::SelectionOfficer, exam.id(), "市博物馆".to_owned())]).await;
        let lin = s.person("林一舟").await;
        let at = |ctx| {
            let (exam, id) = (exam.clone(), lin.public_id.clone());
            async move { step::one(&ctx, &exam, &id).await }
        };
        assert_eq!(at(own.ctx().await).await.unwrap().stage, Stage::Called);
        assert!(matches!(at(foreign.ctx().await).await, Err(Error::Forbidden)));
        assert_eq!(list::page(&own.ctx().await, &exam, &Asked::default(), None, 10).await.unwrap().len(), 3);
        assert!(list::page(&foreign.ctx().await, &exam, &Asked::default(), None, 10).await.unwrap().is_empty());
        let base = format!("/office/selection/{}", s.exam.public_id);
        foreign.browser().get(&format!("{base}/people")).await.expect(200).lacks("林一舟");
        foreign.browser().get(&format!("{base}/people/{}", lin.public_id)).await.expect(403);
        own.browser().get(&base).await.expect(200).shows("待资格复审").lacks("聘用名单");
        assert!(matches!(round::rounds(&own.ctx().await, &exam).await, Err(Error::Forbidden)));
        let officer = s.t.staff(&[Role::ScoreOfficer]).await;
        assert!(matches!(list::page(&officer.ctx().await, &exam, &Asked::default(), None, 10).await, Err(Error::Forbidden)));
    }

    async fn whoever_is_disqualified_leaves_the_list(t: TestApp) {
        let s = stand(&t, |_| {}, FOUR).await;
        s.published(RoundKind::Shortlist, "").await.unwrap();
        let exam = s.now().await;
        let lin = s.person("林一舟").await;
        // The use case that ends an application says so in its own transaction.
        s.tell("林一舟", Told::Left).await.unwrap();
        s.tell("林一舟", Told::Left).await.unwrap();
        let one = step::one(&s.ctx().await, &exam, &lin.public_id).await.unwrap();
        assert_eq!((one.stage, one.left), (Stage::Out, Some(Stage::Called)));
        assert_eq!(one.steps.last().unwrap().reason, "报名已终止");
        crate::invariants::run(&s.t, &["UPDATE application SET life = 'ended', end_reason = 'disqualified' WHERE name = '林一舟'"]).await;
        assert_eq!(code(step::act(&s.ctx().await, &exam, &lin.public_id, (StageEvent::Reinstate, "误操作，恢复")).await), "ended");
    }
}
