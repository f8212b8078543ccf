//! `baokao keys`.

use anyhow::{Context as _, bail};
use app::keys::Standing;
use clap::Subcommand;
use vault::recipient::BackupKey;
use vault::{Keyring, SystemEntropy};

use super::TEMPLATE;
use crate::config::Config;
use crate::output::out;
use crate::wiring;

#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// 建立新的密钥环（绝不覆盖已有的）
    #[command(help_template = TEMPLATE)]
    Init,
    /// 核对密钥环与数据库是否相配
    #[command(help_template = TEMPLATE)]
    Check,
    /// 加入新一版密钥；旧的保留，旧数据仍可读
    #[command(help_template = TEMPLATE)]
    Rotate,
}

pub(super) async fn run(command: KeysCommand, config: &Config) -> anyhow::Result<()> {
    match command {
        KeysCommand::Init => init(config),
        KeysCommand::Check => check(config).await,
        KeysCommand::Rotate => rotate(config),
    }
}

fn init(config: &Config) -> anyhow::Result<()> {
    if let Some(parent) = config
        .keyring
        .parent()
        .filter(|p| !p.as_os_str().is_empty() && !p.exists())
    {
        wiring::private_folder(parent)?;
    }
    let keyring = Keyring::init(&config.keyring, &SystemEntropy).map_err(|error| match error {
        vault::KeyringError::Exists(path) => {
            anyhow::anyhow!(
                "密钥环 {} 已经存在，没有改动。密钥环绝不覆盖",
                path.display()
            )
        }
        other => anyhow::Error::new(other).context("建立密钥环"),
    })?;
    out!(
        "已建立密钥环 {}，编号 {}",
        config.keyring.display(),
        keyring.id()
    );
    let backup_key = config.backup_key_path();
    if !backup_key.exists() {
        BackupKey::init(&backup_key, &SystemEntropy).context("建立备份密钥")?;
        out!("已建立备份密钥 {}", backup_key.display());
    }
    out!("没有它们就读不了数据库和备份。请各复制两份，分别放在安全的地方，不要和备份放在一起。");
    Ok(())
}

async fn check(config: &Config) -> anyhow::Result<()> {
    let keyring = wiring::load_keyring(config)?;
    out!(
        "密钥环 {}，编号 {}，第 {} 版",
        config.keyring.display(),
        keyring.id(),
        keyring.version()
    );
    let db = wiring::open_database(config).await?;
    let standing = app::keys::standing(&db, &keyring)
        .await
        .context("读取数据库的密钥标记")?;
    db.close().await;
    match standing {
        Standing::Match => out!("与数据库相配"),
        Standing::Fresh => out!("数据库还没有使用过，首次启动时会与这个密钥环绑定"),
        Standing::Mismatch => bail!("与数据库不相配：请换回建立数据库时的密钥环"),
    }
    Ok(())
}

fn rotate(config: &Config) -> anyhow::Result<()> {
    let keyring = Keyring::rotate_file(&config.keyring, &SystemEntropy).context("轮换密钥")?;
    out!(
        "密钥环 {} 已加入第 {} 版密钥",
        config.keyring.display(),
        keyring.version()
    );
    out!("请重启所有 baokao 进程，并更新密钥环的副本。旧密钥仍在其中，请勿删除。");
    Ok(())
}
