//! What all computations of the hash share.

/// "Riegeli/", "records\n", "Riegeli/", "records\n" as little-endian integers.
pub(super) const KEY: [u64; 4] = [
    0x2f69_6c65_6765_6952,
    0x0a73_6472_6f63_6572,
    0x2f69_6c65_6765_6952,
    0x0a73_6472_6f63_6572,
];

/// The largest number that [`streams`](crate::streams) returns.
pub const STREAMS: usize = 4;
