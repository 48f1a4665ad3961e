//! The tables of a board, as Markdown and for the page: systems, attacks, where half of the clips are lost.
//!
//! # Shapes and units
//! Shares in percent with Wilson's interval; what is not known is a dash, what cannot be told says why.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::measure::{Interval, Measures, Tpr};
use super::{Board, Contender, Entry, Half, SystemLine, halves};
use crate::statistics::{Share, bootstrap, mean};
use crate::suite::DetectorPath;

/// A table with what must be said about it.
pub(super) struct Sheet {
    pub(super) title: &'static str,
    pub(super) notes: Vec<String>,
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

/// All tables, the one of systems first.
pub(super) fn sheets(board: &Board) -> Vec<Sheet> {
    let all = [
        systems(board),
        costs(board),
        attacks(board),
        half_lost(board),
    ];
    all.into_iter()
        .filter(|sheet| !sheet.rows.is_empty())
        .collect()
}

pub(super) fn to_markdown(board: &Board) -> String {
    let mut text = String::from("# Systems side by side\n");
    for sheet in sheets(board) {
        let _ = write!(text, "\n## {}\n\n", sheet.title);
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells
                .iter()
                .map(|cell| cell.replace('|', "/").replace('\n', " "))
                .collect();
            format!("| {} |\n", cells.join(" | "))
        };
        text.push_str(&line(&sheet.head));
        let _ = writeln!(text, "|{}", "---|".repeat(sheet.head.len()));
        for row in &sheet.rows {
            text.push_str(&line(row));
        }
        for note in &sheet.notes {
            let _ = write!(text, "\n{note}\n");
        }
    }
    text
}

/// A contender as people call it.
pub(super) fn name(contender: &Contender) -> String {
    match contender.path {
        DetectorPath::Trace => format!("{}, trace", contender.system),
        _ => contender.system.clone(),
    }
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

/// Marked clips of the attacks that all were asked, and unmarked ones after the same attacks.
fn compared<'a>(
    board: &'a Board,
    contender: &'a Contender,
    attacks: &[String],
) -> (Vec<&'a Entry>, Vec<&'a Entry>) {
    let is_one = |attack: &str| attacks.iter().any(|known| known == attack);
    let marked = board
        .of(contender)
        .filter(|entry| entry.is_marked() && is_one(&entry.line.attack));
    let unmarked = board
        .of(contender)
        .filter(|entry| entry.unmarked_attack().is_some_and(is_one));
    (marked.collect(), unmarked.collect())
}

/// What a way of asking has at hand.
fn aids(line: Option<&SystemLine>, contender: &Contender) -> String {
    let Some(line) = line else {
        return "-".to_owned();
    };
    let traced = contender.path == DetectorPath::Trace;
    let has = [
        (line.keys, "keys"),
        (traced && line.reference, "reference"),
        (traced && line.register, "register"),
    ];
    let named: Vec<&str> = has
        .into_iter()
        .filter_map(|(has, what)| has.then_some(what))
        .collect();
    if named.is_empty() {
        "none".to_owned()
    } else {
        named.join(", ")
    }
}

