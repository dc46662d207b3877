//! The lies that a server can tell.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use super::delivery::{Delivery, End, Framing};
use super::request::Request;
use super::site::Site;

/// Something that the server does instead of the truth.
#[derive(Clone)]
pub enum Lie {
    /// Other bytes instead of the content.
    Body(Vec<u8>),
    /// The content changed by a function.
    Edit(Arc<dyn Fn(Vec<u8>) -> Vec<u8> + Send + Sync>),
    /// One bit of the content flipped, at this offset; a shorter content is counted round.
    Flip(usize),
    /// Only so many bytes of content, told as if that were all.
    Truncated(usize),
    /// Further bytes behind the content, told as if they belonged to it.
    Appended(Vec<u8>),
    /// The content of another path.
    Of(String),
    /// An HTML page with status 200.
    Html,

    /// A status without content.
    Status(u16),
    /// A status with `Retry-After` in seconds.
    RetryAfter(u16, u64),
    /// 302 to there.
    Redirect(String),
    /// 302 to itself.
    RedirectLoop,
    /// One more header.
    Header(String, String),
    /// A header so many bytes long.
    HugeHeader(usize),
    /// A second, different Content-Length.
    TwoLengths,
    /// `Content-Length: -1`.
    NegativeLength,
    /// `Content-Encoding: gzip` over bytes that are as they were.
    ContentEncoding,

    /// The honest length, but the connection closes after so many bytes of body.
    CutShort(usize),
    /// The honest length, then further bytes.
    LongerBody(Vec<u8>),
    /// No length: the body ends with the connection.
    NoLength,
    /// No length, and the connection closes after so many bytes.
    NoLengthCut(usize),
    /// The body in chunks.
    Chunked,
    /// The body in chunks, cut after so many bytes and without the last chunk.
    ChunkedCut(usize),
    /// Not even a status line.
    StallBefore,
    /// Nothing more after so many bytes of body.
    StallAfter(usize),
    /// One byte of body each time this passes.
    Trickle(Duration),
    /// No length, and the body again and again.
    Endless,

    /// The whole file with 200 where a range was asked for.
    RangeIgnored,
    /// 206 with a Content-Range that names another start.
    WrongContentRange,
    /// Another entity tag: the file has changed, so If-Range does not hold.
    NewEtag,
}

impl Lie {
    /// The content changed by a function.
    pub fn edit(change: impl Fn(Vec<u8>) -> Vec<u8> + Send + Sync + 'static) -> Lie {
        Lie::Edit(Arc::new(change))
    }

    /// The content changed as JSON.
    pub fn json(change: impl Fn(&mut serde_json::Value) + Send + Sync + 'static) -> Lie {
        Lie::edit(move |bytes| {
            let mut value = serde_json::from_slice(&bytes).expect("the content is JSON");
            change(&mut value);
            value.to_string().into_bytes()
        })
    }

    /// The content as text with one thing replaced by another; what is not there is a mistake of the test.
    pub fn replace(from: &str, to: &str) -> Lie {
        let (from, to) = (from.to_owned(), to.to_owned());
        Lie::edit(move |bytes| {
            let text = String::from_utf8(bytes).expect("the content is text");
            assert!(text.contains(&from), "{from:?} does not occur in {text:?}");
            text.replace(&from, &to).into_bytes()
        })
    }

    /// Applies what changes the content.
    pub(super) fn about_content(&self, content: &mut Option<Vec<u8>>, site: &Site) {
        match self {
            Lie::Body(bytes) => *content = Some(bytes.clone()),
            Lie::Html => *content = Some(b"<!DOCTYPE html>\n<html><body>Sign in to the wifi</body></html>\n".to_vec()),
            Lie::Of(path) => *content = site.find(path),
            Lie::Edit(change) => *content = content.take().map(|bytes| change(bytes)),
            Lie::Appended(more) => content.iter_mut().for_each(|bytes| bytes.extend(more)),
            Lie::Truncated(len) => content.iter_mut().for_each(|bytes| bytes.truncate(*len)),
            Lie::Flip(at) => content.iter_mut().filter(|bytes| !bytes.is_empty()).for_each(|bytes| {
                let at = at % bytes.len();
                bytes[at] ^= 1;
            }),
            _ => {}
        }
    }

    /// Applies what changes the answer.
    pub(super) fn about_delivery(&self, delivery: &mut Delivery, request: &Request) {
        match self {
            Lie::Status(status) => delivery.refuse(*status),
            Lie::RetryAfter(status, seconds) => {
                delivery.refuse(*status);
                delivery.header("Retry-After", seconds);
            }
            Lie::Redirect(target) => delivery.redirect(target),
            Lie::RedirectLoop => delivery.redirect(&request.path),
            Lie::Header(name, value) => delivery.header(name, value),
            Lie::HugeHeader(len) => delivery.header("X-Huge", "x".repeat(*len)),
            Lie::TwoLengths => delivery.header("Content-Length", delivery.body.len() + 1),
            Lie::NegativeLength => delivery.framing = Framing::Length("-1".to_owned()),
            Lie::ContentEncoding => delivery.header("Content-Encoding", "gzip"),
            Lie::CutShort(len) => delivery.cut(*len, End::Close),
            Lie::LongerBody(more) => {
                delivery.framing = Framing::Length(delivery.body.len().to_string());
                delivery.body.extend(more);
                delivery.end = End::Close;
            }
            Lie::NoLength => delivery.framing = Framing::UntilClose,
            Lie::NoLengthCut(len) => {
                delivery.framing = Framing::UntilClose;
                delivery.cut(*len, End::Close);
            }
            Lie::Chunked => delivery.framing = Framing::Chunked,
            Lie::ChunkedCut(len) => {
                delivery.framing = Framing::Chunked;
                delivery.cut(*len, End::Close);
            }
            Lie::StallBefore => delivery.silent = true,
            Lie::StallAfter(len) => delivery.cut(*len, End::Stall),
            Lie::Trickle(pace) => delivery.pace = Some(*pace),
            Lie::Endless => {
                delivery.framing = Framing::UntilClose;
                delivery.end = End::Again;
            }
            Lie::RangeIgnored => delivery.whole(),
            Lie::WrongContentRange => delivery.shift_range(),
            Lie::NewEtag => delivery.renew_etag(),
            _ => {}
        }
    }
}

/// A lie, to whom it is told, and how often that one has asked.
pub(super) struct Told {
    pattern: String,
    which: RangeInclusive<usize>,
    lie: Lie,
    asked: usize,
}

impl Told {
    pub(super) fn new(pattern: &str, which: RangeInclusive<usize>, lie: Lie) -> Told {
        Told { pattern: pattern.to_owned(), which, lie, asked: 0 }
    }

    /// The lie for a request to this path, which counts as one more.
    pub(super) fn to(&mut self, path: &str) -> Option<Lie> {
        if !matches(&self.pattern, path) {
            return None;
        }
        self.asked += 1;
        self.which.contains(&self.asked).then(|| self.lie.clone())
    }
}

/// Whether a path matches a pattern in which `*` stands for anything.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((start, rest)) => path
            .strip_prefix(start)
            .is_some_and(|path| (0..=path.len()).any(|at| path.is_char_boundary(at) && matches(rest, &path[at..]))),
    }
}
