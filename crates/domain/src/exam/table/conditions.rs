//! The other conditions in words: sex, 户籍, politics, experience, certificates, whom a post is for, and free text.

use super::{Meaning, Reading, age, education, is_unlimited};
use crate::eligibility::rule::{Condition, Fact, Operand, Operator, Relaxed, Rule};
use crate::major::MajorRequirement;
use crate::sheet::clean::condition;

fn texts(list: &[&str]) -> Operand {
    Operand::Texts(list.iter().map(|text| (*text).to_owned()).collect())
}

/// `男`, `限男性`; `适合男性` only advises and goes to a person.
pub fn sex(text: &str) -> Meaning {
    let published = condition(text);
    if is_unlimited(&published) || (published.contains('男') && published.contains('女')) {
        return Meaning::default();
    }
    let advice = ["适合", "适宜", "较适", "建议", "优先"]
        .iter()
        .any(|word| published.contains(word));
    let sex = ["男", "女"].into_iter().find(|sex| published.contains(sex));
    match sex {
        Some(sex) if !advice => Meaning::rule(Rule::hard(
            Fact::Sex,
            Operator::Is,
            texts(&[sex]),
            published,
        )),
        _ => Meaning::rule(Rule::in_words(published)),
    }
}

/// `仅限郴州市户籍`, `桂东县`; with 生源 or 配偶 beside it a person decides.
pub fn hukou(text: &str) -> Meaning {
    let published = condition(text);
    if is_unlimited(&published) {
        return Meaning::default();
    }
    let plain = published
        .trim_start_matches("须")
        .trim_start_matches("具有")
        .trim_start_matches("仅限")
        .trim_start_matches('限');
    let cut = ["常住户口", "户籍所在地", "户籍", "户口"];
    let plain = cut
        .iter()
        .fold(plain.to_owned(), |text, word| text.replace(word, ""));
    let places: Vec<&str> = plain
        .split(['、', '，', '或', '；', '。'])
        .map(|place| place.trim_end_matches("人员"))
        .filter(|place| !place.is_empty())
        .collect();
    let ends = ["省", "市", "县", "区", "州", "旗", "盟"];
    let vague = ["本", "我", "该", "当地", "外"];
    let place = |place: &&str| {
        let length = place.chars().count();
        (2..=16).contains(&length)
            && ends.iter().any(|end| place.ends_with(end))
            && !vague.iter().any(|word| place.starts_with(word))
            && !place.contains("生源")
    };
    if !places.is_empty() && places.iter().all(place) {
        Meaning::rule(Rule::hard(
            Fact::Hukou,
            Operator::Is,
            texts(&places),
            published,
        ))
    } else {
        Meaning::rule(Rule::in_words(published))
    }
}

/// `中共党员（含预备党员）`. Where 预备 isn't mentioned, a probationary member goes to a person.
pub fn political(text: &str) -> Meaning {
    let published = condition(text);
    if is_unlimited(&published) {
        return Meaning::default();
    }
    let full = "中共党员";
    let probationary = "中共预备党员";
    let league = "共青团员";
    let party =
        published.contains("党员") && !published.contains("非") && !published.contains("民主");
    match (
        party,
        published.contains("预备") && !published.contains("不含预备"),
        published.contains("团员"),
    ) {
        (true, true, false) => {
            let both = texts(&[full, probationary]);
            Meaning::rule(Rule::hard(Fact::Political, Operator::Is, both, published))
        }
        (true, false, false) => {
            let mut rule = Rule::hard(Fact::Political, Operator::Is, texts(&[full]), &published);
            if !published.contains("不含预备") {
                let when = Condition {
                    fact: Fact::Other,
                    operator: Operator::Matches,
                    operand: texts(&["预备党员是否算作党员"]),
                };
                rule.relaxed.push(Relaxed {
                    when,
                    operand: texts(&[probationary]),
                });
            }
            Meaning::rule(rule)
        }
        (true, _, true) => {
            let all = texts(&[full, probationary, league]);
            Meaning::rule(Rule::hard(Fact::Political, Operator::Is, all, published))
        }
        _ => Meaning::rule(Rule::in_words(published)),
    }
}

