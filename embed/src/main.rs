//! The `countermark-embed` command.

fn main() {}
