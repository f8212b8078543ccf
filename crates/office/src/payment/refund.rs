//! One refund: which, how much, to whom through which channel, what follows, the second person's word, and what is done when its
//! channel doesn't carry it out.

use app::payment::{self, AttemptRow, Detail, RefundRow};
use askama::Template;
use axum::extract::Path;
use domain::payment::number::grouped;
use web::forms::Form;
use web::protected::Nothing;
use web::{Html, PageResult, Problem, Protected, Shell, flash, page as answer};

use super::word::{self, Word};
use super::{refund_tag, yuan};
use crate::context::{Desk, problem};

type PathOf = Path<(String, String)>;

#[derive(Debug, Template)]
#[template(path = "payment/refund.html")]
struct Page {
    shell: Shell,
    detail: Detail,
    refund: RefundRow,
    /// The payment that goes back.
    attempt: Option<AttemptRow>,
    channel: String,
    /// It came outside of the channels, and goes back that way.
    by_hand: bool,
    /// Who asked; empty for the system.
    requester: String,
    own: bool,
    /// Whether it is the payment that the order was paid with: then the application is no longer paid.
    credited: bool,
    /// Its money was handed over to the treasury.
    handed: bool,
    form: Form,
    /// Sends it again, or raises it anew.
    again: Form,
    /// Asks its channel what became of it.
    query: Form,
}

fn form(desk: &Desk, id: &str, refund: &str) -> Form {
    word::form(
        desk,
        format!("/office/payments/{id}/refunds/{refund}"),
        "不批准的须写明原因，提出的人会看到；批准的可以不填。",
    )
}

async fn shown(desk: &Desk, id: &str, refund: &str, form: Form) -> PageResult<Page> {
    let detail = payment::detail(&desk.ctx, id).await.map_err(problem)?;
    let row = detail.refunds.iter().find(|row| row.public_id == refund);
    let row = row.ok_or(Problem::NotFound)?.clone();
    let attempt = detail
        .attempts
        .iter()
        .find(|attempt| attempt.id == row.attempt_id)
        .cloned();
    let requester = app::staff::name_of(&desk.ctx, row.requested_by)
        .await
        .map_err(problem)?;
    let act = |what: &str| {
        let to = format!("/office/payments/{id}/refunds/{refund}/{what}");
        Form::new(&desk.visit, to).bare()
    };
    Ok(Page {
        again: act("again"),
        query: act("ask"),
        shell: Shell::new(&desk.visit, "退款")
            .below("/office/payments")
            .with_errors(form.has_errors()),
        channel: attempt.as_ref().map_or_else(String::new, |attempt| {
            desk.ctx.app.channels().name(&attempt.channel)
        }),
        by_hand: attempt
            .as_ref()
            .is_some_and(|attempt| payment::offline::by_hand(&attempt.channel)),
        own: desk.is(row.requested_by),
        handed: detail.handed.contains(&row.attempt_id),
        credited: detail.order.credited_attempt == Some(row.attempt_id),
        requester,
        attempt,
        refund: row,
        detail,
        form,
    })
}

/// The page.
pub(super) async fn page(desk: Desk, Path((id, refund)): PathOf) -> PageResult {
    let form = form(&desk, &id, &refund).refill(&desk.visit);
    Ok(Html::new(shown(&desk, &id, &refund, form).await?).into())
}

/// Approves or refuses a refund.
pub(super) async fn decide(
    desk: Desk,
    Path((id, refund)): PathOf,
    sent: Protected<Word>,
) -> PageResult {
    let approve = sent.agrees("approve", "请选择批准或者不批准。")?;
    match payment::decide_refund(&desk.ctx, &refund, approve, &sent.note).await {
        Ok(()) => Ok(answer::redirect_with(
            &desk.visit,
            &format!("/office/payments/{id}"),
            if approve {
                flash::done("退款已批准")
            } else {
                flash::done("退款没有批准")
            },
        )),
        Err(app::Error::Fields(errors)) => {
            let form = form(&desk, &id, &refund)
                .values(sent.submission())
                .errors(&errors);
            Ok(Html::invalid(shown(&desk, &id, &refund, form).await?).into())
        }
        Err(other) => Err(problem(other)),
    }
}

/// Sends a refund again, or raises one anew for it.
pub(super) async fn again(
    desk: Desk,
    Path((id, refund)): PathOf,
    _: Protected<Nothing>,
) -> PageResult {
    let detail = payment::detail(&desk.ctx, &id).await.map_err(problem)?;
    let row = detail.refunds.iter().find(|row| row.public_id == refund);
    let row = row.ok_or(Problem::NotFound)?;
    let told = if row.state == "abnormal" {
        payment::send_again(&desk.ctx, &refund)
            .await
            .map_err(problem)?;
        "退款已再次提交渠道"
    } else {
        payment::request_again(&desk.ctx, &refund)
            .await
            .map_err(problem)?;
        "已重新发起退款，等待另一位财务人员批准"
    };
    Ok(answer::redirect_with(
        &desk.visit,
        &format!("/office/payments/{id}"),
        flash::done(told),
    ))
}

/// Asks the channel what became of a refund.
pub(super) async fn ask(
    desk: Desk,
    Path((id, refund)): PathOf,
    _: Protected<Nothing>,
) -> PageResult {
    use payment::ChannelSays as Says;
    let told = match payment::ask_channel(&desk.ctx, &refund).await {
        Ok(Says::Sent) => flash::done("渠道答复已经退给付款人，已记为退款成功"),
        Ok(Says::UnderWay) => flash::REFUND_UNDER_WAY.into(),
        Ok(Says::NotSent) => flash::REFUND_NOT_SENT.into(),
        Ok(Says::Nobody) => flash::REFUND_NOBODY.into(),
        Ok(Says::NoAnswer) => flash::REFUND_UNANSWERED.into(),
        Err(other) => return Err(problem(other)),
    };
    let to = format!("/office/payments/{id}/refunds/{refund}");
    Ok(answer::redirect_with(&desk.visit, &to, told))
}
