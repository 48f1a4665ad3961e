//! Several pieces in one frame: two titles above one another, and one beside its mirror image.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::OnceLock;

use countermark_catalogue::Vault;
use countermark_fingerprint::index::PicturePrinter;
use countermark_mark::{DeliveryCode, Embedder, FormatSpec, Payload, Strength, TitleMark};
use countermark_picture::{BitDepth, PlaneGeometry, PlaneView, PlaneViewMut};
use countermark_register::{DistributorRecord, NewDelivery, Randomness, TitleRecord};
use countermark_trace::result::{ClipReport, Identification, Match};
use countermark_trace::{Request, Silence, Tracer};
use serde_json::json;
use tempfile::TempDir;

use super::studio::{FRAMES, PICTURE, RATE, facts, write};

/// First frame of each title in a clip, and frames of a clip.
const FIRST: [usize; 2] = [12, 24];
const LENGTH: usize = 60;

/// Two titles with one delivery each, and the frames of their copies.
pub(crate) struct Panels {
    pub(crate) folder: TempDir,
    pub(crate) vault: Vault,
    pub(crate) payloads: [Payload; 2],
    copies: [Vec<Vec<u8>>; 2],
}

impl Panels {
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Panels> = OnceLock::new();
        SHARED.get_or_init(Self::new)
    }

    fn new() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a temporary folder");
        let root = folder.path().join("vault");
        let vault = Vault::init_with(&root, Randomness::seeded([77; 32])).expect("a vault");
        let made = [0, 1].map(|title| add(&vault, title));
        let [(first, copy), (second, other)] = made;
        Self {
            folder,
            vault,
            payloads: [first, second],
            copies: [copy, other],
        }
    }

    /// A clip of some size, whose frames are put together from those of both copies.
    fn clip(
        &self,
        name: &str,
        size: (usize, usize),
        lay: impl Fn(&[u8], &[u8]) -> Vec<u8>,
    ) -> PathBuf {
        let path = self.folder.path().join(name);
        let frames = (0..LENGTH).map(|n| {
            let [a, b] = [0, 1].map(|title| &self.copies[title][FIRST[title] + n]);
            lay(a, b)
        });
        write(&path, size, frames);
        path
    }
}

/// Adds a title with a print of its pictures, and a delivery; its payload, and the frames of its copy.
fn add(vault: &Vault, title: usize) -> (Payload, Vec<Vec<u8>>) {
    let register = vault.register();
    let draft = register
        .draft_title(["Upper", "Lower"][title])
        .expect("a free name");
    let files = vault.catalogue().draft(&draft).expect("a claim");
    write(
        files.reference_path(),
        PICTURE,
        (0..FRAMES).map(|n| picture(title, n)),
    );
    let geometry = PlaneGeometry::packed(PICTURE.0, PICTURE.1).expect("a valid size");
    let mut printer = PicturePrinter::default();
    for n in 0..FRAMES {
        let samples = picture(title, n);
        let view = PlaneView::new(&samples, geometry, BitDepth::EIGHT).expect("a whole plane");
        printer.push(&view, n as f64 / RATE as f64);
    }
    files
        .write_print(printer.finish(), Vec::new())
        .expect("a print");
    let file = files.files().expect("a reference");
    let record = register.add_title(&draft, facts(), &file).expect("a title");
    files.keep();
    vault.catalogue().compact_index(register).expect("an index");
    let distributor = ["North", "South"][title];
    let distributor = register.add_distributor(distributor).expect("a free name");
    let delivery = register
        .begin_delivery(&NewDelivery {
            title: &record,
            distributor: &distributor,
            licensee: None,
            strength: 1.0,
            encoder_settings: &json!({}),
            format: FormatSpec::CURRENT,
            output: "copy.mkv".as_ref(),
        })
        .expect("a delivery");
    let copy = marked(vault, (&record, &distributor, delivery.payload), title);
    (delivery.payload, copy.collect())
}

/// The pictures of a title under the mark of a delivery, of that title or another.
pub(crate) fn marked(
    vault: &Vault,
    (record, distributor, payload): (&TitleRecord, &DistributorRecord, Payload),
    title: usize,
) -> impl Iterator<Item = Vec<u8>> + use<> {
    let register = vault.register();
    let carrier = register.carrier_key(record.id);
    let mark = TitleMark::new(&carrier, PICTURE, &FormatSpec::CURRENT).expect("a supported size");
    let scoped = register.scoped_payload_key(distributor.id, record.id);
    let code = DeliveryCode::new(&scoped, payload);
    let mut embedder = Embedder::of_title(&mark, code, Strength::DEFAULT);
    let geometry = PlaneGeometry::packed(PICTURE.0, PICTURE.1).expect("a valid size");
    (0..FRAMES).map(move |n| {
        let mut samples = picture(title, n);
        let mut plane =
            PlaneViewMut::new(&mut samples, geometry, BitDepth::EIGHT).expect("a whole plane");
        embedder.mark(&mut plane, n as f64 / RATE as f64);
        samples
    })
}

