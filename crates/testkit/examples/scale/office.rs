//! Every list of the office with its filters, and who looks at it.

use app::exam;
use domain::staff::Role;
use http::Method;
use testkit::{Browser, TestApp};

/// A page that is measured.
#[derive(Debug, Clone)]
pub(crate) struct Looked {
    pub(crate) name: &'static str,
    pub(crate) path: String,
    pub(crate) who: usize,
}

/// Who looks, in the order of [`Looked::who`].
const ROLES: [Role; 10] = [
    Role::ExamOfficer,
    Role::FirstReviewer,
    Role::SecondReviewer,
    Role::PhotoReviewer,
    Role::FinanceOfficer,
    Role::ScoreOfficer,
    Role::Auditor,
    Role::SysAdmin,
    Role::FirstReviewer,
    Role::SecurityAdmin,
];
const EXAM: usize = 0;
const REVIEW: usize = 1;
const SECOND: usize = 2;
const PHOTO: usize = 3;
const MONEY: usize = 4;
const SCORE: usize = 5;
const AUDIT: usize = 6;
const ADMIN: usize = 7;
/// A reviewer of one employer.
const UNIT: usize = 8;

const PEOPLE: usize = 9;

/// The people, logged in.
pub(crate) async fn people(t: &TestApp) -> Vec<Browser> {
    let mut people = Vec::new();
    for (place, role) in ROLES.into_iter().enumerate() {
        let unit = if place == UNIT { "第3中学" } else { "" };
        let staff = t.staff_with(&[(role, 0, unit.to_owned())]).await;
        people.push(staff.browser());
    }
    people
}

/// The public ids of the three exams, the large one first.
pub(crate) async fn exams(t: &TestApp) -> [String; 3] {
    let mut list: Vec<_> = exam::public_list(&t.app).await.expect("the exams").to_vec();
    list.sort_by_key(|exam| exam.id());
    let mut ids = list.iter().map(|exam| exam.public_id().to_owned());
    std::array::from_fn(|_| ids.next().expect("three exams"))
}

