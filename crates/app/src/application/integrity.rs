//! 诚信档案: records that bar a person from applying for a time, kept by the office.
//!
//! A record stands on somebody's decision ([`IntegrityForm::source`]) and bars the holder of a document, whether or not he has
//! an account yet; it is checked when he applies. It is never edited or deleted: what was wrong, or is over early, is lifted
//! by somebody other than who entered it, with a reason.

use db::{Command, Crowd, Lane, Tx};
use domain::field::FieldErrors;
use domain::id_number::{IdDocument, IdType, Typed};
use domain::integrity::{IntegrityKind, IntegrityRecord};
use domain::sheet::Cell;
use domain::staff::Permission;
use domain::text::PersonName;
use domain::time::{Date, Timestamp};
use serde_json::json;

pub use super::integrity_store::IntegrityRow;

use super::integrity_store as store;
use crate::copy::{CHUNK, Copied, Format, Listing, next, second, take};
use crate::{App, Ctx, Error, Object, Result, Stamp};

/// A record as typed.
#[derive(Debug, Clone, Default)]
pub struct IntegrityForm {
    /// 姓名
    pub name: String,
    /// 证件类型, its code.
    pub id_type: String,
    /// 证件号码
    pub id_number: String,
    /// Code of [`IntegrityKind`].
    pub kind: String,
    /// 处理机关和文号: whose decision it is.
    pub source: String,
    /// What was done.
    pub reason: String,
    /// First day.
    pub starts_on: String,
    /// Last day; empty for the kind's usual term.
    pub ends_on: String,
}

/// What the list is narrowed to; empty narrows nothing.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// `active`, `over`, `lifted`, or empty.
    pub state: String,
    /// Code of [`IntegrityKind`].
    pub kind: String,
    /// Turned round: every kind but that one.
    pub other: bool,
    /// The whole name.
    pub name: String,
    /// The order turned round.
    pub turned: bool,
}

impl IntegrityRow {
    /// The place of a row in the list under a filter.
    pub fn place(&self, filter: &Filter) -> (i64, i64) {
        self.key(&filter.state)
    }
}

/// A page of records before a place ([`IntegrityRow::place`]): by their last day where the filter asks what stands or is over,
/// by when they were lifted, or the newest first.
pub async fn list(
    ctx: &Ctx,
    filter: &Filter,
    before: Option<(i64, i64)>,
    limit: i64,
) -> Result<Vec<IntegrityRow>> {
    ctx.allow(Permission::ExamEdit)?;
    let today = ctx.at.date().to_string();
    let narrow = narrow(filter, &today);
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let end = if filter.turned { 0 } else { i64::MAX };
    let before = before.unwrap_or((end, end));
    Ok(store::integrity_listed(&mut scan, &narrow, before, limit).await?)
}

/// The records under a filter as a file. A person is named, his document isn't told: only its keyed index is stored.
///
/// # Errors
/// `Forbidden`.
pub async fn export(ctx: &Ctx, filter: &Filter, format: Format) -> Result<Copied> {
    take(ctx, &Records(filter), format).await
}

struct Records<'a>(&'a Filter);

impl Listing for Records<'_> {
    type Row = IntegrityRow;
    type Place = (i64, i64);
    const NAME: &'static str = "诚信档案";
    const ACTION: &'static str = "application.integrity_export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("姓名", 12.0),
        ("种类", 20.0),
        ("开始日期", 14.0),
        ("截止日期", 14.0),
        ("处理机关和文号", 36.0),
        ("原因", 48.0),
        ("登记人", 12.0),
        ("登记时间", 20.0),
        ("解除人", 12.0),
        ("解除时间", 20.0),
        ("解除原因", 36.0),
        ("是否注册", 10.0),
    ];

    fn object(&self) -> Object {
        object(0)
    }

    fn filter(&self) -> serde_json::Value {
        json!({
            "state": self.0.state, "kind": self.0.kind, "not": self.0.other, "by_name": !self.0.name.trim().is_empty(),
        })
    }

    async fn page(
        &self,
        ctx: &Ctx,
        from: Option<(i64, i64)>,
    ) -> Result<(Vec<IntegrityRow>, Option<(i64, i64)>)> {
        let rows = list(ctx, self.0, from, CHUNK).await?;
        let next = next(&rows, |row| row.place(self.0));
        Ok((rows, next))
    }

    fn cells(&self, _: &Ctx, row: &IntegrityRow) -> Vec<Cell> {
        let text = |text: &Option<String>| Cell::text(text.as_deref().unwrap_or_default());
        vec![
            Cell::text(row.name.as_str()),
            Cell::text(IntegrityKind::from_code(&row.kind).map_or("", IntegrityKind::label)),
            Cell::text(row.starts_on.as_str()),
            Cell::text(row.ends_on.as_deref().unwrap_or("长期")),
            Cell::text(row.source.as_str()),
            Cell::text(row.reason.as_str()),
            text(&row.creator),
            second(row.created_at),
            text(&row.lifter),
            second(row.lifted_at.unwrap_or(0)),
            text(&row.lift_reason),
            Cell::text(if row.account.is_some() {
                "已注册"
            } else {
                "未注册"
            }),
        ]
    }
}

