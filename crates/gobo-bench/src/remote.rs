//! `--remote SECONDS`: a show of 100 universes plays under `gobo serve`, one client changes it 60
//! times a second, and many follow. Timed from before a change is sent: to its answer, to each
//! client that has it (right after the read), and to the kernel's stamp of the first packet that
//! shows it. Beside it a bare broadcaster does the same in the same run, and then 50 clients that
//! are stuck and 50 that do all that clients should not join in.

mod abuse;
mod bare;
mod course;
mod crowd;
mod hand;
mod served;
mod socket;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::edits::wire::now;
use crate::soak::arrivals::Figures;
use crate::soak::receiver::Receiver;
use crate::{process, show, us};
use abuse::{Abuse, Acts};
use course::{Course, Follower, Times};
use crowd::Crowd;
use served::Served;

pub(crate) use bare::run as bare;

/// How this program calls itself to be the bare broadcaster.
pub(crate) const BARE: &str = "--remote-bare";
/// Where the value of a change stands in messages.
const KEY: &str = r#""Red 1":"#;
const FIXTURE: &str = "u1b0";
const CHANNEL: &str = "Red 1";
const UNIVERSES: u16 = 100;
const CLIENTS: [usize; 2] = [200, 1_000];
const STUCK: usize = 50;
const ABUSIVE: usize = 50;
/// What the first moments do is not what a night does.
const SETTLING: Duration = Duration::from_secs(2);

/// Runs all cases, each so long, and prints their figures.
pub(crate) fn report(gobo: &Path, folder: &Path, length: Duration) -> Result<()> {
    let project = show::write(folder, UNIVERSES, 300)?;
    process::run(gobo, &project, &["compile"])?;
    println!("remote: 60 changes a second, {} s each, ms", length.as_secs());
    println!(
        "{:<20}{:>8}{:>8}{:>8}{:>8} |{:>8}{:>8}{:>8} |{:>8}{:>8} |{:>6}{:>6}",
        "clients",
        "to all",
        "p99",
        "p99.9",
        "max",
        "answer",
        "p99",
        "p99.9",
        "wire",
        "p99",
        "CPU %",
        "MB"
    );
    for clients in CLIENTS {
        let limit = measure(Served::bare()?, clients, length, false)?;
        limit.print(&format!("{clients}, bare"));
        let free = played(gobo, &project, clients, length, false)?;
        free.print(&format!("{clients}, gobo"));
        free.compare(&limit);
        let pressed = played(gobo, &project, clients, length, true)?;
        pressed.print(&format!("{clients}, gobo, abused"));
        pressed.compare(&free);
    }
    Ok(())
}

/// What a case came to.
struct Case {
    broadcast: Times,
    answers: Times,
    wire: Option<(Times, Figures)>,
    course: Arc<Course>,
    /// When the changes were made, in nanoseconds since 1970.
    within: Range<u64>,
    unheard: usize,
    gone: usize,
    /// CPU seconds a second of the server.
    cpu: f64,
    memory: u64,
    acts: Option<Acts>,
    /// How long the server takes to do a thing, in ms: p99, p99.9, the longest.
    applying: [f64; 3],
    counted: [f64; served::COUNTED.len()],
}

/// A case under `gobo serve`, which plays to a receiver here.
fn played(
    gobo: &Path,
    project: &Path,
    clients: usize,
    length: Duration,
    abused: bool,
) -> Result<Case> {
    let receiver = Receiver::start(UNIVERSES)?;
    let target = format!("{}=1-{UNIVERSES}", receiver.address);
    let mut case = measure(Served::gobo(gobo, project, &target)?, clients, length, abused)?;
    let figures = receiver.stop_within(&case.within)?;
    let (mut follower, mut taken) = (Follower::default(), Vec::new());
    for (nanos, level) in &figures.levels {
        follower.see(*level, *nanos, &case.course, &mut taken);
    }
    case.wire = Some((Times::new(taken), figures));
    Ok(case)
}

/// A case with a server that runs.
fn measure(served: Served, clients: usize, length: Duration, abused: bool) -> Result<Case> {
    let changes = (length.as_secs_f64() / hand::EVERY.as_secs_f64()) as usize;
    let course = Arc::new(Course::new(changes));
    let crowd = Crowd::gather(served.address, clients, KEY, &course)?;
    let abuse = if abused { Some(Abuse::begin(served.address, STUCK, ABUSIVE)?) } else { None };
    thread::sleep(SETTLING);
    let before = served.counted()?;
    let (from, start, cpu) = (now(), Instant::now(), served.cpu_seconds());
    let answers = hand::change_all(served.address, FIXTURE, CHANNEL, &course)?;
    let cpu = (served.cpu_seconds() - cpu) / start.elapsed().as_secs_f64();
    thread::sleep(Duration::from_millis(500));
    let (within, memory) = (from..now(), served.memory());
    let (after, applying) = (served.counted()?, served.applying()?);
    let heard = crowd.leave()?;
    let acts = abuse.map(Abuse::end).transpose()?;
    served.end()?;
    Ok(Case {
        broadcast: Times::new(heard.taken),
        unheard: heard.unheard,
        gone: heard.gone,
        answers: Times::new(answers),
        course,
        within,
        wire: None,
        cpu,
        memory,
        acts,
        applying,
        counted: std::array::from_fn(|index| after[index] - before[index]),
    })
}

impl Case {
    fn print(&self, name: &str) {
        let Self { broadcast, answers, counted, .. } = self;
        print!("{name:<20}");
        [0.5, 0.99, 0.999, 1.0].iter().for_each(|part| print!("{:>8.2}", broadcast.at(*part)));
        print!(" |");
        [0.5, 0.99, 0.999].iter().for_each(|part| print!("{:>8.2}", answers.at(*part)));
        print!(" |");
        let wire = |part| self.wire.as_ref().map_or(f64::NAN, |(wire, _)| wire.at(part));
        [0.5, 0.99].iter().for_each(|part| print!("{:>8.2}", wire(*part)));
        let (cpu, memory) = (self.cpu * 100.0, self.memory >> 20);
        println!(" |{cpu:>6.0}{memory:>6}");
        if self.unheard + self.gone > 0 {
            println!("  {} clients gone, {} changes not heard", self.gone, self.unheard);
        }
        let Some((_, figures)) = &self.wire else { return };
        let [late, missing, dropped, malformed, refused] = counted;
        println!(
            "  frames late {late}, missing {missing}; at the receiver late {}, lost {}, jitter \
             p99.9 {}, max {}",
            figures.late,
            figures.lost,
            us(figures.jitter[2]),
            us(figures.jitter[3])
        );
        let [p99, p999, longest] = self.applying;
        println!("  applied at the server: p99 {p99:.2}, p99.9 {p999:.2}, max {longest:.2}");
        if let Some(Acts { acts, connections }) = self.acts {
            println!(
                "  {acts} acts of abuse over {connections} connections; clients dropped {dropped}, \
                 messages malformed {malformed}, connections refused {refused}"
            );
        }
    }

    /// The ratio of what it has in common with another.
    fn compare(&self, other: &Self) {
        print!("{:<20}", "  ratio");
        let ratio = |ours: &Times, theirs: &Times, part| ours.at(part) / theirs.at(part);
        for part in [0.5, 0.99, 0.999, 1.0] {
            print!("{:>7.2}x", ratio(&self.broadcast, &other.broadcast, part));
        }
        print!(" |");
        for part in [0.5, 0.99, 0.999] {
            print!("{:>7.2}x", ratio(&self.answers, &other.answers, part));
        }
        println!();
    }
}
