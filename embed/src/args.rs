//! The command line as typed. Nothing is read or opened here.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use countermark_console::flags::{
    BatchFlags, DeliveriesFlags, KeyFlags, LicenceFlags, MarkFlags, OfDelivery, RecordFlags,
    Rename, StampFlags, TitleFlags, VerifyFlags, WatchFlags,
};
use countermark_console::{Common, Threads};

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
    Mark(Box<MarkFlags>),
    /// Read a copy back: is it what was delivered, and does it carry its mark?
    Verify(VerifyFlags),
    /// Mark many masters for many distributors, as a plan says
    Batch(BatchFlags),
    /// Mark what arrives in a folder, as a plan says
    Watch(WatchFlags),
    /// List what was delivered to whom
    Deliveries(DeliveriesFlags),
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
    Record(RecordFlags),
}

/// `vault ..`
#[derive(Debug, Subcommand)]
pub enum VaultCommand {
    /// Make a vault with a fresh owner secret
    Init {
        /// Seal it with a passphrase at once
        #[arg(long)]
        passphrase: bool,
    },
    /// Go through ledger, rows, references, index, keys and permissions; exit code 1 if anything is wrong
    Check {
        /// A head of the ledger that was noted elsewhere, to be found in it
        #[arg(long, value_name = "HASH")]
        head: Option<String>,
    },
    /// Make the index of fingerprints whole again, from the references
    Index,
    /// Seal the owner secret with a passphrase, which every command then asks for
    Seal,
    /// Take the passphrase from the owner secret
    Unseal,
    /// Write ledger, secrets, references and index into a new folder, with a manifest of their SHA-256
    Backup {
        /// The folder
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Make the vault from a backup; one that is there stays
    Restore {
        /// The backup
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// A head of the ledger that was noted elsewhere: warns where the backup is older
        #[arg(long, value_name = "HASH")]
        head: Option<String>,
    },
}

/// `title ..`
#[derive(Debug, Subcommand)]
pub enum TitleCommand {
    /// Register a master and keep a compact proxy of it
    Add(TitleFlags),
    /// Give a title another name; its marks stay what they are
    Rename(Rename),
    /// List the titles
    List,
}

/// `distributor ..`
#[derive(Debug, Subcommand)]
pub enum DistributorCommand {
    /// Register a distributor
    Add {
        /// Name of the distributor, unique in the vault
        name: String,
    },
    /// Give a distributor another name; its marks stay what they are
    Rename(Rename),
    /// Deliver nothing more to a distributor; what it got is traced as ever
    Retire {
        /// Its name
        name: String,
    },
    /// List the distributors
    List,
}

/// `delivery ..`
#[derive(Debug, Subcommand)]
pub enum DeliveryCommand {
    /// Say that a delivery is no longer allowed; it is traced as ever
    Revoke {
        /// Which one.
        #[command(flatten)]
        of: OfDelivery,
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
        /// Which one.
        #[command(flatten)]
        of: OfDelivery,
        /// The licence.
        #[command(flatten)]
        licence: LicenceFlags,
    },
}

/// `key ..`
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Write a read key: a secret file, for whoever has it can read, forge and erase the marks it names
    Export(KeyFlags),
}

/// `ledger ..`
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Sign the ledger's head and print it: five lines to be published, stamped or noted elsewhere
    Head,
    /// Prove that an entry is in the ledger, and that the newest head goes on from the one before
    Prove {
        /// A delivery, 32 hex digits, or the number of an entry
        id: String,
    },
    /// Have the head stamped by a time stamping authority (RFC 3161), online or by carrying the request to another machine
    Stamp(StampFlags),
}

#[cfg(test)]
mod tests;
