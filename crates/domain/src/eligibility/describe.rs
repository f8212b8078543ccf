//! A rule in plain words, for lists and pages: `本科及以上`, `1990年3月11日及以后出生`, `限男性`.

use super::rule::{Condition, Fact, Operand, Operator, Rule};
use crate::time::Date;

/// The requirement of one rule.
pub fn describe(rule: &Rule) -> String {
    let mut text = requirement(rule.fact, rule.operator, &rule.operand);
    for relaxed in &rule.relaxed {
        let Condition {
            fact,
            operator,
            operand,
        } = &relaxed.when;
        let who = requirement(*fact, *operator, operand);
        let bound = requirement(rule.fact, rule.operator, &relaxed.operand);
        text.push_str(&format!("（{who}的，{bound}）"));
    }
    text
}

/// The requirements of a position in one line, as lists show them; `不限` when there are none.
pub fn describe_all(rules: &[Rule]) -> String {
    let parts: Vec<String> = rules
        .iter()
        .map(describe)
        .filter(|text| !text.is_empty())
        .collect();
    if parts.is_empty() {
        "不限".to_owned()
    } else {
        parts.join("；")
    }
}

/// One comparison in words.
pub(super) fn requirement(fact: Fact, operator: Operator, operand: &Operand) -> String {
    use Operator as O;
    let value = value_text(operand);
    match (fact, operator) {
        (Fact::Integrity, _) => "无诚信档案限制记录".to_owned(),
        (Fact::Other | Fact::Major, _) => value,
        (Fact::Sex, _) => format!("限{value}性"),
        (Fact::BirthDate, O::AtLeast) => format!("{value}及以后出生"),
        (Fact::BirthDate, _) => format!("{value}及以前出生"),
        (Fact::Education, O::AtLeast) => format!("{value}及以上"),
        (Fact::Degree, O::AtLeast) => format!("{value}学位及以上"),
        (Fact::Degree, _) => format!("{value}学位"),
        (Fact::Education, _) => format!("限{value}"),
        (Fact::Hukou, O::IsNot) => format!("非{value}户籍"),
        (Fact::Hukou, _) => format!("限{value}户籍"),
        (Fact::Origin, _) => format!("限{value}生源"),
        (Fact::WorkYears, O::AtLeast) => format!("{value} 年以上工作经历"),
        (Fact::SpecialtyWorkYears, O::AtLeast) => format!("{value} 年以上专业工作经历"),
        (Fact::Certificate, _) => format!("具有{value}"),
        (Fact::Title, _) if value.ends_with("职称") => format!("具有{value}"),
        (Fact::Title, _) => format!("具有{value}职称"),
        (Fact::GraduateYear, _) => format!("{value} 年毕业生"),
        (_, O::IsNot) => format!("非{value}"),
        _ => format!("限{value}"),
    }
}

fn value_text(operand: &Operand) -> String {
    match operand {
        Operand::Date(date) => date_text(*date),
        Operand::Number(number) => number.to_string(),
        Operand::Texts(texts) => texts.join("、"),
        Operand::Education(level) => level.label().to_owned(),
        Operand::Degree(degree) => degree.label().to_owned(),
        Operand::Majors(majors) => majors.text.clone(),
        Operand::None => String::new(),
    }
}

/// `1990年3月11日`.
pub(super) fn date_text(date: Date) -> String {
    let text = date.to_string();
    let parts: Vec<&str> = text
        .split('-')
        .map(|part| part.trim_start_matches('0'))
        .collect();
    match parts.as_slice() {
        [year, month, day] => format!("{year}年{month}月{day}日"),
        _ => text,
    }
}
