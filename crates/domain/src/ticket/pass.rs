//! What the QR of a ticket says: who sits where, signed, so that a phone at the door knows a genuine ticket without a network
//! (issue 5, point 4). Signing is `vault`'s; this is the content, its bytes and its text, and the same in `door-core.js`.
//!
//! ```text
//! [0]      1: Ed25519. 2 is kept for SM2
//! [1..5]   id of the key: the first 4 bytes of SHA-256 over the public key
//! [5..13]  exam.id, big endian as all numbers
//! [13..15] version of the seat plan
//! [15..19] when it ends to be good, in minutes since 1970 UTC
//! [..]     count of the digits of 准考证号, then two digits a byte, an odd end filled with F
//! [..]     count of groups; each: count of its sessions, one byte a session, room u32, seat u16
//! [..]     length of the name in bytes, then the name (cut to 45 bytes between two characters)
//! [..]     64 bytes of signature over "baokao ticket 1\0" and everything before
//! ```
//!
//! The text is `BK1` and base 32 of that. No number of a document is in it: whoever photographs a ticket learns what is printed
//! beside the QR anyway, and less. The same seat in all sessions is one group, so that most tickets make a QR of version 9 or 10.

use std::fmt;

use super::base32;
use crate::time::Timestamp;

/// Which key signed: the first bytes of the public key's SHA-256.
pub type KeyId = [u8; 4];
/// An Ed25519 signature.
pub type Signature = [u8; 64];

/// What every text begins with.
pub const PREFIX: &str = "BK1";

const ED25519: u8 = 1;
/// Signed along, so that no signature made for something else can be passed off as a ticket's.
const CONTEXT: &[u8] = b"baokao ticket 1\0";
/// Bytes of the name at most: fifteen Chinese characters.
const NAME: usize = 45;
/// Bytes before the signature at most: beyond that no phone reads the QR from paper.
const MOST: usize = 300;
/// Digits of a ticket number, as [`super::TicketTemplate`] and an import have them.
const DIGITS: std::ops::RangeInclusive<usize> = 6..=20;

/// Something too large for its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} doesn't fit into a ticket's code")]
pub struct Unfit(pub &'static str);

/// One seat and the sessions in which he sits there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Sessions, in order.
    pub sessions: Vec<u8>,
    /// The room, numbered through the exam.
    pub room: u32,
    /// The seat.
    pub seat: u16,
}

/// What is signed.
#[derive(Clone, PartialEq, Eq)]
pub struct Pass {
    /// `exam.id`; 0 is a specimen.
    pub exam: i64,
    /// Version of the published seat plan.
    pub plan: u16,
    /// When it ends to be good, in minutes since 1970 UTC.
    pub expires: u32,
    /// 准考证号, digits.
    pub ticket_no: String,
    /// His seats.
    pub seats: Vec<Group>,
    /// 姓名; read back it may be cut.
    pub name: String,
}

impl fmt::Debug for Pass {
    /// Names nobody.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pass")
            .field("exam", &self.exam)
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}

/// A text as read, not yet verified.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// What it says, true only if the signature is good.
    pub pass: Pass,
    /// Whose signature it claims to be.
    pub key: KeyId,
    /// What was signed.
    pub message: Vec<u8>,
    /// The signature.
    pub signature: Signature,
}

impl fmt::Debug for Sealed {
    /// The message holds the name as bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed")
            .field("pass", &self.pass)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// When the ticket of somebody whose last session ends at `ends` is no longer good: a day later, so that a paper that drags on, or
/// a make-up session the next morning, finds every ticket good.
///
/// # Errors
/// [`Unfit`] before 1970 and after the year 10136.
pub fn expiry(ends: Timestamp) -> Result<u32, Unfit> {
    u32::try_from(ends.plus_days(1).seconds().div_euclid(60)).map_err(|_| Unfit("an end"))
}

/// Session, room and seat of each sitting, in order of session, as groups.
///
/// # Errors
/// [`Unfit`] names the number that is too large: imported plans number rooms as they like.
pub fn groups(seats: impl IntoIterator<Item = (i64, i64, i64)>) -> Result<Vec<Group>, Unfit> {
    let mut groups: Vec<Group> = Vec::new();
    for (session, room, seat) in seats {
        let session = u8::try_from(session).map_err(|_| Unfit("a session"))?;
        let room = u32::try_from(room).map_err(|_| Unfit("a room"))?;
        let seat = u16::try_from(seat).map_err(|_| Unfit("a seat"))?;
        match groups
            .iter_mut()
            .find(|group| group.room == room && group.seat == seat)
        {
            Some(group) => group.sessions.push(session),
            None => groups.push(Group {
                sessions: vec![session],
                room,
                seat,
            }),
        }
    }
    Ok(groups)
}

impl Pass {
    /// Its bytes up to the signature.
    ///
    /// # Errors
    /// [`Unfit`] names what is too large.
    pub fn body(&self, key: KeyId) -> Result<Vec<u8>, Unfit> {
        let mut body = vec![ED25519];
        body.extend(key);
        body.extend(self.exam.to_be_bytes());
        body.extend(self.plan.to_be_bytes());
        body.extend(self.expires.to_be_bytes());
        digits(&self.ticket_no, &mut body)?;
        body.push(count(self.seats.len(), "a number of seats")?);
        for group in &self.seats {
            body.push(count(group.sessions.len(), "a number of sessions")?);
            body.extend(&group.sessions);
            body.extend(group.room.to_be_bytes());
            body.extend(group.seat.to_be_bytes());
        }
        let name = self
            .name
            .get(..self.name.floor_char_boundary(NAME))
            .unwrap_or_default();
        body.push(u8::try_from(name.len()).map_err(|_| Unfit("a name"))?);
        body.extend(name.as_bytes());
        if body.len() > MOST {
            return Err(Unfit("so many seats"));
        }
        Ok(body)
    }

