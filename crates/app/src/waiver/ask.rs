//! 申请减免, by the candidate.

use db::{Command, Lane, Tx};
use domain::field::FieldErrors;
use domain::payment::waiver::{self as rules, MOST_BYTES, MOST_FILES};
use domain::payment::{WaiverCategory, WaiverEvent, WaiverState};
use domain::time::Timestamp;
use serde_json::json;

use super::{CHANGED, KIND, WaiverRow, place, state, store};
use crate::application::{self, ApplicationRow, files};
use crate::exam::Exam;
use crate::object::{self, NewObject, Owner};
use crate::{App, Ctx, Error, Object, Result, Stamp};

/// The words of an application, as typed.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// The category's name.
    pub category: String,
    /// 情况说明
    pub statement: String,
    /// Files of the one before that go with this one, too.
    pub keep: Vec<String>,
}

/// A file that came along: its name and its content.
pub type Upload<'a> = (&'a str, &'a [u8]);

/// Why nobody may ask now.
pub(super) fn barred(exam: &Exam, row: &ApplicationRow, at: Timestamp) -> Option<Error> {
    let no = |text: String| Some(Error::refused("waiver_closed", "现在不能申请减免", text));
    let fees = &exam.settings.fees;
    if !fees.takes_waivers() || !exam.settings.steps.has_payment() {
        return no("这项考试不受理减免申请。".to_owned());
    }
    if row.life != "live" {
        return no("这项报名已终止，或者还没有提交。".to_owned());
    }
    if row.fee == 0 {
        return no("这项报名不需要缴费。".to_owned());
    }
    match row.payment.as_str() {
        "none" | "due" => {}
        "paid" if fees.waiver.after_payment => {}
        "paid" => return no("费用已缴。这项考试只在缴费之前受理减免申请。".to_owned()),
        "waived" => return no("这项报名的费用已经减免。".to_owned()),
        _ => return no("这项报名的费用正在退回或者已经退回。".to_owned()),
    }
    let window = rules::window(exam.windows());
    match window.filter(|_| exam.is_public()) {
        Some(window) if window.contains(at) => None,
        Some(window) => no(format!("减免申请的时间为 {}。", window.to_chinese())),
        None => no("本考试没有设置减免申请的时间，请联系考试机构。".to_owned()),
    }
}

/// What is asked for, checked as far as it can be without the database.
struct Checked {
    category: WaiverCategory,
    statement: String,
}

