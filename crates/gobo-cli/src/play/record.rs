//! What a show sends, written down: frames as a canvas, packets as a capture, frames as lines of
//! JSON on stdout. Each is written in a thread of its own.

mod canvas_log;
mod lines;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use gobo_canvas::Header;
use gobo_output::{Capture, Capturing, Outputs, Recording, record};

use self::canvas_log::CanvasLog;
use self::lines::Lines;
use crate::args::OutputArgs;
use crate::canvas::bytes;
use crate::failure::{Exit, misuse};
use crate::output::{Unwritten, make_folder_of};
use crate::project::shown;
use crate::terminal::Terminal;
use crate::value::{counted, minutes};

/// The name of stdout among the outputs.
const STDOUT: &str = "standard output";
/// What the names of recordings begin with.
const RECORDING: &str = "the recording ";

/// How a file is to be written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Canvas,
    Capture,
}

fn form(path: &Path) -> Result<Form> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("canvas") => Ok(Form::Canvas),
        Some("pcapng") => Ok(Form::Capture),
        _ => Err(misuse(format!(
            "cannot record to {}: expected a name that ends in .canvas (frames) or .pcapng \
             (packets)",
            shown(path)
        ))),
    }
}

/// All that is written down of a show.
pub(crate) struct Records {
    captures: Vec<(PathBuf, Capture, Capturing)>,
    canvases: Vec<(PathBuf, Recording<CanvasLog>)>,
    lines: Option<Recording<Lines>>,
    /// Whether nothing else is sent to.
    alone: bool,
}

impl Records {
    /// Begins captures, which have to be there before there is anything to capture.
    pub(super) fn begin(args: &OutputArgs) -> Result<Self> {
        let mut captures = Vec::new();
        for path in &args.record {
            if form(path)? == Form::Capture {
                if !captures.is_empty() {
                    return Err(misuse("one capture is enough: --record takes one .pcapng"));
                }
                let failed = || Unwritten::file(path);
                make_folder_of(path)?;
                // Written as it goes, other than a canvas: it may be a pipe to a dissector.
                let file = File::create(path).with_context(failed)?;
                let capture = Capture::default();
                let capturing = capture.write_to(file).with_context(failed)?;
                captures.push((path.clone(), capture, capturing));
            }
        }
        Ok(Self { captures, canvases: Vec::new(), lines: None, alone: false })
    }

    /// Where packets are captured, if they are.
    pub(super) fn capture(&self) -> Option<Capture> {
        self.captures.first().map(|(_, capture, _)| capture.clone())
    }

    /// Adds what takes frames to the outputs.
    pub(super) fn attach(
        &mut self,
        header: &Header,
        args: &OutputArgs,
        outputs: &mut Outputs,
    ) -> Result<()> {
        self.alone = outputs.is_empty() && args.record.is_empty();
        let count = header.universes.len();
        let thread = "cannot start a thread for what is recorded";
        for path in &args.record {
            if form(path)? == Form::Canvas {
                let log = CanvasLog::new(path, header, args.only.as_ref());
                let name = format!("{RECORDING}{}", shown(path));
                let (output, recording) = record(&name, "record", count, log).context(thread)?;
                outputs.push(output);
                self.canvases.push((path.clone(), recording));
            }
        }
        if args.stdout {
            let lines = Lines::new(header, args.only.as_ref());
            let (output, recording) = record(STDOUT, "stdout", count, lines).context(thread)?;
            outputs.push(output);
            self.lines = Some(recording);
        }
        Ok(())
    }

    /// Whether nobody is left who wants the show: what read it has gone, and nothing else is sent
    /// to.
    pub(crate) fn abandoned(&self) -> bool {
        self.alone && self.lines.as_ref().is_some_and(Recording::has_failed)
    }

    /// Writes everything to its end, and says what was recorded.
    pub(crate) fn finish(self, terminal: &Terminal) -> Exit {
        let mut exit = Exit::Fine;
        let mut told = |result: Result<()>| {
            if let Err(error) = result {
                terminal.error(&error);
                exit = Exit::Broken;
            }
        };
        for (path, _, capturing) in self.captures {
            told(finish_capture(terminal, &path, capturing));
        }
        for (path, recording) in self.canvases {
            told(finish_canvas(terminal, &path, recording));
        }
        if let Some((_, ended)) = self.lines.and_then(Recording::finish) {
            told(match ended {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                    if !self.alone {
                        terminal
                            .warn(format_args!("{STDOUT} was closed: the show went on without"));
                    }
                    Ok(())
                }
                ended => ended.with_context(Unwritten::stdout),
            });
        }
        exit
    }
}

fn finish_capture(terminal: &Terminal, path: &Path, capturing: Capturing) -> Result<()> {
    let captured = capturing.finish().with_context(|| Unwritten::file(path))?;
    let packets = counted(captured.packets as usize, "packet");
    terminal.status(format_args!("recorded {}: {packets}", shown(path)))?;
    match captured.lost {
        0 => Ok(()),
        lost => Err(anyhow!("{lost} packets are missing in {}: no room", shown(path))),
    }
}

fn finish_canvas(terminal: &Terminal, path: &Path, recording: Recording<CanvasLog>) -> Result<()> {
    let (log, ended) = recording.finish().ok_or_else(|| anyhow!("the recorder broke down"))?;
    ended.with_context(|| Unwritten::file(path))?;
    let Some(header) = log.finish()? else {
        terminal.warn(format_args!("nothing was sent, so {} was not recorded", shown(path)));
        return Ok(());
    };
    let size = std::fs::metadata(path).map_or(0, |file| file.len());
    let (length, size) = (minutes(header.seconds()), bytes(size));
    terminal.status(format_args!("recorded {}: {length}, {size}", shown(path)))
}

/// What a fault of an output is about.
pub(super) enum Kind {
    /// A target: packets did not reach it.
    Target,
    /// Something that is written down: frames are missing in it.
    Log,
    /// Told by [`Records::finish`].
    Told,
}

/// What an error of the output of this name is about.
pub(super) fn kind(name: &str, error: &io::Error) -> Kind {
    match name {
        STDOUT if error.kind() == io::ErrorKind::BrokenPipe => Kind::Told,
        STDOUT => Kind::Log,
        _ if name.starts_with(RECORDING) => Kind::Log,
        _ => Kind::Target,
    }
}
