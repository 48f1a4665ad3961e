//! What a command of post-production came to: as JSON and in words.
//!
//! ```text
//! Production -> to_json: the body of a json::Document       -> Display: what a terminal shows, no line end
//! ```

use std::fmt;
use std::path::PathBuf;

use countermark_catalogue::Mended;
use countermark_mastering::Presets;
use countermark_register::DistributorRecord;
use serde_json::{Value, json};

use crate::backup::{BackedUp, Restored};
use crate::batch::Batch;
use crate::check::Checked;
use crate::ledger::{FilesRecorded, Headed, Proved};
use crate::records::{Changed, DistributorList, Listing, Marked, TitleAdded, TitleList};
use crate::verification::Verified;

/// The result of a command.
#[derive(Debug)]
#[non_exhaustive]
pub enum Production {
    /// `vault init`
    VaultMade(PathBuf),
    /// `vault check`
    Checked(Checked),
    /// `vault seal`, `vault unseal`
    Sealed {
        /// The vault.
        vault: PathBuf,
        /// Whether it is sealed now.
        is_sealed: bool,
    },
    /// `vault backup`
    BackedUp(BackedUp),
    /// `vault restore`
    Restored(Restored),
    /// `vault index`
    IndexMended(Mended),
    /// `title add`
    TitleAdded(TitleAdded),
    /// `distributor add`
    DistributorAdded(DistributorRecord),
    /// `mark`
    Marked(Box<Marked>),
    /// `mark --list-presets`
    Presets(Presets),
    /// `verify`
    Verified(Box<Verified>),
    /// `batch`, `watch`
    Batch(Box<Batch>),
    /// `deliveries`
    Listed(Listing),
    /// `deliveries --csv`: a text, and what it is
    Text(&'static str, String),
    /// `licence set`, `delivery revoke`
    Changed(Box<Changed>),
    /// `title list`
    Titles(TitleList),
    /// `distributor list`
    Distributors(DistributorList),
    /// `title rename`, `distributor rename`
    Renamed {
        /// What it is.
        what: &'static str,
        /// Its name before.
        before: String,
        /// Its name now.
        name: String,
    },
    /// `distributor retire`
    Retired(String),
    /// `key export`
    KeyExported(KeyExported),
    /// `ledger head`, `ledger stamp`
    Headed(Headed),
    /// `ledger prove`
    Proved(Proved),
    /// `ledger stamp --request`
    RequestWritten(PathBuf),
    /// `record`
    Recorded(FilesRecorded),
}

/// A written read key.
#[derive(Debug)]
pub struct KeyExported {
    /// The key file.
    pub file: PathBuf,
    /// Name of the title.
    pub title: String,
    /// Names of the distributors.
    pub distributors: Vec<String>,
}

impl Production {
    /// Whether all is as it should be: nothing wrong was found, every row is made.
    #[must_use]
    pub fn holds(&self) -> bool {
        match self {
            Self::Checked(checked) => checked.holds(),
            Self::Verified(verified) => verified.found.holds(),
            Self::Batch(done) => done.holds(),
            _ => true,
        }
    }

