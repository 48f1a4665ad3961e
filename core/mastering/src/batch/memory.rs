//! Memory of the masters that are worked on at once: a job begins when there is room for it.
//!
//! ```text
//! need = BASE + frame DECODED + copies min(frame ENCODED, frame LARGE + LOOKAHEAD),     frame = width height 3/2 samples, of one byte or two
//! budget: that of the plan, else three quarters of what the machine has free when the batch begins
//! copies at once = the most that the whole budget has room for, one at least: their number in even parts, each a decode of its own
//! ```
//!
//! A copy that needs more than the whole budget is worked on alone. The need is an estimate, not a limit: it is that of 4:2:0 pictures and x264's
//! usual settings; other chroma, other encoders and one that is told to look further ahead take more.
//!
//! # Shapes and units
//! Bytes.

use std::fs;
use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use countermark_media::{ReadOptions, VideoInfo, VideoReader};

/// Programs, tables and the register.
const BASE: u64 = 64 << 20;
/// Frames that decoder, mark and verification hold.
const DECODED: u64 = 32;
/// Frames' worth that the encoder of one copy holds: what it looks ahead, its smaller pictures of that, what it refers to and works on.
/// Measured with x264's usual settings at 1280 x 720 on two cores, 2026-11-30: one copy 436 MiB, three at once 1137 MiB.
const ENCODED: u64 = 270;
/// The same of large pictures, beside what the lookahead may hold, which does not grow any more with them. Measured with four copies of
/// 3840 x 2160 on two cores, 2026-11-30: 5.9 GiB together.
const LARGE: u64 = 60;
const LOOKAHEAD: u64 = 768 << 20;
/// How often is looked whether the batch is to end.
const LOOK: Duration = Duration::from_millis(200);

/// What the masters of a batch may take together.
pub(super) struct Budget {
    all: u64,
    free: Mutex<u64>,
    given_back: Condvar,
}

/// A share of it, given back when it is dropped.
pub(super) struct Share<'a> {
    budget: &'a Budget,
    bytes: u64,
}

impl Budget {
    /// Of so many bytes; what the machine has to spare if `None`.
    pub(super) fn new(bytes: Option<u64>) -> Self {
        let all = bytes.or_else(spare).unwrap_or(u64::MAX);
        Self {
            all,
            free: Mutex::new(all),
            given_back: Condvar::new(),
        }
    }

    /// How many of so many copies are made at once.
    pub(super) fn copies_at_once(&self, need: Need, copies: usize) -> usize {
        let room = self.all.saturating_sub(need.of_master);
        let fit = room.checked_div(need.of_copy).unwrap_or(u64::MAX);
        let fit = usize::try_from(fit).unwrap_or(usize::MAX).max(1);
        copies.div_ceil(copies.div_ceil(fit).max(1))
    }

    /// Whether so many bytes would have to be waited for.
    pub(super) fn is_short_of(&self, bytes: u64) -> bool {
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) < bytes.min(self.all)
    }

    /// Takes so many bytes, all of them where there are fewer, once they are free; none when the batch is to end before.
    pub(super) fn take(&self, bytes: u64, is_over: &dyn Fn() -> bool) -> Option<Share<'_>> {
        let bytes = bytes.min(self.all);
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free < bytes {
            if is_over() {
                return None;
            }
            let waited = self.given_back.wait_timeout(free, LOOK);
            free = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        *free -= bytes;
        Some(Share {
            budget: self,
            bytes,
        })
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let budget = self.budget;
        *budget.free.lock().unwrap_or_else(PoisonError::into_inner) += self.bytes;
        budget.given_back.notify_all();
    }
}

/// What a master needs, and each of its copies beside that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Need {
    of_master: u64,
    of_copy: u64,
}

impl Need {
    /// Of the master at `path`. One that cannot be opened needs nothing: it is refused.
    pub(super) fn of(path: &Path) -> Self {
        let reader = VideoReader::open(path, ReadOptions::default());
        reader.map_or(Self::default(), |reader| Self::of_pictures(reader.info()))
    }

    fn of_pictures(info: &VideoInfo) -> Self {
        let bytes = if info.bit_depth > 8 { 2 } else { 1 };
        Self::of_frame(u64::from(info.width) * u64::from(info.height) * 3 / 2 * bytes)
    }

