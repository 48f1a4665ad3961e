//! All tests of the analyst's command in one program: the compiler links it once, and what waits in one test lets another work.

mod command_line;
mod desk;
mod goldens;
mod leaks;
mod night;
mod recap;
