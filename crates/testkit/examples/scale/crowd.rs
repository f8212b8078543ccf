//! Candidates in bulk, with all that they leave behind them: the same for the same number.
//!
//! The `n`th of them is in one of three exams: a large one in the middle of its review (three of four), one that was seated
//! and marked (one of twenty-five), and one that takes fees (the rest).

mod traces;

use std::collections::BTreeMap;

use domain::application::Tally;
use domain::id_number::check_digit;
use domain::ids::IdMaker;
use domain::time::Timestamp;
use testkit::TestApp;
use vault::{FieldCipher, Mac as _, Place};

use crate::bulk::{Bulk, int, text};
use db::Value;

/// Candidates of one chunk: what is written together.
const CHUNK: i64 = 1_000;
/// Ids of one candidate's rows.
const ROOM: i64 = 64;

/// A position as the crowd needs it.
pub(crate) struct Post {
    pub(crate) id: i64,
    pub(crate) unit: String,
    pub(crate) choice: String,
}

/// An exam as the crowd needs it.
pub(crate) struct Stage {
    pub(crate) id: i64,
    pub(crate) posts: Vec<Post>,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Two levels of review, half done.
    Reviewing,
    /// Approved, paid, seated and marked, nearly all.
    Seated,
    /// One level of review, fees coming in.
    Paying,
}

/// Who decides and takes money, and the chain so far.
pub(crate) struct Cast {
    pub(crate) first: i64,
    pub(crate) second: i64,
    pub(crate) exams: [Stage; 3],
    pub(crate) plan: i64,
    pub(crate) batch: i64,
    /// Half of the trail, no chain, one file for all photos: 5 million fit on a small disk.
    pub(crate) lean: bool,
    pub(crate) head: (i64, Vec<u8>),
}

/// How far somebody has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Pending,
    First,
    Returned,
    Rejected,
    Appealed,
    Due,
    Paid,
}

impl Fate {
    fn of(kind: Kind, dice: u64) -> Self {
        let table: &[(u64, Self)] = match kind {
            Kind::Reviewing => &[
                (30, Self::Pending),
                (12, Self::First),
                (8, Self::Returned),
                (6, Self::Rejected),
                (2, Self::Appealed),
                (14, Self::Due),
            ],
            Kind::Seated => &[(5, Self::Rejected)],
            Kind::Paying => &[(10, Self::Pending), (5, Self::Rejected), (35, Self::Due)],
        };
        let mut drawn = dice % 100;
        for (share, fate) in table {
            if drawn < *share {
                return *fate;
            }
            drawn -= share;
        }
        Self::Paid
    }

    fn review(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::First => "first_approved",
            Self::Returned => "returned",
            Self::Rejected => "rejected",
            Self::Appealed => "appealed",
            Self::Due | Self::Paid => "approved",
        }
    }
}

/// Scrambles a number: the crowd's dice.
fn mixed(n: i64, salt: u64) -> u64 {
    let mut x = n.unsigned_abs() ^ (salt << 48) ^ 0x9e37_79b9_7f4a_7c15;
    for _ in 0..2 {
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    }
    x ^ (x >> 31)
}

const FAMILY: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹";
const GIVEN: &str = "伟芳娜敏静秀丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉建文斌宇浩凯健俊帆雪梅琳";

fn name(n: i64) -> String {
    let dice = mixed(n, 1);
    if dice.is_multiple_of(5_000) {
        return "张伟".into();
    }
    let pick = |from: &str, place: u64| {
        let count = u64::try_from(from.chars().count()).unwrap_or(1);
        let place = usize::try_from(place % count).unwrap_or(0);
        from.chars().nth(place).unwrap_or('一')
    };
    let mut name = String::from(pick(FAMILY, dice >> 8));
    name.push(pick(GIVEN, dice >> 20));
    if dice >> 60 > 2 {
        name.push(pick(GIVEN, dice >> 36));
    }
    name
}

