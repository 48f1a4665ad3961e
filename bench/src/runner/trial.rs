//! One row of a suite on one clip: attack, ask, compare with the truth.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};

use super::attacked::attacked_quality;
use super::settings::RunSettings;
use crate::clips::Clip;
use crate::placing::Placing;
use crate::subject::{Finding, MarkedCopy, Prepared, Remarked, Subject};
use crate::suite::{Catalogue, DetectorPath, Row, ShownTitle};
use crate::trial::{Answer, Measures, Trial};
use countermark_attack::effect::Timing;
use countermark_attack::{Applied, Course, Materials, Piece, Place, Remark, Shows, Source, apply};

/// How long a clip must show another title that it was put together with for that to have to be named, in seconds of the clip.
const NAMED_FROM_SECONDS: f64 = 1.0;

/// Everything that the trials of a clip may begin with.
pub(super) struct Stock<'a> {
    pub(super) prepared: &'a Prepared,
    /// The first copy marked again, in each of the ways that rows ask for.
    pub(super) remarked: Vec<(Remark, Remarked)>,
    /// Files of other titles.
    pub(super) others: Vec<PathBuf>,
    /// Their names in the register, if that holds them.
    pub(super) other_titles: Vec<String>,
    /// A film that no register holds.
    pub(super) stranger: Option<PathBuf>,
    /// The clip in another studio's register.
    pub(super) elsewhere: Option<Prepared>,
}

pub(super) fn run_row(
    settings: &RunSettings<'_>,
    subject: &dyn Subject,
    clip: &Clip,
    stock: &Stock<'_>,
    index: usize,
    row: &Row,
) -> Result<Trial> {
    let prepared = stock.prepared;
    let attack = row.attack.to_string();
    let unknown = settings.suite.is_unknown(&clip.stem);
    let copies = copies(settings, prepared, index, row)?;
    let files: Vec<&Path> = if unknown {
        vec![prepared.master.as_path(); row.attack.source().map_or(1, Source::copies)]
    } else {
        copies.iter().map(|copy| copy.file.as_path()).collect()
    };
    let output = prepared
        .folder
        .join(format!("row-{index}.{}", row.attack.extension()));
    let place = Place::new(settings.suite.seed, &clip.stem, &attack);
    let again = match row.attack.source() {
        Some(Source::Remarked(how)) => {
            let mut all = stock.remarked.iter();
            all.find(|(known, _)| *known == how).map(|(_, again)| again)
        }
        _ => None,
    };
    let others: Vec<&Path> = stock.others.iter().map(PathBuf::as_path).collect();
    let materials = Materials {
        copies: &files,
        master: Some(&prepared.master),
        remarked: again.map(|again| again.file.as_path()),
        other: others.first().copied(),
        beside: others.get(1..).unwrap_or_default(),
        stranger: stock.stranger.as_deref(),
    };
    let applied = apply(&row.attack, &materials, &output, &place)?;
    let asked = copies
        .get(..guilty_copies(unknown, row, &applied))
        .context("too few copies were marked")?;
    let guilty: Vec<&MarkedCopy> = asked
        .iter()
        .enumerate()
        .filter(|(index, _)| {
            applied
                .used
                .as_ref()
                .is_none_or(|used| used.contains(index))
        })
        .map(|(_, copy)| copy)
        .collect();
    let truth = match guilty[..] {
        [one] => Some(one),
        _ => None,
    };
    let begun = Instant::now();
    let finding = asked_of(subject, (stock, again), row, &output, truth)?;
    let elapsed = begun.elapsed().as_secs_f64();
    let bytes = fs::metadata(&output)?.len();
    let after = attacked_quality(settings, prepared, (index, row), &output, &place)?;
    if !settings.keep {
        fs::remove_file(&output)?;
    }
    let clip_seconds = seconds_left(settings, clip, row, &applied);
    let mut expected: Vec<String> = guilty.iter().map(|copy| copy.payload.clone()).collect();
    // Of an unknown clip nothing is on record.
    let further = again.filter(|_| !unknown).map(|again| &again.further);
    expected.extend(further.into_iter().flatten().cloned());
    let shown = titles(settings, stock, row);
    let placing = (row.path != DetectorPath::Read && !shown.is_empty())
        .then(|| Placing::new(&finding.sightings, &shown, &applied.course));
    let mut answer = judged(settings, row, (&finding, placing, &shown), &expected);
    if answer == Answer::Exact && lacks_a_title(row, &finding, (&shown, &applied.course)) {
        answer = Answer::Part;
    }
    let is_named = row.path == DetectorPath::Identify || answer == Answer::Exact;
    Ok(Trial {
        clip: clip.stem.clone(),
        attack,
        path: row.path,
        answer,
        expected,
        accused: finding.accused,
        titles: finding.titles,
        unknown,
        placing: if is_named {
            placing
        } else {
            placing.map(Placing::without_fragments)
        },
        log10_p: finding.log10_p,
        coded_bit_errors: finding.coded_bit_errors,
        cuts: applied.cuts,
        clip_seconds,
        bytes,
        detector_seconds: if finding.seconds > 0.0 {
            finding.seconds
        } else {
            elapsed
        },
        measures: Measures {
            score: finding.score,
            bit_accuracy: finding.bit_accuracy,
            claims: finding.claims,
            failure: finding.failure,
            after,
        },
    })
}

