//! 入场核验: passes, phones, what they are given and what they hand in.

use app::arrangement::{self, Generate, SiteLine};
use app::door::{self, Device, MarkSent, Missing, PassForm, PassRow};
use app::{Ctx, Error, ticket};
use axum::body::Body;
use domain::arrangement::Options;
use domain::staff::Role;
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};
use testkit::{Browser, Page, TestApp, TestCandidate, TestExam, both_backends, codes_of};
use vault::{ActivationCode, Entropy};

use crate::arrangement::{applied, find, patient, straight};
use crate::copies::{copied, rows};
use crate::invariants::run;

const MORNING: &str = "2026-04-12 08:30";
const NAMES: [&str; 3] = ["林一舟", "苏晓", "陈默"];

/// A source that says the same thirty-two bytes over and over.
struct Known([u8; 32]);

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Known")
    }
}

impl Entropy for Known {
    fn fill(&self, bytes: &mut [u8]) {
        for (byte, known) in bytes.iter_mut().zip(self.0.iter().cycle()) {
            *byte = *known;
        }
    }
}

/// The code of a pass: what stands on its slip.
fn code_of(t: &TestApp, pass: &PassRow) -> String {
    let known = t.app.index().index("door.code", &pass.public_id);
    ActivationCode::random(&Known(known)).grouped()
}

fn site(name: &str, rooms: &str) -> SiteLine {
    SiteLine {
        name: name.into(),
        address: "文昌路 18 号".into(),
        rooms: rooms.into(),
        capacity: "1".into(),
        ..SiteLine::default()
    }
}

/// Rooms of one seat each: two in the first school, the others in the second.
async fn seated(t: &TestApp, officer: &Ctx, exam: &TestExam, second: &str, seed: &str) {
    let now = find(t, exam).await;
    let lines = [site("市第五中学", "2"), site("市第六中学", second)];
    let wanted = Generate {
        rooms: arrangement::from_lines(&lines, 30).unwrap(),
        options: Options::default(),
        seed: seed.into(),
        special: vec![],
    };
    let plan = arrangement::generate(officer, &now, wanted).await.unwrap();
    arrangement::publish(officer, &now, &plan).await.unwrap();
}

/// What the tests stand on.
struct Door {
    t: TestApp,
    exam: TestExam,
    officer: Ctx,
    /// With the ticket number of each, and the room.
    people: Vec<(TestCandidate, String, i64)>,
}

async fn opened(t: &TestApp, names: &[&str]) -> Door {
    let t = patient(t);
    let exam = t.recruitment(straight).await;
    let people = applied(&t, &exam, names).await;
    let staff = t.staff(&[Role::ExamOfficer]).await;
    let second = (names.len() - 2).to_string();
    seated(&t, &staff.ctx().await, &exam, &second, "甲").await;
    t.clock.set("2026-04-11 10:00");
    let mut seats = Vec::new();
    for (who, application) in people {
        let own = ticket::own(&who.ctx(), &application).await.unwrap();
        let room = own.content.sessions[0].room.parse().unwrap();
        seats.push((who, own.content.ticket_no, room));
    }
    seats.sort_by_key(|seat| seat.2);
    t.clock.set(MORNING);
    let officer = staff.ctx().await;
    Door {
        t,
        exam,
        officer,
        people: seats,
    }
}

impl Door {
    fn ctx(&self) -> Ctx {
        Ctx {
            at: self.t.now(),
            ..self.t.ctx(app::Actor::Anonymous)
        }
    }

    async fn pass(&self, change: impl FnOnce(&mut PassForm)) -> PassRow {
        let exam = find(&self.t, &self.exam).await;
        let officer = self.at_now();
        let mut form = door::form(&officer, &exam).await.unwrap();
        form.site = "1".into();
        change(&mut form);
        door::make(&officer, &exam, &form).await.unwrap();
        let passes = door::passes(&officer, &exam, None).await.unwrap();
        passes.into_iter().next().unwrap()
    }

    fn at_now(&self) -> Ctx {
        Ctx {
            at: self.t.now(),
            ..self.officer.clone()
        }
    }

    async fn joined(&self, pass: &PassRow, holder: &str) -> (String, Device) {
        let joined = door::join(&self.ctx(), &code_of(&self.t, pass), holder)
            .await
            .unwrap();
        (joined.token.expose(), joined.device)
    }

    fn ticket(&self, at: usize) -> &str {
        &self.people[at].1
    }

    fn millis(&self) -> i64 {
        self.t.now().micros() / 1000
    }

    fn mark(&self, at: usize, key: u64, kind: &str, seconds: i64) -> MarkSent {
        MarkSent {
            key: format!("{key:016x}"),
            ticket: self.ticket(at).to_owned(),
            session: 1,
            kind: kind.into(),
            how: "scan".into(),
            note: String::new(),
            at: self.millis() + seconds * 1000,
        }
    }
}

