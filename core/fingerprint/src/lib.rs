//! Frame fingerprints: border cropping, frame hashes, matching.
