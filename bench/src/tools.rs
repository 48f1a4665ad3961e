//! The real tools under test: `countermark-embed` and `countermark-detect` through their libraries.
//!
//! Marking is asked of `countermark-mastering` as `countermark-embed mark` asks it, so that what is measured is what is
//! delivered.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};
use countermark_attack::Remark;
use countermark_catalogue::Vault;
use countermark_mark::bound::NormalisedScore;
use countermark_mark::{ChipPlan, FormatSpec};
use countermark_mastering::{
    CopyRequest, Delivered, DeliveryRequest, EncodeChoice, LossKind, Rate, Strength, TitleRequest,
    VideoCodec, deliver, register_title,
};
use countermark_media::{clear_fresh_memory, probe};
use countermark_register::{
    DeliveryOutcome, DistributorRecord, FileHash, Licence, NewDelivery, Randomness, ReadKeyFile,
};
use countermark_trace::audit::{ClipReader, SyncTracker, Task};
use countermark_trace::result::{ClipReport, Identity, Match};
use countermark_trace::{Reader, Request, Silence, Tracer, Tuning};
use sha2::{Digest as _, Sha256};

use crate::null::{self, Tail};
use crate::subject::{Finding, MarkedCopy, Preparation, Prepared, Remarked, Sighting, Subject};

mod again;
mod bit_errors;

use bit_errors::BitErrors;

const DISTRIBUTORS: [&str; 2] = ["alpha", "beta"];
/// Of the one title in a register of another studio.
const STOLEN: &str = "clip";

/// Threads of every encoder: what x264 writes depends on their number, not on the machine's.
const THREADS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);

/// The tools as they are built into this program.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tools;

impl Tools {
    fn key(folder: &Path) -> PathBuf {
        folder.join("read.key")
    }

    /// Marks as `countermark-embed mark MASTER -o OUT --title .. --distributor ..` does.
    fn mark(
        vault: &Vault,
        title: &str,
        master: &Path,
        output: &Path,
        distributor: &str,
        encode: EncodeChoice,
    ) -> Result<Delivered> {
        let to = (output, distributor);
        Self::mark_at(Strength::DEFAULT, vault, (title, master), to, encode)
    }

    /// The same at another strength.
    pub(crate) fn mark_at(
        strength: Strength,
        vault: &Vault,
        (title, master): (&str, &Path),
        (output, distributor): (&Path, &str),
        encode: EncodeChoice,
    ) -> Result<Delivered> {
        let request = DeliveryRequest {
            title: title.to_owned(),
            master: master.to_owned(),
            copies: vec![CopyRequest {
                distributor: distributor.to_owned(),
                licensee: None,
                licence: Licence::default(),
                output: output.to_owned(),
                encode: pictures_and_sound(encode),
            }],
            strength,
            threads: Some(THREADS),
            verify: false,
            signer: None,
        };
        let copy = deliver(vault, &request, &())?.into_iter().next();
        Ok(copy.context("no copy was made")??)
    }

    /// The register with the master as a title and two distributors; made where there is none.
    fn register(
        root: &Path,
        master: &Path,
        title: &str,
        seed: [u8; 32],
    ) -> Result<(Vault, Vec<DistributorRecord>)> {
        let randomness = Randomness::seeded(seed);
        let is_new = !root.exists();
        let vault = if is_new {
            Vault::init_with(root, randomness)?
        } else {
            Vault::open_with(root, randomness)?
        };
        let request = TitleRequest {
            master: master.to_owned(),
            name: title.to_owned(),
            threads: Some(THREADS),
        };
        register_title(&vault, &request, &())?;
        let distributors = DISTRIBUTORS
            .map(|name| {
                if is_new {
                    vault.register().add_distributor(name)
                } else {
                    vault.register().distributor_named(name)
                }
            })
            .into_iter()
            .collect::<Result<Vec<_>, _>>()?;
        Ok((vault, distributors))
    }
}

/// What a clip has beside pictures and sound is not measured, and may go.
pub(crate) fn pictures_and_sound(encode: EncodeChoice) -> EncodeChoice {
    EncodeChoice {
        allow_loss: vec![LossKind::Video, LossKind::Data, LossKind::DynamicHdr],
        ..encode
    }
}

/// A stream of its own for each act on a register that is opened again.
fn derived(seed: [u8; 32], purpose: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(seed);
    hash.update(purpose.as_bytes());
    hash.finalize().into()
}

impl Subject for Tools {
    fn identity(&self) -> Option<String> {
        Some(format!("countermark at strength {:?}", Strength::DEFAULT))
    }

