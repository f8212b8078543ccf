//! 归档: what an exam's file consists of, what is deleted when, and the life of both.
//!
//! An archive is asked for by one person and confirmed by another, built section by section, taken over by whoever keeps the
//! centre's records, and only then does [`Material`] go, each when its time is over. What is no [`Material`] stays: 报名序号,
//! 姓名, 岗位, results and scores, payments and their ledger, the trail.

use crate::coded::coded;
use crate::field::FieldErrors;
use crate::time::Timestamp;

coded! {
    /// Where an archive stands.
    pub enum ArchiveState {
        /// Waits for the second person.
        Asked = "asked", "待复核";
        /// Its files are being made.
        Building = "building", "正在生成";
        /// All files are there; the exam is archived.
        Built = "built", "待移交";
        /// Taken over: what has an end may be deleted.
        Handed = "handed", "已移交";
        /// The second person said no.
        Rejected = "rejected", "未同意";
        /// Taken back.
        Withdrawn = "withdrawn", "已撤回";
    }
}

impl ArchiveState {
    /// Whether it still counts: an exam has one of these at a time.
    pub const fn is_live(self) -> bool {
        !matches!(self, Self::Rejected | Self::Withdrawn)
    }
}

coded! {
    /// The sections of an exam's file, in the order in which they are made. The contents come last: they name the rest.
    pub enum Section {
        /// Every version of the settings.
        Settings = "settings", "考试设置";
        /// Announcements and supplementary notices.
        Notices = "notices", "公告";
        /// Positions, or subjects.
        Table = "table", "岗位和科目";
        /// Who applied, with what he submitted.
        Roster = "roster", "报名人员名册";
        /// Every decision of the review.
        Reviews = "reviews", "资格审查记录";
        /// Orders and refunds.
        Payments = "payments", "缴费和退款";
        /// Who asked for a waiver, and what became of it.
        Waivers = "waivers", "减免申请";
        /// Documents of money outside of the channels, 缴款码 and what was paid by them.
        Documents = "documents", "线下缴费和缴款码";
        /// Rooms, seats, ticket numbers.
        Seats = "seats", "考场编排";
        /// Published scores.
        Scores = "scores", "成绩";
        /// The trail of this exam.
        Log = "log", "操作日志";
        /// 报名登记表 as PDF.
        Forms = "forms", "报名登记表";
        /// Photos.
        Photos = "photos", "照片";
        /// What candidates uploaded besides.
        Attachments = "attachments", "考生上传的附件";
        /// The list of it all, with the digest of each file.
        Contents = "contents", "卷内目录";
    }
}

impl Section {
    /// The first one.
    pub const FIRST: Self = Self::Settings;

    /// The next one; `None` after the contents.
    pub fn next(self) -> Option<Self> {
        let at = Self::ALL.iter().position(|one| *one == self)?;
        Self::ALL.get(at + 1).copied()
    }

    /// Its number in the file, from 1: names of files begin with it, so that they sort.
    pub fn number(self) -> usize {
        Self::ALL
            .iter()
            .position(|one| *one == self)
            .map_or(0, |at| at + 1)
    }
}

coded! {
    /// Personal material that has an end (assurance, invariant 29; PIPL article 19: as short as the purpose allows).
    pub enum Material {
        /// The file itself, as long as the server has a copy.
        Package = "package", "服务器上的档案文件";
        /// Uploads of candidates.
        Attachments = "attachments", "考生上传的附件";
        /// Tables that staff imported, and the lists made of them that nothing else needs (老考生档案): they hold names and numbers.
        Uploads = "uploads", "导入用的表格和老考生档案";
        /// Photos that were replaced by another one and serve no other exam.
        OldPhotos = "old_photos", "已被替换的旧照片";
        /// What a form said, and the copy of the profile that went with it.
        Content = "content", "报名表内容和个人信息";
    }
}

impl Material {
    /// Days that it is usually kept: the package from the handing over, the rest from the archiving. The centre may say otherwise.
    pub const fn usual_days(self) -> u32 {
        match self {
            Self::Package => 30,
            Self::Attachments | Self::Uploads | Self::OldPhotos => 365,
            Self::Content => 3 * 365,
        }
    }

    /// From when its days count, for pages.
    pub const fn counts_from(self) -> &'static str {
        match self {
            Self::Package => "确认移交后",
            _ => "归档后",
        }
    }
}

