//! 入场核验: passes, phones, what they are given and what they hand in.

mod marks;
mod office;
mod turned;

use app::arrangement::{self, Generate, SiteLine};
use app::door::{self, Device, MarkSent, Missing, PassForm, PassRow};
use app::{Ctx, Error, ticket};
use axum::body::Body;
use domain::arrangement::Options;
use domain::staff::Role;
use http::{HeaderValue, Method, header};
use serde_json::{Value, json};
use testkit::{Browser, Page, TestApp, TestCandidate, TestExam, both_backends};
use vault::{ActivationCode, Entropy};

use crate::arrangement::{applied, find, patient, straight};
use crate::copies::{copied, rows};

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
    t.run_jobs().await;
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
        let exam = find(&d.t, &d.exam).await;
        let passes = door::passes(&d.officer, &exam, None).await.unwrap();
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
}
