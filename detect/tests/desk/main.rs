//! The desk and prints, by the real binary: what people and platforms send, what hostile ones send, and what a killed desk leaves.

mod client;
mod hostile;
mod jobs;
mod prints;
mod studio;
