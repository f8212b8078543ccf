//! The people of the office: the way in ([`login`]), one's own account, and 账号与权限 for the security admin.

mod confirm;
mod factor;
mod list;
mod login;
mod manage;
mod own;

use std::sync::Arc;

use app::App;
use domain::staff::Permission;
use web::{Routes, Who};

/// The login page for who posted with an ended session.
pub(crate) fn login_page() -> Arc<dyn web::kit::LoginPage> {
    Arc::new(login::Again)
}

pub(crate) fn routes() -> Routes<App> {
    const MANAGE: Who = Who::Staff(Permission::StaffManage);
    Routes::new("staff")
        .get("/office/login", Who::Anonymous, login::page)
        .post("/office/login", Who::Anonymous, login::begin)
        .get("/office/login/code", Who::StaffHalf, login::step)
        .post("/office/login/code", Who::StaffHalf, login::complete)
        .post(
            "/office/login/password",
            Who::StaffHalf,
            login::set_password,
        )
        .post("/office/login/enroll", Who::StaffHalf, login::enroll)
        .post("/office/login/leave", Who::StaffHalf, login::leave)
        .get("/office/account", Who::AnyStaff, own::page)
        .post("/office/account/devices", Who::AnyStaff, own::end)
        .get("/office/account/password", Who::AnyStaff, own::password)
        .post("/office/account/password", Who::AnyStaff, own::change)
        .get("/office/staff", MANAGE, list::page)
        .post("/office/staff/export", MANAGE.export(), list::export)
        .get("/office/staff/new", MANAGE, manage::blank)
        .post("/office/staff/new", MANAGE, manage::create)
        .get("/office/staff/{id}", MANAGE, manage::page)
        .post("/office/staff/{id}", MANAGE, manage::change)
        .get("/office/staff/{id}/reset", MANAGE, confirm::reset)
        .post("/office/staff/{id}/reset", MANAGE, manage::reset)
        .get("/office/staff/{id}/factor", MANAGE, factor::page)
        .post("/office/staff/{id}/factor", MANAGE, factor::ask)
        .post("/office/staff/{id}/devices", MANAGE, manage::end_devices)
        .get("/office/staff/{id}/disable", MANAGE, confirm::disable)
        .post("/office/staff/{id}/disable", MANAGE, manage::disable)
        .post("/office/staff/{id}/enable", MANAGE, manage::enable)
        .post("/office/staff/{id}/unlock", MANAGE, manage::unlock)
}
