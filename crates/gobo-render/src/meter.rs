//! What a compile costs, by the work and by the cue, for those who bring a clock: there is none
//! in here.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use gobo_show::diagnostic::Place;

use crate::course::Course;

/// How long it is since some moment, always the same one.
pub type Clock = fn() -> Duration;

/// What a compile cost, all threads together; all zero without a clock.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Costs {
    /// Working out the keys of cells.
    pub keys: Duration,
    /// Rendering cells.
    pub render: Duration,
    /// Reading cells from the earlier canvas.
    pub copy: Duration,
    /// Pressing cells.
    pub encode: Duration,
    /// Writing cells.
    pub write: Duration,
    /// Working out what each cue writes, by its place in the sources.
    pub cues: BTreeMap<Place, Duration>,
}

impl Costs {
    /// Adds those of another part of the work.
    pub(crate) fn add(&mut self, other: Self) {
        self.keys += other.keys;
        self.render += other.render;
        self.copy += other.copy;
        self.encode += other.encode;
        self.write += other.write;
        for (place, spent) in other.cues {
            *self.cues.entry(place).or_default() += spent;
        }
    }
}

/// Measures what the cues of a cell cost.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    pub(crate) clock: Option<Clock>,
    /// By the address of the course, which is there as long as its show is.
    spent: RefCell<BTreeMap<usize, (Arc<Course>, Duration)>>,
}

impl Meter {
    /// The time now, if it is measured.
    #[inline]
    pub(crate) fn now(&self) -> Option<Duration> {
        self.clock.map(|clock| clock())
    }

    /// Notes what the curves of a cue took since `start`.
    #[inline]
    pub(crate) fn spend(&self, course: &Arc<Course>, start: Option<Duration>) {
        if let (Some(start), Some(now)) = (start, self.now()) {
            let key = Arc::as_ptr(course) as usize;
            let mut spent = self.spent.borrow_mut();
            spent.entry(key).or_insert_with(|| (Arc::clone(course), Duration::ZERO)).1 +=
                now.saturating_sub(start);
        }
    }

    /// What the cues cost since it was asked last.
    pub(crate) fn take(&mut self) -> BTreeMap<Place, Duration> {
        let mut cues = BTreeMap::new();
        for (course, spent) in std::mem::take(self.spent.get_mut()).into_values() {
            if let Some(place) = &course.place {
                *cues.entry(place.clone()).or_default() += spent;
            }
        }
        cues
    }
}
