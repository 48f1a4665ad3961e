//! `attack`: damages files as attacks by their names do, and says what was done to them.
//!
//! ```text
//! INPUT OUTPUT --as NAME       one file
//! INPUT FOLDER --suite NAME    one for each attack of a suite: FOLDER/NAME.mkv, .jpg
//! --list                       every step with its unit and its range
//! ```
//!
//! With `--json` a line for each file: what it shows when and where, which copies are in it, where it was cut.
//!
//! # Shapes and units
//! Seconds of media time; pixels.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use countermark_attack::list::{LIST, Listed};
use countermark_attack::{Applied, Attack, AttackError, Materials, Place, apply};
use countermark_media::probe;
use serde::Serialize;

use crate::args::AttackArgs;
use crate::outcome::Outcome;
use crate::suite::Suite;

/// What was done to one file.
#[derive(Serialize)]
struct Told<'a> {
    output: &'a Path,
    attack: String,
    seed: u64,
    /// Random places: starts of cuts and times of pictures.
    cuts: Vec<f64>,
    /// Of the input and the files after `--with`, from 0, where chance chose.
    copies: Option<Vec<usize>>,
    /// Which moments of the input, or of the other title, are shown when.
    shows: Vec<countermark_attack::Piece>,
    /// Where the picture of the input lies in the output, from which moment on.
    lies: Vec<countermark_attack::Placement>,
    width: u32,
    height: u32,
}

/// Carries out the command.
///
/// # Errors
/// One line that names file and reason.
pub fn attack(args: &AttackArgs) -> Result<Outcome> {
    if args.list {
        return list(args.json).map(Outcome::Done);
    }
    let (Some(input), Some(output)) = (&args.input, &args.output) else {
        bail!("an input and an output are needed");
    };
    match (&args.attack, &args.suite) {
        (Some(name), _) => one(args, input, output, name).map(Outcome::Done),
        (None, Some(suite)) => batch(args, input, output, suite).map(Outcome::Done),
        (None, None) => bail!("an attack or a suite is needed"),
    }
}

/// Every step.
fn list(json: bool) -> Result<String> {
    if json {
        return Ok(serde_json::to_string_pretty(LIST)? + "\n");
    }
    let mut text = String::new();
    let mut group = "";
    for listed in LIST {
        if listed.group != group {
            group = listed.group;
            writeln!(text, "{group}")?;
        }
        let Listed {
            form,
            what,
            unit,
            from,
            to,
            ..
        } = listed;
        let range = if unit.is_empty() {
            String::new()
        } else {
            format!("; {unit}, {from} to {to}")
        };
        writeln!(text, "  {form:<28} {what}{range}")?;
    }
    Ok(text)
}

fn one(args: &AttackArgs, input: &Path, output: &Path, attack: &Attack) -> Result<String> {
    let is_picture = attack.extension() == "jpg";
    let is_stream = attack.extension() == "ts";
    let named = |names: &[&str]| {
        output
            .extension()
            .is_some_and(|e| names.iter().any(|name| e == *name))
    };
    if is_picture != named(&["jpg", "jpeg"]) || is_stream && !named(&["ts"]) {
        let wanted = if is_picture {
            ".jpg"
        } else if is_stream {
            ".ts"
        } else {
            "that of a video container"
        };
        bail!(
            "the extension of {} must be {wanted} for {attack}",
            output.display()
        );
    }
    carried_out(args, input, output, attack)
}

/// Every attack of a suite, each once; those that need files which were not given are left out and named.
fn batch(args: &AttackArgs, input: &Path, folder: &Path, suite: &str) -> Result<String> {
    let suite = Suite::load(suite)?;
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let mut done = BTreeSet::new();
    let mut text = String::new();
    for row in &suite.rows {
        let name = row.attack.to_string();
        if !done.insert(name.clone()) {
            continue;
        }
        let output = folder.join(format!("{name}.{}", row.attack.extension()));
        match carried_out(args, input, &output, &row.attack) {
            Ok(line) => text.push_str(&line),
            Err(error) => match error.downcast_ref::<AttackError>() {
                Some(AttackError::Missing { what, .. }) if args.json => {
                    writeln!(
                        text,
                        "{}",
                        serde_json::json!({"attack": name, "left_out": format!("needs {what}")})
                    )?;
                }
                Some(AttackError::Missing { what, .. }) => {
                    writeln!(text, "{name}: left out, needs {what}")?;
                }
                _ => return Err(error),
            },
        }
    }
    Ok(text)
}

fn carried_out(args: &AttackArgs, input: &Path, output: &Path, attack: &Attack) -> Result<String> {
    let same = |file: &Path| {
        let real = fs::canonicalize(file).ok();
        real.is_some() && real == fs::canonicalize(output).ok()
    };
    if let Some(file) = std::iter::once(input)
        .chain(args.with.iter().map(PathBuf::as_path))
        .find(|file| same(file))
    {
        bail!("input and output are the same file: {}", file.display());
    }
    if output.exists() && !args.force {
        bail!("{} exists already; --force replaces it", output.display());
    }
    let stem = input.file_stem().unwrap_or_default().to_string_lossy();
    let name = attack.to_string();
    let mut copies = vec![input];
    copies.extend(args.with.iter().map(PathBuf::as_path));
    let second = args.with.first().map(PathBuf::as_path);
    let further: Vec<&Path> = args.with.iter().skip(1).map(PathBuf::as_path).collect();
    let materials = Materials {
        copies: &copies,
        master: Some(input),
        remarked: Some(input),
        other: second,
        beside: &further,
        stranger: second,
    };
    let place = Place::new(args.seed, &stem, &name);
    let Applied {
        cuts,
        used,
        course,
        placements,
    } = apply(attack, &materials, output, &place)?;
    if args.json {
        let info = probe(output)?.video;
        let told = Told {
            output,
            attack: name,
            seed: args.seed,
            cuts,
            copies: used,
            shows: course.pieces().to_vec(),
            lies: placements,
            width: info.width,
            height: info.height,
        };
        return Ok(serde_json::to_string(&told)? + "\n");
    }
    let mut text = format!("{}: {name}", output.display());
    for start in cuts {
        write!(text, ", from {start:.3} s")?;
    }
    text.push('\n');
    Ok(text)
}
