//! What the candidate hears of his money.

use db::Tx;
use domain::money::Fen;
use domain::payment::evidence::Source;
use domain::payment::{Outcome, RefundReason};

use super::step::Step;
use crate::message::{self, Notice, Sms};
use crate::payment::{credited, offline};
use crate::{Result, Trail};

/// How money comes back that no channel had.
const BY_HAND: &str = "是线下缴的，由财务人员线下退回：转到您提供的收款账户，或者当面退还。财务人员会与您联系，退好后再发消息告知。";

impl Step<'_> {
    pub(super) async fn tell(&self, tx: &mut Tx, trail: &mut Trail<'_>) -> Result<()> {
        let order = &self.found.order;
        if let Outcome::Credited { late } = &self.decided.outcome {
            let by_hand = offline::by_hand(&self.found.attempt.channel);
            // Whose payment only the bill told of has long left.
            let away = *late || by_hand || self.evidence.source == Source::Bill;
            return credited::tell(tx, trail, self.app, order, (*late, away)).await;
        }
        let number = domain::payment::number::grouped(&order.order_no);
        let sum = self.paid().map_or(order.amount, |paid| paid.amount.get());
        let sum = Fen::new(sum).yuan();
        // Who is told of money that goes back is told which way: what no channel had no channel sends back.
        let back = match &self.decided.outcome {
            Outcome::TookOver { from } => {
                let mut all = self.found.attempts.iter();
                all.find(|row| row.merchant_no == *from)
            }
            _ => Some(&self.found.attempt),
        };
        let by_hand = back.is_some_and(|row| offline::by_hand(&row.channel));
        let (title, body, template) = match &self.decided.outcome {
            Outcome::SentBack(RefundReason::Mismatch) => (
                "收到的款项与应缴金额不符",
                format!(
                    "缴费单 {number} 应缴 {} 元，收到 {sum} 元，没有入账。财务人员审批后退回，进度请看缴费单。",
                    Fen::new(order.amount).yuan()
                ),
                "",
            ),
            Outcome::SentBack(reason) if by_hand => (
                "多付款项将线下退回",
                format!(
                    "缴费单 {number} 收到的 {sum} 元属于{}，{BY_HAND}",
                    reason.label()
                ),
                "payment_sent_back_by_hand",
            ),
            Outcome::SentBack(reason) => (
                "多付款项将原路退回",
                format!(
                    "缴费单 {number} 收到的 {sum} 元属于{}，将原路全额退回，一般 1 至 7 天到账。",
                    reason.label()
                ),
                "payment_sent_back",
            ),
            Outcome::TookOver { .. } if by_hand => (
                "重复支付的款项将线下退回",
                format!("缴费单 {number} 收到两次支付，多付的 {sum} 元{BY_HAND}"),
                "payment_sent_back_by_hand",
            ),
            Outcome::TookOver { .. } => (
                "重复支付的款项将原路退回",
                format!(
                    "缴费单 {number} 收到两次支付，多付的 {sum} 元将原路全额退回，一般 1 至 7 天到账。"
                ),
                "payment_sent_back",
            ),
            Outcome::Hold(_) if sum == Fen::new(order.amount).yuan() => (
                "收到的款项正在核查",
                format!(
                    "缴费单 {number} 正在核查，又收到 {sum} 元，已登记。请不要再支付，核查结果会发消息告知。"
                ),
                "",
            ),
            Outcome::Hold(_) => (
                "收到的款项与应缴金额不符",
                format!(
                    "缴费单 {number} 应缴 {} 元，收到 {sum} 元，没有入账。这笔款已登记，由工作人员核查，一般会退回。请不要再支付，核查结果会发消息告知。",
                    Fen::new(order.amount).yuan()
                ),
                "",
            ),
            _ => return Ok(()),
        };
        let sms = (!template.is_empty()).then(|| Sms {
            template,
            params: vec![("order", number), ("amount", sum)],
        });
        let notice = Notice {
            kind: "payment",
            title: title.to_owned(),
            body,
            link: format!("/payments/{}", order.public_id),
            sms,
        };
        message::notify(tx, trail, self.app, order.account_id, &notice).await
    }
}
