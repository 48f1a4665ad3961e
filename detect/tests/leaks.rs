//! Copies that leaked in another shape, through the real binary: marked here, disfigured, read and traced.

use std::cell::Cell;
use std::path::Path;
use std::process::Output;
use std::sync::OnceLock;

use assert_cmd::Command;
use countermark_catalogue::Vault;
use countermark_mark::{Embedder, FormatSpec, Strength};
use countermark_media::{
    EncodeSettings, Planes, Rate, Rational, VideoCodec, VideoWriter, VideoWriterSettings,
};
use countermark_picture::{BitDepth, PlaneGeometry, PlaneViewMut};
use countermark_register::{
    DistributorRecord, FrameRate, MasterFacts, NewDelivery, Randomness, ReadKeyFile, TitleRecord,
};
use serde_json::{Value, json};
use tempfile::TempDir;

#[path = "../../core/evidence/tests/all/authority.rs"]
mod authority;
#[path = "leaks/bundle.rs"]
mod bundle;

const PICTURE: (usize, usize) = (480, 360);
const RATE: usize = 12;
const FRAMES: usize = 96;

const BARRED: (usize, usize) = (PICTURE.0, 852);

fn between_bars(picture: &[u8]) -> Vec<u8> {
    const TOP: usize = 246;
    let mut frame = vec![16; BARRED.0 * BARRED.1];
    frame[TOP * BARRED.0..][..picture.len()].copy_from_slice(picture);
    frame
}

#[test]
#[ignore = "slow: a search with keys alone and one with the reference"]
fn a_copy_between_bars_is_read_and_traced() {
    let by_vault = &["read", "leak.mkv", "--json"][..];
    let leak = Leak::new(between_bars, BARRED);
    let reports = leak.analyse(&[READ, by_vault, TRACE]);
    assert_eq!(
        reports[2]["matches"][0]["mirrored"], false,
        "{}",
        reports[2]
    );
    // The same with keys alone, once the reference is cut short.
    leak.damage_references("cut");
    leak.trace_without_reference("cut", false);
}

const PART: (usize, usize) = (320, 240);
const LARGER_PART: (usize, usize) = (432, 324);

/// A part of the mirror image.
fn mirrored_part(picture: &[u8]) -> Vec<u8> {
    const CORNER: (usize, usize) = (100, 70);
    picture
        .chunks_exact(PICTURE.0)
        .skip(CORNER.1)
        .take(PART.1)
        .flat_map(|row| row[CORNER.0..CORNER.0 + PART.0].iter().rev().copied())
        .collect()
}

#[test]
#[ignore = "slow: a trace of its own, and a mirrored row is in the gate of the bench"]
fn a_part_of_the_mirror_image_is_traced() {
    let leak = Leak::new(mirrored_part, PART);
    let traced = serde_json::from_str(leak.outgoing()).expect("one object");
    for report in [&traced, &leak.analyse(&[IDENTIFY])[0]] {
        assert_eq!(report["title"], "Drama", "{report}");
        let span = &report["matches"][0];
        assert_eq!(span["mirrored"], true, "{report}");
        let start = span["reference"][0].as_f64().expect("seconds");
        let speed = span["speed"].as_f64().expect("a ratio");
        assert!(start.abs() < 0.1 && (speed - 1.0).abs() < 0.02, "{report}");
    }
}

#[test]
#[ignore = "slow: a minute of registration frame by frame"]
fn a_copy_filmed_by_an_unsteady_hand_is_traced() {
    const SHAKE: usize = 30;
    const SEEN: (usize, usize) = (PICTURE.0 - SHAKE, PICTURE.1 - SHAKE);
    let shown = Cell::new(0);
    let shaken = |picture: &[u8]| {
        let n = shown.replace(shown.get() + 1);
        let (x, y) = (n * 37 % (SHAKE + 1), n * 53 % (SHAKE + 1));
        let rows = picture.chunks_exact(PICTURE.0).skip(y).take(SEEN.1);
        rows.flat_map(|row| row[x..x + SEEN.0].to_vec()).collect()
    };
    Leak::new(shaken, SEEN).analyse(&[TRACE]);
}

#[test]
#[ignore = "slow: a search with keys alone over all places"]
fn a_part_of_the_mirror_image_is_read_and_traced_with_keys_alone() {
    let leak = Leak::new(mirrored_larger_part, LARGER_PART);
    for report in &leak.analyse(&[READ]) {
        let geometry = &report["geometry"];
        assert_eq!(geometry["mirrored"], true, "{report}");
        // The corners lie outside of the part: (32 + 432) / 432 and (32 + 432 - 480) / 432 across, -16 / 324 down.
        let corner = |at: usize, axis: usize| geometry["corners"][at][axis].as_f64();
        let near = |found: Option<f64>, expected: f64| {
            found.is_some_and(|found| (found - expected).abs() < 0.015)
        };
        for (at, x) in [1.074, -0.037].into_iter().enumerate() {
            assert!(
                near(corner(at, 0), x) && near(corner(at, 1), -0.049),
                "{report}"
            );
        }
    }
    leak.damage_references("gone");
    leak.trace_without_reference("gone", true);
}

