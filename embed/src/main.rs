//! The `countermark-embed` command.

use std::process::ExitCode;

use countermark_console::{Exit, Printer, parse, remedy};
use countermark_embed::{args::CommandLine, run};

fn main() -> ExitCode {
    let line: CommandLine = match parse() {
        Ok(line) => line,
        Err(exit) => return exit.into(),
    };
    let printer = Printer::new(&line.common).with_remedies(remedy::of_error);
    let done = run::run(&line, printer).and_then(|outcome| {
        printer.result(&outcome.document(), &outcome)?;
        Ok(outcome.exit())
    });
    Exit::of(done, printer).into()
}
