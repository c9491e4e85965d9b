use gobo_serve::live::{
    ColourSlots, ColourTarget, Command, Engine, Figures, Protocol, Reason, Refusal, Said, Verdict,
    parse_message,
};
use serde_json::{Value, json};

use crate::common::{BEGIN_MS, Desk, ulid};

fn set(number: u64, [r, g, b]: [u8; 3]) -> Value {
    json!({ "type": "set", "cmdId": ulid(number), "src": "ui", "r": r, "g": g, "b": b })
}

fn level(id: &str, universe: u64, channel: u16, value: u8) -> Value {
    json!({ "type": "dmx.set", "id": id, "ts": 0, "universe": universe, "channel": channel,
        "value": value })
}

fn refusal(verdict: Verdict) -> Refusal {
    match verdict {
        Verdict::Refused(refusal) => refusal,
        other => panic!("expected a refusal, not {other:?}"),
    }
}

#[test]
fn a_colour_is_numbered_dated_and_shown() {
    let mut desk = Desk::new(ColourTarget::Slots(ColourSlots::default()));
    desk.wait(5);
    let ack = desk.say(&set(1, [10, 20, 30]));
    assert_eq!(
        (ack.ack.as_str(), ack.verdict, ack.ts),
        (&*ulid(1), Verdict::Accepted, BEGIN_MS + 5)
    );
    let colour = desk.engine.colour();
    assert_eq!((colour.rgb, colour.seq, colour.ts), ([10, 20, 30], 1, BEGIN_MS + 5));
    assert_eq!(colour.updated_by, "ui");
    assert_eq!([1, 2, 3].map(|channel| desk.show.at(1, channel)), [10, 20, 30]);
    assert!(matches!(&desk.said()[..], [Said::Colour(_), Said::Levels(_)]));
}

#[test]
fn the_same_colour_again_changes_nothing_and_takes_its_slots_back() {
    let mut desk = Desk::new(ColourTarget::Slots(ColourSlots::default()));
    desk.say(&set(1, [10, 20, 30]));
    desk.say(&level("a", 1, 2, 99));
    desk.said();
    assert_eq!(desk.say(&set(2, [10, 20, 30])).verdict, Verdict::Accepted);
    assert_eq!(desk.engine.colour().seq, 1);
    assert_eq!(desk.show.at(1, 2), 20);
    assert!(matches!(&desk.said()[..], [Said::Levels(update)] if update.delta.len() == 1));
}

#[test]
fn the_first_colour_counts_even_if_it_is_dark() {
    let mut desk = Desk::new(ColourTarget::Off);
    desk.say(&set(1, [0, 0, 0]));
    assert_eq!(desk.engine.colour().seq, 1);
    assert!(desk.show.holds.is_empty(), "nothing follows the colour unless it is configured");
}

#[test]
fn a_command_is_done_once() {
    let mut desk = Desk::new(ColourTarget::Off);
    desk.say(&set(1, [1, 1, 1]));
    desk.say(&set(2, [2, 2, 2]));
    let again = desk.say(&set(1, [1, 1, 1]));
    assert_eq!((again.accepted(), again.verdict), (true, Verdict::Duplicate));
    assert_eq!(desk.engine.colour().rgb, [2, 2, 2]);
    let Figures { processed_total, deduped_total, .. } = desk.engine.figures();
    assert_eq!((processed_total, deduped_total), (2, 1));
    desk.wait(900_000);
    assert_eq!(desk.say(&set(2, [1, 1, 1])).verdict, Verdict::Accepted, "it is forgotten by now");
}

