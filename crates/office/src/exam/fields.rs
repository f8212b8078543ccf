//! The fields of the parts of an exam's set-up.

use app::exam::part::{
    AgreementDraft, BasicsDraft, FeesDraft, PhotoDraft, ScoresDraft, SeatingDraft, SelectionDraft,
    StepsDraft,
};
use domain::application::WhenMove;
use domain::arrangement::SeatKeeping;
use domain::check::Demand;
use domain::exam::steps::{PaymentStep, PhotoStep, ReviewStep};
use domain::review::OnTimeout;
use domain::score::Rounding;
use domain::score::rules::FlagRule;
use domain::selection::rules::{Ends, Ties};
use web::forms::{Choice, Field};

/// A part whose form is a plain list of fields.
pub(super) trait Fields {
    /// The fields with what is stored or was typed.
    fn fields(&self) -> Vec<Field>;
}

fn tick(yes: bool) -> &'static str {
    if yes { "1" } else { "" }
}

impl Fields for BasicsDraft {
    fn fields(&self) -> Vec<Field> {
        vec![
            Field::text("title", "考试名称")
                .required()
                .with(&self.title),
            Field::text("year", "年份")
                .required()
                .digits()
                .narrow()
                .with(&self.year),
            Field::text("number", "本年第几场")
                .hint("用在准考证号里，1 至 99")
                .required()
                .digits()
                .narrow()
                .with(&self.number),
            Field::text("organizer", "组织单位")
                .hint("印在公告、登记表和准考证上")
                .required()
                .with(&self.organizer),
            Field::text("counted_to", "年龄计算到哪一天")
                .hint("“35周岁以下”等条件按这一天计算，例如 2026-03-11。不填的，年龄条件由人工审核")
                .optional()
                .narrow()
                .with(&self.counted_to),
            Field::text("open_ratio", "开考比例")
                .hint("每招 1 人需要几人缴费，例如 3。不填表示不设比例")
                .optional()
                .digits()
                .narrow()
                .with(&self.open_ratio),
            Field::text_area("contact", "咨询电话和时间", 2)
                .optional()
                .with(&self.contact),
            Field::check(
                "sms",
                "考试安排更正，岗位更正、核减、取消时，除站内消息外再发短信",
            )
            .with(tick(self.sms)),
            Field::radio(
                "counts",
                "公开各岗位的报名人数",
                [
                    Choice::new("hidden", "不公开"),
                    Choice::new("exact", "公开"),
                    Choice::new("up_to", "只公开到一定人数")
                        .hint("满了只写“N 人以上”，避免扎堆弃报"),
                ],
            )
            .required()
            .with(&self.counts),
            Field::text("counts_to", "公开到多少人")
                .hint("选“只公开到一定人数”时填，例如 100")
                .optional()
                .digits()
                .narrow()
                .with(&self.counts_to),
        ]
    }
}

impl Fields for PhotoDraft {
    fn fields(&self) -> Vec<Field> {
        vec![
            Field::text("width", "宽（像素）")
                .required()
                .digits()
                .narrow()
                .with(&self.width),
            Field::text("height", "高（像素）")
                .required()
                .digits()
                .narrow()
                .with(&self.height),
            Field::text("min_kb", "最小（KB）")
                .required()
                .digits()
                .narrow()
                .with(&self.min_kb),
            Field::text("max_kb", "最大（KB）")
                .required()
                .digits()
                .narrow()
                .with(&self.max_kb),
            Field::text("background", "背景")
                .hint("考生看到的说明，例如 白色或浅蓝色")
                .required()
                .with(&self.background),
        ]
    }
}

impl Fields for AgreementDraft {
    fn fields(&self) -> Vec<Field> {
        vec![
            Field::text("title", "标题").required().with(&self.title),
            Field::text_area("text", "正文", 16)
                .hint("段落之间空一行。改动后版本号加 1，考生同意的版本和时间会随报名保存")
                .required()
                .with(&self.text),
            Field::text_area("privacy", "这项考试的隐私说明", 8)
                .hint(
                    "不填的，用网站统一的隐私说明。与协议一起请考生阅读，改动后协议版本号同样加 1",
                )
                .optional()
                .with(&self.privacy),
        ]
    }
}

