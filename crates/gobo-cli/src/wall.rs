//! Times of the wall clock, as clocks here show them.

use std::str::FromStr;
use std::time::{Duration, Instant};

use jiff::{Timestamp, ZonedDateTime, civil};

use crate::value::span;

/// A time as typed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum WallTime {
    /// So many seconds from now.
    In(f64),
    /// The next time that clocks here show this.
    Time(civil::Time),
    /// Once.
    Moment(civil::DateTime),
}

impl FromStr for WallTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "expected a time as `23:00`, `23:00:30`, `2026-12-24T20:15`, `+2h` or `+30m`, found \
                 `{text}`"
            )
        };
        let text = text.trim();
        if let Some(ahead) = text.strip_prefix('+') {
            return ahead_of(ahead).map(Self::In).ok_or_else(wrong);
        }
        if !text.contains(':') {
            return Err(wrong());
        }
        let moment = || text.parse().map(Self::Moment).map_err(|_| wrong());
        text.parse().map_or_else(
            |_| moment(),
            |time| match text.contains('-') {
                true => moment(),
                false => Ok(Self::Time(time)),
            },
        )
    }
}

/// Seconds from `90s`, `15min`, `15m`, `2h`; not negative.
fn ahead_of(text: &str) -> Option<f64> {
    let minutes = text.strip_suffix("min").or(text.strip_suffix('m'));
    let (number, scale) = match (text.strip_suffix('h'), minutes) {
        (Some(hours), _) => (hours, 3600.0),
        (None, Some(minutes)) => (minutes, 60.0),
        (None, None) => (text, 1.0),
    };
    // With a scale, what is before it is a bare number.
    let is_plain = scale == 1.0 || number.ends_with(|last: char| last.is_ascii_digit());
    let seconds = span(number).ok().filter(|seconds| is_plain && *seconds >= 0.0)? * scale;
    (seconds <= 1e6).then_some(seconds)
}

/// A time that is waited for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Deadline {
    /// By the monotonic clock.
    Instant(Instant),
    /// By the wall clock, which may be set meanwhile.
    Wall(Timestamp),
}

impl Deadline {
    /// When `time` is, from now on: a bare time is past only until tomorrow. The error says that
    /// it is past.
    pub(crate) fn of(time: WallTime) -> Result<Self, String> {
        match time {
            WallTime::In(seconds) => {
                Ok(Self::Instant(Instant::now() + Duration::from_secs_f64(seconds)))
            }
            time => moment(time, &ZonedDateTime::now()).map(Self::Wall),
        }
    }

    /// Whether it has come.
    pub(crate) fn came(self) -> bool {
        match self {
            Self::Instant(at) => Instant::now() >= at,
            Self::Wall(at) => Timestamp::now() >= at,
        }
    }
}

fn moment(time: WallTime, now: &ZonedDateTime) -> Result<Timestamp, String> {
    let failed = |error: jiff::Error| error.to_string();
    let zoned =
        |moment: civil::DateTime| moment.to_zoned_datetime(now.time_zone().clone()).map_err(failed);
    match time {
        WallTime::In(_) => Ok(now.timestamp()),
        WallTime::Time(time) => {
            let today = zoned(now.date().to_datetime(time))?;
            if today > *now {
                return Ok(today.timestamp());
            }
            let tomorrow = now.date().tomorrow().map_err(failed)?;
            zoned(tomorrow.to_datetime(time)).map(|tomorrow| tomorrow.timestamp())
        }
        WallTime::Moment(moment) => {
            let zoned = zoned(moment)?;
            match zoned > *now {
                true => Ok(zoned.timestamp()),
                false => Err(format!(
                    "{} is past: it is {} now",
                    moment.strftime("%F %T"),
                    now.strftime("%F %T")
                )),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_bare_dated_or_ahead() {
        let time = |text: &str| text.parse::<WallTime>();
        assert_eq!(time("23:00"), Ok(WallTime::Time(civil::time(23, 0, 0, 0))));
        assert_eq!(time("23:00:30"), Ok(WallTime::Time(civil::time(23, 0, 30, 0))));
        let eve = civil::date(2026, 12, 24).at(20, 15, 0, 0);
        assert_eq!(time("2026-12-24T20:15"), Ok(WallTime::Moment(eve)));
        for (text, seconds) in [
            ("+2h", 7200.0),
            ("+1.5h", 5400.0),
            ("+15min", 900.0),
            ("+30m", 1800.0),
            ("+90", 90.0),
            ("+0.5s", 0.5),
        ] {
            assert_eq!(time(text), Ok(WallTime::In(seconds)), "{text}");
        }
        for bad in ["", "23", "25:00", "+", "+-3s", "+2sh", "+1e9", "2h", "2026-13-01T00:00"] {
            assert!(time(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_time_is_the_next_one() {
        let now: ZonedDateTime = "2026-10-24T20:00:00[Europe/Berlin]".parse().unwrap();
        let at = |text: &str| {
            let at = moment(text.parse().unwrap(), &now);
            at.map(|at| at.to_zoned_datetime(now.time_zone().clone()).to_string())
        };
        assert_eq!(at("23:00").unwrap(), "2026-10-24T23:00:00+02:00[Europe/Berlin]");
        // Past midnight is tomorrow, and in that night winter begins.
        assert_eq!(at("01:00").unwrap(), "2026-10-25T01:00:00+02:00[Europe/Berlin]");
        assert_eq!(at("20:00").unwrap(), "2026-10-25T20:00:00+01:00[Europe/Berlin]");
        assert!(at("2026-10-24T19:00").unwrap_err().contains("is past"));
    }

    #[test]
    fn a_deadline_comes() {
        assert!(Deadline::of(WallTime::In(0.0)).unwrap().came());
        assert!(!Deadline::of(WallTime::In(900.0)).unwrap().came());
        assert!(Deadline::Wall(Timestamp::UNIX_EPOCH).came());
    }
}
