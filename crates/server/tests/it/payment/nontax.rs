//! 缴款码: asked for, given by file, paid at a bank whose list two people bring in.

mod giving;
mod settling;
mod strange;

use app::payment::nontax::{self, Uploaded};
use app::payment::offline;
use app::{Ctx, Error, payment};
use domain::exam::settings::ExamSettings;
use domain::payment::{AttemptState, OrderState};
use domain::staff::Role;
use testkit::{TestApp, TestCandidate, both_backends, tokio};

use super::{Stage, owing, refused, stage, stage_with};
use crate::invariants::run;

const CODE: &str = "43000026000000000017";
const OTHER: &str = "43000026000000000025";
const THIRD: &str = "43000026000000000033";

fn open(settings: &mut ExamSettings) {
    settings.fees.nontax.taken = true;
    settings.fees.nontax.how = "凭码到南屿农商银行任一网点或手机银行缴款".into();
}

async fn pair(s: &Stage) -> (Ctx, Ctx) {
    let one = s.t.staff(&[Role::FinanceOfficer]).await;
    let two = s.t.staff(&[Role::FinanceOfficer]).await;
    (one.ctx().await, two.ctx().await)
}

fn codes(rows: &[(&str, &str)]) -> String {
    let rows: Vec<String> = rows
        .iter()
        .map(|(order, code)| format!("{order},{code}"))
        .collect();
    format!("缴费单号,缴款码\n{}\n", rows.join("\n"))
}

fn list(rows: &[(&str, &str, &str, &str)]) -> String {
    let rows = rows.iter();
    let rows: Vec<String> = rows
        .map(|(code, sum, at, no)| format!("{code},{sum},{at},{no}"))
        .collect();
    format!("缴款码,金额,缴款时间,凭证号\n{}\n", rows.join("\n"))
}

fn problems<T: std::fmt::Debug>(answer: Uploaded<T>) -> Vec<String> {
    match answer {
        Uploaded::Bad(rows) => rows.into_iter().map(|one| one.message).collect(),
        Uploaded::Taken(it) | Uploaded::Again(it) => panic!("taken: {it:?}"),
    }
}

fn taken<T: std::fmt::Debug>(answer: Uploaded<T>) -> T {
    match answer {
        Uploaded::Taken(it) => it,
        other => panic!("{other:?}"),
    }
}

async fn uploaded(one: &Ctx, text: &str) -> Uploaded<String> {
    let bytes = text.as_bytes().to_vec();
    nontax::upload(one, "到账.csv", bytes).await.unwrap()
}

/// Two thousand orders beside the one there is, each with a code; nobody pays them.
async fn many_codes(s: &Stage) {
    const DIGIT: &str = "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 \
                         UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)";
    let numbers = format!(
        "(SELECT 1000 + a.d * 100 + b.d * 10 + c.d + e.d * 1000 AS n FROM {DIGIT} a, {DIGIT} b, {DIGIT} c, \
         (SELECT 0 AS d UNION ALL SELECT 1) e) k"
    );
    let orders = format!(
        "INSERT INTO payment_order (id, public_id, order_no, application_id, exam_id, account_id, amount, state, expires_at, \
         created_at, version) SELECT k.n, 'many-' || CAST(k.n AS TEXT), 'many-' || CAST(k.n AS TEXT), o.application_id, \
         o.exam_id, o.account_id, o.amount, 'voided', o.expires_at, o.created_at, 1 FROM payment_order o, {numbers} \
         WHERE o.public_id = '{}'",
        s.order
    );
    let codes = "INSERT INTO nontax_code (order_id, exam_id, code, asked_at, given_at) SELECT id, exam_id, \
                 '5000000000000000' || CAST(id AS TEXT), 1, 1 FROM payment_order WHERE order_no LIKE 'many-%'";
    run(&s.t, &[&orders, codes]).await;
}

/// Somebody else who asked for a code: who, the order, its number.
async fn asking(s: &Stage, name: &str) -> (TestCandidate, String, String) {
    let (who, _, order) = owing(&s.t, &s.exam, name).await;
    nontax::ask(&who.ctx(), &order).await.unwrap();
    let found = payment::find(&who.ctx(), &order).await.unwrap();
    (who, order, found.order.order_no)
}

/// The order has this code.
async fn given(s: &Stage, one: &Ctx, code: &str) {
    nontax::ask(&s.ctx(), &s.order).await.unwrap();
    let number = s.history().await.order.order_no;
    let file = codes(&[(&number, code)]);
    let counted = taken(nontax::give(one, file.as_bytes()).await.unwrap());
    assert_eq!(counted.given, 1);
}

