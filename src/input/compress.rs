//! Compressed logs, by their magic bytes: gzip, xz, zstd, bzip2, lz4.
//!
//! Decoders read on through several members or frames, as the tools that write rotated
//! logs append them. Their memory is bounded by what the tools themselves allow without
//! being asked twice.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A compressed form that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    /// RFC 1952, several members too.
    Gzip,
    /// The format of `xz`.
    Xz,
    /// RFC 8878.
    Zstd,
    /// The format of `bzip2`.
    Bzip2,
    /// The frame format of `lz4`.
    Lz4,
}

/// Memory an xz file may ask for; `xz -9` needs 65 MiB.
const XZ_MEMORY: u64 = 512 << 20;

/// The window a zstd frame may have, as a power of two: `zstd` itself unpacks no larger one
/// unless told to.
const ZSTD_WINDOW_LOG: u32 = 27;

/// Bytes asked of a decoder at a time.
const STEP: usize = 4096;

/// Bytes that [`Compression::of`] and [`unread_form`] look at.
pub(crate) const MAGIC_BYTES: usize = 8;

impl Compression {
    /// Endings of the names of compressed files, those included that are known but not read.
    pub(crate) const ENDINGS: [&str; 8] = ["gz", "xz", "zst", "bz2", "lz4", "lzma", "Z", "zip"];

    /// The form of a file that begins with `start`.
    pub(crate) fn of(start: &[u8]) -> Option<Compression> {
        Some(match start {
            [0x1f, 0x8b, 8, ..] => Compression::Gzip,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Compression::Xz,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstd,
            // a skippable frame, which zstd and lz4 share: pzstd begins with one
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26]
            | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38] => Compression::Bzip2,
            [0x04, 0x22, 0x4d, 0x18, ..] | [0x02, 0x21, 0x4c, 0x18, ..] => Compression::Lz4,
            _ => return None,
        })
    }

    /// Its name, as its tool spells it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Compression::Gzip => "gzip",
            Compression::Xz => "xz",
            Compression::Zstd => "zstd",
            Compression::Bzip2 => "bzip2",
            Compression::Lz4 => "lz4",
        }
    }

    /// A reader of what was compressed.
    pub(crate) fn decoder(
        self,
        input: impl BufRead + Send + 'static,
    ) -> io::Result<Box<dyn Read + Send>> {
        let decoder: Box<dyn Read + Send> = match self {
            Compression::Gzip => Box::new(Members {
                current: Some(flate2::bufread::GzDecoder::new(input)),
            }),
            Compression::Xz => {
                let concatenated = liblzma::stream::CONCATENATED;
                let stream = liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY, concatenated)?;
                Box::new(liblzma::bufread::XzDecoder::new_stream(input, stream))
            }
            Compression::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(input)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                Box::new(decoder)
            }
            Compression::Bzip2 => Box::new(Members {
                current: Some(bzip2::bufread::BzDecoder::new(input)),
            }),
            Compression::Lz4 => Box::new(Members {
                current: Some(lz4_flex::frame::FrameDecoder::new(input)),
            }),
        };
        Ok(Box::new(Steps(BufReader::with_capacity(STEP, decoder))))
    }

    /// What a decoder that gave up was allowed, in MiB, and the command that unpacks such a
    /// file; None where memory is not what it lacked.
    pub(crate) fn lacked_memory(self, error: &io::Error) -> Option<(u64, &'static str)> {
        match self {
            Compression::Xz => {
                let inner = error.get_ref()?.downcast_ref::<liblzma::stream::Error>()?;
                let limit = *inner == liblzma::stream::Error::MemLimit;
                limit.then_some((XZ_MEMORY >> 20, "xz -dc FILE | f2b-regex -"))
            }
            Compression::Zstd => {
                // the library hands the name of its error over, and nothing else
                let limit = error.to_string().contains("requires too much memory");
                let command = "zstd -dc --long=31 FILE | f2b-regex -";
                limit.then_some((1 << (ZSTD_WINDOW_LOG - 20), command))
            }
            _ => None,
        }
    }
}

