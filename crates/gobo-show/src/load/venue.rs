//! The venue: fixtures patched, groups, points.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;

use super::Loader;
use super::abilities::Abilities;
use super::order::{self, Order};
use crate::decode::{Names, Spanned};
use crate::diagnostic::{Diagnostic, Place, Spot, nearest};
use crate::profile::{Profile, ProfileFile};
use crate::rig::Rig;
use crate::select::{Found, Scope};
use crate::source::VenueSource;
use crate::tree::below;

/// A venue as read, as much of it as can be made out.
#[derive(Debug, Default)]
pub(super) struct Venue {
    pub(super) rig: Arc<Rig>,
    /// Whether nothing is missing in it, so that what is not used can be told.
    pub(super) is_whole: bool,
    /// Whether all of its points could be read.
    has_points: bool,
    /// The implementation that a pattern has here, by the pattern's name.
    pub(super) implementations: IndexMap<String, Spanned<String>>,
    /// What each fixture can show.
    pub(super) abilities: Vec<Abilities>,
    pub(super) declared: Declared,
}

/// Where the names of a venue are declared.
#[derive(Debug, Default)]
pub(super) struct Declared {
    /// Each fixture's place, as in the rig.
    pub(super) fixtures: Vec<Place>,
    /// Each group's place.
    pub(super) groups: IndexMap<String, Place>,
    /// The groups that other groups are made of.
    pub(super) groups_used: BTreeSet<String>,
}

/// How many redirects may follow each other.
const REDIRECTS: usize = 8;

