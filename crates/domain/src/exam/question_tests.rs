//! Questions: what each kind takes and refuses.

use super::asked::{AskedOf, SeenBy, TextForm};
use super::question::*;
use super::snapshot::Choice;
use crate::time::Date;
use std::collections::BTreeMap;

fn question(kind: QuestionKind, required: bool) -> Question {
    Question {
        key: "q".into(),
        label: "服务地".into(),
        hint: String::new(),
        required,
        kind,
        asked_of: AskedOf::default(),
        seen_by: SeenBy::All,
    }
}

fn line_of(max: u32) -> QuestionKind {
    QuestionKind::Text {
        max,
        long: false,
        min: 0,
        form: TextForm::Any,
        mask: String::new(),
    }
}

fn text(text: &str) -> Option<Answer> {
    Some(Answer::Text(text.into()))
}

#[test]
fn each_kind_accepts_and_refuses() {
    let date = |text: &str| text.parse::<Date>().ok();
    let choice = QuestionKind::Choice {
        options: vec!["是".into(), "否".into()],
        many: false,
        most: 0,
    };
    let days = QuestionKind::Date {
        from: date("2020-01-01"),
        to: date("2026-01-01"),
    };
    let line = line_of(4);
    let number = QuestionKind::Number { min: 0, max: 40 };
    for (kind, given, stored) in [
        (line.clone(), "　郴州 ", Ok("郴州")),
        (line, "一二三四五", Err("服务地最多 4 个字，您填了 5 个字")),
        (choice.clone(), "是", Ok("是")),
        (choice, "也许", Err("请在列出的选项中选择服务地")),
        (days.clone(), "2021-02-03", Ok("2021-02-03")),
        (days.clone(), "2019-12-31", Err("服务地不能早于 2020-01-01")),
        (days.clone(), "2026-01-02", Err("服务地不能晚于 2026-01-01")),
        (days, "昨天", Err("服务地应为日期，例如 2026-03-18")),
        (number.clone(), "４０", Ok("40")),
        (number.clone(), "41", Err("服务地应在 0 到 40 之间")),
        (number, "两年", Err("服务地应为整数")),
    ] {
        let answer = question(kind.clone(), true).check(text(given).as_ref());
        match stored {
            Ok(stored) => assert_eq!(answer, Ok(text(stored)), "{kind:?} {given}"),
            Err(message) => assert_eq!(answer, Err(message.to_owned()), "{kind:?} {given}"),
        }
    }
}

#[test]
fn files_are_limited_by_type_size_and_number() {
    let kind = QuestionKind::File {
        types: vec!["application/pdf".into()],
        max_kb: 1,
        max_files: 1,
    };
    let file = |media: &str, size| FileFacts {
        object: "o".into(),
        name: "证明.pdf".into(),
        media_type: media.into(),
        size,
    };
    let check =
        |files: Vec<FileFacts>| question(kind.clone(), true).check(Some(&Answer::Files(files)));
    assert!(check(vec![file("application/pdf", 1024)]).is_ok());
    assert!(
        check(vec![file("application/pdf", 1025)])
            .unwrap_err()
            .contains("超过 1 KB")
    );
    assert!(
        check(vec![file("image/png", 10)])
            .unwrap_err()
            .contains("只接受 PDF")
    );
    assert!(
        check(vec![file("application/pdf", 1), file("application/pdf", 1)])
            .unwrap_err()
            .contains("最多上传")
    );
    assert_eq!(check(vec![]), Err("请上传服务地".into()));
    assert_eq!(question(kind.clone(), false).check(None), Ok(None));
}

#[test]
fn all_problems_come_at_once() {
    let mut second = question(QuestionKind::Number { min: 0, max: 1 }, true);
    second.key = "n".into();
    let questions = [question(line_of(9), true), second];
    let wrong = check_all(&questions, &BTreeMap::new()).unwrap_err();
    assert_eq!(wrong.len(), 2);
    assert!(problems(&questions).is_empty());
    assert_eq!(
        problems(&[questions[0].clone(), questions[0].clone()]).len(),
        1
    );
}

