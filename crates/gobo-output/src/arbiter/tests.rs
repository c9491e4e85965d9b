use std::time::Duration;

use gobo_dmx::{DEFAULT_PRIORITY, PortAddress, Priority};

use super::*;
use crate::{artnet, sacn};

/// Feeds an arbiter, and keeps what it tells in short.
struct Listener {
    arbiter: Arbiter,
    now: Instant,
    told: Vec<String>,
}

fn universe(number: u16) -> Universe {
    Universe::new(number).unwrap()
}

fn address(host: u8) -> SocketAddr {
    ([10, 0, 0, host], 6454).into()
}

/// An E1.31 packet of source `cid`, all slots at `level`.
fn data(cid: u128, number: u16, sequence: u8, level: u8, sync: Option<u16>) -> Vec<u8> {
    let stream = sacn::Stream {
        cid: Uuid::from_u128(cid),
        source_name: "desk",
        priority: DEFAULT_PRIORITY,
        sync: sync.map(|sync| universe(sync).into()),
    };
    let mut bytes = sacn::data_template(&stream, universe(number)).unwrap();
    bytes[sacn::SEQUENCE] = sequence;
    bytes[sacn::SLOTS_AT..].fill(level);
    bytes
}

fn sync(cid: u128, number: u16, sequence: u8) -> Vec<u8> {
    let mut bytes = sacn::sync_packet(Uuid::from_u128(cid), universe(number)).unwrap();
    bytes[sacn::SYNC_SEQUENCE] = sequence;
    bytes
}

fn dmx(number: u16, sequence: u8, level: u8) -> Vec<u8> {
    let port = PortAddress::new(number).unwrap();
    let mut bytes = artnet::dmx_template(port).unwrap();
    bytes[artnet::SEQUENCE] = sequence;
    bytes[artnet::SLOTS_AT..].fill(level);
    bytes
}

impl Listener {
    fn new(mode: MergeMode) -> Self {
        Self { arbiter: Arbiter::new(mode), now: Instant::now(), told: Vec::new() }
    }

    fn tell(told: &mut Vec<String>, event: &Event<'_>) {
        told.push(match event {
            Event::Levels { universe, levels, .. } => format!("{universe}={}", levels[0]),
            Event::Joined { universe, source } => {
                // Who joins is told with all that the packet says of it.
                let name = if let SourceId::Sacn(_) = source.id { "desk" } else { "" };
                assert_eq!(source.name, name);
                format!("{universe}+")
            }
            Event::Left { universe, parting, levels, .. } => {
                format!("{universe}-{parting:?}={}", levels[0])
            }
            Event::Refused { error, .. } => error.kind().to_owned(),
            other => format!("{other:?}"),
        });
    }

    fn told(&mut self) -> Vec<String> {
        std::mem::take(&mut self.told)
    }

    fn sacn(&mut self, bytes: &[u8]) -> Vec<String> {
        let told = &mut self.told;
        self.arbiter.hear_sacn(self.now, address(1), bytes, &mut |event| Self::tell(told, &event));
        self.told()
    }

    fn artnet(&mut self, host: u8, bytes: &[u8]) -> Vec<String> {
        let (told, from) = (&mut self.told, address(host));
        self.arbiter.hear_artnet(self.now, from, bytes, &mut |event| Self::tell(told, &event));
        self.told()
    }

    fn wait(&mut self, millis: u64) -> Vec<String> {
        self.now += Duration::from_millis(millis);
        let told = &mut self.told;
        self.arbiter.tick(self.now, &mut |event| Self::tell(told, &event));
        self.told()
    }
}

#[test]
fn late_packets_are_dropped_and_gaps_counted() {
    let mut listener = Listener::new(MergeMode::Htp);
    assert_eq!(listener.sacn(&data(1, 4, 250, 10, None)), ["4+", "4=10"]);
    assert_eq!(listener.sacn(&data(1, 4, 249, 20, None)), [""; 0]);
    assert_eq!(listener.sacn(&data(1, 4, 3, 30, None)), ["4=30"]);
    let (_, heard) = listener.arbiter.universes().next().unwrap();
    let [source] = heard.sources() else { panic!("one source") };
    assert_eq!((source.packets, source.lost, source.late, source.sequence), (2, 8, 1, 3));
    assert_eq!((source.name.as_str(), source.address), ("desk", address(1)));
}

#[test]
fn silence_and_termination_end_a_source() {
    let mut listener = Listener::new(MergeMode::Htp);
    listener.sacn(&data(1, 4, 0, 10, None));
    listener.wait(2000);
    listener.sacn(&data(2, 4, 0, 5, None));
    assert_eq!(listener.wait(500), [""; 0], "2.5 s is not yet too long");
    assert_eq!(listener.wait(1), ["4-TimedOut=5"]);
    let mut end = data(2, 4, 1, 0, None);
    end[sacn::OPTIONS] |= sacn::TERMINATED;
    assert_eq!(listener.sacn(&end), ["4-Terminated=5"], "the last levels stay");
    assert_eq!(listener.sacn(&end), [""; 0]);
    assert_eq!(listener.sacn(&data(2, 4, 2, 7, None)), ["4+", "4=7"]);
}

