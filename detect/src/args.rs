//! The command line as typed. Nothing is read or opened here.

use std::net::SocketAddr;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use countermark_console::Common;
use countermark_console::clips::Clips;
use countermark_console::flags::StampFlags;
use countermark_evidence::EvidencePublicKey;
use countermark_report::Audience;

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
     that could not be examined, or a page or a bundle that could not be written, while the rest was done. `verify`: 0 the bundle holds, 1 it \
     does not, 2 it is none.";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read the payload by the mark alone, without any reference
    Read {
        /// What is examined
        #[command(flatten)]
        clips: Clips,
        /// A read key, made with `countermark-embed key export`; without it, the keys of the vault
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// The title of the vault, when it is known; else every one is tried
        #[arg(long, value_name = "NAME", conflicts_with = "key")]
        title: Option<String>,
        /// How much is counted and told
        #[command(flatten)]
        scoring: Scoring,
    },
    /// Name the titles that a clip shows and the seconds of them, by its pictures and its sound
    Identify {
        /// What is examined
        #[command(flatten)]
        clips: Clips,
        /// Write a page for each clip, CLIP.html, and CLIP.json, and a page over them, index.html
        #[arg(long, value_name = "DIR")]
        report: Option<PathBuf>,
        /// Also list so many titles that come nearest and are no findings
        #[arg(long, value_name = "M")]
        top: Option<NonZeroUsize>,
    },
    /// Name the delivery whose signal a clip carries, with the vault
    Trace {
        /// What is examined
        #[command(flatten)]
        clips: Clips,
        /// The title, when it is known; else every title of the vault is tried
        #[arg(long, value_name = "NAME")]
        title: Option<String>,
        /// Write a page of evidence for each clip, CLIP.html, and CLIP.json, and a page over them, index.html
        #[arg(long, value_name = "DIR")]
        report: Option<PathBuf>,
        /// Where evidence is written
        #[command(flatten)]
        proof: Proof,
        /// How much is counted and told
        #[command(flatten)]
        scoring: Scoring,
    },
    /// Verify a proof bundle, link by link, without a vault
    Verify {
        /// The bundle, made with `trace --bundle`
        #[arg(value_name = "BUNDLE")]
        bundle: PathBuf,
        /// The clip that it is about
        #[arg(long, value_name = "FILE")]
        clip: Option<PathBuf>,
        /// An expert package, made with `countermark-embed key export --expert`: the soft values are computed again from the clip
        #[arg(long, value_name = "DIR", requires = "clip")]
        expert: Option<PathBuf>,
        /// The studio's evidence key as it was published, 64 hex digits
        #[arg(long, value_name = "HEX", value_parser = evidence_key)]
        evidence_key: Option<EvidencePublicKey>,
    },
    /// Have a proof bundle itself stamped by a time stamping authority (RFC 3161), online or by carrying the request to another machine
    Stamp {
        /// The bundle, made with `trace --bundle`: its stamp is put into it
        #[arg(value_name = "BUNDLE")]
        bundle: PathBuf,
        /// How it is stamped.
        #[command(flatten)]
        way: StampFlags,
    },
    /// Make a clip's print: what it is recognised by, at most 10 kB a minute; `identify` takes it in the clip's place. Needs no vault
    Print {
        /// A video or a picture
        #[arg(value_name = "CLIP")]
        clip: PathBuf,
        /// Where to put it; an older one there is replaced
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Serve the desk: a page to drop clips on, and an interface for platforms
    Serve {
        /// Where to listen; beyond this machine tokens are needed, and a proxy that speaks TLS
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8440")]
        listen: SocketAddr,
        /// Clips that are examined at once
        #[arg(long, value_name = "N", default_value = "1")]
        jobs: NonZeroUsize,
        /// Threads of all of them together [default: the machine's cores]
        #[arg(long, value_name = "N")]
        threads: Option<NonZeroUsize>,
        /// How it reaches others and is reached
        #[command(flatten)]
        reach: Reach,
    },
    /// One clip of the desk, told on standard input
    #[command(hide = true)]
    Examine,
}

fn evidence_key(text: &str) -> Result<EvidencePublicKey, String> {
    EvidencePublicKey::parse(text).ok_or_else(|| "64 hex digits are wanted".to_owned())
}

/// How a desk reaches others and is reached.
#[derive(Debug, Clone, Args)]
pub struct Reach {
    /// Let webhooks lead into private networks, too
    #[arg(long)]
    pub private_webhooks: bool,
    /// The certificate and its chain, PEM: the desk speaks TLS itself, where it was built with the feature `tls`
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The certificate's key, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
}

/// Where evidence that a stranger can check is written.
#[derive(Debug, Clone, Args)]
pub struct Proof {
    /// Write a proof bundle for the clip: a ZIP that anybody can verify with python3 and openssl. It opens the keys of the accused
    /// deliveries
    #[arg(long, value_name = "FILE")]
    pub bundle: Option<PathBuf>,
    /// A JSON file that says how the clip was acquired: where, when, by whom; goes into the bundle
    #[arg(long, value_name = "FILE", requires = "bundle")]
    pub acquired: Option<PathBuf>,
    /// List in the bundle the working files of the title that are on record, with their proof in the ledger
    #[arg(long, requires = "bundle")]
    pub records: bool,
    /// Write the request for a time stamp of the bundle to this file: carry it to an authority, and its answer to `stamp --response`
    #[arg(long, value_name = "FILE", requires = "bundle")]
    pub stamp_request: Option<PathBuf>,
    /// Encrypt the bundle to this recipient of age, age1..
    #[cfg(feature = "age")]
    #[arg(long, value_name = "RECIPIENT", requires = "bundle")]
    pub recipient: Option<countermark_report::bundle::Recipient>,
}

/// What concerns scores.
#[derive(Debug, Clone, Copy, Args)]
pub struct Scoring {
    /// Clips that are analysed for the same case in all, those named here among them: each is a chance more to accuse wrongly
    /// [default: 1, each clip by itself]
    #[arg(long, value_name = "N")]
    pub case_clips: Option<NonZeroU64>,
    /// For the studio only: the exact scores, those of deliveries that are not accused too. They are secrets, for who knows
    /// them can build a delivery's signal
    #[arg(long)]
    pub internal: bool,
}

impl Scoring {
    /// Clips of the case, when so many are named.
    ///
    /// # Errors
    /// When fewer are counted than are named.
    pub fn clips(&self, named: usize) -> anyhow::Result<u64> {
        let Some(counted) = self.case_clips.map(NonZeroU64::get) else {
            return Ok(1);
        };
        anyhow::ensure!(
            counted >= named as u64,
            "{named} clips are named, and --case-clips counts only {counted}"
        );
        Ok(counted)
    }

    /// For whom answers are.
    #[must_use]
    pub const fn audience(&self) -> Audience {
        if self.internal {
            Audience::Internal
        } else {
            Audience::Outgoing
        }
    }
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
    fn a_case_has_at_least_the_clips_that_are_named() {
        let scoring = |case_clips| Scoring {
            case_clips: NonZeroU64::new(case_clips),
            internal: false,
        };
        assert_eq!(scoring(0).clips(7).expect("each by itself"), 1);
        assert_eq!(scoring(100).clips(7).expect("of a hundred"), 100);
        let error = scoring(3).clips(7).expect_err("too few").to_string();
        assert_eq!(error, "7 clips are named, and --case-clips counts only 3");
    }
}
