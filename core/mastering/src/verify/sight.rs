//! One window of a copy beside its master, as the lattice shows both, and beside what marking makes of the master.
//!
//! ```text
//! likeness = <X[copy], X[master]> / |X[copy]| |X[master]|
//! strength = sum (X[copy] - X[master]) (X[marked] - X[master]) / sum (X[marked] - X[master])^2
//! ```
//!
//! `X` are the lattice's coefficients; `marked` is the master marked anew, by an embedder that has seen the quarter of a second before, for its
//! loop glides to what motion and picture allow.
//!
//! # Shapes and units
//! Coefficients in code values of 8 bits.

use std::path::Path;

use countermark_mark::inner::inner;
use countermark_mark::lattice::cpu::CpuLevel;
use countermark_mark::{
    DeliveryCode, Embedder, LatticeGeometry, MarkSample, Observation, ObserveError, Payload,
    Placement, PlaneGeometry, PlaneView, PlaneViewMut, Sampler, ScopedPayloadKey, Strength,
    TitleMark,
};
use countermark_media::VideoFrame;
use countermark_picture::{AnyPlane, by_depth};

use super::recompression::Recompression;
use super::windows::{self, Cursor, QUALITY_FRAMES, SAME_MOMENT_SECONDS, SquaredError, Window};
use crate::MasteringError;
use crate::marker::Light;

/// What the embedder sees before the window, in seconds.
const WARMING_SECONDS: f64 = 0.25;

/// What one window says.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) clip: Vec<Observation>,
    pub(super) reference: Vec<Observation>,
    /// `sum (copy - master) (marked - master)`, `sum (marked - master)^2`; zero but for the thorough window.
    pub(super) strength: [f64; 2],
    /// `<copy, master>`, `<copy, copy>`, `<master, master>`.
    terms: [f64; 3],
    pub(super) error: SquaredError,
    /// Of the thorough window.
    pub(super) recompression: Option<Recompression>,
    /// A decoder missed parts of a picture.
    pub(super) is_damaged: bool,
}

impl Seen {
    /// Correlation of copy and master; 1 of what is flat.
    pub(super) fn likeness(&self) -> f64 {
        let [xy, xx, yy] = self.terms;
        if xx > 0.0 && yy > 0.0 {
            xy / (xx * yy).sqrt()
        } else {
            1.0
        }
    }
}

/// How the frames of a delivery are looked at.
pub(super) struct Sight {
    pub(super) lattice: LatticeGeometry,
    /// Where the copy has the size of its master.
    pub(super) title: Option<TitleMark>,
    pub(super) strength: Option<Strength>,
    pub(super) scoped: ScopedPayloadKey,
    pub(super) payload: Payload,
}

impl Sight {
    /// One window of master and copy; with care where a file may need more than its key frames say (see [`Cursor::go_to`]).
    pub(super) fn look(
        &self,
        (master, copy): (&mut Cursor<'_>, &mut Cursor<'_>),
        window: Window,
        with_care: bool,
    ) -> Result<Seen, MasteringError> {
        let mut seen = Seen::default();
        let mut samplers: Option<(Sampler, Sampler)> = None;
        copy.go_to(window.from, with_care)?;
        let mut embedder = None;
        if window.is_thorough {
            embedder = self.warmed(master, window.from, with_care)?;
            seen.recompression = Recompression::begin(copy.frame_rate());
        }
        master.go_to(window.from, with_care && embedder.is_none())?;
        let (of_master, of_copy) = (master.path, copy.path);
        let look = |was: &VideoFrame, is: &VideoFrame| -> Result<(), MasteringError> {
            let moment = was.media_time();
            seen.is_damaged |= was.is_damaged() || is.is_damaged();
            if let Some(recompression) = &mut seen.recompression {
                recompression.take(is);
            }
            let (was, is) = (was.luma(), is.luma());
            let (for_master, for_copy) = match &mut samplers {
                Some(samplers) => samplers,
                none => none.insert((self.sampler(&was, of_master)?, self.sampler(&is, of_copy)?)),
            };
            let refuse = |source| refused(of_copy, source);
            let reference =
                by_depth!(&was, |view| for_master.observe(view, moment)).map_err(refuse)?;
            let clip = by_depth!(&is, |view| for_copy.observe(view, moment)).map_err(refuse)?;
            if (seen.clip.len() as u64) < QUALITY_FRAMES
                && let Some(error) = SquaredError::between(&was, &is)
            {
                seen.error.add(error);
            }
            let (x, y) = (clip.coefficients.values(), reference.coefficients.values());
            let terms = [inner(x, y), inner(x, x), inner(y, y)];
            let sums = seen.terms.iter_mut().zip(terms);
            sums.for_each(|(sum, term)| *sum += term);
            if let Some(embedder) = &mut embedder {
                let marked = by_depth!(&was, |view| marked(embedder, view, moment, |plane| {
                    for_master.observe(plane, moment)
                }))
                .map_err(refuse)?;
                let z = marked.coefficients.values();
                let added: Vec<f32> = z.iter().zip(y).map(|(z, y)| z - y).collect();
                let found: Vec<f32> = x.iter().zip(y).map(|(x, y)| x - y).collect();
                seen.strength[0] += inner(&found, &added);
                seen.strength[1] += inner(&added, &added);
            }
            seen.clip.push(clip);
            seen.reference.push(reference);
            Ok(())
        };
        windows::pairs((master, copy), window.frames, look)?;
        Ok(seen)
    }

