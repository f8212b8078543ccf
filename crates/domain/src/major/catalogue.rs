//! The catalogue as data: undergraduate majors, graduate disciplines, and class names that only notices use.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use crate::sheet::clean::{condition, without_brackets};

const UNDERGRADUATE: &str = include_str!("undergraduate.txt");
const GRADUATE: &str = include_str!("graduate.txt");
const INFORMAL: &str = include_str!("informal.txt");

/// Version of the data, stored with what was decided by it.
pub const VERSION: &str = "2024-1";

/// The catalogue.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// Major → where it stands; one name may stand at several places.
    majors: BTreeMap<String, Known>,
    /// Class without 类 → its discipline.
    classes: BTreeMap<String, String>,
    disciplines: BTreeSet<String>,
    /// Informal class → official classes or majors.
    informal: BTreeMap<String, Vec<String>>,
    /// Names that contain the separator `、`.
    with_comma: Vec<String>,
}

/// Where a major stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Classes, without 类.
    pub classes: BTreeSet<String>,
    /// Disciplines.
    pub disciplines: BTreeSet<String>,
}

impl Catalogue {
    /// The catalogue that the product ships.
    pub fn standard() -> &'static Self {
        static STANDARD: OnceLock<Catalogue> = OnceLock::new();
        STANDARD.get_or_init(|| {
            let mut catalogue = Self::default();
            catalogue.read(UNDERGRADUATE, false);
            catalogue.read(GRADUATE, true);
            for (name, members) in lines(INFORMAL) {
                let members = members.split_whitespace().map(str::to_owned).collect();
                catalogue.informal.insert(class_key(name), members);
            }
            catalogue.with_comma = catalogue
                .majors
                .keys()
                .filter(|name| name.contains('、'))
                .cloned()
                .collect();
            catalogue
        })
    }

    fn read(&mut self, text: &str, heading_is_major: bool) {
        let mut discipline = String::new();
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("# ") {
                // The first line explains the format and is no discipline.
                name.trim().clone_into(&mut discipline);
                if !discipline.contains(['`', ':']) {
                    self.disciplines.insert(discipline.clone());
                }
                continue;
            }
            let Some((class, members)) = line.split_once(':') else {
                continue;
            };
            let key = class_key(class);
            self.classes.insert(key.clone(), discipline.clone());
            let heading = heading_is_major.then_some(class.trim());
            for major in members.split_whitespace().chain(heading) {
                let known = self.majors.entry(major.to_owned()).or_default();
                known.classes.insert(key.clone());
                known.disciplines.insert(discipline.clone());
            }
        }
    }

    /// Where a major stands. Codes and teacher-training marks in brackets don't matter: `物理学（师范）`.
    pub fn find(&self, major: &str) -> Option<&Known> {
        self.majors.get(&major_name(major))
    }

    /// Whether a name is a class, written with or without 类 at the end; returns it without.
    pub fn class(&self, name: &str) -> Option<&str> {
        self.classes
            .get_key_value(&class_key(name))
            .map(|(key, _)| key.as_str())
    }

    /// The discipline of a name such as `工学`, `工学门类`, `工学学科门类`.
    pub fn discipline(&self, name: &str) -> Option<&str> {
        let name = name.trim_end_matches("学科门类").trim_end_matches("门类");
        self.disciplines.get(name).map(String::as_str)
    }

    /// What an informal class name stands for.
    pub fn informal(&self, name: &str) -> Option<&[String]> {
        self.informal.get(&class_key(name)).map(Vec::as_slice)
    }

    /// Names that contain `、`, so that a list isn't cut inside them.
    pub fn names_with_comma(&self) -> &[String] {
        &self.with_comma
    }

    /// Numbers of majors, classes and disciplines.
    pub fn size(&self) -> (usize, usize, usize) {
        (
            self.majors.len(),
            self.classes.len(),
            self.disciplines.len(),
        )
    }
}

