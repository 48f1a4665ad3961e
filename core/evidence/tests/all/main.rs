//! Bundles as a stranger gets them: whole, tampered with, and hostile; held by this crate and by `verify.py`.

mod authority;
mod bundles;
mod python;
mod specimen;
mod stamps;
mod tampering;
