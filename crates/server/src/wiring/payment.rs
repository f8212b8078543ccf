//! The payment channels of an installation, from its settings.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use domain::clock::Clock;
use domain::time::Timestamp;
use gateways::payment::cert::Cert;
use gateways::payment::keys::{BadKey, SigningKey, VerifyingKey};
use gateways::payment::{PaymentGateway, Transport, alipay, unionpay, wechat};

use crate::config::{self, AlipayDesk, Config, secret};

/// The real channels that the settings name, in the order of the page of choice.
///
/// # Errors
/// With the setting that is wrong, in Chinese; nothing of a key.
pub(super) fn real(
    config: &Config,
    clock: &Arc<dyn Clock>,
    transport: &Arc<dyn Transport>,
) -> anyhow::Result<Vec<Arc<dyn PaymentGateway>>> {
    let with = || (Arc::clone(clock), Arc::clone(transport));
    let mut channels: Vec<Arc<dyn PaymentGateway>> = Vec::new();
    if config.wechat.is_offered() {
        let (clock, transport) = with();
        let settings = wechat_config(&config.wechat)?;
        channels.push(Arc::new(wechat::Wechat::new(settings, clock, transport)));
    }
    if config.alipay.is_offered() {
        let (clock, transport) = with();
        let settings = alipay_config(&config.alipay)?;
        channels.push(Arc::new(alipay::Alipay::new(settings, clock, transport)));
    }
    if config.unionpay.is_offered() {
        let (clock, transport) = with();
        let settings = unionpay_config(&config.unionpay)?;
        channels.push(Arc::new(unionpay::Unionpay::new(
            settings, clock, transport,
        )));
    }
    Ok(channels)
}

/// What is wrong with the channels' settings, each in a sentence.
pub(crate) fn problems(config: &Config) -> Vec<String> {
    let mut found = Vec::new();
    let mut look = |offered: bool, tried: anyhow::Result<()>| {
        if let (true, Err(error)) = (offered, tried) {
            found.push(format!("{error:#}"));
        }
    };
    look(
        config.alipay.is_offered(),
        alipay_config(&config.alipay).map(drop),
    );
    look(
        config.wechat.is_offered(),
        wechat_config(&config.wechat).map(drop),
    );
    look(
        config.unionpay.is_offered(),
        unionpay_config(&config.unionpay).map(drop),
    );
    found
}

/// Certificates of ours and theirs that end within so many days: file and last day.
pub(crate) fn ending(config: &Config, now: Timestamp, days: i64) -> Vec<String> {
    let files = [
        &config.alipay.app_cert_file,
        &config.alipay.alipay_cert_file,
        &config.wechat.certificates_file,
        &config.unionpay.cert_file,
        &config.unionpay.middle_cert_file,
    ];
    let soon = now.plus_days(days);
    let mut ending = Vec::new();
    for path in files {
        let certs = text(path).ok().and_then(|text| Cert::parse_all(&text).ok());
        for cert in certs.unwrap_or_default() {
            if cert.ends_at() < soon {
                ending.push(format!(
                    "{} 里的证书 {} 到期",
                    path.display(),
                    cert.ends_at().date().to_chinese()
                ));
            }
        }
    }
    ending
}

/// A file that isn't secret.
fn text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("读不了 {}", path.display()))
}

fn needed(name: &str, path: &Path) -> anyhow::Result<String> {
    secret(path)?.with_context(|| format!("{name} 没有填写"))
}

fn bad(name: &str) -> impl FnOnce(BadKey) -> anyhow::Error {
    let name = name.to_owned();
    move |bad| anyhow::anyhow!("{name}：{bad}")
}

fn signing(name: &str, path: &Path) -> anyhow::Result<SigningKey> {
    SigningKey::parse(&needed(name, path)?).map_err(bad(name))
}

/// The setting, or what production has.
fn or(setting: &str, production: &str) -> anyhow::Result<String> {
    let url = if setting.is_empty() {
        production
    } else {
        setting
    };
    ensure!(
        url.starts_with("https://") || config::names_loopback(url),
        "渠道地址 {url} 应以 https:// 开头"
    );
    Ok(url.trim_end_matches('/').to_owned())
}

