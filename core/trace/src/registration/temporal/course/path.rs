//! The cheapest path of the moments of a clip through the frames of a title, at any speed.
//!
//! ```text
//! C[i](m, v) = e[i](m) + min of   C[i-1](m', v),      m' where v came from                        S a frame beside it
//!                                 min over v' of C[i-1](m', v') + K,     m' near that
//!                                 min of C[i-1] + J,  or J' from still to still
//! ```
//!
//! # Shapes and units
//! A state is a frame of one speed: `speed * frames + frame`. Costs are natural logarithms of ratios of energies.
//!
//! # References
//! A. J. Viterbi (1967), Error bounds for convolutional codes and an asymptotically optimum decoding algorithm.

use crate::reference::times::nearest;

use crate::registration::temporal::curve::{Curve, Frames};
use crate::registration::temporal::segmentation::{least, unexplained};
use crate::tuning::CourseTuning;

/// Frames of consecutive moments this near are of one run where a search was parted.
const GOES_ON_SECONDS: f64 = 1.0;

/// The frame of each moment, and whether the path jumped there.
pub(super) type Path = Vec<(usize, bool)>;

/// Where a state came from.
#[derive(Clone, Copy)]
struct From {
    frame: u32,
    speed: u8,
    jumped: bool,
}

/// The cheapest path, in parts of so many moments as may be held at a time; none where that are too few.
pub(super) fn path(curves: &[Curve], frames: Frames<'_>, floor: f64) -> Option<Path> {
    let tuning = &frames.tuning.course;
    let speeds = speeds(tuning);
    let most = tuning.max_states / (frames.times.len() * speeds.len()).max(1);
    if most < frames.tuning.segmentation.min_moments {
        return None;
    }
    // Parts of about the same length.
    let parts = curves.len().div_ceil(most);
    let mut whole = Path::with_capacity(curves.len());
    for part in curves.chunks(curves.len().div_ceil(parts)) {
        let mut found = Search::new(frames, &speeds, floor).run(part);
        // A part that begins where the one before ended goes on.
        if let (Some((before, _)), Some((first, jumped))) = (whole.last(), found.first_mut()) {
            let apart = (frames.times[*before] - frames.times[*first]).abs();
            *jumped = apart >= GOES_ON_SECONDS;
        }
        whole.extend(found);
    }
    Some(whole)
}

/// All speeds, the usual ones first, and a picture that stands last.
fn speeds(tuning: &CourseTuning) -> Vec<f64> {
    let steps = (tuning.max_speed.log2() * tuning.speeds_of_octave).round() as i32;
    let mut all: Vec<f64> = (-steps..=steps)
        .map(|k| (f64::from(k) / tuning.speeds_of_octave).exp2())
        .collect();
    all.sort_by(|a, b| a.ln().abs().total_cmp(&b.ln().abs()));
    let back: Vec<f64> = all.iter().map(|speed| -speed).collect();
    all.extend(back);
    all.push(0.0);
    all
}

/// A search on its way.
struct Search<'a> {
    frames: Frames<'a>,
    speeds: &'a [f64],
    /// `f` of the costs.
    floor: f64,
    /// Of each state the least cost so far.
    total: Vec<f64>,
}

impl<'a> Search<'a> {
    fn new(frames: Frames<'a>, speeds: &'a [f64], floor: f64) -> Self {
        Self {
            frames,
            speeds,
            floor,
            total: Vec::new(),
        }
    }

    fn count(&self) -> usize {
        self.frames.times.len()
    }

    fn run(mut self, curves: &[Curve]) -> Path {
        let mut taken: Vec<Vec<From>> = Vec::with_capacity(curves.len());
        for (i, curve) in curves.iter().enumerate() {
            let costs = self.costs(curve);
            if let Some(last) = i.checked_sub(1) {
                let passed = curve.clip_time - curves[last].clip_time;
                taken.push(self.step(passed, &costs));
            } else {
                self.begin(&costs);
            }
        }
        let (mut state, _) = least(&self.total);
        let mut found = Path::with_capacity(curves.len());
        for back in taken.iter().rev() {
            let from = back[state];
            found.push((state % self.count(), from.jumped));
            state = usize::from(from.speed) * self.count() + from.frame as usize;
        }
        found.push((state % self.count(), true));
        found.reverse();
        found
    }

