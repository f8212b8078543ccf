//! Standing pages: what the product links to at any time, with the text they start with. Staff edit them in the office.

use super::store::PageRow;
use crate::App;

/// Slug and title of each.
pub const STANDING_PAGES: [(&str, &str); 5] = [
    ("payment", "网上支付说明"),
    ("guide", "报考指南"),
    ("faq", "常见问题"),
    ("privacy", "个人信息保护说明"),
    ("accessibility", "无障碍说明"),
];

const PAYMENT: &str = "<h2>什么时候支付</h2><p>资格审查通过后，缴费单会出现在“网上支付”和“未支付单据”中。请在缴费单写明的截止时间前支付，逾期视为放弃报名。</p>\
<h2>怎样支付</h2><ol><li>打开“网上支付”，核对考试名称和金额，点“缴费”。</li><li>选择支付渠道，点“支付”，按渠道的提示完成。</li><li>支付后回到本站，看到“缴费成功”即为完成。</li></ol>\
<h2>付了款，页面没有变化</h2><p>钱不会丢。渠道的通知可能晚几分钟到，页面会显示“正在确认，请勿重复支付”。您可以在“支付信息查询”中点“查询支付结果”。确认后会发站内消息告知。</p>\
<h2>重复支付</h2><p>同一张缴费单多付的款项会原路退回，一般需要 1 至 7 个工作日。</p>\
<h2>线下缴费</h2><p>考试开通线下缴费的，缴费页写着在哪里、怎样缴。缴的时候请报缴费单号，保留收据或者回单。工作人员核对入账后，缴费单显示“已支付”。线下缴的费用退款时由工作人员退给本人。</p>\
<h2>减免</h2><p>考试受理减免的，符合条件的考生在“网上支付”中点“申请减免”，选择类别，写明情况，上传证明材料。结果发站内消息和短信。审核期间，报名不会因为没有缴费而终止。没有通过的，可以在申请截止前补充材料重新申请；需要缴费的，从收到结果起至少还有 48 小时。已经缴费的，考试允许的也可以申请，通过后减免的金额原路退回，报名继续有效。</p>\
<h2>作废缴费单</h2><p>尚未支付的缴费单可以作废。作废前系统会先向渠道核实没有付款。作废后，需要缴费时可以重新生成。</p>";

const GUIDE: &str = "<h2>报考步骤</h2><ol><li>注册：选择考试类型，阅读说明，填写注册信息。</li><li>首次登录：核实身份后设置自己的密码。</li><li>个人信息修改：把学历、经历、家庭成员等填写完整。</li><li>照片维护：按要求裁剪并上传证件照。</li><li>网上报名：选择考试和岗位（或级别、专业、科目），核对后保存。</li><li>资格审查通过后，网上支付。</li><li>在规定时间内打印准考证。</li><li>考试后查询成绩。</li></ol><p>一个账号可以报所有考试。录取与报名先后无关，不必赶在头几小时报名。</p>";

const FAQ: &str = "<h2>忘记密码怎么办</h2><p>在登录页点“忘记密码”，用登记的手机号码收取验证码后重设。手机号码已停用的，请携带证件到考试机构办理。</p>\
<h2>提示证件号码已被注册</h2><p>先试着登录或找回密码。确定不是本人注册的，在提示页点“账号申诉”，工作人员核实后处理。</p>\
<h2>照片总是不能通过</h2><p>请用白色或浅色背景重新拍摄，正面免冠，露出双耳，不要美颜。照片维护页可以直接裁剪到要求的尺寸。</p>\
<h2>报名后还能修改吗</h2><p>报名截止前、资格审查通过前可以修改。审查通过后不能改报其他岗位。</p>\
<h2>登录时看不清验证码</h2><p>可以换一张，也可以听读验证码，或使用无障碍验证。</p>";

const PRIVACY: &str = "<h2>收集什么</h2><p>为办理报名、资格审查、缴费、编排考场和公布成绩，我们收集您的姓名、证件号码、手机号码、照片、学历、经历和家庭成员等信息。只收集办理考试需要的内容。</p>\
<h2>怎样保护</h2><p>证件号码、手机号码、照片和个人资料在存储时加密。工作人员看到的号码经过遮盖，需要查看时须写明原因，每次查看都有记录。</p>\
<h2>给谁使用</h2><p>您报考岗位的招聘单位和主管部门，在资格审查需要的范围内使用。支付渠道只得到缴费所需的单号和金额。不用于其他用途。</p>\
<h2>您的权利</h2><p>您可以在“账号与安全”中下载自己的信息、更正信息、注销账号。按规定须保存的考试记录，在保存期满后删除。</p>";

const ACCESSIBILITY: &str = "<h2>键盘和读屏</h2><p>所有页面都可以只用键盘办理。表单的每一项都有名称，出错时页面顶部列出需要修改的地方，可以直接跳到那一项。</p>\
<h2>大字版</h2><p>页面顶部（手机上在底部）可以切换大字版。</p>\
<h2>验证码</h2><p>图形验证码可以听读，也可以用无障碍验证代替，不需要看图。</p>\
<h2>遇到困难</h2><p>请拨打页面底部的咨询电话，工作人员可以协助办理。</p>";

/// The text that a page starts with.
pub(super) fn given(slug: &str) -> Option<PageRow> {
    let body = match slug {
        "payment" => PAYMENT,
        "guide" => GUIDE,
        "faq" => FAQ,
        "privacy" => PRIVACY,
        "accessibility" => ACCESSIBILITY,
        _ => return None,
    };
    let title = STANDING_PAGES
        .iter()
        .find(|(known, _)| *known == slug)
        .map_or("", |(_, title)| title);
    Some(PageRow {
        slug: slug.to_owned(),
        title: title.to_owned(),
        body: body.to_owned(),
        changed_at: 0,
        version: 0,
    })
}

/// A standing page for everybody, from memory: as staff edited it, else the product's text. `None` for an unknown slug.
pub fn standing(app: &App, slug: &str) -> Option<PageRow> {
    match app.board().page(slug) {
        Some(row) => Some(row.as_ref().clone()),
        None => given(slug),
    }
}
