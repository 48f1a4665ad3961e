//! Reads a clip by a title's key alone as if the title were of another length: what the length costs.
//!
//! ```sh
//! cargo run --release -p countermark-trace --example film_length -- KEY SECONDS CLIP
//! ```
//!
//! The mark's epochs are drawn from the key as far as anybody asks, so a short copy stands for the beginning of a film.

#![expect(clippy::print_stdout, reason = "the answer is printed")]

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use countermark_register::ReadKeyFile;
use countermark_trace::{Observer, Reader, Stage};

/// Says what is being done, and when.
struct Aloud(Instant);

impl Observer for Aloud {
    fn stage(&self, stage: Stage, _total: Option<u64>) {
        println!("  {:8.2} s  {stage}", self.0.elapsed().as_secs_f64());
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [key, seconds, clip] = &arguments[..] else {
        return Err("KEY SECONDS CLIP".into());
    };
    let mut key = ReadKeyFile::load(Path::new(key))?;
    key.duration_seconds = seconds.parse()?;
    let aloud = Aloud(Instant::now());
    let report = Reader::of_title(&key).read(Path::new(clip), &aloud)?;
    for found in &report.deliveries {
        println!("payload {} t {:.2}", found.payload, found.bound.t());
    }
    if let Some(geometry) = &report.geometry {
        println!(
            "start {:.2} s speed {:.3} synchronisation {:.2}",
            geometry.start, geometry.speed, geometry.score
        );
    }
    println!("{:?} after {:.2} s", report.verdict, report.seconds);
    Ok(())
}
