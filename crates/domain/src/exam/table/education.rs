//! Education and degrees in words: `本科及以上`, `研究生学历，硕士及以上学位`.

use super::{Meaning, is_unlimited};
use crate::eligibility::level::{Degree, EducationLevel};
use crate::eligibility::rule::{Condition, Fact, Operand, Operator, Rule};
use crate::sheet::clean::{condition, without_brackets};

/// The lowest level that a text names.
pub fn level_in(text: &str) -> Option<EducationLevel> {
    // Lowest first: `大专、本科` means at least 大专. `大学专科` is 专科, and `专业` is no 专科.
    [
        (&["初中"][..], EducationLevel::Junior),
        (
            &["高中", "中专", "中职", "职高", "技校", "中技", "中等专业"][..],
            EducationLevel::Secondary,
        ),
        (
            &["大专", "专科", "高职", "高级工班"][..],
            EducationLevel::College,
        ),
        (
            &["本科", "技师班", "大学学历", "大学毕业"][..],
            EducationLevel::Bachelor,
        ),
        (&["硕士", "研究生"][..], EducationLevel::Master),
        (&["博士"][..], EducationLevel::Doctor),
    ]
    .into_iter()
    .filter(|(words, _)| words.iter().any(|word| text.contains(word)))
    // `博士研究生` is a doctor, not a master as well.
    .find(|(_, level)| {
        *level != EducationLevel::Master || text.contains("硕士") || !text.contains("博士")
    })
    .map(|(_, level)| level)
}

fn degree_in(text: &str) -> Option<Degree> {
    [
        ("学士", Degree::Bachelor),
        ("硕士", Degree::Master),
        ("博士", Degree::Doctor),
    ]
    .into_iter()
    .find(|(word, _)| text.contains(word))
    .map(|(_, degree)| degree)
}

/// `硕士研究生及以上学历` as the condition of a relaxation.
pub fn education_condition(text: &str) -> Option<Condition> {
    let degree = degree_in(text).filter(|_| text.contains("学位") && !text.contains("学历"));
    match (degree, level_in(text)) {
        (Some(degree), _) => Some(Condition {
            fact: Fact::Degree,
            operator: Operator::AtLeast,
            operand: Operand::Degree(degree),
        }),
        (None, Some(level)) => Some(Condition {
            fact: Fact::Education,
            operator: Operator::AtLeast,
            operand: Operand::Education(level),
        }),
        (None, None) => None,
    }
}

/// Reads an education column, with whatever it says about degrees and the form of study.
pub fn read(text: &str) -> Meaning {
    let published = condition(text);
    let mut meaning = Meaning::default();
    if is_unlimited(&published) {
        return meaning;
    }
    let clauses = published
        .split(['，', '；', '。', '（', '）', '、', '+', '/'])
        .filter(|clause| !clause.is_empty());
    let mut level: Option<EducationLevel> = None;
    let mut strict = false;
    let mut plain = true;
    let mut degree_text: Option<&str> = None;
    for clause in clauses {
        let about_degree =
            clause.contains("学位") || (clause.contains("学士") && level_in(clause).is_none());
        if about_degree {
            degree_text = Some(clause);
        }
        if !about_degree || clause.contains("学历") {
            if let Some(found) = level_in(clause) {
                level = Some(level.map_or(found, |before| before.min(found)));
                strict |= clause.starts_with("仅限") || clause.starts_with('限');
                plain &=
                    !(clause.contains("以上") || clause.contains("及上") || clause.contains('起'));
            } else if !clause.contains("全日制") && !["及以上", "以上", "学历"].contains(&clause)
            {
                meaning.rules.push(Rule::in_words(clause));
            }
        }
    }
    if let Some(level) = level {
        let operator = if strict && plain {
            Operator::Is
        } else {
            Operator::AtLeast
        };
        meaning.rules.push(Rule::hard(
            Fact::Education,
            operator,
            Operand::Education(level),
            &published,
        ));
        if plain && !strict && level != EducationLevel::Doctor {
            meaning
                .remarks
                .push(format!("没有写“及以上”，按“{}及以上”比对", level.label()));
        }
    }
    if let Some(clause) = degree_text {
        meaning.merge(read_degree(clause));
    }
    if published.contains("全日制")
        && !published.contains("非全日制")
        && !published.contains("不限全日制")
    {
        let mode = Operand::Texts(vec!["全日制".to_owned()]);
        meaning
            .rules
            .push(Rule::hard(Fact::StudyMode, Operator::Is, mode, &published));
    }
    meaning
}

/// Reads a degree column.
pub fn read_degree(text: &str) -> Meaning {
    let published = condition(text);
    if is_unlimited(&published) {
        return Meaning::default();
    }
    match degree_in(&without_brackets(&published)) {
        Some(degree) => Meaning::rule(Rule::hard(
            Fact::Degree,
            Operator::AtLeast,
            Operand::Degree(degree),
            published,
        )),
        // `取得相应学位`: which one depends on the education that counts.
        None => Meaning::rule(Rule::in_words(published)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eligibility::{describe_all, rule::Severity};

    #[test]
    fn published_texts_have_their_rules() {
        for (text, rules) in [
            ("不限", "不限"),
            ("本科及以上", "本科及以上"),
            ("大学本科及以上学历", "本科及以上"),
            ("本科以上", "本科及以上"),
            ("本科", "本科及以上"),
            ("仅限本科", "限本科"),
            ("大专及以上", "大专及以上"),
            ("大学专科及以上", "大专及以上"),
            ("中专（高中）及以上", "高中（中专）及以上"),
            ("硕士研究生及以上", "硕士研究生及以上"),
            ("研究生", "硕士研究生及以上"),
            ("博士研究生", "博士研究生及以上"),
            ("本科及以上，学士学位", "本科及以上；学士学位及以上"),
            (
                "本科及以上学历、学士及以上学位",
                "本科及以上；学士学位及以上",
            ),
            (
                "研究生学历，硕士及以上学位",
                "硕士研究生及以上；硕士学位及以上",
            ),
            ("全日制本科及以上", "本科及以上；限全日制"),
            ("本科及以上（取得相应学位）", "本科及以上；取得相应学位"),
        ] {
            assert_eq!(describe_all(&read(text).rules), rules, "{text}");
        }
    }

    #[test]
    fn degrees_and_doubts() {
        assert_eq!(
            describe_all(&read_degree("学士学位及以上").rules),
            "学士学位及以上"
        );
        assert_eq!(
            describe_all(&read_degree("学士及以上").rules),
            "学士学位及以上"
        );
        assert_eq!(
            read_degree("相应学位").rules[0].severity,
            Severity::NeedsManual
        );
        assert_eq!(read("本科").remarks.len(), 1);
        assert!(read("本科及以上").remarks.is_empty());
        assert_eq!(read("高素质人才").rules[0].severity, Severity::NeedsManual);
    }
}