fn check(exam: &Exam, form: &Form, uploads: &[Upload<'_>]) -> Result<Checked> {
    let mut errors = FieldErrors::new();
    let category = exam.settings.fees.waiver.category(&form.category);
    if category.is_none() {
        errors.add("category", "请选择减免类别");
    }
    let statement = domain::text::paragraph(&form.statement);
    let length = statement.chars().count();
    if !(5..=500).contains(&length) {
        errors.add(
            "statement",
            format!("请用 5 至 500 个字说明情况，您填了 {length} 个"),
        );
    } else if crate::reason::holds_number(&statement) {
        errors.add("statement", "说明里不要写证件号码或手机号码");
    }
    let count = uploads.len() + form.keep.len();
    if count == 0 {
        errors.add("evidence", "请上传证明材料");
    } else if count > MOST_FILES {
        errors.add(
            "evidence",
            format!("最多 {MOST_FILES} 个文件，您选了 {count} 个"),
        );
    }
    for (name, bytes) in uploads {
        if bytes.len() > MOST_BYTES {
            errors.add("evidence", format!("“{name}”超过 4 MB，请换一个文件"));
        } else if files::media_type(bytes).is_none() {
            errors.add(
                "evidence",
                format!("“{name}”不是 PDF、JPG 或 PNG 文件，请换一个文件"),
            );
        }
    }
    errors.into_result()?;
    Ok(Checked {
        category: category.ok_or(Error::NotFound)?.clone(),
        statement,
    })
}

/// Asks for a waiver with words and evidence; after a refusal anew, with files of the one before if wanted.
///
/// # Errors
/// `Fields` for what is to be mended; `Refused` where or when none may be asked for.
pub async fn ask(ctx: &Ctx, application: &str, form: &Form, uploads: &[Upload<'_>]) -> Result<()> {
    let account_id = ctx.candidate()?;
    let mut read = ctx.app.db().read();
    let row = application::store::application_by_public_id(&mut read, application)
        .await?
        .filter(|row| row.account_id == account_id)
        .ok_or(Error::NotFound)?;
    let exam = crate::exam::find_by_id(&ctx.app, row.exam_id).await?;
    if let Some(no) = barred(&exam, &row, ctx.at) {
        return Err(no);
    }
    let checked = check(&exam, form, uploads)?;
    let before = store::waivers_of(&mut read, row.id).await?;
    let mut kept = Vec::new();
    if let Some(before) = before.first() {
        for file in store::files_of(&mut read, before.id).await? {
            if file.size > 0 && form.keep.contains(&file.public_id) {
                kept.push(file.object_id);
            }
        }
    }
    if uploads.is_empty() && kept.is_empty() {
        return Err(Error::field("evidence", "请上传证明材料"));
    }
    let mut evidence = Vec::new();
    for (name, bytes) in uploads {
        let media = files::media_type(bytes).ok_or(Error::inconsistent("a checked file"))?;
        let owner = Owner::Account(account_id);
        evidence.push(object::prepare(&ctx.app, KIND, owner, (media, name), bytes).await?);
    }
    let command = Ask {
        app: ctx.app.clone(),
        stamp: Stamp::of(ctx),
        application_id: row.id,
        checked,
        evidence,
        kept,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

/// What somebody reads who asks while another one stands.
fn taken() -> Error {
    Error::refused(
        "waiver_open",
        "已有一项减免申请",
        "这项报名已有一项减免申请在办理或者已经通过，不需要重复提交。",
    )
}

struct Ask {
    app: App,
    stamp: Stamp,
    application_id: i64,
    checked: Checked,
    evidence: Vec<NewObject>,
    kept: Vec<i64>,
}

impl Command for Ask {
    const NAME: &'static str = "waiver.ask";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let row = application::store::application_by_id(tx, self.application_id)
            .await?
            .ok_or(Error::NotFound)?;
        let exam = crate::exam::find_in(tx, &self.app, row.exam_id).await?;
        if let Some(no) = barred(&exam, &row, trail.at()) {
            return Err(no);
        }
        let id = trail.id()?;
        let category = &self.checked.category;
        let grants = serde_json::to_string(&category.grants)
            .map_err(|e| Error::internal("fee_waiver.grants", e))?;
        let insert = store::WaiverInsert {
            id,
            public_id: &trail.public_id(id).to_string(),
            application_id: row.id,
            exam_id: row.exam_id,
            account_id: row.account_id,
            category: &category.name,
            grants: &grants,
            statement: &trail.seal(&self.app, place(id), self.checked.statement.as_bytes()),
            at: trail.at().micros(),
        };
        // Of two that ask at the same moment neither sees the other: the database says it.
        match store::waiver_insert(tx, &insert).await {
            Err(error) if error.violates("fee_waiver", &["application_id"]) => return Err(taken()),
            other => other?,
        };
        let mut files = self.kept.clone();
        for one in &self.evidence {
            files.push(object::insert(tx, &mut trail, one).await?);
        }
        for object_id in &files {
            store::file_insert(tx, trail.id()?, id, *object_id).await?;
        }
        let object = Object {
            kind: "fee_waiver",
            id,
            exam_id: row.exam_id,
        };
        let detail = json!({ "category": category.name, "files": files.len() });
        trail.audit(tx, "waiver.ask", object, detail).await
    }
}

/// The candidate takes back what nobody has decided.
///
/// # Errors
/// `Conflict` once somebody has.
pub async fn withdraw(ctx: &Ctx, application: &str) -> Result<()> {
    let account_id = ctx.candidate()?;
    let mut read = ctx.app.db().read();
    let row = application::store::application_by_public_id(&mut read, application)
        .await?
        .filter(|row| row.account_id == account_id)
        .ok_or(Error::NotFound)?;
    let waiver = store::waivers_of(&mut read, row.id)
        .await?
        .into_iter()
        .next();
    let command = Withdraw {
        stamp: Stamp::of(ctx),
        row: waiver.ok_or(Error::NotFound)?,
    };
    ctx.app.db().write(Lane::Interactive, command).await
}

struct Withdraw {
    stamp: Stamp,
    row: WaiverRow,
}

impl Command for Withdraw {
    const NAME: &'static str = "waiver.withdraw";
    type Out = ();
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let mut trail = self.stamp.trail();
        let was = state(&self.row)?;
        let next: WaiverState = was.on(WaiverEvent::Withdraw).map_err(|_| CHANGED)?;
        let (of, at) = ((self.row.id, self.row.version), trail.at().micros());
        if store::waiver_move(tx, of, (was.code(), next.code()), None, at).await? == 0 {
            return Err(CHANGED);
        }
        trail
            .audit(tx, "waiver.withdraw", self.row.object(), json!({}))
            .await
    }
}
