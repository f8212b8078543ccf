//! What is special about some exams of the demonstration: a published rank, questions of their own with a file to upload.

use std::collections::BTreeMap;

use app::Ctx;
use app::application::files;
use domain::exam::ExamSettings;
use domain::exam::question::{Answer, Question, QuestionKind};
use domain::exam::{AskedOf, SeenBy, TextForm};
use domain::score::Formula;

/// The papers of a civil service exam.
pub(super) const CIVIL_PAPERS: [&str; 2] = ["行政职业能力测验", "申论"];

/// A total of both papers in equal parts, ranked among those who applied for one post, and candidates see it.
pub(super) fn ranked(settings: &mut ExamSettings) {
    let [first, second] = CIVIL_PAPERS;
    settings.score.formula = format!("{first}*50%+{second}*50%").parse::<Formula>().ok();
    settings.score.tie_break = vec![first.to_owned()];
    settings.score.rank_shown = true;
    settings.notices.score =
        "名次为同一岗位的笔试名次。对成绩有疑问的，可在公布后 5 个工作日内申请复查。".into();
}

/// Questions of every kind, two of them to be answered.
pub(super) fn asks(settings: &mut ExamSettings) {
    let question = |key: &str, label: &str, hint: &str, required, kind| Question {
        key: key.into(),
        label: label.into(),
        hint: hint.into(),
        required,
        kind,
        asked_of: AskedOf::default(),
        seen_by: SeenBy::All,
    };
    let options = ["幼儿园", "小学", "初级中学", "高级中学", "暂未取得"];
    settings.questions = vec![
        question(
            "certificate",
            "教师资格证种类",
            "尚未取得的，聘用时须提供",
            true,
            QuestionKind::Choice {
                options: options.map(str::to_owned).to_vec(),
                many: false,
                most: 0,
            },
        ),
        question(
            "mandarin",
            "普通话水平测试成绩",
            "按证书填写，例如 87",
            true,
            QuestionKind::Number { min: 0, max: 100 },
        ),
        question(
            "since",
            "教师资格证发证日期",
            "",
            false,
            QuestionKind::Date {
                from: None,
                to: None,
            },
        ),
        question(
            "teaching",
            "教学经历",
            "学校、起止年月、任教科目",
            false,
            QuestionKind::Text {
                max: 300,
                long: true,
                min: 0,
                form: TextForm::Any,
                mask: String::new(),
            },
        ),
        question(
            FILE,
            "教师资格证照片或扫描件",
            "",
            false,
            QuestionKind::File {
                types: vec![
                    "application/pdf".into(),
                    "image/jpeg".into(),
                    "image/png".into(),
                ],
                max_kb: 2048,
                max_files: 2,
            },
        ),
    ];
}

const FILE: &str = "certificate_file";

/// What a candidate answers, with a file in every other case.
pub(super) async fn answers(
    ctx: &Ctx,
    questions: &[Question],
    number: u32,
) -> anyhow::Result<BTreeMap<String, Answer>> {
    let mut answers = BTreeMap::new();
    for question in questions {
        let answer = match &question.kind {
            QuestionKind::Choice { options, .. } => {
                Answer::Text(options.first().cloned().unwrap_or_default())
            }
            QuestionKind::Number { .. } => Answer::Text((80 + number % 15).to_string()),
            QuestionKind::Text { .. } => {
                Answer::Text("2023年9月至2025年6月在南屿市实验小学实习，任教语文。".into())
            }
            QuestionKind::File { .. } if number.is_multiple_of(2) => {
                let seed = u64::from(number);
                let drawn =
                    tokio::task::spawn_blocking(move || imaging::drawn::portrait(seed)).await?;
                Answer::Files(vec![
                    files::attach(ctx, question, "教师资格证.jpg", &drawn).await?,
                ])
            }
            QuestionKind::File { .. } | QuestionKind::Date { .. } => continue,
        };
        answers.insert(question.key.clone(), answer);
    }
    Ok(answers)
}

/// Money is also taken at the counter, and by 缴款码.
pub(super) fn other_ways(settings: &mut ExamSettings) {
    settings.fees.offline.taken = true;
    settings.fees.offline.how =
        "临溪县人力资源和社会保障局一楼 3 号窗口，工作日 9:00 至 17:00，收现金，可以刷卡。".into();
    settings.fees.nontax.taken = true;
    settings.fees.nontax.how =
        "凭缴款码到南屿农商银行任一网点，或者在手机银行“非税缴费”中缴款。".into();
}
