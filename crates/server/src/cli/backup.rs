//! `baokao backup` and `baokao restore`.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use app::backup::{self, BackupError, Manifest, Place};
use clap::Args;
use domain::clock::Clock as _;
use gateways::object::DirectoryStore;
use vault::SystemEntropy;
use vault::recipient::BackupKey;

use crate::SystemClock;
use crate::config::Config;
use crate::output::out;
use crate::wiring;

#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// 备份写到这个文件（不能已经存在）
    #[arg(value_name = "文件")]
    to: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// 备份文件
    #[arg(value_name = "文件")]
    from: PathBuf,
    /// 只核对备份是否完整，不恢复
    #[arg(long)]
    check: bool,
}

/// The objects' folder and the key of backups.
fn parts(config: &Config) -> anyhow::Result<(DirectoryStore, BackupKey)> {
    let path = config.backup_key_path();
    let key = BackupKey::load(&path).with_context(|| {
        format!(
            "读不了备份密钥 {}；它由 baokao keys init 建立",
            path.display()
        )
    })?;
    let objects = DirectoryStore::open(&config.objects)
        .with_context(|| format!("文件目录 {}", config.objects.display()))?;
    Ok((objects, key))
}

pub(super) async fn backup(args: &BackupArgs, config: &Config) -> anyhow::Result<()> {
    let (objects, key) = parts(config)?;
    let options = wiring::database_options(config)?;
    let place = Place {
        options: &options,
        objects: &objects,
        key: &key,
    };
    let manifest = backup::create(place, &SystemEntropy, SystemClock.now(), &args.to)
        .await
        .map_err(said)?;
    out!("已备份到 {}", args.to.display());
    tell(&manifest);
    out!(
        "备份里没有密钥环：恢复时还需要密钥环 {}。",
        config.keyring.display()
    );
    Ok(())
}

pub(super) async fn restore(args: &RestoreArgs, config: &Config) -> anyhow::Result<()> {
    let (objects, key) = parts(config)?;
    if args.check {
        let manifest = backup::verify(&key, &args.from).map_err(said)?;
        out!("备份完整，可以恢复");
        tell(&manifest);
        return Ok(());
    }
    wiring::prepare_folder(config)?;
    let options = wiring::database_options(config)?;
    let place = Place {
        options: &options,
        objects: &objects,
        key: &key,
    };
    let manifest = backup::restore(place, SystemClock.now(), &args.from)
        .await
        .map_err(said)?;
    out!("已恢复，逐表核对无误");
    tell(&manifest);
    let keyring = wiring::load_keyring(config)?;
    let db = wiring::open_database(config).await?;
    let standing = app::keys::standing(&db, &keyring).await;
    db.close().await;
    if standing.context("核对密钥")? == app::keys::Standing::Mismatch {
        bail!("数据已恢复，但现在的密钥环不是备份时的那一份。请放回原来的密钥环后再启动");
    }
    Ok(())
}

fn tell(manifest: &Manifest) {
    let tables = manifest
        .tables
        .values()
        .filter(|table| table.rows > 0)
        .count();
    let at = domain::time::Timestamp::from_micros(manifest.header.made_at);
    out!(
        "  时间 {}，{} 张表 {} 行，大文件 {} 个",
        at.to_local_second(),
        tables,
        manifest.rows(),
        manifest.objects.len()
    );
    for name in &manifest.missing {
        out!("  缺少文件 {name}");
    }
}

fn said(error: BackupError) -> anyhow::Error {
    anyhow::Error::new(error)
}
