//! What the trail keeps as codes, in words.

mod after;

use app::audit::ListedRow;
use domain::eligibility::Verdict;
use domain::money::Fen;
use domain::review::Review;
use domain::review::reason::{self, ReasonKind};
use domain::staff::Role;

/// Who acts.
pub(super) const KINDS: [(&str, &str); 5] = [
    ("staff", "工作人员"),
    ("candidate", "考生"),
    ("system", "系统"),
    ("gateway", "支付渠道"),
    ("anonymous", "未登录"),
];

/// What was acted on.
pub(super) const OBJECTS: [(&str, &str); 39] = [
    ("account", "考生账号"),
    ("account_claim", "账号申诉"),
    ("announcement", "公告"),
    ("bill", "对账"),
    ("broadcast", "群发消息"),
    ("application", "报名"),
    ("approval", "双人复核"),
    ("audit_entry", "操作日志"),
    ("door_pass", "核验授权"),
    ("exam", "考试"),
    ("exam_archive", "考试档案"),
    ("fee_waiver", "减免申请"),
    ("import_batch", "导入"),
    ("integrity_record", "诚信档案"),
    ("carried_import", "老考生档案"),
    ("check_batch", "核验名单"),
    ("check_item", "核验"),
    ("legacy_import", "原系统账号"),
    ("nontax_batch", "缴款码"),
    ("object", "文件"),
    ("offline_entry", "线下登记"),
    ("outbox_message", "短信"),
    ("paper_run", "成套用纸"),
    ("payment_order", "缴费单"),
    ("photo", "照片"),
    ("position", "岗位"),
    ("position_amendment", "岗位更正"),
    ("position_decision", "岗位处置"),
    ("profile", "个人信息"),
    ("refund", "退费"),
    ("score_batch", "成绩"),
    ("seat_plan", "考场编排"),
    ("session", "登录"),
    ("settings_change", "设置更正"),
    ("site", "系统标记"),
    ("site_page", "说明页面"),
    ("staff", "工作人员账号"),
    ("ticket_template", "准考证版式"),
    ("venue", "考点"),
];

