//! The terminal that bars are drawn on.
//!
//! The library fills every line with spaces and leaves the cursor behind the last column, so that whatever is written
//! next begins a line of its own. On Ctrl-C that is the terminal itself, which writes `^C` there: the row that bars are
//! cleared from is then the one below theirs, and a stale bar stays above it. So here the cursor steps back a little.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::TermLike;

/// Columns for what the terminal echoes: `^C`, twice.
const ECHO: usize = 4;

/// Standard error, written to a whole frame at a time.
#[derive(Debug, Default)]
pub(super) struct Terminal {
    frame: Mutex<String>,
}

impl Terminal {
    fn frame(&self) -> MutexGuard<'_, String> {
        self.frame.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A control sequence that repeats a move; a count of 0 would mean 1.
    fn step(&self, count: usize, direction: char) -> io::Result<()> {
        if count > 0 {
            write!(self.frame(), "\x1b[{count}{direction}").map_err(io::Error::other)?;
        }
        Ok(())
    }
}

/// Columns and rows; what nobody knows is taken for the size of a terminal of old.
fn size() -> (u16, u16) {
    let size = rustix::termios::tcgetwinsize(io::stderr());
    size.ok().filter(|size| size.ws_col > 0 && size.ws_row > 0).map_or((80, 24), |size| (size.ws_col, size.ws_row))
}

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        size().0
    }

    fn height(&self) -> u16 {
        size().1
    }

    fn move_cursor_up(&self, count: usize) -> io::Result<()> {
        self.step(count, 'A')
    }

    fn move_cursor_down(&self, count: usize) -> io::Result<()> {
        self.step(count, 'B')
    }

    fn move_cursor_right(&self, count: usize) -> io::Result<()> {
        self.step(count, 'C')
    }

    fn move_cursor_left(&self, count: usize) -> io::Result<()> {
        self.step(count, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        writeln!(self.frame(), "{text}").map_err(io::Error::other)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.frame().push_str(text);
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.write_str("\r\x1b[2K")
    }

    /// In the first column, where a cleared line leaves the cursor, the step back does nothing.
    fn flush(&self) -> io::Result<()> {
        self.step(ECHO, 'D')?;
        let frame = std::mem::take(&mut *self.frame());
        io::stderr().lock().write_all(frame.as_bytes())
    }
}
