//! The studio's register: titles, distributors, deliveries, keys, references.
