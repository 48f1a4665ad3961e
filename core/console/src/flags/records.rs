//! What is on record, or is to be: names, deliveries, what they may be used for.

use std::path::PathBuf;

use clap::Args;
use countermark_mastering::Rational;
use countermark_register::{Day, DeliveryId, FileHash, Licence};
use countermark_report::records::Selection;

use super::rate::frame_rate;

/// A master that is to be a title.
#[derive(Debug, Args)]
pub struct TitleFlags {
    /// The master; numbered pictures as a pattern such as shot_%04d.dpx, with --frame-rate
    pub master: PathBuf,
    /// Pictures a second of a master of numbered pictures, such as 24 or 24000/1001
    #[arg(long, value_name = "RATE", value_parser = frame_rate)]
    pub frame_rate: Option<Rational>,
    /// Name of the title, unique in the vault
    #[arg(long = "title", value_name = "NAME")]
    pub name: String,
}

/// A read key that is to be written.
#[derive(Debug, Args)]
pub struct KeyFlags {
    /// Of this title
    #[arg(long, value_name = "NAME")]
    pub title: String,
    /// For this distributor; may be repeated; all distributors if none is named
    #[arg(long = "distributor", value_name = "NAME")]
    pub distributors: Vec<String>,
    /// The key file
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Replace an existing file
    #[arg(long)]
    pub force: bool,
    /// Write a folder for an expert instead: the key and the title's reference, to compute a bundle's soft values again
    #[arg(long)]
    pub expert: bool,
}

/// A new name.
#[derive(Debug, Args)]
pub struct Rename {
    /// Its name
    pub name: String,
    /// The new one
    pub new: String,
}

/// A delivery.
#[derive(Debug, Args)]
pub struct OfDelivery {
    /// The delivery
    #[arg(value_parser = delivery_id)]
    pub id: DeliveryId,
}

/// What a delivery may be used for.
#[derive(Debug, Clone, Default, Args)]
pub struct LicenceFlags {
    /// Number of the contract
    #[arg(long, value_name = "TEXT")]
    pub contract: Option<String>,
    /// Where it may be shown, such as DE,AT
    #[arg(long = "territory", value_name = "PLACE", value_delimiter = ',')]
    pub territories: Vec<String>,
    /// First day, as YYYY-MM-DD
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub from: Option<Day>,
    /// Last day, as YYYY-MM-DD
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub until: Option<Day>,
    /// What for, such as svod,festival
    #[arg(long = "use", value_name = "USE", value_delimiter = ',')]
    pub uses: Vec<String>,
    /// Free text on the licence
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

impl From<&LicenceFlags> for Licence {
    fn from(flags: &LicenceFlags) -> Self {
        let flags = flags.clone();
        Self {
            contract: flags.contract,
            territories: flags.territories,
            from: flags.from,
            until: flags.until,
            uses: flags.uses,
            note: flags.note,
        }
    }
}

/// Which deliveries are listed.
#[derive(Debug, Default, Args)]
pub struct DeliveriesFlags {
    /// Of one title only
    #[arg(long, value_name = "NAME")]
    pub title: Option<String>,
    /// To one distributor only
    #[arg(long, value_name = "NAME")]
    pub distributor: Option<String>,
    /// With this payload, 16 hex digits
    #[arg(long, value_name = "HEX")]
    pub payload: Option<String>,
    /// Whose copy this file is, by its SHA-256
    #[arg(long)]
    pub file: Option<PathBuf>,
    /// Licensed for this place
    #[arg(long, value_name = "PLACE")]
    pub territory: Option<String>,
    /// Under this contract
    #[arg(long, value_name = "TEXT")]
    pub contract: Option<String>,
    /// In this state: pending, complete or failed
    #[arg(long, value_parser = ["pending", "complete", "failed"])]
    pub state: Option<String>,
    /// Print a table for a spreadsheet
    #[arg(long)]
    pub csv: bool,
}

impl DeliveriesFlags {
    /// The same for the register; `sha256` is that of the file.
    #[must_use]
    pub fn selection(&self, sha256: Option<FileHash>) -> Selection {
        Selection {
            title: self.title.clone(),
            distributor: self.distributor.clone(),
            payload: self.payload.clone(),
            sha256,
            territory: self.territory.clone(),
            contract: self.contract.clone(),
            state: self.state.clone(),
        }
    }
}

pub(super) fn delivery_id(text: &str) -> Result<DeliveryId, &'static str> {
    DeliveryId::parse(text).ok_or("32 hex digits are wanted")
}

fn day(text: &str) -> Result<Day, &'static str> {
    Day::parse(text).ok_or("a day such as 2026-12-31 is wanted")
}
