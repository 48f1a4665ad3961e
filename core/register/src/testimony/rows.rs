//! Rows as their tables have them, as text, and where they differ from the ledger.
//!
//! Text, so that a value that no program would write is compared as well.

use std::collections::BTreeMap;

use super::{
    finding::{Discrepancy, Finding, Row},
    word::{TitleWord, Word},
};
use crate::{DeliveryId, DeliveryRecord, DistributorId, DistributorRecord, TitleId};

/// Columns of titles, distributors and deliveries that the ledger knows too; the first names the row to people.
pub(crate) const TITLE_FIELDS: &[&str] = &[
    "name",
    "added",
    "master_file",
    "frames",
    "width",
    "height",
    "rotation_degrees",
    "bit_depth",
    "frame_rate_num",
    "frame_rate_den",
    "duration_seconds",
    "reference_file",
];
pub(crate) const DISTRIBUTOR_FIELDS: &[&str] = &["name", "added"];
pub(crate) const DELIVERY_FIELDS: &[&str] = &[
    "payload",
    "title",
    "distributor",
    "licensee",
    "strength",
    "format_version",
    "encoder_settings",
    "output_file",
    "state",
    "frames",
    "psnr_y_db",
    "output_sha256",
    "failure",
    "created",
    "settled",
];

type Values = Vec<Option<String>>;

/// What the ledger says of a field.
enum Told {
    /// Nothing: entries of old schemas are shorter.
    Nothing,
    /// Its value, or that it is empty.
    Value(Option<String>),
}

/// The tables, by the text of their identifiers.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) titles: BTreeMap<String, Values>,
    pub(crate) distributors: BTreeMap<String, Values>,
    pub(crate) deliveries: BTreeMap<String, Values>,
}

/// Where tables and ledger differ.
pub(crate) fn differences(word: &Word, mut rows: Rows) -> Vec<Finding> {
    let mut found = Vec::new();
    for (id, title) in &word.titles {
        let row = rows.titles.remove(&id.to_string());
        compare(
            Row::Title(*id),
            TITLE_FIELDS,
            title_values(title),
            row,
            &mut found,
        );
    }
    for (id, distributor) in &word.distributors {
        let row = rows.distributors.remove(&id.to_string());
        let own = distributor_values(distributor);
        compare(
            Row::Distributor(*id),
            DISTRIBUTOR_FIELDS,
            own,
            row,
            &mut found,
        );
    }
    for delivery in &word.deliveries {
        let row = rows.deliveries.remove(&delivery.id.to_string());
        let own = delivery_values(delivery);
        compare(
            Row::Delivery(delivery.id),
            DELIVERY_FIELDS,
            own,
            row,
            &mut found,
        );
    }
    left_over(
        "titles",
        rows.titles,
        |id| TitleId::parse(id).map(Row::Title),
        &mut found,
    );
    left_over(
        "distributors",
        rows.distributors,
        |id| DistributorId::parse(id).map(Row::Distributor),
        &mut found,
    );
    left_over(
        "deliveries",
        rows.deliveries,
        |id| DeliveryId::parse(id).map(Row::Delivery),
        &mut found,
    );
    found
}

/// What the ledger says of one row, beside what its table says.
fn compare(
    row: Row,
    fields: &[&'static str],
    recorded: Vec<Told>,
    table: Option<Values>,
    found: &mut Vec<Finding>,
) {
    let Some(table) = table else {
        let name = match recorded.into_iter().next() {
            Some(Told::Value(Some(name))) => name,
            _ => String::new(),
        };
        found.push(Discrepancy::Removed { row, name }.into());
        return;
    };
    for ((field, recorded), value) in fields.iter().zip(recorded).zip(table) {
        if let Told::Value(recorded) = recorded
            && recorded != value
        {
            found.push(
                Discrepancy::Edited {
                    row,
                    field,
                    recorded,
                    found: value,
                }
                .into(),
            );
        }
    }
}

fn left_over(
    table: &str,
    rows: BTreeMap<String, Values>,
    row: impl Fn(&str) -> Option<Row>,
    found: &mut Vec<Finding>,
) {
    for (id, values) in rows {
        found.push(match row(&id) {
            Some(row) => {
                let name = values.into_iter().next().flatten().unwrap_or_default();
                Discrepancy::Unrecorded { row, name }.into()
            }
            None => Finding::Schema {
                object: format!("row {id:?} of {table}"),
            },
        });
    }
}

fn told(value: &impl ToString) -> Told {
    Told::Value(Some(value.to_string()))
}

fn told_if<T: ToString>(value: Option<T>) -> Told {
    value.map_or(Told::Nothing, |value| told(&value))
}

fn empty_or<T: ToString>(value: Option<&T>) -> Told {
    Told::Value(value.map(ToString::to_string))
}

fn title_values(title: &TitleWord) -> Vec<Told> {
    let facts = title.facts.as_ref();
    let files = title.files.as_ref();
    vec![
        told(&title.name),
        told(&title.added),
        told(&title.master.0),
        told(&title.master.1),
        told_if(facts.map(|facts| facts.width)),
        told_if(facts.map(|facts| facts.height)),
        told_if(facts.map(|facts| facts.rotation_degrees)),
        told_if(facts.map(|facts| facts.bit_depth)),
        told_if(facts.map(|facts| facts.frame_rate.num)),
        told_if(facts.map(|facts| facts.frame_rate.den)),
        told_if(facts.map(|facts| facts.duration_seconds)),
        told_if(files.map(|files| &files.reference_file)),
    ]
}

fn distributor_values(distributor: &DistributorRecord) -> Vec<Told> {
    vec![told(&distributor.name), told(&distributor.added)]
}

fn delivery_values(delivery: &DeliveryRecord) -> Vec<Told> {
    vec![
        told(&delivery.payload),
        told(&delivery.title_id),
        told(&delivery.distributor_id),
        empty_or(delivery.licensee.as_ref()),
        told(&delivery.strength),
        told(&delivery.format_version),
        told(&delivery.encoder_settings),
        told(&delivery.output_file),
        told(&delivery.state),
        empty_or(delivery.frames.as_ref()),
        empty_or(delivery.psnr_y_db.as_ref()),
        empty_or(delivery.output_sha256.as_ref()),
        empty_or(delivery.failure.as_ref()),
        told(&delivery.created),
        empty_or(delivery.settled.as_ref()),
    ]
}
