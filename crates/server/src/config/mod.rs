//! The operator's settings: one TOML file, every key overridable by the environment, an unknown key is an error, secrets
//! lie in files of their own.
//!
//! | Where | How |
//! |---|---|
//! | file | `--config FILE`, else `BAOKAO_CONFIG`, else `baokao.toml` here, else `/etc/baokao/baokao.toml`, else only defaults |
//! | environment | `BAOKAO_LISTEN`; for a key in a section both names: `BAOKAO_SITE_PHONE` |
//! | secrets | keys that end in `_file` name a file that holds the secret |
//!
//! [`Config::load`] reads and checks all of it before anything is opened.

mod channels;
mod check;
mod load;
mod print;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use web::Site;

pub use channels::{Alipay, AlipayDesk, Unionpay, Wechat};
pub use check::Problem;
pub(crate) use check::names_loopback;
pub use load::{BadConfig, Sources};
pub(crate) use print::{secret, without_password};

/// Everything that an operator can set.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `sqlite:path/to/file` or `postgres://user@host/name`: all that changes between the two.
    pub database: String,
    /// A file that holds the PostgreSQL password; empty if the address holds one or none is needed.
    pub database_password_file: PathBuf,
    /// The keyring's file. Never inside a backup.
    pub keyring: PathBuf,
    /// The key that backups are sealed to; beside the keyring (`….backup`) if empty. Keep it apart from the backups.
    pub backup_key: PathBuf,
    /// The folder for encrypted files over 256 KB.
    pub objects: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The address that people type. Cookies, redirects and the Host check follow it.
    pub base_url: String,
    /// A reverse proxy ends TLS in front of us: plain HTTP may be served on an address other than loopback.
    pub behind_proxy: bool,
    /// Proxies whose `X-Forwarded-For` is believed: addresses or ranges.
    pub trusted_proxies: Vec<String>,
    /// A demonstration: made-up candidates, simulated payment channels, staff accounts that are printed. Never for real exams.
    pub demo: bool,
    /// Tickets are set before candidates come for them, and kept until three days after printing ends: about 80 KB each in
    /// `objects`. Off: each is set when it is asked for.
    pub ticket_cache: bool,
    /// What every page says about the operator.
    pub site: Site,
    /// SMS.
    pub sms: Sms,
    /// 实名核验 and 学历核验.
    pub checks: Checks,
    /// Payment.
    pub payment: Payment,
    /// 支付宝.
    pub alipay: Alipay,
    /// 微信支付.
    pub wechat: Wechat,
    /// 银联.
    pub unionpay: Unionpay,
    /// The other side of the payment channels, on a demonstration.
    pub simulators: Simulators,
    /// How long people stay logged in.
    pub session: Session,
    /// Background work.
    pub jobs: Jobs,
    /// Bounds on what is done at once.
    pub limits: Limits,
    /// Logs.
    pub log: Log,
    /// Figures for monitoring.
    pub metrics: Metrics,
}

/// How SMS are sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sms {
    /// `none`, `demo` (shown on a page, demonstrations only) or `http` (a signed request to the operator's gateway).
    pub sender: SmsKind,
    /// For `http`: where requests go.
    pub url: String,
    /// For `http`: who we are.
    pub account: String,
    /// For `http`: a file that holds the signing secret.
    pub secret_file: PathBuf,
    /// The name in 【】 before each text; the centre's if empty.
    pub signature: String,
    /// For `http`: our template's name → the provider's code; `"*" = ""` sends names as they are.
    pub templates: BTreeMap<String, String>,
}

/// Who is asked whether a person and an education are on record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Checks {
    /// 实名核验.
    pub identity: CheckKind,
    /// 学历核验.
    pub education: CheckKind,
}

/// The ways to ask.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    /// Nobody; exams can't ask for it.
    #[default]
    None,
    /// A list goes to the authority and comes back with its answers.
    File,
}

