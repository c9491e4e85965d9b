/// The level at which a centre or surround channel joins left and right: -3 dB.
const MINUS_3_DB: f32 = std::f32::consts::FRAC_1_SQRT_2;

/// Spreads a frame of a song over a device's channels.
///
/// Mono goes left and right; stereo to the first two; more channels (left, right, centre, low,
/// then surrounds) fold down to left and right, and to mono as their mean.
pub(crate) fn remix(song: &[f32], device: &mut [f32]) {
    if song.len() == device.len() {
        device.copy_from_slice(song);
        return;
    }
    let (left, right) = match *song {
        [] => (0.0, 0.0),
        [mono] => (mono, mono),
        [left, right] => (left, right),
        [left, right, centre, ref others @ ..] => {
            // The low channel carries nothing that the others lack.
            let surround = |side: usize| others.iter().skip(1 + side).step_by(2).sum::<f32>();
            let common = centre * MINUS_3_DB;
            (left + common + surround(0) * MINUS_3_DB, right + common + surround(1) * MINUS_3_DB)
        }
    };
    match device {
        [] => {}
        [mono] => *mono = (left + right) / 2.0,
        [first, second, others @ ..] => {
            (*first, *second) = (left, right);
            others.fill(0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn songs_and_devices_of_any_shape() {
        let heard = |song: &[f32], channels| {
            let mut device = vec![9.0; channels];
            remix(song, &mut device);
            device
        };
        assert_eq!(heard(&[0.5], 2), [0.5, 0.5]);
        assert_eq!(heard(&[0.5, 0.1], 1), [0.3]);
        assert_eq!(heard(&[0.5, 0.1], 2), [0.5, 0.1]);
        assert_eq!(heard(&[0.5, 0.1], 4), [0.5, 0.1, 0.0, 0.0]);
        assert_eq!(heard(&[0.5, 0.1, 0.0, 1.0, 0.0, 1.0], 2), [0.5, 0.1 + MINUS_3_DB]);
        assert_eq!(heard(&[0.1; 6], 6), [0.1; 6]);
        assert!(heard(&[0.1], 0).is_empty());
    }
}
