//! Physical values as the Open Fixture Library writes them: `12Hz`, `90deg`, `slow CW`
//! (`schemas/definitions.json`, `units` and `entities`). Reads text; knows no place.

/// A number in a base unit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Entity {
    /// The number.
    pub(super) number: f64,
    /// What it counts.
    pub(super) unit: Unit,
}

/// A base unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unit {
    /// A plain number.
    Number,
    /// Percent; keywords are percentages too.
    Percent,
    /// Hertz (also from beats and rounds a minute).
    Hertz,
    /// Seconds (also from milliseconds).
    Seconds,
    /// Metres.
    Metres,
    /// Lumens.
    Lumens,
    /// Kelvin.
    Kelvin,
    /// Cubic metres a minute.
    Volume,
    /// Degrees.
    Degrees,
}

/// Suffix, base unit, and how many base units one is.
type Suffix = (&'static str, Unit, f64);

const HERTZ: Suffix = ("Hz", Unit::Hertz, 1.0);
const BEATS: Suffix = ("bpm", Unit::Hertz, 1.0 / 60.0);
const ROUNDS: Suffix = ("rpm", Unit::Hertz, 1.0 / 60.0);
const PERCENT: Suffix = ("%", Unit::Percent, 1.0);
const DEGREES: Suffix = ("deg", Unit::Degrees, 1.0);

/// What a property may hold: units and keywords, the keywords with the percentage they mean.
#[derive(Debug)]
pub(super) struct Kind {
    units: &'static [Suffix],
    keywords: &'static [(&'static str, f64)],
    /// Whether it may be a JSON number.
    pub(super) bare: bool,
}

