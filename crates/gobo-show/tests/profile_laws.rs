//! Laws of profiles: no text makes the readers panic, no channel leaves the footprint, and ranges
//! keep their order at every resolution.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use gobo_show::Severity;
use gobo_show::profile::{Profile, ProfileFile, import_qxf};
use gobo_show::rig::{Capability, Function, max_of};
use gobo_show::world::Source;
use proptest::prelude::*;
use proptest::sample::Index;

/// The texts of the cases in a folder of this crate, of the files that end in `.extension`.
fn texts(folder: &str, extension: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = fs::read_dir(folder).expect("a folder of cases").flatten();
    let mut files: Vec<PathBuf> = files.map(|file| file.path()).collect();
    files.retain(|path| path.extension().is_some_and(|found| found == extension));
    files.sort();
    files.iter().map(|path| fs::read_to_string(path).expect("a readable case")).collect()
}

static PROFILES: LazyLock<Vec<String>> = LazyLock::new(|| texts("tests/profiles", "json"));
static DEFINITIONS: LazyLock<Vec<String>> = LazyLock::new(|| texts("tests/profiles/qxf", "qxf"));

/// A change to a text: from a place, so many characters become others.
type Edit = (Index, usize, String);

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let words = prop_oneof![
        Just(String::new()),
        Just("null".to_owned()),
        Just("-1".to_owned()),
        Just("1e300".to_owned()),
        Just("18446744073709551615".to_owned()),
        Just("$pixelKey".to_owned()),
        Just("\"eachPixelGroup\"".to_owned()),
        Just("[".to_owned()),
        Just("{}".to_owned()),
        Just("\u{0}é".to_owned()),
        "[0-9]{1,4}",
        "[ -~]{1,6}",
    ];
    prop::collection::vec((any::<Index>(), 0_usize..12, words), 1..6)
}

fn edited(text: &str, edits: &[Edit]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for (place, length, with) in edits {
        let start = place.index(chars.len() + 1);
        let end = (start + length).min(chars.len());
        chars.splice(start..end, with.chars());
    }
    chars.into_iter().collect()
}

/// Puts words of a text in the place of others: what stays well formed and means something else.
fn shuffled(text: &str, swaps: &[(Index, Index)]) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = first.is_alphanumeric();
        let end = rest.find(|c: char| c.is_alphanumeric() != word).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        parts.push(part);
        rest = after;
    }
    let is_word = |part: &&str| part.starts_with(char::is_alphanumeric);
    let words: Vec<usize> = (0..parts.len()).filter(|&at| is_word(&parts[at])).collect();
    for (to, from) in swaps.iter().filter(|_| !words.is_empty()) {
        let (to, from): (&usize, &usize) = (to.get(&words), from.get(&words));
        parts[*to] = parts[*from];
    }
    parts.concat()
}

fn swaps() -> impl Strategy<Value = Vec<(Index, Index)>> {
    prop::collection::vec(any::<(Index, Index)>(), 0..30)
}

/// Reads a profile and checks every mode of what comes of it.
fn check(text: &str) -> Result<(), TestCaseError> {
    let source = Source { path: "a.json".into(), text: Arc::from(text) };
    let (file, _) = Profile::parse(&source);
    let Some(ProfileFile::Profile(profile)) = file else { return Ok(()) };
    for mode in profile.modes() {
        let patched = profile.patch(&mode.name).expect("its own mode");
        let mut taken = vec![false; usize::from(patched.footprint)];
        for channel in &patched.channels {
            for &slot in &channel.slots {
                let taken = taken.get_mut(usize::from(slot));
                let taken = taken.ok_or_else(|| TestCaseError::fail("outside the footprint"))?;
                prop_assert!(!std::mem::replace(taken, true), "two channels on slot {slot}");
            }
            let max = channel.max();
            prop_assert!(channel.default <= max && channel.highlight <= max);
            prop_assert!(channel.head.is_none_or(|head| (head as usize) < patched.heads.len()));
            match &channel.function {
                Function::Fixed(ranges) => check_ranges(ranges, max)?,
                Function::Switched { trigger, cases } => {
                    prop_assert!((*trigger as usize) < patched.channels.len());
                    for case in cases {
                        check_ranges(&case.capabilities, max)?;
                    }
                }
            }
        }
    }
    Ok(())
}