/// A resident's number that no other of the crowd has.
fn number(n: i64) -> String {
    let (year, rest) = (1966 + n % 40, n / 40);
    let (month, rest) = (1 + rest % 12, rest / 12);
    let (day, rest) = (1 + rest % 28, rest / 28);
    let digits = format!("431003{year}{month:02}{day:02}{:03}", 1 + rest % 999);
    let check = check_digit(&digits).expect("seventeen digits");
    format!("{digits}{check}")
}

/// A name for addresses that grows, so that its index fills from one end.
fn public(table: char, n: i64) -> Value {
    text(format!("{table}x{n:011}"))
}

/// Counts as the statistics keep them.
#[derive(Default)]
struct Counts {
    posts: BTreeMap<i64, Tally>,
    units: BTreeMap<(i64, String), Tally>,
    /// Applied, approved, paid of an hour, by exam and unit.
    hours: BTreeMap<(i64, String, i64), [i64; 3]>,
    given: BTreeMap<i64, i64>,
}

fn add(tally: &mut Tally, fate: Fate) {
    tally.applied += 1;
    match fate {
        Fate::Pending => tally.pending += 1,
        Fate::First => tally.first_approved += 1,
        Fate::Returned => tally.returned += 1,
        Fate::Rejected => tally.rejected += 1,
        Fate::Appealed => tally.appealed += 1,
        Fate::Due | Fate::Paid => tally.approved += 1,
    }
    match fate {
        Fate::Due => tally.due += 1,
        Fate::Paid => tally.paid += 1,
        _ => {}
    }
}

fn tally(t: &Tally) -> [(&'static str, Value); 9] {
    [
        ("applied", int(t.applied)),
        ("pending", int(t.pending)),
        ("first_approved", int(t.first_approved)),
        ("returned", int(t.returned)),
        ("rejected", int(t.rejected)),
        ("appealed", int(t.appealed)),
        ("approved", int(t.approved)),
        ("due", int(t.due)),
        ("paid", int(t.paid)),
    ]
}

/// Makes the crowd.
pub(crate) struct Crowd<'a> {
    pub(crate) t: &'a TestApp,
    pub(crate) bulk: Bulk,
    pub(crate) cast: Cast,
    cipher: FieldCipher,
    counts: Counts,
    /// The first instant and the first id.
    opens: Timestamp,
    base: i64,
    seats: i64,
    shared: i64,
}

impl<'a> Crowd<'a> {
    pub(crate) async fn new(t: &'a TestApp, cast: Cast) -> Self {
        let opens = Timestamp::parse_local("2026-03-10 08:00").expect("a time");
        Self {
            bulk: Bulk::begin(&t.app).await,
            cipher: t.keyring.field_cipher(),
            counts: Counts::default(),
            base: IdMaker::floor(opens),
            opens,
            seats: 0,
            shared: 0,
            cast,
            t,
        }
    }

    fn sealed(&self, table: &'static str, column: &'static str, row: i64, clear: &str) -> Value {
        let place = Place { table, column, row };
        let mut nonce = [0u8; 12];
        nonce[..8].copy_from_slice(&row.to_le_bytes());
        nonce[8] = u8::try_from(column.len()).unwrap_or(0);
        Value::Blob(self.cipher.seal_with(place, clear.as_bytes(), nonce))
    }

    /// The plan and the batch of marks that the seated exam points to.
    pub(crate) async fn papers(&mut self, exam: i64) {
        self.bulk.put(
            "seat_plan",
            &[
                ("id", int(self.cast.plan)),
                ("public_id", text("plan00000001")),
                ("exam_id", int(exam)),
                ("version", int(1)),
                ("source", text("generated")),
                ("state", text("staging")),
                ("options", text("{}")),
                ("created_by", int(self.cast.first)),
                ("created_at", int(self.opens.micros())),
            ],
        );
        self.bulk.put(
            "score_batch",
            &[
                ("id", int(self.cast.batch)),
                ("public_id", text("batch0000001")),
                ("exam_id", int(exam)),
                ("version", int(1)),
                ("state", text("staging")),
                ("imported_by", int(self.cast.first)),
                ("imported_at", int(self.opens.micros())),
            ],
        );
        self.bulk.flush().await;
    }

