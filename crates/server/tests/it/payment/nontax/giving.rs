//! Codes that come back from the fiscal office: for orders that nobody owes any more, and by a file that comes again.

use app::message;
use app::payment::nontax::{self, CodesTaken, Uploaded};
use app::{Ctx, payment};
use domain::payment::OrderState;
use domain::staff::Role;
use testkit::{TestApp, both_backends};

use super::super::stage_with;
use super::{CODE, OTHER, THIRD, asking, codes, open, pair, problems, taken};

/// How often somebody was told of a code.
async fn told(ctx: &Ctx) -> usize {
    let inbox = message::inbox(ctx, None).await.unwrap();
    let told = inbox.iter().filter(|row| row.title == "缴款码已生成");
    told.count()
}

/// The code of somebody's order.
async fn code_of(ctx: &Ctx, order: &str) -> Option<String> {
    let row = nontax::of_order(ctx, order).await.unwrap();
    row.expect("it was asked for").code
}

both_backends! {
    async fn what_is_paid_or_closed_gets_no_code_and_nobody_is_asked_to_pay_it(t: TestApp) {
        let s = stage_with(&t, open).await;
        nontax::ask(&s.ctx(), &s.order).await.unwrap();
        let lins = s.history().await.order.order_no;
        let (su, hers, su_no) = asking(&s, "苏晓").await;
        let (wang, his, wang_no) = asking(&s, "王二").await;
        // While the codes are fetched, one order is paid and another one voided.
        let number = s.begin().await;
        assert!(s.bank.pay(&number));
        assert!(s.notice(&number).await);
        assert!(payment::void(&wang.ctx(), &his).await.unwrap());
        assert_eq!(payment::find(&wang.ctx(), &his).await.unwrap().state, OrderState::Voided);

        let desk = s.t.staff(&[Role::FinanceOfficer]).await;
        let mut browser = desk.browser();
        let page = browser.get("/office/payments/codes").await.expect(200);
        let form = page.form("/office/payments/codes/given");
        let file = codes(&[(&lins, CODE), (&su_no, OTHER), (&wang_no, THIRD)]);
        browser
            .submit(form.file("file", "码.csv", "text/csv", file.as_bytes()))
            .await
            .expect(200)
            .shows("已导入 1 个缴款码")
            .shows("另有 2 张缴费单已支付或已关闭，没有发码");
        assert_eq!(code_of(&su.ctx(), &hers).await.as_deref(), Some(OTHER));
        assert_eq!(told(&su.ctx()).await, 1);
        for (ctx, order) in [(s.ctx(), &s.order), (wang.ctx(), &his)] {
            assert_eq!((code_of(&ctx, order).await, told(&ctx).await), (None, 0));
        }
        // Once more nothing else comes of it; and an order that expired is no better.
        let one = desk.ctx().await;
        let again = nontax::give(&one, file.as_bytes()).await.unwrap();
        assert_eq!(taken(again), CodesTaken { given: 0, before: 1, left_out: 2, ..CodesTaken::default() });
        let (zhao, late, zhao_no) = asking(&s, "赵六").await;
        s.t.clock.set("2026-03-25 09:00");
        s.t.run_jobs().await;
        let (ctx, one) = (zhao.ctx(), desk.ctx().await);
        assert_eq!(payment::find(&ctx, &late).await.unwrap().state, OrderState::Expired);
        let file = codes(&[(&zhao_no, "43000026000000000041")]);
        let counted = taken(nontax::give(&one, file.as_bytes()).await.unwrap());
        assert_eq!(counted, CodesTaken { late: vec![zhao_no], ..CodesTaken::default() });
        assert_eq!((code_of(&ctx, &late).await, told(&ctx).await), (None, 0));
    }

    async fn past_its_deadline_an_order_gets_no_code_though_the_timer_has_not_come(t: TestApp) {
        let s = stage_with(&t, open).await;
        let (su, hers, su_no) = asking(&s, "苏晓").await;
        let (wang, his, wang_no) = asking(&s, "王二").await;
        // The control: a second before it, it does.
        s.t.clock.set("2026-03-23 16:59");
        s.t.clock.advance(59);
        let (one, _) = pair(&s).await;
        assert_eq!(nontax::waiting(&one, None, 10).await.unwrap().len(), 2);
        let counted = taken(nontax::give(&one, codes(&[(&su_no, CODE)]).as_bytes()).await.unwrap());
        assert_eq!((counted.given, counted.late), (1, Vec::new()));
        s.t.clock.advance(1);
        assert_eq!(payment::find(&wang.ctx(), &his).await.unwrap().state, OrderState::Unpaid);
        let (one, _) = pair(&s).await;
        assert!(nontax::waiting(&one, None, 10).await.unwrap().is_empty());
        let file = codes(&[(&su_no, CODE), (&wang_no, OTHER)]);
        let counted = taken(nontax::give(&one, file.as_bytes()).await.unwrap());
        assert_eq!(counted, CodesTaken { before: 1, late: vec![wang_no.clone()], ..CodesTaken::default() });
        // The page names them.
        let mut browser = s.t.staff(&[Role::FinanceOfficer]).await.browser();
        let page = browser.get("/office/payments/codes").await.expect(200).shows("没有缴费单在等缴款码");
        let form = page.form("/office/payments/codes/given");
        browser
            .submit(form.file("file", "码.csv", "text/csv", file.as_bytes()))
            .await
            .expect(200)
            .shows("另有 1 个缴款码之前已导入，另有 1 张缴费单已过支付截止时间，没有发码")
            .shows(&domain::payment::number::grouped(&wang_no))
            .lacks(&domain::payment::number::grouped(&su_no));
        assert_eq!((code_of(&wang.ctx(), &his).await, told(&wang.ctx()).await), (None, 0));
        assert_eq!((code_of(&su.ctx(), &hers).await.as_deref(), told(&su.ctx()).await), (Some(CODE), 1));
        // For a month the answer is that it is too late; then nobody waits for it, and the request isn't kept.
        for (at, late) in [("2026-04-15 09:00", true), ("2026-04-16 09:00", false)] {
            s.t.clock.set(at);
            s.work().await;
            let (one, _) = pair(&s).await;
            let taken = nontax::give(&one, codes(&[(&wang_no, OTHER)]).as_bytes()).await.unwrap();
            assert_eq!(matches!(taken, Uploaded::Taken(_)), late, "{at}: {taken:?}");
        }
        assert_eq!(code_of(&su.ctx(), &hers).await.as_deref(), Some(CODE));
    }

    async fn a_file_that_was_cut_short_is_taken_again_and_nobody_is_told_twice(t: TestApp) {
        let s = stage_with(&t, open).await;
        let (one, two) = pair(&s).await;
        nontax::ask(&s.ctx(), &s.order).await.unwrap();
        let lins = s.history().await.order.order_no;
        let (su, hers, su_no) = asking(&s, "苏晓").await;
        let (_, _, wang_no) = asking(&s, "王二").await;
        // As far as it came.
        let part = codes(&[(&lins, CODE)]);
        let counted = taken(nontax::give(&one, part.as_bytes()).await.unwrap());
        assert_eq!(counted, CodesTaken { given: 1, before: 0, left_out: 0, ..CodesTaken::default() });
        let whole = codes(&[(&lins, CODE), (&su_no, OTHER)]);
        let counted = taken(nontax::give(&two, whole.as_bytes()).await.unwrap());
        assert_eq!(counted, CodesTaken { given: 1, before: 1, left_out: 0, ..CodesTaken::default() });
        assert_eq!(code_of(&su.ctx(), &hers).await.as_deref(), Some(OTHER));
        // Also what was paid meanwhile has its code.
        let number = s.begin().await;
        assert!(s.bank.pay(&number));
        assert!(s.notice(&number).await);
        let again = nontax::give(&one, whole.as_bytes()).await.unwrap();
        let Uploaded::Again(counted) = again else {
            panic!("{again:?}");
        };
        assert_eq!(counted, CodesTaken { given: 0, before: 2, left_out: 0, ..CodesTaken::default() });
        assert_eq!((told(&s.ctx()).await, told(&su.ctx()).await), (1, 1));
        // Another code for it, or its code for another order, is still a mistake, and nothing of the file counts.
        let other = codes(&[(&lins, THIRD), (&wang_no, "43000026000000000041")]);
        let wrong = problems(nontax::give(&one, other.as_bytes()).await.unwrap());
        assert_eq!(wrong, ["这张缴费单没有在等缴款码，或者已经有缴款码"]);
        let wrong = problems(nontax::give(&one, codes(&[(&wang_no, CODE)]).as_bytes()).await.unwrap());
        assert_eq!(wrong, ["这个缴款码已经给了另一张缴费单"]);
        assert_eq!(nontax::waiting(&one, None, 10).await.unwrap().len(), 1);
        let mut browser = s.t.staff(&[Role::FinanceOfficer]).await.browser();
        let page = browser.get("/office/payments/codes").await.expect(200);
        let form = page.form("/office/payments/codes/given");
        browser
            .submit(form.file("file", "码.csv", "text/csv", whole.as_bytes()))
            .await
            .expect(200)
            .shows("没有导入新的缴款码，另有 2 个缴款码之前已导入");
    }
}
