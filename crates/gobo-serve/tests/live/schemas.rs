//! All that is sent is as the contract's schemas have it.

use gobo_serve::live::{Colour, ColourSlots, ColourTarget, Said};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::common::{Desk, contract, schema, ulid};

proptest! {
    #[test]
    fn colours_are(rgb: [u8; 3], seq: u64, ts in 0..u64::MAX, updated_by in ".{1,20}") {
        let Some(schema) = schema("demo.rgb.state.v1.json") else { return Ok(()) };
        let colour = Colour { rgb, seq, updated_by, ts };
        prop_assert!(schema.is_valid(&colour.to_json()));
        prop_assert_eq!(Colour::from_json(&colour.to_json()), Some(colour));
    }

    #[test]
    fn updates_are(commands in prop::collection::vec((1..=2_u64, 1..=512_u16, any::<u8>()), 1..20)) {
        let Some(schema) = schema("state.update.schema.json") else { return Ok(()) };
        let mut desk = Desk::new(ColourTarget::Slots(ColourSlots::default()));
        desk.say(&json!({ "type": "set", "cmdId": ulid(1), "src": "ui", "r": 1, "g": 2, "b": 3 }));
        for (universe, channel, value) in commands {
            desk.say(&json!({ "type": "dmx.fade", "id": "1", "ts": 0, "universe": universe,
                "durationMs": 100, "easing": "expo", "patch": [{ "ch": channel, "val": value }] }));
            desk.wait(50);
            desk.tick();
        }
        let whole = desk.engine.whole(1, &desk.show, desk.now).map(Said::Levels);
        for said in desk.said().into_iter().chain(whole) {
            if let Said::Levels(update) = said {
                prop_assert!(schema.is_valid(&update.to_json()), "{}", update.to_json());
            }
        }
    }
}

#[test]
fn the_message_of_a_colour_is_as_the_contract_has_it() {
    let colour = Colour { rgb: [1, 2, 3], seq: 4, updated_by: "ui".to_owned(), ts: 5 };
    let expected = json!({ "type": "state", "r": 1, "g": 2, "b": 3, "seq": 4, "ts": 5 });
    assert_eq!(colour.to_message(), expected);
}

#[test]
fn the_state_that_the_original_left_is_read() {
    let Some(text) = contract("state.json") else { return };
    let json: Value = serde_json::from_str(&text).expect("JSON");
    let colour = Colour::from_json(&json).expect("a colour");
    assert_eq!((colour.rgb, colour.seq, &*colour.updated_by), ([51, 11, 69], 3908, "rest"));
}
