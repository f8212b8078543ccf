//! The code tables of the profile (domain notes, §2). What is stored is the code of the national standard.

use crate::coded::coded;

/// Declares a type whose values are the rows of a long table of codes.
macro_rules! listed {
    ($(#[$meta:meta])* $vis:vis struct $name:ident = $table:ident;) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis struct $name(usize);

        impl $name {
            /// Every row in the order of the standard.
            pub fn all() -> impl Iterator<Item = Self> {
                (0..$table.len()).map(Self)
            }

            /// The stored code.
            pub fn code(self) -> &'static str {
                $table.get(self.0).map_or("", |row| row.0)
            }

            /// What people read.
            pub fn label(self) -> &'static str {
                $table.get(self.0).map_or("", |row| row.1)
            }

            /// The row with this code.
            pub fn from_code(code: &str) -> Option<Self> {
                $table.iter().position(|row| row.0 == code).map(Self)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.code())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.code())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let code = String::deserialize(deserializer)?;
                Self::from_code(&code).ok_or_else(|| serde::de::Error::custom("unknown code"))
            }
        }
    };
}

pub(super) use listed;

coded! {
    /// 政治面貌, GB/T 4762.
    pub enum PoliticalStatus {
        /// 中共党员.
        Member = "01", "中共党员";
        /// 中共预备党员.
        Probationary = "02", "中共预备党员";
        /// 共青团员.
        League = "03", "共青团员";
        /// 民革会员.
        Kuomintang = "04", "民革党员";
        /// 民盟盟员.
        DemocraticLeague = "05", "民盟盟员";
        /// 民建会员.
        NationalConstruction = "06", "民建会员";
        /// 民进会员.
        Promoting = "07", "民进会员";
        /// 农工党党员.
        PeasantsWorkers = "08", "农工党党员";
        /// 致公党党员.
        ZhiGong = "09", "致公党党员";
        /// 九三学社社员.
        JiuSan = "10", "九三学社社员";
        /// 台盟盟员.
        TaiwanLeague = "11", "台盟盟员";
        /// 无党派民主人士.
        Independent = "12", "无党派民主人士";
        /// 群众.
        Masses = "13", "群众";
    }
}

coded! {
    /// 婚姻状况, GB/T 2261.2.
    pub enum MaritalStatus {
        /// 未婚.
        Single = "10", "未婚";
        /// 已婚.
        Married = "20", "已婚";
        /// 丧偶.
        Widowed = "30", "丧偶";
        /// 离婚.
        Divorced = "40", "离婚";
        /// 未说明.
        Unsaid = "90", "未说明";
    }
}

coded! {
    /// 学习形式.
    pub enum StudyMode {
        /// 全日制.
        FullTime = "full_time", "全日制";
        /// 非全日制.
        PartTime = "part_time", "非全日制";
        /// 自学考试.
        SelfTaught = "self_taught", "自学考试";
        /// 成人教育.
        Adult = "adult", "成人教育";
        /// 网络教育.
        Online = "online", "网络教育";
    }
}

coded! {
    /// 人员身份.
    pub enum Occupation {
        /// 应届毕业生.
        Graduating = "graduating", "应届毕业生";
        /// 往届毕业生.
        Graduated = "graduated", "往届毕业生";
        /// 在职人员.
        Employed = "employed", "在职人员";
        /// 待业人员.
        Unemployed = "unemployed", "待业人员";
        /// 退役士兵.
        Veteran = "veteran", "退役士兵";
        /// 服务基层项目人员.
        Grassroots = "grassroots", "服务基层项目人员";
    }
}

impl Occupation {
    /// The group of 招聘对象 that it stands for.
    pub const fn group(self) -> Option<&'static str> {
        match self {
            Self::Graduating | Self::Veteran | Self::Grassroots => Some(self.label()),
            Self::Graduated | Self::Employed | Self::Unemployed => None,
        }
    }
}

