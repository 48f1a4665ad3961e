//! What a studio says once for all commands: `~/.config/countermark/config.toml`, or the file that `--config` names.
//!
//! ```text
//! flag > environment > config file > what the program takes by itself
//! ```
//!
//! The file changes the defaults of flags, so that everything else about a flag holds for it as well.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::builder::{ArgPredicate, OsStr};
use clap::{Arg, Command};
use serde::Deserialize;

/// What may be said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The vault; from the file's folder on.
    pub vault: Option<PathBuf>,
    /// `mark --preset`.
    pub preset: Option<String>,
    /// `--jobs`.
    pub jobs: Option<NonZeroUsize>,
    /// `--threads`.
    pub threads: Option<NonZeroUsize>,
    /// `--memory`.
    pub memory: Option<String>,
}

impl Config {
    /// The file that these arguments name, else the usual one, where it is.
    ///
    /// # Errors
    /// When a file that is named cannot be read, or says what is not understood: with its line.
    pub fn of_arguments(arguments: &[OsString]) -> Result<Self> {
        if let Some(path) = named(arguments) {
            let text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read the config file {}", path.display()))?;
            return Self::parse(&text, &path);
        }
        let Some(path) = usual() else {
            return Ok(Self::default());
        };
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text, &path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error)
                .with_context(|| format!("cannot read the config file {}", path.display())),
        }
    }

    fn parse(text: &str, path: &Path) -> Result<Self> {
        let parsed: Result<Self, _> = toml::from_str(text);
        match parsed {
            Ok(mut config) => {
                let folder = path.parent().unwrap_or(Path::new(""));
                config.vault = config.vault.map(|vault| folder.join(vault));
                Ok(config)
            }
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                let line = text.get(..at).unwrap_or(text).matches('\n').count() + 1;
                bail!("{}, line {line}: {}", path.display(), error.message())
            }
        }
    }

    /// The command with these defaults, wherever it has such a flag.
    #[must_use]
    pub fn applied_to(&self, mut command: Command) -> Command {
        let has = |command: &Command, id: &str| command.get_arguments().any(|it| it.get_id() == id);
        let count = |count: NonZeroUsize| OsString::from(count.to_string());
        let defaults = [
            ("vault", self.vault.clone().map(PathBuf::into_os_string)),
            ("jobs", self.jobs.map(count)),
            ("threads", self.threads.map(count)),
            ("memory", self.memory.clone().map(OsString::from)),
        ];
        for (id, value) in defaults {
            if let Some(value) = value.filter(|_| has(&command, id)) {
                command = command.mut_arg(id, |arg| arg.default_value(fixed(value)));
            }
        }
        if let Some(preset) = self.preset.clone().filter(|_| has(&command, "preset")) {
            command = command.mut_arg("preset", |arg| usual_preset(arg, preset));
        }
        command.mut_subcommands(|command| self.applied_to(command))
    }
}

/// A text as the parser keeps it, which lives as long as the program: it is asked for once.
fn fixed(text: OsString) -> OsStr {
    let fixed: &'static std::ffi::OsStr = Box::leak(text.into_boxed_os_str());
    fixed.into()
}