    /// Makes `people` of them.
    pub(crate) async fn fill(&mut self, people: i64) {
        let span = 5 * 86_400_000_000_i64;
        self.shared_object();
        for n in 0..people {
            // Spread over five days, the newest last.
            let at = self.opens.micros() + span / people * n;
            self.one(n, at);
            if n % CHUNK == CHUNK - 1 {
                self.bulk.flush().await;
            }
            if n % 500_000 == 499_999 {
                eprintln!("{} of {people}", n + 1);
            }
        }
        self.bulk.flush().await;
        self.total().await;
        self.bulk.finish().await;
    }

    fn shared_object(&mut self) {
        self.shared = self.base - 1;
        let content = self.sealed("object", "content", self.shared, "photo");
        self.object(self.shared, content);
    }

    fn object(&mut self, id: i64, content: Value) {
        self.bulk.put(
            "object",
            &[
                ("id", int(id)),
                ("public_id", public('o', id - self.base + 1)),
                ("kind", text("photo")),
                ("owner_kind", text("account")),
                ("owner_id", int(id)),
                ("media_type", text("image/jpeg")),
                ("file_name", text("photo.jpg")),
                ("size", int(5)),
                ("content", content),
                ("created_at", int(self.opens.micros())),
            ],
        );
    }

    fn one(&mut self, n: i64, at: i64) {
        let id = self.base + n * ROOM;
        let name = name(n);
        let number = number(n);
        let mobile = format!("1{:010}", 3_000_000_000_i64 + n * 7);
        let index = self.t.keyring.blind_index();
        self.bulk.put(
            "account",
            &[
                ("id", int(id)),
                ("public_id", public('c', n)),
                ("state", text("active")),
                (
                    "id_type",
                    text(domain::id_number::IdType::ResidentCard.code()),
                ),
                (
                    "id_number",
                    self.sealed("account", "id_number", id, &number),
                ),
                (
                    "id_index",
                    Value::Blob(index.index("account.id_number", &number).to_vec()),
                ),
                ("name", text(&*name)),
                ("name_order", text(&*name)),
                ("mobile", self.sealed("account", "mobile", id, &mobile)),
                (
                    "mobile_index",
                    Value::Blob(index.index("account.mobile", &mobile).to_vec()),
                ),
                ("mobile_verified_at", int(at)),
                ("password_hash", text("-")),
                ("password_changed_at", int(at)),
                ("epoch", int(1)),
                ("created_at", int(at)),
                ("activated_at", int(at)),
                ("version", int(1)),
            ],
        );
        let photo = self.photo(n, id, at);
        let stage = match mixed(n, 2) % 100 {
            0..75 => 0,
            75..79 => 1,
            _ => 2,
        };
        self.application(n, stage, (id, photo), (&name, at));
        if mixed(n, 3).is_multiple_of(2) {
            self.sms(id, at, mixed(n, 4) % 100);
        }
        self.rare(n, id, (&name, &number, at));
    }

    fn photo(&mut self, n: i64, account: i64, at: i64) -> i64 {
        let object = if self.cast.lean {
            self.shared
        } else {
            let content = self.sealed("object", "content", account, "photo");
            self.object(account, content);
            account
        };
        let dice = mixed(n, 5) % 100;
        let state = match dice {
            0..25 => "pending",
            25..92 => "approved",
            _ => "rejected",
        };
        let mut told = vec![
            ("id", int(account)),
            ("public_id", public('p', n)),
            ("account_id", int(account)),
            ("state", text(state)),
            ("object_id", int(object)),
            ("width", int(295)),
            ("height", int(413)),
            ("hints", text("[]")),
            ("uploaded_at", int(at)),
            ("version", int(1)),
        ];
        if state != "pending" {
            told.extend([
                ("decided_by", int(self.cast.first)),
                ("decided_at", int(at + 1)),
            ]);
        }
        if state == "rejected" {
            told.extend([("reason_code", text("blur")), ("reason", text("照片模糊"))]);
        }
        self.bulk.put("photo", &told);
        account
    }

