//! Runs the operations of a plan on a bench and tells what happened.
