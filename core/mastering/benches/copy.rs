//! What a copy costs beside its master's decode, on one of the samples: decoding alone; decoding and encoding, the luma untouched;
//! the same with the mark.
//!
//! The ratios of the three are those of whole processes but for starting them: the last over the second is what the mark
//! costs a house that encodes anyway, the last over the first how far marking is from the speed of FFmpeg's decode.

use std::hint::black_box;
use std::path::{Path, PathBuf};

use countermark_mark::key::{CarrierKey, ScopedPayloadKey};
use countermark_mark::{Embedder, Payload, Strength};
use countermark_media::{EncodeSettings, LumaEdit, ReadOptions, VideoReader, probe, transcode};
use countermark_picture::by_depth;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn master() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/landscape.mp4")
}

/// Frames of a file, decoded.
fn decoded(path: &Path) -> u64 {
    let mut reader = VideoReader::open(path, ReadOptions::default()).expect("a video");
    let mut frames = 0;
    while let Some(frame) = reader.next_frame().expect("a frame") {
        black_box(frame.luma());
        frames += 1;
    }
    frames
}

fn encoded(master: &Path, folder: &Path, edit: &mut LumaEdit<'_>) {
    let output = folder.join("copy.mp4");
    let settings = EncodeSettings {
        overwrite: true,
        ..EncodeSettings::default()
    };
    transcode(master, &output, &settings, edit, &()).expect("a copy");
}

fn copy(criterion: &mut Criterion) {
    let master = master();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let info = probe(&master).expect("a video").video;
    let size = (info.width as usize, info.height as usize);
    let mut group = criterion.benchmark_group("copy");
    group.sample_size(10);
    group.throughput(Throughput::Elements(decoded(&master)));
    group.bench_function("decode", |bencher| bencher.iter(|| decoded(&master)));
    group.bench_function("encode", |bencher| {
        bencher.iter(|| encoded(&master, folder.path(), &mut |_, _| Ok(())));
    });
    group.bench_function("mark", |bencher| {
        bencher.iter(|| {
            let mut embedder = Embedder::new(
                &CarrierKey::from_bytes([1; 32]),
                &ScopedPayloadKey::from_bytes([2; 32]),
                Payload::new(3),
                size,
                Strength::DEFAULT,
            )
            .expect("a supported size");
            encoded(&master, folder.path(), &mut |mut luma, time| {
                by_depth!(mut &mut luma, |view| embedder.mark(view, time.media_time));
                Ok(())
            });
        });
    });
    group.finish();
}

criterion_group!(benches, copy);
criterion_main!(benches);
