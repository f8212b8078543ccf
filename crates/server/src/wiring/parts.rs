//! Opens what the settings name and joins it to an application.

use std::num::NonZero;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use app::keys::Standing;
use app::{App, Parts, Policy};
use db::Db;
use domain::clock::Clock;
use gateways::payment::Channels;
use gateways::sms::DemoSender;
use vault::{Entropy, Keyring, SystemEntropy};

use crate::clock::SystemClock;
use crate::config::{Config, SmsKind};

/// What commands work with.
#[derive(Debug)]
pub struct Opened {
    /// The settings.
    pub config: Config,
    /// The application.
    pub app: App,
    /// The keys.
    pub keyring: Keyring,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Where SMS are shown instead of sent.
    pub sms: Option<DemoSender>,
}

/// How a command opens the database.
#[derive(Debug)]
pub struct Opener {
    config: Config,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    cost: vault::password::Cost,
    durability: db::Durability,
    /// Other payment channels than the settings'.
    channels: Option<Channels>,
}

impl Opener {
    /// With the system's clock and randomness.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            cost: vault::password::Cost::standard(),
            durability: db::Durability::Full,
            channels: None,
        }
    }

    /// With another clock: demonstration data is made in the past.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// With other randomness: demonstration data is the same each time.
    #[must_use]
    pub fn entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.entropy = entropy;
        self
    }

    /// Without waiting for the disk: for a database that is made anew if the load breaks off.
    #[must_use]
    pub fn undurable(mut self) -> Self {
        self.durability = db::Durability::Off;
        self
    }

    /// With other payment channels than the settings'.
    #[must_use]
    pub fn channels(mut self, channels: Channels) -> Self {
        self.channels = Some(channels);
        self
    }

    /// With passwords that cost nothing to hash: demonstration accounts, hashed anew at their first login.
    #[must_use]
    pub fn cheap_passwords(mut self) -> Self {
        self.cost = vault::password::Cost::cheap_for_tests();
        self
    }

    /// Opens keys and database and wires the application. A database that lacks a migration, or was made under
    /// another keyring, is refused; a fresh one is bound to the keyring.
    ///
    /// # Errors
    /// With what to do, in Chinese.
    pub async fn open(self) -> anyhow::Result<Opened> {
        let Self {
            config,
            clock,
            entropy,
            cost,
            durability,
            channels,
        } = self;
        let channels = match channels {
            Some(channels) => channels,
            None => super::channels::payment(&config, &clock)?,
        };
        let keyring = load_keyring(&config)?;
        let db = open_with(
            &config,
            db::Options {
                durability,
                ..database_options(&config)?
            },
        )
        .await?;
        db::check(&db, &app::schema::MIGRATIONS)
            .await
            .context("数据库版本")?;
        if app::keys::bind(&db, &keyring, clock.now())
            .await
            .context("核对密钥")?
            == Standing::Mismatch
        {
            bail!(
                "密钥环 {}（编号 {}）不是建立这个数据库时用的那一份。请换回原来的密钥环文件；没有它，数据无法读取",
                config.keyring.display(),
                keyring.id()
            );
        }
        let sms = super::channels::sms(&config, &clock)?;
        let app = App::new(Parts {
            db,
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
            cipher: Arc::new(keyring.field_cipher()),
            index: Arc::new(keyring.blind_index()),
            mac: Arc::new(keyring.audit_mac()),
            sealer: Arc::new(keyring.sealer()),
            ticket_keys: Arc::new(keyring.ticket_keys()),
            passwords: password_pool(&config, cost, &entropy)?,
            sms: sms.sender,
            objects: super::channels::objects(&config)?,
            channels,
            site_url: config.base_url.trim_end_matches('/').to_owned(),
            policy: policy(&config),
        });
        Ok(Opened {
            config,
            app,
            keyring,
            clock,
            entropy,
            sms: sms.shown,
        })
    }
}

/// The keyring, with what to do if there is none.
///
/// # Errors
/// As [`Keyring::load`].
pub fn load_keyring(config: &Config) -> anyhow::Result<Keyring> {
    Keyring::load(&config.keyring).map_err(|error| match error {
        vault::KeyringError::Missing(path) => anyhow::anyhow!(
            "没有找到密钥环 {}。第一次安装请运行 baokao keys init；已有数据的，请放回原来的密钥环文件",
            path.display()
        ),
        vault::KeyringError::TooOpen { path, mode } => anyhow::anyhow!(
            "密钥环 {} 可被其他用户读取（权限 {mode:o}），请运行 chmod 600 {}",
            path.display(),
            path.display()
        ),
        other => anyhow::Error::new(other).context("读取密钥环"),
    })
}

/// The database that the settings name, not yet checked.
///
/// # Errors
/// If it can't be reached, or another server holds the file.
pub async fn open_database(config: &Config) -> anyhow::Result<Db> {
    open_with(config, database_options(config)?).await
}

async fn open_with(config: &Config, options: db::Options) -> anyhow::Result<Db> {
    prepare_folder(config)?;
    Db::open(options).await.with_context(|| {
        format!(
            "打不开数据库 {}",
            crate::config::without_password(&config.database)
        )
    })
}

/// How the settings say that the database is opened.
///
/// # Errors
/// If the password's file can't be read.
pub fn database_options(config: &Config) -> anyhow::Result<db::Options> {
    Ok(db::Options {
        readers: config.limits.database_readers,
        writers: config.limits.database_writers,
        ..db::Options::new(config.database_url()?)
    })
}

/// An SQLite database's folder is made, for its owner only.
pub(crate) fn prepare_folder(config: &Config) -> anyhow::Result<()> {
    let Some(path) = config.database.strip_prefix("sqlite:") else {
        return Ok(());
    };
    let path = std::path::Path::new(path.strip_prefix("//").unwrap_or(path));
    match path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty() && !parent.exists())
    {
        Some(parent) => private_folder(parent),
        None => Ok(()),
    }
}

/// Makes a folder that only its owner may enter.
pub(crate) fn private_folder(path: &std::path::Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("无法建立目录 {}", path.display()))
}

fn password_pool(
    config: &Config,
    cost: vault::password::Cost,
    entropy: &Arc<dyn Entropy>,
) -> anyhow::Result<vault::password::Pool> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let threads = match config.limits.password_threads {
        0 => cores.saturating_sub(1).max(1),
        threads => threads,
    };
    let waiting = config.limits.password_queue.div_ceil(threads).max(1);
    vault::password::Pool::with_threads(cost, Arc::clone(entropy), threads, waiting)
        .context("密码线程")
}

/// The operator's decisions.
fn policy(config: &Config) -> Policy {
    Policy {
        sms: config.sms.sender != SmsKind::None,
        candidate_session: config.session.candidate_minutes * 60,
        staff_session: config.session.staff_minutes * 60,
        candidate_longest: config.session.candidate_longest_minutes * 60,
        staff_longest: config.session.staff_longest_minutes * 60,
        checks: super::channels::checks(config),
        receipt_check: config.payment.receipt_check_url.clone(),
        ticket_cache: config.ticket_cache,
        ..Policy::default()
    }
}
