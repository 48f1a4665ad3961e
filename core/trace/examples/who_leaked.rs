//! Whose copy a leaked clip carries the signal of.
//!
//! ```sh
//! cargo run --release -p countermark-trace --example who_leaked -- VAULT CLIP
//! ```
//!
//! `samples/demo.sh` makes a vault and a leak from a rendered sample.

#![expect(clippy::print_stdout, reason = "the answer is printed")]

use std::error::Error;
use std::path::Path;

use countermark_catalogue::Vault;
use countermark_trace::{Note, Observer, Request, Stage, Tracer};

/// Says what is being done.
struct Aloud;

impl Observer for Aloud {
    fn stage(&self, stage: Stage, _total: Option<u64>) {
        println!("  {stage}");
    }

    fn note(&self, note: &Note) {
        println!("  note: {note}");
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [vault, clip] = &arguments[..] else {
        return Err("VAULT CLIP".into());
    };
    let vault = Vault::open(Path::new(vault))?;
    let tracer = Tracer::new(&vault)?;
    let report = tracer.trace(&Request::new(Path::new(clip)), &Aloud)?;
    for found in report.identity.iter().flat_map(|it| &it.matches) {
        println!(
            "{:?} s of the clip show {:?} s of {:?}",
            found.query, found.reference, found.title
        );
    }
    if report.deliveries.is_empty() {
        println!("nobody is accused");
    }
    for accused in &report.deliveries {
        println!(
            "the clip carries the signal of the copy delivered to {}, payload {}: score {:.2}, threshold {:.2}",
            accused.distributor,
            accused.payload,
            accused.bound.t(),
            accused.bound.threshold_t()
        );
    }
    Ok(())
}
