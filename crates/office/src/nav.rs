//! The office's navigation: every feature's entry, shown to those who may use it.

use domain::staff::Permission as P;
use web::icon;
use web::layout::{NavGroup, NavItem};

/// The navigation.
pub const NAV: &[NavGroup] = &[
    NavGroup {
        title: "日常",
        items: &[
            NavItem {
                text: "工作台",
                href: "/office",
                icon: icon::DASHBOARD,
                needs: &[],
            },
            NavItem {
                text: "考试管理",
                href: "/office/exams",
                icon: icon::PAPER,
                needs: &[P::ExamView],
            },
            NavItem {
                text: "公告",
                href: "/office/announcements",
                icon: icon::SPEAKER,
                needs: &[P::AnnouncementEdit],
            },
            NavItem {
                text: "说明页面",
                href: "/office/pages",
                icon: icon::LIST,
                needs: &[P::AnnouncementEdit],
            },
        ],
    },
    NavGroup {
        title: "审核",
        items: &[
            NavItem {
                text: "照片审核",
                href: "/office/photos",
                icon: icon::CAMERA,
                needs: &[P::PhotoReview],
            },
            NavItem {
                text: "资格审查",
                href: "/office/reviews",
                icon: icon::SHIELD,
                needs: &[P::FirstReview, P::SecondReview],
            },
        ],
    },
    NavGroup {
        title: "缴费",
        items: &[
            NavItem {
                text: "缴费单",
                href: "/office/payments",
                icon: icon::CARD,
                needs: &[P::Finance],
            },
            NavItem {
                text: "对账",
                href: "/office/bills",
                icon: icon::LIST,
                needs: &[P::Finance],
            },
            NavItem {
                text: "收入",
                href: "/office/revenue",
                icon: icon::CHART,
                needs: &[P::Finance],
            },
            NavItem {
                text: "减免申请",
                href: "/office/waivers",
                icon: icon::WALLET,
                needs: &[P::Finance],
            },
        ],
    },
    NavGroup {
        title: "考务",
        items: &[
            NavItem {
                text: "考场编排",
                href: "/office/seating",
                icon: icon::SEAT,
                needs: &[P::Arrange],
            },
            NavItem {
                text: "准考证",
                href: "/office/tickets",
                icon: icon::TICKET,
                needs: &[P::Arrange],
            },
            NavItem {
                text: "入场核验",
                href: "/office/door",
                icon: icon::SCAN,
                needs: &[P::Arrange],
            },
            NavItem {
                text: "成绩管理",
                href: "/office/scores",
                icon: icon::SCORE,
                needs: &[P::ScoreEdit],
            },
            NavItem {
                text: "面试与聘用",
                href: "/office/selection",
                icon: icon::MEDAL,
                needs: &[P::Selection],
            },
        ],
    },
    NavGroup {
        title: "考生服务",
        items: &[
            NavItem {
                text: "查找考生",
                href: "/office/search",
                icon: icon::SEARCH,
                needs: &[P::AccountDesk],
            },
            NavItem {
                text: "账号申诉",
                href: "/office/claims",
                icon: icon::PERSON,
                needs: &[P::AccountDesk],
            },
            NavItem {
                text: "实名与学历核验",
                href: "/office/checks",
                icon: icon::SHIELD,
                needs: &[P::AccountDesk],
            },
            NavItem {
                text: "原系统账号",
                href: "/office/legacy",
                icon: icon::UPLOAD,
                needs: &[P::AccountDesk],
            },
            NavItem {
                text: "诚信档案",
                href: "/office/integrity",
                icon: icon::NO,
                needs: &[P::ExamEdit],
            },
            NavItem {
                text: "双人复核",
                href: "/office/approvals",
                icon: icon::OK,
                needs: &[P::AccountDesk, P::StaffManage],
            },
            NavItem {
                text: "短信记录",
                href: "/office/messages",
                icon: icon::PHONE,
                needs: &[P::MessageView],
            },
        ],
    },
    NavGroup {
        title: "系统",
        items: &[
            NavItem {
                text: "账号与权限",
                href: "/office/staff",
                icon: icon::SETTINGS,
                needs: &[P::StaffManage],
            },
            NavItem {
                text: "操作日志",
                href: "/office/audit",
                icon: icon::HISTORY,
                needs: &[P::AuditView],
            },
        ],
    },
];
