//! Timecode to outside, on a thread that follows the show's course.

use std::fs::File;
use std::io::{self, Write};
use std::net::{ToSocketAddrs, UdpSocket};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use gobo_timecode::{CodeRate, Timecode, art_time_code, mtc_full, mtc_quarter};

use super::{CodeError, CodePlan, Ending, is_done, midi_error, mtc};
use crate::Course;

/// The longest time between two looks at the course: what a pause is late at most.
const LOOK: Duration = Duration::from_millis(10);
/// Between two full frames while a place is sought.
const FULL_REST: Duration = Duration::from_millis(40);

/// Where timecode goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CodeTarget {
    /// ArtTimeCode to a host and port.
    ArtNet(String, u16),
    /// MIDI timecode to a raw MIDI device, a pipe or a terminal.
    Mtc(PathBuf),
}

/// Sends the timecode of a show until it is dropped.
pub struct CodeSender {
    fault: Arc<Mutex<Option<io::Error>>>,
    _thread: Ending,
}

impl CodeSender {
    /// Opens `target` and sends there where the show is, which `course` says; at 25 frames a
    /// second unless `plan` has another rate.
    ///
    /// # Errors
    /// [`CodeError`], when the target does not open.
    pub fn open(
        target: &CodeTarget,
        plan: CodePlan,
        mut course: impl FnMut() -> Option<Course> + Send + 'static,
    ) -> Result<Self, CodeError> {
        let rate = plan.rate.unwrap_or(CodeRate::Fps25);
        let mut teller =
            Teller::new(Wire::open(target)?, Timecode::nearest(plan.start, rate), plan.offset);
        let fault = Arc::new(Mutex::new(None));
        let theirs = Arc::clone(&fault);
        let thread = Ending::spawn("gobo-code-out", move |done: &AtomicBool| {
            while !is_done(done) {
                let now = Instant::now();
                let Some(course) = course() else {
                    thread::sleep(LOOK);
                    continue;
                };
                if let Err(error) = teller.turn(&course, now) {
                    theirs.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                }
                let rest = teller.due(&course, now).saturating_duration_since(Instant::now());
                thread::sleep(rest.min(LOOK));
            }
        })?;
        Ok(Self { fault, _thread: thread })
    }

    /// The first thing that went wrong, once.
    pub fn fault(&self) -> Option<io::Error> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// What timecode goes out by.
enum Wire {
    ArtNet(UdpSocket),
    Mtc(File),
}

impl Wire {
    fn open(target: &CodeTarget) -> Result<Self, CodeError> {
        match target {
            CodeTarget::Mtc(path) => mtc::open(path, true).map(Self::Mtc).map_err(midi_error(path)),
            CodeTarget::ArtNet(host, port) => {
                let failed = |cause| CodeError::Send { target: format!("{host}:{port}"), cause };
                let found = (host.as_str(), *port).to_socket_addrs().map_err(failed)?;
                let Some(address) = found.into_iter().min_by_key(std::net::SocketAddr::is_ipv6)
                else {
                    return Err(failed(io::ErrorKind::NotFound.into()));
                };
                let unspecified = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
                let socket = UdpSocket::bind(unspecified).map_err(failed)?;
                // Only what is asked for goes to everyone.
                socket.set_broadcast(true).map_err(failed)?;
                socket.connect(address).map_err(failed)?;
                Ok(Self::ArtNet(socket))
            }
        }
    }

    /// Parts of a frame that are sent apart.
    fn parts(&self) -> u32 {
        match self {
            Self::ArtNet(_) => 1,
            Self::Mtc(_) => 4,
        }
    }
}

/// What was sent, and what comes next.
struct Teller {
    wire: Wire,
    start: Timecode,
    offset: f64,
    /// The last part that was sent, counted from the start of the show.
    last: Option<u64>,
    /// Where the show stood when a full frame was sent, and when that was.
    full: Option<(u64, Instant)>,
    moved: bool,
}

impl Teller {
    fn new(wire: Wire, start: Timecode, offset: f64) -> Self {
        Self { wire, start, offset, last: None, full: None, moved: false }
    }

    fn seconds_a_part(&self) -> f64 {
        1.0 / (self.start.rate().as_f64() * f64::from(self.wire.parts()))
    }

    /// The place that the code has at `now`: the show comes `offset` seconds after it.
    fn place(&self, course: &Course, now: Instant) -> f64 {
        (course.place(now).as_secs_f64() + self.offset).max(0.0)
    }

    /// The part that is on at `now`.
    fn part(&self, course: &Course, now: Instant) -> u64 {
        // A part begins where its own moment says, whatever the rounding.
        (self.place(course, now) / self.seconds_a_part() + 1e-6) as u64
    }

    /// When the next part begins.
    fn due(&self, course: &Course, now: Instant) -> Instant {
        let next = (self.part(course, now) + 1) as f64 * self.seconds_a_part();
        let ahead = next - self.place(course, now);
        let ahead = Duration::try_from_secs_f64(ahead).unwrap_or_default();
        course.after(now, ahead).unwrap_or(now + LOOK)
    }

    /// Sends what is due at `now`.
    fn turn(&mut self, course: &Course, now: Instant) -> io::Result<()> {
        let part = self.part(course, now);
        let moving = course.is_moving(now);
        let begun = self.last.is_some();
        let steady = self.last.is_some_and(|last| part == last || part == last + 1);
        match &self.wire {
            Wire::ArtNet(socket) if moving && self.last != Some(part) => {
                self.last = Some(part);
                let code = self.start.offset(part.cast_signed());
                socket.send(&art_time_code(code)).map(drop)
            }
            Wire::Mtc(_) if moving && steady => {
                self.moved = true;
                match self.last.replace(part) != Some(part) {
                    true => self.quarter(part),
                    false => Ok(()),
                }
            }
            // It begins, has jumped, or stands elsewhere.
            Wire::Mtc(_) if moving || begun => {
                let elsewhere = self.full.is_none_or(|(at, _)| at != part) || self.moved;
                let rested = self.full.is_none_or(|(_, at)| now > at + FULL_REST);
                if moving {
                    self.last = Some(part);
                }
                if !(moving || elsewhere && rested) {
                    return Ok(());
                }
                (self.full, self.moved) = (Some((part, now)), false);
                self.full_frame(part)
            }
            _ => Ok(()),
        }
    }

    fn quarter(&mut self, part: u64) -> io::Result<()> {
        // Eight quarters for two frames, the first of which is even.
        let number = u64::from(self.start.number()) * 4 + part;
        let day = u64::from(self.start.rate().frames_in_a_day()) * 4;
        let (pair, piece) = (number % day / 8, (number % 8) as u8);
        let code = Timecode::of_number((pair * 2) as u32, self.start.rate());
        self.write(&mtc_quarter(code, piece))
    }

    fn full_frame(&mut self, part: u64) -> io::Result<()> {
        let code = self.start.offset((part / 4).cast_signed());
        self.write(&mtc_full(code))
    }

    /// Writes a message, or leaves it out when nobody takes it.
    fn write(&mut self, message: &[u8]) -> io::Result<()> {
        let Wire::Mtc(file) = &mut self.wire else { return Ok(()) };
        match file.write(message) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            other => other.map(drop),
        }
    }
}
