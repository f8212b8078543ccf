//! 群发消息: to whom, how it reads, once each, stopped on the way.

use app::Error;
use app::message::broadcast::{self, Act, BroadcastForm};
use domain::staff::Role;
use testkit::{TestApp, TestCandidate, TestExam, TestStaff, both_backends};

use crate::application::submitted;

const POSITION: &str = "数字资源管理";

fn to_all(title: &str) -> BroadcastForm {
    BroadcastForm {
        title: title.into(),
        body: "{姓名}，请留意{考试}的安排，报名序号 {报名序号}。".into(),
        leads: "applications".into(),
        ..BroadcastForm::default()
    }
}

async fn three(t: &TestApp) -> (TestExam, Vec<TestCandidate>) {
    let exam = t.recruitment(|_| {}).await;
    let mut people = Vec::new();
    for name in ["林一舟", "苏晓", "王二"] {
        let one = t.ready(name).await;
        submitted(&one, &exam, POSITION).await;
        people.push(one);
    }
    (exam, people)
}

async fn send(staff: &TestStaff, exam: &TestExam, form: &BroadcastForm) -> String {
    let ctx = staff.ctx().await;
    let id = broadcast::write(&ctx, &exam.public_id, form).await.unwrap();
    let (_, row) = broadcast::find(&ctx, &exam.public_id, &id).await.unwrap();
    broadcast::act(&ctx, &exam.public_id, &id, Act::Send, row.version)
        .await
        .unwrap();
    id
}

async fn titles(who: &TestCandidate) -> Vec<String> {
    let rows = app::message::inbox(&who.ctx(), None).await.unwrap();
    rows.into_iter().map(|row| row.title).collect()
}

async fn how_often(people: &[TestCandidate], title: &str) -> Vec<usize> {
    let mut counts = Vec::new();
    for one in people {
        counts.push(
            titles(one)
                .await
                .iter()
                .filter(|known| *known == title)
                .count(),
        );
    }
    counts
}

