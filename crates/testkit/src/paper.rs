//! Papers read back as a phone reads them.

use std::process::Command;

/// What the bar and QR codes on the first page of a PDF say; `None` on a machine without poppler's and zbar's tools
/// (`make test` installs them for the journey).
pub fn codes_of(pdf: &[u8]) -> Option<Vec<String>> {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, page) = (folder.path().join("page.pdf"), folder.path().join("page"));
    std::fs::write(&file, pdf).expect("a file");
    let drawn = Command::new("pdftoppm")
        .args(["-r", "200", "-gray", "-png", "-singlefile"])
        .args([&file, &page])
        .status()
        .ok()?;
    assert!(drawn.success(), "a page is drawn");
    let read = Command::new("zbarimg")
        .args(["--quiet", "--raw"])
        .arg(page.with_extension("png"))
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&read.stdout);
    Some(text.lines().map(str::to_owned).collect())
}
