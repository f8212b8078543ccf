//! Instants and states in words, as these pages write them.

use app::application::View;
use domain::application::State;
use domain::application::progress::Next;
use domain::eligibility::Verdict;
use domain::money::Fen;
use domain::time::Timestamp;
use web::icon::{self, Icon};

/// `3月23日（周一）17:00`.
pub(crate) fn deadline(at: Timestamp) -> String {
    let days = at.date().start().seconds().div_euclid(86_400) + 1;
    // 1970-01-01 was a Thursday.
    let names = ["四", "五", "六", "日", "一", "二", "三"];
    let index = usize::try_from(days.rem_euclid(7)).unwrap_or(0);
    let name = names.get(index).copied().unwrap_or_default();
    let date = at.date();
    format!(
        "{}月{}日（周{name}）{}",
        date.month(),
        date.day(),
        at.to_clock()
    )
}

/// The same, for templates.
pub(crate) fn due(at: &Timestamp) -> String {
    deadline(*at)
}

/// `还剩 5 天`, `还剩 3 小时`, `还剩 20 分钟`; empty once it has passed.
pub(crate) fn left(until: Timestamp, now: Timestamp) -> String {
    let seconds = until.seconds_since(now);
    match seconds {
        ..=0 => String::new(),
        1..=5_400 => format!("还剩 {} 分钟", (seconds / 60).max(1)),
        5_401..=129_600 => format!("还剩 {} 小时", seconds / 3600),
        _ => format!("还剩 {} 天", seconds / 86_400),
    }
}

/// A state as a tag: tone, icon, word.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tag {
    /// `ok`, `wait`, `bad`, `info`, `off`.
    pub(crate) tone: &'static str,
    /// Its icon.
    pub(crate) icon: Icon,
    /// Its word.
    pub(crate) word: &'static str,
}

impl Tag {
    /// A tag.
    pub(crate) const fn new(tone: &'static str, icon: Icon, word: &'static str) -> Self {
        Self { tone, icon, word }
    }

    /// Of an application.
    pub(crate) fn of(view: &View) -> Self {
        let word = view.state.label_for(Fen::new(view.row.fee));
        match (view.next, view.state) {
            (Next::PrintTicket, _) => Self::new("info", icon::TICKET, "可打印准考证"),
            (Next::TicketOver, _) if view.scores => Self::new("info", icon::PAPER, "成绩已公布"),
            (Next::Reapply { .. }, _) => Self::new("bad", icon::WARN, "岗位已取消"),
            (Next::Refused { .. }, _) => Self::new("bad", icon::NO, word),
            (Next::Supplement { .. }, _) => Self::new("bad", icon::WARN, word),
            (_, State::Ended { reason, .. }) => {
                Self::new("off", icon::MINUS, super::mine::ended(reason))
            }
            (Next::Pay { .. }, _) => Self::new("wait", icon::CLOCK, word),
            (Next::AwaitReview | Next::AwaitAppeal | Next::AwaitPhoto, _) => {
                Self::new("wait", icon::CLOCK, word)
            }
            (Next::ReplacePhoto, _) => Self::new("bad", icon::WARN, "照片未通过"),
            (Next::AwaitRefund, _) => Self::new("wait", icon::CLOCK, word),
            _ => Self::new("ok", icon::CHECK, word),
        }
    }
}

/// A comparison as a mark: tone and icon.
pub(crate) const fn verdict(verdict: Verdict) -> (&'static str, Icon) {
    match verdict {
        Verdict::Pass => ("ok", icon::OK),
        Verdict::Manual => ("wait", icon::CLOCK),
        Verdict::Fail => ("bad", icon::NO),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_name_the_day_of_the_week() {
        let at = Timestamp::parse_local("2026-03-23 17:00").unwrap();
        assert_eq!(deadline(at), "3月23日（周一）17:00");
        assert_eq!(left(at, at.plus_days(-5)), "还剩 5 天");
        assert_eq!(left(at, at.plus_seconds(-3600 * 3)), "还剩 3 小时");
        assert_eq!(left(at, at.plus_seconds(-60)), "还剩 1 分钟");
        assert_eq!(left(at, at), "");
    }
}
