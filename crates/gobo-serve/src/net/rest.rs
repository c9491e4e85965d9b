//! Requests, one answer each.

use std::time::{Duration, Instant};

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tower_http::services::ServeFile;

use super::accept::Peer;
use super::guard::{COOKIE, Standing, denied, forbidden};
use crate::access::Role;
use crate::clock;
use crate::link::{Answer, Asked, Intent, Link, Reason, answer_event};
use crate::live::{self, Malformed, Order, Origin, Protocol, Reply, SchemaMember, Verdict};

/// How long a request waits for its answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a browser keeps its token: a month.
const MONTH: u32 = 30 * 24 * 3600;

/// A JSON answer.
fn told(status: StatusCode, value: &Value) -> Response {
    let mut response = (status, value.to_string()).into_response();
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `GET /rgb`.
pub(super) async fn colour(
    State(link): State<Link>,
    Extension(Standing(role)): Extension<Standing>,
) -> Response {
    if let Err(reason) = role {
        return denied(reason);
    }
    let colour = link.views.borrow().value("rgb").unwrap_or_default();
    let mut colour = colour;
    colour["schema"] = "demo.rgb.state.v1".into();
    told(StatusCode::OK, &colour)
}

/// `POST /rgb`.
pub(super) async fn set_colour(
    State(link): State<Link>,
    Extension(peer): Extension<Peer>,
    Extension(Standing(role)): Extension<Standing>,
    body: Bytes,
) -> Response {
    match role {
        Err(reason) => return denied(reason),
        Ok(Role::View) => return forbidden(),
        Ok(Role::Control) => {}
    }
    let form = link.acks;
    let refused = |malformed: Malformed| {
        let ack = malformed.ack(clock::unix_ms()).to_json(form);
        told(StatusCode::UNPROCESSABLE_ENTITY, &ack)
    };
    let command = match live::parse_colour(&body, SchemaMember::Optional) {
        Ok(colour) => live::Command::Colour(colour),
        Err(malformed) => return refused(malformed),
    };
    let (sender, answer) = oneshot::channel();
    let reply = Reply::new(move |ack| drop(sender.send(ack)));
    let origin = Origin { protocol: Protocol::Rest, address: peer.address.ip().to_string().into() };
    let order = Order { command, origin, arrived: Instant::now(), reply };
    let handed = link.queue.hand(Asked::Live(order), clock::unix_ms());
    if !matches!(tokio::time::timeout(PATIENCE, handed).await, Ok(Ok(()))) {
        return busy();
    }
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(Ok(ack)) => {
            let status = match ack.verdict {
                Verdict::Refused(_) => StatusCode::CONFLICT,
                _ => StatusCode::OK,
            };
            told(status, &ack.to_json(form))
        }
        _ => busy(),
    }
}

fn busy() -> Response {
    told(StatusCode::SERVICE_UNAVAILABLE, &json!({ "accepted": false, "reason": "busy" }))
}

/// `GET /healthz`: this process answers.
pub(super) async fn healthy() -> Response {
    told(StatusCode::OK, &json!({ "status": "ok" }))
}

/// `GET /readyz`: the lights are on, commands are taken, the broker is there.
pub(super) async fn ready(State(link): State<Link>) -> Response {
    let (ready, checks) = link.shared.health().ready(Instant::now());
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    told(status, &checks)
}

/// `GET /metrics`, for Prometheus.
pub(super) async fn metrics(
    State(link): State<Link>,
    Extension(Standing(role)): Extension<Standing>,
) -> Response {
    if let Err(reason) = role {
        return denied(reason);
    }
    let text = crate::figures::text(&link);
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, text).into_response()
}

