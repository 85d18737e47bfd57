//! The requests to the operating system that differ between platforms. Each platform has a file
//! with the same functions.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use unix::{
    advise_random, advise_sequential, already_exists, is_a_directory, is_locked,
    is_open_file_in_the_way, open_for_reading, read_at, real_path, rename_to_new, sync_directory,
    try_lock, write_at, writing_options,
};
#[cfg(windows)]
pub(crate) use windows::{
    advise_random, advise_sequential, already_exists, is_a_directory, is_locked,
    is_open_file_in_the_way, open_for_reading, read_at, real_path, rename_to_new, sync_directory,
    try_lock, write_at, writing_options,
};
