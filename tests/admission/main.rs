//! What policy engines see of podroute.
