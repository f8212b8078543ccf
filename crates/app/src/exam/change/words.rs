//! The settings of an exam in words, line by line, so that two versions can be compared as people read them.

use domain::arrangement::pattern::Pattern;
use domain::exam::steps::PhotoStep;
use domain::exam::{ExamSettings, Phase, Question};
use domain::money::Fen;
use domain::payment::fee::FeeRule;
use domain::selection::SelectionRules;

use crate::exam::amendment::FieldChange;
use crate::exam::part::Part;

/// One setting in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The part that it belongs to.
    pub part: Part,
    /// What people call it.
    pub label: String,
    /// Empty for what isn't set.
    pub text: String,
}

fn yes(yes: bool) -> &'static str {
    if yes { "是" } else { "否" }
}

fn number(value: u32) -> String {
    value.to_string()
}

fn some(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// All settings in the order of the parts. The tables have a page and amendments of their own.
pub fn lines(title: &str, settings: &ExamSettings) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut add = |part: Part, label: &str, text: String| {
        lines.push(Line {
            part,
            label: label.to_owned(),
            text,
        });
    };
    let s = settings;
    add(Part::Basics, "考试名称", title.to_owned());
    add(Part::Basics, "年份", number(s.year));
    add(Part::Basics, "本年第几场", number(s.number));
    add(Part::Basics, "组织单位", s.organizer.clone());
    add(Part::Basics, "年龄计算日期", some(s.counted_to));
    add(Part::Basics, "开考比例", some(s.open_ratio));
    add(Part::Basics, "咨询电话和时间", s.notices.contact.clone());
    add(Part::Basics, "公开报名人数", s.counts.label());
    add(
        Part::Basics,
        "更正短信",
        yes(s.notices.position_sms).to_owned(),
    );
    add(Part::Steps, "资格审查", s.steps.review.label().to_owned());
    add(Part::Steps, "收费", s.steps.payment.label().to_owned());
    add(Part::Steps, "照片", s.steps.photo.label().to_owned());
    add(Part::Steps, "有笔试", yes(s.steps.seating).to_owned());
    add(
        Part::Steps,
        "实名核验",
        s.checks.identity.label().to_owned(),
    );
    add(
        Part::Steps,
        "学历核验",
        s.checks.education.label().to_owned(),
    );
    add(Part::Steps, "审查级数", number(u32::from(s.review.levels)));
    add(Part::Steps, "几小时内审核", number(s.review.hours));
    add(
        Part::Steps,
        "超时未审核的",
        s.review.on_timeout.label().to_owned(),
    );
    add(
        Part::Steps,
        "条件全部符合的自动通过",
        yes(s.review.auto_when_all_pass).to_owned(),
    );
    add(
        Part::Steps,
        "不通过的可以申诉",
        yes(s.review.appeal).to_owned(),
    );
    add(Part::Steps, "几小时内申诉", number(s.review.appeal_hours));
    add(
        Part::Steps,
        "几小时内补充材料",
        number(s.review.supplement_hours),
    );
    add(
        Part::Steps,
        "改报其他岗位",
        s.moves.may_move.label().to_owned(),
    );
    add(
        Part::Steps,
        "几次不通过后不能再报",
        number(s.moves.barred_after),
    );
    for phase in Phase::ALL {
        let text = s.windows.get(*phase).map(|window| window.to_chinese());
        add(
            Part::Windows,
            &format!("{}时间", phase.label()),
            text.unwrap_or_default(),
        );
    }
    for rule in &s.levels.levels {
        let mut text = format!("{}，{}", rule.mode.label(), rule.validity());
        if !rule.conditions.is_empty() {
            text.push_str(&format!("；条件：{}", rule.conditions.join("、")));
        }
        if !rule.proof.is_empty() {
            text.push_str(&format!("；证明材料：{}", rule.proof));
        }
        add(Part::Levels, &format!("级别“{}”", rule.level), text);
    }
    if !s.levels.is_unset() {
        add(
            Part::Levels,
            "合格成绩与档案不一致的",
            s.levels.mismatch.label().to_owned(),
        );
    }
    if s.review.auto_returning {
        add(Part::Levels, "档案一致的老考生自动通过", "是".to_owned());
    }
    for paper in &s.papers {
        let class = if paper.class.is_empty() {
            String::new()
        } else {
            format!("{} ", paper.class)
        };
        let label = format!("考试科目 {class}{}", paper.code);
        let times = (paper.starts_at.to_chinese_short(), paper.ends_at.to_clock());
        let text = format!(
            "{}，第 {} 场，{} 至 {}",
            paper.name, paper.session, times.0, times.1
        );
        add(Part::Papers, &label, text);
    }
    add(Part::Fees, "考务费", fee(&s.fees.rule));
    add(
        Part::Fees,
        "报名费",
        if s.fees.registration == Fen::ZERO {
            String::new()
        } else {
            format!("{} 元", s.fees.registration.yuan())
        },
    );
    add(Part::Fees, "接受减免申请", yes(s.fees.waivers).to_owned());
    if s.fees.waivers {
        for one in &s.fees.waiver.categories {
            let label = format!("减免类别 {}", one.name);
            let text = format!("{}，{}", one.grants.words(), one.evidence);
            add(Part::Fees, &label, text.trim_end_matches('，').to_owned());
        }
        let after = s.fees.waiver.after_payment;
        add(Part::Fees, "缴费后也可以申请减免", yes(after).to_owned());
    }
    let offline = &s.fees.offline;
    add(Part::Fees, "线下缴费", yes(offline.taken).to_owned());
    if offline.taken {
        add(Part::Fees, "线下缴费的说明", offline.how.clone());
    }
    let nontax = &s.fees.nontax;
    add(Part::Fees, "缴款码缴费", yes(nontax.taken).to_owned());
    if nontax.taken {
        add(Part::Fees, "缴款码缴费的说明", nontax.how.clone());
    }
    if s.steps.photo != PhotoStep::None {
        let photo = &s.photo;
        add(
            Part::Photo,
            "照片尺寸",
            format!("{} × {} 像素", photo.width, photo.height),
        );
        add(
            Part::Photo,
            "照片大小",
            format!("{} 至 {} KB", photo.min_kb, photo.max_kb),
        );
        add(Part::Photo, "照片背景", photo.background.clone());
    }
    add(Part::Agreement, "协议标题", s.agreement.title.clone());
    add(Part::Agreement, "协议正文", s.agreement.text.clone());
    add(Part::Agreement, "隐私说明", s.privacy.text.clone());
    for question in &s.questions {
        add(
            Part::Questions,
            &format!("附加问题“{}”", question.label),
            asks(question),
        );
    }
    if s.steps.seating {
        add(Part::Seating, "每个考场的人数", number(s.room_capacity));
        add(Part::Seating, "座位排列", pattern(&s.arrangement.pattern));
        add(
            Part::Seating,
            "考多场的座位",
            s.arrangement.keeping.label().to_owned(),
        );
        add(
            Part::Seating,
            "相邻座位不排同一单位",
            yes(s.arrangement.spread).to_owned(),
        );
        add(Part::Seating, "准考证号格式", s.ticket.to_string());
        // Said only where it is used: most exams have never heard of it.
        if !s.stagger.is_off() {
            add(Part::Seating, "分批打印准考证", s.stagger.to_chinese());
        }
        add(Part::Seating, "考生须知", s.notices.ticket.join("\n"));
        add(
            Part::Seating,
            "准考证短信",
            yes(s.notices.ticket_sms).to_owned(),
        );
    }
    let score = &s.score;
    add(
        Part::Scores,
        "总成绩公式",
        some(score.formula.as_ref().map(|one| one.text().to_owned())),
    );
    add(
        Part::Scores,
        "总成绩的舍入",
        score.rounding.label().to_owned(),
    );
    add(Part::Scores, "保留小数位", number(u32::from(score.digits)));
    add(
        Part::Scores,
        "有缺考、违纪、无效的",
        score.on_flag.label().to_owned(),
    );
    let marks = |marks: &std::collections::BTreeMap<String, domain::score::Decimal>| {
        let each = marks.iter().map(|(name, mark)| format!("{name} {mark} 分"));
        each.collect::<Vec<_>>().join("；")
    };
    add(Part::Scores, "各科满分", marks(&score.full_marks));
    add(Part::Scores, "各科合格线", marks(&score.subject_lines));
    add(Part::Scores, "总成绩合格线", some(score.total_line));
    add(Part::Scores, "总成绩相同时比较", score.tie_break.join("、"));
    add(
        Part::Scores,
        "考生看到名次",
        yes(score.rank_shown).to_owned(),
    );
    add(Part::Scores, "成绩页面说明", s.notices.score.clone());
    add(
        Part::Scores,
        "成绩短信",
        yes(s.notices.score_sms).to_owned(),
    );
    for (label, text) in selection(&s.selection) {
        add(Part::Selection, label, text);
    }
    lines
}

