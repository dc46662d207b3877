//! What an answer's headers say.

use reqwest::header::{self, HeaderMap, HeaderName};

use super::Body;

/// What came back: a success, 304 if that was asked for, or 416 if a range was.
#[derive(Debug)]
pub struct Response {
    /// 200, 206, 304 or 416.
    pub status: u16,
    /// The length of this body in bytes, if the server says.
    pub length: Option<u64>,
    /// The `Content-Range` of a 206: first byte, and the size of the whole if the server says.
    pub content_range: Option<(u64, Option<u64>)>,
    /// `ETag`, as sent.
    pub etag: Option<String>,
    /// `Last-Modified`, as sent.
    pub last_modified: Option<String>,
    /// Whether a `Content-Encoding` was applied; the bytes are handed on as they came.
    pub encoded: bool,
    /// The bytes.
    pub body: Body,
}

pub(super) fn response(status: u16, headers: &HeaderMap, body: Body) -> Response {
    let encoding = text(headers, &header::CONTENT_ENCODING);
    Response {
        status,
        length: body.length(),
        content_range: text(headers, &header::CONTENT_RANGE).and_then(|text| content_range(&text)),
        etag: text(headers, &header::ETAG),
        last_modified: text(headers, &header::LAST_MODIFIED),
        encoded: encoding.is_some_and(|encoding| !matches!(encoding.trim(), "" | "identity")),
        body,
    }
}

/// Reads `bytes 5-9/10` or `bytes 5-9/*`.
fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    let total = if total == "*" { None } else { Some(total.parse().ok()?) };
    (first <= last && total.is_none_or(|total| last < total)).then_some((first, total))
}

/// A header's value, if it is text.
pub(super) fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_range_must_make_sense() {
        assert_eq!(content_range("bytes 5-9/10"), Some((5, Some(10))));
        assert_eq!(content_range("bytes 5-9/*"), Some((5, None)));
        for text in ["bytes 9-5/10", "bytes 5-10/10", "bytes */10", "5-9/10", "bytes -5-9/10", ""] {
            assert_eq!(content_range(text), None, "{text:?}");
        }
    }
}
