//! Which storage slot holds a path's values: forking a path copies an index, not the values.
//!
//! # References
//! Tal and Vardy 2015, "List Decoding of Polar Codes", section IV (lazy copy).

/// The slots of one layer. There are as many slots as paths, and every path refers to one.
#[derive(Clone, Debug)]
pub(super) struct Slots {
    of_path: Vec<u8>,
    references: Vec<u8>,
    free: Vec<u8>,
}

impl Slots {
    pub(super) fn new(paths: usize) -> Self {
        Self {
            of_path: vec![0; paths],
            references: vec![0; paths],
            free: Vec::with_capacity(paths),
        }
    }

    /// One path, number 0, is alive.
    pub(super) fn reset(&mut self) {
        let slots = self.references.len() as u8;
        self.free.clear();
        self.free.extend((1..slots).rev());
        self.references.fill(0);
        self.references[0] = 1;
        self.of_path[0] = 0;
    }

    #[inline]
    pub(super) fn of(&self, path: usize) -> usize {
        usize::from(self.of_path[path])
    }

    /// A slot that only `path` refers to, to be overwritten.
    #[inline]
    pub(super) fn own(&mut self, path: usize) -> usize {
        let shared = self.of(path);
        if self.references[shared] == 1 {
            return shared;
        }
        // A shared slot means fewer slots in use than paths alive, so one is free.
        let slot = self
            .free
            .pop()
            .expect("a slot is free while another is shared");
        self.references[shared] -= 1;
        self.references[usize::from(slot)] = 1;
        self.of_path[path] = slot;
        usize::from(slot)
    }

    #[inline]
    pub(super) fn fork(&mut self, from: usize, to: usize) {
        let slot = self.of_path[from];
        self.references[usize::from(slot)] += 1;
        self.of_path[to] = slot;
    }

    #[inline]
    pub(super) fn release(&mut self, path: usize) {
        let slot = self.of_path[path];
        let references = &mut self.references[usize::from(slot)];
        *references -= 1;
        if *references == 0 {
            self.free.push(slot);
        }
    }
}
