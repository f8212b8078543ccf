//! Whether settings make sense together.

use std::net::IpAddr;
use std::path::Path;

use domain::clock::Clock as _;
use web::client_addr::Range;
use web::kit::BaseUrl;

use super::{BadConfig, Config, SmsKind, Sources};
use crate::SystemClock;

/// Something about the settings that an operator should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The server won't start with it.
    pub fatal: bool,
    /// What is wrong and what to do, in Chinese.
    pub text: String,
}

fn fatal(text: impl Into<String>) -> Problem {
    Problem {
        fatal: true,
        text: text.into(),
    }
}

fn warn(text: impl Into<String>) -> Problem {
    Problem {
        fatal: false,
        text: text.into(),
    }
}

impl Config {
    /// Reads settings and refuses those that the server won't start with.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn load(sources: &Sources) -> Result<Self, BadConfig> {
        let config = Self::read(sources)?;
        let bad: Vec<String> = config
            .problems()
            .into_iter()
            .filter(|problem| problem.fatal)
            .map(|problem| problem.text)
            .collect();
        if bad.is_empty() {
            Ok(config)
        } else {
            Err(BadConfig(bad))
        }
    }

    /// Everything that is wrong or odd.
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        self.check_addresses(&mut found);
        self.check_parts(&mut found);
        self.check_demo(&mut found);
        found
    }

    fn check_addresses(&self, found: &mut Vec<Problem>) {
        if !["sqlite:", "postgres://", "postgresql://"]
            .iter()
            .any(|start| self.database.starts_with(start))
        {
            found.push(fatal("database 应以 sqlite: 或 postgres:// 开头"));
        }
        let base: Option<BaseUrl> = match self.base_url.parse() {
            Ok(base) => Some(base),
            Err(_) => {
                found.push(fatal(format!(
                    "base_url 应是考生输入的网址，例如 https://baoming.example.gov.cn，不带路径；现在是 {:?}",
                    self.base_url
                )));
                None
            }
        };
        if !self.listen.ip().is_loopback() && !self.behind_proxy {
            found.push(fatal(format!(
                "不在本机地址上直接提供明文 HTTP（listen = {}）。请在前面放置 HTTPS 反向代理并设 behind_proxy = true，或改为监听 127.0.0.1",
                self.listen
            )));
        }
        if self.behind_proxy && self.trusted_proxies.is_empty() {
            found.push(warn(
                "behind_proxy 已开启，但没有填写 trusted_proxies：所有访问者看起来来自同一地址，登录限速会误伤他人",
            ));
        }
        for text in &self.trusted_proxies {
            if text.parse::<Range>().is_err() {
                found.push(fatal(format!(
                    "trusted_proxies 里的 {text:?} 不是地址，也不是 10.0.0.0/8 这样的网段"
                )));
            }
        }
        if let Some(base) = base
            && !base.secure()
            && !names_loopback(&self.base_url)
        {
            found.push(warn(
                "base_url 不是 https：登录凭据会明文传输，正式使用必须改为 https 网址",
            ));
        }
    }

    fn check_parts(&self, found: &mut Vec<Problem>) {
        let link = &self.payment.receipt_check_url;
        if !link.is_empty() && !link.starts_with("https://") && !link.starts_with("http://") {
            found.push(fatal(
                "payment.receipt_check_url 应以 https:// 开头，例如财政部门的票据查验网址",
            ));
        }
        if self.sms.sender == SmsKind::Http {
            if !self.sms.url.starts_with("https://") && !names_loopback(&self.sms.url) {
                found.push(fatal("sms.url 应以 https:// 开头"));
            }
            if self.sms.secret_file.as_os_str().is_empty() {
                found.push(fatal("sms.sender = \"http\" 需要 sms.secret_file"));
            }
        }
        for (name, path) in [
            ("database_password_file", &self.database_password_file),
            ("sms.secret_file", &self.sms.secret_file),
            ("metrics.token_file", &self.metrics.token_file),
        ] {
            check_secret(name, path, found);
        }
        let secrets = self.alipay.secrets().into_iter();
        let secrets = secrets.chain(self.wechat.secrets());
        for (name, path) in secrets.chain(self.unionpay.secrets()) {
            check_secret(name, path, found);
        }
        found.extend(crate::wiring::channel_problems(self).into_iter().map(fatal));
        let soon = crate::wiring::ending_certificates(self, SystemClock.now(), 30);
        found.extend(soon.into_iter().map(warn));
        for (name, minutes) in [
            ("session.candidate_minutes", self.session.candidate_minutes),
            ("session.staff_minutes", self.session.staff_minutes),
            (
                "session.candidate_longest_minutes",
                self.session.candidate_longest_minutes,
            ),
            (
                "session.staff_longest_minutes",
                self.session.staff_longest_minutes,
            ),
        ] {
            if !(5..=24 * 60).contains(&minutes) {
                found.push(fatal(format!("{name} 应在 5 到 1440 之间")));
            }
        }
        for (name, count) in [
            ("limits.requests", self.limits.requests),
            ("limits.office_requests", self.limits.office_requests),
            ("limits.connections", self.limits.connections),
            ("limits.database_writers", self.limits.database_writers),
            ("limits.database_readers", self.limits.database_readers),
        ] {
            if count == 0 {
                found.push(fatal(format!("{name} 应大于 0")));
            }
        }
        if crate::logging::filter(&self.log.level).is_none() {
            found.push(fatal(format!("log.level 不认识：{:?}", self.log.level)));
        }
    }

    fn check_demo(&self, found: &mut Vec<Problem>) {
        if !self.simulators.listen.ip().is_loopback() {
            found.push(fatal("simulators.listen 只能是本机地址"));
        }
        let real = [
            self.alipay.is_offered(),
            self.wechat.is_offered(),
            self.unionpay.is_offered(),
        ];
        if self.demo && real.contains(&true) {
            found.push(fatal(
                "演示系统不接真实的支付渠道：请去掉 alipay、wechat、unionpay 的设置",
            ));
        }
        if !self.demo {
            if self.sms.sender == SmsKind::Demo {
                found.push(fatal(
                    "演示短信只用于演示：正式系统请把 sms.sender 改为 http 或 none",
                ));
            }
            return;
        }
        if !self.listen.ip().is_loopback() {
            found.push(fatal(
                "演示系统的账号是公开的，只能监听本机地址（listen = 127.0.0.1:端口）",
            ));
        }
    }
}

