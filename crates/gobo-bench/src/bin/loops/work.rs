//! The loops that are counted. Each is made ready here, outside of what is counted, and is the same
//! each time that it runs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use gobo_canvas::{Canvas, CanvasWriter, Compression, Encoder, Header, Reader, UniverseEntry};
use gobo_dmx::{Delivery, Protocol, Route, SLOTS, SacnStreams, Universe, UniverseSet};
use gobo_output::{Options, Outputs, Uuid};
use gobo_render::Timeline;
use gobo_show::reference::sample::{SHOW, Stage, project, sample};
use gobo_show::reference::{Kind, rows};
use gobo_show::show::Show;
use gobo_show::{MemoryWorld, load};

/// What is counted.
pub(crate) type Work = Box<dyn FnMut()>;

/// How a loop is made ready.
type Make = fn() -> Result<Work>;

/// The loops by name.
pub(crate) const LOOPS: &[(&str, Make)] = &[
    ("read 200 cues", read_cues),
    ("lower 200 cues", lower_cues),
    ("keys of 8 cells", keys),
    ("render 4 layers", || render(&project(PIXELS, &LAYERS))),
    ("render chase", || effect("chase")),
    ("render circle", || effect("circle")),
    ("render color_fade", || effect("color_fade")),
    ("render fade", || effect("fade")),
    ("render fire", || effect("fire")),
    ("render meteors", || effect("meteors")),
    ("render plasma", || effect("plasma")),
    ("render pulse", || effect("pulse")),
    ("render rainbow", || effect("rainbow")),
    ("render sparkle", || effect("sparkle")),
    ("render strobe", || effect("strobe")),
    ("render text", || effect("text")),
    ("render twinkle", || effect("twinkle")),
    ("render wave", || effect("wave")),
    ("render wave_2d", || effect("wave_2d")),
    ("encode a cell, fast", || encode(Compression::Fast)),
    ("encode a cell, small", || encode(Compression::Small)),
    ("encode a still cell", encode_still),
    ("decode a cell, fast", || decode(Compression::Fast)),
    ("decode a cell, small", || decode(Compression::Small)),
    ("frame of 100 universes, decoded", decoded_frame),
    ("send 100 universes, Art-Net", || send(Protocol::ArtNet { sync: true })),
    ("send 100 universes, E1.31", || send(SACN)),
];

const SACN: Protocol = Protocol::Sacn(SacnStreams::PLAIN);

/// A universe of pars, all but full: 168 of three slots.
const PIXELS: Stage = Stage::Matrix(14, 12);
/// The second that is rendered: effects are under way in it.
const CELL: u32 = 1;

/// Layers that blend, on all pars.
const LAYERS: [&str; 4] = [
    r#"{ "cues": [ { "at": 0, "for": 8, "on": "all", "rainbow": { "every": 1.3, "spread": 2 } } ] }"#,
    r#"{ "layer": { "blend": "add" }, "cues": [
        { "at": 0, "for": 8, "on": "all", "wave": { "every": 0.7, "spread": 3, "color": "teal" } } ] }"#,
    r#"{ "layer": { "blend": "multiply" }, "cues": [
        { "at": 0, "for": 8, "on": "all", "pulse": { "every": 0.9, "low": 0.2, "color": "pink" } } ] }"#,
    r#"{ "layer": { "blend": "htp", "opacity": 0.5 }, "cues": [
        { "at": 0, "for": 8, "on": "all", "chase": { "every": 0.02, "tail": 20, "color": "red" } } ] }"#,
];

fn show(world: &MemoryWorld) -> Result<Show> {
    let loaded = load(world, SHOW);
    let said: Vec<_> = loaded.diagnostics.iter().map(|said| said.message.as_str()).collect();
    loaded.show.with_context(|| format!("a show without errors: {}", said.join("; ")))
}

