//! A show that is watched, and the light that it makes.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use super::{Project, Running};

/// The file with the level of the pars.
pub(crate) const CUES: &str = "shows/hello/base.json";

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Slots of the project's pars, from 0.
pub(crate) const DIMMER: usize = 0;
pub(crate) const RED: usize = 1;

/// A project whose show is watched, and the light that it makes.
pub(crate) struct Watching {
    pub(crate) watching: Option<Running>,
    pub(crate) socket: UdpSocket,
    pub(crate) project: Project,
    /// The light seen last.
    pub(crate) level: u8,
}

impl Watching {
    /// The show stands at its third second, where the pars are at 70 %.
    pub(crate) fn new(options: &[&str]) -> Self {
        Self::of(Project::new(), &[&["--hold-at", "3s"][..], options].concat())
    }

    pub(crate) fn of(project: Project, options: &[&str]) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let target = socket.local_addr().unwrap().to_string();
        let watch = ["watch", "hello", "--audio", "none", "--json", "--artnet", &target];
        let watching = project.start(&[&watch[..], options].concat());
        Self { watching: Some(watching), socket, project, level: 0 }
    }

    /// The next frame of the first universe: an ArtDmx packet without its header.
    #[track_caller]
    pub(crate) fn frame(&self) -> Vec<u8> {
        loop {
            let mut packet = [0; 600];
            let length = self.socket.recv(&mut packet).expect("a frame comes");
            if packet[14] == 0 {
                return packet[18..length].to_vec();
            }
        }
    }

    /// Waits for a level of the first dimmer. Until then the light stays as it was.
    #[track_caller]
    pub(crate) fn comes_to(&mut self, level: u8) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let seen = self.frame()[DIMMER];
            if seen == level {
                break;
            }
            assert!(
                seen == self.level || self.level == 0,
                "{seen} between {} and {level}",
                self.level
            );
            assert!(Instant::now() < deadline, "{level} does not come: it is {seen}");
        }
        self.level = level;
    }

    /// The light is as it was for a while.
    #[track_caller]
    pub(crate) fn stays(&self) {
        let until = Instant::now() + Duration::from_millis(400);
        while Instant::now() < until {
            assert_eq!(self.frame()[DIMMER], self.level);
        }
    }

    /// Ends it; gives what it told.
    #[track_caller]
    pub(crate) fn ends(&mut self) -> Vec<serde_json::Value> {
        let watching = self.watching.take().expect("it ends once");
        watching.signal("TERM");
        let ran = watching.wait(PATIENCE).exits(0);
        ran.out.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }

    /// The text of the cues with another level for the pars.
    pub(crate) fn text(&self, level: &str) -> String {
        let text = self.project.read("shows/hello/base.json");
        let (before, rest) = text.split_once("\"dimmer\": \"").expect("the level of the pars");
        let (_, after) = rest.split_once('"').expect("its end");
        format!("{before}\"dimmer\": \"{level}\"{after}")
    }
}

/// What tells of edits.
pub(crate) fn reasons<'a>(
    told: &'a [serde_json::Value],
    reason: &str,
) -> Vec<&'a serde_json::Value> {
    told.iter().filter(|one| one["reason"] == reason).collect()
}
