//! 考场与准考证: rooms, seat pattern, ticket numbers, what stands on the ticket.

use domain::arrangement::input::SeatKeeping;
use domain::arrangement::pattern::Pattern;
use domain::exam::ExamSettings;
use domain::field::FieldErrors;
use domain::ticket::opening::{MOST_GROUPS, MOST_MINUTES};
use domain::ticket::{Stagger, TicketTemplate};
use serde::Deserialize;

use super::{Changing, Draft, number, text};
use crate::exam::Exam;

/// 考场与准考证 as typed.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct SeatingDraft {
    /// The exam's version that was read.
    pub version: i64,
    /// Seats in a room.
    pub room_capacity: String,
    /// Desks in each column: `7 7 8 8`.
    pub columns: String,
    /// Whether numbers turn at the end of a column.
    pub snake: bool,
    /// A [`SeatKeeping`]'s code.
    pub keeping: String,
    /// Whether neighbours are chosen to share no employer.
    pub spread: bool,
    /// `year2+exam2+site2+room3+seat2`.
    pub template: String,
    /// In how many groups tickets are printed; empty or `1` for everybody at once.
    #[serde(default)]
    pub stagger_groups: String,
    /// Minutes from one group to the next.
    #[serde(default)]
    pub stagger_minutes: String,
    /// 考生须知 on the ticket, one paragraph a line.
    pub notice: String,
    /// Whether an SMS goes out with the inbox message when tickets can be printed.
    pub sms: bool,
}

impl Draft for SeatingDraft {
    fn version(&self) -> i64 {
        self.version
    }

    fn of(exam: &Exam) -> Self {
        let settings = &exam.settings;
        let pattern = &settings.arrangement.pattern;
        let columns: Vec<String> = pattern.columns.iter().map(u32::to_string).collect();
        Self {
            version: exam.row.version,
            room_capacity: settings.room_capacity.to_string(),
            columns: columns.join(" "),
            snake: pattern.snake,
            keeping: settings.arrangement.keeping.code().to_owned(),
            spread: settings.arrangement.spread,
            template: settings.ticket.to_string(),
            stagger_groups: settings.stagger.groups.to_string(),
            stagger_minutes: settings.stagger.minutes.to_string(),
            notice: settings.notices.ticket.join("\n"),
            sms: settings.notices.ticket_sms,
        }
    }

    fn apply(&self, exam: &mut Changing) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        let settings = &mut exam.settings;
        if let Some(capacity) = number(&mut errors, "room_capacity", &self.room_capacity, (1, 500))
        {
            settings.room_capacity = capacity;
        }
        let columns: Option<Vec<u32>> = domain::sheet::plain(&self.columns)
            .split([' ', ',', '，', '、', '-', '+'])
            .filter(|part| !part.is_empty())
            .map(|part| part.parse().ok())
            .collect();
        match columns.map(|columns| Pattern {
            columns,
            snake: self.snake,
        }) {
            Some(pattern) if pattern.problems().is_empty() => {
                settings.arrangement.pattern = pattern;
            }
            Some(pattern) => pattern
                .problems()
                .iter()
                .for_each(|one| errors.add("columns", one)),
            None => errors.add("columns", "写各列的座位数，用空格分开，例如 7 7 8 8"),
        }
        match SeatKeeping::from_code(&self.keeping) {
            Some(keeping) => settings.arrangement.keeping = keeping,
            None => errors.add("keeping", "请选择多场考试的座位方式"),
        }
        settings.arrangement.spread = self.spread;
        let template = domain::sheet::squeezed(&self.template);
        if let Some(template) = errors.take("template", template.parse::<TicketTemplate>()) {
            settings.ticket = template;
        }
        self.stagger(&mut errors, settings);
        let notice = text(&mut errors, "notice", &self.notice, 3_000);
        settings.notices.ticket = notice
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect();
        settings.notices.ticket_sms = self.sms;
        errors.into_result()
    }
}

impl SeatingDraft {
    /// 分批打印. Fields that were left empty are everybody at once.
    fn stagger(&self, errors: &mut FieldErrors, settings: &mut ExamSettings) {
        let typed = |typed: &str, none: &str| match typed.trim() {
            "" => none.to_owned(),
            typed => typed.to_owned(),
        };
        let (groups, minutes) = (
            typed(&self.stagger_groups, "1"),
            typed(&self.stagger_minutes, "0"),
        );
        let groups = number(errors, "stagger_groups", &groups, (1, MOST_GROUPS));
        let minutes = number(errors, "stagger_minutes", &minutes, (0, MOST_MINUTES));
        let (Some(groups), Some(minutes)) = (groups, minutes) else {
            return;
        };
        let stagger = Stagger { groups, minutes };
        if groups > 1 && minutes == 0 {
            errors.add("stagger_minutes", "分批的，请填写每批相隔的分钟数");
        }
        if settings
            .windows
            .ticket
            .is_some_and(|window| !stagger.fits(window))
        {
            errors.add(
                "stagger_groups",
                "准考证打印时间太短，放不下这么多批。请减少批数、缩短间隔，或先延长打印时间",
            );
        }
        settings.stagger = stagger;
    }
}
