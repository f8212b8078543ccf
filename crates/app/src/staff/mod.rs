//! The people of the office: accounts, roles with their scope, login with a second factor.
//!
//! A role holds for an exam (or all) and a unit (or all). Every use case asks [`crate::Ctx::allow`] itself; pages that hide a button
//! only spare a click. Nobody is locked out by another's failed tries: delays grow and end.

mod desk;
mod desk_store;
mod export;
pub mod factor;
mod login;
mod manage;
mod outcome;
mod outcome_store;
mod reach;
pub mod saved;
mod saved_store;
mod store;
mod totp;
pub(crate) mod wipe_store;

pub(crate) use desk::Waits;
pub use desk::{ExamFigures, Figures, Work, figures, forget_waiting, waiting, waiting_lately};
pub use desk_store::{Held, RunningExam};
pub use export::{export, filtered};
pub use login::{
    Enrollment, HalfLogin, Reset, StaffLogin, Step, begin, change_own_password, change_password,
    complete, enroll, enrollment, enrollment_again, last_reset, qr, step,
};
pub use manage::{
    NewStaff, Profile, change, create, disable, enable, exams_to_choose, find, held, list, own,
    problems, reset, unlock,
};
pub use outcome::{DAYS as OUTCOME_DAYS, OutcomeRow, outcomes};
pub use reach::HeldRole;
pub use store::StaffListRow;

use domain::staff::{Permission, Role};

use crate::{App, Ctx, Error, Result};

/// What the list of accounts is narrowed to, and its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StaffFilter {
    /// A state's code; empty for all.
    pub state: String,
    /// A role's code; empty for all.
    pub role: String,
    /// Turned round: who doesn't hold that role.
    pub other: bool,
    /// A part of a user name, a name or a unit.
    pub typed: String,
    /// `username`, `name`, `unit` or `login`.
    pub by: String,
    /// The last first.
    pub descends: bool,
}

/// A role and how far it reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The exam, 0 for every exam.
    pub exam_id: i64,
    /// The employer or department, empty for every unit.
    pub unit: String,
}

/// Everything one member of staff may do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grants(pub Vec<Grant>);

impl Grants {
    /// May he do this anywhere at all? Decides what the menu shows.
    pub fn any(&self, permission: Permission) -> bool {
        self.0.iter().any(|grant| grant.role.may(permission))
    }

    /// May he do this on that exam, for that unit?
    pub fn allows(&self, permission: Permission, exam_id: i64, unit: &str) -> bool {
        self.0.iter().any(|grant| {
            grant.role.may(permission)
                && (grant.exam_id == 0 || grant.exam_id == exam_id)
                && (grant.unit.is_empty() || grant.unit == unit)
        })
    }

    /// The units that a list of this exam is narrowed to; `None` if every unit may be seen.
    pub fn units(&self, permission: Permission, exam_id: i64) -> Option<Vec<&str>> {
        let mut units = Vec::new();
        for grant in &self.0 {
            if grant.role.may(permission) && (grant.exam_id == 0 || grant.exam_id == exam_id) {
                if grant.unit.is_empty() {
                    return None;
                }
                units.push(grant.unit.as_str());
            }
        }
        Some(units)
    }

    /// The exams that a list is narrowed to; `None` if every exam may be seen.
    pub fn exams(&self, permission: Permission) -> Option<Vec<i64>> {
        let mut exams = Vec::new();
        for grant in &self.0 {
            if grant.role.may(permission) {
                if grant.exam_id == 0 {
                    return None;
                }
                exams.push(grant.exam_id);
            }
        }
        Some(exams)
    }
}

impl Ctx {
    /// Passes if the asker may do this for every exam and unit, `Forbidden` otherwise. The system may.
    pub fn allow(&self, permission: Permission) -> Result<()> {
        self.allow_for(permission, 0, "")
    }

    /// Passes if the asker may do this on that exam, for that unit.
    pub fn allow_for(&self, permission: Permission, exam_id: i64, unit: &str) -> Result<()> {
        match &self.actor {
            crate::Actor::System => Ok(()),
            crate::Actor::Staff(staff) if staff.grants.allows(permission, exam_id, unit) => Ok(()),
            _ => Err(Error::Forbidden),
        }
    }
}

/// The name of a colleague, for whoever works here; empty for nobody.
pub async fn name_of(ctx: &Ctx, staff_id: i64) -> Result<String> {
    ctx.staff()?;
    let row = store::staff_by_id(&mut ctx.app.db().read(), staff_id).await?;
    Ok(row.map_or_else(String::new, |row| row.name))
}

/// Somebody who works here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    /// `staff.id`.
    pub id: i64,
    /// As addresses name him.
    pub public_id: String,
    /// His name.
    pub name: String,
}

/// Everybody who may do something for every exam and unit, by name, for who may do it himself.
///
/// # Errors
/// `Forbidden` to who may not.
pub(crate) async fn colleagues(ctx: &Ctx, permission: Permission) -> Result<Vec<Colleague>> {
    ctx.allow(permission)?;
    let rows = store::working(&mut ctx.app.db().scan(db::Crowd::Staff)).await?;
    let mut all: Vec<Colleague> = Vec::new();
    for (id, public_id, name, role) in rows {
        let may = Role::parse(&role).is_some_and(|role| role.may(permission));
        if may && all.last().is_none_or(|last| last.id != id) {
            all.push(Colleague {
                id,
                public_id,
                name,
            });
        }
    }
    Ok(all)
}

/// What a member of staff may do now.
pub async fn grants(app: &App, staff_id: i64) -> Result<Grants> {
    let rows = store::grants_of(&mut app.db().read(), staff_id).await?;
    rows.into_iter()
        .map(|(role, exam_id, unit)| {
            let role = Role::parse(&role).ok_or(Error::inconsistent("staff_grant.role"))?;
            Ok(Grant {
                role,
                exam_id,
                unit,
            })
        })
        .collect::<Result<Vec<_>>>()
        .map(Grants)
}
