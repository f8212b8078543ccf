//! The kinds of money that are cut through, each brought to the point at which one act decides about it.

use app::payment::{self, Payer, Started, nontax, offline};
use app::{Actor, Ctx, StaffActor, waiver};
use domain::money::Fen;
use domain::payment::evidence::{CNY, Evidence, News, PaidNews, Source};
use domain::time::Timestamp;
use simulators::{Trio, visit};
use testkit::{TestApp, TestStaff};

use crate::payer::{FULL, HALF};
use crate::template::{Debtor, People};

/// What is cut through. In words, for the process that dies.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// A channel's news.
    Settle(Evidence),
    /// The second person confirms a document.
    Document(i64, String),
    /// The timer settles a list of the bank's.
    List,
    /// Finance grants a waiver.
    Waiver(i64, String),
    /// The second person approves a refund.
    Refund(i64, String),
}

/// One kind.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) act: Act,
}

impl Act {
    /// As arguments.
    pub(super) fn words(&self) -> Vec<String> {
        match self {
            Self::Settle(evidence) => {
                let News::Paid(paid) = &evidence.news else {
                    panic!("money");
                };
                vec![
                    "settle".to_owned(),
                    evidence.channel.clone(),
                    evidence.merchant.clone(),
                    evidence.merchant_no.clone(),
                    paid.channel_no.clone(),
                    paid.amount.get().to_string(),
                    paid.paid_at.micros().to_string(),
                ]
            }
            Self::Document(by, id) => vec!["document".to_owned(), by.to_string(), id.clone()],
            Self::List => vec!["list".to_owned()],
            Self::Waiver(by, id) => vec!["waiver".to_owned(), by.to_string(), id.clone()],
            Self::Refund(by, id) => vec!["refund".to_owned(), by.to_string(), id.clone()],
        }
    }

    /// And back.
    pub(super) fn read(words: &[&str]) -> Self {
        let by = |text: &str| text.parse().expect("a number");
        match words {
            [
                "settle",
                channel,
                merchant,
                merchant_no,
                channel_no,
                amount,
                paid_at,
            ] => Self::Settle(Evidence {
                source: Source::Notice,
                channel: (*channel).to_owned(),
                merchant: (*merchant).to_owned(),
                merchant_no: (*merchant_no).to_owned(),
                news: News::Paid(PaidNews {
                    channel_no: (*channel_no).to_owned(),
                    amount: Fen::new(by(amount)),
                    currency: CNY.to_owned(),
                    paid_at: Timestamp::from_micros(by(paid_at)),
                }),
            }),
            ["document", who, id] => Self::Document(by(who), (*id).to_owned()),
            ["list"] => Self::List,
            ["waiver", who, id] => Self::Waiver(by(who), (*id).to_owned()),
            ["refund", who, id] => Self::Refund(by(who), (*id).to_owned()),
            other => panic!("{other:?}"),
        }
    }

    /// Does it; what it says.
    pub(super) async fn run(&self, t: &TestApp) -> app::Result<String> {
        let said = match self {
            Self::Settle(evidence) => {
                let settled = payment::settle(&t.ctx(Actor::Gateway), evidence).await?;
                format!("{:?}", settled.outcome)
            }
            Self::Document(by, id) => {
                offline::decide(&staff(t, *by).await, id, true, "").await?;
                String::new()
            }
            Self::List => {
                payment::work(&t.system()).await?;
                String::new()
            }
            Self::Waiver(by, id) => {
                waiver::grant(&staff(t, *by).await, id, "").await?;
                String::new()
            }
            Self::Refund(by, id) => {
                payment::decide_refund(&staff(t, *by).await, id, true, "").await?;
                String::new()
            }
        };
        Ok(said)
    }

    /// Whether doing it again is no error: news comes more than once, people are told that it is done.
    pub(super) const fn repeats(&self) -> bool {
        matches!(self, Self::Settle(_) | Self::List)
    }
}

