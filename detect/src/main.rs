//! The `countermark-detect` command.

use std::process::ExitCode;

use countermark_console::{Exit, Printer, parse, passphrase, remedy};
use countermark_detect::{args::CommandLine, run};

fn main() -> ExitCode {
    let line: CommandLine = match parse() {
        Ok(line) => line,
        Err(exit) => return exit.into(),
    };
    let printer = Printer::new(&line.common).with_remedies(remedy::of_trace);
    passphrase::ask_for(&line.common);
    Exit::of(run::run(&line, printer), printer).into()
}
