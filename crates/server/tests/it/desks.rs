//! Who sits where: the devices that people are logged in on, and the desks of a small centre.

use domain::staff::Role;
use testkit::{TestApp, both_backends};

use crate::application::submitted;
use crate::staff::{logged_in, open};

both_backends! {
    async fn a_member_of_staff_sees_his_devices_and_puts_one_out(t: TestApp) {
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let mut here = officer.browser();
        t.clock.advance(60);
        let mut elsewhere = logged_in(&t, &officer).await;
        let page = here.get("/office/account").await.expect(200).shows("登录设备").shows("当前设备");
        let devices = "/office/account/devices";
        let put_out = page.forms().into_iter().find(|form| form.path() == devices).unwrap();
        assert_ne!(put_out.value("which"), Some("others"));
        elsewhere.get("/office/account").await.expect(200).is_at("/office/account");
        here.submit(put_out).await.expect(200).is_at("/office/account").lacks("让其他设备全部退出");
        elsewhere.follow = false;
        elsewhere.get("/office/account").await.expect(303);
        here.get("/office/account").await.expect(200).is_at("/office/account");
    }

    async fn nobody_puts_out_a_session_that_is_not_his(t: TestApp) {
        let (one, other) = (t.staff(&[Role::ExamOfficer]).await, t.staff(&[Role::ExamOfficer]).await);
        t.clock.advance(60);
        let _second = logged_in(&t, &one).await;
        let page = one.browser().get("/office/account").await.expect(200);
        let devices = "/office/account/devices";
        let theirs = page.forms().into_iter().find(|form| form.path() == devices).unwrap();
        let which = theirs.value("which").unwrap().to_owned();
        let mut stranger = other.browser();
        t.clock.advance(60);
        let _elsewhere = logged_in(&t, &other).await;
        let own = stranger.get("/office/account").await.expect(200);
        let own = own.forms().into_iter().find(|form| form.path() == devices).unwrap();
        stranger.submit(own.set("which", &which)).await.expect(200);
        one.browser().get("/office/account").await.expect(200).shows("让其他设备全部退出");
    }

    async fn the_security_admin_sees_where_a_colleague_is_and_ends_it(t: TestApp) {
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let admin = t.staff(&[Role::SecurityAdmin]).await;
        let mut desk = admin.browser();
        let page = open(&mut desk, &officer.username).await.expect(200).shows("登录设备");
        let all = page.forms().into_iter().find(|form| form.value("which") == Some("others")).unwrap();
        desk.submit(all).await.expect(200).shows("现在没有登录");
        let mut out = officer.browser();
        out.follow = false;
        out.get("/office").await.expect(303);
    }

    async fn three_people_with_the_three_desks_are_made_from_the_page(t: TestApp) {
        let admin = t.staff(&[Role::SecurityAdmin]).await;
        let mut desk = admin.browser();
        for (place, bundle) in domain::staff::BUNDLES.iter().enumerate() {
            let page = desk.get("/office/staff/new").await.expect(200);
            let link = page.link(bundle.name);
            let page = desk.get(&link).await.expect(200);
            let form = page.form("/office/staff/new");
            assert_eq!(form.values("role").iter().filter(|role| !role.is_empty()).count(), bundle.roles.len());
            let made = form.set("username", &format!("gang{place}")).set("name", bundle.name);
            desk.submit(made).await.expect(200).shows("账号已建立");
            let page = open(&mut desk, &format!("gang{place}")).await.expect(200);
            let held = page.form(page.path()).values("role").iter().filter(|role| !role.is_empty()).count();
            assert_eq!(held, bundle.roles.len());
        }
    }

    async fn each_role_finds_on_the_home_page_where_its_work_begins(t: TestApp) {
        let begins = [
            (Role::SysAdmin, "查短信记录"), (Role::SecurityAdmin, "建立和停用账号"), (Role::ExamOfficer, "新建考试"),
            (Role::PhotoReviewer, "审核照片"), (Role::FirstReviewer, "资格初审"), (Role::SecondReviewer, "资格复审和申诉"),
            (Role::FinanceOfficer, "查缴费单、办退款"), (Role::ScoreOfficer, "导入和公布成绩"), (Role::SelectionOfficer, "办理入围到聘用"), (Role::Auditor, "查操作日志"),
        ];
        assert_eq!(begins.len(), Role::ALL.len());
        for (role, words) in begins {
            let mut desk = t.staff(&[role]).await.browser();
            let home = desk.get("/office").await.expect(200).shows(words);
            let way = home.links(words);
            desk.get(way.first().unwrap()).await.expect(200);
        }
        // A control: what somebody may not do is not offered.
        t.staff(&[Role::PhotoReviewer]).await.browser().get("/office").await.expect(200).lacks("新建考试");
    }

    async fn a_draft_that_waits_to_be_published_is_work_of_those_who_may_publish_it(t: TestApp) {
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let mut desk = officer.browser();
        desk.get("/office").await.expect(200).shows("没有正在进行的考试").lacks("草稿考试待发布");
        let new = desk.get("/office/exams/new").await.expect(200).form("/office/exams/new");
        let new = new.set("title", "南屿县公开招聘").set("code", "NY-01").set("source", "preset:recruitment");
        let draft = desk.submit(new).await.expect(200).shows("还缺");
        let home = desk.get("/office").await.expect(200).shows("草稿考试待发布");
        let list = desk.get(&home.link("1 项")).await.expect(200);
        assert!(list.own_links().iter().any(|link| link == draft.path()));
        let mut reviewer = t.staff(&[Role::FirstReviewer]).await.browser();
        reviewer.get("/office").await.expect(200).lacks("草稿考试待发布");
    }

    async fn the_home_page_and_the_exam_lead_from_step_to_step(t: TestApp) {
        t.clock.set("2026-03-12 09:00");
        let exam = t.recruitment(|settings| settings.open_ratio = Some(3)).await;
        let mut desk = t.staff(&[Role::ExamOfficer]).await.browser();
        let page = format!("/office/exams/{}", exam.public_id);
        // Nothing is due: what comes next is told, without a link.
        let home = desk.get("/office").await.expect(200).shows("3月16日 08:00 开始网上报名");
        assert!(home.links("开始网上报名").is_empty());
        t.clock.set("2026-03-17 09:00");
        let who = t.ready("林一舟").await;
        submitted(&who, &exam, "数字资源管理").await;
        t.run_jobs().await;
        // Days go by: nobody stays logged in for so long.
        desk = t.staff(&[Role::ExamOfficer]).await.browser();
        // The officer sees what others do, the reviewer is led there.
        desk.get("/office").await.expect(200).shows("完成资格审查，还有 1 人待审").shows("由初审员、复审员办理");
        let mut reviewer = t.staff(&[Role::FirstReviewer]).await.browser();
        let home = reviewer.get("/office").await.expect(200);
        reviewer.get(&home.link("完成资格审查，还有 1 人待审")).await.expect(200);
        crate::invariants::run(&t, &["UPDATE application SET review = 'rejected'", "UPDATE unit_count SET pending = 0, rejected = 1"]).await;
        t.clock.set("2026-03-24 09:00");
        desk = t.staff(&[Role::ExamOfficer]).await.browser();
        for place in ["/office", page.as_str()] {
            let here = desk.get(place).await.expect(200).shows("准考证打印 4月7日 09:00 开始，请在此前完成");
            desk.get(&here.link("核定开考比例")).await.expect(200);
            desk.get(&here.link("编排考场")).await.expect(200);
        }
        // Who may not is told who does it.
        let home = t.staff(&[Role::ScoreOfficer]).await.browser().get("/office").await.expect(200).shows("编排考场").shows("由考务管理员办理");
        assert!(home.links("核定开考比例").is_empty());
        crate::invariants::run(&t, &["UPDATE exam SET seat_plan = 1"]).await;
        t.app.exams().forget();
        t.clock.set("2026-04-13 09:00");
        let home = t.staff(&[Role::ScoreOfficer]).await.browser().get("/office").await.expect(200);
        assert_eq!(home.link("导入成绩"), format!("/office/scores/{}", exam.public_id));
    }
}
