//! Which chip carries what: the keyed plan of one epoch.
//!
//! ```text
//! value of chip i in epoch e = s[e,i]                       i in the synchronisation pattern (fixed for a title)
//!                            = s[e,i] bit[position[e,i]]    else; positions 0..512 address code, 512..1024 fingerprint
//! ```
//!
//! `s` and the order in which the chips take positions are read off the stream of (carrier key, epoch), so that the
//! chips of one position lie scattered over the picture and over the frequencies, elsewhere in every epoch.
//!
//! # Shapes and units
//! Chip `i = coefficient * blocks + block`, the order of [`crate::lattice::dct::CoefficientPlane`] over [`band`].

use crate::code::whitening::Whitening;
use crate::code::{fingerprint, polar};
use crate::format::{BAND_DIAGONALS, CODED_BITS, FINGERPRINT_POSITIONS, SYNC_CHIP_SHARE};
use crate::key::DeliveryKey;
use crate::key::{CarrierKey, ScopedPayloadKey, StreamKey};
use crate::lattice::LatticeGeometry;
use crate::lattice::dct::Band;
use crate::payload::Payload;

/// Positions of both codes.
pub const POSITIONS: usize = CODED_BITS + FINGERPRINT_POSITIONS;

/// The frequencies that carry chips.
#[must_use]
pub fn band() -> Band {
    Band::diagonals(BAND_DIAGONALS.0, BAND_DIAGONALS.1)
}

/// The plan of a title on a lattice.
#[derive(Clone, Debug)]
pub struct ChipPlan {
    chips: usize,
    signs: StreamKey,
    roles: StreamKey,
    /// Chips of the synchronisation pattern, ascending.
    sync: Vec<u32>,
    /// All other chips, ascending.
    data: Vec<u32>,
}

/// One epoch of a plan.
#[derive(Clone, Debug)]
pub struct EpochChips {
    /// The epoch's number.
    pub epoch: u64,
    /// The sign of every chip, +1 or -1.
    pub signs: Vec<f32>,
    /// `(chip, position)` of every chip that carries a code.
    pub positions: Vec<(u32, u16)>,
}

impl ChipPlan {
    /// The plan of a carrier key.
    #[must_use]
    pub fn new(carrier: &CarrierKey, lattice: LatticeGeometry) -> Self {
        let chips = band().len() * lattice.blocks();
        let order = carrier.sync_layout().stream(0).permutation(chips as u32);
        let (sync, data) = order.split_at(chips / SYNC_CHIP_SHARE);
        let ascending = |chips: &[u32]| {
            let mut chips = chips.to_vec();
            chips.sort_unstable();
            chips
        };
        Self {
            chips,
            signs: carrier.chip_signs(),
            roles: carrier.chip_roles(),
            sync: ascending(sync),
            data: ascending(data),
        }
    }

    /// Chips of a frame.
    #[must_use]
    pub fn chips(&self) -> usize {
        self.chips
    }

    /// Chips of the synchronisation pattern, ascending.
    #[must_use]
    pub fn sync(&self) -> &[u32] {
        &self.sync
    }

    /// The signs of all chips in an epoch, one bit each as in [`crate::key::KeyStream::signs`].
    #[must_use]
    pub fn sign_words(&self, epoch: u64) -> Vec<u32> {
        let mut stream = self.signs.stream(epoch);
        (0..self.chips.div_ceil(32))
            .map(|_| stream.next_word())
            .collect()
    }

    /// Signs and positions of an epoch.
    #[must_use]
    pub fn epoch(&self, epoch: u64) -> EpochChips {
        let mut signs = vec![0.0; self.chips];
        self.signs.stream(epoch).signs(&mut signs);
        let order = self.roles.stream(epoch).permutation(self.data.len() as u32);
        let positions = order
            .iter()
            .enumerate()
            .map(|(place, &data)| (self.data[data as usize], (place % POSITIONS) as u16))
            .collect();
        EpochChips {
            epoch,
            signs,
            positions,
        }
    }
}

/// What one delivery writes on the plan.
#[derive(Debug)]
pub struct DeliveryCode {
    codeword: [u8; CODED_BITS],
    whitening: Whitening,
    delivery: DeliveryKey,
    /// Sign of the fingerprint code as a whole.
    fingerprint_sign: f32,
}

impl DeliveryCode {
    /// The code of a payload under a distributor's key.
    #[must_use]
    pub fn new(scoped: &ScopedPayloadKey, payload: Payload) -> Self {
        Self {
            codeword: polar::encode(payload),
            whitening: Whitening::new(scoped),
            delivery: scoped.delivery(payload),
            fingerprint_sign: 1.0,
        }
    }

    /// The same code with every sign of the fingerprint turned round: a fault, planted to see whether a test notices. No
    /// detector accuses anybody for such a mark.
    #[must_use]
    pub fn with_inverted_fingerprint(mut self) -> Self {
        self.fingerprint_sign = -self.fingerprint_sign;
        self
    }

    /// The signs of all chips in an epoch, as this delivery sends them.
    #[must_use]
    pub fn chip_values(&self, plan: &ChipPlan, epoch: u64) -> Vec<f32> {
        let mut bits = self.codeword;
        self.whitening.flip_bits(epoch, &mut bits);
        let mut symbols = [0.0; POSITIONS];
        let (address, prints) = symbols.split_at_mut(CODED_BITS);
        for (symbol, bit) in address.iter_mut().zip(bits) {
            *symbol = if bit == 0 { 1.0 } else { -1.0 };
        }
        for (symbol, sign) in prints
            .iter_mut()
            .zip(fingerprint::signs(&self.delivery, epoch))
        {
            *symbol = self.fingerprint_sign * sign;
        }
        let EpochChips {
            mut signs,
            positions,
            ..
        } = plan.epoch(epoch);
        for (chip, position) in positions {
            signs[chip as usize] *= symbols[position as usize];
        }
        signs
    }
}