async fn staff(t: &TestApp, id: i64) -> Ctx {
    let grants = app::staff::grants(&t.app, id).await.expect("grants");
    t.ctx(Actor::Staff(StaffActor { id, grants }))
}

/// Somebody who owes, with what there is to pay at.
struct Stage<'a> {
    t: &'a TestApp,
    trio: &'a Trio,
    one: TestStaff,
    two: TestStaff,
}

impl Stage<'_> {
    async fn begin(&self, debtor: &Debtor, code: &'static str) -> payment::AttemptRow {
        let ctx = debtor.who.at(self.t).ctx();
        let started = payment::pay(&ctx, &debtor.order, code, &Payer::default()).await;
        let Ok(Started::Cashier(checkout)) = started else {
            panic!("{started:?}");
        };
        assert!(visit(
            self.trio.channel(code).expect("a channel"),
            &checkout
        ));
        let history = payment::find(&ctx, &debtor.order).await.expect("his");
        history.latest().expect("an attempt").clone()
    }

    fn told(&self, attempt: &payment::AttemptRow, amount: i64, seconds: i64) -> Evidence {
        Evidence {
            source: Source::Notice,
            channel: attempt.channel.clone(),
            merchant: attempt.merchant.clone(),
            merchant_no: attempt.merchant_no.clone(),
            news: News::Paid(PaidNews {
                channel_no: format!("4{}", attempt.id),
                amount: Fen::new(amount),
                currency: CNY.to_owned(),
                paid_at: self.t.now().plus_seconds(seconds),
            }),
        }
    }

    async fn settle(&self, evidence: &Evidence) {
        payment::settle(&self.t.ctx(Actor::Gateway), evidence)
            .await
            .expect("settled");
    }

    async fn paid(&self, debtor: &Debtor) {
        let first = self.begin(debtor, "wechat").await;
        self.settle(&self.told(&first, first.amount, -1)).await;
    }

    /// A document that one person entered; what the other confirms.
    async fn document(&self, debtor: &Debtor, number: &str, refund: Option<&str>) -> Act {
        let form = offline::Form {
            method: "cash".to_owned(),
            document_no: number.to_owned(),
            amount: "100".to_owned(),
            paid_at: self.t.now().to_local_minute(),
            remark: String::new(),
        };
        let one = self.one.ctx().await;
        let entered = match refund {
            None => offline::enter(&one, &debtor.order, &form, None).await,
            Some(refund) => offline::enter_back(&one, refund, &form, None).await,
        };
        entered.expect("entered");
        let detail = payment::detail(&one, &debtor.order).await.expect("it");
        let entries = offline::entries(&one, detail.order.id).await;
        let entry = entries.expect("entries").pop().expect("the last");
        Act::Document(self.two.id, entry.public_id)
    }

    async fn asked(&self, debtor: &Debtor, category: &str) -> String {
        let form = waiver::Form {
            category: category.to_owned(),
            statement: "家庭有困难，证明附后".to_owned(),
            keep: Vec::new(),
        };
        let proof: &[u8] = b"\x89PNG\r\n\x1a\nproof";
        let ctx = debtor.who.at(self.t).ctx();
        waiver::ask(&ctx, &debtor.application, &form, &[("证明.png", proof)])
            .await
            .expect("asked");
        let desk = waiver::desk(&ctx, &debtor.application)
            .await
            .expect("a desk");
        desk.asked.into_iter().next().expect("it").row.public_id
    }

    async fn requested(&self, debtor: &Debtor) -> String {
        let detail = payment::detail(&self.one.ctx().await, &debtor.order).await;
        let refunds = detail.expect("an order").refunds;
        refunds.last().expect("a refund").public_id.clone()
    }
}

