//! `baokao serve` and `baokao worker`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use app::App;
use app::ticket::template::Limits;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use web::Kit;

use crate::config::{self, Config};
use crate::demo::DemoDesk;
use crate::wiring::{self, DrawnArt, KitSeal, KitSettings, Opened, Opener};

/// How often the public notices are read anew for what other processes changed.
const BOARD_REFRESH: Duration = Duration::from_secs(60);

/// Serves until a signal to stop.
///
/// # Errors
/// With what to do, in Chinese.
pub async fn serve(config: Config, jobs: bool) -> anyhow::Result<()> {
    // The port first: a clear answer before anything is opened.
    let listener = listen(config.listen).await?;
    let opened = Opener::new(config).open().await?;
    let demo = crate::demo::guard(&opened).await?;
    if let Some(token) = config::secret(&opened.config.metrics.token_file)? {
        crate::health::protect_metrics(token);
    }
    let Opened {
        config, app, clock, ..
    } = &opened;
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        wait_for_signal().await;
        stop.send_replace(true);
    });
    let cashier = wiring::cashier(config, clock, &stopped).await?;

    app.set_typesetter(&crate::cli::typeset::program()?, Limits::default());
    app.board().reload(app).await.context("读取公告")?;
    // In memory before the first visitor: the portal then stands without the database.
    app::exam::public_list(app).await.context("读取考试")?;
    let kit = kit(&opened)?;
    let desk = opened.sms.clone().filter(|_| demo).map(|sms| DemoDesk {
        app: app.clone(),
        sms,
    });
    let router = crate::routes::service(app, &kit, desk);
    let running = if jobs {
        Some(crate::jobs::runner(app, clock)?.start())
    } else {
        None
    };
    let refreshing = tokio::spawn(refresh_board(app.clone()));
    if demo {
        crate::demo::print_welcome(&opened).await?;
    } else {
        crate::output::out!("服务已启动：{}", config.base_url);
    }
    tracing::info!(listen = %config.listen, jobs, "serving");

    let limits = kit.parts().limits.clone();
    let served = web::serve::serve(listener, router, &limits, until(stopped)).await;
    refreshing.abort();
    if let Some(running) = running {
        running.stop().await;
    }
    if let Some(cashier) = cashier {
        cashier.abort();
    }
    app.db().clone().close().await;
    tracing::info!("stopped");
    served.context("监听套接字出错")
}

/// Does jobs only, until a signal to stop.
///
/// # Errors
/// With what to do, in Chinese.
pub async fn worker(config: Config) -> anyhow::Result<()> {
    if config.database.starts_with("sqlite:") {
        bail!(
            "SQLite 数据库只允许一个进程使用：serve 已经兼做后台任务，不需要 worker。多进程请改用 PostgreSQL"
        );
    }
    let opened = Opener::new(config).open().await?;
    let running = crate::jobs::runner(&opened.app, &opened.clock)?.start();
    tracing::info!("working");
    wait_for_signal().await;
    running.stop().await;
    opened.app.db().clone().close().await;
    tracing::info!("stopped");
    Ok(())
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(
            "端口 {} 已被占用，服务没有启动。\n请关闭占用它的程序，或换一个端口：BAOKAO_LISTEN={}:{}",
            address.port(),
            address.ip(),
            address.port().saturating_add(1)
        ),
        Err(error) => Err(error).with_context(|| format!("无法监听 {address}")),
    }
}

/// The web kit as the settings say.
fn kit(opened: &Opened) -> anyhow::Result<Kit> {
    let Opened {
        config,
        app,
        keyring,
        clock,
        entropy,
        ..
    } = opened;
    let proxies = config
        .trusted_proxies
        .iter()
        .filter(|_| config.behind_proxy)
        .map(|text| text.parse())
        .collect::<Result<_, _>>()
        .context("trusted_proxies")?;
    let limits = web::kit::Limits {
        requests: config.limits.requests,
        office_requests: config.limits.office_requests,
        connections: config.limits.connections,
        ..web::kit::Limits::default()
    };
    let settings = KitSettings {
        site: config.site.clone(),
        base_url: config.base_url.parse().context("base_url")?,
        clock: Arc::clone(clock),
        entropy: Arc::clone(entropy),
        csrf_key: web::csrf::Key::new(keyring.derived("csrf")),
        seal: KitSeal {
            sealer: Arc::new(keyring.sealer()),
            entropy: Arc::clone(entropy),
        },
        captcha: Arc::new(DrawnArt(Arc::clone(entropy))),
        limits,
        proxies,
    };
    Ok(wiring::kit(app, settings))
}

/// Keeps the public notices in memory fresh.
async fn refresh_board(app: App) {
    loop {
        let changed = app::announcement::Board::changed(&app);
        tokio::select! {
            () = changed => {}
            () = tokio::time::sleep(BOARD_REFRESH) => {}
        }
        if let Err(error) = app.board().reload(&app).await {
            tracing::warn!(%error, "the notices weren't read anew");
        }
    }
}

async fn until(mut stopped: watch::Receiver<bool>) {
    if stopped.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn wait_for_signal() {
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
