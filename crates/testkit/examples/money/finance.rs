//! What two people of finance do, whenever they look: the first asks, enters and uploads, the second agrees and confirms.

use app::payment::nontax::{self, Uploaded};
use app::payment::{self, offline};
use app::{Ctx, Error, waiver};
use db::{Crowd, p, sql};
use domain::clock::Clock as _;
use domain::time::Timestamp;
use rand::RngExt as _;
use simulators::bank::RefundState;

use crate::desk::{Back, Slip};
use crate::oracle::Harm;
use crate::schedule::Schedule;
use crate::template::Template;

/// Why something isn't agreed to.
const NO: &str = "已另行缴费，窗口退回现金";

/// A refund that waits for people.
struct Waiting {
    ticket: String,
    refund: String,
    number: String,
    state: String,
    amount: i64,
    channel: String,
    order: String,
    /// Whether it is of the money that credits its order.
    credited: bool,
}

type WaitingRow = (String, String, String, String, i64, String, String, i64);

fn waiting(
    (ticket, refund, number, state, amount, channel, order, credited): WaitingRow,
) -> Waiting {
    Waiting {
        ticket,
        refund,
        number,
        state,
        amount,
        channel,
        order,
        credited: credited == 1,
    }
}

fn document(number: &str, amount: i64, at: Timestamp) -> offline::Form {
    offline::Form {
        method: "cash".to_owned(),
        document_no: number.to_owned(),
        amount: domain::money::Fen::new(amount).yuan(),
        paid_at: at.to_local_minute(),
        remark: String::new(),
    }
}

impl Schedule {
    /// A round of theirs.
    pub(crate) async fn finance(&mut self, template: &Template) {
        let one = template.people.finance[0].at(&self.t).ctx().await;
        let two = template.people.finance[1].at(&self.t).ctx().await;
        self.waivers(&one).await;
        self.requests(&two).await;
        self.held(&one, &two).await;
        self.unsent(&one, &two).await;
        self.slips(&one, &two).await;
        self.codes(&one, &two).await;
        self.by_hand(&one, &two).await;
    }

    async fn waivers(&mut self, one: &Ctx) {
        let asked = waiver::Asked {
            state: "pending".to_owned(),
            ..waiver::Asked::default()
        };
        let lines = waiver::page(one, &asked, None, 100).await.expect("a list");
        for line in lines {
            let granted = self.alive(waiver::grant(one, &line.public_id, "")).await;
            self.say(|| format!("waiver of {}: {granted:?}", line.registration_no));
            let Some(granted) = granted else {
                continue;
            };
            if self.meant(granted, "granting a waiver") {
                self.told.waivers += 1;
            }
        }
    }

    /// Agrees to what the other or the system asked to send back.
    async fn requests(&mut self, two: &Ctx) {
        let asked = payment::refunds_waiting(two).await.expect("a list");
        for request in asked {
            let detail = payment::detail(two, &request.order_public_id).await;
            let detail = detail.expect("an order");
            for refund in &detail.refunds {
                if refund.state == "requested" {
                    let agreed = payment::decide_refund(two, &refund.public_id, true, "").await;
                    self.meant(agreed, "agreeing to a refund");
                }
            }
        }
    }

    /// Orders that are looked into: whatever may become of them.
    async fn held(&mut self, one: &Ctx, two: &Ctx) {
        let asked = payment::Mismatches {
            state: "open".to_owned(),
            kind: "hold".to_owned(),
            oldest: true,
            ..payment::Mismatches::default()
        };
        let tickets = payment::mismatches(one, &asked, None, 100).await;
        for ticket in tickets.expect("a list") {
            let question = payment::question(one, &ticket.public_id).await;
            let possible = question.expect("a ticket").possible;
            if possible.is_empty() {
                continue;
            }
            let release = possible[self.rng.random_range(0..possible.len())];
            self.say(|| format!("hold of {}: {release:?}", ticket.merchant_no));
            let note = "与渠道核对账单后办理";
            let proposed =
                payment::propose_release(one, &ticket.public_id, release.code(), note).await;
            if self.meant(proposed, "proposing a release") {
                // The channel is asked whether it is true that nothing came.
                let agreed = payment::decide_release(two, &ticket.public_id, true, "");
                let agreed = self.alive(agreed).await;
                let agreed = agreed.is_some_and(|agreed| self.meant(agreed, "deciding a release"));
                if !agreed {
                    // The channel says otherwise, or the order has moved on.
                    let no = payment::decide_release(two, &ticket.public_id, false, NO).await;
                    self.meant(no, "refusing a release");
                }
            }
        }
    }

