//! 实时统计: figures that follow each step, folded once, narrowed to units.

use app::application;
use app::exam;
use app::statistics::{self, Overview};
use domain::staff::Role;
use testkit::{TestApp, TestExam, TestPosition, TestStaff, both_backends};

use crate::application::submitted;

const TWO_EMPLOYERS: [TestPosition; 2] = [
    TestPosition {
        name: "甲岗",
        majors: "",
        experience: "",
        capacity: 0,
        employer: "市图书馆",
    },
    TestPosition {
        name: "乙岗",
        majors: "",
        experience: "",
        capacity: 0,
        employer: "市博物馆",
    },
];

async fn seen(t: &TestApp, staff: &TestStaff, exam: &TestExam) -> Overview {
    statistics::fold(&t.app).await.unwrap();
    let exam = exam::find_by_id(&t.app, exam.id).await.unwrap();
    statistics::overview(&staff.ctx().await, &exam)
        .await
        .unwrap()
}

both_backends! {
    async fn figures_follow_a_submission_a_move_an_approval_and_a_withdrawal(t: TestApp) {
        let exam = t.recruitment_with(|_| {}, &TWO_EMPLOYERS).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let (lin, su) = (t.ready("林一舟").await, t.ready("苏晓").await);
        assert_eq!(seen(&t, &officer, &exam).await.curve, []);
        let first = submitted(&lin, &exam, "甲岗").await;
        t.clock.advance(2 * 3600);
        let second = submitted(&su, &exam, "甲岗").await;
        let now = seen(&t, &officer, &exam).await;
        assert_eq!((now.total.applied, now.total.pending, now.funnel.submitted), (2, 2, Some(2)));
        assert_eq!(now.curve.iter().map(|hour| hour.applied).collect::<Vec<_>>(), [1, 0, 1]);
        assert_eq!(now.units.len(), 1);

        // 改报 before the review: the old unit has one less, the whole exam as many as before.
        submitted(&su, &exam, "乙岗").await;
        let now = seen(&t, &officer, &exam).await;
        let units: Vec<_> = now.units.iter().map(|line| (line.unit.as_str(), line.tally.applied)).collect();
        assert_eq!(units.len(), 2);
        assert!(units.contains(&("市图书馆", 1)) && units.contains(&("市博物馆", 1)), "{units:?}");
        assert_eq!(now.curve.iter().map(|hour| hour.applied).sum::<i64>(), 2);

        let reviewer = t.staff(&[Role::FirstReviewer]).await;
        crate::review::decide(&reviewer.ctx().await, &first, &app::review::Decision::Approve).await.unwrap();
        let now = seen(&t, &officer, &exam).await;
        assert_eq!((now.total.approved, now.total.pending, now.total.due), (1, 1, 1));
        application::withdraw(&su.ctx(), &second).await.unwrap();
        let now = seen(&t, &officer, &exam).await;
        assert_eq!((now.total.applied, now.total.pending, now.funnel.submitted), (1, 0, Some(2)));
        crate::full_disk::nothing_is_broken(&t).await;
    }

    async fn two_that_fold_at_once_count_nothing_twice(t: TestApp) {
        let exam = t.recruitment_with(|_| {}, &TWO_EMPLOYERS).await;
        let lin = t.ready("林一舟").await;
        submitted(&lin, &exam, "甲岗").await;
        let folds = (0..8).map(|_| {
            let app = t.app.clone();
            tokio::spawn(async move { statistics::fold(&app).await })
        });
        for fold in folds.collect::<Vec<_>>() {
            fold.await.unwrap().unwrap();
        }
        let officer = t.staff(&[Role::ExamOfficer]).await;
        assert_eq!(seen(&t, &officer, &exam).await.total.applied, 1);
        crate::full_disk::nothing_is_broken(&t).await;
    }

    async fn a_unit_sees_its_own_figures_and_no_others(t: TestApp) {
        let exam = t.recruitment_with(|_| {}, &TWO_EMPLOYERS).await;
        let (lin, su) = (t.ready("林一舟").await, t.ready("苏晓").await);
        submitted(&lin, &exam, "甲岗").await;
        submitted(&su, &exam, "乙岗").await;
        let museum = t.staff_with(&[(Role::FirstReviewer, exam.id, "市博物馆".into())]).await;
        let now = seen(&t, &museum, &exam).await;
        assert!(now.narrowed);
        assert_eq!((now.total.applied, now.units.len(), now.funnel.submitted, now.overdue), (1, 1, None, None));
        let path = format!("/office/exams/{}/statistics", exam.public_id);
        let page = museum.browser().get(&path).await.expect(200).shows("市博物馆").shows("乙岗").lacks("市图书馆").lacks("甲岗");
        page.shows("只含您负责的单位");
        let book = museum.browser().get(&format!("{path}/export")).await.expect(200);
        let table = documents::xlsx::read(&book.body).unwrap();
        let text = format!("{table:?}");
        assert!(text.contains("乙岗") && !text.contains("甲岗"), "{text}");
        let elsewhere = t.staff_with(&[(Role::FirstReviewer, exam.id + 1, String::new())]).await;
        elsewhere.browser().get(&path).await.expect(404);
    }

    async fn the_page_says_when_there_is_nothing_yet_and_what_there_is(t: TestApp) {
        let exam = t.recruitment_with(|_| {}, &TWO_EMPLOYERS).await;
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let path = format!("/office/exams/{}/statistics", exam.public_id);
        officer.browser().get(&path).await.expect(200).shows("还没有人报名").shows("还没有数据");
        let lin = t.ready("林一舟").await;
        submitted(&lin, &exam, "甲岗").await;
        statistics::fold(&t.app).await.unwrap();
        let page = officer.browser().get(&path).await.expect(200).shows("有效报名").shows("待初审").shows("甲岗");
        page.shows("1 个岗位无人报考").shows("提交过报名");
        officer.browser().get(&format!("/office/exams/{}", exam.public_id)).await.expect(200).shows("实时统计");
    }
}
