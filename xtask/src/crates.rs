//! Which crate may use which: left may use right, never back, never sideways.

use std::path::Path;

use anyhow::{Context, Result};

/// What each crate may name among its dependencies. Tests may use `testkit` besides, and the crate itself.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("db", &[]),
    ("imaging", &["domain"]),
    ("vault", &["domain"]),
    ("documents", &["domain"]),
    ("gateways", &["domain"]),
    ("jobs", &["db", "domain"]),
    (
        "app",
        &[
            "jobs",
            "db",
            "vault",
            "gateways",
            "documents",
            "imaging",
            "domain",
        ],
    ),
    ("web", &["app", "vault", "imaging", "domain"]),
    // No `db`: pages have no SQL.
    (
        "candidate",
        &["web", "app", "vault", "documents", "imaging", "domain"],
    ),
    (
        "office",
        &["web", "app", "vault", "documents", "imaging", "domain"],
    ),
    // The channels' other side knows the protocols, and nothing of ours behind them.
    ("simulators", &["gateways", "vault", "domain"]),
    (
        "server",
        &[
            "candidate",
            "office",
            "web",
            "app",
            "jobs",
            "db",
            "vault",
            "gateways",
            "documents",
            "imaging",
            "simulators",
            "domain",
        ],
    ),
    (
        "testkit",
        &[
            "server",
            "candidate",
            "office",
            "web",
            "app",
            "jobs",
            "db",
            "vault",
            "gateways",
            "documents",
            "imaging",
            "simulators",
            "domain",
        ],
    ),
    ("xtask", &[]),
];

/// What is wrong, and how many dependencies were looked at.
pub fn check(root: &Path) -> Result<(Vec<String>, usize)> {
    let mut problems = Vec::new();
    let mut looked_at = 0;
    let mut folders: Vec<_> = std::fs::read_dir(root.join("crates"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("Cargo.toml").exists())
        .collect();
    folders.push(root.join("xtask"));
    folders.sort();
    for folder in folders {
        let name = folder
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default()
            .to_owned();
        let manifest = folder.join("Cargo.toml");
        let text =
            std::fs::read_to_string(&manifest).with_context(|| manifest.display().to_string())?;
        let Some((_, allowed)) = MAY_USE.iter().find(|(known, _)| *known == name) else {
            problems.push(format!(
                "crate {name} is not in the list of xtask/src/crates.rs"
            ));
            continue;
        };
        for (section, dependency) in dependencies(&text) {
            looked_at += 1;
            let in_tests = section == "dev-dependencies";
            let own = MAY_USE.iter().any(|(known, _)| *known == dependency);
            let fine = !own
                || allowed.contains(&dependency.as_str())
                || (in_tests && (dependency == "testkit" || dependency == name));
            if !fine {
                problems.push(format!("{name} may not use {dependency} ({section})"));
            }
        }
    }
    Ok((problems, looked_at))
}

/// Section and name of each dependency of a manifest.
fn dependencies(manifest: &str) -> Vec<(String, String)> {
    let mut section = String::new();
    let mut found = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[') {
            section = header.trim_end_matches(']').to_owned();
            continue;
        }
        let name: String = line
            .chars()
            .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
            .collect();
        if section.ends_with("dependencies") && !name.is_empty() {
            found.push((section.clone(), name));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_read_from_their_sections_only() {
        let manifest = "[package]\nname = \"x\"\n[dependencies]\ndb.workspace = true\n\
            app = { path = \"..\" }\n# no\n[dev-dependencies]\ntestkit.workspace = true\n[lints]\nworkspace = true\n";
        let found: Vec<_> = dependencies(manifest);
        let found: Vec<_> = found
            .iter()
            .map(|(s, n)| (s.as_str(), n.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("dependencies", "db"),
                ("dependencies", "app"),
                ("dev-dependencies", "testkit")
            ]
        );
    }
}
