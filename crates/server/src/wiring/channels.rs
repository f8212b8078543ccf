//! What leads out of the process: SMS, the object store, payment channels.

use std::sync::Arc;

use anyhow::Context as _;
use domain::clock::Clock;
use gateways::check::{Checks, FileVerifier, Verifier};
use gateways::object::{DirectoryStore, ObjectStore};
use gateways::payment::{Channels, Transport, Web};
use gateways::sms::{DemoSender, HttpSender, HttpSmsConfig, SmsSender};

use crate::config::{CheckKind, Config, SmsKind, secret};

/// Where SMS go, and where they are shown on a demonstration.
#[derive(Debug)]
pub(super) struct Sms {
    pub(super) sender: Arc<dyn SmsSender>,
    pub(super) shown: Option<DemoSender>,
}

/// Where SMS go.
pub(super) fn sms(config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<Sms> {
    let sign_name = match config.sms.signature.as_str() {
        "" => config.site.centre.clone(),
        name => name.to_owned(),
    };
    Ok(match config.sms.sender {
        SmsKind::None | SmsKind::Demo => {
            let shown = DemoSender::new(sign_name, Arc::clone(clock));
            Sms {
                sender: Arc::new(shown.clone()),
                shown: Some(shown),
            }
        }
        SmsKind::Http => {
            let secret = secret(&config.sms.secret_file)?.context("sms.secret_file 没有填写")?;
            let provider = HttpSmsConfig {
                url: config.sms.url.clone(),
                app: config.sms.account.clone(),
                secret,
                sign_name,
                templates: config.sms.templates.clone(),
            };
            let sender = HttpSender::new(provider, Arc::clone(clock)).context("短信通道")?;
            Sms {
                sender: Arc::new(sender),
                shown: None,
            }
        }
    })
}

/// Who is asked about identities and educations.
pub(super) fn checks(config: &Config) -> Checks {
    // A demonstration shows the lists whatever the settings say.
    let of = |kind: CheckKind| -> Option<Arc<dyn Verifier>> {
        match kind {
            CheckKind::None if !config.demo => None,
            CheckKind::None | CheckKind::File => Some(Arc::new(FileVerifier)),
        }
    };
    Checks {
        identity: of(config.checks.identity),
        education: of(config.checks.education),
    }
}

/// Where files over 256 KB lie.
pub(super) fn objects(config: &Config) -> anyhow::Result<Arc<dyn ObjectStore>> {
    let store = DirectoryStore::open(&config.objects)
        .with_context(|| format!("文件目录 {}", config.objects.display()))?;
    Ok(Arc::new(store))
}

/// The payment channels, in the order of the page of choice.
pub(super) fn payment(config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<Channels> {
    let web: Arc<dyn Transport> = Arc::new(Web::new().context("支付渠道的网络")?);
    if config.demo {
        return super::simulated::channels(config, clock, &web);
    }
    let channels = super::payment::real(config, clock, &web)?;
    Channels::new(channels, true).context("支付渠道")
}