/// `具有2年以上信息化岗位工作经历`: papers must show it, so a person decides.
pub fn experience(text: &str) -> Meaning {
    let published = condition(text);
    if is_unlimited(&published)
        || ["不限经历", "经历不限", "无工作经历要求"].contains(&published.as_str())
    {
        return Meaning::default();
    }
    match years_in(&published) {
        Some(years) => Meaning::rule(Rule::manual(
            Fact::WorkYears,
            Operator::AtLeast,
            Operand::Number(years),
            published,
        )),
        None => Meaning::rule(Rule::in_words(published)),
    }
}

/// The number before 年 (`2年以上`, `两年及以上`), or a bare number.
fn years_in(text: &str) -> Option<u32> {
    let number = match text.find('年') {
        Some(at) => {
            let before = text.get(..at)?;
            let digits: Vec<char> = before
                .chars()
                .rev()
                .take_while(|c| c.is_ascii_digit() || "一二两三四五六七八九十".contains(*c))
                .collect();
            digits.into_iter().rev().collect::<String>()
        }
        None => text.to_owned(),
    };
    crate::sheet::clean::whole_number(&number).filter(|years| (1..=40).contains(years))
}

/// `取得会计从业资格证书`, `中级及以上职称`: papers must show it.
pub fn qualification(text: &str) -> Meaning {
    let published = condition(text);
    if is_unlimited(&published) {
        return Meaning::default();
    }
    let fact = if published.contains("职称") && !published.contains('证') {
        Fact::Title
    } else {
        Fact::Certificate
    };
    let plain = ["须", "具有", "取得", "持有", "具备"]
        .iter()
        .fold(published.clone(), |text, word| text.replace(word, ""));
    let wanted: Vec<&str> = plain
        .split(['、', '或', '/'])
        .filter(|text| !text.is_empty())
        .collect();
    if wanted.is_empty() {
        return Meaning::rule(Rule::in_words(published));
    }
    Meaning::rule(Rule::manual(
        fact,
        Operator::Matches,
        texts(&wanted),
        published,
    ))
}

/// `2026届高校毕业生`, `退役士兵`, `服务基层项目人员`: papers must show it.
pub fn target(text: &str) -> Meaning {
    let published = condition(text);
    if is_unlimited(&published) || published.contains("不限") {
        return Meaning::default();
    }
    Meaning::rule(Rule::manual(
        Fact::Group,
        Operator::Matches,
        texts(&[&published]),
        &published,
    ))
}

/// A majors column.
pub fn major(text: &str) -> Meaning {
    let requirement = MajorRequirement::parse(text);
    if requirement.is_any() {
        return Meaning::default();
    }
    let unknown: Vec<&str> = requirement.unknown().collect();
    let remarks = if unknown.is_empty() {
        Vec::new()
    } else {
        vec![format!(
            "专业目录中没有“{}”，报这些专业的考生由人工审核",
            unknown.join("、")
        )]
    };
    let published = requirement.text.clone();
    let rule = Rule::hard(
        Fact::Major,
        Operator::Matches,
        Operand::Majors(requirement),
        published,
    );
    Meaning {
        rules: vec![rule],
        remarks,
    }
}

/// Free text: each sentence finds its fact, and what finds none goes to a person.
pub fn free(text: &str, reading: &Reading) -> Meaning {
    let published = condition(text);
    let mut meaning = Meaning::default();
    if is_unlimited(&published) {
        return meaning;
    }
    for sentence in sentences(&published) {
        meaning.merge(one_sentence(&sentence, reading));
    }
    meaning
}

/// A remark: only what reads like a condition becomes a rule; the rest stays a remark, which the position keeps.
pub fn remark(text: &str, reading: &Reading) -> Meaning {
    const SIGNS: &[&str] = &[
        "限",
        "须",
        "需",
        "具有",
        "要求",
        "周岁",
        "户籍",
        "适合",
        "经历",
        "资格证",
        "服务期",
        "党员",
        "本科",
        "学位",
        "不得",
    ];
    let mut meaning = Meaning::default();
    for sentence in sentences(&condition(text)) {
        if !is_unlimited(&sentence) && SIGNS.iter().any(|sign| sentence.contains(sign)) {
            meaning.merge(one_sentence(&sentence, reading));
        }
    }
    meaning
}