fn lines(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(':'))
}

/// A class name without its 类.
fn class_key(name: &str) -> String {
    let name = name.trim();
    name.strip_suffix('类').unwrap_or(name).to_owned()
}

/// A major's name without codes, without the word 专业 and without brackets that only tell how it was studied.
pub(super) fn major_name(text: &str) -> String {
    let text = without_codes(&condition(text));
    let name = text
        .strip_suffix("专业")
        .filter(|name| !name.is_empty())
        .unwrap_or(&text);
    match (name.rfind('（'), name.ends_with('）')) {
        (Some(open), true) => {
            let (base, mark) = name.split_at(open);
            let mark = mark.trim_matches(['（', '）']);
            let teacher = [
                "师范",
                "师范类",
                "公费师范",
                "公费师范生",
                "优师专项",
                "免费师范",
            ];
            if !base.is_empty() && (mark.is_empty() || teacher.contains(&mark)) {
                base.to_owned()
            } else {
                name.to_owned()
            }
        }
        _ => name.to_owned(),
    }
}

/// The name without anything in brackets: only a hint that a person should compare.
pub(super) fn base_name(text: &str) -> String {
    major_name(&without_brackets(&condition(text)))
}

/// Removes catalogue codes: four to eight digits, perhaps after a letter, perhaps before T or K.
fn without_codes(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        let digits = |from: usize| {
            chars
                .iter()
                .skip(from)
                .take_while(|c| c.is_ascii_digit())
                .count()
        };
        let start = if c.is_ascii_uppercase() { at + 1 } else { at };
        let count = digits(start);
        if (4..=8).contains(&count) {
            at = start + count;
            while chars.get(at).is_some_and(|c| matches!(c, 'T' | 'K' | 'H')) {
                at += 1;
            }
        } else if c.is_ascii_digit() {
            out.extend(chars.iter().skip(at).take(count));
            at += count;
        } else {
            out.push(*c);
            at += 1;
        }
    }
    out.replace("（）", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_as_large_as_it_should_be() {
        let (majors, classes, disciplines) = Catalogue::standard().size();
        assert!(majors > 1_100, "{majors}");
        assert!(classes > 180, "{classes}");
        assert_eq!(
            disciplines, 13,
            "twelve of the undergraduate catalogue and 交叉学科"
        );
    }

    #[test]
    fn every_official_name_in_the_informal_table_exists() {
        let catalogue = Catalogue::standard();
        for (name, members) in lines(INFORMAL) {
            for member in members.split_whitespace() {
                let known = if member.ends_with('类') {
                    catalogue.class(member).is_some()
                } else {
                    catalogue.find(member).is_some()
                };
                assert!(known, "{name}: {member}");
            }
            assert!(
                !UNDERGRADUATE.contains(&format!("\n{name}:")),
                "{name} is official"
            );
        }
    }

    #[test]
    fn no_undergraduate_major_stands_in_two_classes() {
        let mut seen = BTreeMap::new();
        for (class, members) in lines(UNDERGRADUATE) {
            for major in members.split_whitespace() {
                assert_eq!(seen.insert(major, class), None, "{major}");
            }
        }
    }

    #[test]
    fn names_are_found_however_they_are_written() {
        let catalogue = Catalogue::standard();
        for name in [
            "汉语言文学",
            "050101汉语言文学",
            "汉语言文学（050101）",
            "汉语言文学专业",
            "物理学（师范）",
            "法学(030101K)",
        ] {
            assert!(catalogue.find(name).is_some(), "{name}");
        }
        assert!(catalogue.find("屠龙学").is_none());
        assert_eq!(catalogue.class("新闻传播学类"), Some("新闻传播学"));
        assert_eq!(catalogue.discipline("工学门类"), Some("工学"));
        assert_eq!(catalogue.class("新闻学类"), None);
        assert!(catalogue.informal("新闻学类").is_some());
    }
}