/// Does an address name this machine only?
pub(crate) fn names_loopback(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority
            .rsplit_once(':')
            .map_or(authority, |(host, _)| host),
    };
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn check_secret(name: &str, path: &Path, found: &mut Vec<Problem>) {
    if path.as_os_str().is_empty() {
        return;
    }
    match std::fs::metadata(path) {
        Err(error) => found.push(fatal(format!("{name}：读不了 {}：{error}", path.display()))),
        Ok(_metadata) => {
            #[cfg(unix)]
            if std::os::unix::fs::PermissionsExt::mode(&_metadata.permissions()) & 0o077 != 0 {
                found.push(warn(format!(
                    "{name}：{} 可被其他用户读取，请 chmod 600",
                    path.display()
                )));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fatals(config: &Config) -> Vec<String> {
        config
            .problems()
            .into_iter()
            .filter(|p| p.fatal)
            .map(|p| p.text)
            .collect()
    }

    #[test]
    fn the_defaults_start() {
        assert_eq!(fatals(&Config::default()), Vec::<String>::new());
    }

    #[test]
    fn plain_http_off_loopback_is_refused_unless_a_proxy_stands_before_it() {
        let mut config = Config {
            listen: "0.0.0.0:8080".parse().unwrap(),
            ..Config::default()
        };
        assert!(
            fatals(&config)
                .iter()
                .any(|text| text.contains("behind_proxy"))
        );
        config.behind_proxy = true;
        assert_eq!(fatals(&config), Vec::<String>::new());
    }

    #[test]
    fn a_real_system_sends_real_sms_and_a_demonstration_stays_on_this_machine() {
        let mut config = Config::default();
        config.sms.sender = SmsKind::Demo;
        assert_eq!(fatals(&config).len(), 1);
        config.demo = true;
        assert_eq!(fatals(&config), Vec::<String>::new());
        config.listen = "0.0.0.0:8080".parse().unwrap();
        config.behind_proxy = true;
        assert_eq!(fatals(&config).len(), 1);
        config.listen = "127.0.0.1:8080".parse().unwrap();
        config.simulators.listen = "0.0.0.0:8089".parse().unwrap();
        assert_eq!(fatals(&config).len(), 1);
    }

    #[test]
    fn loopback_is_recognised_in_addresses() {
        for url in [
            "http://127.0.0.1:8080",
            "http://localhost",
            "http://[::1]:8080/x",
        ] {
            assert!(names_loopback(url), "{url}");
        }
        for url in [
            "http://example.com",
            "http://127.0.0.1.example.com",
            "http://10.0.0.1:80",
        ] {
            assert!(!names_loopback(url), "{url}");
        }
    }
}
