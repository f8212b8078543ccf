//! The captcha on a form: a picture, a spoken form, and a proof of work for who can use neither.
//!
//! Showing one writes nothing: the answer travels in a sealed token, which the picture's address carries too. The
//! token's nonce is spent by the use case that the answer opens (`app::account::challenge`), in the same commit as its throttle and
//! before any password is hashed; [`check`] hands it over as [`Solved`].
//!
//! A proof of work stands for the picture: the browser looks for a number whose hash with the token begins with
//! [`WORK_BITS`] zero bits, about a second on a phone. It costs a person nothing and a machine about as much as solving pictures.

mod proof;
mod view;

pub use proof::WORK_BITS;
pub use view::CaptchaView;

use std::fmt;
use std::sync::Arc;

use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::kit::Kit;
use crate::visit::Visit;

/// A content type and its bytes.
pub type Media = (&'static str, Vec<u8>);

/// How captchas are drawn and spoken.
pub trait Art: fmt::Debug + Send + Sync + 'static {
    /// A picture of `answer`, with its content type.
    fn picture(&self, answer: &str) -> Option<Media>;
    /// `answer` read aloud, with its content type.
    fn sound(&self, answer: &str) -> Option<Media>;
}

/// The name of the field that is typed into.
pub const ANSWER: &str = "captcha";
/// The name of the hidden field with the token.
pub const TOKEN: &str = "captcha_token";
/// The name of the hidden field that a script fills with the proof of work.
pub const PROOF: &str = "captcha_proof";

const PURPOSE: &str = "captcha";
/// Time enough to fill in a sign-up form; the picture can be changed without losing it.
const SECONDS: i64 = 10 * 60;
/// The letters of answers: none looks or sounds like another. The same as `imaging`'s alphabet, which can draw and speak them.
pub const LETTERS: &[u8] = b"23456789afhklpuwxy";
const LENGTH: usize = 4;

#[derive(Serialize, Deserialize)]
struct Challenge {
    #[serde(rename = "a")]
    answer: String,
    #[serde(rename = "n")]
    nonce: String,
}

/// A captcha that was answered rightly: its nonce has still to be spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solved {
    /// What may be spent once.
    pub nonce: Vec<u8>,
    /// When the token ends; the nonce may be forgotten then.
    pub expires_at: Timestamp,
}

/// Makes a token with a fresh answer.
pub(crate) fn token(kit: &Kit, at: Timestamp) -> String {
    let answer: String = kit
        .random::<LENGTH>()
        .iter()
        .filter_map(|byte| LETTERS.get(usize::from(*byte) % LETTERS.len()))
        .map(|letter| char::from(*letter))
        .collect();
    let nonce = crate::captcha::proof::text(&kit.random::<16>());
    crate::seal::seal(
        kit.seal(),
        PURPOSE,
        &Challenge { answer, nonce },
        at.plus_seconds(SECONDS),
    )
}

fn open(kit: &Kit, token: &str, at: Timestamp) -> Option<(Challenge, Timestamp)> {
    crate::seal::open(kit.seal(), PURPOSE, token, at)
}

/// The picture or the sound behind a token. Drawn on a blocking thread: anybody may ask for one, and the threads that
/// answer requests have better things to do.
pub(crate) async fn media(visit: &Visit, token: &str, sound: bool) -> Option<Media> {
    let (challenge, _) = open(visit.kit(), token, visit.at())?;
    let art = Arc::clone(&visit.kit().parts().captcha);
    let _turn = visit.kit().drawing().acquire().await.ok()?;
    let draw = move || {
        if sound {
            art.sound(&challenge.answer)
        } else {
            art.picture(&challenge.answer)
        }
    };
    tokio::task::spawn_blocking(draw).await.ok()?
}

/// What a form's three captcha fields hold.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Answer {
    /// What was typed.
    #[serde(default)]
    pub captcha: String,
    /// The token.
    #[serde(default)]
    pub captcha_token: String,
    /// The proof of work, if that way was chosen.
    #[serde(default)]
    pub captcha_proof: String,
}

/// Is the captcha answered? Full-width letters, case and spaces don't matter.
///
/// # Errors
/// The message for the field [`ANSWER`].
pub fn check(visit: &Visit, answer: &Answer) -> Result<Solved, &'static str> {
    let Some((challenge, expires_at)) = open(visit.kit(), &answer.captcha_token, visit.at()) else {
        return Err("验证码已过期，请输入新的验证码");
    };
    let typed = plain(&answer.captcha);
    let right = if typed.is_empty() && !answer.captcha_proof.is_empty() {
        proof::holds(&answer.captcha_token, &answer.captcha_proof)
    } else if typed.is_empty() {
        return Err("请输入验证码");
    } else {
        typed == challenge.answer
    };
    if right {
        Ok(Solved {
            nonce: challenge.nonce.into_bytes(),
            expires_at,
        })
    } else {
        Err("验证码不对，请按新图片重新输入")
    }
}

/// As it would have been typed on an English keyboard.
fn plain(typed: &str) -> String {
    typed
        .chars()
        .map(|c| match c {
            // The full-width forms lie at a fixed distance from ASCII.
            '！'..='～' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            other => other,
        })
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}
