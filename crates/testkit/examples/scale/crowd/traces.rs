//! What candidates leave behind besides their application: orders, seats, messages, and what is rare.

use super::*;

impl Crowd<'_> {
    pub(super) fn money(&mut self, n: i64, (application, exam): (i64, i64), paid: bool, at: i64) {
        let expires = self.opens.micros() + 13 * 86_400_000_000;
        let state = match (paid, mixed(n, 9) % 10) {
            (true, _) => "paid",
            (false, 0) => "paying",
            (false, _) => "unpaid",
        };
        let mut told = vec![
            ("id", int(application)),
            ("public_id", public('q', n)),
            ("order_no", text(format!("JF260310{n:08}"))),
            ("application_id", int(application)),
            ("exam_id", int(exam)),
            ("account_id", int(application)),
            ("amount", int(10_000)),
            ("state", text(state)),
            ("expires_at", int(expires)),
            ("created_at", int(at)),
            ("version", int(1)),
        ];
        if paid {
            told.extend([
                ("credited_attempt", int(application)),
                ("paid_at", int(at + 1)),
            ]);
        }
        self.bulk.put("payment_order", &told);
        if state == "unpaid" {
            return;
        }
        let merchant_no = format!("P20260310080000{n:08}");
        let mut told = vec![
            ("id", int(application)),
            ("order_id", int(application)),
            ("channel", text("wechat")),
            ("merchant", text("m")),
            ("merchant_no", text(&*merchant_no)),
            ("amount", int(10_000)),
            ("state", text(if paid { "succeeded" } else { "submitted" })),
            ("expires_at", int(expires)),
            ("created_at", int(at)),
            ("version", int(1)),
        ];
        if paid {
            told.extend([("received", int(10_000)), ("paid_at", int(at + 1))]);
        }
        self.bulk.put("payment_attempt", &told);
        if !paid {
            return;
        }
        self.bulk.put(
            "gateway_event",
            &[
                ("id", int(application)),
                ("channel", text("wechat")),
                ("body_hash", Value::Blob(n.to_le_bytes().to_vec())),
                ("source", text("notice")),
                ("merchant_no", text(&*merchant_no)),
                ("outcome", text("paid")),
                ("received_at", int(at + 1)),
            ],
        );
        for (place, book, debit, credit) in
            [(0, "channel:wechat", 10_000, 0), (1, "fees", 0, 10_000)]
        {
            self.bulk.put(
                "ledger_entry",
                &[
                    ("id", int(application + place)),
                    ("posting", int(application)),
                    ("book", text(book)),
                    ("debit", int(debit)),
                    ("credit", int(credit)),
                    ("order_id", int(application)),
                    ("attempt_id", int(application)),
                    ("at", int(at + 1)),
                ],
            );
        }
        if mixed(n, 10).is_multiple_of(200) {
            let open = mixed(n, 11).is_multiple_of(4);
            let mut told = vec![
                ("id", int(application)),
                ("public_id", public('d', n)),
                ("kind", text("hold")),
                ("channel", text("wechat")),
                ("merchant_no", text(&*merchant_no)),
                ("order_id", int(application)),
                ("amount", int(10_000)),
                ("detail", text("{}")),
                ("state", text(if open { "open" } else { "resolved" })),
                ("created_at", int(at)),
            ];
            if !open {
                told.extend([
                    ("resolved_by", int(self.cast.second)),
                    ("resolved_at", int(at + 9)),
                ]);
            }
            self.bulk.put("discrepancy", &told);
        }
    }

    pub(super) fn seat(&mut self, application: i64, exam: i64, place: i64) {
        let ticket_no = format!("{}", 20_260_400_000_i64 + place);
        let (plan, batch) = (self.cast.plan, self.cast.batch);
        if place % 30 == 0 {
            self.bulk.put(
                "seat_room",
                &[
                    ("plan_id", int(plan)),
                    ("room_no", int(place / 30 + 1)),
                    ("site_no", int(place / 1_200 + 1)),
                    ("site_name", text(format!("第{}中学", place / 1_200 + 1))),
                    ("site_address", text("人民路 1 号")),
                    ("room_name", text(format!("{}", place / 30 % 40 + 101))),
                    ("capacity", int(30)),
                    ("people", int(30)),
                    ("usage", text("standard")),
                ],
            );
        }
        self.bulk.put(
            "seat",
            &[
                ("plan_id", int(plan)),
                ("application_id", int(application)),
                ("session", int(1)),
                ("room_no", int(place / 30 + 1)),
                ("seat_no", int(place % 30 + 1)),
                ("ticket_no", text(&*ticket_no)),
            ],
        );
        self.bulk.put(
            "ticket_number",
            &[
                ("exam_id", int(exam)),
                ("ticket_no", text(&*ticket_no)),
                ("application_id", int(application)),
                ("given_at", int(self.opens.micros())),
            ],
        );
        let mark = 40 + place % 60;
        self.bulk.put(
            "score",
            &[
                ("batch_id", int(batch)),
                ("application_id", int(application)),
                ("subject_code", text("11")),
                ("subject_name", text("职业能力倾向测验")),
                ("mark", text(format!("{mark}.5"))),
                ("flag", text("normal")),
            ],
        );
        self.bulk.put(
            "score_total",
            &[
                ("batch_id", int(batch)),
                ("application_id", int(application)),
                ("total", text(format!("{mark}.50"))),
            ],
        );
    }

    pub(super) fn sms(&mut self, id: i64, at: i64, dice: u64) {
        let state = match dice {
            0..3 => "failed",
            3..8 => "queued",
            _ => "sent",
        };
        let mut told = vec![
            ("id", int(id)),
            ("account_id", int(id)),
            ("template", text("review_approved")),
            (
                "recipient",
                self.sealed("outbox_message", "recipient", id, "13900000000"),
            ),
            ("params", self.sealed("outbox_message", "params", id, "[]")),
            ("state", text(state)),
            ("tries", int(1)),
            ("next_at", int(at)),
            ("created_at", int(at)),
        ];
        match state {
            "sent" => told.push(("sent_at", int(at + 1))),
            "failed" => told.push(("error", text("渠道没有回应"))),
            _ => {}
        }
        self.bulk.put("outbox_message", &told);
    }

    /// What happens to few: records, claims, requests.
    pub(super) fn rare(&mut self, n: i64, account: i64, (name, number, at): (&str, &str, i64)) {
        let dice = mixed(n, 12) % 1_000;
        if dice < 2 {
            let index = self.t.keyring.blind_index();
            self.bulk.put(
                "integrity_record",
                &[
                    ("id", int(account)),
                    ("public_id", public('i', n)),
                    (
                        "id_index",
                        Value::Blob(index.index("account.id_number", number).to_vec()),
                    ),
                    ("name", text(name)),
                    ("kind", text("dishonest")),
                    ("source", text("人社处〔2025〕1 号")),
                    ("reason", text("提供虚假材料")),
                    ("starts_on", text("2020-01-01")),
                    ("ends_on", text("2024-12-31")),
                    ("created_by", int(self.cast.first)),
                    ("created_at", int(at)),
                ],
            );
        }
        if (2..4).contains(&dice) {
            let open = n % 3 == 0;
            let mut told = vec![
                ("id", int(account)),
                ("public_id", public('k', n)),
                ("account_id", int(account)),
                ("name", text(name)),
                (
                    "mobile",
                    self.sealed("account_claim", "mobile", account, "13900000000"),
                ),
                ("mobile_index", Value::Blob(vec![1; 32])),
                ("statement", text("不是我注册的")),
                ("state", text(if open { "open" } else { "refused" })),
                ("created_at", int(at)),
            ];
            if !open {
                told.extend([
                    ("checked_by", int(self.cast.first)),
                    ("checked_at", int(at + 1)),
                    ("decided_by", int(self.cast.second)),
                    ("decided_at", int(at + 2)),
                ]);
            }
            self.bulk.put("account_claim", &told);
        }
        if (4..6).contains(&dice) {
            let open = n % 3 == 0;
            let mut told = vec![
                ("id", int(account)),
                ("public_id", public('r', n)),
                ("kind", text("mobile_change")),
                ("object_id", int(account)),
                ("payload", self.sealed("approval", "payload", account, "{}")),
                ("reason", text("原手机已停用")),
                ("state", text(if open { "open" } else { "approved" })),
                ("requested_by", int(self.cast.first)),
                ("requested_at", int(at)),
            ];
            if !open {
                told.extend([
                    ("decided_by", int(self.cast.second)),
                    ("decided_at", int(at + 1)),
                ]);
            }
            self.bulk.put("approval", &told);
        }
    }
}
