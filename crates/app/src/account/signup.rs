//! 注册 (manual 1.1.1.2): a person's name, document and mobile become an account that waits for its first password.
//!
//! With SMS configured the mobile is proven first, by a code; until then nothing is stored but the code's hash. The
//! result is `pending`: no password, an activation cookie for this browser and a printable activation code for any
//! other (assurance §5, 1–3). Unfinished sign-ups lapse after a day and free the number.

use db::{Command, Lane, Tx};
use domain::account::activation;
use domain::account::legacy::MOST_PER_MOBILE;
use domain::field::FieldErrors;
use domain::id_number::{IdDocument, IdType, Typed};
use domain::phone::Mobile;
use domain::text::PersonName;
use serde::{Deserialize, Serialize};
use serde_json::json;
use vault::{Place, Token};

use super::challenge::{self, Solved};
use super::code::{self, Purpose};
use super::store::{self, AccountInsert};
use super::subject::Subjects;
use crate::{App, Ctx, Error, Object, Result, Stamp};

/// The sign-up form as typed.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct SignupForm {
    /// 姓名
    pub name: String,
    /// 证件类型, a code of [`IdType`].
    pub id_type: String,
    /// 证件号码
    pub id_number: String,
    /// 手机号码
    pub mobile: String,
    /// The category door that the candidate came through.
    pub door: String,
}

impl std::fmt::Debug for SignupForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignupForm(…)")
    }
}

/// A sign-up form that is right.
#[derive(Debug, Clone)]
pub struct Signup {
    name: PersonName,
    document: IdDocument,
    mobile: Mobile,
}

/// What became of a sign-up.
#[derive(Debug)]
pub enum Outcome {
    /// A code is on its way to the mobile; the page of the code carries the sealed form.
    CodeSent {
        /// To be sent back with the code.
        sealed: String,
        /// 138****0000
        mobile: String,
    },
    /// The account waits for its first login.
    Created(Box<Created>),
    /// The number has an account already: the page says what to do.
    Taken,
}

/// What the browser of a fresh account is given.
pub struct Created {
    /// The number in its one form, for the login page's field.
    pub number: String,
    /// The door that was signed up through.
    pub door: String,
    /// For the activation cookie.
    pub cookie: Token,
    /// The one-time code, shown once and printable: groups of four.
    pub activation_code: String,
    /// When both end.
    pub expires_at: domain::time::Timestamp,
}

impl std::fmt::Debug for Created {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Created(…)")
    }
}

/// Checks what was typed, all of it, in the order of the page.
///
/// A fifteen-digit number is converted; the page shows the result in the field and asks to save once more.
pub fn check(
    form: &SignupForm,
    today: domain::time::Date,
) -> std::result::Result<Signup, FieldErrors> {
    let mut errors = FieldErrors::new();
    let name = PersonName::parse(&form.name)
        .map_err(|e| errors.add("name", e.to_string()))
        .ok();
    let id_type = IdType::parse(&form.id_type);
    if id_type.is_none() {
        errors.add("id_type", "请选择证件类型");
    }
    let document =
        id_type.and_then(
            |id_type| match IdDocument::parse(id_type, &form.id_number, today) {
                Ok(Typed::Same(document)) => Some(document),
                Ok(Typed::Converted(_)) => {
                    errors.add(
                    "id_number",
                    "您填的是 15 位旧号码，已按规则换算成 18 位。请对照身份证核对，无误后再点保存",
                );
                    None
                }
                Err(error) => {
                    errors.add("id_number", error.to_string());
                    None
                }
            },
        );
    let mobile = Mobile::parse(&form.mobile)
        .map_err(|e| errors.add("mobile", e.to_string()))
        .ok();
    match (name, document, mobile) {
        (Some(name), Some(document), Some(mobile)) if errors.is_empty() => Ok(Signup {
            name,
            document,
            mobile,
        }),
        _ => Err(errors),
    }
}

/// The eighteen digits that a typed number of fifteen stands for: what the page shows in the field for confirmation.
pub fn converted(form: &SignupForm, today: domain::time::Date) -> Option<String> {
    match IdDocument::parse(IdType::parse(&form.id_type)?, &form.id_number, today) {
        Ok(Typed::Converted(document)) => Some(document.canonical().to_owned()),
        _ => None,
    }
}

/// 保存: with SMS a code goes out first, without it the account is made at once.
pub async fn start(ctx: &Ctx, form: &SignupForm, captcha: Solved) -> Result<Outcome> {
    let signup = check(form, ctx.at.date())?;
    let whom = number_index(&ctx.app, &signup.document);
    challenge::enter(ctx, captcha, &Subjects::of(ctx, &whom, None)).await?;
    if !ctx.app.policy().sms {
        return create(ctx, &signup, &form.door, false).await;
    }
    code::send(ctx, Purpose::Signup, &signup.mobile, None).await?;
    let clear = serde_json::to_vec(form).map_err(|e| Error::internal("signup form", e))?;
    let expires = ctx.at.plus_seconds(30 * 60);
    let sealed = ctx
        .app
        .sealer()
        .seal("signup", &clear, expires, ctx.app.entropy());
    Ok(Outcome::CodeSent {
        sealed,
        mobile: signup.mobile.masked(),
    })
}

/// The page of the code sends back the sealed form and the code.
pub async fn confirm(ctx: &Ctx, sealed: &str, typed_code: &str) -> Result<Outcome> {
    let form = opened(ctx, sealed)?;
    let signup = check(&form, ctx.at.date())?;
    // A counter of its own: who fails here must not delay the logins of the number's owner.
    let index = mobile_index(&ctx.app, &signup.mobile);
    let whom = ctx
        .app
        .index()
        .index("account.signup_code", &hex::encode(index));
    code::redeem_slowed(ctx, &whom, Purpose::Signup, &signup.mobile, typed_code).await?;
    create(ctx, &signup, &form.door, true).await
}

