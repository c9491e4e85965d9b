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
const PATIENCE: Duration = Duration::from_secs(120);
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
        let sockets = (0..count).map(|_| Socket::open(address)).collect::<Result<Vec<_>>>()?;
        let stop = Arc::new(AtomicBool::new(false));
        let here = Arc::new(AtomicUsize::new(0));
        let (stopped, came, changes) = (Arc::clone(&stop), Arc::clone(&here), Arc::clone(course));
        let thread = thread::Builder::new()
            .name("crowd".into())
            .spawn(move || Following::new(sockets, key, &changes)?.run(&stopped, &came))?;
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
    sockets: Vec<(Socket, Follower)>,
    epoll: rustix::fd::OwnedFd,
    key: &'static str,
    course: &'c Course,
    taken: Vec<u32>,
    /// How many have said hello, and how many were answered.
    greeted: usize,
    answered: usize,
}

impl<'c> Following<'c> {
    fn new(sockets: Vec<Socket>, key: &'static str, course: &'c Course) -> Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        for (index, socket) in sockets.iter().enumerate() {
            socket.stream.set_nonblocking(true)?;
            let place = epoll::EventData::new_u64(index as u64);
            epoll::add(&epoll, &socket.stream, place, epoll::EventFlags::IN)?;
        }
        let taken = Vec::with_capacity(sockets.len() * course.len());
        let sockets = sockets.into_iter().map(|socket| (socket, Follower::default())).collect();
        Ok(Self { sockets, epoll, key, course, taken, greeted: 0, answered: 0 })
    }

    fn run(mut self, stopped: &AtomicBool, here: &AtomicUsize) -> Result<Heard> {
        let mut events = Vec::with_capacity(256);
        let mut room = vec![0; ROOM];
        let wait = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
        while !stopped.load(Ordering::Relaxed) {
            while self.greeted < self.sockets.len() && self.greeted < self.answered + AT_ONCE {
                self.sockets[self.greeted].0.say(HELLO).context("a hello")?;
                self.greeted += 1;
            }
            events.clear();
            match epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&wait)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            for event in &events {
                self.hear(event.data.u64() as usize, &mut room)?;
            }
            here.store(self.answered, Ordering::Relaxed);
        }
        let unheard = self.sockets.iter().map(|(_, one)| self.course.len() - one.seen).sum();
        let gone = self.sockets.iter().filter(|(socket, _)| socket.is_over).count();
        Ok(Heard { taken: self.taken, unheard, gone })
    }

    fn hear(&mut self, index: usize, room: &mut [u8]) -> Result<()> {
        let Self { sockets, key, course, taken, .. } = self;
        let (socket, follower) = &mut sockets[index];
        let before = socket.messages;
        let mut at = None;
        socket.read(room, |text| {
            let at = *at.get_or_insert_with(now);
            if let Some(value) = number_after(text, key.as_bytes()) {
                follower.see(value as u8, at, course, taken);
            }
        });
        self.answered += usize::from(before == 0 && socket.messages > 0);
        if socket.is_over {
            epoll::delete(&self.epoll, &socket.stream)?;
        }
        Ok(())
    }
}