/// What the system says; of wrong keys with the register of another studio. An unknown clip has no register to be asked elsewhere of.
fn asked_of(
    subject: &dyn Subject,
    (stock, again): (&Stock<'_>, Option<&Remarked>),
    row: &Row,
    clip: &Path,
    truth: Option<&MarkedCopy>,
) -> Result<Finding> {
    let with_further = again.and_then(|again| {
        Some(Prepared {
            register: again.register.clone()?,
            ..stock.prepared.clone()
        })
    });
    let prepared = match row.attack.source() {
        Some(Source::WrongKeys) => stock.elsewhere.as_ref().unwrap_or(stock.prepared),
        _ => with_further.as_ref().unwrap_or(stock.prepared),
    };
    match row.path {
        DetectorPath::Read => subject.read(prepared, clip, truth),
        DetectorPath::Trace => subject.trace(prepared, clip, truth),
        DetectorPath::Identify => subject.identify(prepared, clip),
    }
}

/// The answer against the truth, by the way that was asked.
fn judged(
    settings: &RunSettings<'_>,
    row: &Row,
    (finding, placing, shown): (&Finding, Option<Placing>, &[ShownTitle]),
    expected: &[String],
) -> Answer {
    match row.path {
        // A call that failed said nothing, not even that nobody is there.
        _ if finding.failure.is_some() => Answer::None,
        // In a register of one title its name says nothing; a pasted mark lies on pictures of another.
        DetectorPath::Trace
            if settings.suite.catalogue.is_some()
                && !row.attack.source().is_some_and(Source::is_foreign)
                && names_another(finding, shown) =>
        {
            Answer::Wrong
        }
        DetectorPath::Read | DetectorPath::Trace => judge(&finding.accused, expected),
        DetectorPath::Identify => judge_title(finding, placing, shown),
    }
}

/// Length of the attacked clip.
fn seconds_left(settings: &RunSettings<'_>, clip: &Clip, row: &Row, applied: &Applied) -> f64 {
    let source = row.attack.source();
    if source.is_some_and(|source| source.together().is_some()) {
        return applied.course.seconds();
    }
    row.attack.seconds_left(Timing {
        seconds: clip.seconds_marked(settings.suite.clips.first_seconds),
        frame_rate: clip.frame_rate,
    })
}

/// The copies that a row begins with; none of an unknown clip.
fn copies<'a>(
    settings: &RunSettings<'_>,
    prepared: &'a Prepared,
    index: usize,
    row: &Row,
) -> Result<&'a [MarkedCopy]> {
    let made = prepared.copies.len();
    // Attacks on one copy take turns with the copies, from one that the clip's seed draws on: no delivery is that of all clips in a
    // suite of one row. Those on several begin with the first.
    let turn = index + usize::from(prepared.seed[0] & 1);
    let first = match row.attack.source() {
        None | Some(Source::WrongKeys | Source::Together(_)) => {
            turn % settings.suite.deliveries.marked.min(made).max(1)
        }
        Some(_) => 0,
    };
    prepared.copies.get(first..).context("nothing was marked")
}