#[test]
fn a_colour_is_painted_on_fixtures_and_groups_and_wins_over_their_fades() {
    let spot = || vec!["spot-1".to_owned()];
    for (target, level) in [
        (ColourTarget::Group("front".to_owned()), 9),
        (ColourTarget::Fixtures(spot()), 9),
        (ColourTarget::Fixtures(vec!["nobody".to_owned()]), 0),
    ] {
        let mut desk = Desk::new(target);
        let fade = json!({ "type": "dmx.fade", "id": "f", "ts": 0, "universe": 1,
            "durationMs": 1000, "easing": "linear", "patch": [{ "ch": 4, "val": 0 }] });
        desk.say(&fade);
        assert!(desk.say(&set(1, [9, 8, 7])).accepted());
        desk.wait(1000);
        desk.tick();
        assert_eq!(desk.show.at(1, 4), level);
        let told = desk.said().iter().any(|said| matches!(said, Said::Levels(_)));
        assert!(told, "what is held is told");
    }
}

#[test]
fn a_patch_is_told_in_one_update_and_its_last_entry_wins() {
    let mut desk = Desk::new(ColourTarget::Off);
    let patch = json!([{ "ch": 9, "val": 1 }, { "ch": 3, "val": 5 }, { "ch": 9, "val": 2 }]);
    let message = json!({ "type": "dmx.patch", "id": "p", "ts": 0, "universe": 2, "patch": patch });
    assert!(desk.say(&message).accepted());
    let said = desk.said();
    let [Said::Levels(update)] = &said[..] else { panic!("{said:?}") };
    let delta = json!([{ "ch": 3, "val": 5 }, { "ch": 9, "val": 2 }]);
    assert_eq!(update.to_json()["delta"], delta);
    assert_eq!((update.universe, update.rev, update.full), (2, 1, false));
    desk.say(&message);
    assert_eq!(desk.said(), [], "the same again is no news");
    assert_eq!(desk.show.holds.len(), 2, "but held anew");
}

#[test]
fn universes_that_are_not_there_are_named() {
    let mut desk = Desk::new(ColourTarget::Off);
    for universe in [0, 3, 40_000, 65_537, u64::MAX] {
        let refusal = refusal(desk.say(&level("a", universe, 1, 1)).verdict);
        assert_eq!((refusal.reason, &*refusal.mistakes[0].path), (Reason::NotFound, "/universe"));
    }
    assert!(desk.show.holds.is_empty());
}

#[test]
fn attributes_fill_their_slots_and_all_unknown_ones_are_named() {
    let mut desk = Desk::new(ColourTarget::Off);
    let fixture = |id: &str, attrs: Value| json!({ "type": "fixture.set", "id": "f", "ts": 0, "fixtureId": id, "attrs": attrs });
    let attrs = json!({ "pan": { "value16": 0x1234 }, "tilt": { "value16": 0xABCD }, "dimmer": 9 });
    assert!(desk.say(&fixture("spot-1", attrs)).accepted());
    assert_eq!([4, 5, 6, 7].map(|ch| desk.show.at(1, ch)), [9, 0x12, 0x34, 0xAB]);
    desk.say(&fixture("spot-1", json!({ "pan": 255 })));
    assert_eq!([5, 6].map(|ch| desk.show.at(1, ch)), [255, 255], "full is full");
    let wrong =
        refusal(desk.say(&fixture("spot-1", json!({ "pn": 1, "x/y": 1, "pan": 1 }))).verdict);
    let paths: Vec<_> = wrong.mistakes.iter().map(|told| &*told.path).collect();
    assert_eq!((wrong.reason, paths), (Reason::NotFound, vec!["/attrs/pn", "/attrs/x~1y"]));
    assert_eq!(desk.show.at(1, 5), 255, "nothing of it was done");
    let unknown = refusal(desk.say(&fixture("spot1", json!({}))).verdict);
    assert!(unknown.mistakes[0].message.ends_with("did you mean `spot-1`?"));
}

