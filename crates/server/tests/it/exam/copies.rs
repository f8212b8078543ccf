//! A copy of an earlier exam: what it carries, setting by setting, and what must be its own.

use std::collections::BTreeMap;

use app::exam::part::QuestionDraft;
use app::exam::preset::Preset;
use app::exam::setup::{self, NewExam};
use app::exam::{self, Exam};
use domain::eligibility::{EducationLevel, Rule};
use domain::exam::settings::Agreement;
use domain::exam::{AskedOf, ExamSettings, PublicCounts, Question, QuestionKind, SeenBy, TextForm};
use domain::money::Fen;
use serde_json::Value;
use testkit::{TestApp, both_backends};

use super::{again, draft, officer, settings};

/// What becomes of a setting in a copy.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    /// As it was.
    Carried,
    /// Begins anew: it belongs to one exam only.
    Fresh,
    /// Looked at apart.
    Apart,
}

/// Every setting. One that isn't here fails the test: whoever adds it says what a copy does with it.
const FATES: [(&str, Fate); 25] = [
    ("agreement", Fate::Carried),
    ("arrangement", Fate::Carried),
    ("checks", Fate::Carried),
    ("counted_to", Fate::Fresh),
    ("counts", Fate::Carried),
    ("fees", Fate::Carried),
    ("format", Fate::Apart),
    ("moves", Fate::Carried),
    ("notices", Fate::Carried),
    ("number", Fate::Apart),
    ("one_per_person", Fate::Carried),
    ("open_ratio", Fate::Carried),
    ("organizer", Fate::Carried),
    ("papers", Fate::Fresh),
    ("photo", Fate::Carried),
    ("privacy", Fate::Carried),
    ("questions", Fate::Apart),
    ("review", Fate::Carried),
    ("room_capacity", Fate::Carried),
    ("rules", Fate::Carried),
    ("score", Fate::Apart),
    ("steps", Fate::Carried),
    ("ticket", Fate::Carried),
    ("windows", Fate::Fresh),
    ("year", Fate::Apart),
];

/// Settings of which none is as it comes.
fn peculiar() -> ExamSettings {
    let mut s = settings(Preset::Recruitment);
    s.counts = PublicCounts::UpTo { most: 100 };
    s.checks.education = domain::check::Demand::Asked;
    s.privacy = Agreement {
        version: 3,
        title: String::new(),
        text: "本场考试的隐私说明".into(),
    };
    s.photo.max_kb = 77;
    s.moves.barred_after = 2;
    s.open_ratio = Some(5);
    s.one_per_person = false;
    s.rules = vec![Rule::in_words("能经常出差")];
    s.review.hours = 36;
    s.fees.registration = Fen::new(1_500);
    s.arrangement.spread = !s.arrangement.spread;
    s.room_capacity = 25;
    s.ticket = "level1+year2+4301+room2+seat2".parse().unwrap();
    s.notices.contact = "0735-1234567".into();
    s.steps.photo = domain::exam::steps::PhotoStep::ApprovedBeforePayment;
    s.score.digits = 1;
    s.score
        .full_marks
        .insert("11".into(), "150".parse().unwrap());
    s.number = 1;
    s.questions = vec![Question {
        key: "q7".into(),
        label: "服务单位".into(),
        hint: "写全称".into(),
        required: true,
        kind: QuestionKind::Text {
            max: 40,
            long: false,
            min: 2,
            form: TextForm::Any,
            mask: String::new(),
        },
        asked_of: AskedOf {
            positions: vec!["0101".into()],
            levels: Vec::new(),
            education: vec![EducationLevel::Bachelor],
        },
        seen_by: SeenBy::Second,
    }];
    s
}

fn keys(settings: &ExamSettings) -> BTreeMap<String, Value> {
    let Value::Object(map) = serde_json::to_value(settings).unwrap() else {
        panic!("no object")
    };
    map.into_iter().collect()
}

async fn copied(t: &TestApp, ctx: &app::Ctx, source: &Exam, code: &str) -> std::sync::Arc<Exam> {
    let new = NewExam {
        title: format!("复制的考试 {code}"),
        code: code.into(),
        source: format!("copy:{}", source.public_id()),
        ..NewExam::default()
    };
    let id = setup::create(ctx, &new).await.unwrap();
    exam::find(&t.app, &id).await.unwrap()
}

both_backends! {
    async fn a_copy_carries_every_setting_that_is_not_one_exams_own(t: TestApp) {
        let ctx = officer(&t).await;
        let of = (Preset::Recruitment.category(), "NY-80", "南屿县2025年考试");
        let id = setup::create_with(&ctx, of, peculiar(), "测试").await.unwrap();
        let source = exam::find(&t.app, &id).await.unwrap();
        let copy = copied(&t, &ctx, &source, "NY-81").await;
        let (old, new, blank) = (keys(&source.settings), keys(&copy.settings), keys(&ExamSettings::default()));
        assert_eq!(old.keys().collect::<Vec<_>>(), FATES.iter().map(|(key, _)| *key).collect::<Vec<_>>());
        for (key, fate) in FATES {
            match fate {
                Fate::Carried => {
                    assert_ne!(old.get(key), blank.get(key), "{key} proves nothing as it comes");
                    assert_eq!(new.get(key), old.get(key), "{key}");
                }
                Fate::Fresh => {
                    assert_ne!(old.get(key), blank.get(key), "{key} proves nothing as it comes");
                    assert_eq!(new.get(key), blank.get(key), "{key}");
                }
                Fate::Apart => {}
            }
        }
        // Rounding stays; what names subjects goes.
        assert_eq!((copy.settings.score.digits, copy.settings.score.full_marks.len()), (1, 0));
        // A question stays but for the rows of a table that isn't copied, under a key of this exam.
        let (was, is) = (&source.settings.questions[0], &copy.settings.questions[0]);
        assert_eq!((&is.label, &is.hint, is.required, &is.kind, is.seen_by), (&was.label, &was.hint, was.required, &was.kind, was.seen_by));
        assert_eq!((is.asked_of.positions.len(), &is.asked_of.education), (0, &was.asked_of.education));
        let question = QuestionDraft { version: copy.row.version, label: "另问".into(), ..QuestionDraft::of(&copy, None) };
        setup::put_question(&ctx, &copy, &question, None).await.unwrap();
        let questions = again(&t, &copy).await.settings.questions.clone();
        assert_ne!(questions[0].key, questions[1].key);
        assert_eq!(copy.settings.year, 2026);
    }

    async fn no_two_exams_of_a_year_begin_with_the_same_number(t: TestApp) {
        let ctx = officer(&t).await;
        let first = draft(&t, &ctx, Preset::Recruitment, "NY-82").await;
        let mut numbers = vec![(first.settings.year, first.settings.number)];
        let mut source = first;
        for code in ["NY-83", "NY-84"] {
            source = copied(&t, &ctx, &source, code).await;
            numbers.push((source.settings.year, source.settings.number));
        }
        let new = NewExam { title: "新建的考试".into(), code: "NY-85".into(), source: format!("preset:{}", Preset::Recruitment.code()), ..NewExam::default() };
        let id = setup::create(&ctx, &new).await.unwrap();
        let fresh = exam::find(&t.app, &id).await.unwrap();
        numbers.push((fresh.settings.year, fresh.settings.number));
        let mut once = numbers.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), numbers.len(), "{numbers:?}");
    }
}