/// The titles of the register that the attacked clip shows; none of an unknown clip and where nothing of it is left.
fn titles(settings: &RunSettings<'_>, stock: &Stock<'_>, row: &Row) -> Vec<ShownTitle> {
    let (suite, prepared) = (settings.suite, stock.prepared);
    let is_other = row.attack.source().is_some_and(Source::is_foreign);
    if is_other || suite.is_unknown(&prepared.title) || !row.attack.shows_the_title() {
        return Vec::new();
    }
    let own = Catalogue::default();
    let catalogue = suite.catalogue.as_ref().unwrap_or(&own);
    let mut shown = catalogue.titles_of(&prepared.title);
    let source = row.attack.source();
    let together = source.filter(|source| source.together().is_some());
    let others = stock.other_titles.iter().zip(&Shows::FILMS[1..]);
    for (other, film) in others.take(together.map_or(0, Source::others)) {
        if !suite.is_unknown(other) && *other != prepared.title {
            let beside = catalogue.titles_of(other).into_iter();
            shown.extend(beside.map(|title| ShownTitle {
                film: *film,
                ..title
            }));
        }
    }
    shown
}

/// Whether another title is named than those that the clip shows.
fn names_another(finding: &Finding, shown: &[ShownTitle]) -> bool {
    let is_shown = |name: &String| shown.iter().any(|title| title.name == *name);
    !finding.titles.iter().all(is_shown)
}

/// How long a clip shows a film.
fn seconds_of(film: Shows, course: &Course) -> f64 {
    let own = course.pieces().iter();
    own.filter(|piece| piece.shows.includes(film))
        .map(Piece::seconds)
        .sum()
}

/// Copies that a right answer names: none of an unknown clip, nor where a cut of titles that were put together leaves the others alone.
fn guilty_copies(unknown: bool, row: &Row, applied: &Applied) -> usize {
    let together = row.attack.source().and_then(Source::together);
    let is_there = together.is_none() || seconds_of(Shows::Own, &applied.course) > 0.0;
    if is_there && !unknown {
        row.attack.guilty()
    } else {
        0
    }
}

/// Whether an answer leaves out a title of several that were put together.
fn lacks_a_title(row: &Row, finding: &Finding, (shown, course): (&[ShownTitle], &Course)) -> bool {
    let together = row.attack.source().and_then(Source::together);
    together.is_some() && row.path != DetectorPath::Read && !names_all(finding, shown, course)
}

/// Whether of each film that a clip shows for so long a title is named.
fn names_all(finding: &Finding, shown: &[ShownTitle], course: &Course) -> bool {
    Shows::FILMS.into_iter().all(|film| {
        let mut titles = shown.iter().filter(|title| title.film == film).peekable();
        titles.peek().is_none()
            || seconds_of(film, course) < NAMED_FROM_SECONDS
            || titles.any(|title| finding.titles.contains(&title.name))
    })
}

/// Title and time against the truth.
pub(super) fn judge_title(
    finding: &Finding,
    placing: Option<Placing>,
    shown: &[ShownTitle],
) -> Answer {
    match placing {
        _ if names_another(finding, shown) => Answer::Wrong,
        // Nothing to be found, and nothing was.
        None => Answer::Exact,
        Some(_) if finding.titles.is_empty() => Answer::None,
        Some(placing) if placing.is_right() => Answer::Exact,
        Some(_) => Answer::Part,
    }
}

/// The answer against the truth: one innocent beside the guilty is a wrong accusation too.
pub(super) fn judge(accused: &[String], expected: &[String]) -> Answer {
    let holds = |all: &[String], one: &String| all.iter().any(|p| p.eq_ignore_ascii_case(one));
    if accused.iter().any(|p| !holds(expected, p)) {
        Answer::Wrong
    } else if expected.iter().all(|p| holds(accused, p)) {
        Answer::Exact
    } else if accused.is_empty() {
        Answer::None
    } else {
        Answer::Part
    }
}