    /// The body of its JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::VaultMade(vault) => json!({"vault": vault.display().to_string()}),
            Self::Checked(checked) => checked.to_json(),
            Self::Sealed { vault, is_sealed } => {
                json!({"vault": vault.display().to_string(), "sealed": is_sealed})
            }
            Self::BackedUp(backup) => backup.to_json(),
            Self::Restored(restored) => restored.to_json(),
            Self::IndexMended(index) => json!({
                "titles": index.titles,
                "lost": index.lost.len(),
                "segments": index.segments,
                "bytes": index.bytes,
            }),
            Self::TitleAdded(added) => added.to_json(),
            Self::DistributorAdded(distributor) => json!({
                "distributor": distributor.name,
                "id": distributor.id.to_string(),
                "added": distributor.added.as_str(),
            }),
            Self::Marked(marked) => marked.to_json(),
            Self::Presets(presets) => {
                let each = presets.all().iter().map(|preset| {
                    json!({
                        "name": preset.name,
                        "about": preset.about,
                        "encoder": preset.codec().encoder(),
                    })
                });
                json!({"presets": each.collect::<Vec<_>>()})
            }
            Self::Verified(verified) => verified.to_json(),
            Self::Batch(done) => done.to_json(),
            Self::Listed(listing) => listing.to_json(),
            Self::Headed(headed) => headed.to_json(),
            Self::Proved(proved) => proved.to_json(),
            Self::RequestWritten(file) => json!({"request": file.display().to_string()}),
            Self::Recorded(recorded) => recorded.to_json(),
            Self::Text(what, text) => json!({*what: text}),
            Self::Changed(changed) => changed.to_json(),
            Self::Titles(list) => list.to_json(),
            Self::Distributors(list) => list.to_json(),
            Self::Renamed { what, before, name } => json!({*what: name, "before": before}),
            Self::Retired(name) => json!({"distributor": name, "retired": true}),
            Self::KeyExported(exported) => json!({
                "key_file": exported.file.display().to_string(),
                "title": exported.title,
                "distributors": exported.distributors,
            }),
        }
    }
}

impl fmt::Display for Production {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::VaultMade(vault) => write!(
                f,
                "made the vault {}; back up its secret/owner.key: without it no copy can be read",
                vault.display()
            ),
            Self::Checked(checked) => checked.fmt(f),
            Self::Sealed {
                vault,
                is_sealed: true,
            } => write!(
                f,
                "sealed the vault {}; without its passphrase no copy can be read, and backups made before hold the secret as it was",
                vault.display()
            ),
            Self::Sealed { vault, .. } => {
                write!(
                    f,
                    "the vault {} is open to its owner again",
                    vault.display()
                )
            }
            Self::BackedUp(backup) => backup.fmt(f),
            Self::Restored(restored) => restored.fmt(f),
            Self::IndexMended(index) => write!(
                f,
                "the index holds {} of {} titles in {} files, {:.1} MB",
                index.titles - index.lost.len() as u64,
                index.titles,
                index.segments,
                index.bytes as f64 / 1e6,
            ),
            Self::TitleAdded(added) => added.fmt(f),
            Self::DistributorAdded(distributor) => {
                write!(f, "added the distributor {}", distributor.name)
            }
            Self::Marked(marked) => marked.fmt(f),
            Self::Presets(presets) => {
                for (number, preset) in presets.all().iter().enumerate() {
                    let end = if number == 0 { "" } else { "\n" };
                    write!(f, "{end}{:14}  {}", preset.name, preset.about)?;
                }
                Ok(())
            }
            Self::Verified(verified) => verified.fmt(f),
            Self::Batch(done) => done.fmt(f),
            Self::Listed(listing) => listing.fmt(f),
            Self::Headed(headed) => headed.fmt(f),
            Self::Proved(proved) => proved.fmt(f),
            Self::RequestWritten(file) => write!(
                f,
                "wrote the request {}: send it to a time stamping authority (Content-Type: application/timestamp-query), and take its \
                 answer with --response",
                file.display()
            ),
            Self::Recorded(recorded) => recorded.fmt(f),
            Self::Text(_, text) => f.write_str(text.trim_end()),
            Self::Changed(changed) => changed.fmt(f),
            Self::Titles(list) => list.fmt(f),
            Self::Distributors(list) => list.fmt(f),
            Self::Renamed { what, before, name } => {
                write!(f, "the {what} {before} is now called {name}")
            }
            Self::Retired(name) => write!(f, "nothing more is delivered to {name}"),
            Self::KeyExported(exported) => write!(
                f,
                "wrote the read key {} for {} and {}; it is a secret: whoever has it can forge these marks, and erase or copy anybody's in that title",
                exported.file.display(),
                exported.title,
                exported.distributors.join(", "),
            ),
        }
    }
}
