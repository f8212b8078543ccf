//! No document number and no mobile in clear text, in any text of any table.

use db::backup::Snapshot;
use db::schema::{Kind, Table};
use db::{DbError, Value};
use domain::id_number::check_digit;

use super::Finding;
use crate::Result;

/// Columns in which eleven digits may stand: an office that everybody is to call. A document number may stand nowhere.
const PUBLIC: &[(&str, &str)] = &[
    ("announcement", "body"),
    ("announcement", "title"),
    ("site_page", "body"),
    ("site_setting", "value"),
    // What a table of positions says about who to call, and its cells that couldn't be read.
    ("import_problem", "cell"),
    ("import_problem", "message"),
    ("position", "content"),
    ("position", "search_text"),
    ("exam", "settings"),
    ("exam_settings", "settings"),
    // What tickets print: how one gets there, and the template with its texts.
    ("seat_room", "map_note"),
    ("ticket_template", "source"),
    ("venue", "map_note"),
    // Eleven digits as well, by the usual template.
    ("seat", "ticket_no"),
    ("ticket_number", "ticket_no"),
];

/// Looks through every text of the database.
pub(super) async fn check(snapshot: &mut Snapshot) -> Result<Finding> {
    let (mut examined, mut broken) = (0u64, Vec::new());
    for table in snapshot.schema().clone().tables.into_values() {
        let columns = text_columns(&table);
        snapshot
            .each(&table, |rows| {
                for row in &rows {
                    for (index, column, public) in &columns {
                        let Some(Value::Text(text)) = row.0.get(*index) else {
                            continue;
                        };
                        examined += 1;
                        if broken.len() < 1000 && tells_a_person(text, *public) {
                            broken.push(format!("{}.{column}", table.name));
                        }
                    }
                }
                Ok::<(), DbError>(())
            })
            .await?;
    }
    Ok(Finding::new(
        28,
        "任何文字里都没有明文证件号、手机号",
        examined,
        broken,
    ))
}

/// Position and name of the columns of text, and whether a mobile may stand in them.
fn text_columns(table: &Table) -> Vec<(usize, String, bool)> {
    let columns = table.columns.iter().enumerate();
    columns
        .filter(|(_, column)| column.kind == Kind::Text)
        .map(|(index, column)| {
            let public = PUBLIC.contains(&(table.name.as_str(), column.name.as_str()));
            (index, column.name.clone(), public)
        })
        .collect()
}

/// Whether a run of digits in a text is a resident's number or, unless those are `public`, a mobile. Longer runs are
/// numbers of ours.
fn tells_a_person(text: &str, public: bool) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| match word.len() {
            18 => is_resident_number(word),
            11 => !public && is_mobile(word),
            _ => false,
        })
}

fn is_resident_number(word: &str) -> bool {
    let Some((digits, last)) = word.split_at_checked(17) else {
        return false;
    };
    let (Some(area), Some(year), Some(month), Some(day)) = (
        digits.get(..2),
        digits.get(6..10),
        digits.get(10..12),
        digits.get(12..14),
    ) else {
        return false;
    };
    let area_exists = matches!(
        area.parse(),
        Ok(11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83)
    );
    let day_exists = ("1900".."2100").contains(&year)
        && ("01"..="12").contains(&month)
        && ("01"..="31").contains(&day);
    let expected = digits
        .chars()
        .all(|c| c.is_ascii_digit())
        .then(|| check_digit(digits))
        .flatten();
    area_exists && day_exists && expected.is_some_and(|c| last.eq_ignore_ascii_case(&c.to_string()))
}

fn is_mobile(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_digit())
        && word.starts_with('1')
        && word
            .get(1..2)
            .is_some_and(|second| ("3"..="9").contains(&second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_people_are_told_from_numbers_of_ours() {
        for text in [
            "11010519491231002X",
            "证件 11010519491231002x。",
            "call 13800138000 now",
            "{\"m\":\"19912345678\"}",
        ] {
            assert!(tells_a_person(text, false), "{text}");
        }
        for text in [
            "110105194912310021",
            "20260318000000001",
            "202603181234567890",
            "1101051949123100",
            "12800138000",
            "138001380001",
            "a13800138000",
            "110105********002X",
            "",
        ] {
            assert!(!tells_a_person(text, false), "{text}");
        }
        assert!(!tells_a_person("请拨打 13800138000", true));
        assert!(tells_a_person("请拨打 11010519491231002X", true));
    }
}
