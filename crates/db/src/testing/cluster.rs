//! A throw-away PostgreSQL cluster.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running cluster: trusts everybody on the loopback, with a locale of China (so that a text column without
/// `COLLATE "C"` shows), `fsync` on.
#[derive(Debug)]
pub struct PgServer {
    url: String,
    keeper: Child,
    _dir: tempfile::TempDir,
}

/// Starts the server and stops it when its standard input ends: when the test process is gone, however it went. Nobody
/// drops the one server of a test process, so the keeper takes the folder away as well.
const KEEPER: &str = r#""$@" >"$LOG" 2>&1 </dev/null & server=$!
echo started
read -r _
kill -QUIT $server 2>/dev/null
wait $server 2>/dev/null
rm -rf "$FOLDER""#;

impl PgServer {
    /// Makes a cluster in a temporary folder and starts it on a free port.
    ///
    /// # Errors
    /// What is missing.
    pub(super) fn start() -> Result<Self, String> {
        let bin = binaries()?;
        let dir = tempfile::Builder::new()
            .prefix("baokao-pg")
            .tempdir()
            .map_err(said)?;
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).map_err(said)?;
        let data = dir.path().join("data");
        fs::create_dir(&data).map_err(said)?;
        let user = unprivileged()?;
        if let Some(user) = &user {
            chown(&data, Some(user.uid), Some(user.gid)).map_err(said)?;
        }
        initialise(&bin, &data, user.as_ref())?;
        let port = free_port()?;
        let log = dir.path().join("log");
        let mut server = vec![bin.join("postgres").display().to_string()];
        server.extend(["-D".to_owned(), data.display().to_string()]);
        for setting in [
            format!("port={port}"),
            "listen_addresses=127.0.0.1".to_owned(),
            format!("unix_socket_directories={}", data.display()),
            "max_connections=300".to_owned(),
            "shared_buffers=32MB".to_owned(),
            "fsync=on".to_owned(),
        ] {
            server.extend(["-c".to_owned(), setting]);
        }
        let mut keeper = Command::new("sh");
        keeper
            .args(["-c", KEEPER, "keeper"])
            .args(as_user(user.as_ref(), server));
        keeper.env("LOG", &log).env("FOLDER", dir.path());
        let keeper = keeper
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Or the keeper, which outlives the test for a moment, would hold the test's own.
            .stderr(Stdio::null())
            .spawn()
            .map_err(said)?;
        let server = Self {
            url: format!("postgres://postgres@127.0.0.1:{port}/postgres"),
            keeper,
            _dir: dir,
        };
        server.wait_until_ready(&bin, port).map_err(|problem| {
            format!(
                "{problem}; its log: {}",
                fs::read_to_string(&log).unwrap_or_default()
            )
        })?;
        Ok(server)
    }

    /// The URL of its administrator.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn wait_until_ready(&self, bin: &Path, port: u16) -> Result<(), String> {
        let patience = Instant::now() + Duration::from_secs(60);
        while Instant::now() < patience {
            let ready = Command::new(bin.join("pg_isready"))
                .args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()])
                .status()
                .map_err(said)?;
            if ready.success() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err("the server didn't start within 60 s".to_owned())
    }
}

impl Drop for PgServer {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        drop(self.keeper.wait());
    }
}

/// A user that PostgreSQL agrees to run as.
struct User {
    uid: u32,
    gid: u32,
}

/// PostgreSQL refuses to run as root: then it runs as `postgres`, or else `nobody`.
fn unprivileged() -> Result<Option<User>, String> {
    if fs::metadata("/proc/self").map_err(said)?.uid() != 0 {
        return Ok(None);
    }
    let passwd = fs::read_to_string("/etc/passwd").map_err(said)?;
    let find = |name: &str| {
        let mut fields = passwd
            .lines()
            .map(|line| line.split(':').collect::<Vec<_>>());
        let entry = fields.find(|fields| fields.first() == Some(&name))?;
        Some(User {
            uid: entry.get(2)?.parse().ok()?,
            gid: entry.get(3)?.parse().ok()?,
        })
    };
    find("postgres")
        .or_else(|| find("nobody"))
        .map(Some)
        .ok_or_else(|| "there is neither a user postgres nor nobody".to_owned())
}

fn as_user(user: Option<&User>, command: Vec<String>) -> Vec<String> {
    let Some(user) = user else { return command };
    let mut all = vec!["setpriv".to_owned(), format!("--reuid={}", user.uid)];
    all.extend([format!("--regid={}", user.gid), "--clear-groups".to_owned()]);
    all.extend(command);
    all
}

fn initialise(bin: &Path, data: &Path, user: Option<&User>) -> Result<(), String> {
    let mut args = vec![bin.join("initdb").display().to_string()];
    args.extend(["-D".to_owned(), data.display().to_string()]);
    args.extend(
        [
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
            "--locale=C.UTF-8",
        ]
        .map(str::to_owned),
    );
    args.extend(["--locale-provider=icu", "--icu-locale=zh-CN"].map(str::to_owned));
    let args = as_user(user, args);
    let (program, args) = args.split_first().ok_or("no command")?;
    // Its own folder may be closed to the other user.
    let output = Command::new(program)
        .args(args)
        .current_dir("/")
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "initdb: {}",
        String::from_utf8_lossy(&output.stderr)
    ))
}

/// Debian puts the programs aside, the newest version is taken; elsewhere they are on the PATH.
fn binaries() -> Result<PathBuf, String> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, bin)| bin.join("initdb").exists())
        .collect();
    versions.sort();
    let on_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|folder| folder.join("initdb").exists())
    };
    versions
        .pop()
        .map(|(_, bin)| bin)
        .or_else(on_path)
        .ok_or_else(|| {
            "initdb was found neither in /usr/lib/postgresql/*/bin nor on the PATH".to_owned()
        })
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(said)?;
    Ok(listener.local_addr().map_err(said)?.port())
}

#[expect(clippy::needless_pass_by_value, reason = "used as map_err(said)")]
fn said(error: std::io::Error) -> String {
    error.to_string()
}
