//! Every kind of difference, and that none is taken for another.

use app::payment;
use domain::payment::OrderState;
use simulators::bank::{Channel as _, Mail, Rates, RefundState};
use testkit::{TestApp, both_backends};

use super::{AMOUNT, APPID, BACK, FEE, NUMBER, OURS, Pay, REFUND, REFUND_ID, STATE, day, stage};

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = pairs
        .iter()
        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
        .collect();
    pairs.sort();
    pairs
}

both_backends! {
    async fn a_bill_that_says_what_we_say_matches(t: TestApp) {
        let s = stage(&t).await;
        let (a, b) = (s.paid("张一").await, s.paid("李二").await);
        let back = s.sent_back(&b).await;
        s.t.clock.advance(60);
        s.deliver().await;
        s.work().await;
        assert_eq!(payment::find(&b.who.ctx(), &b.order).await.unwrap().state, OrderState::Refunded);
        s.next_morning().await;
        let bill = s.bill(day()).await;
        assert_eq!((bill.step.as_str(), bill.matched, bill.findings), ("open", 3, 0));
        assert_eq!((bill.payments, bill.paid, bill.refunds, bill.refunded), (2, 20_000, 1, 10_000));
        assert_eq!((bill.our_payments, bill.our_paid, bill.our_refunds, bill.our_refunded), (2, 20_000, 1, 10_000));
        assert_eq!((bill.equation().rest(), bill.label()), (0, "已对平"));
        assert!(s.tickets().await.is_empty());
        let lines = app::payment::reconcile::lines(&s.finance().await, &bill, 0, 10).await.unwrap();
        let mut numbers: Vec<_> = lines.iter().map(|line| line.our_no.as_str()).collect();
        numbers.sort_unstable();
        let mut expected = [a.number.as_str(), b.number.as_str(), back.as_str()];
        expected.sort_unstable();
        assert_eq!(numbers, expected);
    }

    async fn what_a_line_proves_explains_another_and_nothing_is_compared_twice(t: TestApp) {
        let s = stage(&t).await;
        s.paid("张一").await;
        let lost = s.begun("掉单").await;
        s.trio.wechat.bank().tell_mail(Mail::Lost);
        assert!(s.trio.wechat.bank().pay(&lost.number));
        // The same transaction stands under a number of nobody's as well, before the line that proves whose it is.
        let mut table = s.table(day());
        let mut odd = table.row(&lost.number).clone();
        odd[OURS] = "ELSEWHERE0000000000002".into();
        table.rows.insert(0, odd);
        s.say(day(), table.said());
        s.next_morning().await;
        assert_eq!(s.found(day()).await, owned(&[("number", "ELSEWHERE0000000000002")]));
        assert_eq!(payment::find(&lost.who.ctx(), &lost.order).await.unwrap().state, OrderState::Paid);
        let bill = s.bill(day()).await;
        assert_eq!((bill.run, bill.stale_at, bill.step.as_str()), (1, None, "open"));
        assert_eq!((bill.matched, bill.our_paid, bill.named, bill.equation().rest()), (2, 20_000, 10_000, 0));
        // Compared anew it is the same: nothing was left from before the money was known.
        payment::reconcile::compare_again(&s.finance().await, &bill.public_id).await.unwrap();
        s.t.run_jobs().await;
        let again = s.bill(day()).await;
        assert_eq!((again.run, again.matched, again.our_paid, again.named), (2, 2, 20_000, 10_000));
    }

    async fn a_second_line_of_the_same_number_is_settled_once_and_nothing_is_compared_twice(t: TestApp) {
        let s = stage(&t).await;
        let lost = s.begun("掉单").await;
        s.trio.wechat.bank().tell_mail(Mail::Lost);
        assert!(s.trio.wechat.bank().pay(&lost.number));
        let mut table = s.table(day());
        let mut more = table.row(&lost.number).clone();
        more[NUMBER] = "4200007777".into();
        table.rows.push(more);
        s.say(day(), table.said());
        s.next_morning().await;
        assert_eq!(s.found(day()).await, owned(&[("second", &lost.number)]));
        let bill = s.bill(day()).await;
        assert_eq!((bill.run, bill.matched, bill.equation().rest()), (1, 1, 0));
        assert!(s.findings(day()).await.iter().all(|row| row.acted_at.is_some()));
    }

    async fn each_of_fourteen_kinds_of_error_is_told_apart(t: TestApp) {
        let s = stage(&t).await;
        let good = s.paid("好好").await;
        let missing = s.paid("少行").await;
        let off = s.paid("差分").await;
        let twice = s.paid("重行").await;
        let merchant = s.paid("他号").await;
        let fee = s.paid("贵费").await;
        let second = s.paid("二笔").await;
        let number = s.paid("错单").await;
        let late = s.paid("晚到").await;
        // The channel took money and we never heard: the last resort.
        let lost = s.begun("掉单").await;
        s.trio.wechat.bank().tell_mail(Mail::Lost);
        assert!(s.trio.wechat.bank().pay(&lost.number));
        // A refund that the bill leaves out, and one that the channel refused and then lists as done.
        let unlisted = s.paid("退少").await;
        let unlisted_back = s.sent_back(&unlisted).await;
        let refused = s.paid("退拒").await;
        s.trio.wechat.bank().set_rates(Rates { slow_refunds: 1_000, ..Rates::default() });
        let refused_back = s.sent_back(&refused).await;
        assert!(s.trio.wechat.bank().finish_refund(&refused_back, RefundState::Failed));
        s.t.clock.advance(60);
        s.deliver().await;
        s.work().await;
        let state = |pay: &Pay| { let (ctx, order) = (pay.who.ctx(), pay.order.clone()); async move { payment::find(&ctx, &order).await.unwrap().state } };
        assert_eq!(state(&unlisted).await, OrderState::Refunded);
        assert_eq!(state(&refused).await, OrderState::Paid);

        let mut table = s.table(day());
        let honest = table.rows.len();
        table.take(&missing.number);
        table.row(&off.number)[AMOUNT] = "100.01".into();
        let again = table.row(&twice.number).clone();
        table.rows.push(again);
        table.row(&merchant.number)[APPID] = "wx-another".into();
        table.row(&fee.number)[FEE] = "9.00".into();
        table.row(&second.number)[NUMBER] = "4200009999".into();
        table.row(&number.number)[OURS] = "ELSEWHERE0000000000001".into();
        let held = table.take(&late.number);
        let mut foreign = table.row(&good.number).clone();
        (foreign[NUMBER], foreign[OURS]) = ("4200008888".into(), "CANTEEN20260318000001".into());
        table.rows.push(foreign);
        table.take(&unlisted_back);
        table.row(&refused_back)[STATE] = "SUCCESS".into();
        let mut alien = table.row(&refused_back).clone();
        (alien[REFUND_ID], alien[REFUND], alien[BACK]) = ("5030001".into(), "NOBODY0000000000000001".into(), "7.00".into());
        table.rows.push(alien);
        assert_eq!(table.rows.len(), honest);
        s.say(day(), table.said());
        s.next_morning().await;

        let n = |pay: &Pay| pay.number.clone();
        let expected = [
            ("amount", n(&off)), ("duplicate", n(&twice)), ("fee", n(&fee)), ("foreign", "CANTEEN20260318000001".into()),
            ("local_only", n(&late)), ("local_only", n(&missing)), ("merchant", n(&merchant)), ("number", "ELSEWHERE0000000000001".into()),
            ("refund_channel_only", "NOBODY0000000000000001".into()), ("refund_local_only", unlisted_back.clone()),
            ("refund_state", refused_back.clone()), ("second", n(&second)),
        ];
        let mut expected: Vec<(String, String)> = expected.into_iter().map(|(class, number)| (class.to_owned(), number)).collect();
        expected.sort();
        assert_eq!(s.found(day()).await, expected);
        // What the bill alone knew is credited, and matches by now.
        assert_eq!(state(&lost).await, OrderState::Paid);
        // A sum or a number that differs is looked into; nothing is taken back on the bill's silence.
        for pay in [&off, &second] {
            assert_eq!(state(pay).await, OrderState::Hold);
        }
        for pay in [&missing, &late, &good, &twice, &fee, &number, &merchant] {
            assert_eq!(state(pay).await, OrderState::Paid);
        }
        let bill = s.bill(day()).await;
        assert_eq!(bill.equation().rest(), 0, "{bill:?}");
        assert_ne!(bill.equation().bill(), bill.equation().ours());
        assert_eq!(bill.run, 1, "however much was settled, the lines were gone over once");
        // Each has a ticket; what the next bill may explain waits for it.
        let kinds = [
            ("bill_differs", "ELSEWHERE0000000000001"), ("bill_duplicate", &twice.number), ("bill_fee", &fee.number),
            ("bill_foreign", "CANTEEN20260318000001"), ("bill_refund", "NOBODY0000000000000001"), ("bill_refund", &refused_back),
            ("other_merchant", &merchant.number), ("hold", &off.number), ("hold", &second.number), ("refund_failed", &refused_back),
        ];
        assert_eq!(s.tickets().await, owned(&kinds));

        // Once more over the same bill: nothing changes.
        let before = (s.findings(day()).await, s.tickets().await);
        payment::reconcile::fetch_again(&s.finance().await, &bill.public_id).await.unwrap();
        s.t.run_jobs().await;
        payment::reconcile::compare_again(&s.finance().await, &bill.public_id).await.unwrap();
        s.t.run_jobs().await;
        let again = s.bill(day()).await;
        assert_eq!((again.run > bill.run, again.step.as_str()), (true, "open"));
        let key = |rows: &[payment::reconcile::FindingRow]| -> Vec<_> {
            rows.iter().map(|row| (row.id, row.class.clone(), row.delta, row.discrepancy_id, row.acted_at)).collect()
        };
        assert_eq!(key(&s.findings(day()).await), key(&before.0));
        assert_eq!(s.tickets().await, before.1);
        assert_eq!((again.matched, again.our_paid, again.named), (bill.matched, bill.our_paid, bill.named));

        // The next day's bill has the late line; what it doesn't have either is urgent.
        let tomorrow = day().plus_days(1);
        let mut next = s.table(tomorrow);
        next.rows.push(held);
        s.say(tomorrow, next.said());
        s.t.clock.set("2026-03-20 10:31");
        s.t.run_jobs().await;
        let found = s.found(day()).await;
        assert!(found.contains(&("carried_out".into(), late.number.clone())), "{found:?}");
        assert!(!found.contains(&("local_only".into(), late.number.clone())));
        assert_eq!(s.found(tomorrow).await, owned(&[("carried_in", &late.number)]));
        let (first, second_day) = (s.bill(day()).await, s.bill(tomorrow).await);
        assert_eq!((first.equation().rest(), second_day.equation().rest()), (0, 0));
        assert_eq!((second_day.equation().bill(), second_day.equation().ours()), (10_000, 0));
        let tickets = s.tickets().await;
        assert!(tickets.contains(&("bill_local_only".into(), missing.number.clone())), "{tickets:?}");
        assert!(tickets.contains(&("bill_refund".into(), unlisted_back.clone())));
        assert!(!tickets.iter().any(|(_, number)| *number == late.number));
        assert_eq!(state(&missing).await, OrderState::Paid, "never unpaid on silence");
    }
}
