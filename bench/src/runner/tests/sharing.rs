//! Shards, threads and the cache change no result.

use super::*;

#[test]
fn shards_and_threads_change_no_result() -> Outcome {
    let mut bench = Bench::new()?;
    let clips = bench.clips();
    fs::remove_file(clips.join("broken.mp4"))?;
    for name in ["a", "b", "c"] {
        fs::copy(clips.join("tiny.mp4"), clips.join(format!("{name}.mp4")))?;
    }
    bench.suite.quality = None;
    let key = |trial: &crate::trial::Trial| {
        (
            trial.clip.clone(),
            trial.attack.clone(),
            trial.cuts.clone(),
            trial.bytes,
        )
    };
    let measured = |shards: u32, threads: usize| -> Result<Vec<_>> {
        let mut all = Vec::new();
        for index in 1..=shards {
            let out = tempfile::tempdir()?;
            let store = bench.run_with(&Scripted::default(), |settings| {
                settings.out = Box::leak(out.path().to_path_buf().into_boxed_path());
                settings.shard = format!("{index}/{shards}").parse().ok();
                settings.threads = NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN);
            })?;
            all.extend(store.trials().iter().map(key));
        }
        all.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
        Ok(all)
    };
    let whole = measured(1, 1)?;
    assert_eq!(whole.len(), 12);
    assert_eq!(measured(1, 3)?, whole);
    assert_eq!(measured(5, 2)?, whole);
    Ok(())
}

#[test]
fn copies_are_taken_from_the_cache_unless_clip_seed_or_copies_differ() -> Outcome {
    let mut bench = Bench::new()?;
    let cache = bench.folder.path().join("cache");
    let subject = Scripted {
        identity: Some("scripted"),
        ..Scripted::default()
    };
    let run = |bench: &Bench| {
        bench.run_with(&subject, |settings| {
            settings.cache = Some(cache.clone());
            settings.fresh = true;
        })
    };
    let trials = run(&bench)?.trials().to_vec();
    assert_eq!(run(&bench)?.trials(), trials);
    assert_eq!(
        subject.prepared.load(Ordering::Relaxed),
        1,
        "taken from the cache"
    );
    bench.suite.seed += 1;
    run(&bench)?;
    assert_eq!(subject.prepared.load(Ordering::Relaxed), 2, "another seed");
    bench.suite.deliveries.registered = 9;
    run(&bench)?;
    assert_eq!(
        subject.prepared.load(Ordering::Relaxed),
        3,
        "more on record"
    );
    // A damaged entry counts as none.
    for entry in fs::read_dir(&cache)? {
        fs::write(entry?.path().join("made.txt"), "damaged")?;
    }
    run(&bench)?;
    assert_eq!(subject.prepared.load(Ordering::Relaxed), 4, "damaged");
    let other = Scripted {
        identity: Some("scripted, stronger"),
        ..Scripted::default()
    };
    bench.run_with(&other, |settings| {
        settings.cache = Some(cache.clone());
        settings.fresh = true;
    })?;
    assert_eq!(other.prepared.load(Ordering::Relaxed), 1, "another system");
    Ok(())
}
