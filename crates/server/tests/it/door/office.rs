//! The office's pages of the door, and the phones' own.

use app::Error;
use app::door::{self, Missing, PassForm, PassRow};
use domain::staff::Role;
use testkit::{TestApp, both_backends, codes_of};

use super::{NAMES, code, code_of, opened};
use crate::arrangement::{find, patient, straight};
use crate::copies::{copied, rows};
use crate::invariants::run;

both_backends! {
    async fn the_phones_page_may_use_the_camera_and_no_other_page_may(t: TestApp) {
        let mut browser = t.browser();
        let page = browser.get("/door").await.expect(200);
        assert!(page.header("permissions-policy").unwrap().starts_with("camera=(self), microphone=()"));
        assert!(page.header("content-security-policy").unwrap().contains("script-src 'self';"));
        assert_eq!(page.header("set-cookie"), None);
        let html = page.html();
        for name in ["door.js", "door.css", "door-core.js", "door-net.js", "door-store.js", "door-eye.js"] {
            assert!(html.contains(web::asset(name)), "{name}");
        }
        let other = browser.get("/login").await.expect(200);
        assert!(other.header("permissions-policy").unwrap().starts_with("camera=(),"));
        let worker = browser.get("/door/worker.js").await.expect(200);
        assert_eq!(worker.header("content-type"), Some("text/javascript; charset=utf-8"));
        assert_eq!(worker.header("service-worker-allowed"), Some("/door"));
        assert_eq!(worker.header("cache-control"), Some("no-cache"));
        let script = worker.html();
        assert!(script.contains(web::asset("door.js")) && !script.contains("{{"), "{script}");
        // Somebody who is logged in gets the same.
        let mut candidate = t.candidate("张三").await.browser();
        assert_eq!(candidate.get("/door").await.expect(200).html(), html);
    }

    async fn the_office_makes_passes_prints_slips_and_sees_who_came(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(straight).await;
        let staff = t.staff(&[Role::ExamOfficer]).await;
        let mut office = staff.browser();
        office.get("/office/door").await.expect(200).shows("等待编排");
        let base = format!("/office/door/{}", exam.public_id);
        office.get(&base).await.expect(200).shows("考场编排还没有公布");
        office.get(&format!("{base}/presence")).await.expect(200).shows("考场尚未编排");
        let now = find(&t, &exam).await;
        let form = door::form(&staff.ctx().await, &now).await.unwrap();
        assert_eq!(code(door::make(&staff.ctx().await, &now, &form).await), "door_unseated");

        let d = opened(&t, &NAMES).await;
        let mut office = staff.at(&d.t).browser();
        let base = format!("/office/door/{}", d.exam.public_id);
        office.get("/office/door").await.expect(200).shows("已公布编排").shows(find(&d.t, &d.exam).await.title());
        let page = office.get(&base).await.expect(200).shows("还没有核验授权");
        let form = page.form(&base);
        assert_eq!(form.value("opens"), Some("2026-04-11T09:00"));
        assert_eq!(form.value("closes"), Some("2026-04-12T14:30"));
        // What is wrong stands beside its field, and what was typed stays.
        for (name, value, says) in [
            ("first", "7", "这个考点的考场号是 001 到 002"),
            ("devices", "0", "手机数量应为 1 到 100 的整数"),
            ("closes", "2026-04-11T08:00", "结束时间应晚于开始时间"),
            ("closes", "2026-07-11T09:00", "一个授权最长 60 天"),
            ("opens", "", "请填写开始时间"),
            ("site", "9", "请选择考点"),
            ("label", &"楼".repeat(41), "说明最多 40 字"),
        ] {
            let wrong = form.clone().set("site", "1").set(name, value);
            let page = office.submit(wrong).await.expect(422).shows(says);
            if name != "site" && !value.is_empty() {
                assert_eq!(page.form(&base).value(name), Some(value), "{name}");
            }
        }
        let backwards = form.clone().set_all(&[("site", "1"), ("first", "2"), ("last", "1")]);
        office.submit(backwards).await.expect(422).shows("末尾考场号不能小于起始考场号");
        let ranged = form.clone().set_all(&[("site", "all"), ("first", "1")]);
        office.submit(ranged).await.expect(422).shows("考场请留空");
        let page = office.submit(form.clone().set("site", "all")).await.expect(200).shows("已建立 2 个核验授权");
        page.shows("市第五中学").shows("市第六中学").shows("整个考点");
        let some = form.set_all(&[("site", "1"), ("first", "2"), ("label", "2 号楼")]);
        office.submit(some).await.expect(200).shows("第 002 考场");

        // Slips: of one, and of all.
        let exam = find(&d.t, &d.exam).await;
        let passes = door::passes(&d.officer, &exam, None).await.unwrap();
        let pass = &passes[0];
        let own = format!("{base}/passes/{}", pass.public_id);
        let page = office.get(&own).await.expect(200).shows("还没有手机登记").shows("2 号楼");
        let slip = office.submit(page.form(&format!("{own}/slip"))).await.expect(200);
        assert_eq!(slip.header("content-type"), Some("application/pdf"));
        if let Some(codes) = codes_of(&slip.body) {
            let link = format!("{}/door#{}", d.t.app.site_url(), code_of(&d.t, pass));
            assert!(codes.contains(&link), "{codes:?}");
        }
        let page = office.get(&base).await.expect(200);
        let all = office.submit(page.form(&format!("{base}/slips"))).await.expect(200);
        assert!(all.body.starts_with(b"%PDF"));

        // Phones: seen, stopped one by one, then all.
        for holder in ["王老师", "李老师"] {
            d.joined(pass, holder).await;
        }
        let (_, device) = d.joined(&passes[2], "赵老师").await;
        door::mark(&d.ctx(), &device, vec![d.mark(0, 1, "present", 0)]).await.unwrap();
        let page = office.get(&own).await.expect(200).shows("王老师").shows("已登记 2 部");
        let page = office.submit(page.form_with("停用：王老师")).await.expect(200).shows("这部手机已停用").shows("已登记 1 部");
        let page = office.submit(page.form_with("撤销这个授权")).await.expect(200).shows("授权已撤销");
        assert!(!page.html().contains(&format!("{own}/slip")));
        let mut stranger = office.clone();
        stranger.get(&format!("/office/door/{}/passes/{}", exam.public_id(), "0".repeat(16))).await.expect(404);

        // Who came.
        let presence = format!("{base}/presence");
        office.get(&presence).await.expect(200).shows("市第五中学").shows("职业能力倾向测验");
        office.get(&format!("{presence}?session=1&site=1")).await.expect(200).shows("第 001 考场").shows("第 002 考场");
        let list = format!("{presence}?session=1&show=missing");
        office.get(&list).await.expect(200).shows(&d.people[1].0.person.name).shows("未核验").lacks(d.ticket(0));
        let table = rows(&copied(&mut office, &list, "xlsx").await);
        assert_eq!(table.len(), 3, "{table:?}");
        assert_eq!(table[1][5], d.ticket(1));
        let csv = copied(&mut office, &format!("{list}&site=2"), "csv").await.html();
        assert!(csv.contains(d.ticket(2)) && !csv.contains(d.ticket(1)), "{csv}");

        // All of it is in the trail, and says nothing of anybody.
        let mut trail = d.t.staff(&[Role::Auditor]).await.browser();
        let page = trail.get("/office/audit?object=door_pass").await.expect(200);
        let page = page.shows("建立核验授权").shows("打印核验授权单").shows("核验设备登记").shows("上报入场核验").shows("撤销核验授权");
        page.lacks("王老师").lacks(d.ticket(0)).lacks(&code_of(&d.t, pass));
        trail.get("/office/audit?action=door.missing_export").await.expect(200).shows("导出未到名单");
    }

    async fn a_slip_made_under_other_keys_is_not_printed(t: TestApp) {
        let d = opened(&t, &NAMES).await;
        let pass = d.pass(|_| {}).await;
        run(&d.t, &["UPDATE door_pass SET public_id = 'AAAAAAAAAAAAAAAA'"]).await;
        let exam = find(&d.t, &d.exam).await;
        let other = PassRow { public_id: "AAAAAAAAAAAAAAAA".into(), ..pass };
        assert_eq!(code(door::slips(&d.officer, &exam, Some(&other)).await), "door_other_keys");
    }

    async fn only_officers_of_the_exam_have_to_do_with_its_door(t: TestApp) {
        let d = opened(&t, &NAMES).await;
        let pass = d.pass(|_| {}).await;
        let exam = find(&d.t, &d.exam).await;
        let reviewer = d.t.staff(&[Role::FirstReviewer]).await.ctx().await;
        d.t.clock.set(testkit::START);
        let other = d.t.recruitment(straight).await;
        let elsewhere = d.t.staff_with(&[(Role::ExamOfficer, other.id, String::new())]).await.ctx().await;
        for ctx in [&reviewer, &elsewhere, &d.ctx()] {
            let form = PassForm::default();
            assert!(matches!(door::form(ctx, &exam).await, Err(Error::Forbidden)));
            assert!(matches!(door::make(ctx, &exam, &form).await, Err(Error::Forbidden)));
            assert!(matches!(door::passes(ctx, &exam, None).await, Err(Error::Forbidden)));
            assert!(matches!(door::pass(ctx, &exam, &pass.public_id).await, Err(Error::Forbidden)));
            assert!(matches!(door::devices(ctx, &pass).await, Err(Error::Forbidden)));
            assert!(matches!(door::revoke(ctx, &pass).await, Err(Error::Forbidden)));
            assert!(matches!(door::revoke_device(ctx, &pass, 1).await, Err(Error::Forbidden)));
            assert!(matches!(door::slips(ctx, &exam, None).await, Err(Error::Forbidden)));
            assert!(matches!(door::of_sites(ctx, &exam, 1, 0, 9).await, Err(Error::Forbidden)));
            assert!(matches!(door::of_rooms(ctx, &exam, (1, 1), 0, 9).await, Err(Error::Forbidden)));
            let wanted = Missing { session: 1, site: None };
            assert!(matches!(door::missing(ctx, &exam, wanted, None, 9).await, Err(Error::Forbidden)));
        }
    }
}
