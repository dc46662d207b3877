//! What a person sees: status lines, warnings and progress bars, all on stderr.
//!
//! Data goes to stdout through [`Ui::data`] alone, so that it can be piped. A terminal gets colour and bars
//! that redraw; anything else gets plain lines.

mod terminal;

use std::fmt;
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use terminal::Terminal;

use crate::environment::Environment;
use crate::error::{Error, Exit, Result};

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors only.
    Quiet,
    /// One short story.
    #[default]
    Normal,
    /// Every step, with its URL or path.
    Verbose,
}

/// Speaks to the person at the terminal; cheap to share between threads.
#[derive(Clone, Debug)]
pub struct Ui {
    verbosity: Verbosity,
    colour: bool,
    terminal: bool,
    /// Made with the first bar: most commands show none.
    bars: Arc<OnceLock<MultiProgress>>,
}

/// The SGR codes that gv uses.
#[derive(Clone, Copy, Debug)]
pub enum Paint {
    /// For errors.
    Red,
    /// For success and what is current.
    Green,
    /// For warnings.
    Yellow,
    /// For hints.
    Cyan,
    /// For asides.
    Dim,
    /// For what matters on the line.
    Bold,
}

impl Paint {
    fn code(self) -> &'static str {
        match self {
            Paint::Red => "1;31",
            Paint::Green => "1;32",
            Paint::Yellow => "1;33",
            Paint::Cyan => "36",
            Paint::Dim => "2",
            Paint::Bold => "1",
        }
    }
}

impl Ui {
    /// Colour follows the terminal and NO_COLOR (<https://no-color.org>); bars need a terminal that can move its cursor.
    pub fn new(verbosity: Verbosity, env: &Environment) -> Ui {
        let dumb = env.text("TERM") == Some("dumb");
        let terminal = io::stderr().is_terminal() && !dumb;
        let colour = terminal && env.var("NO_COLOR").is_none();
        Ui { verbosity, colour, terminal, bars: Arc::default() }
    }

    /// Nothing is shown; for tests.
    pub fn silent() -> Ui {
        Ui { verbosity: Verbosity::Quiet, colour: false, terminal: false, bars: Arc::default() }
    }

    /// A line of the story.
    pub fn status(&self, line: impl fmt::Display) {
        if self.verbosity > Verbosity::Quiet {
            self.line(&line);
        }
    }

    /// A line that only `-v` shows.
    pub fn verbose(&self, line: impl fmt::Display) {
        if self.verbosity == Verbosity::Verbose {
            self.line(&line);
        }
    }

    /// Something that did not stop the work but should be known.
    pub fn warn(&self, line: impl fmt::Display) {
        if self.verbosity > Verbosity::Quiet {
            self.line(&format_args!("{} {line}", self.paint(Paint::Yellow, "warning:")));
        }
    }

    /// A way on, below a status line or a warning.
    pub fn hint(&self, line: impl fmt::Display) {
        if self.verbosity > Verbosity::Quiet {
            self.line(&format_args!("{} {line}", self.paint(Paint::Cyan, "hint:")));
        }
    }

    /// An error with its causes and hints; shown even when quiet.
    pub fn error(&self, error: &Error) {
        self.line(&format_args!("{} {}", self.paint(Paint::Red, "error:"), error.summary()));
        for failure in error.failures() {
            self.line(&format_args!("  - {failure}"));
        }
        for hint in error.hints() {
            self.line(&format_args!("{} {hint}", self.paint(Paint::Cyan, "hint:")));
        }
    }

    /// Writes data to stdout and ends the line. A closed pipe is an error of code [`Exit::Done`].
    pub fn data(&self, line: impl fmt::Display) -> Result<()> {
        match writeln!(io::stdout().lock(), "{line}") {
            Err(err) if err.kind() == io::ErrorKind::BrokenPipe => Err(Error::new(Exit::Done, "the reader is gone")),
            // What is full or refused here is no folder of gv's, so the usual hints would mislead.
            Err(err) => Err(Error::failed("cannot write to standard output").because(err)),
            Ok(()) => Ok(()),
        }
    }

    /// `text` in colour, if colour is on for stderr.
    pub fn paint(&self, paint: Paint, text: impl fmt::Display) -> String {
        if self.colour { format!("\x1b[{}m{text}\x1b[0m", paint.code()) } else { text.to_string() }
    }

    /// `text` in colour if stdout is a terminal and colour is on.
    pub fn paint_data(&self, paint: Paint, text: impl fmt::Display) -> String {
        if io::stdout().is_terminal() { self.paint(paint, text) } else { text.to_string() }
    }

