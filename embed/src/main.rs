//! The `countermark-embed` command.

use std::process::ExitCode;

use clap::Parser as _;
use countermark_embed::{args::CommandLine, printer::Printer, run};

fn main() -> ExitCode {
    let line = CommandLine::parse();
    let printer = Printer::new(&line.common);
    let done = run::run(&line, printer).and_then(|outcome| Ok(printer.outcome(&outcome)?));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            printer.error(&error);
            ExitCode::from(2)
        }
    }
}
