//! What somebody on a list is told, in the inbox and by SMS.

use domain::selection::{Stage, StageEvent};
use domain::time::Timestamp;

use super::store::ContenderRow;
use crate::exam::Exam;
use crate::message::{Notice, Sms};

/// What goes beside an event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beside<'a> {
    /// Where he stands now.
    pub(super) to: Stage,
    /// Until when he has to answer.
    pub(super) due: Option<Timestamp>,
    /// Why, where staff wrote it down.
    pub(super) reason: &'a str,
}

type Words = (&'static str, String, Option<&'static str>);

fn notice(exam: &Exam, row: &ContenderRow, (title, body, template): Words) -> Notice {
    notice_to(exam, &row.application, (title, body, template))
}

/// A message that leads to the page of an application's 面试与聘用.
fn notice_to(exam: &Exam, application: &str, (title, body, template): Words) -> Notice {
    let sms = template.map(|template| Sms {
        template,
        params: vec![("exam", exam.title().to_owned()), ("text", body.clone())],
    });
    Notice {
        kind: "notice",
        title: format!("{title}：{}", exam.title()),
        body,
        link: format!("/applications/{application}/selection"),
        sms,
    }
}

/// An SMS where the exam sends them about scores; the deadline of an offer always has one.
fn sms(exam: &Exam, template: &'static str) -> Option<&'static str> {
    exam.settings.notices.score_sms.then_some(template)
}

fn what_next(to: Stage) -> &'static str {
    match to {
        Stage::Called => "请按公告参加资格复审，逾期未到的取消面试资格。",
        Stage::Qualified => "请留意面试安排，届时按通知参加面试。",
        Stage::Medical | Stage::MedicalAgain => "请按通知的时间和地点参加体检。",
        Stage::Background => "接下来进行考察，请保持电话畅通。",
        Stage::Proposed => "已列为拟聘用人员，公示后办理聘用。",
        _ => "",
    }
}

/// He is on the list of who comes to the interview.
pub(super) fn called(exam: &Exam, application: &str, to: Stage) -> Notice {
    let title = if to == Stage::Called {
        "您已入围，请参加资格复审"
    } else {
        "您已入围面试"
    };
    let body = format!("您已入围《{}》的面试。{}", exam.title(), what_next(to));
    notice_to(
        exam,
        application,
        (title, body, sms(exam, "shortlist_published")),
    )
}

/// He may follow somebody.
pub(super) fn offered(exam: &Exam, application: &str, due: Timestamp) -> Notice {
    let body = format!(
        "《{}》有名额空出，您可以递补。请在 {} 前登录确认是否参加，逾期视为放弃。",
        exam.title(),
        due.to_chinese_minute()
    );
    notice_to(
        exam,
        application,
        ("递补通知", body, Some("promotion_offered")),
    )
}

/// The combined totals are out.
pub(super) fn totalled(exam: &Exam, row: &ContenderRow) -> Notice {
    let body = format!("《{}》的总成绩已公布，请登录查看。", exam.title());
    notice(exam, row, ("总成绩已公布", body, None))
}

/// The message for an event; `None` where there is nothing to tell.
pub(super) fn of(
    exam: &Exam,
    row: &ContenderRow,
    event: StageEvent,
    beside: Beside<'_>,
) -> Option<Notice> {
    use StageEvent as E;
    let title = exam.title();
    let why = match beside.reason {
        "" => String::new(),
        reason => format!("原因：{reason}。"),
    };
    let next = what_next(beside.to);
    let words: Words = match event {
        E::Accept => (
            "已确认递补",
            format!("您已确认递补《{title}》。{next}"),
            None,
        ),
        E::Decline => ("已放弃递补", format!("您已放弃递补《{title}》。"), None),
        E::Lapse => (
            "递补已逾期",
            format!("您没有在规定时间内确认递补《{title}》，视为放弃。"),
            None,
        ),
        E::DocumentsPass => (
            "资格复审通过",
            format!("您已通过《{title}》的资格复审。{next}"),
            None,
        ),
        E::DocumentsFail => (
            "资格复审未通过",
            format!("您没有通过《{title}》的资格复审。{why}"),
            None,
        ),
        E::DocumentsMissed => (
            "未参加资格复审",
            format!("您没有参加《{title}》的资格复审，面试资格已取消。"),
            None,
        ),
        E::ToMedical => (
            if beside.to == Stage::Medical {
                "进入体检"
            } else {
                "进入下一环节"
            },
            format!("您已进入《{title}》的下一环节。{next}"),
            sms(exam, "medical_notice"),
        ),
        E::MedicalPass => (
            "体检结果",
            format!("您参加的《{title}》体检合格。{next}"),
            None,
        ),
        E::MedicalAgain => (
            "请参加复检",
            format!("您参加的《{title}》体检须复检。{next}"),
            sms(exam, "medical_notice"),
        ),
        E::MedicalFail => (
            "体检结果",
            format!("您参加的《{title}》体检不合格。对结果有疑问的，请联系考试机构。"),
            None,
        ),
        E::BackgroundPass => (
            "考察结果",
            format!("您参加的《{title}》考察合格。{next}"),
            None,
        ),
        E::BackgroundFail => (
            "考察结果",
            format!("您参加的《{title}》考察不合格。{why}"),
            None,
        ),
        E::Announce => (
            "拟聘用公示",
            format!("您已列入《{title}》的拟聘用公示名单。"),
            None,
        ),
        E::Hire => (
            "聘用",
            format!("您已列入《{title}》的聘用名单，请按通知办理聘用手续。"),
            sms(exam, "hire_published"),
        ),
        E::ObjectionUpheld => (
            "公示结果",
            format!("《{title}》公示期间对您的异议成立，不予聘用。{why}"),
            None,
        ),
        E::GiveUp => (
            "已放弃",
            format!("您已放弃《{title}》的后续环节。{why}"),
            None,
        ),
        E::Remove => (
            "入围资格已取消",
            format!("您在《{title}》的入围资格已取消。{why}如有疑问，请联系考试机构。"),
            None,
        ),
        E::Reinstate => (
            "资格已恢复",
            match beside.due {
                Some(due) => format!(
                    "您在《{title}》的递补资格已恢复。请在 {} 前登录确认是否参加，逾期视为放弃。",
                    due.to_chinese_minute()
                ),
                None => format!("您在《{title}》的资格已恢复。{why}{next}"),
            },
            None,
        ),
        // The plan and its results are told by the interview.
        E::Score | E::InterviewMissed | E::InterviewViolation => return None,
    };
    Some(notice(exam, row, words))
}
