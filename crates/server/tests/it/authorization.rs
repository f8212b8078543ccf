//! Who may come to each route, really asked: every route as every kind of visitor, held against `authorization.txt`.
//!
//! A route that isn't in the file fails. `BAOKAO_BLESS=1` writes the file anew; read what changed before you commit it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::body::Body;
use domain::ids::PublicId;
use domain::staff::{Permission, Role};
use http::{HeaderValue, Method, StatusCode, header};
use testkit::{Browser, Page, TestApp, both_backends};
use web::Who;
use web::routes::RouteInfo;

/// Where those are sent whose session doesn't open a page.
const DOORS: [&str; 4] = [
    "/login?next=",
    "/activate?next=",
    "/office/login?next=",
    "/office/login/code?next=",
];

/// A public id that is well formed and nobody's.
fn nobodys() -> String {
    PublicId::from_bytes([7; 10]).to_string()
}

/// The address of a route with ids that lead to nothing.
fn address(path: &str) -> String {
    path.split('/')
        .map(|part| match part {
            part if !part.starts_with('{') => part.to_owned(),
            "{slug}" | "{page}" => "payment".to_owned(),
            "{room}" => "1".to_owned(),
            _ => nobodys(),
        })
        .collect::<Vec<_>>()
        .join("/")
}

/// Everybody who could come, in the columns of the file.
async fn visitors(t: &TestApp) -> Vec<(&'static str, Browser)> {
    let candidate = t.candidate("张三").await;
    let mut all = vec![
        ("anonymous", t.browser()),
        ("activation", t.activating("李四").await),
        ("candidate", candidate.browser()),
    ];
    let staff = t.staff(&[Role::ExamOfficer]).await;
    all.push(("half", t.half_in(&staff).await));
    for role in Role::ALL {
        all.push((role.code(), t.staff(&[*role]).await.browser()));
    }
    for (_, browser) in &mut all {
        browser.follow = false;
    }
    all
}

/// The token that a visitor's forms carry on one of the two sites, from a page that he may see.
async fn token(browser: &mut Browser, office: bool) -> String {
    let pages: &[&str] = match office {
        true => &["/office", "/office/login/code", "/office/login"],
        false => &["/home", "/activate", "/login"],
    };
    for path in pages {
        let page = browser.get(path).await;
        if page.status == StatusCode::OK
            && let Some(token) = page
                .forms()
                .iter()
                .find_map(|form| form.value(web::csrf::FIELD).map(str::to_owned))
        {
            return token;
        }
    }
    String::new()
}

fn is_office(route: &RouteInfo) -> bool {
    route.path.starts_with("/office")
}

async fn ask(browser: &mut Browser, route: &RouteInfo, token: &str) -> Page {
    let address = address(&route.path);
    if route.method == "GET" {
        return browser.get(&address).await;
    }
    let mut request = browser.request(Method::POST, &address, Body::from(format!("_csrf={token}")));
    request.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/x-www-form-urlencoded"),
    );
    browser.same_origin(&mut request);
    browser.send(request).await
}

fn outcome(page: &Page) -> &'static str {
    let location = page.location().unwrap_or_default();
    match page.status.as_u16() {
        401 => "door",
        303 if DOORS.iter().any(|door| location.starts_with(door)) => "door",
        403 => "no",
        _ => "in",
    }
}

/// All routes; those that end a session come last.
fn routes() -> Vec<RouteInfo> {
    let mut routes = server::routes::list();
    let ends = |path: &str| path.contains("logout") || path.ends_with("/leave");
    routes.sort_by_key(|route| (ends(&route.path), route.path.clone(), route.method));
    routes
}

