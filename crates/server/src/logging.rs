//! Logs: to standard error, as text or JSON. What is logged holds no personal data: routes instead of addresses, networks
//! instead of IP addresses, ids instead of names; a panic's message, which may quote a value, is left out.

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// The filter that a level names; `None` if it can't be read.
pub(crate) fn filter(level: &str) -> Option<EnvFilter> {
    if level.trim().is_empty() {
        return None;
    }
    EnvFilter::builder().parse(level).ok()
}

/// Starts logging for the whole process. A second call does nothing.
pub fn start(log: &Log) {
    let filter = filter(&log.level).unwrap_or_else(|| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(true);
    let started = match log.format {
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
        LogFormat::Text => lines
            .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
            .try_init(),
    };
    if started.is_ok() {
        std::panic::set_hook(Box::new(|info| {
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(place, "a panic");
        }));
    }
}
