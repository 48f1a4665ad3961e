//! Completions for shells, and manual pages: both follow from the arguments.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::args::CommandLine;
use crate::outcome::Outcome;

/// The completions of a shell.
#[must_use]
pub fn completions(shell: Shell) -> Outcome {
    let mut script = Vec::new();
    let mut command = CommandLine::command();
    clap_complete::generate(shell, &mut command, "countermark-embed", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    Outcome::Text("completions", script)
}

/// Writes a page for each command into `folder`.
///
/// # Errors
/// When it cannot be written.
pub fn manual(folder: &Path) -> Result<Outcome> {
    let failure = || format!("cannot write the manual pages into {}", folder.display());
    fs::create_dir_all(folder).with_context(failure)?;
    clap_mangen::generate_to(CommandLine::command(), folder).with_context(failure)?;
    Ok(Outcome::ManPages(folder.to_path_buf()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_its_page_and_is_completed() -> Result<()> {
        let folder = tempfile::tempdir()?;
        manual(folder.path())?;
        for page in [
            "countermark-embed",
            "countermark-embed-batch",
            "countermark-embed-licence-set",
        ] {
            let text = fs::read_to_string(folder.path().join(page).with_extension("1"))?;
            assert!(text.contains(".SH NAME"), "{page}");
        }
        let Outcome::Text(_, script) = completions(Shell::Bash) else {
            anyhow::bail!("no text");
        };
        assert!(script.contains("--dry-run") && script.contains("--territory"));
        Ok(())
    }
}