    fn prepare(&self, master: &Path, folder: &Path, with: &Preparation<'_>) -> Result<Prepared> {
        clear_fresh_memory();
        let (vault, distributors) = Self::register(with.register, master, with.title, with.seed)?;
        let register = vault.register();
        let title = register.title_named(with.title)?;
        ReadKeyFile::export(register, &title, &distributors, &Self::key(folder), false)?;
        let (mut copies, mut seconds, mut frames) = (Vec::new(), 0.0, 0);
        for index in 0..with.marked {
            // Matroska takes any sound and subtitle that the master has.
            let output = folder.join(format!("copy-{index}.mkv"));
            let distributor = DISTRIBUTORS[index % DISTRIBUTORS.len()];
            let begun = Instant::now();
            let encode = EncodeChoice::default();
            let marked = Self::mark(&vault, with.title, master, &output, distributor, encode)?;
            seconds += begun.elapsed().as_secs_f64();
            frames = marked.transcode.frames;
            copies.push(MarkedCopy {
                distributor: distributor.to_owned(),
                payload: marked.delivery.payload.to_string(),
                file: marked.output,
            });
        }
        for index in with.marked..with.registered {
            let begun = register.begin_delivery(&NewDelivery {
                title: &title,
                distributor: &distributors[index % distributors.len()],
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
        Ok(Prepared {
            seconds_a_copy: seconds / copies.len().max(1) as f64,
            copies,
            frames,
            ..with.without_copies(master, folder)
        })
    }

    fn mark_again(&self, prepared: &Prepared, copy: &Path) -> Result<PathBuf> {
        let root = prepared.folder.join("vault-of-another");
        let seed = derived(prepared.seed, "another studio");
        let (vault, _) = Self::register(&root, copy, STOLEN, seed)?;
        let output = prepared.folder.join("remarked.mkv");
        let encode = EncodeChoice::default();
        let copy = Self::mark(&vault, STOLEN, copy, &output, DISTRIBUTORS[0], encode)?;
        Ok(copy.output)
    }

    fn remark(&self, prepared: &Prepared, copy: &Path, how: Remark) -> Result<Remarked> {
        if how == Remark::ONCE {
            return Ok(Remarked {
                file: self.mark_again(prepared, copy)?,
                register: None,
                further: Vec::new(),
            });
        }
        again::remark(prepared, copy, how)
    }

    fn mark_lossless(&self, prepared: &Prepared) -> Result<PathBuf> {
        let output = prepared.folder.join("lossless.mkv");
        // x264 at CRF 0 is lossless for 8 bits. Above, x265 at CRF 0 is nearly so: what it adds counts against the mark.
        let deep = probe(&prepared.master)?.video.bit_depth > 8;
        let encode = EncodeChoice {
            codec: Some(if deep {
                VideoCodec::Hevc
            } else {
                VideoCodec::H264
            }),
            rate: Some(Rate::Crf(0.0)),
            preset: Some("ultrafast".to_owned()),
            ..EncodeChoice::default()
        };
        let seed = derived(prepared.seed, "lossless copy");
        let vault = Vault::open_with(&prepared.register, Randomness::seeded(seed))?;
        let (title, master) = (&prepared.title, &prepared.master);
        let copy = Self::mark(&vault, title, master, &output, DISTRIBUTORS[0], encode)?;
        Ok(copy.output)
    }

    fn read(
        &self,
        prepared: &Prepared,
        clip: &Path,
        truth: Option<&MarkedCopy>,
    ) -> Result<Finding> {
        let path = Self::key(&prepared.folder);
        let key = ReadKeyFile::load(&path).with_context(|| format!("key {}", path.display()))?;
        let scoped = truth.and_then(|copy| {
            let mut of = key.distributors.iter();
            Some((
                &of.find(|d| d.name == copy.distributor)?.key,
                copy.payload()?,
            ))
        });
        let errors = BitErrors::new(scoped);
        let report = Reader::of_title(&key).read(clip, &errors)?;
        recount(&report)?;
        Ok(finding(&report, errors.least()))
    }

    fn trace(
        &self,
        prepared: &Prepared,
        clip: &Path,
        truth: Option<&MarkedCopy>,
    ) -> Result<Finding> {
        let vault = Vault::open(&prepared.register)?;
        let scoped = match truth {
            Some(copy) => {
                let distributor = vault.register().distributor_named(&copy.distributor)?;
                let title = vault.register().title_named(&prepared.title)?;
                let key = vault
                    .register()
                    .scoped_payload_key(distributor.id, title.id);
                copy.payload().map(|payload| (key, payload))
            }
            None => None,
        };
        let errors = BitErrors::new(scoped.as_ref().map(|(key, payload)| (key, *payload)));
        let report = Tracer::new(&vault)?.trace(&Request::new(clip), &errors)?;
        recount(&report)?;
        Ok(finding(&report, errors.least()))
    }

    fn identify(&self, prepared: &Prepared, clip: &Path) -> Result<Finding> {
        let vault = Vault::open(&prepared.register)?;
        let found = Tracer::new(&vault)?.identify(&Request::new(clip), &Silence)?;
        Ok(Finding {
            titles: titles(&found.identity),
            sightings: sightings(&found.identity),
            seconds: found.seconds,
            ..Finding::default()
        })
    }

    fn wrong_keys(&self, prepared: &Prepared, clip: &Path, keys: u64, seed: u64) -> Result<Tail> {
        let path = Self::key(&prepared.folder);
        let key = ReadKeyFile::load(&path).with_context(|| format!("key {}", path.display()))?;
        let lattice = key
            .format
            .lattice(key.width as usize, key.height as usize)?;
        let plan = ChipPlan::new(&key.carrier, lattice, &key.format);
        let tuning = Tuning::default();
        let task = Task::new(&Silence, &tuning);
        let mut reader = ClipReader::open(clip, lattice, &task)?;
        let mut trail = SyncTracker::new(&plan, key.duration_seconds, &tuning.decision.blind);
        loop {
            let window = reader.next_window()?;
            if window.is_empty() {
                break;
            }
            trail.push(&window);
        }
        // The first hypothesis only: the bound is for one, the union over hypotheses is counted elsewhere.
        let evidence = trail.evidence();
        let Some(evidence) = evidence.first() else {
            return Ok(Tail::default());
        };
        Ok(null::wrong_keys(keys, seed, |batch| {
            evidence
                .scores(batch)
                .into_iter()
                .map(NormalisedScore::value)
                .collect()
        }))
    }
}

/// Where an answer says that the clip lies: each match in its own title, the clip's where it names none.
fn sightings(identity: &Identity) -> Vec<Sighting> {
    let sighting = |found: &Match| {
        let title = found.title.as_deref().or(identity.title.as_deref())?;
        Some(Sighting {
            title: title.to_owned(),
            query: found.query,
            reference: found.reference,
        })
    };
    identity.matches.iter().filter_map(sighting).collect()
}

/// Every title that an answer names, the clip's first.
fn titles(identity: &Identity) -> Vec<String> {
    let named = identity.matches.iter().filter_map(|m| m.title.as_deref());
    let mut titles: Vec<String> = Vec::new();
    for title in identity.title.as_deref().into_iter().chain(named) {
        if titles.iter().all(|known| known != title) {
            titles.push(title.to_owned());
        }
    }
    titles
}

/// Holds the bound of every accusation against the score and the factors that its own JSON gives: whoever has the JSON can
/// compute it again.
fn recount(report: &ClipReport) -> Result<()> {
    let json = serde_json::to_value(report)?;
    for accused in json["deliveries"].as_array().into_iter().flatten() {
        let number = |value: &serde_json::Value| value.as_f64().context("no number");
        let factors = accused["hypotheses"].as_object().context("no factors")?;
        let mut log10 = 0.0;
        for (name, count) in factors {
            if name != "product" {
                log10 += number(count)?.log10();
            }
        }
        let t = number(&accused["t"])?;
        let again = (log10 - 0.5 * t * t * std::f64::consts::LOG10_E).min(0.0);
        let told = number(&accused["log10_bound"])?;
        anyhow::ensure!(
            (told - again).abs() <= 0.01,
            "the bound {told} of an accusation is {again} by its score and factors"
        );
    }
    Ok(())
}

fn finding(report: &ClipReport, coded_bit_errors: Option<f64>) -> Finding {
    let mut accused: Vec<String> = report
        .deliveries
        .iter()
        .map(|d| d.payload.to_string())
        .collect();
    accused.sort();
    accused.dedup();
    let proved = report
        .deliveries
        .iter()
        .map(|d| d.bound.log10())
        .min_by(f64::total_cmp);
    let identity = report.identity.as_ref();
    let log10_p = proved.or(report.tried.best.map(|best| best.log10()));
    Finding {
        titles: identity.map_or_else(Vec::new, titles),
        sightings: identity.map_or_else(Vec::new, sightings),
        claims: !accused.is_empty(),
        accused,
        log10_p,
        coded_bit_errors,
        score: log10_p.map(|log10_p| -log10_p),
        // Of coded bits, before decoding: a delivery is named as a whole or not at all.
        bit_accuracy: coded_bit_errors.map(|errors| 1.0 - errors),
        failure: None,
        seconds: report.seconds,
    }
}

#[cfg(test)]
mod tests {
    use countermark_register::TitleId;
    use countermark_trace::result::TitleName;

    use countermark_trace::result::ClipClock;

    use super::*;

    fn title(name: &str) -> TitleName {
        TitleName {
            id: TitleId::parse(&format!("{:02x}", name.len()).repeat(16)).expect("32 digits"),
            name: name.to_owned(),
        }
    }

    fn found(title: Option<TitleName>, query: [f64; 2]) -> Match {
        Match {
            query,
            reference: query,
            speed: 1.0,
            tolerance: None,
            mirrored: false,
            negative: false,
            rectangle: None,
            also: Vec::new(),
            title,
            by: Vec::new(),
            payloads: Vec::new(),
        }
    }

    #[test]
    fn a_second_title_is_judged_as_the_second_title() {
        let identity = Identity {
            title: Some(title("film")),
            matches: vec![
                found(Some(title("film")), [0.0, 2.0]),
                found(Some(title("another film")), [2.0, 4.0]),
                found(None, [4.0, 5.0]),
            ],
            clock: ClipClock::default(),
        };
        assert_eq!(titles(&identity), ["film", "another film"]);
        let named: Vec<String> = sightings(&identity).into_iter().map(|s| s.title).collect();
        assert_eq!(named, ["film", "another film", "film"]);
    }
}
