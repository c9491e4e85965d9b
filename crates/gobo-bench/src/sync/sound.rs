//! When a sound comes out of a JACK server.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use jack::contrib::ClosureProcessHandler;
use jack::{AsyncClient, AudioIn, Client, ClientOptions, Control, PortFlags, ProcessScope};
use rtrb::{Consumer, RingBuffer};

/// The level at which something sounds.
const LOUD: f32 = 0.3;
/// How long it was quiet before a sound begins, in seconds.
const QUIET: f64 = 0.25;
const NAME: &str = "gobo-sync";
/// The first channel of ALSA's bridge.
const PLAYER: &str = "out_000$";

type Process = Box<dyn FnMut(&Client, &ProcessScope) -> Control + Send>;

/// Listens to whatever player joins the server.
pub(super) struct Listener {
    client: AsyncClient<(), ClosureProcessHandler<(), Process>>,
    onsets: Consumer<u64>,
}

impl Listener {
    pub(super) fn start() -> Result<Self> {
        let (client, _) = Client::new(NAME, ClientOptions::NO_START_SERVER)
            .context("cannot join the JACK server")?;
        let port = client.register_port("in", AudioIn::default())?;
        let (mut told, onsets) = RingBuffer::new(1 << 14);
        let rate = f64::from(client.sample_rate());
        let mut quiet = f64::MAX;
        let process = move |client: &Client, scope: &ProcessScope| {
            let Ok(cycle) = scope.cycle_times() else { return Control::Continue };
            for (n, sample) in (0_u32..).zip(port.as_slice(scope)) {
                quiet += 1.0 / rate;
                if sample.abs() <= LOUD {
                    continue;
                }
                if std::mem::take(&mut quiet) > QUIET {
                    let ago = client.time() as f64 - cycle.current_usecs as f64;
                    let ago = ago / 1e6 - f64::from(n) / rate;
                    // A full ring means that nobody asks any more.
                    let _ = told.push(nanos_ago(ago));
                }
            }
            Control::Continue
        };
        let process: Process = Box::new(process);
        let client = client.activate_async((), ClosureProcessHandler::new(process))?;
        Ok(Self { client, onsets })
    }

    /// Joins players that came.
    pub(super) fn join(&self) {
        let client = self.client.as_client();
        for player in client.ports(Some(PLAYER), None, PortFlags::IS_OUTPUT) {
            // One that is joined already refuses.
            let _ = client.connect_ports_by_name(&player, &format!("{NAME}:in"));
        }
    }

    /// When sounds began, in nanoseconds since 1970.
    pub(super) fn stop(mut self) -> Vec<u64> {
        let mut onsets = Vec::new();
        while let Ok(onset) = self.onsets.pop() {
            onsets.push(onset);
        }
        onsets
    }
}

pub(super) fn nanos_ago(seconds: f64) -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let distance = Duration::try_from_secs_f64(seconds.abs()).unwrap_or_default();
    let at = if seconds < 0.0 { now + distance } else { now.saturating_sub(distance) };
    at.as_nanos() as u64
}