    /// What a channel didn't send back.
    async fn unsent(&mut self, one: &Ctx, two: &Ctx) {
        let rows: Vec<WaitingRow> = self
            .t
            .app
            .db()
            .scan(Crowd::System)
            .rows(
                sql!("SELECT d.public_id, r.public_id, r.refund_no, r.state, r.amount, t.channel, o.public_id, \
                      CASE WHEN o.credited_attempt = r.attempt_id THEN 1 ELSE 0 END \
                      FROM discrepancy d JOIN refund r ON r.refund_no = d.merchant_no JOIN payment_order o ON o.id = r.order_id \
                      JOIN payment_attempt t ON t.id = r.attempt_id WHERE d.kind = 'refund_failed' AND d.state = 'open' ORDER BY d.id"),
                p![],
            )
            .await
            .expect("tickets");
        for it in rows.into_iter().map(waiting) {
            let how = self.rng.random_range(0..4);
            self.say(|| format!("refund {} is {}: way {how}", it.number, it.state));
            match (it.state.as_str(), how) {
                ("abnormal", 0) | ("failed", 0) => self.pay_back(one, two, &it).await,
                // The channel's own people find the payer.
                ("abnormal", 1 | 2) => {
                    let channel = self.trio.channel(&it.channel).expect("one of three");
                    channel
                        .bank()
                        .finish_refund(&it.number, RefundState::Succeeded);
                }
                ("abnormal", _) => {
                    let again = payment::send_again(one, &it.refund).await;
                    self.meant(again, "sending a refund again");
                }
                ("failed", _) if it.credited => {
                    let done = payment::resolve(one, &it.ticket, "渠道不退，款仍在").await;
                    self.meant(done, "closing a ticket");
                }
                ("failed", _) => {
                    let again = payment::request_again(one, &it.refund).await;
                    if self.meant(again, "raising a refund again") {
                        let done = payment::resolve(one, &it.ticket, "已重新退款").await;
                        self.meant(done, "closing a ticket");
                    }
                }
                _ => {}
            }
        }
    }

    /// Pays a refund back from the centre's own account, and two people say so.
    async fn pay_back(&mut self, one: &Ctx, two: &Ctx, it: &Waiting) {
        let number = format!("T-{}", self.desk.number());
        let form = document(&number, it.amount, self.clock.now());
        // The channel is asked before either of them counts.
        let entered = offline::enter_back(one, &it.refund, &form, None);
        let entered = self.alive(entered).await;
        self.say(|| format!("  {} is paid back by hand: {entered:?}", it.number));
        let entered = entered.is_some_and(|done| self.meant(done, "entering a payback"));
        if !entered {
            return;
        }
        let confirmed = confirm(two, &it.order, &number, true);
        let confirmed = self.alive(confirmed).await;
        self.say(|| format!("  and confirmed: {confirmed:?}"));
        if confirmed.is_some_and(|done| self.meant(done, "confirming a payback")) {
            let book = match it.channel.as_str() {
                "nontax" => "nontax",
                _ => "offline",
            };
            let back = Back {
                book: book.to_owned(),
                amount: it.amount,
            };
            let before = self.desk.back.insert(it.number.clone(), back);
            if before.is_some() {
                self.harm
                    .push(Harm::Double(format!("{} went back by hand", it.number)));
            }
        } else {
            let no = confirm(two, &it.order, &number, false).await;
            self.meant(no, "refusing a payback");
        }
    }

