//! MIDI timecode from a file that gives bytes: a raw MIDI device, a pipe, a terminal.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

use gobo_timecode::{MtcParser, MtcReader, MtcSighting, Timecode};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::termios::{OptionalActions, isatty, tcgetattr, tcsetattr};

use super::{CodeError, Ending, LOOK, RETRY, Teller, is_done, midi_error};

/// The raw MIDI devices of this machine.
pub fn midi_ports() -> Vec<PathBuf> {
    let named = |folder: &str, prefix: &str| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let is_midi = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with(prefix);
        entries.filter(|entry| is_midi(&entry.file_name())).map(|entry| entry.path()).collect()
    };
    let mut ports = [named("/dev/snd", "midi"), named("/dev", "midi")].concat();
    ports.sort();
    ports
}

/// Opens a file of MIDI bytes that no call on it waits for.
pub(super) fn open(path: &Path, write: bool) -> io::Result<File> {
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let options =
        |read: bool| OpenOptions::new().read(read).write(write).custom_flags(flags).open(path);
    let file = match options(!write) {
        // A pipe that nobody reads yet.
        Err(error)
            if write && error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error()) =>
        {
            options(true)?
        }
        other => other?,
    };
    if isatty(&file) {
        // Bytes as they are: no lines, no echo, no signals.
        let mut modes = tcgetattr(&file)?;
        modes.make_raw();
        tcsetattr(&file, OptionalActions::Now, &modes)?;
    }
    Ok(file)
}

pub(super) fn listen(path: &Path, mut teller: Teller) -> Result<Ending, CodeError> {
    let mut file = open(path, false).map_err(midi_error(path))?;
    let path = path.to_owned();
    Ending::spawn("gobo-mtc", move |done| {
        let (mut parser, mut reader) = (MtcParser::default(), MtcReader::default());
        let mut bytes = [0; 256];
        while !is_done(done) {
            match next(&mut file, &mut bytes) {
                Ok(count) => {
                    let now = Instant::now();
                    let messages = bytes[..count].iter().filter_map(|&byte| parser.feed(byte));
                    for sighting in messages.filter_map(|message| reader.read(message)) {
                        tell(&sighting, now, &mut teller);
                    }
                }
                // Unplugged: it may come back under its name.
                Err(_) => {
                    thread::sleep(RETRY);
                    if let Ok(again) = open(&path, false) {
                        file = again;
                    }
                }
            }
        }
    })
}

/// Waits a moment for bytes; none may have come.
fn next(file: &mut File, bytes: &mut [u8]) -> io::Result<usize> {
    let wait = Timespec::try_from(LOOK).map_err(io::Error::other)?;
    let mut asked = [PollFd::new(file, PollFlags::IN)];
    match poll(&mut asked, Some(&wait)) {
        Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(0),
        Ok(_) => {}
        Err(error) => return Err(error.into()),
    }
    let events = asked[0].revents();
    match file.read(bytes) {
        // A pipe whose writer went: another may come.
        Ok(0) => {
            thread::sleep(LOOK);
            Ok(0)
        }
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
            if events.contains(PollFlags::HUP) {
                thread::sleep(LOOK);
            }
            Ok(0)
        }
        other => other,
    }
}

fn tell(sighting: &MtcSighting, now: Instant, teller: &mut Teller) {
    let (code, quarters) = sighting.place();
    // The type bits of MTC know no other 24 and 30; who does may say so.
    let known = teller.rate().filter(|rate| rate.type_bits() == code.rate().type_bits());
    let code = known.map_or(code, |rate| Timecode::nearest(code.label(), rate));
    let speed = match sighting {
        MtcSighting::Runs { direction, .. } => direction.sign(),
        MtcSighting::Stands(_) => 0.0,
    };
    teller.see(code, f64::from(quarters) / 4.0 / code.rate().as_f64(), now, Some(speed));
}