impl Kind {
    const fn new(units: &'static [Suffix], keywords: &'static [(&'static str, f64)]) -> Self {
        Self { units, keywords, bare: false }
    }
}

pub(super) static SPEED: Kind = Kind::new(
    &[HERTZ, BEATS, PERCENT],
    &[
        ("fast", 100.0),
        ("slow", 1.0),
        ("stop", 0.0),
        ("slow reverse", -1.0),
        ("fast reverse", -100.0),
    ],
);
pub(super) static ROTATION_SPEED: Kind = Kind::new(
    &[HERTZ, ROUNDS, PERCENT],
    &[
        ("fast CW", 100.0),
        ("slow CW", 1.0),
        ("stop", 0.0),
        ("slow CCW", -1.0),
        ("fast CCW", -100.0),
    ],
);
pub(super) static TIME: Kind = Kind::new(
    &[("ms", Unit::Seconds, 0.001), ("s", Unit::Seconds, 1.0), PERCENT],
    &[("instant", 0.0), ("short", 1.0), ("long", 100.0)],
);
pub(super) static DISTANCE: Kind =
    Kind::new(&[("m", Unit::Metres, 1.0), PERCENT], &[("near", 1.0), ("far", 100.0)]);
pub(super) static BRIGHTNESS: Kind = Kind::new(
    &[("lm", Unit::Lumens, 1.0), PERCENT],
    &[("off", 0.0), ("dark", 1.0), ("bright", 100.0)],
);
pub(super) static COLOR_TEMPERATURE: Kind = Kind::new(
    &[("K", Unit::Kelvin, 1.0), PERCENT],
    &[("warm", -100.0), ("CTO", -100.0), ("default", 0.0), ("cold", 100.0), ("CTB", 100.0)],
);
pub(super) static FOG_OUTPUT: Kind = Kind::new(
    &[("m^3/min", Unit::Volume, 1.0), PERCENT],
    &[("off", 0.0), ("weak", 1.0), ("strong", 100.0)],
);
pub(super) static ROTATION_ANGLE: Kind = Kind::new(&[DEGREES, PERCENT], &[]);
pub(super) static BEAM_ANGLE: Kind =
    Kind::new(&[DEGREES, PERCENT], &[("closed", 0.0), ("narrow", 1.0), ("wide", 100.0)]);
pub(super) static HORIZONTAL_ANGLE: Kind =
    Kind::new(&[DEGREES, PERCENT], &[("left", -100.0), ("center", 0.0), ("right", 100.0)]);
pub(super) static VERTICAL_ANGLE: Kind =
    Kind::new(&[DEGREES, PERCENT], &[("top", -100.0), ("center", 0.0), ("bottom", 100.0)]);
pub(super) static PARAMETER: Kind = Kind {
    units: &[PERCENT],
    keywords: &[
        ("off", 0.0),
        ("low", 1.0),
        ("high", 100.0),
        ("slow", 1.0),
        ("fast", 100.0),
        ("small", 1.0),
        ("big", 100.0),
        ("instant", 0.0),
        ("short", 1.0),
        ("long", 100.0),
    ],
    bare: true,
};
pub(super) static SLOT_NUMBER: Kind = Kind { units: &[], keywords: &[], bare: true };
pub(super) static PERCENTAGE: Kind =
    Kind::new(&[PERCENT], &[("off", 0.0), ("low", 1.0), ("high", 100.0)]);
pub(super) static INSERTION: Kind = Kind::new(&[PERCENT], &[("out", 0.0), ("in", 100.0)]);
pub(super) static IRIS_PERCENT: Kind = Kind::new(&[PERCENT], &[("closed", 0.0), ("open", 100.0)]);
/// `defaultValue` and `highlightValue` as a percentage, 0 to 100.
pub(super) static DMX_PERCENT: Kind = Kind::new(&[PERCENT], &[]);

impl Kind {
    /// Reads `text`; `None` when it is no keyword and no number with a unit of this kind.
    pub(super) fn parse(&self, text: &str) -> Option<Entity> {
        if let Some(&(_, number)) = self.keywords.iter().find(|(word, _)| *word == text) {
            return Some(Entity { number, unit: Unit::Percent });
        }
        self.units.iter().find_map(|&(suffix, unit, factor)| {
            let number = decimal(text.strip_suffix(suffix)?)?;
            Some(Entity { number: number * factor, unit })
        })
    }

    /// What may stand here, for a message: "`12Hz`, `12bpm`, `12%`, `fast` or `slow`".
    pub(super) fn expected(&self) -> String {
        let numbers = self.units.iter().map(|(suffix, ..)| format!("`12{suffix}`"));
        let words = self.keywords.iter().map(|(word, _)| format!("`{word}`"));
        let mut all: Vec<_> = numbers.chain(words).collect();
        if self.bare {
            all.insert(0, "a number".to_owned());
        }
        match all.pop() {
            Some(last) if all.is_empty() => last,
            Some(last) => format!("{} or {last}", all.join(", ")),
            None => String::new(),
        }
    }

    /// Its keywords.
    pub(super) fn keywords(&self) -> impl Iterator<Item = &'static str> {
        self.keywords.iter().map(|(word, _)| *word)
    }
}

/// A number as OFL writes them: an optional minus, digits, and digits after a point.
fn decimal(text: &str) -> Option<f64> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let bare = text.strip_prefix('-').unwrap_or(text);
    let plain = match bare.split_once('.') {
        Some((whole, part)) => digits(whole) && digits(part),
        None => digits(bare),
    };
    if plain { text.parse().ok().filter(|number: &f64| number.is_finite()) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_and_keywords() {
        let read = |kind: &Kind, text| kind.parse(text).map(|entity| (entity.number, entity.unit));
        assert_eq!(read(&SPEED, "12.5Hz"), Some((12.5, Unit::Hertz)));
        assert_eq!(read(&SPEED, "120bpm"), Some((2.0, Unit::Hertz)));
        assert_eq!(read(&SPEED, "slow reverse"), Some((-1.0, Unit::Percent)));
        assert_eq!(read(&ROTATION_SPEED, "slow CW"), Some((1.0, Unit::Percent)));
        assert_eq!(read(&TIME, "200ms"), Some((0.2, Unit::Seconds)));
        assert_eq!(read(&TIME, "2s"), Some((2.0, Unit::Seconds)));
        assert_eq!(read(&ROTATION_ANGLE, "-90deg"), Some((-90.0, Unit::Degrees)));
        assert_eq!(read(&FOG_OUTPUT, "100m^3/min"), Some((100.0, Unit::Volume)));
        for wrong in ["", "Hz", "12", "12 Hz", "1e3Hz", "--1Hz", ".5Hz", "5.Hz", "Slow", "NaNHz"] {
            assert_eq!(read(&SPEED, wrong), None, "{wrong}");
        }
    }
}
