//! Run events on disk: append, sync, checksum, replay.
