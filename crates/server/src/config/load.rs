//! Reads the file, lays the environment over it, and makes a [`Config`] of it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use toml::{Table, Value};

use super::Config;

/// What starts the name of a variable that overrides a key.
const PREFIX: &str = "BAOKAO_";
/// Variables of the scripts and tests that are no keys.
const NOT_KEYS: [&str; 6] = [
    "BAOKAO_CONFIG",
    "BAOKAO_CACHE",
    "BAOKAO_TOOLS",
    "BAOKAO_TEST_PG",
    "BAOKAO_BIN",
    "BAOKAO_SQL_TRACE",
];

/// Settings that can't be used, each with what to do about it.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct BadConfig(pub Vec<String>);

impl BadConfig {
    pub(super) fn one(text: impl Into<String>) -> Self {
        Self(vec![text.into()])
    }
}

/// Where settings come from.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The file named on the command line.
    pub file: Option<PathBuf>,
    /// The environment, or what a test puts in its place.
    pub env: Vec<(String, String)>,
}

impl Sources {
    /// The process's environment and the file of the command line.
    pub fn of_process(file: Option<PathBuf>) -> Self {
        let env = std::env::vars_os()
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(key, _)| key.starts_with(PREFIX))
            .collect();
        Self { file, env }
    }

    /// The file that is read; `None` if there is none and only defaults and the environment count.
    pub fn path(&self) -> Option<PathBuf> {
        if let Some(path) = &self.file {
            return Some(path.clone());
        }
        if let Some((_, path)) = self.env.iter().find(|(key, _)| key == "BAOKAO_CONFIG") {
            return Some(path.into());
        }
        ["baokao.toml", "/etc/baokao/baokao.toml"]
            .into_iter()
            .map(PathBuf::from)
            .find(|path| path.exists())
    }
}

impl Config {
    /// Reads settings without judging whether they make sense together: [`Config::problems`] does.
    ///
    /// # Errors
    /// A file that can't be read, an unknown key, a value of the wrong kind: all of them at once, in Chinese.
    pub fn read(sources: &Sources) -> Result<Self, BadConfig> {
        let schema = schema()?;
        let mut bad = Vec::new();
        let mut table = match sources.path() {
            Some(path) => read_file(&path)?,
            None => Table::new(),
        };
        unknown_keys(&table, &schema, "", &mut bad);
        for (name, text) in &sources.env {
            if NOT_KEYS.contains(&name.as_str()) {
                continue;
            }
            if let Err(problem) = put(&mut table, &schema, name, text) {
                bad.push(problem);
            }
        }
        if !bad.is_empty() {
            return Err(BadConfig(bad));
        }
        // Value by value, so that one wrong value is named with its key.
        Self::deserialize(Value::Table(table))
            .map_err(|error| BadConfig::one(explain(&error.to_string())))
    }
}

/// Every key with a value of its kind: the defaults.
pub(super) fn schema() -> Result<Table, BadConfig> {
    Table::try_from(Config::default())
        .map_err(|error| BadConfig::one(format!("默认设置无法写成 TOML：{error}")))
}

fn read_file(path: &Path) -> Result<Table, BadConfig> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| BadConfig::one(format!("读不了配置文件 {}：{error}", path.display())))?;
    text.parse::<Table>()
        .map_err(|error| BadConfig::one(format!("配置文件 {} 写法有误：{error}", path.display())))
}

