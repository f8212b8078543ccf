//! 财政电子票据: a table taken away, filled in, checked, taken over, corrected; and what is refunded must be reversed.

mod at_once;
mod waits;

use app::payment::fiscal::{self, Search};
use app::{Ctx, Error, payment, waiver};
use db::{Crowd, p, sql};
use domain::exam::settings::ExamSettings;
use domain::payment::{OrderState, Waiver, WaiverCategory};
use domain::staff::Role;
use testkit::{TestApp, both_backends};

use super::{CHANNEL, Stage, owing, refused, stage, stage_with};

const HEAD: &str = "缴费单号,票据代码,票据号码,校验码,开票日期,金额";

async fn paid(s: &Stage) -> String {
    let number = s.begin().await;
    assert!(s.bank.pay(&number));
    assert!(s.notice(&number).await);
    assert_eq!(s.state().await, OrderState::Paid);
    s.history().await.order.order_no
}

fn file(rows: &[(&str, &str, &str)]) -> String {
    let rows = rows.iter();
    let rows: Vec<String> = rows
        .map(|(order, number, sum)| format!("{order},43060126,{number},a1B2c3,2026-03-16,{sum}"))
        .collect();
    format!("{HEAD}\n{}\n", rows.join("\n"))
}

/// New, the same, changed, bad.
async fn staged(ctx: &Ctx, text: &str) -> (String, [i64; 4]) {
    let id = fiscal::upload(ctx, "票据.csv", text.as_bytes())
        .await
        .unwrap();
    let (row, ..) = fiscal::imported(ctx, &id).await.unwrap();
    assert_eq!(row.state, "staged");
    (
        id,
        [row.rows_new, row.rows_same, row.rows_changed, row.rows_bad],
    )
}

async fn own(s: &Stage) -> Option<fiscal::Own> {
    fiscal::of_order(&s.ctx(), &s.history().await.order)
        .await
        .unwrap()
}

async fn list(ctx: &Ctx, state: &str, number: &str) -> Vec<fiscal::ReceiptRow> {
    let search = Search {
        exam_id: 0,
        state: state.into(),
        number: number.into(),
    };
    fiscal::list(ctx, &search, None, 10).await.unwrap()
}

/// Whom 40 in 100 are waived.
const PART: &str = "残疾人";

fn part(settings: &mut ExamSettings) {
    settings.fees.waiver.categories.push(WaiverCategory {
        name: PART.into(),
        grants: Waiver::Percent { percent: 40 },
        evidence: "残疾人证".into(),
    });
}

/// 40 of the 100 that he paid go back.
async fn part_back(s: &Stage, one: &Ctx, two: &Ctx) {
    let form = waiver::Form {
        category: PART.into(),
        statement: "持有残疾人证，申请减免".into(),
        keep: Vec::new(),
    };
    let proof = [("证明.png", crate::waiver::PNG)];
    waiver::ask(&s.ctx(), &s.application, &form, &proof)
        .await
        .unwrap();
    let desk = waiver::desk(&s.ctx(), &s.application).await.unwrap();
    waiver::grant(one, &desk.asked[0].row.public_id, "")
        .await
        .unwrap();
    decided(s, two, &s.order).await;
    assert_eq!(s.state().await, OrderState::PartRefunded);
}

/// All of an order goes back.
async fn sent_back(s: &Stage, one: &Ctx, two: &Ctx, order: &str) {
    payment::request_refund(one, order, "agency").await.unwrap();
    decided(s, two, order).await;
}

async fn decided(s: &Stage, two: &Ctx, order: &str) {
    let refunds = payment::detail(two, order).await.unwrap().refunds;
    payment::decide_refund(two, &refunds[0].public_id, true, "")
        .await
        .unwrap();
    s.work().await;
}

