//! 首次登录: the initial password is the last six characters of the number (manual 1.1.1.2), which is no secret. It is
//! taken as a confirmation; what opens the account is proof that this is the person who signed up (assurance notes §5).

/// How long a sign-up waits for its first login, in seconds: a day. Afterwards the number is free again.
pub const EXPIRY_SECONDS: i64 = 24 * 3600;

/// How long the activation cookie of the browser that signed up is good, in seconds.
pub const COOKIE_SECONDS: i64 = 30 * 60;

/// The initial password of a number in canonical form: its last six characters; `None` for a shorter one.
pub fn initial_password(number: &str) -> Option<&str> {
    let (start, _) = number.char_indices().rev().nth(5)?;
    number.get(start..)
}

/// Whether what was typed is the initial password: a lower-case x or full-width digits are slips, not errors.
pub fn is_initial_password(number: &str, typed: &str) -> bool {
    let typed = crate::text::to_half_width(typed).trim().to_uppercase();
    initial_password(number).is_some_and(|expected| expected == typed)
}

/// What somebody who wants to open a fresh account brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// The last six characters are right.
    pub digits_right: bool,
    /// The browser holds the activation cookie of this sign-up.
    pub cookie: bool,
    /// A code sent to the mobile that was proven at sign-up.
    pub sms_code: bool,
    /// The activation code from the sign-up's result page.
    pub activation_code: bool,
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The page that sets the first password, and nothing else.
    Open,
    /// The one answer that every failure gets.
    Refuse,
}

/// `manual_bound`: the digits need the cookie; a code stands alone. `manual_open` (demonstrations on loopback only)
/// takes the digits alone.
pub fn decide(evidence: Evidence, manual_open: bool) -> Verdict {
    let bound = evidence.digits_right && (evidence.cookie || manual_open);
    if bound || evidence.sms_code || evidence.activation_code {
        Verdict::Open
    } else {
        Verdict::Refuse
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_of_proof_is_decided() {
        for bits in 0u8..16 {
            let evidence = Evidence {
                digits_right: bits & 1 != 0,
                cookie: bits & 2 != 0,
                sms_code: bits & 4 != 0,
                activation_code: bits & 8 != 0,
            };
            let proven = bits & 12 != 0 || bits & 3 == 3;
            assert_eq!(
                decide(evidence, false) == Verdict::Open,
                proven,
                "{evidence:?}"
            );
            let open = bits & 12 != 0 || bits & 1 != 0;
            assert_eq!(
                decide(evidence, true) == Verdict::Open,
                open,
                "{evidence:?}"
            );
        }
    }

    #[test]
    fn the_digits_alone_never_open() {
        let digits = Evidence {
            digits_right: true,
            cookie: false,
            sms_code: false,
            activation_code: false,
        };
        assert_eq!(decide(digits, false), Verdict::Refuse);
    }

    #[test]
    fn the_initial_password_is_read_as_typed() {
        assert_eq!(initial_password("11010519491231002X"), Some("31002X"));
        assert!(is_initial_password("11010519491231002X", "31002x"));
        assert!(is_initial_password("11010519491231002X", "３１００２Ｘ "));
        assert!(!is_initial_password("11010519491231002X", "310021"));
        assert_eq!(initial_password("12345"), None);
        assert!(!is_initial_password("12345", ""));
        assert_eq!(initial_password("军字第0001234号"), Some("01234号"));
    }
}
