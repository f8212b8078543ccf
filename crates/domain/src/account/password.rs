//! What a password must be: long, not about its owner, not one of those that everybody tries (assurance notes §5, 4).
//! Nothing is said about kinds of characters: such rules make passwords worse.

/// Shortest password of a candidate.
pub const CANDIDATE_LENGTH: usize = 8;
/// Shortest password of staff, who also have a second factor.
pub const STAFF_LENGTH: usize = 12;
/// Longest password: what a form may carry and a hash may cost.
pub const LONGEST: usize = 128;

/// What the owner is known by.
#[derive(Clone, Copy)]
pub struct Personal<'a> {
    /// 姓名.
    pub name: &'a str,
    /// The number of the document.
    pub id_number: &'a str,
    /// The mobile number.
    pub mobile: &'a str,
}

impl std::fmt::Debug for Personal<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Personal(…)")
    }
}

/// Why a password isn't accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    /// Too short.
    #[error("密码至少 {0} 位")]
    Short(usize),
    /// Too long.
    #[error("密码最多 {LONGEST} 位")]
    Long,
    /// Contains the number of the document or its tail.
    #[error("密码不能含有证件号码")]
    IdNumber,
    /// Contains the day of birth.
    #[error("密码不能含有出生日期")]
    BirthDate,
    /// Contains the mobile number.
    #[error("密码不能含有手机号码")]
    Mobile,
    /// Contains the name.
    #[error("密码不能含有姓名或用户名")]
    Name,
    /// One of those that everybody tries.
    #[error("这个密码太常见，容易被猜到，请换一个")]
    Common,
    /// A row of the keyboard, a sequence, or one piece repeated.
    #[error("密码太有规律，容易被猜到，请换一个")]
    Pattern,
}

/// Checks a candidate's password.
///
/// # Errors
/// The first [`Weakness`].
pub fn check_candidate(password: &str, personal: &Personal<'_>) -> Result<(), Weakness> {
    check(password, CANDIDATE_LENGTH)?;
    let folded = password.to_lowercase();
    let number = personal.id_number.to_lowercase();
    let tail = super::activation::initial_password(&number).unwrap_or("");
    if contains(&folded, &number) || contains(&folded, tail) {
        return Err(Weakness::IdNumber);
    }
    if number.len() == 18 {
        let birth = number.get(6..14).unwrap_or("");
        let short = number.get(8..14).unwrap_or("");
        if contains(&folded, birth) || contains(&folded, short) {
            return Err(Weakness::BirthDate);
        }
    }
    let subscriber = personal.mobile.get(3..).unwrap_or("");
    if contains(&folded, personal.mobile) || contains(&folded, subscriber) {
        return Err(Weakness::Mobile);
    }
    if contains(&folded, &personal.name.to_lowercase()) {
        return Err(Weakness::Name);
    }
    Ok(())
}

/// Checks the password of a member of staff; `known` is what he is known by: user name, name.
///
/// # Errors
/// The first [`Weakness`].
pub fn check_staff(password: &str, known: &[&str]) -> Result<(), Weakness> {
    check(password, STAFF_LENGTH)?;
    let folded = password.to_lowercase();
    if known
        .iter()
        .any(|name| name.chars().count() >= 2 && contains(&folded, &name.to_lowercase()))
    {
        return Err(Weakness::Name);
    }
    Ok(())
}

/// Checks what can be checked without knowing the owner.
///
/// # Errors
/// The first [`Weakness`].
pub fn check(password: &str, shortest: usize) -> Result<(), Weakness> {
    let length = password.chars().count();
    if length < shortest {
        return Err(Weakness::Short(shortest));
    }
    if length > LONGEST {
        return Err(Weakness::Long);
    }
    let folded = password.to_lowercase();
    if is_common(&folded) {
        return Err(Weakness::Common);
    }
    if is_pattern(&folded) {
        return Err(Weakness::Pattern);
    }
    Ok(())
}

fn contains(password: &str, part: &str) -> bool {
    !part.is_empty() && password.contains(part)
}

