//! Connections: HTTP and WebSockets, from the socket to the messages.

pub(crate) mod accept;
mod guard;
mod oldest;
mod page;
mod rate;
mod rest;
mod routes;
mod session;
mod show;
mod socket;

pub(crate) use routes::routes;
pub(crate) use show::parse;