/// The kinds of SMS senders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmsKind {
    /// No SMS: mobiles aren't verified at sign-up.
    None,
    /// Messages show on a page; demonstrations only.
    Demo,
    /// A signed HTTP request for each message.
    Http,
}

/// Payment.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Payment {
    /// Who receives the money, as receipts name it; the organiser if empty.
    pub payee: String,
    /// Where anybody checks a fiscal e-receipt (财政电子票据查验), shown to candidates; empty for nowhere.
    pub receipt_check_url: String,
}

/// The simulated other sides of the payment channels, on a demonstration.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Simulators {
    /// Where they listen: loopback only. `serve` starts them with itself.
    pub listen: SocketAddr,
}

/// How long a session lasts: without a request, and at most.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Session {
    /// A candidate's, in minutes.
    pub candidate_minutes: i64,
    /// A member of staff's, in minutes.
    pub staff_minutes: i64,
    /// A candidate's after the login however much it is used, in minutes.
    pub candidate_longest_minutes: i64,
    /// A member of staff's after the login however much it is used, in minutes.
    pub staff_longest_minutes: i64,
}

/// Background work.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Jobs {
    /// `serve` does the jobs too. Switch it off where `worker` processes do them.
    pub in_serve: bool,
}

/// Bounds. Zero takes what suits the machine.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Requests worked on at once.
    pub requests: usize,
    /// Requests worked on at once that only the office may use.
    pub office_requests: usize,
    /// Connections open at once.
    pub connections: usize,
    /// Threads that hash passwords.
    pub password_threads: usize,
    /// Logins that may wait for such a thread.
    pub password_queue: usize,
    /// Database connections for commands (PostgreSQL).
    pub database_writers: usize,
    /// Database connections for look-ups.
    pub database_readers: usize,
}

/// Logs. They hold no personal data, whatever the level.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `text` for people, `json` for machines.
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug`, or parts apart: `info,access=warn`.
    pub level: String,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Figures for monitoring at `/metrics`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Metrics {
    /// A file that holds the bearer token; without it `/metrics` answers only this machine.
    pub token_file: PathBuf,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database: "sqlite:data/baokao.db".into(),
            database_password_file: PathBuf::new(),
            keyring: "data/keyring".into(),
            backup_key: PathBuf::new(),
            objects: "data/objects".into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            base_url: "http://127.0.0.1:8080".into(),
            behind_proxy: false,
            trusted_proxies: Vec::new(),
            demo: false,
            ticket_cache: true,
            site: Site::default(),
            sms: Sms::default(),
            checks: Checks::default(),
            payment: Payment::default(),
            alipay: Alipay::default(),
            wechat: Wechat::default(),
            unionpay: Unionpay::default(),
            simulators: Simulators::default(),
            session: Session::default(),
            jobs: Jobs::default(),
            limits: Limits::default(),
            log: Log::default(),
            metrics: Metrics::default(),
        }
    }
}

impl Default for Sms {
    fn default() -> Self {
        Self {
            sender: SmsKind::None,
            url: String::new(),
            account: String::new(),
            secret_file: PathBuf::new(),
            signature: String::new(),
            templates: BTreeMap::new(),
        }
    }
}

impl Default for Simulators {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8089)),
        }
    }
}

impl Default for Session {
    fn default() -> Self {
        Self {
            candidate_minutes: 120,
            staff_minutes: 480,
            candidate_longest_minutes: 24 * 60,
            staff_longest_minutes: 12 * 60,
        }
    }
}

impl Default for Jobs {
    fn default() -> Self {
        Self { in_serve: true }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let web = web::kit::Limits::default();
        Self {
            requests: web.requests,
            office_requests: web.office_requests,
            connections: web.connections,
            password_threads: 0,
            password_queue: 256,
            database_writers: 16,
            database_readers: 8,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            level: "info".into(),
        }
    }
}
