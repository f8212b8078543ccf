//! role × exam × unit: what a reviewer of one employer can reach of another's, by any address, filter or export.

use std::collections::{BTreeSet, VecDeque};

use app::audit;
use axum::body::Body;
use domain::staff::Role;
use http::{HeaderValue, Method, header};
use testkit::{Browser, Page, TestApp, TestExam, TestPosition, both_backends};

use crate::application::submitted;

/// What nobody of the museum may ever read: the library's candidate, position and employer.
const THEIRS: [&str; 3] = ["林一舟", "馆藏整理", "市图书馆"];

/// Fields that the forms of the office know, so that a POST gets as far as the question whose record it is.
const ANYTHING: &str = "decision=approve&code=&reason=&note=&hash=&review=pending&version=1&why=x&what=id_number&id=1&state=";

async fn two_employers(t: &TestApp) -> (TestExam, String, String) {
    let positions = [
        TestPosition {
            name: "馆藏整理",
            employer: "市图书馆",
            ..TestPosition::default()
        },
        TestPosition {
            name: "展陈设计",
            employer: "市博物馆",
            ..TestPosition::default()
        },
    ];
    let exam = t.recruitment_with(|_| {}, &positions).await;
    let (lin, su) = (t.ready("林一舟").await, t.ready("苏晓").await);
    let theirs = submitted(&lin, &exam, "馆藏整理").await;
    let own = submitted(&su, &exam, "展陈设计").await;
    app::statistics::fold(&t.app).await.unwrap();
    audit::seal_all(&t.system()).await.unwrap();
    (exam, theirs, own)
}

fn is_clean(page: &Page) {
    // A workbook hides its text from a plain search.
    let text =
        documents::xlsx::read(&page.body).map_or_else(|_| page.html(), |book| format!("{book:?}"));
    for word in THEIRS {
        assert!(!text.contains(word), "{} shows {word}", page.url);
    }
}

/// Follows every link of the office from its home page on.
async fn crawl(browser: &mut Browser) -> BTreeSet<String> {
    let mut seen = BTreeSet::from(["/office".to_owned()]);
    let mut queue = VecDeque::from(["/office".to_owned()]);
    while let Some(path) = queue.pop_front() {
        let page = browser.get(&path).await;
        assert!(page.status.as_u16() < 500, "{path}: {}", page.status);
        is_clean(&page);
        for link in page.own_links() {
            if link.starts_with("/office") && seen.len() < 400 && seen.insert(link.clone()) {
                queue.push_back(link);
            }
        }
    }
    seen
}

/// Every office route with the library's ids filled in.
fn addresses(exam: &TestExam, application: &str) -> Vec<(String, String)> {
    server::routes::list()
        .into_iter()
        .filter(|route| route.path.starts_with("/office/"))
        .filter(|route| !route.path.contains("logout") && !route.path.contains("login"))
        .map(|route| {
            let parts = route.path.split('/').map(|part| match part {
                "{exam}" => exam.public_id.as_str(),
                "{id}" if route.path.starts_with("/office/exams/") => exam.public_id.as_str(),
                part if part.starts_with('{') => application,
                part => part,
            });
            (
                route.method.to_string(),
                parts.collect::<Vec<_>>().join("/"),
            )
        })
        .collect()
}

both_backends! {
    async fn a_reviewer_of_one_employer_reads_nothing_of_another_wherever_he_goes(t: TestApp) {
        let (exam, theirs, own) = two_employers(&t).await;
        for role in [Role::FirstReviewer, Role::SecondReviewer] {
            let museum = t.staff_with(&[(role, exam.id, "市博物馆".into())]).await;
            let mut browser = museum.browser();
            let seen = crawl(&mut browser).await;
            let bench = format!("/office/reviews/{}/{own}", exam.public_id);
            let statistics = format!("/office/exams/{}/statistics", exam.public_id);
            for path in [&bench, &statistics] {
                assert!(seen.contains(path) || role == Role::SecondReviewer, "{path} was not reached: {seen:?}");
            }
            let asked = [
                format!("/office/reviews/{}?state=pending&unit=市图书馆", exam.public_id),
                format!("/office/reviews/{}?who=林一舟", exam.public_id),
                format!("/office/reviews/{}?state=approved", exam.public_id),
                format!("/office/exams/{}/table?q=0101", exam.public_id),
                format!("/office/exams/{}/table/export", exam.public_id),
                format!("/office/exams/{}/statistics/export", exam.public_id),
            ];
            for path in asked {
                is_clean_but_for_what_was_typed(&browser.get(&path).await);
            }
        }
        let _ = theirs;
    }

    async fn the_addresses_of_anothers_application_lead_nowhere(t: TestApp) {
        let (exam, theirs, _) = two_employers(&t).await;
        let museum = t.staff_with(&[(Role::FirstReviewer, exam.id, "市博物馆".into())]).await;
        let mut browser = museum.browser();
        let token = browser.get("/office").await.forms()[0].value("_csrf").unwrap().to_owned();
        for (method, path) in addresses(&exam, &theirs) {
            let page = if method == "GET" {
                browser.get(&path).await
            } else {
                let mut request = browser.request(Method::POST, &path, Body::from(format!("_csrf={token}&{ANYTHING}")));
                let form = HeaderValue::from_static("application/x-www-form-urlencoded");
                request.headers_mut().insert(header::CONTENT_TYPE, form);
                browser.same_origin(&mut request);
                browser.send(request).await
            };
            assert!(page.status.as_u16() < 500, "{method} {path}: {}", page.status);
            is_clean(&page);
            if path.contains(&theirs) {
                assert!(
                    matches!(page.status.as_u16(), 303 | 400 | 403 | 404 | 409 | 422),
                    "{method} {path}: {}",
                    page.status
                );
            }
        }
        // Untouched, whatever was sent.
        let library = t.staff_with(&[(Role::FirstReviewer, exam.id, "市图书馆".into())]).await;
        let bench = app::review::bench(&library.ctx().await, &theirs).await.unwrap();
        assert_eq!(bench.review(), domain::review::Review::Pending);
    }

    async fn who_reviews_for_all_units_reads_both(t: TestApp) {
        // The control of the two tests above: the same crawl by somebody without a unit finds what they look for.
        let (exam, ..) = two_employers(&t).await;
        let all = t.staff_with(&[(Role::FirstReviewer, exam.id, String::new())]).await;
        let mut browser = all.browser();
        let page = browser.get(&format!("/office/exams/{}/statistics", exam.public_id)).await.expect(200);
        for word in ["馆藏整理", "市图书馆"] {
            assert!(page.html().contains(word), "{word}");
        }
        browser.get(&format!("/office/reviews/{}", exam.public_id)).await.expect(200).shows("林一舟");
    }
}

/// The filter row shows what was typed: the list under it must not.
fn is_clean_but_for_what_was_typed(page: &Page) {
    if documents::xlsx::read(&page.body).is_ok() {
        return is_clean(page);
    }
    for word in THEIRS {
        let rows: Vec<_> = page
            .html()
            .split("<tr")
            .skip(1)
            .map(str::to_owned)
            .collect();
        assert!(
            rows.iter().all(|row| !row.contains(word)),
            "{} lists {word}",
            page.url
        );
    }
}