impl Loader<'_> {
    /// A venue, as much of it as can be made out.
    pub(super) fn venue(&mut self, venue: &Spanned<String>) -> Arc<Venue> {
        // No name of a show reaches into its venue.
        let names = std::mem::take(&mut self.decoder.names);
        let found = self.remembered(
            |memory| &mut memory.venues,
            &venue.value,
            venue.clone(),
            |loader, venue| Arc::new(loader.read_venue(venue)),
        );
        let (points, has_points) = (found.rig.points.clone(), found.has_points);
        self.decoder.names = Names { points, has_points, ..names };
        found
    }

    fn read_venue(&mut self, venue: &Spanned<String>) -> Venue {
        let mut read = Venue::default();
        let path = format!("fixtures/{}.toml", venue.value);
        let Some(tree) = self.tree(&path, &venue.place) else { return read };
        let errors = self.errors();
        let source = self.decode::<VenueSource>(&tree);
        read.has_points = self.errors() == errors;
        let Some(source) = source else { return read };
        let (mut rig, mut declared) = (Rig::default(), Declared::default());
        rig.venue = source.name.clone().unwrap_or_else(|| venue.value.clone());
        rig.points = source.poi.clone();
        self.fixtures(&source, &mut rig, &mut declared);
        self.overlaps(&rig, &declared);
        self.groups(&source, &mut rig, &mut declared, &path);
        self.movements(&source, &mut rig);
        self.aims(&source, &mut rig);
        rig.routes = self.routes(&source.output, &rig, &mut declared);
        read.is_whole = self.errors() == errors;
        if read.is_whole {
            self.check_routed(&rig, &declared);
        }
        let abilities = rig.fixtures.iter().map(Abilities::of).collect();
        let implementations = source.implementations;
        Venue { rig: Arc::new(rig), implementations, abilities, declared, ..read }
    }

    fn fixtures(&mut self, source: &VenueSource, rig: &mut Rig, declared: &mut Declared) {
        let mut profiles = BTreeMap::new();
        let mut ids: BTreeMap<&str, &Place> = BTreeMap::new();
        for fixture in &source.fixture {
            let id = &fixture.value.id;
            self.check_name(&id.value, &id.place);
            if let Some(first) = ids.get(id.value.as_str()) {
                let message = format!("there are two fixtures with the id `{}`", id.value);
                let error = Diagnostic::error("duplicate-id", id.place.clone(), message);
                self.decoder.say(error.label((*first).clone(), "the first"));
                continue;
            }
            ids.insert(&id.value, &id.place);
            let Some(form) = self.form(fixture, &mut profiles) else { continue };
            if let Some(patched) = self.patch(fixture, form, rig) {
                rig.fixtures.push(patched);
                declared.fixtures.push(id.place.clone());
            }
        }
    }

    /// How far the heads of each group move.
    fn movements(&mut self, source: &VenueSource, rig: &mut Rig) {
        for (group, movement) in &source.movement {
            if rig.groups.contains_key(group) {
                rig.movements.insert(group.clone(), movement.value.clone());
                continue;
            }
            let message = format!("there is no group `{group}`");
            let error = Diagnostic::error("unknown-group", as_key(&movement.place), message);
            self.decoder.say(error.nearest(group, rig.groups.keys().map(String::as_str)));
        }
    }

    /// Whether a name can stand in a selection.
    fn check_name(&mut self, name: &str, place: &Place) {
        let fits = |c: char| crate::select::parse::in_name(c) && !matches!(c, '*' | '?');
        let is_word = matches!(name, "all" | "this") || name.contains("..");
        if name.is_empty() || !name.chars().all(fits) || is_word {
            let message = format!("`{name}` cannot be a name: selections could not say it");
            let error = Diagnostic::error("bad-name", place.clone(), message);
            self.decoder.say(error.hint("use letters, digits, `-`, `_`, `.` and `/`"));
        }
    }

    /// The profile `name`, redirects followed, with the name it was found under.
    pub(super) fn profile(&mut self, name: &str, from: &Place) -> Option<(String, Profile)> {
        let mut name = name.to_owned();
        for _ in 0..REDIRECTS {
            let path = format!("fixtures/profiles/{name}.json");
            if self.world.read(&path).is_err() && !name.contains("..") {
                self.read.insert(path);
                self.no_profile(&name, from);
                return None;
            }
            let source = self.source(&path, from)?;
            let (file, diagnostics) = Profile::parse(&source);
            self.decoder.diagnostics.extend(diagnostics);
            match file? {
                ProfileFile::Profile(profile) => return Some((name, *profile)),
                ProfileFile::Redirect(redirect) => name = redirect.to,
            }
        }
        let message = format!("the profile `{name}` redirects in a circle");
        self.decoder.say(Diagnostic::error("redirect-circle", from.clone(), message));
        None
    }

    fn no_profile(&mut self, name: &str, from: &Place) {
        let message = format!("there is no profile `{name}`");
        let error = Diagnostic::error("unknown-profile", from.clone(), message);
        let known = self.profile_names();
        // Many makers have a model of the same name: the right maker counts first.
        let maker = name.rsplit_once('/').map(|(maker, _)| format!("{maker}/"));
        let by_maker = |known: &&str| maker.as_ref().is_some_and(|maker| known.starts_with(maker));
        let all = || known.iter().map(String::as_str);
        let near = nearest(name, all().filter(by_maker))
            .or_else(|| nearest(name, all()))
            .or_else(|| all().find(|known| super::last_name(known) == name));
        self.decoder.say(match near {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint(format!("it would be the file `fixtures/profiles/{name}.json`")),
        });
    }

    /// Every profile of the project, as `maker/model`.
    fn profile_names(&mut self) -> Vec<String> {
        let makers = self.world.folders("fixtures/profiles");
        let models = makers.iter().flat_map(|maker| {
            let maker = super::last_name(maker);
            let files = self.world.list(&format!("fixtures/profiles/{maker}"));
            files.into_iter().map(move |file| format!("{maker}/{}", super::stem(&file)))
        });
        models.collect()
    }

    fn groups(&mut self, source: &VenueSource, rig: &mut Rig, declared: &mut Declared, path: &str) {
        let ids: BTreeMap<_, _> = rig
            .fixtures
            .iter()
            .map(|fixture| (fixture.id.clone(), fixture.heads.clone()))
            .collect();
        for fixture in &source.fixture {
            let found = ids.get(fixture.value.id.value.as_str());
            for group in &fixture.value.groups {
                self.check_name(&group.value, &group.place);
                let heads = rig.groups.entry(group.value.clone()).or_default();
                heads.extend(found.cloned().into_iter().flatten());
                declared.groups.entry(group.value.clone()).or_insert_with(|| group.place.clone());
            }
            for tag in &fixture.value.tags {
                self.check_name(&tag.value, &tag.place);
                let heads = rig.tags.entry(tag.value.clone()).or_default();
                heads.extend(found.cloned().into_iter().flatten());
            }
        }
        self.selected_groups(source, rig, declared, path);
        for (name, place) in &declared.groups {
            if ids.contains_key(name.as_str()) {
                let message = format!("`{name}` is the id of a fixture and the name of a group");
                self.decoder.say(Diagnostic::error("duplicate-id", place.clone(), message));
            }
        }
    }

    /// The groups that are selections, each after those that it names.
    fn selected_groups(
        &mut self,
        source: &VenueSource,
        rig: &mut Rig,
        declared: &mut Declared,
        path: &str,
    ) {
        let place =
            |name: &str| Place { file: path.into(), spot: Spot::Key(below("/groups", name)) };
        let names = source.groups.keys().map(String::as_str);
        let refers = |name: &str| source.groups.get(name).map_or(Vec::new(), |on| on.value.names());
        let Order { names, circles } = Order::of(names, refers);
        for circle in &circles {
            let message = format!("these groups are made of each other: {}", order::circle(circle));
            let at = circle.first().map_or_else(|| place(""), |name| place(name));
            self.decoder.say(Diagnostic::error("group-circle", at, message));
        }
        for name in names {
            let Some(selection) = source.groups.get(name) else { continue };
            self.check_name(name, &place(name));
            if let Some(first) = declared.groups.get(name) {
                let message = format!("the group `{name}` is defined twice");
                let error = Diagnostic::error("duplicate-id", place(name), message);
                self.decoder.say(error.label(first.clone(), "here too"));
                continue;
            }
            let mut found = Found::default();
            if circles.iter().all(|circle| !circle.contains(&name)) {
                found = selection.value.find(Scope { rig, this: None, seed: 0 });
                self.check_found((&selection.value, &selection.place), &mut found, true);
            }
            declared.groups_used.extend(found.groups);
            if !found.ranks.iter().enumerate().all(|(at, rank)| at == *rank as usize) {
                rig.group_ranks.insert(name.to_owned(), found.ranks);
            }
            rig.groups.insert(name.to_owned(), found.heads);
            declared.groups.insert(name.to_owned(), place(name));
        }
    }
}

/// The same place, meaning the key.
pub(super) fn as_key(place: &Place) -> Place {
    let spot = match &place.spot {
        Spot::Value(pointer) => Spot::Key(pointer.clone()),
        other => other.clone(),
    };
    Place { file: Arc::clone(&place.file), spot }
}