coded! {
    /// 残疾类别, GB/T 26341, and none.
    pub enum Disability {
        /// 无.
        None = "0", "无";
        /// 视力残疾.
        Sight = "1", "视力残疾";
        /// 听力残疾.
        Hearing = "2", "听力残疾";
        /// 言语残疾.
        Speech = "3", "言语残疾";
        /// 肢体残疾.
        Physical = "4", "肢体残疾";
        /// 智力残疾.
        Intellectual = "5", "智力残疾";
        /// 精神残疾.
        Mental = "6", "精神残疾";
        /// 多重残疾.
        Multiple = "7", "多重残疾";
        /// 其他残疾.
        Other = "9", "其他残疾";
    }
}

coded! {
    /// 与本人关系.
    pub enum Relation {
        /// 配偶.
        Spouse = "spouse", "配偶";
        /// 父亲.
        Father = "father", "父亲";
        /// 母亲.
        Mother = "mother", "母亲";
        /// 儿子.
        Son = "son", "儿子";
        /// 女儿.
        Daughter = "daughter", "女儿";
        /// 兄弟姐妹.
        Sibling = "sibling", "兄弟姐妹";
        /// 配偶的父母.
        InLaw = "in_law", "配偶父母";
        /// 其他近亲属.
        Other = "other", "其他";
    }
}

listed! {
    /// 民族, GB/T 3304.
    pub struct Ethnicity = ETHNICITIES;
}

const ETHNICITIES: &[(&str, &str)] = &[
    ("01", "汉族"),
    ("02", "蒙古族"),
    ("03", "回族"),
    ("04", "藏族"),
    ("05", "维吾尔族"),
    ("06", "苗族"),
    ("07", "彝族"),
    ("08", "壮族"),
    ("09", "布依族"),
    ("10", "朝鲜族"),
    ("11", "满族"),
    ("12", "侗族"),
    ("13", "瑶族"),
    ("14", "白族"),
    ("15", "土家族"),
    ("16", "哈尼族"),
    ("17", "哈萨克族"),
    ("18", "傣族"),
    ("19", "黎族"),
    ("20", "傈僳族"),
    ("21", "佤族"),
    ("22", "畲族"),
    ("23", "高山族"),
    ("24", "拉祜族"),
    ("25", "水族"),
    ("26", "东乡族"),
    ("27", "纳西族"),
    ("28", "景颇族"),
    ("29", "柯尔克孜族"),
    ("30", "土族"),
    ("31", "达斡尔族"),
    ("32", "仫佬族"),
    ("33", "羌族"),
    ("34", "布朗族"),
    ("35", "撒拉族"),
    ("36", "毛南族"),
    ("37", "仡佬族"),
    ("38", "锡伯族"),
    ("39", "阿昌族"),
    ("40", "普米族"),
    ("41", "塔吉克族"),
    ("42", "怒族"),
    ("43", "乌孜别克族"),
    ("44", "俄罗斯族"),
    ("45", "鄂温克族"),
    ("46", "德昂族"),
    ("47", "保安族"),
    ("48", "裕固族"),
    ("49", "京族"),
    ("50", "塔塔尔族"),
    ("51", "独龙族"),
    ("52", "鄂伦春族"),
    ("53", "赫哲族"),
    ("54", "门巴族"),
    ("55", "珞巴族"),
    ("56", "基诺族"),
    ("97", "其他"),
    ("98", "外国血统中国籍人士"),
];

listed! {
    /// 学历, GB/T 4658.
    pub struct EducationCode = EDUCATIONS;
}