#[test]
fn several_answers_are_kept_in_order_and_limited() {
    let kind = QuestionKind::Choice {
        options: ["一", "二", "三"].map(str::to_owned).to_vec(),
        many: true,
        most: 2,
    };
    let chosen = |all: &[&str]| Answer::Chosen(all.iter().map(|one| (*one).to_owned()).collect());
    let check =
        |answer: Option<Answer>, required| question(kind.clone(), required).check(answer.as_ref());
    for (given, required, stored) in [
        (
            Some(chosen(&["三", "一"])),
            true,
            Ok(Some(chosen(&["一", "三"]))),
        ),
        (Some(chosen(&["二", "二"])), true, Ok(Some(chosen(&["二"])))),
        (text("二"), true, Ok(Some(chosen(&["二"])))),
        (
            Some(chosen(&["一", "二", "三"])),
            true,
            Err("服务地最多选 2 项，您选了 3 项"),
        ),
        (
            Some(chosen(&["四"])),
            true,
            Err("请在列出的选项中选择服务地"),
        ),
        (Some(chosen(&[])), true, Err("请选择服务地")),
        (None, true, Err("请选择服务地")),
        (None, false, Ok(None)),
    ] {
        assert_eq!(
            check(given.clone(), required),
            stored.map_err(str::to_owned),
            "{given:?}"
        );
    }
    // What is stored reads back as what it was.
    for answer in [chosen(&["一"]), Answer::Text("一".into())] {
        let json = serde_json::to_string(&answer).unwrap();
        assert_eq!(serde_json::from_str::<Answer>(&json).unwrap(), answer);
    }
}

#[test]
fn lines_have_a_shortest_length_and_a_form() {
    let kind = |min, form, mask: &str| QuestionKind::Text {
        max: 20,
        long: false,
        min,
        form,
        mask: mask.into(),
    };
    for (kind, given, wrong) in [
        (kind(3, TextForm::Any, ""), "郴州市", None),
        (
            kind(3, TextForm::Any, ""),
            "郴州",
            Some("服务地至少 3 个字，您填了 2 个字"),
        ),
        (kind(0, TextForm::Digits, ""), "１２３", None),
        (
            kind(0, TextForm::Digits, ""),
            "一二",
            Some("服务地应为数字"),
        ),
        (
            kind(0, TextForm::Email, ""),
            "a",
            Some("服务地应为电子邮箱"),
        ),
        (kind(0, TextForm::Mask, "AA-99"), "HN-07", None),
        (
            kind(0, TextForm::Mask, "AA-99"),
            "HN07",
            Some("服务地应写作 XX-00"),
        ),
    ] {
        let answer = question(kind.clone(), true).check(text(given).as_ref());
        assert_eq!(answer.err().as_deref(), wrong, "{kind:?} {given}");
    }
    let bad = |kind| problems(&[question(kind, true)]).len();
    assert_eq!(bad(kind(21, TextForm::Any, "")), 1);
    assert_eq!(bad(kind(0, TextForm::Mask, "")), 1);
    assert_eq!(bad(kind(0, TextForm::Mask, "99")), 0);
}

#[test]
fn questions_stored_before_there_was_a_whom_are_asked_of_everybody() {
    let old = r#"{"key":"q","label":"问","required":true,"kind":{"type":"text","max":9}}"#;
    let old: Question = serde_json::from_str(old).unwrap();
    assert!(old.asked_of.is_everybody() && old.seen_by == SeenBy::All);
    let picky = Question {
        asked_of: AskedOf {
            positions: vec!["1".into()],
            ..AskedOf::default()
        },
        ..old.clone()
    };
    let all = [old, picky];
    assert_eq!(asked(&all, &Choice::Exam, None).len(), 1);
}
