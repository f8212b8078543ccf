//! `config print`: the settings as they count, without secrets, and the secrets themselves for who needs them.

use std::path::Path;

use toml::Value;

use super::{BadConfig, Config};

impl Config {
    /// All settings as TOML. A password in the database's address is replaced; secrets in files aren't read at all.
    ///
    /// # Errors
    /// If they can't be written as TOML, which a test excludes.
    pub fn redacted(&self) -> Result<String, BadConfig> {
        let mut table = toml::Table::try_from(self)
            .map_err(|error| BadConfig::one(format!("设置无法写成 TOML：{error}")))?;
        table.insert(
            "database".into(),
            Value::String(without_password(&self.database)),
        );
        toml::to_string_pretty(&table)
            .map_err(|error| BadConfig::one(format!("设置无法写成 TOML：{error}")))
    }

    /// Where the key of backups lies.
    pub fn backup_key_path(&self) -> std::path::PathBuf {
        if !self.backup_key.as_os_str().is_empty() {
            return self.backup_key.clone();
        }
        let mut name = self.keyring.as_os_str().to_owned();
        name.push(".backup");
        name.into()
    }

    /// The database's address with the password from its file, if there is one.
    ///
    /// # Errors
    /// If the file can't be read.
    pub fn database_url(&self) -> Result<String, BadConfig> {
        let Some(password) = secret(&self.database_password_file)? else {
            return Ok(self.database.clone());
        };
        let encoded = encode(&password);
        let Some((scheme, rest)) = self.database.split_once("://") else {
            return Ok(self.database.clone());
        };
        let (user, host) = match rest.split_once('@') {
            Some((user, host)) => (user.split(':').next().unwrap_or_default(), host),
            None => ("postgres", rest),
        };
        Ok(format!("{scheme}://{user}:{encoded}@{host}"))
    }
}

/// The secret in a file, without the line's end; `None` if no file is named.
///
/// # Errors
/// If the file can't be read or is empty.
pub(crate) fn secret(path: &Path) -> Result<Option<String>, BadConfig> {
    if path.as_os_str().is_empty() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(path)
        .map_err(|error| BadConfig::one(format!("读不了密钥文件 {}：{error}", path.display())))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(BadConfig::one(format!(
            "密钥文件 {} 是空的",
            path.display()
        )));
    }
    Ok(Some(text.to_owned()))
}

fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// `postgres://user:***@host/name`, and nothing of a query that may hold one.
pub(crate) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (rest, query) = rest
        .split_once('?')
        .map_or((rest, ""), |(rest, _)| (rest, "?…"));
    let shown = match rest.rsplit_once('@') {
        Some((user, host)) if user.contains(':') => {
            format!("{}:***@{host}", user.split(':').next().unwrap_or_default())
        }
        _ => rest.to_owned(),
    };
    format!("{scheme}://{shown}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_can_be_read_again_and_holds_no_password() {
        let config = Config {
            database: "postgres://baokao:p%40ss@db.example:5432/baokao?password=zwei".into(),
            ..Config::default()
        };
        let text = config.redacted().unwrap();
        assert!(!text.contains("p%40ss") && !text.contains("zwei"), "{text}");
        assert!(text.contains("postgres://baokao:***@db.example:5432/baokao"));
        let again: Config = toml::from_str(&text).unwrap();
        assert_eq!(again.listen, config.listen);
    }

    #[test]
    fn the_password_comes_from_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("password");
        std::fs::write(&path, "p@ss/word\n").unwrap();
        let config = Config {
            database: "postgres://baokao@db/baokao".into(),
            database_password_file: path,
            ..Config::default()
        };
        assert_eq!(
            config.database_url().unwrap(),
            "postgres://baokao:p%40ss%2Fword@db/baokao"
        );
    }
}
