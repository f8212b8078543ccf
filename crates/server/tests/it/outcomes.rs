//! 工作台: what became of one's own requests, what is late, and that nothing in the menu is missing from 您可以办理.

use app::staff::factor;
use app::{approval, archive, payment};
use domain::staff::Role;
use simulators::bank::RefundState;
use testkit::{TestApp, TestPosition, TestStaff, archive_request, both_backends};

use crate::application::submitted;
use crate::payment::stage;

/// What the home page of somebody says of his own requests; empty for nothing.
async fn told(t: &TestApp, who: &TestStaff) -> String {
    let page = who.at(t).browser().get("/office").await.expect(200).html();
    let Some((_, section)) = page.split_once("您提出的申请") else {
        return String::new();
    };
    section
        .split_once("</section>")
        .map_or(section, |(own, _)| own)
        .to_owned()
}

/// The request that waits of a kind.
async fn open(who: &TestStaff) -> String {
    let rows = approval::list(&who.ctx().await, "open", None, 5)
        .await
        .unwrap();
    rows[0].public_id.clone()
}

both_backends! {
    async fn whoever_asked_is_told_of_a_refusal_with_its_reason_for_some_days(t: TestApp) {
        let (one, two) = (t.staff_named("高远", &[Role::SecurityAdmin]).await, t.staff_named("梁季", &[Role::SecurityAdmin]).await);
        let wang = t.staff_named("王敏", &[Role::PhotoReviewer]).await;
        let id = app::staff::list(&one.ctx().await).await.unwrap();
        let id = id.into_iter().find(|row| row.username == wang.username).unwrap().public_id;
        factor::request(&one.ctx().await, &id, "手机丢失，本人到办公室说明").await.unwrap();
        assert_eq!(told(&t, &one).await, "", "nothing has become of it yet");
        let asked = open(&two).await;
        approval::decide(&two.ctx().await, &asked, false, "打电话没有找到本人").await.unwrap();
        let own = told(&t, &one).await;
        for word in ["重新绑定验证器", "未同意", "打电话没有找到本人", "梁季", &format!("/office/approvals/{asked}")] {
            assert!(own.contains(word), "{word}: {own}");
        }
        one.browser().get(&format!("/office/approvals/{asked}")).await.expect(200).shows("打电话没有找到本人");
        // Nobody else is told, not even who decided.
        assert_eq!((told(&t, &two).await, told(&t, &wang).await), (String::new(), String::new()));
        // What was agreed to is told quietly.
        factor::request(&one.ctx().await, &id, "本人又来办公室说明").await.unwrap();
        let again = open(&two).await;
        approval::decide(&two.ctx().await, &again, true, "当面核实").await.unwrap();
        let own = told(&t, &one).await;
        assert!(own.contains("近 7 天已同意的（1）") && own.contains("已同意"), "{own}");
        let (loud, quiet) = own.split_once("<details").expect("quiet");
        assert!(loud.contains(&asked) && !loud.contains(&again) && quiet.contains(&again), "{own}");
        // After a week both are old news.
        t.clock.advance_days(8);
        let one = one.at(&t);
        let page = crate::staff::logged_in(&t, &one).await.get("/office").await.expect(200);
        page.lacks("您提出的申请");
    }

    async fn a_refund_an_archive_and_a_change_tell_who_asked_for_them(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(s.bank.pay(&number));
        assert!(s.notice(&number).await);
        let money = [Role::FinanceOfficer];
        let (one, two) = (s.t.staff_named("钱来", &money).await, s.t.staff_named("周核", &money).await);
        let ask = async || {
            payment::request_refund(&one.ctx().await, &s.order, "agency").await.unwrap();
            let detail = payment::detail(&one.ctx().await, &s.order).await.unwrap();
            detail.refunds.last().unwrap().public_id.clone()
        };
        payment::decide_refund(&two.ctx().await, &ask().await, false, "这笔费用不该退").await.unwrap();
        let own = told(&s.t, &one).await;
        for word in ["退款", "未同意", "这笔费用不该退", "周核", &format!("/office/payments/{}", s.order)] {
            assert!(own.contains(word), "{word}: {own}");
        }
        payment::decide_refund(&two.ctx().await, &ask().await, true, "").await.unwrap();
        s.work().await;
        let own = told(&s.t, &one).await;
        assert!(own.contains("近 7 天已同意的（1）") && own.contains("未同意"), "{own}");
        let refunds = payment::detail(&one.ctx().await, &s.order).await.unwrap().refunds;
        assert_eq!(refunds.last().unwrap().state, "succeeded");
        assert!(!s.bank.finish_refund(&refunds[0].refund_no, RefundState::Succeeded), "the first was never sent");

        let officers = [Role::ExamOfficer];
        let (one, two) = (s.t.staff_named("高远", &officers).await, s.t.staff_named("梁季", &officers).await);
        app::exam::close(&s.t.system(), &s.exam.public_id).await.unwrap();
        let ask = archive_request("招聘工作已结束");
        archive::ask(&one.ctx().await, &s.exam.public_id, &ask).await.unwrap();
        archive::decide(&two.ctx().await, &s.exam.public_id, false, "还有申诉没有办完").await.unwrap();
        let own = told(&s.t, &one).await;
        assert!(own.contains("归档") && own.contains("还有申诉没有办完") && own.contains("未同意"), "{own}");
        // What he takes back himself is no news to him.
        archive::ask(&one.ctx().await, &s.exam.public_id, &ask).await.unwrap();
        archive::withdraw(&one.ctx().await, &s.exam.public_id).await.unwrap();
        assert_eq!(told(&s.t, &one).await, own);
    }

    async fn reviews_beyond_their_time_stand_on_the_home_page_of_who_decides_them(t: TestApp) {
        t.clock.set("2026-03-17 09:00");
        let positions = [
            TestPosition { name: "馆员", ..TestPosition::default() },
            TestPosition { name: "讲解员", employer: "市博物馆", ..TestPosition::default() },
        ];
        let exam = t.recruitment_with(|settings| settings.review.hours = 24, &positions).await;
        let (lin, su, he) = (t.ready("林一舟").await, t.ready("苏晓").await, t.ready("何小宁").await);
        submitted(&lin, &exam, "馆员").await;
        submitted(&su, &exam, "讲解员").await;
        t.clock.advance_hours(20);
        submitted(&he.again().await, &exam, "馆员").await;
        t.clock.advance_hours(5);
        t.run_jobs().await;
        let museum = (Role::FirstReviewer, exam.id, "市博物馆".to_owned());
        let reviewer = t.staff(&[Role::FirstReviewer]).await;
        let hers = t.staff_with(&[museum]).await;
        let mut desk = reviewer.browser();
        let home = desk.get("/office").await.expect(200).shows("审查已超时限");
        let link = home.link("2 人");
        assert!(link.ends_with("?state=pending&late=1"), "{link}");
        desk.get(&link).await.expect(200).shows("林一舟").shows("苏晓").lacks("何小宁").shows("共 2 条");
        let turned = desk.get(&format!("{link}&sort=-due")).await.expect(200).shows("林一舟").shows("苏晓").lacks("何小宁");
        let text = turned.text();
        assert!(text.find("苏晓").unwrap() < text.find("林一舟").unwrap(), "the latest first");
        let mut desk = hers.browser();
        let home = desk.get("/office").await.expect(200);
        desk.get(&home.link("1 人")).await.expect(200).lacks("林一舟");
        let late = format!("/office/reviews/{}?state=pending&late=1", exam.public_id);
        desk.get(&late).await.expect(200).shows("苏晓").lacks("林一舟").lacks("何小宁");
        // A reviewer of the other level has nothing that is late, an officer neither.
        for role in [Role::SecondReviewer, Role::ExamOfficer] {
            t.staff(&[role]).await.browser().get("/office").await.expect(200).lacks("审查已超时限");
        }
        // The control: an hour before, nobody was late.
        t.clock.advance_hours(-2);
        t.staff(&[Role::FirstReviewer]).await.browser().get("/office").await.expect(200).lacks("审查已超时限");
    }

    async fn whatever_the_menu_of_a_role_shows_stands_on_its_home_page(t: TestApp) {
        for role in Role::ALL {
            let mut desk = t.staff(&[*role]).await.browser();
            let home = desk.get("/office").await.expect(200);
            let whole = home.html();
            let ways = whole.split_once("您可以办理").expect("ways").1.split_once("</section>").unwrap().0;
            let menu = whole.split_once("bk-onav").expect("a menu").1.split_once("</nav>").unwrap().0;
            let mut entries = 0;
            for entry in menu.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                if entry == "/office" || !entry.starts_with("/office/") {
                    continue;
                }
                entries += 1;
                assert!(ways.contains(&format!("href=\"{entry}")), "{role:?} misses {entry}");
                desk.get(entry).await.expect(200);
            }
            assert!(entries > 0, "{role:?}");
        }
    }

    async fn the_list_of_accounts_tells_how_far_a_reviewer_reaches(t: TestApp) {
        let exams = [t.recruitment(|_| {}).await, t.recruitment(|_| {}).await, t.recruitment(|_| {}).await];
        let grants = |unit: &'static [&'static str]| {
            let each = exams.iter().flat_map(move |exam| unit.iter().map(move |unit| (Role::FirstReviewer, exam.id, (*unit).to_owned())));
            each.collect::<Vec<_>>()
        };
        let narrow = t.staff_with(&grants(&["市图书馆", "市博物馆", "市体育馆"])).await;
        let wide = t.staff(&[Role::SecondReviewer]).await;
        let one = t.staff_with(&[(Role::FirstReviewer, exams[0].id, String::new())]).await;
        let mut admin = t.staff(&[Role::SecurityAdmin]).await.browser();
        let shown = async |admin: &mut testkit::Browser, who: &TestStaff| {
            admin.get(&format!("/office/staff?q={}", who.username)).await.expect(200).text()
        };
        let text = shown(&mut admin, &narrow).await;
        assert!(text.contains("3 场考试 · 单位：") && text.contains("等 3 个"), "{text}");
        assert!(shown(&mut admin, &wide).await.contains("全部考试"));
        assert!(shown(&mut admin, &one).await.contains("2026年市直事业单位公开招聘"));
        // Who reaches everywhere by a role that reviews nothing needs no words.
        let officer = t.staff(&[Role::ExamOfficer]).await;
        assert!(!shown(&mut admin, &officer).await.contains("全部考试"));
    }

    async fn an_account_is_told_everything_that_is_wrong_with_it_at_once(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let mut desk = t.staff(&[Role::SecurityAdmin]).await.browser();
        let page = desk.get("/office/staff/new").await.expect(200);
        let typed = |form: testkit::Form| {
            let form = form.unset("role").unset("exam").unset("scope");
            let form = form.add("role", "photo_reviewer").add("exam", "").add("scope", "");
            form.add("role", "first_reviewer").add("exam", &exam.public_id).add("scope", "没有的单位")
        };
        let form = typed(page.form("/office/staff/new")).set("username", "王 敏").set("name", "");
        let page = desk.submit(form).await.expect(422);
        let page = page.shows("用户名为 3 至 32 位").shows("请填写姓名").shows("照片审核员：请选择考试").shows("没有主管部门“没有的单位”");
        let form = typed(page.form("/office/staff/new")).set("username", "wang.min").set("name", "");
        desk.submit(form).await.expect(422).shows("请填写姓名").shows("照片审核员：请选择考试").lacks("用户名为 3 至 32 位");
        // The same when one is changed.
        let person = t.staff(&[Role::PhotoReviewer]).await;
        let page = crate::staff::open(&mut desk, &person.username).await.expect(200);
        let path = page.path().to_owned();
        let form = typed(page.form(&path)).set("name", " ");
        desk.submit(form).await.expect(422).shows("请填写姓名").shows("照片审核员：请选择考试").shows("没有的单位");
        assert_eq!(app::staff::grants(&t.app, person.id).await.unwrap().0.len(), 1, "nothing is stored");
    }
}
