//! `baokao migrate`, `routes`, `invariants`, `audit verify`, `doctor`: what looks and tells.

use std::process::ExitCode;

use anyhow::Context as _;
use app::Ctx;
use app::keys::Standing;
use clap::Subcommand;
use db::backup::Snapshot;
use domain::clock::Clock as _;

use super::TEMPLATE;
use crate::SystemClock;
use crate::config::Config;
use crate::output::out;
use crate::wiring::{self, Opener};

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// 核对每条操作日志的签名和整条链，发现改动或缺失
    #[command(help_template = TEMPLATE)]
    Verify,
}

pub(super) async fn migrate(config: &Config) -> anyhow::Result<()> {
    // Opening makes the folder; migrating needs the file for itself.
    wiring::prepare_folder(config)?;
    let options = wiring::database_options(config)?;
    let at = SystemClock.now().micros();
    let migrated = db::migrate(&options, &app::schema::MIGRATIONS, at)
        .await
        .context("升级数据库")?;
    if let Some(backup) = &migrated.backup {
        out!("升级前的数据库已备份到 {}", backup.display());
    }
    if migrated.applied.is_empty() {
        out!("数据库已是最新");
    } else {
        out!("已升级：{}", migrated.applied.join("、"));
    }
    Ok(())
}

pub(super) async fn migration_status(config: &Config) -> anyhow::Result<ExitCode> {
    let db = wiring::open_database(config).await?;
    let status = db::status(&db, &app::schema::MIGRATIONS)
        .await
        .context("读取数据库版本")?;
    db.close().await;
    out!(
        "数据库第 {} 版，本程序第 {} 版",
        status.applied,
        status.known
    );
    Ok(if status.applied == status.known {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

pub(super) fn routes() -> anyhow::Result<ExitCode> {
    for route in crate::routes::list() {
        out!(
            "{:<5} {:<56} {:<14} {}",
            route.method,
            route.path,
            route.feature,
            route.who
        );
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn invariants(config: &Config) -> anyhow::Result<ExitCode> {
    let keyring = wiring::load_keyring(config)?;
    let options = wiring::database_options(config)?;
    wiring::private_folder(&config.objects)?;
    // A copy of an SQLite file lies beside the objects meanwhile; the server goes on.
    let mut snapshot = Snapshot::take(&options, &config.objects)
        .await
        .context("读取数据库")?;
    let findings = app::invariants::check(&mut snapshot, &keyring, SystemClock.now()).await;
    drop(snapshot);
    let mut broken = 0;
    for finding in findings.context("核对")? {
        let mark = if finding.violations == 0 {
            "正常"
        } else {
            "不符"
        };
        out!(
            "{mark} {:>2} {}：查看 {} 行，不符 {} 行",
            finding.number,
            finding.name,
            finding.examined,
            finding.violations
        );
        for told in &finding.told {
            out!("        {told}");
        }
        broken += finding.violations;
    }
    Ok(if broken == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

pub(super) async fn audit_verify(config: Config) -> anyhow::Result<ExitCode> {
    let opened = Opener::new(config).open().await?;
    let mac = opened.app.audit_mac();
    app::audit::seal_all(&Ctx::system(&opened.app))
        .await
        .context("把最近的日志连入链")?;
    let report = app::audit::verify(opened.app.db(), mac.as_ref(), opened.app.now())
        .await
        .context("核对操作日志")?;
    opened.app.db().clone().close().await;
    out!("核对了 {} 条日志、{} 个链节", report.entries, report.links);
    out!("链尾：{}", report.head);
    out!("请把链尾抄记在别处：以后若链被截断，可以看出来。");
    for violation in &report.violations {
        out!("不符：{violation}");
    }
    Ok(if report.violations.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// One line of what was looked at.
struct Finding {
    good: bool,
    text: String,
}

fn good(text: impl Into<String>) -> Finding {
    Finding {
        good: true,
        text: text.into(),
    }
}

fn bad(text: impl Into<String>) -> Finding {
    Finding {
        good: false,
        text: text.into(),
    }
}

pub(super) async fn doctor(config: &Config) -> anyhow::Result<ExitCode> {
    let mut findings = Vec::new();
    for problem in config.problems() {
        findings.push(bad(problem.text));
    }
    findings.push(good(format!(
        "设置：{}，数据库 {}",
        config.base_url,
        crate::config::without_password(&config.database)
    )));
    let keyring = match wiring::load_keyring(config) {
        Ok(keyring) => {
            findings.push(good(format!(
                "密钥环：编号 {}，第 {} 版",
                keyring.id(),
                keyring.version()
            )));
            Some(keyring)
        }
        Err(error) => {
            findings.push(bad(format!("密钥环：{error:#}")));
            None
        }
    };
    match wiring::open_database(config).await {
        Err(error) => findings.push(bad(format!("数据库：{error:#}"))),
        Ok(db) => {
            database(&db, keyring.as_ref(), &mut findings).await;
            db.close().await;
        }
    }
    findings.push(objects(config));
    for finding in &findings {
        out!(
            "{} {}",
            if finding.good { "正常" } else { "问题" },
            finding.text
        );
    }
    Ok(if findings.iter().all(|finding| finding.good) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn database(db: &db::Db, keyring: Option<&vault::Keyring>, findings: &mut Vec<Finding>) {
    match db::check(db, &app::schema::MIGRATIONS).await {
        Ok(()) => findings.push(good("数据库版本：与本程序相符")),
        Err(error) => {
            findings.push(bad(format!("数据库版本：{error}")));
            return;
        }
    }
    let Some(keyring) = keyring else { return };
    findings.push(match app::keys::standing(db, keyring).await {
        Ok(Standing::Match) => good("密钥核对：相配"),
        Ok(Standing::Fresh) => good("密钥核对：数据库尚未使用"),
        Ok(Standing::Mismatch) => bad("密钥核对：密钥环不是建立这个数据库时的那一份"),
        Err(error) => bad(format!("密钥核对：{error}")),
    });
}

/// Writes and removes a small file where objects go.
fn objects(config: &Config) -> Finding {
    let probe = config.objects.join(".doctor");
    let tried = wiring::private_folder(&config.objects)
        .and_then(|()| std::fs::write(&probe, b"x").context("写入"))
        .and_then(|()| std::fs::remove_file(&probe).context("删除"));
    match tried {
        Ok(()) => good(format!("文件目录：{} 可写", config.objects.display())),
        Err(error) => bad(format!("文件目录 {}：{error:#}", config.objects.display())),
    }
}
