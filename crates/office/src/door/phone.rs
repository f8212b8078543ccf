//! The phones' own page and what it asks for. The page holds no data and is the same for everybody; the rest answers in JSON to who
//! shows a token in `Authorization`.

use app::App;
use app::door::{self, Device, MarkSent, Person, Photo};
use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use web::{Html, PageResult, Visit, page as answer};

use crate::context::{self, problem};

/// What the page loads, by name; a file that the build was made without is left out.
const FILES: [&str; 11] = [
    "favicon.svg",
    "baokao.css",
    "door.css",
    "door.js",
    "door-core.js",
    "door-eye.js",
    "door-net.js",
    "door-store.js",
    "ed25519.js",
    "qr.js",
    "qr-decode.js",
];

#[derive(Debug, Template)]
#[template(path = "door/phone.html")]
struct Page {
    centre: String,
}

/// The page.
pub(super) async fn page(visit: Visit) -> Response {
    let page = Page {
        centre: visit.kit().site().centre.clone(),
    };
    answer::with_camera(Html::new(page).into())
}

/// The script that keeps the page on the phone. Its scope is the page, which lies above its own path.
pub(super) async fn worker() -> Response {
    let files: Vec<&str> = FILES
        .iter()
        .map(|name| web::asset(name))
        .filter(|path| !path.is_empty())
        .collect();
    // The names carry the content's hash: another version of any file is another version of all.
    let version: String = files
        .iter()
        .filter_map(|path| path.rsplit('.').nth(1))
        .map(|hash| hash.get(..4).unwrap_or_default())
        .collect();
    let list = serde_json::to_string(&files).unwrap_or_default();
    let script = include_str!("worker.js")
        .replace("{{version}}", &version)
        .replace("{{files}}", &list);
    let mut response = answer::exact(StatusCode::OK, "text/javascript; charset=utf-8", script);
    response.headers_mut().insert(
        HeaderName::from_static("service-worker-allowed"),
        HeaderValue::from_static("/door"),
    );
    response
}

/// A no in JSON; what is our own fault, or the database's, is told as everywhere.
fn refused(error: app::Error) -> PageResult {
    let said = |status: StatusCode, body: serde_json::Value| {
        Ok(answer::exact(status, "application/json", body.to_string()))
    };
    match error {
        app::Error::Refused(no) => said(
            StatusCode::FORBIDDEN,
            json!({ "code": no.code, "title": no.title, "text": no.text }),
        ),
        app::Error::Fields(errors) => {
            let fields: serde_json::Map<_, _> = errors
                .iter()
                .map(|(field, message)| (field.to_owned(), message.into()))
                .collect();
            let text = errors.iter().next().map_or("", |(_, message)| message);
            said(
                StatusCode::UNPROCESSABLE_ENTITY,
                json!({ "code": "fields", "fields": fields, "text": text }),
            )
        }
        app::Error::TooMany(wait) => {
            let minutes = wait.as_secs().div_ceil(60).max(1);
            let text = format!("试的次数太多，请 {minutes} 分钟后再试");
            said(
                StatusCode::TOO_MANY_REQUESTS,
                json!({ "code": "too_many", "text": text }),
            )
        }
        other => Err(problem(other)),
    }
}

/// What a phone sent; `None` if it can't be read.
fn read<T: DeserializeOwned>(body: &Bytes) -> Option<T> {
    serde_json::from_slice(body).ok()
}

fn unreadable() -> Response {
    let said = json!({ "code": "bad", "text": "发送的内容无法识别，请刷新页面" });
    answer::exact(
        StatusCode::BAD_REQUEST,
        "application/json",
        said.to_string(),
    )
}

fn token(headers: &HeaderMap) -> &str {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default()
}

/// One request of a phone that was let in, with what it sent.
struct Call<T> {
    ctx: app::Ctx,
    device: Device,
    sent: T,
}

enum Gate<T> {
    In(Call<T>),
    Answered(Response),
}

async fn enter<T: DeserializeOwned>(
    visit: &Visit,
    app: &App,
    headers: &HeaderMap,
    body: &Bytes,
) -> PageResult<Gate<T>> {
    let ctx = context::ctx(visit, app);
    let device = match door::authenticate(&ctx, token(headers)).await {
        Ok(device) => device,
        Err(error) => return refused(error).map(Gate::Answered),
    };
    Ok(match read(body) {
        Some(sent) => Gate::In(Call { ctx, device, sent }),
        None => Gate::Answered(unreadable()),
    })
}

#[derive(Debug, Deserialize)]
struct Join {
    code: String,
    holder: String,
}

/// Lets a phone in by a code.
pub(super) async fn join(visit: Visit, State(app): State<App>, body: Bytes) -> PageResult {
    let Some(sent) = read::<Join>(&body) else {
        return Ok(unreadable());
    };
    let ctx = context::ctx(&visit, &app);
    match join_with(&ctx, &sent).await {
        Ok(joined) => Ok(answer::json(&joined)),
        Err(error) => refused(error),
    }
}

