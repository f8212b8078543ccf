//! Composes the tables that tests and the demonstration import, as exam centres really publish them: a title row, merged
//! two-row headers, cells merged down the employer's column, notes below, full-width digits. Places, employers and
//! telephone numbers are invented.
//!
//! `cargo run -p documents --example position_tables -- crates/server/fixtures` writes them; the same source gives the
//! same cells. The files are committed, so that tests read real workbooks.

mod broken;
mod county;
mod county_posts;
mod sheet;
mod small;

use std::path::PathBuf;

use rust_xlsxwriter::XlsxError;

fn main() -> Result<(), XlsxError> {
    let folder = std::env::args()
        .nth(1)
        .map_or_else(|| PathBuf::from("."), PathBuf::from);
    std::fs::create_dir_all(&folder)?;
    county::recruitment()?.save(folder.join("county-recruitment.xlsx"))?;
    small::direct_interview()?.save(folder.join("direct-interview.xlsx"))?;
    small::civil_service()?.save(folder.join("civil-service.xlsx"))?;
    small::professional()?.save(folder.join("professional-subjects.xlsx"))?;
    small::skills()?.save(folder.join("skills-subjects.xlsx"))?;
    broken::positions()?.save(folder.join("broken-positions.xlsx"))?;
    Ok(())
}
