//! The command line as typed. Nothing is read or opened here.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use countermark_console::Common;

/// Reads, identifies and traces leaked clips.
#[derive(Debug, Parser)]
#[command(name = "countermark-detect", version, after_help = EXIT_CODES)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Where and how to report.
    #[command(flatten)]
    pub common: Common,
}

const EXIT_CODES: &str = "Exit codes: 0 a delivery, or a title, was found (in any of the clips), 1 none was found, 2 error: a clip \
     that could not be examined, or a page that could not be written, while the rest was done.";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read the payload by the mark alone, without any reference
    Read {
        /// Videos or pictures
        #[arg(required = true, value_name = "CLIP")]
        clips: Vec<PathBuf>,
        /// A read key, made with `countermark-embed key export`; without it, the keys of the vault
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// The title of the vault, when it is known; else every one is tried
        #[arg(long, value_name = "NAME", conflicts_with = "key")]
        title: Option<String>,
    },
    /// Name the titles that a clip shows and the seconds of them, by its pictures and its sound
    Identify {
        /// Videos or pictures
        #[arg(required = true, value_name = "CLIP")]
        clips: Vec<PathBuf>,
        /// Write a page for each clip, CLIP.html, and CLIP.json
        #[arg(long, value_name = "DIR")]
        report: Option<PathBuf>,
    },
    /// Name the delivery that a clip leaked from, with the vault
    Trace {
        /// Videos or pictures
        #[arg(required = true, value_name = "CLIP")]
        clips: Vec<PathBuf>,
        /// The title, when it is known; else every title of the vault is tried
        #[arg(long, value_name = "NAME")]
        title: Option<String>,
        /// Write a page of evidence for each clip, CLIP.html, and CLIP.json
        #[arg(long, value_name = "DIR")]
        report: Option<PathBuf>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }
}