/// The larger part of the mirror image: enough for keys alone.
fn mirrored_larger_part(picture: &[u8]) -> Vec<u8> {
    let rows = picture.chunks_exact(PICTURE.0).skip(16).take(LARGER_PART.1);
    rows.flat_map(|row| row[32..32 + LARGER_PART.0].iter().rev().copied())
        .collect()
}

#[test]
#[ignore = "slow: a whole search in vain; those of bench/tests/null.rs are in make test"]
fn another_titles_key_reads_nothing() {
    let leak = Leak::whole();
    let (title, distributor, vault) = registered(&leak.folder.path().join("other"), 2, |path| {
        std::fs::write(path, "no pictures").expect("written");
    });
    let key = leak.folder.path().join("other.key");
    ReadKeyFile::export(vault.register(), &title, &[distributor], &key, false).expect("a read key");
    let output = leak.detect(&["read", "leak.mkv", "--key", "other.key", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).expect("one object");
    assert_eq!(report["verdict"], "not-found", "{report}");
    assert!(
        report["tried"]["geometries"].as_u64() > Some(1000),
        "{report}"
    );
}

#[test]
fn a_page_of_evidence_holds_all_that_it_shows() {
    let leak = Leak::whole();
    let line = leak.outgoing();
    let page = leak.text("out/pages/leak.mkv.html");
    assert!(!page.contains("http://") && !page.contains("https://"));
    let pictures: Vec<&str> = page.split("src=").skip(1).collect();
    let of = |kind: &str| {
        let start = format!("\"data:image/{kind};base64,");
        pictures
            .iter()
            .filter(|source| source.starts_with(&start))
            .count()
    };
    assert_eq!(of("png") + of("jpeg"), pictures.len());
    assert_eq!(of("png"), 3 * 6, "six pairs and what is left between them");
    assert_eq!(of("jpeg"), 1, "a still in colour");
    for name in [&leak.delivery, &leak.payload, "Seaview", "Drama"] {
        assert!(page.contains(name), "{name}");
    }
    let place = leak.folder.path().join("vault");
    let record = leak.text("out/pages/leak.mkv.json");
    for text in [&page, &record] {
        assert!(!text.contains(&*place.to_string_lossy()) && !text.contains("references/"));
    }

    assert!(
        record.starts_with(line.trim_end().trim_end_matches('}')),
        "{record}"
    );
    let record: Value = serde_json::from_str(&record).expect("one object");
    let exhibits = &record["exhibits"];
    assert_eq!(exhibits["sha256"].as_str().map(str::len), Some(64));
    assert_eq!(exhibits.get("standings"), None, "scores are secrets");
    let accused = &record["deliveries"][0];
    assert_eq!(accused["share"], 1.0, "{accused}");
    for pair in exhibits["pairs"].as_array().expect("a list") {
        let seconds = |name: &str| pair[name].as_f64().expect("a number");
        assert!(seconds("correlation") > 0.95, "{pair}");
        assert!(
            (seconds("clip_time") - seconds("media_time")).abs() < 0.1,
            "{pair}"
        );
    }
}

#[test]
fn scores_are_on_the_studios_own_pages_and_a_case_is_counted() {
    let leak = Leak::whole();
    let object = |text: &str| serde_json::from_str::<Value>(text).expect("one object");
    let told = object(leak.outgoing());
    let outgoing = leak.text("out/pages/leak.mkv.html");
    let own = ["trace", "leak.mkv", "--json", "--report", "own"];
    let own = [&own[..], &["--internal", "--case-clips", "100"]].concat();
    let output = leak.detect(&own);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let line = object(&String::from_utf8_lossy(&output.stdout));
    let page = object(&leak.text("own/leak.mkv.json"));
    let html = leak.text("own/leak.mkv.html");
    let standing = &page["exhibits"]["standings"][0];
    assert_eq!(standing["delivery"], leak.delivery.as_str());
    assert_eq!(standing["accused"], true);
    assert!(html.contains("For the studio only") && !outgoing.contains("For the studio only"));
    let t = &told["deliveries"][0]["t"];
    assert_eq!(
        (&line["internal"]["best"]["t"], told.get("internal")),
        (t, None)
    );
    assert_eq!(told["tried"]["best_log10_bound"], -9.0, "{told}");
    let bound = |line: &Value| {
        line["deliveries"][0]["log10_bound"]
            .as_f64()
            .expect("a number")
    };
    let lost = bound(&line) - bound(&told);
    assert!((lost - 2.0).abs() < 2e-3, "{lost}");
    assert_eq!(line["deliveries"][0]["hypotheses"]["clips"], 100, "{line}");
    assert!(html.contains("cases of 100 clips"));
}

#[test]
fn a_page_that_cannot_be_written_does_not_cost_the_answer() {
    let leak = Leak::whole();
    std::fs::write(leak.folder.path().join("taken"), "a file").expect("a file");
    let output = leak.detect(&["identify", "leak.mkv", "--json", "--report", "taken"]);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let report: Value = serde_json::from_slice(&output.stdout).expect("one object");
    assert_eq!(report["title"], "Drama", "{report}");
    assert_eq!(output.status.code(), Some(2), "a page is missing");
    let told = "error: cannot write the report taken/leak.mkv.json: give --report a folder";
    assert!(errors.contains(told), "{errors}");
}

const READ: &[&str] = &["read", "leak.mkv", "--key", "drama.key", "--json"];
const TRACE: &[&str] = &["trace", "leak.mkv", "--title", "Drama", "--json"];

const IDENTIFY: &[&str] = &["identify", "leak.mkv", "--json"];

/// A folder with a vault, the key `drama.key`, and a leaked copy `leak.mkv`.
struct Leak {
    folder: TempDir,
    delivery: String,
    payload: String,
    outgoing: OnceLock<String>,
}

impl Leak {
    /// A copy that leaked as it was, for tests that only ask; its folder stays with what was built.
    fn whole() -> &'static Self {
        static LEAK: OnceLock<Leak> = OnceLock::new();
        LEAK.get_or_init(|| Self::new(<[u8]>::to_vec, PICTURE))
    }

    /// Marks a copy, and leaks it as `disfigure` leaves its frames.
    fn new(disfigure: impl Fn(&[u8]) -> Vec<u8>, frame: (usize, usize)) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a temporary folder");
        let (title, distributor, vault) = registered(&folder.path().join("vault"), 1, |path| {
            write(path, PICTURE, (0..FRAMES).map(picture));
        });
        let register = vault.register();
        let encoder_settings = json!({});
        let delivery = register
            .begin_delivery(&NewDelivery {
                title: &title,
                distributor: &distributor,
                licensee: None,
                strength: 1.0,
                format: FormatSpec::CURRENT,
                encoder_settings: &encoder_settings,
                output: Path::new("copy.mkv"),
            })
            .expect("a delivery");
        let key = folder.path().join("drama.key");
        let distributors = std::slice::from_ref(&distributor);
        ReadKeyFile::export(register, &title, distributors, &key, false).expect("a read key");

        let mut embedder = Embedder::new(
            &register.carrier_key(title.id),
            &register.scoped_payload_key(distributor.id, title.id),
            delivery.payload,
            PICTURE,
            Strength::DEFAULT,
        )
        .expect("a supported size");
        let geometry = PlaneGeometry::packed(PICTURE.0, PICTURE.1).expect("a valid size");
        let leaked = (0..FRAMES).map(|n| {
            let mut samples = picture(n);
            let mut plane =
                PlaneViewMut::new(&mut samples, geometry, BitDepth::EIGHT).expect("a whole plane");
            embedder.mark(&mut plane, n as f64 / RATE as f64);
            disfigure(&samples)
        });
        write(&folder.path().join("leak.mkv"), frame, leaked);

        Self {
            folder,
            delivery: delivery.id.to_string(),
            payload: delivery.payload.to_string(),
            outgoing: OnceLock::new(),
        }
    }

    /// Runs the commands on the leak: those that accuse must name the copy.
    fn analyse(&self, commands: &[&[&str]]) -> Vec<Value> {
        let run = |arguments: &&[&str]| {
            let output = self.detect(arguments);
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(0), "{arguments:?}: {errors}");
            let report: Value = serde_json::from_slice(&output.stdout).expect("one object");
            if *arguments == IDENTIFY {
                return report;
            }
            let accused = report["deliveries"].as_array().expect("a list");
            assert!(!accused.is_empty(), "{report}");
            let payload = Value::from(self.payload.as_str());
            let is_it = |accused: &Value| accused["payload"] == payload;
            assert!(accused.iter().all(is_it), "{report}");
            report
        };
        commands.iter().map(run).collect()
    }

    /// The line of an outgoing trace, whose page lies in `out/pages`.
    fn outgoing(&self) -> &str {
        self.outgoing.get_or_init(|| {
            let output = self.detect(&["trace", "leak.mkv", "--json", "--report", "out/pages"]);
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(0), "{errors}");
            String::from_utf8(output.stdout).expect("utf-8")
        })
    }

    /// The copy is named by keys alone, and what was not checked is said, in the page as well.
    fn trace_without_reference(&self, pages: &str, mirrored: bool) {
        let output = self.detect(&["trace", "leak.mkv", "--json", "--report", pages]);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{errors}");
        let page = self.text(&format!("{pages}/leak.mkv.html"));
        assert!(page.contains(&self.delivery));
        assert!(
            errors.contains("that the pictures are those of \"Drama\" was not checked"),
            "{errors}"
        );
        let report: Value = serde_json::from_slice(&output.stdout).expect("one object");
        assert_eq!(report["tried"]["host"], "blind", "{report}");
        assert_eq!(report["geometry"]["mirrored"], mirrored, "{report}");
        let accused = &report["deliveries"][0];
        assert_eq!(accused["delivery"], self.delivery.as_str(), "{report}");
        assert_eq!(accused["payload"], self.payload.as_str(), "{report}");
    }

    fn detect(&self, arguments: &[&str]) -> Output {
        Command::cargo_bin("countermark-detect")
            .expect("the binary")
            .current_dir(self.folder.path())
            .env_remove("COUNTERMARK_VAULT")
            .args(arguments)
            .output()
            .expect("an exit")
    }

    /// Cuts the references of all titles short, or removes them.
    fn damage_references(&self, damage: &str) {
        let references = std::fs::read_dir(self.folder.path().join("vault/references"));
        for reference in references.expect("a folder") {
            let path = reference.expect("a file").path();
            match damage {
                "cut" => std::fs::write(&path, b"cut").expect("written"),
                _ => std::fs::remove_file(&path).expect("removed"),
            }
        }
    }

    fn text(&self, file: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(file)).expect("a file")
    }
}