fn filled(name: &str, value: &str) -> anyhow::Result<String> {
    ensure!(!value.is_empty(), "{name} 没有填写");
    Ok(value.to_owned())
}

fn alipay_config(settings: &config::Alipay) -> anyhow::Result<alipay::AlipayConfig> {
    let named = |path: &Path| !path.as_os_str().is_empty();
    let trust = if named(&settings.public_key_file) {
        VerifyingKey::parse(&text(&settings.public_key_file)?)
            .map(alipay::sign::Trust::PublicKey)
            .map_err(bad("alipay.public_key_file"))?
    } else if named(&settings.alipay_cert_file) {
        let (app, root) = (
            text(&settings.app_cert_file)?,
            text(&settings.root_cert_file)?,
        );
        alipay::sign::Trust::certificates(&app, &root, &text(&settings.alipay_cert_file)?).map_err(
            |_| anyhow::anyhow!("支付宝的证书文件不完整，或支付宝公钥证书不是由根证书签发"),
        )?
    } else {
        bail!(
            "支付宝需要 alipay.public_key_file（公钥模式），或 app_cert_file、root_cert_file、alipay_cert_file（证书模式）"
        );
    };
    Ok(alipay::AlipayConfig {
        gateway: or(&settings.gateway, alipay::GATEWAY)?,
        app_id: settings.app_id.clone(),
        seller_id: filled("alipay.seller_id", &settings.seller_id)?,
        key: signing("alipay.key_file", &settings.key_file)?,
        trust,
        desk: match settings.desk {
            AlipayDesk::Code => alipay::Desk::Code,
            AlipayDesk::Page => alipay::Desk::Page,
        },
    })
}

fn wechat_config(settings: &config::Wechat) -> anyhow::Result<wechat::WechatConfig> {
    let mut trust = wechat::sign::Trust::new();
    if !settings.certificates_file.as_os_str().is_empty() {
        trust = trust
            .with_certificates(&text(&settings.certificates_file)?)
            .map_err(bad("wechat.certificates_file"))?;
    }
    if !settings.public_key_file.as_os_str().is_empty() {
        let id = filled("wechat.public_key_id", &settings.public_key_id)?;
        let key = VerifyingKey::parse(&text(&settings.public_key_file)?)
            .map_err(bad("wechat.public_key_file"))?;
        trust = trust.with_key(id, key);
    }
    ensure!(
        !trust.is_empty(),
        "微信支付需要 wechat.public_key_file 和 public_key_id（微信支付公钥），或 certificates_file（平台证书）"
    );
    let account = secret(&settings.app_secret_file)?.map(|secret| wechat::PublicAccount {
        open_host: wechat::OPEN_HOST.to_owned(),
        account_host: wechat::ACCOUNT_HOST.to_owned(),
        secret,
    });
    let api_key = needed("wechat.api_key_file", &settings.api_key_file)?;
    Ok(wechat::WechatConfig {
        host: or(&settings.host, wechat::HOST)?,
        mchid: settings.mchid.clone(),
        appid: filled("wechat.appid", &settings.appid)?,
        key: signing("wechat.key_file", &settings.key_file)?,
        serial: filled("wechat.serial", &settings.serial)?,
        api_key: wechat::sign::ApiKey::parse(&api_key)
            .map_err(|_| anyhow::anyhow!("wechat.api_key_file：APIv3 密钥应为 32 个字符"))?,
        trust,
        account,
    })
}

