//! The tool of post-production: marks one master for many licensees.
