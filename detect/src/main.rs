//! The `countermark-detect` command.

use std::process::ExitCode;

use clap::Parser as _;
use countermark_console::{Exit, Printer};
use countermark_detect::{args::CommandLine, remedy::remedy, run};

fn main() -> ExitCode {
    let line = CommandLine::parse();
    let printer = Printer::new(&line.common).with_remedies(remedy);
    Exit::of(run::run(&line, printer), printer).into()
}
