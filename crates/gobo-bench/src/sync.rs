//! `make sync`: how far light is from sound. A song that clicks and a show that flashes with it
//! play over cpal and ALSA into a JACK server without hardware; what comes out there is compared
//! with the times that the kernel puts on packets.

mod clicks;
mod light;
mod sound;

use std::io::Write as _;
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use gobo_audio::{Sound, SoundDevice};
use gobo_canvas::Canvas;
use gobo_output::{Outputs, Uuid};
use gobo_play::{Options, Remote, SoundState};

/// Rates of the song and of the server, and frames in a period of the server.
const CASES: [(u32, u32, u32); 5] = [
    (44_100, 44_100, 256),
    (48_000, 48_000, 256),
    (48_000, 96_000, 256),
    (44_100, 48_000, 256),
    (44_100, 48_000, 1024),
];
/// How long a server takes to be there, at most.
const PATIENCE: Duration = Duration::from_secs(5);
/// Seeks in the second half of a run; the first half is left to run on, for its drift.
const SEEKS: u32 = 20;
/// A flash and a click further apart do not belong together, in seconds.
const APART: f64 = 0.4;
/// ALSA leads to JACK and nowhere else, whatever the machine's own settings are.
const ALSA: &str = "pcm.!default { type plug slave.pcm { type jack \
                    playback_ports { 0 system:playback_1 1 system:playback_2 } } }\n";

/// Runs all cases, each for `seconds`, and prints how far light came after sound.
pub(crate) fn report(gobo: &Path, folder: &Path, seconds: &str) -> Result<()> {
    let length: u32 = seconds.parse().context("expected seconds")?;
    let alsa = folder.join("asound.conf");
    fs::write(&alsa, ALSA)?;
    println!("sync: light after sound in ms, {length} s each, {SEEKS} seeks in the second half");
    println!(
        "{:<32}{:>7}{:>8}{:>8}{:>8}{:>10}{:>8}{:>8}{:>10}",
        "song, server, period", "steady", "mean", "p99", "max", "us/s", "sought", "mean", "p99"
    );
    for (song, rate, period) in CASES {
        let folder = folder.join(format!("{song}-{rate}-{period}"));
        fs::create_dir(&folder)?;
        let light = UdpSocket::bind("127.0.0.1:0")?;
        let address = light.local_addr()?.to_string();
        drop(light);
        // Seeks go anywhere, so that the song is longer than the run.
        let project = clicks::project(gobo, &folder, song, length + 60, &address)?;
        print!("{:<32}", format!("{song} Hz, {rate} Hz, {period}"));
        std::io::stdout().flush()?;
        let server = format!("gobo-sync-{}", std::process::id());
        let _server = Server::start(&server, rate, period)?;
        let status = Command::new(env::current_exe()?)
            .args([Path::new("--sync-here"), &project, Path::new(seconds)])
            .args([&address])
            .envs([("JACK_DEFAULT_SERVER", &*server), ("JACK_NO_START_SERVER", "1")])
            .env("ALSA_CONFIG_PATH", &alsa)
            .status()?;
        ensure!(status.success(), "measuring ended with {status}");
    }
    Ok(())
}

/// A JACK server that plays to nobody, in time.
struct Server(Child);

impl Server {
    fn start(name: &str, rate: u32, period: u32) -> Result<Self> {
        let (rate, period) = (rate.to_string(), period.to_string());
        let mut command = Command::new("jackd");
        command.args(["-n", name, "-R", "-P", "30", "-d", "dummy", "-C", "2", "-P", "2"]);
        command.args(["-r", &rate, "-p", &period]).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self(command.spawn().context("this needs jackd (Debian: jackd2)")?))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Plays the project, where the default device leads to the server, and prints a line's figures.
pub(crate) fn measure(project: &Path, seconds: &str, address: &str) -> Result<()> {
    let length = Duration::from_secs(seconds.parse()?);
    // What goes wrong there shows in the figures, or ends this.
    jack::set_logger(jack::LoggerType::None);
    let listener = listener()?;
    let watcher = light::Watcher::start(UdpSocket::bind(address)?)?;
    let canvas = Arc::new(Canvas::open(&project.join("build/hello.canvas"))?);
    let header = canvas.header();
    let universes: Vec<_> = header.universes.iter().map(|entry| entry.universe).collect();
    let options = gobo_output::Options::new(Uuid::from_u128(1));
    let outputs = Outputs::open(&header.routes, &universes, &options)?;
    let (sound, link) = Sound::open(&project.join("songs/clicks.wav"), &SoundDevice::Default)?;
    if let Some(missing) = sound.missing() {
        return Err(anyhow::anyhow!("{missing}"));
    }
    let link = Box::new(link) as Box<dyn gobo_play::Soundtrack>;
    let playback = gobo_play::play(Arc::clone(&canvas), outputs, Some(link), &Options::default())?;
    let seeks = lead(&playback.remote(), &listener, length, header.seconds());
    let state = playback.state();
    drop(playback);
    ensure!(state.sound == SoundState::Followed, "the sound was {:?} at the end", state.sound);
    print(&listener.stop(), &watcher.stop()?, &seeks);
    Ok(())
}

/// The server may take a moment to be there.
fn listener() -> Result<sound::Listener> {
    let start = Instant::now();
    loop {
        match sound::Listener::start() {
            Err(_) if start.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(100)),
            listener => return listener,
        }
    }
}