/// 面试与聘用. An exam that has none says just that.
fn selection(rules: &SelectionRules) -> Vec<(&'static str, String)> {
    let mut told = vec![("有面试", yes(rules.on).to_owned())];
    if !rules.on {
        return told;
    }
    let steps = rules.ratios.iter().map(|step| match step.upto {
        0 => step.ratio(),
        upto => format!("招聘 {upto} 人以下 {}", step.ratio()),
    });
    let excluded: Vec<&str> = [
        (rules.exclude.absent, "缺考"),
        (rules.exclude.violation, "违纪"),
        (rules.exclude.zero, "零分"),
        (rules.exclude.below_line, "未达合格线"),
    ]
    .into_iter()
    .filter_map(|(set, word)| set.then_some(word))
    .collect();
    told.extend([
        ("入围比例", steps.collect::<Vec<_>>().join("；")),
        ("按比例算出的人数", rules.ends.label().to_owned()),
        ("入围的最后一名", rules.ties.label().to_owned()),
        ("不入围的", excluded.join("、")),
        ("资格复审", yes(rules.documents).to_owned()),
        ("体检", yes(rules.medical).to_owned()),
        ("考察", yes(rules.background).to_owned()),
        ("递补几小时内答复", number(rules.offer_hours)),
        (
            "体检、考察后递补几次",
            number(u32::from(rules.medical_rounds)),
        ),
        ("面试考官人数", number(u32::from(rules.judges))),
        (
            "面试去掉的分数",
            format!(
                "{} 个最高分、{} 个最低分",
                rules.drop.highest, rules.drop.lowest
            ),
        ),
        (
            "面试成绩保留小数位",
            number(u32::from(rules.interview_digits)),
        ),
        ("面试最低分", some(rules.least)),
        (
            "面试后的总成绩公式",
            some(rules.total.as_ref().map(|one| one.text().to_owned())),
        ),
        ("面试后的总成绩保留小数位", number(u32::from(rules.digits))),
        ("面试和总成绩的舍入", rules.rounding.label().to_owned()),
        ("面试后总成绩相同时比较", rules.tie_break.join("、")),
        ("公示的工作日", number(rules.publicity_days)),
    ]);
    told
}

