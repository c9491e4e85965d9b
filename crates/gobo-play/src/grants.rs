//! What the system grants a thread that must not be late.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::Watch;

/// How long the first frame is waited for.
const PATIENCE: Duration = Duration::from_secs(1);
/// Between two looks at whether it is sent.
const LOOK: Duration = Duration::from_millis(5);

/// How the real-time thread keeps its time, beyond the priority that it always asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RealTime {
    /// How long before a frame is due the thread stops to sleep and keeps a core busy instead:
    /// what wakes a sleeping thread late does not delay it then. Zero sleeps until the end.
    pub spin: Duration,
    /// Whether to ask the system never to swap this process out, if it lets us.
    pub keep_memory: bool,
    /// Whether another player goes on when this one panics: then it leaves no last look, for
    /// what is on stage shall stay until the other is there.
    pub succeeded: bool,
}

impl RealTime {
    /// Has a thread ask for what is wanted of memory, once the first frame is sent: it takes tens of
    /// milliseconds, for all memory has to be there. Gives whether the system has granted it by then.
    pub(crate) fn keep_memory(self, watch: Watch, done: Arc<AtomicBool>) -> Arc<AtomicBool> {
        let kept = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&kept);
        let keep = move || {
            let until = Instant::now() + PATIENCE;
            let waits = || watch.state().sent == 0 && Instant::now() < until;
            while waits() && !done.load(Ordering::Relaxed) {
                thread::sleep(LOOK);
            }
            told.store(keep_memory(), Ordering::Relaxed);
        };
        if self.keep_memory {
            // Without this thread memory is as it is.
            let _ = thread::Builder::new().name("gobo-keep".to_owned()).spawn(keep);
        }
        kept
    }
}

/// Asks for real-time priority for this thread; whether the system grants it.
pub(crate) fn ask_for_priority() -> bool {
    #[cfg(unix)]
    {
        use thread_priority::{
            RealtimeThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy,
            set_thread_priority_and_policy, thread_native_id,
        };
        // In the middle: above what is not real-time, below the system's own threads.
        let Ok(middle) = 50_u8.try_into() else { return false };
        set_thread_priority_and_policy(
            thread_native_id(),
            ThreadPriority::Crossplatform(middle),
            ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::Fifo),
        )
        .is_ok()
    }
    #[cfg(not(unix))]
    {
        thread_priority::set_current_thread_priority(thread_priority::ThreadPriority::Max).is_ok()
    }
}

/// Keeps all memory of this process from being swapped out, what is there and what comes; whether
/// the system grants it.
///
/// Where only so much may be kept, nothing is: later memory would be refused.
#[cfg(target_os = "linux")]
fn keep_memory() -> bool {
    use rustix::mm::{MlockAllFlags, mlockall};
    use rustix::process::{Resource, getrlimit};
    use rustix::thread::{CapabilitySet, capabilities};
    let may =
        |sets: rustix::thread::CapabilitySets| sets.effective.contains(CapabilitySet::IPC_LOCK);
    let unlimited = getrlimit(Resource::Memlock).current.is_none();
    (unlimited || capabilities(None).is_ok_and(may))
        && mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE).is_ok()
}

/// Keeps nothing: no system but Linux is asked.
#[cfg(not(target_os = "linux"))]
fn keep_memory() -> bool {
    false
}
