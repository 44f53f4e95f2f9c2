//! The migrations are compiled in: a changed file must be seen, and a new one too.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
