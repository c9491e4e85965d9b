//! Laws of the state: whoever follows it has it.

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// A client that keeps what it is told.
struct Client {
    depth: Depth,
    seq: u64,
    state: Value,
}

impl Client {
    fn new(view: &View, depth: Depth) -> Self {
        let state = serde_json::from_str(&view.state(depth)).unwrap();
        Self { depth, seq: view.seq(), state }
    }

    fn follow(&mut self, view: &View) {
        let Some(patch) = view.patch(self.seq, self.depth) else { return };
        let patch: Value = serde_json::from_str(&patch).unwrap();
        assert_eq!(patch["base"], self.seq);
        for change in patch["changes"].as_array().unwrap() {
            let path: Vec<&str> = change["path"]
                .as_array()
                .unwrap()
                .iter()
                .map(|key| key.as_str().unwrap())
                .collect();
            assert!(self.depth == Depth::Members || path.len() == 1);
            let mut place = &mut self.state;
            for key in path {
                place = place.as_object_mut().unwrap().entry(key).or_insert(Value::Null);
            }
            *place = change["value"].clone();
        }
        self.seq = patch["seq"].as_u64().unwrap();
    }
}

#[derive(Clone, Debug)]
enum Change {
    Whole(bool, u8),
    Members(Vec<u8>, u8),
    Part(u8, bool, u8),
    Values(u8),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<bool>(), 0..4_u8).prop_map(|(key, value)| Change::Whole(key, value)),
        (prop::collection::vec(0..5_u8, 0..5), 0..3_u8)
            .prop_map(|(ids, value)| Change::Members(ids, value)),
        (0..5_u8, any::<bool>(), 0..3_u8)
            .prop_map(|(id, is_armed, value)| Change::Part(id, is_armed, value)),
        (0..4_u8).prop_map(Change::Values),
    ]
}

fn obey(store: &mut Store, change: &Change) {
    match change {
        Change::Whole(key, value) => {
            store.set(if *key { "cues" } else { "playback" }, value);
        }
        Change::Members(ids, value) => {
            let row = |id| Row::new(&json!({ "level": value / 2, "id": id }));
            let row = |id| row(id).with("armed", &(*value == 1)).with("held", value);
            let members = ids.iter().map(|id| (format!("f{id}").into(), row(id)));
            store.set_members("fixtures", members);
        }
        Change::Part(id, is_armed, value) => {
            let id = format!("f{id}");
            match is_armed {
                true => store.set_part("fixtures", &id, "armed", &(*value == 1)),
                false => store.set_part("fixtures", &id, "held", value),
            }
        }
        Change::Values(value) => {
            store.set("values", &json!({ "f1": { "dimmer": value } }));
        }
    }
}

proptest! {
    #[test]
    fn whoever_follows_has_the_state_whatever_it_was_left_out(
        steps in prop::collection::vec((change(), any::<[bool; 3]>()), 1..60),
    ) {
        let mut store = Store::default();
        store.set("playback", &0);
        let mut view = store.publish().unwrap();
        let depths = [Depth::Keys, Depth::Members, Depth::Members];
        let mut clients = depths.map(|depth| Client::new(&view, depth));
        for (change, listens) in steps {
            obey(&mut store, &change);
            view = store.publish().unwrap_or(view);
            for (client, listens) in clients.iter_mut().zip(listens) {
                if listens {
                    client.follow(&view);
                }
            }
        }
        for mut client in clients {
            client.follow(&view);
            let whole: Value = serde_json::from_str(&view.state(client.depth)).unwrap();
            prop_assert_eq!(client.state, whole);
        }
    }
}

#[test]
fn what_has_not_changed_is_told_to_nobody() {
    let mut store = Store::default();
    assert!(store.set("playback", &json!({ "state": "paused" })));
    let par = || [("par".into(), Row::new(&json!({ "id": "par" })).with("held", &json!({})))];
    store.set_members("fixtures", par());
    let view = store.publish().unwrap();
    assert_eq!(view.seq(), 1);
    assert!(!store.set("playback", &json!({ "state": "paused" })));
    store.set_members("fixtures", par());
    store.set_part("fixtures", "nobody", "held", &1);
    store.set_part("fixtures", "par", "nothing", &1);
    store.set_part("fixtures", "par", "held", &json!({}));
    assert!(store.publish().is_none());
    store.set_part("fixtures", "par", "held", &json!({ "red": 7 }));
    let view = store.publish().unwrap();
    let patch = view.patch(1, Depth::Members).unwrap();
    let told = r#"{"type":"patch","seq":2,"base":1,"changes":[{"path":["fixtures","par","held"],"value":{"red":7}}]}"#;
    assert_eq!(&*patch, told);
    let told = r#"{"type":"patch","seq":2,"base":1,"changes":[{"path":["fixtures"],"value":{"par":{"id":"par","held":{"red":7}}}}]}"#;
    assert_eq!(&*view.patch(1, Depth::Keys).unwrap(), told);
    assert!(view.patch(2, Depth::Keys).is_none());
}

#[test]
fn levels_on_the_wire_are_for_those_that_do_not_go_deep() {
    let mut store = Store::default();
    store.set_members("fixtures", [("par".into(), Row::new(&json!({ "id": "par" })))]);
    store.set("values", &json!({ "par": { "red": 9 } }));
    let view = store.publish().unwrap();
    let told = r#"{"fixtures":{"par":{"id":"par","values":{"red":9}}}}"#;
    assert_eq!(&*view.state(Depth::Keys), told);
    assert_eq!(&*view.state(Depth::Members), r#"{"fixtures":{"par":{"id":"par"}}}"#);
    store.set("values", &json!({ "par": { "red": 10 } }));
    let later = store.publish().unwrap();
    assert!(later.patch(view.seq(), Depth::Members).is_none());
    assert!(later.patch(view.seq(), Depth::Keys).is_some());
}
