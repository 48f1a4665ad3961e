//! Flags that mean the same in every command. Nothing is read or opened here.

use std::{num::NonZeroUsize, path::PathBuf};

use clap::Args;

/// Flags of every command that works with a vault.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// The studio's vault
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "COUNTERMARK_VAULT",
        default_value = "./vault"
    )]
    pub vault: PathBuf,
    /// Defaults of vault, preset, jobs and threads, as TOML [default: ~/.config/countermark/config.toml, where it is]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Read the passphrase of a sealed vault from this file, which nobody else can read
    #[arg(long, global = true, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Read the passphrase of a sealed vault from this file descriptor
    #[arg(
        long,
        global = true,
        value_name = "N",
        conflicts_with = "passphrase_file"
    )]
    pub passphrase_fd: Option<u32>,
    /// Print results as JSON on stdout, one object a line
    #[arg(long, global = true)]
    pub json: bool,
    /// How much is said.
    #[command(flatten)]
    pub verbosity: Verbosity,
}

/// How much is said on stderr.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Args)]
pub struct Verbosity {
    /// Say nothing but results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say what is being done
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// The budget of threads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Args)]
pub struct Threads {
    /// Decoder and encoder threads; what x264 and x265 write depends on their number [default: the machine's cores]
    #[arg(long, global = true, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser, Subcommand};

    use super::*;

    #[derive(Debug, Parser)]
    struct CommandLine {
        #[command(subcommand)]
        command: Command,
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        threads: Threads,
    }

    #[derive(Debug, Subcommand)]
    enum Command {
        Trace { clip: PathBuf },
    }

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn flags_stand_before_or_after_the_command() {
        for words in [
            ["--json", "trace", "a.mp4", "--threads=2"],
            ["--threads=2", "trace", "--json", "a.mp4"],
            ["trace", "a.mp4", "--json", "--threads=2"],
        ] {
            let line = CommandLine::parse_from([&["tool"], &words[..]].concat());
            let Command::Trace { clip } = line.command;
            assert_eq!(clip, PathBuf::from("a.mp4"));
            assert!(line.common.json, "{words:?}");
            assert_eq!(line.threads.threads.map(NonZeroUsize::get), Some(2));
        }
    }

    #[test]
    fn quiet_and_verbose_exclude_each_other() {
        let words = ["tool", "trace", "a.mp4", "-q", "-v"];
        let error = CommandLine::try_parse_from(words).expect_err("both");
        assert!(error.to_string().contains("cannot be used with"), "{error}");
    }
}
