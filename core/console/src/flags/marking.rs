//! Which master becomes whose copy, and which copy is read back.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, bail};
use clap::Args;
use countermark_mastering::{Rational, Signer, sequence_path};
use countermark_register::DeliveryId;

use crate::{Printer, remedy};

use super::EncodingFlags;
use super::rate::frame_rate;
use super::records::{LicenceFlags, delivery_id};

/// A copy to be made.
#[derive(Debug, Args)]
pub struct MarkFlags {
    /// The master, as it was registered; - for YUV4MPEG2 on standard input, without sound and tags
    #[arg(required_unless_present = "list_presets")]
    pub master: Option<PathBuf>,
    /// Pictures a second of a master of numbered pictures, such as 24 or 24000/1001
    #[arg(long, value_name = "RATE", value_parser = frame_rate)]
    pub frame_rate: Option<Rational>,
    /// The marked copy; its extension names the container: .mov, .mxf, .mp4, .mkv, .ts, .webm; - for standard output, with --format
    #[arg(
        short,
        long,
        value_name = "OUT",
        required_unless_present = "list_presets"
    )]
    pub output: Option<PathBuf>,
    /// The container of a copy on standard output
    #[arg(long, value_name = "NAME", value_parser = ["mov", "mxf", "mp4", "mkv", "ts", "webm"])]
    pub format: Option<String>,
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
    pub licence: LicenceFlags,
    /// How it is marked and encoded.
    #[command(flatten)]
    pub encoding: EncodingFlags,
    /// Further deliveries, as a TOML table; they overrule those of the same name
    #[arg(long, value_name = "FILE")]
    pub presets: Option<PathBuf>,
    /// List the deliveries that --preset knows, and do nothing else
    #[arg(long)]
    pub list_presets: bool,
    /// Do not read the written file back
    #[arg(long)]
    pub no_verify: bool,
    /// Sign a C2PA manifest into the copy (.mp4, .m4v, .mov), with this chain of certificates, PEM, the signer's own first; where this
    /// program was built with the feature `c2pa`
    #[arg(long, value_name = "CERT", requires = "c2pa_key")]
    pub c2pa: Option<PathBuf>,
    /// The file of the certificate's private key, PKCS#8 PEM
    #[arg(long, value_name = "FILE", requires = "c2pa")]
    pub c2pa_key: Option<PathBuf>,
}

impl MarkFlags {
    /// Who signs the copy's manifest, where it is to have one.
    ///
    /// # Errors
    /// When certificates and key cannot be used, or the program was built without what signs.
    pub fn signed_by(&self, printer: Printer) -> Result<Option<Arc<Signer>>> {
        let (Some(certificates), Some(key)) = (&self.c2pa, &self.c2pa_key) else {
            return Ok(None);
        };
        let signer = Signer::load(certificates, key).map_err(remedy::of_credentials)?;
        if signer.key_is_exposed() {
            let key = key.display();
            printer.warning(&format!(
                "{key} is a secret that others can read: run `chmod 600 {key}`"
            ));
        }
        Ok(Some(Arc::new(signer)))
    }
}

/// A copy to be read back.
#[derive(Debug, Args)]
pub struct VerifyFlags {
    /// The copy
    pub file: PathBuf,
    /// The delivery that it is to be [default: the one with its SHA-256]
    #[arg(long, value_name = "ID", value_parser = delivery_id)]
    pub delivery: Option<DeliveryId>,
    /// The title's master: then quality, streams and strength are compared with it
    #[arg(long)]
    pub master: Option<PathBuf>,
    /// Write a page with the worst frames into this folder; needs --master
    #[arg(long, value_name = "DIR", requires = "master")]
    pub contact_sheet: Option<PathBuf>,
}

/// The master's name: a file, or numbered pictures at a rate.
///
/// # Errors
/// When a pattern of numbered pictures has no rate, or names none.
pub fn master_of(master: &Path, frame_rate: Option<Rational>) -> Result<PathBuf> {
    match frame_rate {
        Some(rate) => Ok(sequence_path(master, rate)?),
        None if !master.exists() && master.to_string_lossy().contains('%') => bail!(
            "{} is a pattern of numbered pictures: say their --frame-rate",
            master.display()
        ),
        None => Ok(master.to_path_buf()),
    }
}
