//! Moving pictures of small rigs, read again: colours, places and times.

#[path = "common/rig.rs"]
mod rig;

use std::ops::ControlFlow;
use std::sync::Arc;

use gobo_canvas::picture::{Film, PictureError};
use gobo_canvas::{
    Canvas, CanvasWriter, Cell, Compression, Gives, Header, PatchedFixture, UniverseEntry,
};
use gobo_dmx::{FrameRate, Universe};
use rig::{channel, fixture, rgb_head};

const RED: [u8; 3] = [255, 0, 0];
const GREEN: [u8; 3] = [0, 255, 0];
const BLUE: [u8; 3] = [0, 0, 255];

/// Pars of three slots each, at these places, in the order of their addresses.
fn pars(places: &[[f64; 3]]) -> Vec<PatchedFixture> {
    let par = |(index, place): (usize, &[f64; 3])| PatchedFixture {
        position: *place,
        ..fixture(format!("par{index}"), 1 + 3 * index, vec![rgb_head(1, 0, None)], 3)
    };
    places.iter().enumerate().map(par).collect()
}

/// A canvas of one universe whose slots a function of the frame gives.
fn canvas(
    patch: Vec<PatchedFixture>,
    seconds: u32,
    width: u16,
    slots: impl Fn(u32) -> Vec<u8>,
) -> Arc<Canvas> {
    let universe =
        UniverseEntry { universe: Universe::FIRST, name: String::new(), slots_used: width };
    let header =
        Header { frames: seconds * 60, universes: vec![universe], patch, ..Header::default() };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.canvas");
    let mut writer = CanvasWriter::create(&path, &header).unwrap();
    for second in 0..seconds {
        let rows: Vec<u8> = (second * 60..second * 60 + 60).flat_map(&slots).collect();
        let cell = Cell::encode(second.into(), width, &rows, Compression::Fast);
        writer.put(0, second, &cell).unwrap();
    }
    writer.finish().unwrap();
    Arc::new(Canvas::open(&path).unwrap())
}

fn film(fps: &str, from: f64, to: f64) -> Film {
    Film { width: 160, rate: fps.parse().unwrap(), from, to: Some(to) }
}

/// A frame as a viewer shows it.
struct Shown {
    /// When it starts and for how long it stays, in hundredths of a second.
    start: u32,
    delay: u32,
    width: usize,
    pixels: Vec<[u8; 3]>,
}

impl Shown {
    /// The middle of all pixels of a colour, from the left and the top.
    fn middle(&self, color: [u8; 3]) -> Option<[f64; 2]> {
        self.middle_of(|pixel| pixel == color)
    }

    fn middle_of(&self, picks: impl Fn([u8; 3]) -> bool) -> Option<[f64; 2]> {
        let found = (0..self.pixels.len()).filter(|at| picks(self.pixels[*at]));
        let found: Vec<_> = found.map(|at| [at % self.width, at / self.width]).collect();
        let mean = |axis: usize| {
            found.iter().map(|place| place[axis] as f64).sum::<f64>() / found.len() as f64
        };
        (!found.is_empty()).then(|| [mean(0), mean(1)])
    }
}

/// Draws and reads again.
fn shown(film: &Film, canvas: &Arc<Canvas>) -> Vec<Shown> {
    let (reel, mut file) = (film.reel(canvas).unwrap(), Vec::new());
    reel.write_gif(&mut file, |_| ControlFlow::Continue(())).unwrap();
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(file.as_slice()).unwrap();
    assert_eq!(decoder.repeat(), gif::Repeat::Infinite);
    let (width, height) = (usize::from(decoder.width()), usize::from(decoder.height()));
    let mut pixels = vec![[0; 3]; width * height];
    let (mut all, mut start) = (Vec::new(), 0);
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        let (left, top) = (usize::from(frame.left), usize::from(frame.top));
        for (index, pixel) in frame.buffer.chunks_exact(4).enumerate() {
            let (x, y) = (index % usize::from(frame.width), index / usize::from(frame.width));
            if pixel[3] > 0 {
                pixels[(top + y) * width + left + x] = [pixel[0], pixel[1], pixel[2]];
            }
        }
        let delay = u32::from(frame.delay);
        all.push(Shown { start, delay, width, pixels: pixels.clone() });
        start += delay;
    }
    all
}

