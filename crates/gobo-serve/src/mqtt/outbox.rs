//! Messages out: that we are there, the newest colour, and acknowledgements.

use rumqttc::{AsyncClient, ClientError, QoS};
use serde_json::json;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;

use super::MqttConfig;
use super::broker::wait_for_stop;
use super::inbox::Answered;
use crate::live::Colour;

/// What is published of our being there.
pub(super) fn presence(online: bool) -> String {
    json!({ "online": online }).to_string()
}

pub(super) struct Outbox {
    client: AsyncClient,
    command_topic: String,
    state_topic: String,
    device_topic: String,
    connected: watch::Receiver<u64>,
    newest: watch::Receiver<Option<Colour>>,
}

impl Outbox {
    pub(super) fn new(
        config: &MqttConfig,
        client: AsyncClient,
        connected: watch::Receiver<u64>,
        newest: watch::Receiver<Option<Colour>>,
    ) -> Self {
        let command_topic = config.command_topic();
        let (state_topic, device_topic) = (config.state_topic(), config.device_topic());
        Self { client, command_topic, state_topic, device_topic, connected, newest }
    }

    /// Sends what there is to send until it is stopped; then takes leave, and waits to be dropped.
    pub(super) async fn run(
        mut self,
        mut answered: UnboundedReceiver<Answered>,
        mut stopped: watch::Receiver<bool>,
    ) {
        let worked = tokio::select! {
            worked = self.work(&mut answered) => worked,
            () = wait_for_stop(&mut stopped) => self.leave().await,
        };
        if worked.is_ok() {
            // The connection ends when its last words are out.
            std::future::pending::<()>().await;
        }
    }

    async fn work(
        &mut self,
        answered: &mut UnboundedReceiver<Answered>,
    ) -> Result<(), ClientError> {
        loop {
            tokio::select! {
                changed = self.connected.changed() => {
                    if changed.is_err() {
                        return Ok(());
                    }
                    self.greet().await?;
                }
                changed = self.newest.changed() => {
                    if changed.is_err() {
                        return Ok(());
                    }
                    self.tell().await?;
                }
                Some(Answered { publish, connection }) = answered.recv() => {
                    if connection == *self.connected.borrow() {
                        self.client.ack(&publish).await?;
                    }
                }
            }
        }
    }

    /// What every connection begins with.
    async fn greet(&mut self) -> Result<(), ClientError> {
        if *self.connected.borrow_and_update() == 0 {
            return Ok(());
        }
        self.client.subscribe(&self.command_topic, QoS::AtLeastOnce).await?;
        self.publish(&self.device_topic, presence(true)).await?;
        self.tell().await
    }

    /// Publishes the newest colour, if there is a connection; the next one begins with it anyhow.
    async fn tell(&mut self) -> Result<(), ClientError> {
        let newest = self.newest.borrow_and_update().clone();
        match newest {
            Some(colour) if *self.connected.borrow() != 0 => {
                self.publish(&self.state_topic, colour.to_json().to_string()).await
            }
            _ => Ok(()),
        }
    }

    async fn publish(&self, topic: &str, payload: String) -> Result<(), ClientError> {
        self.client.publish(topic, QoS::AtLeastOnce, true, payload).await
    }

    async fn leave(&mut self) -> Result<(), ClientError> {
        if *self.connected.borrow() != 0 {
            // A client that takes its leave leaves no last will.
            self.publish(&self.device_topic, presence(false)).await?;
            self.client.disconnect().await?;
        }
        Ok(())
    }
}
