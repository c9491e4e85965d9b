//! Where profiles lie in a project.

use deunicode::deunicode;

/// The folder of profiles, from the project's root.
pub const FOLDER: &str = "fixtures/profiles";

/// The path of the profile `manufacturer/model`, from the project's root.
pub fn profile_path(manufacturer: &str, model: &str) -> String {
    format!("{FOLDER}/{manufacturer}/{model}.json")
}

/// A name as a part of a path, the Open Fixture Library's way: lower case, words joined by `-`,
/// letters of every script as those of English that sound most like them.
/// `unnamed` when nothing is left.
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in deunicode(name).chars().flat_map(char::to_lowercase) {
        match c {
            'a'..='z' | '0'..='9' => slug.push(c),
            '\'' => {}
            _ if slug.ends_with('-') || slug.is_empty() => {}
            _ => slug.push('-'),
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "unnamed".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_parts_of_paths() {
        assert_eq!(slug("MAC250 Entour"), "mac250-entour");
        assert_eq!(slug("  Würth & Söhne (2.0)!"), "wurth-sohne-2-0");
        assert_eq!(slug("Łódź, l’été"), "lodz-lete");
        assert_eq!(slug("Привет мир"), "privet-mir");
        assert_eq!(slug("../.."), "unnamed");
        assert_eq!(profile_path("generic", &slug("Spot")), "fixtures/profiles/generic/spot.json");
    }
}
