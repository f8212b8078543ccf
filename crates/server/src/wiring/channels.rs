//! What leads out of the process: SMS, the object store, payment channels, the sandbox's cashier.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use domain::clock::Clock;
use gateways::check::{Checks, FileVerifier, Verifier};
use gateways::object::{DirectoryStore, ObjectStore};
use gateways::payment::sandbox;
use gateways::payment::{Channels, Transport, Web};
use gateways::sms::{DemoSender, HttpSender, HttpSmsConfig, SmsSender};
use simulators::sandbox::{Sandbox, SandboxConfig};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

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

/// The sandbox's merchant: us.
pub(crate) const SANDBOX_MERCHANT: &str = "baokao-demo";
/// Where the cashier remembers what was paid, beside the objects.
pub(crate) const SANDBOX_BOOK: &str = "sandbox.json";
/// The sandbox's secret on a demonstration, where no money moves.
const DEMO_SECRET: &str = "a demonstration has no secret";

/// The secret shared with the sandbox.
pub(crate) fn sandbox_secret(config: &Config) -> anyhow::Result<String> {
    Ok(secret(&config.sandbox.secret_file)?.unwrap_or_else(|| DEMO_SECRET.to_owned()))
}

/// The payment channels, in the order of the page of choice.
pub(super) fn payment(
    config: &Config,
    clock: &Arc<dyn Clock>,
    elsewhere: Option<String>,
) -> anyhow::Result<Channels> {
    let web: Arc<dyn Transport> = Arc::new(Web::new().context("支付渠道的网络")?);
    let mut channels = super::payment::real(config, clock, &web)?;
    if let Some(origin) = config.sandbox_origin() {
        let there = sandbox::SandboxConfig {
            base_url: elsewhere.unwrap_or(origin),
            merchant: SANDBOX_MERCHANT.to_owned(),
            secret: sandbox_secret(config)?,
        };
        channels.push(Arc::new(sandbox::Sandbox::new(
            there,
            Arc::clone(clock),
            web,
        )));
    }
    Channels::new(channels, !config.demo).context("支付渠道")
}

/// Starts the sandbox's cashier, if it is offered; it ends with the process.
///
/// # Errors
/// If its port is taken.
pub async fn cashier(
    config: &Config,
    clock: &Arc<dyn Clock>,
    stopped: &watch::Receiver<bool>,
) -> anyhow::Result<Option<JoinHandle<()>>> {
    let Some(origin) = config.sandbox_origin() else {
        return Ok(None);
    };
    let address = config.sandbox.listen;
    let listener = match TcpListener::bind(address).await {
        Ok(listener) => listener,
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(
            "模拟收银台的端口 {} 已被占用，服务没有启动。请换一个：BAOKAO_SANDBOX_LISTEN={}:{}",
            address.port(),
            address.ip(),
            address.port().saturating_add(1)
        ),
        Err(error) => return Err(error).with_context(|| format!("模拟收银台无法监听 {address}")),
    };
    let mut there = SandboxConfig::new(
        origin,
        SANDBOX_MERCHANT,
        sandbox_secret(config)?,
        Arc::clone(clock),
    );
    there.merchant_name.clone_from(&config.site.centre);
    there.book = Some(config.objects.join(SANDBOX_BOOK));
    let simulator = Sandbox::new(there).context("模拟收银台")?;
    let mut stopped = stopped.clone();
    let end = async move {
        if stopped.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    Ok(Some(tokio::spawn(async move {
        if let Err(error) = simulators::sandbox::serve(listener, simulator, end).await {
            tracing::error!(%error, "the sandbox's cashier ended");
        }
    })))
}
