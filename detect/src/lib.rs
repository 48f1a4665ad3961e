//! The tool of the analyst: reads and traces leaked clips.
