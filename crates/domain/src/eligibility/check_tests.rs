//! Rules against facts.

use super::level::{Degree, EducationLevel};
use super::rule::{Condition, Fact, Operand, Operator, Relaxed, Rule};
use super::{Facts, Studies, Verdict, check, check_all, describe};
use crate::major::MajorRequirement;
use crate::time::Date;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn texts(list: &[&str]) -> Operand {
    Operand::Texts(list.iter().map(|text| (*text).to_owned()).collect())
}

fn candidate() -> Facts {
    Facts {
        sex: Some("女".into()),
        birth_date: Some(day("1988-05-20")),
        ethnicity: Some("汉族".into()),
        political: Some("中共党员".into()),
        hukou: Some("湖南省郴州市桂东县".into()),
        origin: None,
        studies: vec![
            Studies {
                level: Some(EducationLevel::Bachelor),
                degree: Some(Degree::Bachelor),
                study_mode: "全日制".into(),
                major: "信息管理与信息系统".into(),
                graduated_on: Some(day("2010-06-30")),
            },
            Studies {
                level: Some(EducationLevel::Master),
                degree: None,
                study_mode: "非全日制".into(),
                major: "图书情报".into(),
                graduated_on: Some(day("2015-06-30")),
            },
        ],
        work_years: Some(5),
        specialty_work_years: None,
        certificates: vec!["护士执业资格证书".into()],
        titles: vec![],
        groups: vec![],
        integrity_barred: false,
        on: Some(day("2026-03-11")),
    }
}

#[test]
fn each_fact_passes_fails_and_goes_to_a_person_where_it_is_missing() {
    use Operator as O;
    let rule = Rule::hard;
    let majors = |text: &str| Operand::Majors(MajorRequirement::parse(text));
    // Rule, verdict for the candidate, verdict for somebody who has told nothing.
    let table = [
        (
            rule(Fact::Sex, O::Is, texts(&["女"]), ""),
            Verdict::Pass,
            Verdict::Manual,
        ),
        (
            rule(Fact::Sex, O::Is, texts(&["男"]), ""),
            Verdict::Fail,
            Verdict::Manual,
        ),
        (
            rule(
                Fact::BirthDate,
                O::AtLeast,
                Operand::Date(day("1988-05-20")),
                "",
            ),
            Verdict::Pass,
            Verdict::Manual,
        ),
        (
            rule(
                Fact::BirthDate,
                O::AtLeast,
                Operand::Date(day("1988-05-21")),
                "",
            ),
            Verdict::Fail,
            Verdict::Manual,
        ),
        (
            rule(
                Fact::BirthDate,
                O::AtMost,
                Operand::Date(day("2008-03-11")),
                "",
            ),
            Verdict::Pass,
            Verdict::Manual,
        ),
        (
            rule(
                Fact::Education,
                O::AtLeast,
                Operand::Education(EducationLevel::Master),
                "",
            ),
            Verdict::Pass,
            Verdict::Manual,
        ),
        (
            rule(
                Fact::Education,
                O::AtLeast,
                Operand::Education(EducationLevel::Doctor),
                "",
            ),
            Verdict::Fail,
            Verdict::Manual,
        ),
        (
            rule(
                Fact::Education,
                O::Is,
                Operand::Education(EducationLevel::Bachelor),
                "",
            ),
            Verdict::Fail,
            Verdict::Manual,
        ),
        (
            rule(
                Fact::Degree,
                O::AtLeast,
                Operand::Degree(Degree::Bachelor),
                "",
            ),
            Verdict::Pass,
            Verdict::Manual,
        ),
        (
            rule(
                Fact::Degree,
                O::AtLeast,
                Operand::Degree(Degree::Master),
                "",
            ),
            Verdict::Fail,
            Verdict::Manual,
        ),
        (
            rule(Fact::StudyMode, O::Is, texts(&["全日制"]), ""),
            Verdict::Pass,
            Verdict::Manual,
        ),
        (
            rule(Fact::Major, O::Matches, majors("信息管理与信息系统"), ""),
            Verdict::Pass,
            Verdict::Manual,
        ),
        (
            rule(Fact::Major, O::Matches, majors("会计学"), ""),
            Verdict::Fail,
            Verdict::Manual,
        ),
        (
            rule(Fact::Major, O::Matches, majors("不限"), ""),
            Verdict::Pass,
            Verdict::Pass,
        ),
        (
            rule(Fact::Hukou, O::Is, texts(&["郴州市"]), ""),
            Verdict::Pass,
            Verdict::Manual,
        ),
        (
            rule(Fact::Hukou, O::Is, texts(&["长沙市"]), ""),
            Verdict::Fail,
            Verdict::Manual,
        ),
        (
            rule(Fact::Hukou, O::IsNot, texts(&["桂东县"]), ""),
            Verdict::Fail,
            Verdict::Manual,
        ),
        (
            rule(Fact::Origin, O::Is, texts(&["郴州市"]), ""),
            Verdict::Manual,
            Verdict::Manual,
        ),
        (
            rule(Fact::Political, O::Is, texts(&["中共党员"]), ""),
            Verdict::Pass,
            Verdict::Manual,
        ),
        (
            rule(Fact::WorkYears, O::AtLeast, Operand::Number(6), ""),
            Verdict::Fail,
            Verdict::Manual,
        ),
        (
            rule(
                Fact::Certificate,
                O::Matches,
                texts(&["护士执业资格证"]),
                "",
            ),
            Verdict::Pass,
            Verdict::Fail,
        ),
        (
            rule(Fact::GraduateYear, O::Is, Operand::Number(2015), ""),
            Verdict::Pass,
            Verdict::Manual,
        ),
        (
            rule(Fact::Integrity, O::Is, Operand::None, ""),
            Verdict::Pass,
            Verdict::Pass,
        ),
        (
            Rule::in_words("能经常出差"),
            Verdict::Manual,
            Verdict::Manual,
        ),
        (
            Rule::manual(Fact::WorkYears, O::AtLeast, Operand::Number(2), ""),
            Verdict::Manual,
            Verdict::Manual,
        ),
    ];
    for (rule, of_candidate, of_nobody) in table {
        let answer = check(&rule, &candidate());
        assert_eq!(answer.verdict(), of_candidate, "{}", describe(&rule));
        assert_eq!(
            answer.reason().is_empty(),
            of_candidate == Verdict::Pass,
            "{}",
            describe(&rule)
        );
        assert_eq!(
            check(&rule, &Facts::default()).verdict(),
            of_nobody,
            "{}",
            describe(&rule)
        );
    }
    let barred = Facts {
        integrity_barred: true,
        ..candidate()
    };
    assert_eq!(
        check(
            &Rule::hard(Fact::Integrity, O::Is, Operand::None, ""),
            &barred
        )
        .verdict(),
        Verdict::Fail
    );
}

