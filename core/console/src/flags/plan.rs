//! How plans are worked.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use countermark_mastering::batch::BatchOptions;

/// What plans are worked with.
#[derive(Debug, Args)]
pub struct PlanFlags {
    /// Masters that are worked on at once; they share the threads
    #[arg(long, value_name = "N", default_value = "1")]
    pub jobs: NonZeroUsize,
    /// Memory that they may take together, such as 8G or 800M; a master waits until there is room for it. By default three quarters of
    /// what the machine has free
    #[arg(long, value_name = "BYTES", value_parser = super::memory)]
    pub memory: Option<u64>,
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

impl PlanFlags {
    /// The same for the batch, whose masters share `threads`; copies that are gone are made `again`.
    #[must_use]
    pub fn options(&self, threads: Option<NonZeroUsize>, again: bool) -> BatchOptions {
        BatchOptions {
            jobs: self.jobs.get(),
            threads,
            memory: self.memory,
            verify: !self.no_verify,
            add_titles: self.add_titles,
            again,
        }
    }
}

/// A plan that is worked once.
#[derive(Debug, Args)]
pub struct BatchFlags {
    /// The plan: CSV, or TOML where its name ends in .toml
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

/// A plan that is worked as its masters arrive.
#[derive(Debug, Args)]
pub struct WatchFlags {
    /// The folder into which masters arrive
    pub folder: PathBuf,
    /// The plan, whose masters are patterns in the folder
    #[arg(long)]
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
