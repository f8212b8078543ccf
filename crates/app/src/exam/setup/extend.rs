//! 延长时间: what may move, and which way.

use domain::exam::Phase;
use domain::field::FieldErrors;

use crate::Ctx;
use crate::Result;
use crate::exam::catalogue::Exam;
use crate::exam::part::{Changing, WindowsDraft, window_input};

/// The windows of a published exam as somebody extends them, all at once and with a reason.
///
/// A window that is open or over may only close later; one still to come may move later; one that the exam hasn't may be
/// added. Whether they still fit to each other is another question ([`crate::exam::change`]).
pub(in crate::exam) fn extended(
    ctx: &Ctx,
    exam: &Exam,
    draft: &WindowsDraft,
    reason: &str,
) -> Result<Changing> {
    let mut errors = FieldErrors::new();
    if reason.chars().count() < 4 {
        errors.add("reason", "请写明延长的原因，考生和审计都会看到");
    }
    let mut changing = Changing::of(exam);
    let mut changes = 0;
    for phase in Phase::ALL {
        let old = exam.window(*phase);
        let Some(new) = draft.window(*phase, &mut errors) else {
            if old.is_some() && errors.get(&window_input(*phase, "open")).is_none() {
                errors.add(
                    window_input(*phase, "open"),
                    format!("已发布的{}时间不能去掉", phase.label()),
                );
            }
            continue;
        };
        // Fields carry minutes; a window that nobody touched keeps its seconds.
        let kept = old.filter(|old| {
            old.open().to_input() == new.open().to_input()
                && old.close().to_input() == new.close().to_input()
        });
        if kept.is_some() {
            continue;
        }
        changes += 1;
        if let Some(old) = old {
            let begun = old.open() <= ctx.at;
            if begun && old.open().to_input() != new.open().to_input() {
                errors.add(
                    window_input(*phase, "open"),
                    format!("{}已经开始，不能改开始时间", phase.label()),
                );
            } else if new.open().to_input() < old.open().to_input() {
                errors.add(
                    window_input(*phase, "open"),
                    format!("{}只能推迟，不能提前", phase.label()),
                );
            }
            if new.close() < old.close() {
                errors.add(
                    window_input(*phase, "close"),
                    format!("{}只能延长，不能提前结束", phase.label()),
                );
            }
        }
        changing.settings.windows.set(*phase, Some(new));
    }
    if changes == 0 && errors.is_empty() {
        errors.add("registration_close", "没有改动任何时间");
    }
    errors.into_result()?;
    Ok(changing)
}
