//! The only SQL of the project: migrations and the recorder.
