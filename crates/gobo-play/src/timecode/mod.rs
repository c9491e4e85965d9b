//! Timecode from outside and to outside, each on a thread of its own.

mod artnet;
mod ltc;
mod mtc;
mod send;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use gobo_audio::AudioError;
use gobo_timecode::{Chase, CodeRate, Label, Sighting, Timecode};

pub use mtc::midi_ports;
pub use send::{CodeSender, CodeTarget};

use crate::Remote;

/// Between two looks at whether a thread shall end.
const LOOK: Duration = Duration::from_millis(100);
/// Between two tries to open what has gone.
const RETRY: Duration = Duration::from_secs(1);

/// Where timecode comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CodeSource {
    /// A sound file with linear timecode, played at its own speed from the start of the listener.
    LtcFile(PathBuf),
    /// Linear timecode at a sound input, the default one unless named.
    LtcInput(Option<String>),
    /// MIDI timecode from a raw MIDI device, a pipe or a terminal.
    Mtc(PathBuf),
    /// ArtTimeCode that comes to this address.
    ArtNet(SocketAddr),
}

/// What a timecode means for a show.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct CodePlan {
    /// The timecode at which the show's 0 lies.
    pub start: Label,
    /// At what rate it counts; found out unless given.
    pub rate: Option<CodeRate>,
    /// By how many seconds the light comes after the timecode.
    pub offset: f64,
}

/// Why timecode cannot be had, or not be sent.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// A sound file or a sound input.
    #[error(transparent)]
    Sound(#[from] AudioError),
    /// A MIDI device.
    #[error("cannot open {} for MIDI timecode: {cause}", path.display())]
    Midi {
        /// The device's file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// An address to listen on.
    #[error("cannot listen for ArtTimeCode at {address}: {cause}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A host to send to.
    #[error("cannot send ArtTimeCode to {target}: {cause}")]
    Send {
        /// The host and its port.
        target: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The system gives no thread.
    #[error("cannot start a thread for timecode: {0}")]
    Thread(std::io::Error),
}

/// Listens to timecode and tells a player of it until it is dropped.
pub struct CodeListener {
    last: Arc<Mutex<Option<Timecode>>>,
    thread: Ending,
}

/// A thread that is told to end, and waited for.
struct Ending {
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Ending {
    fn spawn(
        name: &str,
        body: impl FnOnce(&AtomicBool) + Send + 'static,
    ) -> Result<Self, CodeError> {
        let done = Arc::new(AtomicBool::new(false));
        let theirs = Arc::clone(&done);
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || body(&theirs));
        Ok(Self { done, thread: Some(thread.map_err(CodeError::Thread)?) })
    }

    fn end(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // One that panicked has nothing left to end.
            let _ = thread.join();
        }
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.end();
    }
}

/// Whether a thread shall end.
fn is_done(done: &AtomicBool) -> bool {
    done.load(Ordering::Relaxed)
}

impl CodeListener {
    /// Opens `source` and tells `remote` where it is, by `plan`.
    ///
    /// # Errors
    /// [`CodeError`], when the source does not open. What goes later is opened anew.
    pub fn open(source: &CodeSource, plan: CodePlan, remote: Remote) -> Result<Self, CodeError> {
        let last = Arc::new(Mutex::new(None));
        let teller = Teller { chase: Chase::default(), plan, remote, last: Arc::clone(&last) };
        let thread = match source {
            CodeSource::LtcFile(path) => ltc::file(path, teller),
            CodeSource::LtcInput(name) => ltc::input(name.as_deref(), teller),
            CodeSource::Mtc(path) => mtc::listen(path, teller),
            CodeSource::ArtNet(address) => artnet::listen(*address, teller),
        }?;
        Ok(Self { last, thread })
    }

    /// The timecode that was heard last.
    pub fn last(&self) -> Option<Timecode> {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it listens no more, for it broke down.
    pub fn is_over(&self) -> bool {
        self.thread.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

/// Tells a player of codes that are heard.
struct Teller {
    chase: Chase,
    plan: CodePlan,
    remote: Remote,
    last: Arc<Mutex<Option<Timecode>>>,
}

impl Teller {
    /// At `at` the code was `seconds` past the start of `code`; see [`Sighting::speed`].
    fn see(&mut self, code: Timecode, seconds: f64, at: Instant, speed: Option<f64>) {
        let start = Timecode::nearest(self.plan.start, code.rate());
        let seconds = code.seconds_since(start) + seconds - self.plan.offset;
        if let Some(told) = self.chase.see(Sighting { seconds, at, speed }) {
            self.remote.tell(told);
        }
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(code);
    }

    fn rate(&self) -> Option<CodeRate> {
        self.plan.rate
    }
}

fn midi_error(path: &Path) -> impl Fn(std::io::Error) -> CodeError {
    move |cause| CodeError::Midi { path: path.into(), cause }
}

#[cfg(test)]
mod tests;
