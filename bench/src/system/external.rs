//! A described system as the subject of a run: the same clips, attacks and judgement as for the built-in one.
//!
//! ```text
//! copy k   = encode(embed(master, payload k))          the payloads of the others on record are drawn, and not embedded
//! accused  = payloads that the system claims to find, and that are on record
//! score    = the system's own; where it gives none, the most bits in common with a payload on record
//! ```
//!
//! A payload that nobody has is no accusation: whoever uses such a system looks it up. A call that fails is a miss, with a
//! line that says why; a clip that cannot be marked ends that clip.
//!
//! # Shapes and units
//! Payloads in hex digits. What a silent system reads is a guess: 0.5 of its bits.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use countermark_media::{
    EncodeSettings, Rate, Recode, VideoCodec, clear_fresh_memory, probe, recode,
};
use sha2::{Digest as _, Sha256};

use super::System;
use super::answer::{Answer, agreement};
use super::call::{CallError, Workshop, call};
use super::template::{Place, Template};
use crate::null::Tail;
use crate::subject::{Finding, MarkedCopy, Preparation, Prepared, Subject};

/// What a copy is delivered with, as the built-in system's are.
const DELIVERY_CRF: f32 = 16.0;

/// Share of bits that a guess has right.
const GUESS: f64 = 0.5;

/// Payloads on record, one a line.
const RECORD: &str = "on-record.txt";

/// Secret of a clip.
const KEY: &str = "key.bin";

/// A system of commands.
#[derive(Debug)]
pub struct External {
    system: System,
    /// Of the next call's folder.
    next: AtomicU64,
}

/// What a call is about.
struct Order<'a> {
    folder: &'a Path,
    state: &'a Path,
    /// Whose size is told.
    master: &'a Path,
    input: &'a Path,
    payload: Option<&'a str>,
    reference: Option<&'a Path>,
}

impl External {
    /// The system that is described.
    #[must_use]
    pub fn new(system: System) -> Self {
        Self {
            system,
            next: AtomicU64::new(0),
        }
    }

    /// Runs a command in a folder of its own; `target` is where its output goes.
    fn run(
        &self,
        template: &Template,
        order: &Order<'_>,
        target: Option<&Path>,
    ) -> Result<Result<String, CallError>> {
        const OUTPUT: &str = "marked.mkv";
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let absolute = |path: &Path| {
            std::path::absolute(path).with_context(|| format!("cannot use {}", path.display()))
        };
        let folder = absolute(&order.folder.join(format!("call-{number}")))?;
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let info = probe(order.master)?.video;
        let mut values: BTreeMap<Place, OsString> = BTreeMap::from([
            (Place::In, absolute(order.input)?.into()),
            (Place::Out, folder.join(OUTPUT).into()),
            (Place::Key, absolute(&order.folder.join(KEY))?.into()),
            (Place::State, absolute(order.state)?.into()),
            (Place::Width, info.width.to_string().into()),
            (Place::Height, info.height.to_string().into()),
            (Place::Folder, self.system.folder.clone().into()),
        ]);
        if let Some(payload) = order.payload {
            values.insert(Place::Payload, payload.into());
        }
        if let Some(reference) = order.reference {
            values.insert(Place::Reference, absolute(reference)?.into());
        }
        let words = template.filled(&values, &self.system.folder)?;
        let workshop = Workshop {
            folder: &folder,
            input: order.input,
            output: target.map(|_| OUTPUT),
        };
        let told = call(&words, self.system.limits(), workshop);
        if let (Ok(_), Some(target)) = (&told, target) {
            fs::rename(folder.join(OUTPUT), target)
                .with_context(|| format!("cannot write {}", target.display()))?;
        }
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot clear {}", folder.display()))?;
        Ok(told)
    }

