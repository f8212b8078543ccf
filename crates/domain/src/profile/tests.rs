use super::*;
use crate::id_number::Typed;

fn today() -> Date {
    "2026-03-18".parse().unwrap()
}

fn identity(id_type: IdType, number: &str) -> Identity {
    let document = match IdDocument::parse(id_type, number, today()).unwrap() {
        Typed::Same(document) | Typed::Converted(document) => document,
    };
    Identity {
        name: "张三".into(),
        document,
        mobile: "13800000000".into(),
    }
}

fn basic() -> BasicForm {
    BasicForm {
        ethnicity: "06".into(),
        political: "01".into(),
        hukou_province: "43".into(),
        hukou_place: "湖南省郴州市 桂东县".into(),
        ..BasicForm::default()
    }
}

fn keys(errors: &crate::field::FieldErrors) -> Vec<&str> {
    errors.iter().map(|(key, _)| key).collect()
}

#[test]
fn code_tables_are_those_of_the_standards() {
    assert_eq!(Ethnicity::all().count(), 58);
    assert_eq!(Ethnicity::from_code("56").unwrap().label(), "基诺族");
    assert_eq!(Ethnicity::from_code("15").unwrap().label(), "土家族");
    assert_eq!(PoliticalStatus::from_code("13").unwrap().label(), "群众");
    assert_eq!(PoliticalStatus::ALL.len(), 13);
    assert_eq!(Disability::ALL.len(), 9);
    assert_eq!(Province::all().count(), 34);
    for code in Degree::all().map(Degree::code) {
        assert!(eligibility::Degree::from_gb(code).is_some(), "{code}");
    }
    for code in EducationCode::all() {
        assert_eq!(EducationCode::from_code(code.code()), Some(code));
        let json = serde_json::to_string(&code).unwrap();
        assert_eq!(serde_json::from_str::<EducationCode>(&json).unwrap(), code);
    }
    assert!(serde_json::from_str::<Ethnicity>("\"57\"").is_err());
    let rank = |code| EducationCode::from_code(code).unwrap().rank();
    assert!(rank("11") > rank("14") && rank("14") > rank("21") && rank("21") > rank("31"));
    assert!(rank("22") < rank("31"), "结业 counts for nothing");
}

#[test]
fn the_number_decides_sex_and_birth_whatever_is_sent() {
    let identity = identity(IdType::ResidentCard, "431000199001010027");
    let form = BasicForm {
        sex: "1".into(),
        birth_date: "2000-01-01".into(),
        ..basic()
    };
    let basic = form.check(&identity, today()).unwrap();
    assert_eq!(basic.sex, Sex::Female);
    assert_eq!(basic.birth_date.to_string(), "1990-01-01");
    assert_eq!(basic.hukou.as_ref().unwrap().text(), "湖南省郴州市桂东县");
    assert_eq!(
        BasicForm::from(&basic).check(&identity, today()).unwrap(),
        basic
    );
}

#[test]
fn a_passport_tells_neither_so_both_are_asked() {
    let identity = identity(IdType::Passport, "E12345678");
    let empty = BasicForm {
        hukou_province: String::new(),
        hukou_place: String::new(),
        ..basic()
    };
    assert_eq!(
        keys(&empty.check(&identity, today()).unwrap_err()),
        ["sex", "birth_date"]
    );
    let form = BasicForm {
        sex: "2".into(),
        birth_date: "1990年1月2日".into(),
        ..empty
    };
    let basic = form.check(&identity, today()).unwrap();
    assert_eq!(basic.birth_date.to_string(), "1990-01-02");
    assert_eq!(basic.hukou, None);
}

#[test]
fn every_slip_of_the_basics_is_told_at_once() {
    let identity = identity(IdType::ResidentCard, "431000199001010019");
    let form = BasicForm {
        disability: "1".into(),
        origin_place: "郴州市".into(),
        ..BasicForm::default()
    };
    assert_eq!(
        keys(&form.check(&identity, today()).unwrap_err()),
        [
            "ethnicity",
            "political",
            "hukou_province",
            "origin_province",
            "disability_cert_no"
        ]
    );
    let form = BasicForm {
        hukou_place: " ".into(),
        ..basic()
    };
    assert_eq!(
        keys(&form.check(&identity, today()).unwrap_err()),
        ["hukou_place"]
    );
}

fn education(level: &str, month: &str) -> EducationForm {
    EducationForm {
        level: level.into(),
        degree: "412".into(),
        study_mode: "full_time".into(),
        school: "南屿学院".into(),
        major: "信息管理与信息系统".into(),
        graduated_on: month.into(),
        ..EducationForm::default()
    }
}

#[test]
fn months_are_read_as_people_type_them() {
    for text in [
        "2022年6月",
        "2022-06",
        "2022/6",
        "2022.6",
        "202206",
        "2022-06-30",
        "２０２２年６月",
    ] {
        assert_eq!(
            Month::parse_typed(text).map(|m| m.to_string()).as_deref(),
            Some("2022-06"),
            "{text}"
        );
    }
    for text in ["", "2022", "2022-13", "22-06", "6月"] {
        assert_eq!(Month::parse_typed(text), None, "{text}");
    }
}

#[test]
fn an_education_may_lie_ahead_but_not_far() {
    assert!(education("21", "2026年6月").check(1, today()).is_ok());
    let errors = education("21", "2028年6月").check(1, today()).unwrap_err();
    assert_eq!(keys(&errors), ["graduated_on"]);
    let errors = EducationForm::default().check(1, today()).unwrap_err();
    assert_eq!(
        keys(&errors),
        ["level", "study_mode", "school", "major", "graduated_on"]
    );
    let school = EducationForm {
        major: String::new(),
        degree: String::new(),
        ..education("61", "2018年6月")
    };
    assert!(
        school.check(1, today()).is_ok(),
        "a senior high school has no major"
    );
}