impl Fields for FeesDraft {
    fn fields(&self) -> Vec<Field> {
        vec![
            Field::radio("rule", "考务费", FeesDraft::RULES)
                .required()
                .with(&self.rule),
            Field::text("amount", "金额（元）")
                .hint("固定金额，或每科的金额")
                .optional()
                .narrow()
                .with(&self.amount),
            Field::text_area("prices", "按科目数的价格", 4)
                .hint("每行一种，写作 2 = 180.00")
                .optional()
                .with(&self.prices),
            Field::text("registration", "报名费（元）")
                .hint("在考务费之外另收的")
                .optional()
                .narrow()
                .with(&self.registration),
            Field::check("waivers", "接受减免申请").with(tick(self.waivers)),
            Field::text_area("categories", "减免类别", 5)
                .hint(
                    "每行一类，写作“类别 = 减免 = 证明材料”，例如“残疾人 = 50% = 残疾人证”。减免写全免、50% 或 30 元",
                )
                .optional()
                .with(&self.categories),
            Field::check("after_payment", "缴费后也可以申请，通过后退回差额")
                .with(tick(self.after_payment)),
            Field::check("offline", "可以线下缴费（现金、转账、刷卡），由财务登记、另一人复核后入账")
                .with(tick(self.offline)),
            Field::text_area("offline_how", "线下缴费的说明", 3)
                .hint("考生在缴费页看到：窗口地址和时间，或者户名、开户行和账号")
                .optional()
                .with(&self.offline_how),
            Field::check("nontax", "可以用缴款码缴费（非税收入），缴款码和到账清单由财务导入")
                .with(tick(self.nontax)),
            Field::text_area("nontax_how", "缴款码缴费的说明", 3)
                .hint("考生拿到缴款码以后看到：代收银行、手机银行的入口、怎样取财政电子票据")
                .optional()
                .with(&self.nontax_how),
        ]
    }
}

impl Fields for StepsDraft {
    fn fields(&self) -> Vec<Field> {
        let review = ReviewStep::ALL.iter().map(|one| (one.code(), one.label()));
        let payment = PaymentStep::ALL.iter().map(|one| (one.code(), one.label()));
        let photo = PhotoStep::ALL.iter().map(|one| (one.code(), one.label()));
        let timeout = OnTimeout::ALL.iter().map(|one| (one.code(), one.label()));
        let moves = WhenMove::ALL.iter().map(|one| (one.code(), one.label()));
        let demands = Demand::ALL.iter().map(|one| (one.code(), one.label()));
        vec![
            Field::radio("review", "资格审查", review)
                .required()
                .with(&self.review),
            Field::radio("payment", "收费", payment)
                .required()
                .with(&self.payment),
            Field::radio("photo", "照片", photo)
                .required()
                .with(&self.photo),
            Field::check("seating", "有笔试：编排考场、打印准考证").with(tick(self.seating)),
            Field::select("identity_check", "实名核验", demands.clone())
                .hint("不一致的都不能报名，按提示更正或到考试机构认定")
                .required()
                .with(&self.identity_check),
            Field::select("education_check", "学历核验", demands)
                .hint("核验考生填写的最高学历")
                .required()
                .with(&self.education_check),
            Field::radio(
                "levels",
                "审查级数",
                [("1", "一级"), ("2", "两级：初审和复审")],
            )
            .required()
            .with(&self.levels),
            Field::text("hours", "几小时内审核")
                .required()
                .digits()
                .narrow()
                .with(&self.hours),
            Field::radio("on_timeout", "超时未审核的", timeout)
                .required()
                .with(&self.on_timeout),
            Field::check("auto_when_all_pass", "条件全部符合的自动通过")
                .with(tick(self.auto_when_all_pass)),
            Field::check("appeal", "不通过的可以申诉一次").with(tick(self.appeal)),
            Field::text("appeal_hours", "几小时内申诉")
                .required()
                .digits()
                .narrow()
                .with(&self.appeal_hours),
            Field::text("supplement_hours", "几小时内补充材料")
                .required()
                .digits()
                .narrow()
                .with(&self.supplement_hours),
            Field::radio("may_move", "改报其他岗位", moves)
                .required()
                .with(&self.may_move),
            Field::text("barred_after", "同一岗位几次不通过后不能再报")
                .hint("0 表示不限")
                .required()
                .digits()
                .narrow()
                .with(&self.barred_after),
        ]
    }
}

impl Fields for SeatingDraft {
    fn fields(&self) -> Vec<Field> {
        let keeping = SeatKeeping::ALL.iter().map(|one| (one.code(), one.label()));
        vec![
            Field::text("room_capacity", "每个考场的人数").required().digits().narrow().with(&self.room_capacity),
            Field::text("columns", "各列的座位数").hint("从左到右，用空格分开，例如 7 7 8 8").required().narrow().with(&self.columns),
            Field::check("snake", "座位号逐列折返（S 形）").with(tick(self.snake)),
            Field::radio("keeping", "考多场的", keeping).required().with(&self.keeping),
            Field::check("spread", "相邻座位尽量不排报考同一单位的考生").with(tick(self.spread)),
            Field::text("template", "准考证号格式").hint("year2 年份 2 位，exam2 场次 2 位，site2 考点，room3 考场，seat2 座位，用 + 连接；固定数字照写").required().with(&self.template),
            Field::text("stagger_groups", "分几批打印准考证").hint("1 表示不分批，最多 12 批。人数多的考试分批打印，避免都在开始的几分钟里打印").optional().digits().narrow().with(&self.stagger_groups),
            Field::text("stagger_minutes", "每批相隔几分钟").hint("最多 120 分钟。每人的批次由报名序号确定，考生在“准考证打印”看到自己的开始时间").optional().digits().narrow().with(&self.stagger_minutes),
            Field::text_area("notice", "准考证上的考生须知", 10).hint("每行一条").optional().with(&self.notice),
            Field::check("sms", "可以打印准考证时，除站内消息外再发短信").with(tick(self.sms)),
        ]
    }
}

