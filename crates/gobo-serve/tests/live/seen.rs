use gobo_serve::live::{CommandId, Seen};
use proptest::prelude::*;
use serde_json::json;

use crate::common::{contract, ulid};

fn id(number: u64) -> CommandId {
    ulid(number).parse().expect("a ULID")
}

#[test]
fn identities_are_what_the_schema_allows() {
    for text in
        ["", "0000000000000000000000000", "0000000000000000000000000i", "Ü000000000000000000000000"]
    {
        assert!(text.parse::<CommandId>().is_err(), "{text}");
    }
    for text in ["01HZX3YJ9YJ3M5QAZ3GZ8K3QFF", "ZZZZZZZZZZZZZZZZZZZZZZZZZZ"] {
        assert_eq!(text.parse::<CommandId>().expect("a ULID").to_string(), text);
    }
    let lone = ["I", "L", "O", "U", "a", " "];
    assert!(lone.iter().all(|odd| odd.repeat(26).parse::<CommandId>().is_err()));
}

#[test]
fn what_the_original_saw_is_seen() {
    let Some(text) = contract("cmd_seen.sample.json") else { return };
    let mut seen = Seen::new(900, 4096);
    assert!(seen.read_json(&text));
    let first = "00000000004NPJ309R854DFMDY".parse().expect("a ULID");
    assert_eq!(seen.len(), 3);
    assert!(seen.knows(first, 1_763_107_616_627 + 899_000));
    assert!(!seen.knows(first, 1_763_107_616_627 + 900_000));
    assert!(seen.see(first, 1_763_107_700_000));
}

#[test]
fn of_a_file_that_is_cut_off_what_is_whole_counts() {
    let text = json!({ ulid(1): 100.5, ulid(2): 101.0, ulid(3): 102.25 }).to_string();
    for end in 0..text.len() {
        let mut seen = Seen::new(900, 10);
        assert!(!seen.read_json(&text[..end]));
        let whole = text[..end].matches([',', '}']).count();
        assert_eq!(seen.len(), whole, "{}", &text[..end]);
    }
}

#[test]
fn times_are_kept_to_the_millisecond() {
    for at in (1_000_000..1_002_000).chain(1_763_107_616_000..1_763_107_618_000) {
        let (mut seen, mut again) = (Seen::new(900, 1), Seen::new(900, 1));
        seen.see(id(1), at);
        assert!(again.read_json(&seen.to_json().to_string()));
        assert_eq!(again.iter().next(), Some((id(1), at)));
    }
}

/// The law: a list, most recent last.
fn law(list: &mut Vec<(u64, u64)>, number: u64, now: u64, ttl: u64, capacity: usize) -> bool {
    let known = list.iter().any(|(seen, at)| *seen == number && now - at < ttl);
    list.retain(|(seen, _)| *seen != number);
    list.push((number, now));
    let surplus = list.len().saturating_sub(capacity);
    list.drain(..surplus);
    known
}

proptest! {
    #[test]
    fn it_remembers_the_most_recent_for_their_time(
        capacity in 1..6_usize,
        sights in prop::collection::vec((0..10_u64, 0..1500_u64), 0..80),
    ) {
        let mut seen = Seen::new(3, capacity);
        let (mut list, mut now) = (Vec::new(), 1_000_000);
        for (number, wait) in sights {
            now += wait;
            let expected = law(&mut list, number, now, 3000, capacity);
            prop_assert_eq!(seen.see(id(number), now), expected);
            prop_assert!(seen.len() <= capacity);
        }
        let mut again = Seen::new(3, capacity);
        prop_assert!(again.read_json(&seen.to_json().to_string()));
        prop_assert!(seen.iter().all(|(id, at)| again.knows(id, at)));
    }
}
