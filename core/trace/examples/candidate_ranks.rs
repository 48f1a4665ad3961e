//! Where the index has the title that a clip shows: its place among the candidates, which tells how many must be looked at.
//!
//! ```sh
//! cargo run --release -p countermark-trace --example candidate_ranks -- VAULT TITLE=CLIP...
//! ```

#![expect(clippy::print_stdout, reason = "the figures are printed")]

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use countermark_catalogue::Vault;
use countermark_trace::audit::{Candidate, QueryFrames, Task, candidates};
use countermark_trace::{Silence, Tuning};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [vault, clips @ ..] = &arguments[..] else {
        println!("VAULT TITLE=CLIP...");
        return Ok(());
    };
    let tuning = Tuning::default();
    let vault = Vault::open(Path::new(vault))?;
    let titles = vault.register().titles()?;
    let index = vault.catalogue().index(&titles)?;
    for clip in clips {
        let Some((title, file)) = clip.split_once('=') else {
            return Err(format!("{clip:?} is not TITLE=CLIP").into());
        };
        let Some(number) = titles.iter().position(|t| t.name == title) else {
            return Err(format!("no title {title:?}").into());
        };
        let probes = QueryFrames::read(Path::new(file), &Task::new(&Silence, &tuning))?;
        let begun = Instant::now();
        let mut all: Vec<Candidate> = probes
            .layers()
            .flat_map(|layer| candidates(layer, &index, &tuning.retrieval.votes))
            .collect();
        let seconds = begun.elapsed().as_secs_f64();
        all.sort_by(|a, b| b.score.total_cmp(&a.score));
        let place = all.iter().position(|c| c.title == number);
        let place_text = place.map_or("-".to_owned(), |p| (p + 1).to_string());
        let score = place.map_or(0.0, |p| all[p].score);
        let first = all
            .iter()
            .find(|c| c.title != number)
            .map_or(0.0, |c| c.score);
        println!(
            "{place_text:>5} of {:>4}  {score:8.2}  other {first:8.2}  {seconds:.2} s  {title}",
            all.len()
        );
    }
    Ok(())
}
