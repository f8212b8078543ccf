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
const WAYS: [Way; 25] = [
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
        P::AnnouncementEdit,
        icon::LIST,
        "修改说明页面",
        "网上支付说明、常见问题等网站上一直在的页面",
        "/office/pages",
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
        P::Finance,
        icon::WALLET,
        "审核减免申请",
        "看证明材料，同意或者写明原因；已缴费的须另一人批准退款",
        "/office/waivers",
    ),
    way(
        P::Finance,
        icon::LIST,
        "每日对账、关账",
        "渠道的账单每天自动取来核对，对不上的在这里查明，再由两人关账",
        "/office/bills",
    ),
    way(
        P::Finance,
        icon::CHART,
        "看收入",
        "按考试、渠道和日期汇总收退款，可以导出",
        "/office/revenue",
    ),
    way(
        P::Arrange,
        icon::SEAT,
        "编排考场",
        "报名和缴费结束后编排，公布后考生可以打印准考证",
        "/office/seating",
    ),
    way(
        P::Arrange,
        icon::TICKET,
        "准考证和考生须知",
        "改打印时间和须知，看有多少人打印过",
        "/office/tickets",
    ),
    way(
        P::Arrange,
        icon::SCAN,
        "安排入场核验",
        "给监考人员的手机建立授权，看各考场到了多少人",
        "/office/door",
    ),
    way(
        P::ScoreEdit,
        icon::SCORE,
        "导入和公布成绩",
        "一人导入，另一人核对，再公布",
        "/office/scores",
    ),
    way(
        P::Selection,
        icon::MEDAL,
        "办理入围到聘用",
        "名单、资格复审、面试、体检、考察、公示",
        "/office/selection",
    ),
    way(
        P::AccountDesk,
        icon::SEARCH,
        "查找考生",
        "按证件、手机或姓名找到考生，更正身份、换手机、找回账号",
        "/office/search",
    ),
    way(
        P::AccountDesk,
        icon::PERSON,
        "办理账号申诉",
        "身份证号被别人注册的，一人核实，另一人决定",
        "/office/claims",
    ),
    way(
        P::AccountDesk,
        icon::SHIELD,
        "实名与学历核验",
        "下载核验名单，导入主管部门的结果",
        "/office/checks",
    ),
    way(
        P::AccountDesk,
        icon::UPLOAD,
        "导入原系统账号",
        "把原来系统的考生账号接过来，本人凭验证码启用",
        "/office/legacy",
    ),
    way(
        P::ExamEdit,
        icon::NO,
        "登记诚信档案",
        "登记和解除失信记录，报名时自动核对",
        "/office/integrity",
    ),
    way(
        P::AccountDesk,
        icon::OK,
        "复核同事的申请",
        "更正身份、找回账号等须两人办理的，由您核对后决定",
        "/office/approvals",
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

/// What somebody may do: in the words above, and whatever else his menu shows, so that nothing of it is missing here.
pub(super) fn ways(may: impl Fn(P) -> bool) -> Vec<Way> {
    let mut ways: Vec<Way> = WAYS.into_iter().filter(|way| may(way.needs)).collect();
    for item in crate::nav::NAV.iter().flat_map(|group| group.items) {
        let Some(needs) = item.needs.iter().copied().find(|needs| may(*needs)) else {
            continue;
        };
        if !ways.iter().any(|way| leads_to(way, item.href)) {
            let says = WAYS.iter().find(|way| leads_to(way, item.href));
            let says = says.map_or("", |way| way.says);
            ways.push(way(needs, item.icon, item.text, says, item.href));
        }
    }
    ways
}

/// Whether a way begins behind this entry of the menu.
fn leads_to(way: &Way, href: &str) -> bool {
    way.href
        .strip_prefix(href)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
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
    fn nothing_in_the_menu_of_a_role_is_missing_or_left_without_words() {
        for role in Role::ALL {
            let ways = ways(|permission| role.may(permission));
            for item in crate::nav::NAV.iter().flat_map(|group| group.items) {
                if !item.needs.iter().any(|needs| role.may(*needs)) {
                    continue;
                }
                let found = ways.iter().find(|way| leads_to(way, item.href));
                let found = found.unwrap_or_else(|| panic!("{role:?}: {}", item.text));
                assert!(!found.says.is_empty(), "{role:?}: {}", item.text);
            }
            let mut places: Vec<_> = ways.iter().map(|way| way.name).collect();
            places.sort_unstable();
            places.dedup();
            assert_eq!(places.len(), ways.len(), "{role:?}: nothing twice");
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