/// Sentences of a text, without their numbering (`1.`, `①`, `（二）`, `一、`).
fn sentences(text: &str) -> Vec<String> {
    let text = strip_enumeration(text);
    text.split(['；', '。', '\u{1}'])
        .map(str::to_owned)
        .filter(|sentence| !sentence.is_empty())
        .collect()
}

/// Puts a mark where a numbered item begins. A digit behind the mark makes it a number of the text (`1.5米`, `1、2级`),
/// unless the item before bore the number below it (`1.本科；2、35周岁以下`).
fn strip_enumeration(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    let mut last = None;
    while let Some(c) = chars.get(at).copied() {
        let next = chars.get(at + 1).copied();
        let after = chars.get(at + 2).copied();
        let starts = at == 0
            || chars
                .get(at - 1)
                .is_some_and(|c| matches!(c, '；' | '。' | '，'));
        let number = c.to_digit(10);
        let follows = starts && last.is_some() && number == last.map(|last| last + 1);
        let numbered = number.is_some()
            && matches!(next, Some('.' | '、' | '．'))
            && (follows || !after.is_some_and(|c| c.is_ascii_digit()));
        let circled = ('①'..='⑳').contains(&c);
        if circled {
            last = last.map(|last| last + 1);
            out.push('\u{1}');
            at += 1;
        } else if numbered && (starts || next == Some('.')) {
            last = number;
            out.push('\u{1}');
            at += 2;
        } else {
            out.push(c);
            at += 1;
        }
    }
    out
}

