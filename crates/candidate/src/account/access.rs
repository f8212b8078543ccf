//! What the pages before a login have in common: captcha, cookies, doors, fields.

use app::Ctx;
use app::account::challenge::Solved;
use domain::exam::ExamCategory;
use domain::id_number::IdType;
use web::Visit;
use web::captcha::{self, Answer};
use web::cookie::Cookie;
use web::forms::Field;

/// Proof that this browser signed up, for the first login.
pub(super) const ACTIVATION: &str = "bk_activation";
/// Proof that this browser logged in before: a throttle counter of its own.
const DEVICE: &str = "bk_device";

/// The activation cookie that came with the request.
pub(super) fn activation(visit: &Visit) -> Option<String> {
    visit.cookie(ACTIVATION).map(str::to_owned)
}

/// The device cookie that came with the request.
pub(super) fn device(visit: &Visit) -> Option<String> {
    visit.cookie(DEVICE).map(str::to_owned)
}

/// Lets the browser prove later that it logged this account in.
pub(super) fn remember_device(visit: &Visit, ctx: &Ctx, account_id: i64) {
    let value = app::account::device_cookie(ctx, account_id);
    visit.set_cookie(Cookie::new(DEVICE, value).max_age(app::account::DEVICE_SECONDS));
}

/// Takes away what only the first login needed.
pub(super) fn forget_signup(visit: &Visit) {
    visit.set_cookie(Cookie::removal(ACTIVATION));
    visit.set_cookie(Cookie::removal(super::welcome::COOKIE));
}

/// The captcha as the use case takes it.
///
/// # Errors
/// The message for the field.
pub(super) fn solved(visit: &Visit, answer: &Answer) -> Result<Solved, &'static str> {
    let solved = captcha::check(visit, answer)?;
    Ok(Solved {
        nonce: solved.nonce,
        expires_at: solved.expires_at,
    })
}

/// The captcha's place in the summary of errors; it is drawn by [`web::captcha::CaptchaView`].
pub(super) fn captcha_field() -> Field {
    Field::text(captcha::ANSWER, "验证码")
}

/// 证件号码, as login and recovery ask for it.
pub(super) fn number_field() -> Field {
    Field::text("number", "证件号码")
        .hint("身份证号末位是 X 的，大小写均可。")
        .attribute("autocomplete", "username")
        .attribute("autocapitalize", "off")
        .attribute("spellcheck", "false")
        .attribute("maxlength", "40")
        .required()
}

/// A new password, twice.
pub(super) fn new_password_fields() -> [Field; 2] {
    [
        Field::password("password", "新密码")
            .hint("至少 8 位。不能含有证件号码、出生日期、手机号码或姓名，不要用常见的密码。可以用一句话。")
            .attribute("autocomplete", "new-password")
            .attribute("maxlength", "128")
            .required(),
        Field::password("password_again", "再输一次新密码")
            .attribute("autocomplete", "new-password")
            .attribute("maxlength", "128")
            .required(),
    ]
}

/// A code that came by SMS.
pub(super) fn sms_code_field() -> Field {
    Field::text("sms_code", "短信验证码")
        .hint("6 位数字，10 分钟内有效。")
        .digits()
        .attribute("autocomplete", "one-time-code")
        .attribute("maxlength", "12")
        .narrow()
        .required()
}

/// Keys of use cases as the names of fields on these pages.
pub(super) fn renamed(
    errors: &domain::field::FieldErrors,
    names: &[(&str, &str)],
) -> domain::field::FieldErrors {
    let mut renamed = domain::field::FieldErrors::new();
    for (key, message) in errors.iter() {
        let name = names
            .iter()
            .find(|(from, _)| *from == key)
            .map_or(key, |(_, to)| to);
        renamed.add(name, message);
    }
    renamed
}

/// The category behind a door's code.
pub(super) fn door(code: &str) -> Option<ExamCategory> {
    ExamCategory::from_code(code)
}

/// A door's code, or nothing for one that doesn't exist.
pub(super) fn door_code(code: &str) -> &'static str {
    door(code).map_or("", ExamCategory::code)
}

/// The types of documents as choices.
pub(super) fn id_types() -> impl Iterator<Item = (&'static str, &'static str)> {
    IdType::ALL
        .iter()
        .map(|id_type| (id_type.code(), id_type.label()))
}
