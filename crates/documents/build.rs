//! Brings the two weights of Noto Sans SC from `node_modules` (pinned by `package-lock.json`) into the build.
//!
//! Documents must look the same on every machine, so the fonts travel inside the binary. A font that is missing is an
//! error here and not a page of empty boxes later.

use std::path::{Path, PathBuf};
use std::{env, fs};

const PACKAGE: &str = "@expo-google-fonts/noto-sans-sc";
/// (path below the package, name in the build folder)
const FONTS: [(&str, &str); 2] = [
    ("400Regular/NotoSansSC_400Regular.ttf", "regular.ttf"),
    ("700Bold/NotoSansSC_700Bold.ttf", "bold.ttf"),
];
/// A TrueType file of this family is about 10 MiB; anything much smaller is a broken download.
const SMALLEST: usize = 5_000_000;

fn main() {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    println!("cargo::rerun-if-env-changed=BAOKAO_NODE_MODULES");
    let modules = env::var_os("BAOKAO_NODE_MODULES")
        .map_or_else(|| here.join("../../node_modules"), PathBuf::from);
    for (relative, name) in FONTS {
        let path = modules.join(PACKAGE).join(relative);
        println!("cargo::rerun-if-changed={}", path.display());
        if let Err(reason) = bring(&path, &out.join(name)) {
            println!(
                "cargo::error=font {} {reason}: run `make assets` (npm ci) first",
                path.display()
            );
        }
    }
}

fn bring(from: &Path, to: &Path) -> Result<(), String> {
    let font = fs::read(from).map_err(|error| format!("cannot be read ({error})"))?;
    // The signature of a TrueType file: a licence page saved under the font's name is refused here.
    if font.len() < SMALLEST || !font.starts_with(&[0, 1, 0, 0]) {
        return Err("is not a whole TrueType font".to_owned());
    }
    fs::write(to, font).map_err(|error| format!("cannot be copied ({error})"))
}
