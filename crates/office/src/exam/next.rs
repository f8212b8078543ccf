//! 下一步 in words: what an exam waits for, until when, and where it is done by whom.

use domain::exam::next::{Next, Step};
use domain::staff::Permission as P;

use crate::context::Desk;
use crate::show;

/// A step as the home page and the exam's page show it.
#[derive(Debug)]
pub(crate) struct Line {
    /// What.
    pub(crate) text: String,
    /// Until when, or what else to know.
    pub(crate) note: String,
    /// Where, for who may.
    pub(crate) href: Option<String>,
    /// Who does it, for those who don't.
    pub(crate) who: &'static str,
}

/// The steps of one exam in words.
pub(crate) fn lines(desk: &Desk, exam: (i64, &str), steps: &[Next]) -> Vec<Line> {
    steps.iter().map(|next| line(desk, exam, next)).collect()
}

fn line(desk: &Desk, (id, public_id): (i64, &str), next: &Next) -> Line {
    let (doers, who): (&[P], _) = match next.step {
        Step::Review => (&[P::FirstReview, P::SecondReview], "由初审员、复审员办理"),
        Step::Arrange | Step::PublishPlan => (&[P::Arrange], "由考务管理员办理"),
        Step::ImportScores | Step::CheckScores | Step::PublishScores => {
            (&[P::ScoreEdit], "由成绩管理员办理")
        }
        Step::Wait => (&[], ""),
        _ => (&[P::ExamEdit], "由考务管理员办理"),
    };
    let grants = desk.ctx.staff().map(|staff| &staff.grants).ok();
    let may = |permission: &P| {
        grants.is_some_and(|grants| {
            let units = grants.units(*permission, id);
            units.is_none_or(|units| !units.is_empty())
        })
    };
    let exam = format!("/office/exams/{public_id}");
    let href = match next.step {
        Step::SetUp => exam,
        Step::Publish => format!("{exam}/publish"),
        Step::Review => "/office/reviews".to_owned(),
        Step::Ratio => format!("{exam}/ratio"),
        Step::Arrange | Step::PublishPlan => format!("/office/seating/{public_id}"),
        Step::ImportScores | Step::CheckScores | Step::PublishScores => {
            format!("/office/scores/{public_id}")
        }
        Step::Close => format!("{exam}/close"),
        Step::Archive => format!("{exam}/archive"),
        Step::Wait => String::new(),
    };
    let may = doers.iter().any(may);
    let (text, note) = words(next);
    Line {
        text,
        note,
        href: may.then_some(href),
        who: if may { "" } else { who },
    }
}

fn words(next: &Next) -> (String, String) {
    let time = next.limit.map(|(phase, ends, at)| {
        let at = show::short(at.micros());
        (phase.label(), ends, at)
    });
    if next.step == Step::Wait {
        let text = match time {
            Some((phase, true, at)) => format!("{phase}进行中，{at} 截止"),
            Some((phase, false, at)) => format!("{at} 开始{phase}"),
            None => "各环节已结束".to_owned(),
        };
        return (text, String::new());
    }
    let label = next.step.label();
    let text = match next.step {
        Step::SetUp => format!("{label}，还缺 {} 项", next.count),
        Step::Review => format!("{label}，还有 {} 人待审", show::number(next.count)),
        Step::CheckScores => format!("{label}（导入人以外的人）"),
        _ => label.to_owned(),
    };
    let note = match time {
        Some((_, true, at)) => format!("{at} 截止"),
        Some((phase, false, at)) => format!("{phase} {at} 开始，请在此前完成"),
        None if next.step == Step::Close => "各环节都已结束，结束后可以归档".to_owned(),
        None => String::new(),
    };
    (text, note)
}

#[cfg(test)]
mod tests {
    use domain::exam::Phase;
    use domain::time::Timestamp;

    use super::*;

    #[test]
    fn a_step_says_until_when() {
        let at = Timestamp::parse_local("2026-04-07 09:00").unwrap();
        for (step, count, limit, text, note) in [
            (
                Step::SetUp,
                3,
                Some((Phase::Registration, false, at)),
                "补齐设置，还缺 3 项",
                "网上报名 4月7日 09:00 开始，请在此前完成",
            ),
            (
                Step::Review,
                1200,
                Some((Phase::Review, true, at)),
                "完成资格审查，还有 1,200 人待审",
                "4月7日 09:00 截止",
            ),
            (
                Step::Wait,
                0,
                Some((Phase::Payment, true, at)),
                "网上缴费进行中，4月7日 09:00 截止",
                "",
            ),
            (
                Step::Wait,
                0,
                Some((Phase::Ticket, false, at)),
                "4月7日 09:00 开始准考证打印",
                "",
            ),
            (Step::Wait, 0, None, "各环节已结束", ""),
            (Step::Archive, 0, None, "归档", ""),
        ] {
            let next = Next { step, count, limit };
            assert_eq!(words(&next), (text.to_owned(), note.to_owned()), "{step:?}");
        }
    }
}