/// Two hundred cues of five effects on half of the pars each.
fn cues() -> MemoryWorld {
    let effects = [
        r#""rainbow": { "every": 1.3 }"#,
        r##""wave": { "every": 0.7, "color": "#ff8040" }"##,
        r#""chase": { "every": 0.02, "width": 3, "tail": 9 }"#,
        r#""fade": { "from": { "dimmer": 0.1 }, "to": { "dimmer": 1, "color": "navy" } }"#,
        r#""color_fade": { "to": "purple" }"#,
    ];
    let cue = |index: usize| {
        let (at, on) = (index as f64 / 10.0, ["left(all)", "right(all)"][index % 2]);
        let effect = effects[index % effects.len()];
        format!(r#"{{ "at": {at}, "for": 0.2, "on": "{on}", {effect} }}"#)
    };
    let cues: Vec<String> = (0..200).map(cue).collect();
    project(PIXELS, &[&format!("{{ \"cues\": [\n{}\n] }}", cues.join(",\n"))])
}

fn read_cues() -> Result<Work> {
    let world = cues();
    show(&world)?;
    Ok(Box::new(move || drop(std::hint::black_box(load(&world, SHOW)))))
}

fn lower_cues() -> Result<Work> {
    let show = show(&cues())?;
    Ok(Box::new(move || drop(std::hint::black_box(Timeline::new(&show)))))
}

fn keys() -> Result<Work> {
    let timeline = Timeline::new(&show(&cues())?);
    Ok(Box::new(move || {
        for cell in CELL..CELL + 8 {
            std::hint::black_box(timeline.key(0, cell));
        }
    }))
}

/// The example of an effect, on pars or moving heads.
fn effect(name: &str) -> Result<Work> {
    let row = rows().into_iter().find(|row| row.kind == Kind::Effect && row.name == name);
    let row = row.with_context(|| format!("an effect `{name}`"))?;
    let stage = if row.family == "movement" { Stage::Spots(10) } else { PIXELS };
    render(&sample(&row, stage).with_context(|| format!("an example of `{name}`"))?)
}

/// One second of a universe.
fn render(world: &MemoryWorld) -> Result<Work> {
    let timeline = Timeline::new(&show(world)?);
    let mut rows = vec![0; timeline.cell_len(0, CELL)];
    Ok(Box::new(move || {
        timeline.render(0, CELL, &mut rows);
        std::hint::black_box(&rows);
    }))
}

/// A second of all layers, and how wide it is.
fn cell() -> Result<(u16, Vec<u8>)> {
    let timeline = Timeline::new(&show(&project(PIXELS, &LAYERS))?);
    let mut rows = vec![0; timeline.cell_len(0, CELL)];
    timeline.render(0, CELL, &mut rows);
    Ok((timeline.header().universes[0].slots_used, rows))
}

fn encode(compression: Compression) -> Result<Work> {
    let (width, rows) = cell()?;
    let mut encoder = Encoder::new(compression);
    Ok(Box::new(move || drop(std::hint::black_box(encoder.encode(1, width, &rows)))))
}

fn encode_still() -> Result<Work> {
    let (width, rows) = cell()?;
    let rows = rows[..width.into()].repeat(60);
    let mut encoder = Encoder::new(Compression::Fast);
    Ok(Box::new(move || drop(std::hint::black_box(encoder.encode(1, width, &rows)))))
}

/// A canvas in memory of two seconds, in which all universes show the same two cells.
fn canvas(universes: u16, compression: Compression) -> Result<Arc<Canvas>> {
    let (width, rows) = cell()?;
    let mut other = rows.clone();
    other.reverse();
    let entry = |number| {
        let universe = Universe::new(number)?;
        anyhow::Ok(UniverseEntry { universe, name: String::new(), slots_used: width })
    };
    let universes = (1..=universes).map(entry).collect::<Result<Vec<_>>>()?;
    let header = Header { frames: 120, universes, ..Header::default() };
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("loops.canvas");
    let mut writer = CanvasWriter::create(&path, &header)?;
    let mut encoder = Encoder::new(compression);
    for (cell, rows) in [(0, rows), (1, other)] {
        let encoded = encoder.encode(cell.into(), width, &rows);
        for universe in 0..header.universes.len() {
            writer.put(universe, cell, &encoded)?;
        }
    }
    writer.finish()?;
    Ok(Arc::new(Canvas::from_bytes(std::fs::read(path)?)?))
}

/// A cell after another one, through the reader: checked against its checksum, decoded.
fn decode(compression: Compression) -> Result<Work> {
    let mut reader = Reader::new(canvas(1, compression)?);
    Ok(Box::new(move || {
        for cell in [0, 1] {
            std::hint::black_box(reader.cell(0, cell).expect("a cell just written"));
        }
    }))
}

/// Slots of universes whose cells are decoded already, as most frames are.
fn decoded_frame() -> Result<Work> {
    let mut reader = Reader::new(canvas(100, Compression::Fast)?);
    let mut slots = [[0; SLOTS]; 100];
    Ok(Box::new(move || {
        for (universe, slots) in slots.iter_mut().enumerate() {
            reader.frame(universe, 20, slots).expect("a frame just written");
        }
        std::hint::black_box(&slots);
    }))
}

/// Frames in which all levels change, packed and counted but not sent.
fn send(protocol: Protocol) -> Result<Work> {
    let universes = (1..=100).map(Universe::new).collect::<Result<Vec<_>, _>>()?;
    let delivery = Delivery::Unicast { host: "127.0.0.1".into(), port: 6454 };
    let route = Route::new(UniverseSet::all(), protocol, delivery);
    let options = Options { dry_run: true, ..Options::new(Uuid::nil()) };
    let mut outputs = Outputs::open(&[route], &universes, &options)?;
    let mut frames = [0x55, 0xaa].map(|level| vec![[level; SLOTS]; universes.len()]);
    let mut now = Instant::now();
    Ok(Box::new(move || {
        frames.swap(0, 1);
        now += Duration::from_micros(16_667);
        outputs.send(now, &frames[0]);
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_loop_runs_again_and_again() {
        for (name, make) in LOOPS {
            let mut work = make().unwrap_or_else(|error| panic!("{name}: {error}"));
            work();
            work();
        }
    }

    #[test]
    fn the_baseline_gives_the_same_frames() {
        let (_, wide) = cell().expect("a cell");
        gobo_render::keep_to_baseline();
        let (_, baseline) = cell().expect("a cell");
        assert!(wide == baseline && wide.iter().any(|level| *level != wide[0]));
    }
}
