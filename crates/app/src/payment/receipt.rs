//! 缴费凭据: what a candidate prints of a paid order.

use documents::{Field, Imprint, Pdf};
use domain::money::Fen;
use domain::payment::{OrderState, RefundState};
use domain::time::Timestamp;

use super::view;
use crate::{Ctx, Error, Result};

/// Sets the receipt of a paid order of the asking candidate.
///
/// # Errors
/// `Refused` for an order that isn't paid; `NotFound`, also for somebody else's.
pub async fn receipt(ctx: &Ctx, order: &str) -> Result<Pdf> {
    let history = view::find(ctx, order).await?;
    let paid = matches!(
        history.state,
        OrderState::Paid | OrderState::Refunding | OrderState::Refunded | OrderState::PartRefunded
    );
    let Some(credited) = history.credited().filter(|_| paid) else {
        return Err(Error::refused(
            "not_paid",
            "还没有缴费凭据",
            "这张缴费单尚未支付成功，支付后即可打印凭据。",
        ));
    };
    let time = |at: i64| Timestamp::from_micros(at).to_local_second();
    let mut rows = vec![
        Field::new("缴款人", history.view.row.name.clone()),
        Field::new("证件号码", history.id_masked.clone()),
        Field::new("考试", history.view.exam.title()),
    ];
    let choice = history.view.choice.text();
    if !choice.is_empty() {
        rows.push(Field::new("报考", choice));
    }
    let items: Vec<&str> = history
        .lines
        .iter()
        .map(|line| line.label.as_str())
        .collect();
    rows.push(Field::new("项目", items.join("；")));
    rows.push(Field::new(
        "支付渠道",
        ctx.app.channels().name(&credited.channel),
    ));
    rows.push(Field::new("商户单号", credited.merchant_no.clone()));
    rows.push(Field::new(
        "渠道流水号",
        credited
            .channel_no
            .as_deref()
            .map(domain::payment::offline::shown)
            .unwrap_or_default(),
    ));
    rows.push(Field::new(
        "支付时间",
        credited.paid_at.map(time).unwrap_or_default(),
    ));
    let refunds = history.refunds.iter().filter(|refund| {
        refund.attempt_id == credited.id && refund.state == RefundState::Succeeded.code()
    });
    let receipt = documents::receipt::Receipt {
        order_no: history.number(),
        status: history.state.label().to_owned(),
        rows,
        amount: Fen::new(history.order.amount),
        refunds: refunds
            .map(|refund| documents::receipt::Refund {
                number: refund.refund_no.clone(),
                amount: Fen::new(refund.amount),
                at: refund.finished_at.map(time).unwrap_or_default(),
                status: RefundState::Succeeded.label().to_owned(),
            })
            .collect(),
        notes: vec![
            "本凭据供核对之用，不是财政票据。需要财政电子票据的，请按“网上支付说明”领取。"
                .to_owned(),
        ],
        issuer: history.view.made.organizer.clone(),
        footer: format!("打印时间 {}", ctx.at.to_local_second()),
    };
    let imprint = Imprint {
        ident: history.order.public_id.clone(),
        at: ctx.at,
        scope: history.view.exam.row.code.clone(),
        template: None,
    };
    crate::paper::set(&ctx.app, move |engine| {
        documents::receipt::render(engine, &receipt, &imprint)
    })
    .await
}
