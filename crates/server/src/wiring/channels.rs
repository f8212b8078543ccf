//! What leads out of the process: SMS, the object store, payment channels, the sandbox's cashier.

use std::sync::Arc;

use anyhow::Context as _;
use domain::clock::Clock;
use gateways::object::{DirectoryStore, ObjectStore};
use gateways::sms::{DemoSender, HttpSender, HttpSmsConfig, SmsSender};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::{Config, SmsKind, secret};

/// Where SMS go.
pub(super) fn sms(config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<Arc<dyn SmsSender>> {
    let sign_name = match config.sms.signature.as_str() {
        "" => config.site.centre.clone(),
        name => name.to_owned(),
    };
    Ok(match config.sms.sender {
        SmsKind::None | SmsKind::Demo => Arc::new(DemoSender::new(sign_name, Arc::clone(clock))),
        SmsKind::Http => {
            let secret = secret(&config.sms.secret_file)?.context("sms.secret_file 没有填写")?;
            let provider = HttpSmsConfig {
                url: config.sms.url.clone(),
                app: config.sms.account.clone(),
                secret,
                sign_name,
                templates: config.sms.templates.clone(),
            };
            Arc::new(HttpSender::new(provider, Arc::clone(clock)).context("短信通道")?)
        }
    })
}

/// Where files over 256 KB lie.
pub(super) fn objects(config: &Config) -> anyhow::Result<Arc<dyn ObjectStore>> {
    let store = DirectoryStore::open(&config.objects)
        .with_context(|| format!("文件目录 {}", config.objects.display()))?;
    Ok(Arc::new(store))
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
