//! 时间安排: twelve windows, each with a start and an end.

use std::collections::BTreeMap;

use domain::exam::Phase;
use domain::field::FieldErrors;
use domain::time::Timestamp;
use domain::window::Window;
use serde::Deserialize;

use super::{Changing, Draft};
use crate::exam::Exam;

/// 时间安排 as typed, by field: `version`, `registration_open`, `registration_close` and so on; `reason` of an extension.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct WindowsDraft(pub BTreeMap<String, String>);

/// The name of a field: `edge` is `open` or `close`.
pub fn input(phase: Phase, edge: &str) -> String {
    format!("{}_{edge}", phase.code())
}

impl WindowsDraft {
    /// What was typed; empty for nothing.
    pub fn get(&self, phase: Phase, edge: &str) -> &str {
        self.0.get(&input(phase, edge)).map_or("", String::as_str)
    }

    /// One window as typed; `None` if both fields are empty.
    pub fn window(&self, phase: Phase, errors: &mut FieldErrors) -> Option<Window> {
        let (open, close) = (
            self.get(phase, "open").trim(),
            self.get(phase, "close").trim(),
        );
        if open.is_empty() && close.is_empty() {
            return None;
        }
        let mut at = |edge: &str, typed: &str| {
            let at = Timestamp::parse_local(typed);
            if at.is_none() {
                let what = if edge == "open" { "开始" } else { "结束" };
                errors.add(
                    input(phase, edge),
                    format!("请填写{}的{what}时间，例如 2026-03-16 09:00", phase.label()),
                );
            }
            at
        };
        let (open, close) = (at("open", open)?, at("close", close)?);
        let window = Window::new(open, close);
        if window.is_err() {
            errors.add(
                input(phase, "close"),
                format!("{}的结束时间应晚于开始时间", phase.label()),
            );
        }
        window.ok()
    }
}

impl Draft for WindowsDraft {
    fn version(&self) -> i64 {
        self.0
            .get("version")
            .and_then(|text| text.parse().ok())
            .unwrap_or(0)
    }

    fn of(exam: &Exam) -> Self {
        let mut fields = BTreeMap::from([("version".to_owned(), exam.row.version.to_string())]);
        for phase in Phase::ALL {
            if let Some(window) = exam.window(*phase) {
                fields.insert(input(*phase, "open"), window.open().to_input());
                fields.insert(input(*phase, "close"), window.close().to_input());
            }
        }
        Self(fields)
    }

    fn apply(&self, exam: &mut Changing) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        for phase in Phase::ALL {
            let window = self.window(*phase, &mut errors);
            exam.settings.windows.set(*phase, window);
        }
        errors.into_result()
    }
}
