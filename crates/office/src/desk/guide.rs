//! 您可以办理: what each permission is for, in the words of somebody who is here for the first time.

use domain::staff::Permission as P;
use web::icon::{self, Icon};

/// One thing that may be done here, and where it begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    needs: P,
    pub(super) icon: Icon,
    pub(super) name: &'static str,
    pub(super) says: &'static str,
    pub(super) href: &'static str,
}

const fn way(
    needs: P,
    icon: Icon,
    name: &'static str,
    says: &'static str,
    href: &'static str,
) -> Way {
    Way {
        needs,
        icon,
        name,
        says,
        href,
    }
}

/// In the order of a recruitment.
const WAYS: [Way; 12] = [
    way(
        P::StaffManage,
        icon::SETTINGS,
        "建立和停用账号",
        "每个角色选定考试，招聘单位的审核员还要选定单位；离岗的立即停用",
        "/office/staff",
    ),
    way(
        P::ExamEdit,
        icon::PLUS,
        "新建考试",
        "选一种类型或复制以前的考试，按“还缺几项”逐项填写，检查后发布",
        "/office/exams/new",
    ),
    way(
        P::ExamView,
        icon::PAPER,
        "看考试进度",
        "打开考试，看时间安排、岗位表和实时统计",
        "/office/exams",
    ),
    way(
        P::AnnouncementEdit,
        icon::SPEAKER,
        "发布公告",
        "可以从 Word 粘贴、加附件、定时发布",
        "/office/announcements",
    ),
    way(
        P::PhotoReview,
        icon::CAMERA,
        "审核照片",
        "领取一批，用键盘逐张通过或写明原因",
        "/office/photos",
    ),
    way(
        P::FirstReview,
        icon::SHIELD,
        "资格初审",
        "从“领取下一条”开始，快到时限的排在前面",
        "/office/reviews",
    ),
    way(
        P::SecondReview,
        icon::SHIELD,
        "资格复审和申诉",
        "初审通过的逐条或批量复审，申诉由您维持或改为通过",
        "/office/reviews",
    ),
    way(
        P::Finance,
        icon::CARD,
        "查缴费单、办退款",
        "按单号或考生查支付经过，退款由两人办理",
        "/office/payments",
    ),
    way(
        P::Arrange,
        icon::SEAT,
        "编排考场",
        "报名和缴费结束后编排，公布后考生可以打印准考证",
        "/office/seating",
    ),
    way(
        P::ScoreEdit,
        icon::SCORE,
        "导入和公布成绩",
        "一人导入，另一人核对，再公布",
        "/office/scores",
    ),
    way(
        P::MessageView,
        icon::PHONE,
        "查短信记录",
        "看短信有没有送达，发送失败的重新发送",
        "/office/messages",
    ),
    way(
        P::AuditView,
        icon::HISTORY,
        "查操作日志",
        "谁在什么时候对什么做了什么，可以导出和核验",
        "/office/audit",
    ),
];

/// What somebody may do.
pub(super) fn ways(may: impl Fn(P) -> bool) -> Vec<Way> {
    WAYS.into_iter().filter(|way| may(way.needs)).collect()
}

#[cfg(test)]
mod tests {
    use domain::staff::Role;

    use super::*;

    #[test]
    fn every_role_finds_where_to_begin() {
        for role in Role::ALL {
            assert!(
                !ways(|permission| role.may(permission)).is_empty(),
                "{role:?}"
            );
        }
    }

    #[test]
    fn nobody_is_led_to_what_the_menu_does_not_show() {
        let shown: Vec<_> = crate::nav::NAV
            .iter()
            .flat_map(|group| group.items)
            .collect();
        for way in WAYS {
            let entry = shown
                .iter()
                .find(|item| item.href != "/office" && way.href.starts_with(item.href))
                .expect(way.name);
            assert!(
                entry.needs.contains(&way.needs) || way.needs == P::ExamEdit,
                "{}",
                way.name
            );
        }
    }
}
