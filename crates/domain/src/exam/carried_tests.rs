//! The tables of who may take what.

use proptest::prelude::*;

use super::carried::*;
use super::levels::*;
use super::professional::*;
use crate::money::Fen;
use crate::time::Timestamp;

const YEAR: u32 = 2026;

fn subject(level: &str, specialty: &str, code: &str, hour: i64) -> Subject {
    let at = |hour: i64| Timestamp::from_micros(hour * 3_600_000_000);
    Subject {
        level: level.into(),
        specialty: specialty.into(),
        code: code.into(),
        name: format!("科目{code}"),
        session: 1,
        starts_at: at(hour),
        ends_at: at(hour + 2),
        fee: Fen::new(6_000),
    }
}

/// 考全科 with three subjects, 免一科 with two, 增报专业 with one, 自选 with two, in two specialties.
fn table() -> ProfessionalTable {
    let mut subjects = Vec::new();
    for specialty in ["土建", "安装"] {
        for (level, codes) in [
            ("考全科", &["1", "2", "3"][..]),
            ("免一科", &["2", "3"]),
            ("增报专业", &["3"]),
            ("自选", &["4", "5"]),
        ] {
            for (place, code) in (0i64..).zip(codes) {
                subjects.push(subject(level, specialty, code, 9 + 3 * place));
            }
        }
    }
    ProfessionalTable { subjects }
}

fn rules(mismatch: OnMismatch) -> LevelRules {
    let rule = |level: &str, mode, valid_years, conditions: &[&str]| LevelRule {
        level: level.into(),
        mode,
        valid_years,
        conditions: conditions.iter().map(|text| (*text).to_owned()).collect(),
        proof: String::new(),
    };
    LevelRules {
        levels: vec![
            rule("考全科", TakeMode::All, 3, &[]),
            rule("免一科", TakeMode::Exempt, 2, &["取得工学学士学位"]),
            rule("增报专业", TakeMode::Extra, 1, &[]),
            rule("自选", TakeMode::Free, 2, &[]),
        ],
        mismatch,
    }
}

fn carried(level: &str, specialty: &str, passes: &[(&str, u32)]) -> Carried {
    Carried {
        level: level.into(),
        specialty: specialty.into(),
        archive_no: "A1".into(),
        holds: false,
        passes: passes
            .iter()
            .map(|(code, year)| Pass {
                code: (*code).into(),
                name: format!("科目{code}"),
                year: *year,
                date: String::new(),
            })
            .collect(),
    }
}

fn holder(specialty: &str) -> Carried {
    Carried {
        holds: true,
        ..carried(
            "考全科",
            specialty,
            &[("1", 2024), ("2", 2024), ("3", 2024)],
        )
    }
}

fn choice(level: &str, subjects: &[&str], claims: bool) -> LevelChoice {
    LevelChoice {
        level: level.into(),
        specialty: "土建".into(),
        subjects: subjects.iter().map(|code| (*code).into()).collect(),
        claims_passes: claims,
    }
}

fn names(codes: &[&str]) -> Vec<String> {
    codes.iter().map(|code| format!("科目{code}")).collect()
}

/// Standing, whether a person must look, whether it is complete after it.
type Told = Result<(Standing, bool, bool), ChoiceError>;

fn told(rules: &LevelRules, lookup: &Lookup, choice: &LevelChoice) -> Told {
    let table = table();
    judge((rules, &table, YEAR), lookup, choice)
        .map(|judged| (judged.standing, !judged.manual.is_empty(), judged.completes))
}

