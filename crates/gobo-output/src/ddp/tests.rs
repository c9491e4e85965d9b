use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use gobo_dmx::{Delivery, Protocol, Route, SLOTS, Universe};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::Outputs;

/// A display as a receiver of DDP understands it; written apart from the code above.
#[derive(Default)]
struct Display {
    bytes: Vec<u8>,
    sequences: Vec<u8>,
    pushes: usize,
}

impl Display {
    fn take(&mut self, packet: &[u8], pixels: Pixels) {
        assert!(packet.len() > 10 && packet.len() <= 1450, "{} bytes", packet.len());
        let kind = if pixels == Pixels::Rgb { 0b0000_1011 } else { 0b0001_1011 };
        assert!(packet[0] == 0b0100_0000 || packet[0] == 0b0100_0001, "flags {:#x}", packet[0]);
        assert_eq!(packet[2..4], [kind, 1]);
        let offset = u32::from_be_bytes(packet[4..8].try_into().unwrap()) as usize;
        let length = u16::from_be_bytes(packet[8..10].try_into().unwrap()) as usize;
        assert_eq!(length, packet.len() - 10);
        if self.bytes.len() < offset + length {
            self.bytes.resize(offset + length, 0);
        }
        self.bytes[offset..offset + length].copy_from_slice(&packet[10..]);
        self.sequences.push(packet[1]);
        self.pushes += usize::from(packet[0] & 1);
    }
}

fn route(pixels: Pixels, to: SocketAddr, universes: &str, offset: i32) -> Route {
    Route {
        offset,
        ..Route::new(
            universes.parse().unwrap(),
            Protocol::Ddp { pixels },
            Delivery::Unicast { host: to.ip().to_string(), port: to.port() },
        )
    }
}

/// What a display gets of frames of so many universes, by a route to it.
fn shown(
    pixels: Pixels,
    (count, used): (u16, u16),
    (universes, offset): (&str, i32),
    frames: &[Vec<Slots>],
) -> Display {
    let ear = UdpSocket::bind("127.0.0.1:0").unwrap();
    ear.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let route = route(pixels, ear.local_addr().unwrap(), universes, offset);
    let numbers: Vec<_> = (1..=count).map(|number| Universe::new(number).unwrap()).collect();
    let mut options = Options::new(Uuid::nil());
    options.slots_used = vec![used; count.into()];
    let mut outputs = Outputs::open(&[route], &numbers, &options).unwrap();
    let (mut display, mut packet) = (Display::default(), [0; 2048]);
    for frame in frames {
        let before = outputs.reports().next().unwrap().1.packets;
        outputs.send(Instant::now(), frame);
        for _ in before..outputs.reports().next().unwrap().1.packets {
            let length = ear.recv(&mut packet).unwrap();
            display.take(&packet[..length], pixels);
        }
    }
    display
}

fn frame(universes: u16, seed: u8) -> Vec<Slots> {
    let level = |universe: u16, slot: usize| (usize::from(universe) * 7 + slot) as u8 ^ seed;
    (0..universes).map(|n| std::array::from_fn(|slot| level(n, slot))).collect()
}

/// The slots of a frame end to end, whole pixels of each universe, as many as used of the last.
fn expected(pixels: Pixels, frame: &[Slots], used: u16) -> Vec<u8> {
    let (pixel, whole) = if pixels == Pixels::Rgb { (3, 510) } else { (4, 512) };
    let all = frame.iter().flat_map(|slots| &slots[..whole]).copied();
    let last = usize::from(used).div_ceil(pixel) * pixel;
    all.take((frame.len() - 1) * whole + last.min(whole)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_display_shows_the_slots_end_to_end(
        universes in 1_u16..12, used in 1_u16..=512, rgbw: bool, seed: u8,
    ) {
        let pixels = if rgbw { Pixels::Rgbw } else { Pixels::Rgb };
        let frames = [frame(universes, seed), frame(universes, !seed)];
        let display = shown(pixels, (universes, used), ("all", 0), &frames);
        prop_assert_eq!(display.bytes, expected(pixels, &frames[1], used));
        prop_assert_eq!(display.pushes, 2, "one push a frame");
        let rising: Vec<u8> = (0..display.sequences.len()).map(|n| (n % 15 + 1) as u8).collect();
        prop_assert_eq!(display.sequences, rising);
    }
}

#[test]
fn packets_are_full_but_for_the_last() {
    let display = shown(Pixels::Rgb, (6, 512), ("all", 0), &[frame(6, 0)]);
    // 3060 bytes: 1440, 1440, 180.
    assert_eq!((display.sequences.len(), display.pushes), (3, 1));
}

#[test]
fn universes_left_out_leave_no_hole_and_an_offset_moves_by_universes() {
    let frames = [frame(4, 9)];
    let display = shown(Pixels::Rgb, (4, 512), ("2,4", 0), &frames);
    assert_eq!(display.bytes, [&frames[0][1][..510], &frames[0][3][..510]].concat());
    let display = shown(Pixels::Rgb, (4, 512), ("3", 2), &frames);
    assert_eq!(display.bytes[..1020], [0; 1020]);
    assert_eq!(display.bytes[1020..], frames[0][2][..510]);
}

#[test]
fn two_routes_do_not_share_pixels() {
    let to = "127.0.0.1:4048".parse().unwrap();
    let universes = [1, 2, 3].map(|number| Universe::new(number).unwrap());
    let mut options = Options::new(Uuid::nil());
    options.dry_run = true;
    let open = |offset| {
        let routes = [route(Pixels::Rgb, to, "1-2", 0), route(Pixels::Rgb, to, "3", offset)];
        Outputs::open(&routes, &universes, &options)
    };
    assert!(open(2).is_ok());
    let Err(error) = open(1) else { panic!("they overlap") };
    let error = error.to_string();
    assert_eq!(error, "universes 2 and 3 both go to universe 2 of DDP to 127.0.0.1:4048");
}

#[test]
fn what_stays_is_sent_every_900_ms_when_only_changes_are() {
    let to = "127.0.0.1:4048".parse().unwrap();
    let universe = [Universe::FIRST];
    let mut options = Options::new(Uuid::nil());
    (options.dry_run, options.on_change_only) = (true, true);
    let mut outputs =
        Outputs::open(&[route(Pixels::Rgb, to, "1", 0)], &universe, &options).unwrap();
    let start = Instant::now();
    let mut sent = Vec::new();
    for n in 0..100_u32 {
        let level = u8::from(n >= 50);
        let before = outputs.reports().next().unwrap().1.packets;
        outputs.send(start + Duration::from_millis(20) * n, &[[level; SLOTS]]);
        if outputs.reports().next().unwrap().1.packets > before {
            sent.push(n);
        }
    }
    assert_eq!(sent, [0, 45, 50, 95]);
}
