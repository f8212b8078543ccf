//! 对账: a day of WeChat Pay's with every way in which a bill can be wrong, each told apart; the equation; closing by two; bills that don't
//! come, are broken, or are uploaded.

mod bills;
mod kinds;
mod late;
mod office;
mod standing;
mod sums;
mod treasury;

use std::sync::Arc;

use app::payment::reconcile::{self, BillRow, Detail, FindingRow};
use app::payment::{self, Payer, Started};
use app::{Actor, Ctx};
use domain::exam::steps::ReviewStep;
use domain::money::Fen;
use domain::staff::Role;
use domain::time::{Date, Timestamp};
use gateways::payment::{Channels, PaymentGateway};
use simulators::Trio;
use simulators::bank::Channel as _;
pub(super) use testkit::Said;
use testkit::{Doctored, TestApp, TestCandidate, TestExam, TestStaff};

use super::owing;

/// The day on which everything happens.
pub(super) fn day() -> Date {
    Date::new(2026, 3, 18).unwrap()
}

pub(super) struct Stage {
    pub(super) t: TestApp,
    pub(super) trio: Trio,
    pub(super) exam: TestExam,
    pub(super) doctored: Arc<Doctored>,
    pub(super) one: TestStaff,
    pub(super) two: TestStaff,
}

pub(super) async fn stage(t: &TestApp) -> Stage {
    t.clock.set("2026-03-18 10:00");
    let (t, trio) = t.with_channels();
    let wechat = Arc::clone(t.app.channels().get("wechat").unwrap());
    let doctored = Arc::new(Doctored::over(wechat));
    let offered: Arc<dyn PaymentGateway> = Arc::clone(&doctored) as Arc<dyn PaymentGateway>;
    let t = t.with(|setup| setup.channels = Channels::new(vec![offered], true).unwrap());
    let exam = t
        .recruitment(|settings| settings.steps.review = ReviewStep::None)
        .await;
    let (one, two) = (
        t.staff(&[Role::FinanceOfficer]).await,
        t.staff(&[Role::FinanceOfficer]).await,
    );
    Stage {
        t,
        trio,
        exam,
        doctored,
        one,
        two,
    }
}

/// Somebody's payment.
pub(super) struct Pay {
    pub(super) who: TestCandidate,
    pub(super) order: String,
    pub(super) number: String,
}

impl Stage {
    /// Somebody who was led to the cashier.
    pub(super) async fn begun(&self, name: &str) -> Pay {
        let (who, _, order) = owing(&self.t, &self.exam, name).await;
        let started = payment::pay(&who.ctx(), &order, "wechat", &Payer::default())
            .await
            .unwrap();
        assert!(matches!(started, Started::Cashier(_)));
        let history = payment::find(&who.ctx(), &order).await.unwrap();
        let number = history.latest().unwrap().merchant_no.clone();
        Pay { who, order, number }
    }

    /// Somebody who paid, and whose notice came.
    pub(super) async fn paid(&self, name: &str) -> Pay {
        let pay = self.begun(name).await;
        self.t.clock.advance(5);
        assert!(self.trio.wechat.bank().pay(&pay.number));
        self.deliver().await;
        pay
    }

    pub(super) async fn deliver(&self) {
        let channel = &self.trio.wechat;
        for letter in channel.bank().due() {
            let Some(request) = channel.write(&letter) else {
                continue;
            };
            let ctx = self.t.ctx(Actor::Gateway);
            let answer = payment::notice(&ctx, "wechat", request.headers(), request.body()).await;
            assert!(answer.unwrap().expect("a channel").is_ok());
        }
    }

    pub(super) async fn work(&self) {
        for _ in 0..50 {
            if payment::work(&self.t.system()).await.unwrap() == 0 {
                return;
            }
        }
    }

    /// Asks for the whole sum back, approves it, and sends it.
    pub(super) async fn sent_back(&self, pay: &Pay) -> String {
        let (one, two) = (self.one.ctx().await, self.two.ctx().await);
        payment::request_refund(&one, &pay.order, "agency")
            .await
            .unwrap();
        let detail = payment::detail(&one, &pay.order).await.unwrap();
        let refund = &detail.refunds[0];
        payment::decide_refund(&two, &refund.public_id, true, "")
            .await
            .unwrap();
        self.work().await;
        refund.refund_no.clone()
    }

    /// The simulation's own table of a day, to be spoilt.
    pub(super) fn table(&self, day: Date) -> Table {
        Table::read(&self.trio.wechat.table(day))
    }

