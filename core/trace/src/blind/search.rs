//! One title looked for in a clip: the footprints that are followed, and what was decoded through them.
//!
//! ```text
//! section -> chips through a footprint -> soft values at a speed -> trail of shifts -> open decision
//! ```
//!
//! # Shapes and units
//! Times in seconds, speeds in media seconds a second of the clip.

use std::ops::Range;

use countermark_mark::ChipPlan;
use countermark_mark::blind::demodulate::ChipWindows;
use countermark_mark::blind::pose::LatticePose;
use countermark_mark::blind::search_grid::SearchSpace;
use countermark_mark::key::ScopedPayloadKey;
use countermark_picture::{Orientation, QuarterTurn, Rect};
use countermark_register::ReadKeyFile;

use crate::blind::tracker::{OpenFinding, SyncTracker};
use crate::error::TraceError;
use crate::observer::EvidencePart;
use crate::query::orientation::Pose;
use crate::result::Factors;
use crate::task::Task;
use crate::tuning::{BlindTuning, DecisionTuning};

use crate::blind::sections::Section;
use crate::blind::speed::Search;

mod placed;
mod stage;

/// Readings of one section that may be decoded: two stands and two frames of each of two turns, their speeds, those of a
/// section with other bars, those followed, and the candidates of six stages.
fn decoded(tuning: &BlindTuning) -> u64 {
    24 + tuning.max_followed as u64 + 6 * tuning.max_peaks as u64
}

/// A title and its keys.
pub(crate) struct Title<'a> {
    key: &'a ReadKeyFile,
    plan: ChipPlan,
    /// What of it the clip may show, in seconds.
    span: [f64; 2],
}

/// What is known of a title in a clip so far.
pub(crate) struct Reading<'a> {
    tuning: &'a DecisionTuning,
    title: &'a Title<'a>,
    /// Clips of the same case, and titles that may be accused.
    among: Factors,
    master: Pose,
    followed: Vec<Followed<'a>>,
    pub(crate) best: Option<Best>,
    /// Tried beside those of the trails.
    offsets: u64,
    pub(crate) geometries: u64,
}

/// A footprint and a speed that are followed from section to section.
struct Followed<'a> {
    footprint: LatticePose,
    speed: f64,
    trail: SyncTracker<'a>,
    /// Whether the picture was taken to fill the frame or what lies between its bars.
    plain: bool,
}

/// The best open decision, and where it was made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Best {
    pub(crate) found: OpenFinding,
    pub(crate) footprint: LatticePose,
    pub(crate) frame: (usize, usize),
    pub(crate) speed: f64,
    pub(crate) sync_score: f64,
}

impl<'a> Title<'a> {
    /// # Errors
    /// When the key is of a title that cannot have been marked.
    pub(crate) fn new(key: &'a ReadKeyFile) -> Result<Self, TraceError> {
        let lattice = key
            .format
            .lattice(key.width as usize, key.height as usize)
            .map_err(|source| TraceError::KeyCannotCarry {
                title: key.title_name.clone(),
                source,
            })?;
        Ok(Self {
            plan: ChipPlan::new(&key.carrier, lattice, &key.format),
            span: [0.0, key.duration_seconds],
            key,
        })
    }

    /// The same of which the clip shows no more than a span.
    pub(crate) fn between(mut self, [from, to]: [f64; 2]) -> Self {
        let end = self.key.duration_seconds;
        self.span = [from.clamp(0.0, end), to.clamp(0.0, end)];
        self
    }

    fn seconds(&self) -> f64 {
        self.key.duration_seconds
    }

    /// Epochs that the clip may show.
    fn epochs(&self) -> Range<u64> {
        let epoch = |seconds: f64| seconds / self.plan.format().epoch_seconds();
        epoch(self.span[0]).floor() as u64..epoch(self.span[1]).ceil() as u64 + 1
    }

    fn keys(&self) -> Vec<&ScopedPayloadKey> {
        self.key.distributors.iter().map(|d| &d.key).collect()
    }
}

