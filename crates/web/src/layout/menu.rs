//! The candidates' menu, in the manual's words (manual §1.2) and at fixed addresses.

/// A group of the menu.
#[derive(Debug)]
pub struct Menu {
    /// Its heading.
    pub title: &'static str,
    /// Its entries.
    pub items: &'static [Item],
}

/// An entry of the candidates' menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// 个人信息修改.
    Profile,
    /// 照片维护.
    Photo,
    /// 网上报名.
    Apply,
    /// 我的报名信息.
    Applications,
    /// 准考证打印.
    Tickets,
    /// 报名审核状态查询.
    Reviews,
    /// 成绩查询.
    Scores,
    /// 网上支付说明.
    PaymentGuide,
    /// 网上支付.
    Payments,
    /// 未支付单据.
    UnpaidBills,
    /// 支付信息查询.
    PaymentHistory,
}

/// The menu.
pub const MENU: &[Menu] = &[
    Menu {
        title: "网上报名",
        items: &[
            Item::Profile,
            Item::Photo,
            Item::Apply,
            Item::Applications,
            Item::Tickets,
            Item::Reviews,
            Item::Scores,
        ],
    },
    Menu {
        title: "网上缴费",
        items: &[
            Item::PaymentGuide,
            Item::Payments,
            Item::UnpaidBills,
            Item::PaymentHistory,
        ],
    },
];

impl Item {
    /// What it says.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Profile => "个人信息修改",
            Self::Photo => "照片维护",
            Self::Apply => "网上报名",
            Self::Applications => "我的报名信息",
            Self::Tickets => "准考证打印",
            Self::Reviews => "报名审核状态查询",
            Self::Scores => "成绩查询",
            Self::PaymentGuide => "网上支付说明",
            Self::Payments => "网上支付",
            Self::UnpaidBills => "未支付单据",
            Self::PaymentHistory => "支付信息查询",
        }
    }

    /// Where it leads.
    pub const fn href(self) -> &'static str {
        match self {
            Self::Profile => "/profile",
            Self::Photo => "/photo",
            Self::Apply => "/apply",
            Self::Applications => "/applications",
            Self::Tickets => "/tickets",
            Self::Reviews => "/reviews",
            Self::Scores => "/scores",
            Self::PaymentGuide => "/payments/guide",
            Self::Payments => "/payments",
            Self::UnpaidBills => "/payments/unpaid",
            Self::PaymentHistory => "/payments/history",
        }
    }
}
