//! 递补 before the interview: in rank order, one offer for a place, an answer in time or none.

use app::selection::promote::{self, Point};
use app::selection::{own, step};
use app::{Ctx, Error};
use domain::selection::{RoundKind, StageEvent};
use testkit::{TestApp, both_backends};

use super::*;

/// Two places. The third and the fourth of the ranks are equal.
const MANY: Marks<'static> = &[
    ("林一舟", "90", "90"),
    ("何小宁", "85", "85"),
    ("周明远", "80", "80"),
    ("欧阳喆䶮", "79", "81"),
    ("孙次之", "70", "70"),
    ("吴再次", "60", "60"),
    ("郑末位", "50", "50"),
];

async fn position(s: &Stand) -> i64 {
    s.listed().await[0].position_id
}

/// Gives up by himself.
async fn leaves(s: &Stand, name: &str) {
    let (who, application) = s.of(name);
    own::give_up(&who.ctx(), application).await.unwrap();
}

async fn offer(s: &Stand) -> Result<Vec<String>> {
    let exam = s.now().await;
    promote::offer(&s.ctx().await, &exam, position(s).await).await
}

both_backends! {
    async fn whoever_leaves_is_followed_by_the_next_ranks_who_say_whether_they_come(t: TestApp) {
        let s = stand(&t, |_| {}, MANY).await;
        let exam = s.now().await;
        assert!(promote::vacancies(&s.ctx().await, &exam).await.unwrap().is_empty(), "no list yet");
        s.published(RoundKind::Shortlist, "").await.unwrap();
        let base = format!("/office/selection/{}", s.exam.public_id);
        let path = format!("{base}/promote");
        let mut desk = s.one.browser();
        desk.get(&path).await.expect(200).shows("没有空出的名额");
        assert_eq!(code(offer(&s).await), "no_vacancy");
        leaves(&s, "何小宁").await;
        let free = promote::vacancies(&s.ctx().await, &exam).await.unwrap();
        assert_eq!((free.len(), free[0].point, free[0].free, free[0].taken), (1, Point::Interview, 1, 1));
        // Two are equal: both are asked.
        let page = desk.get(&path).await.expect(200).shows("周明远").shows("欧阳喆䶮").lacks("孙次之").shows("空出 1 个");
        desk.submit(page.form(&path)).await.expect(200).shows("已递补").shows("没有空出的名额");
        assert!(s.texted("promotion_offered").await > 0);
        let (zhou, application) = s.of("周明远");
        let mine = format!("/applications/{application}/selection");
        let mut browser = zhou.browser();
        browser.get("/messages").await.expect(200).shows("递补通知");
        let page = browser.get(&mine).await.expect(200).shows("待确认递补").shows("还剩 24 小时").shows("放弃递补");
        browser.submit(page.form(&format!("{mine}/accept"))).await.expect(200).is_at(&mine).shows("待资格复审");
        assert_eq!(code(own::answer(&zhou.ctx(), application, false).await), "no_offer", "once only");
        let (ouyang, his) = s.of("欧阳喆䶮");
        let at = format!("/applications/{his}/selection");
        let mut browser = ouyang.browser();
        let page = browser.get(&format!("{at}/decline")).await.expect(200).shows("提交后不能撤回");
        browser.submit(page.form(&format!("{at}/decline"))).await.expect(200).is_at(&at).shows("放弃递补");
        assert_eq!(s.person("周明远").await.entry, "offer");
        // He isn't the candidate's to answer for.
        assert!(matches!(own::answer(&ouyang.ctx(), application, true).await, Err(Error::NotFound)));
        // Nobody is asked twice, and nobody is passed over.
        leaves(&s, "林一舟").await;
        assert_eq!(offer(&s).await.unwrap(), ["孙次之"]);
        assert_eq!(crate::invariants::broken_names(&s.t).await, [""; 0]);
        desk.get(&format!("{base}/people?stage=offered")).await.expect(200).shows("孙次之").shows("前答复");
        // Staff can't answer for him, but a second list keeps him.
        s.published(RoundKind::Shortlist, "再次核对").await.unwrap();
        assert_eq!(s.person("孙次之").await.stage, "offered");
        assert_eq!(s.person("周明远").await.stage, "called");
    }

    async fn an_offer_that_nobody_answers_lapses_and_an_answer_in_time_counts(t: TestApp) {
        let s = stand(&t, |settings| settings.selection.offer_hours = 2, MANY).await;
        s.published(RoundKind::Shortlist, "").await.unwrap();
        leaves(&s, "何小宁").await;
        leaves(&s, "林一舟").await;
        assert_eq!(offer(&s).await.unwrap().len(), 2);
        let due = s.t.now().plus_seconds(2 * 3_600);
        let (zhou, application) = s.of("周明远");
        let (ouyang, his) = s.of("欧阳喆䶮");
        let early: Ctx = {
            s.t.clock.set_to(due.plus_seconds(-1));
            zhou.ctx()
        };
        // At the very deadline it is too late.
        s.t.clock.set_to(due);
        assert_eq!(code(own::answer(&ouyang.ctx(), his, true).await), "offer_over");
        ouyang.browser().get(&format!("/applications/{his}/selection")).await.expect(200).shows("确认的时间已过").lacks("同意递补");
        s.t.run_jobs().await;
        assert_eq!(s.person("周明远").await.stage, "offered", "what is still on its way counts");
        own::answer(&early, application, true).await.unwrap();
        assert_eq!(s.person("周明远").await.stage, "called");
        s.t.clock.set_to(due.plus_seconds(60));
        s.t.run_jobs().await;
        let line = s.person("欧阳喆䶮").await;
        assert_eq!((line.stage.as_str(), line.left_why.as_str()), ("out", "lapse"));
        assert_eq!(code(own::answer(&ouyang.ctx(), his, true).await), "offer_over");
        ouyang.browser().get("/messages").await.expect(200).shows("递补已逾期");
        // The place goes to the next one; brought back by two, somebody has his hours anew.
        let exam = s.now().await;
        let ask = (StageEvent::Reinstate, "系统故障期间无法登录，情况属实");
        step::act(&s.ctx().await, &exam, &line.public_id, ask).await.unwrap();
        let waiting = step::one(&s.ctx().await, &exam, &line.public_id).await.unwrap().waiting.unwrap().public_id;
        step::decide(&s.second().await, &exam, (&line.public_id, &waiting), (true, "")).await.unwrap();
        let again = s.person("欧阳喆䶮").await;
        assert_eq!((again.stage.as_str(), again.due_at), ("offered", Some(s.t.now().plus_seconds(2 * 3_600).micros())));
        assert_eq!(code(offer(&s).await), "no_vacancy");
        assert_eq!(crate::invariants::broken_names(&s.t).await, [""; 0]);
    }

    async fn when_all_that_were_kept_are_asked_the_list_is_computed_anew(t: TestApp) {
        // Two places: who is behind the sixth rank isn't kept.
        let s = stand(&t, |_| {}, MANY).await;
        s.published(RoundKind::Shortlist, "").await.unwrap();
        for (leavers, next) in [(["林一舟", "何小宁"], ["周明远", "欧阳喆䶮"]), (["周明远", "欧阳喆䶮"], ["孙次之", "郑末位"])] {
            for leaver in leavers {
                leaves_or_declines(&s, leaver).await;
            }
            if next.contains(&"郑末位") {
                // Whose application has ended is passed over.
                crate::invariants::run(&s.t, &["UPDATE application SET life = 'ended', end_reason = 'disqualified' WHERE name = '吴再次'"]).await;
                s.one.browser().get(&format!("/office/selection/{}/promote", s.exam.public_id)).await.expect(200).shows("郑末位").lacks("吴再次");
            }
            assert_eq!(offer(&s).await.unwrap(), next);
        }
        for leaver in ["孙次之", "郑末位"] {
            leaves_or_declines(&s, leaver).await;
        }
        assert_eq!(code(offer(&s).await), "nobody_left");
    }

    async fn of_sixty_four_who_give_the_last_place_away_one_does(t: TestApp) {
        let s = stand(&t, |_| {}, MANY).await;
        s.published(RoundKind::Shortlist, "").await.unwrap();
        leaves(&s, "何小宁").await;
        let (exam, position) = (s.now().await, position(&s).await);
        let mut asked = tokio::task::JoinSet::new();
        for n in 0..64 {
            let ctx = if n % 2 == 0 { s.ctx().await } else { s.second().await };
            let exam = exam.clone();
            asked.spawn(async move { promote::offer(&ctx, &exam, position).await });
        }
        let mut given = 0;
        while let Some(outcome) = asked.join_next().await {
            match outcome.unwrap() {
                Ok(names) => {
                    given += 1;
                    assert_eq!(names, ["周明远", "欧阳喆䶮"]);
                }
                Err(Error::Refused(refusal)) => assert_eq!(refusal.code, "no_vacancy"),
                Err(Error::Conflict(_) | Error::Busy(_)) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
        assert_eq!((given, s.listed().await.len()), (1, 4));
        // And of sixty-four answers of one candidate one counts, whichever.
        let (who, application) = s.of("周明远");
        let mut said = tokio::task::JoinSet::new();
        for n in 0..64 {
            let (ctx, application) = (who.ctx(), application.clone());
            said.spawn(async move { own::answer(&ctx, &application, n % 2 == 0).await });
        }
        let mut counted = 0;
        while let Some(outcome) = said.join_next().await {
            match outcome.unwrap() {
                Ok(()) => counted += 1,
                Err(Error::Refused(refusal)) => assert_eq!(refusal.code, "no_offer"),
                Err(Error::Conflict(_) | Error::Busy(_)) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
        assert_eq!(counted, 1);
        assert_eq!(crate::invariants::broken_names(&s.t).await, [""; 0]);
    }

    async fn an_offer_that_lapses_while_it_is_answered_ends_one_way(t: TestApp) {
        let s = stand(&t, |settings| settings.selection.offer_hours = 1, MANY).await;
        s.published(RoundKind::Shortlist, "").await.unwrap();
        leaves(&s, "何小宁").await;
        offer(&s).await.unwrap();
        let due = s.t.now().plus_seconds(3_600);
        s.t.clock.set_to(due.plus_seconds(-1));
        let (who, application) = s.of("周明远");
        let ctx = who.ctx();
        s.t.clock.set_to(due.plus_seconds(60));
        let (answered, lapsed) = tokio::join!(
            own::answer(&ctx, application, true),
            async { promote::lapse(&s.t.system()).await.unwrap() }
        );
        let stage = s.person("周明远").await.stage;
        // The other one of the two lapses in any case.
        match answered {
            Ok(()) => assert_eq!((stage.as_str(), lapsed), ("called", 1)),
            Err(_) => assert_eq!((stage.as_str(), lapsed), ("out", 2)),
        }
        assert_eq!(crate::invariants::broken_names(&s.t).await, [""; 0]);
    }
}

/// Out, from wherever he is.
async fn leaves_or_declines(s: &Stand, name: &str) {
    let (who, application) = s.of(name);
    if s.person(name).await.stage == "offered" {
        own::answer(&who.ctx(), application, false).await.unwrap();
    } else {
        leaves(s, name).await;
    }
}
