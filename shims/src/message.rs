//! What is told to people, composed without a heap; gv puts the same words into its errors.

use crate::errno::Errno;
use crate::resolve::{Answer, Asked, Fault, Origin, Problem};
use crate::room::Room;
use crate::selector::Selector;

/// Enough for two paths of full length and a sentence, in bytes.
const ENOUGH: usize = 10_240;

/// How much of what a file holds is shown, in bytes.
const SHOWN: usize = 64;

/// A message; what its room has no place for is left out.
pub struct Message<'r> {
    len: usize,
    bytes: &'r mut [u8],
}

impl<'r> Message<'r> {
    /// An empty message, which takes its room at once.
    pub fn new(room: &mut Room<'r>) -> Message<'r> {
        let bytes = room.zeroed(ENOUGH.min(room.left())).unwrap_or_default();
        Message { len: 0, bytes }
    }

    /// The message so far.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// Adds text of gv's own.
    #[inline(never)]
    pub fn put(&mut self, text: &str) -> &mut Self {
        self.put_bytes(text.as_bytes())
    }

    /// Adds text from outside; what could steer a terminal becomes `?`.
    #[inline(never)]
    pub fn put_bytes(&mut self, text: &[u8]) -> &mut Self {
        for (place, &byte) in self.bytes.iter_mut().skip(self.len).zip(text) {
            *place = if byte.is_ascii_control() { b'?' } else { byte };
            self.len += 1;
        }
        self
    }

    /// Adds a decimal number.
    pub fn put_number(&mut self, number: u32) -> &mut Self {
        self.put_bytes(Decimal::of(number).as_bytes())
    }

    /// Ends the line and clears the message, handing its bytes to `print`.
    pub fn finish(&mut self, print: impl FnOnce(&[u8])) {
        self.len = self.len.min(self.bytes.len().saturating_sub(1));
        if let Some(end) = self.bytes.get_mut(self.len) {
            *end = b'\n';
            self.len += 1;
        }
        print(self.as_bytes());
        self.len = 0;
    }

    /// `no such file or directory`, or `error 77`.
    pub fn put_errno(&mut self, errno: Errno) -> &mut Self {
        match errno.words() {
            Some(words) => self.put(words),
            None => self.put("error ").put_number(errno.0.unsigned_abs()),
        }
    }

    /// Who asked: `/app/.go-version:1`.
    #[inline(never)]
    pub fn put_origin(&mut self, origin: &Origin<'_>) -> &mut Self {
        match *origin {
            Origin::Argument => self.put("the command line"),
            Origin::Program => self.put("the program's name"),
            Origin::Variable(name) => self.put(name),
            Origin::File { path, line: 0 } => self.put_bytes(path),
            Origin::File { path, line } => self.put_bytes(path).put(":").put_number(line),
            Origin::Nowhere => self.put("nobody"),
        }
    }

    /// The selector as `gv install` takes it: `1.22.3`, `latest`.
    #[inline(never)]
    pub fn put_asked(&mut self, asked: &Asked<'_>) -> &mut Self {
        match asked {
            Asked::Selector(Selector::Exact(version)) => self.put(version.store().as_str()),
            Asked::Selector(Selector::Line(line)) => self.put(line.name().as_str()),
            Asked::Selector(Selector::Latest) | Asked::Current => self.put("latest"),
            Asked::Selector(Selector::OldStable) => self.put("oldstable"),
            Asked::Selector(Selector::System) => self.put("system"),
            Asked::Selector(Selector::Range(text) | Selector::Named(text)) => self.put(text),
            Asked::FirstOf(text) => match crate::files::words(text.as_bytes()).next() {
                Some(first) => self.put_bytes(first),
                None => self,
            },
            Asked::Floor(floor) => self.put(floor.toolchain().store().as_str()),
        }
    }

    /// `go 1.22.3 is not installed`.
    pub fn put_missing(&mut self, asked: &Asked<'_>) -> &mut Self {
        match asked {
            Asked::Current => self.put("no Go is installed"),
            Asked::Selector(Selector::System) => self.put("no other Go is on PATH"),
            Asked::Selector(Selector::Named(name)) => self.put("there is no toolchain called ").put(name),
            Asked::Floor(_) => self.put("go ").put_asked(asked).put(" or newer is not installed"),
            Asked::FirstOf(text) => self.put("none of go ").put(text).put(" is installed"),
            Asked::Selector(_) => self.put("go ").put_asked(asked).put(" is not installed"),
        }
    }

    /// The way out, a command where there is one: "run `gv install 1.22.3`".
    pub fn put_remedy(&mut self, asked: &Asked<'_>) -> &mut Self {
        match asked {
            Asked::Selector(Selector::System) => self.put("ask for a version, as in `gv local 1.22.3`"),
            Asked::Selector(Selector::Named(_)) => self.put("`gv list` shows those there are"),
            Asked::Selector(Selector::Range(text)) => self.put("run `gv install '").put(text).put("'`"),
            _ => self.put("run `gv install ").put_asked(asked).put("`"),
        }
    }

    /// The line of a shim that has nothing to run.
    pub fn put_nothing(&mut self, answer: &Answer<'_>) -> &mut Self {
        self.put("gv: ").put_missing(&answer.asked);
        if answer.origin != Origin::Nowhere {
            self.put(", asked for by ").put_origin(&answer.origin);
        }
        self.put("; ").put_remedy(&answer.asked)
    }

    /// The line of a shim that lacks the gv which could tell what is meant.
    pub fn put_unknown(&mut self, answer: &Answer<'_>, root: &[u8]) -> &mut Self {
        self.put("gv: cannot tell which Go is meant by ").put_asked(&answer.asked);
        self.put(", asked for by ").put_origin(&answer.origin).put(", because ").put_bytes(root);
        self.put("/bin/gv cannot be run; run `gv setup`")
    }

    /// What is wrong with what was asked, without saying where: `"x y" is not a version`.
    pub fn put_fault(&mut self, fault: &Fault<'_>) -> &mut Self {
        match *fault {
            Fault::NotASelector(text) => self.put("\"").put_bytes(shown(text)).put("\" is not a version"),
            Fault::Unsupported(text) => {
                self.put("\"").put_bytes(shown(text)).put("\" is not something that gv can run")
            }
            Fault::Empty => self.put("it names no version"),
            Fault::NotAFile => self.put("it is not a regular file"),
            Fault::Unreadable(errno) => self.put_errno(errno),
        }
    }

    /// The way out of a problem.
    pub fn put_fault_remedy(&mut self, problem: &Problem<'_>) -> &mut Self {
        match problem {
            Problem { origin: Origin::File { .. }, fault: Fault::Unreadable(_) } => {
                self.put("make it readable or remove it")
            }
            Problem { origin: Origin::File { .. }, .. } => self.put("write one with `gv local 1.22.3`"),
            Problem { origin: Origin::Nowhere, .. } => self.put("name a version, as in `go +1.22.3 version`"),
            _ => self.put("a version looks like 1.22.3, 1.22 or latest"),
        }
    }

    /// The line of a shim that cannot tell what is asked for.
    pub fn put_problem(&mut self, problem: &Problem<'_>) -> &mut Self {
        self.put("gv: ");
        match &problem.origin {
            Origin::Nowhere => self.put("the current folder"),
            origin => self.put_origin(origin),
        };
        self.put(": ").put_fault(&problem.fault).put("; ").put_fault_remedy(problem)
    }
}

fn shown(text: &[u8]) -> &[u8] {
    text.get(..SHOWN).unwrap_or(text)
}

/// A number's decimal digits.
pub struct Decimal {
    start: usize,
    digits: [u8; 10],
}

impl Decimal {
    /// Spells a number.
    pub fn of(mut number: u32) -> Decimal {
        let mut decimal = Decimal { start: 10, digits: [0; 10] };
        loop {
            decimal.start -= 1;
            // A digit, so it fits.
            #[allow(clippy::cast_possible_truncation)]
            let digit = (number % 10) as u8;
            decimal.digits[decimal.start] = b'0' + digit;
            number /= 10;
            if number == 0 {
                return decimal;
            }
        }
    }

    /// The digits.
    pub fn as_bytes(&self) -> &[u8] {
        &self.digits[self.start..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::space;

    #[test]
    fn a_message_never_steers_the_terminal_and_never_overflows() {
        let mut space = space();
        let mut message = Message::new(&mut Room::new(&mut space));
        message.put_bytes(b"\x1b[2J\r\n").put_number(u32::MAX).put_number(0);
        assert_eq!(message.as_bytes(), b"?[2J??42949672950");
        for _ in 0..200 {
            message.put_bytes(&[b'x'; 100]);
        }
        message.finish(|line| assert_eq!((line.len(), line[line.len() - 1]), (ENOUGH, b'\n')));
    }
}
