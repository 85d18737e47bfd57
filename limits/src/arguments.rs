//! The arguments of a process, each `NAME=VALUE`:
//!
//! | | |
//! |---|---|
//! | `work` | what to do |
//! | `input` | the file to read; of a limit of writing, a record file with what is to be written |
//! | `output` | the file to write; of a limit of writing, a directory of files, one for each thread |
//! | `records` | where the records to write are, see [`crate::records`] |
//! | `level` | zstd's level, or `none` |
//! | `threads` | how many threads share the work, 1 unless said |
//! | `count` | how many records to read at random |

use crate::work::Outcome;
use std::collections::HashMap;
use std::path::PathBuf;

pub(crate) struct Arguments(HashMap<String, String>);

impl Arguments {
    pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Outcome<Self> {
        let mut values = HashMap::new();
        for argument in arguments {
            let (name, value) = argument.split_once('=').ok_or("not NAME=VALUE")?;
            values.insert(name.to_owned(), value.to_owned());
        }
        Ok(Self(values))
    }

    pub(crate) fn text(&self, name: &str) -> Outcome<&str> {
        let value = self.0.get(name).map(String::as_str);
        value.ok_or_else(|| format!("{name}= is missing").into())
    }

    pub(crate) fn path(&self, name: &str) -> Outcome<PathBuf> {
        Ok(PathBuf::from(self.text(name)?))
    }

    pub(crate) fn number(&self, name: &str, default: usize) -> Outcome<usize> {
        self.0
            .get(name)
            .map_or(Ok(default), |text| Ok(text.parse()?))
    }

    /// The level of zstd; `None` if nothing is to be compressed.
    pub(crate) fn level(&self) -> Outcome<Option<i32>> {
        match self.text("level")? {
            "none" => Ok(None),
            level => Ok(Some(level.parse()?)),
        }
    }
}
