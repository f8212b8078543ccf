//! 老考生档案: passes carried over from earlier years, a file for each exam.
//!
//! The officer imports it: rows are staged under a version, looked at, and count from the moment that `carried_current` points
//! to them. Import states: `staging → staged → current → replaced | retracted`, or `discarded` before. Nothing that a candidate
//! submitted changes with it: an application keeps what the file said (its snapshot), and [`differs`] lists those about whom
//! the file says something else now. Asked by `application` when a level is chosen and when it is saved.

mod differs;
mod import;
mod list;
mod store;
pub(crate) mod wipe_store;

pub(crate) use differs::now;
pub use differs::{Differs, differs};
pub use import::{confirm, discard, retract, upload};
pub use list::{Entry, Figures, Filter, by_number, entries, export, figures, imports, problems};
pub(crate) use store::entry_erase;
pub use store::{ImportRow, ProblemRow};

use domain::exam::carried::{Carried, Lookup, Unchecked};
use domain::staff::Permission;

use crate::exam::Exam;
use crate::{App, Ctx, Error, Result};

/// What the file says about somebody, and which file it was.
#[derive(Debug, Clone)]
pub struct Found {
    /// `carried_import.id`; 0 for none.
    pub import_id: i64,
    /// Its version; 0 for none.
    pub version: u32,
    /// Changes when anything that it says about him does; empty: it says nothing.
    pub seal: String,
    /// The answer.
    pub lookup: Lookup,
}

/// Asks the exam's file about the holder of an account. An exam whose levels carry nothing over isn't asked.
pub async fn lookup(app: &App, exam: &Exam, account_id: i64) -> Result<Found> {
    let none = |why| Found {
        import_id: 0,
        version: 0,
        seal: String::new(),
        lookup: why,
    };
    let no_file = none(Lookup::Unchecked(Unchecked::NoFile));
    if exam.settings.levels.is_unset() {
        return Ok(no_file);
    }
    let mut read = app.db().read();
    let Some((import_id, version)) = store::current(&mut read, exam.id()).await? else {
        return Ok(no_file);
    };
    let version = u32::try_from(version).map_err(|_| Error::inconsistent("carried_import"))?;
    let rows = store::entries_of(&mut read, import_id, account_id).await?;
    let found = Found {
        import_id,
        version,
        ..none(Lookup::NotFound)
    };
    let Some(first) = rows.first() else {
        return Ok(found);
    };
    let seal = first.seal.clone();
    let lookup = if rows.iter().any(|row| row.name != row.account_name) {
        Lookup::Unchecked(Unchecked::NameDiffers)
    } else {
        let carried = rows
            .iter()
            .map(store::OwnRow::carried)
            .collect::<Result<Vec<Carried>>>()?;
        Lookup::Found(carried)
    };
    Ok(Found {
        seal,
        lookup,
        ..found
    })
}

/// Whether an exam can have such a file: its levels are set.
pub fn belongs_to(exam: &Exam) -> bool {
    !exam.has_positions() && !exam.settings.levels.is_unset()
}

/// Officers of the exam and auditors look at the file; reviewers see what it says about an applicant on his application.
///
/// # Errors
/// `Forbidden`.
pub fn may_look(ctx: &Ctx, exam: &Exam) -> Result<()> {
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")
        .or_else(|_| ctx.allow_for(Permission::AuditView, exam.id(), ""))
}
