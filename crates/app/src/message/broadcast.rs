//! 群发消息: staff write to all or some applicants of an exam.
//!
//! A draft says to whom and what; its page shows how many that is and how it reads; 发送 is pressed on that page and counts for what it
//! showed (a draft that was changed since is refused). A job then goes through the living applications in chunks, each
//! one commit: messages and how far it is stand or fall together, so a crash goes on where it was and nobody is told
//! twice. It can be stopped on the way; what is sent stays sent.

use db::{Command, Crowd, Lane, Tx};
use domain::application::Payment;
use domain::field::FieldErrors;
use domain::message::{
    self as rules, Audience, Leads, MAX_TEXT, MAX_TITLE, Standing, condition, filled,
};
use domain::review::Review;
use domain::staff::Permission;
use jobs::{Job, JobResult, Run};
use serde::{Deserialize, Serialize};
use serde_json::json;

pub use super::broadcast_store::BroadcastRow;
use super::broadcast_store::{self as store, Columns, ReaderRow};
use super::{Notice, Sms, notify};
use crate::chunks::{self, Over};
use crate::exam::{self, Exam, positions};
use crate::{App, Ctx, Error, Object, Result, Stamp, reason};

/// People in one commit: each has up to two rows.
pub const CHUNK: u32 = 100;
/// Applications looked at for one chunk.
const LOOKED_AT: i64 = 2_000;
/// Counting stops here, and after so many applications.
pub const MOST: usize = 10_001;
const MOST_LOOKED_AT: usize = 200_000;

/// A message as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct BroadcastForm {
    /// A code of [`Review`], `!` before it to turn it round, or empty.
    pub review: String,
    /// The same of [`Payment`].
    pub payment: String,
    /// A unit, or empty.
    pub unit: String,
    /// 岗位代码, or empty.
    pub position: String,
    /// Title.
    pub title: String,
    /// Text.
    pub body: String,
    /// Code of [`Leads`].
    pub leads: String,
    /// `1` for an SMS besides the inbox message.
    pub by_sms: String,
}

/// What was typed, read.
struct Draft {
    audience: String,
    title: String,
    body: String,
    leads: Leads,
    by_sms: bool,
}

impl Draft {
    fn columns(&self) -> Columns<'_> {
        Columns {
            audience: &self.audience,
            title: &self.title,
            body: &self.body,
            leads: self.leads.code(),
            by_sms: self.by_sms,
        }
    }
}

async fn read(ctx: &Ctx, exam: &Exam, typed: &BroadcastForm) -> Result<Draft> {
    let mut errors = FieldErrors::default();
    let review = condition(&typed.review, Review::from_code);
    let payment = condition(&typed.payment, Payment::from_code);
    if review.is_err() {
        errors.add("review", "请从列表中选择审核状态");
    }
    if payment.is_err() {
        errors.add("payment", "请从列表中选择缴费状态");
    }
    let code = domain::sheet::squeezed(&typed.position);
    let mut position_id = 0;
    if !code.is_empty() {
        let table = positions::table(&ctx.app, exam).await?;
        let found = table.items().iter().find(|item| item.position.code == code);
        match found {
            Some(item) => position_id = item.id,
            None => errors.add("position", "岗位表中没有这个岗位代码"),
        }
    }
    let title = domain::text::line(&typed.title);
    let body = domain::text::paragraph(&typed.body);
    for (field, text, most) in [("title", &title, MAX_TITLE), ("body", &body, MAX_TEXT)] {
        let length = text.chars().count();
        if length < 2 {
            errors.add(field, "请填写，至少 2 个字");
        } else if length > most {
            errors.add(field, format!("最多 {most} 个字，现在有 {length} 个字"));
        } else if let Some(blank) = rules::unknown_blank(text) {
            errors.add(
                field,
                format!("“{blank}”不能自动填写，可用的有 {{姓名}}、{{考试}}、{{报名序号}}"),
            );
        }
    }
    if reason::holds_document(&body) || reason::holds_document(&title) {
        errors.add("body", "消息里不要写证件号码");
    }
    let leads = Leads::from_code(&typed.leads);
    if leads.is_none() {
        errors.add("leads", "请选择消息带考生去哪一页");
    }
    let (Ok(review), Ok(payment), Some(leads), true) = (review, payment, leads, errors.is_empty())
    else {
        return Err(Error::Fields(errors));
    };
    let audience = Audience {
        review,
        payment,
        unit: typed.unit.trim().to_owned(),
        position_id,
    };
    Ok(Draft {
        audience: serde_json::to_string(&audience)
            .map_err(|e| Error::internal("broadcast.audience", e))?,
        title,
        body,
        leads,
        by_sms: typed.by_sms == "1",
    })
}

