//! Checks that the compiler can't make: `cargo xtask arch`, `cargo xtask sql FOLDER`.

mod arch;
mod crates;
mod lex;
mod sources;
mod sql;
mod tables;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

const USAGE: &str = "usage: cargo xtask arch          crate direction, SQL in its places, table ownership, file sizes
       cargo xtask sql FOLDER    every statement of the sources against the traces of the tests in FOLDER";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Whether the check found nothing.
fn run() -> Result<bool> {
    let root = root()?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["arch"] => arch::check(&root),
        ["sql", folder] => sql::check(&root, Path::new(folder)),
        _ => bail!("{USAGE}"),
    }
}

/// The workspace, wherever cargo was called. Asked when it runs: clones that share a target folder share this program too, and what was
/// compiled in may be the path of another one.
fn root() -> Result<PathBuf> {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").context("run it as `cargo xtask`")?;
    Ok(Path::new(&here)
        .parent()
        .context("xtask lies in the workspace")?
        .to_owned())
}

/// A line for whoever runs the check.
#[expect(clippy::print_stdout, reason = "this is a tool of the command line")]
fn say(line: &str) {
    println!("{line}");
}