    /// Marks `input`: what the system wrote, at `raw`, and what is delivered of it.
    fn embed(&self, order: &Order<'_>, raw: &Path, copy: &Path) -> Result<()> {
        self.run(&self.system.embed, order, Some(raw))?
            .with_context(|| format!("{} cannot mark this clip", self.system.name))?;
        let (before, after) = (probe(order.input)?.video, probe(raw)?.video);
        ensure!(
            (before.width, before.height) == (after.width, after.height),
            "{} made {}x{} of {}x{}",
            self.system.name,
            after.width,
            after.height,
            before.width,
            before.height
        );
        if self.system.delivers {
            fs::copy(raw, copy)?;
            return Ok(());
        }
        clear_fresh_memory();
        let settings = EncodeSettings {
            threads: Some(std::num::NonZeroUsize::MIN),
            ..EncodeSettings::new(VideoCodec::H264, Rate::Crf(DELIVERY_CRF))
        };
        recode(raw, copy, &Recode::new(settings), &())?;
        Ok(())
    }

    /// Payload of the delivery `index`.
    fn payload(&self, seed: [u8; 32], index: usize) -> String {
        let mut digits = String::new();
        let mut part = 0_u32;
        while digits.len() < self.system.digits() {
            let mut hash = Sha256::new();
            hash.update(b"countermark bench payload 1");
            hash.update(seed);
            hash.update((index as u64).to_le_bytes());
            hash.update(part.to_le_bytes());
            for byte in hash.finalize() {
                let _ = write!(digits, "{byte:02x}");
            }
            part += 1;
        }
        digits.truncate(self.system.digits());
        // The last digit may have bits that the payload has not: they are 0.
        let unused = self.system.digits() * 4 - self.system.bits;
        let last = digits
            .pop()
            .and_then(|digit| digit.to_digit(16))
            .unwrap_or(0);
        let kept = last >> unused << unused;
        digits.extend(char::from_digit(kept, 16));
        digits
    }

    fn ask(
        &self,
        template: &Template,
        prepared: &Prepared,
        clip: &Path,
        truth: Option<&MarkedCopy>,
        reference: Option<&Path>,
    ) -> Result<Finding> {
        let order = Order {
            folder: &prepared.folder,
            state: &prepared.register,
            master: &prepared.master,
            input: clip,
            payload: None,
            reference,
        };
        let begun = Instant::now();
        let told = self.run(template, &order, None)?;
        let seconds = begun.elapsed().as_secs_f64();
        let record = fs::read_to_string(prepared.folder.join(RECORD))
            .context("cannot read who is on record")?;
        let record: Vec<&str> = record.lines().collect();
        let answers = told
            .map_err(|error| error.to_string())
            .and_then(|text| Answer::parse(&text, self.system.bits));
        let truth = truth.map(|copy| copy.payload.as_str());
        Ok(match answers {
            Ok(answers) => Finding {
                seconds,
                ..self.finding(&answers, &record, truth)
            },
            Err(failure) => Finding {
                seconds,
                failure: Some(failure),
                bit_accuracy: truth.map(|_| GUESS),
                ..Finding::default()
            },
        })
    }

    /// What answers are worth.
    fn finding(&self, answers: &[Answer], record: &[&str], truth: Option<&str>) -> Finding {
        let bits = self.system.bits;
        let claims = |answer: &&Answer| match self.system.claim_score {
            Some(least) => answer.score.is_some_and(|score| score >= least),
            None => answer.payload.is_some(),
        };
        let claimed: Vec<&Answer> = answers.iter().filter(claims).collect();
        let named = claimed.iter().filter_map(|answer| answer.payload.clone());
        let mut accused: Vec<String> = named
            .filter(|payload| record.contains(&payload.as_str()))
            .collect();
        accused.sort();
        accused.dedup();
        let most = |values: &mut dyn Iterator<Item = f64>| values.max_by(f64::total_cmp);
        let own = most(&mut answers.iter().filter_map(|answer| answer.score));
        let payloads = || {
            answers
                .iter()
                .filter_map(|answer| answer.payload.as_deref())
        };
        let alike = || {
            let pairs = payloads().flat_map(|one| {
                record
                    .iter()
                    .filter_map(move |other| agreement(one, other, bits))
            });
            most(&mut pairs.into_iter())
        };
        // The surest answer that has a payload; of equals the first.
        let mut best: Option<&Answer> = None;
        for answer in answers.iter().filter(|answer| answer.payload.is_some()) {
            if best.is_none_or(|before| answer.score > before.score) {
                best = Some(answer);
            }
        }
        let read = best.and_then(|answer| answer.payload.as_deref());
        Finding {
            accused,
            claims: !claimed.is_empty(),
            score: own.or_else(alike),
            log10_p: answers
                .iter()
                .filter_map(|answer| answer.log10_p)
                .min_by(f64::total_cmp),
            bit_accuracy: truth.map(|truth| {
                read.and_then(|read| agreement(read, truth, bits))
                    .unwrap_or(GUESS)
            }),
            ..Finding::default()
        }
    }
}

