//! Results in words, as a terminal shows them.
//!
//! # Shapes and units
//! Seconds with two decimals; bounds as `log10 p`, rounded towards less certainty. Several lines where a result has
//! several parts, none at the end.

use std::fmt::{self, Display, Formatter, Write as _};

use countermark_trace::result::{
    ACCUSATION_LOG10_P, Accusation, ClipReport, Decision, Geometry, Host, Identification, Match,
    Sense, Tried, Verdict,
};

use crate::json::rounded_up;

/// A result that is displayed in words.
#[derive(Debug, Clone, Copy)]
pub struct InWords<'a, T>(pub &'a T);

/// The answer for one clip.
#[must_use]
pub const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Traced => "traced",
        Verdict::TitleOnly => "title found, no delivery",
        Verdict::NotFound => "not found",
    }
}

/// Which decision accuses.
#[must_use]
pub const fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Open => "decoded from the picture and confirmed by the delivery's own code",
        Decision::Closed => "scored against the deliveries on record",
    }
}

impl Display for InWords<'_, ClipReport> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(it) = self;
        let title = it
            .identity
            .as_ref()
            .and_then(|identity| identity.title.as_deref());
        write!(f, "{}: {}", it.file, verdict(it.verdict))?;
        if let Some(title) = title {
            write!(f, "\n  title        {title}")?;
        }
        for found in it.identity.iter().flat_map(|identity| &identity.matches) {
            write!(f, "\n  seconds      {}", placed(found, title))?;
        }
        for accused in &it.deliveries {
            write!(f, "\n{}", InWords(accused))?;
        }
        if let Some(geometry) = &it.geometry {
            write!(f, "\n  geometry     {}", InWords(geometry))?;
        }
        write!(f, "\n  tried        {}", InWords(&it.tried))
    }
}

impl Display for InWords<'_, Accusation> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(it) = self;
        match &it.delivery {
            Some(delivery) => writeln!(f, "  delivery     {delivery}")?,
            None => writeln!(
                f,
                "  delivery     not looked up: a read key has no register"
            )?,
        }
        writeln!(f, "  payload      {}", it.payload)?;
        writeln!(f, "  distributor  {}", it.distributor)?;
        if let Some(licensee) = &it.licensee {
            writeln!(f, "  licensee     {licensee}")?;
        }
        writeln!(f, "  found by     {}", decision(it.path))?;
        write!(f, "  certainty    {}", certainty(it))
    }
}

/// The chance that an accusation is wrong.
#[must_use]
pub fn certainty(accused: &Accusation) -> String {
    format!(
        "the chance that this accusation is wrong is below {} (log10 p = {:.2}, accused only below {ACCUSATION_LOG10_P})",
        chance(accused.log10_p),
        rounded_up(accused.log10_p, 2),
    )
}

impl Display for InWords<'_, Tried> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(it) = self;
        let mut counts = String::new();
        for (count, one, many) in [
            (it.frames, "frame", "frames"),
            (it.titles, "title", "titles"),
            (it.keys, "distributor's key", "distributors' keys"),
            (it.deliveries, "delivery on record", "deliveries on record"),
            (it.offsets, "time offset", "time offsets"),
            (it.geometries, "geometry", "geometries"),
        ] {
            if count > 0 {
                write!(counts, "{count} {}, ", if count == 1 { one } else { many })?;
            }
        }
        let host = match it.host {
            Host::Reference => "with the reference",
            Host::Blind => "without a reference",
        };
        write!(f, "{counts}{host}; ")?;
        match it.best_log10_p {
            Some(best) => write!(
                f,
                "best log10 p = {:.2}, accused only below {}",
                rounded_up(best, 2),
                it.threshold_log10_p
            ),
            None => f.write_str("nothing could be scored"),
        }
    }
}

/// A match; its title is named where it is another than the clip's.
#[must_use]
pub fn placed(found: &Match, title: Option<&str>) -> String {
    let [start, end] = found.query;
    let [from, to] = found.reference;
    let master = match found.title.as_deref() {
        Some(other) if Some(other) != title => format!("{other:?}"),
        _ => "the master".to_owned(),
    };
    let mut words =
        format!("{start:.2} to {end:.2} of the clip show {from:.2} to {to:.2} of {master}");
    if (found.speed - 1.0).abs() > 5e-4 {
        let _ = write!(words, " at {:.3} times its speed", found.speed);
    }
    if found.mirrored {
        words.push_str(", mirrored");
    }
    match found.by[..] {
        [Sense::Sound] => words.push_str(", by the sound alone"),
        [Sense::Picture, Sense::Sound] => words.push_str(", and sound like it"),
        _ => {}
    }
    words
}

/// `1 in ..` of a bound, rounded towards less certainty.
fn chance(log10_p: f64) -> String {
    let digits = (-log10_p).floor().max(0.0) as u32;
    match digits {
        0 => "1".to_owned(),
        1..=2 => format!("1 in {}", 10_u32.pow(digits)),
        3..=17 => {
            let number = ["1", "10", "100"][digits as usize % 3];
            let name = ["thousand", "million", "billion", "trillion", "quadrillion"]
                [digits as usize / 3 - 1];
            format!("1 in {number} {name}")
        }
        _ => format!("1 in 10^{digits}"),
    }
}

impl Display for InWords<'_, Geometry> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(it) = self;
        let corners = it
            .corners
            .map(|[x, y]| format!("({:.1}, {:.1})", 100.0 * x, 100.0 * y));
        write!(
            f,
            "the picture's corners lie at {} percent of the frame",
            corners.join(" ")
        )?;
        if it.mirrored {
            f.write_str(", mirrored")?;
        }
        if it.rotation_degrees.abs() >= 0.1 {
            write!(f, ", turned by {:.1} degrees", it.rotation_degrees)?;
        }
        if (it.speed - 1.0).abs() >= 0.002 {
            write!(f, ", at {:.3} times the speed", it.speed)?;
        }
        write!(
            f,
            "; the clip begins at {:.2} s of the master; the synchronisation scores {:.1}",
            it.start, it.score
        )
    }
}

impl Display for InWords<'_, Identification> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(it) = self;
        match &it.identity.title {
            Some(title) => write!(f, "{}: title found\n  title        {title}", it.file)?,
            None => write!(f, "{}: not found", it.file)?,
        }
        for found in &it.identity.matches {
            write!(
                f,
                "\n  seconds      {}",
                placed(found, it.identity.title.as_deref())
            )?;
        }
        write!(
            f,
            "\n  tried        {} {} in {} {}, {} sighted",
            it.probes,
            if it.probes == 1 { "frame" } else { "frames" },
            it.titles,
            if it.titles == 1 { "title" } else { "titles" },
            it.sighted,
        )?;
        if it.telling < it.probes {
            let flat = it.probes - it.telling;
            write!(f, "; {flat} too flat or too dark to be recognised")?;
        }
        Ok(())
    }
}

/// A bound, rounded towards less certainty.
#[must_use]
pub fn logarithm(log10_p: f64) -> String {
    // Not minus zero.
    format!("{:.2}", rounded_up(log10_p, 2) + 0.0)
}

#[cfg(test)]
mod tests;
