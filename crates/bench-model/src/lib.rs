//! The nouns of a test bench: units, quantities, readings, limits, verdicts and run events.
