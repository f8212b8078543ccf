//! 准考证打印 (manual 1.2.2.5): from the published seat plan, in the exam's window, as one A4 page.
//!
//! The number is given for ever when a plan is published (`give`); everything else on the ticket is the published plan
//! as it is now (invariant 18). Its QR is signed, so that the door knows it without a network (`pass`). Tickets are set ahead by a
//! job (`bake`) and kept (`cache`); one that isn't there is set when it is asked for, 12 ms each. How often is counted by the POST
//! that downloads it (`print`). An exam may bring a template of its own ([`template`]).
//!
//! Called by the candidate's pages, by the office, and by `arrangement` at publication.

mod amend;
pub mod bake;
mod cache;
mod content;
mod file_store;
mod give;
mod pass;
mod print;
mod room;
mod store;
pub mod template;
mod template_store;
pub(crate) mod wipe_store;

pub use amend::{TicketDraft, amend, figures, sample};
pub use cache::sweep;
pub(crate) use content::choice_lines;
pub use content::{Item, Place, Standing, Ticket, list, own};
pub(crate) use give::give;
pub use print::download;
pub(crate) use room::of_application;

use domain::time::Timestamp;

const WEEKDAYS: [&str; 7] = ["周四", "周五", "周六", "周日", "周一", "周二", "周三"];

/// `2026年4月12日（周日）` in Beijing.
pub(crate) fn day(at: Timestamp) -> String {
    // Day 0 of the count, 1 January 1970, was a Thursday; Beijing is eight hours ahead.
    let days = (at.seconds() + 8 * 3600).div_euclid(86_400);
    let index = usize::try_from(days.rem_euclid(7)).unwrap_or(0);
    let weekday = WEEKDAYS.get(index).copied().unwrap_or_default();
    format!("{}（{weekday}）", at.date().to_chinese())
}

/// `9:00–10:30`.
pub(crate) fn hours(from: Timestamp, to: Timestamp) -> String {
    let clock = |at: Timestamp| at.to_clock().trim_start_matches('0').to_owned();
    let clock = |at| match clock(at) {
        text if text.starts_with(':') => format!("0{text}"),
        text => text,
    };
    format!("{}–{}", clock(from), clock(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_their_weekday_and_hours_no_leading_zero() {
        let at = |text| Timestamp::parse_local(text).unwrap();
        assert_eq!(day(at("2026-04-12 00:00")), "2026年4月12日（周日）");
        assert_eq!(day(at("2026-04-13 23:59")), "2026年4月13日（周一）");
        assert_eq!(
            hours(at("2026-04-12 09:00"), at("2026-04-12 10:30")),
            "9:00–10:30"
        );
        assert_eq!(
            hours(at("2026-04-12 00:30"), at("2026-04-12 10:30")),
            "0:30–10:30"
        );
    }
}
