//! Nothing happens outside its window (12): every step of an application against the windows of its exam, and the windows
//! against what was recorded of them.

use std::collections::BTreeMap;

use db::Query;
use domain::application::Event;
use domain::exam::{ExamSettings, OpenNow, Phase, Windows};
use domain::time::Timestamp;
use domain::window::Window;

use super::store::{self, ExamRow, SettingsRow};
use super::{Finding, MOST};
use crate::Result;

/// Whether a step may be taken while these windows are open. Steps that no window bounds may be at any time; windows of
/// one's own (a due time, the hours of an appeal) aren't looked at here.
fn fits(event: Event, by_candidate: bool, open: OpenNow) -> bool {
    match event {
        Event::Submit | Event::Edit => open.registration,
        Event::Withdraw if by_candidate => open.registration,
        Event::Move => open.registration || open.reapply,
        Event::Supplement => open.supplement,
        Event::Approve | Event::Return | Event::Reject => open.review,
        _ => true,
    }
}

/// Every step lies in the windows as they are now: an extension only makes them longer.
pub(super) async fn steps(q: &mut impl Query) -> Result<Finding> {
    let mut windows: BTreeMap<i64, Windows> = BTreeMap::new();
    for exam in store::exams(q).await? {
        if let Ok(settings) = ExamSettings::from_json(&exam.settings) {
            windows.insert(exam.id, settings.windows);
        }
    }
    let (mut examined, mut broken) = (0, Vec::new());
    let mut after = (i64::MIN, i64::MIN);
    loop {
        let page = store::steps_after(q, after).await?;
        let Some(last) = page.last() else { break };
        after = (last.application_id, last.id);
        for row in page {
            examined += 1;
            let at = Timestamp::from_micros(row.at);
            let fits = Event::from_code(&row.event)
                .zip(windows.get(&row.exam_id))
                .is_some_and(|(event, windows)| {
                    fits(event, row.actor_kind == "candidate", windows.open_at(at))
                });
            if !fits && broken.len() < MOST {
                broken.push(format!("{} {}", row.registration_no, row.event));
            }
        }
    }
    Ok(Finding::new(
        12,
        "报名的每一步都在规定的时间之内",
        examined,
        broken,
    ))
}

/// How long after the end of 改报 the timer may need.
const GRACE_SECONDS: i64 = 600;

/// Nobody stands on a cancelled position but who may still choose another one (10).
pub(super) async fn cancelled(q: &mut impl Query, now: Timestamp) -> Result<Finding> {
    let mut windows: BTreeMap<i64, Windows> = BTreeMap::new();
    for exam in store::exams(q).await? {
        if let Ok(settings) = ExamSettings::from_json(&exam.settings) {
            windows.insert(exam.id, settings.windows);
        }
    }
    let examined = u64::try_from(store::cancelled_positions(q).await?).unwrap_or(0);
    let (mut broken, mut after) = (Vec::new(), i64::MIN);
    loop {
        let page = store::on_cancelled_after(q, after).await?;
        let Some((last, _, _)) = page.last() else {
            break;
        };
        after = *last;
        for (_, number, exam) in page {
            let waits = windows
                .get(&exam)
                .and_then(|windows| windows.reapply)
                .is_some_and(|window| now < window.close().plus_seconds(GRACE_SECONDS));
            if !waits && broken.len() < MOST {
                broken.push(number);
            }
        }
    }
    Ok(Finding::new(
        10,
        "已取消的岗位上没有有效报名，改报期内的除外",
        examined,
        broken,
    ))
}

/// The settings in force are the last recorded version; each version after the publication has a reason and only makes
/// windows longer.
pub(super) async fn records(q: &mut impl Query) -> Result<Finding> {
    let (mut examined, mut broken) = (0, Vec::new());
    for exam in store::exams(q).await? {
        examined += 1;
        let versions = store::settings_of(q, exam.id).await?;
        if let Some(problem) = problem(&exam, &versions) {
            broken.push(format!("{}: {problem}", exam.code));
        }
    }
    Ok(Finding::new(
        12,
        "已发布考试的时间只延不缩，每次都有记录和原因",
        examined,
        broken,
    ))
}

