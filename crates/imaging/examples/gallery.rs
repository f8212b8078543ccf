//! Writes captchas, their sound and drawn portraits to a folder, to be looked at: `cargo run -p imaging --example gallery DIR`.
use std::path::PathBuf;
use std::{env, fs, io};

use imaging::{captcha, drawn};

fn main() -> io::Result<()> {
    let folder = PathBuf::from(env::args_os().nth(1).unwrap_or_else(|| "gallery".into()));
    fs::create_dir_all(&folder)?;
    for n in 0u8..12 {
        let text = captcha::text([n; 32]);
        let seed = [n.wrapping_add(100); 32];
        fs::write(
            folder.join(format!("captcha-{n:02}-{text}.jpg")),
            captcha::picture(&text, seed),
        )?;
        fs::write(
            folder.join(format!("captcha-{n:02}-{text}.wav")),
            captcha::speech(&text, seed),
        )?;
    }
    for n in 0..24 {
        fs::write(
            folder.join(format!("portrait-{n:02}.jpg")),
            drawn::portrait(n),
        )?;
    }
    Ok(())
}
