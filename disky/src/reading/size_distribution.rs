//! Distributions of sizes.

/// Number of buckets: one for each power of two below 2^64, and one for 0.
pub const SIZE_BUCKETS: usize = 65;

/// A distribution of sizes in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeDistribution {
    /// Number of sizes.
    pub count: u64,
    /// The smallest size; 0 if there is none.
    pub smallest: u64,
    /// The largest size; 0 if there is none.
    pub largest: u64,
    /// Sum of the sizes.
    pub total: u64,
    /// Number of sizes per bucket: of 0 bytes, of 1, of 2 to 3, of 4 to 7, and so on. Bucket `i`
    /// counts the sizes less than 2 to the power of `i` that no bucket before it counts.
    pub buckets: [u64; SIZE_BUCKETS],
}

impl Default for SizeDistribution {
    fn default() -> Self {
        Self {
            count: 0,
            smallest: 0,
            largest: 0,
            total: 0,
            buckets: [0; SIZE_BUCKETS],
        }
    }
}

impl SizeDistribution {
    /// Adds a size in bytes.
    pub fn add(&mut self, size: u64) {
        self.smallest = match self.count {
            0 => size,
            _ => self.smallest.min(size),
        };
        self.largest = self.largest.max(size);
        self.total = self.total.saturating_add(size);
        self.count += 1;
        self.buckets[(u64::BITS - size.leading_zeros()) as usize] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_fall_between_powers_of_two() {
        let mut sizes = SizeDistribution::default();
        for size in [5, 0, 1, 2, 3, 4, 7, 8, u64::MAX] {
            sizes.add(size);
        }
        assert_eq!(
            (sizes.count, sizes.smallest, sizes.largest),
            (9, 0, u64::MAX)
        );
        assert_eq!(sizes.buckets[..5], [1, 1, 2, 3, 1]);
        assert_eq!(sizes.buckets[64], 1);
    }
}
