//! The command line as typed. Nothing is read or opened here.

mod ledger;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use countermark_console::{Common, Threads};
use countermark_mastering::{LossKind, Rational};
use countermark_register::{Day, DeliveryId, Licence};

pub use ledger::{LedgerCommand, Stage};

/// Marks one master for many licensees.
#[derive(Debug, Parser)]
#[command(
    name = "countermark-embed",
    version,
    after_help = "Exit codes: 0 done, 1 `vault check` or `verify` found something wrong, 2 error."
)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Where and how to report.
    #[command(flatten)]
    pub common: Common,
    /// How many threads work.
    #[command(flatten)]
    pub threads: Threads,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The vault itself
    #[command(subcommand)]
    Vault(VaultCommand),
    /// Titles
    #[command(subcommand)]
    Title(TitleCommand),
    /// Distributors
    #[command(subcommand)]
    Distributor(DistributorCommand),
    /// Mark a master for one distributor
    Mark(Box<MarkArgs>),
    /// Read a copy back: is it what was delivered, and does it carry its mark?
    Verify(VerifyArgs),
    /// Mark many masters for many distributors, as a plan says
    Batch(BatchArgs),
    /// Mark what arrives in a folder, as a plan says
    Watch(WatchArgs),
    /// List what was delivered to whom
    Deliveries(DeliveriesArgs),
    /// One delivery
    #[command(subcommand)]
    Delivery(DeliveryCommand),
    /// What a delivery may be used for
    #[command(subcommand)]
    Licence(LicenceCommand),
    /// Read keys
    #[command(subcommand)]
    Key(KeyCommand),
    /// The ledger as a tree: heads, stamps, proofs
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Put the digests of working files of a title on record, so that the making of the work has stamped times
    Record {
        /// The files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Of which stage of the work
        #[arg(long, value_name = "STAGE")]
        stage: Stage,
        /// Name of the title
        #[arg(long, value_name = "NAME")]
        title: String,
    },
    /// Print the completions of a shell
    Completions {
        /// The shell
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// Write the manual pages into a folder
    Man {
        /// The folder
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

/// `vault ..`
#[derive(Debug, Subcommand)]
pub enum VaultCommand {
    /// Make a vault with a fresh owner secret
    Init,
    /// Go through ledger, rows, references, index, keys and permissions; exit code 1 if anything is wrong
    Check {
        /// A head of the ledger that was noted elsewhere, to be found in it
        #[arg(long, value_name = "HASH")]
        head: Option<String>,
    },
    /// Make the index of fingerprints whole again, from the references
    Index,
}

/// `title ..`
#[derive(Debug, Subcommand)]
pub enum TitleCommand {
    /// Register a master and keep a compact proxy of it
    Add {
        /// The master; numbered pictures as a pattern such as shot_%04d.dpx, with --frame-rate
        #[arg(value_name = "MASTER")]
        master: PathBuf,
        /// Pictures a second of a master of numbered pictures, such as 24 or 24000/1001
        #[arg(long, value_name = "RATE", value_parser = frame_rate)]
        frame_rate: Option<Rational>,
        /// Name of the title, unique in the vault
        #[arg(long = "title", value_name = "NAME")]
        name: String,
    },
    /// Give a title another name; its marks stay what they are
    Rename {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
        /// The new one
        #[arg(value_name = "NEW")]
        new: String,
    },
    /// List the titles
    List,
}

/// `delivery ..`
#[derive(Debug, Subcommand)]
pub enum DeliveryCommand {
    /// Say that a delivery is no longer allowed; it is traced as ever
    Revoke {
        /// The delivery
        #[arg(value_name = "ID", value_parser = delivery_id)]
        id: DeliveryId,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

/// `licence ..`
#[derive(Debug, Subcommand)]
pub enum LicenceCommand {
    /// Put the licence of a delivery on record: what is not said stays as it is
    Set {
        /// The delivery
        #[arg(value_name = "ID", value_parser = delivery_id)]
        id: DeliveryId,
        /// The licence.
        #[command(flatten)]
        licence: LicenceArgs,
    },
}

/// What a delivery may be used for.
#[derive(Debug, Clone, Default, Args)]
pub struct LicenceArgs {
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

impl LicenceArgs {
    /// The licence that they say.
    #[must_use]
    pub fn licence(&self) -> Licence {
        Licence {
            contract: self.contract.clone(),
            territories: self.territories.clone(),
            from: self.from.clone(),
            until: self.until.clone(),
            uses: self.uses.clone(),
            note: self.note.clone(),
        }
    }
}

/// `deliveries ..`
#[derive(Debug, Default, Args)]
pub struct DeliveriesArgs {
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
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Licensed for this place
    #[arg(long, value_name = "PLACE")]
    pub territory: Option<String>,
    /// Under this contract
    #[arg(long, value_name = "TEXT")]
    pub contract: Option<String>,
    /// In this state: pending, complete or failed
    #[arg(long, value_name = "STATE", value_parser = ["pending", "complete", "failed"])]
    pub state: Option<String>,
    /// Print a table for a spreadsheet
    #[arg(long)]
    pub csv: bool,
}

/// What plans are worked with.
#[derive(Debug, Args)]
pub struct PlanFlags {
    /// Masters that are worked on at once; they share the threads
    #[arg(long, value_name = "N", default_value = "1")]
    pub jobs: NonZeroUsize,
    /// Register masters whose titles are not on record yet
    #[arg(long)]
    pub add_titles: bool,
    /// Do not read the written files back
    #[arg(long)]
    pub no_verify: bool,
    /// Further deliveries by name, as a TOML table
    #[arg(long, value_name = "FILE")]
    pub presets: Option<PathBuf>,
    /// Write the table of results to this file, for a spreadsheet
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Write the results to this file, as JUnit XML
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
}

/// `batch ..`
#[derive(Debug, Args)]
pub struct BatchArgs {
    /// The plan: CSV, or TOML where its name ends in .toml
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// How it is worked.
    #[command(flatten)]
    pub flags: PlanFlags,
    /// Check the plan, and make nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Make nothing if any row cannot be made
    #[arg(long)]
    pub strict: bool,
    /// Make copies again that are on record and no longer where they were written
    #[arg(long)]
    pub again: bool,
}

/// `watch ..`
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// The folder into which masters arrive
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
    /// The plan, whose masters are patterns in the folder
    #[arg(long, value_name = "PLAN")]
    pub plan: PathBuf,
    /// How it is worked.
    #[command(flatten)]
    pub flags: PlanFlags,
    /// Seconds that a file must not have changed
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub settled: u64,
    /// End when nothing came for so many seconds
    #[arg(long, value_name = "SECONDS")]
    pub until_idle: Option<u64>,
}

/// `distributor ..`
#[derive(Debug, Subcommand)]
pub enum DistributorCommand {
    /// Register a distributor
    Add {
        /// Name of the distributor, unique in the vault
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Give a distributor another name; its marks stay what they are
    Rename {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
        /// The new one
        #[arg(value_name = "NEW")]
        new: String,
    },
    /// Deliver nothing more to a distributor; what it got is traced as ever
    Retire {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// List the distributors
    List,
}

/// `key ..`
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Write a read key: a secret file, for whoever has it can read, forge and erase the marks it names
    Export {
        /// Of this title
        #[arg(long, value_name = "NAME")]
        title: String,
        /// For this distributor; may be repeated; all distributors if none is named
        #[arg(long = "distributor", value_name = "NAME")]
        distributors: Vec<String>,
        /// The key file
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// Replace an existing file
        #[arg(long)]
        force: bool,
        /// Write a folder for an expert instead: the key and the title's reference, to compute a bundle's soft values again
        #[arg(long)]
        expert: bool,
    },
}

/// `mark ..`
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct MarkArgs {
    /// The master, as it was registered
    #[arg(value_name = "MASTER", required_unless_present = "list_presets")]
    pub master: Option<PathBuf>,
    /// Pictures a second of a master of numbered pictures, such as 24 or 24000/1001
    #[arg(long, value_name = "RATE", value_parser = frame_rate)]
    pub frame_rate: Option<Rational>,
    /// The marked copy; its extension names the container: .mov, .mxf, .mp4, .mkv, .ts, .webm
    #[arg(
        short,
        long,
        value_name = "OUT",
        required_unless_present = "list_presets"
    )]
    pub output: Option<PathBuf>,
    /// Name of the title
    #[arg(long, value_name = "NAME", required_unless_present = "list_presets")]
    pub title: Option<String>,
    /// Name of the distributor
    #[arg(long, value_name = "NAME", required_unless_present = "list_presets")]
    pub distributor: Option<String>,
    /// Free text for the register: who watches it, under which contract
    #[arg(long, value_name = "TEXT")]
    pub licensee: Option<String>,
    /// What it may be used for.
    #[command(flatten)]
    pub licence: LicenceArgs,
    /// Strength of the mark; quality and robustness are measured at 1
    #[arg(
        long,
        value_name = "X",
        default_value_t = 1.0,
        allow_negative_numbers = true
    )]
    pub strength: f32,
    /// Video encoder [default: as the master where it is ProRes, DNxHR, MPEG-2 4:2:2, JPEG 2000 or FFV1 and OUT can hold it; else
    /// libx265 for masters in HEVC or with more than 8 bits, else libx264]
    #[arg(long, value_name = "NAME")]
    pub encoder: Option<EncoderName>,
    /// Constant quality, 0 to 51, lower is better [default: 16, hardly to be told from the master]
    #[arg(long, value_name = "N", conflicts_with = "bitrate")]
    pub crf: Option<f32>,
    /// Average bitrate instead, such as 8M or 2500k
    #[arg(long, value_name = "RATE")]
    pub bitrate: Option<String>,
    /// A delivery by name, such as prores-hq or web-1080p; or the speed of x264 and x265, such as slow [default: medium]
    #[arg(long, value_name = "NAME")]
    pub preset: Option<String>,
    /// Further deliveries, as a TOML table; they overrule those of the same name
    #[arg(long, value_name = "FILE")]
    pub presets: Option<PathBuf>,
    /// List the deliveries that --preset knows, and do nothing else
    #[arg(long)]
    pub list_presets: bool,
    /// Codec, profile and rate of the master, whatever it is
    #[arg(long, conflicts_with_all = ["encoder", "preset"])]
    pub like_master: bool,
    /// Write .mxf as OP-Atom, which holds the pictures alone
    #[arg(long)]
    pub op_atom: bool,
    /// What of the master may be missing from the copy, such as captions,timecode: anything else that would be lost is an error
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = loss_kind)]
    pub allow_loss: Vec<LossKind>,
    /// Longest distance between key frames [default: the encoder's]
    #[arg(long, value_name = "FRAMES")]
    pub gop: Option<u32>,
    /// Do not read the written file back
    #[arg(long)]
    pub no_verify: bool,
}

