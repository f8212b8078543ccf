//! Before their time, scores are nowhere: every page and file of both sites is asked for, with real ids, in each state of a
//! batch, by everybody who has no business with scores. Marks that stand nowhere else are looked for in what comes back.

use std::collections::BTreeSet;

use app::score;
use axum::body::Body;
use domain::staff::{Permission, Role};
use domain::time::Timestamp;
use http::{HeaderValue, Method, header};
use testkit::{Browser, Page, TestApp, both_backends};

use crate::arrangement::{applied, find, patient, seat};
use crate::score::{at, row, scored, tickets, upload};

/// Marks, their mean, and the name in which they would be told.
const CANARIES: [&str; 3] = ["73.19", "88.37", "80.78"];
const VISIBLE: &str = "2026-05-08 10:00";

/// What a page says, in whatever form it comes.
fn said(page: &Page) -> String {
    let headers = page.url.clone() + page.location().as_deref().unwrap_or_default();
    if let Ok(book) = documents::xlsx::read(&page.body) {
        return format!("{headers}{book:?}");
    }
    if page.body.starts_with(b"%PDF") {
        return headers + &pdf_text(&page.body);
    }
    headers + &page.html()
}

/// The text of a PDF, where the machine has poppler's tool.
fn pdf_text(pdf: &[u8]) -> String {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let tool = Command::new("pdftotext")
        .args(["-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut tool) = tool else {
        return String::new();
    };
    tool.stdin.take().unwrap().write_all(pdf).unwrap();
    let output = tool.wait_with_output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The ids that a path's holes are filled with.
struct Ids {
    exam: String,
    application: String,
    batch: String,
}

impl Ids {
    /// A route's address once for each id that a hole of another name could mean.
    fn addresses(&self, path: &str) -> BTreeSet<String> {
        [&self.application, &self.batch, &self.exam]
            .into_iter()
            .map(|other| {
                let parts = path.split('/').map(|part| match part {
                    "{exam}" => self.exam.as_str(),
                    "{batch}" => self.batch.as_str(),
                    "{slug}" | "{page}" => "payment",
                    "{room}" => "1",
                    part if part.starts_with('{') => other.as_str(),
                    part => part,
                });
                parts.collect::<Vec<_>>().join("/")
            })
            .collect()
    }
}

/// Whether a POST only gives something out.
fn gives_out(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    ["print", "export", "paper", "papers", "copy", "sheet"].contains(&last)
}

/// Asks for everything on one site, and returns the addresses that showed a canary.
async fn shown(browser: &mut Browser, ids: &Ids, office: bool) -> Vec<String> {
    browser.follow = false;
    let home = if office { "/office" } else { "/home" };
    let token = browser
        .get(home)
        .await
        .forms()
        .iter()
        .find_map(|form| form.value(web::csrf::FIELD).map(str::to_owned))
        .unwrap_or_default();
    let (mut found, mut asked) = (Vec::new(), 0);
    for route in server::routes::list() {
        let ends = route.path.contains("logout") || route.path.ends_with("/leave");
        if route.path.starts_with("/office") != office || ends {
            continue;
        }
        for address in ids.addresses(&route.path) {
            let page = match route.method {
                "GET" => browser.get(&address).await,
                _ if gives_out(&route.path) => {
                    let body = Body::from(format!("_csrf={token}&reason=核对"));
                    let mut request = browser.request(Method::POST, &address, body);
                    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
                    request.headers_mut().insert(header::CONTENT_TYPE, form);
                    browser.same_origin(&mut request);
                    browser.send(request).await
                }
                _ => continue,
            };
            asked += 1;
            let said = said(&page);
            if CANARIES.iter().any(|canary| said.contains(canary)) {
                found.push(format!("{} {address}", route.method));
            }
        }
    }
    assert!(asked > 60, "{asked} addresses");
    found
}

/// Everybody who has no business with scores yet.
struct Crowd {
    anonymous: Browser,
    owner: Browser,
    other: Browser,
    staff: Browser,
}

impl Crowd {
    async fn sees_nothing(&mut self, ids: &Ids, when: &str) {
        for (who, browser, office) in [
            ("anonymous", &mut self.anonymous, false),
            ("the owner", &mut self.owner, false),
            ("another candidate", &mut self.other, false),
            ("staff without scores", &mut self.staff, true),
        ] {
            let found = shown(browser, ids, office).await;
            assert!(found.is_empty(), "{when}, {who} reads {found:?}");
        }
        let found = shown(&mut self.anonymous, ids, true).await;
        assert!(
            found.is_empty(),
            "{when}, the office shows a stranger {found:?}"
        );
    }
}

both_backends! {
    async fn no_route_tells_a_score_before_its_time(t: TestApp) {
        let t = patient(&t);
        let exam = t.recruitment(scored).await;
        let people = applied(&t, &exam, &["林一舟", "何小宁"]).await;
        seat(&t, &t.staff(&[Role::ExamOfficer]).await.ctx().await, &exam, "甲").await;
        let numbers = tickets(&t, &people).await;
        t.clock.set("2026-05-01 09:00");
        let (maker, checker) = (t.staff(&[Role::ScoreOfficer]).await, t.staff(&[Role::ScoreOfficer]).await);
        // One person: every mean, lowest and highest of any figure is his own mark.
        let rows = [row(&numbers[0], "林一舟", "73.19", "88.37"), row(&numbers[1], "", "-1", "-1")];
        let batch = upload(&t, &maker, &exam, &rows, "").await.unwrap().expect("a good file");
        let ids = Ids { exam: exam.public_id.clone(), application: people[0].1.clone(), batch: batch.clone() };

        let mut outsiders: Vec<_> = Role::ALL.iter().copied().filter(|role| !role.may(Permission::ScoreEdit)).collect();
        // Nobody holds both reviews in one exam.
        outsiders.retain(|role| *role != Role::SecondReviewer);
        let staff = t.staff(&outsiders).await;
        let mut crowd = Crowd {
            anonymous: t.browser(),
            owner: people[0].0.browser(),
            other: people[1].0.browser(),
            staff: staff.browser(),
        };
        let now = find(&t, &exam).await;
        crowd.sees_nothing(&ids, "imported").await;
        // The control: who works with scores finds them by the same walk.
        assert!(!shown(&mut maker.browser(), &ids, true).await.is_empty());

        score::check(&checker.ctx().await, &now, &batch).await.unwrap();
        crowd.sees_nothing(&ids, "checked").await;
        score::publish(&checker.ctx().await, &now, &batch, (at(VISIBLE), "")).await.unwrap();
        t.run_jobs().await;
        crowd.sees_nothing(&ids, "to be published").await;
        t.clock.set_to(Timestamp::from_micros(at(VISIBLE).micros() - 1));
        app::message::round::open_rounds(&t.system()).await.unwrap();
        t.run_jobs().await;
        // Sessions end after a while without use.
        let staff = staff.at(&t);
        crowd.owner = people[0].0.again().await.browser();
        crowd.other = people[1].0.again().await.browser();
        crowd.staff = staff.browser();
        crowd.sees_nothing(&ids, "a microsecond early").await;

        t.clock.set(VISIBLE);
        let found = shown(&mut crowd.owner, &ids, false).await;
        assert!(found.contains(&format!("GET /scores/{}", ids.application)), "the control: on time they are there: {found:?}");
        for (who, browser, office) in [
            ("anonymous", &mut crowd.anonymous, false),
            ("another candidate", &mut crowd.other, false),
            ("staff without scores", &mut crowd.staff, true),
        ] {
            let found = shown(browser, &ids, office).await;
            assert!(found.is_empty(), "published, {who} reads {found:?}");
        }
    }
}
