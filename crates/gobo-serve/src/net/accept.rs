//! Takes connections in, as many as there may be, and lets none of them wait for another.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;
use tower_service::Service;

use crate::link::{Link, end};

/// After a failure of the system (no more files), so long nobody is taken in.
const BREATH: Duration = Duration::from_millis(50);

/// How long a client may take nothing of what it is sent; a browser that has enough of a song for
/// now asks for the rest when it wants it.
const STALLED: Duration = Duration::from_secs(60);

/// Who is at the other end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    /// Whether the connection is encrypted.
    pub(crate) is_secret: bool,
}

/// Takes connections until the server ends.
pub(crate) async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    link: Link,
) {
    let places = Arc::new(Semaphore::new(link.limits.connections));
    let mut ending = link.ending.clone();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = end(&mut ending) => return,
        };
        let Ok((stream, address)) = accepted else {
            tokio::time::sleep(BREATH).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            // Better a closed door than a room in which nothing moves.
            link.audience.refused.fetch_add(1, Ordering::Relaxed);
            continue;
        };
        let (tls, router, link) = (tls.clone(), router.clone(), link.clone());
        tokio::spawn(async move {
            // Whoever breaks off has had enough.
            let _ = welcome(stream, address, tls, router, &link, place).await;
        });
    }
}

async fn welcome(
    stream: TcpStream,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    router: Router,
    link: &Link,
    place: OwnedSemaphorePermit,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = Box::pin(TimeoutStream::new(stream));
    stream.as_mut().set_write_timeout_pinned(Some(STALLED));
    match tls {
        None => speak(stream, Peer { address, is_secret: false }, router, link, place).await,
        Some(tls) => {
            let stream = tokio::time::timeout(link.limits.patience, tls.accept(stream)).await??;
            speak(stream, Peer { address, is_secret: true }, router, link, place).await
        }
    }
}

/// Speaks HTTP, until it is over or becomes a WebSocket, which keeps the place.
async fn speak<S>(
    stream: S,
    peer: Peer,
    router: Router,
    link: &Link,
    place: OwnedSemaphorePermit,
) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = Welcome { router, peer, place: Arc::new(place) };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(link.limits.patience)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let mut ending = link.ending.clone();
    tokio::select! {
        ended = connection.as_mut() => return ended.map_err(io::Error::other),
        () = end(&mut ending) => connection.as_mut().graceful_shutdown(),
    }
    connection.await.map_err(io::Error::other)
}

/// The routes of one connection: told who is at the other end, and which place a WebSocket keeps.
#[derive(Clone)]
struct Welcome {
    router: Router,
    peer: Peer,
    place: Arc<OwnedSemaphorePermit>,
}

impl Service<Request<Incoming>> for Welcome {
    type Response = axum::response::Response;
    type Error = std::convert::Infallible;
    type Future = <Router as Service<Request<Incoming>>>::Future;

    fn poll_ready(
        &mut self,
        _context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Self::Error>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(self.peer);
        request.extensions_mut().insert(Arc::clone(&self.place));
        self.router.call(request)
    }
}
