//! The staff's site, below `/office`: one folder a feature, with its HTML beside the handlers.
//!
//! A handler takes a [`context::Desk`] (who asks, with a [`app::Ctx`]), calls one use case and shows a page that extends
//! `office.html`. Lists are put together from [`list`]: tabs, a filter row, a count, a pager, a text for the empty state.
//! Every page asks its permission twice: the route's [`web::Who`] and the use case itself.

mod account;
mod announcement;
mod approval;
mod archive;
mod arrangement;
mod audit;
mod bill;
mod broadcast;
mod carried;
mod check;
mod context;
mod desk;
mod door;
mod exam;
mod integrity;
mod list;
mod message;
pub mod nav;
mod payment;
mod photo;
mod rehearsal;
mod review;
mod score;
mod selection;
mod show;
mod staff;
mod statistics;
mod ticket;
mod waiver;

pub use context::Desk;
pub use nav::NAV;

use std::sync::Arc;

use app::App;
use web::Routes;

/// The login page that somebody sees whose session ended before a form was sent.
pub fn login_page() -> Arc<dyn web::kit::LoginPage> {
    staff::login_page()
}

/// All routes of the office, one feature a line.
pub fn routes() -> Routes<App> {
    desk::routes()
        .and(exam::routes())
        .and(carried::routes())
        .and(statistics::routes())
        .and(broadcast::routes())
        .and(archive::routes())
        .and(rehearsal::routes())
        .and(staff::routes())
        .and(announcement::routes())
        .and(photo::routes())
        .and(review::routes())
        .and(message::routes())
        .and(audit::routes())
        .and(account::routes())
        .and(check::routes())
        .and(approval::routes())
        .and(integrity::routes())
        .and(payment::routes())
        .and(bill::routes())
        .and(waiver::routes())
        .and(arrangement::routes())
        .and(ticket::routes())
        .and(door::routes())
        .and(score::routes())
        .and(selection::routes())
        .and(list::saved::routes())
}
