//! How far roles reach, in a few words: for the list of accounts.

use std::collections::BTreeMap;

use db::Crowd;
use domain::staff::{Permission, Role};

use super::store;
use crate::{Ctx, Result};

/// A role that somebody holds, once however many exams it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRole {
    /// The role.
    pub role: Role,
    /// For which exams and units, in a few words; empty where a role that isn't a reviewer's reaches everywhere.
    pub scope: String,
}

/// Who holds which roles how far, by staff id: one statement for the whole list.
pub(super) async fn roles_of_all(ctx: &Ctx) -> Result<BTreeMap<i64, Vec<HeldRole>>> {
    ctx.allow(Permission::StaffManage)?;
    let rows = store::grants_of_all(&mut ctx.app.db().scan(Crowd::Staff)).await?;
    let mut all: BTreeMap<i64, Vec<HeldRole>> = BTreeMap::new();
    for grants in rows.chunk_by(|a, b| (a.staff_id, &a.role) == (b.staff_id, &b.role)) {
        let Some(first) = grants.first() else {
            continue;
        };
        let Some(role) = Role::parse(&first.role) else {
            continue;
        };
        let scope = scope(role, grants);
        let held = HeldRole { role, scope };
        all.entry(first.staff_id).or_default().push(held);
    }
    Ok(all)
}

/// Units that are told by name.
const UNITS_NAMED: usize = 2;

/// `3 场考试 · 单位：市图书馆、市博物馆 等 5 个`.
fn scope(role: Role, grants: &[store::GrantRow]) -> String {
    let reviews = role.may(Permission::FirstReview) || role.may(Permission::SecondReview);
    let mut exams: Vec<&store::GrantRow> = Vec::new();
    let mut units: Vec<&str> = Vec::new();
    for grant in grants {
        if !exams.iter().any(|known| known.exam_id == grant.exam_id) {
            exams.push(grant);
        }
        if !units.contains(&grant.unit.as_str()) {
            units.push(&grant.unit);
        }
    }
    let everywhere = exams.iter().any(|grant| grant.exam_id == 0);
    let exams = match exams.as_slice() {
        _ if everywhere => "全部考试".to_owned(),
        [only] => only.title.clone(),
        several => format!("{} 场考试", several.len()),
    };
    if units.contains(&"") {
        return if everywhere && !reviews {
            String::new()
        } else {
            exams
        };
    }
    let named: Vec<&str> = units.iter().take(UNITS_NAMED).copied().collect();
    let more = if units.len() > UNITS_NAMED {
        format!(" 等 {} 个", units.len())
    } else {
        String::new()
    };
    format!("{exams} · 单位：{}{more}", named.join("、"))
}
