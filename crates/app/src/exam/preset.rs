//! What a new exam of a kind starts with. Everything in it can be changed afterwards.

use domain::application::{MoveRules, WhenMove};
use domain::exam::settings::{Agreement, NoticeTexts};
use domain::exam::steps::{PaymentStep, PhotoStep, ReviewStep, Steps};
use domain::exam::{ExamCategory, ExamSettings};
use domain::money::Fen;
use domain::payment::WaiverRules;
use domain::payment::fee::{FeeRule, FeeRules};
use domain::payment::nontax::NontaxRules;
use domain::payment::offline::OfflineRules;
use domain::review::ReviewRules;
use domain::time::Timestamp;

/// A kind of exam to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// 事业单位公开招聘 with a written exam.
    Recruitment,
    /// 直接面试: no written exam, no fee.
    Interview,
    /// 公务员录用.
    CivilService,
    /// 专业技术资格: levels and subjects.
    Professional,
    /// 职业技能及其他.
    Other,
}

impl Preset {
    /// All, in the order of the page.
    pub const ALL: [Self; 5] = [
        Self::Recruitment,
        Self::Interview,
        Self::CivilService,
        Self::Professional,
        Self::Other,
    ];

    /// What forms send.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Recruitment => "recruitment",
            Self::Interview => "interview",
            Self::CivilService => "civil_service",
            Self::Professional => "professional",
            Self::Other => "other",
        }
    }

    /// The preset with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.code() == code)
    }

    /// What people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Recruitment => "事业单位公开招聘（笔试）",
            Self::Interview => "事业单位直接面试",
            Self::CivilService => "公务员录用",
            Self::Professional => "专业技术资格考试",
            Self::Other => "职业技能及其他考试",
        }
    }

    /// A line that says what is in it.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Recruitment => "先审查后缴费，按岗位报考，开考比例 3:1，有笔试和准考证",
            Self::Interview => "按岗位报考，网上审查，不收费，没有笔试和准考证",
            Self::CivilService => "先审查后缴费，审核通过后不能改报，有笔试和准考证",
            Self::Professional => "按级别、专业、科目报考，按科目收费，条件全部符合的自动通过",
            Self::Other => "按级别和科目报考，不审查，缴费后参加考试",
        }
    }

    /// The category of its exams.
    pub const fn category(self) -> ExamCategory {
        match self {
            Self::Recruitment | Self::Interview => ExamCategory::Recruitment,
            Self::CivilService => ExamCategory::CivilService,
            Self::Professional => ExamCategory::ProfessionalQualification,
            Self::Other => ExamCategory::Other,
        }
    }

    /// The settings to start with.
    pub fn settings(self, now: Timestamp) -> ExamSettings {
        let base = ExamSettings {
            year: u32::try_from(now.date().year()).unwrap_or(0),
            number: 1,
            agreement: agreement(self),
            notices: NoticeTexts {
                ticket: ticket_notice(),
                ..NoticeTexts::default()
            },
            ..ExamSettings::default()
        };
        match self {
            Self::Recruitment => ExamSettings {
                open_ratio: Some(3),
                fees: flat(10_000),
                ..base
            },
            Self::Interview => ExamSettings {
                steps: Steps {
                    payment: PaymentStep::None,
                    seating: false,
                    ..Steps::default()
                },
                notices: NoticeTexts::default(),
                ..base
            },
            Self::CivilService => ExamSettings {
                moves: MoveRules {
                    may_move: WhenMove::BeforeReviewOrRejected,
                    barred_after: 2,
                },
                fees: flat(10_000),
                review: ReviewRules {
                    hours: 48,
                    ..ReviewRules::default()
                },
                ..base
            },
            Self::Professional => ExamSettings {
                fees: FeeRules {
                    rule: FeeRule::BySubject,
                    registration: Fen::ZERO,
                    waivers: false,
                    waiver: WaiverRules::default(),
                    offline: OfflineRules::default(),
                    nontax: NontaxRules::default(),
                },
                review: ReviewRules {
                    auto_when_all_pass: true,
                    ..ReviewRules::default()
                },
                moves: MoveRules {
                    may_move: WhenMove::BeforeReview,
                    barred_after: 0,
                },
                ..base
            },
            Self::Other => ExamSettings {
                steps: Steps {
                    review: ReviewStep::None,
                    photo: PhotoStep::Uploaded,
                    ..Steps::default()
                },
                fees: FeeRules {
                    rule: FeeRule::BySubject,
                    registration: Fen::ZERO,
                    waivers: false,
                    waiver: WaiverRules::default(),
                    offline: OfflineRules::default(),
                    nontax: NontaxRules::default(),
                },
                ..base
            },
        }
    }
}

fn flat(fen: i64) -> FeeRules {
    FeeRules {
        rule: FeeRule::Flat {
            amount: Fen::new(fen),
        },
        registration: Fen::ZERO,
        waivers: true,
        waiver: WaiverRules::usual(),
        offline: OfflineRules::default(),
        nontax: NontaxRules::default(),
    }
}

fn agreement(preset: Preset) -> Agreement {
    let in_time = if preset == Preset::Interview {
        "三、我在规定时间内完成报名、资格审查和面试确认，逾期视为自动放弃。"
    } else {
        "三、我在规定时间内完成报名、资格审查、缴费、打印准考证等步骤，逾期视为自动放弃。"
    };
    let paragraphs = [
        "请在报名前认真阅读本次考试的公告和以下内容。点击“同意”表示您已阅读并愿意遵守。",
        "一、我已阅读本次考试的公告，了解报考条件、时间安排和收费标准。",
        "二、我填写的信息和上传的材料真实、准确、完整。因信息不实或填写错误造成的后果，由本人承担。",
        in_time,
        "四、我妥善保管密码，不把账号交给他人使用，不替他人报名，不恶意注册报名信息。",
        "五、我遵守考场规则，服从考试工作人员管理，不舞弊，不协助他人舞弊，不传播考试内容。",
        "六、我同意考试机构为组织本次考试处理我的个人信息，包括向招聘单位提供资格审查所需的内容。",
        "违反以上承诺的，按国家有关考试违纪违规行为处理规定处理，并记入诚信档案。",
    ];
    Agreement {
        version: 1,
        title: "报考诚信承诺书".to_owned(),
        text: paragraphs.join("\n\n"),
    }
}

fn ticket_notice() -> Vec<String> {
    [
        "凭本准考证和本人有效身份证原件进入考场，两证缺一不可，姓名和证件号码须一致。",
        "开考前 30 分钟开始进场，开考 30 分钟后不得进场，考试结束前 30 分钟方可交卷离场。",
        "只带黑色签字笔、2B 铅笔和橡皮。手机、手表、耳机等物品按要求集中存放，不得带到座位。",
        "按座位号就座，把证件放在桌面左上角。核对试卷无误后，在指定位置填写姓名和准考证号。",
        "答案须写在答题卡规定的位置，写在试卷或草稿纸上的无效。考试结束后不得把试卷和答题卡带出考场。",
        "请提前一天熟悉考点和交通路线，考点内不停放考生车辆。",
    ]
    .map(str::to_owned)
    .to_vec()
}
