//! The other sides of the payment channels on a demonstration: WeChat Pay, Alipay and UnionPay as their protocols are, with keys and
//! books of their own beside the objects.

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
    Keys::kept(&path, clock.now()).with_context(|| format!("模拟渠道的密钥 {}", path.display()))
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
    let folder = folder(config)?;
    trio.save(&folder)
        .with_context(|| format!("写入 {}", folder.display()))
}

/// Forgets what was paid through them.
pub(crate) fn drop_books(config: &Config) -> anyhow::Result<()> {
    Trio::forget(&folder(config)?);
    Ok(())
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
    let folder = folder(config)?;
    let trio = Trio::kept(
        &origin(config),
        keys(config, clock)?,
        clock,
        (&folder, seed),
    )
    .with_context(|| format!("模拟渠道的账本 {}", folder.display()))?;
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
