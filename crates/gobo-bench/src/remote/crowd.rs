//! Many clients that follow the state, on one thread.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};

use super::course::{Course, Follower};
use super::socket::{HELLO, Socket, number_after};
use crate::edits::wire::now;

/// How many wait for their first message at once.
const AT_ONCE: usize = 8;
const PATIENCE: Duration = Duration::from_secs(30);
const ROOM: usize = 128 * 1024;

/// The clients.
pub(super) struct Crowd {
    stop: Arc<AtomicBool>,
    here: Arc<AtomicUsize>,
    thread: JoinHandle<Result<Heard>>,
}

/// What they have heard.
pub(super) struct Heard {
    /// From each change to each client, in microseconds.
    pub(super) taken: Vec<u32>,
    /// Changes that a client has never heard of, over all clients.
    pub(super) unheard: usize,
    /// Clients whose connection was gone before the end.
    pub(super) gone: usize,
}

impl Crowd {
    /// Has so many come, and waits until all have the state.
    pub(super) fn gather(
        address: SocketAddr,
        count: usize,
        key: &'static str,
        course: &Arc<Course>,
    ) -> Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let here = Arc::new(AtomicUsize::new(0));
        let (stopped, came, changes) = (Arc::clone(&stop), Arc::clone(&here), Arc::clone(course));
        let thread = thread::Builder::new()
            .name("crowd".into())
            .spawn(move || Following::new(address, count, key, &changes)?.run(&stopped, &came))?;
        let crowd = Self { stop, here, thread };
        let until = Instant::now() + PATIENCE;
        while crowd.here.load(Ordering::Relaxed) < count {
            let here = crowd.here.load(Ordering::Relaxed);
            ensure!(Instant::now() < until, "only {here} of {count} clients have the state");
            ensure!(!crowd.thread.is_finished(), "the clients are gone");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(crowd)
    }

    pub(super) fn leave(self) -> Result<Heard> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| anyhow!("the clients died"))?
    }
}

struct Following<'c> {
    address: SocketAddr,
    count: usize,
    clients: Vec<Client>,
    epoll: rustix::fd::OwnedFd,
    key: &'static str,
    course: &'c Course,
    taken: Vec<u32>,
    /// How many have the state.
    answered: usize,
}

struct Client {
    socket: Socket,
    follower: Follower,
    /// Whether the state has begun to come, and whether it has come.
    begun: bool,
    is_here: bool,
}

impl<'c> Following<'c> {
    fn new(
        address: SocketAddr,
        count: usize,
        key: &'static str,
        course: &'c Course,
    ) -> Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let (clients, taken) = (Vec::new(), Vec::with_capacity(count * course.len()));
        Ok(Self { address, count, clients, epoll, key, course, taken, answered: 0 })
    }

    /// One more comes and says hello.
    fn greet(&mut self) -> Result<()> {
        let mut socket = Socket::open(self.address)?;
        socket.say(HELLO).context("a hello")?;
        socket.stream.set_nonblocking(true)?;
        let place = epoll::EventData::new_u64(self.clients.len() as u64);
        epoll::add(&self.epoll, &socket.stream, place, epoll::EventFlags::IN)?;
        let follower = Follower::default();
        self.clients.push(Client { socket, follower, begun: false, is_here: false });
        Ok(())
    }

    fn run(mut self, stopped: &AtomicBool, here: &AtomicUsize) -> Result<Heard> {
        let mut events = Vec::with_capacity(256);
        let mut room = vec![0; ROOM];
        while !stopped.load(Ordering::Relaxed) {
            if self.clients.len() < self.count.min(self.answered + AT_ONCE) {
                self.greet()?;
            }
            events.clear();
            let gathers = self.clients.len() < self.count;
            let wait = Timespec { tv_sec: 0, tv_nsec: if gathers { 0 } else { 50_000_000 } };
            match epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&wait)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            for event in &events {
                self.hear(event.data.u64() as usize, &mut room)?;
            }
            here.store(self.answered, Ordering::Relaxed);
        }
        let unheard = self.clients.iter().map(|one| self.course.len() - one.follower.seen).sum();
        let gone = self.clients.iter().filter(|one| one.socket.is_over).count();
        Ok(Heard { taken: self.taken, unheard, gone })
    }

    fn hear(&mut self, index: usize, room: &mut [u8]) -> Result<()> {
        let Self { clients, key, course, taken, .. } = self;
        let Client { socket, follower, begun, is_here } = &mut clients[index];
        let mut at = None;
        socket.read(room, |text| {
            let at = *at.get_or_insert_with(now);
            *begun = *begun || text.starts_with(br#"{"type":"snapshot""#);
            if let Some(value) = number_after(text, key.as_bytes()) {
                follower.see(value as u8, at, course, taken);
            }
        });
        if *begun && !*is_here && socket.is_whole() {
            *is_here = true;
            self.answered += 1;
        }
        if socket.is_over {
            epoll::delete(&self.epoll, &socket.stream)?;
        }
        Ok(())
    }
}