#[test]
fn a_choice_is_judged_by_level_file_and_claim() {
    use Lookup::{Found, NotFound, Unchecked as Cannot};
    use OnMismatch::{Manual, Refuse};
    use Standing as S;
    let all = |codes: &[&str], left| {
        Err(ChoiceError::AllRequired {
            level: "考全科".into(),
            left,
            missing: names(codes),
        })
    };
    let found = |one: Carried| Found(vec![one]);
    let two = || found(carried("考全科", "土建", &[("1", 2024), ("2", 2025)]));
    let old = || found(carried("考全科", "土建", &[("1", 2023), ("2", 2025)]));
    let no_file = || Cannot(Unchecked::NoFile);
    let other_name = || Cannot(Unchecked::NameDiffers);
    let table: Vec<(&str, OnMismatch, Lookup, LevelChoice, Told)> = vec![
        // 新考生.
        (
            "all",
            Refuse,
            NotFound,
            choice("考全科", &["1", "2", "3"], false),
            Ok((S::New, false, true)),
        ),
        (
            "some",
            Refuse,
            NotFound,
            choice("考全科", &["1", "2"], false),
            all(&["3"], false),
        ),
        (
            "no file, all",
            Refuse,
            no_file(),
            choice("考全科", &["1", "2", "3"], false),
            Ok((S::New, false, true)),
        ),
        (
            "no file, some",
            Refuse,
            no_file(),
            choice("考全科", &["3"], false),
            all(&["1", "2"], false),
        ),
        // 老考生.
        (
            "what is left",
            Refuse,
            two(),
            choice("考全科", &["3"], false),
            Ok((S::Returning, false, true)),
        ),
        (
            "a passed one again",
            Refuse,
            two(),
            choice("考全科", &["1", "3"], false),
            Err(ChoiceError::Passed("科目1".into())),
        ),
        (
            "one lapsed, left out",
            Refuse,
            old(),
            choice("考全科", &["3"], false),
            all(&["1"], true),
        ),
        (
            "one lapsed, taken again",
            Refuse,
            old(),
            choice("考全科", &["1", "3"], false),
            Ok((S::Returning, false, true)),
        ),
        (
            "claims beyond the file",
            Manual,
            old(),
            choice("考全科", &["3"], true),
            all(&["1"], true),
        ),
        (
            "all lapsed",
            Refuse,
            found(carried("考全科", "土建", &[("1", 2020)])),
            choice("考全科", &["1", "2", "3"], false),
            Ok((S::New, false, true)),
        ),
        (
            "all passed",
            Refuse,
            found(carried(
                "考全科",
                "土建",
                &[("1", 2024), ("2", 2024), ("3", 2025)],
            )),
            choice("考全科", &["1"], false),
            Err(ChoiceError::NothingLeft),
        ),
        // A claim that the file doesn't bear out, or can't.
        (
            "claim, refused",
            Refuse,
            NotFound,
            choice("考全科", &["3"], true),
            Err(ChoiceError::NoSuchPasses("考全科".into())),
        ),
        (
            "claim, by hand",
            Manual,
            NotFound,
            choice("考全科", &["3"], true),
            Ok((S::Differs, true, true)),
        ),
        (
            "claim, no file",
            Refuse,
            no_file(),
            choice("考全科", &["3"], true),
            Ok((S::Unchecked, true, true)),
        ),
        (
            "claim, other name",
            Refuse,
            other_name(),
            choice("考全科", &["3"], true),
            Ok((S::Unchecked, true, true)),
        ),
        (
            "other name",
            Refuse,
            other_name(),
            choice("考全科", &["1", "2", "3"], false),
            Ok((S::Unchecked, true, true)),
        ),
        // Another level or specialty than the file's.
        (
            "other specialty, refused",
            Refuse,
            found(carried("考全科", "安装", &[("1", 2025)])),
            choice("考全科", &["1", "2", "3"], false),
            Err(ChoiceError::OtherLevel("考全科 · 安装".into())),
        ),
        (
            "other specialty, by hand",
            Manual,
            found(carried("考全科", "安装", &[("1", 2025)])),
            choice("考全科", &["1", "2", "3"], false),
            Ok((S::Differs, true, true)),
        ),
        (
            "other specialty, lapsed",
            Refuse,
            found(carried("考全科", "安装", &[("1", 2020)])),
            choice("考全科", &["1", "2", "3"], false),
            Ok((S::New, false, true)),
        ),
        // 免试部分科目.
        (
            "exempt, claimed",
            Refuse,
            NotFound,
            choice("免一科", &["2", "3"], false),
            Ok((S::New, true, true)),
        ),
        (
            "exempt, known",
            Refuse,
            found(carried("免一科", "土建", &[("2", 2025)])),
            choice("免一科", &["3"], false),
            Ok((S::Returning, false, true)),
        ),
        (
            "exempt, pass of two years ago",
            Refuse,
            found(carried("免一科", "土建", &[("2", 2024)])),
            choice("免一科", &["2", "3"], false),
            Ok((S::New, true, true)),
        ),
        // 增报专业.
        (
            "extra, holder",
            Refuse,
            found(holder("安装")),
            choice("增报专业", &["3"], false),
            Ok((S::Returning, false, true)),
        ),
        (
            "extra, own specialty",
            Refuse,
            found(holder("土建")),
            choice("增报专业", &["3"], false),
            Err(ChoiceError::NoCertificate("增报专业".into())),
        ),
        (
            "extra, nobody",
            Refuse,
            NotFound,
            choice("增报专业", &["3"], false),
            Err(ChoiceError::NoCertificate("增报专业".into())),
        ),
        (
            "extra, no file",
            Refuse,
            no_file(),
            choice("增报专业", &["3"], false),
            Ok((S::Unchecked, true, true)),
        ),
        // 自选科目.
        (
            "free, one",
            Refuse,
            NotFound,
            choice("自选", &["4"], false),
            Ok((S::New, false, false)),
        ),
        (
            "free, none",
            Refuse,
            NotFound,
            choice("自选", &[], false),
            Err(ChoiceError::NoSubjects),
        ),
        (
            "free, the last",
            Refuse,
            found(carried("自选", "土建", &[("4", 2025)])),
            choice("自选", &["5"], false),
            Ok((S::Returning, false, true)),
        ),
        (
            "unknown level",
            Refuse,
            NotFound,
            choice("高级", &["4"], false),
            Err(ChoiceError::NoSuchLevel),
        ),
    ];
    for (case, mismatch, lookup, choice, expected) in table {
        assert_eq!(told(&rules(mismatch), &lookup, &choice), expected, "{case}");
    }
}