/// A preset that whoever says how to encode does not get.
fn usual_preset(arg: Arg, preset: String) -> Arg {
    arg.default_value(fixed(OsString::from(preset)))
        .default_value_ifs([
            ("encoder", ArgPredicate::IsPresent, None::<&'static str>),
            ("like_master", ArgPredicate::Equals("true".into()), None),
        ])
}

fn named(arguments: &[OsString]) -> Option<PathBuf> {
    let mut arguments = arguments.iter().take_while(|word| *word != "--");
    while let Some(word) = arguments.next() {
        if word == "--config" {
            return arguments.next().map(PathBuf::from);
        }
        if let Some(path) = word
            .to_str()
            .and_then(|word| word.strip_prefix("--config="))
        {
            return Some(PathBuf::from(path));
        }
    }
    None
}

/// Where it usually is: `$XDG_CONFIG_HOME`, else `~/.config`.
fn usual() -> Option<PathBuf> {
    let folder = env::var_os("XDG_CONFIG_HOME").filter(|folder| !folder.is_empty());
    let folder = folder.map(PathBuf::from).or_else(|| {
        let home = env::var_os("HOME").filter(|home| !home.is_empty());
        home.map(|home| Path::new(&home).join(".config"))
    });
    folder.map(|folder| folder.join("countermark/config.toml"))
}

#[cfg(test)]
mod tests {
    use clap::{Args, FromArgMatches as _, Parser, Subcommand};

    use super::*;
    use crate::{Common, Threads};

    #[derive(Debug, Parser)]
    struct Line {
        #[command(subcommand)]
        command: Work,
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        threads: Threads,
    }

    #[derive(Debug, Subcommand)]
    enum Work {
        Mark(Mark),
        Batch {
            #[arg(long, default_value = "1")]
            jobs: NonZeroUsize,
        },
    }

    #[derive(Debug, Args)]
    struct Mark {
        #[arg(long)]
        encoder: Option<String>,
        #[arg(long, conflicts_with_all = ["encoder", "preset"])]
        like_master: bool,
        #[arg(long)]
        preset: Option<String>,
    }

    fn line(config: &Config, words: &str) -> Line {
        let command = config.applied_to(<Line as clap::CommandFactory>::command());
        let words = std::iter::once("tool").chain(words.split_whitespace());
        Line::from_arg_matches(&command.get_matches_from(words)).expect("a line")
    }

    fn parse(text: &str) -> Result<Config> {
        Config::parse(text, Path::new("/etc/studio/config.toml"))
    }

    #[test]
    fn a_flag_is_stronger_than_the_file_and_the_file_than_the_program() {
        let config = parse("vault = \"vault\"\njobs = 3\nthreads = 8\npreset = \"prores-hq\"\n");
        let config = config.expect("understood");
        let preset = |words: &str| match line(&config, words).command {
            Work::Mark(mark) => mark.preset,
            Work::Batch { .. } => None,
        };
        assert_eq!(preset("mark").as_deref(), Some("prores-hq"));
        assert_eq!(preset("mark --preset slow").as_deref(), Some("slow"));
        assert_eq!(preset("mark --encoder libx264"), None);
        assert_eq!(preset("mark --like-master"), None);
        let of = line(&config, "batch --threads 2");
        assert_eq!(of.common.vault, Path::new("/etc/studio/vault"));
        assert_eq!(of.threads.threads.map(NonZeroUsize::get), Some(2));
        let Work::Batch { jobs } = of.command else {
            panic!("a batch")
        };
        assert_eq!(jobs.get(), 3);
        let of = line(&Config::default(), "batch --vault v");
        assert_eq!(of.common.vault, Path::new("v"));
    }

    #[test]
    fn what_is_not_understood_is_named_with_its_line() {
        let said = |text: &str| parse(text).expect_err("refused").to_string();
        let unknown = said("# a studio\nvault = \"v\"\nthread = 2\n");
        assert!(
            unknown.starts_with("/etc/studio/config.toml, line 3: unknown field `thread`"),
            "{unknown}"
        );
        assert!(
            said("\njobs = 0\n").contains("line 2"),
            "{}",
            said("\njobs = 0\n")
        );
        assert!(said("vault = ").contains("line 1"));
    }

    #[test]
    fn the_file_that_is_named_is_read_and_no_other() {
        let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        assert_eq!(
            named(&words("tool --config a.toml mark")),
            Some("a.toml".into())
        );
        assert_eq!(
            named(&words("tool mark --config=b.toml")),
            Some("b.toml".into())
        );
        assert_eq!(named(&words("tool mark -- --config c.toml")), None);
        let error = Config::of_arguments(&words("tool --config /nowhere/a.toml"));
        let error = format!("{:#}", error.expect_err("no file"));
        assert!(
            error.starts_with("cannot read the config file /nowhere/a.toml"),
            "{error}"
        );
    }
}
