//! Accounts made for a rehearsal (`crate::rehearsal`): in use at once, under a document number that nobody can have, with a random
//! first password. Everything else about them is as with any account.

use db::Tx;
use domain::id_number::{IdDocument, IdType};
use domain::phone::Mobile;
use domain::rehearsal::Person;
use domain::staff::Permission;
use serde_json::json;
use vault::{Secret, Token};

use super::signup::{Sealed, account_place};
use super::store::{self, AccountInsert};
use crate::{App, Ctx, Error, Object, Result, Trail};

/// Letters and digits that can't be taken for one another.
const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz";
const DIGITS: &[u8] = b"23456789";

/// A random password of three groups, four letters or digits each: 55 bits.
fn password(app: &App) -> Secret {
    let all: Vec<u8> = [LETTERS, DIGITS].concat();
    loop {
        let bytes = app.random::<64>();
        // Without a remainder, so that each is as likely as the others.
        let fair = 256 / all.len() * all.len();
        let drawn = bytes
            .iter()
            .map(|byte| usize::from(*byte))
            .filter(|byte| *byte < fair);
        let text: Vec<char> = drawn
            .filter_map(|byte| all.get(byte % all.len()))
            .map(|byte| char::from(*byte))
            .take(12)
            .collect();
        let mixed =
            text.iter().any(char::is_ascii_digit) && text.iter().any(char::is_ascii_lowercase);
        if text.len() == 12 && mixed {
            let groups: Vec<String> = text.chunks(4).map(|four| four.iter().collect()).collect();
            return Secret::new(groups.join("-"));
        }
    }
}

/// A first password, with its hash.
pub(crate) async fn first_password(app: &App) -> Result<(Secret, String)> {
    let password = password(app);
    let hash = app.passwords().hash(password.clone()).await?;
    Ok((password, hash))
}

/// An account about to be made.
#[derive(Clone)]
pub(crate) struct NewAccount {
    /// `account.id`.
    pub(crate) id: i64,
    name: String,
    sealed: Sealed,
    cookie_hash: [u8; 32],
    code_hash: [u8; 32],
    hash: String,
}

impl NewAccount {
    /// Made before the command that stores it.
    pub(crate) fn new(app: &App, person: &Person, hash: String) -> Result<Self> {
        let id = app.reserve_ids(1);
        let document = IdDocument::from_stored(IdType::ResidentCard, person.number.clone());
        let mobile = Mobile::parse(&person.mobile)
            .map_err(|e| Error::internal("a rehearsal's mobile", e))?;
        Ok(Self {
            id,
            name: person.name.clone(),
            sealed: Sealed::of(app, id, &document, &mobile),
            cookie_hash: Token::random(app.entropy()).hash(),
            code_hash: Token::random(app.entropy()).hash(),
            hash,
        })
    }

    /// Stores it.
    ///
    /// # Errors
    /// `Conflict` if the number is taken, which only an error of ours can bring about.
    pub(crate) async fn insert(
        &self,
        tx: &mut Tx,
        trail: &mut Trail<'_>,
        exam_id: i64,
    ) -> Result<()> {
        let at = trail.at().micros();
        if !store::accounts_by_number(tx, &self.sealed.id_index)
            .await?
            .is_empty()
        {
            return Err(Error::Conflict("演练考生的证件号码已被占用"));
        }
        let row = AccountInsert {
            id: self.id,
            public_id: &trail.public_id(self.id).to_string(),
            id_type: IdType::ResidentCard.code(),
            id_number: &self.sealed.id_number,
            id_index: &self.sealed.id_index,
            name: &self.name,
            name_order: &self.name,
            mobile: &self.sealed.mobile,
            mobile_index: &self.sealed.mobile_index,
            mobile_verified_at: None,
            cookie_hash: &self.cookie_hash,
            code_hash: &self.code_hash,
            expires_at: at,
            rehearsal_exam: Some(exam_id),
            at,
        };
        store::account_insert(tx, &row).await?;
        if store::account_activate(tx, self.id, 1, &self.hash, at).await? == 0 {
            return Err(Error::inconsistent("account.state"));
        }
        let object = Object {
            kind: "account",
            id: self.id,
            exam_id,
        };
        trail.audit(tx, "account.rehearse", object, json!({})).await
    }
}

/// Gives an account of a rehearsal another password; its sessions end.
pub(crate) async fn renew(
    tx: &mut Tx,
    trail: &mut Trail<'_>,
    (account_id, exam_id): (i64, i64),
    hash: &str,
) -> Result<()> {
    let row = store::account_by_id(tx, account_id)
        .await?
        .filter(|row| row.rehearsal_exam == Some(exam_id))
        .ok_or(Error::NotFound)?;
    let at = trail.at().micros();
    if store::account_set_password(tx, account_id, row.version, hash, at).await? == 0 {
        return Err(Error::Conflict("账号刚有改动，请再试一次"));
    }
    store::sessions_delete_of(tx, "candidate", account_id).await?;
    let object = Object {
        kind: "account",
        id: account_id,
        exam_id,
    };
    trail
        .audit(tx, "account.rehearse_again", object, json!({}))
        .await
}

/// The document's number of an account of a rehearsal, in clear: it is made up, and what one logs in with.
pub(crate) fn number(ctx: &Ctx, account_id: i64, sealed: &[u8]) -> Result<String> {
    ctx.allow(Permission::ExamEdit)?;
    let clear = ctx
        .app
        .cipher()
        .open(account_place("id_number", account_id), sealed)
        .map_err(|e| Error::internal("account.id_number", e))?;
    Ok(String::from_utf8_lossy(&clear).into_owned())
}
