//! Which address leads where.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{any, get, post};
use axum::{Extension, Router};
use tokio::sync::OwnedSemaphorePermit;

use super::accept::Peer;
use super::guard::{Standing, guard};
use super::session::{Door, attend};
use super::{page, rest, socket};
use crate::link::Link;

/// All addresses of a server.
pub(crate) fn routes(link: Link) -> Router {
    Router::new()
        .route("/", get(page::index))
        .route("/page.js", get(page::script))
        .route("/page.css", get(page::style))
        .route("/favicon.svg", get(page::icon))
        .route(
            "/ws",
            any(|link, peer, place, role, up| open(link, peer, place, role, up, Door::Any)),
        )
        .route(
            "/ws/live",
            any(|link, peer, place, role, up| open(link, peer, place, role, up, Door::Live)),
        )
        .route(
            "/ws/v1",
            any(|link, peer, place, role, up| open(link, peer, place, role, up, Door::Oldest)),
        )
        .route("/rgb", get(rest::colour).post(rest::set_colour))
        .route("/healthz", get(rest::healthy))
        .route("/readyz", get(rest::ready))
        .route("/metrics", get(rest::metrics))
        .route("/song", get(rest::song))
        .route("/song/peaks", get(rest::peaks))
        .route("/projects", get(rest::projects))
        .route("/projects/{id}/select", post(rest::select))
        .route("/login", post(rest::login))
        // The guard has taken in the body, as far as it may go.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(link.clone(), guard))
        .with_state(link)
}

async fn open(
    State(link): State<Link>,
    Extension(peer): Extension<Peer>,
    Extension(place): Extension<Arc<OwnedSemaphorePermit>>,
    Extension(Standing(role)): Extension<Standing>,
    request: Request,
    door: Door,
) -> Response {
    let limit = link.limits.message;
    socket::upgrade(request, limit, move |socket| async move {
        attend(socket, link, door, peer.address, role).await;
        drop(place);
    })
}
