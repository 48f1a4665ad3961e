//! The `countermark-embed` command.

use std::process::ExitCode;

use countermark_console::{Exit, Printer, parse, passphrase, remedy};
use countermark_embed::args::{Command, CommandLine};
use countermark_embed::run;
use countermark_report::json::Document;

fn main() -> ExitCode {
    let line: CommandLine = match parse() {
        Ok(line) => line,
        Err(exit) => return exit.into(),
    };
    let printer = Printer::new(&line.common).with_remedies(remedy::of_error);
    passphrase::ask_for(&line.common);
    let done = run::run(&line, printer).and_then(|came_to| {
        printer.result(&Document::new(came_to.to_json()), &came_to)?;
        Ok(match &line.command {
            _ if came_to.holds() => Exit::Done,
            // The table tells of each row; the rows that are made stay made.
            Command::Batch(_) | Command::Watch(_) => Exit::Failed,
            _ => Exit::Nothing,
        })
    });
    Exit::of(done, printer).into()
}
