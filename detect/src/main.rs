//! The `countermark-detect` command.

fn main() {}