impl<'a> Reading<'a> {
    /// Nothing yet, of one title among so many.
    pub(crate) fn new(title: &'a Title<'a>, among: Factors, tuning: &'a DecisionTuning) -> Self {
        Self {
            title,
            among,
            tuning,
            master: Pose {
                width: title.key.width,
                height: title.key.height,
                rotation_degrees: title.key.rotation_degrees,
            },
            followed: Vec::new(),
            best: None,
            offsets: 0,
            geometries: 0,
        }
    }

    /// Whether a payload was decoded and confirmed.
    pub(crate) fn is_accused(&self) -> bool {
        self.best.is_some_and(|best| best.found.bound.accuses())
    }

    /// Time offsets tried.
    pub(crate) fn offsets(&self) -> u64 {
        let followed = self.followed.iter().map(|f| f.trail.offsets());
        self.offsets + followed.sum::<u64>()
    }

    /// The evidence of all trails.
    pub(crate) fn tell(&self, task: &Task<'_>) {
        let Some(audit) = task.audit() else {
            return;
        };
        for followed in &self.followed {
            for evidence in followed.trail.evidence() {
                audit.evidence(EvidencePart::Shift, evidence);
            }
        }
    }

    /// Takes in a section through the footprints that are followed; the whole frame and what lies between bars are among
    /// them.
    ///
    /// # Errors
    /// When the work is to end.
    pub(crate) fn push(
        &mut self,
        section: &Section,
        pose: Pose,
        number: u64,
        task: &Task<'_>,
    ) -> Result<(), TraceError> {
        let plain = self.plain_footprints(section, pose);
        for followed in &mut self.followed {
            // Other bars than before: the old picture is one among those that were searched.
            followed.plain &= plain.contains(&followed.footprint);
        }
        for footprint in plain {
            if let Some(known) = self.known(footprint, 1.0) {
                self.followed[known].plain = true;
            } else {
                self.follow(footprint, 1.0, true);
                self.geometries += 1;
            }
        }
        for followed in &mut self.followed {
            task.proceed()?;
            let soft = if followed.plain {
                section
                    .chips(&followed.footprint, self.title.plan.format())
                    .soft_values(followed.speed)
            } else {
                let format = self.title.plan.format();
                let chips = section.residues.chips(&followed.footprint, format);
                chips.soft_values(followed.speed)
            };
            followed.trail.push_soft(&soft);
        }
        self.decode(section, number, task, |_| true)
    }

    /// Looks for another speed in the plain footprints.
    ///
    /// # Errors
    /// When the work is to end.
    pub(crate) fn push_speeds(
        &mut self,
        section: &Section,
        number: u64,
        task: &Task<'_>,
    ) -> Result<(), TraceError> {
        let plain: Vec<LatticePose> = self
            .followed
            .iter()
            .filter(|followed| followed.plain)
            .map(|followed| followed.footprint)
            .collect();
        let span = section.residues.span();
        for footprint in plain {
            task.proceed()?;
            let chips = section.chips(&footprint, self.title.plan.format());
            let speed = &self.tuning.speed;
            let mut search =
                Search::everywhere(&self.title.plan, &chips, self.title.seconds(), span, speed);
            let found = search.any();
            self.offsets += search.tried();
            let Some(pace) = found.filter(|pace| pace.is_promising(speed) && !pace.is_plain(speed))
            else {
                continue;
            };
            self.take(footprint, pace.speed, &chips, (section, number), task)?;
            if self.is_accused() {
                break;
            }
        }
        Ok(())
    }

    /// Lets go of what was searched in vain, but for the most promising by its synchronisation chips. Not by what was decoded: that
    /// would choose by the signs that are scored.
    pub(crate) fn forget(&mut self) {
        let score = |followed: &Followed<'_>| followed.trail.sync_score();
        self.followed.sort_by(|a, b| {
            let by_score = || score(b).total_cmp(&score(a));
            b.plain.cmp(&a.plain).then_with(by_score)
        });
        let plain = self.followed.iter().filter(|f| f.plain).count();
        let lost = self
            .followed
            .iter()
            .skip(plain + self.tuning.blind.max_followed);
        self.offsets += lost.map(|f| f.trail.offsets()).sum::<u64>();
        self.followed
            .truncate(plain + self.tuning.blind.max_followed);
    }

