//! 缴费成功: what the candidate is told once his order is paid, whatever it was paid by.

use db::Tx;
use domain::money::Fen;
use domain::payment::number;

use super::store::OrderRow;
use crate::message::{self, Notice, Sms};
use crate::{App, Result, Trail, application};

/// Tells of an order that has just been credited: `late` after it had been closed, `away` if he looks at no page of ours now. The
/// application has been moved on already.
///
/// Who pays at a channel looks at its page, and the channel sends its own word; who paid at a counter or a bank, or is credited long after,
/// is away from any page of ours and gets an SMS.
pub(super) async fn tell(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    app: &App,
    order: &OrderRow,
    (late, away): (bool, bool),
) -> Result<()> {
    let paid = application::paid_for(tx, app, order.application_id).await?;
    let number = number::grouped(&order.order_no);
    let sum = Fen::new(order.amount).yuan();
    let what = if paid.choice.is_empty() {
        paid.exam.clone()
    } else {
        format!("{}，{}", paid.exam, paid.choice)
    };
    let (title, fact) = if late {
        (
            "缴费已补记",
            format!("缴费单 {number} 的 {sum} 元已核实入账，报名继续有效。"),
        )
    } else {
        ("缴费成功", format!("已收到 {sum} 元，缴费单 {number}。"))
    };
    let notice = Notice {
        kind: "payment",
        title: format!("{title}：{}", paid.exam),
        body: format!(
            "{what}：{fact}{}缴费凭据在缴费单里打印，报名进度见“我的报名信息”。",
            paid.next
        ),
        link: format!("/payments/{}", order.public_id),
        sms: away.then(|| Sms {
            template: "payment_paid",
            params: vec![("order", number), ("amount", sum)],
        }),
    };
    message::notify(tx, trail, app, order.account_id, &notice).await
}
