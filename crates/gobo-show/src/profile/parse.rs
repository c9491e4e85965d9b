//! Reads a whole profile file: its parts in the order in which they need each other.

use super::channel::Channel;
use super::defaults::Defaults;
use super::matrix::{Limit, MOST_PIXELS, Matrix, Part};
use super::mode::{self, Scope};
use super::names::{Names, Role};
use super::physical::Physical;
use super::read::{At, Reader};
use super::{PIXEL_KEY, Profile, ProfileFile, Redirect, wheel};
use crate::diagnostic::Diagnostic;
use crate::tree::parse_json;
use crate::world::Source;

const KEYS: &[&str] = &[
    "$schema",
    "name",
    "shortName",
    "categories",
    "meta",
    "comment",
    "links",
    "helpWanted",
    "rdm",
    "physical",
    "matrix",
    "wheels",
    "availableChannels",
    "templateChannels",
    "modes",
    // In files that the Open Fixture Library's own tools have put together.
    "fixtureKey",
    "manufacturerKey",
    "oflURL",
    // What gobo adds.
    "gobo",
];
const REDIRECT_KEYS: &[&str] = &["$schema", "name", "redirectTo", "reason"];
const MATRIX_KEYS: &[&str] = &["pixelCount", "pixelKeys", "pixelGroups"];

/// Reads a profile or a redirect.
pub(super) fn parse(source: &Source) -> (Option<ProfileFile>, Vec<Diagnostic>) {
    let tree = match parse_json(source) {
        Ok(tree) => tree,
        Err(error) => return (None, vec![error]),
    };
    let mut reader = Reader::new(source.path.clone());
    reader.diagnostics.extend(tree.duplicates);
    let root = At::root(&tree.root);
    let file = if !root.is_object() {
        reader.unexpected(&root, "an object: a fixture profile");
        None
    } else if root.get("redirectTo").exists() {
        read_redirect(&mut reader, &root).map(ProfileFile::Redirect)
    } else {
        read_profile(&mut reader, &root).map(|profile| ProfileFile::Profile(Box::new(profile)))
    };
    (file, reader.diagnostics)
}

fn read_redirect(reader: &mut Reader, at: &At<'_>) -> Option<Redirect> {
    reader.warn_unknown(at, |key| REDIRECT_KEYS.contains(&key), REDIRECT_KEYS);
    let name = reader.text(at, "name").unwrap_or_default().to_string();
    let place = at.get("redirectTo");
    let to = reader.as_text(&place)?.to_string();
    let part = |part: &str| {
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !part.is_empty() && part.bytes().all(letter)
    };
    if to.split_once('/').is_some_and(|(manufacturer, model)| part(manufacturer) && part(model)) {
        return Some(Redirect { name, to });
    }
    reader.unexpected(&place, "a profile, `manufacturer/model`");
    None
}

fn read_profile(reader: &mut Reader, at: &At<'_>) -> Option<Profile> {
    reader.warn_unknown(at, |key| KEYS.contains(&key), KEYS);
    let name = reader.required_text(at, "name")?.to_string();
    let categories = at.get("categories");
    let wheels = wheel::read(reader, &at.get("wheels"));
    let matrix = read_matrix(reader, &at.get("matrix"));
    let channels = read_channels(reader, at);
    let names = Names::new(reader, &channels);
    for channel in &channels {
        channel.check_wheels(reader, &wheels);
    }
    check_targets(reader, &channels, &names, &matrix);
    let scope = Scope { names: &names, matrix: &matrix, channels: &channels };
    let items = reader.list(&at.get("modes"));
    let modes: Vec<_> = items.iter().filter_map(|item| mode::read(reader, item, scope)).collect();
    check_mode_names(reader, &items);
    if modes.is_empty() {
        let message = "the profile has no mode that can be used";
        reader.error("no-modes", &at.get("modes"), message);
        return None;
    }
    let rdm = at.get("rdm").get("modelId");
    let profile = Profile {
        name,
        short_name: reader.text(at, "shortName").map(|name| name.to_string()),
        categories: match categories.exists() {
            true => reader.names(&categories).iter().map(ToString::to_string).collect(),
            false => Vec::new(),
        },
        rdm_model: if rdm.exists() { reader.whole(&rdm, 0, u64::from(u16::MAX)) } else { None },
        physical: Physical::read(reader, &at.get("physical")),
        defaults: Defaults::read(reader, &at.get("gobo")),
        modes,
        channels,
        names,
        matrix,
        wheels,
    };
    Some(profile)
}

fn read_channels(reader: &mut Reader, at: &At<'_>) -> Vec<Channel> {
    let mut channels = Vec::new();
    for (group, template) in [("availableChannels", false), ("templateChannels", true)] {
        let group = at.get(group);
        if !group.exists() {
            continue;
        }
        for (key, at) in reader.members(&group) {
            if key.contains(PIXEL_KEY) != template {
                let message = match template {
                    true => format!("the key of a template channel holds `{PIXEL_KEY}`"),
                    false => format!("`{PIXEL_KEY}` stands only in template channels"),
                };
                reader.error("bad-key", &at, message);
                continue;
            }
            channels.extend(Channel::read(reader, key, &at, template));
        }
    }
    channels
}