#[test]
fn a_level_without_a_rule_is_free_and_carries_nothing() {
    let none = LevelRules::default();
    let lookup = Lookup::Found(vec![carried("考全科", "土建", &[("1", 2025)])]);
    let free = choice("考全科", &["1"], false);
    assert_eq!(
        told(&none, &lookup, &free),
        Ok((Standing::New, false, false))
    );
    assert!(none.problems(&table()).is_empty() && none.is_unset() && !none.carry());
}

#[test]
fn refusals_say_what_to_do() {
    let text = |error: ChoiceError| error.to_string();
    let missing = ChoiceError::AllRequired {
        level: "考全科".into(),
        left: false,
        missing: names(&["2", "3"]),
    };
    assert_eq!(
        text(missing),
        "考全科须报考全部科目，您还没有选：科目2、科目3"
    );
    let left = ChoiceError::AllRequired {
        level: "考全科".into(),
        left: true,
        missing: names(&["3"]),
    };
    assert_eq!(
        text(left),
        "考全科须报考未通过的全部科目，您还没有选：科目3"
    );
}

#[test]
fn what_forbids_publication_names_the_level() {
    let mut wrong = rules(OnMismatch::Refuse);
    wrong.levels.push(LevelRule::unset("高级"));
    let problems = wrong.problems(&table());
    assert!(
        problems.iter().any(|text| text.contains("高级")),
        "{problems:?}"
    );
    assert!(
        problems
            .iter()
            .any(|text| text.contains("增报专业") && text.contains("条件"))
    );
    let mut clash = table();
    clash.subjects[1].starts_at = clash.subjects[0].starts_at;
    let problems = rules(OnMismatch::Refuse).problems(&clash);
    assert!(
        problems.iter().any(|text| text.contains("冲突")),
        "{problems:?}"
    );
}

proptest! {
    #[test]
    fn what_counts_is_never_taken_again_and_what_is_left_completes(
        years in proptest::collection::vec(proptest::option::of(2018u32..=2026), 3),
        taken in proptest::collection::btree_set(0usize..3, 0..=3),
        claims: bool, manual: bool,
    ) {
        let table = table();
        let rules = rules(if manual { OnMismatch::Manual } else { OnMismatch::Refuse });
        let codes = ["1", "2", "3"];
        let passes: Vec<(&str, u32)> = codes.iter().zip(&years).filter_map(|(code, year)| year.map(|year| (*code, year))).collect();
        let lookup = if passes.is_empty() { Lookup::NotFound } else { Lookup::Found(vec![carried("考全科", "土建", &passes)]) };
        let subjects: Vec<&str> = taken.iter().map(|place| codes[*place]).collect();
        let counts = |code: &str| passes.iter().any(|(passed, year)| *passed == code && *year >= 2024);
        let offer = offer((&rules, &table, YEAR), &lookup, "考全科", "土建").unwrap();
        prop_assert_eq!(offer.counted.len() + offer.left.len(), 3);
        prop_assert_eq!(offer.counted.len() + offer.lapsed.len(), passes.len());
        prop_assert!(offer.left.iter().all(|one| !counts(&one.code)));
        if let Ok(judged) = judge((&rules, &table, YEAR), &lookup, &choice("考全科", &subjects, claims)) {
            prop_assert!(judged.taken.iter().all(|one| !counts(&one.code)));
            // Nobody gets by with fewer subjects than are left, unless a person looks.
            prop_assert!(judged.taken.len() == judged.offer.left.len() || !judged.manual.is_empty());
            prop_assert_eq!(judged.standing == Standing::Returning, !judged.offer.counted.is_empty());
        }
        let left: Vec<&str> = offer.left.iter().map(|one| one.code.as_str()).collect();
        let told = told(&rules, &lookup, &choice("考全科", &left, false));
        prop_assert_eq!(told.is_ok(), !left.is_empty());
    }
}