fn unknown_keys(table: &Table, schema: &Table, above: &str, bad: &mut Vec<String>) {
    for (key, value) in table {
        let full = if above.is_empty() {
            key.clone()
        } else {
            format!("{above}.{key}")
        };
        match (schema.get(key), value) {
            (None, _) => {
                let known: Vec<&str> = schema.keys().map(String::as_str).collect();
                let mut text = format!("配置里没有“{full}”这一项");
                match nearest(key, &known) {
                    Some(near) => {
                        let _ = write!(text, "，是不是“{near}”？");
                    }
                    None => {
                        let _ = write!(text, "。这一层可用的项：{}", known.join("、"));
                    }
                }
                bad.push(text);
            }
            // An empty one is a map: its keys are the operator's.
            (Some(Value::Table(inner)), Value::Table(_)) if inner.is_empty() => {}
            (Some(Value::Table(inner)), Value::Table(given)) => {
                unknown_keys(given, inner, &full, bad);
            }
            (Some(Value::Table(_)), _) => bad.push(format!("“{full}”是一节，应写成 [{full}]")),
            (Some(_), _) => {}
        }
    }
}

/// The known key that differs in at most two letters.
fn nearest<'a>(key: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|other| (distance(key, other), *other))
        .filter(|(d, _)| *d <= 2)
        .min()
        .map(|(_, other)| other)
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut last = i;
        let mut left = i + 1;
        for (j, y) in b.iter().enumerate() {
            let above = row.get(j + 1).copied().unwrap_or(usize::MAX / 2);
            let best = (last + usize::from(x != *y)).min(above + 1).min(left + 1);
            last = above;
            left = best;
            if let Some(cell) = row.get_mut(j + 1) {
                *cell = best;
            }
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

/// The path of the key whose sections and name, joined by `_`, spell the variable. A test excludes that two keys do.
fn path_of(schema: &Table, spelled: &str) -> Option<Vec<String>> {
    schema.iter().find_map(|(key, value)| {
        let rest = spelled.strip_prefix(key.as_str())?;
        match value {
            Value::Table(inner) if !inner.is_empty() => {
                let mut path = path_of(inner, rest.strip_prefix('_')?)?;
                path.insert(0, key.clone());
                Some(path)
            }
            _ => rest.is_empty().then(|| vec![key.clone()]),
        }
    })
}

/// Lays one variable over the file's table.
fn put(table: &mut Table, schema: &Table, name: &str, text: &str) -> Result<(), String> {
    let unknown = || format!("环境变量 {name} 不对应任何配置项");
    let spelled = name
        .strip_prefix(PREFIX)
        .unwrap_or(name)
        .to_ascii_lowercase();
    let path = path_of(schema, &spelled).ok_or_else(unknown)?;
    let (last, sections) = path.split_last().ok_or_else(unknown)?;
    let mut kinds = schema;
    let mut target = table;
    for section in sections {
        kinds = kinds
            .get(section)
            .and_then(Value::as_table)
            .ok_or_else(unknown)?;
        target = target
            .entry(section.clone())
            .or_insert_with(|| Value::Table(Table::new()))
            .as_table_mut()
            .ok_or_else(unknown)?;
    }
    let kind = kinds.get(last).ok_or_else(unknown)?;
    let value = typed(kind, text).map_err(|expected| format!("环境变量 {name} 应是{expected}"))?;
    target.insert(last.clone(), value);
    Ok(())
}

/// The variable's text as a value of the key's kind.
fn typed(kind: &Value, text: &str) -> Result<Value, &'static str> {
    match kind {
        Value::Boolean(_) => match text {
            "true" | "1" | "yes" => Ok(Value::Boolean(true)),
            "false" | "0" | "no" => Ok(Value::Boolean(false)),
            _ => Err(" true 或 false"),
        },
        Value::Integer(_) => text.parse().map(Value::Integer).map_err(|_| "整数"),
        Value::Array(_) if text.trim_start().starts_with('[') => format!("value = {text}")
            .parse::<Table>()
            .ok()
            .and_then(|mut table| table.remove("value"))
            .ok_or(" TOML 数组"),
        Value::Array(_) => Ok(Value::Array(
            text.split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(|item| Value::String(item.to_owned()))
                .collect(),
        )),
        Value::Table(_) => {
            let table = format!("value = {text}").parse::<Table>().ok();
            table
                .and_then(|mut table| table.remove("value"))
                .ok_or(" TOML 表")
        }
        Value::String(_) | Value::Float(_) | Value::Datetime(_) => {
            Ok(Value::String(text.to_owned()))
        }
    }
}

