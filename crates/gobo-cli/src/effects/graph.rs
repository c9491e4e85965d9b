//! A graph around one type of node, in which its picture is drawn: test signals go in, and what
//! comes out goes to the lights.

use gobo_show::reference::Row;
use serde_json::{Value, json};

/// What a graph drives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lights {
    /// Brightness and colour.
    Pars,
    /// Pan and tilt.
    Spots,
    /// Strobe and speed.
    Strobes,
    /// Brightness of pars, every other of them white only.
    Mixed,
}

/// A graph in Luma's JSON, and what it drives; `None` for a node that nothing leads out of.
pub(super) fn around(row: &Row) -> Option<(String, Lights)> {
    let mut graph = Graph::default();
    let mut node: Value = serde_json::from_str(row.example).ok()?;
    node["id"] = "it".into();
    graph.nodes.push(node);
    for port in &row.inputs {
        graph.feed(row, port.name, port.kind);
    }
    let lights = graph.show(row)?;
    let selection = json!({"expression": "all", "spatialReference": "global"});
    let args = json!([
        {"id": "sel", "name": "Selection", "argType": "Selection", "defaultValue": selection},
        {"id": "tint", "name": "Tint", "argType": "Color",
         "defaultValue": {"r": 255, "g": 136, "b": 0, "a": 1}},
    ]);
    let graph = json!({"nodes": graph.nodes, "edges": graph.edges, "args": args});
    Some((graph.to_string(), lights))
}

#[derive(Default)]
struct Graph {
    nodes: Vec<Value>,
    edges: Vec<Value>,
}

impl Graph {
    /// Adds a node if it is not there, and gives its id.
    fn node(&mut self, id: &'static str, kind: &str, params: &Value) -> &'static str {
        if !self.nodes.iter().any(|node| node["id"] == id) {
            self.nodes.push(json!({"id": id, "typeId": kind, "params": params}));
        }
        id
    }

    fn edge(&mut self, from: (&str, &str), to: (&str, &str)) {
        let edge = json!({
            "fromNode": from.0, "fromPort": from.1, "toNode": to.0, "toPort": to.1,
        });
        if !self.edges.contains(&edge) {
            self.edges.push(edge);
        }
    }

    fn selection(&mut self) -> (&'static str, &'static str) {
        (self.node("args", "pattern_args", &json!({})), "sel")
    }

    /// From 0 to 1 along the selection.
    fn places(&mut self) -> (&'static str, &'static str) {
        let from = self.selection();
        let id = self.node("places", "get_attribute", &json!({"attribute": "normalized_index"}));
        self.edge(from, (id, "selection"));
        (id, "out")
    }

    fn clock(&mut self) -> (&'static str, &'static str) {
        (self.node("clock", "beat_clock", &json!({})), "grid_out")
    }

    fn beats(&mut self) -> (&'static str, &'static str) {
        let from = self.clock();
        let id = self.node("beats", "ramp", &json!({}));
        self.edge(from, (id, "grid"));
        (id, "out")
    }

    /// A saw from 0 to 1 that runs along the selection, every two beats anew.
    fn saw(&mut self) -> (&'static str, &'static str) {
        let (beats, places) = (self.beats(), self.places());
        let half = self.node("half", "scalar", &json!({"value": 0.5}));
        let slow = self.node("slow", "math", &json!({"operation": "multiply"}));
        self.edge(beats, (slow, "a"));
        self.edge((half, "out"), (slow, "b"));
        let sum = self.node("sum", "math", &json!({"operation": "add"}));
        self.edge((slow, "out"), (sum, "a"));
        self.edge(places, (sum, "b"));
        let saw = self.node("saw", "modulo", &json!({"divisor": 1}));
        self.edge((sum, "out"), (saw, "in"));
        (saw, "out")
    }

    /// The saw as degrees from -60 to 60.
    fn degrees(&mut self) -> (&'static str, &'static str) {
        let from = self.saw();
        let params = json!({"in_min": 0, "in_max": 1, "out_min": -60, "out_max": 60});
        let id = self.node("degrees", "remap", &params);
        self.edge(from, (id, "in"));
        (id, "out")
    }

    fn audio(&mut self) -> (&'static str, &'static str) {
        (self.node("song", "audio_input", &json!({})), "out")
    }

    fn harmony(&mut self) -> (&'static str, &'static str) {
        let (audio, clock) = (self.audio(), self.clock());
        let id = self.node("harmony", "harmony_analysis", &json!({}));
        self.edge(audio, (id, "audio_in"));
        self.edge(clock, (id, "grid_in"));
        (id, "signal")
    }

    /// How loud a sound is.
    fn loud(&mut self, sound: (&str, &str)) -> (&'static str, &'static str) {
        let params = json!({"selected_frequency_ranges": "[[20, 20000]]"});
        let id = self.node("loud", "frequency_amplitude", &params);
        self.edge(sound, (id, "audio_in"));
        (id, "amplitude_out")
    }

    fn orbit(&mut self) -> &'static str {
        let clock = self.clock();
        let id = self.node("orbit", "orbit", &json!({"radius_x": 3}));
        self.edge(clock, (id, "grid"));
        id
    }

