//! Groups of flags, for whichever command takes them. Nothing is read or opened here.
//!
//! | group | says |
//! |---|---|
//! | [`EncodingFlags`] | how a copy is marked and encoded |
//! | [`MarkFlags`], [`VerifyFlags`] | which master becomes whose copy; which copy is read back |
//! | [`PlanFlags`], [`BatchFlags`], [`WatchFlags`] | how plans are worked |
//! | [`TitleFlags`], [`KeyFlags`], [`LicenceFlags`], [`OfDelivery`], [`DeliveriesFlags`], [`Rename`] | what is on record, or is to be |
//! | [`StampFlags`], [`RecordFlags`] | what the ledger is to prove |

mod encoding;
mod ledger;
mod marking;
mod memory;
mod plan;
mod rate;
mod records;

pub use encoding::{EncoderName, EncodingError, EncodingFlags};
pub use ledger::{RecordFlags, Stage, StampFlags};
pub use marking::{MarkFlags, VerifyFlags, master_of};
pub use memory::memory;
pub use plan::{BatchFlags, PlanFlags, WatchFlags};
pub use rate::frame_rate;
pub use records::{DeliveriesFlags, KeyFlags, LicenceFlags, OfDelivery, Rename, TitleFlags};
