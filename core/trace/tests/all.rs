//! All tests of tracing in one program: the compiler links it once, and they share a studio.

mod examination;
mod tampering;
