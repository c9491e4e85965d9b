use std::net::UdpSocket;
use std::process::Command;

use gobo_dmx::FrameRate;
use gobo_timecode::{LtcEncoder, Told};
use triple_buffer::Output;

use super::*;
use crate::controls::Controls;
use crate::{Clock, Course, Range};

const PATIENCE: Duration = Duration::from_secs(20);

fn plan(start: &str) -> CodePlan {
    CodePlan { start: start.parse().unwrap(), rate: None, offset: 0.0 }
}

/// A remote, and what it tells.
fn remote() -> (Remote, Output<Controls>) {
    Remote::new(Controls::new(1.0, false, 1.0))
}

/// A show that plays from `seconds` on, now.
fn course(seconds: f64) -> (Course, Instant) {
    let (now, rate) = (Instant::now(), FrameRate::DEFAULT);
    let mut clock = Clock::new(Duration::from_secs_f64(seconds), now);
    clock.set_running(true, now);
    let range = Range { start: 0, end: 60_000, repeat: false };
    (Course { clock, moving: true, range, rate }, now)
}

/// Waits until what is told is right.
#[track_caller]
fn wait(controls: &mut Output<Controls>, right: impl Fn(Told) -> bool) -> Told {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let told = controls.read().told;
        if let Some(told) = told.filter(|told| right(*told)) {
            return told;
        }
        assert!(Instant::now() < deadline, "last told: {told:?}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A sender and a listener come to the same place, whatever the machine does to their times.
#[track_caller]
fn agree(source: &CodeSource, target: &CodeTarget) {
    let (remote, mut controls) = remote();
    let listener = CodeListener::open(source, plan("10:00:00:00"), remote).unwrap();
    let (course, now) = course(12.0);
    // The sender is half a minute ahead of what the listener calls 0.
    let sender = CodeSender::open(target, plan("10:00:30:00"), move || Some(course)).unwrap();
    let told = wait(&mut controls, |told| told.speed == 1.0);
    let truth = 42.0 + now.elapsed().as_secs_f64();
    // A code that is late by a whole second would be a wrong one.
    assert!((told.seconds_at(Instant::now()) - truth).abs() < 0.5, "{told:?} for {truth}");
    let code = listener.last().unwrap();
    assert!(code.to_string().starts_with("10:00:4"), "{code}");
    assert!(sender.fault().is_none() && !listener.is_over());
}

#[test]
fn art_time_code_is_sent_and_heard() {
    let free = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    agree(&CodeSource::ArtNet(free), &CodeTarget::ArtNet("127.0.0.1".into(), free.port()));
}

#[test]
fn midi_timecode_is_sent_and_heard() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("midi");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    agree(&CodeSource::Mtc(pipe.clone()), &CodeTarget::Mtc(pipe));
}

#[test]
fn midi_timecode_of_a_show_that_stands_is_a_full_frame() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("midi");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let (remote, mut controls) = remote();
    let _listener =
        CodeListener::open(&CodeSource::Mtc(pipe.clone()), plan("00:00:00:00"), remote).unwrap();
    let (input, mut output) = triple_buffer::triple_buffer(&None);
    let mut input = input;
    let sent = move || *output.read();
    let _sender = CodeSender::open(&CodeTarget::Mtc(pipe), plan("00:00:00:00"), sent).unwrap();
    let (mut show, _) = course(5.0);
    input.write(Some(show));
    wait(&mut controls, |told| told.speed == 1.0);
    show.clock = Clock::new(Duration::from_millis(8020), Instant::now());
    show.moving = false;
    input.write(Some(show));
    let told = wait(&mut controls, |told| told.speed == 0.0);
    assert!((told.seconds - 8.0).abs() < 0.001, "{told:?}");
}

#[test]
fn no_timecode_is_sent_beyond_the_end() {
    let heard = UdpSocket::bind("127.0.0.1:0").unwrap();
    heard.set_read_timeout(Some(Duration::from_millis(400))).unwrap();
    let port = heard.local_addr().unwrap().port();
    let (mut show, _) = course(0.0);
    show.range.end = 30;
    let target = CodeTarget::ArtNet("127.0.0.1".into(), port);
    let _sender = CodeSender::open(&target, plan("00:00:00:00"), move || Some(show)).unwrap();
    let (mut bytes, mut last) = ([0; 64], None);
    while let Ok(length) = heard.recv(&mut bytes) {
        let heard = gobo_timecode::parse_art_time_code(&bytes[..length]).unwrap().unwrap();
        last = Some(heard.code.number());
    }
    // Half a second has twelve and a half frames.
    assert!(last.is_some_and(|last| last <= 12), "{last:?}");
}

#[test]
fn linear_timecode_of_a_file_is_heard_on_either_channel() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ltc.wav");
    let start = Timecode::new("01:00:02:00".parse().unwrap(), CodeRate::Fps25).unwrap();
    let (mut code, mut encoder) = (Vec::new(), LtcEncoder::new(48_000, 0.05));
    (0..500).for_each(|n| encoder.frame(start.offset(n), 1.0, &mut code));
    let stereo: Vec<f32> = code.iter().flat_map(|&sample| [0.0, sample]).collect();
    gobo_audio::write_wav(&path, &stereo, 48_000, 2).unwrap();
    let (remote, mut controls) = remote();
    let begun = Instant::now();
    let plan = CodePlan { offset: 0.5, ..plan("01:00:00:00") };
    let _listener = CodeListener::open(&CodeSource::LtcFile(path), plan, remote).unwrap();
    let told = wait(&mut controls, |told| told.speed == 1.0);
    // Times are the file's own: only its start is the machine's.
    let truth = 1.5 + begun.elapsed().as_secs_f64();
    assert!(((told.seconds_at(Instant::now()) - truth).abs()) < 0.5, "{told:?}");
}

#[test]
fn what_is_not_there_is_said() {
    let (remote, _) = remote();
    let open = |source| CodeListener::open(&source, plan("00:00:00:00"), remote.clone());
    let error = open(CodeSource::Mtc("/nowhere/midi".into())).err().unwrap().to_string();
    assert!(error.contains("/nowhere/midi"), "{error}");
    assert!(open(CodeSource::LtcFile("/nowhere.wav".into())).is_err());
    assert!(open(CodeSource::ArtNet("192.0.2.1:6454".parse().unwrap())).is_err());
    let target = CodeTarget::ArtNet("no.such.host.invalid".into(), 6454);
    assert!(CodeSender::open(&target, plan("00:00:00:00"), || None).is_err());
}
