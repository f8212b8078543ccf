//! The candidate desk: looking a person up, seeing an account masked, and unmasking a value with a reason that is recorded.
//!
//! Numbers are found through keyed indexes by their whole value. The last four digits find only together with the exact name; a miss
//! counts against a throttle, so that nobody finds out numbers by trying (DESIGN §2).

use db::{Command, Crowd, Lane, Tx};
use domain::id_number::{IdDocument, IdType, lookup_key};
use domain::phone::Mobile;
use domain::sheet::Cell;
use domain::staff::Permission;
use serde_json::json;

use super::challenge;
use super::office_store as store;
use super::signup::{account_place, mobile_index};
use super::store::AccountRow;
use super::subject::Subjects;
use crate::copy::{Copied, Format, Listing, second, take};
use crate::{App, Ctx, Error, Object, Result, Stamp};

pub use super::office_store::{OwnApplication, OwnPhoto};

/// Namesakes that a search by name looks through.
const NAMESAKES: i64 = 500;

/// What is looked for: one of a whole number, a whole mobile, a name with the last four characters of the number.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// 证件号码 or 手机号码, whole.
    pub number: String,
    /// 姓名, exact.
    pub name: String,
    /// The last four characters of the number, with the name.
    pub last_four: String,
}

/// An account as the desk sees it: masked.
#[derive(Debug, Clone)]
pub struct Found {
    /// What URLs carry.
    pub public_id: String,
    /// 姓名
    pub name: String,
    /// 证件类型
    pub id_type: &'static str,
    /// The first three characters.
    pub id_number: String,
    /// `138****0000`.
    pub mobile: String,
    /// Whether the mobile was proven by a code.
    pub mobile_verified: bool,
    /// `pending`, `active`, `frozen`, `lapsed`, `closed`.
    pub state: String,
    /// 注册时间
    pub created_at: i64,
    /// Came from another system and wasn't opened by its owner yet: until when it waits.
    pub waits_until: Option<i64>,
}

pub(super) fn document(app: &App, row: &AccountRow) -> Result<IdDocument> {
    let clear = app
        .cipher()
        .open(account_place("id_number", row.id), &row.id_number)
        .map_err(|e| Error::internal("account.id_number", e))?;
    let number =
        std::str::from_utf8(&clear).map_err(|e| Error::internal("account.id_number", e))?;
    let id_type = IdType::parse(&row.id_type).ok_or(Error::inconsistent("account.id_type"))?;
    Ok(IdDocument::from_stored(id_type, number))
}

pub(super) fn mobile(app: &App, row: &AccountRow) -> Result<Mobile> {
    let clear = app
        .cipher()
        .open(account_place("mobile", row.id), &row.mobile)
        .map_err(|e| Error::internal("account.mobile", e))?;
    let number = std::str::from_utf8(&clear).map_err(|e| Error::internal("account.mobile", e))?;
    Mobile::parse(number).map_err(|e| Error::internal("account.mobile", e))
}

fn found(app: &App, row: &AccountRow) -> Result<Found> {
    // A closed account keeps its anchor only.
    let erased = row.mobile.is_empty();
    let (id_number, mobile) = match document(app, row) {
        Ok(document) if !erased => (document.masked(), mobile(app, row)?.masked()),
        Ok(document) => (document.masked(), String::new()),
        Err(_) if erased => (String::new(), String::new()),
        Err(error) => return Err(error),
    };
    Ok(Found {
        public_id: row.public_id.clone(),
        name: row.name.clone(),
        id_type: IdType::parse(&row.id_type).map_or("", IdType::label),
        id_number,
        mobile,
        mobile_verified: row.mobile_verified_at.is_some(),
        state: row.state.clone(),
        created_at: row.created_at,
        waits_until: row.lapses_at.filter(|_| row.activated_at.is_none()),
    })
}