/// Lets the show run, then leads it about; gives when, in nanoseconds since 1970.
fn lead(remote: &Remote, listener: &sound::Listener, length: Duration, show: f64) -> Vec<u64> {
    let (start, mut seeks, mut dice) = (Instant::now(), Vec::new(), 1_u32);
    while start.elapsed() < length {
        listener.join();
        thread::sleep(Duration::from_millis(50));
        let due = length.mul_f64(0.5 + 0.5 * seeks.len() as f64 / f64::from(SEEKS));
        if start.elapsed() > due && seeks.len() < SEEKS as usize {
            let mut roll = || {
                dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                f64::from(dice) / f64::from(u32::MAX)
            };
            seeks.push(sound::nanos_ago(0.0));
            // Not beyond where it can run to the end, and amid the quiet between two clicks: a
            // click soon after another is not told from it.
            let last = show - length.as_secs_f64() / f64::from(SEEKS) - 5.0;
            remote.seek((roll() * last).floor() + 0.3 + 0.3 * roll());
        }
    }
    seeks
}

/// Prints how far light came after sound, in milliseconds, before and after the first seek.
fn print(sound: &[u64], light: &[u64], seeks: &[u64]) {
    let offsets: Vec<(u64, f64)> = light.iter().filter_map(|&at| offset(at, sound)).collect();
    let first = seeks.first().copied().unwrap_or(u64::MAX);
    let steady: Vec<_> = offsets.iter().copied().filter(|&(at, _)| at < first).collect();
    let sought: Vec<_> = offsets.iter().copied().filter(|&(at, _)| at >= first).collect();
    let (mean, p99, max) = figures(&steady);
    print!("{:>7}{mean:>+8.2}{p99:>8.2}{max:>8.2}{:>+10.2}", steady.len(), drift(&steady) * 1e6);
    let (mean, p99, _) = figures(&sought);
    println!("{:>8}{mean:>+8.2}{p99:>10.2}", sought.len());
}

/// By how many milliseconds a flash came after the click nearest to it.
fn offset(at: u64, sound: &[u64]) -> Option<(u64, f64)> {
    let nearest = sound.iter().min_by_key(|&&click| at.abs_diff(click))?;
    let seconds = at.cast_signed().wrapping_sub(nearest.cast_signed()) as f64 / 1e9;
    (seconds.abs() < APART).then_some((at, seconds * 1e3))
}

/// Mean, and the sizes that 99 % and all keep.
fn figures(offsets: &[(u64, f64)]) -> (f64, f64, f64) {
    let mut sizes: Vec<f64> = offsets.iter().map(|(_, offset)| offset.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let at = |part: f64| sizes.get(((sizes.len() as f64 * part) as usize).min(sizes.len() - 1));
    let mean = offsets.iter().map(|(_, offset)| offset).sum::<f64>() / sizes.len().max(1) as f64;
    match sizes.is_empty() {
        true => (f64::NAN, f64::NAN, f64::NAN),
        false => (mean, at(0.99).copied().unwrap_or(0.0), at(1.0).copied().unwrap_or(0.0)),
    }
}

/// By how much the offset grows, in seconds a second: the slope of a line through all.
fn drift(offsets: &[(u64, f64)]) -> f64 {
    let Some(&(start, _)) = offsets.first() else { return f64::NAN };
    let points: Vec<(f64, f64)> =
        offsets.iter().map(|&(at, ms)| ((at - start) as f64 / 1e9, ms / 1e3)).collect();
    let count = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0, y + point.1));
    let (x, y) = (x / count, y / count);
    let (above, below) = points.iter().fold((0.0, 0.0), |(above, below), point| {
        (above + (point.0 - x) * (point.1 - y), below + (point.0 - x) * (point.0 - x))
    });
    above / below
}