    /// What a search of this section looks like.
    pub(crate) fn scene(&self, section: &Section, pose: Pose) -> SearchSpace {
        let frame = section.content.map_or(section.frame, Rect::size);
        SearchSpace {
            lattice: self.title.plan.lattice(),
            picture: (
                f64::from(self.title.key.width),
                f64::from(self.title.key.height),
            ),
            frame: (frame.0 as f64, frame.1 as f64),
            quarters: self.turns(pose)[0],
        }
    }

    /// Clockwise quarter turns that may bring the clip upright, likeliest first.
    fn turns(&self, pose: Pose) -> Vec<u8> {
        let turns = pose.turns_onto(self.master);
        turns.into_iter().map(QuarterTurn::quarters).collect()
    }

    fn plain_footprints(&self, section: &Section, pose: Pose) -> Vec<LatticePose> {
        let (width, height) = section.frame;
        let mut rects = vec![Rect::whole(width, height)];
        rects.extend(section.content);
        let mut footprints = Vec::new();
        for quarters in self.turns(pose) {
            for mirrored in [false, true] {
                for rect in &rects {
                    let orientation = Orientation { quarters, mirrored };
                    let corners = orientation.corners(rect.extent());
                    footprints.push(LatticePose::of_corners(self.title.plan.lattice(), corners));
                }
            }
        }
        footprints
    }

    /// Where a footprint is followed, if it is.
    fn known(&self, footprint: LatticePose, speed: f64) -> Option<usize> {
        self.followed
            .iter()
            .position(|f| f.footprint == footprint && (f.speed - speed).abs() < 1e-9)
    }

    /// Follows a footprint from now on, and says where.
    fn follow(&mut self, footprint: LatticePose, speed: f64, plain: bool) -> usize {
        self.followed.push(Followed {
            footprint,
            speed,
            trail: SyncTracker::between(&self.title.plan, self.title.span, &self.tuning.blind),
            plain,
        });
        self.followed.len() - 1
    }

    /// Follows what a search found, unless that has taken in the section already, and decodes it.
    fn take(
        &mut self,
        footprint: LatticePose,
        speed: f64,
        chips: &ChipWindows,
        (section, number): (&Section, u64),
        task: &Task<'_>,
    ) -> Result<(), TraceError> {
        if self.known(footprint, speed).is_some() {
            return Ok(());
        }
        let fresh = self.follow(footprint, speed, false);
        let soft = chips.soft_values(speed);
        self.followed[fresh].trail.push_soft(&soft);
        self.decode(section, number, task, |at| at == fresh)
    }

    /// Decodes the trails of the footprints that are chosen.
    fn decode(
        &mut self,
        section: &Section,
        number: u64,
        task: &Task<'_>,
        chosen: impl Fn(usize) -> bool,
    ) -> Result<(), TraceError> {
        // Sections cost 2 (n + 1)^2: the sum of their inverses stays below one.
        let among = Factors {
            poses: decoded(&self.tuning.blind),
            sections: 2 * (number + 1) * (number + 1),
            ..self.among
        };
        let keys = self.title.keys();
        for (at, followed) in self.followed.iter().enumerate() {
            if !chosen(at) {
                continue;
            }
            task.proceed()?;
            if let Some(audit) = task.audit() {
                for evidence in followed.trail.evidence() {
                    audit.evidence(EvidencePart::Section(number), evidence);
                }
            }
            let Some(found) = followed.trail.decode(&keys, among) else {
                continue;
            };
            if self
                .best
                .is_none_or(|best| found.bound.log10() < best.found.bound.log10())
            {
                self.best = Some(Best {
                    found,
                    footprint: followed.footprint,
                    frame: section.frame,
                    speed: followed.speed,
                    sync_score: followed.trail.sync_score(),
                });
            }
        }
        Ok(())
    }
}
