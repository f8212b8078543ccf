//! The roles of the office and what each may do. Who holds a role, and for which exam and unit, is `app`'s.

use crate::coded::coded;

coded! {
    /// A role.
    pub enum Role {
        /// 系统管理员: runs the system, sees no candidate's data.
        SysAdmin = "sys_admin", "系统管理员";
        /// 安全管理员: people and their roles.
        SecurityAdmin = "security_admin", "安全管理员";
        /// 考务管理员: exams from notice to archive.
        ExamOfficer = "exam_officer", "考务管理员";
        /// 照片审核员.
        PhotoReviewer = "photo_reviewer", "照片审核员";
        /// 资格初审员.
        FirstReviewer = "first_reviewer", "资格初审员";
        /// 资格复审员.
        SecondReviewer = "second_reviewer", "资格复审员";
        /// 财务管理员.
        FinanceOfficer = "finance_officer", "财务管理员";
        /// 成绩管理员.
        ScoreOfficer = "score_officer", "成绩管理员";
        /// 面试聘用管理员: from the shortlist to the hiring; an employer's own people, where it is held for their unit.
        SelectionOfficer = "selection_officer", "面试聘用管理员";
        /// 审计员: reads, changes nothing.
        Auditor = "auditor", "审计员";
    }
}

coded! {
    /// Something that a page or use case asks for.
    pub enum Permission {
        /// See the list of exams and their figures.
        ExamView = "exam_view", "查看考试";
        /// Make exams, import positions, publish, change windows, close.
        ExamEdit = "exam_edit", "管理考试";
        /// Write and publish announcements and standing pages.
        AnnouncementEdit = "announcement_edit", "发布公告";
        /// Review photos.
        PhotoReview = "photo_review", "照片审核";
        /// First level of the qualification review.
        FirstReview = "first_review", "资格初审";
        /// Second level.
        SecondReview = "second_review", "资格复审";
        /// See orders, confirm, refund, reconcile.
        Finance = "finance", "财务管理";
        /// Arrange rooms and seats, open tickets.
        Arrange = "arrange", "考场编排";
        /// Import and publish scores.
        ScoreEdit = "score_edit", "成绩管理";
        /// 入围, 资格复审 on site, 递补, 面试, 体检, 考察, 公示, 聘用.
        Selection = "selection", "面试聘用";
        /// The candidate desk: claims, corrections, help with accounts.
        AccountDesk = "account_desk", "考生服务";
        /// See messages sent.
        MessageView = "message_view", "消息记录";
        /// See the audit trail.
        AuditView = "audit_view", "操作日志";
        /// Manage staff accounts and roles.
        StaffManage = "staff_manage", "人员管理";
        /// See jobs, health and settings of the system.
        SystemView = "system_view", "系统状态";
    }
}

impl Role {
    /// The role with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::from_code(code)
    }

    /// Whether the role may do this. One table, so that it can be read and tested whole.
    pub const fn may(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::SysAdmin => matches!(permission, P::SystemView | P::MessageView),
            Self::SecurityAdmin => matches!(permission, P::StaffManage | P::AuditView),
            Self::ExamOfficer => matches!(
                permission,
                P::ExamView
                    | P::ExamEdit
                    | P::AnnouncementEdit
                    | P::Arrange
                    | P::Selection
                    | P::AccountDesk
                    | P::MessageView
            ),
            Self::PhotoReviewer => matches!(permission, P::PhotoReview),
            Self::FirstReviewer => matches!(permission, P::ExamView | P::FirstReview),
            Self::SecondReviewer => matches!(permission, P::ExamView | P::SecondReview),
            Self::FinanceOfficer => matches!(permission, P::ExamView | P::Finance),
            Self::ScoreOfficer => matches!(permission, P::ExamView | P::ScoreEdit),
            Self::SelectionOfficer => matches!(permission, P::ExamView | P::Selection),
            Self::Auditor => matches!(permission, P::ExamView | P::AuditView),
        }
    }
}

/// The roles of one desk of a small centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bundle {
    /// For addresses.
    pub code: &'static str,
    /// What the desk is called.
    pub name: &'static str,
    /// What its holder does, in a few words.
    pub work: &'static str,
    /// Its roles.
    pub roles: &'static [Role],
}

/// Three desks with which three people run an exam. Together they may do everything; what takes two people (scores, refunds,
/// accounts, second factors) is on two desks; and nobody sits on both levels of the review.
pub const BUNDLES: [Bundle; 3] = [
    Bundle {
        code: "exam",
        name: "考务岗",
        work: "建考试、审照片、管缴费、导成绩",
        roles: &[
            Role::ExamOfficer,
            Role::PhotoReviewer,
            Role::FinanceOfficer,
            Role::ScoreOfficer,
        ],
    },
    Bundle {
        code: "review",
        name: "初审岗",
        work: "资格初审，复核考生账号、退款和人员",
        roles: &[
            Role::FirstReviewer,
            Role::ExamOfficer,
            Role::FinanceOfficer,
            Role::SecurityAdmin,
        ],
    },
    Bundle {
        code: "check",
        name: "复核岗",
        work: "资格复审、核对成绩、管人员和日志",
        roles: &[
            Role::SecondReviewer,
            Role::ScoreOfficer,
            Role::SecurityAdmin,
            Role::SysAdmin,
            Role::Auditor,
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_is_held_by_somebody_and_the_auditor_changes_nothing() {
        for permission in Permission::ALL {
            assert!(
                Role::ALL.iter().any(|role| role.may(*permission)),
                "{permission:?}"
            );
        }
        let held: Vec<Permission> = Permission::ALL
            .iter()
            .copied()
            .filter(|p| Role::Auditor.may(*p))
            .collect();
        assert_eq!(held, [Permission::ExamView, Permission::AuditView]);
    }

    #[test]
    fn those_who_run_the_system_see_no_candidate() {
        let personal = [
            Permission::PhotoReview,
            Permission::FirstReview,
            Permission::SecondReview,
            Permission::AccountDesk,
            Permission::Finance,
            Permission::ScoreEdit,
            Permission::Selection,
            Permission::Arrange,
        ];
        for role in [Role::SysAdmin, Role::SecurityAdmin] {
            assert!(
                personal.iter().all(|permission| !role.may(*permission)),
                "{role:?}"
            );
        }
    }

    #[test]
    fn no_role_holds_both_levels_of_the_review() {
        for role in Role::ALL {
            assert!(!(role.may(Permission::FirstReview) && role.may(Permission::SecondReview)));
        }
    }

    #[test]
    fn three_desks_run_an_exam_and_nobody_confirms_himself() {
        let holders = |permission: Permission| {
            let desks = BUNDLES.iter();
            desks
                .filter(|desk| desk.roles.iter().any(|role| role.may(permission)))
                .count()
        };
        for permission in Permission::ALL {
            assert!(holders(*permission) >= 1, "{permission:?}");
        }
        for twice in [
            Permission::AccountDesk,
            Permission::ExamEdit,
            Permission::Finance,
            Permission::ScoreEdit,
            Permission::Selection,
            Permission::StaffManage,
        ] {
            assert!(holders(twice) >= 2, "{twice:?}");
        }
        for desk in BUNDLES {
            let both = [Role::FirstReviewer, Role::SecondReviewer];
            assert!(
                both.iter().any(|role| !desk.roles.contains(role)),
                "{}",
                desk.name
            );
        }
    }
}
