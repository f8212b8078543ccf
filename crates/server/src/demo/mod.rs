//! The demonstration: made-up exams and candidates in every state, so that each page has something to show.
//!
//! `demo load` makes them through the use cases under a clock that is turned from day to day, so that whatever is there
//! could have come about. The database is marked ([`accounts::Marker`]); a server whose settings don't say `demo` refuses it.

mod accounts;
mod applications;
mod candidates;
mod carried;
mod clock;
mod code;
mod desk;
mod exams;
mod load;
mod news;
mod page;
mod people;
mod results;
mod shown;
mod tables;
mod tuning;
mod world;

use anyhow::{Context as _, bail};
pub use page::DemoDesk;
pub(crate) use page::routes;

use accounts::{CANDIDATE_PASSWORD, Marker, STAFF_PASSWORD};

use crate::config::Config;
use crate::output::out;
use crate::wiring::{self, Opened, Opener};

/// Refuses to serve demonstration data as if it were real, and says whether this is a demonstration.
///
/// # Errors
/// If the database holds demonstration data and the settings don't say so.
pub(crate) async fn guard(opened: &Opened) -> anyhow::Result<bool> {
    let marked = Marker::read(&opened.app).await?.is_some();
    if marked && !opened.config.demo {
        bail!(
            "这个数据库里是演示数据，不能当正式系统使用。要看演示请设 demo = true（或 BAOKAO_DEMO=true）；正式使用请换一个空数据库"
        );
    }
    Ok(opened.config.demo)
}

/// Addresses and accounts, for whoever has just started it.
///
/// # Errors
/// The database's.
pub(crate) async fn print_welcome(opened: &Opened) -> anyhow::Result<()> {
    let base = opened.config.base_url.trim_end_matches('/');
    let marker = Marker::read(&opened.app).await?.unwrap_or_default();
    out!("");
    out!("演示系统已启动，按 Ctrl+C 停止。");
    out!("  网站首页    {base}/");
    out!("  工作人员    {base}/office/login");
    out!("  演示账号    {base}/demo   （含动态码和短信）");
    if let Some(candidate) = marker.candidates.first() {
        out!("");
        out!(
            "考生：证件号码 {}，密码 {CANDIDATE_PASSWORD}",
            candidate.number
        );
    }
    if !marker.staff.is_empty() {
        out!("工作人员：密码都是 {STAFF_PASSWORD}，动态码见 {base}/demo");
        for staff in &marker.staff {
            out!("  {:<12} {}", staff.username, staff.role);
        }
    }
    out!("");
    Ok(())
}

/// Loads the demonstration data.
///
/// # Errors
/// If the database isn't empty.
pub(crate) async fn load(config: Config, candidates: u32, seed: u64) -> anyhow::Result<()> {
    load::load(config, candidates, seed).await
}

/// Whether a demonstration is there, whole.
///
/// # Errors
/// The database's.
pub(crate) async fn is_complete(config: Config) -> anyhow::Result<bool> {
    let opened = Opener::new(config).open().await?;
    let marker = Marker::read(&opened.app).await;
    opened.app.db().clone().close().await;
    Ok(marker?.is_some_and(|marker| marker.complete))
}

/// Removes everything from a demonstration database: the tables are made anew, empty.
///
/// # Errors
/// If it isn't one.
pub(crate) async fn wipe(config: Config) -> anyhow::Result<()> {
    let opened = Opener::new(config).open().await?;
    let marked = Marker::read(&opened.app).await?.is_some();
    let Opened {
        app, config, clock, ..
    } = opened;
    app.db().clone().close().await;
    drop(app);
    if !marked {
        bail!("这个数据库里不是演示数据，没有改动");
    }
    let options = wiring::database_options(&config)?;
    db::wipe(&options).await.context("清空数据库")?;
    db::migrate(&options, &app::schema::MIGRATIONS, clock.now().micros())
        .await
        .context("重建数据库")?;
    wiring::drop_books(&config)?;
    out!("演示数据已清除");
    Ok(())
}
