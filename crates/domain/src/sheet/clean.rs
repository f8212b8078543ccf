//! Text of cells as people typed it, reduced to one form before any rule looks at it.

/// Full-width letters and digits to ASCII, every kind of white space to one space, trimmed.
///
/// Chinese punctuation stays as it is: `；` and `、` separate conditions.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut space = false;
    for c in text.chars() {
        let c = narrow(c);
        if c.is_whitespace()
            || c == '\u{feff}'
            || c == '\u{200b}'
            || c == '\u{200c}'
            || c == '\u{200d}'
        {
            space = !out.is_empty();
            continue;
        }
        if c.is_control() {
            continue;
        }
        if space {
            out.push(' ');
            space = false;
        }
        out.push(c);
    }
    out
}

/// [`plain`] without any space at all: for headers, names and conditions, where a space means nothing.
pub fn squeezed(text: &str) -> String {
    plain(text).chars().filter(|c| !c.is_whitespace()).collect()
}

/// A full-width letter, digit or sign as its ASCII twin, save for the punctuation that separates conditions.
fn narrow(c: char) -> char {
    match c {
        '，' | '；' | '：' | '（' | '）' | '？' | '！' => c,
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        _ => c,
    }
}

/// The text with half-width brackets, commas, colons and semicolons turned into the Chinese ones, so that a condition
/// has one shape however it was typed.
pub fn condition(text: &str) -> String {
    squeezed(text)
        .chars()
        .map(|c| match c {
            '(' | '[' | '【' | '〔' => '（',
            ')' | ']' | '】' | '〕' => '）',
            ',' => '，',
            ';' => '；',
            ':' => '：',
            _ => c,
        })
        .collect()
}

/// The text without what stands in brackets: `专业（研究生）` gives `专业`.
pub fn without_brackets(text: &str) -> String {
    let mut depth = 0u32;
    text.chars()
        .filter(|c| match c {
            '（' | '(' => {
                depth += 1;
                false
            }
            '）' | ')' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect()
}

/// A whole number written in digits (full-width too) or in Chinese (`三`, `十二`), with an optional 名, 人 or 个 after it.
pub fn whole_number(text: &str) -> Option<u32> {
    let text = squeezed(text);
    let text = text.trim_end_matches(['名', '人', '个', '位']);
    // A workbook's number cell may print as `2.0`.
    let text = text.strip_suffix(".0").unwrap_or(text);
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok();
    }
    chinese_number(text)
}

fn chinese_number(text: &str) -> Option<u32> {
    let digit = |c: char| {
        "零一二三四五六七八九"
            .chars()
            .position(|d| d == c)
            .and_then(|at| u32::try_from(at).ok())
    };
    let text = text.replace('两', "二").replace('〇', "零");
    let chars: Vec<char> = text.chars().collect();
    match chars.as_slice() {
        ['十'] => Some(10),
        [one] => digit(*one),
        ['十', ones] => Some(10 + digit(*ones)?),
        [tens, '十'] => Some(digit(*tens)? * 10),
        [tens, '十', ones] => Some(digit(*tens)? * 10 + digit(*ones)?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_reduced_to_one_form() {
        assert_eq!(plain("　３５\u{a0}周岁\n以下 "), "35 周岁 以下");
        assert_eq!(squeezed("招 聘\r\n人 数"), "招聘人数");
        assert_eq!(condition("本科(学士) ,硕士"), "本科（学士），硕士");
        assert_eq!(without_brackets("专业（研究生）要求"), "专业要求");
    }

    #[test]
    fn numbers_are_read_as_centres_write_them() {
        for (text, number) in [
            ("2", Some(2)),
            ("２名", Some(2)),
            ("2.0", Some(2)),
            ("三", Some(3)),
            ("两人", Some(2)),
            ("十", Some(10)),
            ("十二", Some(12)),
            ("二十", Some(20)),
            ("三十五", Some(35)),
            ("若干", None),
            ("2-3", None),
            ("", None),
            ("-1", None),
        ] {
            assert_eq!(whole_number(text), number, "{text}");
        }
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(text in "\\PC{0,40}") {
            prop_assert_eq!(plain(&plain(&text)), plain(&text));
            prop_assert_eq!(condition(&condition(&text)), condition(&text));
        }
    }
}