fn pattern(pattern: &Pattern) -> String {
    let columns: Vec<String> = pattern.columns.iter().map(u32::to_string).collect();
    let turned = if pattern.snake { "，逐列折返" } else { "" };
    format!("{}{turned}", columns.join(" "))
}

fn fee(rule: &FeeRule) -> String {
    match rule {
        FeeRule::Free => "不收费".to_owned(),
        FeeRule::Flat { amount } => format!("每人 {} 元", amount.yuan()),
        FeeRule::PerSubject { amount } => format!("每科 {} 元", amount.yuan()),
        FeeRule::BySubject => "按科目表中各科目的收费".to_owned(),
        FeeRule::PerCombination { prices } => prices
            .iter()
            .map(|price| format!("{} 科 {} 元", price.subjects, price.amount.yuan()))
            .collect::<Vec<_>>()
            .join("；"),
    }
}

/// A question with its rules, its whom and its readers.
fn asks(question: &Question) -> String {
    let hint = match question.hint.as_str() {
        "" => String::new(),
        hint => format!("（{hint}）"),
    };
    format!(
        "{}{hint}；{}；{}看回答",
        question.says(),
        question.asked_of.says(),
        question.seen_by.label()
    )
}

/// What differs between two versions, in the order of the new one; what is gone comes last.
pub fn diff(old: &[Line], new: &[Line]) -> Vec<FieldChange> {
    let of = |lines: &[Line], wanted: &Line| {
        lines
            .iter()
            .find(|line| line.part == wanted.part && line.label == wanted.label)
            .map(|line| line.text.clone())
    };
    let mut changes = Vec::new();
    for line in new {
        let before = of(old, line).unwrap_or_default();
        if before != line.text {
            changes.push(FieldChange::new(&line.label, before, line.text.clone()));
        }
    }
    for line in old {
        if of(new, line).is_none() && !line.text.is_empty() {
            changes.push(FieldChange::new(&line.label, line.text.clone(), ""));
        }
    }
    // The order of questions is what the candidate sees, too.
    let order = |lines: &[Line]| -> Vec<String> {
        lines
            .iter()
            .filter(|line| line.part == Part::Questions)
            .map(|line| line.label.clone())
            .collect()
    };
    let (was, is) = (order(old), order(new));
    let same_set = was.len() == is.len() && was.iter().all(|one| is.contains(one));
    if same_set && was != is {
        let order = FieldChange::new("附加问题的顺序", was.join("、"), is.join("、"));
        changes.push(order);
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::exam::PublicCounts;
    use domain::selection::rules::RatioStep;

    #[test]
    fn what_differs_is_told_in_words_and_nothing_else() {
        let old = ExamSettings::default();
        assert_eq!(diff(&lines("甲", &old), &lines("甲", &old)), []);
        let mut new = old.clone();
        new.open_ratio = Some(3);
        new.counts = PublicCounts::UpTo { most: 100 };
        new.fees.rule = FeeRule::Flat {
            amount: Fen::new(10_000),
        };
        new.notices.ticket = vec!["带身份证".into(), "提前到".into()];
        new.stagger.groups = 6;
        new.stagger.minutes = 10;
        new.selection.on = true;
        new.selection.ratios = RatioStep::parse_line("1:3").into_iter().collect();
        new.selection.total = "笔试*60%+面试*40%".parse().ok();
        let told = diff(&lines("甲", &old), &lines("乙", &new));
        let told: Vec<_> = told
            .iter()
            .map(|one| (one.field.as_str(), one.old.as_str(), one.new.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("考试名称", "甲", "乙"),
                ("开考比例", "", "3"),
                ("公开报名人数", "公开", "只公开到 100 人"),
                ("考务费", "不收费", "每人 100.00 元"),
                ("分批打印准考证", "", "分 6 批，每批相隔 10 分钟"),
                ("考生须知", "", "带身份证\n提前到"),
                ("有面试", "否", "是"),
                ("入围比例", "", "1:3"),
                ("按比例算出的人数", "", "有小数的进一"),
                ("入围的最后一名", "", "末位并列的全部入围"),
                ("不入围的", "", "缺考、违纪、零分、未达合格线"),
                ("资格复审", "", "是"),
                ("体检", "", "是"),
                ("考察", "", "是"),
                ("递补几小时内答复", "", "24"),
                ("体检、考察后递补几次", "", "1"),
                ("面试考官人数", "", "7"),
                ("面试去掉的分数", "", "1 个最高分、1 个最低分"),
                ("面试成绩保留小数位", "", "2"),
                ("面试后的总成绩公式", "", "笔试*60%+面试*40%"),
                ("面试后的总成绩保留小数位", "", "2"),
                ("面试和总成绩的舍入", "", "四舍五入"),
                ("公示的工作日", "", "7"),
            ]
        );
    }

    #[test]
    fn every_setting_that_a_part_can_change_shows_in_the_words() {
        // A field that nobody put into words could be changed without anybody being told.
        let settings = ExamSettings::default();
        let value = serde_json::to_value(&settings).unwrap();
        let mut known: Vec<&str> = value
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        known.sort_unstable();
        assert_eq!(
            known,
            [
                "agreement",
                "arrangement",
                "counted_to",
                "counts",
                "fees",
                "format",
                "moves",
                "notices",
                "number",
                "one_per_person",
                "open_ratio",
                "organizer",
                "papers",
                "photo",
                "privacy",
                "questions",
                "review",
                "room_capacity",
                "rules",
                "score",
                "steps",
                "ticket",
                "windows",
                "year",
            ],
            "a new setting belongs into words.rs, too"
        );
    }
}
