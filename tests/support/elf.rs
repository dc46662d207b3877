//! Program files of any architecture: gv looks at their headers before it publishes a toolchain.

/// A file that is nothing but the header of an executable of `arch`, in Go's spelling.
pub fn header(arch: &str) -> Vec<u8> {
    let (wide, little, machine) = machine(arch);
    let mut header = vec![0u8; if wide { 64 } else { 52 }];
    header[..4].copy_from_slice(b"\x7fELF");
    header[4] = if wide { 2 } else { 1 };
    header[5] = if little { 1 } else { 2 };
    header[6] = 1;
    let word = |value: u16| if little { value.to_le_bytes() } else { value.to_be_bytes() };
    header[16..18].copy_from_slice(&word(2));
    header[18..20].copy_from_slice(&word(machine));
    header
}

/// Whether 64 bits, whether little-endian, and the number of the machine, as the ELF standard assigns them.
fn machine(arch: &str) -> (bool, bool, u16) {
    match arch {
        "386" => (false, true, 3),
        "amd64" => (true, true, 62),
        "arm" => (false, true, 40),
        "arm64" => (true, true, 183),
        "loong64" => (true, true, 258),
        "ppc64le" => (true, true, 21),
        "riscv64" => (true, true, 243),
        "s390x" => (true, false, 22),
        other => panic!("no ELF machine is known here for {other}"),
    }
}

/// A program without its symbols and debug sections: those stand behind everything that is loaded.
///
/// Only 64-bit little-endian files, which is what the hosts of these tests run.
pub fn strip(program: &[u8]) -> Vec<u8> {
    assert_eq!(&program[..6], b"\x7fELF\x02\x01", "not a 64-bit little-endian ELF file");
    let table = number(program, 32, 8);
    let (size, count) = (number(program, 54, 2), number(program, 56, 2));
    let ends = (0..count).map(|row| {
        let at = table + row * size;
        number(program, at + 8, 8) + number(program, at + 32, 8)
    });
    let end = ends.max().unwrap_or(0).max(table + size * count);
    let mut stripped = program[..end].to_vec();
    stripped[40..48].fill(0);
    stripped[58..64].fill(0);
    stripped
}

fn number(bytes: &[u8], at: usize, len: usize) -> usize {
    bytes[at..at + len].iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
}
