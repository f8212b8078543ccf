//! The way to the channel, where it leads over a page of ours: a code to scan, a form that posts itself, the channel's own app.

use app::App;
use app::payment::{self, Cashier, Checkout, Device, Payer, Standing};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use domain::money::Fen;
use domain::time::Timestamp;
use http::StatusCode;
use serde::Deserialize;
use web::layout::Item;
use web::page::plain;
use web::{Html, PageResult, Shell, redirect};

use crate::context::{Me, problem};

/// The browser inside WeChat names itself so.
const WECHAT: &str = "MicroMessenger";
/// What the browsers of phones name themselves.
const PHONES: [&str; 4] = ["Android", "iPhone", "Mobile", "HarmonyOS"];

/// Who pays, as far as his browser tells.
pub(super) fn payer(me: &Me) -> Payer {
    let visit = &me.visit;
    let agent = visit.device();
    let device = if agent.contains(WECHAT) {
        Device::WeChat {
            openid: super::in_app::openid(me),
        }
    } else if PHONES.iter().any(|name| agent.contains(name)) {
        Device::Phone
    } else {
        Device::Desk
    };
    Payer {
        device,
        ip: visit.addr().0.to_canonical().to_string(),
    }
}

/// Where a payment that was begun leads.
pub(super) fn lead(app: &App, id: &str, checkout: &Checkout) -> PageResult {
    match checkout {
        // 演练支付 has a page of our own.
        Checkout::Page { url } if url.starts_with(app.site_url()) => {
            let own = url.strip_prefix(app.site_url()).unwrap_or("/payments");
            Ok(redirect(own))
        }
        // The form that was sent may only lead to us, and what a channel leads on to isn't ours to know: a page of ours goes there.
        _ => Ok(redirect(&format!("/payments/{id}/checkout"))),
    }
}

/// What an app is told by its own script.
type Fields = Vec<(String, String)>;

#[derive(Debug, Template)]
#[template(path = "payment/checkout.html")]
struct Page {
    shell: Shell,
    id: String,
    number: String,
    /// The number of the payment that the page is for: another tab may begin another one.
    attempt: String,
    amount: String,
    channel: &'static str,
    /// The app that scans: 微信, 支付宝.
    app: &'static str,
    /// When the cashier closes: epoch milliseconds, and as it is read.
    until: i64,
    closes: String,
    /// A picture of the code.
    code: Option<String>,
    /// What a phone would open, on a demonstration: nobody has an app that knows its codes.
    simulated: Option<String>,
    /// Where a page of the channel's lies.
    page: Option<String>,
    /// Where a form goes, and its fields.
    form: Option<(String, Fields)>,
    /// What the app's script is called with, as JSON.
    in_app: Option<String>,
}

/// What the address says besides the order.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Shown {
    /// The payment that the page shows; empty for the one that is open.
    of: String,
}

#[derive(Debug, Template)]
#[template(path = "payment/over.html")]
struct Over {
    shell: Shell,
    id: String,
    number: String,
    /// It was a code to scan.
    code: bool,
}

/// A page that still shows a payment which was closed, or after which another was begun.
async fn over(me: &Me, id: String, of: &str) -> PageResult<Over> {
    let history = payment::find(&me.ctx, &id).await.map_err(problem)?;
    let mut attempts = history.attempts.iter();
    let attempt = attempts.find(|one| one.merchant_no == of);
    let checkout = attempt.and_then(|one| Checkout::parse(&one.checkout));
    Ok(Over {
        shell: me.shell("支付").await.at(Item::Payments),
        number: history.number(),
        code: matches!(checkout, Some(Checkout::Code { .. })),
        id,
    })
}

/// The page.
pub(super) async fn show(me: Me, Path(id): Path<String>, Query(shown): Query<Shown>) -> PageResult {
    if !shown.of.is_empty() {
        let standing = payment::standing(&me.ctx, &id, &shown.of);
        if standing.await.map_err(problem)? == Standing::Over {
            return Ok(Html::new(over(&me, id, &shown.of).await?).into());
        }
    }
    let Some(cashier) = payment::cashier(&me.ctx, &id).await.map_err(problem)? else {
        // Nothing is open any more: the page of the order's state knows where to.
        return Ok(redirect(&format!("/payments/{id}/wait")));
    };
    let Cashier {
        history,
        channel,
        checkout,
        until,
    } = cashier;
    let mut page = Page {
        shell: me.shell("支付").await.at(Item::Payments),
        number: history.number(),
        attempt: history
            .open()
            .map(|one| one.merchant_no.clone())
            .unwrap_or_default(),
        amount: Fen::new(history.order.amount).yuan(),
        channel,
        app: channel.trim_end_matches("支付"),
        until: until.micros() / 1_000,
        closes: Timestamp::to_clock(until),
        id,
        code: None,
        simulated: None,
        page: None,
        form: None,
        in_app: None,
    };
    match checkout {
        Checkout::Page { url } => page.page = Some(url),
        Checkout::Code { text } => {
            page.code = Some(payment::code_picture(&text).map_err(problem)?);
            page.simulated = me.ctx.app.channels().are_simulated().then_some(text);
        }
        Checkout::Form { action, fields } => {
            page.form = Some((action.clone(), fields));
            return web::page::leading_to(Html::new(page).into(), &action);
        }
        Checkout::InApp { fields } => {
            let object: serde_json::Map<String, serde_json::Value> = fields
                .into_iter()
                .map(|(name, value)| (name, value.into()))
                .collect();
            page.in_app = Some(serde_json::Value::Object(object).to_string());
        }
    }
    Ok(Html::new(page).into())
}

/// The order's state as one word, `over` if the payment that the page shows isn't the one that is open: what its script looks at while
/// it waits.
pub(super) async fn state(
    me: Me,
    Path(id): Path<String>,
    Query(shown): Query<Shown>,
) -> PageResult {
    let standing = payment::standing(&me.ctx, &id, &shown.of)
        .await
        .map_err(problem)?;
    let word = match standing {
        Standing::Order(state) => state.code(),
        Standing::Over => "over",
    };
    let answer: Response = plain(StatusCode::OK, word);
    Ok(answer)
}
