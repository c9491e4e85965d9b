use gobo_dmx::DEFAULT_PRIORITY;
use proptest::prelude::*;

use super::*;

const CID: Uuid = Uuid::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff);

fn at(number: u16) -> Universe {
    Universe::new(number).unwrap()
}

fn stream(source_name: &str) -> Stream<'_> {
    Stream { cid: CID, source_name, priority: DEFAULT_PRIORITY, sync: None }
}

fn data(bytes: &[u8]) -> SacnData {
    match parse_sacn(bytes) {
        Ok(Sacn::Data(data)) => *data,
        other => panic!("no data: {other:?}"),
    }
}

#[test]
fn packets_are_laid_out_as_the_standard_says() {
    let bytes = data_template(&stream("gobo"), at(0x1234)).unwrap();
    assert_eq!(bytes.len(), 638);
    assert_eq!(bytes[..16], *b"\x00\x10\x00\x00ASC-E1.17\x00\x00\x00");
    assert_eq!(bytes[16..22], [0x72, 0x6e, 0, 0, 0, 4]);
    assert_eq!(bytes[22..38], *CID.as_bytes());
    assert_eq!(bytes[38..44], [0x72, 0x58, 0, 0, 0, 2]);
    assert_eq!(bytes[44..49], *b"gobo\x00");
    assert_eq!(bytes[108..115], [100, 0, 0, 0, 0, 0x12, 0x34]);
    assert_eq!(bytes[115..126], [0x72, 0x0b, 2, 0xa1, 0, 0, 0, 1, 2, 1, 0]);
    let slots = priorities_packet(&stream("gobo"), at(0x1234), &[100; SLOTS]).unwrap();
    assert_eq!((&slots[..125], &slots[125..128]), (&bytes[..125], &[0xdd, 100, 100][..]));
    // Sync packets are more than tshark dissects: these are the bytes of E1.31-2018 table 6-1.
    let sync = sync_packet(CID, at(0x1234)).unwrap();
    assert_eq!(sync.len(), 49);
    assert_eq!(sync[..22], *b"\x00\x10\x00\x00ASC-E1.17\x00\x00\x00\x70\x21\x00\x00\x00\x08");
    assert_eq!(sync[22..38], *CID.as_bytes());
    assert_eq!(sync[38..], [0x70, 11, 0, 0, 0, 1, 0, 0x12, 0x34, 0, 0]);
}

#[test]
fn groups_are_numbered_by_the_universe() {
    assert_eq!(group(0x1234).to_string(), "239.255.18.52");
    assert_eq!(group_v6(0x1234).to_string(), "ff18::8300:1234");
}

#[test]
fn long_names_keep_their_nul() {
    assert_eq!(fitting_name(&"x".repeat(64)).len(), 63);
    assert_eq!(fitting_name(&"é".repeat(40)), "é".repeat(31));
    assert_eq!(fitting_name("a\0b"), "a");
    let bytes = data_template(&stream(&"x".repeat(99)), at(1)).unwrap();
    assert_eq!(bytes[106..109], [b'x', 0, 100]);
    assert_eq!(data(&bytes).source_name.len(), 63);
}

#[test]
fn discovery_fills_pages_of_512() {
    for (count, sizes) in [(0_u16, vec![0]), (1, vec![1]), (512, vec![512]), (513, vec![512, 1])] {
        let all: Vec<u16> = (1..=count).collect();
        let packets = discovery_packets(CID, "gobo", &all).unwrap();
        let mut found = Vec::new();
        for (number, packet) in packets.iter().enumerate() {
            let Ok(Sacn::Discovery { page, last_page, universes, .. }) = parse_sacn(packet) else {
                panic!("no discovery")
            };
            assert_eq!((usize::from(page), usize::from(last_page)), (number, sizes.len() - 1));
            assert_eq!(universes.len(), sizes[number]);
            found.extend(universes);
        }
        assert_eq!(found, all);
    }
    assert_eq!(discovery_packets(CID, "", &(1..=63_999).collect::<Vec<_>>()).unwrap().len(), 125);
}

#[test]
fn lengths_are_checked_before_the_parser_trusts_them() {
    let whole = data_template(&stream("gobo"), at(1)).unwrap();
    for (at, layer) in [(16, "root layer"), (38, "framing layer"), (115, "DMP layer")] {
        for length in [0_u16, 3, 10, 0x0fff] {
            let mut bytes = whole.clone();
            bytes[at..at + 2].copy_from_slice(&(0x7000 | length).to_be_bytes());
            let expected = Malformed::Length { layer, length: length.into() };
            assert_eq!(parse_sacn(&bytes), Err(expected));
        }
    }
    for length in 0..whole.len() {
        assert!(parse_sacn(&whole[..length]).is_err(), "cut to {length} bytes");
    }
}

fn packets() -> [Vec<u8>; 3] {
    let discovery = discovery_packets(CID, "gobo", &[1, 2, 500]).unwrap().remove(0);
    [data_template(&stream("gobo"), at(7)).unwrap(), sync_packet(CID, at(8)).unwrap(), discovery]
}

proptest! {
    #[test]
    fn what_is_encoded_is_parsed(
        cid: u128,
        name in "\\PC{0,70}",
        priority in 0_u8..=200,
        sync in 0_u16..=63_999,
        force: bool,
        universe in 1_u16..=63_999,
        sequence: u8,
        terminated: bool,
        sent in proptest::collection::vec(any::<u8>(), 512),
    ) {
        let (cid, priority) = (Uuid::from_u128(cid), Priority::new(priority).unwrap());
        let sync = Universe::new(sync).ok();
        let synced = sync.map(|universe| SacnSync { universe, force });
        let stream = Stream { cid, source_name: &name, priority, sync: synced };
        let mut bytes = data_template(&stream, at(universe)).unwrap();
        bytes[SEQUENCE] = sequence;
        bytes[OPTIONS] |= if terminated { TERMINATED } else { 0 };
        bytes[SLOTS_AT..].copy_from_slice(&sent);
        let expected = SacnData {
            cid,
            source_name: fitting_name(&name).to_owned(),
            priority,
            sync,
            sequence,
            preview: false,
            terminated,
            force_sync: sync.is_some() && force,
            universe: at(universe),
            start_code: 0,
            levels: sent,
        };
        prop_assert_eq!(data(&bytes), expected);
    }

    #[test]
    fn mutations_are_parsed_or_refused(
        which in 0_usize..3,
        changes in proptest::collection::vec((16_usize..130, any::<u8>()), 0..6),
        length in 16_usize..700,
    ) {
        let mut bytes = packets()[which].clone();
        for (at, value) in changes {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        let length = if length < 660 { bytes.len().min(length) } else { length };
        bytes.resize(length, 0xff);
        if let Ok(Sacn::Data(data)) = parse_sacn(&bytes) {
            prop_assert!(data.levels.len() <= SLOTS);
        }
    }

    #[test]
    fn small_length_fields_are_refused_or_right(
        which in 0_usize..3,
        lengths in proptest::collection::vec((0_usize..4, 0_u16..700), 1..4),
    ) {
        let mut bytes = packets()[which].clone();
        for (layer, length) in lengths {
            let at = [16, 38, 112, 115][layer];
            if at + 2 <= bytes.len() {
                bytes[at..at + 2].copy_from_slice(&(0x7000 | length).to_be_bytes());
            }
        }
        let _ = parse_sacn(&bytes);
    }
}