async fn join_with(ctx: &app::Ctx, sent: &Join) -> app::Result<serde_json::Value> {
    let joined = door::join(ctx, &sent.code, &sent.holder).await?;
    let about = door::about(ctx, &joined.device).await?;
    Ok(json!({ "token": joined.token.expose(), "about": about }))
}

#[derive(Debug, Deserialize)]
struct RosterAsked {
    after: String,
    limit: i64,
}

/// As a phone reads it: `[ticket, name, number, [[session, room, seat]], extra, photo]`.
#[derive(Debug, Serialize)]
struct PersonRow(String, String, String, Vec<(i64, i64, i64)>, i64, u8);

impl From<Person> for PersonRow {
    fn from(one: Person) -> Self {
        let photo = u8::from(one.photo);
        Self(
            one.ticket, one.name, one.number, one.seats, one.extra, photo,
        )
    }
}

/// A page of the list.
pub(super) async fn roster(
    visit: Visit,
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> PageResult {
    let call: Call<RosterAsked> = match enter(&visit, &app, &headers, &body).await? {
        Gate::In(call) => call,
        Gate::Answered(response) => return Ok(response),
    };
    let asked = call.sent;
    match door::roster(&call.ctx, &call.device, &asked.after, asked.limit).await {
        Ok(found) => {
            let people: Vec<PersonRow> = found.people.into_iter().map(Into::into).collect();
            Ok(answer::json(&json!({
                "plan": found.plan, "about": found.about, "people": people, "next": found.next,
            })))
        }
        Err(error) => refused(error),
    }
}

#[derive(Debug, Deserialize)]
struct PhotosAsked {
    tickets: Vec<String>,
}

/// Photos, each after its place and its length.
pub(super) async fn photos(
    visit: Visit,
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> PageResult {
    let call: Call<PhotosAsked> = match enter(&visit, &app, &headers, &body).await? {
        Gate::In(call) => call,
        Gate::Answered(response) => return Ok(response),
    };
    match door::photos(&call.ctx, &call.device, &call.sent.tickets).await {
        Ok(photos) => Ok(answer::exact(
            StatusCode::OK,
            "application/octet-stream",
            packed(&photos),
        )),
        Err(error) => refused(error),
    }
}

fn packed(photos: &[Photo]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for photo in photos {
        let Ok(length) = u32::try_from(photo.jpeg.len()) else {
            continue;
        };
        bytes.extend(photo.index.to_be_bytes());
        bytes.extend(length.to_be_bytes());
        bytes.extend(&photo.jpeg);
    }
    bytes
}

/// `[key, ticket, session, kind, how, note, at]`.
#[derive(Debug, Deserialize)]
struct MarkRow(String, String, i64, String, String, String, i64);

#[derive(Debug, Deserialize)]
struct MarksSent {
    marks: Vec<MarkRow>,
}

/// What a phone noted.
pub(super) async fn marks(
    visit: Visit,
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> PageResult {
    let call: Call<MarksSent> = match enter(&visit, &app, &headers, &body).await? {
        Gate::In(call) => call,
        Gate::Answered(response) => return Ok(response),
    };
    let marks = call.sent.marks.into_iter().map(|row| MarkSent {
        key: row.0,
        ticket: row.1,
        session: row.2,
        kind: row.3,
        how: row.4,
        note: row.5,
        at: row.6,
    });
    match door::mark(&call.ctx, &call.device, marks.collect()).await {
        Ok(taken) => Ok(answer::json(&json!({
            "kept": taken.kept, "refused": taken.refused, "now": call.ctx.at.micros().div_euclid(1000),
        }))),
        Err(error) => refused(error),
    }
}

#[derive(Debug, Deserialize)]
struct NewsAsked {
    since: String,
}

/// What the other phones noted.
pub(super) async fn news(
    visit: Visit,
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> PageResult {
    let call: Call<NewsAsked> = match enter(&visit, &app, &headers, &body).await? {
        Gate::In(call) => call,
        Gate::Answered(response) => return Ok(response),
    };
    let since = call.sent.since.parse().unwrap_or(0);
    match door::news(&call.ctx, &call.device, since).await {
        Ok(news) => Ok(answer::json(&news)),
        Err(error) => refused(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photos_are_packed_with_place_and_length() {
        let photos = [(0, vec![1, 2]), (3, vec![])].map(|(index, jpeg)| Photo { index, jpeg });
        assert_eq!(packed(&photos), [0, 0, 0, 0, 0, 2, 1, 2, 0, 3, 0, 0, 0, 0]);
    }

    #[test]
    fn a_token_is_read_from_one_header_only() {
        let mut headers = HeaderMap::new();
        assert_eq!(token(&headers), "");
        headers.insert(header::COOKIE, HeaderValue::from_static("Bearer x"));
        assert_eq!(token(&headers), "");
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Basic x"));
        assert_eq!(token(&headers), "");
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer x"));
        assert_eq!(token(&headers), "x");
    }
}
