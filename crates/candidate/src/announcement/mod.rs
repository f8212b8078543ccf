//! The portal: notices, the doors to each category of exams, standing pages. For everybody, account or not.
//!
//! Served from memory ([`app::announcement::Board`], [`app::exam::public_list`]) with an `ETag`, so that the rush of an opening
//! day reads no database and commits nothing.

mod fresh;
mod home;
mod news;
mod pages;
mod when;

use app::App;
use web::{Routes, Who};

pub(crate) fn routes() -> Routes<App> {
    Routes::new("announcement")
        .get("/", Who::Anonymous, home::page)
        .get("/news", Who::Anonymous, news::list)
        .get("/news/{id}", Who::Anonymous, news::page)
        .get("/news/{id}/files/{file}", Who::Anonymous, news::file)
        .get("/pages/{slug}", Who::Anonymous, pages::page)
        .get("/privacy", Who::Anonymous, pages::privacy)
        .get("/accessibility", Who::Anonymous, pages::accessibility)
        .get("/payments/guide", Who::Anonymous, pages::payment)
        .get("/demo/sms", Who::Anonymous, pages::demo_sms)
}

/// The entry of the portal's tabs that a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tab {
    /// 首页
    Home,
    /// 考试公告
    News,
    /// 报考指南
    Guide,
    /// 网上支付说明
    Payment,
    /// 常见问题
    Faq,
    /// None of them.
    Other,
}

impl Tab {
    /// The words on the phone's menu: where one is, or what the menu holds.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Home => "首页",
            Self::News => "考试公告",
            Self::Guide => "报考指南",
            Self::Payment => "网上支付说明",
            Self::Faq => "常见问题",
            Self::Other => "网站导航",
        }
    }
}