/// How many the list shows, at most 10,001.
pub async fn count(ctx: &Ctx, filter: &Filter) -> Result<i64> {
    ctx.allow(Permission::ExamEdit)?;
    let today = ctx.at.date().to_string();
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    Ok(store::integrity_counted(&mut scan, &narrow(filter, &today)).await?)
}

fn narrow<'a>(filter: &'a Filter, today: &'a str) -> store::Narrow<'a> {
    store::Narrow {
        state: &filter.state,
        kind: &filter.kind,
        other: filter.other,
        name: filter.name.trim(),
        today,
        turned: filter.turned,
    }
}

/// One record.
pub async fn find(ctx: &Ctx, public_id: &str) -> Result<IntegrityRow> {
    ctx.allow(Permission::ExamEdit)?;
    store::integrity_find(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)
}

/// Enters a record as typed; its public id.
///
/// # Errors
/// `Fields`, also for a record that stands already.
pub async fn enter(ctx: &Ctx, form: &IntegrityForm) -> Result<String> {
    ctx.allow(Permission::ExamEdit)?;
    let mut errors = FieldErrors::new();
    let name = errors.take("name", PersonName::parse(&form.name));
    let document = document(ctx, form, &mut errors);
    let kind = IntegrityKind::from_code(&form.kind);
    if kind.is_none() {
        errors.add("kind", "请选择记录的种类");
    }
    let source = domain::text::line(&form.source);
    if !(4..=100).contains(&source.chars().count()) {
        errors.add("source", "请写明处理机关和文号，4 至 100 个字");
    }
    let reason = reason(&mut errors, &form.reason);
    let starts_on = Date::parse_typed(&form.starts_on);
    if starts_on.is_none() {
        errors.add("starts_on", "请填写开始日期，例如 2026-05-01");
    }
    let ends_on = kind.zip(starts_on).and_then(|(kind, starts_on)| {
        ends_on(kind, starts_on, &form.ends_on)
            .map_err(|message| errors.add("ends_on", message))
            .ok()
    });
    errors.into_result()?;
    let (Some(name), Some(document), Some(kind), Some(starts_on), Some(ends_on)) =
        (name, document, kind, starts_on, ends_on)
    else {
        return Err(Error::inconsistent("integrity form"));
    };
    let record = IntegrityRecord {
        kind,
        reason,
        starts_on,
        ends_on,
    };
    self::record(ctx, &document, name.as_str(), &record, &source).await
}

fn document(ctx: &Ctx, form: &IntegrityForm, errors: &mut FieldErrors) -> Option<IdDocument> {
    let Some(id_type) = IdType::parse(&form.id_type) else {
        errors.add("id_type", "请选择证件类型");
        return None;
    };
    match IdDocument::parse(id_type, &form.id_number, ctx.at.date()) {
        Ok(Typed::Same(document)) => Some(document),
        Ok(_) => {
            errors.add("id_number", "请填写 18 位证件号码");
            None
        }
        Err(error) => {
            errors.add("id_number", error.to_string());
            None
        }
    }
}

fn reason(errors: &mut FieldErrors, typed: &str) -> String {
    let reason = domain::text::paragraph(typed);
    if !(4..=300).contains(&reason.chars().count()) {
        errors.add("reason", "请写明原因，4 至 300 个字");
    }
    if crate::reason::holds_number(&reason) {
        errors.add("reason", "原因里不要写证件号码或手机号码");
    }
    reason
}