/// `GET /song`: its sound, or parts of it.
pub(super) async fn song(
    State(link): State<Link>,
    Extension(Standing(role)): Extension<Standing>,
    request: Request,
) -> Response {
    if let Err(reason) = role {
        return denied(reason);
    }
    let song = link.shared.media().song.clone();
    let Some(song) = song else { return StatusCode::NOT_FOUND.into_response() };
    match ServeFile::new(song).try_call(request).await {
        Ok(response) => {
            let mut response = response.map(Body::new);
            let control = HeaderValue::from_static("no-cache");
            response.headers_mut().insert(header::CACHE_CONTROL, control);
            response
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `GET /song/peaks`: its waveform.
pub(super) async fn peaks(
    State(link): State<Link>,
    Extension(Standing(role)): Extension<Standing>,
) -> Response {
    if let Err(reason) = role {
        return denied(reason);
    }
    let peaks = link.shared.media().peaks.clone();
    match peaks {
        Some(peaks) => {
            let kind =
                [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
            (kind, peaks.to_string()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `POST /login`: a token becomes a cookie.
pub(super) async fn login(
    State(link): State<Link>,
    Extension(peer): Extension<Peer>,
    body: Bytes,
) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let Some(token) = body.get("token").and_then(Value::as_str).map(str::trim) else {
        return told(StatusCode::BAD_REQUEST, &json!({ "message": "expected {\"token\": TEXT}" }));
    };
    let role = match link.access.role(Some(token), peer.address.ip(), Instant::now()) {
        Ok(role) => role,
        Err(reason) => return denied(reason),
    };
    let mut response = told(StatusCode::OK, &json!({ "role": role }));
    if !link.access.is_open() {
        let secure = if peer.is_secret { "; Secure" } else { "" };
        let cookie =
            format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={MONTH}{secure}");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// `GET /projects`: the shows of the project, as the DMX Demo Server tells of its projects.
pub(super) async fn projects(
    State(link): State<Link>,
    Extension(Standing(role)): Extension<Standing>,
) -> Response {
    if let Err(reason) = role {
        return denied(reason);
    }
    let answer = match intent(&link, Role::View, "song.list", json!({})).await {
        Some(Ok(answer)) => answer,
        _ => return busy(),
    };
    let active = link.views.borrow().value("system").unwrap_or_default()["show"].take();
    let project = |song: &Value| json!({ "id": song["show"], "name": song["title"] });
    let songs = answer["songs"].as_array().into_iter().flatten();
    let projects: Vec<Value> = songs.map(project).collect();
    told(StatusCode::OK, &json!({ "activeId": active, "projects": projects }))
}

/// Asks for something; what became of it, if it was in time.
async fn intent(link: &Link, role: Role, name: &str, payload: Value) -> Option<Answer> {
    let (sender, answered) = oneshot::channel();
    let answer = Box::new(move |answer| drop(sender.send(answer)));
    let (name, req_id, arrived) = (name.to_owned(), Some(Value::Null), Instant::now());
    let intent = Intent { name, payload, req_id, role, arrived, answer };
    let handed = link.queue.hand(Asked::Intent(intent), clock::unix_ms());
    tokio::time::timeout(PATIENCE, handed).await.ok()?.ok()?;
    tokio::time::timeout(PATIENCE * 6, answered).await.ok()?.ok()
}

/// `POST /projects/{id}/select`: another show is played.
pub(super) async fn select(
    State(link): State<Link>,
    Extension(Standing(role)): Extension<Standing>,
    Path(id): Path<String>,
) -> Response {
    let role = match role {
        Ok(role) => role,
        Err(reason) => return denied(reason),
    };
    let Some(answer) = intent(&link, role, "song.load", json!({ "show": id })).await else {
        return busy();
    };
    let status = match &answer {
        Ok(_) => StatusCode::OK,
        Err(refused) => match refused.reason {
            Reason::NotFound => StatusCode::NOT_FOUND,
            Reason::Forbidden => StatusCode::FORBIDDEN,
            _ => StatusCode::CONFLICT,
        },
    };
    told(status, &answer_event("song.load", None, &answer)["data"])
}
