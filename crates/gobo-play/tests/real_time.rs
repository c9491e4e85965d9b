//! The real-time thread, on real time, to sinks that note what they get.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gobo_canvas::{Canvas, CanvasWriter, Cell, Compression, Header, UniverseEntry};
use gobo_dmx::{LastLook, Slots, Universe};
use gobo_play::{
    Cue, Ending, Entry, Faults, FrameSink, Gap, Options, Playback, Playlist, Program, RealTime,
    Resume, SoundState, Status, Towards, Transition, play, play_list,
};

/// A canvas of one universe whose first slot says the frame, from 1.
fn canvas(frames: u32, last_look: LastLook) -> Arc<Canvas> {
    let universe = UniverseEntry { universe: Universe::FIRST, name: String::new(), slots_used: 1 };
    let header = Header { frames, universes: vec![universe], last_look, ..Header::default() };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("show.canvas");
    let mut writer = CanvasWriter::create(&path, &header).unwrap();
    for cell in 0..header.cells() {
        let first = header.first_frame(cell);
        let rows: Vec<u8> =
            (0..header.frames_in(cell)).map(|row| (first + u32::from(row) + 1) as u8).collect();
        writer.put(0, cell, &Cell::encode(cell.into(), 1, &rows, Compression::Fast)).unwrap();
    }
    writer.finish().unwrap();
    Arc::new(Canvas::open(&path).unwrap())
}

#[derive(Default)]
struct Log {
    frames: Vec<(Instant, u8)>,
    last_looks: Vec<u8>,
}

/// Notes frames; panics at one of them if told to.
struct Notes {
    log: Arc<Mutex<Log>>,
    panics_at: Option<u8>,
}

impl FrameSink for Notes {
    fn send(&mut self, now: Instant, frame: &[Slots]) {
        assert_ne!(Some(frame[0][0]), self.panics_at, "a sink that fails badly");
        self.log.lock().unwrap().frames.push((now, frame[0][0]));
    }

    fn finish(&mut self, last_look: &[Slots]) {
        self.log.lock().unwrap().last_looks.push(last_look[0][0]);
    }

    fn faults(&self) -> Faults {
        Faults::default()
    }
}

fn start(
    canvas: Arc<Canvas>,
    options: &Options,
    panics_at: Option<u8>,
) -> (Playback<Notes>, Arc<Mutex<Log>>) {
    let log = Arc::new(Mutex::new(Log::default()));
    let notes = Notes { log: Arc::clone(&log), panics_at };
    (play(canvas, notes, None, options).unwrap(), log)
}

#[test]
fn a_second_of_frames_leaves_in_order_and_in_time() {
    let began = Instant::now();
    let (playback, log) = start(canvas(60, LastLook::Blackout), &Options::default(), None);
    let (ending, state, sink) = playback.join();
    let took = began.elapsed();
    assert_eq!(ending, Ending::Finished);
    assert!(sink.is_some());
    assert_eq!((state.status, state.missing), (Status::Ended, 0));
    let log = log.lock().unwrap();
    assert_eq!(log.last_looks, [0]);
    let mut frames: Vec<u8> = log.frames.iter().map(|(_, frame)| *frame).collect();
    assert!(frames.is_sorted());
    frames.dedup();
    // A machine that is busy elsewhere may cost frames, each of them counted.
    let dropped = usize::try_from(state.dropped).unwrap();
    assert_eq!(frames.len() + dropped, 60, "{frames:?}");
    assert!(took >= Duration::from_secs(1), "{took:?}");
    let first = log.frames[0].0;
    for (at, frame) in &log.frames {
        let due = Duration::from_secs(u64::from(frame - 1)) / 60;
        assert!(*at - first + Duration::from_millis(2) >= due, "frame {frame} is early");
    }
}

#[test]
fn a_stop_leaves_the_look_that_was_chosen() {
    for (own, chosen, last) in [
        (LastLook::Blackout, Some(LastLook::Hold), true),
        (LastLook::Hold, None, true),
        (LastLook::Hold, Some(LastLook::Blackout), false),
    ] {
        let options = Options { from: 0.5, last_look: chosen, ..Options::default() };
        let (playback, log) = start(canvas(250, own), &options, None);
        let deadline = Instant::now() + Duration::from_secs(5);
        while playback.state().sent < 3 {
            assert!(Instant::now() < deadline, "nothing is sent");
            std::thread::sleep(Duration::from_millis(5));
        }
        playback.remote().stop();
        let (ending, _, _) = playback.join();
        assert_eq!(ending, Ending::Finished);
        let log = log.lock().unwrap();
        assert!(log.frames[0].1 >= 31);
        let expected = if last { log.frames.last().unwrap().1 } else { 0 };
        assert_eq!(log.last_looks, [expected]);
    }
}

#[test]
fn dropping_a_playback_ends_its_show() {
    let (playback, log) = start(canvas(250, LastLook::Blackout), &Options::default(), None);
    drop(playback);
    assert_eq!(log.lock().unwrap().last_looks, [0]);
}

#[test]
fn a_panic_still_leaves_the_last_look() {
    let (playback, log) = start(canvas(250, LastLook::Blackout), &Options::default(), Some(5));
    let (ending, _, sink) = playback.join();
    assert!(matches!(ending, Ending::Panicked(reason) if reason.contains("a sink that fails")));
    assert!(sink.is_some());
    assert_eq!(log.lock().unwrap().last_looks, [0]);
}

