//! What the library is measured against, in Rust: the bare work that reading and writing a record
//! file cannot do without, the engine without the JVM, and the `riegeli` crate.
//!
//! Nothing here is part of the library, and nothing of it is shipped. A process does one work, named
//! by its arguments (see [`arguments`]), again and again, whenever a line on its standard input asks
//! for it:
//!
//! - It prints `ready` once all that is not measured is done.
//! - For each line `MILLIS` it works at least once, and until so many milliseconds have passed. It
//!   answers `CHECKSUM ALLOCATED NANOS...`: a number that depends on all the work that one run did,
//!   0 for the heap of a garbage collector, which there is none, and how long each run took.
//! - It ends with its input. Where it fails, it says why on the standard error.

mod arguments;
mod chunks;
mod engine;
mod hashing;
mod parts;
mod peer;
mod prepared;
mod random;
mod records;
mod stream;
mod work;
mod zstd_file;

use arguments::Arguments;
use hashing::Hashing;
use std::fmt::Write as _;
use std::io::{BufRead, Write, stdin, stdout};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use work::{Outcome, Work};

fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> Outcome<()> {
    let arguments = Arguments::parse(std::env::args().skip(1))?;
    let mut work = work(&arguments)?;
    answer("ready")?;
    for line in stdin().lock().lines() {
        let duration = Duration::from_millis(line?.trim().parse()?);
        answer(&measure(work.as_mut(), duration)?)?;
    }
    Ok(())
}

fn work(arguments: &Arguments) -> Outcome<Box<dyn Work>> {
    Ok(match arguments.text("work")? {
        "limit-read" => Box::new(stream::Read::new(arguments, Hashing::None)?),
        "limit-read-hash" => Box::new(stream::Read::new(arguments, Hashing::Together)?),
        "limit-read-hash-one" => Box::new(stream::Read::new(arguments, Hashing::OneByOne)?),
        "limit-write" => Box::new(stream::CopyHashWrite::new(arguments, Hashing::Together)?),
        "limit-write-one" => Box::new(stream::CopyHashWrite::new(arguments, Hashing::OneByOne)?),
        "limit-random" => Box::new(random::Read::new(arguments, Hashing::OneByOne)?),
        "limit-random-together" => Box::new(random::Read::new(arguments, Hashing::Together)?),
        "limit-decompress" => Box::new(prepared::Decompress::new(arguments)?),
        "limit-compress" => Box::new(prepared::Compress::new(arguments)?),
        "limit-read-decompress" => Box::new(zstd_file::ReadHashDecompress::new(arguments)?),
        "limit-compress-write" => Box::new(zstd_file::CompressHashWrite::new(arguments)?),
        "engine-read" => Box::new(engine::Read::new(arguments)?),
        "engine-write" => Box::new(engine::Write::new(arguments)?),
        "riegeli-read" => Box::new(peer::Read::new(arguments)?),
        "riegeli-write" => Box::new(peer::Write::new(arguments)?),
        other => return Err(format!("no work is called {other}").into()),
    })
}

fn answer(line: &str) -> Outcome<()> {
    let mut out = stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}

fn measure(work: &mut dyn Work, duration: Duration) -> Outcome<String> {
    let begin = Instant::now();
    let mut nanos = String::new();
    loop {
        work.prepare()?;
        let start = Instant::now();
        let checksum = work.run()?;
        write!(nanos, " {}", start.elapsed().as_nanos())?;
        if begin.elapsed() >= duration {
            return Ok(format!("{checksum} 0{nanos}"));
        }
    }
}