fn length(frames: &[Shown]) -> u32 {
    frames.iter().map(|frame| frame.delay).sum()
}

#[test]
fn heads_shine_where_they_hang() {
    let patch = pars(&[[-2.0, 0.0, 3.0], [0.0, 0.0, 1.0], [2.0, 0.0, 3.0]]);
    let canvas = canvas(patch, 2, 9, |frame| {
        let blue = if frame < 60 { 0 } else { 255 };
        vec![255, 0, 0, 0, 255, 0, 0, 0, blue]
    });
    let frames = shown(&film("20", 0.0, 2.0), &canvas);
    // What does not change is one frame.
    assert_eq!(frames.iter().map(|frame| frame.start).collect::<Vec<_>>(), [0, 100]);
    assert_eq!(length(&frames), 200);
    assert_eq!(frames[0].middle(BLUE), None);
    for frame in &frames {
        let (red, green) = (frame.middle(RED).unwrap(), frame.middle(GREEN).unwrap());
        assert!(red[0] < green[0] - 30.0 && red[1] < green[1] - 30.0, "{red:?} {green:?}");
    }
    let (red, blue) = (frames[1].middle(RED).unwrap(), frames[1].middle(BLUE).unwrap());
    assert!(red[0] + 60.0 < blue[0] && (red[1] - blue[1]).abs() < 1.5, "{red:?} {blue:?}");
}

#[test]
fn time_does_not_drift() {
    let canvas = canvas(pars(&[[0.0, 0.0, 3.0]]), 8, 3, |frame| vec![(frame % 180) as u8 + 70; 3]);
    for (fps, from, to) in [
        ("20", 0.0, 8.0),
        ("12.5", 1.0, 4.21),
        ("29.97", 0.0, 7.77),
        ("50", 0.5, 2.0),
        ("7", 0.0, 8.0),
    ] {
        let (frames, rate) = (shown(&film(fps, from, to), &canvas), fps.parse::<f64>().unwrap());
        assert_eq!(f64::from(length(&frames)), ((to - from) * 100.0).round(), "{fps}");
        for (index, frame) in frames.iter().enumerate() {
            let due = index as f64 * 100.0 / rate;
            assert!((f64::from(frame.start) - due).abs() <= 0.51, "{fps}: {due} {}", frame.start);
            assert!(frame.delay >= 2, "{fps}: {}", frame.delay);
            let at = (from + f64::from(frame.start) / 100.0) * 60.0 + 1e-6;
            let level = (at as u32 % 180) as u8 + 70;
            assert!(frame.middle([level; 3]).is_some(), "{fps}: frame {index} shows no {level}");
        }
    }
}

#[test]
fn fixtures_without_places_stand_in_rows() {
    let colors: Vec<u8> = (0..12).flat_map(|par| [255, par * 20, 255 - par * 20]).collect();
    let mut patch = pars(&[[0.0; 3]; 12]);
    let alone = canvas(patch.clone(), 1, 36, |_| colors.clone());
    let place = |frames: &[Shown], par: u8| {
        frames[0].middle([255, par * 20, 255 - par * 20]).unwrap_or_else(|| panic!("no par {par}"))
    };
    let frames = shown(&film("20", 0.0, 1.0), &alone);
    let [first, second, last] = [0, 1, 11].map(|par| place(&frames, par));
    assert!(first[0] + 10.0 < second[0] && (first[1] - second[1]).abs() < 1.5);
    assert!(first[1] + 10.0 < last[1] && (1..12).all(|par| place(&frames, par) != first));
    // Strips that lie on one another are told apart, too.
    let mut strips = patch.clone();
    strips.iter_mut().for_each(|strip| strip.head_positions = vec![[0.5, 0.0, 0.0]]);
    let strips = canvas(strips, 1, 36, |_| colors.clone());
    assert!(shown(&film("20", 0.0, 1.0), &strips)[0].pixels == frames[0].pixels);
    // Those that have places keep them, above the others.
    (patch[0].position, patch[1].position) = ([-3.0, 0.0, 4.0], [3.0, 0.0, 4.0]);
    let frames = shown(&film("20", 0.0, 1.0), &canvas(patch, 1, 36, |_| colors.clone()));
    let [left, right] = [0, 1].map(|par| place(&frames, par));
    assert!(left[0] + 100.0 < right[0]);
    assert!((2..12).all(|par| place(&frames, par)[1] > left[1] + 10.0));
}

