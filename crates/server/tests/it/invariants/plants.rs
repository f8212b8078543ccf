//! What is broken on purpose, one thing at a time.

/// What is done to the data, how it is undone, and which invariant it breaks.
pub(super) struct Plant {
    pub(super) breaks: &'static str,
    pub(super) plant: Vec<&'static str>,
    pub(super) undo: Vec<&'static str>,
}

fn plant(breaks: &'static str, plant: &[&'static str], undo: &[&'static str]) -> Plant {
    Plant {
        breaks,
        plant: plant.to_vec(),
        undo: undo.to_vec(),
    }
}

/// Corruptions that one text makes on both databases.
pub(super) fn plants() -> Vec<Plant> {
    vec![
        plant(
            "公布的名单由一人生成、另一人核对，更改写明理由",
            &["UPDATE selection_round SET published_by = NULL WHERE id = 400"],
            &["UPDATE selection_round SET published_by = 1 WHERE id = 400"],
        ),
        plant(
            "名单到公布的时间才办理",
            &["UPDATE selection_round SET carried_at = 0 WHERE id = 400"],
            &["UPDATE selection_round SET carried_at = 1 WHERE id = 400"],
        ),
        plant(
            "入围人员的进程自洽，不利的结果由两人办理",
            &["UPDATE contender SET stage = 'background' WHERE application_id = 100"],
            &["UPDATE contender SET stage = 'medical' WHERE application_id = 100"],
        ),
        plant(
            "入围人员的进程自洽，不利的结果由两人办理",
            &[
                "UPDATE contender_step SET actor_kind = 'staff', asked_by = 1, event = 'reinstate' WHERE id = 500",
            ],
            &[
                "UPDATE contender_step SET actor_kind = 'system', asked_by = 0, event = 'to_medical' WHERE id = 500",
            ],
        ),
        plant(
            "递补按名次进行",
            &[
                "UPDATE selection_row SET verdict = 'beyond' WHERE application_id = 101",
                "UPDATE contender SET promoted = 'interview', rank = 2 WHERE application_id = 100",
            ],
            &[
                "UPDATE contender SET promoted = '', rank = 1 WHERE application_id = 100",
                "UPDATE selection_row SET verdict = 'tie' WHERE application_id = 101",
            ],
        ),
        plant(
            "入围名单与成绩和规则相符",
            &["UPDATE selection_row SET rank = 2 WHERE application_id = 101"],
            &["UPDATE selection_row SET rank = 1 WHERE application_id = 101"],
        ),
        plant(
            "同一岗位在体检以后各环节的不超过招聘人数",
            &["UPDATE position SET headcount = 0 WHERE id = 1"],
            &["UPDATE position SET headcount = 1 WHERE id = 1"],
        ),
        plant(
            "截止之前支付的才算缴费",
            &["UPDATE payment_order SET expires_at = 1 WHERE id = 200"],
            &["UPDATE payment_order SET expires_at = 2 WHERE id = 200"],
        ),
        plant(
            "缴费单的状态与入账相符",
            &["UPDATE payment_order SET paid_at = NULL WHERE id = 200"],
            &["UPDATE payment_order SET paid_at = 1 WHERE id = 200"],
        ),
        plant(
            "报名的状态自洽，都从提交开始",
            &["UPDATE application_event SET event = 'submit' WHERE id = 1001"],
            &["UPDATE application_event SET event = 'approve' WHERE id = 1001"],
        ),
        plant(
            "报名的状态自洽，都从提交开始",
            &["UPDATE application SET end_reason = 'withdrawn' WHERE id = 100"],
            &["UPDATE application SET end_reason = '' WHERE id = 100"],
        ),
        plant(
            "报名的每一步都在规定的时间之内",
            &["UPDATE application_event SET at = 1000 WHERE id = 1000"],
            &["UPDATE application_event SET at = 0 WHERE id = 1000"],
        ),
        plant(
            "报名的每一步都在规定的时间之内",
            &["UPDATE application_event SET at = -1 WHERE id = 1011"],
            &["UPDATE application_event SET at = 0 WHERE id = 1011"],
        ),
        plant(
            "已发布考试的时间只延不缩，每次都有记录和原因",
            &["UPDATE exam SET registration_closes = 2000 WHERE id = 1"],
            &["UPDATE exam SET registration_closes = 1000 WHERE id = 1"],
        ),
        plant(
            "已发布考试的时间只延不缩，每次都有记录和原因",
            &["UPDATE exam_settings SET settings = '{}' WHERE exam_id = 1"],
            &[
                "UPDATE exam_settings SET settings = (SELECT settings FROM exam WHERE id = 1) WHERE exam_id = 1",
            ],
        ),
        plant(
            "已发布考试的时间只延不缩，每次都有记录和原因",
            &[
                "INSERT INTO exam_settings (exam_id, version, settings, reason, changed_by, changed_at) \
                 SELECT exam_id, 2, settings, '', 1, 5 FROM exam_settings",
                "UPDATE exam SET settings_version = 2 WHERE id = 1",
            ],
            &[
                "UPDATE exam SET settings_version = 1 WHERE id = 1",
                "DELETE FROM exam_settings WHERE version = 2",
            ],
        ),
        plant(
            "准考证只在规定的时间内打印",
            &["UPDATE ticket_print SET last_at = 10 WHERE application_id = 100"],
            &["UPDATE ticket_print SET last_at = 1 WHERE application_id = 100"],
        ),
        plant(
            "编排公布之前没有人打印过准考证",
            &["UPDATE seat_plan SET published_at = 2 WHERE id = 10"],
            &["UPDATE seat_plan SET published_at = 1 WHERE id = 10"],
        ),
        plant(
            "成绩到约定的时间才可以查询",
            &["UPDATE exam SET score_visible_at = 0 WHERE id = 1"],
            &["UPDATE exam SET score_visible_at = 1 WHERE id = 1"],
        ),
        plant(
            "没有激活的注册没有密码，激活过的没有激活凭据",
            &["UPDATE account SET activation_code_hash = mobile_index WHERE name = '李四'"],
            &["UPDATE account SET activation_code_hash = NULL WHERE name = '李四'"],
        ),
        plant(
            "没有激活的注册没有密码，激活过的没有激活凭据",
            &["UPDATE account SET lapses_at = 9 WHERE name = '李四'"],
            &["UPDATE account SET lapses_at = NULL WHERE name = '李四'"],
        ),
        plant(
            "要求核验通过的报名，保存时都有一致的结果，不一致的没有",
            &[
                "INSERT INTO application_check (application_id, exam_id, kind, demand, verdict, at) VALUES (100, 1, 'identity', 'needed', 'unknown', 1)",
            ],
            &["DELETE FROM application_check"],
        ),
        plant(
            "人工认定的核验都由两人办理，导入的结果每个人都有",
            &[
                "INSERT INTO check_item (id, public_id, kind, account_id, subject, source, verdict, reference, answered_at, due_at) \
               SELECT 1, 'x', 'identity', id, id_index, 'staff', 'match', 'nobody', 1, 1 FROM account WHERE name = '李四'",
            ],
            &["DELETE FROM check_item"],
        ),
        plant(
            "报名的每一步都有操作日志",
            &["UPDATE application_event SET application_id = 101 WHERE id = 1002"],
            &["UPDATE application_event SET application_id = 100 WHERE id = 1002"],
        ),
        plant(
            "渠道收到的每一笔钱都落在一张已支付的缴费单上，或已发起退款",
            &["UPDATE payment_order SET state = 'voided' WHERE id = 200"],
            &["UPDATE payment_order SET state = 'paid' WHERE id = 200"],
        ),
        plant(
            "已缴费的报名都有一张已支付的缴费单",
            &["UPDATE payment_order SET state = 'expired' WHERE id = 201"],
            &["UPDATE payment_order SET state = 'paid' WHERE id = 201"],
        ),
        plant(
            "入账的支付都有渠道凭据",
            &["UPDATE gateway_event SET merchant_no = 'other' WHERE id = 300"],
            &["UPDATE gateway_event SET merchant_no = 'M0' WHERE id = 300"],
        ),
        plant(
            "应收、发起、实收金额一致",
            &["UPDATE payment_attempt SET amount = 99 WHERE id = 300"],
            &["UPDATE payment_attempt SET amount = 100 WHERE id = 300"],
        ),
        plant(
            "每笔账借贷相等",
            &["UPDATE ledger_entry SET credit = 99 WHERE id = 1001"],
            &["UPDATE ledger_entry SET credit = 100 WHERE id = 1001"],
        ),
        plant(
            "渠道实收与账本一致",
            &[
                "UPDATE ledger_entry SET debit = 90 WHERE id = 1000",
                "UPDATE ledger_entry SET credit = 90 WHERE id = 1001",
            ],
            &[
                "UPDATE ledger_entry SET debit = 100 WHERE id = 1000",
                "UPDATE ledger_entry SET credit = 100 WHERE id = 1001",
            ],
        ),
        plant(
            "渠道以外的收入与账本一致",
            &[
                "INSERT INTO hand_revenue (day, book, exam_id, payments, paid, refunds, refunded) VALUES ('2026-03-16', 'offline', 1, 1, 5, 0, 0)",
            ],
            &["DELETE FROM hand_revenue"],
        ),
        plant(
            "已取消的岗位上没有有效报名，改报期内的除外",
            &["UPDATE position SET state = 'cancelled' WHERE id = 1"],
            &["UPDATE position SET state = 'open' WHERE id = 1"],
        ),
        plant(
            "岗位取消后，已缴的费用已退或正在退",
            &[
                "UPDATE application SET life = 'ended', end_reason = 'position_cancelled' WHERE id = 100",
            ],
            &["UPDATE application SET life = 'live', end_reason = '' WHERE id = 100"],
        ),
        plant(
            "岗位名额不超限，且与报名逐条相符",
            &["UPDATE position SET taken = 1 WHERE id = 1"],
            &["UPDATE position SET taken = 2 WHERE id = 1"],
        ),
        plant(
            "岗位的实时统计与报名逐条相符",
            &["UPDATE position_count SET paid = 1 WHERE position_id = 1"],
            &["UPDATE position_count SET paid = 2 WHERE position_id = 1"],
        ),
        plant(
            "考试和单位的实时统计与报名逐条相符",
            &["UPDATE unit_count SET paid = 1 WHERE exam_id = 1"],
            &["UPDATE unit_count SET paid = 2 WHERE exam_id = 1"],
        ),
        plant(
            "编入考场的有效报名都已通过审核并缴费",
            &["UPDATE application SET payment = 'due' WHERE id = 100"],
            &["UPDATE application SET payment = 'paid' WHERE id = 100"],
        ),
        plant(
            "审核通过的内容就是考生提交的内容",
            &[
                "UPDATE review_decision SET snapshot_hash = mac FROM (SELECT mac FROM audit_entry LIMIT 1) AS x WHERE id = 100",
            ],
            &[
                "UPDATE review_decision SET snapshot_hash = (SELECT snapshot_hash FROM application WHERE id = 101) WHERE id = 100",
            ],
        ),
        plant(
            "退回和不通过都写明了理由",
            &["UPDATE review_decision SET decision = 'reject' WHERE id = 100"],
            &["UPDATE review_decision SET decision = 'approve' WHERE id = 100"],
        ),
        plant(
            "座位不重号，考场不超员",
            &["UPDATE seat_room SET capacity = 1 WHERE plan_id = 10"],
            &["UPDATE seat_room SET capacity = 2 WHERE plan_id = 10"],
        ),
        plant(
            "考试采用的编排是它自己已公布的一份，座位数相符",
            &["UPDATE seat_plan SET seats = 3 WHERE id = 10"],
            &["UPDATE seat_plan SET seats = 2 WHERE id = 10"],
        ),
        plant(
            "一次考试只有一份公布中的编排",
            &["UPDATE exam SET seat_plan = 11 WHERE id = 1"],
            &["UPDATE exam SET seat_plan = 10 WHERE id = 1"],
        ),
        plant(
            "准考证号唯一、不重用，与编排一致",
            &["UPDATE ticket_number SET application_id = 999 WHERE ticket_no = 'T0'"],
            &["UPDATE ticket_number SET application_id = 100 WHERE ticket_no = 'T0'"],
        ),
        plant(
            "公布的成绩由一人导入、另一人核对，更改写明理由",
            &["UPDATE score_batch SET checked_by = NULL WHERE id = 20"],
            &["UPDATE score_batch SET checked_by = 2 WHERE id = 20"],
        ),
        plant(
            "考试公布的成绩是它自己已公布的一批",
            &["UPDATE exam SET score_batch = 21 WHERE id = 1"],
            &["UPDATE exam SET score_batch = 20 WHERE id = 1"],
        ),
        plant(
            "导入的成绩一行不少，都属于本考试的报名",
            &["UPDATE score_batch SET matched = 3 WHERE id = 20"],
            &["UPDATE score_batch SET matched = 2 WHERE id = 20"],
        ),
        plant(
            "放弃的编排没有留下座位",
            &["UPDATE seat_plan SET state = 'discarded' WHERE id = 10"],
            &["UPDATE seat_plan SET state = 'published' WHERE id = 10"],
        ),
        plant(
            "放弃的成绩没有留下单科成绩和总成绩",
            &["UPDATE score_batch SET state = 'discarded' WHERE id = 20"],
            &["UPDATE score_batch SET state = 'published' WHERE id = 20"],
        ),
        plant(
            "总成绩由单科成绩重新算出，分毫不差",
            &["UPDATE score_total SET total = '80.51' WHERE application_id = 100"],
            &["UPDATE score_total SET total = '80.50' WHERE application_id = 100"],
        ),
        plant(
            "缴费单、照片、材料都属于报名者本人",
            &[
                "UPDATE payment_order SET account_id = (SELECT account_id FROM application WHERE id = 101) WHERE id = 200",
            ],
            &[
                "UPDATE payment_order SET account_id = (SELECT account_id FROM application WHERE id = 100) WHERE id = 200",
            ],
        ),
        plant(
            "演练考试的报名都来自它的演练考生，演练考生不报别的考试",
            &["UPDATE account SET rehearsal_exam = 1 WHERE name = '张三'"],
            &["UPDATE account SET rehearsal_exam = NULL WHERE name = '张三'"],
        ),
        plant(
            "演练考试的报名都来自它的演练考生，演练考生不报别的考试",
            &["UPDATE exam SET rehearsal = 1 WHERE id = 1"],
            &["UPDATE exam SET rehearsal = NULL WHERE id = 1"],
        ),
        plant(
            "演练考试的名称都带演练标记，其他考试的都不带",
            &["UPDATE exam SET rehearsal = 1 WHERE id = 1"],
            &["UPDATE exam SET rehearsal = NULL WHERE id = 1"],
        ),
        plant(
            "演练考试只用演练支付，其他考试都不用",
            &["UPDATE payment_attempt SET channel = 'rehearsal' WHERE id = 300"],
            &["UPDATE payment_attempt SET channel = 'wechat' WHERE id = 300"],
        ),
        plant(
            "演练考试只用演练支付，其他考试都不用",
            &["UPDATE exam SET rehearsal = 1 WHERE id = 1"],
            &["UPDATE exam SET rehearsal = NULL WHERE id = 1"],
        ),
        plant(
            "演练考生没有发出或待发的短信",
            &[
                "UPDATE account SET rehearsal_exam = 1 WHERE name = '张三'",
                "INSERT INTO outbox_message (id, account_id, template, recipient, params, state, tries, next_at, created_at, sent_at, error) SELECT 77, id, 'x', id_index, id_index, 'sent', 1, 0, 0, 0, '' FROM account WHERE name = '张三'",
            ],
            &[
                "DELETE FROM outbox_message WHERE id = 77",
                "UPDATE account SET rehearsal_exam = NULL WHERE name = '张三'",
            ],
        ),
        plant(
            "停用的账号没有还能用的会话",
            &["UPDATE account SET state = 'frozen' WHERE name = '张三'"],
            &["UPDATE account SET state = 'active' WHERE name = '张三'"],
        ),
        plant(
            "一个人在一次考试中只有一个有效报名",
            &[
                "DROP INDEX application_live",
                "UPDATE application SET account_id = (SELECT account_id FROM application WHERE id = 100) WHERE id = 101",
            ],
            &[
                "UPDATE application SET account_id = (SELECT id FROM account WHERE name = '李四') WHERE id = 101",
            ],
        ),
        plant(
            "证件号、手机号能用现有密钥打开，检索值相符",
            &["UPDATE account SET mobile_index = id_index WHERE name = '张三'"],
            &[],
        ),
        plant(
            "操作日志完整，链条相接",
            &[
                "UPDATE audit_entry SET action = 'nothing' WHERE id = (SELECT MIN(id) FROM audit_entry)",
            ],
            &[],
        ),
    ]
}