/// What is got of a database.
pub(crate) async fn lists(t: &TestApp) -> Vec<Looked> {
    let [large, seated, paying] = exams(t).await;
    let mut all = Vec::new();
    let mut add = |who: usize, name: &'static str, path: String| {
        all.push(Looked { name, path, who });
    };
    for (who, name) in [
        (EXAM, "工作台 考务"),
        (REVIEW, "工作台 初审"),
        (UNIT, "工作台 一个单位的初审"),
        (PHOTO, "工作台 照片"),
        (MONEY, "工作台 财务"),
        (SCORE, "工作台 成绩"),
        (AUDIT, "工作台 审计"),
        (ADMIN, "工作台 管理员"),
    ] {
        add(who, name, "/office".into());
    }
    add(EXAM, "考试", "/office/exams".into());
    add(EXAM, "考试 一项", format!("/office/exams/{large}"));
    add(EXAM, "岗位表", format!("/office/exams/{large}/table"));
    add(EXAM, "统计", format!("/office/exams/{large}/statistics"));
    add(
        EXAM,
        "通知考生",
        format!("/office/exams/{large}/broadcasts"),
    );
    add(EXAM, "诚信档案", "/office/integrity".into());
    add(EXAM, "诚信档案 已过", "/office/integrity?state=over".into());
    add(
        EXAM,
        "诚信档案 种类",
        "/office/integrity?kind=no_show".into(),
    );
    add(EXAM, "诚信档案 姓名", "/office/integrity?name=张伟".into());
    add(EXAM, "查找考生", "/office/search".into());
    add(EXAM, "申诉", "/office/claims".into());
    add(EXAM, "申诉 已办", "/office/claims?state=refused".into());
    add(MONEY, "减免申请", "/office/waivers".into());
    add(MONEY, "减免申请 全部", "/office/waivers?state=all".into());
    add(EXAM, "审批", "/office/approvals".into());
    add(EXAM, "审批 已办", "/office/approvals?state=approved".into());
    add(EXAM, "短信", "/office/messages".into());
    for (name, state) in [
        ("短信 排队", "queued"),
        ("短信 已发", "sent"),
        ("短信 失败", "failed"),
        ("短信 丢弃", "dropped"),
    ] {
        add(EXAM, name, format!("/office/messages?state={state}"));
    }
    add(EXAM, "公告", "/office/announcements".into());
    add(EXAM, "考场编排", "/office/seating".into());
    add(EXAM, "考场编排 一项", format!("/office/seating/{seated}"));
    add(
        EXAM,
        "考场编排 方案",
        format!("/office/seating/{seated}/plans/plan00000001"),
    );
    add(
        EXAM,
        "考场编排 考场",
        format!("/office/seating/{seated}/plans/plan00000001/rooms/2"),
    );
    add(EXAM, "准考证", "/office/tickets".into());
    add(EXAM, "准考证 一项", format!("/office/tickets/{seated}"));
    add(REVIEW, "资格审查", "/office/reviews".into());
    add(UNIT, "资格审查 一个单位", "/office/reviews".into());
    let queue = format!("/office/reviews/{large}");
    for (name, query) in [
        ("审查 待初审", "?state=pending"),
        ("审查 待复审", "?state=first_approved"),
        ("审查 申诉", "?state=appealed"),
        ("审查 退回", "?state=returned"),
        ("审查 通过", "?state=approved"),
        ("审查 不通过", "?state=rejected"),
        ("审查 比对需人工", "?state=pending&verdict=manual"),
        ("审查 比对不符", "?state=pending&verdict=fail"),
        ("审查 已超时限", "?state=pending&late=1"),
        ("审查 已超时限 倒序", "?state=pending&late=1&sort=-due"),
        ("审查 一个单位", "?state=pending&unit=第3中学"),
        (
            "审查 单位和比对",
            "?state=pending&unit=第3中学&verdict=fail",
        ),
        ("审查 没有的单位", "?state=pending&unit=第30中学"),
        ("审查 常见的姓名", "?state=pending&who=张伟"),
        ("审查 没有的姓名", "?state=approved&who=欧阳无"),
        ("审查 报名序号", "?state=pending&who=2026031000001"),
    ] {
        add(REVIEW, name, format!("{queue}{query}"));
    }
    add(SECOND, "审查 复审员", queue.clone());
    for (name, query) in [
        ("审查 单位内", "?state=pending"),
        ("审查 单位内 通过", "?state=approved"),
        ("审查 单位内 申诉", "?state=appealed"),
        ("审查 单位内 比对不符", "?state=pending&verdict=fail"),
        ("审查 单位内 姓名", "?state=pending&who=张伟"),
        ("审查 单位内 已超时限", "?state=pending&late=1"),
    ] {
        add(UNIT, name, format!("{queue}{query}"));
    }
    add(PHOTO, "照片", "/office/photos".into());
    add(
        PHOTO,
        "照片 已通过",
        "/office/photos/decided?state=approved".into(),
    );
    add(
        PHOTO,
        "照片 已退回",
        "/office/photos/decided?state=rejected".into(),
    );
    add(MONEY, "缴费单", "/office/payments".into());
    for (name, query) in [
        ("缴费单 未支付", "?state=unpaid".to_owned()),
        ("缴费单 支付中", "?state=paying".to_owned()),
        ("缴费单 已支付", "?state=paid".to_owned()),
        ("缴费单 退款中", "?state=refunding".to_owned()),
        ("缴费单 核查", "?state=hold".to_owned()),
        ("缴费单 一项考试", format!("?exam={paying}")),
        ("缴费单 考试和状态", format!("?exam={paying}&state=paid")),
        (
            "缴费单 考试里没有的状态",
            format!("?exam={seated}&state=paying"),
        ),
        ("缴费单 单号", "?number=JF26031000000030".to_owned()),
        ("缴费单 没有的单号", "?number=JF26031099999999".to_owned()),
        (
            "缴费单 商户单号",
            "?number=P2026031008000000000030".to_owned(),
        ),
        ("缴费单 常见的姓名", "?name=张伟".to_owned()),
        ("缴费单 没有的姓名", "?name=欧阳无".to_owned()),
    ] {
        add(MONEY, name, format!("/office/payments{query}"));
    }
    add(MONEY, "对账", "/office/bills".into());
    add(MONEY, "对账 未关账", "/office/bills?state=open".into());
    add(MONEY, "收入", "/office/revenue".into());
    add(MONEY, "财政票据", "/office/payments/receipts".into());
    add(
        MONEY,
        "财政票据 待冲红",
        "/office/payments/receipts?state=red".into(),
    );
    add(MONEY, "国库退库", "/office/payments/treasury".into());
    add(MONEY, "异常单", "/office/payments/discrepancies".into());
    add(
        MONEY,
        "异常单，由我负责",
        "/office/payments/discrepancies?owner=me".into(),
    );
    add(
        MONEY,
        "异常单 已核查",
        "/office/payments/discrepancies?state=resolved".into(),
    );
    add(SCORE, "成绩", "/office/scores".into());
    add(SCORE, "成绩 一项", format!("/office/scores/{seated}"));
    add(
        SCORE,
        "成绩 一批",
        format!("/office/scores/{seated}/batches/batch0000001"),
    );
    for (name, query) in [
        ("成绩 一批 倒序", "?sort=-applied"),
        ("成绩 一批 常见的姓名", "?who=张伟"),
        ("成绩 一批 没有的姓名", "?who=欧阳无"),
        ("成绩 一批 没有的号码", "?who=2026031000001"),
    ] {
        let batch = format!("/office/scores/{seated}/batches/batch0000001");
        add(SCORE, name, format!("{batch}{query}"));
    }
    add(AUDIT, "操作日志", "/office/audit".into());
    for (name, query) in [
        ("操作日志 类别", "kind=staff"),
        ("操作日志 系统", "kind=system"),
        ("操作日志 用户", "username=staff0"),
        ("操作日志 没做过什么的用户", "username=staff1"),
        ("操作日志 对象", "object=application"),
        ("操作日志 少见的对象", "object=announcement"),
        ("操作日志 动作", "action=application.advance"),
        ("操作日志 没有的动作", "action=photo.none"),
        ("操作日志 一天", "from=2026-03-12&until=2026-03-12"),
        (
            "操作日志 一天的动作",
            "from=2026-03-12&until=2026-03-12&action=exam.publish",
        ),
    ] {
        add(AUDIT, name, format!("/office/audit?{query}"));
    }
    add(PEOPLE, "人员", "/office/staff".into());
    all
}

/// A request of somebody's, as the router takes it.
pub(crate) fn request(browser: &Browser, path: &str) -> http::Request<axum::body::Body> {
    let mut text = String::new();
    for c in path.chars() {
        if c.is_ascii() {
            text.push(c);
        } else {
            let mut buffer = [0; 4];
            for byte in c.encode_utf8(&mut buffer).bytes() {
                text.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    let mut request = browser.request(Method::GET, &text, axum::body::Body::empty());
    request
        .extensions_mut()
        .insert(web::client_addr::Peer(browser.address));
    request
}
