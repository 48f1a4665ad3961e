//! The desk under load, at length: figures go to standard error, what must hold whatever the machine is asserted.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::client::{all_name, ask, get, job_of, settled, upload};
use super::studio::{Served, left, print_of, sample, studio};

/// Requests a second, and clients that send them.
const RATE: f64 = 50.0;
const CLIENTS: usize = 16;

/// Seconds of load: `COUNTERMARK_LOAD_SECONDS`, else 10.
fn seconds() -> f64 {
    let asked = std::env::var("COUNTERMARK_LOAD_SECONDS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(10.0)
}

fn told(line: &str) {
    // Figures are no results of the test.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Megabytes of memory that a process has.
fn memory(served: &Served) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", served.process()));
    let status = status.expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.expect("a size") / 1024.0
}

#[test]
#[ignore = "slow: prints at a fixed rate, 10 s of them or as COUNTERMARK_LOAD_SECONDS says"]
fn fifty_prints_a_second_are_answered_without_an_error_and_in_the_same_memory() {
    let folder = studio();
    let served = Served::start(folder.path());
    let print = std::fs::read(print_of("street", folder.path())).expect("a print");
    let verify = || {
        let path = "/v1/verify?platform=Tube&territory=DE&day=2026-11-30";
        ask(&served, ("POST", path), &[], &print)
    };
    // The first looks decode some frames of the reference.
    for _ in 0..20 {
        assert_eq!(verify().json()["title"], "street");
    }
    let before = memory(&served);
    let all = (RATE * seconds()) as usize;
    let (next, times, errors) = (
        AtomicUsize::new(0),
        Mutex::new(Vec::new()),
        AtomicUsize::new(0),
    );
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= all {
                        return;
                    }
                    // From the moment it is due: who waits for the one before it is not spared.
                    let due = begun + Duration::from_secs_f64(at as f64 / RATE);
                    std::thread::sleep(due.saturating_duration_since(Instant::now()));
                    let heard = verify();
                    let is_right = heard.status == 200 && heard.json()["title"] == "street";
                    errors.fetch_add(usize::from(!is_right), Ordering::Relaxed);
                    times
                        .lock()
                        .expect("whole")
                        .push(due.elapsed().as_secs_f64());
                }
            });
        }
    });
    let took = begun.elapsed().as_secs_f64();
    let mut times = times.into_inner().expect("whole");
    times.sort_by(f64::total_cmp);
    let at = |share: f64| 1000.0 * times[((times.len() - 1) as f64 * share) as usize];
    let after = memory(&served);
    told(&format!(
        "verify: {all} prints in {took:.1} s ({:.1} a second), median {:.0} ms, p99 {:.0} ms, worst {:.0} ms, {} errors, memory {before:.0} to {after:.0} MB",
        all as f64 / took,
        at(0.5),
        at(0.99),
        at(1.0),
        errors.load(Ordering::Relaxed)
    ));
    assert_eq!(errors.into_inner(), 0);
    assert!(after < before + 64.0, "{before} to {after} MB");
}

#[test]
#[ignore = "slow: 200 uploads, a process each"]
fn two_hundred_uploads_half_of_them_broken_end_in_a_state_and_leave_nothing() {
    let folder = studio();
    let served = Served::start(folder.path());
    let clip = std::fs::read(sample("street")).expect("a sample");
    let print = std::fs::read(print_of("street", folder.path())).expect("a print");
    let noise: Vec<u8> = (0..40_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let cut = clip[..clip.len() / 3].to_vec();
    let list = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n/etc/passwd\n".to_vec();
    let mut torn = print.clone();
    torn[40] ^= 1;
    let broken = [noise, cut, list, torn];
    let (jobs, begun) = (Mutex::new(Vec::new()), Instant::now());
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= 200 {
                        return;
                    }
                    let is_good = at.is_multiple_of(2);
                    let bytes = if is_good { &print } else { &broken[at / 2 % 4] };
                    let id = upload(&served, &format!("clip {at}.mp4"), bytes);
                    let id = job_of(&served, "identify", &id);
                    jobs.lock().expect("whole").push((id, is_good));
                }
            });
        }
    });
    let sent = begun.elapsed().as_secs_f64();
    let mut states: BTreeMap<(bool, String), usize> = BTreeMap::new();
    for (id, is_good) in jobs.into_inner().expect("whole") {
        let begun = Instant::now();
        let job = loop {
            let job = get(&served, &format!("/v1/jobs/{id}")).json();
            if job["ended"].is_i64() && job["keeping"] == false {
                break job;
            }
            assert!(begun.elapsed() < Duration::from_secs(1200), "{job}");
            std::thread::sleep(Duration::from_millis(500));
        };
        let text = job.to_string();
        for secret in ["uploads", "/tmp", "root:", "owner.key", "vault"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
        if is_good {
            assert_eq!(job["result"]["title"], "street", "{job}");
        }
        let state = job["state"].as_str().expect("a state").to_owned();
        *states.entry((is_good, state)).or_default() += 1;
    }
    told(&format!(
        "uploads: 200 sent in {sent:.1} s, all ended after {:.1} s: {states:?}, memory {:.0} MB",
        begun.elapsed().as_secs_f64(),
        memory(&served)
    ));
    assert_eq!(states.values().sum::<usize>(), 200);
    assert_eq!(
        states.get(&(true, "done".to_owned())),
        Some(&100),
        "{states:?}"
    );
    assert_eq!(left(folder.path()), 0);
    assert_eq!(get(&served, "/health").status, 200);
}

#[test]
#[ignore = "slow: twenty desks"]
fn a_desk_killed_twenty_times_under_load_loses_no_job_and_does_none_twice() {
    let folder = studio();
    let print = std::fs::read(print_of("street", folder.path())).expect("a print");
    let mut served = Served::start(folder.path());
    let mut jobs = Vec::new();
    for round in 0..20_u64 {
        for n in 0..3 {
            let id = upload(&served, &format!("clip {round} {n}"), &print);
            jobs.push(job_of(&served, "identify", &id));
        }
        std::thread::sleep(Duration::from_millis(37 * round % 400));
        served.kill();
        served = Served::start(folder.path());
    }
    all_name(&served, &jobs, "street");
    settled(&served, &jobs);
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    let sightings = get(&served, "/v1/sightings?limit=200").json();
    for one in sightings["items"].as_array().into_iter().flatten() {
        let job = one["job"].as_str().map(str::to_owned);
        *found.entry(job.expect("a job's")).or_default() += 1;
    }
    assert_eq!(found.len(), jobs.len(), "{sightings}");
    assert!(found.values().all(|times| *times == 1), "{found:?}");
    assert_eq!(left(folder.path()), 0);
    let kept = std::fs::read_dir(folder.path().join("vault/desk/kept"));
    assert_eq!(kept.expect("a folder").count(), jobs.len());
    let _: Value = get(&served, "/v1/jobs?limit=1").json();
}
