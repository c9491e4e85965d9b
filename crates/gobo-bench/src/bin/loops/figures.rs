//! The figures that are kept in `loops.toml`, and what differs from them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};

/// The file, as people find it.
pub(crate) const FILE: &str = "crates/gobo-bench/loops.toml";
const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/loops.toml");
/// The compilers that this program was built with.
const COMPILERS: &str = env!("GOBO_COMPILERS");
/// Counts may differ from the kept ones by so many parts in a hundred.
const TOLERANCE: f64 = 5.0;

/// What is kept.
#[derive(serde::Deserialize)]
pub(crate) struct Figures {
    compilers: String,
    tolerance_percent: f64,
    pub(crate) loops: BTreeMap<String, u64>,
}

/// What a comparison came to.
pub(crate) struct Verdict {
    pub(crate) lines: Vec<String>,
    pub(crate) fails: bool,
}

impl Figures {
    /// New counts, to be kept.
    pub(crate) fn counted(loops: BTreeMap<String, u64>) -> Self {
        Self { compilers: COMPILERS.to_owned(), tolerance_percent: TOLERANCE, loops }
    }

    pub(crate) fn read() -> Result<Self> {
        let text = fs::read_to_string(PATH).with_context(|| format!("reading {FILE}"))?;
        toml::from_str(&text).with_context(|| format!("{FILE} is not as `loops --write` left it"))
    }

    pub(crate) fn write(&self) -> Result<()> {
        fs::write(PATH, self.to_text()).with_context(|| format!("writing {FILE}"))
    }

    fn to_text(&self) -> String {
        let mut text = format!(
            "# Instructions of gobo's inner loops, counted by `make loops`: it fails if one takes more\n\
             # than the tolerance above its figure, and asks for `make loops WRITE=1` if one takes\n\
             # as much less.\n\
             compilers = {:?}\ntolerance_percent = {:?}\n\n[loops]\n",
            self.compilers, self.tolerance_percent
        );
        for (name, instructions) in &self.loops {
            let _ = writeln!(text, "{name:?} = {}", grouped(*instructions));
        }
        text
    }

    /// Compares new counts to these.
    pub(crate) fn compare(&self, counts: &BTreeMap<String, u64>) -> Verdict {
        let mut verdict = Verdict { lines: Vec::new(), fails: false };
        let same_compilers = self.compilers == COMPILERS;
        for (name, &count) in counts {
            let Some(&kept) = self.loops.get(name) else {
                verdict.lines.push(format!("{name:<34} is not in {FILE}: make loops WRITE=1"));
                verdict.fails = true;
                continue;
            };
            let percent = (count as f64 / kept as f64 - 1.0) * 100.0;
            let mut line = format!("{name:<34}{:>14}{percent:>+8.2} %", grouped(count));
            if same_compilers && percent > self.tolerance_percent {
                line += "  more than is tolerated";
                verdict.fails = true;
            } else if same_compilers && percent < -self.tolerance_percent {
                line += "  fewer: keep this with make loops WRITE=1";
            }
            verdict.lines.push(line);
        }
        for name in self.loops.keys().filter(|name| !counts.contains_key(*name)) {
            verdict.lines.push(format!("{name:<34} is a loop no more: make loops WRITE=1"));
            verdict.fails = true;
        }
        if !same_compilers {
            verdict.lines.push(format!(
                "not judged: {FILE} was counted with {}, this is {COMPILERS}",
                self.compilers
            ));
        } else if verdict.fails {
            let most = self.tolerance_percent;
            verdict.lines.push(format!(
                "make quicker what takes over {most} % more instructions than {FILE} says, or \
                 keep the new counts with make loops WRITE=1 and say why"
            ));
        }
        verdict
    }
}

/// A number with its thousands apart, as TOML takes it.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
        counts.iter().map(|&(name, count)| (name.to_owned(), count)).collect()
    }

    #[test]
    fn what_is_written_is_read() {
        let kept = Figures::counted(figures(&[("a loop", 1_234_567), ("b", 999)]));
        let text = kept.to_text();
        assert!(text.contains("\"a loop\" = 1_234_567\n"), "{text}");
        let read: Figures = toml::from_str(&text).expect("what was written");
        assert_eq!(read.loops, kept.loops);
        assert!((read.tolerance_percent - TOLERANCE).abs() < 1e-9);
    }

    #[test]
    fn more_than_is_tolerated_fails_and_fewer_does_not() {
        let kept = Figures::counted(figures(&[("a", 10_000)]));
        let judged = |count| {
            let verdict = kept.compare(&figures(&[("a", count)]));
            (verdict.fails, verdict.lines[0].contains("fewer"))
        };
        assert_eq!(judged(10_000), (false, false));
        assert_eq!(judged(10_499), (false, false));
        assert_eq!(judged(10_501), (true, false));
        assert_eq!(judged(9_501), (false, false));
        assert_eq!(judged(9_499), (false, true));
    }

    #[test]
    fn loops_and_figures_are_the_same_ones() {
        let kept = Figures::counted(figures(&[("a", 10_000)]));
        assert!(kept.compare(&figures(&[("a", 10_000), ("b", 1)])).fails, "a new one");
        assert!(kept.compare(&figures(&[])).fails, "one that is gone");
    }

    #[test]
    fn counts_of_other_compilers_are_not_judged() {
        let mut kept = Figures::counted(figures(&[("a", 10_000)]));
        kept.compilers = "rustc of old".to_owned();
        let verdict = kept.compare(&figures(&[("a", 99_999)]));
        assert!(!verdict.fails && verdict.lines[1].contains("rustc of old"), "{:?}", verdict.lines);
    }

    #[test]
    fn the_kept_figures_are_those_of_the_loops() {
        let kept = Figures::read().expect("loops.toml");
        let mut names: Vec<&str> = crate::work::LOOPS.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        assert_eq!(kept.loops.keys().map(String::as_str).collect::<Vec<_>>(), names);
    }
}
