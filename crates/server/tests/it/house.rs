//! What every page owes: health, error pages, sessions, headers.

use domain::staff::Role;
use testkit::{TestApp, both_backends};

both_backends! {
    async fn the_server_says_that_it_lives_and_is_ready(t: TestApp) {
        let mut browser = t.browser();
        assert_eq!(browser.get("/health/live").await.expect(200).html(), "ok\n");
        assert_eq!(browser.get("/health/ready").await.expect(200).html(), "ready\n");
    }

    async fn figures_are_shown_to_this_machine_only(t: TestApp) {
        let mut browser = t.browser();
        browser.get("/metrics").await.expect(404);
        browser.address = std::net::IpAddr::from([127, 0, 0, 1]);
        browser.get("/metrics").await.expect(200).shows("baokao_db_commits_total");
    }

    async fn an_address_that_no_route_has_gets_a_page_in_chinese(t: TestApp) {
        let page = t.browser().get("/no-such-page").await.expect(404);
        assert!(page.header("content-type").unwrap().starts_with("text/html"));
        page.shows("返回首页");
    }

    async fn the_kit_makes_a_candidate_and_staff(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let li = t.candidate("李四").await;
        assert_ne!(zhang.id, li.id);
        let officer = t.staff(&[Role::ExamOfficer]).await;
        officer.browser().get("/office").await.expect(200).shows("工作台");
        let page = zhang.browser().get("/office").await;
        page.expect(200).is_at("/office/login");
        assert!(t.sms.sent().is_empty());
        t.run_jobs().await;
    }
}
