//! Clients that are stuck, and clients that do all that clients should not.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrStorage, connect, setsockopt};
use nix::sys::socket::{socket, sockopt::RcvBuf};

use super::socket::{HELLO, REQUEST, Socket, frame};

/// Between two acts of each.
const PAUSE: Duration = Duration::from_millis(10);
/// How long a stuck client is stuck before another takes its place.
const STUCK: Duration = Duration::from_secs(4);
/// The receive buffer of one that is stuck, in bytes.
const SMALL: usize = 4096;
/// A frame of a gigabyte, of which the head is true.
const GIANT: [u8; 14] = [0x81, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0];
/// What begins a TLS connection.
const TLS: &[u8] = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 to a door that speaks plainly";

/// Both kinds, each on a thread.
pub(super) struct Abuse {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Acts>>,
}

/// What was done.
#[derive(Clone, Copy, Default)]
pub(super) struct Acts {
    pub(super) acts: u64,
    pub(super) connections: u64,
}

impl Abuse {
    pub(super) fn begin(address: SocketAddr, stuck: usize, abusive: usize) -> Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::new();
        let stopped = Arc::clone(&stop);
        let named = |name: &str| thread::Builder::new().name(name.into());
        threads.push(named("stuck").spawn(move || get_stuck(address, stuck, &stopped))?);
        let stopped = Arc::clone(&stop);
        threads.push(named("abusive").spawn(move || act(address, abusive, &stopped))?);
        Ok(Self { stop, threads })
    }

    pub(super) fn end(self) -> Result<Acts> {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Acts::default();
        for thread in self.threads {
            let one = thread.join().map_err(|_| anyhow!("the abuse ended by itself"))?;
            all.acts += one.acts;
            all.connections += one.connections;
        }
        Ok(all)
    }
}

/// Says hello and never reads, one after another anew.
fn get_stuck(address: SocketAddr, count: usize, stopped: &AtomicBool) -> Acts {
    let mut stuck: Vec<Option<Socket>> = (0..count).map(|_| None).collect();
    let (mut turn, mut acts) = (0, Acts::default());
    while !stopped.load(Ordering::Relaxed) {
        let one = narrow(address).and_then(Socket::over);
        stuck[turn % count] = one.ok().and_then(|mut one| {
            one.say(HELLO).ok()?;
            Some(one)
        });
        turn += 1;
        acts.connections += 1;
        // All of them come at once; later each goes when its time is over.
        if turn >= count {
            thread::sleep(STUCK / count as u32);
        }
    }
    acts
}

/// A connection that takes little.
fn narrow(address: SocketAddr) -> Result<TcpStream> {
    let end = socket(AddressFamily::Inet, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
    setsockopt(&end, RcvBuf, &SMALL)?;
    connect(std::os::fd::AsRawFd::as_raw_fd(&end), &SockaddrStorage::from(address))?;
    Ok(end.into())
}

/// What one does again and again.
#[derive(Clone, Copy)]
enum Way {
    Flood,
    Hellos,
    Giant,
    NoJson,
    NoUtf8,
    NoFrame,
    SilentTcp,
    HalfHttp,
    Tls,
    Reconnects,
}

const WAYS: [Way; 10] = [
    Way::Flood,
    Way::Hellos,
    Way::Giant,
    Way::NoJson,
    Way::NoUtf8,
    Way::NoFrame,
    Way::SilentTcp,
    Way::HalfHttp,
    Way::Tls,
    Way::Reconnects,
];

fn act(address: SocketAddr, count: usize, stopped: &AtomicBool) -> Acts {
    let mut ends: Vec<Option<TcpStream>> = (0..count).map(|_| None).collect();
    let mut acts = Acts::default();
    let mut room = vec![0; 256 * 1024];
    while !stopped.load(Ordering::Relaxed) {
        let begun = Instant::now();
        for (way, end) in WAYS.iter().cycle().zip(&mut ends) {
            acts.acts += 1;
            if end.is_none() {
                *end = come(address, *way).ok();
                acts.connections += 1;
            }
            let stays = end.as_mut().is_some_and(|end| once(end, *way, &mut room));
            if !stays {
                *end = None;
            }
        }
        thread::sleep(PAUSE.saturating_sub(begun.elapsed()));
    }
    acts
}

/// Connects as far as it goes.
fn come(address: SocketAddr, way: Way) -> Result<TcpStream> {
    let mut end = match way {
        Way::SilentTcp | Way::HalfHttp | Way::Tls => TcpStream::connect(address)?,
        _ => Socket::open(address)?.stream,
    };
    match way {
        Way::HalfHttp => end.write_all(&REQUEST[..REQUEST.len() / 2])?,
        Way::Tls => end.write_all(TLS)?,
        Way::Giant => end.write_all(&GIANT)?,
        _ => {}
    }
    end.set_nonblocking(true)?;
    Ok(end)
}

/// Does it once; whether the connection still is one.
fn once(end: &mut TcpStream, way: Way, room: &mut [u8]) -> bool {
    let is_there = match end.read(room) {
        Ok(count) => count > 0,
        Err(error) => error.kind() == std::io::ErrorKind::WouldBlock,
    };
    let flood = || {
        let seek = br#"{"type":"intent","name":"no.such","payload":{"of":[1,2,3,4,5,6,7,8,9]}}"#;
        frame(1, seek).repeat(50)
    };
    let said: Vec<u8> = match way {
        Way::Flood => flood(),
        Way::Hellos => frame(1, HELLO.as_bytes()),
        Way::Giant => vec![b' '; 64 * 1024],
        Way::NoJson => frame(1, br#"{"type":"intent","name":"#),
        Way::NoUtf8 => frame(1, &[0xff, 0xfe, b'{', 0xc0]),
        Way::NoFrame => vec![0x7f; 64],
        Way::SilentTcp | Way::HalfHttp | Way::Tls => return is_there,
        Way::Reconnects => return false,
    };
    is_there && wrote(end, &said)
}

/// Half a message that did not fit makes the next one nonsense, which is as well.
fn wrote(end: &mut TcpStream, bytes: &[u8]) -> bool {
    match end.write_all(bytes) {
        Ok(()) => true,
        Err(error) => error.kind() == std::io::ErrorKind::WouldBlock,
    }
}
