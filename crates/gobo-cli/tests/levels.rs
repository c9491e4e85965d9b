//! Masters, parking and input from the command line to the wire.

mod common;

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use common::{Project, Running, free_port, wait_until_taken};

const PATIENCE: Duration = Duration::from_secs(30);

/// Slots of the project's pars, from 0: dimmer and red of both.
const LEFT: [usize; 2] = [0, 1];
const RIGHT: [usize; 2] = [7, 8];

/// A show that plays to a socket of ours.
struct Playing {
    playing: Running,
    socket: UdpSocket,
    /// Where it plays from.
    _project: Project,
}

impl Playing {
    fn new(options: &[&str]) -> Self {
        let project = Project::new();
        project.run(&["compile", "--from", "3", "--to", "4", "-o", "build/short.canvas"]).exits(0);
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let target = socket.local_addr().unwrap().to_string();
        let play = ["play", "build/short.canvas", "--loop", "--audio", "none", "--artnet", &target];
        Self { playing: project.start(&[&play[..], options].concat()), socket, _project: project }
    }

    /// The next frame: an ArtDmx packet without its header.
    #[track_caller]
    fn frame(&self) -> Vec<u8> {
        let mut packet = [0; 600];
        let length = self.socket.recv(&mut packet).expect("a frame comes");
        assert_eq!((&packet[..8], length), (&b"Art-Net\0"[..], 530));
        packet[18..length].to_vec()
    }

    fn stop(self) {
        self.playing.signal("TERM");
        self.playing.wait(PATIENCE).exits(0);
    }
}

#[test]
fn masters_and_parking_hold_from_the_first_frame() {
    let masters = ["--master", "50%", "--group", "pars=0.5"];
    let parks = ["--park", "par-left.dimmer=100%", "--park", "head.tilt=50%"];
    let lowered = Playing::new(&[&masters[..], &parks].concat());
    let plain = Playing::new(&[]);
    let (low, full) = (lowered.frame(), plain.frame());
    assert_eq!(full[RIGHT[0]], 179, "70 %");
    assert_eq!((low[LEFT[0]], low[RIGHT[0]]), (255, 45));
    assert_eq!((low[LEFT[1]], low[RIGHT[1]]), (full[LEFT[1]], full[RIGHT[1]]));
    lowered.stop();
    plain.stop();
}

/// An ArtDmx packet of port address 0, all slots at `level` (Art-Net 4, "ArtDmx").
fn dmx(sequence: u8, level: u8) -> Vec<u8> {
    let mut packet = b"Art-Net\0\x00\x50\x00\x0e".to_vec();
    packet.extend([sequence, 0, 0, 0, 2, 0]);
    packet.resize(18 + 512, level);
    packet
}

#[test]
fn input_of_a_higher_priority_has_the_universe_until_it_falls_silent() {
    let port = free_port();
    let input = format!("artnet@127.0.0.1:{port}=1");
    let parks = ["--park", "par-right.red=0%"];
    let show =
        Playing::new(&[&["--input", &input, "--input-priority", "150"][..], &parks].concat());
    wait_until_taken(port);
    let console = UdpSocket::bind("127.0.0.1:0").unwrap();
    let deadline = Instant::now() + PATIENCE;
    let mut sequence = 0;
    let seen = |frame: &[u8]| (frame[LEFT[0]], frame[RIGHT[1]], frame[300]);
    while seen(&show.frame()) != (77, 0, 77) {
        assert!(Instant::now() < deadline, "the console is not heard");
        sequence = sequence % 255 + 1;
        console.send_to(&dmx(sequence, 77), ("127.0.0.1", port)).unwrap();
    }
    while seen(&show.frame()) != (179, 0, 0) {
        assert!(Instant::now() < deadline, "the show does not come back");
    }
    show.stop();
}

#[test]
fn names_that_are_not_there_are_misuse() {
    let project = Project::new();
    let refused = |options: &[&str]| {
        let play = ["play", "hello", "--dry-run", "--to", "0.1", "--quiet", "--audio", "none"];
        project.run(&[&play[..], options].concat()).exits(2).err
    };
    for (options, words) in [
        (["--group", "par=50%"], "there is no group `par`; did you mean `pars`?"),
        (["--group", "pars"], "`--group pars` needs a level"),
        (["--park", "par-lef=50%"], "there is no fixture `par-lef`; did you mean `par-left`?"),
        (["--park", "head.til=50%"], "head has no `til`; did you mean `tilt`?"),
        (["--park", "head.9"], "head has no `9`; there are dimmer, "),
        (["--input", "artnet=7"], "no universe of 7 is in the show: it has 1"),
        (["--input", "dmx"], "expected `artnet` or `sacn`, found `dmx`"),
        (["--master", "120%"], "0% to 100%"),
    ] {
        let err = refused(&options);
        assert!(err.contains(words), "{err}");
    }
}
