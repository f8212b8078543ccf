//! Totals and ranks a second time, on purpose by other means: the formula by a shunting yard, numbers as digits on paper, fractions
//! never reduced, ranks by counting who is better. Nothing here calls [`super::formula`], [`super::decimal::Ratio`] or
//! [`super::rank::rank`], so that a slip in one of them shows (assurance.md, invariant 22: two implementations).

use std::collections::BTreeMap;

use super::bonus::BONUS;
use super::decimal::{Decimal, Rounding};
use super::formula::EvalError;
use super::mark::{Flag, Mark};
use super::paper::Fraction;
use super::rank::{Entry, Place};
use super::rules::{FlagRule, ScoreRules, Total};

/// The total of one candidate; the same question as [`ScoreRules::total_with`].
///
/// # Errors
/// A subject without a mark, a division by zero, a number that can't be kept.
pub fn total(
    rules: &ScoreRules,
    marks: &BTreeMap<String, Mark>,
    bonus: Decimal,
) -> Result<Total, EvalError> {
    let Some(formula) = &rules.formula else {
        return Ok(Total::NotUsed);
    };
    let items = postfix(formula.text()).ok_or(EvalError::Arithmetic)?;
    if rules.on_flag == FlagRule::NoTotal {
        let has = |flag: Flag| {
            items.iter().any(|item| {
                matches!(item, Item::Name(name) if marks.get(name).is_some_and(|mark| mark.flag() == flag))
            })
        };
        for flag in [Flag::Invalidated, Flag::Violation, Flag::Absent] {
            if has(flag) {
                return Ok(Total::Flagged(flag));
            }
        }
    }
    let value = evaluate(&items, &|name| {
        if name == BONUS && !rules.bonus.is_unset() {
            return Some(bonus);
        }
        match marks.get(name)? {
            Mark::Normal(mark) => Some(*mark),
            Mark::Absent | Mark::Violation | Mark::Invalidated => Some(Decimal::whole(0)),
        }
    })?;
    value
        .rounded(rules.digits, rules.rounding)
        .map(Total::Score)
        .ok_or(EvalError::Arithmetic)
}

/// A formula's value, rounded; for formulas other than an exam's total.
///
/// # Errors
/// As [`total`].
pub fn value(
    formula: &str,
    number: &dyn Fn(&str) -> Option<Decimal>,
    digits: u8,
    rounding: Rounding,
) -> Result<Decimal, EvalError> {
    let items = postfix(formula).ok_or(EvalError::Arithmetic)?;
    evaluate(&items, number)?
        .rounded(digits, rounding)
        .ok_or(EvalError::Arithmetic)
}

/// Ranks by their definition: one more than the number of those in the group who are strictly better.
pub fn ranks(entries: &[Entry], tie_break: &[String]) -> Vec<Place> {
    let key = |entry: &Entry| -> Option<Vec<Option<Decimal>>> {
        let Total::Score(total) = entry.total else {
            return None;
        };
        let mut key = vec![Some(total)];
        key.extend(
            tie_break
                .iter()
                .map(|name| entry.marks.get(name).and_then(|mark| mark.number())),
        );
        Some(key)
    };
    let mut keys: BTreeMap<i64, Vec<Vec<Option<Decimal>>>> = BTreeMap::new();
    for entry in entries {
        let group = keys.entry(entry.group).or_default();
        group.extend(key(entry));
    }
    for group in keys.values_mut() {
        group.sort_unstable();
    }
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    entries
        .iter()
        .map(|entry| {
            let group = keys.get(&entry.group).map_or(&[][..], Vec::as_slice);
            let better = |key: &Vec<Option<Decimal>>| {
                group.len() - group.partition_point(|other| other <= key)
            };
            Place {
                id: entry.id,
                rank: key(entry).map(|key| count(better(&key)).saturating_add(1)),
                out_of: count(group.len()),
            }
        })
        .collect()
}

/// A formula in the order in which a pocket calculator with a stack wants it.
enum Item {
    Number(Fraction),
    Name(String),
    Binary(char),
    Negate,
    Percent,
}

