use super::*;
use crate::ledger::{self, Act};

fn key() -> LedgerKey {
    LedgerKey::of(&[5; 32])
}

/// Entries of distributors at these times.
fn entries(times: &[&str]) -> Vec<LedgerEntry> {
    let mut entries: Vec<LedgerEntry> = Vec::new();
    for (number, time) in times.iter().enumerate() {
        let last = entries.last().map(|entry| (entry.seq, entry.hash.clone()));
        let details = serde_json::json!({"distributor": format!("{number:032x}"), "name": number.to_string()});
        let time = Timestamp::on_record((*time).to_owned());
        entries.push(ledger::next(
            last,
            &time,
            Act::DistributorAdded,
            &details,
            &key(),
        ));
    }
    entries
}

fn testimony(entries: &[LedgerEntry]) -> Testimony {
    let key = key();
    let mut hearing = Hearing::new(&key, Remembered::Nothing);
    for entry in entries {
        if !hearing.hear(entry.clone()) {
            break;
        }
    }
    hearing.finish(Beside {
        numbered: entries.len() as i64,
        has_macs: true,
        head_path: "ledger.head".into(),
        rows: Rows::default(),
        titles: Vec::new(),
        outputs: Vec::new(),
    })
}

#[test]
fn a_clock_that_went_back_is_told_and_nothing_is_lost() {
    let entries = entries(&[
        "2026-11-20T08:00:00.000Z",
        "2026-11-20T07:59:30.000Z", // processes that waited for each other
        "2026-11-20T08:10:00.000Z",
        "2025-11-20T08:00:00.000Z",
        "2025-11-20T08:00:01.000Z",
    ]);
    let heard = testimony(&entries);
    assert!(heard.broken().is_none());
    assert_eq!(heard.distributors().len(), 5);
    let said: Vec<String> = heard.facts().iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "the clock went back at entry 4 of the ledger, from 2026-11-20T08:10:00.000Z to 2025-11-20T08:00:00.000Z"
        ]
    );
}

#[test]
fn an_entry_that_cannot_be_understood_breaks_the_ledger_and_one_of_a_newer_program_does_not() {
    let mut known = entries(&["2026-11-20T08:00:00.000Z"]);
    let last = Some((1, known[0].hash.clone()));
    let time = known[0].time.clone();
    let odd = |act| ledger::next(last.clone(), &time, act, &serde_json::json!({}), &key());
    known.push(odd(Act::DeliveryBegun));
    let heard = testimony(&known);
    assert_eq!(heard.broken(), Some(&Finding::Unreadable { seq: 2 }));
    known[1] = odd(Act::KeyExported);
    assert!(testimony(&known).broken().is_none());
}
