//! How far the stack of a thread is known to have room.

use std::cell::Cell;

thread_local! {
    /// The lowest position on the stack below which the caller has found room.
    static PROVEN: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// A position on the stack: stacks grow downwards.
#[inline(never)]
fn position() -> usize {
    let local = 0u8;
    std::ptr::from_ref(std::hint::black_box(&local)).addr()
}

/// States that the stack of this thread has as much room as the caller needs, as the caller has just
/// found out.
#[unsafe(no_mangle)]
pub extern "C" fn disky_stack_prove() {
    PROVEN.set(PROVEN.get().min(position()));
}

/// Returns 1 if this thread has called disky_stack_prove when its stack was at least as deep as it is
/// now, so that it also has that room now; otherwise 0. Takes some nanoseconds.
#[unsafe(no_mangle)]
pub extern "C" fn disky_stack_is_proven() -> u32 {
    u32::from(position() >= PROVEN.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[inline(never)]
    fn deeper() -> u32 {
        let local = [0u8; 4096];
        std::hint::black_box(&local);
        let proven = disky_stack_is_proven();
        std::hint::black_box(&local);
        proven
    }

    #[inline(never)]
    fn prove_deeper() {
        let local = [0u8; 4096];
        std::hint::black_box(&local);
        disky_stack_prove();
        std::hint::black_box(&local);
    }

    #[test]
    fn only_a_deeper_call_of_the_same_thread_is_a_proof() {
        let threads = std::thread::spawn(|| {
            assert_eq!(disky_stack_is_proven(), 0);
            disky_stack_prove();
            assert_eq!(deeper(), 0);
            prove_deeper();
            assert_eq!(disky_stack_is_proven(), 1);
            let other = std::thread::spawn(|| disky_stack_is_proven());
            assert_eq!(other.join().unwrap(), 0);
        });
        threads.join().unwrap();
    }
}