/// 32 bytes of their own for each purpose.
fn derived(seed: [u8; 32], purpose: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(seed);
    hash.update(purpose.as_bytes());
    hash.finalize().into()
}

impl Subject for External {
    fn prepare(&self, master: &Path, folder: &Path, with: &Preparation<'_>) -> Result<Prepared> {
        fs::create_dir_all(folder)?;
        fs::create_dir_all(with.register)
            .with_context(|| format!("cannot make {}", with.register.display()))?;
        fs::write(folder.join(KEY), derived(with.seed, "key"))?;
        let payloads: Vec<String> = (0..with.registered.max(with.marked))
            .map(|index| self.payload(with.seed, index))
            .collect();
        fs::write(folder.join(RECORD), payloads.join("\n"))?;
        let (mut copies, mut seconds, mut frames) = (Vec::new(), 0.0, 0);
        for (index, payload) in payloads.iter().take(with.marked).enumerate() {
            let raw = folder.join(format!("raw-{index}.mkv"));
            let copy = folder.join(format!("copy-{index}.mkv"));
            let begun = Instant::now();
            let order = Order {
                folder,
                state: with.register,
                master,
                input: master,
                payload: Some(payload),
                reference: None,
            };
            self.embed(&order, &raw, &copy)?;
            seconds += begun.elapsed().as_secs_f64();
            frames = probe(&copy)?.video.frames.unwrap_or(0);
            copies.push(MarkedCopy {
                distributor: format!("delivery {index}"),
                payload: payload.clone(),
                file: copy,
            });
            // Quality is measured on the first one.
            if index > 0 {
                fs::remove_file(&raw)?;
            }
        }
        Ok(Prepared {
            seconds_a_copy: seconds / copies.len().max(1) as f64,
            copies,
            frames,
            ..with.without_copies(master, folder)
        })
    }

    fn mark_again(&self, prepared: &Prepared, copy: &Path) -> Result<PathBuf> {
        let seed = derived(prepared.seed, "another studio");
        let folder = prepared.folder.join("another");
        let state = folder.join("state");
        fs::create_dir_all(&state)?;
        fs::write(folder.join(KEY), derived(seed, "key"))?;
        let (raw, file) = (folder.join("raw.mkv"), prepared.folder.join("remarked.mkv"));
        let payload = self.payload(seed, 0);
        let order = Order {
            folder: &folder,
            state: &state,
            master: copy,
            input: copy,
            payload: Some(&payload),
            reference: None,
        };
        self.embed(&order, &raw, &file)?;
        fs::remove_file(&raw)?;
        Ok(file)
    }

    fn mark_lossless(&self, prepared: &Prepared) -> Result<PathBuf> {
        let output = prepared.folder.join("lossless.mkv");
        fs::copy(prepared.folder.join("raw-0.mkv"), &output)
            .context("cannot find what the system wrote")?;
        Ok(output)
    }

    fn read(
        &self,
        prepared: &Prepared,
        clip: &Path,
        truth: Option<&MarkedCopy>,
    ) -> Result<Finding> {
        self.ask(&self.system.detect, prepared, clip, truth, None)
    }

    fn trace(
        &self,
        prepared: &Prepared,
        clip: &Path,
        truth: Option<&MarkedCopy>,
    ) -> Result<Finding> {
        let Some(template) = &self.system.trace else {
            bail!("{} has no command trace", self.system.name);
        };
        self.ask(template, prepared, clip, truth, Some(&prepared.master))
    }

    fn identify(&self, _: &Prepared, clip: &Path) -> Result<Finding> {
        bail!(
            "{} is not asked which title {} is",
            self.system.name,
            clip.display()
        );
    }

    fn wrong_keys(&self, _: &Prepared, clip: &Path, _: u64, _: u64) -> Result<Tail> {
        bail!(
            "{} has no scores of single keys on {}",
            self.system.name,
            clip.display()
        );
    }
}

#[cfg(test)]
mod tests;
