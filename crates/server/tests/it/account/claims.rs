//! Whose account it is: claims and corrections by two people.

use app::account::{claim, correction};
use app::{Actor, Error};
use domain::staff::Role;
use testkit::{Person, TestApp, TestCandidate, both_backends};

use super::{log_in, login_of, pending};
use crate::copies::{copied, rows};
use crate::invariants::run;

async fn file(t: &TestApp, holder: &TestCandidate, name: &str, mobile: &str) {
    let form = claim::ClaimForm {
        id_number: holder.person.number.clone(),
        name: name.into(),
        mobile: mobile.into(),
        statement: "有人用我的身份证号注册，请核实处理。".into(),
    };
    claim::file(&t.ctx(Actor::Anonymous), &form, None, t.solved())
        .await
        .unwrap();
}

both_backends! {
    async fn a_claim_of_the_real_owner_frees_the_number_by_two_people(t: TestApp) {
        let squatter = t.candidate("李四").await;
        let mut owner = t.browser();
        let page = owner.get("/claim").await.expect(200);
        let form = page.form("/claim").set_all(&[
            ("name", "王五"), ("id_number", &squatter.person.number), ("mobile", "13700000000"), ("statement", "太短"),
        ]);
        let page = owner.submit(form).await.expect(422).shows("10 至 500 个字");
        let form = page.form("/claim").set("statement", "有人用我的身份证号注册，请核实处理。");
        let page = owner.submit(form.clone().file("evidence", "a.gif", "image/gif", b"GIF89a")).await.expect(422);
        page.shows("请上传 JPG、PNG 或 PDF 文件");
        let page = owner.get("/claim").await;
        let form = page.form("/claim").set_all(&[
            ("name", "王五"), ("id_number", &squatter.person.number), ("mobile", "13700000000"),
            ("statement", "有人用我的身份证号注册，请核实处理。"),
        ]);
        owner.submit(form.file("evidence", "card.png", "image/png", b"\x89PNG\r\n\x1a\nrest")).await.expect(200).shows("申诉已提交");
        let first = t.staff(&[Role::ExamOfficer]).await;
        let second = t.staff(&[Role::ExamOfficer]).await;
        let (ctx, other) = (first.ctx().await, second.ctx().await);
        let row = claim::list(&ctx, "open", None).await.unwrap().remove(0);
        assert!(claim::evidence(&ctx, &row.public_id).await.unwrap().bytes.starts_with(b"\x89PNG"));
        claim::check(&ctx, &row.public_id, "电话核实").await.unwrap();
        squatter.browser().get("/home").await.is_at("/login");
        let frozen = app::account::login(&t.ctx(Actor::Anonymous), login_of(&t, &squatter.person.number, &squatter.password, None)).await;
        assert!(matches!(frozen, Err(Error::Fields(_))));
        let same = claim::decide(&ctx, &row.public_id, true, "同一人").await;
        assert!(matches!(same, Err(Error::Refused(_))), "{same:?}");
        claim::decide(&other, &row.public_id, true, "证件相符").await.unwrap();
        let person = Person { name: "王五".into(), ..squatter.person.clone() };
        pending(&t, &person).await;
    }

    async fn a_refused_claim_wakes_the_account_as_it_was(t: TestApp) {
        let holder = t.candidate("李四").await;
        let form = claim::ClaimForm {
            id_number: holder.person.number.clone(), name: "王五".into(), mobile: "13700000000".into(),
            statement: "有人用我的身份证号注册，请核实处理。".into(),
        };
        claim::file(&t.ctx(Actor::Anonymous), &form, None, t.solved()).await.unwrap();
        claim::file(&t.ctx(Actor::Anonymous), &form, None, t.solved()).await.unwrap();
        let (first, second) = (t.staff(&[Role::ExamOfficer]).await.ctx().await, t.staff(&[Role::ExamOfficer]).await.ctx().await);
        let open = claim::list(&first, "open", None).await.unwrap();
        assert_eq!(open.len(), 1, "the same claimant is heard once");
        claim::check(&first, &open[0].public_id, "核对").await.unwrap();
        claim::decide(&second, &open[0].public_id, false, "证件不符").await.unwrap();
        let mut browser = t.browser();
        log_in(&mut browser, &holder.person.number, &holder.password).await.is_at("/home");
        browser.get("/messages").await.shows("账号申诉进展");
    }

    async fn two_claims_at_one_account_are_settled_together(t: TestApp) {
        let holder = t.candidate("李四").await;
        file(&t, &holder, "王五", "13700000000").await;
        file(&t, &holder, "赵六", "13700000001").await;
        let (first, second) = (t.staff(&[Role::ExamOfficer]).await.ctx().await, t.staff(&[Role::ExamOfficer]).await.ctx().await);
        let open = claim::list(&first, "open", None).await.unwrap();
        assert_eq!(open.len(), 2);
        claim::check(&first, &open[0].public_id, "电话核实").await.unwrap();
        // Frozen for one of them, it can't be frozen for the other: this one waits.
        let other = claim::check(&first, &open[1].public_id, "电话核实").await;
        assert!(matches!(other, Err(Error::Conflict(_))), "{other:?}");
        assert_eq!(claim::find(&first, &open[1].public_id).await.unwrap().state, "open");
        claim::decide(&second, &open[0].public_id, true, "证件相符").await.unwrap();
        let (won, lost) = (claim::find(&first, &open[0].public_id).await.unwrap(), claim::find(&first, &open[1].public_id).await.unwrap());
        assert_eq!((won.state.as_str(), lost.state.as_str()), ("granted", "refused"));
        assert!(lost.decided_at.is_some() && lost.note.contains("另一项申诉"));
        let late = claim::check(&first, &lost.public_id, "再核实").await;
        assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
    }

    async fn a_claim_is_granted_only_if_the_account_closes(t: TestApp) {
        let holder = t.candidate("李四").await;
        file(&t, &holder, "王五", "13700000000").await;
        let (first, second) = (t.staff(&[Role::ExamOfficer]).await.ctx().await, t.staff(&[Role::ExamOfficer]).await.ctx().await);
        let row = claim::list(&first, "open", None).await.unwrap().remove(0);
        claim::check(&first, &row.public_id, "电话核实").await.unwrap();
        // Whatever moved it away meanwhile: nothing closes, so nothing is granted or refused.
        run(&t, &["UPDATE account SET state = 'active'"]).await;
        for grant in [true, false] {
            let decided = claim::decide(&second, &row.public_id, grant, "证件相符").await;
            assert!(matches!(decided, Err(Error::Conflict(_))), "{decided:?}");
            assert_eq!(claim::find(&first, &row.public_id).await.unwrap().state, "checked");
        }
        run(&t, &["UPDATE account SET state = 'frozen'"]).await;
        claim::decide(&second, &row.public_id, true, "证件相符").await.unwrap();
        let closed = claim::find(&first, &row.public_id).await.unwrap();
        assert_eq!((closed.state.as_str(), closed.account_state.as_str()), ("granted", "closed"));
    }

    async fn an_account_that_its_owner_closed_is_not_checked_for_anybody(t: TestApp) {
        let holder = t.candidate("李四").await;
        file(&t, &holder, "王五", "13700000000").await;
        let desk = t.staff(&[Role::ExamOfficer]).await.ctx().await;
        let row = claim::list(&desk, "open", None).await.unwrap().remove(0);
        run(&t, &["UPDATE account SET state = 'closed', closed_at = 1"]).await;
        let checked = claim::check(&desk, &row.public_id, "电话核实").await;
        assert!(matches!(checked, Err(Error::Conflict(_))), "{checked:?}");
        claim::dismiss(&desk, &row.public_id, "账号已由本人注销").await.unwrap();
    }

    async fn an_identity_is_corrected_by_two_people_after_the_candidate_asked(t: TestApp) {
        let zhang = t.candidate("张三").await;
        let mut browser = zhang.browser();
        let page = browser.get("/profile/correction").await.expect(200);
        let form = page.form("/profile/correction").set_all(&[
            ("name", "张叁"), ("id_number", &zhang.person.number), ("reason", "注册时姓名打错了一个字，以证件为准。"),
        ]);
        let page = browser.submit(form.clone()).await.expect(422).shows("请上传证件照片");
        let _ = page;
        let page = browser.submit(form.file("evidence", "card.jpg", "image/jpeg", b"\xff\xd8\xff\xe0rest")).await;
        page.expect(200).is_at("/profile").shows("已提交");
        let (first, second) = (t.staff(&[Role::ExamOfficer]).await.ctx().await, t.staff(&[Role::ExamOfficer]).await.ctx().await);
        let own = app::approval::list(&first, "open", None, 50).await.unwrap().remove(0);
        assert!(correction::is_own(&own));
        assert!(correction::evidence(&first, &own).await.is_ok());
        app::approval::decide(&first, &own.public_id, true, "证件相符").await.unwrap();
        browser.get("/account").await.shows("张三");
        let passed = app::approval::list(&first, "open", None, 50).await.unwrap().remove(0);
        let same = app::approval::decide(&first, &passed.public_id, true, "再批").await;
        assert!(matches!(same, Err(Error::Refused(_))), "{same:?}");
        app::approval::decide(&second, &passed.public_id, true, "同意").await.unwrap();
        let mut browser = t.browser();
        log_in(&mut browser, &zhang.person.number, &zhang.password).await.shows("张叁，您好");
    }

    async fn claims_are_narrowed_by_name_turned_round_and_exported_without_a_mobile(t: TestApp) {
        for (holder, claimant) in [("李四", "王五"), ("赵六", "=孙七")] {
            let holder = t.candidate(holder).await;
            file(&t, &holder, claimant.trim_start_matches('='), "13700000000").await;
            t.clock.advance(60);
        }
        let mut desk = t.staff(&[Role::ExamOfficer]).await.browser();
        let order = |page: &testkit::Page| {
            let text = page.main();
            let mut found: Vec<_> = ["王五", "孙七"].iter().filter_map(|name| Some((text.find(name)?, *name))).collect();
            found.sort_unstable();
            found.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
        };
        assert_eq!(order(&desk.get("/office/claims").await.expect(200)), ["孙七", "王五"]);
        assert_eq!(order(&desk.get("/office/claims?sort=filed").await.expect(200)), ["王五", "孙七"]);
        for sort in ["", "&sort=filed"] {
            let page = desk.get(&format!("/office/claims?name=%E7%8E%8B%E4%BA%94{sort}")).await.expect(200);
            assert_eq!(order(&page), ["王五"]);
        }
        assert!(order(&desk.get("/office/claims?state=granted").await.expect(200)).is_empty());
        // A name that a spreadsheet would run.
        run(&t, &["UPDATE account_claim SET name = '=SUM' WHERE name = '孙七'"]).await;
        let table = rows(&copied(&mut desk, "/office/claims?sort=filed", "xlsx").await);
        assert_eq!(table.len(), 3, "{table:?}");
        assert_eq!((table[1][0].as_str(), table[1][1].as_str(), table[1][4].as_str()), ("王五", "李四", "待核实"));
        let csv = copied(&mut desk, "/office/claims", "csv").await.html();
        assert!(csv.contains("'=SUM") && !csv.contains("\n=SUM"), "{csv}");
        assert!(!csv.contains("13700000000") && !format!("{table:?}").contains("13700000000"));
        let mut auditor = t.staff(&[Role::Auditor]).await.browser();
        let page = auditor.get("/office/audit?action=account.claims_export").await.expect(200);
        assert_eq!(page.main().matches("导出账号申诉").count(), 2);
    }

    async fn what_two_people_decide_is_narrowed_by_kind_and_exported(t: TestApp) {
        let (zhang, li) = (t.candidate("张三").await, t.candidate("李四").await);
        let officer = t.staff(&[Role::ExamOfficer]).await;
        let ctx = officer.ctx().await;
        let (one, two) = (crate::copies::public_id(&t, zhang.id).await, crate::copies::public_id(&t, li.id).await);
        correction::request_mobile(&ctx, &one, "13600000001", "原号码已停用，本人持证件到场。").await.unwrap();
        let form = correction::IdentityForm {
            name: "李肆".into(), id_type: "01".into(), id_number: li.person.number.clone(), reason: "证件上的名字是肆，注册时打错了。".into(),
        };
        correction::request_identity(&ctx, &two, &form).await.unwrap();
        let mut desk = officer.browser();
        let list = "/office/approvals";
        let table = async |desk: &mut testkit::Browser, query: &str| rows(&copied(desk, &format!("{list}{query}"), "xlsx").await);
        let all = table(&mut desk, "").await;
        assert_eq!(all.len(), 3, "{all:?}");
        assert_eq!((all[1][0].as_str(), all[2][0].as_str(), all[1][4].as_str()), ("更正身份信息", "更换手机号码", "待复核"));
        let some = table(&mut desk, "?kind=mobile_change").await;
        assert_eq!((some.len(), some[1][0].as_str()), (2, "更换手机号码"));
        let others = table(&mut desk, "?kind=-mobile_change").await;
        assert_eq!((others.len(), others[1][0].as_str()), (2, "更正身份信息"));
        assert_eq!(table(&mut desk, "?state=approved").await.len(), 1);
        let csv = copied(&mut desk, list, "csv").await.html();
        assert!(!csv.contains(li.person.number.as_str()) && !csv.contains("13600000001"), "{csv}");
        // Who may decide neither kind takes an empty table away, whatever he asks for.
        let mut reviewer = t.staff(&[Role::FirstReviewer]).await.browser();
        for query in ["", "?kind=mobile_change", "?kind=-mobile_change"] {
            assert_eq!(table(&mut reviewer, query).await.len(), 1, "{query}");
        }
        let mut auditor = t.staff(&[Role::Auditor]).await.browser();
        auditor.get("/office/audit?action=approval.export").await.expect(200).shows("导出双人复核记录");
    }
}
