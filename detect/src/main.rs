//! The `countermark-detect` command.

use std::{io, process::ExitCode};

use clap::Parser as _;
use countermark_detect::{args::CommandLine, printer::Printer, run};

fn main() -> ExitCode {
    let line = CommandLine::parse();
    let printer = Printer::new(&line.common);
    match run::run(&line, printer) {
        Ok(outcome) => ExitCode::from(outcome.exit_code()),
        Err(error) => {
            // A reader that has seen enough is no error worth a message.
            let closed = error
                .downcast_ref::<io::Error>()
                .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
            if !closed {
                printer.error(&error);
            }
            ExitCode::from(2)
        }
    }
}
