//! `completions SHELL` and `man DIR` of every program: both follow from its arguments, as `--help` does.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Arg, ArgMatches, Command, value_parser};
use clap_complete::Shell;

/// The command with both.
pub(crate) fn with_commands(command: Command) -> Command {
    let shell = Arg::new("shell")
        .value_name("SHELL")
        .help("The shell")
        .required(true)
        .value_parser(value_parser!(Shell));
    let folder = Arg::new("folder")
        .value_name("DIR")
        .help("The folder")
        .required(true)
        .value_parser(value_parser!(PathBuf));
    let completions = Command::new("completions").about("Print the completions of a shell");
    let man = Command::new("man").about("Write the manual pages into a folder");
    command
        .subcommand(completions.arg(shell))
        .subcommand(man.arg(folder))
}

/// What one of both prints, where it was asked for.
///
/// # Errors
/// When the manual pages cannot be written.
pub(crate) fn answer(command: &Command, matches: &ArgMatches) -> Result<Option<String>> {
    Ok(match matches.subcommand() {
        Some(("completions", matches)) => matches
            .get_one("shell")
            .map(|shell| completions(command, *shell)),
        Some(("man", matches)) => match matches.get_one::<PathBuf>("folder") {
            Some(folder) => Some(manual(command, folder)?),
            None => None,
        },
        _ => None,
    })
}

fn completions(command: &Command, shell: Shell) -> String {
    let mut script = Vec::new();
    let (mut command, name) = (command.clone(), command.get_name().to_owned());
    clap_complete::generate(shell, &mut command, name, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// Writes a page for each command into `folder`.
fn manual(command: &Command, folder: &Path) -> Result<String> {
    let failure = || format!("cannot write the manual pages into {}", folder.display());
    fs::create_dir_all(folder).with_context(failure)?;
    clap_mangen::generate_to(command.clone(), folder).with_context(failure)?;
    Ok(format!(
        "wrote the manual pages into {}\n",
        folder.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool() -> Command {
        let work = Command::new("work").arg(Arg::new("dry_run").long("dry-run"));
        with_commands(
            Command::new("tool")
                .subcommand(work)
                .subcommand_required(true),
        )
    }

    fn answered(words: &str) -> String {
        let mut command = tool();
        let matches = command.try_get_matches_from_mut(words.split_whitespace());
        let matches = matches.expect("understood");
        let answer = answer(&command, &matches).expect("written");
        answer.unwrap_or_default()
    }

    #[test]
    fn every_command_has_its_page_and_is_completed() {
        let folder = tempfile::tempdir().expect("a folder");
        answered(&format!("tool man {}", folder.path().display()));
        for page in ["tool", "tool-work", "tool-completions"] {
            let path = folder.path().join(page).with_extension("1");
            let text = fs::read_to_string(path).expect(page);
            assert!(text.contains(".SH NAME"), "{page}");
        }
        let script = answered("tool completions bash");
        assert!(
            script.contains("--dry-run") && script.contains("completions"),
            "{script}"
        );
        assert_eq!(answered("tool work"), "");
    }
}