#[test]
fn scenes_come_back() {
    let mut desk = Desk::new(ColourTarget::Off);
    let save = |name: &str, snapshot: Value| json!({ "type": "scene.save", "id": "s", "ts": 0, "name": name, "snapshot": snapshot });
    let recall = |name: &str| json!({ "type": "scene.recall", "id": "r", "ts": 0, "name": name });
    desk.say(&level("a", 1, 4, 200));
    assert!(desk.say(&save("now", json!({}))).accepted());
    assert!(desk.say(&save("given", json!({ "4": 7, "2.1": 8 }))).accepted());
    assert!(desk.say(&recall("given")).accepted());
    assert_eq!((desk.show.at(1, 4), desk.show.at(2, 1)), (7, 8));
    desk.say(&recall("now"));
    assert_eq!((desk.show.at(1, 4), desk.show.at(2, 1)), (200, 8), "of what fixtures use");
    let unknown = refusal(desk.say(&recall("gven")).verdict);
    assert_eq!(unknown.reason, Reason::NotFound);
    assert!(unknown.mistakes[0].message.contains("did you mean `given`?"));
    let nowhere = refusal(desk.say(&save("x", json!({ "9.1": 1 }))).verdict);
    assert_eq!(nowhere.reason, Reason::NotFound);
}

#[test]
fn effects_are_handed_on_and_motors_refused() {
    let mut desk = Desk::new(ColourTarget::Off);
    let effect = |fixture: &str, name: &str| {
        json!({ "type": "effect.apply", "id": "e", "ts": 0, "fixtureId": fixture,
            "effect": [{ "name": name }] })
    };
    assert!(desk.say(&effect("spot-1", "strobe")).accepted());
    assert_eq!(desk.show.effects, ["spot-1"]);
    let mut reason = |fixture, name| refusal(desk.say(&effect(fixture, name)).verdict).reason;
    assert_eq!(reason("spot-1", "stroob"), Reason::NotFound);
    assert_eq!(reason("nobody", "strobe"), Reason::NotFound);
    assert_eq!(reason("spot-1", "broken"), Reason::Refused);
    let motor = json!({ "type": "motor.move", "id": "m", "ts": 0, "motorId": "m1", "steps": 4 });
    let refusal = refusal(desk.say(&motor).verdict);
    assert_eq!((refusal.reason, refusal.mistakes.len()), (Reason::NotFound, 1));
}

#[test]
fn sixty_a_second_are_taken_of_each_protocol_address_and_universe() {
    let mut desk = Desk::new(ColourTarget::Off);
    let command = |universe| -> Command {
        parse_message(level("a", universe, 1, 1).to_string().as_bytes()).expect("a command")
    };
    let mut taken = |protocol, address: &str, universe, wait| {
        desk.wait(wait);
        let take = |_| desk.obey(command(universe), protocol, address).accepted();
        (0..100).map(take).filter(|accepted| *accepted).count()
    };
    assert_eq!(taken(Protocol::WebSocket, "a", 1, 0), 60);
    assert_eq!(taken(Protocol::WebSocket, "a", 2, 0), 60);
    assert_eq!(taken(Protocol::WebSocket, "b", 1, 0), 60);
    assert_eq!(taken(Protocol::Rest, "a", 1, 0), 60);
    assert_eq!(taken(Protocol::WebSocket, "a", 1, 500), 30);
    assert_eq!(taken(Protocol::WebSocket, "a", 1, 10_000), 60);
    let ack = desk.obey(command(1), Protocol::WebSocket, "a");
    assert_eq!(refusal(ack.verdict).reason, Reason::RateLimited);
}

#[test]
fn a_client_that_begins_gets_the_universe_as_it_goes_out() {
    let mut desk = Desk::new(ColourTarget::Off);
    desk.say(&level("a", 2, 512, 77));
    let whole = |engine: &Engine, universe| engine.whole(universe, &desk.show, desk.now);
    let update = whole(&desk.engine, 2).expect("it is there");
    assert_eq!((update.rev, update.full, update.delta.len()), (1, true, 512));
    assert_eq!(update.delta[511].value, 77);
    assert_eq!(whole(&desk.engine, 40_000), None, "beyond what an update can tell of");
}

#[test]
fn the_start_says_the_colour_and_shows_none_that_was_never_set() {
    let mut desk = Desk::new(ColourTarget::Slots(ColourSlots::default()));
    desk.engine.start(&mut desk.show, desk.now);
    assert!(matches!(&desk.said()[..], [Said::Colour(colour)] if colour.seq == 0));
    assert!(desk.show.holds.is_empty());
}
