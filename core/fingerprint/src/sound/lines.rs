//! The lines on which hits lie: which seconds of a title a clip plays, and how fast.
//!
//! ```text
//! reference = offset + speed * query,       0.75 <= speed <= 1.35
//! vote      = a bin of 0.1 s of the query with j hits or more within 0.025 s of the line,   j = 1, 2 or 4
//! p         = max((c + 1) / cells, (k_4 - 2 sqrt k_4) / n),     cells of 0.1 s x 0.05 s within 4 s of the line,
//!             c = those with j hits or more,   k_4 = votes of the fourth best of the parallel lines that they make
//! log10_p   = log10(tried) - max_j n KL(k / n || p) / ln 10,    KL(a || b) = a ln(a / b) + (1 - a) ln((1 - a) / (1 - b))
//! tried     = (R / 0.05 s) * max(1, 0.6 Q / 0.1 s) * m^2 / 2 * 3
//! ```
//!
//! # The score
//! `10^log10_p` bounds the probability that sound which has nothing to do with the title gives so many votes on any
//! line tried: Chernoff's bound of the binomial tail (Hoeffding's for bins of unequal chances), times the offsets, speeds,
//! spans of the `m` bins of the query and levels `j` that are tried. `n` and `k` are the bins and votes of the line's
//! span, `R` and `Q` the seconds over which the hits spread. The chance is measured beside the line, where the words of
//! both sounds are as common: a steady tone, a beat or a loop of up to 2 s hits many places at once, votes once a bin, and
//! has its density and its other lines counted against it. Bins are taken as independent, which neighbours are not quite:
//! the threshold is to be measured.
//!
//! # Shapes and units
//! Seconds of the query's and of the reference's media time.
//! # References
//! W. Hoeffding, On the distribution of the number of successes in independent trials, Ann. Math. Stat. 27 (1956);
//! J. Bentley, Programming pearls, CACM 27 (1984): the span of the largest sum.

mod fit;
mod line;
mod search;

use fit::Scene;
pub use line::{SoundHit, SoundLine};

/// Candidates that are looked at, and those of them that are refined, as no line found so far runs through them.
const CANDIDATES: usize = 512;
const REFINED: usize = 24;

/// Lines of one clip, at most.
const MOST_LINES: usize = 16;

/// The lines that the hits of one title lie on, surest first. No two of them claim the same part of the query. Empty
/// when chance explains the hits as well.
#[must_use]
pub fn sound_lines(hits: &[SoundHit]) -> Vec<SoundLine> {
    let mut scene = Scene::new(hits);
    let mut found: Vec<SoundLine> = Vec::new();
    let mut refined = 0;
    for candidate in search::candidates(scene.hits(), CANDIDATES) {
        if refined == REFINED {
            break;
        }
        if !found.iter().any(|line| candidate.lies_on(line)) {
            refined += 1;
            found.extend(scene.refined(candidate));
        }
    }
    found.retain(|line| line.log10_p < 0.0);
    found.sort_by(|a, b| a.log10_p.total_cmp(&b.log10_p));
    let mut lines: Vec<SoundLine> = Vec::new();
    for line in found {
        if lines.len() < MOST_LINES && lines.iter().all(|other| !rivals(other, &line)) {
            lines.push(line);
        }
    }
    lines
}

/// Whether two lines claim the same part of the query: half of the shorter or more.
fn rivals(a: &SoundLine, b: &SoundLine) -> bool {
    let shared = a.query.1.min(b.query.1) - a.query.0.max(b.query.0);
    let shorter = (a.query.1 - a.query.0).min(b.query.1 - b.query.0);
    shared > shorter / 2.0
}

#[cfg(test)]
mod tests;
