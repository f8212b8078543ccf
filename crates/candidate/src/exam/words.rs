//! Fees, steps and phases of an exam in words.

use app::exam::Exam;
use domain::exam::Phase;
use domain::exam::steps::{PhotoStep, ReviewStep};
use domain::payment::FeeRule;
use domain::time::Timestamp;
use domain::window::Standing;

/// What the exam costs.
pub(super) fn fee(exam: &Exam) -> String {
    let fees = &exam.settings.fees;
    let mut text = match &fees.rule {
        FeeRule::Free if fees.is_free() => return "不收费".to_owned(),
        FeeRule::Free => String::new(),
        FeeRule::Flat { amount } => format!("考务费 {} 元", amount.yuan()),
        FeeRule::PerSubject { amount } => format!("考务费每科 {} 元", amount.yuan()),
        FeeRule::BySubject => "考务费按科目收取，见科目表".to_owned(),
        FeeRule::PerCombination { prices } => {
            let parts: Vec<String> = prices
                .iter()
                .map(|price| format!("{} 科 {} 元", price.subjects, price.amount.yuan()))
                .collect();
            format!("考务费 {}", parts.join("，"))
        }
    };
    if fees.registration.get() > 0 {
        let joint = if text.is_empty() { "" } else { "；" };
        text.push_str(&format!("{joint}报名费 {} 元", fees.registration.yuan()));
    }
    if fees.takes_waivers() {
        let categories: Vec<String> = fees
            .waiver
            .categories
            .iter()
            .map(|one| format!("{}（{}）", one.name, one.grants.words()))
            .collect();
        text.push_str(&format!("。可以申请减免：{}", categories.join("、")));
    }
    text
}

/// The way from 报名 to the end, as the exam goes.
pub(super) fn steps(exam: &Exam) -> Vec<&'static str> {
    let steps = exam.settings.steps;
    let mut words = vec!["网上报名"];
    if steps.has_review() && !steps.pays_first() {
        words.push("资格审查");
    }
    if steps.has_payment() {
        words.push("网上缴费");
    }
    if steps.pays_first() {
        words.push("资格审查");
    }
    if steps.seating {
        words.push("打印准考证");
        words.push("参加考试");
        words.push("成绩查询");
    }
    if steps.review == ReviewStep::None && !steps.seating {
        words.push("等候通知");
    }
    words
}

/// What the photo must be.
pub(super) fn photo(exam: &Exam) -> Option<String> {
    let photo = &exam.settings.photo;
    let when = match exam.settings.steps.photo {
        PhotoStep::None => return None,
        PhotoStep::Uploaded => "报名时须已上传照片",
        PhotoStep::ApprovedBeforeApply => "照片审核通过后才能报名",
        PhotoStep::ApprovedBeforePayment => "照片审核通过后才能缴费",
    };
    let size = if photo.min_kb > 0 {
        format!("{} 至 {} KB", photo.min_kb, photo.max_kb)
    } else {
        format!("不超过 {} KB", photo.max_kb)
    };
    Some(format!(
        "{when}：JPG 格式，{} × {} 像素，{size}，{}背景",
        photo.width, photo.height, photo.background
    ))
}

/// A window on the exam's page.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) label: &'static str,
    pub(super) times: String,
    pub(super) is_on: bool,
    pub(super) state: &'static str,
}

/// The windows that the exam has, in the order in which they begin.
pub(super) fn stages(exam: &Exam, now: Timestamp) -> Vec<Stage> {
    let mut phases: Vec<_> = Phase::ALL
        .iter()
        .filter(|phase| **phase != Phase::Arrangement)
        .filter_map(|phase| exam.window(*phase).map(|window| (*phase, window)))
        .collect();
    phases.sort_by_key(|(_, window)| (window.open(), window.close()));
    phases
        .into_iter()
        .map(|(phase, window)| {
            let standing = match window.standing(now) {
                Standing::Open if !exam.is_open(phase, now) => Standing::After,
                standing => standing,
            };
            Stage {
                label: phase.label(),
                times: window.to_chinese(),
                is_on: standing == Standing::Open,
                state: match standing {
                    Standing::Before => "未开始",
                    Standing::Open => "进行中",
                    Standing::After => "已结束",
                },
            }
        })
        .collect()
}

/// Whether one may apply now, in a tag and a sentence.
#[derive(Debug)]
pub(super) struct Now {
    pub(super) open: bool,
    pub(super) tag: &'static str,
    pub(super) tone: &'static str,
    pub(super) text: String,
}

pub(super) fn now(exam: &Exam, now: Timestamp) -> Now {
    let Some(window) = exam.window(Phase::Registration) else {
        return Now {
            open: false,
            tag: "时间待定",
            tone: "off",
            text: "报名时间另行公告。".to_owned(),
        };
    };
    match window.standing(now) {
        Standing::Before => Now {
            open: false,
            tag: "报名未开始",
            tone: "info",
            text: format!("报名尚未开始，{} 开放。", window.open().to_chinese_short()),
        },
        Standing::Open if exam.is_open(Phase::Registration, now) => Now {
            open: true,
            tag: "报名中",
            tone: "ok",
            text: format!("请在 {} 前提交报名。", window.close().to_chinese_short()),
        },
        _ => Now {
            open: false,
            tag: "报名已截止",
            tone: "off",
            text: "报名已经截止，已报名的请到“我的报名信息”查看进度。".to_owned(),
        },
    }
}
