//! The connection itself: made, read, lost, made again.

use std::sync::Arc;
use std::time::Duration;

use rumqttc::mqttbytes::Error as Malformed;
use rumqttc::{ConnectionError, Event, EventLoop, Outgoing, Packet, StateError};
use tokio::sync::watch;

use super::broker::wait_for_stop;
use super::inbox::Inbox;
use super::status::Standing;
use super::{Ignored, MqttEvent, OnEvent};

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
                    if self.gave_up_session() {
                        continue;
                    }
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
        if is_too_large(error) {
            // The broker would send it again at every connection. A clean one makes it forget.
            (self.on_event)(MqttEvent::Ignored { why: Ignored::TooLarge });
            self.events.mqtt_options.set_clean_session(true);
        }
    }

    /// After the clean connection that a message too large led to: the next one persists again.
    fn gave_up_session(&mut self) -> bool {
        let clean = self.events.mqtt_options.clean_session();
        if clean {
            self.events.mqtt_options.set_clean_session(false);
            self.events.clean();
        }
        clean
    }

    /// Waits, and says whether it was stopped meanwhile.
    async fn rest(&mut self, wait: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(wait) => false,
            () = wait_for_stop(&mut self.stopped) => true,
        }
    }
}

fn is_too_large(error: &ConnectionError) -> bool {
    let ConnectionError::MqttState(StateError::Deserialization(error)) = error else {
        return false;
    };
    matches!(error, Malformed::PayloadSizeLimitExceeded(_))
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
