//! Bundles as a stranger gets them: whole, tampered with, and hostile; held by this crate and by `verify.py`.

mod authority;
mod bare;
mod bundles;
mod python;
mod served;
mod specimen;
mod stamps;
mod tampering;
