//! What a position demands of a major, read from its text, and how a candidate's majors compare.

use serde::{Deserialize, Serialize};

use super::catalogue::{Catalogue, base_name, major_name};
use crate::coded::coded;
use crate::sheet::clean::condition;

coded! {
    /// At which level of education a major was studied.
    pub enum Band {
        /// 专科.
        College = "college", "大专";
        /// 本科.
        Bachelor = "bachelor", "本科";
        /// 研究生.
        Graduate = "graduate", "研究生";
    }
}

/// One thing that a requirement names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "name", rename_all = "snake_case")]
pub enum Term {
    /// Every major.
    Any,
    /// One major; it matches only itself.
    Major(String),
    /// A class of the catalogue.
    Class(String),
    /// A class name that only notices use.
    Informal(String),
    /// A whole discipline.
    Discipline(String),
    /// A name that the catalogue doesn't have, or “相关专业”.
    Unknown(String),
}

/// The terms for some levels of education.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Levels that they are meant for; empty for all.
    pub bands: Vec<Band>,
    /// Any of them is enough.
    pub terms: Vec<Term>,
}

/// What a position demands of a major.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MajorRequirement {
    /// The text as published.
    pub text: String,
    /// Its meaning.
    pub groups: Vec<Group>,
}

/// How majors compare with a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// No.
    No,
    /// Only a person can tell.
    Unclear,
    /// Yes.
    Yes,
}

/// A major that a candidate has studied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Studied<'m> {
    /// At which level.
    pub band: Band,
    /// Its name as on the certificate.
    pub major: &'m str,
}

impl MajorRequirement {
    /// Reads the text of a position table. Nothing is dropped: what isn't understood becomes [`Term::Unknown`].
    pub fn parse(text: &str) -> Self {
        let text = condition(text);
        let mut groups: Vec<Group> = Vec::new();
        for (bands, part) in banded(&text) {
            let terms: Vec<Term> = split(&part)
                .iter()
                .filter_map(|piece| term(piece))
                .collect();
            if !terms.is_empty() {
                groups.push(Group { bands, terms });
            }
        }
        if groups.is_empty() {
            groups.push(Group {
                bands: Vec::new(),
                terms: vec![Term::Any],
            });
        }
        Self { text, groups }
    }

    /// Whether every candidate meets it.
    pub fn is_any(&self) -> bool {
        self.groups
            .iter()
            .any(|group| group.bands.is_empty() && group.terms.contains(&Term::Any))
    }

    /// Names that the catalogue doesn't have: an import shows them.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        self.groups
            .iter()
            .flat_map(|group| &group.terms)
            .filter_map(|term| match term {
                Term::Unknown(name) => Some(name.as_str()),
                _ => None,
            })
    }

    /// The best match over everything that the candidate has studied.
    pub fn compare(&self, studied: &[Studied<'_>]) -> Match {
        if self.is_any() {
            return Match::Yes;
        }
        self.groups
            .iter()
            .flat_map(|group| {
                studied
                    .iter()
                    .filter(|one| group.bands.is_empty() || group.bands.contains(&one.band))
                    .flat_map(|one| group.terms.iter().map(|term| compare(term, one.major)))
            })
            .max()
            .unwrap_or(Match::No)
    }
}

fn compare(term: &Term, major: &str) -> Match {
    let catalogue = Catalogue::standard();
    let name = major_name(major);
    let base = base_name(major);
    let exact = catalogue.find(&name);
    // A direction in brackets leaves it to a person, but only where the name before it would match.
    let (known, best) = match exact {
        Some(known) => (Some(known), Match::Yes),
        None => (catalogue.find(&base), Match::Unclear),
    };
    let within = |inside: bool| if inside { best } else { Match::No };
    match (term, known) {
        (Term::Any, _) => Match::Yes,
        (Term::Major(wanted) | Term::Unknown(wanted), _) if *wanted == name => Match::Yes,
        (Term::Unknown(_), _) => Match::Unclear,
        (Term::Major(wanted), Some(known)) => {
            // 一级学科 named without 类: whether its 二级学科 are meant, only the employer knows.
            let inside = known.classes.contains(wanted) && wanted != &base;
            if base == *wanted || inside {
                Match::Unclear
            } else {
                Match::No
            }
        }
        (Term::Class(wanted), _) if major_name(major).trim_end_matches('类') == wanted => {
            Match::Yes
        }
        (Term::Class(wanted), Some(known)) => within(known.classes.contains(wanted)),
        (Term::Discipline(wanted), Some(known)) => within(known.disciplines.contains(wanted)),
        (Term::Informal(wanted), Some(known)) => {
            let parts = catalogue.informal(wanted).unwrap_or_default();
            let inside = parts.iter().any(|part| {
                match catalogue.class(part).filter(|_| part.ends_with('类')) {
                    Some(class) => known.classes.contains(class),
                    None => *part == base,
                }
            });
            within(inside)
        }
        // The candidate's major isn't in the catalogue.
        (_, None) => Match::Unclear,
    }
}