impl BroadcastRow {
    /// To whom it goes.
    ///
    /// # Errors
    /// If the row was written by something else.
    pub fn audience(&self) -> Result<Audience> {
        serde_json::from_str(&self.audience).map_err(|e| Error::internal("broadcast.audience", e))
    }
}

async fn exam_of(ctx: &Ctx, exam: &str) -> Result<std::sync::Arc<Exam>> {
    let exam = exam::setup::for_staff(ctx, exam).await?;
    ctx.allow_for(Permission::ExamEdit, exam.id(), "")?;
    Ok(exam)
}

/// The messages of an exam, newest first, and the exam.
///
/// # Errors
/// `NotFound`; `Forbidden` to who may not manage the exam.
pub async fn list(
    ctx: &Ctx,
    exam: &str,
    before: Option<i64>,
    limit: i64,
) -> Result<(std::sync::Arc<Exam>, Vec<BroadcastRow>)> {
    let exam = exam_of(ctx, exam).await?;
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let rows = store::listed(&mut scan, exam.id(), before.unwrap_or(i64::MAX), limit).await?;
    Ok((exam, rows))
}

/// One message of an exam.
///
/// # Errors
/// `NotFound`; `Forbidden` to who may not manage the exam.
pub async fn find(ctx: &Ctx, exam: &str, id: &str) -> Result<(std::sync::Arc<Exam>, BroadcastRow)> {
    let exam = exam_of(ctx, exam).await?;
    let row = store::by_public_id(&mut ctx.app.db().read(), exam.id(), id).await?;
    Ok((exam, row.ok_or(Error::NotFound)?))
}

/// How a message reads to the first of its readers, and how many there are.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    /// Readers, up to [`MOST`].
    pub readers: usize,
    /// Whether counting stopped early: there may be more.
    pub more: bool,
    /// Title and text as the first reader gets them.
    pub sample: Option<(String, String)>,
}

/// To whom a draft would go now.
///
/// # Errors
/// Trouble with the database.
pub async fn preview(ctx: &Ctx, exam: &Exam, row: &BroadcastRow) -> Result<Preview> {
    let audience = row.audience()?;
    let mut preview = Preview::default();
    let (mut after, mut looked) = (0, 0);
    loop {
        // A scan of its own for each page: none is held long, however many there are.
        let mut scan = ctx.app.db().scan(Crowd::Staff);
        let rows = store::readers_after(&mut scan, exam.id(), after, LOOKED_AT).await?;
        let Some(last) = rows.last().map(|row| row.application_id) else {
            return Ok(preview);
        };
        (after, looked) = (last, looked + rows.len());
        for reader in &rows {
            if takes(&audience, reader)? {
                preview.readers += 1;
                if preview.sample.is_none() {
                    let notice = notice(exam, row, reader);
                    preview.sample = Some((notice.title, notice.body));
                }
            }
        }
        if preview.readers >= MOST || looked >= MOST_LOOKED_AT {
            preview.more = true;
            return Ok(preview);
        }
    }
}

fn takes(audience: &Audience, row: &ReaderRow) -> Result<bool> {
    let review = Review::from_code(&row.review).ok_or(Error::inconsistent("application.review"))?;
    let payment =
        Payment::from_code(&row.payment).ok_or(Error::inconsistent("application.payment"))?;
    Ok(audience.takes(&Standing {
        review,
        payment,
        unit: &row.unit,
        position_id: row.position_id,
    }))
}

