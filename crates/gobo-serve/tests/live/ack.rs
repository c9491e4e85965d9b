use gobo_serve::live::{Ack, AckForm, Mistake, Reason, Refusal, Verdict};

use crate::common::schema;

fn acks() -> Vec<Ack> {
    let mistake = Mistake { path: "/value".to_owned(), message: "too much".to_owned() };
    let refused = |reason, mistakes: &[Mistake]| {
        Verdict::Refused(Refusal { reason, mistakes: mistakes.to_vec() })
    };
    let verdicts = [
        Verdict::Accepted,
        Verdict::Duplicate,
        refused(Reason::ValidationFailed, std::slice::from_ref(&mistake)),
        refused(Reason::NotFound, &[mistake]),
        refused(Reason::RateLimited, &[]),
        refused(Reason::Dropped, &[]),
    ];
    verdicts.map(|verdict| Ack { ack: "7".to_owned(), verdict, ts: 5 }).to_vec()
}

#[test]
fn acks_for_clients_that_validate_are_as_the_schema_has_them() {
    let Some(schema) = schema("ack.schema.json") else { return };
    for ack in acks() {
        let json = ack.to_json(AckForm::Schema);
        assert!(schema.is_valid(&json), "{json}");
    }
}

#[test]
fn whole_acks_have_errors_and_ts_besides_and_nothing_else() {
    for ack in acks() {
        let mut whole = ack.to_json(AckForm::Whole);
        assert_eq!(whole["ts"], 5);
        let members = whole.as_object_mut().expect("an object");
        members.shift_remove("ts");
        let errors = members.shift_remove("errors");
        let told = match &ack.verdict {
            Verdict::Refused(refusal) => refusal.mistakes.len(),
            _ => 0,
        };
        assert_eq!(errors.map_or(0, |errors| errors.as_array().map_or(0, Vec::len)), told);
        assert_eq!(whole, ack.to_json(AckForm::Schema));
    }
}

#[test]
fn reasons_are_the_words_of_the_contract() {
    let words = [
        (Reason::ValidationFailed, "VALIDATION_FAILED"),
        (Reason::PatchTooLarge, "PATCH_TOO_LARGE"),
        (Reason::RateLimited, "RATE_LIMITED"),
        (Reason::NotFound, "not_found"),
    ];
    for (reason, word) in words {
        assert_eq!(reason.as_str(), word);
    }
}