fn one_sentence(sentence: &str, reading: &Reading) -> Meaning {
    let has = |words: &[&str]| words.iter().any(|word| sentence.contains(word));
    let parts: Vec<&str> = sentence
        .split('，')
        .filter(|part| !part.is_empty())
        .collect();
    // `35周岁以下，放宽至…` belongs together; `本科及以上学历，法学类专业` doesn't.
    if parts.len() > 1 && !has(&["放宽", "其中"]) {
        let mut meaning = Meaning::default();
        for part in parts {
            meaning.merge(one_sentence(part, reading));
        }
        return meaning;
    }
    if has(&["优先", "可不", "除外", "适合", "适宜"]) {
        return Meaning::rule(Rule::in_words(sentence));
    }
    let labelled = sentence.rsplit('：').next().unwrap_or(sentence);
    if has(&["周岁", "岁以", "出生"]) {
        age::read(labelled, reading.counted_to)
    } else if has(&["男性", "女性", "限男", "限女"]) && sentence.chars().count() <= 8 {
        sex(labelled)
    } else if has(&["户籍", "户口"]) {
        hukou(labelled)
    } else if has(&["党员", "团员"]) {
        political(labelled)
    } else if has(&["经历", "工作经验", "工作年限"]) {
        experience(labelled)
    } else if has(&["证书", "资格证", "职称", "执业资格", "职业资格", "驾驶证"]) {
        qualification(labelled)
    } else if has(&["学历", "学位"]) && education::level_in(sentence).is_some() && !has(&["专业"])
    {
        education::read(labelled)
    } else if (sentence.contains("专业") && has(&["类专业", "相关专业", "专业："]))
        || sentence.ends_with("专业")
    {
        major(labelled)
    } else if education::level_in(sentence).is_some()
        && has(&["及以上", "以上"])
        && sentence.chars().count() <= 12
    {
        education::read(labelled)
    } else {
        Meaning::rule(Rule::in_words(sentence))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eligibility::{Verdict, describe_all, rule::Severity};
    use proptest::prelude::*;

    fn reading() -> Reading {
        Reading {
            counted_to: "2026-03-11".parse().ok(),
        }
    }

    fn severities(meaning: &Meaning) -> Vec<Severity> {
        meaning.rules.iter().map(|rule| rule.severity).collect()
    }

    #[test]
    fn certain_conditions_are_hard_and_uncertain_ones_are_not() {
        use Severity::{Hard as H, NeedsManual as M};
        type Parser = fn(&str) -> Meaning;
        let table: &[(Parser, &str, &str, &[Severity])] = &[
            (sex, "不限", "不限", &[]),
            (sex, "男女不限", "不限", &[]),
            (sex, "限男性", "限男性", &[H]),
            (sex, "女", "限女性", &[H]),
            (sex, "适合男性", "适合男性", &[M]),
            (hukou, "不限", "不限", &[]),
            (hukou, "仅限郴州市户籍", "限郴州市户籍", &[H]),
            (hukou, "桂东县或汝城县户籍", "限桂东县、汝城县户籍", &[H]),
            (hukou, "本县户籍", "本县户籍", &[M]),
            (hukou, "桂东县户籍或生源", "桂东县户籍或生源", &[M]),
            (
                political,
                "中共党员（含预备党员）",
                "限中共党员、中共预备党员",
                &[H],
            ),
            (political, "民主党派", "民主党派", &[M]),
            (experience, "不限", "不限", &[]),
            (
                experience,
                "具有2年以上信息化岗位工作经历",
                "2 年以上工作经历",
                &[M],
            ),
            (
                experience,
                "两年及以上基层工作经历",
                "2 年以上工作经历",
                &[M],
            ),
            (experience, "有基层工作经历", "有基层工作经历", &[M]),
            (
                qualification,
                "具有执业医师资格证",
                "具有执业医师资格证",
                &[M],
            ),
            (qualification, "中级及以上职称", "具有中级及以上职称", &[M]),
            (target, "2026届高校毕业生", "限2026届高校毕业生", &[M]),
            (target, "不限", "不限", &[]),
        ];
        for (parser, text, described, severity) in table {
            let meaning = parser(text);
            assert_eq!(severities(&meaning), *severity, "{text}");
            assert_eq!(describe_all(&meaning.rules), *described, "{text}");
        }
    }

    #[test]
    fn a_probationary_member_goes_to_a_person_where_the_notice_is_silent() {
        let rules = political("中共党员").rules;
        let facts = |politics: &str| crate::eligibility::Facts {
            political: Some(politics.to_owned()),
            ..crate::eligibility::Facts::default()
        };
        let verdict = |politics| crate::eligibility::check_all(&rules, &facts(politics)).verdict;
        assert_eq!(verdict("中共党员"), Verdict::Pass);
        assert_eq!(verdict("中共预备党员"), Verdict::Manual);
        assert_eq!(verdict("群众"), Verdict::Fail);
    }

    #[test]
    fn free_text_is_taken_apart_and_nothing_is_dropped() {
        let text = "1.本科及以上学历，法学类专业；2、35周岁以下；③限男性；4.具有2年以上工作经历；5.能适应经常出差";
        let meaning = free(text, &reading());
        let facts: Vec<Fact> = meaning.rules.iter().map(|rule| rule.fact).collect();
        assert_eq!(
            facts,
            [
                Fact::Education,
                Fact::Major,
                Fact::BirthDate,
                Fact::Sex,
                Fact::WorkYears,
                Fact::Other
            ]
        );
    }

    #[test]
    fn a_number_of_the_text_is_no_numbering() {
        for text in ["1.5米以上身高", "1、2级英语水平", "英语；2、3级均可"] {
            let kept: String = sentences(text).join("；");
            assert_eq!(kept, text);
        }
    }

    #[test]
    fn a_remark_gives_rules_only_where_it_reads_like_a_condition() {
        assert!(remark("联系人：王老师", &reading()).rules.is_empty());
        assert_eq!(
            remark("本岗位最低服务期5年；实行坐班制", &reading())
                .rules
                .len(),
            1
        );
        assert_eq!(remark("限男性", &reading()).rules[0].fact, Fact::Sex);
    }

    proptest! {
        #[test]
        fn every_sentence_leaves_a_rule(words in proptest::collection::vec("[一-龥]{2,8}", 1..5)) {
            let text = words.join("；");
            let limited = words.iter().filter(|word| !is_unlimited(word)).count();
            let meaning = free(&text, &reading());
            prop_assert!(meaning.rules.len() >= usize::from(limited > 0));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,60}") {
            for parser in [sex, hukou, political, experience, qualification, target, major] {
                let _ = parser(&text);
            }
            let _ = (free(&text, &reading()), remark(&text, &reading()));
        }
    }
}
