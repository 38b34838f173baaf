//! Compressed logs of every kind: whole, cut short, with a byte changed, and made to expand.
//!
//! Input: on the first line either `raw`, and a compressed file behind it; or a kind (`gzip`,
//! `xz`, `zstd`, `bzip2`, `lz4`), then how many bytes of the compressed file are kept and
//! which byte of it is changed (`gzip 40 7`; a number too large changes nothing), and the
//! text to be compressed behind it.

use crate::input::compress::{Compression, MAGIC_BYTES};
use crate::input::reader::LogReader;
use crate::input::{LogSource, ReadOptions};
use std::io::{Cursor, Read, Write};
use std::path::Path;

thread_local! {
    static PLACE: tempfile::TempDir = super::scratch_directory();
}

/// Bytes read of what may be a bomb.
const MOST_BYTES: u64 = 4 << 20;

/// One input.
pub fn run(data: &[u8]) {
    let end = data.iter().position(|&b| b == b'\n').unwrap_or(data.len());
    let head = String::from_utf8_lossy(&data[..end]);
    let body = data.get(end + 1..).unwrap_or_default();
    let mut words = head.split(' ');
    let kind = words.next().unwrap_or_default();
    let Some(packed) = pack(kind, body) else {
        decode(body);
        log(body);
        return;
    };
    let mut number = || words.next().and_then(|word| word.parse::<usize>().ok());
    let kept = number().unwrap_or(usize::MAX);
    let changed = number().unwrap_or(usize::MAX);
    let mut bytes = packed.clone();
    if let Some(byte) = bytes.get_mut(changed) {
        *byte ^= 0x55;
    }
    bytes.truncate(kept);
    let (read, whole) = decode(&bytes);
    if bytes == packed && !body.is_empty() {
        assert!(whole && read == body, "{kind} gives back what it took");
    } else if packed.starts_with(&bytes) {
        assert!(
            body.starts_with(&read),
            "{kind}, cut: a part of what it took"
        );
    }
    log(&bytes);
}

fn pack(kind: &str, text: &[u8]) -> Option<Vec<u8>> {
    let good = "packing into memory works";
    Some(match kind {
        "gzip" => {
            let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            to.write_all(text).expect(good);
            to.finish().expect(good)
        }
        "xz" => {
            let mut to = liblzma::write::XzEncoder::new(Vec::new(), 0);
            to.write_all(text).expect(good);
            to.finish().expect(good)
        }
        "zstd" => zstd::encode_all(text, 1).expect(good),
        "bzip2" => {
            let mut to = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            to.write_all(text).expect(good);
            to.finish().expect(good)
        }
        "lz4" => {
            let mut to = lz4_flex::frame::FrameEncoder::new(Vec::new());
            to.write_all(text).expect(good);
            to.finish().expect(good)
        }
        _ => return None,
    })
}

/// What the decoder gives, and whether it came to its end.
fn decode(bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut read = Vec::new();
    let start = &bytes[..bytes.len().min(MAGIC_BYTES)];
    let Some(kind) = Compression::of(start) else {
        return (read, false);
    };
    let Ok(decoder) = kind.decoder(Cursor::new(bytes.to_vec())) else {
        return (read, false);
    };
    let mut decoder = decoder.take(MOST_BYTES);
    let mut buffer = [0; 4096];
    loop {
        match decoder.read(&mut buffer) {
            Ok(0) => return (read, true),
            Ok(length) => read.extend_from_slice(&buffer[..length]),
            Err(_) => return (read, false),
        }
    }
}

/// The same as a log, in blocks of several sizes.
fn log(bytes: &[u8]) {
    PLACE.with(|place| {
        let file = place.path().join("log");
        std::fs::write(&file, bytes).expect("a file can be written");
        let whole = lines(&file, 1 << 20);
        assert_eq!(lines(&file, 100), whole);
    });
}

/// The first lines of a log and how it ended.
fn lines(file: &Path, block_bytes: usize) -> (Vec<(u64, String)>, Option<String>) {
    const MOST_LINES: usize = 3_000;
    let options = ReadOptions {
        block_bytes,
        ..ReadOptions::default()
    };
    let mut found = Vec::new();
    let source = LogSource::File(file.into());
    let mut reader = match LogReader::open(&source, 0, &options, None) {
        Ok(reader) => reader,
        Err(error) => return (found, Some(error.to_string())),
    };
    let mut bytes = 0;
    while found.len() < MOST_LINES && bytes < MOST_BYTES {
        match reader.next_block() {
            Ok(Some(block)) => {
                let block = block.decode();
                bytes += block.bytes;
                for (number, line) in block.lines() {
                    found.push((number, line.to_owned()));
                }
            }
            Ok(None) => return (found, None),
            Err(error) => return (found, Some(error.to_string())),
        }
    }
    // where a bomb is left depends on the size of the blocks
    (Vec::new(), None)
}