#[test]
fn equal_sources_merge_by_the_mode() {
    for (mode, levels) in
        [(MergeMode::Htp, ["1=9", "1=9", "1=6"]), (MergeMode::Ltp, ["1=2", "1=6", "1=6"])]
    {
        let mut listener = Listener::new(mode);
        listener.artnet(1, &dmx(0, 1, 9));
        listener.wait(10);
        assert_eq!(listener.artnet(2, &dmx(0, 1, 2)).last().unwrap(), levels[0]);
        listener.wait(10);
        assert_eq!(listener.artnet(2, &dmx(0, 2, 6)), [levels[1]]);
        listener.wait(2480);
        assert_eq!(listener.artnet(2, &dmx(0, 3, 6)), [levels[1]]);
        listener.wait(10);
        assert_eq!(listener.artnet(2, &dmx(0, 4, 6)), [levels[2]]);
    }
}

#[test]
fn a_lower_priority_waits_its_turn() {
    let mut listener = Listener::new(MergeMode::Htp);
    let mut low = data(2, 1, 0, 200, None);
    low[108] = Priority::new(99).unwrap().get();
    listener.sacn(&data(1, 1, 0, 10, None));
    assert_eq!(listener.sacn(&low), ["1+", "1=10"]);
    let mut end = data(1, 1, 1, 0, None);
    end[sacn::OPTIONS] |= sacn::TERMINATED;
    assert_eq!(listener.sacn(&end), ["1-Terminated=200"]);
}

#[test]
fn e131_levels_wait_once_sync_packets_come() {
    let mut listener = Listener::new(MergeMode::Htp);
    assert_eq!(listener.sacn(&data(1, 4, 0, 1, Some(9))), ["4+", "4=1"], "none came yet");
    assert_eq!(listener.sacn(&sync(1, 9, 0)), [""; 0]);
    assert_eq!(listener.sacn(&data(1, 4, 1, 2, Some(9))), [""; 0]);
    assert_eq!(listener.sacn(&sync(1, 8, 0)), [""; 0], "another sync universe");
    assert_eq!(listener.sacn(&sync(2, 9, 0)), [""; 0], "another source");
    assert_eq!(listener.sacn(&sync(1, 9, 0)), [""; 0], "the same packet again");
    assert_eq!(listener.sacn(&sync(1, 9, 1)), ["4=2"]);
    assert_eq!(listener.sacn(&sync(1, 9, 2)), [""; 0], "nothing new");
    listener.wait(1500);
    listener.sacn(&data(1, 4, 2, 3, Some(9)));
    listener.wait(1500);
    assert_eq!(listener.sacn(&data(1, 4, 3, 4, Some(9))), ["4=4"], "they stay away");
    assert_eq!(listener.sacn(&data(1, 4, 4, 5, None)), ["4=5"]);
}

#[test]
fn without_force_sync_levels_freeze_when_sync_is_lost() {
    let mut listener = Listener::new(MergeMode::Htp);
    let unforced = |sequence| {
        let mut bytes = data(1, 4, sequence, sequence, Some(9));
        bytes[sacn::OPTIONS] = 0;
        bytes
    };
    listener.sacn(&unforced(1));
    listener.sacn(&sync(1, 9, 0));
    for sequence in 2..6 {
        assert_eq!(listener.sacn(&unforced(sequence)), [""; 0]);
        listener.wait(1000);
    }
    assert_eq!(listener.sacn(&sync(1, 9, 1)), ["4=5"]);
}

#[test]
fn art_sync_is_heeded_for_four_seconds_and_not_while_merging() {
    let mut listener = Listener::new(MergeMode::Htp);
    assert_eq!(listener.artnet(1, &dmx(3, 1, 1)), ["4+", "4=1"]);
    listener.artnet(1, &artnet::sync_packet());
    assert_eq!(listener.artnet(1, &dmx(3, 2, 2)), [""; 0]);
    assert_eq!(listener.artnet(2, &artnet::sync_packet()), [""; 0], "from another controller");
    assert_eq!(listener.artnet(1, &artnet::sync_packet()), ["4=2"]);
    for sequence in 3..7 {
        assert_eq!(listener.artnet(1, &dmx(3, sequence, sequence)), [""; 0]);
        listener.wait(1000);
    }
    listener.wait(1);
    assert_eq!(listener.artnet(1, &dmx(3, 7, 7)), ["4=7"]);
    listener.artnet(1, &artnet::sync_packet());
    listener.artnet(2, &dmx(3, 1, 1));
    assert_eq!(listener.artnet(1, &dmx(3, 8, 8)), ["4=8"]);
}

