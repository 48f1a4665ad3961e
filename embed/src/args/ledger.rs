//! Arguments of `ledger` and `record`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

/// A stage of the making of a work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// The script
    Script,
    /// The storyboard
    Storyboard,
    /// What was shot
    Rushes,
    /// What was edited
    Edit,
    /// The finished master
    Master,
}

impl Stage {
    /// The word on record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Script => "script",
            Self::Storyboard => "storyboard",
            Self::Rushes => "rushes",
            Self::Edit => "edit",
            Self::Master => "master",
        }
    }
}

/// `ledger ..`
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Sign the ledger's head and print it: five lines to be published, stamped or noted elsewhere
    Head,
    /// Prove that an entry is in the ledger, and that the newest head goes on from the one before
    Prove {
        /// A delivery, 32 hex digits, or the number of an entry
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Have the head stamped by a time stamping authority (RFC 3161), online or by carrying the request to another machine
    #[command(group = clap::ArgGroup::new("way").required(true).args(["tsa", "request", "response"]))]
    Stamp {
        /// Ask the authority at this address, http://..
        #[arg(long, value_name = "URL", requires = "authority")]
        tsa: Option<String>,
        /// Write the request to this file
        #[arg(long, value_name = "FILE")]
        request: Option<PathBuf>,
        /// Take the authority's answer from this file
        #[arg(long, value_name = "FILE", requires = "authority")]
        response: Option<PathBuf>,
        /// The authority's certificates, PEM: the answer is verified with them before it is put on record
        #[arg(long, value_name = "FILE")]
        authority: Option<PathBuf>,
    },
}
