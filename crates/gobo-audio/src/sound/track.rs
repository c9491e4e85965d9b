use crate::Decoder;

/// A song without ends: silence before its first frame and after its last.
pub(crate) struct Track {
    decoder: Decoder,
    /// The frame that is read next.
    position: i64,
    /// Samples decoded and not read yet.
    ahead: Vec<f32>,
    read: usize,
    ended: bool,
    damaged: bool,
}

impl Track {
    pub(crate) fn new(decoder: Decoder) -> Self {
        Self { decoder, position: 0, ahead: Vec::new(), read: 0, ended: false, damaged: false }
    }

    pub(crate) fn sample_rate(&self) -> u32 {
        self.decoder.sample_rate()
    }

    pub(crate) fn channels(&self) -> usize {
        self.decoder.channels().into()
    }

    /// Whether the song could not be decoded to its end.
    pub(crate) fn damaged(&self) -> bool {
        self.damaged
    }

    pub(crate) fn seek(&mut self, frame: i64) {
        self.position = frame;
        self.ahead.clear();
        self.read = 0;
        let sought = self.decoder.seek(frame.max(0).unsigned_abs());
        self.ended = sought.is_err();
        self.damaged |= self.ended;
    }

    /// Fills `out` with the next whole frames.
    pub(crate) fn read(&mut self, mut out: &mut [f32]) {
        let channels = self.channels();
        let before = self.position.min(0).unsigned_abs() as usize;
        self.position += (out.len() / channels) as i64;
        let (silence, rest) = out.split_at_mut(before.saturating_mul(channels).min(out.len()));
        silence.fill(0.0);
        out = rest;
        while !out.is_empty() {
            if self.read == self.ahead.len() && !self.decode() {
                out.fill(0.0);
                return;
            }
            let count = out.len().min(self.ahead.len() - self.read);
            let (now, later) = out.split_at_mut(count);
            now.copy_from_slice(&self.ahead[self.read..self.read + count]);
            self.read += count;
            out = later;
        }
    }

    fn decode(&mut self) -> bool {
        if self.ended {
            return false;
        }
        self.ahead.clear();
        self.read = 0;
        match self.decoder.next_block() {
            Ok(Some(block)) => self.ahead.extend_from_slice(block),
            Ok(None) => self.ended = true,
            Err(_) => (self.ended, self.damaged) = (true, true),
        }
        !self.ended
    }
}