/// Unary minus, while it waits.
const NEGATE: char = '~';

fn strength(operator: char) -> u8 {
    match operator {
        '+' | '-' => 1,
        '*' | '/' => 2,
        NEGATE => 3,
        _ => 0,
    }
}

/// Dijkstra's shunting yard. `None`: it isn't a formula.
fn postfix(text: &str) -> Option<Vec<Item>> {
    let mut output = Vec::new();
    let mut waiting: Vec<char> = Vec::new();
    let mut wants_operand = true;
    let mut chars = text.chars().map(ascii).peekable();
    while let Some(c) = chars.next() {
        match c {
            _ if c.is_whitespace() => {}
            '(' => waiting.push('('),
            ')' => {
                loop {
                    match waiting.pop()? {
                        '(' => break,
                        operator => output.push(item(operator)),
                    }
                }
                wants_operand = false;
            }
            '%' => output.push(Item::Percent),
            '-' if wants_operand => waiting.push(NEGATE),
            '+' | '-' | '*' | '/' => {
                while let Some(top) = waiting.pop_if(|top| strength(*top) >= strength(c)) {
                    output.push(item(top));
                }
                waiting.push(c);
                wants_operand = true;
            }
            '0'..='9' | '.' => {
                let mut digits = String::from(c);
                while let Some(next) = chars.next_if(|next| matches!(next, '0'..='9' | '.')) {
                    digits.push(next);
                }
                output.push(Item::Number(Fraction::read(&digits)?));
                wants_operand = false;
            }
            _ if names(c) => {
                let mut name = String::from(c);
                while let Some(next) = chars.next_if(|next| names(*next) || next.is_ascii_digit()) {
                    name.push(next);
                }
                output.push(Item::Name(name));
                wants_operand = false;
            }
            _ => return None,
        }
    }
    while let Some(operator) = waiting.pop() {
        if operator == '(' {
            return None;
        }
        output.push(item(operator));
    }
    Some(output)
}

fn item(operator: char) -> Item {
    if operator == NEGATE {
        Item::Negate
    } else {
        Item::Binary(operator)
    }
}

fn names(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '_' | '《' | '》')
}

/// Signs and brackets as people type them.
fn ascii(c: char) -> char {
    if "×✕·∗＊".contains(c) {
        '*'
    } else if "÷∕／".contains(c) {
        '/'
    } else if "—–−－".contains(c) {
        '-'
    } else if "【［[{｛〔（".contains(c) {
        '('
    } else if "】］]}｝〕）".contains(c) {
        ')'
    } else if c == '\u{3000}' {
        ' '
    } else {
        // Full-width letters, digits and signs lie in one block, in the order of ASCII.
        let code = u32::from(c);
        let wide = (0xff01..=0xff5e).contains(&code);
        if wide {
            char::from_u32(code - 0xff01 + 0x21).unwrap_or(c)
        } else {
            c
        }
    }
}

fn evaluate(
    items: &[Item],
    number: &dyn Fn(&str) -> Option<Decimal>,
) -> Result<Fraction, EvalError> {
    let mut stack: Vec<Fraction> = Vec::new();
    for item in items {
        let next = match item {
            Item::Number(fraction) => Some(fraction.clone()),
            Item::Name(name) => {
                let mark = number(name).ok_or_else(|| EvalError::Missing(name.clone()))?;
                Fraction::read(&mark.to_string())
            }
            Item::Negate => stack.pop().map(Fraction::negated),
            Item::Percent => stack.pop().map(Fraction::hundredth),
            Item::Binary(operator) => {
                let (right, left) = (stack.pop(), stack.pop());
                match (left, right) {
                    (Some(left), Some(right)) => left.with(*operator, right),
                    _ => None,
                }
            }
        };
        stack.push(next.ok_or(EvalError::Arithmetic)?);
    }
    match (stack.pop(), stack.is_empty()) {
        (Some(result), true) => Ok(result),
        _ => Err(EvalError::Arithmetic),
    }
}