/// What was done. A code that isn't here is shown as it is; more stand in [`after`].
const ACTIONS: &[(&str, &str)] = &[
    ("account.activate", "首次设置密码"),
    ("account.change_password", "修改密码"),
    ("account.claim_check", "核实账号申诉"),
    ("account.claim_dismiss", "驳回账号申诉"),
    ("account.claim_file", "提交账号申诉"),
    ("account.claim_grant", "账号申诉成立"),
    ("account.claim_overtaken", "账号申诉随账号注销办结"),
    ("account.claim_refuse", "账号申诉不成立"),
    ("account.claims_export", "导出账号申诉"),
    ("account.close", "注销账号"),
    ("account.copy_taken", "导出个人信息"),
    ("account.end_sessions", "退出其他设备"),
    ("account.export", "导出考生的报名"),
    ("account.forgive", "解除登录等待"),
    ("account.legacy_confirm", "同意建立原系统账号"),
    ("account.legacy_discard", "放弃原系统账号的导入"),
    ("account.legacy_done", "原系统账号建立完成"),
    ("account.legacy_export", "导出没有导入的行"),
    ("account.legacy_make", "建立原系统账号"),
    ("account.legacy_take_back", "注销原系统账号"),
    ("account.legacy_upload", "上传原系统账号"),
    ("account.legacy_withdraw", "同意接回原系统账号"),
    ("account.login", "考生登录"),
    ("account.login_failed", "考生登录多次失败"),
    ("account.recover", "找回账号"),
    ("account.rehearse", "生成演练考生"),
    ("account.rehearse_again", "重新生成演练密码"),
    ("account.search", "查找考生"),
    ("account.set_mobile", "更换手机号码"),
    ("account.signup", "注册"),
    ("account.unmask", "查看完整号码"),
    ("announcement.attach", "上传公告附件"),
    ("announcement.detach", "删除公告附件"),
    ("announcement.export", "导出公告列表"),
    ("announcement.page_save", "修改说明页面"),
    ("announcement.save", "保存公告"),
    ("announcement.set_state", "发布或撤回公告"),
    ("announcement.supplement", "公布补充公告"),
    ("application.advance", "报名状态变化"),
    ("approval.export", "导出双人复核记录"),
    ("application.integrity_export", "导出诚信档案"),
    ("application.integrity_lift", "解除诚信档案"),
    ("application.integrity_record", "登记诚信档案"),
    ("approval.decide", "双人复核决定"),
    ("approval.request", "申请双人复核"),
    ("archive.ask", "申请归档"),
    ("archive.built", "档案文件已生成"),
    ("archive.decide", "复核归档"),
    ("archive.hand", "移交档案"),
    ("archive.hold", "暂缓清除"),
    ("archive.purged", "清除到期的个人信息"),
    ("archive.release", "恢复清除"),
    ("archive.take", "下载档案文件"),
    ("archive.withdraw", "撤回归档申请"),
    ("arrangement.adjust", "调整座位"),
    ("arrangement.begin", "开始编排考场"),
    ("arrangement.copy", "复制编排"),
    ("arrangement.discard", "放弃编排"),
    ("arrangement.export", "导出编排或考场用纸"),
    ("arrangement.failed", "编排未完成"),
    ("arrangement.lock", "锁定编排"),
    ("arrangement.needs", "登记合理便利"),
    ("arrangement.papers", "生成成套用纸"),
    ("arrangement.papers_end", "成套用纸生成结束"),
    ("arrangement.papers_expire", "成套用纸到期清除"),
    ("arrangement.papers_take", "下载成套用纸"),
    ("arrangement.publish", "公布考场编排"),
    ("arrangement.ready", "编排完成"),
    ("arrangement.seed", "公布随机种子摘要"),
    ("arrangement.unlock", "解锁编排"),
    ("audit.export", "导出操作日志"),
    ("carried.confirm", "启用老考生档案"),
    ("carried.discard", "放弃老考生档案"),
    ("carried.export", "导出老考生档案"),
    ("carried.retract", "撤回老考生档案"),
    ("carried.upload", "上传老考生档案"),
    ("check.ask", "登记待核验"),
    ("check.batch", "生成核验名单"),
    ("check.discard", "放弃核验名单"),
    ("check.overrule", "人工认定核验一致"),
    ("check.results", "上传核验结果"),
    ("check.results_confirm", "导入核验结果"),
    ("check.take", "下载核验名单（完整号码）"),
    ("door.join", "核验设备登记"),
    ("door.marks", "上报入场核验"),
    ("door.missing_export", "导出未到名单"),
    ("door.pass", "建立核验授权"),
    ("door.revoke", "撤销核验授权"),
    ("door.roster", "下载核验名单"),
    ("door.slip", "打印核验授权单"),
    ("exam.amendment_discard", "放弃岗位更正"),
    ("exam.amendment_draft", "起草岗位更正"),
    ("exam.amendment_publish", "公布岗位更正"),
    ("exam.archive", "归档考试"),
    ("exam.change_ask", "提交设置更正复核"),
    ("exam.change_draft", "起草设置更正"),
    ("exam.change_end", "设置更正未公布"),
    ("exam.change_publish", "公布设置更正"),
    ("exam.close", "结束报名"),
    ("exam.create", "新建考试"),
    ("exam.decision_ask", "提交岗位处置"),
    ("exam.decision_choose", "调整岗位处置"),
    ("exam.decision_decide", "复核岗位处置"),
    ("exam.decision_done", "办完岗位处置"),
    ("exam.decision_draft", "起草岗位处置"),
    ("exam.decision_withdraw", "撤回岗位处置"),
    ("exam.extend", "延长时间"),
    ("exam.import_begin", "上传表格"),
    ("exam.import_confirm", "确认导入"),
    ("exam.import_discard", "放弃导入"),
    ("exam.position_cancel", "取消岗位"),
    ("exam.publish", "发布考试"),
    ("exam.reopen", "重新开放报名"),
    ("exam.settings", "修改考试设置"),
    ("exam.table", "更换岗位表"),
    ("exam.unpublish", "撤回发布"),
    ("message.broadcast_delete", "删除群发消息"),
    ("message.broadcast_send", "发送群发消息"),
    ("message.broadcast_stop", "停止群发消息"),
    ("message.broadcast_write", "写群发消息"),
    ("message.export", "导出短信记录"),
    ("message.retry", "重发短信"),
    ("message.round", "群发通知"),
    ("payment.nontax_ask", "申请缴款码"),
    ("payment.nontax_decide", "复核到账清单"),
    ("payment.nontax_export", "导出待取缴款码"),
    ("payment.nontax_give", "导入缴款码"),
    ("payment.nontax_upload", "上传到账清单"),
    ("payment.offline_decide", "复核线下登记"),
    ("payment.offline_enter", "登记线下缴费或退回"),
    ("payment.begin", "发起支付"),
    ("payment.bill_ask", "提请关账"),
    ("payment.bill_close", "签字关账"),
    ("payment.bill_discard", "放弃上传的账单"),
    ("payment.bill_findings_export", "导出对账差异"),
    ("payment.bill_lines_export", "导出账单明细"),
    ("payment.bill_matched", "对账完成"),
    ("payment.bill_missed", "账单没有按时取到"),
    ("payment.bill_read", "账单读入"),
    ("payment.bill_return", "退回关账"),
    ("payment.bill_upload", "上传账单"),
    ("payment.bills_export", "导出对账"),
    ("payment.close", "关闭支付"),
    ("payment.created", "渠道受理支付"),
    ("payment.decide_refund", "审批退款"),
    ("payment.decide_release", "复核缴费单的核查结论"),
    ("payment.discrepancy", "记录对账差异"),
    ("payment.fiscal_confirm", "导入财政电子票据"),
    ("payment.fiscal_discard", "放弃财政电子票据文件"),
    ("payment.fiscal_export", "导出财政电子票据"),
    ("payment.fiscal_receipt", "登记财政电子票据"),
    ("payment.fiscal_red", "登记票据冲红"),
    ("payment.fiscal_template", "导出待开票据"),
    ("payment.fiscal_upload", "上传财政电子票据文件"),
    ("payment.hand_over", "登记缴库"),
    ("payment.assign", "把异常单交给同事"),
    ("payment.own", "认领或转出异常单"),
    ("payment.propose", "提出缴费单的核查结论"),
    ("payment.raise", "生成缴费单"),
    ("payment.refund", "申请退款"),
    ("payment.refund_again", "再次提交退款"),
    ("payment.refund_called_off", "退款申请由另一笔退款代替"),
    ("payment.refund_news", "退款进展"),
    ("payment.resolve", "核查对账差异"),
    ("payment.revenue_export", "导出收入"),
    ("payment.settle", "核实支付结果"),
    ("payment.treasury_decide", "复核退库"),
    ("payment.treasury_enter", "登记退库凭证"),
    ("payment.treasury_export", "导出缴库文件"),
    ("payment.treasury_lines_export", "导出退库清单"),
    ("payment.treasury_list", "生成退库清单"),
    ("payment.treasury_off", "把退款移出退库清单"),
    ("payment.treasury_rest", "退款转国库退库"),
    ("payment.void", "作废缴费单"),
    ("photo.export", "导出照片审核记录"),
    ("photo.claim", "领取照片"),
    ("photo.decide", "审核照片"),
    ("photo.reopen", "重新审核照片"),
    ("photo.upload", "上传照片"),
    ("profile.save", "保存个人信息"),
    ("review.unveil", "查看遮蔽的信息"),
    ("rehearsal.candidates", "要求生成演练考生"),
    ("rehearsal.sheet", "下载演练登录表"),
    ("rehearsal.wipe", "清除演练考试"),
    ("rehearsal.wiped", "演练考试已清除"),
    ("review.export", "导出资格审查名单"),
    ("payment.export", "导出缴费单"),
    ("payment.discrepancies_export", "导出异常单"),
    ("score.check", "核对成绩"),
    ("score.discard", "放弃成绩"),
    ("score.import", "导入成绩"),
    ("score.publish", "公布成绩"),
    ("session.logout", "退出登录"),
    ("site.put", "写入系统标记"),
    ("staff.export", "导出工作人员账号"),
    ("staff.change", "修改工作人员"),
    ("staff.create", "新建工作人员"),
    ("staff.factor_reset", "作废工作人员验证器"),
    ("staff.login", "工作人员登录"),
    ("staff.login_failed", "工作人员登录失败"),
    ("staff.password_accepted", "密码核对通过"),
    ("staff.reset", "重置工作人员密码"),
    ("staff.set_password", "修改工作人员密码"),
    ("staff.set_state", "启用或停用工作人员"),
    ("ticket.give", "生成准考证号"),
    ("ticket.template", "修改准考证版式"),
    ("ticket.template_use", "启用准考证版式"),
    ("venue.import", "导入考点考场"),
    ("venue.retire", "停用考点"),
    ("venue.save", "修改考点"),
    ("venue.take", "选用考场"),
    ("waiver.ask", "申请减免"),
    ("waiver.export", "导出减免申请"),
    ("waiver.grant", "同意减免"),
    ("waiver.look", "查看减免材料"),
    ("waiver.reject", "不同意减免"),
    ("waiver.settled", "减免退款的结果"),
    ("waiver.statistics_export", "导出减免统计"),
    ("waiver.withdraw", "撤回减免申请"),
];

