//! A server of the files in a folder, as fast as the machine or as slow as a given line. A path with a query is that of
//! a folder, and its `index` answers.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// A line between the server and everybody else.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Bytes a second, in both directions of all connections together; `None` is as fast as it goes.
    pub rate: Option<u32>,
    /// From a request until the first byte of its answer, and from a connection until its first request is read: what
    /// the way there and back takes.
    pub delay: Duration,
}

/// Loopback itself.
pub const UNLIMITED: Line = Line { rate: None, delay: Duration::ZERO };

/// How much is sent at once on a slow line.
const PIECE: usize = 64 << 10;

/// The first argument of a benchmark that is to be a server, and nothing else.
pub const ROLE: &str = "serve";

/// A server in a process of its own, as servers are; it ends with this value.
#[derive(Debug)]
pub struct Server {
    process: Child,
    /// Host and port.
    pub address: String,
}

impl Server {
    /// Serves a folder, by this very program in its role as server.
    pub fn start(site: &Path, line: Line) -> Server {
        let own = std::env::current_exe().expect("a program knows its own path");
        let mut command = Command::new(own);
        command.arg(ROLE).arg(site).arg(line.rate.unwrap_or_default().to_string());
        command.arg(line.delay.as_millis().to_string()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("a server");
        let mut address = String::new();
        BufReader::new(process.stdout.take().expect("its output")).read_line(&mut address).expect("its address");
        Server { process, address: address.trim().to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already is as good as ended.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The server's own part: `serve FOLDER RATE DELAY`, where a rate of 0 is none, and the delay is in ms. Prints host and
/// port, and never returns.
pub fn serve(arguments: &[String]) -> ! {
    let [site, rate, delay] = arguments else { panic!("a server takes a folder, a rate and a delay") };
    let rate = rate.parse().ok().filter(|&rate| rate > 0);
    let line = Line { rate, delay: Duration::from_millis(delay.parse().expect("milliseconds")) };
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    println!("{}", listener.local_addr().expect("the port"));
    let shared = Arc::new((PathBuf::from(site), line, Meter::default()));
    loop {
        let Ok((stream, _)) = listener.accept() else { continue };
        let shared = Arc::clone(&shared);
        // A client that goes away is its own affair.
        thread::spawn(move || drop(talk(&shared.0, shared.1, &shared.2, stream)));
    }
}

/// When the line is free again.
#[derive(Default)]
struct Meter(std::sync::Mutex<Option<Instant>>);

impl Meter {
    /// Waits until so many bytes have passed, behind all those that others have sent before.
    fn pass(&self, bytes: usize, rate: u32) {
        let time = Duration::from_secs_f64(f64::from(u32::try_from(bytes).expect("a piece")) / f64::from(rate));
        let until = {
            let mut free = self.0.lock().expect("nobody panics here");
            let until = free.map_or_else(Instant::now, |free| free.max(Instant::now())) + time;
            *free = Some(until);
            until
        };
        thread::sleep(until.saturating_duration_since(Instant::now()));
    }
}

/// One connection, with as many requests as the client likes.
fn talk(site: &Path, line: Line, meter: &Meter, mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    thread::sleep(line.delay);
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some(request) = Request::read(&mut reader)? {
        thread::sleep(line.delay);
        let path = match request.path.split_once('?') {
            Some((folder, _)) => format!("{}/index", folder.trim_end_matches('/')),
            None => request.path.clone(),
        };
        match File::open(site.join(path.trim_start_matches('/'))) {
            Ok(mut file) if file.metadata()?.is_file() => {
                let mut part = request.head(&mut file, &mut stream)?;
                match line.rate {
                    _ if !request.wants_body => {}
                    None => drop(io::copy(&mut part, &mut stream)?),
                    Some(rate) => slowly(&mut part, &mut stream, meter, rate)?,
                }
            }
            _ => write!(stream, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")?,
        }
    }
    Ok(())
}

/// What is asked for.
struct Request {
    /// GET, and not HEAD.
    wants_body: bool,
    path: String,
    /// The first byte and the last one.
    range: Option<(u64, u64)>,
}

impl Request {
    /// The next one; `None` when there is none any more.
    fn read(reader: &mut impl BufRead) -> io::Result<Option<Request>> {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let path = line.split(' ').nth(1).unwrap_or("/").to_owned();
        let mut request = Request { wants_body: line.starts_with("GET "), path, range: None };
        while line.trim() != "" {
            line.clear();
            reader.read_line(&mut line)?;
            let lower = line.to_ascii_lowercase();
            if let Some((first, last)) = lower.strip_prefix("range: bytes=").and_then(|range| range.split_once('-')) {
                request.range = Some((first.parse().unwrap_or(0), last.trim().parse().unwrap_or(u64::MAX)));
            }
        }
        Ok(Some(request))
    }

    /// Writes the answer's head, and returns the part of the file that is its body.
    fn head<'f>(&self, file: &'f mut File, stream: &mut TcpStream) -> io::Result<io::Take<&'f mut File>> {
        let size = file.metadata()?.len();
        let Some((first, last)) = self.range else {
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n")?;
            return Ok(file.take(size));
        };
        let last = last.min(size - 1);
        let length = last + 1 - first;
        write!(stream, "HTTP/1.1 206 Partial Content\r\nContent-Length: {length}\r\n")?;
        write!(stream, "Content-Range: bytes {first}-{last}/{size}\r\n\r\n")?;
        file.seek(SeekFrom::Start(first))?;
        Ok(file.take(length))
    }
}

fn slowly(file: &mut impl Read, stream: &mut TcpStream, meter: &Meter, rate: u32) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        let count = file.read(&mut piece)?;
        if count == 0 {
            return Ok(());
        }
        meter.pass(count, rate);
        stream.write_all(&piece[..count])?;
    }
}