#[test]
fn a_beam_goes_where_its_head_points() {
    let degrees = |slot, gives: fn(f64, f64) -> Gives, most| channel(slot, gives(0.0, most));
    let mut head = rgb_head(1, 0, Some(degrees(3, Gives::Pan, 510.0)));
    head.channels.push(degrees(4, Gives::Tilt, 255.0));
    let mut patch = vec![fixture("head".to_owned(), 1, vec![head], 5)];
    patch[0].position = [0.0, 0.0, 3.0];
    // To the right of the audience: tilted a quarter turn, panned a quarter turn clockwise.
    let to_the_right = canvas(patch.clone(), 1, 5, |_| vec![255, 0, 0, 83, 217]);
    let lit = |[red, green, _]: [u8; 3]| red > 60 && green < 20;
    let middles = |canvas: &Arc<Canvas>| {
        let frames = shown(&film("20", 0.0, 1.0), canvas);
        [frames[0].middle(RED), frames[0].middle_of(lit)].map(Option::unwrap)
    };
    let [head, light] = middles(&to_the_right);
    assert!(light[0] > head[0] + 3.0 && (light[1] - head[1]).abs() < 1.0, "{head:?} {light:?}");
    let down = canvas(patch.clone(), 1, 5, |_| vec![255, 0, 0, 128, 128]);
    let [head, light] = middles(&down);
    assert!(light[1] > head[1] + 3.0 && (light[0] - head[0]).abs() < 1.0, "{head:?} {light:?}");
    patch[0].rotation_deg = [180.0, 0.0, 0.0];
    let [head, light] = middles(&canvas(patch, 1, 5, |_| vec![255, 0, 0, 128, 128]));
    assert!(light[1] < head[1] - 3.0, "{head:?} {light:?}");
}

#[test]
fn a_long_stillness_keeps_its_length() {
    let still = canvas(pars(&[[0.0, 0.0, 3.0]]), 700, 3, |_| vec![255, 0, 0]);
    let frames = shown(&film("1", 0.0, 700.0), &still);
    assert_eq!((length(&frames), frames.len()), (70_000, 2));
    let ten_seconds = Film { to: None, ..film("1", 100.0, 0.0) };
    assert_eq!(length(&shown(&ten_seconds, &still)), 1000);
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let one = canvas(pars(&[[0.0, 0.0, 3.0]]), 2, 3, |_| vec![255; 3]);
    for (from, to) in [(2.0, 3.0), (1.0, 1.0), (1.5, 0.5)] {
        let refused = film("20", from, to).reel(&one).err();
        assert!(matches!(refused, Some(PictureError::Empty { .. })), "{from} {to}: {refused:?}");
    }
    let bare = canvas(Vec::new(), 1, 3, |_| vec![255; 3]);
    assert!(matches!(film("20", 0.0, 1.0).reel(&bare).err(), Some(PictureError::Bare)));
    // Viewers show no frame for less than two hundredths of a second.
    assert_eq!(film("1000", 0.0, 2.0).reel(&one).unwrap().frames(), 100);
    let reel = film("20", 0.0, 2.0).reel(&one).unwrap();
    assert_eq!(reel.frames(), 40);
    let stop = |done| if done < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
    assert!(matches!(reel.write_gif(Vec::new(), stop), Err(PictureError::Cancelled)));
}

#[test]
fn places_beyond_any_stage_do_no_harm() {
    let mut patch = pars(&[[1e300, -1e300, 0.0], [0.0; 3], [2.0; 3], [3.0; 3], [-1e7; 3]]);
    patch[1].head_positions = vec![[0.0; 3]; 7];
    patch[2].heads = [].into();
    patch[3].universe = Universe::LAST;
    let canvas = canvas(patch, 1, 15, |_| vec![255; 15]);
    for width in [0, u32::MAX] {
        let film = Film { width, rate: FrameRate::DEFAULT, from: -1e300, to: Some(0.02) };
        assert!(!shown(&film, &canvas).is_empty());
    }
}
