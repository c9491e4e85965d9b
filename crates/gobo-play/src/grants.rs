//! What the system grants a thread that must not be late.

use std::time::Duration;

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
    /// Asks for what is wanted of memory; whether the system grants it.
    pub(crate) fn is_memory_kept(self) -> bool {
        self.keep_memory && keep_memory()
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
