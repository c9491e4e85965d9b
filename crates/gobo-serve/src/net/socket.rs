//! A WebSocket as the server has it: long messages go out in pieces, so that a client keeps no
//! buffer of the longest that it was ever sent, and one that takes it piece by piece is not slow.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures_util::{SinkExt, Stream};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncWriteExt, copy, sink};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

/// The longest piece of a message, in bytes.
pub(super) const PIECE: usize = 16 * 1024;
/// Room for what a client says; it grows with what is said.
const HEARD: usize = 4 * 1024;

/// How long what a client still says is taken after its connection was closed.
const DRAIN: Duration = Duration::from_secs(1);

/// A client's WebSocket.
pub(super) struct Socket(WebSocketStream<TokioIo<Upgraded>>);

/// Why something was not sent.
pub(super) enum Unsent {
    /// The client is gone.
    Gone,
    /// It does not take what it is sent.
    Slow,
}

/// Why there is no message.
pub(super) enum Unheard {
    /// The client is gone.
    Gone,
    /// It says more at once than anybody may.
    TooLong,
    /// It does not speak the protocol.
    Nonsense,
    /// Its text is none.
    NoText,
}

/// Answers a request for a WebSocket, and serves it once it is one.
pub(super) fn upgrade<F>(
    mut request: Request,
    longest: usize,
    serve: impl FnOnce(Socket) -> F + Send + 'static,
) -> Response
where
    F: Future<Output = ()> + Send,
{
    let Ok(response) = create_response_with_body(&request, Body::empty) else {
        let words = "this address speaks WebSocket: `Upgrade: websocket` is missing\n";
        return (StatusCode::UPGRADE_REQUIRED, words).into_response();
    };
    let upgraded = hyper::upgrade::on(&mut request);
    let config = WebSocketConfig::default()
        .read_buffer_size(HEARD)
        .write_buffer_size(0)
        .max_write_buffer_size(4 * PIECE)
        .max_message_size(Some(longest))
        .max_frame_size(Some(longest));
    tokio::spawn(async move {
        let Ok(upgraded) = upgraded.await else { return };
        let stream = TokioIo::new(upgraded);
        let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
        serve(Socket(socket)).await;
    });
    response
}

impl Socket {
    /// The next message.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn recv(&mut self) -> Result<Message, Unheard> {
        match poll_fn(|context| Pin::new(&mut self.0).poll_next(context)).await {
            Some(Ok(message)) => Ok(message),
            Some(Err(Error::Capacity(_))) => Err(Unheard::TooLong),
            Some(Err(Error::Protocol(_))) => Err(Unheard::Nonsense),
            Some(Err(Error::Utf8(_))) => Err(Unheard::NoText),
            Some(Err(_)) | None => Err(Unheard::Gone),
        }
    }

    /// Sends the answer to a client's leave, which is ready since the leave was heard.
    pub(super) async fn take_leave(&mut self) {
        // Whoever is gone hears nothing.
        let _ = timeout(DRAIN, self.0.flush()).await;
    }

    /// Takes what still comes and forgets it, for a moment: a connection that is closed over what
    /// was not read is reset, and the other end never hears why.
    pub(super) async fn drain(&mut self) {
        let stream = self.0.get_mut();
        // Whoever is gone hears nothing.
        let _ = timeout(DRAIN, async {
            stream.shutdown().await?;
            copy(stream, &mut sink()).await
        })
        .await;
    }

    /// Sends a message; a client may take so long for each piece of it.
    pub(super) async fn send(&mut self, message: Message, slow: Duration) -> Result<(), Unsent> {
        match message {
            Message::Text(text) if text.len() > PIECE => {
                self.send_pieces(Data::Text, text.into(), true, slow).await
            }
            Message::Binary(bytes) if bytes.len() > PIECE => {
                self.send_pieces(Data::Binary, bytes, true, slow).await
            }
            message => self.send_whole(message, slow).await,
        }
    }

    /// Sends a part of a text; none is empty.
    pub(super) async fn send_part(
        &mut self,
        part: Bytes,
        is_first: bool,
        is_last: bool,
        slow: Duration,
    ) -> Result<(), Unsent> {
        let kind = if is_first { Data::Text } else { Data::Continue };
        self.send_pieces(kind, part, is_last, slow).await
    }

    async fn send_pieces(
        &mut self,
        kind: Data,
        mut rest: Bytes,
        is_last: bool,
        slow: Duration,
    ) -> Result<(), Unsent> {
        let mut kind = kind;
        while !rest.is_empty() {
            let piece = rest.split_to(rest.len().min(PIECE));
            let is_last = is_last && rest.is_empty();
            let frame = Frame::message(piece, OpCode::Data(kind), is_last);
            self.send_whole(Message::Frame(frame), slow).await?;
            kind = Data::Continue;
        }
        Ok(())
    }

    async fn send_whole(&mut self, message: Message, slow: Duration) -> Result<(), Unsent> {
        match timeout(slow, self.0.send(message)).await {
            Ok(sent) => sent.map_err(|_| Unsent::Gone),
            Err(_) => Err(Unsent::Slow),
        }
    }
}