    /// Receipts from the counter.
    async fn slips(&mut self, one: &Ctx, two: &Ctx) {
        for at in 0..self.desk.counter.len() {
            let slip = self.desk.counter[at].clone();
            let next = match slip.slip {
                Slip::Paid => {
                    let form = document(&slip.number, slip.amount, slip.at);
                    match offline::enter(one, &slip.order, &form, None).await {
                        Ok(()) => Slip::Entered,
                        Err(Error::Conflict(_)) => continue,
                        refused => {
                            self.meant(refused, "entering a receipt");
                            Slip::Returned
                        }
                    }
                }
                Slip::Entered => match confirm(two, &slip.order, &slip.number, true).await {
                    Ok(()) => Slip::Taken,
                    Err(Error::Conflict(_)) => continue,
                    refused => {
                        self.meant(refused, "confirming a receipt");
                        let no = confirm(two, &slip.order, &slip.number, false).await;
                        self.meant(no, "refusing a receipt");
                        Slip::Returned
                    }
                },
                Slip::Taken | Slip::Returned => continue,
            };
            self.say(|| format!("receipt {}: {next:?}", slip.number));
            self.desk.counter[at].slip = next;
        }
    }

    /// Codes of the fiscal office, and its bank's lists.
    async fn codes(&mut self, one: &Ctx, two: &Ctx) {
        let asked = nontax::waiting(one, None, 100).await.expect("a list");
        if !asked.is_empty() {
            let mut file = "缴费单号,缴款码\n".to_owned();
            for row in &asked {
                let code = format!("430000{:014}", self.desk.number());
                file += &format!("{},{code}\n", row.order_no);
            }
            let given = nontax::give(one, file.as_bytes()).await;
            self.listed(given, "codes");
        }
        // One in four lists says again what those before it said.
        let again = self.rng.random_bool(0.25);
        let lines: Vec<_> = self
            .desk
            .credits
            .iter()
            .filter(|credit| again || !credit.listed)
            .cloned()
            .collect();
        if lines.iter().all(|line| line.listed) {
            return;
        }
        let mut file = "缴款码,金额,缴款时间,凭证号\n".to_owned();
        for line in &lines {
            let amount = domain::money::Fen::new(line.amount).yuan();
            let at = line.at.to_local_second();
            file += &format!("{},{amount},{at},{}\n", line.code, line.voucher);
        }
        let taken = nontax::upload(one, "到账.csv", file.clone().into_bytes()).await;
        self.say(|| format!("the bank's list: {taken:?}\n{file}"));
        let Some(list) = self.listed(taken, "a list of the bank's") else {
            return;
        };
        let confirmed = nontax::decide(two, &list, true, "").await;
        self.say(|| format!("  confirmed: {confirmed:?}"));
        if self.meant(confirmed, "confirming a list") {
            for credit in &mut self.desk.credits {
                credit.listed = true;
            }
        }
    }

    fn listed<T>(&mut self, taken: app::Result<Uploaded<T>>, what: &str) -> Option<T> {
        match taken {
            Ok(Uploaded::Taken(it)) => Some(it),
            Ok(Uploaded::Again(_)) => None,
            Ok(Uploaded::Bad(problems)) => {
                let first = problems.first().map(|one| one.message.clone());
                self.harm.push(Harm::Wrong(format!("{what}: {first:?}")));
                None
            }
            Err(error) => {
                self.meant::<()>(Err(error), what);
                None
            }
        }
    }

    /// Refunds of what no channel has.
    async fn by_hand(&mut self, one: &Ctx, two: &Ctx) {
        let rows: Vec<WaitingRow> = self
            .t
            .app
            .db()
            .scan(Crowd::System)
            .rows(
                sql!("SELECT '', r.public_id, r.refund_no, r.state, r.amount, t.channel, o.public_id, 0 \
                      FROM refund r JOIN payment_order o ON o.id = r.order_id JOIN payment_attempt t ON t.id = r.attempt_id \
                      WHERE r.state = 'approved' AND t.channel IN ('offline', 'nontax') ORDER BY r.id"),
                p![],
            )
            .await
            .expect("refunds");
        for it in rows.into_iter().map(waiting) {
            self.say(|| format!("refund {} goes back by hand", it.number));
            self.pay_back(one, two, &it).await;
        }
    }
}

/// The second word about what was entered under a number.
async fn confirm(two: &Ctx, order: &str, number: &str, yes: bool) -> app::Result<()> {
    let detail = payment::detail(two, order).await?;
    let entries = offline::entries(two, detail.order.id).await?;
    let entry = entries
        .iter()
        .rfind(|one| one.document_no == number)
        .ok_or(Error::NotFound)?;
    offline::decide(two, &entry.public_id, yes, if yes { "" } else { NO }).await
}
