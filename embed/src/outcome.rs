//! What a command came to, for `countermark-report` to put into JSON and words.

use std::fmt;
use std::path::PathBuf;

use countermark_console::Exit;
use countermark_mastering::Presets;
use countermark_register::DistributorRecord;
use countermark_report::check::Checked;
use countermark_report::json::Document;
use countermark_report::records::{Listing, Marked, TitleAdded};
use serde_json::{Value, json};

/// The result of a command.
#[derive(Debug)]
pub enum Outcome {
    /// `vault init`
    VaultMade(PathBuf),
    /// `vault check`
    Checked(Checked),
    /// `vault index`
    IndexMended(IndexMended),
    /// `title add`
    TitleAdded(TitleAdded),
    /// `distributor add`
    DistributorAdded(DistributorRecord),
    /// `mark`
    Marked(Box<Marked>),
    /// `mark --list-presets`
    Presets(Presets),
    /// `deliveries`
    Listed(Listing),
    /// `key export`
    KeyExported(KeyExported),
}

/// The index of fingerprints as it is now.
#[derive(Debug)]
pub struct IndexMended {
    /// Titles on record.
    pub titles: u64,
    /// Those of them that could not be read.
    pub lost: u64,
    /// Files that a search looks into.
    pub segments: u64,
    /// Bytes of them.
    pub bytes: u64,
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

impl Outcome {
    /// How the command ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Checked(checked) if !checked.holds() => Exit::Nothing,
            _ => Exit::Done,
        }
    }

    /// What JSON is made of.
    #[must_use]
    pub fn document(&self) -> Document<Value> {
        Document::new(match self {
            Self::VaultMade(vault) => json!({"vault": vault.display().to_string()}),
            Self::Checked(checked) => checked.to_json(),
            Self::IndexMended(index) => json!({
                "titles": index.titles,
                "lost": index.lost,
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
            Self::Listed(listing) => listing.to_json(),
            Self::KeyExported(exported) => json!({
                "key_file": exported.file.display().to_string(),
                "title": exported.title,
                "distributors": exported.distributors,
            }),
        })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::VaultMade(vault) => write!(
                f,
                "made the vault {}; back up its secret/owner.key: without it no copy can be read",
                vault.display()
            ),
            Self::Checked(checked) => checked.fmt(f),
            Self::IndexMended(index) => write!(
                f,
                "the index holds {} of {} titles in {} files, {:.1} MB",
                index.titles - index.lost,
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
            Self::Listed(listing) => listing.fmt(f),
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
