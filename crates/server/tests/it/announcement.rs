//! The portal and those who write on it: what is out when, what survives the sanitiser, what reading costs.

use std::collections::HashSet;

use app::Error;
use app::announcement::{AnnouncementDraft, PageDraft};
use domain::staff::Role;
use testkit::{TestApp, both_backends};

fn draft(title: &str, body: &str) -> AnnouncementDraft {
    AnnouncementDraft {
        category: "notice".into(),
        title: title.into(),
        body: body.into(),
        ..Default::default()
    }
}

async fn publish(t: &TestApp, title: &str) -> String {
    let ctx = t.system();
    let id = app::announcement::save(&ctx, None, &draft(title, "<p>正文</p>"))
        .await
        .unwrap();
    app::announcement::publish(&ctx, &id, None).await.unwrap();
    t.app.board().reload(&t.app).await.unwrap();
    id
}

both_backends! {
    async fn a_notice_is_written_previewed_published_and_withdrawn(t: TestApp) {
        let mut browser = t.staff(&[Role::ExamOfficer]).await.browser();
        let page = browser.get("/office/announcements/new").await.expect(200);
        let blank = page.form("/office/announcements/new").set("body", "<p>只有正文</p>");
        browser.submit(blank).await.expect(422).shows("请填写标题").shows("请选择公告类别");
        let form = page.form("/office/announcements/new");
        let form = form.set("title", "2026年市直事业单位公开招聘公告").set("category", "notice");
        let form = form.set("body", "<h2>一、时间</h2><p onclick=\"x()\">3月16日 9:00 起<script>alert(1)</script></p>");
        let page = browser.submit(form).await.expect(200).shows("公告已保存：").shows("草稿");
        let edit = page.path().to_owned();
        let id = edit.rsplit('/').next().unwrap().to_owned();
        browser.get(&format!("{edit}/preview")).await.expect(200).shows("一、时间").lacks("alert(1)").lacks("onclick");

        let mut visitor = t.browser();
        t.run_jobs().await;
        visitor.get(&format!("/news/{id}")).await.expect(404);
        browser.submit(page.form_with("发布")).await.expect(200).shows("已发布");
        t.run_jobs().await;
        visitor.get("/").await.expect(200).shows("2026年市直事业单位公开招聘公告");
        visitor.get("/news?category=notice").await.expect(200).shows("共 1 条");
        visitor.get("/news?category=result").await.expect(200).shows("还没有公告");
        let article = visitor.get(&format!("/news/{id}")).await.expect(200);
        article.shows("考试公告").shows("3月16日 9:00 起").lacks("alert(1)").lacks("onclick");

        let page = browser.get(&edit).await;
        browser.submit(page.form_with("撤回")).await.expect(200).shows("已撤回");
        t.run_jobs().await;
        visitor.get(&format!("/news/{id}")).await.expect(404);
        browser.get("/office/announcements?state=withdrawn").await.expect(200).shows("公开招聘公告");
        browser.get("/office/announcements?state=draft").await.expect(200).shows("没有公告");
    }

    async fn a_scheduled_notice_is_out_when_its_time_has_come(t: TestApp) {
        let mut browser = t.staff(&[Role::ExamOfficer]).await.browser();
        let id = app::announcement::save(&t.system(), None, &draft("成绩公布", "<p>见附件</p>")).await.unwrap();
        let page = browser.get(&format!("/office/announcements/{id}")).await.expect(200);
        let at = t.now().plus_seconds(3600).to_input();
        let page = browser.submit(page.form_with("发布").set("publish_at", &at)).await.expect(200);
        page.shows("定时发布");
        t.run_jobs().await;
        t.browser().get(&format!("/news/{id}")).await.expect(404);
        // Nothing has to run for it: the clock decides.
        t.clock.advance(3600);
        t.browser().get(&format!("/news/{id}")).await.expect(200).shows("成绩公布");
        let page = browser.get("/office/announcements/new").await;
        drop(page);
        let page = browser.get(&format!("/office/announcements/{id}")).await;
        drop(page);
        let other = app::announcement::save(&t.system(), None, &draft("另一条", "<p>正文</p>")).await.unwrap();
        let page = browser.get(&format!("/office/announcements/{other}")).await;
        browser.submit(page.form_with("发布").set("publish_at", "明天")).await.expect(422).shows("时间应写成");
    }

    async fn files_hang_on_a_notice_and_are_given_to_everybody(t: TestApp) {
        let mut browser = t.staff(&[Role::ExamOfficer]).await.browser();
        let id = publish(&t, "岗位表").await;
        let edit = format!("/office/announcements/{id}");
        let page = browser.get(&edit).await.expect(200);
        let files = format!("{edit}/files");
        let hostile = page.form(&files).file("file", "表.pdf", "application/pdf", b"<html><script>");
        browser.submit(hostile).await.expect(422).shows("只能上传");
        browser.submit(page.form(&files)).await.expect(422).shows("请选择文件");
        let good = page.form(&files).file("file", "岗位表.pdf", "application/pdf", b"%PDF-1.7 jobs");
        let page = browser.submit(good).await.expect(200).shows("附件已上传：岗位表.pdf");
        let big = vec![b'a'; 300 * 1024];
        let large = page.form(&files).file("file", "大.pdf", "application/pdf", &[b"%PDF-1.7 ", &big[..]].concat());
        browser.submit(large).await.expect(200).shows("大.pdf");
        t.run_jobs().await;
        let mut visitor = t.browser();
        let article = visitor.get(&format!("/news/{id}")).await.expect(200);
        let file = visitor.get(&article.link("岗位表.pdf")).await.expect(200);
        assert_eq!(file.header("content-type"), Some("application/pdf"));
        assert!(file.header("content-disposition").unwrap().starts_with("attachment"));
        assert_eq!(&file.body[..], b"%PDF-1.7 jobs");
        assert_eq!(visitor.get(&article.link("大.pdf")).await.expect(200).body.len(), big.len() + 9);
        // A file is given only through the notice that it hangs on.
        let other = publish(&t, "另一条").await;
        let name = article.link("岗位表.pdf").rsplit('/').next().unwrap().to_owned();
        visitor.get(&format!("/news/{other}/files/{name}")).await.expect(404);
        let page = browser.get(&edit).await;
        let at = format!("{files}/{name}");
        browser.get(&at).await.expect(200);
        browser.submit(page.form(&format!("{at}/delete"))).await.expect(200).shows("已删除");
        t.run_jobs().await;
        visitor.get(&format!("/news/{id}/files/{name}")).await.expect(404);
    }

    async fn two_editors_do_not_overwrite_each_other(t: TestApp) {
        let mut browser = t.staff(&[Role::ExamOfficer]).await.browser();
        let id = publish(&t, "原标题").await;
        let edit = format!("/office/announcements/{id}");
        let stale = browser.get(&edit).await.form(&edit).set("title", "乙改的");
        let fresh = browser.get(&edit).await.form(&edit).set("title", "甲改的").set("pinned", "1");
        browser.submit(fresh).await.expect(200);
        browser.submit(stale).await.expect(409).shows("刚被别人改过");
        t.run_jobs().await;
        t.browser().get("/").await.shows("甲改的").shows("置顶").lacks("乙改的");
    }

    async fn standing_pages_begin_with_our_text_and_are_edited(t: TestApp) {
        let mut visitor = t.browser();
        for (path, words) in [
            ("/payments/guide", "网上支付说明"),
            ("/privacy", "个人信息保护说明"),
            ("/accessibility", "无障碍说明"),
            ("/pages/guide", "报考指南"),
            ("/pages/faq", "常见问题"),
        ] {
            visitor.get(path).await.expect(200).shows(words);
        }
        visitor.get("/pages/no-such").await.expect(404);
        let mut browser = t.staff(&[Role::ExamOfficer]).await.browser();
        browser.get("/office/pages").await.expect(200).shows("系统自带，未修改");
        let page = browser.get("/office/pages/payment").await.expect(200).shows("钱不会丢");
        let form = page.form("/office/pages/payment");
        browser.submit(form.clone().set("body", "<script>1</script>")).await.expect(422).shows("请填写正文");
        browser.submit(form.set("body", "<p>请用手机支付。</p>")).await.expect(200).shows("说明页面已保存：");
        t.run_jobs().await;
        visitor.get("/payments/guide").await.expect(200).shows("请用手机支付").shows("更新于").lacks("钱不会丢");
        let draft = PageDraft { title: "x".into(), body: "<p>x</p>".into() };
        let unknown = app::announcement::page_save(&t.system(), "no-such", &draft).await;
        assert!(matches!(unknown, Err(Error::NotFound)));
    }

    async fn a_crawl_of_the_public_pages_commits_nothing(t: TestApp) {
        for n in 0..30 {
            publish(&t, &format!("公告{n}")).await;
        }
        let before = t.commits();
        let mut visitor = t.browser();
        let mut seen = HashSet::new();
        let mut waiting = vec!["/".to_owned()];
        let mut cookies = 0;
        while let Some(path) = waiting.pop() {
            if !seen.insert(path.clone()) || seen.len() > 120 {
                continue;
            }
            let page = visitor.get(&path).await;
            assert!(page.status.as_u16() < 500, "{path}: {}", page.status);
            if path.starts_with("/news") || path == "/" {
                cookies += usize::from(page.header("set-cookie").is_some());
            }
            waiting.extend(page.own_links());
        }
        assert!(seen.len() > 40, "only {} pages were found", seen.len());
        assert_eq!(cookies, 0, "reading notices sets no cookie");
        assert_eq!(t.commits(), before, "a reader cost a commit");
        // The control: somebody who does something does cost one.
        publish(&t, "又一条").await;
        assert!(t.commits() > before);
    }

    async fn a_page_that_is_known_is_not_sent_again(t: TestApp) {
        publish(&t, "公告").await;
        let mut visitor = t.browser();
        let first = visitor.get("/").await.expect(200);
        let tag = first.header("etag").unwrap().to_owned();
        let ask = |tag: &str| {
            let mut request = visitor.request(http::Method::GET, "/", axum::body::Body::empty());
            request.headers_mut().insert("if-none-match", tag.parse().unwrap());
            request
        };
        let again = ask(&tag);
        let later = ask(&tag);
        let newer = ask(&tag);
        let answer = visitor.send(again).await.expect(304);
        assert!(answer.body.is_empty());
        // A minute later the page says another time.
        t.clock.advance(60);
        visitor.send(later).await.expect(200);
        t.clock.advance(-60);
        publish(&t, "新公告").await;
        visitor.send(newer).await.expect(200).shows("新公告");
        // Nobody is shown another person's page from a cache: with a session there is no tag.
        let lin = t.candidate("林一舟").await;
        let own = lin.browser().get("/").await.expect(200).shows("林一舟").shows("进入服务平台");
        assert!(own.header("etag").is_none());
    }

    async fn the_portal_has_its_doors_and_buttons(t: TestApp) {
        let page = t.browser().get("/").await.expect(200);
        for words in ["快捷通道", "考试网服务平台", "网上报名", "事业单位考试", "公务员考试", "专业技术资格考试", "职业技能及其他考试"] {
            page.clone().shows(words);
        }
        assert_eq!(page.link("公务员考试"), "/login?door=civil_service");
        assert_eq!(page.links("注册").first().map(String::as_str), Some("/signup"));
        page.shows("暂无正在报名的考试").shows("还没有发布公告");
        t.browser().get("/news?page=7").await.expect(404);
        t.browser().get("/demo/sms").await.expect(404);
    }
}
