//! The connection itself: made, read, lost, made again.

use std::sync::Arc;
use std::time::Duration;

use rumqttc::{ConnectionError, Event, EventLoop, Outgoing, Packet, StateError};
use tokio::sync::watch;

use super::broker::wait_for_stop;
use super::inbox::Inbox;
use super::status::Standing;
use super::{MqttEvent, OnEvent};

/// The wait after the first failure.
const FIRST_WAIT: Duration = Duration::from_millis(250);

pub(super) struct Poller {
    pub(super) events: EventLoop,
    pub(super) inbox: Inbox,
    pub(super) connections: watch::Sender<u64>,
    pub(super) standing: Arc<Standing>,
    pub(super) on_event: OnEvent,
    pub(super) stopped: watch::Receiver<bool>,
    pub(super) longest_wait: Duration,
}

impl Poller {
    /// Reads until it is stopped and the last words are out.
    pub(super) async fn run(&mut self) {
        let mut wait = FIRST_WAIT;
        let mut count = 0;
        loop {
            match self.events.poll().await {
                Ok(Event::Incoming(Packet::ConnAck(ack))) => {
                    (wait, count) = (FIRST_WAIT, count + 1);
                    self.standing.connected();
                    (self.on_event)(MqttEvent::Connected { session: ack.session_present });
                    self.connections.send_replace(count);
                }
                Ok(Event::Incoming(Packet::Publish(publish))) => self.inbox.take(publish, count),
                Ok(Event::Outgoing(Outgoing::Disconnect)) => return,
                Ok(_) => {}
                Err(error) => {
                    self.lose(&error);
                    if self.rest(wait).await {
                        return;
                    }
                    wait = (wait * 2).min(self.longest_wait).max(FIRST_WAIT);
                }
            }
        }
    }

    fn lose(&mut self, error: &ConnectionError) {
        self.connections.send_replace(0);
        let said = said(error);
        self.standing.lost(Some(said.clone()));
        (self.on_event)(MqttEvent::Lost { error: said });
    }

    /// Waits, and says whether it was stopped meanwhile.
    async fn rest(&mut self, wait: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(wait) => false,
            () = wait_for_stop(&mut self.stopped) => true,
        }
    }
}

/// What went wrong, in words of which none is a secret.
fn said(error: &ConnectionError) -> String {
    match error {
        ConnectionError::Io(error) => error.to_string(),
        ConnectionError::NetworkTimeout | ConnectionError::FlushTimeout => {
            "the broker did not answer in time".to_owned()
        }
        ConnectionError::ConnectionRefused(code) => format!("the broker refused us: {code:?}"),
        ConnectionError::MqttState(StateError::AwaitPingResp) => {
            "the broker fell silent".to_owned()
        }
        other => other.to_string(),
    }
}
