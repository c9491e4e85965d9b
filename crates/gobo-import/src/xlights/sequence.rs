//! An xLights sequence (`.xsq`) as its XML has it. Reads; decides nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use gobo_show::Source;
use gobo_show::diagnostic::{Diagnostic, Place};
use roxmltree::Node;

use crate::xml;

/// A sequence.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    pub(super) title: String,
    pub(super) media: Option<String>,
    pub(super) seconds: f64,
    pub(super) frame_ms: f64,
    /// In the order of the file: later ones are drawn over earlier ones.
    pub(super) elements: Vec<Element>,
    pub(super) tracks: Vec<TimingTrack>,
}

/// What happens on a model, a group or a submodel.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) is_group: bool,
    /// The topmost first.
    pub(super) layers: Vec<Vec<Effect>>,
    pub(super) place: Place,
}

/// An effect; times in seconds.
#[derive(Clone, Debug)]
pub(super) struct Effect {
    pub(super) name: String,
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) settings: Arc<Settings>,
    pub(super) palette: Arc<Settings>,
    pub(super) place: Place,
}

/// Settings by their keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings(BTreeMap<String, String>);

/// Marks in time.
#[derive(Debug)]
pub(super) struct TimingTrack {
    pub(super) name: String,
    /// Label, start and end of each, in seconds.
    pub(super) marks: Vec<(String, f64, f64)>,
    pub(super) place: Place,
}

/// The kinds of controls that a setting's key names.
const CONTROLS: [&str; 8] = [
    "SLIDER",
    "CHOICE",
    "CHECKBOX",
    "TEXTCTRL",
    "FILEPICKERCTRL",
    "FILEPICKER",
    "FONTPICKER",
    "NOTEBOOK",
];

impl Settings {
    /// `key=value,key=value`; commas in values are written `&comma;`.
    fn parse(text: &str) -> Self {
        let pair = |pair: &str| {
            let (key, value) = pair.split_once('=')?;
            Some((key.trim().to_owned(), value.replace("&comma;", ",")))
        };
        Self(text.split(',').filter_map(pair).collect())
    }

    /// A setting of a panel (`E`, `T`, `B`, `C`), whatever control it has.
    pub(super) fn get(&self, panel: &str, name: &str) -> Option<&str> {
        let found =
            CONTROLS.iter().find_map(|control| self.0.get(&format!("{panel}_{control}_{name}")));
        found.map(String::as_str)
    }

    /// A number of the effect's own panel.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.get("E", name)?.trim().parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// Whether a box of the effect's own panel is ticked.
    pub(super) fn is_on(&self, name: &str) -> bool {
        self.get("E", name) == Some("1")
    }

    /// The keys of settings that change over time.
    pub(super) fn curves(&self) -> impl Iterator<Item = &str> {
        let active = |(key, value): (&'_ String, &'_ String)| {
            key.contains("VALUECURVE_") && value.starts_with("Active=TRUE")
        };
        self.0.iter().filter(move |(key, value)| active((key, value))).map(|(key, _)| key.as_str())
    }

    /// The colours of a palette that are ticked.
    pub(super) fn colors(&self) -> Vec<[u8; 3]> {
        let color = |index: u32| {
            let ticked = self.0.get(&format!("C_CHECKBOX_Palette{index}"));
            let text = self.0.get(&format!("C_BUTTON_Palette{index}"))?;
            crate::native::color(text).filter(|_| ticked.is_some_and(|ticked| ticked == "1"))
        };
        (1..=8).filter_map(color).collect()
    }
}

/// Reads a sequence; every mistake that makes it unusable is said.
pub(super) fn read(source: &Source) -> Result<Sequence, Vec<Diagnostic>> {
    let document = xml::parse(source).map_err(|error| vec![error])?;
    let root = document.root_element();
    let mut reader = Reader {
        file: source.path.clone(),
        faults: Vec::new(),
        settings: Vec::new(),
        palettes: Vec::new(),
    };
    if root.tag_name().name() != "xsequence" {
        let found = root.tag_name().name();
        reader.fault(
            "not-a-sequence",
            root,
            format!("an xLights sequence starts with `<xsequence>`, not `<{found}>`"),
        );
        return Err(reader.faults);
    }
    let sequence = reader.sequence(root);
    if reader.faults.is_empty() { Ok(sequence) } else { Err(reader.faults) }
}

struct Reader {
    file: Arc<str>,
    faults: Vec<Diagnostic>,
    settings: Vec<Arc<Settings>>,
    palettes: Vec<Arc<Settings>>,
}

impl Reader {
    fn fault(&mut self, code: &'static str, node: Node<'_, '_>, message: String) {
        self.faults.push(Diagnostic::error(code, xml::place(&self.file, node), message));
    }

