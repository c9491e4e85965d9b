use std::time::Instant;

use gobo_dmx::Slots;
use gobo_output::{Fault, Outputs, Place};

/// Where frames go. No call but `finish` may block or allocate.
pub trait FrameSink: Send + 'static {
    /// Sends the frame of `now`, one [`Slots`] for each universe of the canvas.
    fn send(&mut self, now: Instant, frame: &[Slots]);

    /// Tells where in the show the frame is that [`FrameSink::send`] brings next.
    fn place(&mut self, _place: Place) {}

    /// When it wants a turn before the next frame, for what it has not sent yet.
    fn due(&self) -> Option<Instant> {
        None
    }

    /// Sends what is due by `now` of frames that it was given before.
    fn turn(&mut self, _now: Instant) {}

    /// Sends the last look three times and ends every stream.
    fn finish(&mut self, last_look: &[Slots]);

    /// What went wrong so far.
    fn faults(&self) -> Faults;
}

/// What went wrong with the targets of a show.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Faults {
    /// Packets lost to errors.
    pub packets: u64,
    /// Targets whose last attempt failed.
    pub failing: u32,
    /// The first target that ever failed, an index in the order of routes, and how.
    pub first: Option<(u32, Fault)>,
}

impl FrameSink for Outputs {
    fn send(&mut self, now: Instant, frame: &[Slots]) {
        Outputs::send(self, now, frame);
    }

    fn place(&mut self, place: Place) {
        Outputs::place(self, place);
    }

    fn due(&self) -> Option<Instant> {
        Outputs::due(self)
    }

    fn turn(&mut self, now: Instant) {
        Outputs::turn(self, now);
    }

    fn finish(&mut self, last_look: &[Slots]) {
        Outputs::finish(self, last_look);
    }

    fn faults(&self) -> Faults {
        let mut faults = Faults::default();
        for (index, (_, report)) in (0..).zip(self.reports()) {
            if let Some(fault) = report.fault {
                faults.packets += fault.count;
                faults.failing += u32::from(fault.failing);
                faults.first.get_or_insert((index, fault));
            }
        }
        faults
    }
}