/// Cuts a text at labels such as `研究生：` and `本科：`.
fn banded(text: &str) -> Vec<(Vec<Band>, String)> {
    let mut parts: Vec<(Vec<Band>, String)> = vec![(Vec::new(), String::new())];
    for sentence in text.split_inclusive(['；', '。', '：']) {
        let body = sentence.trim_end_matches(['；', '。', '：']);
        let bands = label(body);
        if sentence.ends_with('：') && !bands.is_empty() {
            // `会计学，本科：…`: what stands before the label on the same line belongs to the part before.
            let cut = body.rfind(['，', '、', '；']).map(|at| body.split_at(at));
            if let (Some((before, _)), Some(last)) = (cut, parts.last_mut()) {
                last.1.push_str(before);
            }
            parts.push((bands, String::new()));
        } else if let Some(last) = parts.last_mut() {
            last.1.push_str(body);
            last.1.push('、');
        }
    }
    parts.retain(|(_, part)| part.chars().any(|c| c != '、'));
    parts
}

/// The levels that a label names; empty when it isn't one.
fn label(text: &str) -> Vec<Band> {
    let tail = text.rsplit(['，', '、', '；']).next().unwrap_or(text);
    let tail = super::super::sheet::clean::without_brackets(tail);
    let rest = [
        "硕士",
        "博士",
        "研究生",
        "学历",
        "学位",
        "本科",
        "学士",
        "大专",
        "专科",
        "高职",
        "及以上",
        "专业",
        "和",
        "或",
        "及",
        "以上",
        "生",
        "层次",
        "要求",
    ]
    .iter()
    .fold(tail.clone(), |rest, word| rest.replace(word, ""));
    if !rest.is_empty() {
        return Vec::new();
    }
    let has = |words: &[&str]| words.iter().any(|word| tail.contains(word));
    let mut bands = Vec::new();
    if has(&["大专", "专科", "高职"]) {
        bands.push(Band::College);
    }
    if has(&["本科", "学士"]) || (!bands.is_empty() && tail.contains("以上")) {
        bands.push(Band::Bachelor);
    }
    if has(&["研究生", "硕士", "博士"]) || (!bands.is_empty() && tail.contains("以上")) {
        bands.push(Band::Graduate);
    }
    bands
}

