//! 核验码 of a score sheet: 80 random bits in 16 characters that are hard to misread, in groups of four on paper.

use crate::ids::PublicId;
use crate::text::to_half_width;

/// The code as it is stored, from what somebody typed off a paper: with spaces or hyphens, in capitals, `O` for zero, `I` or `L` for one.
/// `None` for what can't be a code.
pub fn typed(text: &str) -> Option<String> {
    let code: String = to_half_width(text)
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '–' | '—'))
        .map(|c| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        })
        .collect();
    code.parse::<PublicId>().ok().map(|id| id.to_string())
}

/// A stored code as paper shows it: `7K2M-9QPA-03XD-VN58`.
pub fn grouped(code: &str) -> String {
    let mut shown = String::with_capacity(code.len() + 4);
    for (at, c) in code.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            shown.push('-');
        }
        shown.push(c.to_ascii_uppercase());
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_may_be_typed_as_people_read_it() {
        let stored = "7k2m9qpa031dvn58";
        for text in [
            "7K2M-9QPA-03ID-VN58",
            "7k2m 9qpa o3ld vn58",
            " 7K2M9QPAO31DVN58 ",
            "７Ｋ２Ｍ－９ＱＰＡ－０３１Ｄ－ＶＮ５８",
        ] {
            assert_eq!(typed(text).as_deref(), Some(stored), "{text}");
        }
        for text in [
            "",
            "7k2m",
            "7k2m9qpa031dvn5u",
            "7k2m9qpa031dvn580",
            "成绩单核验码",
        ] {
            assert_eq!(typed(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_stands_on_paper_reads_back(bytes in any::<[u8; 10]>()) {
            let code = PublicId::from_bytes(bytes).to_string();
            let shown = grouped(&code);
            prop_assert_eq!(shown.len(), 19);
            prop_assert_eq!(typed(&shown), Some(code));
        }
    }
}
