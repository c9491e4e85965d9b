//! The queue before the engine: many producers, one consumer, bounded.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

/// What is queued says whether it gives way to newer ones when the queue is full.
pub trait Queued {
    /// Whether it gives way: commands of `src` `ui`, of which the next follows anyhow.
    fn gives_way(&self) -> bool;

    /// It gave way: whoever waits for what becomes of it is told, with this time in ms since 1970.
    fn gave_way(self, unix_ms: u64);
}

/// A bounded queue. When it is full, the oldest that gives way makes room; when none does, the
/// producer waits. Clones are ends of the same queue, for any thread.
#[derive(Debug)]
pub struct Queue<T>(Arc<Shared<T>>);

#[derive(Debug)]
struct Shared<T> {
    line: Mutex<Line<T>>,
    capacity: usize,
    /// A place has become free.
    room: Notify,
    /// Something has come, or will not come any more.
    work: Condvar,
}

#[derive(Debug)]
struct Line<T> {
    waiting: VecDeque<T>,
    open: bool,
}

/// What became of something that was to be queued.
#[derive(Debug, PartialEq, Eq)]
pub enum Pushed<T> {
    /// It is in the queue.
    Queued,
    /// It is in the queue, and this one gave way.
    InPlaceOf(T),
}

/// Why something is not in the queue.
#[derive(Debug, PartialEq, Eq)]
pub enum NotQueued<T> {
    /// There is no room, and none gives way.
    Full(T),
    /// Nobody takes any more.
    Closed(T),
}

/// Nobody takes any more; this is what was to be queued.
#[derive(Debug, PartialEq, Eq)]
pub struct Closed<T>(pub T);

/// What comes out of a queue.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken<T> {
    /// The oldest.
    One(T),
    /// Nothing came in time.
    Nothing,
    /// The queue is closed and empty: nothing will come.
    Over,
}

impl<T> Clone for Queue<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Queued> Queue<T> {
    /// A queue for so many; one at least.
    pub fn new(capacity: usize) -> Self {
        let line = Mutex::new(Line { waiting: VecDeque::new(), open: true });
        let (room, work) = (Notify::new(), Condvar::new());
        Self(Arc::new(Shared { line, capacity: capacity.max(1), room, work }))
    }

    /// Queues, and waits for room while there is none and none gives way. Whoever stops waiting
    /// has queued nothing.
    ///
    /// # Errors
    /// [`Closed`], with what was to be queued.
    pub async fn push(&self, item: T) -> Result<Pushed<T>, Closed<T>> {
        let mut item = item;
        loop {
            // One place that becomes free wakes one who waits, or the next who comes to wait.
            match self.try_push(item) {
                Ok(pushed) => return Ok(pushed),
                Err(NotQueued::Closed(back)) => {
                    // One who waits wakes the next.
                    self.0.room.notify_one();
                    return Err(Closed(back));
                }
                Err(NotQueued::Full(back)) => item = back,
            }
            self.0.room.notified().await;
        }
    }

    /// Queues as [`Queue::push`] does; one that gives way is told so, with this time in ms since
    /// 1970.
    ///
    /// # Errors
    /// [`Closed`], with what was to be queued; nobody has answered it.
    pub async fn hand(&self, item: impl Into<T>, unix_ms: u64) -> Result<(), Closed<T>> {
        if let Pushed::InPlaceOf(gone) = self.push(item.into()).await? {
            gone.gave_way(unix_ms);
        }
        Ok(())
    }

    /// Queues if that can be done at once.
    ///
    /// # Errors
    /// [`NotQueued`], with what was to be queued.
    pub fn try_push(&self, item: T) -> Result<Pushed<T>, NotQueued<T>> {
        let mut line = self.line();
        if !line.open {
            return Err(NotQueued::Closed(item));
        }
        let mut pushed = Pushed::Queued;
        if line.waiting.len() >= self.0.capacity {
            let oldest = line.waiting.iter().position(Queued::gives_way);
            match oldest.and_then(|index| line.waiting.remove(index)) {
                Some(gone) => pushed = Pushed::InPlaceOf(gone),
                None => return Err(NotQueued::Full(item)),
            }
        }
        line.waiting.push_back(item);
        drop(line);
        self.0.work.notify_one();
        Ok(pushed)
    }

    /// The same if that can be done at once.
    ///
    /// # Errors
    /// [`NotQueued`], with what was to be queued; nobody has answered it.
    pub fn try_hand(&self, item: impl Into<T>, unix_ms: u64) -> Result<(), NotQueued<T>> {
        if let Pushed::InPlaceOf(gone) = self.try_push(item.into())? {
            gone.gave_way(unix_ms);
        }
        Ok(())
    }

    /// Takes the oldest, and waits for one as long as this.
    pub fn take(&self, patience: Duration) -> Taken<T> {
        let idle = |line: &mut Line<T>| line.waiting.is_empty() && line.open;
        let waited = self.0.work.wait_timeout_while(self.line(), patience, idle);
        let (mut line, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let taken = line.waiting.pop_front();
        let open = line.open;
        drop(line);
        match taken {
            Some(item) => {
                self.0.room.notify_one();
                Taken::One(item)
            }
            None if open => Taken::Nothing,
            None => Taken::Over,
        }
    }

    /// Takes no more in; what is queued can still be taken, and who waits for room is told.
    pub fn close(&self) {
        self.line().open = false;
        self.0.work.notify_all();
        self.0.room.notify_one();
    }

    /// How many are queued.
    pub fn depth(&self) -> usize {
        self.line().waiting.len()
    }

    /// How many there is room for.
    pub fn capacity(&self) -> usize {
        self.0.capacity
    }

    fn line(&self) -> MutexGuard<'_, Line<T>> {
        // The line is whole at any moment, so a panic elsewhere does not spoil it.
        self.0.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
