//! Registers for null experiments: one owner secret and title, deliveries drawn anew.
//!
//! ```text
//! seed -> owner secret, title -> carrier key       others -> distributors, deliveries -> whom one might accuse
//! ```
//!
//! Two registers of one seed have the same chips and differ in all signs that accuse.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use countermark_attack::{Attack, Materials, Place, apply};
use countermark_catalogue::Vault;
use countermark_mark::FormatSpec;
use countermark_mastering::{
    CopyRequest, DeliveryRequest, EncodeChoice, Strength, TitleRequest, deliver, register_title,
};
use countermark_register::{
    DeliveryOutcome, DistributorRecord, FileHash, Licence, NewDelivery, Randomness, ReadKeyFile,
};

use crate::tools::pictures_and_sound;

/// The title's name in every register.
const TITLE: &str = "null";

/// Distributors of a register.
const DISTRIBUTORS: [&str; 3] = ["alpha", "beta", "gamma"];

/// A register with deliveries that were never made.
pub struct Innocent {
    /// The register.
    pub vault: Vault,
    distributors: Vec<DistributorRecord>,
}

fn stream(purpose: u8, number: u64) -> Randomness {
    let mut seed = [purpose; 32];
    seed[..8].copy_from_slice(&number.to_le_bytes());
    Randomness::seeded(seed)
}

impl Innocent {
    /// Makes one at `root`.
    ///
    /// # Errors
    /// When the master cannot be read or the register not be written.
    pub fn new(
        root: &Path,
        master: &Path,
        (seed, others): (u64, u64),
        deliveries: usize,
    ) -> Result<Self> {
        let request = TitleRequest {
            master: master.to_owned(),
            name: TITLE.to_owned(),
            threads: None,
        };
        let vault = Vault::init_with(root, stream(1, seed))?;
        register_title(&vault, &request, &())?;
        drop(vault);
        let vault = Vault::open_with(root, stream(2, others))?;
        let register = vault.register();
        let title = register.title_named(TITLE)?;
        let distributors = DISTRIBUTORS
            .map(|name| register.add_distributor(name))
            .into_iter()
            .collect::<Result<Vec<_>, _>>()?;
        for index in 0..deliveries {
            let begun = register.begin_delivery(&NewDelivery {
                title: &title,
                // The first one is whoever has the copy.
                distributor: &distributors[1 + index % (distributors.len() - 1)],
                licensee: None,
                strength: 1.0,
                format: FormatSpec::CURRENT,
                encoder_settings: &serde_json::Value::Null,
                output: Path::new(&format!("elsewhere-{index}.mkv")),
            })?;
            // As if its copy were out: one that stays pending would be settled as left behind.
            let outcome = DeliveryOutcome {
                frames: 0,
                psnr_y_db: f64::INFINITY,
                output_sha256: FileHash::from_bytes([0; 32]),
            };
            register.record_outcome(begun.id, &outcome)?;
            register.complete_delivery(begun.id)?;
        }
        Ok(Self {
            vault,
            distributors,
        })
    }

    /// The distributor that copies are made for.
    #[must_use]
    pub fn first_distributor() -> &'static str {
        DISTRIBUTORS[0]
    }

    /// Makes a copy for its first distributor.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn copy(&self, master: &Path, output: &Path) -> Result<PathBuf> {
        let request = DeliveryRequest {
            title: TITLE.to_owned(),
            master: master.to_owned(),
            copies: vec![CopyRequest {
                distributor: DISTRIBUTORS[0].to_owned(),
                licensee: None,
                licence: Licence::default(),
                output: output.to_owned(),
                encode: pictures_and_sound(EncodeChoice::default()),
            }],
            strength: Strength::DEFAULT,
            threads: None,
            verify: false,
            signer: None,
        };
        let copy = deliver(&self.vault, &request, &())?.into_iter().next();
        Ok(copy.context("no copy was made")??.output)
    }

    /// The read key of all its distributors.
    ///
    /// # Errors
    /// When the register cannot be read.
    pub fn key(&self) -> Result<ReadKeyFile> {
        let register = self.vault.register();
        let title = register.title_named(TITLE)?;
        Ok(ReadKeyFile::of_title(
            register,
            &title,
            &self.distributors,
            FormatSpec::CURRENT,
        ))
    }
}

/// A copy after an attack.
///
/// # Errors
/// When it cannot be carried out.
pub fn attacked(copy: &Path, attack: &str, output: &Path) -> Result<PathBuf> {
    let attack: Attack = attack.parse()?;
    let materials = Materials {
        copies: &[copy],
        ..Materials::default()
    };
    apply(&attack, &materials, output, &Place::new(1, TITLE, "null"))?;
    Ok(output.to_owned())
}