/// A vault whose randomness is drawn from `seed`, with the title Drama, whose reference `write` writes, and the distributor Seaview.
fn registered(
    root: &Path,
    seed: u8,
    write: impl FnOnce(&Path),
) -> (TitleRecord, DistributorRecord, Vault) {
    let vault = Vault::init_with(root, Randomness::seeded([seed; 32])).expect("a vault");
    let register = vault.register();
    let title = register.draft_title("Drama").expect("a free name");
    let draft = vault.catalogue().draft(&title).expect("a claim");
    write(draft.reference_path());
    let file = draft.files().expect("a reference");
    let title = register.add_title(&title, facts(), &file).expect("a title");
    draft.keep();
    let distributor = register.add_distributor("Seaview").expect("a free name");
    (title, distributor, vault)
}

/// Patches of all sizes that stand still, each place unlike any other, a texture that drifts over them, and a dark square
/// that crosses the picture once.
fn picture(n: usize) -> Vec<u8> {
    let patch = |x: usize, y: usize, size: usize, most: usize| {
        let place = (x / size * 7919 + y / size * 104_729 + size) as u32;
        (place.wrapping_mul(2_654_435_761) >> 16) as usize % most
    };
    let sample = |x: usize, y: usize| {
        let still = patch(x, y, 37, 70) + patch(x + 11, y + 5, 13, 40);
        let drifting = (x + n) * 3 + y * 5;
        let square = (120 + 3 * n..180 + 3 * n).contains(&x) && (150..210).contains(&y);
        if square {
            return (30 + still / 4) as u8;
        }
        (40 + still + drifting % 47) as u8
    };
    (0..PICTURE.1)
        .flat_map(|y| (0..PICTURE.0).map(move |x| sample(x, y)))
        .collect()
}

fn write(path: &Path, size: (usize, usize), frames: impl Iterator<Item = Vec<u8>>) {
    let encode = EncodeSettings {
        preset: Some("veryfast".to_owned()),
        ..EncodeSettings::new(VideoCodec::H264, Rate::Crf(20.0))
    };
    let rate = Rational::new(RATE as i32, 1);
    let settings = VideoWriterSettings::new(size.0 as u32, size.1 as u32, rate, encode);
    let mut writer = VideoWriter::create(path, settings).expect("a new clip");
    for frame in frames {
        writer.write_frame(Planes::Gray8(&frame)).expect("a frame");
    }
    writer.finish().expect("a clip");
}

fn facts() -> MasterFacts {
    MasterFacts {
        file: "drama.mov".into(),
        width: PICTURE.0 as u32,
        height: PICTURE.1 as u32,
        rotation_degrees: 0,
        bit_depth: 8,
        frame_rate: FrameRate {
            num: RATE as u32,
            den: 1,
        },
        duration_seconds: FRAMES as f64 / RATE as f64,
        frames: FRAMES as u64,
    }
}