fn systems(board: &Board) -> Sheet {
    let attacks = board.attacks();
    let clips: BTreeSet<&str> = board
        .entries
        .iter()
        .map(|entry| entry.line.clip.as_str())
        .collect();
    let mut notes = vec![format!(
        "Over {} attacks that all were asked, on {} clips. \"Exact\": just the right payload, among those on record; \"bits\": share of \
             payload bits, 50 % is guessing (of {}: coded bits before decoding); \"TPR\": share of marked clips above the score that at most \
             one in a hundred, or thousand, unmarked clips exceed after the same attacks; \"says so\": clips of which the system itself says \
             that they are marked.",
        attacks.len(),
        clips.len(),
        crate::system::OURS
    )];
    let rows = board.contenders().into_iter().map(|contender| {
        let line = board
            .systems
            .iter()
            .find(|line| line.system == contender.system);
        let (marked, unmarked) = compared(board, &contender, &attacks);
        let told = Measures::of(&marked, &unmarked);
        let missing = (attacks.len() * clips.len()).saturating_sub(marked.len());
        let claim = line.and_then(|line| line.claim_log10_fpr);
        vec![
            name(&contender),
            line.map_or_else(String::new, |line| line.version.clone()),
            aids(line, &contender),
            line.map_or("-".to_owned(), |line| line.bits.to_string()),
            share(told.exact),
            told.bits.map_or("-".to_owned(), percent),
            rate_at(told.tpr_2),
            rate_at(told.tpr_3),
            share(told.claimed),
            share(told.false_claims),
            claim.map_or("states none".to_owned(), |claim| format!("10^{claim}")),
            told.log10_p
                .map_or("no bound".to_owned(), |p| interval(p, 1)),
            told.wrong.to_string(),
            if told.failures + missing as u64 == 0 {
                "none".to_owned()
            } else {
                format!("{} failed, {missing} not run", told.failures)
            },
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    notes.extend(without_aids(board));
    Sheet {
        title: "Systems",
        notes,
        head: words(&[
            "system",
            "version",
            "has at hand",
            "bits",
            "exact",
            "bits right",
            "TPR at 10^-2",
            "TPR at 10^-3",
            "says so, marked",
            "says so, unmarked",
            "claims at most",
            "median log10 bound",
            "wrong accusations",
            "missing",
        ]),
        rows,
    }
}

/// For each system with keys, a reference or a register: which row is without them.
fn without_aids(board: &Board) -> Vec<String> {
    let mut notes = Vec::new();
    for contender in board.contenders() {
        let Some(line) = board
            .systems
            .iter()
            .find(|line| line.system == contender.system)
        else {
            continue;
        };
        if contender.path == DetectorPath::Trace && (line.reference || line.register) {
            notes.push(format!(
                "{} has {}; the row {} is without reference and register.",
                name(&contender),
                aids(Some(line), &contender),
                contender.system
            ));
        }
        if contender.path == DetectorPath::Read && line.keys {
            let wrong: Vec<&Entry> = board
                .entries
                .iter()
                .filter(|entry| {
                    entry.line.system == contender.system
                        && entry.line.attack.starts_with("wrong-keys")
                })
                .collect();
            let named = wrong.iter().filter(|entry| entry.line.claims).count();
            notes.push(format!(
                "{} cannot be asked without keys; with another studio's it named somebody in {named} of {} marked clips.",
                contender.system,
                wrong.len()
            ));
        }
    }
    notes
}

fn costs(board: &Board) -> Sheet {
    let names: BTreeSet<&str> = board
        .systems
        .iter()
        .map(|line| line.system.as_str())
        .collect();
    let metrics: BTreeSet<&str> = board
        .systems
        .iter()
        .flat_map(|line| line.metrics.split(';'))
        .filter_map(|metric| Some(metric.split_once('=')?.0))
        .collect();
    let rows = names.iter().map(|system| {
        let lines: Vec<&SystemLine> = board
            .systems
            .iter()
            .filter(|line| line.system == *system)
            .collect();
        let over = |value: fn(&SystemLine) -> Option<f64>, digits: usize| {
            let values: Vec<f64> = lines.iter().filter_map(|line| value(line)).collect();
            mean_of(&values, digits)
        };
        let asked: Vec<f64> = board
            .entries
            .iter()
            .filter(|entry| entry.line.system == *system)
            .map(|entry| entry.line.detector_seconds)
            .collect();
        let mut row = vec![
            (*system).to_owned(),
            over(|line| line.psnr_y_db, 1),
            over(|line| line.ssim, 4),
            over(|line| line.vmaf_mean, 1),
            over(|line| line.xpsnr_y_db, 1),
            over(|line| line.bd_rate.map(|rate| rate * 100.0), 1),
            over(
                |line| {
                    Some(line.marking_seconds? / line.frames.filter(|frames| *frames > 0)? as f64)
                },
                3,
            ),
            mean_of(&asked, 2),
        ];
        row.extend(metrics.iter().map(|metric| told(&lines, metric)));
        row
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let mut head = words(&[
        "system",
        "PSNR-Y, dB",
        "SSIM",
        "VMAF",
        "XPSNR, dB",
        "BD-rate, %",
        "marking, s a frame",
        "one answer, s",
    ]);
    head.extend(metrics.iter().map(|metric| (*metric).to_owned()));
    Sheet {
        title: "What the mark costs",
        notes: vec![
            "Means over clips with the interval of 95 % of drawing clips again. The marked frames before any delivery encoding, against the \
             master. BD-rate: more bitrate at equal luma PSNR, x264 at CRF 18 to 46. Times are wall time with everything that a call takes, \
             decoding and encoding too, and mean something only when nothing else runs."
                .to_owned(),
        ],
        head,
        rows,
    }
}

/// What a program told over clips, or why it did not.
fn told(lines: &[&SystemLine], metric: &str) -> String {
    let mut values = Vec::new();
    let mut why = None;
    for told in lines.iter().flat_map(|line| line.metrics.split(';')) {
        let Some((_, told)) = told.split_once('=').filter(|(name, _)| *name == metric) else {
            continue;
        };
        match told.strip_prefix('?') {
            Some(reason) => why = Some(reason),
            None => values.extend(told.parse::<f64>()),
        }
    }
    match why {
        Some(why) if values.is_empty() => format!("not checked: {why}"),
        Some(_) => format!("{} (not of all clips)", mean_of(&values, 3)),
        None => mean_of(&values, 3),
    }
}

fn attacks(board: &Board) -> Sheet {
    let contenders = board.contenders();
    let mut head = words(&["attack", "left, dB"]);
    head.extend(contenders.iter().map(name));
    let rows = board.attacks().into_iter().map(|attack| {
        let one = std::slice::from_ref(&attack);
        let told: Vec<Measures> = contenders
            .iter()
            .map(|contender| {
                let (marked, unmarked) = compared(board, contender, one);
                Measures::of(&marked, &unmarked)
            })
            .collect();
        let left: Vec<f64> = told.iter().filter_map(|told| told.attacked_db).collect();
        let mut row = vec![
            attack.clone(),
            mean(&left).map_or("-".to_owned(), |db| format!("{db:.1}")),
        ];
        row.extend(told.iter().map(|told| {
            let bits = told.bits.map_or(String::new(), |bits| {
                format!(", bits {:.0} %", bits.value * 100.0)
            });
            let claimed = if told.false_claims.trials > 0 {
                format!(
                    ", says so {}/{}, unmarked {}/{}",
                    told.claimed.hits,
                    told.claimed.trials,
                    told.false_claims.hits,
                    told.false_claims.trials
                )
            } else {
                String::new()
            };
            format!("{}{bits}{claimed}", share(told.exact))
        }));
        row
    });
    Sheet {
        title: "Attacks",
        notes: vec![
            "Exact payloads with their interval, the mean share of right bits, and of how many clips the system says that they are marked. \
             \"Left\": mean luma PSNR of the attacked clips against the master, bent as the attack bends it."
                .to_owned(),
        ],
        rows: rows.collect(),
        head,
    }
}

fn half_lost(board: &Board) -> Sheet {
    let mut found = halves(board);
    // The strongest first: whoever lasts until the pictures are worst.
    let left = |half: &Half| match half {
        Half::NotReached { .. } => f64::NEG_INFINITY,
        Half::At { quality_db, .. } => quality_db.unwrap_or(0.0),
        Half::FromTheStart { .. } => f64::INFINITY,
    };
    found.sort_by(|a, b| {
        (&a.template, left(&a.half))
            .partial_cmp(&(&b.template, left(&b.half)))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    let rows = found.into_iter().map(|lost| {
        let number = |value: f64| format!("{}", (value * 100.0).round() / 100.0);
        let (strength, quality) = match lost.half {
            Half::At {
                strength,
                easier,
                harder,
                quality_db,
            } => {
                let end = |end: Option<f64>| end.map_or("beyond".to_owned(), number);
                let range = format!("{} ({} to {})", number(strength), end(easier), end(harder));
                (
                    range,
                    quality_db.map_or("-".to_owned(), |db| format!("{db:.1}")),
                )
            }
            Half::NotReached { hardest } => (
                format!("not reached up to {}", number(hardest)),
                "-".to_owned(),
            ),
            Half::FromTheStart { easiest } => (
                format!("lost at {} already", number(easiest)),
                "-".to_owned(),
            ),
        };
        vec![
            lost.template,
            name(&lost.contender),
            format!("{strength} {}", lost.axis),
            quality,
        ]
    });
    Sheet {
        title: "Where half of the clips are lost",
        notes: vec![
            "The strength N at which the falling function nearest to the measured rates goes through one half, with the interval of 95 % of \
             drawing clips again (from easier to harder; \"beyond\": outside of what was tried), and the luma PSNR that the attack leaves \
             there. The lower that is, the more of the film a pirate must give up."
                .to_owned(),
        ],
        head: words(&["attack", "system", "strength", "left, dB"]),
        rows: rows.collect(),
    }
}

fn share(share: Share) -> String {
    let Some(rate) = share.rate() else {
        return "-".to_owned();
    };
    let (low, high) = share.wilson();
    format!(
        "{}/{}, {:.0} % ({:.0} to {:.0})",
        share.hits,
        share.trials,
        rate * 100.0,
        low * 100.0,
        high * 100.0
    )
}

fn rate_at(tpr: Tpr) -> String {
    match tpr {
        Tpr::Share { found, unmarked } => format!("{}; {unmarked} unmarked", share(found)),
        Tpr::TooFew { unmarked, needed } => {
            format!("not told: {unmarked} unmarked, {needed} needed")
        }
    }
}

fn percent(of: Interval) -> String {
    let of = Interval {
        value: of.value * 100.0,
        range: of.range.map(|(low, high)| (low * 100.0, high * 100.0)),
    };
    format!("{} %", interval(of, 1))
}

fn interval(of: Interval, digits: usize) -> String {
    let range = of.range.map_or(String::new(), |(low, high)| {
        format!(" ({low:.digits$} to {high:.digits$})")
    });
    format!("{:.digits$}{range}", of.value)
}

fn mean_of(values: &[f64], digits: usize) -> String {
    let Some(value) = mean(values) else {
        return "-".to_owned();
    };
    let of = |places: &[usize]| {
        places.iter().map(|&place| values[place]).sum::<f64>() / places.len() as f64
    };
    let range = bootstrap(values.len(), super::measure::DRAWS, of);
    interval(Interval { value, range }, digits)
}
