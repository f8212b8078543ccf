//! 异常单: the list of what doesn't match, narrowed, turned round and taken away.

use app::{Error, payment};
use domain::staff::Role;
use testkit::{TestApp, both_backends};

use super::stage;
use crate::copies::{copied, rows};

const LIST: &str = "/office/payments/discrepancies";

both_backends! {
    async fn what_does_not_match_is_narrowed_by_kind_turned_round_and_exported(t: TestApp) {
        let s = stage(&t).await;
        let number = s.begin().await;
        assert!(s.strange_notice().await);
        s.t.clock.advance(60);
        assert!(s.bank.pay_wrongly(&number, 10_001));
        assert!(s.notice(&number).await);
        assert_eq!(s.open_discrepancies().await, ["hold", "unknown_order"]);
        let mut finance = s.t.staff(&[Role::FinanceOfficer]).await.browser();
        let kinds = async |finance: &mut testkit::Browser, query: &str| {
            let text = finance.get(&format!("{LIST}{query}")).await.expect(200).main();
            let mut found: Vec<_> = [("信息不符", "hold"), ("本系统无单", "unknown_order")]
                .iter()
                .filter_map(|(words, kind)| Some((text.rfind(words)?, *kind)))
                // The filter's own choices name all kinds; the table stands behind them.
                .filter(|(at, _)| *at > text.find("核查结果").unwrap_or(usize::MAX))
                .collect();
            found.sort_unstable();
            found.into_iter().map(|(_, kind)| kind).collect::<Vec<_>>()
        };
        assert_eq!(kinds(&mut finance, "").await, ["hold", "unknown_order"]);
        assert_eq!(kinds(&mut finance, "?sort=time").await, ["unknown_order", "hold"]);
        assert_eq!(kinds(&mut finance, "?kind=hold").await, ["hold"]);
        assert_eq!(kinds(&mut finance, "?kind=-hold").await, ["unknown_order"]);
        assert_eq!(kinds(&mut finance, "?kind=-hold&sort=time").await, ["unknown_order"]);
        assert_eq!(kinds(&mut finance, "?kind=nothing").await, ["hold", "unknown_order"]);
        assert_eq!(kinds(&mut finance, "?state=resolved").await, Vec::<&str>::new());
        let table = rows(&copied(&mut finance, &format!("{LIST}?sort=time"), "xlsx").await);
        assert_eq!(table.len(), 3, "{table:?}");
        assert_eq!((table[1][1].as_str(), table[2][1].as_str()), ("渠道有款，本系统无单", "信息不符，未入账"));
        assert_eq!(copied(&mut finance, &format!("{LIST}?kind=-hold"), "csv").await.html().lines().count(), 2);
        // Closed, one moves to the other list, with what was found out.
        let page = finance.get(&format!("{LIST}?kind=-hold")).await.expect(200);
        let to = page.forms().into_iter().find(|form| form.path().starts_with(&format!("{LIST}/")) && !form.path().ends_with("/export") && !form.path().ends_with("/own")).unwrap();
        finance.submit(to.set("note", "渠道测试数据")).await.expect(200);
        let table = rows(&copied(&mut finance, &format!("{LIST}?state=resolved"), "xlsx").await);
        assert_eq!((table.len(), table[1][8].as_str()), (2, "渠道测试数据"));
        let mut auditor = s.t.staff(&[Role::Auditor]).await.browser();
        let page = auditor.get("/office/audit?action=payment.discrepancies_export").await.expect(200);
        assert_eq!(page.main().matches("导出异常单").count(), 3);
    }

    async fn one_is_given_to_a_colleague_whose_desk_says_so(t: TestApp) {
        let s = stage(&t).await;
        assert!(s.strange_notice().await);
        let one = s.t.staff_named("钱来", &[Role::FinanceOfficer]).await;
        let two = s.t.staff_named("周核", &[Role::FinanceOfficer]).await;
        s.t.staff_named("孙办", &[Role::ExamOfficer]).await;
        let (asker, taker) = (one.ctx().await, two.ctx().await);
        let row = payment::discrepancies(&asker, "open", None).await.unwrap()[0].clone();
        // Only who has to do with money may be told to.
        let owners = payment::owners(&asker).await.unwrap();
        assert!(owners.iter().any(|one| one.name == "周核") && owners.iter().all(|one| one.name != "孙办"));
        for nobody in ["", "somebody"] {
            let told = payment::assign_discrepancy(&asker, &row.public_id, nobody).await;
            assert!(matches!(told, Err(Error::Fields(_))), "{told:?}");
        }
        let mut from = one.browser();
        let at = format!("{LIST}/{}", row.public_id);
        let page = from.get(&at).await.expect(200).shows("转给同事").lacks("孙办");
        let form = page.form(&format!("{at}/assign"));
        from.submit(form.clone()).await.expect(422).shows("请选择由谁负责");
        let to = owners.iter().find(|one| one.name == "周核").unwrap().public_id.clone();
        from.submit(form.set("to", &to)).await.expect(200).is_at(&at).shows("周核");
        let mut desk = two.browser();
        desk.get("/office").await.expect(200).shows("由您负责的异常单");
        from.get("/office").await.expect(200).lacks("由您负责的异常单");
        desk.get(&format!("{LIST}?owner=me")).await.expect(200).shows("本系统无单").shows(&row.merchant_no);
        from.get(&format!("{LIST}?owner=me")).await.expect(200).lacks(&row.merchant_no);
        from.get(&format!("{LIST}?owner=nobody&sort=time")).await.expect(200).lacks(&row.merchant_no);
        // Who got it hands it on, and a stale page moves nothing.
        payment::leave_discrepancy(&taker, &row.public_id).await.unwrap();
        from.get(&format!("{LIST}?owner=nobody&sort=time")).await.expect(200).shows(&row.merchant_no);
        payment::assign_discrepancy(&asker, &row.public_id, &to).await.unwrap();
        payment::resolve(&taker, &row.public_id, "渠道测试数据").await.unwrap();
        assert!(matches!(payment::assign_discrepancy(&asker, &row.public_id, &to).await, Err(Error::Conflict(_))));
        desk.get("/office").await.expect(200).lacks("由您负责的异常单");
        let mut auditor = s.t.staff(&[Role::Auditor]).await.browser();
        let page = auditor.get("/office/audit?action=payment.assign").await.expect(200);
        assert_eq!(page.main().matches("把异常单交给同事").count(), 2);
    }
}
