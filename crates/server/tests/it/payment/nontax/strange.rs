//! Lines of the bank's lists whose code is nobody's here.

use app::payment::{self, nontax};
use domain::payment::OrderState;
use domain::staff::Role;
use testkit::{TestApp, both_backends};

use super::super::stage_with;
use super::{
    CODE, OTHER, THIRD, Uploaded, asking, codes, confirmed, given, list, many_codes, open, pair,
    taken, uploaded,
};

const AT: &str = "2026-03-16 10:00";

both_backends! {
    async fn a_code_that_is_nobodys_keeps_no_other_from_being_settled(t: TestApp) {
        let s = stage_with(&t, open).await;
        let (one, two) = pair(&s).await;
        given(&s, &one, CODE).await;
        let file = list(&[(OTHER, "30.00", AT, "GH-9"), (CODE, "100.00", AT, "GH-1"), (THIRD, "45.50", AT, "GH-8")]);
        let id = taken(uploaded(&one, &file).await);
        let batch = nontax::batch(&two, &id).await.unwrap();
        assert_eq!((batch.row.rows, batch.ours, batch.strange()), (3, (1, 10_000), (2, 7_550)));
        let strangers = nontax::strangers(&two, &batch).await.unwrap();
        let seen: Vec<_> = strangers
            .iter()
            .map(|one| (one.paid.line, one.paid.code.as_str(), one.paid.voucher.as_str(), one.given))
            .collect();
        assert_eq!(seen, [(2, OTHER, "GH-9", false), (4, THIRD, "GH-8", false)]);
        // The second person sees both before he confirms what is ours.
        let mut decider = s.t.staff(&[Role::FinanceOfficer]).await.browser();
        let at = format!("/office/payments/codes/{id}");
        let page = decider.get(&at).await.expect(200).shows("2 笔不是本系统的缴款码").shows("GH-9").shows("GH-8").shows("75.50");
        assert_eq!(s.open_discrepancies().await, Vec::<String>::new());
        decider.submit(page.form(&at).press("确认，入账 1 笔")).await.expect(200).shows("GH-8");
        s.work().await;
        assert_eq!(s.state().await, OrderState::Paid);
        let batch = nontax::batch(&two, &id).await.unwrap();
        assert_eq!((batch.row.state.as_str(), batch.settled, batch.strange()), ("done", 1, (2, 7_550)));
        // Somebody must find out whose the money is.
        let tickets = payment::discrepancies(&one, "open", None).await.unwrap();
        let told: Vec<_> = tickets.iter().map(|row| (row.kind.as_str(), row.merchant_no.as_str(), row.amount)).collect();
        assert_eq!(told, [("nontax_strange", "到账.csv", 7_550)]);
        assert!(tickets[0].detail.contains("2 笔"), "{}", tickets[0].detail);
        // The same list changes nothing.
        assert!(matches!(uploaded(&two, &file).await, Uploaded::Again(known) if known == id));
        s.balances().await;
        crate::positions::sound(&s.t).await;
    }

    async fn a_code_that_is_given_later_is_settled_by_the_same_list(t: TestApp) {
        let s = stage_with(&t, open).await;
        let (one, two) = pair(&s).await;
        given(&s, &one, CODE).await;
        let (su, hers, number) = asking(&s, "苏晓").await;
        let file = list(&[(CODE, "100.00", AT, "GH-1"), (OTHER, "100.00", AT, "GH-2")]);
        let first = confirmed(&s, (&one, &two), &file).await;
        assert_eq!(s.state().await, OrderState::Paid);
        assert_eq!(payment::find(&su.ctx(), &hers).await.unwrap().state, OrderState::Unpaid);
        taken(nontax::give(&one, codes(&[(&number, OTHER)]).as_bytes()).await.unwrap());
        let batch = nontax::batch(&two, &first).await.unwrap();
        assert!(nontax::strangers(&two, &batch).await.unwrap()[0].given);
        let again = confirmed(&s, (&one, &two), &file).await;
        assert_ne!(again, first);
        let batch = nontax::batch(&two, &again).await.unwrap();
        assert_eq!((batch.row.state.as_str(), batch.strange()), ("done", (0, 0)));
        let lines = nontax::lines(&two, batch.row.id, 0, 9).await.unwrap();
        let outcomes: Vec<&str> = lines.iter().map(|line| line.outcome.as_str()).collect();
        assert_eq!(outcomes, ["told_before", "credited"]);
        assert_eq!(payment::find(&su.ctx(), &hers).await.unwrap().state, OrderState::Paid);
        assert_eq!((s.history().await.attempts.len(), s.history().await.refunds.len()), (1, 0));
        s.balances().await;
        crate::positions::sound(&s.t).await;
    }

    async fn in_a_long_list_such_a_line_is_found_once_all_are_read(t: TestApp) {
        let s = stage_with(&t, open).await;
        let (one, two) = pair(&s).await;
        many_codes(&s).await;
        let rows: Vec<String> = (1_000..1_600)
            .map(|n| format!("5000000000000000{n},100.00,{AT},GH-{n}"))
            .collect();
        let text = format!("缴款码,金额,缴款时间,凭证号\n{}\n", rows.join("\n"));
        let text = text.replace("50000000000000001550", "50000000000000009999");
        let id = taken(uploaded(&one, &text).await);
        let batch = nontax::batch(&two, &id).await.unwrap();
        assert_eq!((batch.row.stored, batch.ours.0, batch.strange()), (Some(500), 500, (0, 0)));
        assert!(nontax::strangers(&two, &batch).await.unwrap().is_empty());
        s.t.run_jobs().await;
        let batch = nontax::batch(&two, &id).await.unwrap();
        assert_eq!((batch.row.stored, batch.ours.0, batch.strange()), (Some(600), 599, (1, 10_000)));
        let strangers = nontax::strangers(&two, &batch).await.unwrap();
        assert_eq!((strangers.len(), strangers[0].paid.line, strangers[0].paid.voucher.as_str()), (1, 552, "GH-1550"));
    }
}
