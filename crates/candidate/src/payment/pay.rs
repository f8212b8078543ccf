//! 确认缴费: what is paid, by which channel, and 支付.

use app::App;
use app::exam::Exam;
use app::payment::{self, Device, History, Started, Way, nontax};
use askama::Template;
use axum::extract::{Path, Query};
use domain::field::FieldErrors;
use domain::money::Fen;
use domain::payment::nontax::grouped;
use domain::payment::{AttemptState, OrderState};
use domain::time::Timestamp;
use serde::Deserialize;
use web::icon::Icon;
use web::layout::Item;
use web::protected::Nothing;
use web::{Html, PageResult, Protected, Shell, redirect};

use super::checkout::{lead, payer};
use super::in_app::round;
use crate::application::words::deadline;
use crate::context::{Me, fields, problem};

/// 缴费 where there is no order: raises one.
pub(super) async fn raise(
    me: Me,
    Path(application): Path<String>,
    _: Protected<Nothing>,
) -> PageResult {
    let order = payment::raise_again(&me.ctx, &application)
        .await
        .map_err(problem)?;
    Ok(redirect(&format!("/payments/{order}/pay")))
}

/// A channel to choose.
#[derive(Debug)]
struct Channel {
    code: &'static str,
    name: &'static str,
    note: &'static str,
    icon: Icon,
    chosen: bool,
}

#[derive(Debug, Template)]
#[template(path = "payment/pay.html")]
struct Page {
    shell: Shell,
    history: History,
    choice: String,
    items: String,
    amount: String,
    due: String,
    channels: Vec<Channel>,
    message: Option<String>,
    /// Where and how to pay outside of the channels, where that is possible.
    offline: Option<String>,
    /// 缴款码, where codes are given.
    code: Option<Code>,
    /// Why paying now may be paying twice.
    warning: Option<String>,
    real: bool,
}

/// Where an order's 缴款码 stands.
#[derive(Debug)]
struct Code {
    asked: bool,
    /// The code in groups.
    given: Option<String>,
    /// Where and how to pay with it.
    how: String,
}

async fn code(me: &Me, history: &History) -> PageResult<Option<Code>> {
    let exam = &history.view.exam;
    if !nontax::taken(exam) {
        return Ok(None);
    }
    let row = nontax::of_order(&me.ctx, &history.order.public_id)
        .await
        .map_err(problem)?;
    Ok(Some(Code {
        asked: row.is_some(),
        given: row.and_then(|row| row.code).map(|code| grouped(&code)),
        how: exam.settings.fees.nontax.how.clone(),
    }))
}

/// What may be money of his already: at the counter, or at a channel that he went to before.
async fn warning(me: &Me, history: &History) -> PageResult<Option<String>> {
    let order = &history.order;
    if payment::offline::pending(&me.ctx, order)
        .await
        .map_err(problem)?
    {
        let sum = Fen::new(order.amount).yuan();
        return Ok(Some(format!(
            "工作人员已登记您线下缴的 {sum} 元，正在由另一人核对。核对入账以前请不要再支付，以免付两次。"
        )));
    }
    let open = |one: &&payment::AttemptRow| {
        AttemptState::from_code(&one.state).is_some_and(|state| !state.is_final())
    };
    let begun = history.attempts.iter().rev().find(open);
    Ok(begun.map(|one| {
        let at = Timestamp::from_micros(one.created_at).to_chinese_minute();
        let channel = me.ctx.app.channels().name(&one.channel);
        format!("您{at}通过{channel}发起的付款还没有结果。已经付了款的，请不要再付，结果会自动更新；没有付的，可以继续支付或换一种方式，不要两边都付。")
    }))
}

/// The channels that lead somewhere from the payer's device.
fn channels(app: &App, exam: &Exam, chosen: &str, device: &Device) -> Vec<Channel> {
    let all = payment::rehearsal::offered(app, exam);
    all.iter()
        // Its own payment isn't offered inside WeChat while we don't know who he is there.
        .filter(|channel| match channel.way(device) {
            Some(Way::InApp) => matches!(device, Device::WeChat { openid: Some(_) }),
            way => way.is_some(),
        })
        .enumerate()
        .map(|(index, channel)| {
            let info = channel.info();
            Channel {
                code: info.code,
                name: info.name,
                note: info.note,
                icon: match info.code {
                    "wechat" => web::icon::SCAN,
                    "alipay" => web::icon::PHONE,
                    _ => web::icon::CARD,
                },
                chosen: if chosen.is_empty() {
                    index == 0
                } else {
                    info.code == chosen
                },
            }
        })
        .collect()
}

async fn page(
    me: &Me,
    history: History,
    chosen: &str,
    errors: Option<&FieldErrors>,
) -> PageResult<Page> {
    let code = code(me, &history).await?;
    let warning = warning(me, &history).await?;
    let message = errors
        .and_then(|errors| errors.get("channel"))
        .map(str::to_owned);
    let items: Vec<&str> = history
        .lines
        .iter()
        .map(|line| line.label.as_str())
        .collect();
    Ok(Page {
        code,
        warning,
        shell: me
            .shell("确认缴费")
            .await
            .at(Item::Payments)
            .with_errors(message.is_some()),
        choice: history.view.choice.text(),
        items: items.join("；"),
        amount: Fen::new(history.order.amount).yuan(),
        due: deadline(history.deadline()),
        channels: channels(&me.ctx.app, &history.view.exam, chosen, &payer(me).device),
        real: me.ctx.app.channels().move_money(),
        message,
        offline: Some(&history.view.exam.settings.fees.offline)
            .filter(|offline| offline.taken && !history.view.exam.is_rehearsal())
            .map(|offline| offline.how.clone()),
        history,
    })
}

/// What the address says besides the order.
#[derive(Debug, Deserialize)]
pub(super) struct Seen {
    /// Whether an app was asked already who the payer is.
    #[serde(default)]
    round: String,
}

/// The page.
pub(super) async fn show(me: Me, Path(id): Path<String>, Query(seen): Query<Seen>) -> PageResult {
    let history = payment::find(&me.ctx, &id).await.map_err(problem)?;
    if !history.is_open(me.ctx.at) {
        return Ok(redirect(&match history.state {
            OrderState::Paid => format!("/payments/{id}/result"),
            _ => format!("/payments/{id}"),
        }));
    }
    if seen.round.is_empty()
        && let Some(page) = round(&me, &id).await
    {
        return page;
    }
    Ok(Html::new(page(&me, history, "", None).await?).into())
}

/// What the page sends.
#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    channel: String,
}

/// 支付.
pub(super) async fn pay(me: Me, Path(id): Path<String>, sent: Protected<Choice>) -> PageResult {
    let payer = payer(&me);
    match payment::pay(&me.ctx, &id, &sent.channel, &payer).await {
        Ok(Started::Cashier(checkout)) => lead(&me.ctx.app, &id, &checkout),
        Ok(Started::Confirming) => Ok(redirect(&format!("/payments/{id}/wait"))),
        Ok(Started::Paid) => Ok(redirect(&format!("/payments/{id}/result"))),
        Err(error) => {
            let errors = fields(error)?;
            let history = payment::find(&me.ctx, &id).await.map_err(problem)?;
            Ok(Html::invalid(page(&me, history, &sent.channel, Some(&errors)).await?).into())
        }
    }
}

/// 申请缴款码.
pub(super) async fn ask_code(me: Me, Path(id): Path<String>, _: Protected<Nothing>) -> PageResult {
    nontax::ask(&me.ctx, &id).await.map_err(problem)?;
    Ok(redirect(&format!("/payments/{id}/pay#code")))
}