fn notice(exam: &Exam, row: &BroadcastRow, reader: &ReaderRow) -> Notice {
    let fill = |text: &str| filled(text, &reader.name, exam.title(), &reader.registration_no);
    let (title, body) = (fill(&row.title), fill(&row.body));
    let sms = (row.by_sms == 1).then(|| Sms {
        template: "broadcast",
        params: vec![("exam", exam.title().to_owned()), ("text", body.clone())],
    });
    Notice {
        kind: "notice",
        title,
        body,
        link: Leads::from_code(&row.leads)
            .map_or("", Leads::path)
            .to_owned(),
        sms,
    }
}

const SENT_MEANWHILE: &str = "这条消息刚刚被修改或已经发送，请看最新内容";

/// Writes a draft; its public id.
///
/// # Errors
/// `Fields`; `NotFound`; `Forbidden`.
pub async fn write(ctx: &Ctx, exam: &str, typed: &BroadcastForm) -> Result<String> {
    let exam = exam_of(ctx, exam).await?;
    let draft = read(ctx, &exam, typed).await?;
    let command = Write {
        stamp: Stamp::of(ctx),
        exam_id: exam.id(),
        known: None,
        draft,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

/// Changes a draft.
///
/// # Errors
/// `Fields`; `Conflict` when it was sent or changed meanwhile; `NotFound`; `Forbidden`.
pub async fn rewrite(ctx: &Ctx, exam: &str, id: &str, typed: &BroadcastForm) -> Result<()> {
    let (exam, row) = find(ctx, exam, id).await?;
    let draft = read(ctx, &exam, typed).await?;
    let command = Write {
        stamp: Stamp::of(ctx),
        exam_id: exam.id(),
        known: Some((row.id, row.version)),
        draft,
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    Ok(())
}

struct Write {
    stamp: Stamp,
    exam_id: i64,
    /// Id and version of the draft that is changed.
    known: Option<(i64, i64)>,
    draft: Draft,
}

impl Command for Write {
    const NAME: &'static str = "message.write_broadcast";
    type Out = String;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<String> {
        let mut trail = self.stamp.trail();
        let columns = self.draft.columns();
        let mut public_id = String::new();
        let id = match self.known {
            Some((id, version)) => {
                if store::update(tx, id, version, &columns).await? == 0 {
                    return Err(Error::Conflict(SENT_MEANWHILE));
                }
                id
            }
            None => {
                let id = trail.id()?;
                public_id = trail.public_id(id).to_string();
                let keys = (id, public_id.as_str(), self.exam_id);
                let (by, at) = (trail.actor_id(), trail.at().micros());
                store::insert(tx, keys, &columns, by, at).await?;
                id
            }
        };
        let object = object(id, self.exam_id);
        let detail = json!({ "title": self.draft.title });
        trail
            .audit(tx, "message.broadcast_write", object, detail)
            .await?;
        Ok(public_id)
    }
}

fn object(id: i64, exam_id: i64) -> Object {
    Object {
        kind: "broadcast",
        id,
        exam_id,
    }
}

/// What is done with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// 发送.
    Send,
    /// 删除, while it is a draft.
    Delete,
    /// 停止发送: who has it keeps it.
    Stop,
}

/// Sends, deletes or stops a message. `version` is the one that the page showed: 发送 counts for what was read there.
///
/// # Errors
/// `Conflict` when it was changed, sent or finished meanwhile; `NotFound`; `Forbidden`.
pub async fn act(ctx: &Ctx, exam: &str, id: &str, act: Act, version: i64) -> Result<()> {
    let (exam, row) = find(ctx, exam, id).await?;
    let command = Do {
        stamp: Stamp::of(ctx),
        exam_id: exam.id(),
        id: row.id,
        version,
        act,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Do {
    stamp: Stamp,
    exam_id: i64,
    id: i64,
    version: i64,
    act: Act,
}

impl Command for Do {
    const NAME: &'static str = "message.act_on_broadcast";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let at = trail.at();
        let (done, action) = match self.act {
            Act::Send => {
                let job = trail.id()?;
                let by = trail.actor_id();
                let done = store::start(tx, self.id, self.version, by, at.micros()).await?;
                if done == 1 {
                    chunks::enqueue::<Broadcast>(tx, job, self.id, at).await?;
                }
                (done, "message.broadcast_send")
            }
            Act::Delete => (
                store::delete(tx, self.id).await?,
                "message.broadcast_delete",
            ),
            Act::Stop => (
                store::end(tx, self.id, "stopped", at.micros()).await?,
                "message.broadcast_stop",
            ),
        };
        if done == 0 {
            return Err(Error::Conflict(SENT_MEANWHILE));
        }
        trail
            .audit(tx, action, object(self.id, self.exam_id), json!({}))
            .await
    }
}

/// Gives messages whose job died another one, which goes on where the last one was; how many are on their way.
///
/// # Errors
/// Trouble with the database.
pub async fn resume(ctx: &Ctx) -> Result<usize> {
    let sending = store::sending(&mut ctx.app.db().scan(Crowd::System)).await?;
    chunks::resume::<Broadcast>(ctx, &sending).await?;
    Ok(sending.len())
}

/// Works through a message to many.
#[derive(Debug, Serialize, Deserialize)]
pub struct Broadcast {
    /// `broadcast.id`.
    pub broadcast: i64,
}

impl Job for Broadcast {
    type State = App;
    const NAME: &'static str = "message.broadcast";
    const QUEUE: &'static str = "message";

    async fn run(&self, app: &App, run: &Run) -> JobResult {
        // A context for each chunk: what holds is asked at the clock's time.
        let next = || async { send_some(&Ctx::system(app), self.broadcast).await };
        chunks::work(run, "人已通知", next).await
    }
}

impl Over for Broadcast {
    fn over(broadcast: i64) -> Self {
        Self { broadcast }
    }
}

/// The next chunk of a message, in one commit. How many have it by now; `None` once it is over or was stopped.
///
/// # Errors
/// `Conflict` if another worker did this chunk meanwhile.
pub async fn send_some(ctx: &Ctx, id: i64) -> Result<Option<i64>> {
    let row = store::by_id(&mut ctx.app.db().read(), id).await?;
    let row = row.ok_or(Error::NotFound)?;
    if row.state != "sending" {
        return Ok(None);
    }
    let exam = exam::find_by_id(&ctx.app, row.exam_id).await?;
    let audience = row.audience()?;
    let mut scan = ctx.app.db().scan(Crowd::System);
    let looked = store::readers_after(&mut scan, row.exam_id, row.reached, LOOKED_AT).await?;
    let mut to = row.reached;
    let mut readers = Vec::new();
    let most = usize::try_from(CHUNK).unwrap_or(100);
    for one in &looked {
        if readers.len() == most {
            break;
        }
        to = one.application_id;
        if takes(&audience, one)? {
            readers.push((one.account_id, notice(&exam, &row, one)));
        }
    }
    let command = Chunk {
        stamp: Stamp::for_rows(ctx, 2 * CHUNK),
        app: ctx.app.clone(),
        id,
        from: row.reached,
        to,
        over: looked.is_empty(),
        readers,
    };
    ctx.app.db().write(Lane::Background, command).await
}

struct Chunk {
    stamp: Stamp,
    app: App,
    id: i64,
    from: i64,
    to: i64,
    /// Nobody is left.
    over: bool,
    readers: Vec<(i64, Notice)>,
}

impl Command for Chunk {
    const NAME: &'static str = "message.broadcast";
    type Out = Option<i64>;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<Option<i64>> {
        if self.over {
            store::end(tx, self.id, "sent", self.stamp.at.micros()).await?;
            return Ok(None);
        }
        let told = i64::try_from(self.readers.len()).unwrap_or(0);
        if store::advance(tx, self.id, (self.from, self.to), told).await? == 0 {
            return Err(Error::Conflict("另一个任务正在发送这条消息，或者已停止"));
        }
        let mut trail = self.stamp.trail();
        for (account_id, notice) in &self.readers {
            notify(tx, &mut trail, &self.app, *account_id, notice).await?;
        }
        let row = store::by_id(tx, self.id).await?;
        Ok(row.map(|row| row.told))
    }
}
