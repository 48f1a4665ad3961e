//! The `countermark-bench` command.

use std::io::Write as _;
use std::process::ExitCode;

use countermark_bench::args::CommandLine;
use countermark_bench::run::run;
use countermark_bench::tools::Tools;
use countermark_report::visible::Visible;

fn main() -> ExitCode {
    let line: CommandLine = match countermark_console::parse() {
        Ok(line) => line,
        Err(exit) => return exit.into(),
    };
    let done = run(&line, &Tools).and_then(|outcome| {
        write!(std::io::stdout().lock(), "{}", outcome.text())?;
        Ok(outcome)
    });
    match done {
        Ok(outcome) => ExitCode::from(outcome.code()),
        Err(error) => {
            // Nothing can be done when stderr is gone as well.
            let _ = writeln!(
                std::io::stderr().lock(),
                "error: {}",
                Visible(format!("{error:#}"))
            );
            ExitCode::from(2)
        }
    }
}
