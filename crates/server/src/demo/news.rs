//! Announcements of the demonstration, one with an attachment.

use app::announcement::{self, AnnouncementDraft};

use super::exams::{Recipe, Stage};
use super::world::World;

impl World {
    /// The notice of an exam, with its table hung on.
    pub(super) async fn announce(&self, recipe: &Recipe) -> anyhow::Result<()> {
        let (opens, closes) = recipe.registration();
        let at = self
            .days
            .at(opens - 4, 10)
            .min(self.days.0.plus_seconds(-3600));
        let ctx = self.by("kaowu", at).await?;
        let title = format!("{}公告", recipe.title(self.days));
        let body = format!(
            "<p>经研究，定于近期组织{}。现将有关事项公告如下：</p>\
             <h3>一、报名时间</h3><p>{} 至 {}，逾期不再受理。</p>\
             <h3>二、报名方式</h3><p>登录本网站，完成注册、个人信息填写和照片上传后，在“网上报名”中选择本次考试。录取与报名先后无关，不必赶在头几小时报名。</p>\
             <h3>三、资格审查与缴费</h3><p>资格审查结果可在“报名审核状态查询”中查看。审查通过后请在 {} 前完成网上支付，逾期视为放弃。</p>\
             <h3>四、其他</h3><p>请保持手机畅通。岗位（科目）表见附件。本公告为演示内容。</p>",
            recipe.title(self.days),
            self.days.at(opens, 9).to_chinese_minute(),
            self.days.at(closes, 17).to_chinese_minute(),
            self.days.at(recipe.pays_until(), 17).to_chinese_minute(),
        );
        let draft = AnnouncementDraft {
            category: "notice".into(),
            title,
            body,
            pinned: recipe.stage == Stage::Open,
            ..AnnouncementDraft::default()
        };
        let public_id = announcement::save(&ctx, None, &draft).await?;
        let (name, bytes) = recipe.file(self.days)?;
        announcement::attach(&ctx, &public_id, &name, &bytes).await?;
        announcement::publish(&ctx, &public_id, None).await?;
        Ok(())
    }

    /// Notices that belong to no exam.
    pub(super) async fn announce_the_rest(&self) -> anyhow::Result<()> {
        let texts: [(i64, &str, &str, &str); 5] = [
            (
                -80,
                "guide",
                "网上报名常见问题解答",
                "<p>注册、登录、照片、缴费和打印准考证中常见的问题，见页面底部“常见问题”。</p>",
            ),
            (
                -60,
                "policy",
                "关于加强考试诚信管理的通知",
                "<p>报考人员应当如实填写信息。提供虚假材料、违反考场纪律的，按规定处理并记入诚信档案。</p>",
            ),
            (
                -30,
                "bulletin",
                "关于调整咨询电话服务时间的通知",
                "<p>咨询电话服务时间调整为工作日 9:00—17:00，报名期间周末照常受理。</p>",
            ),
            (
                -9,
                "result",
                "工勤技能岗位等级考核成绩公布",
                "<p>考核成绩已经公布，请登录后在“成绩查询”中查看。对成绩有疑问的，可在公布后 5 个工作日内申请复查。</p>",
            ),
            (
                -2,
                "bulletin",
                "考试录用公务员笔试准考证打印提醒",
                "<p>准考证打印已经开放，请在规定时间内登录打印，并仔细阅读考生须知。</p>",
            ),
        ];
        for (day, category, title, text) in texts {
            let ctx = self
                .by(
                    "kaowu",
                    self.days.at(day, 10).min(self.days.0.plus_seconds(-60)),
                )
                .await?;
            let draft = AnnouncementDraft {
                category: category.into(),
                title: title.into(),
                body: text.into(),
                ..AnnouncementDraft::default()
            };
            let public_id = announcement::save(&ctx, None, &draft).await?;
            announcement::publish(&ctx, &public_id, None).await?;
        }
        Ok(())
    }
}