    /// An embedder of the delivery that has marked what comes before the window; none where the master's marking is not known.
    fn warmed(
        &self,
        master: &mut Cursor<'_>,
        from: f64,
        with_care: bool,
    ) -> Result<Option<Embedder>, MasteringError> {
        let (Some(title), Some(strength)) = (&self.title, self.strength) else {
            return Ok(None);
        };
        let code = DeliveryCode::new(&self.scoped, self.payload);
        master.go_to((from - WARMING_SECONDS).max(0.0), with_care)?;
        let mut embedder = Embedder::of_title(title, code, strength);
        if let Some(video) = master.info() {
            embedder = embedder.with_analyser(Light::of(video).analyser(title));
        }
        let path = master.path;
        while let Some(frame) = master.peek()? {
            let moment = frame.media_time();
            if moment > from - SAME_MOMENT_SECONDS {
                break;
            }
            let done = by_depth!(&frame.luma(), |view| marked(
                &mut embedder,
                view,
                moment,
                |_| Ok(())
            ));
            done.map_err(|source| refused(path, source))?;
            master.take();
        }
        Ok(Some(embedder))
    }

    /// One frame through the lattice, by a sampler that is made for the first.
    pub(super) fn observe(
        &self,
        frame: &VideoFrame,
        moment: f64,
        sampler: &mut Option<Sampler>,
        path: &Path,
    ) -> Result<Observation, MasteringError> {
        let plane = frame.luma();
        let sampler = match sampler {
            Some(sampler) => sampler,
            none => none.insert(self.sampler(&plane, path)?),
        };
        by_depth!(&plane, |view| sampler.observe(view, moment))
            .map_err(|source| refused(path, source))
    }

    fn sampler(&self, plane: &AnyPlane<'_>, path: &Path) -> Result<Sampler, MasteringError> {
        let level = CpuLevel::probe();
        Sampler::new(plane.size(), Placement::Whole, self.lattice, level)
            .map_err(|source| refused(path, source))
    }
}

/// Marks a copy of the frame and shows it to `then`.
fn marked<T: MarkSample, R>(
    embedder: &mut Embedder,
    view: &PlaneView<'_, T>,
    moment: f64,
    then: impl FnOnce(&PlaneView<'_, T>) -> Result<R, ObserveError>,
) -> Result<R, ObserveError> {
    let geometry = PlaneGeometry::packed(view.width(), view.height())?;
    let mut samples: Vec<T> = Vec::with_capacity(view.width() * view.height());
    view.rows().for_each(|row| samples.extend_from_slice(row));
    let mut copy = PlaneViewMut::new(&mut samples, geometry, view.bit_depth())?;
    embedder.mark(&mut copy, moment);
    then(&copy.as_view())
}

fn refused(path: &Path, source: ObserveError) -> MasteringError {
    MasteringError::Unseen {
        path: path.to_owned(),
        source,
    }
}
