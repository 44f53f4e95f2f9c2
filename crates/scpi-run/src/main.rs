//! Runs TOML test plans against SCPI instruments.
fn main() {}