    fn application(
        &mut self,
        n: i64,
        stage: usize,
        (account, photo): (i64, i64),
        (name, at): (&str, i64),
    ) {
        let exam = &self.cast.exams[stage];
        let (exam_id, kind) = (exam.id, exam.kind);
        let places = u64::try_from(exam.posts.len()).unwrap_or(1);
        let post = usize::try_from(mixed(n, 6) % places).unwrap_or(0);
        let post = &exam.posts[post];
        let (post_id, unit, choice) = (post.id, post.unit.clone(), post.choice.clone());
        let fate = Fate::of(kind, mixed(n, 7));
        let given = self.counts.given.entry(exam_id).or_insert(0);
        *given += 1;
        let day = Timestamp::from_micros(at).date();
        let running = u32::try_from(*given).unwrap_or(1);
        let registration_no =
            domain::application::number::registration_no(day, running).expect("a number");
        let verdict = match mixed(n, 8) % 20 {
            0..15 => "pass",
            15..19 => "manual",
            _ => "fail",
        };
        let decided = at + 1_800_000_000;
        let waits = matches!(fate, Fate::Pending | Fate::First | Fate::Appealed);
        let due = match fate {
            Fate::Returned => self.opens.micros() + 20 * 86_400_000_000,
            _ if waits => at + 14 * 86_400_000_000,
            _ => 0,
        };
        let payment = match fate {
            Fate::Due => "due",
            Fate::Paid => "paid",
            _ => "none",
        };
        let hash = Value::Blob(n.to_le_bytes().to_vec());
        let mut told = vec![
            ("id", int(account)),
            ("public_id", public('a', n)),
            ("exam_id", int(exam_id)),
            ("account_id", int(account)),
            ("registration_no", text(&*registration_no)),
            ("position_id", int(post_id)),
            ("unit", text(&*unit)),
            ("choice", text(choice)),
            ("life", text("live")),
            ("review", text(fate.review())),
            ("review_due", int(due)),
            ("payment", text(payment)),
            ("attendance", text("none")),
            ("verdict", text(verdict)),
            ("name", text(name)),
            (
                "snapshot",
                self.sealed("application", "snapshot", account, "{}"),
            ),
            ("snapshot_hash", hash.clone()),
            (
                "answers",
                self.sealed("application", "answers", account, "{}"),
            ),
            ("settings_version", int(1)),
            ("agreement_version", int(1)),
            ("agreed_at", int(at)),
            ("photo_id", int(photo)),
            ("fee", int(10_000)),
            ("submitted_at", int(at)),
            ("changed_at", int(at)),
            ("version", int(1)),
        ];
        if fate != Fate::Pending {
            told.push(("review_at", int(decided)));
        }
        if fate == Fate::Paid {
            told.push(("paid_at", int(decided + 1)));
        }
        if matches!(fate, Fate::Rejected | Fate::Appealed) {
            told.extend([("rejections", int(1)), ("review_reason", text("专业不符"))]);
        }
        self.bulk.put("application", &told);
        if kind == Kind::Seated && fate == Fate::Paid {
            self.seat(account, exam_id, self.seats);
            self.seats += 1;
        }

        add(self.counts.posts.entry(post_id).or_default(), fate);
        add(
            self.counts
                .units
                .entry((exam_id, unit.clone()))
                .or_default(),
            fate,
        );
        let hour = |at: i64| at - at.rem_euclid(3_600_000_000);
        let mut gained = vec![(hour(at), 0)];
        if matches!(fate, Fate::Due | Fate::Paid) {
            gained.push((hour(decided), 1));
        }
        if fate == Fate::Paid {
            gained.push((hour(decided + 1), 2));
        }
        for (hour, place) in gained {
            for unit in [unit.as_str(), "*"] {
                let key = (exam_id, unit.to_owned(), hour);
                self.counts.hours.entry(key).or_default()[place] += 1;
            }
        }

        self.steps(n, (account, exam_id), (kind, fate), (at, decided), &hash);
        if matches!(fate, Fate::Due | Fate::Paid) {
            self.money(n, (account, exam_id), fate == Fate::Paid, decided);
        }
    }

