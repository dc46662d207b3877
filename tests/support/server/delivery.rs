//! How an answer goes over the wire.

use std::fmt::{Display, Write as _};
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::support::golang::sha256;

use super::request::Request;

/// How the client learns where the body ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    Length(String),
    Chunked,
    UntilClose,
}

/// What follows the last byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    KeepAlive,
    Close,
    Stall,
    Again,
}

/// An answer and the manner of its delivery.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) framing: Framing,
    /// How much of the body is really sent.
    limit: usize,
    pub(super) pace: Option<Duration>,
    pub(super) silent: bool,
    pub(super) end: End,
    /// The whole content, and the first byte asked for.
    content: Vec<u8>,
    first: Option<usize>,
    conditional: Option<String>,
    head: bool,
}

impl Delivery {
    /// What a decent server answers: 200, 206, 304 or 404.
    pub(super) fn honest(request: &Request, content: Option<Vec<u8>>) -> Delivery {
        let mut delivery = Delivery {
            status: 404,
            headers: Vec::new(),
            body: b"not found\n".to_vec(),
            framing: Framing::UntilClose,
            limit: usize::MAX,
            pace: None,
            silent: false,
            end: End::KeepAlive,
            content: Vec::new(),
            first: None,
            conditional: request.header("if-range").map(str::to_owned),
            head: request.method == "HEAD",
        };
        delivery.measure();
        let Some(content) = content else { return delivery };
        let etag = etag(&content);
        delivery.content = content;
        if request.header("if-none-match") == Some(&etag) {
            delivery.refuse(304);
            delivery.header("ETag", etag);
        } else {
            match request.range() {
                Some((first, last)) if delivery.unchanged(&etag) => delivery.part(first, last, &etag),
                _ => delivery.full(&etag),
            }
        }
        delivery
    }

    fn unchanged(&self, etag: &str) -> bool {
        self.conditional.as_deref().is_none_or(|condition| condition == etag)
    }

    fn full(&mut self, etag: &str) {
        self.status = 200;
        self.first = None;
        self.body.clone_from(&self.content);
        self.headers = vec![("ETag".into(), etag.into()), ("Accept-Ranges".into(), "bytes".into())];
        self.measure();
    }

    fn part(&mut self, first: usize, last: Option<usize>, etag: &str) {
        let len = self.content.len();
        if first >= len {
            self.refuse(416);
            return self.header("Content-Range", format!("bytes */{len}"));
        }
        let last = last.unwrap_or(len - 1).min(len - 1);
        self.status = 206;
        self.first = Some(first);
        self.body = self.content[first..=last].to_vec();
        self.headers = vec![("ETag".into(), etag.into())];
        self.header("Content-Range", format!("bytes {first}-{last}/{len}"));
        self.measure();
    }

    fn measure(&mut self) {
        self.framing = Framing::Length(self.body.len().to_string());
    }

    pub(super) fn refuse(&mut self, status: u16) {
        self.status = status;
        self.headers.clear();
        self.body = if status == 304 { Vec::new() } else { format!("status {status}\n").into_bytes() };
        self.measure();
    }

    pub(super) fn redirect(&mut self, target: &str) {
        self.refuse(302);
        self.header("Location", target);
    }

    pub(super) fn header(&mut self, name: &str, value: impl Display) {
        self.headers.push((name.to_owned(), value.to_string()));
    }

    pub(super) fn cut(&mut self, limit: usize, end: End) {
        self.limit = limit;
        self.end = end;
    }

    /// The whole content with 200, whatever was asked for.
    pub(super) fn whole(&mut self) {
        self.full(&etag(&self.content));
    }

    /// A Content-Range that names another start than that of the bytes that follow.
    pub(super) fn shift_range(&mut self) {
        if let Some(first) = self.first {
            let len = self.content.len();
            self.headers.retain(|(name, _)| name != "Content-Range");
            self.header("Content-Range", format!("bytes {}-{}/{len}", first + 1, len - 1));
        }
    }

    /// As if the file were another one now, with the same content.
    pub(super) fn renew_etag(&mut self) {
        if self.conditional.is_some() {
            self.whole();
        }
        self.headers.retain(|(name, _)| name != "ETag");
        self.header("ETag", "\"another\"");
    }

    /// Sends it; `true` if the connection may serve another request.
    pub(super) fn send(&self, out: &mut dyn Write, stop: &AtomicBool) -> io::Result<bool> {
        if self.silent {
            stall(stop);
            return Ok(false);
        }
        out.write_all(self.head().as_bytes())?;
        if !self.head {
            self.send_body(out, stop)?;
        }
        out.flush()?;
        if self.end == End::Stall {
            stall(stop);
        }
        Ok(self.end == End::KeepAlive && self.framing != Framing::UntilClose)
    }

    fn head(&self) -> String {
        let mut head = format!("HTTP/1.1 {} Status\r\n", self.status);
        match &self.framing {
            Framing::Length(len) => self.line(&mut head, "Content-Length", len),
            Framing::Chunked => self.line(&mut head, "Transfer-Encoding", "chunked"),
            Framing::UntilClose => self.line(&mut head, "Connection", "close"),
        }
        for (name, value) in &self.headers {
            self.line(&mut head, name, value);
        }
        head + "\r\n"
    }

    #[allow(clippy::unused_self)] // reads as one sentence with its callers
    fn line(&self, head: &mut String, name: &str, value: &str) {
        let _ = write!(head, "{name}: {value}\r\n");
    }

    fn send_body(&self, out: &mut dyn Write, stop: &AtomicBool) -> io::Result<()> {
        let body = &self.body[..self.limit.min(self.body.len())];
        let piece_len = if self.pace.is_some() { 1 } else { 64 << 10 };
        loop {
            for piece in body.chunks(piece_len) {
                self.send_piece(out, piece)?;
                if let Some(pace) = self.pace {
                    out.flush()?;
                    std::thread::sleep(pace);
                }
                if stop.load(Ordering::Relaxed) {
                    return Ok(());
                }
            }
            if self.end != End::Again || body.is_empty() {
                break;
            }
        }
        let whole = self.framing == Framing::Chunked && self.end == End::KeepAlive;
        if whole { out.write_all(b"0\r\n\r\n") } else { Ok(()) }
    }

    fn send_piece(&self, out: &mut dyn Write, piece: &[u8]) -> io::Result<()> {
        if self.framing != Framing::Chunked {
            return out.write_all(piece);
        }
        write!(out, "{:x}\r\n", piece.len())?;
        out.write_all(piece)?;
        out.write_all(b"\r\n")
    }
}

fn etag(content: &[u8]) -> String {
    format!("\"{}\"", &sha256(content)[..16])
}

/// Says nothing until the server ends.
fn stall(stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(20));
    }
}
