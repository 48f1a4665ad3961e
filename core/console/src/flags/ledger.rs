//! Stamps, of the ledger's head or of a bundle, and working files that are put on record.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};

/// How a head or a bundle is stamped.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("way").required(true).args(["tsa", "request", "response"]))]
pub struct StampFlags {
    /// Ask the authority at this address, http://..
    #[arg(long, value_name = "URL", requires = "authority")]
    pub tsa: Option<String>,
    /// Write the request to this file
    #[arg(long, value_name = "FILE")]
    pub request: Option<PathBuf>,
    /// Take the authority's answer from this file
    #[arg(long, value_name = "FILE", requires = "authority")]
    pub response: Option<PathBuf>,
    /// The authority's certificates, PEM: the answer is verified with them before it is kept
    #[arg(long, value_name = "FILE")]
    pub authority: Option<PathBuf>,
}

/// Working files.
#[derive(Debug, Args)]
pub struct RecordFlags {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Of which stage of the work
    #[arg(long)]
    pub stage: Stage,
    /// Name of the title
    #[arg(long, value_name = "NAME")]
    pub title: String,
}

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