/// Words and figures of the lists that guessers begin with, those of Chinese sites among them. A password that is one
/// of them, or one with a few digits or marks behind it, is common.
const COMMON: &[&str] = &[
    "password",
    "passw0rd",
    "p@ssword",
    "p@ssw0rd",
    "admin",
    "administrator",
    "root",
    "welcome",
    "letmein",
    "iloveyou",
    "monkey",
    "dragon",
    "master",
    "sunshine",
    "princess",
    "football",
    "superman",
    "michael",
    "qwerty",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "woaini",
    "woaiwojia",
    "woaizhongguo",
    "aini",
    "5201314",
    "1314520",
    "520520",
    "7758521",
    "7758258",
    "147258369",
    "159357",
    "123456",
    "123123",
    "112233",
    "100200",
    "a123456",
    "aa123456",
    "abc123",
    "abcd1234",
    "qq123456",
    "wang1234",
    "zhang123",
    "baokao",
    "kaoshi",
    "gongwuyuan",
    "shiyebian",
    "jiaoshi",
    "taobao",
    "weixin",
    "alibaba",
    "tencent",
    "baidu",
    "china",
    "zhongguo",
    "beijing",
    "shanghai",
    "hunan",
    "changsha",
    "guangdong",
    "q1w2e3r4",
    "1q2w3e4r",
    "1qaz2wsx",
    "qazwsx",
    "qweasd",
    "zaq12wsx",
    "asd123",
    "qwe123",
    "test",
    "guest",
    "user",
    "changeme",
    "default",
    "secret",
    "trustno1",
    "whatever",
    "computer",
    "internet",
    "hello",
    "hellokitty",
    "lovely",
];

fn is_common(folded: &str) -> bool {
    let trimmed = folded.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation());
    let tail = folded.len() - trimmed.len();
    COMMON.iter().any(|word| {
        folded == *word
            || (trimmed == *word && tail <= 6)
            || (folded
                .strip_prefix(word)
                .is_some_and(|rest| rest.len() <= 4))
    })
}

/// A sequence, a row of the keyboard, or one piece repeated.
fn is_pattern(folded: &str) -> bool {
    let letters: Vec<char> = folded.chars().collect();
    let distinct: std::collections::BTreeSet<char> = letters.iter().copied().collect();
    if distinct.len() <= 2 {
        return true;
    }
    for size in 1..=letters.len() / 2 {
        let piece = letters.get(..size).unwrap_or(&[]);
        if letters.len().is_multiple_of(size)
            && letters.chunks(size).all(|chunk| chunk == piece)
            && size <= 4
        {
            return true;
        }
    }
    const ROWS: [&str; 8] = [
        "01234567890123456789",
        "98765432109876543210",
        "abcdefghijklmnopqrstuvwxyz",
        "zyxwvutsrqponmlkjihgfedcba",
        "qwertyuiopasdfghjklzxcvbnm",
        "poiuytrewqlkjhgfdsamnbvcxz",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
        "!@#$%^&*()_+",
    ];
    ROWS.iter().any(|row| row.contains(folded))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERSONAL: Personal<'_> = Personal {
        name: "John Smith",
        id_number: "11010519491231002X",
        mobile: "13812345678",
    };

    #[test]
    fn every_weakness_is_told() {
        for (password, weakness) in [
            ("short1!", Weakness::Short(8)),
            ("x11010519491231002x", Weakness::IdNumber),
            ("hi31002X!!", Weakness::IdNumber),
            ("li19491231", Weakness::BirthDate),
            ("li491231xx", Weakness::BirthDate),
            ("13812345678", Weakness::Mobile),
            ("my12345678z", Weakness::Mobile),
            ("xxjohn smith", Weakness::Name),
            ("Password1", Weakness::Common),
            ("woaini1314", Weakness::Common),
            ("a1234567", Weakness::Common),
            ("12345678", Weakness::Common),
            ("abcdefgh", Weakness::Pattern),
            ("87654321", Weakness::Pattern),
            ("qwertyui", Weakness::Common),
            ("asdfghjk", Weakness::Pattern),
            ("aaaaaaaa", Weakness::Pattern),
            ("ab1ab1ab1", Weakness::Pattern),
        ] {
            assert_eq!(
                check_candidate(password, &PERSONAL),
                Err(weakness),
                "{password}"
            );
        }
        assert_eq!(
            check_candidate(&"长".repeat(129), &PERSONAL),
            Err(Weakness::Long)
        );
    }

    #[test]
    fn ordinary_good_passwords_pass() {
        for password in [
            "清晨的一杯茶要慢慢喝",
            "tree-lamp-42-river",
            "Gui7dong!yun",
            "m9Lq2vTz",
        ] {
            assert_eq!(check_candidate(password, &PERSONAL), Ok(()), "{password}");
        }
    }

    #[test]
    fn staff_passwords_are_longer() {
        assert_eq!(check_staff("m9Lq2vTz", &[]), Err(Weakness::Short(12)));
        assert_eq!(
            check_staff("zhangsan-m9Lq2vTz", &["zhangsan"]),
            Err(Weakness::Name)
        );
        assert_eq!(
            check_staff("tree-lamp-42-river", &["zhangsan", "张三"]),
            Ok(())
        );
    }
}
