//! The command line as typed. Nothing is read or opened here.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use countermark_console::{Common, Threads};
use countermark_mastering::{LossKind, Rational};

/// Marks one master for many licensees.
#[derive(Debug, Parser)]
#[command(
    name = "countermark-embed",
    version,
    after_help = "Exit codes: 0 done, 1 `vault check` found something wrong, 2 error."
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
    Mark(MarkArgs),
    /// List what was delivered to whom
    Deliveries {
        /// Of one title only
        #[arg(long, value_name = "NAME")]
        title: Option<String>,
    },
    /// Read keys
    #[command(subcommand)]
    Key(KeyCommand),
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
    },
}

/// `mark ..`
#[derive(Debug, Args)]
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
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn the_designed_commands_are_understood() {
        for line in [
            "vault init",
            "vault index",
            "vault check",
            "vault check --head 00 --json",
            "title add m.mov --title T",
            "distributor add D",
            "mark m.mov -o out.mp4 --title T --distributor D",
            "mark m.mov -o out.mp4 --title T --distributor D --licensee L --strength 1.5 --encoder libx265 --crf 20 \
             --preset slow --gop 48",
            "mark m.mov -o out.mp4 --title T --distributor D --encoder libx264 --bitrate 8M",
            "mark m.mov -o out.mxf --title T --distributor D --preset xdcam-hd422 --presets p.toml --allow-loss alpha,captions",
            "mark m.mov -o out.mxf --title T --distributor D --like-master --op-atom",
            "mark --list-presets --json",
            "deliveries",
            "deliveries --title T --json",
            "key export --title T -o k",
            "key export --title T --distributor D --distributor E -o k",
        ] {
            let words = std::iter::once("countermark-embed").chain(line.split_whitespace());
            CommandLine::try_parse_from(words).expect(line);
        }
    }

    #[test]
    fn an_unknown_loss_is_answered_with_those_there_are() {
        let words =
            "countermark-embed mark m -o o.mp4 --title T --distributor D --allow-loss sound";
        let error =
            CommandLine::try_parse_from(words.split_whitespace()).expect_err("no such kind");
        assert!(error.to_string().contains("captions"), "{error}");
    }

    #[test]
    fn quality_and_bitrate_exclude_each_other() {
        let words =
            "countermark-embed mark m -o o.mp4 --title T --distributor D --crf 20 --bitrate 8M";
        CommandLine::try_parse_from(words.split_whitespace()).expect_err("both");
    }
}