    fn steps(
        &mut self,
        n: i64,
        (application, exam): (i64, i64),
        (kind, fate): (Kind, Fate),
        (at, decided): (i64, i64),
        hash: &Value,
    ) {
        let two = kind == Kind::Reviewing;
        let (first, second) = (self.cast.first, self.cast.second);
        let mut steps = vec![("submit", "candidate", application, at)];
        let mut decisions = Vec::new();
        match fate {
            Fate::Pending => {}
            Fate::First => decisions.push((1, "approve", first)),
            Fate::Returned => decisions.push((1, "return", first)),
            Fate::Rejected | Fate::Appealed => decisions.push((1, "reject", first)),
            Fate::Due | Fate::Paid => {
                decisions.push((1, "approve", first));
                if two {
                    decisions.push((2, "approve", second));
                }
            }
        }
        for (place, (level, decision, by)) in (0..).zip(&decisions) {
            steps.push((decision, "staff", *by, decided + place));
            self.bulk.put(
                "review_decision",
                &[
                    ("id", int(application + place)),
                    ("application_id", int(application)),
                    ("level", int(*level)),
                    ("decision", text(*decision)),
                    (
                        "reason",
                        text(if *decision == "approve" {
                            ""
                        } else {
                            "专业不符"
                        }),
                    ),
                    ("items", text("[]")),
                    ("snapshot_hash", hash.clone()),
                    ("decided_by", int(*by)),
                    ("decided_at", int(decided + place)),
                ],
            );
        }
        if fate == Fate::Appealed {
            steps.push(("appeal", "candidate", application, decided + 5));
        }
        if fate == Fate::Paid {
            steps.push(("pay", "gateway", 0, decided + 6));
        }
        if self.cast.lean && n % 2 == 1 {
            return;
        }
        for (place, (event, kind, by, at)) in (0..).zip(steps) {
            let id = application + place;
            self.bulk.put(
                "application_event",
                &[
                    ("id", int(id)),
                    ("application_id", int(application)),
                    ("at", int(at)),
                    ("actor_kind", text(kind)),
                    ("actor_id", int(by)),
                    ("event", text(event)),
                ],
            );
            self.audit(id, (kind, by), (application, exam), at);
        }
    }