/// serde's own message, introduced; it names the key and never repeats a secret, since no secret is a value here.
fn explain(message: &str) -> String {
    format!("配置的值不对：{}", message.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> Sources {
        let env = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        Sources {
            file: Some("/dev/null".into()),
            env,
        }
    }

    fn file(text: &str) -> Result<Config, BadConfig> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("baokao.toml");
        std::fs::write(&path, text).unwrap();
        Config::read(&Sources {
            file: Some(path),
            env: Vec::new(),
        })
    }

    #[test]
    fn every_key_can_be_set_by_the_environment() {
        fn walk(table: &Table, above: &str, names: &mut Vec<(String, Value)>) {
            for (key, value) in table {
                let name = format!("{above}{}", key.to_uppercase());
                match value {
                    Value::Table(inner) if !inner.is_empty() => {
                        walk(inner, &format!("{name}_"), names);
                    }
                    other => names.push((name, other.clone())),
                }
            }
        }
        let mut names = Vec::new();
        walk(&schema().unwrap(), PREFIX, &mut names);
        assert!(names.len() > 30, "{names:?}");
        let mut unique: Vec<_> = names.iter().map(|(name, _)| name).collect();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), names.len(), "two keys share a variable");
        for (name, value) in names {
            let text = match &value {
                Value::String(text) => text.clone(),
                Value::Array(_) => String::new(),
                Value::Table(_) => "{}".to_owned(),
                other => other.to_string(),
            };
            Config::read(&env(&[(&name, &text)])).unwrap_or_else(|e| panic!("{name}={text}: {e}"));
        }
    }

    #[test]
    fn a_variable_wins_over_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("baokao.toml");
        std::fs::write(&path, "listen = '127.0.0.1:1'\n[site]\ncentre = '甲'\n").unwrap();
        let mut sources = env(&[
            ("BAOKAO_LISTEN", "127.0.0.1:2"),
            ("BAOKAO_SITE_PHONE", "12345"),
        ]);
        sources.file = Some(path);
        let config = Config::read(&sources).unwrap();
        assert_eq!(config.listen.port(), 2);
        assert_eq!(
            (config.site.centre.as_str(), config.site.phone.as_str()),
            ("甲", "12345")
        );
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_the_nearest() {
        let error = file("listn = '127.0.0.1:1'\n[site]\nfoo = 1\n")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("listn") && error.contains("“listen”"),
            "{error}"
        );
        assert!(error.contains("site.foo"), "{error}");
        let error = Config::read(&env(&[("BAOKAO_LISTN", "x")]))
            .unwrap_err()
            .to_string();
        assert!(error.contains("BAOKAO_LISTN"), "{error}");
        assert!(Config::read(&env(&[("BAOKAO_TEST_PG", "postgres://x")])).is_ok());
    }

    #[test]
    fn lists_come_with_commas_or_as_toml() {
        let config =
            Config::read(&env(&[("BAOKAO_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")])).unwrap();
        assert_eq!(config.trusted_proxies, ["127.0.0.1", "10.0.0.0/8"]);
        let links = r#"[{ text = "人社局", url = "https://example.gov.cn" }]"#;
        let config = Config::read(&env(&[("BAOKAO_SITE_LINKS", links)])).unwrap();
        assert_eq!(config.site.links.len(), 1);
    }

    #[test]
    fn a_value_of_the_wrong_kind_names_its_key() {
        let error = file("behind_proxy = 'ja'\n").unwrap_err().to_string();
        assert!(
            error.contains("behind_proxy") || error.contains("boolean"),
            "{error}"
        );
        let error = Config::read(&env(&[("BAOKAO_DEMO", "maybe")]))
            .unwrap_err()
            .to_string();
        assert!(error.contains("BAOKAO_DEMO"), "{error}");
    }
}
