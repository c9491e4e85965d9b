//! Messages in: from the broker to the queue, and their acknowledgements back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use rumqttc::{Publish, QoS};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::broker::LARGEST;
use super::status::unix_ms;
use super::{Ignored, MqttConfig, MqttEvent, OnEvent};
use crate::live::queue::{Queue, Queued};
use crate::live::{Command, Order, Origin, Protocol, Reply, SchemaMember, parse_colour};

/// How many messages may wait that the broker will not send again (QoS 0).
const UNSURE: usize = 1_000;

/// A message that was dealt with, and in which connection it came: its number means nothing in
/// another.
pub(super) struct Answered {
    pub(super) publish: Publish,
    pub(super) connection: u64,
}

pub(super) struct Inbox {
    topic: String,
    address: Arc<str>,
    on_event: OnEvent,
    commands: UnboundedSender<Order>,
    answers: UnboundedSender<Answered>,
    unsure: Arc<AtomicUsize>,
}

impl Inbox {
    pub(super) fn new(
        config: &MqttConfig,
        on_event: OnEvent,
        commands: UnboundedSender<Order>,
        answers: UnboundedSender<Answered>,
    ) -> Self {
        let address = format!("{}:{}", config.host, config.port()).into();
        let (topic, unsure) = (config.command_topic(), Arc::default());
        Self { topic, address, on_event, commands, answers, unsure }
    }

    /// Takes a message of a connection. Never waits.
    pub(super) fn take(&self, publish: Publish, connection: u64) {
        if publish.topic != self.topic {
            return self.acknowledge(publish, connection);
        }
        if publish.retain {
            return self.ignore(Ignored::Retained, publish, connection);
        }
        if publish.payload.len() > LARGEST {
            return self.ignore(Ignored::TooLarge, publish, connection);
        }
        match parse_colour(&publish.payload, SchemaMember::Needed) {
            Ok(command) => self.hand_on(Command::Colour(command), publish, connection),
            Err(malformed) => {
                // Acknowledged: it would be no better the next time.
                (self.on_event)(MqttEvent::Malformed { malformed });
                self.acknowledge(publish, connection);
            }
        }
    }

    fn hand_on(&self, command: Command, mut publish: Publish, connection: u64) {
        // Only its number is needed until it is answered.
        publish.payload.clear();
        let unsure = publish.qos == QoS::AtMostOnce;
        if unsure && self.unsure.load(Ordering::Relaxed) >= UNSURE {
            return self.ignore(Ignored::TooMany, publish, connection);
        }
        let count = usize::from(unsure);
        self.unsure.fetch_add(count, Ordering::Relaxed);
        let waiting = Arc::clone(&self.unsure);
        let (on_event, answers) = (Arc::clone(&self.on_event), self.answers.clone());
        let reply = Reply::new(move |ack| {
            waiting.fetch_sub(count, Ordering::Relaxed);
            on_event(MqttEvent::Answered(ack));
            // Nobody is there to acknowledge to after the end.
            let _ = answers.send(Answered { publish, connection });
        });
        let address = Arc::clone(&self.address);
        let origin = Origin { protocol: Protocol::Mqtt, address };
        let order = Order { command, origin, arrived: Instant::now(), reply };
        // Nobody takes it after the end; the broker sends it again.
        let _ = self.commands.send(order);
    }

    fn ignore(&self, why: Ignored, publish: Publish, connection: u64) {
        (self.on_event)(MqttEvent::Ignored { why });
        self.acknowledge(publish, connection);
    }

    fn acknowledge(&self, publish: Publish, connection: u64) {
        let _ = self.answers.send(Answered { publish, connection });
    }
}

/// Hands commands to the queue one after the other, and waits for room; ends when the queue is
/// closed.
pub(super) async fn feed<T: Queued + From<Order>>(
    mut waiting: UnboundedReceiver<Order>,
    queue: Queue<T>,
) {
    while let Some(order) = waiting.recv().await {
        if queue.hand(order, unix_ms()).await.is_err() {
            // Not acknowledged, so the broker keeps it for the next time.
            break;
        }
    }
}