    fn sequence(&mut self, root: Node<'_, '_>) -> Sequence {
        let head = xml::child(root, "head");
        if head.is_none() {
            self.fault("missing-element", root, "the sequence has no `<head>`".to_owned());
        }
        let text = |name| head.and_then(|head| xml::child_text(head, name)).unwrap_or_default();
        let frame = text("sequenceTiming").trim_end_matches("ms").trim();
        let mut sequence = Sequence {
            title: text("song").to_owned(),
            media: Some(text("mediaFile").to_owned()).filter(|file| !file.is_empty()),
            seconds: self.head_number(
                head,
                "sequenceDuration",
                text("sequenceDuration"),
                0.1,
                86_400.0,
            ),
            frame_ms: self.head_number(head, "sequenceTiming", frame, 1.0, 1000.0),
            ..Sequence::default()
        };
        let of = |list: &str, item: &'static str| -> Vec<Arc<Settings>> {
            let items =
                xml::child(root, list).into_iter().flat_map(|list| xml::children(list, item));
            let text = |node: Node<'_, '_>| {
                node.attribute("settings").unwrap_or(xml::text(node)).to_owned()
            };
            items.map(|node| Arc::new(Settings::parse(&text(node)))).collect()
        };
        self.settings = of("EffectDB", "Effect");
        self.palettes = of("ColorPalettes", "ColorPalette");
        let Some(elements) = xml::child(root, "ElementEffects") else {
            self.fault(
                "missing-element",
                root,
                "the sequence has no `<ElementEffects>`".to_owned(),
            );
            return sequence;
        };
        for node in xml::children(elements, "Element") {
            let Some(name) = node.attribute("name").filter(|name| !name.is_empty()) else {
                self.fault("missing-attribute", node, "an `<Element>` needs `name=`".to_owned());
                continue;
            };
            match node.attribute("type") {
                Some("timing") => sequence.tracks.push(self.track(node, name)),
                _ => self.element(node, name, &mut sequence.elements),
            }
        }
        sequence
    }

    fn head_number(
        &mut self,
        head: Option<Node<'_, '_>>,
        name: &str,
        text: &str,
        low: f64,
        high: f64,
    ) -> f64 {
        let number: Option<f64> = text.parse().ok();
        let fits = number.filter(|number| (low..=high).contains(number));
        if let (None, Some(head)) = (fits, head) {
            let node = xml::child(head, name).unwrap_or(head);
            self.fault(
                "not-a-number",
                node,
                format!("`<{name}>` is a number from {low} to {high}, found `{text}`"),
            );
        }
        fits.unwrap_or(low)
    }

    /// An element, and its submodels as elements of their own.
    fn element(&mut self, node: Node<'_, '_>, name: &str, elements: &mut Vec<Element>) {
        let mut layers = Vec::new();
        let mut parts: BTreeMap<String, Vec<Vec<Effect>>> = BTreeMap::new();
        for layer in node.children() {
            match layer.tag_name().name() {
                "EffectLayer" => layers.push(self.layer(layer)),
                "SubModelEffectLayer" => {
                    let part = format!("{name}/{}", layer.attribute("name").unwrap_or_default());
                    let effects = self.layer(layer);
                    parts.entry(part).or_default().push(effects);
                }
                "Strand" => {
                    let index = layer.attribute("index").unwrap_or("0");
                    let part = format!("{name}/strand {index}");
                    let effects = self.layer(layer);
                    parts.entry(part).or_default().push(effects);
                }
                _ => {}
            }
        }
        let place = xml::place(&self.file, node);
        let is_group = node.attribute("type") == Some("modelGroup");
        elements.push(Element { name: name.to_owned(), is_group, layers, place: place.clone() });
        let part = |(name, layers)| Element { name, is_group, layers, place: place.clone() };
        elements.extend(parts.into_iter().map(part));
    }

    fn layer(&mut self, node: Node<'_, '_>) -> Vec<Effect> {
        let mut effects = Vec::new();
        for effect in xml::children(node, "Effect") {
            let Some((start, end)) = self.times(effect) else { continue };
            let at = |name: &str| xml::attribute::<usize>(effect, name);
            let settings = at("ref").and_then(|index| self.settings.get(index)).cloned();
            let palette = at("palette").and_then(|index| self.palettes.get(index)).cloned();
            if let (Some(index), None) = (at("ref"), &settings) {
                let message =
                    format!("there are no settings {index}: the list has {}", self.settings.len());
                self.fault("unknown-settings", effect, message);
            }
            if let (Some(index), None) = (at("palette"), &palette) {
                let message =
                    format!("there is no palette {index}: the list has {}", self.palettes.len());
                self.fault("unknown-palette", effect, message);
            }
            let own =
                || Arc::new(Settings::parse(effect.attribute("settings").unwrap_or_default()));
            effects.push(Effect {
                name: effect.attribute("name").unwrap_or_default().to_owned(),
                start,
                end,
                settings: settings.unwrap_or_else(own),
                palette: palette.unwrap_or_default(),
                place: xml::place(&self.file, effect),
            });
        }
        effects
    }

    /// Start and end in seconds; says when they are none.
    fn times(&mut self, node: Node<'_, '_>) -> Option<(f64, f64)> {
        let mut time = |name: &str| {
            let text = node.attribute(name).unwrap_or_default();
            let ms: Option<f64> = text.trim().parse().ok();
            let fits = ms.filter(|ms| (0.0..=86_400_000.0).contains(ms));
            if fits.is_none() {
                self.fault(
                    "not-a-number",
                    node,
                    format!("`{name}` is a time in milliseconds, found `{text}`"),
                );
            }
            fits.map(|ms| ms / 1000.0)
        };
        let (start, end) = (time("startTime"), time("endTime"));
        let (start, end) = (start?, end?);
        if end < start {
            self.fault(
                "bad-times",
                node,
                format!("this ends at {end} s, before it starts at {start} s"),
            );
            return None;
        }
        Some((start, end))
    }

    fn track(&mut self, node: Node<'_, '_>, name: &str) -> TimingTrack {
        let mut marks = Vec::new();
        if let Some(layer) = xml::child(node, "EffectLayer") {
            for mark in xml::children(layer, "Effect") {
                if let Some((start, end)) = self.times(mark) {
                    let label = mark.attribute("label").unwrap_or_default();
                    marks.push((label.to_owned(), start, end));
                }
            }
        }
        marks.sort_by(|a, b| a.1.total_cmp(&b.1));
        TimingTrack { name: name.to_owned(), marks, place: xml::place(&self.file, node) }
    }
}