fn problem(exam: &ExamRow, versions: &[SettingsRow]) -> Option<&'static str> {
    if !(1i64..).zip(versions).all(|(n, row)| row.version == n) {
        return Some("a version is missing");
    }
    let last = versions.last()?;
    if last.version != exam.settings_version || last.settings != exam.settings {
        return Some("the settings in force are not the last version");
    }
    let Ok(settings) = ExamSettings::from_json(&exam.settings) else {
        return Some("the settings can't be read");
    };
    if !columns_agree(exam, &settings.windows) {
        return Some("columns and settings disagree");
    }
    let Some(published_at) = exam.published_at else {
        return Some("published at no time");
    };
    for (before, after) in versions.iter().zip(versions.iter().skip(1)) {
        if after.changed_at < published_at {
            continue;
        }
        if after.reason.is_empty() {
            return Some("a change without a reason");
        }
        let windows =
            |row: &SettingsRow| Some(ExamSettings::from_json(&row.settings).ok()?.windows);
        let (Some(old), Some(new)) = (windows(before), windows(after)) else {
            return Some("a version can't be read");
        };
        if !only_longer(&old, &new, Timestamp::from_micros(after.changed_at)) {
            return Some("a window became shorter");
        }
    }
    None
}

fn columns_agree(exam: &ExamRow, windows: &Windows) -> bool {
    let edge = |phase, edge: fn(Window) -> Timestamp| {
        windows.get(phase).map_or(0, |window| edge(window).micros())
    };
    exam.registration_opens == edge(Phase::Registration, Window::open)
        && exam.registration_closes == edge(Phase::Registration, Window::close)
        && exam.payment_closes == edge(Phase::Payment, Window::close)
        && exam.ticket_opens == edge(Phase::Ticket, Window::open)
        && exam.ticket_closes == edge(Phase::Ticket, Window::close)
}

/// Whether a change at `at` keeps what was promised: a window that had begun keeps its start (to the minute, as forms
/// carry it), and no window begins or ends earlier or goes.
fn only_longer(old: &Windows, new: &Windows, at: Timestamp) -> bool {
    Phase::ALL.iter().all(|phase| {
        let Some(was) = old.get(*phase) else {
            return true;
        };
        let Some(is) = new.get(*phase) else {
            return false;
        };
        let begun = was.open() <= at;
        let start_fits = if begun {
            is.open().to_input() == was.open().to_input()
        } else {
            is.open().to_input() >= was.open().to_input()
        };
        start_fits && is.close() >= was.close()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_seconds(1_770_000_000 + minute * 60)
    }

    fn windows(phase: Phase, open: i64, close: i64) -> Windows {
        let mut windows = Windows::default();
        windows.set(phase, Window::new(at(open), at(close)).ok());
        windows
    }

    #[test]
    fn windows_may_become_longer_and_nothing_else() {
        let old = windows(Phase::Registration, 10, 20);
        // New opening and close, when it was changed (before or after the opening), and whether that was allowed.
        for (open, close, changed, allowed) in [
            (10, 20, 15, true),
            (10, 30, 15, true),
            (10, 19, 15, false),
            (11, 30, 15, false),
            (9, 30, 15, false),
            (12, 22, 5, true),
            (9, 22, 5, false),
            (12, 19, 5, false),
        ] {
            let new = windows(Phase::Registration, open, close);
            assert_eq!(
                only_longer(&old, &new, at(changed)),
                allowed,
                "{open}–{close} at {changed}"
            );
        }
        assert!(
            !only_longer(&old, &Windows::default(), at(5)),
            "it may not go"
        );
        let added = windows(Phase::Score, 1, 2);
        assert!(only_longer(&Windows::default(), &added, at(5)));
    }

    #[test]
    fn each_step_has_the_window_that_bounds_it() {
        let only = |set: fn(&mut OpenNow)| {
            let mut open = OpenNow::NONE;
            set(&mut open);
            open
        };
        let registration = only(|open| open.registration = true);
        let review = only(|open| open.review = true);
        for event in Event::ALL {
            assert!(fits(*event, true, OpenNow::ALL), "{event:?}");
            let bounded = !fits(*event, true, OpenNow::NONE);
            let by_registration = matches!(
                event,
                Event::Submit | Event::Edit | Event::Withdraw | Event::Move
            );
            let by_review = matches!(event, Event::Approve | Event::Return | Event::Reject);
            let otherwise = *event == Event::Supplement;
            assert_eq!(
                bounded,
                by_registration || by_review || otherwise,
                "{event:?}"
            );
            assert_eq!(
                bounded && fits(*event, true, registration),
                by_registration,
                "{event:?}"
            );
            assert_eq!(
                bounded && fits(*event, true, review),
                by_review,
                "{event:?}"
            );
        }
        assert!(
            fits(Event::Withdraw, false, OpenNow::NONE),
            "staff may at any time"
        );
    }
}