fn word<'a>(list: &'a [(&str, &'a str)], code: &'a str) -> &'a str {
    list.iter()
        .find(|(known, _)| *known == code)
        .map_or(code, |(_, text)| *text)
}

/// Who acts, in words.
pub(super) fn kind(code: &str) -> &str {
    word(&KINDS, code)
}

/// Who it was: his name, or what kind of asker; for a login that failed, whose account was tried.
pub(super) fn actor(row: &ListedRow) -> String {
    match (&row.actor, row.is_try(), &row.object) {
        (Some(name), _, _) => name.clone(),
        (None, true, Some(name)) => format!("未登录（试登 {name}，未成功）"),
        (None, true, None) => "未登录（试登，没有这个用户名）".to_owned(),
        (None, false, _) => kind(&row.actor_kind).to_owned(),
    }
}

/// What was acted on, in words.
pub(super) fn object(code: &str) -> &str {
    word(after::OBJECTS, word(&OBJECTS, code))
}

/// What was done, in words.
pub(super) fn action(code: &str) -> &str {
    word(after::ACTIONS, word(ACTIONS, code))
}

/// Every action.
fn actions() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    ACTIONS.iter().chain(after::ACTIONS)
}

/// The code of an action that was typed in words or as a code.
pub(super) fn action_code(typed: &str) -> &str {
    let typed = typed.trim();
    actions()
        .find(|(_, text)| *text == typed)
        .map_or(typed, |(code, _)| *code)
}