#[test]
fn a_relaxation_helps_only_those_whom_it_is_for() {
    let mut rule = Rule::hard(
        Fact::BirthDate,
        Operator::AtLeast,
        Operand::Date(day("1990-03-11")),
        "",
    );
    let relaxed = |when: Condition| Relaxed {
        when,
        operand: Operand::Date(day("1985-03-11")),
    };
    let education = |level| Condition {
        fact: Fact::Education,
        operator: Operator::AtLeast,
        operand: Operand::Education(level),
    };
    assert_eq!(check(&rule, &candidate()).verdict(), Verdict::Fail);
    rule.relaxed = vec![relaxed(education(EducationLevel::Master))];
    assert_eq!(check(&rule, &candidate()).verdict(), Verdict::Pass);
    assert_eq!(
        describe(&rule),
        "1990年3月11日及以后出生（硕士研究生及以上的，1985年3月11日及以后出生）"
    );
    rule.relaxed = vec![relaxed(education(EducationLevel::Doctor))];
    assert_eq!(check(&rule, &candidate()).verdict(), Verdict::Fail);
    // Whether he is a veteran nobody knows: a person must look.
    let veteran = Condition {
        fact: Fact::Other,
        operator: Operator::Matches,
        operand: texts(&["退役军人"]),
    };
    rule.relaxed = vec![relaxed(veteran)];
    assert_eq!(check(&rule, &candidate()).verdict(), Verdict::Manual);
    let older = Facts {
        birth_date: Some(day("1980-01-01")),
        ..candidate()
    };
    assert_eq!(check(&rule, &older).verdict(), Verdict::Fail);
}

#[test]
fn the_report_names_the_worst_first_and_speaks_as_the_page_does() {
    let majors = |text: &str| {
        Rule::hard(
            Fact::Major,
            Operator::Matches,
            Operand::Majors(MajorRequirement::parse(text)),
            text,
        )
    };
    let education = Rule::hard(
        Fact::Education,
        Operator::AtLeast,
        Operand::Education(EducationLevel::Bachelor),
        "",
    );
    let work = Rule::manual(Fact::WorkYears, Operator::AtLeast, Operand::Number(2), "");
    let mut bachelor = candidate();
    bachelor.studies.truncate(1);
    let report = check_all(
        &[education.clone(), work.clone(), majors("会计学、财务管理")],
        &bachelor,
    );
    assert_eq!(
        (report.verdict, report.title.as_str()),
        (Verdict::Fail, "专业不符")
    );
    assert_eq!(report.reason, "您的专业“信息管理与信息系统”不在要求内");
    assert_eq!(report.answers.len(), 3);
    let water = check_all(&[majors("水利类")], &bachelor);
    assert_eq!(
        water.reason,
        "您的专业“信息管理与信息系统”不在“水利类”目录内"
    );
    let manual = check_all(&[education.clone(), work], &bachelor);
    assert_eq!(
        (manual.title.as_str(), manual.reason.as_str()),
        ("需人工审核", "工作经历须上传证明，由招聘单位审核")
    );
    let good = check_all(&[education, majors("计算机类、信息管理类")], &bachelor);
    assert_eq!(good.reason, "您的 2 项条件全部符合");
    assert_eq!(check_all(&[], &bachelor).verdict, Verdict::Pass);
}

#[test]
fn facts_do_not_print_a_person_into_a_log() {
    let shown = format!("{:?}", candidate());
    assert!(
        !shown.contains("1988") && !shown.contains("桂东") && !shown.contains("信息管理"),
        "{shown}"
    );
}