    /// A bar for a transfer of `total` bytes, or one that only counts. Off a terminal nothing is drawn.
    pub fn transfer(&self, name: impl Into<String>, total: Option<u64>) -> Bar {
        let bar = self.bars().add(total.map_or_else(ProgressBar::no_length, ProgressBar::new));
        bar.set_style(style("{msg:20} {spinner} waiting for an answer"));
        bar.set_message(name.into());
        bar.enable_steady_tick(TICK);
        Bar { inner: bar, started: AtomicBool::new(false), hidden_until: None }
    }

    /// A bar for work on `total` bytes of this machine, which is shown only if it lasts.
    pub fn work(&self, name: impl Into<String>, total: u64) -> Bar {
        let bar = self.bars().add(ProgressBar::new(total));
        bar.set_style(transfer_style(true));
        bar.set_message(name.into());
        Bar { inner: bar, started: AtomicBool::new(true), hidden_until: Instant::now().checked_add(UNTOLD) }
    }

    /// A spinner for work whose length is not known.
    pub fn spinner(&self, name: impl Into<String>) -> Bar {
        let bar = self.bars().add(ProgressBar::new_spinner());
        bar.set_message(name.into());
        bar.enable_steady_tick(TICK);
        Bar { inner: bar, started: AtomicBool::new(true), hidden_until: None }
    }

    /// Asks a question that is answered by `y` or `yes`, and by everything else with no. `None` where nobody can be asked.
    pub fn confirm(&self, question: impl fmt::Display) -> Result<Option<bool>> {
        if !(self.terminal && io::stdin().is_terminal()) {
            return Ok(None);
        }
        let mut answer = String::new();
        let read = self.bars().suspend(|| {
            write!(io::stderr().lock(), "{question} [y/N] ")?;
            io::stdin().lock().take(80).read_line(&mut answer)
        });
        read.map_err(|err| Error::failed("cannot read the answer").because(err))?;
        Ok(Some(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")))
    }

    /// Whether stderr is a terminal that can redraw.
    pub fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// A whole line on stderr, whatever the verbosity.
    pub(crate) fn line(&self, line: &dyn fmt::Display) {
        // Nobody is left to tell when stderr itself is gone.
        let write = || drop(writeln!(io::stderr().lock(), "{line}"));
        match self.bars.get() {
            Some(bars) => bars.suspend(write),
            None => write(),
        }
    }

    fn bars(&self) -> &MultiProgress {
        self.bars.get_or_init(|| {
            MultiProgress::with_draw_target(if self.terminal && self.verbosity > Verbosity::Quiet {
                ProgressDrawTarget::term_like_with_hz(Box::new(Terminal::default()), 10)
            } else {
                ProgressDrawTarget::hidden()
            })
        })
    }
}

/// Time between two drawings of what moves by itself.
const TICK: Duration = Duration::from_millis(120);

/// Bytes as people read them: `240 MB`.
pub fn bytes(count: u64) -> String {
    match count {
        0..1_000_000 => format!("{} kB", count.div_ceil(1000)),
        1_000_000..10_000_000 => format!("{}.{} MB", count / 1_000_000, count / 100_000 % 10),
        10_000_000..10_000_000_000 => format!("{} MB", count / 1_000_000),
        _ => format!("{}.{} GB", count / 1_000_000_000, count / 100_000_000 % 10),
    }
}

/// Work that is done sooner needs no bar.
const UNTOLD: Duration = Duration::from_millis(500);

fn transfer_style(sized: bool) -> ProgressStyle {
    style(if sized {
        "{msg:20} [{bar:24}] {bytes:>10} / {total_bytes:10} {binary_bytes_per_sec:>12} {eta:>4}"
    } else {
        "{msg:20} {spinner} {bytes:>10} {binary_bytes_per_sec:>12}"
    })
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}

/// The progress of one piece of work; removed from the screen when dropped.
#[derive(Debug)]
pub struct Bar {
    inner: ProgressBar,
    started: AtomicBool,
    hidden_until: Option<Instant>,
}

impl Bar {
    /// The total became known.
    pub fn set_total(&self, total: u64) {
        self.inner.set_length(total);
        if self.started.load(Ordering::Relaxed) {
            self.inner.set_style(transfer_style(true));
        }
    }

    /// The work stands at `position` bytes.
    pub fn set_position(&self, position: u64) {
        if self.hidden_until.is_some_and(|end| Instant::now() < end) {
            return;
        }
        if position > 0 {
            self.start();
        }
        self.inner.set_position(position);
    }

    /// Names the step that is under way.
    pub fn set_message(&self, message: impl Into<String>) {
        self.inner.set_message(message.into());
    }

    /// With the first byte: the wait for it would make a rate of nothing, and hours of what is left.
    fn start(&self) {
        if !self.started.swap(true, Ordering::Relaxed) {
            self.inner.set_style(transfer_style(self.inner.length().is_some()));
            self.inner.reset_elapsed();
            self.inner.reset_eta();
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.inner.finish_and_clear();
    }
}