both_backends! {
    async fn a_message_is_written_looked_at_sent_and_read(t: TestApp) {
        let (exam, people) = three(&t).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let mut browser = officer.browser();
        let base = format!("/office/exams/{}/broadcasts", exam.public_id);
        browser.get(&base).await.expect(200).shows("还没有群发过消息");
        let usual = browser.get(&format!("{base}/new?usual=pay")).await.expect(200);
        assert_eq!(usual.form(&format!("{base}/new")).value("title"), Some("请在截止前缴费"));
        let page = browser.get(&format!("{base}/new")).await.expect(200);
        let form = page.form(&format!("{base}/new")).set("title", "考试安排有变动");
        // A blank that nothing fills: what was typed stays.
        let wrong = form.clone().set("body", "{名字}，您好。");
        let again = browser.submit(wrong).await.expect(422).shows("“{名字}”不能自动填写");
        assert_eq!(again.form(&format!("{base}/new")).value("title"), Some("考试安排有变动"));
        let number = &people[0].person.number;
        browser.submit(form.clone().set("body", &format!("证件 {number} 的考生"))).await.expect(422).shows("不要写证件号码");
        browser.submit(form.clone().set("body", "{姓名}，改期。").set("position", "9999")).await.expect(422).shows("没有这个岗位代码");
        let page = browser.submit(form.set("body", "{姓名}，考试改期，报名序号 {报名序号}。")).await.expect(200);
        let page = page.shows("3 人").shows("第一位考生看到的是").shows("林一舟，考试改期").shows("全部有效报名");
        let id = page.path().rsplit('/').next().unwrap().to_owned();
        let sending = page.form(&format!("{base}/{id}/send"));
        assert_eq!(how_often(&people, "考试安排有变动").await, [0, 0, 0], "nothing is sent before it is confirmed");
        browser.submit(sending.clone()).await.expect(200).shows("正在发送");
        browser.submit(sending).await.expect(409);
        t.run_jobs().await;
        browser.get(&format!("{base}/{id}")).await.expect(200).shows("已发送完毕").shows("3 人");
        browser.get(&base).await.expect(200).shows("已发送");
        assert_eq!(how_often(&people, "考试安排有变动").await, [1, 1, 1]);
        people[1].browser().get("/messages").await.expect(200).shows("苏晓，考试改期").lacks("林一舟");
    }

    async fn only_those_who_meet_every_condition_are_written_to(t: TestApp) {
        let (exam, people) = three(&t).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let reviewer = t.staff(&[Role::FirstReviewer]).await.ctx().await;
        let first = app::application::mine(&people[0].ctx()).await.unwrap()[0].row.public_id.clone();
        crate::review::decide(&reviewer, &first, &app::review::Decision::Approve).await.unwrap();
        let owing = BroadcastForm { payment: "due".into(), ..to_all("缴费提醒") };
        let others = BroadcastForm { payment: "!due".into(), review: "pending".into(), ..to_all("等待审核") };
        let nobody = BroadcastForm { payment: "due".into(), review: "pending".into(), ..to_all("没有人") };
        for form in [&owing, &others, &nobody] {
            send(&officer, &exam, form).await;
        }
        t.run_jobs().await;
        assert_eq!(how_often(&people, "缴费提醒").await, [1, 0, 0]);
        assert_eq!(how_often(&people, "等待审核").await, [0, 1, 1]);
        assert_eq!(how_often(&people, "没有人").await, [0, 0, 0]);
    }

    async fn several_workers_and_a_crash_tell_everybody_once(t: TestApp) {
        let (exam, people) = three(&t).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let id = send(&officer, &exam, &to_all("只说一次")).await;
        let (_, row) = broadcast::find(&officer.ctx().await, &exam.public_id, &id).await.unwrap();
        // The job hasn't run; several hands take the same chunk.
        let hands = (0..6).map(|_| {
            let ctx = t.system();
            tokio::spawn(async move { broadcast::send_some(&ctx, row.id).await })
        });
        for hand in hands.collect::<Vec<_>>() {
            match hand.await.unwrap() {
                Ok(_) | Err(Error::Conflict(_)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        // Whoever finds it half done goes on with it.
        broadcast::resume(&t.system()).await.unwrap();
        t.run_jobs().await;
        assert_eq!(how_often(&people, "只说一次").await, [1, 1, 1]);
        let (_, row) = broadcast::find(&officer.ctx().await, &exam.public_id, &id).await.unwrap();
        assert_eq!((row.state.as_str(), row.told), ("sent", 3));
    }

    async fn what_was_stopped_changed_or_deleted_is_not_sent(t: TestApp) {
        let (exam, people) = three(&t).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let ctx = officer.ctx().await;
        let stopped = send(&officer, &exam, &to_all("被停止的")).await;
        broadcast::act(&ctx, &exam.public_id, &stopped, Act::Stop, 0).await.unwrap();
        let draft = broadcast::write(&ctx, &exam.public_id, &to_all("草稿")).await.unwrap();
        let (_, seen) = broadcast::find(&ctx, &exam.public_id, &draft).await.unwrap();
        broadcast::rewrite(&ctx, &exam.public_id, &draft, &to_all("改过的草稿")).await.unwrap();
        // The page that somebody looked at shows the old text.
        let late = broadcast::act(&ctx, &exam.public_id, &draft, Act::Send, seen.version).await;
        assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
        broadcast::act(&ctx, &exam.public_id, &draft, Act::Delete, 0).await.unwrap();
        let gone = broadcast::find(&ctx, &exam.public_id, &draft).await;
        assert!(matches!(gone, Err(Error::NotFound)));
        t.run_jobs().await;
        for title in ["被停止的", "草稿", "改过的草稿"] {
            assert_eq!(how_often(&people, title).await, [0, 0, 0], "{title}");
        }
        let elsewhere = t.staff_with(&[(Role::ExamOfficer, exam.id + 1, String::new())]).await;
        let path = format!("/office/exams/{}/broadcasts/{stopped}", exam.public_id);
        elsewhere.browser().get(&path).await.expect(404);
    }
}
