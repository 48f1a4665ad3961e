//! Measures the sound fingerprints on real clips: `sound_figures FOLDER [SECONDS..]`.
//!
//! The clips of `FOLDER` with sound are put into an index in memory, but for some strangers. Excerpts of all of them are
//! degraded with the `ffmpeg` on the path and looked up: the others must be found where they were, the strangers not.
#![expect(clippy::print_stdout, reason = "the table is what the program is for")]

mod attack;
mod tally;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use countermark_fingerprint::{
    SOUND_RATE, SoundFinder, SoundHit, SoundLine, SoundPeaks, sound_lines,
};

use attack::{ATTACKS, Attack, Excerpt, decoded, power};
use tally::Tally;

/// Clips whose names begin so stay out of the index. No other clip is of the same film.
const STRANGERS: [&str; 5] = ["bee", "car", "girl", "penguins", "tears"];

/// A clip and its sound.
struct Title {
    path: PathBuf,
    samples: Vec<f32>,
}

impl Title {
    fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    fn seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(SOUND_RATE)
    }

    fn is_stranger(&self) -> bool {
        STRANGERS.iter().any(|start| self.name().starts_with(start))
    }

    /// Whether another file is of the same film.
    fn is_film_of(&self, other: &Self) -> bool {
        self.name()[..3] == other.name()[..3]
    }
}

/// What a query met.
struct Answer {
    /// The lines of each title that has any, the surest first.
    found: Vec<(usize, Vec<SoundLine>)>,
    /// Hits of the title with the most.
    most_hits: usize,
    /// For the lines of one title, at most.
    seconds: f64,
}

struct Catalogue {
    titles: Vec<Title>,
    index: HashMap<u32, Vec<(usize, f64)>>,
}

impl Catalogue {
    fn of(folder: &Path) -> Self {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
            .expect("the folder")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| {
                let extension = path.extension().unwrap_or_default();
                ["mp4", "webm", "mkv"].iter().any(|it| *it == extension)
            })
            .collect();
        paths.sort();
        let titles: Vec<Title> = paths
            .into_iter()
            .map(|path| Title {
                samples: decoded(&path),
                path,
            })
            .filter(|title| power(&title.samples) > 1e-8)
            .collect();
        Self {
            titles,
            index: HashMap::new(),
        }
    }

    /// Fills the index and prints how dense its words are.
    fn fill(&mut self) {
        let (mut sound, mut work) = (0.0, 0.0);
        for (number, title) in self.titles.iter().enumerate() {
            let started = Instant::now();
            let peaks = peaks_of(&title.samples);
            let words = peaks.reference_words();
            work += started.elapsed().as_secs_f64();
            sound += title.seconds();
            let triplets = words.iter().filter(|word| word.is_triplet()).count();
            let a_second = |count: usize| count as f64 / title.seconds();
            println!(
                "{:40} {:6.1} s, in a second {:5.1} peaks {:5.1} pairs {:5.1} triplets {:6.1} query words{}",
                title.name(),
                title.seconds(),
                a_second(peaks.len()),
                a_second(words.len() - triplets),
                a_second(triplets),
                a_second(peaks.query_words().len()),
                if title.is_stranger() {
                    "  (stranger)"
                } else {
                    ""
                },
            );
            if !title.is_stranger() {
                for word in words {
                    let places = self.index.entry(word.word).or_default();
                    places.push((number, word.time));
                }
            }
        }
        println!("{:.2} ms for a second of sound", 1e3 * work / sound);
    }

    fn look_up(&self, query: &SoundPeaks) -> Answer {
        let mut hits: HashMap<usize, Vec<SoundHit>> = HashMap::new();
        for word in query.query_words() {
            for &(title, reference) in self.index.get(&word.word).into_iter().flatten() {
                hits.entry(title).or_default().push(SoundHit {
                    query: word.time,
                    reference,
                });
            }
        }
        let most_hits = hits.values().map(Vec::len).max().unwrap_or(0);
        let mut seconds = 0.0_f64;
        let mut found = Vec::new();
        for (title, hits) in hits {
            let mut lines = Vec::new();
            // The machine may be doing something else: the best of three.
            let time = (0..3).map(|_| {
                let started = Instant::now();
                lines = sound_lines(&hits);
                started.elapsed().as_secs_f64()
            });
            seconds = seconds.max(time.fold(f64::INFINITY, f64::min));
            if !lines.is_empty() {
                found.push((title, lines));
            }
        }
        found.sort_by(|a, b| a.1[0].log10_p.total_cmp(&b.1[0].log10_p));
        Answer {
            found,
            most_hits,
            seconds,
        }
    }

    /// Looks up excerpts of all titles under an attack.
    fn measure(&self, attack: &Attack, seconds: f64, scratch: &Path) -> Tally {
        let mut tally = Tally::default();
        for (number, title) in self.titles.iter().enumerate() {
            let step = if title.seconds() > 40.0 { 1.9 } else { 1.0 };
            let mut start = 0.37;
            while start + seconds <= title.seconds() {
                let excerpt = Excerpt {
                    path: &title.path,
                    start,
                    seconds,
                };
                let music = self.music_but(title);
                let copy = attack.copy(&excerpt, &self.titles[music].samples, scratch);
                let mut answer = self.look_up(&peaks_of(&copy));
                // Neither the same film in another file nor the music mixed in is a false match.
                answer.found.retain(|(other, _)| {
                    let other_title = &self.titles[*other];
                    *other == number
                        || !(title.is_film_of(other_title) || attack.has_music() && *other == music)
                });
                tally.add((number, title), start, attack.speed, answer);
                start += step * seconds.max(5.0);
            }
        }
        tally
    }

    /// Another title with music: the promo, else the battle.
    fn music_but(&self, title: &Title) -> usize {
        let other = |name: &str| {
            let mut titles = self.titles.iter();
            titles.position(|it| it.name().contains(name) && !it.is_film_of(title))
        };
        other("chrome")
            .or_else(|| other("battle"))
            .expect("a clip with music")
    }
}

fn peaks_of(samples: &[f32]) -> SoundPeaks {
    let mut finder = SoundFinder::new();
    finder.push(0.0, samples);
    finder.finish()
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().expect("a folder"));
    let mut lengths: Vec<f64> = arguments.map(|it| it.parse().expect("seconds")).collect();
    if lengths.is_empty() {
        lengths = vec![10.0, 5.0, 3.0];
    }
    let mut catalogue = Catalogue::of(&folder);
    catalogue.fill();
    let scratch = std::env::temp_dir().join(format!("sound-figures-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).expect("a folder");
    println!("{}", tally::HEADING);
    for attack in ATTACKS {
        for &seconds in &lengths {
            let tally = catalogue.measure(attack, seconds, &scratch);
            println!("{:16} {seconds:4.0} {tally}", attack.name);
        }
    }
    std::fs::remove_dir_all(&scratch).expect("removed");
}