/// Patches of all sizes, unlike any other place and any other title's, under a camera that glides, and a square that crosses.
pub(crate) fn picture(title: usize, n: usize) -> Vec<u8> {
    let patch = |x: usize, y: usize, size: usize, most: usize| {
        let place = (x / size * 7919 + y / size * 104_729 + size + title * 15_485_863) as u32;
        (place.wrapping_mul(2_654_435_761) >> 16) as usize % most
    };
    let sizes = [(37, 13), (43, 11)][title];
    let sample = |x: usize, y: usize| {
        let x = x + [2, 1][title] * n;
        let still = patch(x, y, sizes.0, 70) + patch(x + 11, y + 5, sizes.1, 50);
        let square = (100 + 5 * n..160 + 5 * n).contains(&x) && (140..220).contains(&y);
        (if square { 30 + still / 3 } else { 50 + still }) as u8
    };
    (0..PICTURE.1)
        .flat_map(|y| (0..PICTURE.0).map(move |x| sample(x, y)))
        .collect()
}

/// Some columns and rows of a frame.
fn cropped(frame: &[u8], columns: std::ops::Range<usize>, rows: std::ops::Range<usize>) -> Vec<u8> {
    rows.flat_map(|y| frame[y * PICTURE.0..][columns.clone()].to_vec())
        .collect()
}

/// Two pictures of some columns each side by side.
fn beside(left: &[u8], right: &[u8], columns: usize) -> Vec<u8> {
    let rows = left.chunks_exact(columns).zip(right.chunks_exact(columns));
    rows.flat_map(|(left, right)| [left, right].concat())
        .collect()
}

/// What both examinations say of a clip, which may not differ in what pictures tell.
fn examined(clip: &std::path::Path) -> (Identification, ClipReport) {
    let tracer = Tracer::new(&Panels::shared().vault).expect("a register");
    let request = Request::new(clip);
    let identified = tracer.identify(&request, &Silence).expect("an answer");
    let traced = tracer.trace(&request, &Silence).expect("an answer");
    let told = |found: &Match| {
        let ends = [found.query, found.reference].map(|span| span.map(f64::to_bits));
        (found.title.clone(), ends, found.mirrored, found.rectangle)
    };
    let seen = |matches: &[Match]| matches.iter().map(told).collect::<Vec<_>>();
    let identity = traced.identity.as_ref().expect("a title");
    let by_pictures: BTreeSet<String> = seen(&identified.identity.matches)
        .iter()
        .map(|seen| format!("{seen:?}"))
        .collect();
    let by_both: BTreeSet<String> = seen(&identity.matches)
        .iter()
        .map(|seen| format!("{seen:?}"))
        .collect();
    assert_eq!(by_pictures, by_both, "identify and trace differ");
    (identified, traced)
}

/// Asserts that a title is seen in a rectangle (left, top, width, height) at its seconds.
fn assert_seen(matches: &[Match], title: usize, mirrored: bool, expected: [usize; 4]) {
    let name = ["Upper", "Lower"][title];
    let own = |found: &&Match| found.title.as_deref() == Some(name) && found.mirrored == mirrored;
    let own: Vec<&Match> = matches.iter().filter(own).collect();
    let [found] = own[..] else {
        panic!("{name}, mirrored {mirrored}, once: {matches:#?}");
    };
    assert!((found.speed - 1.0).abs() < 5e-3, "{found:?}");
    let offset = FIRST[title] as f64 / RATE as f64;
    for (clip, master) in found.query.into_iter().zip(found.reference) {
        assert!((clip + offset - master).abs() < 0.1, "{found:?}");
    }
    assert!(found.query[0] < 0.3 && found.query[1] > 4.4, "{found:?}");
    let rectangle = found.rectangle.expect("a part of the picture").rect;
    let [left, top, width, height] = expected;
    for (own, expected) in [
        (rectangle.left, left),
        (rectangle.top, top),
        (rectangle.left + rectangle.width, left + width),
        (rectangle.top + rectangle.height, top + height),
    ] {
        assert!(
            own.abs_diff(expected) <= 24,
            "{rectangle:?}, not {expected:?}"
        );
    }
}

fn assert_named(traced: &ClipReport, titles: &[usize]) {
    let named: BTreeSet<String> = traced
        .deliveries
        .iter()
        .map(|d| d.payload.to_string())
        .collect();
    let expected: BTreeSet<String> = titles
        .iter()
        .map(|title| Panels::shared().payloads[*title].to_string())
        .collect();
    assert_eq!(named, expected, "{traced:#?}");
}

#[test]
#[ignore = "slow: a minute for both examinations"]
fn two_titles_above_one_another_are_both_named() {
    let clip = Panels::shared().clip("stack.mkv", (PICTURE.0, 480), |a, b| {
        let rows = 60..300;
        [
            cropped(a, 0..PICTURE.0, rows.clone()),
            cropped(b, 0..PICTURE.0, rows),
        ]
        .concat()
    });
    let (identified, traced) = examined(&clip);
    for title in [0, 1] {
        let place = [0, 240 * title, PICTURE.0, 240];
        assert_seen(&identified.identity.matches, title, false, place);
    }
    assert_named(&traced, &[0, 1]);
}

#[test]
#[ignore = "slow: a minute for both examinations"]
fn a_half_beside_its_mirror_image_is_two_pieces_of_one_title() {
    let clip = Panels::shared().clip("mirror.mkv", (480, PICTURE.1), |a, _| {
        let half = cropped(a, 0..240, 0..PICTURE.1);
        let rows = half.chunks_exact(240);
        let mirrored: Vec<u8> = rows.flat_map(|row| row.iter().rev().copied()).collect();
        beside(&half, &mirrored, 240)
    });
    let (identified, traced) = examined(&clip);
    for (at, mirrored) in [false, true].into_iter().enumerate() {
        let place = [240 * at, 0, 240, PICTURE.1];
        assert_seen(&identified.identity.matches, 0, mirrored, place);
    }
    assert_named(&traced, &[0]);
}
