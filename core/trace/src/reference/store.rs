//! Frames of a proxy that were decoded already.
//!
//! ```text
//! a frame at t belongs to a span [from, to)   <=>   from <= t + half a tick < to          as in `countermark_media`
//! a span that is wanted = parts that are held, and gaps between them that are still to be decoded
//! ```
//!
//! # Shapes and units
//! Times in seconds of media time. At most [`HELD_BYTES`] of luma: 30 minutes of 24 frames a second of 512 x 288 are 6.4 GB,
//! 75 seconds of it fit.

use std::sync::Arc;

use crate::still::Still;

/// Bytes of luma that are held of one proxy.
const HELD_BYTES: usize = 256 << 20;

/// Frames of a proxy.
pub(super) struct Store {
    /// Ascending in time, each once.
    frames: Vec<Arc<Still>>,
    /// Whose frames are all held: ascending, apart from each other.
    spans: Vec<[f64; 2]>,
    bytes: usize,
    most_bytes: usize,
    /// Half a tick of the file's clock.
    slack: f64,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            frames: Vec::new(),
            spans: Vec::new(),
            bytes: 0,
            most_bytes: HELD_BYTES,
            slack: 0.0,
        }
    }
}

impl Store {
    /// The frames of `[from, to)` up to the first gap, and that gap, if there is one.
    pub(super) fn held(&self, from: f64, to: f64) -> (Vec<Arc<Still>>, Option<[f64; 2]>) {
        let known = self.spans.iter().find(|[_, end]| *end > from);
        let (held_to, next) = match known {
            Some([start, end]) if *start <= from => (end.min(to), None),
            Some([start, _]) => (from, Some(*start)),
            None => (from, None),
        };
        let place = |moment: f64| {
            let before = |still: &Arc<Still>| still.media_time + self.slack < moment;
            self.frames.partition_point(before)
        };
        let frames = if held_to > from {
            self.frames[place(from)..place(held_to)].to_vec()
        } else {
            Vec::new()
        };
        let gap = (held_to < to).then(|| {
            // The held part ends where another one begins, or with what is wanted.
            let after = self.spans.iter().find(|[start, _]| *start >= held_to);
            let end = next.or(after.map(|[start, _]| *start)).unwrap_or(to);
            [held_to, end.min(to)]
        });
        (frames, gap)
    }

    /// Bytes of luma that are held.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Sets how far from each other two moments of the file's clock are the same.
    pub(super) fn tick(&mut self, seconds: f64) {
        self.slack = seconds / 2.0;
    }

    /// Takes in a frame of the gap `[from, _)`, the last one so far; false when it does not fit, and `[from, its time)` is what
    /// is held of the gap.
    pub(super) fn take(&mut self, from: f64, still: Arc<Still>) -> bool {
        if self.bytes + still.bytes() > self.most_bytes {
            self.close(from, still.media_time);
            return false;
        }
        self.bytes += still.bytes();
        let at = self
            .frames
            .partition_point(|known| known.media_time < still.media_time);
        self.frames.insert(at, still);
        true
    }

    /// All frames of a gap were taken in.
    pub(super) fn close(&mut self, from: f64, to: f64) {
        if from >= to {
            return;
        }
        self.spans.push([from, to]);
        self.spans.sort_by(|a, b| a[0].total_cmp(&b[0]));
        let mut joined: Vec<[f64; 2]> = Vec::with_capacity(self.spans.len());
        for [from, to] in self.spans.drain(..) {
            match joined.last_mut() {
                Some(last) if from <= last[1] => last[1] = last[1].max(to),
                _ => joined.push([from, to]),
            }
        }
        self.spans = joined;
    }
}

#[cfg(test)]
mod tests {
    use countermark_picture::AnyPlane;

    use super::*;

    /// Of frames that no span begins or ends with.
    fn moment(number: u32) -> f64 {
        0.01 + f64::from(number) * 0.04
    }

    fn still(media_time: f64) -> Arc<Still> {
        let luma = AnyPlane::of_bytes(&[0; 6], 3, 2, 3).expect("a plane");
        Arc::new(Still::of(luma, media_time))
    }

    /// Fills gaps of `[from, to)` as a decoder does, and answers the times of all its frames and how many were decoded.
    fn read(store: &mut Store, [from, to]: [f64; 2]) -> (Vec<f64>, usize) {
        let (mut times, mut decoded, mut at) = (Vec::new(), 0, from);
        loop {
            let (held, gap) = store.held(at, to);
            times.extend(held.iter().map(|still| still.media_time));
            let Some([start, end]) = gap else {
                return (times, decoded);
            };
            let mut fits = true;
            for number in 0..1000 {
                let time = moment(number);
                if time + store.slack < start || time + store.slack >= end {
                    continue;
                }
                decoded += 1;
                times.push(time);
                fits = fits && store.take(start, still(time));
            }
            if fits {
                store.close(start, end);
            }
            at = end;
        }
    }

    fn expected([from, to]: [f64; 2]) -> Vec<f64> {
        let times = (0..1000).map(moment);
        times.filter(|time| (from..to).contains(time)).collect()
    }

    #[test]
    fn every_span_has_its_frames_once_and_nothing_is_decoded_twice() {
        let mut store = Store::default();
        store.tick(1e-4);
        let mut all = 0;
        for span in [
            [2.0, 5.0],
            [1.5, 3.0],
            [8.0, 9.0],
            [4.0, 8.5],
            [0.0, 10.0],
            [3.02, 3.03],
            [0.0, f64::INFINITY],
        ] {
            let (times, decoded) = read(&mut store, span);
            assert_eq!(times, expected(span), "{span:?}");
            all += decoded;
        }
        assert_eq!(all, 1000);
        assert_eq!(store.spans, [[0.0, f64::INFINITY]]);
    }

    #[test]
    fn what_does_not_fit_is_decoded_again() {
        let mut store = Store {
            most_bytes: 6 * 50,
            ..Store::default()
        };
        let span = [0.0, 4.0];
        assert_eq!(read(&mut store, span), (expected(span), 100));
        assert_eq!(store.frames.len(), 50);
        assert_eq!(read(&mut store, span), (expected(span), 50));
        let (times, decoded) = read(&mut store, [1.0, 2.0]);
        assert_eq!((times, decoded), (expected([1.0, 2.0]), 0));
    }
}
