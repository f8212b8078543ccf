//! What the office sets for the tickets of a published exam: the window and 考生须知. Both with a reason that the trail keeps.

use db::Crowd;
use documents::Imprint;
use documents::ticket as document;
use domain::exam::Phase;
use domain::field::FieldErrors;
use domain::staff::Permission;
use domain::time::Timestamp;
use domain::window::Window;

use super::{content, pass, store, template};
use crate::application::store as applications;
use crate::exam::{self, Exam, part};
use crate::{Ctx, Error, Result, paper};

/// The fields as typed.
#[derive(Debug, Clone, Default)]
pub struct TicketDraft {
    /// `2026-04-07T09:00`.
    pub opens: String,
    /// `2026-04-11T18:00`.
    pub closes: String,
    /// 考生须知, one paragraph a line.
    pub notice: String,
    /// Why.
    pub reason: String,
}

impl TicketDraft {
    /// As the exam has it.
    pub fn of(exam: &Exam) -> Self {
        let edge = |pick: fn(Window) -> Timestamp| {
            exam.window(Phase::Ticket)
                .map_or_else(String::new, |window| pick(window).to_input())
        };
        Self {
            opens: edge(Window::open),
            closes: edge(Window::close),
            notice: exam.settings.notices.ticket.join("\n"),
            reason: String::new(),
        }
    }
}

/// Saves window and notice. A window that has begun keeps its beginning.
pub async fn amend(ctx: &Ctx, exam: &Exam, version: i64, draft: &TicketDraft) -> Result<()> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    let mut errors = FieldErrors::new();
    let mut time = |key: &'static str, typed: &str, say: &str| {
        let at = Timestamp::parse_local(&typed.replace('T', " "));
        if at.is_none() {
            errors.add(key, say);
        }
        at
    };
    let opens = time(
        "opens",
        &draft.opens,
        "请填写开始打印的时间，例如 2026-04-07 09:00",
    );
    let closes = time(
        "closes",
        &draft.closes,
        "请填写停止打印的时间，例如 2026-04-11 18:00",
    );
    let old = exam.window(Phase::Ticket);
    let mut window = None;
    if let (Some(opens), Some(closes)) = (opens, closes) {
        if closes <= opens {
            errors.add("closes", "停止时间应晚于开始时间");
        }
        if closes <= ctx.at {
            errors.add("closes", "停止时间应晚于现在");
        }
        let begun =
            old.filter(|old| old.open() <= ctx.at && old.open().to_input() != opens.to_input());
        if begun.is_some() {
            errors.add("opens", "打印已经开始，不能改开始时间");
        }
        window = Window::new(opens, closes).ok();
        let stagger = exam.settings.stagger;
        if window.is_some_and(|window| !stagger.fits(window)) {
            let text = format!("打印时间太短，放不下设置的批数（{}）", stagger.to_chinese());
            errors.add("closes", text);
        }
    }
    let notice: Vec<String> = draft
        .notice
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect();
    if notice.is_empty() {
        errors.add(
            "notice",
            "请填写考生须知，例如迟到多久不得入场、禁带哪些物品",
        );
    }
    if draft.notice.chars().count() > 3_000 {
        errors.add("notice", "考生须知最多 3000 字，一页 A4 纸放不下更多");
    }
    if draft.reason.trim().chars().count() < 4 {
        errors.add("reason", "请写明修改的原因，会记入操作日志");
    }
    errors.into_result()?;
    let mut changing = part::Changing::of(exam);
    changing.settings.windows.set(Phase::Ticket, window);
    changing.settings.notices.ticket = notice;
    exam::setup::amend_published(ctx, exam, version, changing, draft.reason.trim()).await
}

/// Seated people of the published plan, and how many of the exam have printed; 10,001 of these stand for more.
pub async fn figures(ctx: &Ctx, exam: &Exam) -> Result<(i64, i64)> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    if exam.row.seat_plan == 0 {
        return Ok((0, 0));
    }
    let people = crate::arrangement::people_seated(&ctx.app, exam).await?;
    let printed = store::printers(&mut ctx.app.db().scan(Crowd::Staff), exam.id()).await?;
    Ok((people, printed))
}

/// A sample ticket without anybody's data: the layout, the notice, the first seat of the plan. Its QR is as large as a real one's
/// and good nowhere.
///
/// # Errors
/// `Refused` without a published plan, or when the notice doesn't fit on the page.
pub async fn sample(ctx: &Ctx, exam: &Exam) -> Result<Vec<u8>> {
    ctx.allow_for(Permission::Arrange, exam.id(), "")?;
    let mut read = ctx.app.db().read();
    let somebody = match exam.row.seat_plan {
        0 => None,
        plan => store::somebody(&mut read, plan).await?,
    };
    let id = somebody.ok_or_else(|| {
        Error::refused(
            "ticket_seat",
            "考场尚未编排",
            "公布考场编排后可以预览准考证样张。",
        )
    })?;
    let row = applications::application_by_id(&mut read, id)
        .await?
        .ok_or(Error::NotFound)?;
    let seats = store::own_seats(&mut read, id).await?;
    let (mut card, pass) = content::content(&ctx.app, exam, &row, &seats).await?;
    "样张".clone_into(&mut card.name);
    "＊".repeat(18).clone_into(&mut card.id_number);
    card.sex.clear();
    let sample = document::Ticket {
        verify: pass::specimen(pass),
        footer: "样张，仅供核对版式和考生须知".to_owned(),
        content: card,
        photo: None,
    };
    let layout = template::layout(&ctx.app, exam).await?;
    let own = template::source(&ctx.app, exam.id(), &layout).await?;
    let imprint = Imprint::new("sample", ctx.at).of_exam(exam.row.code.clone());
    let imprint = imprint.with_template(own);
    let pdf = paper::set(&ctx.app, move |engine| {
        document::render(engine, &sample, &imprint)
    })
    .await?;
    Ok(pdf.bytes)
}
