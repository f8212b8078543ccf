//! What leads out of the process: SMS, the object store, payment channels, the sandbox's cashier.

use std::sync::Arc;

use anyhow::Context as _;
use gateways::object::ObjectStore;
use gateways::sms::SmsSender;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::{Config, SmsKind, secret};

/// Where SMS go.
pub(super) fn sms(config: &Config) -> anyhow::Result<Arc<dyn SmsSender>> {
    Ok(match config.sms.sender {
        SmsKind::None | SmsKind::Demo => Arc::new(gateways::sms::DemoSender::default()),
        SmsKind::Http => {
            let secret = secret(&config.sms.secret_file)?.context("sms.secret_file 没有填写")?;
            Arc::new(gateways::sms::HttpSender::new(&config.sms.url, &config.sms.account, &secret)?)
        }
    })
}

/// Where files over 256 KB lie.
pub(super) fn objects(config: &Config) -> anyhow::Result<Arc<dyn ObjectStore>> {
    super::private_folder(&config.objects)?;
    Ok(Arc::new(gateways::object::FolderStore::new(&config.objects)))
}

/// Starts the sandbox's cashier on a demonstration.
///
/// # Errors
/// If its port is taken.
pub async fn cashier(
    _config: &Config,
    _stopped: &watch::Receiver<bool>,
) -> anyhow::Result<Option<JoinHandle<()>>> {
    Ok(None)
}
