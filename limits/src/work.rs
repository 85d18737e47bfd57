//! What is measured.

use std::error::Error;

pub(crate) type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Something that is done again and again.
pub(crate) trait Work {
    /// What precedes a run and is not measured.
    fn prepare(&mut self) -> Outcome<()> {
        Ok(())
    }

    /// Does it once. The number depends on all that was done, so that none of it can be left out.
    fn run(&mut self) -> Outcome<i64>;
}

/// What a loop over records yields: the sum of their sizes and of their first bytes, these with sign.
#[derive(Default)]
pub(crate) struct Checksum(pub(crate) i64);

impl Checksum {
    pub(crate) fn add(&mut self, record: &[u8]) {
        let first = record
            .first()
            .map_or(0, |&byte| i64::from(byte.cast_signed()));
        self.0 += record.len() as i64 + first;
    }
}

/// Removes the file that a run has written, if it is there.
pub(crate) fn remove(path: &std::path::Path) -> Outcome<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Shares `items` out among threads, in runs of neighbours, and adds up what each yields. `work` is
/// told the number of the thread.
pub(crate) fn shared<T: Sync>(
    items: &[T],
    threads: usize,
    work: impl Fn(usize, &[T]) -> Outcome<i64> + Sync,
) -> Outcome<i64> {
    if threads == 1 {
        return work(0, items);
    }
    let share = items.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let work = &work;
        let shares: Vec<_> = items
            .chunks(share)
            .enumerate()
            .map(|(thread, items)| scope.spawn(move || work(thread, items)))
            .collect();
        shares
            .into_iter()
            .map(|share| share.join().map_err(|_| "a thread panicked")?)
            .sum()
    })
}