/// What stays whatever is deleted, and why: printed on the certificate.
pub const STAYS: &[(&str, &str)] = &[
    ("报名序号、姓名、报考岗位、审查结论", "供查询和复核录用过程"),
    ("准考证号、考场座位、成绩和名次", "成绩证明和查询"),
    ("缴费单、退款、账目", "按会计档案管理办法保存"),
    ("操作日志", "供审计，删除会使链条断开"),
    ("考生账号和当前照片", "属于考生本人，由其注销账号时清除"),
];

/// Longest time that something may be kept, in days: ten years.
pub const MOST_DAYS: u32 = 3650;

/// How long each material is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention(Vec<(Material, u32)>);

impl Default for Retention {
    fn default() -> Self {
        let usual = |material: &Material| (*material, material.usual_days());
        Self(Material::ALL.iter().map(usual).collect())
    }
}

impl Retention {
    /// Reads what was typed: `typed` gives the text for a material's code.
    ///
    /// # Errors
    /// Under `keep.<code>`: no whole number of days from 0 to [`MOST_DAYS`].
    pub fn read<'a>(typed: impl Fn(&str) -> Option<&'a str>) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut days = Vec::new();
        for material in Material::ALL {
            let text = crate::sheet::squeezed(typed(material.code()).unwrap_or_default());
            match text.parse::<u32>() {
                Ok(number) if number <= MOST_DAYS => days.push((*material, number)),
                _ => errors.add(
                    format!("keep.{}", material.code()),
                    format!("请填写 0 至 {MOST_DAYS} 之间的整数天数"),
                ),
            }
        }
        errors.into_result()?;
        Ok(Self(days))
    }

    /// Days of one material.
    pub fn days(&self, material: Material) -> u32 {
        let found = self.0.iter().find(|(one, _)| *one == material);
        found.map_or(material.usual_days(), |(_, days)| *days)
    }

    /// When one material goes that counts from `from`.
    pub fn due(&self, material: Material, from: Timestamp) -> Timestamp {
        from.plus_days(i64::from(self.days(material)))
    }

    /// As it is stored: `package=30,attachments=365`.
    pub fn to_text(&self) -> String {
        let parts: Vec<String> = self
            .0
            .iter()
            .map(|(material, days)| format!("{}={days}", material.code()))
            .collect();
        parts.join(",")
    }

    /// As it was stored; what isn't named is kept for its usual time.
    pub fn from_text(text: &str) -> Self {
        let mut kept = Self::default();
        for part in text.split(',') {
            let Some((code, days)) = part.split_once('=') else {
                continue;
            };
            let (Some(material), Ok(days)) = (Material::from_code(code), days.parse()) else {
                continue;
            };
            for one in &mut kept.0 {
                if one.0 == material {
                    one.1 = days;
                }
            }
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_follow_each_other_once_and_the_contents_are_last() {
        let mut seen = vec![Section::FIRST];
        while let Some(next) = seen.last().and_then(|last| last.next()) {
            seen.push(next);
        }
        assert_eq!(seen, Section::ALL);
        assert_eq!(seen.last(), Some(&Section::Contents));
        let numbers: Vec<usize> = seen.iter().map(|one| one.number()).collect();
        assert_eq!(numbers, (1..=Section::ALL.len()).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_typed_is_read_and_what_makes_no_sense_is_named() {
        let read = Retention::read(|code| match code {
            "package" => Some(" ７ "),
            "attachments" => Some("0"),
            "uploads" => Some("3650"),
            "old_photos" => Some("1"),
            _ => Some("100"),
        })
        .unwrap();
        assert_eq!(read.days(Material::Package), 7);
        assert_eq!(read.days(Material::Attachments), 0);
        for wrong in ["", "-1", "3651", "三十", "1.5", "99999999999"] {
            let errors = Retention::read(|_| Some(wrong)).unwrap_err();
            for material in Material::ALL {
                let field = format!("keep.{}", material.code());
                assert!(errors.get(&field).is_some(), "{wrong} {field}");
            }
        }
    }

    #[test]
    fn what_is_stored_reads_back() {
        let read = Retention::read(|_| Some("12")).unwrap();
        assert_eq!(Retention::from_text(&read.to_text()), read);
        assert_eq!(Retention::from_text(""), Retention::default());
        let from = Timestamp::from_micros(0);
        assert_eq!(read.due(Material::Content, from), from.plus_days(12));
    }
}