    /// The text of a sample: as large as a real one and good nowhere, since it is of no exam, is over, and isn't signed.
    ///
    /// # Errors
    /// As [`Pass::body`].
    pub fn specimen(&self) -> Result<String, Unfit> {
        let nowhere = Self {
            exam: 0,
            expires: 0,
            ..self.clone()
        };
        Ok(text(&nowhere.body([0; 4])?, &[0; 64]))
    }
}

fn count(number: usize, what: &'static str) -> Result<u8, Unfit> {
    match u8::try_from(number) {
        Ok(0) | Err(_) => Err(Unfit(what)),
        Ok(number) => Ok(number),
    }
}

fn digits(number: &str, body: &mut Vec<u8>) -> Result<(), Unfit> {
    const WRONG: Unfit = Unfit("a ticket number");
    if !DIGITS.contains(&number.len()) || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(WRONG);
    }
    body.push(count(number.len(), "a ticket number")?);
    for pair in number.as_bytes().chunks(2) {
        body.push(match pair {
            [high, low] => ((high - b'0') << 4) | (low - b'0'),
            [high] => ((high - b'0') << 4) | 0xf,
            _ => return Err(WRONG),
        });
    }
    Ok(())
}

/// What the signature is over.
pub fn message(body: &[u8]) -> Vec<u8> {
    [CONTEXT, body].concat()
}

/// What the QR says.
pub fn text(body: &[u8], signature: &Signature) -> String {
    format!("{PREFIX}{}", base32::encode(&[body, signature].concat()))
}

/// A text taken apart; `None` for what no ticket of ours says. Whether the signature is good is for the caller to see.
pub fn read(text: &str) -> Option<Sealed> {
    let bytes = base32::decode(text.strip_prefix(PREFIX)?)?;
    let (body, signature) = bytes.split_at_checked(bytes.len().checked_sub(64)?)?;
    let mut rest = Cursor(body);
    if rest.byte()? != ED25519 || body.len() > MOST {
        return None;
    }
    let key = rest.array()?;
    let pass = Pass {
        exam: i64::from_be_bytes(rest.array()?),
        plan: u16::from_be_bytes(rest.array()?),
        expires: u32::from_be_bytes(rest.array()?),
        ticket_no: rest.digits()?,
        seats: rest.groups()?,
        name: rest.name()?,
    };
    (rest.0.is_empty() && pass.exam >= 0).then(|| Sealed {
        pass,
        key,
        message: message(body),
        signature: signature.try_into().unwrap_or([0; 64]),
    })
}

struct Cursor<'b>(&'b [u8]);

impl<'b> Cursor<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    fn digits(&mut self) -> Option<String> {
        let length = usize::from(self.byte()?);
        let mut number = String::with_capacity(length);
        for byte in self.take(length.div_ceil(2))? {
            number.push(char::from_digit(u32::from(byte >> 4), 10)?);
            if number.len() < length {
                number.push(char::from_digit(u32::from(byte & 0xf), 10)?);
            } else if byte & 0xf != 0xf {
                return None;
            }
        }
        DIGITS.contains(&length).then_some(number)
    }

    fn groups(&mut self) -> Option<Vec<Group>> {
        let number = self.byte().filter(|number| *number > 0)?;
        (0..number)
            .map(|_| {
                let sessions = self.byte().filter(|sessions| *sessions > 0)?;
                Some(Group {
                    sessions: self.take(usize::from(sessions))?.to_vec(),
                    room: u32::from_be_bytes(self.array()?),
                    seat: u16::from_be_bytes(self.array()?),
                })
            })
            .collect()
    }

    fn name(&mut self) -> Option<String> {
        let length = usize::from(self.byte()?);
        let name = std::str::from_utf8(self.take(length)?).ok()?;
        (length <= NAME).then(|| name.to_owned())
    }
}

#[cfg(test)]
#[path = "pass_tests.rs"]
mod tests;
