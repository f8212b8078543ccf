//! What of a text may be printed.

/// The text without characters that draw nothing and do harm: controls (a line break stays) and the marks that
/// turn the direction of writing, which can make a name read as another.
pub(crate) fn printable(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .filter_map(|c| match c {
            '\n' => Some('\n'),
            '\r' | '\u{2028}' | '\u{2029}' => Some('\n'),
            '\t' => Some(' '),
            c if c.is_control() || turns_direction(c) => None,
            c => Some(c),
        })
        .collect()
}

/// Bidirectional marks, embeddings, overrides and isolates.
const fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a spreadsheet would take the text for a formula or a command (assurance notes §3), full-width forms included.
pub(crate) fn starts_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0', '＝', '＋', '－', '＠'])
}

/// Whether a character needs no glyph: spaces, joiners and variation selectors.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || turns_direction(c)
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_and_direction_marks_do_not_reach_the_paper() {
        assert_eq!(
            printable("王\u{202e}一\u{0}鸣\r\n行\t二\u{7}"),
            "王一鸣\n行 二"
        );
        assert_eq!(printable("\u{feff}𬭊·买买提"), "\u{feff}𬭊·买买提");
    }
}
