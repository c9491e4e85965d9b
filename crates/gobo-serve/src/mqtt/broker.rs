use std::sync::Arc;
use std::time::Duration;

use rumqttc::{AsyncClient, EventLoop, LastWill, MqttOptions, QoS};
use tokio::sync::{mpsc, watch};

use super::inbox::{Inbox, feed};
use super::outbox::{Outbox, presence};
use super::poll::Poller;
use super::status::Standing;
use super::{MqttConfig, MqttError, MqttStatus, OnEvent, tls};
use crate::live::queue::{Queue, Queued};
use crate::live::{Colour, Order};

/// The largest message that is taken, in bytes; a command is about 150.
pub(super) const LARGEST: usize = 64 * 1024;
/// The largest packet that MQTT has, in bytes (3.1.1, 2.2.3). What is larger than a command may be
/// is taken and left alone: else the connection would break at it, again and again if it is retained.
const ANY: usize = 268_435_460;
/// How many messages may be on their way to the broker.
const IN_FLIGHT: u16 = 64;
/// How long leaving may take.
const FAREWELL: Duration = Duration::from_secs(2);

/// A hand on the connection to a broker. Clones are the same; nothing waits for the broker.
#[derive(Clone, Debug)]
pub struct Broker {
    colours: watch::Sender<Option<Colour>>,
    stop: watch::Sender<bool>,
    standing: Arc<Standing>,
}

impl Broker {
    /// Makes ready for a broker; nothing is connected until [`Connection::run`]. Commands go to
    /// the queue, with `host:port` as their address.
    ///
    /// # Errors
    /// [`MqttError`], if the configuration cannot be or its files cannot be read.
    pub fn new<T: Queued + From<Order>>(
        config: &MqttConfig,
        queue: Queue<T>,
        on_event: OnEvent,
    ) -> Result<(Self, Connection<T>), MqttError> {
        config.check()?;
        let (client, events) = AsyncClient::new(options(config)?, usize::from(IN_FLIGHT));
        let standing = Arc::new(Standing::new());
        let (colours, newest) = watch::channel(None);
        let (stop, stopped) = watch::channel(false);
        let broker = Self { colours, stop, standing: Arc::clone(&standing) };
        let connection = Connection {
            config: config.clone(),
            queue,
            on_event,
            client,
            events,
            standing,
            newest,
            stopped,
        };
        Ok((broker, connection))
    }

    /// Publishes a colour, and at every connection from now on, until there is a newer one.
    pub fn publish(&self, colour: Colour) {
        self.colours.send_replace(Some(colour));
    }

    /// How it stands.
    pub fn status(&self) -> MqttStatus {
        self.standing.get()
    }

    /// Says that we are no longer there, and ends [`Connection::run`], within two seconds.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }
}

/// The work that a [`Broker`] is the hand of.
pub struct Connection<T> {
    config: MqttConfig,
    queue: Queue<T>,
    on_event: OnEvent,
    client: AsyncClient,
    events: EventLoop,
    standing: Arc<Standing>,
    newest: watch::Receiver<Option<Colour>>,
    stopped: watch::Receiver<bool>,
}

impl<T: Queued + From<Order>> Connection<T> {
    /// Connects, and again whenever the connection is lost, until [`Broker::stop`] is called or
    /// every [`Broker`] is dropped. To be run on a runtime with time and network.
    pub async fn run(self) {
        let _ended = Ended(Arc::clone(&self.standing));
        // Which connection this is, counted from 1; 0 while there is none.
        let (connections, connected) = watch::channel(0);
        // Bounded by what the broker may have unacknowledged, and by the inbox.
        let (commands, waiting) = mpsc::unbounded_channel();
        let (answers, answered) = mpsc::unbounded_channel();
        let inbox = Inbox::new(&self.config, Arc::clone(&self.on_event), commands, answers);
        let outbox = Outbox::new(&self.config, self.client, connected, self.newest);
        let mut poller = Poller {
            events: self.events,
            inbox,
            connections,
            standing: self.standing,
            on_event: self.on_event,
            stopped: self.stopped.clone(),
            longest_wait: Duration::from_secs(u64::from(self.config.retry_s)),
        };
        let farewell = {
            let mut stopped = self.stopped;
            async move {
                wait_for_stop(&mut stopped).await;
                tokio::time::sleep(FAREWELL).await;
            }
        };
        let stopped = poller.stopped.clone();
        tokio::select! {
            () = poller.run() => {}
            () = outbox.run(answered, stopped) => {}
            () = feed(waiting, self.queue) => {}
            () = farewell => {}
        }
    }
}

/// However the work ends, by a panic too, the status is not to say that we are connected.
struct Ended(Arc<Standing>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.lost(None);
    }
}

/// Until it is stopped, or nobody is left who could.
pub(super) async fn wait_for_stop(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}

fn options(config: &MqttConfig) -> Result<MqttOptions, MqttError> {
    let mut options = MqttOptions::new(config.client_id(), config.host.clone(), config.port());
    options
        .set_keep_alive(Duration::from_secs(u64::from(config.keep_alive_s)))
        .set_clean_session(false)
        .set_manual_acks(true)
        .set_inflight(IN_FLIGHT)
        .set_max_packet_size(ANY, LARGEST)
        .set_last_will(LastWill::new(
            config.device_topic(),
            presence(false),
            QoS::AtLeastOnce,
            true,
        ));
    if let Some(username) = &config.username {
        let password = config.password.as_ref().map_or("", |password| password.reveal());
        options.set_credentials(username, password);
    }
    if let Some(tls) = &config.tls {
        options.set_transport(tls::transport(tls)?);
    }
    Ok(options)
}