#[test]
fn other_start_codes_count_but_do_not_show() {
    let mut listener = Listener::new(MergeMode::Htp);
    listener.sacn(&data(1, 4, 0, 1, None));
    let mut text = data(1, 4, 1, 100, None);
    text[125] = 0x17;
    assert_eq!(listener.sacn(&text), [""; 0]);
    assert_eq!(listener.sacn(&data(1, 4, 2, 2, None)), ["4=2"]);
    let (_, heard) = listener.arbiter.universes().next().unwrap();
    assert_eq!((heard.sources()[0].lost, heard.sources()[0].packets), (0, 2));
    assert_eq!(listener.arbiter.refused().collect::<Vec<_>>(), [("start code", 1)]);
}

#[test]
fn a_flood_of_sources_is_bounded() {
    let mut listener = Listener::new(MergeMode::Htp);
    for cid in 0..100 {
        listener.sacn(&data(cid, 4, 0, 1, None));
    }
    listener.sacn(b"noise");
    let (_, heard) = listener.arbiter.universes().next().unwrap();
    assert_eq!(heard.sources().len(), MOST_SOURCES);
    let refused: Vec<_> = listener.arbiter.refused().collect();
    assert_eq!(refused, [("foreign", 1), ("sources", 84)]);
}

#[test]
fn a_short_frame_leaves_the_rest_dark() {
    let mut listener = Listener::new(MergeMode::Htp);
    listener.artnet(1, &dmx(3, 1, 255));
    let mut short = dmx(3, 2, 7);
    short[16..18].copy_from_slice(&2_u16.to_be_bytes());
    listener.artnet(1, &short[..20]);
    let (_, heard) = listener.arbiter.universes().next().unwrap();
    assert_eq!(heard.levels()[..4], [7, 7, 0, 0]);
    assert!(heard.levels()[4..].iter().all(|&level| level == 0));
}

/// The priorities of the first two slots of a source, the others not driven.
fn priorities(cid: u128, number: u16, sequence: u8, slots: [u8; 2]) -> Vec<u8> {
    let mut bytes = data(cid, number, sequence, 0, None);
    bytes[sacn::SLOTS_AT - 1] = sacn::SLOT_PRIORITIES;
    bytes[sacn::SLOTS_AT..][..2].copy_from_slice(&slots);
    bytes
}

#[test]
fn slots_go_to_the_source_that_gives_them_the_highest_priority() {
    let mut listener = Listener::new(MergeMode::Htp);
    let levels = |listener: &Listener| {
        let (_, heard) = listener.arbiter.universes().next().unwrap();
        heard.levels()[..3].to_vec()
    };
    assert_eq!(listener.sacn(&data(1, 7, 1, 200, None)), ["7+", "7=200"]);
    // Priorities that come before any level are no levels.
    assert_eq!(listener.sacn(&priorities(2, 7, 1, [150, 0])), ["7+"]);
    assert_eq!(levels(&listener), [200, 200, 200]);
    assert_eq!(listener.sacn(&data(2, 7, 2, 50, None)), ["7=50"]);
    assert_eq!(levels(&listener), [50, 200, 200], "only the first slot is driven, and higher");
    assert_eq!(listener.sacn(&priorities(2, 7, 3, [90, 100])), ["7=200"]);
    assert_eq!(levels(&listener), [200, 200, 200], "lower, and of two equals the highest level");
    assert_eq!(listener.sacn(&priorities(2, 7, 4, [90, 101])), ["7=200"]);
    assert_eq!(levels(&listener), [200, 50, 200]);
    assert_eq!(listener.sacn(&priorities(2, 7, 5, [90, 101])), [""; 0], "nothing new");
    let (_, heard) = listener.arbiter.universes().next().unwrap();
    let told: Vec<_> = heard.sources().iter().map(|source| source.slot_priorities()).collect();
    assert_eq!(told[0], None);
    assert_eq!(told[1].map(|slots| slots[..3].to_vec()), Some(vec![90, 101, 0]));
    assert_eq!(listener.arbiter.refused().next(), None);
}

#[test]
fn priorities_of_slots_that_are_told_no_more_are_forgotten() {
    let mut listener = Listener::new(MergeMode::Htp);
    listener.sacn(&priorities(1, 7, 1, [150, 0]));
    assert_eq!(listener.sacn(&data(1, 7, 2, 50, None)), ["7=50"]);
    for n in 0..26 {
        listener.now += Duration::from_millis(100);
        listener.sacn(&data(1, 7, 3 + n, 50, None));
    }
    let second = |listener: &Listener| listener.arbiter.universes().next().unwrap().1.levels()[1];
    assert_eq!(second(&listener), 0, "not driven, even alone");
    let Listener { arbiter, now, told } = &mut listener;
    arbiter.tick(*now, &mut |event| Listener::tell(told, &event));
    assert_eq!((listener.told(), second(&listener)), (vec!["7=50".to_owned()], 50));
}
