//! Input from real sources over loopback, into a show that plays in real time.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use gobo_canvas::{Canvas, CanvasWriter, Cell, Compression, Header, UniverseEntry};
use gobo_dmx::{
    Delivery, MergeMode, Priority, Protocol, Route, SacnStreams, Slots, Universe, UniverseSet,
};
use gobo_output::{Outputs, Uuid};
use gobo_play::{Faults, FrameSink, InputOptions, Levels, Options, play_with};

/// Two universes, 11 and 12, whose slots are at 50 throughout.
fn canvas() -> Arc<Canvas> {
    let entry = |number| UniverseEntry {
        universe: Universe::new(number).unwrap(),
        name: String::new(),
        slots_used: 4,
    };
    let universes = vec![entry(11), entry(12)];
    let header = Header { frames: 60, universes, ..Header::default() };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("show.canvas");
    let mut writer = CanvasWriter::create(&path, &header).unwrap();
    for universe in 0..2 {
        let cell = Cell::encode(0, 4, &[50; 4 * 60], Compression::Fast);
        writer.put(universe, 0, &cell).unwrap();
    }
    writer.finish().unwrap();
    Arc::new(Canvas::open(&path).unwrap())
}

/// Notes the first slot of both universes.
struct Newest(Arc<Mutex<[u8; 2]>>);

impl FrameSink for Newest {
    fn send(&mut self, _: Instant, frame: &[Slots]) {
        *self.0.lock().unwrap() = [frame[0][0], frame[1][0]];
    }

    fn finish(&mut self, _: &[Slots]) {}

    fn faults(&self) -> Faults {
        Faults::default()
    }
}

/// A console that sends universes 1 and 2.
struct Console {
    outputs: Outputs,
    began: Instant,
}

impl Console {
    fn new(to: SocketAddr, protocol: Protocol) -> Self {
        let delivery = Delivery::Unicast { host: to.ip().to_string(), port: to.port() };
        let universes = [1, 2].map(|number| Universe::new(number).unwrap());
        let route = Route::new(UniverseSet::all(), protocol, delivery);
        let options = gobo_output::Options::new(Uuid::from_u128(7));
        let outputs = Outputs::open(&[route], &universes, &options).unwrap();
        Self { outputs, began: Instant::now() }
    }

    /// Sends a level until it is `expected` that comes out.
    #[track_caller]
    fn say(&mut self, level: u8, newest: &Mutex<[u8; 2]>, expected: [u8; 2]) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while *newest.lock().unwrap() != expected {
            assert!(Instant::now() < deadline, "{:?} at {:?}", newest.lock(), self.began.elapsed());
            self.outputs.send(Instant::now(), &[[level; 512]; 2]);
            thread::sleep(Duration::from_millis(20));
        }
    }
}

fn plays_with_input(protocol: Protocol, leaves_by_itself: bool) {
    let canvas = canvas();
    let mut levels = Levels::new([canvas.header()]);
    let (any, none) = (Some(([127, 0, 0, 1], 0).into()), None);
    let (artnet, sacn) = match protocol {
        Protocol::ArtNet { .. } => (any, none),
        Protocol::Sacn(_) => (none, any),
        _ => (none, none),
    };
    let own = Universe::new(12).map(|universe| (universe, Priority::new(200).unwrap()));
    let own = BTreeMap::from([own.unwrap()]);
    // Universe 1 comes in as 11, and 2 as 12, where the show outranks it.
    let options = InputOptions { artnet, sacn, offset: 10, own, ..InputOptions::default() };
    levels.listen(&options).unwrap();
    let to = levels.input_addresses().into_iter().flatten().next().unwrap();
    let newest = Arc::new(Mutex::new([0; 2]));
    let options = Options { repeat: true, ..Options::default() };
    let playback = play_with(canvas, levels, Newest(Arc::clone(&newest)), None, &options).unwrap();
    let desk = playback.desk();
    let mut console = Console::new(to, protocol);
    console.say(200, &newest, [200, 50]);
    // The highest level of both.
    console.say(10, &newest, [50, 50]);
    desk.set_merge(MergeMode::Ltp);
    console.say(20, &newest, [20, 50]);
    assert_eq!(playback.state().levels.input, 1);
    if leaves_by_itself {
        console.outputs.finish(&[[20; 512]; 2]);
    }
    // After three seconds, or as soon as it is said, the show has its universe back.
    let deadline = Instant::now() + Duration::from_secs(30);
    while *newest.lock().unwrap() != [50, 50] {
        assert!(Instant::now() < deadline, "the source is gone");
        thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(playback.state().levels.input, 0);
}

#[test]
fn a_console_on_art_net_is_merged_until_it_falls_silent() {
    plays_with_input(Protocol::ArtNet { sync: false }, false);
}

#[test]
fn a_console_on_e131_is_merged_until_it_ends_its_stream() {
    plays_with_input(Protocol::Sacn(SacnStreams::PLAIN), true);
}