    fn of_frame(frame: u64) -> Self {
        Self {
            of_master: BASE + frame * DECODED,
            of_copy: (frame * ENCODED).min(frame * LARGE + LOOKAHEAD),
        }
    }

    /// Of so many copies at once.
    pub(super) fn of_copies(self, copies: usize) -> u64 {
        self.of_master + self.of_copy * copies as u64
    }
}

/// Three quarters of what the machine, and the group of processes this one is in, have free; none where neither tells.
fn spare() -> Option<u64> {
    let machine = fs::read_to_string("/proc/meminfo").ok();
    let machine = machine.and_then(|text| available(&text));
    let group = |name: &str| fs::read_to_string(format!("/sys/fs/cgroup/{name}")).ok();
    let number = |name: &str| -> Option<u64> { group(name)?.trim().parse().ok() };
    let files = group("memory.stat").and_then(|text| idle_files(&text));
    let group = number("memory.max").zip(number("memory.current"));
    // Files that nobody reads any more are counted as taken, and given up on demand.
    let group = group.map(|(most, taken)| most.saturating_sub(taken) + files.unwrap_or(0));
    machine
        .into_iter()
        .chain(group)
        .min()
        .map(|free| free / 4 * 3)
}

/// `MemAvailable` of Linux' `/proc/meminfo`.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes << 10)
}

/// `inactive_file` of a control group's `memory.stat`.
fn idle_files(stat: &str) -> Option<u64> {
    let line = stat
        .lines()
        .find_map(|line| line.strip_prefix("inactive_file "))?;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn never_more_than_the_budget_is_taken_and_what_needs_more_is_alone() {
        let budget = Budget::new(Some(100));
        let (taken, most) = (AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for bytes in [30, 40, 60, 250, 20, 100] {
                let (budget, taken, most) = (&budget, &taken, &most);
                scope.spawn(move || {
                    let share = budget.take(bytes, &|| false).expect("not over");
                    let now = taken.fetch_add(share.bytes, Ordering::SeqCst) + share.bytes;
                    most.fetch_max(now, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(20));
                    taken.fetch_sub(share.bytes, Ordering::SeqCst);
                });
            }
        });
        assert!(most.into_inner() <= 100);
        assert!(!budget.is_short_of(250));
        let _all = budget.take(250, &|| false).expect("free");
        assert!(budget.is_short_of(1));
        assert!(budget.take(1, &|| true).is_none(), "the batch is over");
    }

    #[test]
    fn what_was_measured_is_not_underrated_and_not_by_far_overrated() {
        let need = |pixels: u64, copies| Need::of_frame(pixels * 3 / 2).of_copies(copies) >> 20;
        let (one, three) = (need(1280 * 720, 1), need(1280 * 720, 3));
        assert!((436..500).contains(&one), "{one}");
        assert!((1137..1250).contains(&three), "{three}");
        let four = need(3840 * 2160, 4);
        assert!((6058..6700).contains(&four), "{four}");
    }

    #[test]
    fn copies_are_made_in_even_parts_that_have_room() {
        let need = Need {
            of_master: 10,
            of_copy: 30,
        };
        let at_once = |all, copies| Budget::new(Some(all)).copies_at_once(need, copies);
        assert_eq!(
            [at_once(200, 5), at_once(130, 5), at_once(70, 5)],
            [5, 3, 2]
        );
        // One at least; and never more than there are.
        assert_eq!([at_once(20, 4), at_once(u64::MAX, 1)], [1, 1]);
        let nothing = Need::default();
        assert_eq!(Budget::new(Some(5)).copies_at_once(nothing, 7), 7);
    }

    #[test]
    fn what_the_machine_has_free_is_read() {
        let text = "MemTotal:       24000000 kB\nMemFree: 1 kB\nMemAvailable:   20000000 kB\n";
        assert_eq!(available(text), Some(20_480_000_000));
        assert_eq!(available("MemTotal: 1 kB\n"), None);
        let text = "anon 5\ninactive_file 4096\nactive_file 7\n";
        assert_eq!(idle_files(text), Some(4096));
        assert_eq!(idle_files("anon 5\n"), None);
        assert!(spare().is_some(), "this machine");
    }
}