/// Half a second of a show, three times, of which the second cannot be opened.
struct Thrice {
    asked: Arc<Mutex<Vec<u64>>>,
}

impl Thrice {
    fn program(entry: Entry) -> Program {
        let canvas = canvas(30, LastLook::Blackout);
        Program::new(canvas, None, &[Universe::FIRST], &Options::default(), entry).unwrap()
    }
}

impl Playlist for Thrice {
    fn prepare(&mut self, number: u64, _: Towards) -> Option<(u64, Program)> {
        self.asked.lock().unwrap().push(number);
        let cue = Cue::After(Gap::Time(Duration::from_millis(100)));
        let entry = Entry { cue, transition: Transition::Hold };
        (number < 2).then(|| (2, Self::program(entry)))
    }
}

#[test]
fn a_list_plays_to_its_end_and_a_show_may_be_left_out() {
    let log = Arc::new(Mutex::new(Log::default()));
    let notes = Notes { log: Arc::clone(&log), panics_at: None };
    let asked = Arc::new(Mutex::new(Vec::new()));
    let list = Thrice { asked: Arc::clone(&asked) };
    let playback =
        play_list(Thrice::program(Entry::default()), list, 1, notes, RealTime::default()).unwrap();
    let (ending, state, sink) = playback.join();
    assert_eq!((ending, state.status, state.program), (Ending::Finished, Status::Ended, 2));
    assert!(sink.is_some());
    assert_eq!(*asked.lock().unwrap(), [1, 3]);
    let log = log.lock().unwrap();
    assert_eq!(log.last_looks, [0]);
    let frames: Vec<u8> = log.frames.iter().map(|(_, frame)| *frame).collect();
    let second = frames.windows(2).position(|pair| pair[0] > pair[1]).unwrap() + 1;
    assert!(frames[..second].is_sorted() && frames[second..].is_sorted(), "{frames:?}");
    assert!(log.frames[second].0 - log.frames[0].0 >= Duration::from_millis(598));
}

#[test]
fn a_panic_leaves_the_stage_as_it_is_to_a_successor() {
    let real_time = RealTime { succeeded: true, ..RealTime::default() };
    let options = Options { real_time, ..Options::default() };
    let (playback, log) = start(canvas(250, LastLook::Blackout), &options, Some(5));
    let (ending, _, _) = playback.join();
    assert!(matches!(ending, Ending::Panicked(_)));
    let log = log.lock().unwrap();
    assert!(log.last_looks.is_empty());
    assert!(log.frames.iter().all(|(_, frame)| *frame < 5));
}

#[test]
fn a_successor_goes_on_where_the_show_would_be() {
    for (playing, first) in [(true, 91), (false, 61)] {
        let broke_off = Instant::now() - Duration::from_millis(500);
        let since = playing.then_some(broke_off);
        let resume = Some(Resume { seconds: 1.0, since, playing });
        let options = Options { resume, ..Options::default() };
        let (playback, log) = start(canvas(250, LastLook::Blackout), &options, None);
        let deadline = Instant::now() + Duration::from_secs(5);
        while playback.state().sent < 10 {
            assert!(Instant::now() < deadline, "nothing is sent");
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(playback.state().status == Status::Paused, !playing);
        drop(playback);
        for (at, frame) in &log.lock().unwrap().frames {
            assert!(*frame >= first);
            let due = Duration::from_secs(u64::from(*frame) - 61) / 60;
            let place = *at - broke_off;
            let late = place.checked_sub(due);
            assert!(!playing || late.is_some(), "frame {frame} is early at {place:?}");
            assert!(playing || *frame == first, "a paused show went on to {frame}");
        }
    }
}

#[test]
fn an_empty_stretch_is_refused() {
    let log = Arc::new(Mutex::new(Log::default()));
    let options = Options { from: 9.0, ..Options::default() };
    let notes = Notes { log, panics_at: None };
    let refused = play(canvas(60, LastLook::Hold), notes, None, &options).err().unwrap();
    assert_eq!(
        refused.to_string(),
        "nothing to play from 9.000 s to 1.000 s: the show is 1.000 s long"
    );
}

#[test]
fn a_song_at_the_null_device_leads_the_show() {
    let folder = tempfile::tempdir().unwrap();
    let song = folder.path().join("song.wav");
    gobo_audio::write_wav(&song, &vec![0.0; 44_100], 22_050, 2).unwrap();
    let (sound, link) = gobo_audio::Sound::open(&song, &gobo_audio::SoundDevice::Null).unwrap();
    let log = Arc::new(Mutex::new(Log::default()));
    let notes = Notes { log: Arc::clone(&log), panics_at: None };
    let show = canvas(45, LastLook::Blackout);
    let playback = play(show, notes, Some(Box::new(link)), &Options::default()).unwrap();
    let (ending, state, _) = playback.join();
    drop(sound);
    assert_eq!((ending, state.sound), (Ending::Finished, SoundState::Followed));
    let mut frames: Vec<u8> = log.lock().unwrap().frames.iter().map(|(_, frame)| *frame).collect();
    assert!(frames.is_sorted());
    frames.dedup();
    assert_eq!(frames.len() + usize::try_from(state.dropped).unwrap(), 45);
}
