//! Frames decoded ahead of the real-time thread, into buffers that come back to be filled again.

use gobo_canvas::{Header, UniverseEntry};
use gobo_dmx::{SLOTS, Slots, Universe};
use rtrb::{Consumer, Producer, RingBuffer};
use triple_buffer::{Input, Output, triple_buffer};

use crate::{FrameSource, Range};

/// Frames ahead: about half a second at 60 FPS.
const FRAMES_AHEAD: usize = 32;

/// What to decode.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Order {
    pub(crate) generation: u64,
    pub(crate) turn: u32,
    pub(crate) range: Range,
}

/// A frame that is ready, or cannot be.
struct Prepared {
    generation: u64,
    turn: u32,
    readable: bool,
    slots: Box<[Slots]>,
}

/// Decodes; lives on a thread of its own.
pub(crate) struct Decoding {
    source: Box<dyn FrameSource>,
    /// Where each universe of the source lies in a frame of the stage.
    places: Box<[usize]>,
    orders: Output<Order>,
    order: Order,
    ready: Producer<Prepared>,
    spent: Consumer<Prepared>,
}

/// Takes what is decoded; lives on the real-time thread.
pub(crate) struct Frames {
    orders: Input<Order>,
    generation: u64,
    ready: Consumer<Prepared>,
    spent: Producer<Prepared>,
    current: Prepared,
}

/// What became of a frame that was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Taken {
    /// It is [`Frames::current`].
    Fresh,
    /// It is not decoded yet, or cannot be; what was there stays.
    Missing,
}

/// Frames of the universes of a stage, in that order; those that the source, which has the
/// universes of `header`, lacks are dark, and those that the stage lacks are left out.
pub(crate) fn decode_ahead(
    source: Box<dyn FrameSource>,
    header: &Header,
    stage: &[Universe],
    order: Order,
) -> (Decoding, Frames) {
    let entries = header.universes.iter();
    let place = |entry: &UniverseEntry| stage.iter().position(|&place| place == entry.universe);
    let places = entries.map(|entry| place(entry).unwrap_or(usize::MAX)).collect();
    let universes = stage.len();
    let blank = || Prepared {
        generation: 0,
        turn: 0,
        readable: false,
        slots: vec![[0; SLOTS]; universes].into_boxed_slice(),
    };
    let (orders, orders_out) = triple_buffer(&order);
    let (ready, ready_out) = RingBuffer::new(FRAMES_AHEAD);
    let (mut spent, spent_out) = RingBuffer::new(FRAMES_AHEAD);
    for _ in 0..FRAMES_AHEAD {
        // The ring holds exactly as many.
        let _ = spent.push(blank());
    }
    let decoding = Decoding { source, places, orders: orders_out, order, ready, spent: spent_out };
    let generation = order.generation;
    (decoding, Frames { orders, generation, ready: ready_out, spent, current: blank() })
}

impl Decoding {
    /// Decodes one frame; false when there is nothing to do.
    pub(crate) fn step(&mut self) -> bool {
        let order = *self.orders.read();
        if order.generation != self.order.generation {
            self.order = order;
        }
        let Some(frame) = self.order.range.frame(self.order.turn) else { return false };
        let Ok(mut prepared) = self.spent.pop() else { return false };
        prepared.generation = self.order.generation;
        prepared.turn = self.order.turn;
        prepared.readable = self.places.iter().enumerate().all(|(index, &place)| {
            let slots = prepared.slots.get_mut(place);
            slots.is_none_or(|slots| self.source.frame(index, frame, slots))
        });
        self.order.turn = self.order.turn.saturating_add(1);
        // There is a place for every frame.
        let _ = self.ready.push(prepared);
        true
    }

    /// Whether nobody takes frames any more.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.ready.is_abandoned()
    }
}

impl Frames {
    /// Wants frames from another place on.
    pub(crate) fn order(&mut self, order: Order) {
        self.generation = order.generation;
        self.orders.write(order);
    }

    /// The generation that is wanted.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// Makes `turn` the current frame, or the newest before it that there is.
    pub(crate) fn take(&mut self, turn: u32) -> Taken {
        let mut taken = Taken::Missing;
        while let Ok(next) = self.ready.peek() {
            let stale = next.generation != self.generation;
            if !stale && next.turn > turn {
                break;
            }
            let Ok(next) = self.ready.pop() else { break };
            let spent = if stale || !next.readable {
                next
            } else {
                if next.turn == turn {
                    taken = Taken::Fresh;
                }
                std::mem::replace(&mut self.current, next)
            };
            // There is a place for every frame.
            let _ = self.spent.push(spent);
        }
        taken
    }

    /// Whether `turn` is ready to be taken; those before it are let go.
    pub(crate) fn has(&mut self, turn: u32) -> bool {
        while let Ok(next) = self.ready.peek() {
            if next.generation == self.generation && next.turn >= turn {
                return next.turn == turn && next.readable;
            }
            let Ok(stale) = self.ready.pop() else { break };
            // There is a place for every frame.
            let _ = self.spent.push(stale);
        }
        false
    }

    /// The frame on stage.
    pub(crate) fn current(&self) -> &[Slots] {
        &self.current.slots
    }
}