    /// `e` at each frame.
    fn costs(&self, curve: &Curve) -> Vec<f64> {
        if curve.is_foreign(self.frames) {
            vec![0.0; self.count()]
        } else {
            unexplained(curve, self.floor, &self.frames.tuning.segmentation)
        }
    }

    fn begin(&mut self, costs: &[f64]) {
        let count = self.count();
        // The usual speed, the first one, where nothing tells.
        let odd = |state: usize| {
            if state < count {
                0.0
            } else {
                self.frames.tuning.course.odd_penalty
            }
        };
        let all = 0..count * self.speeds.len();
        self.total = all.map(|state| costs[state % count] + odd(state)).collect();
    }

    /// Goes on to a moment that comes so many seconds later; where each state came from.
    fn step(&mut self, passed: f64, costs: &[f64]) -> Vec<From> {
        let (times, count) = (self.frames.times, self.count());
        let turn_penalty = self.frames.tuning.course.turn_penalty;
        let slip_penalty = self.frames.tuning.segmentation.slip_penalty;
        let [anywhere, to_stills] = self.jumps();
        let turns = self.turns();
        let mut next = Vec::with_capacity(self.total.len());
        let mut back = Vec::with_capacity(self.total.len());
        for (at, speed) in self.speeds.iter().enumerate() {
            let own = &self.total[at * count..(at + 1) * count];
            let stands = at + 1 == self.speeds.len();
            let jump = if stands { to_stills } else { anywhere };
            for (frame, cost) in costs.iter().enumerate() {
                let mut best = jump;
                let expected = times[frame] - speed * passed;
                let on = nearest(times, expected);
                // Spans of the reference may lie apart.
                if (times[on] - expected).abs() <= 2.0 * self.frames.frame_seconds {
                    let (turn, from) = turns[on];
                    if turn + turn_penalty < best.0 {
                        best = (turn + turn_penalty, from);
                    }
                    let reach = on.saturating_sub(1)..(on + 2).min(count);
                    for (from, before) in reach.clone().zip(&own[reach]) {
                        let slip = if from == on { 0.0 } else { slip_penalty };
                        if before + slip < best.0 {
                            best = (before + slip, state(at, from, false));
                        }
                    }
                }
                next.push(best.0 + cost);
                back.push(best.1);
            }
        }
        self.total = next;
        back
    }

    /// The cheapest jump to any state, and that to a picture that stands.
    fn jumps(&self) -> [(f64, From); 2] {
        let count = self.count();
        let (cheapest, cost) = least(&self.total);
        let jump = state(cheapest / count, cheapest % count, true);
        let anywhere = (cost + self.frames.tuning.segmentation.jump_penalty, jump);
        let stands = self.speeds.len() - 1;
        let (still, cost) = least(&self.total[stands * count..]);
        let cost = cost + self.frames.tuning.course.still_penalty;
        let to_stills = if cost < anywhere.0 {
            (cost, state(stands, still, true))
        } else {
            anywhere
        };
        [anywhere, to_stills]
    }

    /// Of each frame the cheapest state within reach, whatever its speed.
    fn turns(&self) -> Vec<(f64, From)> {
        let (times, count) = (self.frames.times, self.count());
        let seconds = self.frames.tuning.course.joint_seconds;
        let reach = (seconds / self.frames.frame_seconds.max(1e-3)).round() as usize;
        let cheapest: Vec<(f64, From)> = (0..count)
            .map(|frame| {
                let each = (0..self.speeds.len()).map(|at| (self.total[at * count + frame], at));
                let (cost, at) = each.fold((f64::MAX, 0), |a, b| if b.0 < a.0 { b } else { a });
                (cost, state(at, frame, false))
            })
            .collect();
        (0..count)
            .map(|frame| {
                let near = frame.saturating_sub(reach)..(frame + reach + 1).min(count);
                let is_near =
                    |other: &usize| (times[*other] - times[frame]).abs() <= seconds + 1e-6;
                let near = near.filter(is_near).map(|other| cheapest[other]);
                near.reduce(|a, b| if b.0 < a.0 { b } else { a })
                    .unwrap_or(cheapest[frame])
            })
            .collect()
    }
}

fn state(speed: usize, frame: usize, jumped: bool) -> From {
    From {
        frame: frame as u32,
        speed: speed as u8,
        jumped,
    }
}