/// Looks a person up. Each search leaves an audit row that says how it was made and how many it found, never the value.
///
/// # Errors
/// `Fields`; `Busy` after too many searches by last digits that found nobody.
pub async fn search(ctx: &Ctx, search: &Search) -> Result<Vec<Found>> {
    ctx.allow(Permission::AccountDesk)?;
    let name = domain::text::line(&search.name);
    let number = lookup_key(&search.number);
    let last_four = lookup_key(&search.last_four);
    let (by, rows) = if !number.is_empty() {
        by_number(ctx, &number).await?
    } else if name.is_empty() {
        return Err(Error::field(
            "number",
            "请填写完整的证件号码或手机号码，或者填写姓名和证件号码后四位",
        ));
    } else if last_four.chars().count() != 4 {
        return Err(Error::field("last_four", "请填写证件号码的后四位"));
    } else {
        ("name_and_last_four", by_name(ctx, &name, &last_four).await?)
    };
    let list: Vec<Found> = rows
        .iter()
        .map(|row| found(&ctx.app, row))
        .collect::<Result<_>>()?;
    let command = Note {
        stamp: Stamp::of(ctx),
        action: "account.search",
        object: Object {
            kind: "account",
            id: rows.first().map_or(0, |row| row.id),
            exam_id: 0,
        },
        detail: json!({ "by": by, "found": list.len() }),
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    Ok(list)
}

async fn by_number(ctx: &Ctx, number: &str) -> Result<(&'static str, Vec<AccountRow>)> {
    let mut read = ctx.app.db().read();
    let index = ctx.app.index().index("account.id_number", number);
    let rows = store::accounts_of_number(&mut read, &index).await?;
    if !rows.is_empty() {
        return Ok(("id_number", rows));
    }
    match Mobile::parse(number) {
        Ok(mobile) => {
            let index = mobile_index(&ctx.app, &mobile);
            Ok((
                "mobile",
                store::accounts_of_mobile(&mut read, &index).await?,
            ))
        }
        Err(_) => Ok(("id_number", Vec::new())),
    }
}

async fn by_name(ctx: &Ctx, name: &str, last_four: &str) -> Result<Vec<AccountRow>> {
    let whom = ctx
        .app
        .index()
        .index("staff.search", &ctx.actor.id().to_string());
    let subjects = Subjects::of(ctx, &whom, None);
    let attempt = challenge::take(ctx, None, subjects).await?;
    let found = of_name(ctx, name, last_four).await;
    attempt
        .judged(ctx, found, |rows| !rows.is_empty(), None)
        .await
}

async fn of_name(ctx: &Ctx, name: &str, last_four: &str) -> Result<Vec<AccountRow>> {
    let mut scan = ctx.app.db().scan(Crowd::Staff);
    let mut rows = Vec::new();
    for row in store::accounts_of_name(&mut scan, name, NAMESAKES).await? {
        if document(&ctx.app, &row)?.canonical().ends_with(last_four) {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// One account with what hangs on it.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The account, masked.
    pub account: Found,
    /// Its applications, newest first.
    pub applications: Vec<OwnApplication>,
    /// Its current photo.
    pub photo: Option<OwnPhoto>,
}

/// One account for the desk.
pub async fn candidate(ctx: &Ctx, public_id: &str) -> Result<Candidate> {
    ctx.allow(Permission::AccountDesk)?;
    let mut read = ctx.app.db().read();
    let row = store::account_by_public_id(&mut read, public_id)
        .await?
        .ok_or(Error::NotFound)?;
    let applications = store::applications_of(&mut ctx.app.db().scan(Crowd::Staff), row.id).await?;
    let photo = store::photo_of(&mut read, row.id).await?;
    Ok(Candidate {
        account: found(&ctx.app, &row)?,
        applications,
        photo,
    })
}

/// An account for another feature's page at the desk.
///
/// # Errors
/// `NotFound`; `Forbidden`.
pub(crate) async fn desk_row(ctx: &Ctx, public_id: &str) -> Result<AccountRow> {
    ctx.allow(Permission::AccountDesk)?;
    store::account_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)
}

/// Name and masked number of an account, for who has to decide about it. The caller has checked who asks.
pub(crate) async fn desk_identity(app: &App, account_id: i64) -> Result<(String, String)> {
    let row = super::store::account_by_id(&mut app.db().read(), account_id)
        .await?
        .ok_or(Error::NotFound)?;
    let number = document(app, &row)?.masked();
    Ok((row.name, number))
}

/// The applications of a candidate as a file, as the desk sees them: his number masked.
///
/// # Errors
/// `NotFound`; `Forbidden`.
pub async fn export(
    ctx: &Ctx,
    public_id: &str,
    words: Words<'_>,
    format: Format,
) -> Result<Copied> {
    let list = Applications {
        account: account_id(ctx, public_id).await?,
        public_id,
        words,
    };
    take(ctx, &list, format).await
}

async fn account_id(ctx: &Ctx, public_id: &str) -> Result<i64> {
    ctx.allow(Permission::AccountDesk)?;
    let row = store::account_by_public_id(&mut ctx.app.db().read(), public_id).await?;
    row.map(|row| row.id).ok_or(Error::NotFound)
}

/// How a file names what an application keeps as codes.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    /// Whether it lives.
    pub life: &'a (dyn Fn(&str) -> &'static str + Sync),
    /// Where the review stands.
    pub review: &'a (dyn Fn(&str) -> &'static str + Sync),
    /// Where the payment stands.
    pub payment: &'a (dyn Fn(&OwnApplication) -> String + Sync),
}

impl std::fmt::Debug for Words<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Words").finish_non_exhaustive()
    }
}