/// Cuts a list at separators outside brackets, but not inside names that contain one.
fn split(text: &str) -> Vec<String> {
    const HIDDEN: char = '\u{1}';
    let mut text = text.to_owned();
    for name in Catalogue::standard().names_with_comma() {
        text = text.replace(name.as_str(), &name.replace('、', &HIDDEN.to_string()));
    }
    let mut pieces = vec![String::new()];
    let mut depth = 0u32;
    for c in text.chars() {
        match c {
            '（' => depth += 1,
            '）' => depth = depth.saturating_sub(1),
            '、' | '，' | '；' | '/' | '|' | '或' | '。' | '.' if depth == 0 => {
                pieces.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = pieces.last_mut() {
            last.push(if c == HIDDEN { '、' } else { c });
        }
    }
    pieces
}

fn term(piece: &str) -> Option<Term> {
    let piece = piece
        .trim_start_matches("仅限")
        .trim_start_matches('限')
        .trim_start_matches("专业要求为");
    // `等相关专业` keeps the door open for what isn't named.
    for tail in [
        "及其相关专业",
        "及相关专业",
        "等相关专业",
        "等相近专业",
        "及相近专业",
        "等专业",
        "等",
    ] {
        if let Some(head) = piece.strip_suffix(tail).filter(|head| !head.is_empty()) {
            return match term(head) {
                Some(Term::Any) => Some(Term::Any),
                _ => Some(Term::Unknown(piece.to_owned())),
            };
        }
    }
    let name = major_name(piece);
    if name.is_empty() {
        return None;
    }
    let bare = name.trim_start_matches("专业").trim_end_matches("专业");
    if [
        "不限",
        "无",
        "无要求",
        "不作要求",
        "无限制",
        "不限制",
        "均可",
        "-",
        "--",
        "—",
        "——",
        "/",
    ]
    .contains(&bare)
    {
        return Some(Term::Any);
    }
    let catalogue = Catalogue::standard();
    let term = if let Some(discipline) = catalogue
        .discipline(&name)
        .filter(|_| name.ends_with("门类"))
    {
        Term::Discipline(discipline.to_owned())
    } else if name.ends_with('类') {
        // An informal name wins only where no catalogue has the class.
        match (catalogue.class(&name), catalogue.informal(&name)) {
            (Some(class), _) => Term::Class(class.to_owned()),
            (None, Some(_)) => Term::Informal(name),
            (None, None) => Term::Unknown(name),
        }
    } else if catalogue.find(&name).is_some() {
        Term::Major(name)
    } else if let Some(discipline) = catalogue.discipline(&name) {
        Term::Discipline(discipline.to_owned())
    } else if let Some(class) = catalogue
        .class(&name.replace("（一级学科）", ""))
        .filter(|_| name.ends_with('）'))
    {
        Term::Class(class.to_owned())
    } else {
        Term::Unknown(name)
    };
    Some(term)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn compare_bachelor(text: &str, major: &str) -> Match {
        MajorRequirement::parse(text).compare(&[Studied {
            band: Band::Bachelor,
            major,
        }])
    }

    #[test]
    fn published_texts_against_majors() {
        use Match::{No, Unclear, Yes};
        for (text, major, answer) in [
            ("不限", "屠龙学", Yes),
            ("专业不限", "法学", Yes),
            ("", "法学", Yes),
            ("汉语言文学、新闻学类", "汉语言文学", Yes),
            ("汉语言文学、新闻学类", "汉语言", No),
            ("汉语言文学、新闻学类", "传播学", Yes),
            ("汉语言文学，新闻传播学类", "新闻学", Yes),
            ("会计学、财务管理", "信息管理与信息系统", No),
            ("会计学、财务管理", "会计学(注册会计师方向)", Unclear),
            ("会计学、财务管理", "大数据与会计", Unclear),
            ("计算机类、信息管理类", "信息管理与信息系统", Yes),
            ("计算机类", "计算机科学与技术（080901）", Yes),
            ("水利类", "信息管理与信息系统", No),
            ("工学门类", "土木工程", Yes),
            ("工学", "法学", No),
            ("法学类专业", "知识产权", Yes),
            ("法学", "知识产权", Unclear),
            (
                "土木、水利与海洋工程，土木工程",
                "土木、水利与海洋工程",
                Yes,
            ),
            ("物理学、学科教学（物理）", "应用电子技术教育", No),
            ("物理学、学科教学（物理）", "物理学（师范）", Yes),
            ("护理学等相关专业", "助产学", Unclear),
            ("屠龙学类", "法学", Unclear),
        ] {
            // 法学 is also the heading of a 一级学科, so its members are left to a person.
            assert_eq!(compare_bachelor(text, major), answer, "{text} / {major}");
        }
    }

    #[test]
    fn levels_have_their_own_lists() {
        let text = "研究生：中国语言文学类；本科：汉语言文学、秘书学";
        let requirement = MajorRequirement::parse(text);
        let one = |band, major| requirement.compare(&[Studied { band, major }]);
        assert_eq!(one(Band::Graduate, "文艺学"), Match::Yes);
        assert_eq!(one(Band::Graduate, "刑法学"), Match::No);
        assert_eq!(one(Band::Bachelor, "秘书学"), Match::Yes);
        assert_eq!(one(Band::Bachelor, "汉语国际教育"), Match::No);
        assert_eq!(one(Band::College, "秘书学"), Match::No);
        let both = [
            Studied {
                band: Band::Graduate,
                major: "法学",
            },
            Studied {
                band: Band::Bachelor,
                major: "秘书学",
            },
        ];
        assert_eq!(requirement.compare(&both), Match::Yes);
        let open = MajorRequirement::parse("本科及以上:会计学类;大专:会计");
        assert_eq!(open.groups[0].bands, [Band::Bachelor, Band::Graduate]);
        assert_eq!(open.groups[1].bands, [Band::College]);
    }

    #[test]
    fn unknown_names_are_kept_for_the_import_to_show() {
        let requirement = MajorRequirement::parse("会计学、屠龙学、大数据技术");
        assert_eq!(
            requirement.unknown().collect::<Vec<_>>(),
            ["屠龙学", "大数据技术"]
        );
        assert!(!requirement.is_any());
    }

    proptest! {
        #[test]
        fn a_named_major_matches_itself_and_no_text_panics(text in "\\PC{0,30}", at in 0usize..4) {
            let majors = ["会计学", "新闻学", "土木工程", "护理学"];
            let major = majors[at];
            prop_assert_eq!(compare_bachelor(major, major), Match::Yes);
            let requirement = MajorRequirement::parse(&text);
            prop_assert!(!requirement.groups.is_empty());
            let _ = requirement.compare(&[Studied { band: Band::Bachelor, major: &text }]);
        }
    }
}
