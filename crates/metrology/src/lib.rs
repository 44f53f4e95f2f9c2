//! Statistics over readings.