impl Fields for ScoresDraft {
    fn fields(&self) -> Vec<Field> {
        let rounding = Rounding::ALL.iter().map(|one| (one.code(), one.label()));
        let flags = FlagRule::ALL.iter().map(|one| (one.code(), one.label()));
        vec![
            Field::text("formula", "总成绩公式")
                .hint("用科目名称写，例如 综合知识 * 50% + 专业知识 * 50%。不填的只公布各科成绩")
                .optional()
                .with(&self.formula),
            Field::radio("rounding", "总成绩的舍入", rounding)
                .required()
                .with(&self.rounding),
            Field::text("digits", "保留几位小数")
                .required()
                .digits()
                .narrow()
                .with(&self.digits),
            Field::radio("on_flag", "有缺考、违纪、无效的", flags)
                .required()
                .with(&self.on_flag),
            Field::text_area("full_marks", "各科满分", 3)
                .hint("每行一科，写作 综合知识 = 100。高于满分的成绩不能导入")
                .optional()
                .with(&self.full_marks),
            Field::text_area("subject_lines", "各科合格线", 3)
                .hint("每行一科，写作 综合知识 = 60")
                .optional()
                .with(&self.subject_lines),
            Field::text("total_line", "总成绩合格线")
                .optional()
                .narrow()
                .with(&self.total_line),
            Field::text_area("tie_break", "总成绩相同时依次比较的科目", 2)
                .hint("每行一科")
                .optional()
                .with(&self.tie_break),
            Field::check("rank_shown", "考生可以看到自己的名次").with(tick(self.rank_shown)),
            Field::text_area("notice", "成绩页面上的说明", 3)
                .optional()
                .with(&self.notice),
            Field::check("sms", "成绩公布时，除站内消息外再发短信").with(tick(self.sms)),
        ]
    }
}

impl Fields for SelectionDraft {
    fn fields(&self) -> Vec<Field> {
        let ends = Ends::ALL.iter().map(|one| (one.code(), one.label()));
        let ties = Ties::ALL.iter().map(|one| (one.code(), one.label()));
        let rounding = Rounding::ALL.iter().map(|one| (one.code(), one.label()));
        let count = |name: &'static str, label: &'static str, value: &str| {
            Field::text(name, label)
                .required()
                .digits()
                .narrow()
                .with(value)
        };
        vec![
            Field::check("on", "有面试：成绩公布后确定入围人员，面试后计算总成绩")
                .with(tick(self.on)),
            Field::text_area("ratios", "入围比例", 3)
                .hint("招聘人数与入围人数的比例。每行一档，写作“10 = 1:3”，表示招聘 10 人以下的岗位按 1:3；最后一档只写比例，例如 1:1.5")
                .optional()
                .with(&self.ratios),
            Field::radio("ends", "按比例算出的人数", ends)
                .required()
                .with(&self.ends),
            Field::radio("ties", "入围的最后一名", ties)
                .required()
                .with(&self.ties),
            Field::check("absent", "有科目缺考的不入围").with(tick(self.absent)),
            Field::check("violation", "有科目违纪或成绩无效的不入围").with(tick(self.violation)),
            Field::check("zero", "有科目零分的不入围").with(tick(self.zero)),
            Field::check("below_line", "没有达到合格线的不入围").with(tick(self.below_line)),
            Field::check("documents", "面试前有资格复审").with(tick(self.documents)),
            Field::check("medical", "面试后有体检").with(tick(self.medical)),
            Field::check("background", "聘用前有考察").with(tick(self.background)),
            count("offer_hours", "递补的考生几小时内答复", &self.offer_hours),
            count("medical_rounds", "体检、考察后最多递补几次", &self.medical_rounds),
            count("judges", "每组面试考官人数", &self.judges),
            count("drop_highest", "去掉几个最高分", &self.drop_highest),
            count("drop_lowest", "去掉几个最低分", &self.drop_lowest),
            count("interview_digits", "面试成绩保留几位小数", &self.interview_digits),
            Field::text("least", "面试最低分")
                .hint("低于这个分数的不参加排名。不填表示不设")
                .optional()
                .narrow()
                .with(&self.least),
            Field::text("total", "总成绩公式")
                .hint("用笔试、面试写，例如 笔试 * 60% + 面试 * 40%")
                .optional()
                .with(&self.total),
            count("digits", "总成绩保留几位小数", &self.digits),
            Field::radio("rounding", "面试成绩和总成绩的舍入", rounding)
                .required()
                .with(&self.rounding),
            Field::text_area("tie_break", "总成绩相同时依次比较", 2)
                .hint("每行一个：面试、笔试，或者笔试的科目")
                .optional()
                .with(&self.tie_break),
            count("publicity_days", "公示几个工作日", &self.publicity_days),
        ]
    }
}