/// `verify ..`
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The copy
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The delivery that it is to be [default: the one with its SHA-256]
    #[arg(long, value_name = "ID", value_parser = delivery_id)]
    pub delivery: Option<DeliveryId>,
    /// The title's master: then quality, streams and strength are compared with it
    #[arg(long, value_name = "MASTER")]
    pub master: Option<PathBuf>,
    /// Write a page with the worst frames into this folder; needs --master
    #[arg(long, value_name = "DIR", requires = "master")]
    pub contact_sheet: Option<PathBuf>,
}

fn delivery_id(text: &str) -> Result<DeliveryId, &'static str> {
    DeliveryId::parse(text).ok_or("32 hex digits are wanted")
}

fn day(text: &str) -> Result<Day, &'static str> {
    Day::parse(text).ok_or("a day such as 2026-12-31 is wanted")
}

fn frame_rate(text: &str) -> Result<Rational, String> {
    let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
    let parsed = numerator.parse().ok().zip(denominator.parse().ok());
    parsed
        .map(|(numerator, denominator)| Rational::new(numerator, denominator))
        .filter(|rate| rate.is_known())
        .ok_or_else(|| "a rate such as 24 or 24000/1001 is wanted".to_owned())
}

fn loss_kind(word: &str) -> Result<LossKind, String> {
    LossKind::named(word).ok_or_else(|| {
        let known = LossKind::ALL.map(LossKind::as_str).join(", ");
        format!("known are {known}")
    })
}

/// The encoders, under FFmpeg's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EncoderName {
    /// H.264
    Libx264,
    /// HEVC
    Libx265,
}

#[cfg(test)]
mod tests;
