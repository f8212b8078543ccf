//! The other sides of the payment channels on a demonstration: WeChat Pay, Alipay and UnionPay as their protocols are, with keys and
//! books of their own beside the objects.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use domain::clock::Clock;
use gateways::payment::{Channels, Transport};
use simulators::bank::Bank;
use simulators::{Keys, Trio};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::Config;

/// Their codes, in the order in which [`Trio`] takes their banks.
const CODES: [&str; 3] = ["alipay", "wechat", "unionpay"];

/// Where they are found.
fn origin(config: &Config) -> String {
    format!("http://{}", config.simulators.listen)
}

/// Their folder.
fn folder(config: &Config) -> anyhow::Result<PathBuf> {
    let folder = config.objects.join("simulators");
    super::private_folder(&folder)?;
    Ok(folder)
}

/// The keys of both sides; made when they are first asked for.
fn keys(config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<Keys> {
    let path = folder(config)?.join("keys.json");
    match std::fs::read(&path) {
        Ok(bytes) => {
            serde_json::from_slice(&bytes).with_context(|| format!("读取 {}", path.display()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let keys = Keys::generate(clock.now()).context("生成模拟渠道的密钥")?;
            std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&path)
                .and_then(|mut file| file.write_all(&serde_json::to_vec(&keys)?))
                .with_context(|| format!("写入 {}", path.display()))?;
            Ok(keys)
        }
        Err(error) => Err(error).with_context(|| format!("读取 {}", path.display())),
    }
}

/// The merchant's side of them over a transport.
pub(super) fn channels(
    config: &Config,
    clock: &Arc<dyn Clock>,
    transport: &Arc<dyn Transport>,
) -> anyhow::Result<Channels> {
    let gateways = keys(config, clock)?
        .gateways(&origin(config), clock, transport)
        .context("模拟渠道的密钥")?;
    let channels = Channels::new(gateways.to_vec(), false).context("支付渠道")?;
    Ok(channels.with_simulated_sides())
}

/// Channels without a port, for as long as demonstration data is made: their notices stay where they are, their books are
/// [kept](keep_books) at the end.
pub(crate) fn unserved(
    config: &Config,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<(Trio, Channels)> {
    let banks = [0, 1, 2].map(|seed| Bank::new(Arc::clone(clock), seed));
    let trio = Trio::new(&origin(config), keys(config, clock)?, banks).context("模拟渠道的密钥")?;
    let link: Arc<dyn Transport> = Arc::new(trio.link());
    let channels = channels(config, clock, &link)?;
    Ok((trio, channels))
}

/// The channels remember what was paid through them.
pub(crate) fn keep_books(config: &Config, trio: &Trio) -> anyhow::Result<()> {
    for channel in trio.channels() {
        let path = book(config, channel.code())?;
        channel
            .bank()
            .save(&path)
            .with_context(|| format!("写入 {}", path.display()))?;
    }
    Ok(())
}

/// Forgets what was paid through them.
pub(crate) fn drop_books(config: &Config) -> anyhow::Result<()> {
    for code in CODES {
        let _ = std::fs::remove_file(book(config, code)?);
    }
    Ok(())
}

fn book(config: &Config, code: &str) -> anyhow::Result<PathBuf> {
    Ok(folder(config)?.join(format!("{code}.book")))
}

/// Starts them, on a demonstration; they end with the process.
///
/// # Errors
/// If their port is taken, or a book can't be read.
pub async fn cashier(
    config: &Config,
    clock: &Arc<dyn Clock>,
    stopped: &watch::Receiver<bool>,
) -> anyhow::Result<Option<JoinHandle<()>>> {
    if !config.demo {
        return Ok(None);
    }
    let address = config.simulators.listen;
    let listener = match TcpListener::bind(address).await {
        Ok(listener) => listener,
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(
            "模拟收银台的端口 {} 已被占用，服务没有启动。请换一个：BAOKAO_SIMULATORS_LISTEN={}:{}",
            address.port(),
            address.ip(),
            address.port().saturating_add(1)
        ),
        Err(error) => return Err(error).with_context(|| format!("模拟收银台无法监听 {address}")),
    };
    // What a channel draws of its own differs from start to start, as its tokens must.
    let seed = u64::from_le_bytes(clock.now().micros().to_le_bytes());
    let mut banks = Vec::new();
    for (n, code) in (0..).zip(CODES) {
        let path = book(config, code)?;
        let bank = Bank::kept(Arc::clone(clock), seed.wrapping_add(n), &path);
        banks.push(bank.with_context(|| format!("读取 {}", path.display()))?);
    }
    let Ok(banks) = banks.try_into() else {
        bail!("模拟渠道");
    };
    let trio = Trio::new(&origin(config), keys(config, clock)?, banks).context("模拟渠道的密钥")?;
    let payee = config.site.centre.clone();
    let mut stopped = stopped.clone();
    let end = async move {
        if stopped.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    Ok(Some(tokio::spawn(async move {
        if let Err(error) = simulators::serve(listener, trio.channels(), None, &payee, end).await {
            tracing::error!(%error, "the simulated channels ended");
        }
    })))
}
