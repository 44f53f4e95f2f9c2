//! A private PostgreSQL server of our own: made, started, shared and stopped.