/// Says what switching channels become that does not exist.
fn check_targets(reader: &mut Reader, channels: &[Channel], names: &Names, matrix: &Matrix) {
    let first = matrix.repeat("eachPixelXYZ").and_then(|parts| parts.first().copied());
    for channel in channels {
        let part = if channel.template { first } else { None };
        for capability in &channel.capabilities {
            for (alias, key) in &capability.switches {
                let target = names.target(key, matrix, part);
                let usable = |role: &Role| !matches!(role, Role::Switching(_));
                if target.is_some_and(|target| usable(&target.role)) {
                    continue;
                }
                let known = names.all(matrix);
                let known = known.iter().map(|key| &**key);
                let message = format!("`{alias}` becomes `{key}`, which is no channel");
                let place = reader.place(&format!("{}/switchChannels", capability.pointer));
                let error = Diagnostic::error("unknown-channel", place, message);
                reader.diagnostics.push(error.nearest(key, known));
            }
        }
    }
}

fn check_mode_names(reader: &mut Reader, modes: &[At<'_>]) {
    let mut seen = indexmap::IndexSet::new();
    for mode in modes {
        let name = mode.get("name");
        if name.text().is_some_and(|text| !seen.insert(text)) {
            reader.error("duplicate-mode", &name, "there is already a mode of this name");
        }
    }
}

fn read_matrix(reader: &mut Reader, at: &At<'_>) -> Matrix {
    if !at.exists() {
        return Matrix::default();
    }
    reader.warn_unknown(at, |key| MATRIX_KEYS.contains(&key), MATRIX_KEYS);
    let (count, keys) = (at.get("pixelCount"), at.get("pixelKeys"));
    let mut matrix = if keys.exists() {
        read_pixel_keys(reader, &keys)
    } else {
        read_pixel_count(reader, &count)
    };
    let groups = at.get("pixelGroups");
    if groups.exists() {
        for (key, group) in reader.members(&groups) {
            let members = read_group(reader, &group, &matrix);
            if members.is_empty() {
                reader.error("empty-group", &group, format!("the group `{key}` has no pixels"));
            } else if !matrix.add_group(key.into(), members) {
                let message = format!("`{key}` already names a pixel or a group");
                reader.error("duplicate-pixel", &group, message);
            }
        }
    }
    matrix
}

fn read_pixel_count(reader: &mut Reader, at: &At<'_>) -> Matrix {
    let items = at.items();
    let mut counts = Vec::new();
    for item in &items {
        counts.extend(reader.whole(item, 1, MOST_PIXELS as u64));
    }
    let Ok(size) = <[u64; 3]>::try_from(counts) else {
        if items.len() != 3 {
            reader.unexpected(at, "a list of three numbers: pixels along x, y and z");
        }
        return Matrix::default();
    };
    if size.iter().product::<u64>() > MOST_PIXELS as u64 {
        reader.error("matrix-too-large", at, format!("a matrix has at most {MOST_PIXELS} pixels"));
        return Matrix::default();
    }
    Matrix::of_size(size.map(|count| count as u32))
}

fn read_pixel_keys(reader: &mut Reader, at: &At<'_>) -> Matrix {
    let mut matrix = Matrix::of_size([0, 0, 0]);
    let mut count = 0;
    for (z, layer) in reader.list(at).iter().enumerate() {
        for (y, row) in reader.list(layer).iter().enumerate() {
            for (x, item) in reader.list(row).iter().enumerate() {
                count += 1;
                if count > MOST_PIXELS {
                    let message = format!("a matrix has at most {MOST_PIXELS} pixels");
                    reader.error("matrix-too-large", at, message);
                    return matrix;
                }
                let place = [x as u32, y as u32, z as u32];
                for (size, place) in matrix.size.iter_mut().zip(place) {
                    *size = (*size).max(place + 1);
                }
                if item.is_null() {
                    continue;
                }
                let Some(key) = reader.as_text(item) else { continue };
                if !matrix.add_pixel(key.clone(), place) {
                    let message = format!("there is already a pixel `{key}`");
                    reader.error("duplicate-pixel", item, message);
                }
            }
        }
    }
    matrix
}

/// The pixels of a group: named, all, or by constraints.
fn read_group(reader: &mut Reader, at: &At<'_>, matrix: &Matrix) -> Vec<u32> {
    if at.text() == Some("all") {
        return matrix.all();
    }
    if at.is_object() {
        return read_constraints(reader, at, matrix);
    }
    let mut members = Vec::new();
    for item in reader.list(at) {
        let Some(key) = reader.as_text(&item) else { continue };
        match matrix.find(&key) {
            Some(Part::Pixel(index)) => members.push(index),
            _ => {
                let message = format!("there is no pixel `{key}`");
                reader.error_near("unknown-pixel", &item, message, &key, matrix.keys());
            }
        }
    }
    members
}

fn read_constraints(reader: &mut Reader, at: &At<'_>, matrix: &Matrix) -> Vec<u32> {
    let known = ["x", "y", "z", "name"];
    reader.warn_unknown(at, |key| known.contains(&key), &known);
    let mut limits = Vec::new();
    for (axis, key) in ["x", "y", "z"].into_iter().enumerate() {
        for item in at.get(key).items() {
            match item.text().and_then(Limit::parse) {
                Some(limit) => limits.push((axis, limit)),
                None => {
                    let expected = "`=3`, `>=3`, `<=3`, `3n`, `3n+1`, `even` or `odd`";
                    reader.unexpected(&item, expected);
                }
            }
        }
    }
    let mut names = Vec::new();
    for item in at.get("name").items() {
        let pattern = item.text().map(regex_lite::Regex::new);
        match pattern {
            Some(Ok(pattern)) => names.push(pattern),
            Some(Err(error)) => reader.error("bad-pattern", &item, format!("{error}")),
            None => reader.unexpected(&item, "a pattern"),
        }
    }
    matrix.select(&limits, &names)
}
