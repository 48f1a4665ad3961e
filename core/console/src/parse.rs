//! The command line, parsed. What is wrong with it quotes what was typed, and a pattern of the shell types the names of strangers' files.

use std::io::{self, Write as _};

use clap::Parser;
use countermark_report::visible::VisibleLines;

use crate::Exit;

/// The command line as typed; else how to end, after help, version or the error has been written.
///
/// # Errors
/// [`Exit::Done`] after help or version, [`Exit::Failed`] after an error.
pub fn parse<T: Parser>() -> Result<T, Exit> {
    T::try_parse().map_err(|error| {
        if error.use_stderr() {
            // When stderr is gone there is nobody to tell.
            let _ = write!(io::stderr().lock(), "{}", VisibleLines(error.render()));
            Exit::Failed
        } else {
            let _ = error.print();
            Exit::Done
        }
    })
}
