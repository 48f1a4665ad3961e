//! The watermark: keys, payload, codes, lattice, visibility model, embedding, scoring.
