//! A picture of an invented show: the right colours in the right places.

#[path = "common/rig.rs"]
mod rig;

use std::sync::Arc;

use gobo_canvas::picture::{Image, Picture, PictureError};
use gobo_canvas::{
    Canvas, CanvasWriter, Cell, Compression, CueMark, Gives, Header, PatchedFixture, SectionMark,
    UniverseEntry,
};
use gobo_dmx::{Address, Universe};
use rig::{channel, fixture, rgb_head};

/// 12 pars with a dimmer each, and four bars of 16 pixels.
fn patch() -> Vec<PatchedFixture> {
    let par = |index: usize| {
        let dimmer = channel(3, Gives::Brightness(0.0, 1.0));
        fixture(format!("par{}", index + 1), 1 + index * 4, vec![rgb_head(1, 0, Some(dimmer))], 4)
    };
    let bar = |index: usize| {
        let heads = (0..16).map(|head| rgb_head(head + 1, head as u16 * 3, None)).collect();
        fixture(format!("bar{}", index + 1), 101 + index * 48, heads, 48)
    };
    (0..12).map(par).chain((0..4).map(bar)).collect()
}

const SECONDS: u32 = 64;

fn header() -> Header {
    let names = ["intro", "verse", "chorus", "verse", "chorus", "bridge", "chorus", "outro"];
    let section = |(index, name): (usize, &&str)| SectionMark {
        name: (*name).to_owned(),
        start: index as f64 * 8.0,
        end: index as f64 * 8.0 + 8.0,
    };
    let cue = |index: u32| CueMark {
        name: String::new(),
        effect: "fade".to_owned(),
        layer: index % 3,
        start: f64::from(index) * 1.3,
        end: f64::from(index) * 1.3 + f64::from(index % 5),
        fixtures: vec![[0, 3]],
    };
    Header {
        name: "invented".to_owned(),
        title: "An Invented Show".to_owned(),
        frames: SECONDS * 60,
        universes: vec![UniverseEntry {
            universe: Universe::FIRST,
            name: String::new(),
            slots_used: 292,
        }],
        sections: names.iter().enumerate().map(section).collect(),
        bars: (0..32).map(|bar| f64::from(bar) * 2.0).collect(),
        layers: ["base", "chase", "accents"].map(str::to_owned).to_vec(),
        cues: (0..48).map(cue).collect(),
        patch: patch(),
        ..Header::default()
    }
}

fn hsv(hue: f64, value: f64) -> [u8; 3] {
    [0.0, 2.0, 4.0].map(|offset| {
        let distance = ((hue * 6.0 - offset + 3.0).rem_euclid(6.0) - 3.0).abs();
        ((2.0 - distance).clamp(0.0, 1.0) * value * 255.0) as u8
    })
}

/// The first par is red all along; the rest moves.
fn row(seconds: f64) -> Vec<u8> {
    let mut slots = vec![0; 292];
    for par in 0..12 {
        let chase = 1.0 - (seconds - par as f64 / 12.0).rem_euclid(1.0);
        let hue = (seconds / 8.0).floor() * 0.17 + par as f64 * 0.01;
        slots[par * 4..][..3].copy_from_slice(&hsv(hue.fract(), 1.0));
        slots[par * 4 + 3] = (chase * 255.0) as u8;
    }
    slots[..4].copy_from_slice(&[255, 0, 0, 255]);
    for pixel in 0..64 {
        let wave = (pixel as f64 / 9.0 - seconds * 3.0).sin() * 0.5 + 0.5;
        let hue = (pixel as f64 / 64.0 + seconds / 20.0).fract();
        slots[100 + pixel * 3..][..3].copy_from_slice(&hsv(hue, wave * wave));
    }
    slots
}

fn canvas(header: &Header) -> Arc<Canvas> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.canvas");
    let mut writer = CanvasWriter::create(&path, header).unwrap();
    for second in 0..header.cells() {
        let frames = (second * 60..second * 60 + 60).map(|frame| row(f64::from(frame) / 60.0));
        let rows: Vec<u8> = frames.flatten().collect();
        writer.put(0, second, &Cell::encode(second.into(), 292, &rows, Compression::Fast)).unwrap();
    }
    writer.finish().unwrap();
    Arc::new(Canvas::open(&path).unwrap())
}

fn colors(image: &Image) -> Vec<&[u8]> {
    image.pixels().chunks_exact(3).collect()
}

#[test]
fn fixtures_show_their_colours() {
    let canvas = canvas(&header());
    let image = Picture::default().draw(&canvas).unwrap();
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("invented.png");
    image.write_png(std::fs::File::create(path).unwrap()).unwrap();
    let red = colors(&image).iter().filter(|&&color| color == [255, 0, 0]).count();
    let row = 18 * (image.width() as usize - 200);
    assert!(red > row * 9 / 10, "{red} red pixels, a row of par1 has about {row}");
    let names = Picture { width: 300, row_height: 1, ..Picture::default() };
    assert!(names.draw(&canvas).unwrap().width() == 400);
}

#[test]
fn a_png_holds_the_same_pixels() {
    let canvas = canvas(&header());
    let image = Picture { width: 500, ..Picture::default() }.draw(&canvas).unwrap();
    let mut file = Vec::new();
    image.write_png(&mut file).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.width, info.height), (image.width(), image.height()));
    assert!(pixels == image.pixels());
}

#[test]
fn a_part_of_the_show_can_be_drawn_alone() {
    let canvas = canvas(&header());
    let part = |from, to| Picture { from, to, width: 600, ..Picture::default() }.draw(&canvas);
    let whole = part(0.0, None).unwrap();
    let close = part(20.0, Some(20.05)).unwrap();
    assert_eq!(whole.height(), close.height());
    assert!(whole != close);
    for (from, to) in [(64.0, None), (5.0, Some(5.0)), (9.0, Some(2.0)), (f64::INFINITY, None)] {
        assert!(matches!(part(from, to), Err(PictureError::Empty { .. })), "{from} {to:?}");
    }
}

#[test]
fn marks_out_of_order_or_place_do_no_harm() {
    let mut header = header();
    header.sections[2].end = -3.0;
    header.sections[3].start = 1e300;
    header.cues[4].end = -1e300;
    header.cues[5].layer = u32::MAX;
    header.bars = vec![-1e300, 1e300];
    header.patch[1].address = Address::new(512).unwrap();
    header.patch[2].heads = [].into();
    header.patch[3].universe = Universe::LAST;
    header.title = "x".repeat(500);
    header.layers = vec!["\u{1f4a1} a layer with a long name".to_owned(); 100];
    Picture::default().draw(&canvas(&header)).unwrap();
}