    /// Gives a port of the node something to work on; what may stay open does.
    fn feed(&mut self, row: &Row, port: &'static str, kind: &str) {
        let from = match (kind, port) {
            ("selection", _) => self.selection(),
            ("audio", _) => self.audio(),
            ("beat grid", _) => self.clock(),
            (_, "in") if row.name == "spectral_shift" => {
                (self.node("args", "pattern_args", &json!({})), "tint")
            }
            (_, "in") if row.name == "round" => self.beats(),
            (_, "in" | "a" | "signal" | "speed") => self.saw(),
            (_, "b" | "delay") => self.places(),
            (_, "trigger") => {
                let from = self.beats();
                let id = self.node("whole", "round", &json!({"operation": "floor"}));
                self.edge(from, (id, "in"));
                (id, "out")
            }
            (_, "time") => self.beats(),
            (_, "x") if row.name == "noise" => self.places(),
            (_, "x" | "y" | "z") if row.name == "look_at_position" => (self.orbit(), port),
            (_, "chroma") => self.harmony(),
            (_, "uv") => {
                let clock = self.clock();
                let id = self.node("round", "circle", &json!({"radius": 0.5, "speed": 0.25}));
                self.edge(clock, (id, "grid"));
                (id, "uv")
            }
            (_, "pan" | "tilt" | "pan_in" | "tilt_in") => self.degrees(),
            (_, "count" | "end") => (self.node("some", "scalar", &json!({"value": 4})), "out"),
            (_, "start") => (self.node("none", "scalar", &json!({"value": 0})), "out"),
            _ => return,
        };
        self.edge(from, ("it", port));
    }

    /// Takes what comes out of the node to the lights.
    fn show(&mut self, row: &Row) -> Option<Lights> {
        let out = row.outputs.first().map(|port| (port.name, port.kind));
        match (row.name, out) {
            ("apply_strobe" | "apply_speed", _) => Some(Lights::Strobes),
            // What is looked at is also shown by lights.
            ("view_signal", _) => {
                let from = self.saw();
                self.apply("apply_dimmer", from)
            }
            ("view_uv", _) => self.movement("apply_movement", &[("round", "uv", "uv")]),
            ("mel_spec_viewer", _) => {
                let song = self.audio();
                let from = self.loud(song);
                self.apply("apply_dimmer", from)
            }
            ("apply_movement" | "apply_position", _) => Some(Lights::Spots),
            ("apply_color" | "apply_dimmer", _) => Some(Lights::Pars),
            ("pattern_args", _) => self.apply("apply_color", ("it", "tint")),
            ("harmony_analysis", _) => {
                let id = self.node("hues", "chroma_palette", &json!({}));
                self.edge(("it", "signal"), (id, "chroma"));
                self.apply("apply_color", (id, "out"))
            }
            (_, Some((port, "audio"))) => {
                let from = self.loud(("it", port));
                self.apply("apply_dimmer", from)
            }
            (_, Some((port, "beat grid"))) => {
                let id = self.node(
                    "pulse",
                    "beat_envelope",
                    &json!({"attack": 0.1, "decay": 0.9, "sustain": 0}),
                );
                self.edge(("it", port), (id, "grid"));
                self.apply("apply_dimmer", (id, "out"))
            }
            (_, Some((port, "selection"))) => {
                let from = self.saw();
                let end = self.node("end", "apply_dimmer", &json!({}));
                self.edge(from, (end, "signal"));
                self.edge(("it", port), (end, "selection"));
                Some(if row.name == "filter_selection" { Lights::Mixed } else { Lights::Pars })
            }
            (_, Some(("uv", _))) => self.movement("apply_movement", &[("it", "uv", "uv")]),
            (_, Some(("pan", _))) => {
                self.movement("apply_position", &[("it", "pan", "pan"), ("it", "tilt", "tilt")])
            }
            (_, Some(("x", _))) => {
                let from = self.selection();
                let id = self.node("aim", "look_at_position", &json!({}));
                self.edge(from, (id, "selection"));
                ["x", "y", "z"].into_iter().for_each(|axis| self.edge(("it", axis), (id, axis)));
                self.movement("apply_position", &[(id, "pan", "pan"), (id, "tilt", "tilt")])
            }
            (_, Some((port, _))) if row.family == "color" => {
                self.apply("apply_color", ("it", port))
            }
            (
                "ramp" | "ramp_between" | "noise" | "remap" | "math" | "sine_wave" | "round",
                Some((port, _)),
            ) => {
                let id = self.node("whole_range", "normalize", &json!({}));
                self.edge(("it", port), (id, "in"));
                self.apply("apply_dimmer", (id, "out"))
            }
            (_, Some((port, _))) => self.apply("apply_dimmer", ("it", port)),
            (_, None) => None,
        }
    }

    fn apply(&mut self, kind: &str, from: (&str, &str)) -> Option<Lights> {
        let selection = self.selection();
        let end = self.node("end", kind, &json!({}));
        self.edge(from, (end, "signal"));
        self.edge(selection, (end, "selection"));
        Some(Lights::Pars)
    }

    fn movement(&mut self, kind: &str, ways: &[(&str, &str, &str)]) -> Option<Lights> {
        let selection = self.selection();
        let end = self.node("end", kind, &json!({}));
        for (node, port, to) in ways {
            self.edge((node, port), (end, to));
        }
        self.edge(selection, (end, "selection"));
        Some(Lights::Spots)
    }
}
