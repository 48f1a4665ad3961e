//! The command line, parsed. What is wrong with it quotes what was typed, and a pattern of the shell types the names of strangers' files.

use std::io::{self, Write as _};

use clap::error::ErrorKind;
use clap::{Error, Parser};
use countermark_report::visible::VisibleLines;

use crate::{Config, Exit, shell};

/// The command line as typed, with the defaults of the config file; else how to end, after help, version or the error has been written.
///
/// # Errors
/// [`Exit::Done`] after help, version, completions or manual pages, [`Exit::Failed`] after an error.
pub fn parse<T: Parser>() -> Result<T, Exit> {
    let arguments: Vec<_> = std::env::args_os().collect();
    let parsed = parsed(&arguments).map_err(|error| {
        if error.use_stderr() {
            // When stderr is gone there is nobody to tell.
            let _ = write!(io::stderr().lock(), "{}", VisibleLines(error.render()));
            Exit::Failed
        } else {
            let _ = error.print();
            Exit::Done
        }
    });
    parsed?.ok_or(Exit::Done)
}

/// The command line; none where the arguments themselves were asked about, which was printed.
fn parsed<T: Parser>(arguments: &[std::ffi::OsString]) -> Result<Option<T>, Error> {
    let mut command = shell::with_commands(T::command());
    let raw = |error: &anyhow::Error| Error::raw(ErrorKind::Io, format!("{error:#}\n"));
    // A command without a vault is no studio's.
    if command.get_arguments().any(|it| it.get_id() == "config") {
        let config = Config::of_arguments(arguments).map_err(|error| raw(&error))?;
        command = config.applied_to(command);
    }
    let matches = command.try_get_matches_from_mut(arguments)?;
    if let Some(text) = shell::answer(&command, &matches).map_err(|error| raw(&error))? {
        // A reader that has seen enough is no error.
        let _ = io::stdout().lock().write_all(text.as_bytes());
        return Ok(None);
    }
    let line = T::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
    Ok(Some(line))
}
