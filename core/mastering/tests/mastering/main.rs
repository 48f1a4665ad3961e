//! Whole requests on generated clips: what is made, what a cancel leaves, what other programs cannot spoil.

mod batches;
mod cancelling;
mod delivering;
mod house;
mod masters;
mod piped;
mod verifying;
