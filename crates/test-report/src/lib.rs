//! Run events for people and for CI.
