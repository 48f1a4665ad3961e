//! A vault with a long ledger: opening it, holding every row against the ledger's word, and going through all of it.
//!
//! Whoever names somebody pays for the second once a process; `vault check` is the third. Entries are those of deliveries, two of
//! each: begun and failed.

use std::hint::black_box;
use std::path::Path;

use countermark_catalogue::Vault;
use countermark_mark::FormatSpec;
use countermark_register::{FrameRate, MasterFacts, NewDelivery, Randomness};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const ENTRIES: [i64; 2] = [3_000, 30_000];

/// Fills a new vault until its ledger has so many entries.
fn fill(root: &Path, entries: i64) {
    let vault = Vault::init_with(root, Randomness::seeded([7; 32])).expect("a vault");
    let register = vault.register();
    let draft = register.draft_title("T").expect("a free name");
    let reference = vault.catalogue().draft(&draft).expect("a claim");
    std::fs::write(reference.reference_path(), "no film").expect("a reference");
    reference
        .write_print(Vec::new(), Vec::new())
        .expect("a print");
    let files = reference.files().expect("files");
    let title = register
        .add_title(&draft, facts(), &files)
        .expect("a title");
    reference.keep();
    let distributors = ["A", "B", "C"].map(|name| register.add_distributor(name).expect("free"));
    let mut distributors = distributors.iter().cycle();
    let settings = serde_json::json!({"encoder": "libx264"});
    let known = register.verify_ledger().expect("a ledger").entries;
    for _ in 0..(entries - known) / 2 {
        let delivery = register.begin_delivery(&NewDelivery {
            title: &title,
            distributor: distributors.next().expect("a cycle"),
            licensee: Some("Festival"),
            strength: 1.0,
            encoder_settings: &settings,
            format: FormatSpec::CURRENT,
            output: Path::new("copy.mp4"),
        });
        let delivery = delivery.expect("a delivery");
        register
            .fail_delivery(delivery.id, "interrupted")
            .expect("on record");
    }
}

fn facts() -> MasterFacts {
    MasterFacts {
        file: "film.mov".to_owned(),
        width: 1920,
        height: 1080,
        rotation_degrees: 0,
        bit_depth: 8,
        frame_rate: FrameRate { num: 24, den: 1 },
        duration_seconds: 5_400.0,
        frames: 129_600,
    }
}

fn vault(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("vault");
    group.sample_size(10);
    for entries in ENTRIES {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().join("vault");
        fill(&root, entries);
        group.throughput(Throughput::Elements(entries.unsigned_abs()));
        group.bench_function(BenchmarkId::new("open", entries), |bencher| {
            bencher.iter(|| black_box(Vault::open(&root).expect("the vault")));
        });
        group.bench_function(BenchmarkId::new("attested", entries), |bencher| {
            let vault = Vault::open(&root).expect("the vault");
            bencher.iter(|| black_box(vault.attested().expect("a ledger that holds")));
        });
        group.bench_function(BenchmarkId::new("check", entries), |bencher| {
            bencher.iter(|| {
                let check = Vault::check(&root, None, &|| false).expect("a check");
                assert!(check.problems.is_empty(), "{:?}", check.problems);
                check
            });
        });
    }
    group.finish();
}

criterion_group!(benches, vault);
criterion_main!(benches);
