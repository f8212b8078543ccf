//! Lines of the bank's lists, settled: what a spreadsheet made of them, and one that can't be.

use app::payment::{self, nontax};
use documents::xlsx::{ColumnSpec, Writer};
use domain::payment::OrderState;
use domain::payment::hold::Release;
use domain::sheet::Cell;
use domain::staff::Role;
use testkit::{TestApp, both_backends};

use super::super::stage_with;
use super::{
    CODE, OTHER, Stage, THIRD, asking, codes, confirmed, given, list, many_codes, open, pair, run,
    taken,
};

const AT: &str = "2026-03-16 10:00";

/// A list of the bank's as a workbook: codes and the cells of their vouchers.
fn workbook(s: &Stage, rows: &[(&str, Cell)]) -> Vec<u8> {
    let titles = ["缴款码", "金额", "缴款时间", "凭证号"];
    let columns = titles.map(|title| ColumnSpec::new(title, 24.0));
    let mut writer = Writer::new("到账", &columns, s.t.now()).unwrap();
    for (code, voucher) in rows {
        let row = [
            Cell::text(*code),
            Cell::text("100.00"),
            Cell::text(AT),
            voucher.clone(),
        ];
        writer.row(&row).unwrap();
    }
    writer.finish().unwrap()
}

both_backends! {
    async fn a_voucher_whose_zeros_a_number_cell_dropped_is_no_second_payment(t: TestApp) {
        let s = stage_with(&t, open).await;
        let (one, two) = pair(&s).await;
        given(&s, &one, CODE).await;
        let (su, hers, su_no) = asking(&s, "苏晓").await;
        taken(nontax::give(&one, codes(&[(&su_no, OTHER)]).as_bytes()).await.unwrap());
        // One voucher was text, the other a number: each comes the other way round in the next list.
        let first = workbook(&s, &[(CODE, Cell::text("0012345678")), (OTHER, Cell::Number("777888".into()))]);
        let next = workbook(&s, &[(CODE, Cell::Number("12345678".into())), (OTHER, Cell::text("000777888"))]);
        let id = taken(nontax::upload(&one, "到账.xlsx", first).await.unwrap());
        nontax::decide(&two, &id, true, "").await.unwrap();
        s.work().await;
        assert_eq!(s.state().await, OrderState::Paid);
        assert_eq!(payment::find(&su.ctx(), &hers).await.unwrap().state, OrderState::Paid);
        // What is shown is what the bank's paper says.
        let attempt = s.history().await.attempts.remove(0);
        assert_eq!(attempt.channel_no, Some(format!("{CODE}:0012345678")));
        let found = payment::order_of(&one, &format!("{CODE}：0012345678")).await.unwrap();
        assert_eq!(found.public_id, s.order);

        let id = taken(nontax::upload(&one, "到账.xlsx", next).await.unwrap());
        let batch = nontax::batch(&two, &id).await.unwrap().row.id;
        let lines = nontax::lines(&two, batch, 0, 9).await.unwrap();
        let seen: Vec<(i64, &str)> = lines.iter().map(|line| (line.told, line.voucher.as_str())).collect();
        assert_eq!(seen, [(1, "12345678"), (1, "000777888")]);
        nontax::decide(&two, &id, true, "").await.unwrap();
        s.work().await;
        let lines = nontax::lines(&two, batch, 0, 9).await.unwrap();
        assert!(lines.iter().all(|line| line.outcome == "told_before"), "{lines:?}");
        for history in [s.history().await, payment::find(&su.ctx(), &hers).await.unwrap()] {
            assert_eq!((history.attempts.len(), history.refunds.len()), (1, 0));
        }
        // The control: another voucher is other money, and goes back.
        confirmed(&s, (&one, &two), &list(&[(CODE, "100.00", AT, "0012345679")])).await;
        assert_eq!((s.history().await.attempts.len(), s.history().await.refunds.len()), (2, 1));
        s.balances().await;
        crate::positions::sound(&s.t).await;
    }

    async fn a_line_that_cannot_be_settled_keeps_no_other_one_from_it(t: TestApp) {
        let s = stage_with(&t, open).await;
        let (one, two) = pair(&s).await;
        let (su, hers, su_no) = asking(&s, "苏晓").await;
        let (wang, his, wang_no) = asking(&s, "王二").await;
        taken(nontax::give(&one, codes(&[(&su_no, OTHER), (&wang_no, THIRD)]).as_bytes()).await.unwrap());
        // Nobody is there to be told of their money: none of them can be settled, and they are more than a round takes.
        many_codes(&s).await;
        run(&s.t, &["UPDATE payment_order SET account_id = -1 WHERE order_no LIKE 'many-%'"]).await;
        let mut rows: Vec<String> = (1_000..1_120)
            .map(|n| format!("5000000000000000{n},100.00,{AT},GH-{n}"))
            .collect();
        rows.push(format!("{OTHER},100.00,{AT},GH-1"));
        let text = format!("缴款码,金额,缴款时间,凭证号\n{}\n", rows.join("\n"));
        let id = confirmed(&s, (&one, &two), &text).await;
        let batch = nontax::batch(&two, &id).await.unwrap();
        assert_eq!((batch.row.state.as_str(), batch.settled, batch.stuck), ("confirmed", 1, 20));
        let lines = nontax::lines(&two, batch.row.id, 0, 200).await.unwrap();
        let (last, others) = lines.split_last().unwrap();
        assert_eq!(last.outcome, "credited");
        // They fail alike: nobody is asked about all of them.
        let (asked, rest) = others.split_at(20);
        assert!(asked.iter().all(|line| line.outcome == "stuck"), "{asked:?}");
        assert!(rest.iter().all(|line| line.outcome.is_empty()), "{rest:?}");
        assert_eq!(s.open_discrepancies().await, ["list_line"; 20]);
        assert_eq!(payment::find(&su.ctx(), &hers).await.unwrap().state, OrderState::Paid);
        // Nor does it keep the next list.
        let id = confirmed(&s, (&one, &two), &list(&[(THIRD, "100.00", AT, "GH-2")])).await;
        assert_eq!(nontax::batch(&two, &id).await.unwrap().row.state, "done");
        assert_eq!(payment::find(&wang.ctx(), &his).await.unwrap().state, OrderState::Paid);
    }

    async fn a_list_whose_end_nobody_lived_to_say_is_done_in_the_next_round(t: TestApp) {
        let s = stage_with(&t, open).await;
        let (one, two) = pair(&s).await;
        given(&s, &one, CODE).await;
        let id = confirmed(&s, (&one, &two), &list(&[(CODE, "100.00", AT, "GH-1")])).await;
        let state = async || nontax::batch(&two, &id).await.unwrap().row.state;
        assert_eq!(state().await, "done");
        run(&s.t, &["UPDATE nontax_batch SET state = 'confirmed'"]).await;
        s.work().await;
        assert_eq!(state().await, "done");
    }

    async fn about_a_line_that_cannot_be_settled_somebody_is_asked_once_and_the_answer_tries_it_again(t: TestApp) {
        let s = stage_with(&t, open).await;
        let (one, two) = pair(&s).await;
        given(&s, &one, CODE).await;
        // His application names settings that there never were.
        run(&s.t, &["UPDATE application SET settings_version = settings_version + 1000"]).await;
        let id = confirmed(&s, (&one, &two), &list(&[(CODE, "100.00", AT, "GH-1")])).await;
        s.work().await;
        assert_eq!(s.open_discrepancies().await, ["list_line"]);
        let figures = async || {
            let batch = nontax::batch(&two, &id).await.unwrap();
            (batch.row.state, batch.settled, batch.stuck)
        };
        assert_eq!(figures().await, ("confirmed".to_owned(), 0, 1));
        let mut desk = s.t.staff(&[Role::FinanceOfficer]).await.browser();
        let page = desk.get(&format!("/office/payments/codes/{id}")).await.expect(200);
        page.shows("有 1 笔没能入账").shows("没能入账，已转异常单");
        let page = desk.get("/office/payments/discrepancies?kind=list_line").await.expect(200);
        page.shows("到账清单未能入账").shows("到账清单第 2 行（凭证号 GH-1）没能入账").shows("100.00");
        // What becomes of the order, should it be looked into, is another question: its answer would lose the line.
        let row = payment::discrepancies(&one, "open", None).await.unwrap().remove(0);
        run(&s.t, &["UPDATE payment_order SET state = 'hold'"]).await;
        assert!(payment::question(&one, &row.public_id).await.unwrap().possible.is_empty());
        run(&s.t, &["UPDATE payment_order SET state = 'unpaid'"]).await;
        // It is asked about again if the answer mends nothing.
        let ticket = async || payment::discrepancies(&one, "open", None).await.unwrap()[0].public_id.clone();
        let first = ticket().await;
        payment::resolve(&one, &first, "报名没有问题").await.unwrap();
        s.work().await;
        assert_eq!(s.open_discrepancies().await, ["list_line"]);
        assert_ne!(ticket().await, first);
        // Nor is it tried before, though it would go now.
        run(&s.t, &["UPDATE application SET settings_version = settings_version - 1000"]).await;
        s.work().await;
        assert_eq!((s.state().await, figures().await), (OrderState::Unpaid, ("confirmed".to_owned(), 0, 1)));
        payment::resolve(&one, &ticket().await, "报名数据已修复").await.unwrap();
        s.work().await;
        assert_eq!((s.state().await, figures().await), (OrderState::Paid, ("done".to_owned(), 1, 0)));
        assert_eq!(s.open_discrepancies().await, Vec::<String>::new());
        s.balances().await;
        crate::positions::sound(&s.t).await;
    }

    async fn what_two_people_vouched_for_is_not_said_away(t: TestApp) {
        let s = stage_with(&t, open).await;
        let (one, two) = pair(&s).await;
        given(&s, &one, CODE).await;
        // A channel tells of another sum, and the order is looked into; then the bank's list has the whole one.
        let number = s.begin().await;
        assert!(s.bank.pay_wrongly(&number, 9_000));
        assert!(s.notice(&number).await);
        assert_eq!(s.state().await, OrderState::Hold);
        let ticket = payment::discrepancies(&one, "open", None).await.unwrap()[0].public_id.clone();
        let before = payment::question(&one, &ticket).await.unwrap().possible;
        assert!(before.contains(&Release::Void), "{before:?}");
        payment::propose_release(&one, &ticket, "void", "渠道后台没有这笔款").await.unwrap();
        let id = confirmed(&s, (&one, &two), &list(&[(CODE, "100.00", AT, "GH-1")])).await;
        assert_eq!(nontax::batch(&two, &id).await.unwrap().row.state, "done");
        assert_eq!(payment::trial_balance(&s.t.app).await.unwrap().balance("channel:nontax"), 10_000);
        assert!(payment::decide_release(&two, &ticket, true, "").await.is_err());
        assert_eq!(payment::trial_balance(&s.t.app).await.unwrap().balance("channel:nontax"), 10_000);
        payment::decide_release(&two, &ticket, false, "到账清单有这笔款").await.unwrap();
        let now = payment::question(&one, &ticket).await.unwrap().possible;
        assert!(!now.contains(&Release::Void), "{now:?}");
    }
}