    pub(super) fn say(&self, day: Date, said: Said) {
        self.doctored.say(day, said);
    }

    /// The next day at 10:31; what the timer and its jobs do.
    pub(super) async fn next_morning(&self) {
        self.t.clock.set("2026-03-19 10:31");
        self.t.run_jobs().await;
    }

    pub(super) async fn finance(&self) -> Ctx {
        self.one.ctx().await
    }

    pub(super) async fn bill(&self, day: Date) -> BillRow {
        let search = reconcile::Search::default();
        let rows = reconcile::list(&self.finance().await, &search, None, 50)
            .await
            .unwrap();
        let row = rows.into_iter().find(|row| row.day == day.to_string());
        row.expect("the day")
    }

    pub(super) async fn detail(&self, day: Date) -> Detail {
        let bill = self.bill(day).await;
        reconcile::detail(&self.finance().await, &bill.public_id)
            .await
            .unwrap()
    }

    pub(super) async fn findings(&self, day: Date) -> Vec<FindingRow> {
        let bill = self.bill(day).await;
        reconcile::findings(&self.finance().await, bill.id, "", 0, 500)
            .await
            .unwrap()
    }

    /// Classes and numbers of what is open.
    pub(super) async fn found(&self, day: Date) -> Vec<(String, String)> {
        let rows = self.findings(day).await;
        let mut found: Vec<_> = rows
            .into_iter()
            .map(|row| (row.class, row.our_no))
            .collect();
        found.sort();
        found
    }

    pub(super) async fn tickets(&self) -> Vec<(String, String)> {
        let rows = payment::discrepancies(&self.finance().await, "open", None)
            .await
            .unwrap();
        let mut tickets: Vec<_> = rows
            .into_iter()
            .map(|row| (row.kind, row.merchant_no))
            .collect();
        tickets.sort();
        tickets
    }
}

/// WeChat's bill, cell by cell.
#[derive(Debug, Clone)]
pub(super) struct Table {
    head: String,
    pub(super) rows: Vec<Vec<String>>,
}

pub(super) const APPID: usize = 1;
pub(super) const NUMBER: usize = 5;
pub(super) const OURS: usize = 6;
pub(super) const REFUND_ID: usize = 14;
pub(super) const REFUND: usize = 15;
pub(super) const STATE: usize = 19;
pub(super) const FEE: usize = 22;
pub(super) const AMOUNT: usize = 24;
pub(super) const BACK: usize = 25;

impl Table {
    pub(super) fn read(text: &str) -> Self {
        let mut lines = text.lines();
        let head = lines.next().unwrap().to_owned();
        let rows = lines
            .take_while(|line| line.starts_with('`'))
            .map(|line| {
                line.split(',')
                    .map(|cell| cell.trim_start_matches('`').to_owned())
                    .collect()
            })
            .collect();
        Self { head, rows }
    }

    pub(super) fn at(&self, number: &str) -> usize {
        let has = |row: &Vec<String>| row[OURS] == number || row[REFUND] == number;
        // A refund's line names the payment as well.
        let refund = self.rows.iter().position(|row| row[REFUND] == number);
        refund
            .or_else(|| self.rows.iter().position(has))
            .expect("a line")
    }

    pub(super) fn row(&mut self, number: &str) -> &mut Vec<String> {
        let at = self.at(number);
        &mut self.rows[at]
    }

    pub(super) fn take(&mut self, number: &str) -> Vec<String> {
        let at = self.at(number);
        self.rows.remove(at)
    }

    /// With an end that fits its lines.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{}\r\n", self.head);
        let (mut paid, mut back) = (0, 0);
        for row in &self.rows {
            paid += Fen::parse_yuan(&row[AMOUNT]).unwrap().get();
            back += Fen::parse_yuan(&row[BACK]).unwrap().get();
            let cells: Vec<String> = row.iter().map(|cell| format!("`{cell}")).collect();
            text.push_str(&cells.join(","));
            text.push_str("\r\n");
        }
        let (paid, back) = (Fen::new(paid).yuan(), Fen::new(back).yuan());
        text.push_str("总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\r\n");
        text.push_str(&format!(
            "`{},`{paid},`{back},`0.00,`0.00000,`{paid},`{back}\r\n",
            self.rows.len()
        ));
        text
    }

    pub(super) fn said(&self) -> Said {
        Said::Table(self.text())
    }
}

pub(super) fn at(text: &str) -> Timestamp {
    Timestamp::parse_local(text).unwrap()
}
