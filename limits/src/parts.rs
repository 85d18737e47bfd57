//! A directory of files, one for each thread that writes.

use crate::arguments::Arguments;
use crate::work::{Outcome, remove};
use std::fs::File;
use std::path::PathBuf;

pub(crate) struct Parts(PathBuf);

impl Parts {
    pub(crate) fn new(arguments: &Arguments) -> Outcome<Self> {
        let directory = arguments.path("output")?;
        std::fs::create_dir_all(&directory)?;
        Ok(Self(directory))
    }

    /// Removes what a run has written.
    pub(crate) fn remove(&self) -> Outcome<()> {
        for file in std::fs::read_dir(&self.0)? {
            remove(&file?.path())?;
        }
        Ok(())
    }

    pub(crate) fn create(&self, thread: usize) -> Outcome<File> {
        Ok(File::create(self.0.join(thread.to_string()))?)
    }
}
