//! TOML test plans, checked, and expanded to operations.
