//! `baokao-simulators`: WeChat Pay, Alipay and UnionPay beside an installation that is being set up or tried, on this machine only.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use clap::{Parser, Subcommand};
use domain::clock::Clock;
use simulators::{ForwardClock, Keys, Trio, serve};
use tokio::net::TcpListener;

/// 支付渠道的模拟对端：微信支付、支付宝、银联。只用于试装和测试，不会发生真实扣款。
#[derive(Debug, Parser)]
#[command(name = "baokao-simulators", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 启动三个渠道，直到 Ctrl+C。
    Serve {
        /// 监听地址，只能是本机。
        #[arg(long, default_value = "127.0.0.1:8089")]
        listen: SocketAddr,
        /// 存放密钥和账本的目录；第一次启动时生成商户的密钥文件。
        #[arg(long, default_value = "simulators")]
        dir: PathBuf,
        /// 随机种子：设定的故障按它发生。
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// 收银台上的收款方。
        #[arg(long, default_value = "报考系统试装")]
        payee: String,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Cli {
        command:
            Command::Serve {
                listen,
                dir,
                seed,
                payee,
            },
    } = Cli::parse();
    ensure!(listen.ip().is_loopback(), "只能监听本机地址");
    private_folder(&dir)?;
    let forward = Arc::new(ForwardClock::default());
    let clock: Arc<dyn Clock> = Arc::clone(&forward) as Arc<dyn Clock>;
    let path = dir.join("keys.json");
    let keys =
        Keys::kept(&path, clock.now()).with_context(|| format!("密钥 {}", path.display()))?;
    for (name, text) in keys.files().context("密钥")? {
        private_file(&dir.join(name), text.as_bytes())?;
    }
    let origin = format!("http://{listen}");
    let settings = simulators::settings(&origin, &dir);
    let trio = Trio::kept(&origin, keys, &clock, (&dir, seed))
        .with_context(|| format!("账本 {}", dir.display()))?;
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("无法监听 {listen}"))?;
    say(&format!(
        "模拟渠道已启动：{origin}，按 Ctrl+C 停止。把下面的设置加到 baokao.toml：\n\n{settings}"
    ))?;
    let stopped = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    serve(listener, trio.channels(), Some(forward), &payee, stopped)
        .await
        .context("监听套接字出错")
}

fn say(text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    writeln!(std::io::stdout().lock(), "{text}").context("标准输出")
}

fn private_folder(dir: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .with_context(|| format!("无法建立目录 {}", dir.display()))
}

fn private_file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(bytes))
        .with_context(|| format!("写入 {}", path.display()))
}