/// Somebody else pays: what URLs carry of his order, and its number.
async fn another(s: &Stage) -> (String, String) {
    let (wang, _, order) = owing(&s.t, &s.exam, "王二").await;
    payment::pay(&wang.ctx(), &order, CHANNEL, &payment::Payer::default())
        .await
        .unwrap();
    let history = payment::find(&wang.ctx(), &order).await.unwrap();
    let attempt = &history.attempts[0].merchant_no;
    assert!(s.bank.pay(attempt) && s.notice(attempt).await);
    (order, history.order.order_no)
}

/// What a file came to: taken over, left out after all.
async fn taken(s: &Stage, ctx: &Ctx, id: &str) -> (i64, i64) {
    fiscal::confirm(ctx, id).await.unwrap();
    s.work().await;
    let (row, _, outcomes) = fiscal::imported(ctx, id).await.unwrap();
    assert_eq!(row.state, "done");
    outcomes
}

/// A receipt is brought in.
async fn brought(s: &Stage, ctx: &Ctx, row: (&str, &str, &str)) {
    let (id, _) = staged(ctx, &file(&[row])).await;
    assert_eq!(taken(s, ctx, &id).await, (1, 0), "{row:?}");
}

/// What is wrong with the one row of a file.
async fn wrong(ctx: &Ctx, row: (&str, &str, &str)) -> String {
    let (id, counts) = staged(ctx, &file(&[row])).await;
    assert_eq!(counts, [0, 0, 0, 1], "{row:?}");
    let (import, ..) = fiscal::imported(ctx, &id).await.unwrap();
    let mut problems = fiscal::problems(ctx, &import).await.unwrap();
    problems.pop().unwrap().message
}