fn unionpay_config(settings: &config::Unionpay) -> anyhow::Result<unionpay::UnionpayConfig> {
    let key = needed("unionpay.key_file", &settings.key_file)?;
    let identity =
        unionpay::sign::Identity::parse(&key, &text(&settings.cert_file)?).map_err(|_| {
            anyhow::anyhow!("unionpay.key_file 与 cert_file 不是一对 2048 位以上的 RSA 密钥和证书")
        })?;
    let company = match settings.company.as_str() {
        "" => unionpay::sign::COMPANY,
        company => company,
    };
    let trust = unionpay::sign::Trust::parse(
        &text(&settings.root_cert_file)?,
        &text(&settings.middle_cert_file)?,
        company,
    )
    .map_err(|_| anyhow::anyhow!("unionpay.middle_cert_file 不是由 root_cert_file 签发的"))?;
    Ok(unionpay::UnionpayConfig {
        gateway: or(&settings.gateway, unionpay::GATEWAY)?,
        files: or(&settings.files, unionpay::FILES)?,
        mer_id: settings.mer_id.clone(),
        identity,
        trust,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// What makes good settings bad.
    type Spoil<'a> = &'a dyn Fn(&mut Config);

    /// A folder with the files of a merchant, and settings that name them.
    fn merchant() -> (tempfile::TempDir, Config) {
        let now = Timestamp::parse_local("2026-03-18 09:40").unwrap();
        let keys = simulators::Keys::generate(now).unwrap();
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in keys.files().unwrap() {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        let settings = simulators::settings("http://127.0.0.1:8089", dir.path());
        let config = toml::from_str(&settings).unwrap();
        (dir, config)
    }

    #[test]
    fn channels_are_offered_as_the_settings_name_them() {
        let (_dir, config) = merchant();
        assert_eq!(problems(&config), Vec::<String>::new());
        let clock: Arc<dyn Clock> = Arc::new(crate::SystemClock);
        let web: Arc<dyn Transport> = Arc::new(gateways::payment::Web::new().unwrap());
        let codes = |config: &Config| -> Vec<&'static str> {
            let channels = real(config, &clock, &web).unwrap();
            channels.iter().map(|channel| channel.info().code).collect()
        };
        assert_eq!(codes(&config), ["wechat", "alipay", "unionpay"]);
        let mut some = config;
        some.alipay.app_id.clear();
        some.unionpay.mer_id.clear();
        assert_eq!(codes(&some), ["wechat"]);
        some.wechat.mchid.clear();
        assert!(codes(&some).is_empty());
    }

    #[test]
    fn what_is_wrong_is_told_by_its_setting() {
        let (dir, good) = merchant();
        let other = dir.path().join("unionpay.key.pem");
        let broken = dir.path().join("broken.pem");
        std::fs::write(&broken, "not a key").unwrap();
        let cases: [(&str, Spoil<'_>); 12] = [
            ("alipay.seller_id", &|c| {
                c.alipay.seller_id.clear();
            }),
            ("alipay.key_file", &|c| {
                c.alipay.key_file = broken.clone();
            }),
            ("alipay.public_key_file", &|c| {
                c.alipay.public_key_file = broken.clone();
            }),
            ("公钥模式", &|c| {
                c.alipay.public_key_file = Default::default();
            }),
            ("https://", &|c| {
                c.alipay.gateway = "http://pay.example.com".into();
            }),
            ("wechat.serial", &|c| {
                c.wechat.serial.clear();
            }),
            ("32 个字符", &|c| {
                c.wechat.api_key_file = broken.clone();
            }),
            ("wechat.public_key_id", &|c| {
                c.wechat.public_key_id.clear();
            }),
            ("平台证书", &|c| {
                c.wechat.public_key_file = Default::default();
            }),
            ("unionpay.key_file", &|c| {
                c.unionpay.key_file = c.alipay.key_file.clone();
            }),
            ("不是由", &|c| {
                c.unionpay.root_cert_file = c.unionpay.cert_file.clone();
            }),
            ("读不了", &|c| {
                c.unionpay.cert_file = dir.path().join("nowhere");
            }),
        ];
        for (says, spoil) in cases {
            let mut config = good.clone();
            spoil(&mut config);
            let told = problems(&config);
            assert!(
                told.len() == 1 && told[0].contains(says),
                "{says}: {told:?}"
            );
            let secret = std::fs::read_to_string(&other).unwrap();
            let secret = secret.lines().nth(1).unwrap();
            assert!(!told[0].contains(secret));
        }
    }

    #[test]
    fn certificates_that_end_soon_are_told() {
        let (_dir, config) = merchant();
        let now = Timestamp::parse_local("2026-03-18 09:40").unwrap();
        assert!(ending(&config, now, 30).is_empty());
        // The simulators' last ten years.
        let late = ending(&config, now.plus_days(3_640), 30);
        assert_eq!(late.len(), 2, "ours and the middle one: {late:?}");
    }
}
