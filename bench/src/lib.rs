//! Attack suites, quality, false positives; the sample generator.
//!
//! ```text
//! samples            renders clips
//! attack             a chain of re-encodings, cuts, pictures, by name
//! suite -> runner    clips x attacks -> subject (the tools under test) -> store -> report
//! quality, null      what the mark costs; how often a wrong key scores high
//! oracle             what answers are worth to somebody who frames an innocent
//! ```
//!
//! # References
//! The attacks and what each must survive are in the suites, `bench/suites/*.toml`.

pub mod args;
pub mod attacking;
pub mod board;
pub mod clips;
pub mod cost;
pub mod gap;
pub mod measure;
pub mod null;
pub mod observer;
pub mod oracle;
pub mod outcome;
pub mod placing;
pub mod progress;
pub mod provenance;
pub mod quality;
pub mod record;
pub mod report;
pub mod run;
pub mod runner;
pub mod seeds;
pub mod shard;
pub mod statistics;
pub mod store;
pub mod subject;
pub mod suite;
pub mod suites;
pub mod system;
mod toml_fault;
pub mod tools;
pub mod trial;
pub mod tune;