/// The last day as typed, or the usual one.
fn ends_on(
    kind: IntegrityKind,
    starts_on: Date,
    typed: &str,
) -> std::result::Result<Option<Date>, &'static str> {
    if typed.trim().is_empty() {
        return Ok(kind.usual_end(starts_on));
    }
    if kind == IntegrityKind::LongTerm {
        return Err("长期的记录没有截止日期，请留空");
    }
    match Date::parse_typed(typed) {
        None => Err("截止日期应为日期，例如 2031-04-30"),
        Some(end) if end < starts_on => Err("截止日期不能早于开始日期"),
        Some(end) => Ok(Some(end)),
    }
}

/// Enters a record against the holder of a document, whether or not he has an account yet. Its public id.
pub async fn record(
    ctx: &Ctx,
    document: &IdDocument,
    name: &str,
    record: &IntegrityRecord,
    source: &str,
) -> Result<String> {
    ctx.allow(Permission::ExamEdit)?;
    if record.reason.trim().chars().count() < 4 {
        return Err(Error::field("reason", "请写明记录的依据和原因"));
    }
    let command = Enter {
        stamp: Stamp::of(ctx),
        index: ctx
            .app
            .index()
            .index("account.id_number", document.canonical()),
        name: name.to_owned(),
        record: record.clone(),
        source: source.to_owned(),
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

/// Lifts a record: it bars no longer from now on, and stays in the list with the reason.
///
/// # Errors
/// `Fields`; `Refused` for who entered it; `Conflict` if it is lifted already.
pub async fn lift(ctx: &Ctx, public_id: &str, why: &str) -> Result<()> {
    ctx.allow(Permission::ExamEdit)?;
    let mut errors = FieldErrors::new();
    let reason = reason(&mut errors, why);
    errors.into_result()?;
    let command = Lift {
        stamp: Stamp::of(ctx),
        public_id: public_id.to_owned(),
        reason,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

/// Whether a record bars the holder of an account today.
pub(crate) async fn is_barred(app: &App, account_id: i64, at: Timestamp) -> Result<bool> {
    Ok(super::rules::barred(&mut app.db().read(), account_id, at)
        .await?
        .is_some())
}

fn object(id: i64) -> Object {
    Object {
        kind: "integrity_record",
        id,
        exam_id: 0,
    }
}

struct Enter {
    stamp: Stamp,
    index: [u8; 32],
    name: String,
    record: IntegrityRecord,
    source: String,
}

impl Command for Enter {
    const NAME: &'static str = "application.integrity_record";
    type Out = String;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<String> {
        let mut trail = self.stamp.trail();
        let id = trail.id()?;
        let public_id = trail.public_id(id).to_string();
        let kind = self.record.kind.code();
        let starts_on = self.record.starts_on.to_string();
        let ends_on = self.record.ends_on.map(|day| day.to_string());
        let row = store::IntegrityInsert {
            id,
            public_id: &public_id,
            id_index: &self.index,
            name: &self.name,
            kind,
            source: self.source.trim(),
            reason: self.record.reason.trim(),
            starts_on: &starts_on,
            ends_on: ends_on.as_deref(),
            by: self.stamp.actor_id(),
            at: self.stamp.at.micros(),
        };
        match store::integrity_insert(tx, &row).await {
            // A form that was sent twice, or a decision that a colleague has entered, be it at the same moment.
            Err(error)
                if error.violates("integrity_record", &["id_index", "kind", "starts_on"]) =>
            {
                return Err(Error::field(
                    "id_number",
                    "这个人从同一天起已有同类记录，不用重复登记",
                ));
            }
            other => other?,
        };
        let detail = json!({ "kind": kind, "from": starts_on, "to": ends_on });
        trail
            .audit(tx, "application.integrity_record", object(id), detail)
            .await?;
        Ok(public_id)
    }
}

struct Lift {
    stamp: Stamp,
    public_id: String,
    reason: String,
}

impl Command for Lift {
    const NAME: &'static str = "application.integrity_lift";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let row = store::integrity_find(tx, &self.public_id)
            .await?
            .ok_or(Error::NotFound)?;
        let by = self.stamp.actor_id();
        if row.created_by == by {
            return Err(Error::refused(
                "same_person",
                "须由另一人解除",
                "登记的人不能解除自己登记的记录，请另一位工作人员办理。",
            ));
        }
        let who = (by, self.stamp.at.micros());
        if store::integrity_lift(tx, row.id, &self.reason, who).await? == 0 {
            return Err(Error::Conflict("这条记录已经解除，请刷新查看"));
        }
        let detail = json!({ "kind": row.kind });
        trail
            .audit(tx, "application.integrity_lift", object(row.id), detail)
            .await
    }
}