async fn matrix(t: &TestApp) -> String {
    let mut visitors = visitors(t).await;
    let mut tokens = BTreeMap::new();
    for (name, browser) in &mut visitors {
        for office in [false, true] {
            tokens.insert((*name, office), token(browser, office).await);
        }
    }
    let names: Vec<_> = visitors.iter().map(|(name, _)| *name).collect();
    let mut lines = Vec::new();
    for route in routes() {
        let mut line = format!(
            "{:<4} {:<58} {:<13} {:<24}",
            route.method,
            route.path,
            route.feature,
            route.who.to_string()
        );
        for (name, browser) in &mut visitors {
            // Not the jar itself: what one answer does to it must not reach the next.
            let mut browser = browser.clone();
            let page = ask(&mut browser, &route, &tokens[&(*name, is_office(&route))]).await;
            assert!(
                page.status.as_u16() < 500 || page.status == StatusCode::SERVICE_UNAVAILABLE,
                "{} {} as {name}: {}",
                route.method,
                route.path,
                page.text()
            );
            let _ = write!(line, " {:<4}", outcome(&page));
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.sort();
    format!(
        "# method, path, feature, declared for | what a request meets, for: {}\n\
         # door: sent to log in; no: 403; in: the handler answers (which may still say 404)\n{}\n",
        names.join(" "),
        lines.join("\n")
    )
}

both_backends! {
    async fn every_route_meets_every_visitor_as_the_matrix_says(t: TestApp) {
        // Asked when it runs: what was compiled in may be the path of another clone with the same target folder.
        let path = format!("{}/tests/it/authorization.txt", std::env::var("CARGO_MANIFEST_DIR").unwrap());
        let found = matrix(&t).await;
        if std::env::var_os("BAOKAO_BLESS").is_some() {
            std::fs::write(&path, &found).unwrap();
        }
        let known = std::fs::read_to_string(&path).unwrap_or_default();
        let differing: Vec<_> = found.lines().filter(|line| !known.lines().any(|known| known == *line)).collect();
        let gone: Vec<_> = known.lines().filter(|line| !found.lines().any(|found| found == *line)).collect();
        assert!(
            differing.is_empty() && gone.is_empty(),
            "the routes differ from authorization.txt (BAOKAO_BLESS=1 writes it anew; read the difference)\n\
             found: {differing:#?}\nnot found: {gone:#?}"
        );
    }

    async fn what_a_route_declares_is_what_a_visitor_meets(t: TestApp) {
        let found = matrix(&t).await;
        for line in found.lines().filter(|line| !line.starts_with('#')) {
            let cells: Vec<_> = line.split_whitespace().collect();
            let (path, who) = (cells[1], cells[3]);
            let meets = &cells[4..];
            let staff_in = |wanted: &dyn Fn(Role) -> bool| {
                Role::ALL.iter().enumerate().all(|(n, role)| (meets[4 + n] == "in") == wanted(*role))
            };
            let right = match who {
                "anonymous" | "gateway" | "device" => meets.iter().all(|cell| *cell == "in" || *cell == "no" && who != "anonymous"),
                "candidate" => meets[2] == "in" && meets[0] == "door" && meets[1] == "door",
                "activation" => meets[1] == "in" && meets[0] == "door" && meets[2] == "door",
                // The use case may narrow what every member of staff reaches.
                "staff" => meets[0] == "door" && meets[3] == "door" && meets[4..].contains(&"in"),
                // This visitor has a password of his own and a second factor: nobody who knows only the password may set up others.
                "staff_half" if ["/office/login/enroll", "/office/login/password"].contains(&path) => meets[3] == "no" && meets[0] == "door",
                "staff_half" => meets[3] == "in" && meets[0] == "door",
                staff => {
                    let name = staff.strip_prefix("staff:").unwrap();
                    let permission = Permission::ALL.iter().find(|p| format!("{p:?}") == name).unwrap();
                    meets[0] == "door" && meets[2] == "door" && staff_in(&|role| role.may(*permission))
                }
            };
            assert!(right, "{path} is declared for {who}: {line}");
        }
    }

    async fn pages_of_a_session_are_kept_by_no_cache(t: TestApp) {
        let mut visitors = visitors(&t).await;
        let (_, mut officer) = visitors.remove(6);
        let (_, mut candidate) = visitors.remove(2);
        for route in routes().iter().filter(|route| route.method == "GET") {
            for browser in [&mut candidate, &mut officer] {
                let page = ask(browser, route, "").await;
                if outcome(&page) == "in" && page.status != StatusCode::SEE_OTHER {
                    // The two cookies differ; each page is private to the one that its site reads.
                    let office = route.path.starts_with("/office");
                    let own = browser.cookie(if office { web::cookie::STAFF } else { web::cookie::CANDIDATE });
                    if own.is_some() {
                        assert_eq!(page.header("cache-control"), Some("no-store"), "{}", route.path);
                    }
                }
            }
        }
    }

    async fn an_id_that_leads_nowhere_gets_a_page_that_says_so(t: TestApp) {
        let visitors = visitors(&t).await;
        for route in routes().iter().filter(|route| route.path.contains('{') && route.method == "GET") {
            if route.path.contains("{slug}") || route.path.contains("{page}") {
                continue;
            }
            for (name, browser) in &visitors {
                let page = ask(&mut browser.clone(), route, "").await;
                if outcome(&page) == "in" {
                    assert_eq!(page.status.as_u16(), 404, "{} as {name}: {}", route.path, page.text());
                }
            }
        }
    }

    async fn a_crawl_of_all_anonymous_pages_commits_nothing(t: TestApp) {
        t.run_jobs().await;
        let before = t.commits();
        let mut browser = t.browser();
        let mut waiting = vec!["/".to_owned()];
        let mut seen = std::collections::BTreeSet::new();
        for route in routes().iter().filter(|route| route.method == "GET" && route.who == Who::Anonymous) {
            waiting.push(address(&route.path));
        }
        while let Some(address) = waiting.pop() {
            if seen.len() > 400 || !seen.insert(address.clone()) {
                continue;
            }
            let page = browser.get(&address).await;
            if page.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
                waiting.extend(page.own_links().into_iter().filter(|link| !link.starts_with("/static")));
            }
        }
        assert!(seen.len() > 12, "{seen:?}");
        assert_eq!(t.commits(), before, "after a crawl of {seen:?}");
    }
}

/// For each unsafe route, somebody who may come there, by the column of [`visitors`].
fn somebody_for(who: Who) -> Option<usize> {
    Some(match who {
        Who::Anonymous => 0,
        Who::Activation => 1,
        Who::Candidate => 2,
        Who::StaffHalf => 3,
        Who::AnyStaff => 4,
        Who::Staff(permission) => 4 + Role::ALL.iter().position(|role| role.may(permission))?,
        Who::Gateway | Who::Device => return None,
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Forgery {
    NoToken,
    AnothersToken,
    ForeignOrigin,
}

/// Sends every unsafe route a forged form and returns those that let it in.
async fn forged(t: &TestApp, forgery: Forgery) -> Vec<String> {
    let visitors = visitors(t).await;
    let mut other = t.candidate("王五").await.browser();
    let anothers = token(&mut other, false).await;
    assert!(!anothers.is_empty());
    let mut passed = Vec::new();
    for route in routes().iter().filter(|route| route.method != "GET") {
        let Some(at) = somebody_for(route.who) else {
            continue;
        };
        let mut browser = visitors[at].1.clone();
        let own = token(&mut browser, is_office(route)).await;
        let body = match forgery {
            Forgery::NoToken => String::new(),
            Forgery::AnothersToken => format!("_csrf={anothers}"),
            Forgery::ForeignOrigin => format!("_csrf={own}"),
        };
        let mut request = browser.request(Method::POST, &address(&route.path), Body::from(body));
        browser.same_origin(&mut request);
        let headers = request.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        if forgery == Forgery::ForeignOrigin {
            headers.insert(
                header::ORIGIN,
                HeaderValue::from_static("https://evil.example"),
            );
            headers.insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
        }
        if browser.send(request).await.status != StatusCode::FORBIDDEN {
            passed.push(format!("{} {}", route.method, route.path));
        }
    }
    passed
}

both_backends! {
    async fn no_form_is_taken_without_its_own_token_or_from_elsewhere(t: TestApp) {
        for forgery in [Forgery::NoToken, Forgery::AnothersToken, Forgery::ForeignOrigin] {
            assert_eq!(forged(&t, forgery).await, Vec::<String>::new(), "{forgery:?}");
        }
    }

    async fn control_with_the_token_off_forged_forms_get_in(t: TestApp) {
        let open = t.with(|setup| setup.control.no_token = true);
        assert!(forged(&open, Forgery::NoToken).await.len() > 10);
        assert!(forged(&open, Forgery::AnothersToken).await.len() > 10);
    }

    async fn control_with_the_origin_off_foreign_forms_get_in(t: TestApp) {
        let open = t.with(|setup| setup.control.no_origin = true);
        assert!(forged(&open, Forgery::ForeignOrigin).await.len() > 10);
    }
}

both_backends! {
    async fn nobody_reaches_what_is_another_candidates(t: TestApp) {
        let exam = t.recruitment(|settings| settings.questions.clear()).await;
        let owner = t.ready("张三").await;
        let other = t.ready("李四").await;
        let found = app::exam::find(&t.app, &exam.public_id).await.unwrap();
        let form = app::application::Form {
            pick: app::application::Pick::Position(exam.position("数字资源管理").to_owned()),
            answers: BTreeMap::new(),
            agreed: app::application::Agreed { version: found.settings.agreement.version, at: t.now() },
        };
        let saved = app::application::submit(&owner.ctx(), &exam.public_id, &form).await.unwrap();
        let reviewer = t.staff(&[Role::FirstReviewer]).await.ctx().await;
        let bench = app::review::bench(&reviewer, &saved.public_id).await.unwrap();
        let shown = app::review::Shown {
            public_id: saved.public_id.clone(),
            hash: bench.hash(),
            review: bench.review(),
        };
        app::review::claim(&reviewer, &saved.public_id).await.unwrap();
        app::review::decide(&reviewer, &shown, &app::review::Decision::Approve).await.unwrap();
        let order = app::payment::payable(&owner.ctx(), &saved.public_id).await.unwrap().order.unwrap().public_id;
        let photo = app::photo::current(&t.app, owner.id).await.unwrap().unwrap().public_id;

        let application = &saved.public_id;
        let reads = [
            format!("/applications/{application}"),
            format!("/applications/{application}/form.pdf"),
            format!("/applications/{application}/photo"),
            format!("/applications/{application}/withdraw"),
            format!("/photo/{photo}"),
            format!("/payments/{order}"),
            format!("/payments/{order}/pay"),
            format!("/payments/{order}/void"),
        ];
        let changes = [
            format!("/applications/{application}/withdraw"),
            format!("/applications/{application}/appeal"),
            format!("/payments/raise/{application}"),
            format!("/payments/{order}/pay"),
            format!("/payments/{order}/ask"),
            format!("/payments/{order}/void"),
        ];
        let mut stranger = other.browser();
        for path in &reads {
            stranger.get(path).await.expect(404).lacks("张三");
            let page = owner.browser().get(path).await;
            assert!(page.status.is_success(), "{path}: {} {}", page.status, page.text());
        }
        for path in &changes {
            // An incomplete form is told so before anything is looked up; either way nothing happens.
            let page = stranger.post(path, &[]).await;
            assert!(matches!(page.status.as_u16(), 400 | 404), "{path}: {} {}", page.status, page.text());
        }
        let after = app::payment::payable(&owner.ctx(), application).await.unwrap();
        assert_eq!(after.order.unwrap().state, "unpaid");
        assert_eq!(after.view.row.life, "live");
    }
}
