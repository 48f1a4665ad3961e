//! Results in words, as a terminal shows them.
//!
//! # Shapes and units
//! Seconds and scores with two decimals, rounded towards less certainty. Several lines where a result has several parts, none at the
//! end. Names of strangers go through [`Visible`].

use std::fmt::{self, Display, Formatter, Write as _};

use countermark_trace::result::{
    Accusation, ClipReport, Decision, Geometry, Host, Identification, Match, Sense, Tried, Verdict,
};

use crate::Audience;
use crate::visible::Visible;

mod claim;
pub mod credentials;

pub use claim::{
    LEAST_LOG10, NULL, chance, conditional, not_said, rounded_down, rounded_up, score,
};

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

/// How an accusation came about: two decisions on one score are one witness.
#[must_use]
pub const fn decision(accused: &Accusation) -> &'static str {
    match (accused.path, accused.decoded) {
        (Decision::Closed, false) => "scored against the deliveries on record",
        (Decision::Closed, true) => {
            "scored against the deliveries on record, also decoded from the picture: one score"
        }
        (Decision::Open, _) => "decoded from the picture and scored by the delivery's own code",
    }
}

/// By what a clip was recognised.
#[must_use]
pub const fn sense(sense: Sense) -> &'static str {
    match sense {
        Sense::Picture => "picture",
        Sense::Sound => "sound",
    }
}

/// A result in words for an audience.
#[derive(Debug, Clone, Copy)]
pub struct WordsFor<'a, T>(pub &'a T, pub Audience);

impl Display for InWords<'_, ClipReport> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        WordsFor(self.0, Audience::Outgoing).fmt(f)
    }
}

impl Display for WordsFor<'_, ClipReport> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(it, audience) = self;
        let title = it
            .identity
            .as_ref()
            .and_then(|identity| identity.title.as_deref());
        write!(f, "{}: {}", Visible(&it.file), verdict(it.verdict))?;
        if let Some(title) = title {
            write!(f, "\n  title        {}", Visible(title))?;
        }
        for found in it.identity.iter().flat_map(|identity| &identity.matches) {
            write!(f, "\n  seconds      {}", placed(found, title))?;
        }
        for accused in &it.deliveries {
            write!(f, "\n{}", InWords(accused))?;
        }
        if !it.deliveries.is_empty() {
            write!(f, "\n  not said     {}", Visible(not_said(&it.deliveries)))?;
        }
        if let Some(geometry) = &it.geometry {
            write!(f, "\n  geometry     {}", InWords(geometry))?;
        }
        if let Some(credentials) = &it.credentials {
            write!(f, "\n  c2pa         {}", InWords(credentials))?;
        }
        write!(f, "\n  tried        {}", InWords(&it.tried))?;
        if audience.is_internal() {
            write!(
                f,
                "\n  internal     {}",
                WordsFor(&it.tried, Audience::Internal)
            )?;
        }
        Ok(())
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
        writeln!(f, "  distributor  {}", Visible(&it.distributor))?;
        if let Some(licensee) = &it.licensee {
            writeln!(f, "  licensee     {}", Visible(licensee))?;
        }
        if let Some(licence) = &it.licence {
            writeln!(f, "  licence      {}", Visible(licence))?;
        }
        writeln!(
            f,
            "  signal       the clip carries the signal of this copy: {}",
            score(&it.bound)
        )?;
        writeln!(f, "  found by     {}", decision(it))?;
        if it.share < 0.995 {
            writeln!(
                f,
                "  share        {:.0} % of the highest score among the accused",
                100.0 * it.share
            )?;
        }
        write!(f, "  meaning      {}", conditional(&it.bound))
    }
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
        let Some(best) = it.best else {
            return f.write_str("nothing could be scored");
        };
        let other = if best.accuses() {
            "other score"
        } else {
            "score"
        };
        let threshold = rounded_up(best.threshold_t());
        match it.innocent.or_else(|| (!best.accuses()).then_some(best)) {
            Some(innocent) => write!(
                f,
                "no {other} above {:.0}, accused from {threshold} on",
                innocent.told_t()
            ),
            None => write!(f, "accused from {threshold} on"),
        }
    }
}

/// The scores that outsiders do not get.
impl Display for WordsFor<'_, Tried> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(it, _) = self;
        f.write_str("for the studio only")?;
        for (name, bound) in [
            ("nearest", it.best),
            ("best that is not accused", it.innocent),
        ] {
            if let Some(bound) = bound {
                write!(f, "; {name}: {}", score(&bound))?;
            }
        }
        Ok(())
    }
}

/// Times that may be off by so many seconds are a range.
const VAGUE_SECONDS: f64 = 0.3;

/// A match; its title is named where it is another than the clip's.
#[must_use]
pub fn placed(found: &Match, title: Option<&str>) -> String {
    let [start, end] = found.query;
    let [from, to] = found.reference;
    let master = match found.title.as_deref() {
        Some(other) if Some(other) != title => Visible(format!("{other:?}")).to_string(),
        _ => "the master".to_owned(),
    };
    let mut words =
        format!("{start:.2} to {end:.2} of the clip show {from:.2} to {to:.2} of {master}");
    match found.tolerance {
        Some(seconds) if seconds >= VAGUE_SECONDS => {
            let earliest = (from.min(to) - seconds).max(0.0);
            let latest = from.max(to) + seconds;
            let _ = write!(
                words,
                ", or as much of {earliest:.1} to {latest:.1}, for the pictures hardly change"
            );
        }
        Some(seconds) => {
            let _ = write!(words, " \u{b1} {seconds:.2} s");
        }
        None => {}
    }
    if found.speed < 0.0 {
        words.push_str(" backwards");
    }
    if found.speed.abs() < 5e-4 && end > start {
        words.push_str(", standing still");
    } else if (found.speed.abs() - 1.0).abs() > 5e-4 {
        let _ = write!(words, " at {:.3} times its speed", found.speed.abs());
    }
    if found.mirrored {
        words.push_str(", mirrored");
    }
    if found.negative {
        words.push_str(", as a negative");
    }
    if let Some(place) = found.rectangle {
        let rect = place.rect;
        let _ = write!(
            words,
            ", in {} x {} of {} x {} samples from ({}, {}) on",
            rect.width, rect.height, place.frame.0, place.frame.1, rect.left, rect.top
        );
    }
    match found.by[..] {
        [Sense::Sound] => words.push_str(", by the sound alone"),
        [Sense::Picture, Sense::Sound] => words.push_str(", and sound like it"),
        _ => {}
    }
    if !found.also.is_empty() {
        let also: Vec<String> = found
            .also
            .iter()
            .map(|title| Visible(format!("{:?}", &**title)).to_string())
            .collect();
        let _ = write!(words, "; so does {}", also.join(", so does "));
    }
    words
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
            Some(title) => write!(
                f,
                "{}: title found\n  title        {}",
                Visible(&it.file),
                Visible(title)
            )?,
            None => write!(f, "{}: not found", Visible(&it.file))?,
        }
        for found in &it.identity.matches {
            write!(
                f,
                "\n  seconds      {}",
                placed(found, it.identity.title.as_deref())
            )?;
        }
        if let Some(credentials) = &it.credentials {
            write!(f, "\n  c2pa         {}", InWords(credentials))?;
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
        for near in &it.candidates {
            write!(
                f,
                "\n  no finding   {}: {} sighted, score {:.2}",
                Visible(&near.title),
                near.sighted,
                near.score
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
