use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Instant;

use gobo_dmx::{Delivery, Protocol, Route, SLOTS, Slots, Universe};

use super::rpc::tests::{Field, fields};
use super::*;
use crate::{Outputs, Uuid};

/// How long a test waits for what must come.
const LONG: Duration = Duration::from_secs(20);

fn outputs(port: u16, offset: i32, priority: u8) -> Outputs {
    let route = Route {
        offset,
        ..Route::new(
            "all".parse().unwrap(),
            Protocol::Ola { via: OlaApi::Rpc, priority: Priority::new(priority).unwrap() },
            Delivery::Unicast { host: "127.0.0.1".into(), port },
        )
    };
    let universes = [1, 2].map(|number| Universe::new(number).unwrap());
    Outputs::open(&[route], &universes, &Options::new(Uuid::nil())).unwrap()
}

/// Reads a call.
fn message(stream: &mut TcpStream) -> Vec<(u64, Field)> {
    let mut header = [0; 4];
    stream.read_exact(&mut header).unwrap();
    let mut body = vec![0; (u32::from_ne_bytes(header) & 0x0fff_ffff) as usize];
    stream.read_exact(&mut body).unwrap();
    fields(&body)
}

/// Whether a call asks for the universes that there are.
fn asks(message: &[(u64, Field)]) -> bool {
    message[2] == (3, Field::Bytes(b"GetUniverseInfo".to_vec()))
}

/// Reads a call of levels: universe, levels, priority. Questions get no answer.
fn call(stream: &mut TcpStream) -> (u64, Vec<u8>, u64) {
    let mut message = message(stream);
    while asks(&message) {
        message = self::message(stream);
    }
    let Some((4, Field::Bytes(levels))) = message.last() else { panic!("{message:?}") };
    match &fields(levels)[..] {
        [(1, Field::Number(universe)), (2, Field::Bytes(data)), (3, Field::Number(priority))] => {
            (*universe, data.clone(), *priority)
        }
        other => panic!("{other:?}"),
    }
}

/// Sends frames until somebody connects.
fn accept(outputs: &mut Outputs, listener: &TcpListener, frame: &[Slots]) -> TcpStream {
    listener.set_nonblocking(true).unwrap();
    let until = Instant::now() + LONG;
    loop {
        outputs.send(Instant::now(), frame);
        if let Ok((stream, _)) = listener.accept() {
            stream.set_nonblocking(false).unwrap();
            stream.set_read_timeout(Some(LONG)).unwrap();
            return stream;
        }
        assert!(Instant::now() < until, "nobody connected");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_daemon_gets_the_levels_again_after_it_was_gone() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut outputs = outputs(port, 10, 150);
    let frame = [[3; SLOTS], [4; SLOTS]];
    let mut stream = accept(&mut outputs, &listener, &frame);
    assert_eq!(call(&mut stream), (11, vec![3; 512], 150));
    assert_eq!(call(&mut stream), (12, vec![4; 512], 150));
    drop((stream, listener));
    let until = Instant::now() + LONG;
    while !outputs.reports().any(|(_, report)| report.fault.is_some_and(|fault| fault.failing)) {
        assert!(Instant::now() < until, "that it is gone was not noticed");
        outputs.send(Instant::now(), &frame);
        thread::sleep(Duration::from_millis(5));
    }
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let mut stream = accept(&mut outputs, &listener, &frame);
    assert_eq!(call(&mut stream), (11, vec![3; 512], 150));
    outputs.finish(&[[0; SLOTS], [9; SLOTS]]);
    let mut last = [0; 2];
    while last != [0, 9] {
        let (universe, levels, _) = call(&mut stream);
        last[usize::from(universe == 12)] = levels[0];
    }
}

/// What it has goes there as ever; the other is told, and sent all the same.
#[test]
fn a_universe_that_a_daemon_has_not_does_not_hold_up_another() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut outputs = outputs(listener.local_addr().unwrap().port(), 0, 100);
    let frame = [[3; SLOTS], [4; SLOTS]];
    let mut stream = accept(&mut outputs, &listener, &frame);
    assert!(asks(&message(&mut stream)), "first of all");
    // Universe 2 only, in a message of type 2.
    let answer = b"\x08\x02\x22\x04\x0a\x02\x08\x02";
    let header = (1_u32 << 28 | answer.len() as u32).to_ne_bytes();
    stream.write_all(&[&header, &answer[..]].concat()).unwrap();
    let report = |outputs: &Outputs| outputs.reports().next().unwrap().1;
    let until = Instant::now() + LONG;
    while report(&outputs).fault.is_none() {
        assert!(Instant::now() < until, "nothing is said");
        outputs.send(Instant::now(), &frame);
        assert_eq!(call(&mut stream).0, 1);
        assert_eq!(call(&mut stream).0, 2);
    }
    let fault = report(&outputs).fault.unwrap();
    let words = "olad has no universe 1: patch a port to it in olad";
    assert_eq!((fault.failing, fault.error().to_string()), (true, words.to_owned()));
    let packets = report(&outputs).packets;
    while report(&outputs).packets < packets + 5 {
        assert!(Instant::now() < until, "it rests");
        outputs.send(Instant::now(), &frame);
        assert_eq!((call(&mut stream).0, call(&mut stream).0), (1, 2));
    }
}

/// A daemon that reads nothing fills the connection; nobody else notices.
#[test]
fn a_daemon_that_hangs_times_out() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut outputs = outputs(listener.local_addr().unwrap().port(), 0, 100);
    let frame = [[3; SLOTS], [4; SLOTS]];
    let _stream = accept(&mut outputs, &listener, &frame);
    let until = Instant::now() + 3 * LONG;
    loop {
        outputs.send(Instant::now(), &frame);
        let report = outputs.reports().next().unwrap().1;
        if let Some(fault) = report.fault {
            assert_eq!(fault.error().kind(), std::io::ErrorKind::TimedOut);
            break;
        }
        assert!(Instant::now() < until, "{report:?}");
        thread::sleep(Duration::from_micros(200));
    }
}