const EDUCATIONS: &[(&str, &str)] = &[
    ("11", "博士研究生毕业"),
    ("12", "博士研究生结业"),
    ("13", "博士研究生肄业"),
    ("14", "硕士研究生毕业"),
    ("15", "硕士研究生结业"),
    ("16", "硕士研究生肄业"),
    ("17", "研究生班毕业"),
    ("18", "研究生班结业"),
    ("19", "研究生班肄业"),
    ("21", "大学本科毕业"),
    ("22", "大学本科结业"),
    ("23", "大学本科肄业"),
    ("28", "大学普通班毕业"),
    ("31", "大学专科毕业"),
    ("32", "大学专科结业"),
    ("33", "大学专科肄业"),
    ("41", "中等专科毕业"),
    ("42", "中等专科结业"),
    ("43", "中等专科肄业"),
    ("44", "职业高中毕业"),
    ("45", "职业高中结业"),
    ("46", "职业高中肄业"),
    ("47", "技工学校毕业"),
    ("48", "技工学校结业"),
    ("49", "技工学校肄业"),
    ("61", "普通高中毕业"),
    ("62", "普通高中结业"),
    ("63", "普通高中肄业"),
    ("71", "初中毕业"),
    ("73", "初中肄业"),
    ("81", "小学毕业"),
    ("83", "小学肄业"),
    ("90", "其他"),
];

impl EducationCode {
    /// Higher is more. Completed education stands above what wasn't completed.
    pub fn rank(self) -> u8 {
        match crate::eligibility::EducationLevel::from_gb(self.code()) {
            Some(level) => {
                let place = crate::eligibility::EducationLevel::ALL
                    .iter()
                    .position(|l| *l == level);
                u8::try_from(place.unwrap_or(0))
                    .unwrap_or(0)
                    .saturating_add(1)
            }
            None => 0,
        }
    }

    /// Whether a major belongs to it.
    pub fn has_major(self) -> bool {
        !matches!(self.code(), "61" | "62" | "63" | "71" | "73" | "81" | "83")
    }
}

listed! {
    /// 学位, GB/T 6864, with the discipline or profession that the certificate names.
    pub struct Degree = DEGREES;
}

const DEGREES: &[(&str, &str)] = &[
    ("201", "哲学博士"),
    ("202", "经济学博士"),
    ("203", "法学博士"),
    ("204", "教育学博士"),
    ("205", "文学博士"),
    ("206", "历史学博士"),
    ("207", "理学博士"),
    ("208", "工学博士"),
    ("209", "农学博士"),
    ("210", "医学博士"),
    ("211", "军事学博士"),
    ("212", "管理学博士"),
    ("213", "艺术学博士"),
    ("299", "其他博士学位"),
    ("301", "哲学硕士"),
    ("302", "经济学硕士"),
    ("303", "法学硕士"),
    ("304", "教育学硕士"),
    ("305", "文学硕士"),
    ("306", "历史学硕士"),
    ("307", "理学硕士"),
    ("308", "工学硕士"),
    ("309", "农学硕士"),
    ("310", "医学硕士"),
    ("311", "军事学硕士"),
    ("312", "管理学硕士"),
    ("313", "艺术学硕士"),
    ("341", "法律硕士"),
    ("342", "教育硕士"),
    ("343", "工程硕士"),
    ("344", "建筑学硕士"),
    ("345", "临床医学硕士"),
    ("346", "工商管理硕士"),
    ("347", "农业推广硕士"),
    ("348", "兽医硕士"),
    ("349", "公共管理硕士"),
    ("350", "口腔医学硕士"),
    ("351", "公共卫生硕士"),
    ("352", "军事硕士"),
    ("399", "其他硕士学位"),
    ("401", "哲学学士"),
    ("402", "经济学学士"),
    ("403", "法学学士"),
    ("404", "教育学学士"),
    ("405", "文学学士"),
    ("406", "历史学学士"),
    ("407", "理学学士"),
    ("408", "工学学士"),
    ("409", "农学学士"),
    ("410", "医学学士"),
    ("411", "军事学学士"),
    ("412", "管理学学士"),
    ("413", "艺术学学士"),
    ("444", "建筑学学士"),
    ("499", "其他学士学位"),
];
