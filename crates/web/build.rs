//! Packs the static files: own ones from `assets/`, third-party ones from `node_modules` (pinned by
//! `package-lock.json`), each under a name that carries its content's hash, each also gzipped.
//!
//! A page works without any script, so a missing `node_modules` leaves those files out with a warning; `assets::missing`
//! names them, and `make run` and `make test` run `npm ci` first.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

/// (name in the product, path below `node_modules`)
const THIRD_PARTY: &[(&str, &str)] = &[
    ("htmx.js", "htmx.org/dist/htmx.min.js"),
    ("cropper.js", "cropperjs/dist/cropper.min.js"),
    ("cropper.css", "cropperjs/dist/cropper.min.css"),
    ("echarts.js", "echarts/dist/echarts.min.js"),
    ("ed25519.js", "@noble/ed25519/index.js"),
    ("qr.js", "qr/index.js"),
    ("qr-decode.js", "qr/decode.js"),
];

/// (file, what it imports, the file that is meant): a module finds another under its hashed name. The other comes first in
/// [`THIRD_PARTY`].
const REWRITES: &[(&str, &str, &str)] = &[("qr-decode.js", "'./index.js'", "qr.js")];

fn main() -> io::Result<()> {
    let crate_dir = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var("OUT_DIR").unwrap_or_default());
    let modules = env::var("BAOKAO_NODE_MODULES")
        .map_or_else(|_| crate_dir.join("../../node_modules"), PathBuf::from);
    println!("cargo::rerun-if-env-changed=BAOKAO_NODE_MODULES");
    println!("cargo::rerun-if-changed=assets");

    let mut sources = Vec::new();
    let mut own: Vec<PathBuf> = fs::read_dir(crate_dir.join("assets"))?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<io::Result<_>>()?;
    own.sort();
    for path in own {
        if let Some(name) = path.file_name().and_then(|name| name.to_str()) {
            sources.push((name.to_owned(), path.clone()));
        }
    }
    let mut missing = Vec::new();
    for (name, relative) in THIRD_PARTY {
        let path = modules.join(relative);
        println!("cargo::rerun-if-changed={}", path.display());
        if path.is_file() {
            sources.push(((*name).to_owned(), path));
        } else {
            println!("cargo::warning=static file {name} is left out: run `npm ci` first");
            missing.push(*name);
        }
    }

    let mut table = String::from("static FILES: &[File] = &[\n");
    let mut hashed = BTreeMap::new();
    for (name, path) in &sources {
        println!("cargo::rerun-if-changed={}", path.display());
        let content = linked(name, lean(name, fs::read(path)?), &hashed)?;
        let known_as = pack(&out, name, &content, &mut table)?;
        hashed.insert(name.clone(), known_as);
    }
    let _ = writeln!(table, "];\nstatic MISSING: &[&str] = &{missing:?};");
    fs::write(out.join("assets.rs"), table)
}

/// Own scripts and styles without indentation and comment lines: what a phone downloads. Third-party files come packed.
fn lean(name: &str, content: Vec<u8>) -> Vec<u8> {
    let own = matches!(
        name,
        "baokao.js"
            | "baokao.css"
            | "office.js"
            | "office.css"
            | "charts.js"
            | "door.js"
            | "door.css"
            | "door-core.js"
            | "door-eye.js"
            | "door-net.js"
            | "door-store.js"
    );
    match String::from_utf8(content) {
        Ok(text) if own => {
            let lines = text
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty() && !line.starts_with("//"));
            lines.collect::<Vec<_>>().join("\n").into_bytes()
        }
        Ok(text) => text.into_bytes(),
        Err(binary) => binary.into_bytes(),
    }
}

/// A module with its imports under their hashed names.
fn linked(name: &str, content: Vec<u8>, hashed: &BTreeMap<String, String>) -> io::Result<Vec<u8>> {
    let Some((_, import, meant)) = REWRITES.iter().find(|(file, ..)| *file == name) else {
        return Ok(content);
    };
    let text = String::from_utf8(content).map_err(io::Error::other)?;
    // One import, or a later release of the package is built otherwise: then its files are to be looked at anew.
    match hashed.get(*meant) {
        Some(known_as) if text.matches(import).count() == 1 => Ok(text
            .replace(import, &format!("'./{known_as}'"))
            .into_bytes()),
        _ => Err(io::Error::other(format!(
            "{name} doesn't import {import} once"
        ))),
    }
}

/// Writes a file and its gzipped form; the answer is its hashed name.
fn pack(out: &Path, name: &str, content: &[u8], table: &mut String) -> io::Result<String> {
    let digest = Sha256::digest(content);
    let hash: String = digest.iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "bin"));
    let hashed = format!("{stem}.{hash}.{extension}");

    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    let zipped = encoder.finish()?;

    let plain_path = out.join(&hashed);
    let zipped_path = out.join(format!("{hashed}.gz"));
    fs::write(&plain_path, content)?;
    fs::write(&zipped_path, &zipped)?;
    let _ = writeln!(
        table,
        "    File {{ name: {name:?}, url: \"/assets/{hashed}\", etag: \"\\\"{hash}\\\"\", plain: include_bytes!({plain_path:?}), gzip: include_bytes!({zipped_path:?}) }},",
    );
    Ok(hashed)
}
