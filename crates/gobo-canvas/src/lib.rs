//! The canvas file: header, cell table, encode, decode, verify; DMXP out.
