//! The page, as it was built: see `page/`.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

fn file(kind: &'static str, text: &'static str) -> Response {
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    // It goes with the server, which may be another version tomorrow.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

pub(super) async fn index() -> Response {
    file("text/html; charset=utf-8", include_str!("../../page/dist/index.html"))
}

pub(super) async fn script() -> Response {
    file("text/javascript; charset=utf-8", include_str!("../../page/dist/page.js"))
}

pub(super) async fn style() -> Response {
    file("text/css; charset=utf-8", include_str!("../../page/dist/page.css"))
}

pub(super) async fn icon() -> Response {
    file("image/svg+xml", include_str!("../../page/dist/favicon.svg"))
}
