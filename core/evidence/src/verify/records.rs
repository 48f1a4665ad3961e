//! The link of the working files: their entries are in the head's tree, and about a title of the accused.

use std::collections::BTreeMap;

use super::accused::details;
use super::{Link, broken, holds, unchecked};
use crate::{RecordedStage, case::Case, merkle::Hash};

/// None where the bundle was not asked to list any.
pub(super) fn link(case: &Case, root: Option<(u64, Hash)>) -> Option<Link> {
    const NAME: &str = "records";
    let records = case.records.as_ref()?;
    let Some((size, root)) = root else {
        return Some(unchecked(
            NAME,
            "no head, so no proof that the working files are older",
        ));
    };
    let entries = || case.accused.iter().flat_map(|one| &one.entries);
    let is_of_case = |title: &str| {
        let added = entries().filter(|entry| entry.act == "title-added");
        added.map(details).any(|added| added["title"] == title)
    };
    let mut stages: BTreeMap<String, usize> = BTreeMap::new();
    for entry in &records.entries {
        let seq = entry.seq;
        let Some(recorded) = RecordedStage::of(entry).filter(|it| is_of_case(&it.title)) else {
            return Some(broken(
                NAME,
                format!("entry {seq} is about no working files of the title"),
            ));
        };
        if entry.root(size) != Some(root) {
            return Some(broken(
                NAME,
                format!("entry {seq} is not in the head\u{2019}s tree"),
            ));
        }
        *stages.entry(recorded.stage).or_default() += recorded.files.len();
    }
    let all: usize = stages.values().sum();
    let each: Vec<String> = stages
        .iter()
        .map(|(stage, files)| format!(", {stage} {files}"))
        .collect();
    Some(holds(
        NAME,
        format!(
            "{all} working files in {} entries of the head\u{2019}s tree{}; {} entries came later",
            records.entries.len(),
            each.concat(),
            records.later
        ),
    ))
}