/// Sends another code for the same sealed form.
pub async fn resend(ctx: &Ctx, sealed: &str) -> Result<String> {
    let form = opened(ctx, sealed)?;
    let signup = check(&form, ctx.at.date())?;
    // No captcha stands in front of this button: the network has a budget.
    let asking = Subjects::asking(ctx, "signup_resend");
    let _counts = challenge::take(ctx, None, asking).await?;
    code::send(ctx, Purpose::Signup, &signup.mobile, None).await?;
    Ok(signup.mobile.masked())
}

fn opened(ctx: &Ctx, sealed: &str) -> Result<SignupForm> {
    let stale = || {
        Error::refused(
            "signup_stale",
            "页面已过期",
            "请回到注册页重新填写。填写约需 3 分钟。",
        )
    };
    let opened = ctx
        .app
        .sealer()
        .open("signup", sealed, ctx.at)
        .map_err(|_| stale())?;
    serde_json::from_slice(&opened.payload).map_err(|_| stale())
}

pub(super) fn number_index(app: &App, document: &IdDocument) -> [u8; 32] {
    app.index().index("account.id_number", document.canonical())
}

pub(super) fn mobile_index(app: &App, mobile: &Mobile) -> [u8; 32] {
    app.index().index("account.mobile", mobile.as_str())
}

pub(super) fn account_place(column: &'static str, id: i64) -> Place {
    Place {
        table: "account",
        column,
        row: id,
    }
}

/// What a new account keeps of a person, sealed for its row, with the indexes by which it is found.
#[derive(Clone)]
pub(super) struct Sealed {
    pub(super) id_number: Vec<u8>,
    pub(super) id_index: [u8; 32],
    pub(super) mobile: Vec<u8>,
    pub(super) mobile_index: [u8; 32],
}

impl Sealed {
    /// For the account of this id.
    pub(super) fn of(app: &App, id: i64, document: &IdDocument, mobile: &Mobile) -> Self {
        let sealed = |column, clear: &str| {
            app.cipher()
                .seal(account_place(column, id), clear.as_bytes(), app.entropy())
        };
        Self {
            id_number: sealed("id_number", document.canonical()),
            id_index: number_index(app, document),
            mobile: sealed("mobile", mobile.as_str()),
            mobile_index: mobile_index(app, mobile),
        }
    }
}

async fn create(ctx: &Ctx, signup: &Signup, door: &str, verified: bool) -> Result<Outcome> {
    let app = &ctx.app;
    let id = app.reserve_ids(1);
    let cookie = Token::random(app.entropy());
    let activation_code = vault::ActivationCode::random(app.entropy());
    let expires_at = ctx.at.plus_seconds(activation::EXPIRY_SECONDS);
    let command = Create {
        stamp: Stamp::of(ctx),
        id,
        id_type: signup.document.id_type().code(),
        name: signup.name.as_str().to_owned(),
        sealed: Sealed::of(app, id, &signup.document, &signup.mobile),
        verified,
        cookie_hash: cookie.hash(),
        code_hash: activation_code.hash(),
        expires_at: expires_at.micros(),
    };
    let free = match app.db().write(Lane::Interactive, command).await {
        // Another one with this number was committed at this very moment: a sign-up, or an import of accounts.
        Err(Error::Db(error)) if error.violates("account", &["id_index", "id_type"]) => false,
        other => other?,
    };
    if free {
        let activation_code = activation_code.grouped();
        let (number, door) = (signup.document.canonical().to_owned(), door.to_owned());
        Ok(Outcome::Created(Box::new(Created {
            number,
            door,
            cookie,
            activation_code,
            expires_at,
        })))
    } else {
        Ok(Outcome::Taken)
    }
}

struct Create {
    stamp: Stamp,
    id: i64,
    id_type: &'static str,
    name: String,
    sealed: Sealed,
    verified: bool,
    cookie_hash: [u8; 32],
    code_hash: [u8; 32],
    expires_at: i64,
}

impl Command for Create {
    const NAME: &'static str = "account.signup";
    /// Whether the number was free.
    type Out = bool;
    type Err = Error;

    async fn run(&self, tx: &mut Tx) -> Result<bool> {
        let mut trail = self.stamp.trail();
        let at = self.stamp.at.micros();
        store::account_lapse(tx, &self.sealed.id_index, at).await?;
        if !store::accounts_by_number(tx, &self.sealed.id_index)
            .await?
            .is_empty()
        {
            return Ok(false);
        }
        if store::accounts_with_mobile(tx, &self.sealed.mobile_index).await?
            >= i64::from(MOST_PER_MOBILE)
        {
            return Err(Error::field(
                "mobile",
                "这个手机号码已用于多个账号，请填写本人的手机号码",
            ));
        }
        let row = AccountInsert {
            id: self.id,
            public_id: &trail.public_id(self.id).to_string(),
            id_type: self.id_type,
            id_number: &self.sealed.id_number,
            id_index: &self.sealed.id_index,
            name: &self.name,
            name_order: &self.name,
            mobile: &self.sealed.mobile,
            mobile_index: &self.sealed.mobile_index,
            mobile_verified_at: self.verified.then_some(at),
            cookie_hash: &self.cookie_hash,
            code_hash: &self.code_hash,
            expires_at: self.expires_at,
            rehearsal_exam: None,
            at,
        };
        store::account_insert(tx, &row).await?;
        let object = Object {
            kind: "account",
            id: self.id,
            exam_id: 0,
        };
        trail
            .audit(
                tx,
                "account.signup",
                object,
                json!({ "mobile_verified": self.verified }),
            )
            .await?;
        Ok(true)
    }
}
