//! What the threads of a run do next: rows of the clips that are marked, else the next clip to mark.
//!
//! ```text
//! Prepare(clip) -> Tail(clip, ..), Row(clip, ..) in any order -> Finish(clip)
//! ```
//!
//! At most as many clips are open at a time as there are threads: each has its copies on the disk.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// One task of one clip, by the clip's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    /// Reference and copies.
    Prepare(usize),
    /// Wrong keys, by their place in the clip's list.
    Tail(usize, usize),
    /// A row, by its place in the clip's list.
    Row(usize, usize),
    /// Quality, and the clip's folder goes.
    Finish(usize),
}

impl Task {
    fn clip(self) -> usize {
        match self {
            Self::Prepare(clip) | Self::Tail(clip, _) | Self::Row(clip, _) | Self::Finish(clip) => {
                clip
            }
        }
    }
}

/// How many tails and rows a clip has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) clip: usize,
    pub(super) tails: usize,
    pub(super) rows: usize,
}

#[derive(Debug)]
struct State {
    /// Clips that are not begun.
    closed: VecDeque<Size>,
    ready: VecDeque<Task>,
    /// Of each open clip, how many tails and rows are not done.
    open: Vec<(Size, usize)>,
    stopped: bool,
}

/// The tasks of a run, for any number of threads.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    most_open: usize,
}

impl Queue {
    /// Of these clips; at most `most_open` of them are open at a time.
    pub(super) fn new(sizes: impl IntoIterator<Item = Size>, most_open: usize) -> Self {
        Self {
            state: Mutex::new(State {
                closed: sizes.into_iter().collect(),
                ready: VecDeque::new(),
                open: Vec::new(),
                stopped: false,
            }),
            changed: Condvar::new(),
            most_open: most_open.max(1),
        }
    }

    /// The next task; none when there are no more, waiting for those that others may still bring.
    pub(super) fn next(&self) -> Option<Task> {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return None;
            }
            if let Some(task) = state.ready.pop_front() {
                return Some(task);
            }
            if state.open.len() < self.most_open
                && let Some(size) = state.closed.pop_front()
            {
                state.open.push((size, size.tails + size.rows));
                return Some(Task::Prepare(size.clip));
            }
            if state.open.is_empty() {
                return None;
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A task is done. Of a clip that could not be prepared nothing follows.
    pub(super) fn done(&self, task: Task, well: bool) {
        let mut state = self.lock();
        let Some(at) = state
            .open
            .iter()
            .position(|(size, _)| size.clip == task.clip())
        else {
            return;
        };
        let clip = task.clip();
        match task {
            Task::Prepare(_) if well => {
                let (size, left) = state.open[at];
                let tails = (0..size.tails).map(|index| Task::Tail(clip, index));
                state.ready.extend(tails);
                let rows = (0..size.rows).map(|index| Task::Row(clip, index));
                state.ready.extend(rows);
                if left == 0 {
                    state.ready.push_back(Task::Finish(clip));
                }
            }
            Task::Prepare(_) | Task::Finish(_) => {
                state.open.remove(at);
            }
            Task::Tail(..) | Task::Row(..) => {
                state.open[at].1 -= 1;
                if state.open[at].1 == 0 {
                    state.ready.push_front(Task::Finish(clip));
                }
            }
        }
        self.changed.notify_all();
    }

    /// Ends the run: no thread gets another task.
    pub(super) fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(of: &[(usize, usize)]) -> Vec<Size> {
        let numbered = of.iter().enumerate();
        numbered
            .map(|(clip, &(tails, rows))| Size { clip, tails, rows })
            .collect()
    }

    #[test]
    fn a_clip_ends_after_all_its_tasks_and_the_next_begins_meanwhile() {
        let queue = Queue::new(sizes(&[(0, 2), (1, 0), (0, 0)]), 2);
        assert_eq!(queue.next(), Some(Task::Prepare(0)));
        assert_eq!(queue.next(), Some(Task::Prepare(1)));
        queue.done(Task::Prepare(0), true);
        assert_eq!(queue.next(), Some(Task::Row(0, 0)));
        assert_eq!(queue.next(), Some(Task::Row(0, 1)));
        queue.done(Task::Row(0, 1), false);
        queue.done(Task::Row(0, 0), true);
        assert_eq!(queue.next(), Some(Task::Finish(0)));
        queue.done(Task::Finish(0), true);
        assert_eq!(queue.next(), Some(Task::Prepare(2)));
        queue.done(Task::Prepare(1), false);
        queue.done(Task::Prepare(2), true);
        assert_eq!(queue.next(), Some(Task::Finish(2)));
        queue.done(Task::Finish(2), true);
        assert_eq!(queue.next(), None);
    }

    #[test]
    fn any_number_of_threads_do_every_task_once() {
        for threads in [1, 2, 7] {
            let queue = Queue::new(sizes(&[(2, 9), (0, 3), (1, 5), (0, 0)]), threads);
            let seen = Mutex::new(Vec::new());
            std::thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| {
                        while let Some(task) = queue.next() {
                            seen.lock().expect("no panic").push(task);
                            queue.done(task, true);
                        }
                    });
                }
            });
            let seen = seen.into_inner().expect("no panic");
            assert_eq!(seen.len(), 4 + 3 + 17 + 4, "{threads}");
            for clip in 0..4 {
                let place = |task| seen.iter().position(|&t| t == task);
                assert!(place(Task::Prepare(clip)) < place(Task::Finish(clip)));
            }
        }
    }

    #[test]
    fn a_stopped_run_has_no_more_tasks() {
        let queue = Queue::new(sizes(&[(0, 2)]), 1);
        queue.next();
        queue.stop();
        assert_eq!(queue.next(), None);
    }
}
