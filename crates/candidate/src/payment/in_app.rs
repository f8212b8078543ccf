//! Inside WeChat its own payment needs to know who the payer is there. WeChat tells it to whoever comes by with its code: a payer is sent
//! round once, silently, before he chooses a channel, and what was told is kept in a sealed cookie that is bound to his account.

use app::payment::Device;
use askama::Template;
use axum::extract::{Path, Query};
use serde::{Deserialize, Serialize};
use web::cookie::{self, Cookie};
use web::layout::Item;
use web::{Html, PageResult, Shell, redirect, seal};

use super::checkout::payer;
use crate::context::{Me, problem};

/// What a seal is for: nothing else opens with it.
const ROUND: &str = "payer round";
const KNOWN: &str = "payer known";
/// Whoever was sent round is back within minutes.
const ROUND_SECONDS: i64 = 600;
/// A shared phone forgets him overnight.
const KNOWN_SECONDS: i64 = 12 * 3600;

/// Who was sent round, for which order.
#[derive(Debug, Serialize, Deserialize)]
struct Round {
    account: i64,
    order: String,
}

/// Who somebody is inside the app.
#[derive(Serialize, Deserialize)]
struct Known {
    account: i64,
    openid: String,
}

/// The number that the cookie keeps for whoever is logged in.
pub(super) fn openid(me: &Me) -> Option<String> {
    let text = me.visit.cookie(cookie::PAYER)?;
    let (known, _) = seal::open::<Known>(me.visit.kit().seal(), KNOWN, text, me.ctx.at)?;
    (known.account == me.account_id()).then_some(known.openid)
}

#[derive(Debug, Template)]
#[template(path = "payment/round.html")]
struct Page {
    shell: Shell,
    id: String,
    url: String,
}

/// The page that sends a payer round, where that is needed and possible. A form may only lead to us, and browsers hold what follows it to
/// that as well: a page of ours goes there.
pub(super) async fn round(me: &Me, id: &str) -> Option<PageResult> {
    if !matches!(payer(me).device, Device::WeChat { openid: None }) {
        return None;
    }
    let channels = me.ctx.app.channels().all().iter();
    let door = channels.filter_map(|channel| channel.in_app()).next()?;
    let round = Round {
        account: me.account_id(),
        order: id.to_owned(),
    };
    let ends = me.ctx.at.plus_seconds(ROUND_SECONDS);
    let state = seal::seal(me.visit.kit().seal(), ROUND, &round, ends);
    let back = format!("{}/payments/{id}/known", me.ctx.app.site_url());
    let page = Page {
        url: door.address(&back, &state)?,
        shell: me.shell("确认缴费").await.at(Item::Payments),
        id: id.to_owned(),
    };
    Some(Ok(Html::new(page).into()))
}

/// What WeChat sends him back with.
#[derive(Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

/// He is back. Whatever came of it, he goes on to the page of choice: without a number WeChat's payment isn't on it.
pub(super) async fn known(me: Me, Path(id): Path<String>, Query(back): Query<Back>) -> PageResult {
    app::payment::find(&me.ctx, &id).await.map_err(problem)?;
    let seal = me.visit.kit().seal();
    let sent = seal::open::<Round>(seal, ROUND, &back.state, me.ctx.at)
        .is_some_and(|(round, _)| round.account == me.account_id() && round.order == id);
    let channels = me.ctx.app.channels().all().iter();
    let door = channels.filter_map(|channel| channel.in_app()).next();
    let openid = match door {
        Some(door) if sent && !back.code.is_empty() => door.who(&back.code).await,
        _ => None,
    };
    let Some(openid) = openid else {
        tracing::warn!("a payer inside an app isn't known there");
        return Ok(redirect(&format!("/payments/{id}/pay?round=over")));
    };
    let known = Known {
        account: me.account_id(),
        openid,
    };
    let ends = me.ctx.at.plus_seconds(KNOWN_SECONDS);
    let value = seal::seal(seal, KNOWN, &known, ends);
    me.visit.set_cookie(Cookie::new(cookie::PAYER, value));
    Ok(redirect(&format!("/payments/{id}/pay")))
}
