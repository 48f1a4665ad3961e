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
//! Chip `i = coefficient * blocks + block`, the order of [`crate::lattice::dct::CoefficientPlane`] over
//! [`Band::of_mark`].

use crate::code::fingerprint::{self, FINGERPRINT_POSITIONS};
use crate::code::polar::{self, CODED_BITS};
use crate::code::whitening::Whitening;
use crate::format::FormatSpec;
use crate::key::DeliveryKey;
use crate::key::{CarrierKey, ScopedPayloadKey, StreamKey};
use crate::lattice::LatticeGeometry;
use crate::lattice::dct::Band;
use crate::payload::Payload;

/// Positions of both codes.
pub(crate) const POSITIONS: usize = CODED_BITS + FINGERPRINT_POSITIONS;

/// The plan of a title on a lattice, in one format.
#[derive(Clone, Debug)]
pub struct ChipPlan {
    format: FormatSpec,
    lattice: LatticeGeometry,
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
    /// The plan of a carrier key on a lattice of the format.
    #[must_use]
    pub fn new(carrier: &CarrierKey, lattice: LatticeGeometry, format: &FormatSpec) -> Self {
        let chips = Band::of_mark(lattice).len() * lattice.blocks();
        let order = carrier.sync_layout().stream(0).permutation(chips as u32);
        let (sync, data) = order.split_at(chips / format.sync_chip_share);
        let ascending = |chips: &[u32]| {
            let mut chips = chips.to_vec();
            chips.sort_unstable();
            chips
        };
        Self {
            format: *format,
            lattice,
            chips,
            signs: carrier.chip_signs(),
            roles: carrier.chip_roles(),
            sync: ascending(sync),
            data: ascending(data),
        }
    }

    /// The format that the plan follows.
    #[must_use]
    pub fn format(&self) -> &FormatSpec {
        &self.format
    }

    /// The lattice that the chips lie on.
    #[must_use]
    pub fn lattice(&self) -> LatticeGeometry {
        self.lattice
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

/// Says what is written on a plan, epoch by epoch.
pub trait ChipSource: std::fmt::Debug + Send {
    /// The signs of all chips in an epoch, as they are sent.
    fn chip_values(&self, plan: &ChipPlan, epoch: u64) -> Vec<f32>;
}

/// What one delivery writes on the plan.
#[derive(Debug)]
pub struct DeliveryCode {
    codeword: [u8; CODED_BITS],
    whitening: Whitening,
    delivery: DeliveryKey,
}

impl DeliveryCode {
    /// The code of a payload under a distributor's key.
    #[must_use]
    pub fn new(scoped: &ScopedPayloadKey, payload: Payload) -> Self {
        Self {
            codeword: polar::encode(payload),
            whitening: Whitening::new(scoped),
            delivery: scoped.delivery(payload),
        }
    }
}

impl ChipSource for DeliveryCode {
    fn chip_values(&self, plan: &ChipPlan, epoch: u64) -> Vec<f32> {
        let mut bits = self.codeword;
        self.whitening.flip_bits(epoch, &mut bits);
        let mut symbols = [0.0; POSITIONS];
        let (address, prints) = symbols.split_at_mut(CODED_BITS);
        for (symbol, bit) in address.iter_mut().zip(bits) {
            *symbol = if bit == 0 { 1.0 } else { -1.0 };
        }
        prints.copy_from_slice(&fingerprint::signs(&self.delivery, epoch));
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
