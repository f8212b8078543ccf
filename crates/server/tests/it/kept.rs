//! Filters that staff keep under a name, and the order of lists by the heads of their columns.

use domain::staff::Role;
use testkit::{Browser, Page, TestApp, both_backends};

use crate::application::submitted;
use crate::integrity::entered;
use crate::lists::two_schools;
use crate::review::approve;

/// Keeps what the list shows; the page that answers.
async fn keep(browser: &mut Browser, list: &str, name: &str) -> Page {
    let page = browser.get(list).await.expect(200);
    let form = page.form("/office/filters").set("name", name);
    browser.submit(form).await
}

/// Where these stand on a page, in this order.
fn in_order(page: &Page, words: &[&str]) {
    let text = page.main();
    let places: Vec<_> = words
        .iter()
        .map(|word| text.find(word).unwrap_or_else(|| panic!("{word}: {text}")))
        .collect();
    assert!(places.is_sorted(), "{words:?}: {places:?}");
}

both_backends! {
    async fn a_filter_is_kept_opened_replaced_and_thrown_away_by_its_owner_only(t: TestApp) {
        let exam = two_schools(&t).await;
        let mut names = Vec::new();
        for (name, position) in [("林一舟", "语文教师"), ("苏晓", "数学教师")] {
            let who = t.ready(name).await;
            names.push(submitted(&who, &exam, position).await);
        }
        approve(&t.staff(&[Role::FirstReviewer]).await.ctx().await, &names[0]).await;
        let mut one = t.staff(&[Role::FirstReviewer]).await.browser();
        let mut two = t.staff(&[Role::FirstReviewer]).await.browser();
        let queue = format!("/office/reviews/{}", exam.public_id);
        one.get(&queue).await.expect(200).lacks("保存当前筛选");
        // A person who was searched for isn't kept: nobody finds him in a table of filters.
        let asked = format!("{queue}?state=approved&not=1&who=%E8%8B%8F%E6%99%93");
        keep(&mut one, &asked, "没通过的").await.expect(200).shows("常用筛选已保存：没通过的");
        let kept: Vec<(String, String)> = t.app.db().scan(db::Crowd::System)
            .rows(db::sql!("SELECT list, query FROM saved_filter"), db::p![]).await.unwrap();
        assert_eq!(kept, [("review".to_owned(), "state=approved&not=1".to_owned())]);
        let page = one.get(&queue).await.expect(200);
        let link = page.link("没通过的");
        assert_eq!(link, format!("{queue}?state=approved&not=1"));
        one.get(&link).await.expect(200).shows("苏晓").lacks("林一舟").lacks("保存当前筛选");

        // Another one's is neither seen nor deleted.
        let page = one.get(&queue).await;
        let html = page.html();
        let id = html.split("/office/filters/").nth(1).unwrap().split('/').next().unwrap().to_owned();
        let other = two.get(&queue).await.expect(200).lacks("没通过的");
        let delete = format!("/office/filters/{id}/delete");
        let stolen = other.form_with("领取下一条").to(&delete);
        let token = stolen.value("_csrf").unwrap().to_owned();
        two.post(&delete, &[("_csrf", &token), ("back", "/office")]).await.expect(404);
        // The same name replaces; a bad one is refused with its reason.
        keep(&mut one, &format!("{queue}?state=pending"), "没通过的").await.expect(200);
        assert_eq!(one.get(&queue).await.link("没通过的"), format!("{queue}?state=pending"));
        for (name, why) in [(" ", "请写一个名称"), ("431003199001011234", "名称里不要写证件号码"), ("一二三四五六七八九十一二三四五六七八九十一", "最多 20 个字")] {
            keep(&mut one, &format!("{queue}?state=returned"), name).await.expect(422).shows(why);
        }
        one.get("/office/filters").await.expect(200).shows("没通过的").shows("资格审查");
        two.get("/office/filters").await.expect(200).shows("还没有保存的筛选");
        let page = one.get(&queue).await;
        one.submit(page.form(&delete)).await.expect(200).shows("已删除").lacks("没通过的");
    }

    async fn a_kept_filter_never_widens_a_scope_and_says_what_no_longer_applies(t: TestApp) {
        let exam = two_schools(&t).await;
        for (name, position) in [("林一舟", "语文教师"), ("苏晓", "数学教师")] {
            let who = t.ready(name).await;
            submitted(&who, &exam, position).await;
        }
        let second = t.staff_with(&[(Role::FirstReviewer, exam.id, "第二中学".into())]).await;
        let mut browser = second.browser();
        let queue = format!("/office/reviews/{}", exam.public_id);
        // Typed by hand into what is kept: the list reads it within the asker's units all the same.
        let row = |name: &str, query: &str, n: i64| format!(
            "INSERT INTO saved_filter (id, public_id, staff_id, list, name, query, saved_at) \
             VALUES ({n}, 'kept{n}', {}, 'review', '{name}', '{query}', 0)", second.id
        );
        crate::invariants::run(&t, &[
            &row("别人的", "state=pending&unit=%E7%AC%AC%E4%B8%80%E4%B8%AD%E5%AD%A6", 1),
            &row("旧的", "state=pending&level=3&verdict=perfect", 2),
        ]).await;
        let page = browser.get(&queue).await.expect(200).shows("苏晓").lacks("林一舟");
        let page = browser.get(&page.link("别人的")).await.expect(200).lacks("林一舟").lacks("苏晓");
        // What the list no longer understands is left out of the link and said by name.
        let page = page.shows("已不适用：level、系统比对");
        assert!(page.own_links().contains(&format!("{queue}?state=pending")));
    }

    async fn a_person_keeps_so_many_filters_of_a_list_and_no_more(t: TestApp) {
        let mut admin = t.staff(&[Role::SecurityAdmin]).await.browser();
        let roles: Vec<&str> = Role::ALL.iter().map(|role| role.code()).collect();
        for n in 0..20 {
            let sign = if n < roles.len() { "" } else { "-" };
            let list = format!("/office/staff?role={sign}{}&sort={}", roles[n % roles.len()], if n < 15 { "name" } else { "-name" });
            keep(&mut admin, &list, &format!("筛选{n}")).await.expect(200);
        }
        let list = "/office/staff?state=active&sort=login";
        keep(&mut admin, list, "再来").await.expect(409).shows("最多保存 20 个");
        keep(&mut admin, list, "筛选3").await.expect(200).shows("常用筛选已保存：筛选3");
    }

    async fn lists_are_ordered_by_the_heads_of_their_columns(t: TestApp) {
        let exam = two_schools(&t).await;
        for (name, position) in [("林一舟", "语文教师"), ("苏晓", "数学教师"), ("陈默", "校医")] {
            let who = t.ready(name).await;
            submitted(&who, &exam, position).await;
            t.clock.advance_hours(1);
        }
        let mut reviewer = t.staff(&[Role::FirstReviewer]).await.browser();
        let queue = format!("/office/reviews/{}", exam.public_id);
        let page = reviewer.get(&queue).await.expect(200);
        assert!(page.html().contains("aria-sort=\"ascending\""));
        in_order(&page, &["林一舟", "苏晓", "陈默"]);
        let page = reviewer.get(&page.link("时限")).await.expect(200);
        assert!(page.html().contains("aria-sort=\"descending\""));
        in_order(&page, &["陈默", "苏晓", "林一舟"]);
        // A column that no index ends in can't be asked for.
        let page = reviewer.get(&format!("{queue}?sort=-name")).await.expect(200);
        in_order(&page, &["林一舟", "苏晓", "陈默"]);

        let mut auditor = t.staff(&[Role::Auditor]).await.browser();
        let newest = auditor.get("/office/audit?action=application.advance").await.expect(200).main();
        let oldest = auditor.get("/office/audit?action=application.advance&sort=at").await.expect(200).main();
        assert_ne!(newest, oldest);
        let page = auditor.get("/office/audit?object=application&sort=at").await.expect(200);
        assert!(page.html().contains("aria-sort=\"ascending\""));
        let mut admin = t.staff(&[Role::SecurityAdmin]).await.browser();
        let up = admin.get("/office/staff").await.expect(200).main();
        let page = admin.get("/office/staff").await;
        let down = admin.get(&page.link("用户名")).await.expect(200).main();
        assert_ne!(up, down);
        for sort in ["name", "-unit", "login", "-login"] {
            admin.get(&format!("/office/staff?sort={sort}")).await.expect(200).shows("人");
        }
    }

    async fn orders_and_photos_are_read_from_their_other_end(t: TestApp) {
        let exam = t.recruitment(|_| {}).await;
        let first = t.staff(&[Role::FirstReviewer]).await.ctx().await;
        let photos = t.staff(&[Role::PhotoReviewer]).await;
        for name in ["林一舟", "苏晓"] {
            let who = t.ready(name).await;
            let application = submitted(&who, &exam, "数字资源管理").await;
            approve(&first, &application).await;
            let photo = app::photo::current(&t.app, who.id).await.unwrap().unwrap();
            let ctx = photos.ctx().await;
            app::photo::decide(&ctx, &photo.public_id, photo.version, &app::photo::Decision::Approve).await.unwrap();
            t.clock.advance(60);
        }
        let mut finance = t.staff(&[Role::FinanceOfficer]).await.browser();
        in_order(&finance.get("/office/payments").await.expect(200), &["苏晓", "林一舟"]);
        in_order(&finance.get("/office/payments?sort=made").await.expect(200), &["林一舟", "苏晓"]);
        let one = finance.get("/office/payments?name=%E8%8B%8F%E6%99%93&sort=made").await.expect(200);
        one.shows("苏晓").lacks("林一舟");
        let mut reviewer = photos.browser();
        let decided = "/office/photos/decided?state=approved";
        in_order(&reviewer.get(decided).await.expect(200), &["苏晓", "林一舟"]);
        in_order(&reviewer.get(&format!("{decided}&sort=uploaded")).await.expect(200), &["林一舟", "苏晓"]);
    }

    async fn filters_are_turned_round_where_a_list_has_a_choice(t: TestApp) {
        let exam = two_schools(&t).await;
        let mut people = Vec::new();
        for (name, position) in [("林一舟", "语文教师"), ("苏晓", "数学教师")] {
            let who = t.ready(name).await;
            submitted(&who, &exam, position).await;
            people.push(who);
        }
        let set = |verdict: &str, name: &str| format!("UPDATE application SET verdict = '{verdict}' WHERE name = '{name}'");
        crate::invariants::run(&t, &[&set("pass", "林一舟"), &set("fail", "苏晓")]).await;
        let mut reviewer = t.staff(&[Role::FirstReviewer]).await.browser();
        let queue = format!("/office/reviews/{}", exam.public_id);
        reviewer.get(&format!("{queue}?verdict=pass")).await.expect(200).shows("林一舟").lacks("苏晓");
        let page = reviewer.get(&format!("{queue}?verdict=-pass")).await.expect(200).lacks("林一舟").shows("苏晓").shows("共 1 条");
        // 领取下一条 goes on under the same filter.
        let claimed = reviewer.submit(page.form_with("领取下一条")).await.expect(200);
        claimed.shows("苏晓");
        reviewer.get(&format!("{queue}?verdict=-pass&who=%E8%8B%8F%E6%99%93")).await.expect(200).shows("苏晓");
        reviewer.get(&format!("{queue}?verdict=-fail&who=%E8%8B%8F%E6%99%93")).await.expect(200).lacks("数学教师");

        let mut officer = t.staff(&[Role::ExamOfficer]).await.browser();
        entered(&mut officer, &people[0], "").await.expect(200);
        entered(&mut officer, &people[1], "2026-01-06").await.expect(200);
        let list = "/office/integrity";
        officer.get(&format!("{list}?kind=five_years")).await.expect(200).shows("林一舟").shows("共 1 条");
        officer.get(&format!("{list}?kind=-five_years")).await.expect(200).lacks("林一舟").shows("没有符合条件的记录");
        officer.get(&format!("{list}?kind=-no_show&state=all")).await.expect(200).shows("林一舟").shows("苏晓").shows("共 2 条");
        officer.get(&format!("{list}?kind=-no_show&name=%E8%8B%8F%E6%99%93&state=over")).await.expect(200).shows("苏晓").shows("共 1 条");
        in_order(&officer.get(&format!("{list}?state=all")).await, &["苏晓", "林一舟"]);
        in_order(&officer.get(&format!("{list}?state=all&sort=entered")).await, &["林一舟", "苏晓"]);
        officer.get(&format!("{list}?state=over&sort=ends")).await.expect(200).shows("苏晓");
        officer.get(&format!("{list}?state=lifted&sort=lifted")).await.expect(200).shows("没有这样的记录");
        officer.get(&format!("{list}?state=lifted")).await.expect(200).shows("没有这样的记录");

        let mut admin = t.staff(&[Role::SecurityAdmin]).await.browser();
        t.staff_named("王敏", &[Role::PhotoReviewer]).await;
        admin.get("/office/staff?role=photo_reviewer").await.expect(200).shows("王敏").shows("共 1 人");
        admin.get("/office/staff?role=-photo_reviewer").await.expect(200).lacks("王敏");

        let mut auditor = t.staff(&[Role::Auditor]).await.browser();
        let all = "/office/audit?object=integrity_record";
        auditor.get(all).await.expect(200).shows("登记诚信档案");
        let not = format!("{all}&action=application.integrity_record&not=1");
        auditor.get(&not).await.expect(200).lacks("登记诚信档案").shows("没有符合条件的记录");
        auditor.get("/office/audit?action=staff.login&not=1").await.expect(200).shows("登记诚信档案").lacks("staff.login\n");

        for (list, state) in [("messages", "queued"), ("announcements", "draft")] {
            officer.get(&format!("/office/{list}?state={state}&not=1")).await.expect(200).shows("不是");
            officer.get(&format!("/office/{list}?state={state}&sort=made")).await.expect(200);
        }
        officer.get("/office/messages?sort=left&state=sent&not=1").await.expect(200);
        officer.get("/office/announcements?sort=made").await.expect(200).shows("没有公告");
    }
}
