//! Null experiments on complete examinations: exchange of keys with the spread of wrong keys, and fresh registers.
//!
//! ```text
//! owner = register(seed, 1) -> copy -> attack -> clip
//! exchange: clip x register(seed, 1), (seed, 2), (seed, 3)     the first one accuses and may stop, the others may not
//! fresh:    clip x register(seed, 2) with a thousand deliveries, and x register(another seed, 2)
//! ```

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::exchange::differences;
use super::look::{Look, read, traced};
use super::registers::{Innocent, attacked};
use super::spread::Spread;
use super::vaults::{Innocents, LEVELS};

/// How a clip is shown in an exchange of keys, and the attack that makes it.
pub const FORMS: [(&str, &str); 4] = [
    ("whole", "h264-crf28"),
    ("crop", "crop-0.71+h264-crf28"),
    ("recap", "shuffle-3x1s+h264-crf28"),
    (
        "hand-held",
        "jitter-8+tilt-5+zoom-1.1+barrel-0.02+motionblur-3+blur-1.5+shutter-2+gamma-2.2+cast-0.05+vignette-0.3+moire-0.02+flicker-60+noise-5+h264-2000k",
    ),
];

/// Deliveries of each register in an exchange of keys.
const DELIVERIES: usize = 50;

/// How a clip is examined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Examination {
    /// Against the register, with the reference.
    Trace,
    /// By keys alone.
    Read,
}

impl Examination {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Trace, Self::Read];

    fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Read => "read",
        }
    }

    fn look(self, register: &Innocent, clip: &Path) -> Result<Look> {
        match self {
            Self::Trace => traced(&register.vault, clip),
            Self::Read => read(&register.key()?, clip),
        }
    }
}

/// One clip with exchanged keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchanged {
    /// What was examined.
    pub what: String,
    /// Pieces of evidence of a search that was not stopped.
    pub pieces: usize,
    /// What differed; nothing is right.
    pub differences: Vec<String>,
    /// Of wrong keys on all these pieces.
    pub spread: Spread,
}

impl Exchanged {
    /// Whether evidence did not depend on the deliveries, and wrong keys scored as they should.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.differences.is_empty() && self.spread.holds()
    }

    fn of(what: String, looks: &[Look; 3], scores: u64) -> Self {
        let [owner, one, other] = looks;
        let mut found = differences(one, other);
        found.extend(differences(owner, one));
        Self {
            what,
            pieces: one.pieces.len(),
            differences: found,
            spread: Spread::of(&one.pieces, scores, 1),
        }
    }
}

/// Examines a master's copy in one form with three registers, in each of the `ways`; about `scores` of wrong keys are taken on
/// the pieces of each. Everything is made in `work`.
///
/// # Errors
/// When a file cannot be made or examined.
pub fn exchange(
    name: &str,
    master: &Path,
    (form, attack): (&str, &str),
    ways: &[Examination],
    scores: u64,
    work: &Path,
) -> Result<Vec<Exchanged>> {
    let register = |others: u64| {
        let root = work.join(format!("{form}-vault-{others}"));
        Innocent::new(&root, master, (1, others), DELIVERIES)
    };
    let registers = [register(1)?, register(2)?, register(3)?];
    let copy = registers[0].copy(master, &work.join(format!("{form}-copy.mkv")))?;
    let clip = attacked(&copy, attack, &work.join(format!("{form}.mkv")))?;
    let exchanged = ways.iter().map(|way| {
        let [owner, one, other] = &registers;
        let looks = [
            way.look(owner, &clip)?,
            way.look(one, &clip)?,
            way.look(other, &clip)?,
        ];
        let what = format!("{name}, {form}, {}", way.name());
        Ok(Exchanged::of(what, &looks, scores))
    });
    exchanged.collect()
}

/// Traces copies with so many fresh registers of innocent deliveries, in turn those of the copy's own studio, whose
/// synchronisation chips are right, and of another one. `done` hears of each.
///
/// # Errors
/// When a file cannot be made or examined.
pub fn fresh(
    masters: &[PathBuf],
    (registers, deliveries): (u64, usize),
    work: &Path,
    done: &dyn Fn(u64),
) -> Result<Innocents> {
    let mut innocents = Innocents::default();
    for (number, master) in (0..registers).zip(masters.iter().cycle()) {
        let seed = 1000 + number;
        let folder = work.join("fresh");
        fs::create_dir_all(&folder)?;
        let owner = Innocent::new(&folder.join("owner"), master, (seed, 1), 0)?;
        let copy = owner.copy(master, &folder.join("copy.mkv"))?;
        let clip = attacked(&copy, "crop-0.71+h264-crf30", &folder.join("clip.mkv"))?;
        let own = if number % 2 == 0 {
            seed
        } else {
            seed + 1_000_000
        };
        let innocent = Innocent::new(&folder.join("innocent"), master, (own, 2), deliveries)?;
        innocents.add(traced(&innocent.vault, &clip)?.best_log10_p);
        drop((owner, innocent));
        fs::remove_dir_all(&folder)?;
        done(number + 1);
    }
    Ok(innocents)
}

/// Tables of both.
#[must_use]
pub fn to_markdown(exchanged: &[Exchanged], innocents: &Innocents) -> String {
    let mut out = String::from(
        "\nExchange of keys: evidence under other distributors and deliveries, bit for bit; wrong keys on all of it.\n\n\
         | clip | pieces | that differ | scores | mean | spread | |\n|---|---:|---:|---:|---:|---:|---|\n",
    );
    for one in exchanged {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {:.4} | {:.4} | {} |",
            one.what,
            one.pieces,
            one.differences.len(),
            one.spread.trials,
            one.spread.mean(),
            one.spread.value(),
            if one.holds() { "holds" } else { "**fails**" }
        );
    }
    let _ = writeln!(
        out,
        "\nComplete decisions with {} fresh registers of innocent deliveries.\n\n| best log10 p below | registers | at most | \
         |\n|---|---:|---:|---|",
        innocents.registers
    );
    for ((level, count), most) in LEVELS.iter().zip(innocents.below).zip(innocents.limits()) {
        let verdict = if count <= most { "holds" } else { "**fails**" };
        let _ = writeln!(out, "| {level:.0} | {count} | {most} | {verdict} |");
    }
    out
}
