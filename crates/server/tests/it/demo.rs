//! `baokao demo` as an operator runs it: the binary, settings from the environment, a database of its own.

use std::path::Path;
use std::process::{Command, Output};

/// The commands over one database and one folder.
struct Shell<'a> {
    database: String,
    folder: &'a Path,
}

impl Shell<'_> {
    fn run(&self, demo: bool, arguments: &[&str]) -> Output {
        let file = |name: &str| self.folder.join(name);
        Command::new(env!("CARGO_BIN_EXE_baokao"))
            .args(arguments)
            .current_dir(self.folder)
            .env("BAOKAO_DATABASE", &self.database)
            .env("BAOKAO_KEYRING", file("keyring"))
            .env("BAOKAO_OBJECTS", file("objects"))
            .env("BAOKAO_LISTEN", "127.0.0.1:0")
            .env("BAOKAO_BASE_URL", "http://127.0.0.1:8080")
            .env("BAOKAO_DEMO", if demo { "true" } else { "false" })
            .env("BAOKAO_LOG_LEVEL", "warn")
            .output()
            .expect("the binary runs")
    }

    /// What it said, if it went well.
    fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(true, arguments);
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        said(&output)
    }

    /// What it said, if it refused.
    fn no(&self, demo: bool, arguments: &[&str]) -> String {
        let output = self.run(demo, arguments);
        assert!(!output.status.success(), "{arguments:?}: {}", said(&output));
        said(&output)
    }
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

fn a_demonstration_is_loaded_once_breaks_nothing_and_is_never_served_as_real(
    database: impl FnOnce(&Path) -> String,
) {
    let folder = tempfile::tempdir().unwrap();
    let shell = Shell {
        database: database(folder.path()),
        folder: folder.path(),
    };
    shell.ok(&["keys", "init"]);
    shell.ok(&["migrate"]);
    assert!(shell.no(true, &["demo", "status"]).contains("没有演示数据"));
    // An empty database isn't wiped: it might be a real one.
    assert!(shell.no(true, &["demo", "wipe"]).contains("不是演示数据"));
    let loaded = shell.ok(&["demo", "load", "--candidates", "20"]);
    assert!(loaded.contains("20 名考生"), "{loaded}");
    assert!(shell.ok(&["demo", "status"]).contains("已载入"));
    assert!(shell.no(true, &["demo", "load"]).contains("已经有演示数据"));
    // It came about by the use cases, so it breaks no rule.
    shell.ok(&["invariants"]);
    assert!(shell.no(false, &["serve"]).contains("不能当正式系统使用"));
    assert!(shell.ok(&["demo", "wipe"]).contains("已清除"));
    assert!(shell.no(true, &["demo", "status"]).contains("没有演示数据"));
}

mod on {
    use super::a_demonstration_is_loaded_once_breaks_nothing_and_is_never_served_as_real as body;

    #[test]
    fn sqlite() {
        body(|folder| format!("sqlite:{}", folder.join("baokao.db").display()));
    }

    #[test]
    fn postgres() {
        body(|_| db::testing::fresh_database());
    }
}
