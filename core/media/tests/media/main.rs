//! What the crate promises about files, on files that the tests write themselves.

mod animated;
mod boxes;
mod clock;
mod damage;
mod fan_out;
mod fixture;
mod footage;
mod formats;
mod joined;
mod masters;
mod piped;
mod reading;
mod recoding;
mod refusals;
mod sound;
