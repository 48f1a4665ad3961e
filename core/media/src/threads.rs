//! How many threads the work on one file has.

use std::num::NonZeroUsize;

/// The caller's number of threads, else that of the machine.
pub(crate) fn thread_budget(threads: Option<NonZeroUsize>) -> usize {
    threads
        .or_else(|| std::thread::available_parallelism().ok())
        .map_or(1, NonZeroUsize::get)
}