/// What to write instead of an action that there isn't: those that are called nearly so.
pub(super) fn near(typed: &str) -> Option<String> {
    let typed = typed.trim();
    if typed.is_empty() || is_action(typed) {
        return None;
    }
    let mut near: Vec<&str> = actions().map(|(_, text)| *text).collect();
    near.retain(|text| text.contains(typed));
    near.sort_unstable();
    near.dedup();
    Some(if near.is_empty() {
        format!("没有叫“{typed}”的动作。写法与列表“动作”一栏相同。")
    } else {
        format!("没有叫“{typed}”的动作。相近的有：{}。", near.join("、"))
    })
}

/// Whether something is called that, by its code or in words.
pub(super) fn is_action(typed: &str) -> bool {
    let code = action_code(typed);
    actions().any(|(known, _)| *known == code)
}

/// Names of what the detail holds.
const NAMES: &[(&str, &str)] = &[
    ("about", "通知"),
    ("action", "动作"),
    ("by_name", "按姓名查找"),
    ("by_number", "按编号查找"),
    ("cut", "未写完"),
    ("format", "文件格式"),
    ("not", "除此以外"),
    ("reason_code", "原因"),
    ("review", "审查状态"),
    ("role", "角色"),
    ("unit", "单位"),
    ("verdict", "系统比对"),
    ("account", "账号编号"),
    ("after", "之后"),
    ("amount", "金额（元）"),
    ("approval", "复核编号"),
    ("approve", "同意"),
    ("attempt", "支付编号"),
    ("batch", "批次编号"),
    ("before", "之前"),
    ("by", "方式"),
    ("changed", "变动数"),
    ("channel", "渠道"),
    ("channel_no", "渠道交易号"),
    ("checked_by", "核对人编号"),
    ("code", "代码"),
    ("count", "人数"),
    ("counters", "清除的计数"),
    ("currency", "币种"),
    ("delay", "等待（秒）"),
    ("device", "手机编号"),
    ("devices", "手机数量"),
    ("ended", "结束的登录"),
    ("enrolled", "首次绑定"),
    ("event", "事件"),
    ("factor", "动态码"),
    ("file", "文件"),
    ("found", "找到"),
    ("from", "从"),
    ("held", "领取数"),
    ("imported_by", "导入人编号"),
    ("kind", "种类"),
    ("late", "只看超时限"),
    ("left_out", "未导入"),
    ("marks", "核验条数"),
    ("merchant", "商户"),
    ("merchant_no", "商户单号"),
    ("missing", "缺少"),
    ("mobile_verified", "手机已验证"),
    ("name", "姓名"),
    ("news", "变化"),
    ("note", "说明"),
    ("numbers", "个数"),
    ("object", "对象编号"),
    ("of", "所属编号"),
    ("opens", "进入"),
    ("options", "编排方式"),
    ("order", "缴费单"),
    ("order_no", "缴费单号"),
    ("outcome", "结果"),
    ("paid", "已支付"),
    ("paid_at", "支付时间"),
    ("paper", "文件种类"),
    ("part", "部分"),
    ("people", "人数"),
    ("plan", "编排"),
    ("reason", "原因"),
    ("refund_no", "退款单号"),
    ("replaces", "替换"),
    ("results", "成绩数"),
    ("roles", "角色"),
    ("rooms", "考场"),
    ("rows", "行数"),
    ("seats", "座位"),
    ("session", "场次"),
    ("sheet", "工作表"),
    ("site_no", "考点号"),
    ("slips", "授权单"),
    ("slug", "页面"),
    ("source", "来源"),
    ("special", "合理便利"),
    ("state", "状态"),
    ("title", "标题"),
    ("to", "到"),
    ("too_late", "已过截止"),
    ("valid", "有效时间"),
    ("value", "值"),
    ("verified", "手机已验证"),
    ("version", "版本"),
    ("visible_at", "公布时间"),
    ("was", "原状态"),
    ("what", "内容"),
    ("whom", "账号标识"),
    ("why", "原因"),
    ("kinds", "种类"),
    ("files", "文件数"),
    ("pages", "页数"),
    ("sites", "考点"),
    ("sessions", "场次"),
    ("photos", "带照片"),
    ("whole_numbers", "完整证件号码"),
    ("invigilators", "监考员人数"),
];

