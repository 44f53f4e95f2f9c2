//! What is known of instruments as data: classes, functions, dialects and bench files.