#[test]
fn work_and_contact_are_cleaned() {
    let form = WorkForm {
        occupation: "employed".into(),
        employer: "某软件有限公司".into(),
        work_years: "５ 年".into(),
        specialty_work_years: "3".into(),
        titles: "工程师、经济师\n".into(),
        email: "Name＠Example.com".into(),
        phone: "0735－2368000".into(),
        postcode: "423000 ".into(),
        ..WorkForm::default()
    };
    let work = form.check(today()).unwrap();
    assert_eq!(work.work_years, Some(5));
    assert_eq!(work.titles, ["工程师", "经济师"]);
    assert_eq!(work.email, "name@example.com");
    assert_eq!(work.phone, "0735-2368000");
    assert_eq!(WorkForm::from(&work).check(today()).unwrap(), work);
    let wrong = WorkForm {
        occupation: "employed".into(),
        started_on: "2027年1月".into(),
        work_years: "1".into(),
        specialty_work_years: "2".into(),
        postcode: "4230".into(),
        phone: "ab".into(),
        email: "a@b".into(),
        ..WorkForm::default()
    };
    assert_eq!(
        keys(&wrong.check(today()).unwrap_err()),
        [
            "employer",
            "started_on",
            "specialty_work_years",
            "postcode",
            "phone",
            "email"
        ]
    );
}

fn row(from: &str, to: &str) -> ResumeRowForm {
    ResumeRowForm {
        from: from.into(),
        to: to.into(),
        place: "南屿一中".into(),
        role: "学生".into(),
    }
}

#[test]
fn a_resume_has_no_gaps_and_reaches_today() {
    let good = [
        row("2012年9月", "2015年6月"),
        ResumeRowForm::default(),
        row("2015年9月", "2019年6月"),
        row("2019年7月", "至今"),
    ];
    let rows = check_resume(&good, today()).unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0].period(), "2012.09–2015.06");
    let typed: Vec<_> = rows.iter().map(ResumeRowForm::from).collect();
    assert_eq!(check_resume(&typed, today()).unwrap(), rows);

    let gap = [row("2012年9月", "2015年6月"), row("2016年9月", "至今")];
    assert_eq!(keys(&check_resume(&gap, today()).unwrap_err()), ["from_1"]);
    let ends = [row("2012年9月", "2015年6月")];
    assert_eq!(keys(&check_resume(&ends, today()).unwrap_err()), ["to_0"]);
    assert_eq!(keys(&check_resume(&[], today()).unwrap_err()), ["from_0"]);
    let wrong = [ResumeRowForm {
        from: "x".into(),
        ..ResumeRowForm::default()
    }];
    assert_eq!(
        keys(&check_resume(&wrong, today()).unwrap_err()),
        ["from_0", "to_0", "place_0", "role_0"]
    );
    let turned = [row("2015年9月", "2012年6月")];
    assert_eq!(
        keys(&check_resume(&turned, today()).unwrap_err())[0],
        "to_0"
    );
    let along = [row("2012年9月", "至今"), row("2015年9月", "2016年6月")];
    assert!(
        check_resume(&along, today()).is_ok(),
        "two at once are no gap"
    );
}

#[test]
fn a_family_may_be_empty_and_a_row_is_whole() {
    assert_eq!(FamilyForm::default().check().unwrap(), Family::default());
    let form = FamilyForm {
        rows: vec![FamilyRowForm {
            name: "张大山".into(),
            ..FamilyRowForm::default()
        }],
        remarks: "长".repeat(301),
        ..FamilyForm::default()
    };
    assert_eq!(
        keys(&form.check().unwrap_err()),
        ["relation_0", "political_0", "unit_0", "remarks"]
    );
}

#[test]
fn the_facts_say_what_rules_compare() {
    let identity = identity(IdType::ResidentCard, "431000199001010019");
    let mut profile = Profile::default();
    assert!(!profile.is_complete());
    assert_eq!(profile.missing(Profile::ALWAYS).len(), 3);
    profile.basic = basic().check(&identity, today()).ok();
    profile
        .educations
        .push(education("31", "2012年6月").check(1, today()).unwrap());
    profile.educations.push(
        education("21", "2015年6月")
            .check(profile.next_education_id(), today())
            .unwrap(),
    );
    profile.work = WorkForm {
        occupation: "veteran".into(),
        ..WorkForm::default()
    }
    .check(today())
    .ok();
    assert!(profile.is_complete());
    assert_eq!(
        profile.missing(Profile::RECRUITMENT),
        [Part::Resume, Part::Family]
    );
    assert_eq!(profile.highest_education().unwrap().id, 2);
    let facts = profile.facts(today());
    assert_eq!(facts.sex.as_deref(), Some("男"));
    assert_eq!(facts.political.as_deref(), Some("中共党员"));
    assert_eq!(facts.ethnicity.as_deref(), Some("苗族"));
    assert_eq!(facts.hukou.as_deref(), Some("湖南省郴州市桂东县"));
    assert_eq!(
        facts.education(),
        Some(eligibility::EducationLevel::Bachelor)
    );
    assert_eq!(facts.degree(), Some(eligibility::Degree::Bachelor));
    assert_eq!(facts.graduate_year(), Some(2015));
    assert_eq!(facts.groups, ["退役士兵"]);
    let text = serde_json::to_string(&profile).unwrap();
    assert_eq!(serde_json::from_str::<Profile>(&text).unwrap(), profile);
    assert_eq!(
        serde_json::from_str::<Profile>("{}").unwrap(),
        Profile::default()
    );
    assert!(!format!("{profile:?}").contains("郴州"));
}
