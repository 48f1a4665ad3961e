//! Fills a vault with titles that nothing was ever filmed for, to measure searches in a large one.
//!
//! ```sh
//! cargo run --release -p countermark-catalogue --example synthetic_titles -- VAULT TITLE HOURS
//! ```
//!
//! Each new title has the reference of the title `TITLE`, by a hard link, and 30 minutes of prints: words of that title with
//! a quarter of their bits turned at random, so that they are as unevenly spread as real ones.

#![expect(clippy::print_stdout, reason = "what was done is printed")]

use std::error::Error;
use std::path::Path;

use countermark_catalogue::Vault;
use countermark_fingerprint::WORD_BITS;
use countermark_fingerprint::index::{PICTURE_STEP, PICTURE_WORDS, PicturePrint};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const MINUTES: usize = 30;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [vault, name, hours] = &arguments[..] else {
        println!("VAULT TITLE HOURS");
        return Ok(());
    };
    let vault = Vault::open(Path::new(vault))?;
    let (register, catalogue) = (vault.register(), vault.catalogue());
    let title = register.title_named(name)?;
    let index = catalogue.index(std::slice::from_ref(&title))?;
    let words: Vec<u32> = index
        .segments()
        .iter()
        .flat_map(|segment| segment.view().words().collect::<Vec<_>>())
        .collect();
    let mut rng = ChaCha20Rng::from_seed([11; 32]);
    let frames = (MINUTES as f64 * 60.0 / PICTURE_STEP) as usize;
    let count = hours.parse::<usize>()? * 60 / MINUTES;
    for number in 0..count {
        let new = register.draft_title(&format!("synthetic {number}"))?;
        let draft = catalogue.draft(&new)?;
        std::fs::hard_link(catalogue.reference_path(&title), draft.reference_path())?;
        let pictures = (0..frames)
            .map(|_| PicturePrint {
                words: (0..PICTURE_WORDS)
                    .map(|_| {
                        let word = words[rng.next_u32() as usize % words.len()];
                        (word ^ (rng.next_u32() & rng.next_u32())) & ((1 << WORD_BITS) - 1)
                    })
                    .collect(),
                hash: Some(rng.next_u64()),
            })
            .collect();
        draft.write_print(pictures, Vec::new())?;
        let mut master = title.master.clone();
        master.duration_seconds = MINUTES as f64 * 60.0;
        register.add_title(&new, master, &draft.files()?)?;
        draft.keep();
    }
    let titles = register.titles()?;
    catalogue.compact_index(register)?;
    let index = catalogue.index(&titles)?;
    println!(
        "{count} titles added; the index has {} segments, {:.1} MB",
        index.segments().len(),
        index.bytes() as f64 / 1e6
    );
    Ok(())
}
