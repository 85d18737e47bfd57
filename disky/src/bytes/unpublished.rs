//! Files that get their name only after they are complete.

use crate::bytes::open_file::{self, OpenMode, failed};
use crate::bytes::{file_requests, platform};
use crate::error::{Error, ErrorKind, Result};
use std::collections::hash_map::RandomState;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::path::{Path, PathBuf};

/// The length in bytes of the longest file name that all file systems accept.
const MAX_NAME: usize = 255;
/// The maximum length in bytes of a temporary name that is longer than the final name: some file
/// systems accept only shorter names.
const SHORT_NAME: usize = 64;
/// The number of names that are tried before creating the file fails.
const ATTEMPTS: usize = 100;

/// A file with a temporary name, and its final name.
#[derive(Debug)]
pub(crate) struct Unpublished {
    temporary: PathBuf,
    /// The final path; not a symbolic link.
    pub(crate) target: PathBuf,
    mode: OpenMode,
    /// The file to replace, locked so that nobody writes to it before it vanishes.
    replaced: Option<File>,
}

impl Unpublished {
    /// Creates a file under a temporary name in the directory of `path`.
    pub(crate) fn create(path: &Path, mode: OpenMode) -> Result<(Self, File)> {
        let (target, replaced) = match mode {
            OpenMode::CreateNew => (new_target(path)?, None),
            OpenMode::Overwrite => replaced_target(path)?,
            OpenMode::Append => {
                let detail = "a file that is continued cannot be created atomically";
                return Err(Error::new(ErrorKind::InvalidArgument, detail));
            }
        };
        let (temporary, file) = create_beside(&target).map_err(failed)?;
        let unpublished = Self {
            temporary,
            target,
            mode,
            replaced,
        };
        if let Err(error) = unpublished.take_permissions(&file) {
            unpublished.remove();
            return Err(failed(error));
        }
        Ok((unpublished, file))
    }

    /// The new file gets the permissions of the file that it replaces.
    fn take_permissions(&self, file: &File) -> io::Result<()> {
        match &self.replaced {
            Some(replaced) => file.set_permissions(replaced.metadata()?.permissions()),
            None => Ok(()),
        }
    }

    /// The temporary path.
    pub(crate) fn temporary(&self) -> &Path {
        &self.temporary
    }

    /// Gives the file its name.
    pub(crate) fn publish(&mut self) -> io::Result<()> {
        if self.mode == OpenMode::CreateNew {
            return self.publish_new();
        }
        // A file that was created meanwhile may have a writer.
        if self.replaced.is_none() {
            self.replaced = lock_existing(&self.target).map_err(io::Error::other)?;
        }
        match file_requests::rename(&self.temporary, &self.target) {
            Err(error) if platform::is_open_file_in_the_way(&error) => {
                self.replaced = None;
                file_requests::rename(&self.temporary, &self.target)
            }
            renamed => renamed,
        }
    }

    fn publish_new(&self) -> io::Result<()> {
        match file_requests::rename_to_new(&self.temporary, &self.target) {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => self.link_new(),
            renamed => renamed,
        }
    }

    /// A link never replaces a file.
    pub(crate) fn link_new(&self) -> io::Result<()> {
        file_requests::link(&self.temporary, &self.target)?;
        self.remove();
        Ok(())
    }

    /// Removes the temporary name.
    pub(crate) fn remove(&self) {
        // If removing the file fails, nothing else can be done.
        let _ = std::fs::remove_file(&self.temporary);
    }
}

/// `path`, at which no file may exist.
fn new_target(path: &Path) -> Result<PathBuf> {
    if std::fs::symlink_metadata(path).is_ok() {
        return Err(failed(platform::already_exists()));
    }
    std::path::absolute(path).map_err(failed)
}

/// The file at `path` after following symbolic links, and the open and locked file; `None` if it
/// does not exist.
fn replaced_target(path: &Path) -> Result<(PathBuf, Option<File>)> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return Err(failed(platform::is_a_directory())),
        Ok(metadata) if !metadata.is_file() => {
            return Err(failed(io::Error::other("not a regular file")));
        }
        _ => {}
    }
    let target = if std::fs::symlink_metadata(path).is_ok() {
        platform::real_path(path)
    } else {
        std::path::absolute(path)
    };
    let target = target.map_err(failed)?;
    let replaced = lock_existing(&target)?;
    Ok((target, replaced))
}

fn lock_existing(path: &Path) -> Result<Option<File>> {
    match platform::writing_options().open(path) {
        Ok(file) => {
            open_file::lock(&file)?;
            Ok(Some(file))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

fn create_beside(target: &Path) -> io::Result<(PathBuf, File)> {
    let name = target.file_name().ok_or_else(platform::is_a_directory)?;
    let directory = open_file::directory_of(target);
    let mut options = platform::writing_options();
    options.create_new(true);
    let mut error = platform::already_exists();
    for _ in 0..ATTEMPTS {
        // The key is random, so that no other process tries the same names.
        let temporary = directory.join(temporary_name(
            name,
            RandomState::new().build_hasher().finish(),
        ));
        match options.open(&temporary) {
            Ok(file) => return Ok((temporary, file)),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => error = e,
            Err(e) => return Err(e),
        }
    }
    Err(error)
}

fn temporary_name(name: &OsStr, random: u64) -> OsString {
    let suffix = format!(".{random:016x}.tmp");
    let room = name.len().clamp(SHORT_NAME, MAX_NAME) - 1 - suffix.len();
    let mut temporary = OsString::from(".");
    if name.len() <= room {
        temporary.push(name);
    } else {
        let text = name.to_string_lossy();
        temporary.push(&text[..text.floor_char_boundary(room)]);
    }
    temporary.push(suffix);
    temporary
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temporary_names_are_hidden_and_never_too_long() {
        let name = temporary_name(OsStr::new("records.disky"), 0x1f);
        assert_eq!(name, ".records.disky.000000000000001f.tmp");
        for long in ["x".repeat(255), "\u{e9}".repeat(127), "\u{20ac}".repeat(85)] {
            let name = temporary_name(OsStr::new(&long), u64::MAX);
            assert!((250..=MAX_NAME).contains(&name.len()), "{}", name.len());
        }
        // eCryptfs accepts names of 143 bytes.
        let name = temporary_name(OsStr::new(&"x".repeat(143)), 1);
        assert_eq!(name.len(), 143);
    }

    #[test]
    fn a_link_does_not_replace() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("a");
        let (unpublished, _file) = Unpublished::create(&target, OpenMode::CreateNew).unwrap();
        std::fs::write(&target, "there").unwrap();
        let error = unpublished.link_new().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&target).unwrap(), b"there");
        std::fs::remove_file(&target).unwrap();
        unpublished.link_new().unwrap();
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
