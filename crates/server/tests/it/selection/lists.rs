//! Lists: made from published scores, looked at by a second person, in force from their time on and not before.

use app::selection::round::{self, Looked};
use app::selection::{carry, draft, export, own};
use app::{Error, copy::Format};
use domain::exam::ExamSettings;
use domain::selection::RoundKind;
use domain::staff::Role;
use testkit::{TestApp, both_backends};

use super::*;
use crate::application::submitted;
use crate::arrangement::{POSITION, straight};

const SIX: Marks<'static> = &[
    ("林一舟", "90", "90"),
    ("何小宁", "80", "80"),
    ("周明远", "79", "81"),
    ("欧阳喆䶮", "70", "70"),
    ("赵零分", "0", "99"),
    ("钱缺考", "-1", "88"),
];
const PUBLIC: &str = "2026-05-12 10:00";

both_backends! {
    async fn a_list_goes_from_the_scores_to_those_who_are_called_by_two_people_and_a_clock(t: TestApp) {
        let s = stand(&t, |_| {}, SIX).await;
        let exam = s.now().await;
        // Not before the scores.
        s.t.clock.set("2026-05-08 09:59");
        assert_eq!(code(draft::make(&s.ctx().await, &exam, RoundKind::Shortlist).await), "scores_hidden");
        s.t.clock.set(SCORES);
        let (mut made, mut other) = (s.one.browser(), s.other.browser());
        let base = format!("/office/selection/{}", s.exam.public_id);
        let page = made.get("/office/selection").await.expect(200).shows("成绩已公布");
        assert_eq!(page.link("进入"), base);
        let page = made.get(&base).await.expect(200).shows("入围名单").shows("还没有入围人员");
        let page = made.submit(page.forms().into_iter().find(|form| form.value("kind") == Some("shortlist")).unwrap()).await.expect(200).shows("待核对").shows("等待另一位工作人员核对");
        let here = page.path().to_owned();
        let id = here.rsplit('/').next().unwrap().to_owned();
        page.shows("林一舟").shows("入围（末位并列）").lacks("欧阳喆䶮").lacks("核对无误");
        made.get(&format!("{here}?show=beyond")).await.expect(200).shows("欧阳喆䶮").lacks("林一舟");
        made.get(&format!("{here}?show=excluded")).await.expect(200).shows("有科目零分").shows("有科目缺考").lacks("林一舟");
        made.get(&format!("{here}?show=all&name=林一舟")).await.expect(200).shows("林一舟").lacks("何小宁");
        made.get(&format!("{here}?position=0301")).await.expect(200).shows("林一舟");
        made.get(&format!("{here}?position=0999")).await.expect(200).shows("这个范围里没有考生");
        // A second list of the kind has to wait; whoever made one doesn't check it.
        assert_eq!(code(draft::make(&s.second().await, &exam, RoundKind::Shortlist).await), "round_open");
        assert_eq!(code(round::check(&s.ctx().await, &exam, &id).await), "same_person");
        assert!(matches!(s.publish(&id, "").await, Err(Error::Conflict(_))), "unchecked");
        let page = other.get(&here).await.expect(200);
        let page = other.submit(page.form(&format!("{here}/check"))).await.expect(200).shows("待公布");
        let form = page.form(&format!("{here}/publish"));
        other.submit(form.clone().set("visible_at", "明天")).await.expect(422).shows("请填写公布时间");
        let page = other.submit(form.set("visible_at", "2026-05-12T10:00")).await.expect(200).shows("定时公布");
        // Taken back, and set again.
        let page = other.submit(page.form(&format!("{here}/withdraw"))).await.expect(200).shows("待公布");
        other.submit(page.form(&format!("{here}/publish")).set("visible_at", "2026-05-12T10:00")).await.expect(200).shows("定时公布");

        // Nobody is on a list before its time, whatever runs.
        s.t.clock.set("2026-05-12 09:59:59");
        s.t.run_jobs().await;
        let (lin, application) = s.of("林一舟");
        let mine = format!("/applications/{application}/selection");
        let mut browser = lin.browser();
        browser.get(&mine).await.expect(404);
        browser.get(&format!("/applications/{application}")).await.expect(200).lacks("面试与聘用");
        browser.get(&format!("/scores/{application}")).await.expect(200).lacks("面试与聘用");
        browser.get("/messages").await.expect(200).lacks("入围");
        assert!(s.listed().await.is_empty());
        assert!(matches!(own::own(&lin.ctx(), application).await, Err(Error::NotFound)));
        s.t.clock.set(PUBLIC);
        s.t.run_jobs().await;
        assert_eq!(code(round::withdraw(&s.second().await, &exam, &id).await), "seen");
        let stages: Vec<_> = s.stages().await;
        assert_eq!(stages.iter().map(|(name, stage)| (name.as_str(), stage.as_str())).collect::<Vec<_>>(), [
            ("何小宁", "called"), ("周明远", "called"), ("林一舟", "called"),
        ]);
        browser.get(&format!("/applications/{application}")).await.expect(200).shows("面试与聘用").shows("待资格复审");
        browser.get(&format!("/scores/{application}")).await.expect(200).shows("待资格复审");
        browser.get("/messages").await.expect(200).shows("您已入围，请参加资格复审");
        browser.get(&mine).await.expect(200).shows("第 1 名").shows("资格复审").shows("90.00").lacks("总排名");
        let (ouyang, his) = s.of("欧阳喆䶮");
        ouyang.browser().get(&format!("/applications/{his}/selection")).await.expect(404);
        ouyang.browser().get(&mine).await.expect(404);
        assert!(s.texted("shortlist_published").await > 0);

        // Taken away as a table and as a paper.
        let page = made.get(&here).await.expect(200).shows("已公布").shows("已办理");
        let form = page.forms().into_iter().find(|form| form.path().ends_with("/export")).unwrap();
        made.submit(form).await.expect(200);
        let form = page.forms().into_iter().find(|form| form.path().ends_with("/paper")).unwrap();
        let pdf = made.submit(form).await.expect(200);
        assert!(pdf.body.starts_with(b"%PDF"));
        made.get(&base).await.expect(200).shows("待资格复审").lacks("还没有入围人员");
        let trail = s.t.staff(&[Role::Auditor]).await;
        trail.browser().get("/office/audit?object=selection_round").await.expect(200)
            .shows("生成名单").shows("核对名单").shows("公布名单").shows("撤回定时公布").shows("办理名单").shows("导出名单").shows("打印名单");
        // Nothing is broken by all of this.
        assert_eq!(crate::invariants::broken_names(&s.t).await, [""; 0]);
    }

    async fn a_list_that_replaces_another_needs_a_reason_takes_people_off_and_brings_them_back(t: TestApp) {
        let s = stand(&t, |_| {}, SIX).await;
        let exam = s.now().await;
        s.published(RoundKind::Shortlist, "").await.unwrap();
        // The scores are mended: 何小宁 falls behind, 欧阳喆䶮 enters.
        let mut mended = SIX.to_vec();
        mended[1] = ("何小宁", "60", "60");
        mended[3] = ("欧阳喆䶮", "85", "85");
        let stale = s.checked(RoundKind::Shortlist).await.unwrap();
        s.scores(&mended, "复查更正 2 人").await;
        assert_eq!(code(s.publish(&stale, "更正").await), "stale");
        let now = s.now().await;
        s.other.browser().get(&format!("/office/selection/{}/rounds/{stale}", s.exam.public_id)).await.expect(200).shows("成绩已更正，请重新生成名单");
        // Somebody else gives it up, and says why; its lines go.
        assert!(!field(round::discard(&s.second().await, &now, &stale, "").await, "why").is_empty());
        let mut browser = s.other.browser();
        let path = format!("/office/selection/{}/rounds/{stale}/discard", s.exam.public_id);
        let form = browser.get(&path).await.expect(200).form(&path);
        browser.submit(form.clone()).await.expect(422);
        browser.submit(form.set("why", "成绩已更正，需重新生成")).await.expect(200).shows("已放弃");
        browser.get(&path).await.expect(200);
        let gone = round::round(&s.ctx().await, &now, &stale).await.unwrap();
        assert!(round::rows(&s.ctx().await, &gone, &Looked::default(), None, 10).await.unwrap().is_empty());
        assert_eq!(code(export::lines(&s.ctx().await, &now, (&gone, &Looked::default()), Format::Csv).await.map(|copy| copy.rows)), "round_discarded");

        let second = s.checked(RoundKind::Shortlist).await.unwrap();
        let made = round::round(&s.ctx().await, &now, &second).await.unwrap();
        let changes = round::changes(&s.ctx().await, &now, &made).await.unwrap();
        assert!(changes.iter().any(|one| one.name == "何小宁" && one.stage == "called"), "{changes:?}");
        s.one.browser().get(&format!("/office/selection/{}/rounds/{second}", s.exam.public_id)).await.expect(200).shows("与已公布的名单相比").shows("何小宁");
        assert!(field(s.publish(&second, " ").await, "reason").contains("原因"));
        let mut page = s.other.browser();
        let here = format!("/office/selection/{}/rounds/{second}", s.exam.public_id);
        let form = page.get(&here).await.expect(200).form(&format!("{here}/publish"));
        page.submit(form.set("reason", "")).await.expect(422).shows("请写明原因");
        s.publish(&second, "成绩复查更正 2 人").await.unwrap();
        s.t.run_jobs().await;
        let stages = s.stages().await;
        let of = |name: &str| stages.iter().find(|(one, _)| one == name).map(|(_, stage)| stage.clone());
        assert_eq!(of("何小宁").as_deref(), Some("out"));
        assert_eq!(of("周明远").as_deref(), Some("out"));
        assert_eq!(of("欧阳喆䶮").as_deref(), Some("called"));
        let (he, his) = s.of("何小宁");
        he.browser().get(&format!("/applications/{his}/selection")).await.expect(200).shows("取消入围资格").shows("入围名单更正");
        // Mended once more, 何小宁 is called again.
        s.scores(SIX, "复查更正有误，恢复原成绩").await;
        s.published(RoundKind::Shortlist, "恢复原成绩").await.unwrap();
        let stages = s.stages().await;
        let of = |name: &str| stages.iter().find(|(one, _)| one == name).map(|(_, stage)| stage.clone());
        assert_eq!(of("何小宁").as_deref(), Some("called"));
        assert_eq!(of("欧阳喆䶮").as_deref(), Some("out"));
        assert_eq!(crate::invariants::broken_names(&s.t).await, [""; 0]);
        // Whoever has come further isn't taken off by a list.
        crate::invariants::run(&s.t, &["UPDATE contender SET stage = 'interviewed' WHERE name = '何小宁'"]).await;
        s.scores(&mended, "复查更正 2 人").await;
        let third = s.checked(RoundKind::Shortlist).await.unwrap();
        assert_eq!(code(s.publish(&third, "成绩复查更正").await), "too_far");
        s.other.browser().get(&format!("/office/selection/{}/rounds/{third}", s.exam.public_id)).await.expect(200).shows("不能随名单取消");
        drop(exam);
    }

    async fn a_time_that_is_taken_back_leaves_the_list_before_in_force(t: TestApp) {
        let s = stand(&t, |_| {}, SIX).await;
        let exam = s.now().await;
        let first = s.published(RoundKind::Shortlist, "").await.unwrap();
        let second = s.checked(RoundKind::Shortlist).await.unwrap();
        let later = s.t.now().plus_seconds(3_600);
        let ctx = s.second().await;
        round::publish(&ctx, &exam, &second, (later, "再次核对")).await.unwrap();
        let state = async |id: &str| round::round(&ctx, &exam, id).await.unwrap().row.state;
        assert_eq!((state(&first).await.as_str(), state(&second).await.as_str()), ("superseded", "published"));
        // Another one can't take its place before it was carried out.
        let third = s.checked(RoundKind::Shortlist).await.unwrap();
        assert_eq!(code(s.publish(&third, "又一份").await), "carrying");
        round::discard(&s.ctx().await, &exam, &third, "").await.unwrap();
        round::withdraw(&ctx, &exam, &second).await.unwrap();
        assert_eq!((state(&first).await.as_str(), state(&second).await.as_str()), ("published", "checked"));
        // Its job finds nothing to do.
        s.t.clock.set_to(later);
        s.t.run_jobs().await;
        assert_eq!(state(&second).await, "checked");
        // A job that died is given a successor.
        round::publish(&ctx, &exam, &second, (s.t.now(), "再次核对")).await.unwrap();
        crate::invariants::run(&s.t, &["DELETE FROM job WHERE name = 'selection.carry' AND state = 'ready'"]).await;
        s.t.clock.advance(31);
        s.t.run_jobs().await;
        let row = round::round(&ctx, &exam, &second).await.unwrap().row;
        assert!(row.carried_at.is_some() && row.carried >= 3, "{row:?}");
        assert_eq!(carry::carry_some(&s.t.system(), row.id, 30).await.unwrap(), None);
    }

    async fn lines_that_were_altered_are_not_published(t: TestApp) {
        let s = stand(&t, |_| {}, SIX).await;
        let id = s.checked(RoundKind::Shortlist).await.unwrap();
        crate::invariants::run(&s.t, &["UPDATE selection_row SET verdict = 'in' WHERE verdict = 'beyond'"]).await;
        assert_eq!(code(s.publish(&id, "").await), "round_altered");
        assert!(s.listed().await.is_empty());
    }

    async fn without_a_written_paper_everybody_comes_to_the_interview(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(direct).await;
        let who = t.ready("孙直面").await;
        let application = submitted(&who, &exam, POSITION).await;
        t.clock.set("2026-04-20 09:00");
        let s = Stand {
            one: t.staff(&[Role::SelectionOfficer]).await,
            other: t.staff(&[Role::SelectionOfficer]).await,
            exam,
            people: vec![(who, application)],
            tickets: Vec::new(),
            t,
        };
        s.one.browser().get("/office/selection").await.expect(200).shows("没有笔试");
        s.published(RoundKind::Shortlist, "").await.unwrap();
        assert_eq!(s.stages().await, [("孙直面".to_owned(), "qualified".to_owned())]);
        let (who, application) = s.of("孙直面");
        who.browser().get(&format!("/applications/{application}/selection")).await.expect(200).shows("待面试").lacks("笔试成绩");
    }

    async fn an_exam_without_a_selection_has_no_list(t: TestApp) {
        let s = stand(&t, |settings| settings.selection.on = false, &SIX[..1]).await;
        let exam = s.now().await;
        assert_eq!(code(draft::make(&s.ctx().await, &exam, RoundKind::Shortlist).await), "no_selection");
        s.one.browser().get("/office/selection").await.expect(200).shows("没有需要面试的考试");
        // Who has nothing to do with it sees nothing of it.
        let score = s.t.staff(&[Role::ScoreOfficer]).await;
        assert!(matches!(draft::make(&score.ctx().await, &exam, RoundKind::Shortlist).await, Err(Error::Forbidden)));
        score.browser().get("/office/selection").await.expect(403);
    }
}

fn direct(settings: &mut ExamSettings) {
    straight(settings);
    settings.steps.seating = false;
    settings.papers.clear();
    settings.windows.ticket = None;
    settings.windows.sitting = None;
    settings.windows.score = None;
    let rules = &mut settings.selection;
    rules.on = true;
    rules.documents = false;
    rules.total = Some("面试".parse().unwrap());
}