/// Forms that are known but not read: their name, and a command that unpacks them.
pub(crate) fn unread_form(start: &[u8]) -> Option<(&'static str, &'static str)> {
    Some(match start {
        [b'P', b'K', 3, 4, ..] => ("a zip archive", "unzip -p FILE | f2b-regex -"),
        [0x1f, 0x9d, ..] => ("written by compress (.Z)", "zcat FILE | f2b-regex -"),
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => {
            ("a 7-zip archive", "7z x -so FILE | f2b-regex -")
        }
        [0x5d, 0, 0, ..] => ("an old .lzma file", "lzma -dc FILE | f2b-regex -"),
        _ => return None,
    })
}

/// Asks a decoder for the same number of bytes every time. A decoder that comes upon damage
/// keeps back what it had of that step: steps that followed the reader's would make what can
/// be read of a damaged log depend on the size of blocks, and long ones would lose much.
struct Steps<R>(BufReader<R>);

impl<R: Read> Read for Steps<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // not BufReader's own read, which passes long ones on as they are
        let ready = self.0.fill_buf()?;
        let length = ready.len().min(buffer.len());
        buffer[..length].copy_from_slice(&ready[..length]);
        self.0.consume(length);
        Ok(length)
    }
}

/// A decoder that stops behind the member (gzip, bzip2) or frame (lz4) it was made for.
trait Member: Read {
    /// What is compressed.
    type Input: BufRead;
    /// For the member that `input` begins with.
    fn of(input: Self::Input) -> Self;
    /// What is left, behind the member.
    fn rest(&mut self) -> &mut Self::Input;
    /// The same, the decoder given up.
    fn into_rest(self) -> Self::Input;
}

impl<R: BufRead> Member for flate2::bufread::GzDecoder<R> {
    type Input = R;
    fn of(input: R) -> Self {
        Self::new(input)
    }
    fn rest(&mut self) -> &mut R {
        self.get_mut()
    }
    fn into_rest(self) -> R {
        self.into_inner()
    }
}

impl<R: BufRead> Member for bzip2::bufread::BzDecoder<R> {
    type Input = R;
    fn of(input: R) -> Self {
        Self::new(input)
    }
    fn rest(&mut self) -> &mut R {
        self.get_mut()
    }
    fn into_rest(self) -> R {
        self.into_inner()
    }
}

impl<R: BufRead> Member for lz4_flex::frame::FrameDecoder<R> {
    type Input = R;
    fn of(input: R) -> Self {
        Self::new(input)
    }
    fn rest(&mut self) -> &mut R {
        self.get_mut()
    }
    fn into_rest(self) -> R {
        self.into_inner()
    }
}

/// Reads one member after the other. Zeros between or behind them, which tapes and block
/// devices leave and `gzip` passes over, are no damage.
struct Members<D> {
    current: Option<D>,
}

impl<D: Member> Read for Members<D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(decoder) = &mut self.current else {
                return Ok(0);
            };
            let read = decoder.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            if !skip_zeros(decoder.rest())? {
                return Ok(0);
            }
            self.current = self.current.take().map(|old| D::of(old.into_rest()));
        }
    }
}

/// Takes the zeros `input` begins with; whether anything follows.
fn skip_zeros(input: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let ready = input.fill_buf()?;
        if ready.is_empty() {
            return Ok(false);
        }
        let zeros = ready.iter().take_while(|byte| **byte == 0).count();
        let all = zeros == ready.len();
        input.consume(zeros);
        if !all {
            return Ok(true);
        }
    }
}

/// Counts the bytes taken from a reader: where a decoder stands in its file.
pub(crate) struct Counted<R> {
    input: R,
    count: Arc<AtomicU64>,
}

impl<R> Counted<R> {
    /// Counts into `count`.
    pub(crate) fn new(input: R, count: Arc<AtomicU64>) -> Counted<R> {
        Counted { input, count }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.input.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.count.fetch_add(amount as u64, Ordering::Relaxed);
        self.input.consume(amount);
    }
}