    fn audit(
        &mut self,
        id: i64,
        who: (&'static str, i64),
        (application, exam): (i64, i64),
        at: i64,
    ) {
        let entry = domain::audit::Entry {
            id,
            at: Timestamp::from_micros(at),
            actor_kind: who.0,
            actor_id: who.1,
            action: "application.advance",
            object_kind: "application",
            object_id: application,
            exam_id: exam,
            request_id: "scale",
            detail: "{}",
        };
        let tag = self.t.keyring.audit_mac().sign(&entry.canonical());
        let mac = tag.bytes.clone();
        self.bulk.put(
            "audit_entry",
            &[
                ("id", int(id)),
                ("at", int(at)),
                ("actor_kind", text(who.0)),
                ("actor_id", int(who.1)),
                ("action", text(entry.action)),
                ("object_kind", text(entry.object_kind)),
                ("object_id", int(application)),
                ("exam_id", int(exam)),
                ("request_id", text(entry.request_id)),
                ("detail", text(entry.detail)),
                ("key_version", int(i64::from(tag.version))),
                ("mac", Value::Blob(tag.bytes)),
            ],
        );
        if !self.cast.lean {
            self.link(id, &mac, at);
        }
    }

    /// As `app::audit` links them.
    fn link(&mut self, id: i64, mac: &[u8], at: i64) {
        use sha2::{Digest as _, Sha256};
        let (seq, prev) = &self.cast.head;
        let seq = seq + 1;
        let mut hash = Sha256::new();
        hash.update(b"baokao audit link 1");
        hash.update(prev);
        hash.update(seq.to_be_bytes());
        hash.update(id.to_be_bytes());
        hash.update(mac);
        let hash = hash.finalize().to_vec();
        self.bulk.put(
            "audit_link",
            &[
                ("seq", int(seq)),
                ("entry_id", int(id)),
                ("prev_hash", Value::Blob(prev.clone())),
                ("hash", Value::Blob(hash.clone())),
                ("sealed_at", int(at)),
            ],
        );
        self.cast.head = (seq, hash);
    }

    /// The counts, and what exams and positions keep of the crowd.
    async fn total(&mut self) {
        let counts = std::mem::take(&mut self.counts);
        let at = self.t.now().micros();
        for (post, t) in &counts.posts {
            let mut told = vec![("position_id", int(*post)), ("folded_at", int(at))];
            told.extend(tally(t));
            self.bulk.put("position_count", &told);
            let text = format!(
                "UPDATE position SET taken = {} WHERE id = {post}",
                t.applied
            );
            self.bulk.run(&text).await;
        }
        for ((exam, unit), t) in &counts.units {
            let mut told = vec![
                ("exam_id", int(*exam)),
                ("unit", text(&**unit)),
                ("folded_at", int(at)),
            ];
            told.extend(tally(t));
            self.bulk.put("unit_count", &told);
        }
        for ((exam, unit, hour), [applied, approved, paid]) in &counts.hours {
            self.bulk.put(
                "hour_count",
                &[
                    ("exam_id", int(*exam)),
                    ("unit", text(&**unit)),
                    ("hour", int(*hour)),
                    ("applied", int(*applied)),
                    ("approved", int(*approved)),
                    ("paid", int(*paid)),
                ],
            );
        }
        for (exam, given) in &counts.given {
            let text = format!(
                "UPDATE exam SET next_registration_no = {} WHERE id = {exam}",
                given + 1
            );
            self.bulk.run(&text).await;
        }
        let (plan, batch, seats) = (self.cast.plan, self.cast.batch, self.seats);
        let (first, second) = (self.cast.first, self.cast.second);
        let exam = self.cast.exams[1].id;
        for text in [
            format!(
                "UPDATE seat_plan SET summary = '{{\"people\":{seats}}}', state = 'published', seats = {seats}, rooms = {}, published_by = {second}, \
                 published_at = {at} WHERE id = {plan}",
                (seats + 29) / 30
            ),
            // The last room is seldom full.
            format!(
                "UPDATE seat_room SET people = {} WHERE plan_id = {plan} AND room_no = {}",
                (seats - 1) % 30 + 1,
                (seats + 29) / 30
            ),
            format!(
                "UPDATE score_batch SET figures = '{}' WHERE id = {batch}",
                serde_json::json!([{
                    "name": "职业能力倾向测验", "marks": seats, "zeros": 0, "absent": 0, "violation": 0,
                    "invalidated": 0, "range": ["40.5", "99.5"],
                }])
            ),
            format!(
                "UPDATE score_batch SET state = 'published', matched = {seats}, checked_by = {second}, checked_at = {at}, \
                 published_by = {first}, published_at = {at}, visible_at = {at} WHERE id = {batch}"
            ),
            format!(
                "UPDATE exam SET seat_plan = {plan}, score_batch = {batch}, score_visible_at = {at} WHERE id = {exam}"
            ),
        ] {
            self.bulk.run(&text).await;
        }
    }
}