/// What a value that the trail keeps as a code is called; what is no code stays as it is.
fn value_word(name: &str, value: String) -> String {
    let label = match name {
        "state" | "was" | "before" | "after" | "review" => Review::from_code(&value)
            .map(Review::label)
            .or_else(|| STATES.iter().find(|one| one.0 == value).map(|one| one.1)),
        "verdict" => Verdict::from_code(&value).map(Verdict::label),
        "role" | "roles" => Role::from_code(&value).map(Role::label),
        "event" | "decision" | "outcome" | "results" => {
            STATES.iter().find(|one| one.0 == value).map(|one| one.1)
        }
        "reason_code" | "code" | "reason" | "why" => {
            let all = [
                ReasonKind::PhotoReject,
                ReasonKind::Return,
                ReasonKind::Reject,
            ];
            let mut all = all.into_iter().flat_map(reason::templates);
            all.find(|one| one.code == value).map(|one| one.title)
        }
        _ => None,
    };
    label.map_or(value, str::to_owned)
}

/// States and words of people that belong to several features.
const STATES: &[(&str, &str)] = &[
    ("active", "正常"),
    ("approve", "通过"),
    ("approved", "已通过"),
    ("asked", "已提出"),
    ("disabled", "已停用"),
    ("published", "已公布"),
    ("reject", "不通过"),
    ("rejected", "未通过"),
    ("requested", "已申请"),
    ("return", "退回补充"),
    ("withdrawn", "已撤回"),
];

/// A detail as pairs of name and value, in its own order; empty values are left out.
pub(super) fn pairs(detail: &str) -> Vec<(String, String)> {
    let Ok(serde_json::Value::Object(map)) = serde_json::from_str(detail) else {
        return vec![(String::new(), detail.to_owned())];
    };
    map.into_iter()
        .filter_map(|(name, value)| {
            let text = match value {
                serde_json::Value::String(text) => value_word(&name, text),
                serde_json::Value::Number(number) if name == "amount" => number
                    .as_i64()
                    .map_or_else(String::new, |fen| Fen::new(fen).yuan()),
                serde_json::Value::Array(list) => {
                    let texts = list.into_iter().map(|one| match one {
                        serde_json::Value::String(text) => value_word(&name, text),
                        other => other.to_string(),
                    });
                    texts.collect::<Vec<_>>().join("、")
                }
                serde_json::Value::Null => String::new(),
                serde_json::Value::Bool(yes) => if yes { "是" } else { "否" }.to_owned(),
                other => other.to_string(),
            };
            (!text.is_empty()).then(|| (word(NAMES, &name).to_owned(), text))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_put_into_words_and_back() {
        assert_eq!(action("photo.decide"), "审核照片");
        assert_eq!(action("new.thing"), "new.thing");
        assert_eq!(action_code(" 审核照片 "), "photo.decide");
        assert_eq!(action_code("photo.decide"), "photo.decide");
        assert_eq!(near("审核照片"), None);
        assert_eq!(near(""), None);
        let text = near("登录失败").unwrap();
        assert!(
            text.contains("工作人员登录失败") && !text.contains("审核照片"),
            "{text}"
        );
        assert!(near("没有这种事").unwrap().contains("没有叫"));
        let mut codes: Vec<_> = actions().map(|(code, _)| code).collect();
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all);
    }

    #[test]
    fn a_detail_is_shown_pair_by_pair_without_what_is_empty() {
        assert_eq!(
            pairs(r#"{"reason":"","state":"approved","rows":12}"#),
            [
                ("行数".to_owned(), "12".to_owned()),
                ("状态".to_owned(), "审核通过".to_owned()),
            ]
        );
        assert_eq!(pairs("{}"), []);
        assert_eq!(pairs("x"), [(String::new(), "x".to_owned())]);
    }
}