/// Brings a payer each to his point.
pub(super) async fn prepare(t: &TestApp, trio: &Trio, people: &People) -> Vec<Case> {
    let stage = Stage {
        t,
        trio,
        one: people.finance[0].at(t),
        two: people.finance[1].at(t),
    };
    let names = [
        "in time",
        "late",
        "takes over",
        "one too many",
        "another sum",
        "a document",
        "a document of money that went back",
        "a list of the bank's",
        "a waiver before the payment",
        "a waiver after the payment",
        "a refund of a waiver",
    ];
    let mut cases = Vec::new();
    for (debtor, name) in people.debtors.iter().zip(names) {
        let act = stage.act(debtor, name).await;
        cases.push(Case { name, act });
    }
    cases
}

impl Stage<'_> {
    async fn act(&self, debtor: &Debtor, name: &str) -> Act {
        match name {
            "in time" => {
                let first = self.begin(debtor, "wechat").await;
                Act::Settle(self.told(&first, first.amount, -1))
            }
            "another sum" => {
                let first = self.begin(debtor, "wechat").await;
                Act::Settle(self.told(&first, first.amount - 1, -1))
            }
            "late" => {
                let first = self.begin(debtor, "wechat").await;
                let evidence = self.told(&first, first.amount, -1);
                let ctx = debtor.who.at(self.t).ctx();
                assert!(payment::void(&ctx, &debtor.order).await.expect("voided"));
                Act::Settle(evidence)
            }
            "takes over" | "one too many" => {
                let first = self.begin(debtor, "wechat").await;
                let early = self.told(&first, first.amount, -30);
                let second = self.begin(debtor, "unionpay").await;
                let late = self.told(&second, second.amount, -5);
                let (before, after) = if name == "takes over" {
                    (late, early)
                } else {
                    (early, late)
                };
                self.settle(&before).await;
                Act::Settle(after)
            }
            "a document" => self.document(debtor, "S-1", None).await,
            "a document of money that went back" => {
                let taken = self.document(debtor, "S-2", None).await;
                taken.run(self.t).await.expect("taken");
                let one = self.one.ctx().await;
                payment::request_refund(&one, &debtor.order, "agency")
                    .await
                    .expect("asked");
                let refund = self.requested(debtor).await;
                let two = self.two.ctx().await;
                payment::decide_refund(&two, &refund, true, "")
                    .await
                    .expect("approved");
                self.document(debtor, "T-1", Some(&refund)).await
            }
            "a list of the bank's" => {
                self.listed(debtor).await;
                Act::List
            }
            "a waiver before the payment" => {
                Act::Waiver(self.one.id, self.asked(debtor, HALF).await)
            }
            "a waiver after the payment" => {
                self.paid(debtor).await;
                Act::Waiver(self.one.id, self.asked(debtor, FULL).await)
            }
            _ => {
                self.paid(debtor).await;
                let asked = self.asked(debtor, HALF).await;
                waiver::grant(&self.one.ctx().await, &asked, "")
                    .await
                    .expect("granted");
                Act::Refund(self.two.id, self.requested(debtor).await)
            }
        }
    }

    /// A list of one line, confirmed.
    async fn listed(&self, debtor: &Debtor) {
        let (one, two) = (self.one.ctx().await, self.two.ctx().await);
        let ctx = debtor.who.at(self.t).ctx();
        nontax::ask(&ctx, &debtor.order).await.expect("asked");
        let code = "43000026000000000011";
        let number = payment::find(&ctx, &debtor.order).await.expect("his");
        let given = format!("缴费单号,缴款码\n{},{code}\n", number.order.order_no);
        nontax::give(&one, given.as_bytes()).await.expect("given");
        let at = self.t.now().to_local_second();
        let list = format!("缴款码,金额,缴款时间,凭证号\n{code},100.00,{at},GH-1\n");
        let taken = nontax::upload(&one, "到账.csv", list.into_bytes()).await;
        let Ok(nontax::Uploaded::Taken(list)) = taken else {
            panic!("a list");
        };
        nontax::decide(&two, &list, true, "")
            .await
            .expect("confirmed");
    }
}
