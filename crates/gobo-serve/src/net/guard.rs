//! Who asks, and whether they may.

use std::sync::atomic::Ordering;
use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use tokio::time::timeout;

use super::accept::Peer;
use crate::access::{Denied, Role};
use crate::link::Link;

/// The cookie that keeps a browser's token.
pub(super) const COOKIE: &str = "gobo_token";

/// What may come onto the page and from where: ourselves only.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:; \
                      media-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; \
                      form-action 'self'";

/// What somebody may do, as far as the request tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Standing(pub(super) Result<Role, Denied>);

/// Turns away strange names and pages, finds out who asks, and says what browsers are to keep to.
pub(super) async fn guard(State(link): State<Link>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    if !link.origins.knows_host(headers) {
        link.audience.refused.fetch_add(1, Ordering::Relaxed);
        let name = "this server is called by another name: see `hosts`\n";
        return (StatusCode::MISDIRECTED_REQUEST, name).into_response();
    }
    if !link.origins.allows(headers) {
        link.audience.refused.fetch_add(1, Ordering::Relaxed);
        let page = "this page may not speak to the show: see `origins`\n";
        return (StatusCode::FORBIDDEN, page).into_response();
    }
    let Some(peer) = request.extensions().get::<Peer>().copied() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let token = token_of(headers, request.uri().query());
    let role = link.access.role(token.as_deref(), peer.address.ip(), Instant::now());
    request.extensions_mut().insert(Standing(role));
    let request = match whole(request, &link).await {
        Ok(request) => request,
        Err(refused) => return refused,
    };
    let origin = page_of(request.headers());
    let is_question = request.method() == Method::OPTIONS;
    let mut response = if is_question && origin.is_some() {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    let told = response.headers_mut();
    told.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    told.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    told.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Some(origin) = origin {
        told.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        told.insert(header::VARY, HeaderValue::from_static("Origin"));
        let headers = HeaderValue::from_static("authorization, content-type, x-api-key");
        told.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, headers);
        let methods = HeaderValue::from_static("GET, POST, PUT, OPTIONS");
        told.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    }
    response
}

/// A request with all of its body, which is to come in a while; the connection of one that does not
/// ends.
async fn whole(request: Request, link: &Link) -> Result<Request, Response> {
    let limits = link.limits;
    let (head, body) = request.into_parts();
    let ending = [(header::CONNECTION, "close")];
    match timeout(limits.patience, to_bytes(body, limits.message)).await {
        Ok(Ok(body)) => Ok(Request::from_parts(head, Body::from(body))),
        Ok(Err(_)) => {
            let words = "a body is smaller than that, or comes whole\n";
            Err((StatusCode::PAYLOAD_TOO_LARGE, ending, words).into_response())
        }
        Err(_) => {
            let words = "the body does not come\n";
            Err((StatusCode::REQUEST_TIMEOUT, ending, words).into_response())
        }
    }
}

/// A page of another site that may speak to us: its browser wants to hear so.
fn page_of(headers: &HeaderMap) -> Option<HeaderValue> {
    headers.get(header::ORIGIN).cloned()
}

/// The token that a request offers: by header, by cookie, or in its address.
fn token_of(headers: &HeaderMap, query: Option<&str>) -> Option<String> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let bearer = text("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let cookie = cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE).then_some(value));
    let asked = query.into_iter().flat_map(|query| query.split('&'));
    let asked = asked.filter_map(|pair| pair.split_once('=')).find(|(name, _)| *name == "token");
    let found = bearer.or(text("x-api-key")).or(asked.map(|(_, token)| token)).or(cookie);
    found.map(|token| token.trim().to_owned())
}

/// What is said to somebody who may not.
pub(super) fn denied(denied: Denied) -> Response {
    let (status, words) = match denied {
        Denied::Missing => (StatusCode::UNAUTHORIZED, "a token is needed\n"),
        Denied::Wrong => (StatusCode::UNAUTHORIZED, "this token is not one of ours\n"),
        Denied::Barred => (StatusCode::TOO_MANY_REQUESTS, "too many wrong tokens: wait a minute\n"),
    };
    let mut response = (status, words).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let bearer = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, bearer);
    }
    response
}

/// What is said to somebody who may see only.
pub(super) fn forbidden() -> Response {
    (StatusCode::FORBIDDEN, "this token may see, not do\n").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_where_they_may_stand() {
        let headers = |name: &'static str, value: &'static str| {
            HeaderMap::from_iter([(
                name.parse::<header::HeaderName>().unwrap(),
                HeaderValue::from_static(value),
            )])
        };
        let found = |name, value, query| token_of(&headers(name, value), query);
        assert_eq!(found("authorization", "Bearer abc", None).as_deref(), Some("abc"));
        assert_eq!(found("authorization", "Basic abc", None), None);
        assert_eq!(found("x-api-key", "abc", None).as_deref(), Some("abc"));
        assert_eq!(found("cookie", "a=b; gobo_token=abc", None).as_deref(), Some("abc"));
        assert_eq!(found("host", "x", Some("a=1&token=abc")).as_deref(), Some("abc"));
        assert_eq!(found("host", "x", Some("tokens=abc")), None);
        let both = found("cookie", "gobo_token=old", Some("token=new"));
        assert_eq!(both.as_deref(), Some("new"), "what was typed counts");
    }
}