both_backends! {
    async fn receipts_are_checked_taken_over_and_corrected_by_a_later_file(t: TestApp) {
        let s = stage(&t).await;
        let one = s.t.staff(&[Role::FinanceOfficer]).await.ctx().await;
        let number = paid(&s).await;
        let (_, _, other) = owing(&s.t, &s.exam, "苏晓").await;
        let unpaid = payment::detail(&one, &other).await.unwrap().order.order_no;
        // What is wrong is told row by row, and left out.
        let text = file(&[(&number, "0000000017", "100"), (&unpaid, "0000000018", "100"), ("JF26010100000000", "0000000019", "100")]);
        let (id, counts) = staged(&one, &text).await;
        assert_eq!(counts, [1, 0, 0, 2]);
        let (row, changes, _) = fiscal::imported(&one, &id).await.unwrap();
        let told: Vec<_> = fiscal::problems(&one, &row).await.unwrap().into_iter().map(|one| (one.line, one.message)).collect();
        assert_eq!(told, [(3, "这张缴费单没有支付，不能有票据".to_owned()), (4, "没有这个缴费单号，请核对".to_owned())]);
        assert_eq!((changes.len(), changes[0].change.as_str()), (1, "new"));
        s.work().await;
        assert_eq!(own(&s).await, None, "nothing counts before it is confirmed");
        fiscal::confirm(&one, &id).await.unwrap();
        assert!(matches!(fiscal::confirm(&one, &id).await, Err(Error::Conflict(_))));
        assert!(matches!(fiscal::discard(&one, &id).await, Err(Error::Conflict(_))));
        s.work().await;
        let (row, _, outcomes) = fiscal::imported(&one, &id).await.unwrap();
        assert_eq!((row.state.as_str(), outcomes), ("done", (1, 0)));
        let receipt = own(&s).await.unwrap();
        assert_eq!((receipt.number.as_str(), receipt.check.as_str(), receipt.to_reverse), ("0000000017", "a1B2c3", false));
        let told = app::message::inbox(&s.ctx(), None).await.unwrap();
        assert!(told.iter().any(|one| one.title == "财政电子票据已开具" && one.body.contains("0000000017")), "{told:?}");
        // The same once more says nothing new.
        let (id, counts) = staged(&one, &file(&[(&number, "0000000017", "100")])).await;
        assert_eq!(counts, [0, 1, 0, 0]);
        assert_eq!(refused(fiscal::confirm(&one, &id).await), "nothing_new");
        fiscal::discard(&one, &id).await.unwrap();
        // Another sum is no receipt of it; another number is a correction.
        let (_, counts) = staged(&one, &file(&[(&number, "0000000017", "90")])).await;
        assert_eq!(counts, [0, 0, 0, 1]);
        let (given_up, counts) = staged(&one, &file(&[(&number, "0000000020", "100")])).await;
        assert_eq!(counts, [0, 0, 1, 0]);
        fiscal::discard(&one, &given_up).await.unwrap();
        let (id, _) = staged(&one, &file(&[(&number, "0000000021", "100")])).await;
        fiscal::confirm(&one, &id).await.unwrap();
        s.work().await;
        assert_eq!(own(&s).await.unwrap().number, "0000000021");
        let told = app::message::inbox(&s.ctx(), None).await.unwrap();
        assert!(told.iter().any(|one| one.title == "财政电子票据已更正" && one.body.contains("0000000021")), "{told:?}");
        assert_eq!((list(&one, "", "0000000021").await.len(), list(&one, "", "0000000017").await.len(), list(&one, "", &number).await.len()), (1, 0, 1));
        // Of one exam there are its own, and of another none.
        for (exam_id, count) in [(s.exam.id, 1), (s.exam.id + 1, 0)] {
            let search = Search { exam_id, state: String::new(), number: String::new() };
            assert_eq!(fiscal::list(&one, &search, None, 10).await.unwrap().len(), count);
        }
        assert!(matches!(fiscal::upload(&one, "a.csv", "甲,乙\n1,2\n".as_bytes()).await, Err(Error::Fields(_))));
        crate::positions::sound(&s.t).await;
    }

    async fn a_refund_meanwhile_leaves_the_row_out(t: TestApp) {
        let s = stage(&t).await;
        let (one, two) = (s.t.staff(&[Role::FinanceOfficer]).await.ctx().await, s.t.staff(&[Role::FinanceOfficer]).await.ctx().await);
        let number = paid(&s).await;
        let (id, _) = staged(&one, &file(&[(&number, "0000000017", "100")])).await;
        payment::request_refund(&one, &s.order, "agency").await.unwrap();
        let refund = s.history().await.refunds[0].public_id.clone();
        payment::decide_refund(&two, &refund, true, "").await.unwrap();
        s.work().await;
        assert_eq!(s.state().await, OrderState::Refunded);
        fiscal::confirm(&one, &id).await.unwrap();
        s.work().await;
        let (row, _, outcomes) = fiscal::imported(&one, &id).await.unwrap();
        assert_eq!((row.state.as_str(), outcomes, own(&s).await), ("done", (0, 1), None));
        let (_, counts) = staged(&one, &file(&[(&number, "0000000017", "100")])).await;
        assert_eq!(counts, [0, 0, 0, 1]);
    }

    async fn a_number_belongs_to_one_order(t: TestApp) {
        let s = stage(&t).await;
        let one = s.t.staff(&[Role::FinanceOfficer]).await.ctx().await;
        let first = paid(&s).await;
        let (id, _) = staged(&one, &file(&[(&first, "0000000030", "100")])).await;
        fiscal::confirm(&one, &id).await.unwrap();
        s.work().await;
        let (wang, _, order) = owing(&s.t, &s.exam, "王二").await;
        payment::pay(&wang.ctx(), &order, crate::payment::CHANNEL, &payment::Payer::default()).await.unwrap();
        let attempt = payment::find(&wang.ctx(), &order).await.unwrap().attempts[0].merchant_no.clone();
        assert!(s.bank.pay(&attempt) && s.notice(&attempt).await);
        let second = payment::find(&wang.ctx(), &order).await.unwrap().order.order_no;
        let (id, counts) = staged(&one, &file(&[(&second, "0000000030", "100")])).await;
        assert_eq!(counts, [0, 0, 0, 1]);
        let (row, ..) = fiscal::imported(&one, &id).await.unwrap();
        assert!(fiscal::problems(&one, &row).await.unwrap()[0].message.contains(&first));
    }

    async fn what_is_refunded_is_flagged_until_it_is_reversed(t: TestApp) {
        let s = stage(&t).await;
        let (one, two) = (s.t.staff(&[Role::FinanceOfficer]).await, s.t.staff(&[Role::FinanceOfficer]).await);
        let (a, b) = (one.ctx().await, two.ctx().await);
        let number = paid(&s).await;
        let (id, _) = staged(&a, &file(&[(&number, "0000000017", "100")])).await;
        fiscal::confirm(&a, &id).await.unwrap();
        s.work().await;
        assert_eq!(refused(fiscal::reverse(&a, &number, "0000000099").await), "not_to_reverse");
        payment::request_refund(&a, &s.order, "agency").await.unwrap();
        let refund = s.history().await.refunds[0].public_id.clone();
        payment::decide_refund(&b, &refund, true, "").await.unwrap();
        s.work().await;
        assert!(own(&s).await.unwrap().to_reverse);
        assert_eq!((list(&a, "red", "").await.len(), list(&a, "reversed", "").await.len()), (1, 0));
        let mut desk = one.browser();
        desk.get("/office").await.expect(200).shows("财政票据待冲红");
        let mut who = s.lin.browser();
        who.get(&format!("/payments/{}", s.order)).await.expect(200).shows("将由财政部门冲红");
        let red = "/office/payments/receipts?state=red";
        let page = desk.get(red).await.expect(200).shows("0000000017").shows("待冲红");
        let form = page.form("/office/payments/receipts/red");
        desk.submit(form.clone().set("red_no", "红")).await.expect(422).shows("红票号码应为");
        desk.submit(form.set("red_no", "0000000099")).await.expect(200).lacks("0000000017");
        desk.get("/office/payments/receipts?state=reversed").await.expect(200).shows("已冲红").shows("0000000099");
        assert_eq!((list(&a, "red", "").await.len(), list(&a, "reversed", "").await.len()), (0, 1));
        assert!(matches!(fiscal::reverse(&a, &number, "0000000098").await, Err(Error::Conflict(_))));
        who.get(&format!("/payments/{}", s.order)).await.expect(200).shows("票据已冲红");
        desk.get("/office").await.expect(200).lacks("财政票据待冲红");
    }

    async fn what_is_due_is_reversed_before_another_number_follows(t: TestApp) {
        let s = stage_with(&t, part).await;
        let (a, b) = (s.t.staff(&[Role::FinanceOfficer]).await.ctx().await, s.t.staff(&[Role::FinanceOfficer]).await.ctx().await);
        let number = paid(&s).await;
        brought(&s, &a, (&number, "0000000017", "100")).await;
        let (early, counts) = staged(&a, &file(&[(&number, "0000000018", "100")])).await;
        assert_eq!(counts, [0, 0, 1, 0]);
        part_back(&s, &a, &b).await;
        assert!(own(&s).await.unwrap().to_reverse);
        let message = wrong(&a, (&number, "0000000019", "60")).await;
        assert!(message.contains("先登记红票号码"), "{message}");
        // What was looked at before the refund is looked at again.
        assert_eq!(taken(&s, &a, &early).await, (0, 1));
        let receipt = own(&s).await.unwrap();
        assert_eq!((receipt.number.as_str(), receipt.to_reverse, list(&a, "red", "").await.len()), ("0000000017", true, 1));
        fiscal::reverse(&a, &number, "0000000099").await.unwrap();
        brought(&s, &a, (&number, "0000000019", "60")).await;
        let receipt = own(&s).await.unwrap();
        assert_eq!((receipt.number.as_str(), receipt.to_reverse, receipt.red_no), ("0000000019", false, None));
        // The trail keeps by which number the one before was reversed.
        let scan = s.t.app.db().scan(Crowd::System);
        let details: Vec<String> = scan.rows(
            sql!("SELECT detail FROM audit_entry WHERE action = 'payment.fiscal_receipt' ORDER BY id"), p![],
        ).await.unwrap();
        let detail: serde_json::Value = serde_json::from_str(details.last().unwrap()).unwrap();
        assert_eq!(detail["before"]["number"], "0000000017");
        assert_eq!(detail["before"]["red_no"], "0000000099");
        crate::positions::sound(&s.t).await;
    }

    async fn a_number_that_was_reversed_does_not_come_back_by_an_older_file(t: TestApp) {
        let s = stage_with(&t, part).await;
        let (a, b) = (s.t.staff(&[Role::FinanceOfficer]).await.ctx().await, s.t.staff(&[Role::FinanceOfficer]).await.ctx().await);
        let number = paid(&s).await;
        let first = file(&[(&number, "0000000017", "100")]);
        // The same file twice, and the second one is confirmed late.
        let ((id, _), (twin, counts)) = (staged(&a, &first).await, staged(&a, &first).await);
        assert_eq!((taken(&s, &a, &id).await, counts), ((1, 0), [1, 0, 0, 0]));
        part_back(&s, &a, &b).await;
        fiscal::reverse(&a, &number, "0000000099").await.unwrap();
        // Reversed it is as it was, whatever a file says of it.
        let (_, counts) = staged(&a, &first.replace("a1B2c3", "d4E5f6")).await;
        assert_eq!(counts, [0, 1, 0, 0]);
        brought(&s, &a, (&number, "0000000019", "60")).await;
        let (again, counts) = staged(&a, &first).await;
        assert_eq!(counts, [0, 1, 0, 0]);
        assert_eq!(refused(fiscal::confirm(&a, &again).await), "nothing_new");
        assert_eq!(taken(&s, &a, &twin).await, (0, 0));
        assert_eq!(own(&s).await.unwrap().number, "0000000019");
        let told = app::message::inbox(&s.ctx(), None).await.unwrap();
        let told: Vec<_> = told.iter().filter(|one| one.title == "财政电子票据已更正").collect();
        assert!(told.len() == 1 && told[0].body.contains("0000000019"), "{told:?}");
    }

    async fn a_number_that_was_used_goes_to_no_other_order(t: TestApp) {
        let s = stage_with(&t, part).await;
        let (a, b) = (s.t.staff(&[Role::FinanceOfficer]).await.ctx().await, s.t.staff(&[Role::FinanceOfficer]).await.ctx().await);
        let first = paid(&s).await;
        let (_, second) = another(&s).await;
        // Nobody has the number yet.
        let (early, counts) = staged(&a, &file(&[(&second, "0000000017", "100")])).await;
        assert_eq!(counts, [1, 0, 0, 0]);
        brought(&s, &a, (&first, "0000000017", "100")).await;
        part_back(&s, &a, &b).await;
        fiscal::reverse(&a, &first, "0000000099").await.unwrap();
        brought(&s, &a, (&first, "0000000019", "60")).await;
        assert_eq!(taken(&s, &a, &early).await, (0, 1));
        for (used, words) in [("0000000017", "已用于另一张缴费单"), ("0000000019", "已登记在缴费单"), ("0000000099", "红票号码")] {
            let message = wrong(&a, (&second, used, "100")).await;
            assert!(message.contains(words) && message.contains(&first), "{used}: {message}");
        }
        // What was only corrected never was its number: another may have it, or it comes back.
        brought(&s, &a, (&second, "0000000031", "100")).await;
        brought(&s, &a, (&second, "0000000032", "100")).await;
        brought(&s, &a, (&first, "0000000031", "60")).await;
        assert!(wrong(&a, (&second, "0000000031", "100")).await.contains(&first));
    }

    async fn a_red_number_is_used_once(t: TestApp) {
        let s = stage(&t).await;
        let one = s.t.staff(&[Role::FinanceOfficer]).await;
        let (a, b) = (one.ctx().await, s.t.staff(&[Role::FinanceOfficer]).await.ctx().await);
        let first = paid(&s).await;
        brought(&s, &a, (&first, "0000000017", "100")).await;
        sent_back(&s, &a, &b, &s.order).await;
        fiscal::reverse(&a, &first, "0000000099").await.unwrap();
        let (order, second) = another(&s).await;
        brought(&s, &a, (&second, "0000000031", "100")).await;
        sent_back(&s, &a, &b, &order).await;
        for (typed, words) in [("0000000099", first.as_str()), ("0000000017", first.as_str()), ("0000000031", "自己的票据号码")] {
            let told = fiscal::reverse(&a, &second, typed).await;
            let Err(Error::Fields(errors)) = &told else { panic!("{typed}: {told:?}") };
            assert!(errors.get("red_no").unwrap().contains(words), "{typed}: {told:?}");
        }
        let mut desk = one.browser();
        let page = desk.get("/office/payments/receipts?state=red").await.expect(200).lacks("0000000017");
        let form = page.form("/office/payments/receipts/red");
        let page = desk.submit(form.set("red_no", "0000000099")).await.expect(422).shows("红票号码，请核对");
        assert!(page.html().contains("value=\"0000000099\""), "{}", page.html());
        assert_eq!((list(&a, "red", "").await.len(), list(&a, "reversed", "").await.len()), (1, 1));
        fiscal::reverse(&a, &second, "0000000098").await.unwrap();
        assert_eq!((list(&a, "red", "").await.len(), list(&a, "reversed", "").await.len()), (0, 2));
    }

    async fn the_pages_lead_from_the_table_to_the_candidate(t: TestApp) {
        let s = stage(&t).await;
        let number = paid(&s).await;
        let mut desk = s.t.staff_named("钱来", &[Role::FinanceOfficer]).await.browser();
        let page = desk.get("/office/payments/receipts").await.expect(200).shows("没有票据");
        desk.submit(page.form("/office/payments/receipts/export").set("format", "csv")).await.expect(200);
        let up = "/office/payments/receipts/upload";
        let page = desk.get(up).await.expect(200).shows("下载模板");
        let table = desk.submit(page.form("/office/payments/receipts/template/export").set("format", "csv")).await.expect(200);
        assert!(table.html().contains(&number), "{}", table.html());
        let exam = fiscal::template(&s.t.staff(&[Role::FinanceOfficer]).await.ctx().await, s.history().await.order.exam_id, app::copy::Format::Csv).await.unwrap();
        assert_eq!(exam.rows, 1);
        let form = page.form(up);
        desk.submit(form.clone().file("file", "空.csv", "text/csv", b"")).await.expect(422).shows("文件是空的");
        desk.submit(form.clone()).await.expect(422).shows("没有选择文件");
        desk.submit(form.clone().file("file", "空.csv", "text/csv", table.html().as_bytes())).await.expect(422).shows("没有填好的票据");
        let text = file(&[(&number, "0000000017", "100"), ("JF26010100000000", "17", "0")]);
        let page = desk.submit(form.file("file", "票据0316.csv", "text/csv", text.as_bytes())).await.expect(200);
        let page = page.shows("导入无误的 1 行").shows("0000000017").shows("应为大于 0 的金额").shows("票据0316.csv");
        assert!(page.html().contains("data-l=\"问题\""), "what is wrong is read on a phone, too");
        let at = page.path().to_owned();
        desk.submit(page.form(&format!("{at}/confirm"))).await.expect(200).shows("正在导入");
        s.work().await;
        desk.get(&at).await.expect(200).shows("已导入 1 张");
        desk.get(up).await.expect(200).shows("票据0316.csv");
        desk.get(&format!("/office/payments/receipts?number={number}")).await.expect(200).shows("0000000017");
        desk.get(&format!("/office/payments/{}", s.order)).await.expect(200).shows("财政电子票据").shows("0000000017");
        let mut who = s.lin.browser();
        who.get(&format!("/payments/{}", s.order)).await.expect(200).shows("票据号码").shows("0000000017").shows("a1B2c3").lacks("查验网站");
        who.get("/messages").await.expect(200).shows("财政电子票据已开具");
        assert!(matches!(fiscal::upload(&s.t.staff(&[Role::ExamOfficer]).await.ctx().await, "a.csv", b"").await, Err(Error::Forbidden)));
    }
}