async fn confirmed(s: &Stage, (one, two): (&Ctx, &Ctx), file: &str) -> String {
    let id = taken(
        nontax::upload(one, "到账.csv", file.as_bytes().to_vec())
            .await
            .unwrap(),
    );
    assert_eq!(
        refused(nontax::decide(one, &id, true, "").await),
        "same_person"
    );
    nontax::decide(two, &id, true, "").await.unwrap();
    s.work().await;
    id
}

both_backends! {
    async fn a_code_is_asked_for_given_and_paid_by_the_banks_list(t: TestApp) {
        let s = stage_with(&t, open).await;
        let (one, two) = pair(&s).await;
        assert!(nontax::of_order(&s.ctx(), &s.order).await.unwrap().is_none());
        nontax::ask(&s.ctx(), &s.order).await.unwrap();
        nontax::ask(&s.ctx(), &s.order).await.unwrap();
        let waiting = nontax::waiting(&one, None, 10).await.unwrap();
        assert_eq!((waiting.len(), waiting[0].name.as_str(), waiting[0].amount), (1, "林一舟", 10_000));
        let number = waiting[0].order_no.clone();
        // All of a file or none of it.
        let (_, _, other) = owing(&s.t, &s.exam, "苏晓").await;
        let other = payment::detail(&one, &other).await.unwrap().order.order_no;
        let bad = codes(&[(&number, CODE), (&other, OTHER), ("20260101000000000001", THIRD)]);
        assert_eq!(problems(nontax::give(&one, bad.as_bytes()).await.unwrap()).len(), 2);
        assert!(nontax::of_order(&s.ctx(), &s.order).await.unwrap().unwrap().code.is_none());
        assert_eq!(taken(nontax::give(&one, codes(&[(&number, CODE)]).as_bytes()).await.unwrap()).given, 1);
        assert_eq!(nontax::of_order(&s.ctx(), &s.order).await.unwrap().unwrap().code.as_deref(), Some(CODE));
        assert!(nontax::waiting(&one, None, 10).await.unwrap().is_empty());
        assert_eq!(problems(nontax::give(&one, codes(&[(&number, OTHER)]).as_bytes()).await.unwrap()).len(), 1);
        // A list of which no code is ours is another's.
        let strange = list(&[(OTHER, "100", "2026-03-16 10:00", "GH-2")]);
        assert_eq!(problems(nontax::upload(&one, "到账.csv", strange.into_bytes()).await.unwrap()), ["不是本系统的缴款码"]);
        let good = list(&[(CODE, "100.00", "2026-03-16 10:00", "GH-1")]);
        let id = taken(nontax::upload(&one, "到账.csv", good.into_bytes()).await.unwrap());
        s.work().await;
        assert_eq!(s.state().await, OrderState::Unpaid);
        assert_eq!(nontax::lines(&two, nontax::batch(&two, &id).await.unwrap().row.id, 0, 10).await.unwrap().len(), 1);
        assert_eq!(nontax::batches(&two).await.unwrap()[0].state, "staged");
        nontax::decide(&two, &id, true, "").await.unwrap();
        assert!(matches!(nontax::decide(&two, &id, false, "不对，重新上传").await, Err(Error::Conflict(_))));
        s.work().await;
        let history = s.history().await;
        assert_eq!((history.state, s.track().await.as_str()), (OrderState::Paid, "paid"));
        assert_eq!(history.credited().unwrap().channel, "nontax");
        let told = app::message::inbox(&s.ctx(), None).await.unwrap();
        assert_eq!(told.iter().filter(|row| row.title.starts_with("缴费成功：")).count(), 1, "{told:?}");
        let batch = nontax::batch(&two, &id).await.unwrap();
        assert_eq!((batch.row.state.as_str(), batch.settled, batch.differ), ("done", 1, 0));
        s.balances().await;
        crate::positions::sound(&s.t).await;
    }

    async fn another_sum_is_looked_into_and_a_second_payment_goes_back_by_hand(t: TestApp) {
        let s = stage_with(&t, open).await;
        let (one, two) = pair(&s).await;
        given(&s, &one, CODE).await;
        let id = confirmed(&s, (&one, &two), &list(&[(CODE, "99.00", "2026-03-16 10:00", "GH-1")])).await;
        assert_eq!(s.state().await, OrderState::Hold);
        assert_eq!(s.open_discrepancies().await, ["hold"]);
        let batch = nontax::batch(&one, &id).await.unwrap();
        assert_eq!((batch.differ, batch.settled), (1, 1));
        // The bank has the money: it goes back by hand once two people say so, and by two more words.
        let attempt = s.history().await.attempts[0].clone();
        assert_eq!((attempt.state.as_str(), attempt.received), (AttemptState::Surplus.code(), Some(9_900)));
        let ticket = payment::discrepancies(&one, "open", None).await.unwrap()[0].public_id.clone();
        payment::propose_release(&one, &ticket, "refund", "银行回单核对无误").await.unwrap();
        payment::decide_release(&two, &ticket, true, "").await.unwrap();
        s.work().await;
        let history = s.history().await;
        assert_eq!((history.state, history.refunds[0].state.as_str(), history.refunds[0].queries), (OrderState::Voided, "approved", 0));
        let form = offline::Form { method: "transfer".into(), document_no: "TK-1".into(), amount: "99.00".into(), paid_at: s.t.now().to_local_minute(), ..offline::Form::default() };
        offline::enter_back(&one, &history.refunds[0].public_id, &form, None).await.unwrap();
        let entry = offline::waiting(&two).await.unwrap()[0].public_id.clone();
        offline::decide(&two, &entry, true, "").await.unwrap();
        assert_eq!(s.history().await.refunds[0].state, "succeeded");
        let trial = payment::trial_balance(&s.t.app).await.unwrap();
        assert_eq!((trial.balance("channel:nontax"), trial.balance("surplus")), (0, 0));
        crate::positions::sound(&s.t).await;

        let s = stage_with(&t, open).await;
        let (one, two) = pair(&s).await;
        given(&s, &one, OTHER).await;
        let number = s.begin().await;
        assert!(s.bank.pay(&number));
        assert!(s.notice(&number).await);
        confirmed(&s, (&one, &two), &list(&[(OTHER, "100", "2026-03-17 10:00", "GH-3")])).await;
        let history = s.history().await;
        assert_eq!(history.state, OrderState::Paid);
        assert_eq!(history.attempts[1].state, AttemptState::Surplus.code());
        assert_eq!((history.refunds[0].state.as_str(), history.refunds[0].queries), ("approved", 0));
        s.balances().await;
        crate::positions::sound(&s.t).await;
    }

    async fn a_list_that_comes_after_the_deadline_counts_what_was_paid_before_it(t: TestApp) {
        let s = stage_with(&t, open).await;
        let (one, two) = pair(&s).await;
        given(&s, &one, CODE).await;
        s.t.clock.set("2026-03-25 09:00");
        s.t.run_jobs().await;
        assert_eq!(s.state().await, OrderState::Expired);
        confirmed(&s, (&one, &two), &list(&[(CODE, "100", "2026-03-23 16:00", "GH-1")])).await;
        assert_eq!((s.state().await, s.track().await.as_str()), (OrderState::Paid, "paid"));
        s.balances().await;
        crate::positions::sound(&s.t).await;
    }

    async fn a_long_list_is_stored_in_chunks_and_goes_on_where_a_crash_left_it(t: TestApp) {
        let s = stage_with(&t, open).await;
        let (one, two) = pair(&s).await;
        many_codes(&s).await;
        let rows: Vec<String> = (1_000..2_200)
            .map(|n| format!("5000000000000000{n},100.00,2026-03-16 10:{:02},GH-{n}", n % 60))
            .collect();
        let text = format!("代收银行到账明细\n缴款码,金额,缴款时间,凭证号\n{}\n", rows.join("\n"));
        // One bad line at its end, and nothing is stored.
        let wrong = text.replace("50000000000000002199,100.00", "50000000000000002199,一百");
        assert_eq!(problems(uploaded(&one, &wrong).await), ["应为大于 0 的金额，单位为元"]);
        let again = text.replace("50000000000000002199", "50000000000000001000");
        let twice = again.replace("GH-2199", "GH-1000");
        assert_eq!(problems(uploaded(&one, &twice).await), ["与第 3 行重复"]);
        assert!(nontax::batches(&one).await.unwrap().is_empty());

        let id = taken(uploaded(&one, &text).await);
        let batch = async || nontax::batch(&two, &id).await.unwrap().row;
        let row = batch().await;
        assert_eq!((row.rows, row.amount, row.stored, row.is_reading()), (1_200, 12_000_000, Some(500), true));
        // Nobody is asked about half a list, and nobody's word counts.
        let mut decider = s.t.staff(&[Role::FinanceOfficer]).await.browser();
        decider.get("/office").await.expect(200).lacks("到账清单待复核");
        decider.get(&format!("/office/payments/codes/{id}")).await.expect(200).shows("已读 500 笔，共 1,200 笔").lacks("不予确认");
        assert_eq!(refused(nontax::decide(&two, &id, true, "").await), "nontax_reading");
        // A worker does one chunk more, and dies. The same list, saved another way, is the same list.
        nontax::read_on(&s.t.system(), row.id, None, 1).await.unwrap();
        assert_eq!(batch().await.stored, Some(1_000));
        let other = format!("\u{feff}{}", text.replace('\n', "\r\n").replace("\r\n5", "\r\n,,,\r\n5"));
        assert!(matches!(uploaded(&one, &other).await, Uploaded::Again(again) if again == id));
        // Two go on at once: no line is stored twice.
        let (a, b) = (s.t.system(), s.t.system());
        let (a, b) = tokio::join!(
            nontax::read_on(&a, row.id, None, usize::MAX),
            nontax::read_on(&b, row.id, None, usize::MAX)
        );
        assert!(a.is_ok() || b.is_ok(), "{a:?} {b:?}");
        s.t.run_jobs().await;
        assert_eq!((batch().await.stored, batch().await.is_reading()), (Some(1_200), false));
        let lines = nontax::lines(&one, row.id, 0, 5_000).await.unwrap();
        let stored: Vec<String> = lines.iter().map(|line| line.voucher.clone()).collect();
        assert_eq!(stored, (1_000..2_200).map(|n| format!("GH-{n}")).collect::<Vec<_>>());
        assert_eq!((lines[0].line, lines[1_199].line), (3, 1_202));
        decider.get("/office").await.expect(200).shows("到账清单待复核");
        // Refused, it may be taken anew: by the job alone, whose worker died before it stored anything.
        nontax::decide(&two, &id, false, "不是本月的清单").await.unwrap();
        let again = taken(uploaded(&one, &text).await);
        assert_ne!(again, id);
        run(&s.t, &[
            "DELETE FROM nontax_row WHERE batch_id IN (SELECT id FROM nontax_batch WHERE state = 'staged')",
            "UPDATE nontax_batch SET stored = 0 WHERE state = 'staged'",
            "DELETE FROM job WHERE name = 'payment.nontax'",
        ]).await;
        s.t.clock.advance(120);
        s.t.run_jobs().await;
        s.t.run_jobs().await;
        assert_eq!(nontax::batch(&one, &again).await.unwrap().row.stored, Some(1_200));
    }

    async fn what_another_list_told_of_is_no_second_payment(t: TestApp) {
        let s = stage_with(&t, open).await;
        let (one, two) = pair(&s).await;
        given(&s, &one, CODE).await;
        let first = list(&[(CODE, "100.00", "2026-03-16 10:00", "GH-1")]);
        let id = confirmed(&s, (&one, &two), &first).await;
        assert_eq!(s.state().await, OrderState::Paid);
        // The same list changes nothing.
        assert!(matches!(uploaded(&two, &first).await, Uploaded::Again(known) if known == id));
        // The bank's next list begins a day earlier.
        let (su, _, order) = owing(&s.t, &s.exam, "苏晓").await;
        nontax::ask(&su.ctx(), &order).await.unwrap();
        let number = payment::detail(&one, &order).await.unwrap().order.order_no;
        taken(nontax::give(&one, codes(&[(&number, OTHER)]).as_bytes()).await.unwrap());
        let second = list(&[(CODE, "100.00", "2026-03-16 10:00", "GH-1"), (OTHER, "100.00", "2026-03-17 10:00", "GH-2")]);
        let next = taken(uploaded(&one, &second).await);
        let mut decider = s.t.staff(&[Role::FinanceOfficer]).await.browser();
        decider.get(&format!("/office/payments/codes/{next}")).await.expect(200).shows("之前的清单已有这一笔");
        nontax::decide(&two, &next, true, "").await.unwrap();
        s.work().await;
        let lines = nontax::lines(&two, nontax::batch(&two, &next).await.unwrap().row.id, 0, 9).await.unwrap();
        let outcomes: Vec<&str> = lines.iter().map(|line| line.outcome.as_str()).collect();
        assert_eq!(outcomes, ["told_before", "credited"]);
        assert_eq!((s.history().await.attempts.len(), s.history().await.refunds.len()), (1, 0));
        assert_eq!(payment::find(&su.ctx(), &order).await.unwrap().state, OrderState::Paid);
        assert_eq!(s.open_discrepancies().await, Vec::<String>::new());
        s.balances().await;
        crate::positions::sound(&s.t).await;
    }

    async fn only_where_the_exam_takes_it(t: TestApp) {
        let s = stage(&t).await;
        assert_eq!(refused(nontax::ask(&s.ctx(), &s.order).await), "nontax_closed");
        let wang = s.t.ready("王二").await;
        assert!(matches!(nontax::ask(&wang.ctx(), &s.order).await, Err(Error::NotFound)));
        let officer = s.t.staff(&[Role::ExamOfficer]).await.ctx().await;
        assert!(matches!(nontax::give(&officer, b"").await, Err(Error::Forbidden)));
        assert!(matches!(nontax::upload(&officer, "a.csv", Vec::new()).await, Err(Error::Forbidden)));
        s.lin.browser().get(&format!("/payments/{}/pay", s.order)).await.expect(200).lacks("缴款码");
    }

    async fn the_pages_lead_from_the_code_to_the_list(t: TestApp) {
        let s = stage_with(&t, open).await;
        let pay = format!("/payments/{}/pay", s.order);
        let mut candidate = s.lin.browser();
        let page = candidate.get(&pay).await.expect(200).shows("缴款码缴费");
        candidate.submit(page.form(&format!("/payments/{}/code", s.order))).await.expect(200);
        candidate.get(&pay).await.expect(200).shows("正在向财政部门取缴款码");
        let one = s.t.staff_named("钱来", &[Role::FinanceOfficer]).await;
        let two = s.t.staff_named("周核", &[Role::FinanceOfficer]).await;
        let (mut asker, mut decider) = (one.browser(), two.browser());
        let home = "/office/payments/codes";
        asker.get("/office").await.expect(200).shows("缴费单待取缴款码");
        let page = asker.get(home).await.expect(200).shows("1 张缴费单在等缴款码");
        asker.submit(page.form("/office/payments/codes/export")).await.expect(200);
        let number = s.history().await.order.order_no;
        let form = page.form("/office/payments/codes/given");
        let page = asker.submit(form.clone().file("file", "码.csv", "text/csv", codes(&[(&number, "17")]).as_bytes())).await.expect(422).shows("应为 20 位数字");
        assert!(page.html().contains("data-l=\"怎样改\""), "what to do is read on a phone, too");
        asker.submit(form.clone().file("file", "码.csv", "text/csv", b"")).await.expect(422).shows("文件是空的").lacks("没有选择文件");
        asker.submit(form.clone()).await.expect(422).shows("没有选择文件").lacks("文件是空的");
        asker.submit(form.file("file", "码.csv", "text/csv", codes(&[(&number, CODE)]).as_bytes())).await.expect(200).shows("已导入 1 个缴款码");
        asker.get("/office").await.expect(200).lacks("缴费单待取缴款码");
        candidate.get(&pay).await.expect(200).shows("4300 0026 0000 0000 0017").shows("南屿农商银行");
        let page = asker.get(home).await.expect(200);
        let form = page.form("/office/payments/codes/paid");
        asker.submit(form.clone().file("file", "到账.csv", "text/csv", b"")).await.expect(422).shows("文件是空的");
        asker.submit(form.clone()).await.expect(422).shows("没有选择文件");
        let file = list(&[(CODE, "100", "2026-03-16 10:00", "GH-1")]);
        let page = asker.submit(form.file("file", "到账0316.csv", "text/csv", file.as_bytes())).await.expect(200).shows("须由另一位财务人员复核");
        let at = page.path().to_owned();
        decider.get("/office").await.expect(200).shows("到账清单待复核");
        let page = decider.get(&at).await.expect(200).shows("GH-1").shows("1 笔");
        decider.submit(page.form(&at).press("不予确认")).await.expect(422).shows("请写明原因");
        decider.submit(page.form(&at).press("确认，入账 1 笔")).await.expect(200).shows("正在逐笔入账");
        s.work().await;
        decider.get(&at).await.expect(200).shows("已入账");
        decider.get(home).await.expect(200).shows("到账0316.csv");
        candidate.get(&format!("/payments/{}", s.order)).await.expect(200).shows("已支付").shows("缴款码支付成功");
    }
}
