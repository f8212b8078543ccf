//! 考试: its page with windows and notices, its positions or subjects, for everybody, account or not.
//!
//! A logged-in candidate sees at each position how he compares (我能报的岗位). The list of positions is a part of its own
//! ([`list::PositionList`]): the choice of a position in 网上报名 shows the same one with buttons.

mod counts;
pub(crate) mod links;
pub(crate) mod list;
pub(crate) mod page;
pub(crate) mod position;
mod words;

use app::App;
use web::{Routes, Who};

pub(crate) fn routes() -> Routes<App> {
    Routes::new("exam")
        .get("/exams/{id}", Who::Anonymous, page::show)
        .get("/exams/{id}/counts", Who::Anonymous, counts::show)
        .get("/exams/{id}/positions", Who::Anonymous, position::list)
        .get(
            "/exams/{id}/positions/{position}",
            Who::Anonymous,
            position::show,
        )
}
