//! All tests of the bench in one program: the compiler links it once, and what waits in one test lets another work.

mod catalogue;
mod command;
mod faults;
mod null;
mod planted;
mod repeat;
mod smoke;
mod systems;