fn code<T: std::fmt::Debug>(result: app::Result<T>) -> &'static str {
    match result {
        Err(Error::Refused(refusal)) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}

fn field<T: std::fmt::Debug>(result: app::Result<T>, key: &str) -> String {
    match result {
        Err(Error::Fields(errors)) => errors.get(key).unwrap_or_default().to_owned(),
        other => panic!("nothing to mend: {other:?}"),
    }
}

/// What a phone sends.
async fn say(browser: &mut Browser, path: &str, token: &str, body: &Value) -> Page {
    let mut request = browser.request(Method::POST, path, Body::from(body.to_string()));
    let headers = request.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    if !token.is_empty() {
        let value = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
        headers.insert(header::AUTHORIZATION, value);
    }
    browser.send(request).await
}

fn json_of(page: &Page) -> Value {
    serde_json::from_slice(&page.body).unwrap()
}

both_backends! {
    async fn a_phone_joins_takes_its_list_along_and_hands_in_what_it_noted(t: TestApp) {
        let d = opened(&t, &NAMES).await;
        let pass = d.pass(|form| form.label = "1 号楼大厅".into()).await;
        let mut phone = d.t.browser();
        let typed = code_of(&d.t, &pass).to_lowercase().replace('-', " ");
        let page = say(&mut phone, "/door/devices", "", &json!({ "code": typed, "holder": "王老师" })).await.expect(200);
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(page.header("set-cookie"), None);
        let joined = json_of(&page);
        let token = joined["token"].as_str().unwrap().to_owned();
        let about = &joined["about"];
        assert_eq!(about["exam"], d.exam.id.to_string());
        assert_eq!((&about["site"], &about["plan"], &about["mine"]), (&json!("市第五中学"), &json!(1), &json!([0, 0])));
        assert_eq!(about["rooms"].as_array().unwrap().len(), 2);
        assert_eq!(about["sessions"][0]["number"], 1);
        let (id, key) = d.t.app.ticket_keys().public()[0];
        assert_eq!(about["keys"][0], json!([hex::encode(id), hex::encode(key)]));
        assert_eq!(about["now"].as_i64(), Some(d.millis()));

        // The list, a page at a time: the two of this school, the other one never.
        let first = json_of(&say(&mut phone, "/door/roster", &token, &json!({ "after": "", "limit": 1 })).await.expect(200));
        assert!(first["about"].is_object());
        let after = first["next"].as_str().unwrap();
        let second = json_of(&say(&mut phone, "/door/roster", &token, &json!({ "after": after, "limit": 500 })).await.expect(200));
        assert!(second["about"].is_null() && second["next"].is_null());
        let list: Vec<&Value> = [&first, &second].into_iter().flat_map(|page| page["people"].as_array().unwrap()).collect();
        let mut tickets: Vec<&str> = list.iter().map(|row| row[0].as_str().unwrap()).collect();
        let mut here = vec![d.ticket(0), d.ticket(1)];
        tickets.sort_unstable();
        here.sort_unstable();
        assert_eq!(tickets, here);
        for row in &list {
            let (who, _, room) = d.people.iter().find(|one| row[0] == one.1.as_str()).unwrap();
            assert_eq!(row[1], who.person.name);
            assert_eq!(row[2], format!("{}{}", &who.person.number[..3], "*".repeat(15)));
            assert_eq!((&row[3], &row[4], &row[5]), (&json!([[1, room, 1]]), &json!(0), &json!(1)));
        }

        // Photos: of those only; a stranger's place stays empty.
        let asked = json!({ "tickets": [d.ticket(0), d.ticket(2), "99999999"] });
        let photos = say(&mut phone, "/door/photos", &token, &asked).await.expect(200);
        assert_eq!(photos.header("content-type"), Some("application/octet-stream"));
        let length = u32::from_be_bytes(photos.body[2..6].try_into().unwrap());
        let length = usize::try_from(length).unwrap();
        assert!(length > 1_000 && photos.body[6..9] == [0xff, 0xd8, 0xff], "a JPEG of {length} bytes");
        assert_eq!(photos.body[6 + length..], [0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]);
        let many = json!({ "tickets": vec!["1"; 41] });
        say(&mut phone, "/door/photos", &token, &many).await.expect(422);

        // Marks: kept, refused with a reason each, and kept when they come again.
        let row = |key: &str, ticket: &str, session: i64, kind: &str, note: &str, at: i64| json!([key, ticket, session, kind, "scan", note, at]);
        let at = d.millis();
        let marks = json!({ "marks": [
            row("00000000000000a1", d.ticket(0), 1, "present", "", at),
            row("00000000000000a2", d.ticket(1), 1, "refused", "未带有效证件", at),
            row("00000000000000a3", d.ticket(2), 1, "present", "", at),
            row("00000000000000a4", d.ticket(0), 2, "present", "", at),
            row("00000000000000a5", d.ticket(0), 1, "present", "", at + 3_600_000),
            row("00000000000000a6", d.ticket(0), 1, "present", "", 0),
            row("00000000000000a7", d.ticket(0), 1, "dancing", "", at),
            row("short", d.ticket(0), 1, "present", "", at),
            row("00000000000000a8", d.ticket(0), 1, "present", "证件 11010519491231002X", at),
        ] });
        for _ in 0..2 {
            let taken = json_of(&say(&mut phone, "/door/marks", &token, &marks).await.expect(200));
            let mut kept: Vec<&str> = taken["kept"].as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
            kept.sort_unstable();
            assert_eq!(kept, ["00000000000000a1", "00000000000000a2"]);
            assert_eq!(taken["refused"].as_array().unwrap().len(), 7, "{taken}");
            assert_eq!(taken["now"].as_i64(), Some(at));
        }
        let exam = find(&d.t, &d.exam).await;
        let devices = door::devices(&d.officer, &pass).await.unwrap();
        assert_eq!((devices.len(), devices[0].marks, devices[0].holder.as_str()), (1, 2, "王老师"));

        // Another phone of the site hears of it; the other school's doesn't.
        let (other, _) = d.joined(&pass, "李老师").await;
        let news = json_of(&say(&mut phone, "/door/news", &other, &json!({ "since": "0" })).await.expect(200));
        let words = news["words"].as_array().unwrap();
        assert_eq!(words.len(), 2);
        for word in words {
            assert_eq!((&word["holder"], &word["at"]), (&json!("王老师"), &json!(at)));
        }
        let own = json_of(&say(&mut phone, "/door/news", &token, &json!({ "since": "0" })).await.expect(200));
        assert_eq!(own["words"][0]["holder"], "");
        let later = json_of(&say(&mut phone, "/door/news", &token, &json!({ "since": (at * 1000 + 1).to_string() })).await.expect(200));
        assert_eq!((later["words"].as_array().unwrap().len(), &later["more"], &later["plan"]), (0, &json!(false), &json!(1)));
        let there = d.pass(|form| form.site = "2".into()).await;
        let (stranger, _) = d.joined(&there, "赵老师").await;
        let news = json_of(&say(&mut phone, "/door/news", &stranger, &json!({ "since": "0" })).await.expect(200));
        assert_eq!(news["words"], json!([]));

        // Who is in, for the office.
        let sites = door::of_sites(&d.officer, &exam, 1, i64::MIN, 10).await.unwrap();
        let counts: Vec<_> = sites.iter().map(|row| (row.site_no, row.people, row.present, row.refused)).collect();
        assert_eq!(counts, [(1, 2, 1, 1), (2, 1, 0, 0)]);
        let rooms = door::of_rooms(&d.officer, &exam, (1, 1), i64::MIN, 10).await.unwrap();
        let counts: Vec<_> = rooms.iter().map(|row| (row.room_no, row.people, row.present, row.refused)).collect();
        assert_eq!(counts, [(1, 1, 1, 0), (2, 1, 0, 1)]);
        let wanted = Missing { session: 1, site: None };
        let missing = door::missing(&d.officer, &exam, wanted, None, 10).await.unwrap();
        let brief: Vec<_> = missing.iter().map(|row| (row.ticket_no.as_str(), row.standing(), row.note.as_str())).collect();
        assert_eq!(brief, [(d.ticket(1), "已退回", "未带有效证件"), (d.ticket(2), "未核验", "")]);
        assert_eq!(door::missing(&d.officer, &exam, wanted, Some((2, 1)), 10).await.unwrap().len(), 1);

        // An answer that can't be read, or comes without a token.
        say(&mut phone, "/door/marks", &token, &json!([1])).await.expect(400);
        let page = say(&mut phone, "/door/marks", "", &marks).await.expect(403);
        assert_eq!(json_of(&page)["code"], "door_unknown");
    }

    async fn no_answer_to_a_phone_holds_more_of_a_number_than_its_mask(t: TestApp) {
        let d = opened(&t, &NAMES).await;
        let pass = d.pass(|form| form.site = "all".into()).await;
        let passes = door::passes(&d.officer, &find(&d.t, &d.exam).await, None).await.unwrap();
        assert_eq!((passes.len(), pass.devices), (2, 0));
        let mut phone = d.t.browser();
        let mut told = String::new();
        for pass in &passes {
            let (token, _) = d.joined(pass, "王老师").await;
            let marks: Vec<Value> = (0..3).map(|at| json!([format!("{at:016x}"), d.ticket(at), 1, "refused", "typed", "人与照片不符", d.millis()])).collect();
            for (path, body) in [
                ("/door/roster", json!({ "after": "", "limit": 500 })),
                ("/door/marks", json!({ "marks": marks })),
                ("/door/news", json!({ "since": "0" })),
                ("/door/photos", json!({ "tickets": [d.ticket(0), d.ticket(1), d.ticket(2)] })),
            ] {
                let page = say(&mut phone, path, &token, &body).await.expect(200);
                told.push_str(&String::from_utf8_lossy(&page.body));
            }
        }
        let mut office = d.t.staff(&[Role::ExamOfficer]).await.browser();
        let list = format!("/office/door/{}/presence?show=missing", d.exam.public_id);
        told.push_str(&office.get(&list).await.expect(200).html());
        told.push_str(&format!("{:?}", rows(&copied(&mut office, &list, "xlsx").await)));
        for (who, ticket, _) in &d.people {
            assert!(told.contains(ticket.as_str()), "the control: who is told of at all");
            let number = &who.person.number;
            assert!(!told.contains(number.as_str()) && !told.contains(&number[3..9]) && !told.contains(who.person.last_six()));
            assert!(!told.contains(&who.person.mobile));
        }
    }

    async fn a_phone_is_turned_away_too_early_too_late_without_a_place_and_when_taken_back(t: TestApp) {
        let d = opened(&t, &NAMES).await;
        let pass = d.pass(|form| {
            form.opens = "2026-04-12T08:00".into();
            form.closes = "2026-04-12T12:00".into();
            form.devices = "2".into();
        }).await;
        let key = code_of(&d.t, &pass);
        // Wrong in every way in which a code is.
        assert_eq!(field(door::join(&d.ctx(), "K7QF-29WD-MX4T", "王老师").await, "code"), "授权码不对，请核对授权单");
        assert!(!field(door::join(&d.ctx(), "!!", "王老师").await, "code").is_empty());
        for holder in ["", "  ", "一二三四五六七八九十一二三四五六七八九十一", "王 13800000000"] {
            assert!(!field(door::join(&d.ctx(), &key, holder).await, "holder").is_empty(), "{holder}");
        }
        let mut phone = d.t.browser();
        let page = say(&mut phone, "/door/devices", "", &json!({ "code": "x", "holder": "王老师" })).await.expect(422);
        assert_eq!(json_of(&page)["fields"]["code"], "授权码不对，请核对授权单");
        say(&mut phone, "/door/devices", "", &json!({})).await.expect(400);

        d.t.clock.set("2026-04-12 07:59");
        assert_eq!(code(door::join(&d.ctx(), &key, "王老师").await), "door_early");
        d.t.clock.set(MORNING);
        let (one, _) = d.joined(&pass, "王老师").await;
        let (two, device) = d.joined(&pass, "李老师").await;
        assert_eq!(code(door::join(&d.ctx(), &key, "赵老师").await), "door_full");

        // A phone that is taken back gives its place to another, and hands nothing in, not even what is under way.
        let officer = d.at_now();
        let phones = door::devices(&officer, &pass).await.unwrap();
        door::revoke_device(&officer, &pass, phones[1].id).await.unwrap();
        assert!(matches!(door::revoke_device(&officer, &pass, phones[1].id).await, Err(Error::Conflict(_))));
        assert_eq!(code(door::authenticate(&d.ctx(), &two).await), "door_revoked");
        assert_eq!(code(door::mark(&d.ctx(), &device, vec![d.mark(0, 1, "present", 0)]).await), "door_revoked");
        let (three, _) = d.joined(&pass, "赵老师").await;

        // Seen again later: noted once in a while.
        d.t.clock.set("2026-04-12 09:30");
        door::authenticate(&d.ctx(), &one).await.unwrap();
        let seen: Vec<i64> = door::devices(&d.at_now(), &pass).await.unwrap().iter().map(|phone| phone.seen_at).collect();
        assert_eq!(seen[0], d.t.now().micros());

        // After the close no names, but what was noted before; two days later nothing.
        d.t.clock.set("2026-04-12 12:00");
        assert_eq!(code(door::join(&d.ctx(), &key, "钱老师").await), "door_over");
        let late = door::authenticate(&d.ctx(), &one).await.unwrap();
        assert_eq!(code(door::roster(&d.ctx(), &late, "", 500).await), "door_over");
        assert_eq!(code(door::photos(&d.ctx(), &late, &[]).await), "door_over");
        assert_eq!(code(door::news(&d.ctx(), &late, 0).await), "door_over");
        assert_eq!(code(door::about(&d.ctx(), &late).await), "door_over");
        let taken = door::mark(&d.ctx(), &late, vec![d.mark(0, 2, "present", -7200)]).await.unwrap();
        assert_eq!(taken.kept.len(), 1);
        d.t.clock.set("2026-04-14 12:00");
        assert_eq!(code(door::authenticate(&d.ctx(), &one).await), "door_over");

        d.t.clock.set(MORNING);
        door::revoke(&d.at_now(), &pass).await.unwrap();
        assert!(matches!(door::revoke(&d.at_now(), &pass).await, Err(Error::Conflict(_))));
        for token in [&one, &three] {
            assert_eq!(code(door::authenticate(&d.ctx(), token).await), "door_revoked");
        }
        assert_eq!(code(door::join(&d.ctx(), &key, "钱老师").await), "door_revoked");
        for token in ["", "x", &"A".repeat(43)] {
            assert_eq!(code(door::authenticate(&d.ctx(), token).await), "door_unknown");
        }
        let page = say(&mut phone, "/door/roster", &one, &json!({ "after": "", "limit": 9 })).await.expect(403);
        assert_eq!(json_of(&page)["code"], "door_revoked");
        let exam = find(&d.t, &d.exam).await;
        let now = door::pass(&d.at_now(), &exam, &pass.public_id).await.unwrap();
        assert_eq!(code(door::slips(&d.at_now(), &exam, Some(&now)).await), "door_no_slip");
        assert_eq!(code(door::slips(&d.at_now(), &exam, None).await), "door_no_slip");
    }

    async fn of_a_crowd_at_once_no_more_phones_come_in_than_there_are_places(t: TestApp) {
        const PLACES: usize = 5;
        let d = opened(&t, &NAMES).await;
        let pass = d.pass(|form| form.devices = PLACES.to_string()).await;
        let key = code_of(&d.t, &pass);
        let tasks: Vec<_> = (0..40).map(|n| {
            let (ctx, key) = (d.ctx(), key.clone());
            testkit::tokio::spawn(async move { door::join(&ctx, &key, &format!("监考{n}")).await })
        }).collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap());
        }
        let (joined, full): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!(joined.len(), PLACES);
        for answer in full {
            assert_eq!(code(answer), "door_full");
        }
        let row = door::pass(&d.officer, &find(&d.t, &d.exam).await, &pass.public_id).await.unwrap();
        let phones = door::devices(&d.officer, &pass).await.unwrap();
        assert_eq!((row.devices, phones.len()), (5, PLACES));
    }

    async fn another_sites_people_are_neither_given_nor_taken(t: TestApp) {
        let d = opened(&t, &["林一舟", "苏晓", "陈默", "周远"]).await;
        // The second school has rooms 3 and 4: one pass for all of it, one for room 3 alone.
        let all = d.pass(|form| form.site = "2".into()).await;
        let one = d.pass(|form| { form.site = "2".into(); form.first = "3".into(); }).await;
        assert_eq!((one.first_room, one.last_room), (3, 3));
        for (pass, inside) in [(&all, vec![2, 3]), (&one, vec![2])] {
            let (_, device) = d.joined(pass, "王老师").await;
            let list = door::roster(&d.ctx(), &device, "", 500).await.unwrap();
            let mut found: Vec<&str> = list.people.iter().map(|one| one.ticket.as_str()).collect();
            found.sort_unstable();
            let mut wanted: Vec<&str> = inside.iter().map(|at| d.ticket(*at)).collect();
            wanted.sort_unstable();
            assert_eq!(found, wanted);
            // The numbers of all rooms of the site are known: who is wrong is sent on.
            let rooms: Vec<i64> = list.about.unwrap().rooms.iter().map(|room| room.no).collect();
            assert_eq!(rooms, [3, 4]);
            let tickets: Vec<String> = (0..4).map(|at| d.ticket(at).to_owned()).collect();
            for photo in door::photos(&d.ctx(), &device, &tickets).await.unwrap() {
                assert_eq!(!photo.jpeg.is_empty(), inside.contains(&usize::from(photo.index)), "{}", photo.index);
            }
            let marks = (0..4).zip(1..).map(|(at, key)| d.mark(at, key, "present", 0)).collect();
            let taken = door::mark(&d.ctx(), &device, marks).await.unwrap();
            assert_eq!(taken.kept.len(), inside.len());
            assert_eq!(taken.refused.len(), 4 - inside.len());
        }
    }

    async fn marks_in_any_order_and_twice_come_to_one_end(t: TestApp) {
        const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        let d = opened(&t, &["赵一", "钱二", "孙三", "李四", "周五", "吴六", "郑七", "王八"]).await;
        // Six people of the second school, one for each order.
        let pass = d.pass(|form| form.site = "2".into()).await;
        let (_, one) = d.joined(&pass, "王老师").await;
        let (_, two) = d.joined(&pass, "李老师").await;
        for ((order, at), key) in ORDERS.iter().zip(2..).zip((0..).step_by(16)) {
            // Let in, sent back a minute later by another, and at the same instant undone by the first, whose phone came earlier:
            // of two at once the later phone's counts.
            let marks = [
                (&one, d.mark(at, key, "present", -120)),
                (&two, d.mark(at, key + 1, "refused", -60)),
                (&one, d.mark(at, key + 2, "undone", -60)),
            ];
            for turn in order.iter().chain(order.iter().rev()) {
                let (device, mark) = &marks[*turn];
                let taken = door::mark(&d.ctx(), device, vec![mark.clone()]).await.unwrap();
                assert_eq!((taken.kept.len(), taken.refused.len()), (1, 0));
            }
        }
        let exam = find(&d.t, &d.exam).await;
        let sites = door::of_sites(&d.officer, &exam, 1, i64::MIN, 10).await.unwrap();
        assert_eq!((sites[1].people, sites[1].present, sites[1].refused), (6, 0, 6));
        let marks: Vec<i64> = door::devices(&d.officer, &pass).await.unwrap().iter().map(|phone| phone.marks).collect();
        assert_eq!(marks, [12, 6], "each once");
        // Let in after all.
        let taken = door::mark(&d.ctx(), &one, (2..8).zip(900..).map(|(at, key)| d.mark(at, key, "present", 0)).collect()).await.unwrap();
        assert_eq!(taken.kept.len(), 6);
        assert_eq!(door::of_sites(&d.officer, &exam, 1, 1, 10).await.unwrap()[0].present, 6);
        let many = (0..201).map(|n| d.mark(2, 2_000 + n, "present", 0)).collect();
        assert!(!field(door::mark(&d.ctx(), &one, many).await, "marks").is_empty());
    }

    async fn control_where_the_last_to_arrive_wins_the_order_matters(t: TestApp) {
        let d = opened(&t, &NAMES).await;
        let pass = d.pass(|_| {}).await;
        let (_, device) = d.joined(&pass, "王老师").await;
        let exam = find(&d.t, &d.exam).await;
        let mut keys = 0..;
        for (at, kinds) in [(0, [("present", -60), ("refused", -120)]), (1, [("refused", -120), ("present", -60)])] {
            for (kind, seconds) in kinds {
                // Without the comparison of instants: whatever stands there is older than the one that comes.
                run(&d.t, &["UPDATE door_presence SET marked_at = 0"]).await;
                let key = keys.next().unwrap();
                door::mark(&d.ctx(), &device, vec![d.mark(at, key, kind, seconds)]).await.unwrap();
            }
        }
        let rooms = door::of_rooms(&d.officer, &exam, (1, 1), i64::MIN, 10).await.unwrap();
        assert_eq!([rooms[0].refused, rooms[1].refused], [1, 0], "two ends for the same marks");
    }

    async fn a_later_plan_is_told_and_its_seats_count(t: TestApp) {
        let d = opened(&t, &NAMES).await;
        let pass = d.pass(|_| {}).await;
        let (_, device) = d.joined(&pass, "王老师").await;
        door::mark(&d.ctx(), &device, vec![d.mark(0, 1, "present", 0)]).await.unwrap();
        seated(&d.t, &d.at_now(), &d.exam, "1", "乙").await;
        assert_eq!(door::news(&d.ctx(), &device, 0).await.unwrap().plan, 2);
        let list = door::roster(&d.ctx(), &device, "", 500).await.unwrap();
        assert_eq!((list.plan, list.people.len()), (2, 2));
        let exam = find(&d.t, &d.exam).await;
        let sites = door::of_sites(&d.officer, &exam, 1, i64::MIN, 10).await.unwrap();
        assert_eq!(sites.iter().map(|site| site.present).sum::<i64>(), 1, "he is in, wherever he sits now");
    }

    async fn guesses_at_codes_are_slowed_down_by_network(t: TestApp) {
        let d = opened(&t, &NAMES).await;
        let pass = d.pass(|_| {}).await;
        let key = code_of(&d.t, &pass);
        let from = |network: &str| Ctx { network: network.into(), ..d.ctx() };
        let wrong = "0000-0000-0000";
        for _ in 0..101 {
            assert!(!field(door::join(&from("10.8.1.0/24"), wrong, "王老师").await, "code").is_empty());
        }
        // Right or wrong, this network waits; another doesn't.
        assert!(matches!(door::join(&from("10.8.1.0/24"), &key, "王老师").await, Err(Error::TooMany(_))));
        door::join(&from("10.8.2.0/24"), &key, "王老师").await.unwrap();
        d.t.clock.advance(15);
        door::join(&from("10.8.1.0/24"), &key, "李老师").await.unwrap();
        // And over HTTP, in JSON.
        let mut phone = d.t.browser();
        let mut last = StatusCode::OK;
        for _ in 0..103 {
            let page = say(&mut phone, "/door/devices", "", &json!({ "code": wrong, "holder": "王老师" })).await;
            last = page.status;
        }
        assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    }

    async fn the_phones_page_may_use_the_camera_and_no_other_page_may(t: TestApp) {
        let mut browser = t.browser();
        let page = browser.get("/door").await.expect(200);
        assert!(page.header("permissions-policy").unwrap().starts_with("camera=(self), microphone=()"));
        assert!(page.header("content-security-policy").unwrap().contains("script-src 'self';"));
        assert_eq!(page.header("set-cookie"), None);
        let html = page.html();
        for name in ["door.js", "door.css", "door-core.js", "door-net.js", "door-store.js", "door-eye.js"] {
            assert!(html.contains(web::asset(name)), "{name}");
        }
        let other = browser.get("/login").await.expect(200);
        assert!(other.header("permissions-policy").unwrap().starts_with("camera=(),"));
        let worker = browser.get("/door/worker.js").await.expect(200);
        assert_eq!(worker.header("content-type"), Some("text/javascript; charset=utf-8"));
        assert_eq!(worker.header("service-worker-allowed"), Some("/door"));
        assert_eq!(worker.header("cache-control"), Some("no-cache"));
        let script = worker.html();
        assert!(script.contains(web::asset("door.js")) && !script.contains("{{"), "{script}");
        // Somebody who is logged in gets the same.
        let mut candidate = t.candidate("张三").await.browser();
        assert_eq!(candidate.get("/door").await.expect(200).html(), html);
    }

    async fn the_office_makes_passes_prints_slips_and_sees_who_came(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(straight).await;
        let staff = t.staff(&[Role::ExamOfficer]).await;
        let mut office = staff.browser();
        office.get("/office/door").await.expect(200).shows("等待编排");
        let base = format!("/office/door/{}", exam.public_id);
        office.get(&base).await.expect(200).shows("考场编排还没有公布");
        office.get(&format!("{base}/presence")).await.expect(200).shows("考场尚未编排");
        let now = find(&t, &exam).await;
        let form = door::form(&staff.ctx().await, &now).await.unwrap();
        assert_eq!(code(door::make(&staff.ctx().await, &now, &form).await), "door_unseated");

        let d = opened(&t, &NAMES).await;
        let mut office = staff.at(&d.t).browser();
        let base = format!("/office/door/{}", d.exam.public_id);
        office.get("/office/door").await.expect(200).shows("已公布编排").shows(find(&d.t, &d.exam).await.title());
        let page = office.get(&base).await.expect(200).shows("还没有核验授权");
        let form = page.form(&base);
        assert_eq!(form.value("opens"), Some("2026-04-11T09:00"));
        assert_eq!(form.value("closes"), Some("2026-04-12T14:30"));
        // What is wrong stands beside its field, and what was typed stays.
        for (name, value, says) in [
            ("first", "7", "这个考点的考场号是 001 到 002"),
            ("devices", "0", "手机数量应为 1 到 100 的整数"),
            ("closes", "2026-04-11T08:00", "结束时间应晚于开始时间"),
            ("closes", "2026-07-11T09:00", "一个授权最长 60 天"),
            ("opens", "", "请填写开始时间"),
            ("site", "9", "请选择考点"),
            ("label", &"楼".repeat(41), "说明最多 40 字"),
        ] {
            let wrong = form.clone().set("site", "1").set(name, value);
            let page = office.submit(wrong).await.expect(422).shows(says);
            if name != "site" && !value.is_empty() {
                assert_eq!(page.form(&base).value(name), Some(value), "{name}");
            }
        }
        let backwards = form.clone().set_all(&[("site", "1"), ("first", "2"), ("last", "1")]);
        office.submit(backwards).await.expect(422).shows("末尾考场号不能小于起始考场号");
        let ranged = form.clone().set_all(&[("site", "all"), ("first", "1")]);
        office.submit(ranged).await.expect(422).shows("考场请留空");
        let page = office.submit(form.clone().set("site", "all")).await.expect(200).shows("已建立 2 个核验授权");
        page.shows("市第五中学").shows("市第六中学").shows("整个考点");
        let some = form.set_all(&[("site", "1"), ("first", "2"), ("label", "2 号楼")]);
        office.submit(some).await.expect(200).shows("第 002 考场");

        // Slips: of one, and of all.
        let exam = find(&d.t, &d.exam).await;
        let passes = door::passes(&d.officer, &exam, None).await.unwrap();
        let pass = &passes[0];
        let own = format!("{base}/passes/{}", pass.public_id);
        let page = office.get(&own).await.expect(200).shows("还没有手机登记").shows("2 号楼");
        let slip = office.submit(page.form(&format!("{own}/slip"))).await.expect(200);
        assert_eq!(slip.header("content-type"), Some("application/pdf"));
        if let Some(codes) = codes_of(&slip.body) {
            let link = format!("{}/door#{}", d.t.app.site_url(), code_of(&d.t, pass));
            assert!(codes.contains(&link), "{codes:?}");
        }
        let page = office.get(&base).await.expect(200);
        let all = office.submit(page.form(&format!("{base}/slips"))).await.expect(200);
        assert!(all.body.starts_with(b"%PDF"));

        // Phones: seen, stopped one by one, then all.
        for holder in ["王老师", "李老师"] {
            d.joined(pass, holder).await;
        }
        let (_, device) = d.joined(&passes[2], "赵老师").await;
        door::mark(&d.ctx(), &device, vec![d.mark(0, 1, "present", 0)]).await.unwrap();
        let page = office.get(&own).await.expect(200).shows("王老师").shows("已登记 2 部");
        let page = office.submit(page.form_with("停用：王老师")).await.expect(200).shows("这部手机已停用").shows("已登记 1 部");
        let page = office.submit(page.form_with("撤销这个授权")).await.expect(200).shows("授权已撤销");
        assert!(!page.html().contains(&format!("{own}/slip")));
        let mut stranger = office.clone();
        stranger.get(&format!("/office/door/{}/passes/{}", exam.public_id(), "0".repeat(16))).await.expect(404);

        // Who came.
        let presence = format!("{base}/presence");
        office.get(&presence).await.expect(200).shows("市第五中学").shows("职业能力倾向测验");
        office.get(&format!("{presence}?session=1&site=1")).await.expect(200).shows("第 001 考场").shows("第 002 考场");
        let list = format!("{presence}?session=1&show=missing");
        office.get(&list).await.expect(200).shows(&d.people[1].0.person.name).shows("未核验").lacks(d.ticket(0));
        let table = rows(&copied(&mut office, &list, "xlsx").await);
        assert_eq!(table.len(), 3, "{table:?}");
        assert_eq!(table[1][5], d.ticket(1));
        let csv = copied(&mut office, &format!("{list}&site=2"), "csv").await.html();
        assert!(csv.contains(d.ticket(2)) && !csv.contains(d.ticket(1)), "{csv}");

        // All of it is in the trail, and says nothing of anybody.
        let mut trail = d.t.staff(&[Role::Auditor]).await.browser();
        let page = trail.get("/office/audit?object=door_pass").await.expect(200);
        let page = page.shows("建立核验授权").shows("打印核验授权单").shows("核验设备登记").shows("上报入场核验").shows("撤销核验授权");
        page.lacks("王老师").lacks(d.ticket(0)).lacks(&code_of(&d.t, pass));
        trail.get("/office/audit?action=door.missing_export").await.expect(200).shows("导出未到名单");
    }

    async fn a_slip_made_under_other_keys_is_not_printed(t: TestApp) {
        let d = opened(&t, &NAMES).await;
        let pass = d.pass(|_| {}).await;
        run(&d.t, &["UPDATE door_pass SET public_id = 'AAAAAAAAAAAAAAAA'"]).await;
        let exam = find(&d.t, &d.exam).await;
        let other = PassRow { public_id: "AAAAAAAAAAAAAAAA".into(), ..pass };
        assert_eq!(code(door::slips(&d.officer, &exam, Some(&other)).await), "door_other_keys");
    }

    async fn only_officers_of_the_exam_have_to_do_with_its_door(t: TestApp) {
        let d = opened(&t, &NAMES).await;
        let pass = d.pass(|_| {}).await;
        let exam = find(&d.t, &d.exam).await;
        let reviewer = d.t.staff(&[Role::FirstReviewer]).await.ctx().await;
        d.t.clock.set(testkit::START);
        let other = d.t.recruitment(straight).await;
        let elsewhere = d.t.staff_with(&[(Role::ExamOfficer, other.id, String::new())]).await.ctx().await;
        for ctx in [&reviewer, &elsewhere, &d.ctx()] {
            let form = PassForm::default();
            assert!(matches!(door::form(ctx, &exam).await, Err(Error::Forbidden)));
            assert!(matches!(door::make(ctx, &exam, &form).await, Err(Error::Forbidden)));
            assert!(matches!(door::passes(ctx, &exam, None).await, Err(Error::Forbidden)));
            assert!(matches!(door::pass(ctx, &exam, &pass.public_id).await, Err(Error::Forbidden)));
            assert!(matches!(door::devices(ctx, &pass).await, Err(Error::Forbidden)));
            assert!(matches!(door::revoke(ctx, &pass).await, Err(Error::Forbidden)));
            assert!(matches!(door::revoke_device(ctx, &pass, 1).await, Err(Error::Forbidden)));
            assert!(matches!(door::slips(ctx, &exam, None).await, Err(Error::Forbidden)));
            assert!(matches!(door::of_sites(ctx, &exam, 1, 0, 9).await, Err(Error::Forbidden)));
            assert!(matches!(door::of_rooms(ctx, &exam, (1, 1), 0, 9).await, Err(Error::Forbidden)));
            let wanted = Missing { session: 1, site: None };
            assert!(matches!(door::missing(ctx, &exam, wanted, None, 9).await, Err(Error::Forbidden)));
        }
    }
}
