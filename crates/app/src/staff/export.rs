//! The accounts of the staff as a file: who holds which roles, never a secret.

use domain::sheet::Cell;
use serde_json::json;

use super::manage::list;
use super::reach::{HeldRole, roles_of_all};
use super::{StaffFilter, StaffListRow};
use crate::copy::{Copied, Format, Listing, second, take};
use crate::{Ctx, Object, Result};

/// The accounts under a filter.
///
/// # Errors
/// `Forbidden`.
pub async fn export(ctx: &Ctx, filter: &StaffFilter, format: Format) -> Result<Copied> {
    take(ctx, &Accounts(filter), format).await
}

/// The accounts under a filter in its order, each with its roles; and all of them, for the tabs' counts.
///
/// # Errors
/// `Forbidden`.
pub async fn filtered(
    ctx: &Ctx,
    filter: &StaffFilter,
) -> Result<(Vec<(StaffListRow, Vec<HeldRole>)>, Vec<StaffListRow>)> {
    let all = list(ctx).await?;
    let roles = roles_of_all(ctx).await?;
    let wanted = filter.typed.trim().to_lowercase();
    let held = |staff: i64| roles.get(&staff).cloned().unwrap_or_default();
    let mut rows: Vec<(StaffListRow, Vec<HeldRole>)> = all
        .iter()
        .filter(|row| filter.state.is_empty() || row.state == filter.state)
        .filter(|row| {
            wanted.is_empty()
                || row.username.contains(&wanted)
                || row.name.to_lowercase().contains(&wanted)
                || row.unit.to_lowercase().contains(&wanted)
        })
        .map(|row| (row.clone(), held(row.id)))
        .filter(|(_, held)| {
            let holds = held.iter().any(|one| one.role.code() == filter.role);
            filter.role.is_empty() || holds != filter.other
        })
        .collect();
    match filter.by.as_str() {
        "name" => rows.sort_by(|a, b| a.0.name.cmp(&b.0.name)),
        "unit" => rows.sort_by(|a, b| a.0.unit.cmp(&b.0.unit)),
        "login" => rows.sort_by_key(|(row, _)| row.last_login_at.unwrap_or(0)),
        _ => {}
    }
    if filter.descends {
        rows.reverse();
    }
    Ok((rows, all))
}

struct Accounts<'a>(&'a StaffFilter);

impl Listing for Accounts<'_> {
    type Row = (StaffListRow, Vec<HeldRole>);
    type Place = ();
    const NAME: &'static str = "工作人员账号";
    const ACTION: &'static str = "staff.export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("用户名", 16.0),
        ("姓名", 12.0),
        ("单位", 28.0),
        ("角色", 48.0),
        ("验证器", 10.0),
        ("上次登录", 20.0),
        ("状态", 14.0),
    ];

    fn object(&self) -> Object {
        Object {
            kind: "staff",
            id: 0,
            exam_id: 0,
        }
    }

    fn filter(&self) -> serde_json::Value {
        json!({
            "state": self.0.state, "role": self.0.role, "not": self.0.other,
            "by_name": !self.0.typed.trim().is_empty(),
        })
    }

    /// A centre has some hundred: they are one page.
    async fn page(&self, ctx: &Ctx, _: Option<()>) -> Result<(Vec<Self::Row>, Option<()>)> {
        Ok((filtered(ctx, self.0).await?.0, None))
    }

    fn cells(&self, _: &Ctx, (row, roles): &Self::Row) -> Vec<Cell> {
        let roles = roles.iter().map(|one| match one.scope.as_str() {
            "" => one.role.label().to_owned(),
            scope => format!("{}（{scope}）", one.role.label()),
        });
        let roles: Vec<String> = roles.collect();
        let state = match row.state.as_str() {
            "active" => "正常",
            "invited" => "待首次登录",
            _ => "已停用",
        };
        let unit = if row.unit.is_empty() {
            "考试机构"
        } else {
            &row.unit
        };
        vec![
            Cell::text(row.username.as_str()),
            Cell::text(row.name.as_str()),
            Cell::text(unit),
            Cell::text(roles.join("、")),
            Cell::text(if row.second_factor {
                "已绑定"
            } else {
                "未绑定"
            }),
            second(row.last_login_at.unwrap_or(0)),
            Cell::text(state),
        ]
    }
}
