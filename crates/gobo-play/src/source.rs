use gobo_canvas::Reader;
use gobo_dmx::Slots;

/// Where frames come from: a canvas, or whatever makes them as they are wanted.
///
/// It is asked on a thread of its own, ahead of the time, and may take its time.
pub trait FrameSource: Send + 'static {
    /// Fills `slots` with a frame of a universe, an index into the universes of the header; whether
    /// the frame could be had. Slots that are not used are 0.
    fn frame(&mut self, universe: usize, frame: u32, slots: &mut Slots) -> bool;
}

impl FrameSource for Reader {
    fn frame(&mut self, universe: usize, frame: u32, slots: &mut Slots) -> bool {
        Reader::frame(self, universe, frame, slots).is_ok()
    }
}
