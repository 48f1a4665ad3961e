//! The `countermark-bench` command.

fn main() {}
