//! What the bench asks of the tools under test.
//!
//! One narrow trait, so that the runner can be tested without a mark and the mark be exchanged without touching the
//! runner. The real tools are [`crate::tools::Tools`].

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use countermark_attack::Remark;
use countermark_mark::Payload;

use crate::null::Tail;

/// A marked copy of one clip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkedCopy {
    /// Whose copy.
    pub distributor: String,
    /// The payload in it, 16 hex digits.
    pub payload: String,
    /// The file.
    pub file: PathBuf,
}

impl MarkedCopy {
    /// The payload as a number; none when it is no 16 hex digits.
    #[must_use]
    pub fn payload(&self) -> Option<Payload> {
        self.payload.parse().ok()
    }
}

/// A clip with its register and its copies.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// The clean file.
    pub master: PathBuf,
    /// Folder of everything made of it.
    pub folder: PathBuf,
    /// The register that answers about it.
    pub register: PathBuf,
    /// What everything was drawn from.
    pub seed: [u8; 32],
    /// Name in the register, or of the clip that it lacks.
    pub title: String,
    /// Copies for two distributors in turn, at least two: siblings that must not be accused. None of an unknown clip.
    pub copies: Vec<MarkedCopy>,
    /// Frames of one copy.
    pub frames: u64,
    /// Seconds that one copy took, encoding included: the mean.
    pub seconds_a_copy: f64,
}

/// What a clip is prepared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preparation<'a> {
    /// The register: made where there is none, else the title is added to it.
    pub register: &'a Path,
    /// The title's name in it.
    pub title: &'a str,
    /// Everything that is drawn at random comes from it.
    pub seed: [u8; 32],
    /// Copies to make.
    pub marked: usize,
    /// Deliveries on record, those that are made among them.
    pub registered: usize,
}

impl Preparation<'_> {
    /// The clip `master` with its register, before any copy is made.
    #[must_use]
    pub fn without_copies(&self, master: &Path, folder: &Path) -> Prepared {
        Prepared {
            master: master.to_owned(),
            folder: folder.to_owned(),
            register: self.register.to_owned(),
            seed: self.seed,
            title: self.title.to_owned(),
            copies: Vec::new(),
            frames: 0,
            seconds_a_copy: 0.0,
        }
    }
}

/// A part of a clip, and the part of a title that the detector says it shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    /// The title's name.
    pub title: String,
    /// Start and end in the clip.
    pub query: [f64; 2],
    /// Start and end in the title.
    pub reference: [f64; 2],
}

/// What the detector said about one attacked clip.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Finding {
    /// Titles named; `read` knows one only, and names none.
    pub titles: Vec<String>,
    /// Where the clip lies in them.
    pub sightings: Vec<Sighting>,
    /// Accused payloads, 16 hex digits.
    pub accused: Vec<String>,
    /// The decimal logarithm of the lowest bound; none when nothing could be scored.
    pub log10_p: Option<f64>,
    /// Share of the true copy's coded bits that came out wrong; none when that is not known.
    pub coded_bit_errors: Option<f64>,
    /// How sure the system is that a mark is there, more is surer; none when it said nothing.
    pub score: Option<f64>,
    /// Share of the payload's bits that were read rightly; none when there is no one payload to read.
    pub bit_accuracy: Option<f64>,
    /// Whether the system says that a mark is there.
    pub claims: bool,
    /// Why there is no answer, where the system failed: it counts as none.
    pub failure: Option<String>,
    /// Seconds that the detector took.
    pub seconds: f64,
}

/// A copy that was marked again.
#[derive(Debug, Clone)]
pub struct Remarked {
    /// The marked file.
    pub file: PathBuf,
    /// The register in which the further deliveries are on record, where they are the same studio's.
    pub register: Option<PathBuf>,
    /// Their payloads: a right answer names them too.
    pub further: Vec<String>,
}

/// The tools under test.
pub trait Subject: Sync {
    /// A name of the tools that changes whenever what they mark does, beside the program itself; none where marked copies
    /// must not be shared between runs.
    fn identity(&self) -> Option<String> {
        None
    }

    /// Adds `master` to the register and marks it for two distributors in turn; files go to `folder`.
    ///
    /// # Errors
    /// When the tools refuse.
    fn prepare(&self, master: &Path, folder: &Path, with: &Preparation<'_>) -> Result<Prepared>;

    /// Marks a copy once more, as a master of its own in another register.
    ///
    /// # Errors
    /// When the tools refuse.
    fn mark_again(&self, prepared: &Prepared, copy: &Path) -> Result<PathBuf>;

    /// Marks a copy again as often and as strongly as is said.
    ///
    /// # Errors
    /// When the tools refuse: those of others mark again once, at their own strength.
    fn remark(&self, prepared: &Prepared, copy: &Path, how: Remark) -> Result<Remarked> {
        if how != Remark::ONCE {
            bail!("this system marks a copy again once and by another studio, not {how}");
        }
        Ok(Remarked {
            file: self.mark_again(prepared, copy)?,
            register: None,
            further: Vec::new(),
        })
    }

    /// Marks the clip once more for the first distributor, the marked frames encoded without loss.
    ///
    /// # Errors
    /// When the tools refuse.
    fn mark_lossless(&self, prepared: &Prepared) -> Result<PathBuf>;

    /// Reads `clip` with the exported keys of the title. `truth`, the copy that it was made of, if there is just one, only
    /// serves to count wrong bits.
    ///
    /// # Errors
    /// When the clip cannot be read.
    fn read(&self, prepared: &Prepared, clip: &Path, truth: Option<&MarkedCopy>)
    -> Result<Finding>;

    /// Traces `clip` with all titles of the register; `truth` as for [`Subject::read`].
    ///
    /// # Errors
    /// When the clip cannot be read.
    fn trace(
        &self,
        prepared: &Prepared,
        clip: &Path,
        truth: Option<&MarkedCopy>,
    ) -> Result<Finding>;

    /// Names the title of `clip`, and the seconds, among all titles of the register.
    ///
    /// # Errors
    /// When the clip cannot be read.
    fn identify(&self, prepared: &Prepared, clip: &Path) -> Result<Finding>;

    /// Scores `keys` delivery keys that have nothing to do with `clip` on its blind soft values.
    ///
    /// # Errors
    /// When the clip cannot be read.
    fn wrong_keys(&self, prepared: &Prepared, clip: &Path, keys: u64, seed: u64) -> Result<Tail>;
}
