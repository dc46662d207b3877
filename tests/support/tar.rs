//! A writer of tar that refuses nothing: the made toolchains' archives and every hostile variant of them.

use std::io::Write;

/// One entry; what is `None` is filled in as a decent writer would.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The name field; what does not fit 100 bytes is split over the prefix field, or cut.
    pub name: Vec<u8>,
    /// The type flag: `0` file, `5` folder, `1` hard link, `2` link, `3` and `4` devices, `6` FIFO, `x` PAX, …
    pub kind: u8,
    /// The mode field.
    pub mode: u32,
    /// The link name field.
    pub link: Vec<u8>,
    /// The size field, when it is to lie.
    pub size: Option<u64>,
    /// What follows the header.
    pub data: Vec<u8>,
    /// Whether the checksum is to be wrong.
    pub bad_checksum: bool,
}

impl Entry {
    /// An entry of `kind` without data.
    pub fn new(kind: u8, name: impl AsRef<[u8]>) -> Entry {
        let mode = if kind == b'5' { 0o755 } else { 0o644 };
        let name = name.as_ref().to_vec();
        Entry { name, kind, mode, link: Vec::new(), size: None, data: Vec::new(), bad_checksum: false }
    }

    /// A regular file.
    pub fn file(name: impl AsRef<[u8]>, data: impl AsRef<[u8]>) -> Entry {
        Entry { data: data.as_ref().to_vec(), ..Entry::new(b'0', name) }
    }

    /// A symbolic (`2`) or hard (`1`) link.
    pub fn link(kind: u8, name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Entry {
        Entry { link: target.as_ref().to_vec(), ..Entry::new(kind, name) }
    }

    /// A PAX header for the next entry, with these records.
    pub fn pax(records: &[(&str, &str)]) -> Entry {
        let text: String = records.iter().map(|(key, value)| pax_record(key, value)).collect();
        Entry { data: text.into_bytes(), ..Entry::new(b'x', "PaxHeaders/0") }
    }

    /// The same with another mode.
    #[must_use]
    pub fn mode(self, mode: u32) -> Entry {
        Entry { mode, ..self }
    }

    /// The same with a size field that lies.
    #[must_use]
    pub fn size(self, size: u64) -> Entry {
        Entry { size: Some(size), ..self }
    }

    /// The same with a wrong checksum.
    #[must_use]
    pub fn bad_checksum(self) -> Entry {
        Entry { bad_checksum: true, ..self }
    }

    /// Header, data and padding.
    pub fn bytes(&self) -> Vec<u8> {
        let mut block = [0u8; 512];
        let (prefix, name) = split(&self.name);
        put(&mut block[0..100], name);
        put(&mut block[100..108], format!("{:07o}\0", self.mode).as_bytes());
        put(&mut block[108..116], b"0000000\0");
        put(&mut block[116..124], b"0000000\0");
        put(&mut block[124..136], format!("{:011o}\0", self.size.unwrap_or(self.data.len() as u64)).as_bytes());
        put(&mut block[136..148], b"14614251223\0");
        block[156] = self.kind;
        put(&mut block[157..257], &self.link);
        put(&mut block[257..265], b"ustar\x0000");
        put(&mut block[345..500], prefix);
        block[148..156].fill(b' ');
        let sum = block.iter().map(|byte| u32::from(*byte)).sum::<u32>() + u32::from(self.bad_checksum);
        put(&mut block[148..156], format!("{sum:06o}\0 ").as_bytes());
        let mut bytes = block.to_vec();
        bytes.extend(&self.data);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
        bytes
    }
}

fn pax_record(key: &str, value: &str) -> String {
    let body = format!(" {key}={value}\n");
    // The length counts its own digits.
    let len = body.len() + body.len().to_string().len();
    let len = len.to_string().len() - body.len().to_string().len() + len;
    format!("{len}{body}")
}

fn put(field: &mut [u8], value: &[u8]) {
    let len = value.len().min(field.len());
    field[..len].copy_from_slice(&value[..len]);
}

/// Prefix and name as USTAR splits them.
fn split(name: &[u8]) -> (&[u8], &[u8]) {
    if name.len() <= 100 {
        return (b"", name);
    }
    let slash = (name.len() - 101..name.len().min(155)).find(|at| name[*at] == b'/');
    slash.map_or((b"".as_slice(), name), |at| (&name[..at], &name[at + 1..]))
}

/// The two blocks that end an archive.
pub const END: [u8; 1024] = [0; 1024];

/// All entries and the end.
pub fn archive(entries: &[Entry]) -> Vec<u8> {
    let mut parts: Vec<Vec<u8>> = entries.iter().map(Entry::bytes).collect();
    parts.push(END.to_vec());
    parts.concat()
}

/// One gzip member, quickly packed.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("writing to memory");
    encoder.finish().expect("writing to memory")
}
