use artnet_protocol::FrameType;
use gobo_dmx::PortAddress;
use gobo_timecode::{CodeRate, Timecode, art_time_code};
use proptest::prelude::*;

use super::*;
use crate::node::poll_replies;

fn port(number: u16) -> PortAddress {
    PortAddress::new(number).unwrap()
}

fn dmx(number: u16, sequence: u8, levels: &[u8]) -> Vec<u8> {
    let mut bytes = dmx_template(port(number)).unwrap();
    bytes[SEQUENCE] = sequence;
    bytes[SLOTS_AT..SLOTS_AT + levels.len()].copy_from_slice(levels);
    bytes
}

#[test]
fn packets_are_laid_out_as_the_standard_says() {
    let bytes = dmx(0x1234, 7, &[9, 8]);
    let header = [b"Art-Net\0" as &[u8], &[0, 0x50, 0, 14, 7, 0, 0x34, 0x12, 2, 0, 9, 8]].concat();
    assert_eq!((bytes.len(), &bytes[..20]), (530, &header[..]));
    assert_eq!(sync_packet(), *b"Art-Net\0\x00\x52\x00\x0e\x00\x00");
    assert_eq!(poll_packet(false).unwrap(), *b"Art-Net\0\x00\x20\x00\x0e\x00\x00");
    assert_eq!(parse_artnet(&sync_packet()), Ok(ArtNet::Sync));
    assert_eq!(parse_artnet(&poll_packet(false).unwrap()), Ok(ArtNet::Poll));
}

#[test]
fn replies_are_whole_and_old_short_ones_are_read() {
    let ports: Vec<_> = [0, 1, 2, 3, 4, 0x7fff].map(port).into();
    let replies = poll_replies([10, 0, 0, 9].into(), &ports).unwrap();
    let mut pages = Vec::new();
    for reply in &replies {
        assert_eq!(reply.len(), POLL_REPLY);
        let Ok(ArtNet::PollReply(node)) = parse_artnet(reply) else { panic!("a reply") };
        pages.push((node.bind_index, node.outputs.clone()));
        let Ok(ArtNet::PollReply(short)) = parse_artnet(&reply[..207]) else { panic!("a reply") };
        assert_eq!((&short.short_name, &short.outputs), (&node.short_name, &node.outputs));
        let cut = parse_artnet(&reply[..206]);
        assert_eq!(cut, Err(Malformed::Short { expected: 207, found: 206 }));
    }
    let page = |index, numbers: &[u16]| (index, numbers.iter().map(|&n| port(n)).collect());
    assert_eq!(pages, [page(1, &[0, 1, 2, 3]), page(2, &[4]), page(3, &[0x7fff])]);
    assert_eq!(poll_replies([10, 0, 0, 9].into(), &[]).unwrap().len(), 1);
}

#[test]
fn levels_end_where_the_length_says() {
    let mut bytes = dmx(1, 1, &[5; 512]);
    bytes[16..18].copy_from_slice(&3_u16.to_be_bytes());
    let Ok(ArtNet::Dmx { levels, .. }) = parse_artnet(&bytes) else { panic!("levels") };
    assert_eq!(levels, [5; 3]);
    for (length, expected) in [
        (0, Malformed::Length { layer: "ArtDmx", length: 0 }),
        (513, Malformed::Length { layer: "ArtDmx", length: 513 }),
    ] {
        bytes[16..18].copy_from_slice(&u16::to_be_bytes(length));
        assert_eq!(parse_artnet(&bytes), Err(expected));
    }
    bytes[16..18].copy_from_slice(&512_u16.to_be_bytes());
    let cut = parse_artnet(&bytes[..529]);
    assert_eq!(cut, Err(Malformed::Short { expected: 530, found: 529 }));
    assert_eq!(parse_artnet(b"ASC-E1.17"), Err(Malformed::Foreign));
    assert_eq!(parse_artnet(b"Art-Net\0\x34\x12----"), Ok(ArtNet::Other(0x1234)));
}

proptest! {
    #[test]
    fn what_is_encoded_is_parsed(
        number in 0_u16..1 << 15,
        sequence: u8,
        sent in proptest::collection::vec(any::<u8>(), 512),
    ) {
        let expected = ArtNet::Dmx { port: port(number), sequence, physical: 0, levels: sent.clone() };
        prop_assert_eq!(parse_artnet(&dmx(number, sequence, &sent)), Ok(expected));
    }

    #[test]
    fn mutations_are_parsed_or_refused(
        which in 0_usize..4,
        changes in proptest::collection::vec((0_usize..540, any::<u8>()), 0..8),
        length in 0_usize..540,
    ) {
        let reply = poll_replies([10, 0, 0, 9].into(), &[port(5)]).unwrap().remove(0);
        let packets = [dmx(9, 1, &[1; 512]), sync_packet(), poll_packet(false).unwrap(), reply];
        let mut bytes = packets[which].clone();
        for (at, value) in changes {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        bytes.resize(length, 0xff);
        if let Ok(ArtNet::Dmx { levels, .. }) = parse_artnet(&bytes) {
            prop_assert!((1..=512).contains(&levels.len()));
        }
    }

    #[test]
    fn noise_is_parsed_or_refused(opcode: u16, tail in proptest::collection::vec(any::<u8>(), 0..260)) {
        let bytes = [b"Art-Net\0" as &[u8], &opcode.to_le_bytes(), &tail].concat();
        let _ = parse_artnet(&bytes);
    }
}

#[test]
fn timecode_is_what_another_parser_reads() {
    let code = Timecode::new("23:58:57;29".parse().unwrap(), CodeRate::Fps2997Drop).unwrap();
    let packet = art_time_code(code);
    let Ok(ArtCommand::OpTimeCode(read)) = ArtCommand::from_buffer(&packet) else { panic!() };
    assert_eq!([read.hours, read.minutes, read.seconds, read.frames], [23, 58, 57, 29]);
    assert_eq!((read.frame_type, read.stream_id), (FrameType::DF, 0));
    let heard = ArtTimeCode { stream: 0, code };
    assert_eq!(parse_artnet(&packet), Ok(ArtNet::TimeCode(heard)));
    let mut wrong = packet;
    wrong[17] = 24;
    assert!(matches!(parse_artnet(&wrong), Err(Malformed::Field(_))));
}
