//! Instruments as their class: a dialect over a connection.
