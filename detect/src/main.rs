//! The `countermark-detect` command.

use std::process::ExitCode;

use countermark_console::{Exit, Printer, parse};
use countermark_detect::{args::CommandLine, remedy::remedy, run};

fn main() -> ExitCode {
    let line: CommandLine = match parse() {
        Ok(line) => line,
        Err(exit) => return exit.into(),
    };
    let printer = Printer::new(&line.common).with_remedies(remedy);
    Exit::of(run::run(&line, printer), printer).into()
}
