//! ALSA's bridge to JACK, which does not tell all of its delay.

use std::time::Duration;

use alsa::pcm::{Access, HwParams, PCM};
use alsa::{Direction, Output, ValueOr};
use cpal::StreamConfig;

/// What the bridge calls itself (`pcm_jack.c` of alsa-plugins).
const NAME: &[u8] = b"JACK PCM I/O Plugin";

/// How much later than ALSA tells the device `id` is heard, if it leads to that bridge.
///
/// Its place is how much it has handed to JACK, which plays that over the period to come: a
/// period of JACK is missing in the delay. It is the smallest period that the bridge takes.
pub(super) fn untold(id: &str, config: &StreamConfig) -> Option<Duration> {
    let pcm = PCM::new(id, Direction::Playback, true).ok()?;
    let mut chain = Output::buffer_open().ok()?;
    pcm.dump(&mut chain).ok()?;
    let is_bridge = |chain: &[u8]| chain.windows(NAME.len()).any(|part| part == NAME);
    if !chain.buffer_string(is_bridge) {
        return None;
    }
    let params = HwParams::any(&pcm).ok()?;
    params.set_access(Access::RWInterleaved).ok()?;
    params.set_channels(config.channels.into()).ok()?;
    params.set_rate(config.sample_rate, ValueOr::Nearest).ok()?;
    let frames = params.get_period_size_min().ok()?;
    Some(Duration::from_secs_f64(frames as f64 / f64::from(config.sample_rate)))
}
