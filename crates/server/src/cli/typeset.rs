//! `baokao typeset`: tries one ticket template under limits that end it when it goes wrong (`documents::apart` is both ends of
//! the talk). It reads no settings, opens no file but the fallback font, and has no key.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use rustix::process::{Resource, Rlimit, setrlimit};

/// Address space in bytes: typst with our fonts needs a sixth of it.
const MEMORY: u64 = 1536 * 1024 * 1024;
/// Seconds of all cores together: the server, which waits ten of the clock, is sooner unless it is gone itself.
const CPU: u64 = 20;
/// Largest request.
const REQUEST: u64 = 16 * 1024 * 1024;
/// This program, even after an upgrade has put another file in its place.
const OURSELVES: &str = "/proc/self/exe";

/// The program to start.
///
/// # Errors
/// If the system doesn't tell.
pub(crate) fn program() -> anyhow::Result<PathBuf> {
    let ourselves = Path::new(OURSELVES);
    if ourselves.exists() {
        return Ok(ourselves.to_owned());
    }
    std::env::current_exe().context("找不到程序自己的位置")
}

/// Does one errand.
///
/// # Errors
/// When the errand isn't one of ours. What is wrong with the template is in the answer.
pub(super) fn run() -> anyhow::Result<ExitCode> {
    for (resource, most) in [
        (Resource::As, MEMORY),
        (Resource::Cpu, CPU),
        // Nothing is written but the answer, and no memory is left behind for others to read.
        (Resource::Fsize, 0),
        (Resource::Core, 0),
    ] {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit).context("限制资源")?;
    }
    let mut request = Vec::new();
    std::io::stdin()
        .lock()
        .take(REQUEST)
        .read_to_end(&mut request)?;
    let answer = documents::apart::answer(&request).map_err(|error| anyhow::anyhow!(error))?;
    let mut out = std::io::stdout().lock();
    out.write_all(&answer)?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
