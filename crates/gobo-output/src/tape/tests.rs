use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::*;
use crate::Outputs;

const LONG: Duration = Duration::from_secs(20);

/// A log that writes to a channel without room: each frame waits for the test to take it.
struct Slow(SyncSender<(u32, bool, Vec<u8>)>);

impl FrameLog for Slow {
    fn put(&mut self, frame: &Logged<'_>) -> io::Result<()> {
        let levels = frame.universes.iter().map(|slots| slots[0]).collect();
        let line = (frame.place.frame, frame.last_look, levels);
        self.0.send(line).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

type Lines = Receiver<(u32, bool, Vec<u8>)>;

fn taped(universes: usize) -> (Outputs, Recording<Slow>, Lines) {
    let (slow, lines) = sync_channel(0);
    let (output, recording) = record("a tape", "tape", universes, Slow(slow)).unwrap();
    let mut outputs = Outputs::default();
    outputs.push(output);
    (outputs, recording, lines)
}

fn send(outputs: &mut Outputs, number: u32) {
    outputs.place(Place { frame: number, turn: number, ..Place::default() });
    outputs.send(Instant::now(), &[[number as u8; SLOTS], [!number as u8; SLOTS]]);
}

fn report(outputs: &Outputs) -> Report {
    outputs.reports().next().unwrap().1
}

#[test]
fn every_frame_is_written_down_in_order_and_the_last_look_once() {
    let (mut outputs, recording, lines) = taped(2);
    let reading = thread::spawn(move || lines.iter().collect::<Vec<_>>());
    for number in 0..200 {
        send(&mut outputs, number);
    }
    outputs.finish_with(&[[7; SLOTS]; 2], Instant::now, thread::sleep);
    drop(outputs);
    let (log, ended) = recording.finish().unwrap();
    drop(log);
    assert!(ended.is_ok());
    let mut expected: Vec<_> = (0..200_u32).map(|n| (n, false, vec![n as u8, !n as u8])).collect();
    expected.push((199, true, vec![7, 7]));
    assert_eq!(reading.join().unwrap(), expected);
}

#[test]
fn frames_without_room_are_counted_and_the_others_stay_in_order() {
    let (mut outputs, recording, lines) = taped(2);
    for number in 0..1000 {
        send(&mut outputs, number);
    }
    let fault = report(&outputs).fault.expect("there is room for 240 frames");
    // One more may be in the hands of the log.
    assert!((759..=760).contains(&fault.count), "{fault:?}");
    assert!(fault.failing);
    // Room again: it is well again.
    let mut got = vec![lines.recv_timeout(LONG).unwrap().0, lines.recv_timeout(LONG).unwrap().0];
    let until = Instant::now() + LONG;
    let mut number = 1000;
    while report(&outputs).fault.is_some_and(|fault| fault.failing) {
        assert!(Instant::now() < until);
        send(&mut outputs, number);
        number += 1;
        thread::sleep(Duration::from_millis(1));
    }
    let reading = thread::spawn(move || lines.iter().map(|line| line.0).collect::<Vec<_>>());
    drop(outputs);
    drop(recording.finish().unwrap().0);
    got.extend(reading.join().unwrap());
    assert!(got.is_sorted());
    assert_eq!(got[..240], (0..240).collect::<Vec<_>>());
    assert_eq!(got.last(), Some(&(number - 1)));
}

#[test]
fn a_log_that_fails_is_told_of_and_stops() {
    let (mut outputs, recording, lines) = taped(1);
    drop(lines);
    send(&mut outputs, 1);
    let until = Instant::now() + LONG;
    while report(&outputs).fault.is_none() {
        assert!(Instant::now() < until);
        send(&mut outputs, 2);
        thread::sleep(Duration::from_millis(1));
    }
    assert!(recording.has_failed());
    assert_eq!(report(&outputs).fault.unwrap().error().kind(), io::ErrorKind::BrokenPipe);
    let (_, ended) = recording.finish().unwrap();
    assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
}