/// Imports a definition; what comes of it is a profile without an error.
fn check_import(text: &str) -> Result<(), TestCaseError> {
    let (Some(imported), _) = import_qxf(text, "a.qxf") else { return Ok(()) };
    let source = Source { path: "a.json".into(), text: imported.json.as_str().into() };
    let (file, diagnostics) = Profile::parse(&source);
    let errors: Vec<_> = diagnostics.iter().filter(|one| one.severity == Severity::Error).collect();
    prop_assert!(errors.is_empty() && file.is_some(), "{errors:#?}\n{}", imported.json);
    check(&imported.json)
}

fn check_ranges(ranges: &[Capability], max: u64) -> Result<(), TestCaseError> {
    prop_assert!(ranges.iter().all(|one| one.from <= one.to && one.to <= max));
    prop_assert!(ranges.windows(2).all(|pair| pair[0].to < pair[1].from), "{ranges:?}");
    Ok(())
}

/// A profile of one dimmer of `bytes` slots in all, whose values are given at `width` slots, with
/// a capability from each of `starts` to the next.
fn dimmer(bytes: usize, width: usize, starts: &[u64]) -> String {
    let fine: Vec<String> = (1..bytes).map(|byte| format!("\"f{byte}\"")).collect();
    let fine = match fine.len() {
        0 => String::new(),
        _ => {
            let aliases = fine.join(",");
            format!(
                "\"fineChannelAliases\":[{aliases}],\"dmxValueResolution\":\"{}bit\",",
                8 * width
            )
        }
    };
    let ends = starts[1..].iter().map(|next| next - 1).chain([max_of(width)]);
    let capability = |(from, to)| format!("{{\"dmxRange\":[{from},{to}],\"type\":\"Intensity\"}}");
    let capabilities: Vec<String> = starts.iter().copied().zip(ends).map(capability).collect();
    let mode = |slots: usize| {
        let keys: Vec<_> = (1..slots).map(|byte| format!(",\"f{byte}\"")).collect();
        format!("{{\"name\":\"{slots}\",\"channels\":[\"d\"{}]}}", keys.concat())
    };
    let modes: Vec<_> = (1..=bytes).map(mode).collect();
    format!(
        "{{\"name\":\"D\",\"availableChannels\":{{\"d\":{{{fine}\"capabilities\":[{}]}}}},\"modes\":[{}]}}",
        capabilities.join(","),
        modes.join(",")
    )
}

proptest! {
    #[test]
    fn no_profile_makes_the_reader_panic(which: Index, swaps in swaps(), edits in edits()) {
        let text: &String = which.get(&PROFILES);
        check(&edited(text, &edits))?;
        check(&shuffled(text, &swaps))?;
    }

    #[test]
    fn no_definition_makes_the_importer_panic(which: Index, swaps in swaps(), edits in edits()) {
        let text: &String = which.get(&DEFINITIONS);
        check_import(&edited(text, &edits))?;
        check_import(&shuffled(text, &swaps))?;
    }

    /// At every resolution the capabilities cover the channel without a gap or an overlap, and
    /// none is lost where the mode is as fine as the file.
    #[test]
    fn capabilities_cover_the_channel_at_every_resolution(
        bytes in 1_usize..=5,
        width in 1_usize..=3,
        cuts in prop::collection::btree_set(1_u64..=0xff_ffff, 1..9),
    ) {
        let width = width.min(bytes);
        let mut starts: Vec<u64> = cuts.iter().map(|cut| cut & max_of(width)).collect();
        starts.push(0);
        starts.sort_unstable();
        starts.dedup();
        prop_assume!(starts.len() > 1);
        let text = dimmer(bytes, width, &starts);
        let source = Source { path: "a.json".into(), text: text.as_str().into() };
        let (file, diagnostics) = Profile::parse(&source);
        prop_assert!(diagnostics.is_empty(), "{diagnostics:#?}");
        let Some(ProfileFile::Profile(profile)) = file else {
            return Err(TestCaseError::fail("no profile"));
        };
        for slots in 1..=bytes {
            let patched = profile.patch(&slots.to_string()).expect("a mode");
            let Function::Fixed(ranges) = &patched.channels[0].function else {
                return Err(TestCaseError::fail("a switching channel"));
            };
            prop_assert_eq!(ranges[0].from, 0);
            prop_assert_eq!(ranges[ranges.len() - 1].to, max_of(slots));
            prop_assert!(ranges.windows(2).all(|pair| pair[0].to + 1 == pair[1].from), "{:?}", ranges);
            if slots >= width {
                prop_assert_eq!(ranges.len(), starts.len());
            }
        }
    }
}