struct Applications<'a> {
    account: i64,
    public_id: &'a str,
    words: Words<'a>,
}

impl Listing for Applications<'_> {
    /// With whose it is: name and masked number.
    type Row = (OwnApplication, String, String);
    type Place = ();
    const NAME: &'static str = "考生的报名";
    const ACTION: &'static str = "account.export";
    const COLUMNS: &'static [(&'static str, f64)] = &[
        ("姓名", 12.0),
        ("证件号码", 22.0),
        ("考试", 44.0),
        ("报名序号", 18.0),
        ("状态", 10.0),
        ("资格审查", 12.0),
        ("缴费", 12.0),
        ("提交时间", 20.0),
    ];

    fn object(&self) -> Object {
        Object {
            kind: "account",
            id: self.account,
            exam_id: 0,
        }
    }

    fn filter(&self) -> serde_json::Value {
        json!({})
    }

    /// Nobody has so many that they were more than one page.
    async fn page(&self, ctx: &Ctx, _: Option<()>) -> Result<(Vec<Self::Row>, Option<()>)> {
        let found = candidate(ctx, self.public_id).await?;
        let (name, number) = (found.account.name, found.account.id_number);
        let rows = found.applications.into_iter();
        let rows = rows.map(|row| (row, name.clone(), number.clone()));
        Ok((rows.collect(), None))
    }

    fn cells(&self, _: &Ctx, (row, name, number): &Self::Row) -> Vec<Cell> {
        vec![
            Cell::text(name.as_str()),
            Cell::text(number.as_str()),
            Cell::text(row.exam.as_str()),
            Cell::text(row.registration_no.as_str()),
            Cell::text((self.words.life)(&row.life)),
            Cell::text((self.words.review)(&row.review)),
            Cell::text((self.words.payment)(row)),
            second(row.submitted_at),
        ]
    }
}

/// A value that is masked until somebody says why he has to see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Masked {
    /// 证件号码
    IdNumber,
    /// 手机号码
    Mobile,
}

impl Masked {
    /// The code in forms and audit rows.
    pub fn code(self) -> &'static str {
        match self {
            Self::IdNumber => "id_number",
            Self::Mobile => "mobile",
        }
    }

    /// The value with this code.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::IdNumber, Self::Mobile]
            .into_iter()
            .find(|value| value.code() == code)
    }

    /// What staff read.
    pub fn label(self) -> &'static str {
        match self {
            Self::IdNumber => "证件号码",
            Self::Mobile => "手机号码",
        }
    }
}

/// Shows a value in clear to the desk. The reason and the look are recorded before the value is given.
pub async fn unmask(ctx: &Ctx, public_id: &str, value: Masked, reason: &str) -> Result<String> {
    let row = store::account_by_public_id(&mut ctx.app.db().read(), public_id)
        .await?
        .ok_or(Error::NotFound)?;
    show(ctx, row, (Permission::AccountDesk, 0, ""), value, reason).await
}

/// The same for somebody who works on an application: `scope` is the permission with the application's exam and unit.
pub async fn unmask_for(
    ctx: &Ctx,
    account_id: i64,
    scope: (Permission, i64, &str),
    value: Masked,
    reason: &str,
) -> Result<String> {
    let row = super::store::account_by_id(&mut ctx.app.db().read(), account_id)
        .await?
        .ok_or(Error::NotFound)?;
    show(ctx, row, scope, value, reason).await
}

async fn show(
    ctx: &Ctx,
    row: AccountRow,
    scope: (Permission, i64, &str),
    value: Masked,
    reason: &str,
) -> Result<String> {
    ctx.allow_for(scope.0, scope.1, scope.2)?;
    let hint = "请写明查看的原因，2 至 100 个字";
    let reason = crate::reason::read("reason", reason, 2..=100, hint)?;
    let clear = match value {
        Masked::IdNumber => document(&ctx.app, &row)?.canonical().to_owned(),
        Masked::Mobile => mobile(&ctx.app, &row)?.as_str().to_owned(),
    };
    let command = Note {
        stamp: Stamp::of(ctx),
        action: "account.unmask",
        object: Object {
            kind: "account",
            id: row.id,
            exam_id: scope.1,
        },
        detail: json!({ "value": value.code(), "reason": reason }),
    };
    ctx.app.db().write(Lane::Interactive, command).await?;
    Ok(clear)
}

/// An audit row alone: a look is a change of nothing, but somebody has to answer for it.
struct Note {
    stamp: Stamp,
    action: &'static str,
    object: Object,
    detail: serde_json::Value,
}

impl Command for Note {
    const NAME: &'static str = "account.note";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        self.stamp
            .trail()
            .audit(tx, self.action, self.object, self.detail.clone())
            .await
    }
}
