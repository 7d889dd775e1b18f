//! Unpacking gzip, as Go's `compress/gzip` and `compress/flate` do it: the same input is refused, at the same point,
//! with the same words.
//!
//! Data is unpacked only as it is asked for, so that a small file cannot become a large amount of memory.

/// Why no more data can be had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Stop {
    /// The data ends here.
    End,
    /// The data ends in the middle of something.
    UnexpectedEnd,
    /// `gzip.ErrHeader`: no gzip.
    Header,
    /// The length or sum at the end is wrong.
    Checksum,
    /// Bytes that no deflate data has, with how much was read before them.
    Corrupt(u64),
    /// More data than one may unpack; a limit of ours.
    TooMuch,
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Stop::End => f.write_str("EOF"),
            Stop::UnexpectedEnd => f.write_str("unexpected EOF"),
            Stop::Header => f.write_str("gzip: invalid header"),
            Stop::Checksum => f.write_str("gzip: invalid checksum"),
            Stop::Corrupt(offset) => write!(f, "flate: corrupt input before offset {offset}"),
            Stop::TooMuch => f.write_str("archive unpacks to too much data"),
        }
    }
}

impl Stop {
    /// In the middle of something, the end is unexpected.
    pub(crate) fn not_end(self) -> Stop {
        if self == Stop::End { Stop::UnexpectedEnd } else { self }
    }
}

/// A reader of unpacked data.
pub(crate) struct Gunzip<'a> {
    input: Input<'a>,
    inflate: Inflate,
    /// What is unpacked; the last 32 KiB of what was taken stay for references to them.
    out: Vec<u8>,
    /// How much of `out` was taken.
    taken: usize,
    /// How much of `out` is in the sum.
    summed: usize,
    sum: u32,
    size: u32,
    stop: Option<Stop>,
    /// How much more may be unpacked.
    budget: u64,
}

/// How far back a reference may go.
const WINDOW: usize = 32 * 1024;

/// How much is unpacked at a time.
const STEP: usize = 64 * 1024;

impl<'a> Gunzip<'a> {
    /// Reads the header. At most `budget` bytes will be unpacked.
    pub(crate) fn new(input: &'a [u8], budget: u64) -> Result<Gunzip<'a>, Stop> {
        let mut input = Input { bytes: input, at: 0 };
        read_header(&mut input)?;
        Ok(Gunzip {
            input,
            inflate: Inflate::default(),
            out: Vec::new(),
            taken: 0,
            summed: 0,
            sum: 0,
            size: 0,
            stop: None,
            budget,
        })
    }

    /// Fills the buffer; gives how much there was if the data stops before, and why.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> (usize, Result<(), Stop>) {
        let mut done = 0;
        while done < buffer.len() {
            let there = self.out.len() - self.taken;
            if there == 0 {
                if let Some(stop) = &self.stop {
                    return (done, Err(stop.clone()));
                }
                self.step();
                continue;
            }
            let count = there.min(buffer.len() - done);
            buffer[done..done + count].copy_from_slice(&self.out[self.taken..self.taken + count]);
            self.taken += count;
            done += count;
        }
        (done, Ok(()))
    }

    /// Skips data as [`Gunzip::read`] reads it.
    pub(crate) fn skip(&mut self, mut count: u64) -> Result<(), Stop> {
        let mut buffer = [0; 4096];
        while count > 0 {
            let part = buffer.len().min(usize::try_from(count).unwrap_or(usize::MAX));
            let (done, result) = self.read(&mut buffer[..part]);
            count -= done as u64;
            result?;
        }
        Ok(())
    }

    /// How much more may be unpacked.
    pub(crate) fn budget_left(&self) -> u64 {
        self.budget
    }

    /// Unpacks some more.
    fn step(&mut self) {
        if self.taken > 4 * STEP {
            let drop = self.taken - WINDOW;
            self.out.drain(..drop);
            self.taken -= drop;
            self.summed -= drop;
            self.inflate.history = self.inflate.history.saturating_sub(drop);
        }
        let before = self.out.len();
        let result = self.inflate.run(&mut self.input, &mut self.out, before + STEP);
        let count = (self.out.len() - before) as u64;
        self.sum = crc32(self.sum, &self.out[self.summed..]);
        self.size = self.size.wrapping_add(count as u32);
        self.summed = self.out.len();
        match self.budget.checked_sub(count) {
            Some(left) => self.budget = left,
            None => {
                self.budget = 0;
                self.stop = Some(Stop::TooMuch);
                return;
            }
        }
        if let Err(stop) = result {
            self.stop = if stop == Stop::End { self.finish().err() } else { Some(stop) };
        }
    }

    /// The end of one member: checks it, and starts the next one if there is one.
    fn finish(&mut self) -> Result<(), Stop> {
        let mut trailer = [0; 8];
        self.input.read_full(&mut trailer).map_err(Stop::not_end)?;
        let [a, b, c, d, e, f, g, h] = trailer;
        if u32::from_le_bytes([a, b, c, d]) != self.sum || u32::from_le_bytes([e, f, g, h]) != self.size {
            return Err(Stop::Checksum);
        }
        read_header(&mut self.input)?;
        (self.sum, self.size) = (0, 0);
        self.inflate = Inflate { history: self.out.len(), ..Inflate::default() };
        Ok(())
    }
}

/// Packed bytes.
struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Input<'_> {
    fn next(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn read_full(&mut self, buffer: &mut [u8]) -> Result<(), Stop> {
        let rest = &self.bytes[self.at..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        match count {
            _ if count == buffer.len() => Ok(()),
            0 => Err(Stop::End),
            _ => Err(Stop::UnexpectedEnd),
        }
    }
}

fn read_header(input: &mut Input<'_>) -> Result<(), Stop> {
    const HAS_SUM: u8 = 2;
    const HAS_EXTRA: u8 = 4;
    const HAS_NAME: u8 = 8;
    const HAS_COMMENT: u8 = 16;
    /// The longest name or comment, with its NUL.
    const MAX_TEXT: usize = 512;
    let start = input.at;
    let mut fixed = [0; 10];
    input.read_full(&mut fixed)?;
    if !fixed.starts_with(b"\x1f\x8b\x08") {
        return Err(Stop::Header);
    }
    let flags = fixed[3];
    if flags & HAS_EXTRA != 0 {
        let mut length = [0; 2];
        input.read_full(&mut length).map_err(Stop::not_end)?;
        let mut extra = vec![0; usize::from(u16::from_le_bytes(length))];
        input.read_full(&mut extra).map_err(Stop::not_end)?;
    }
    for flag in [HAS_NAME, HAS_COMMENT] {
        if flags & flag != 0 {
            let mut count = 0;
            loop {
                if count >= MAX_TEXT {
                    return Err(Stop::Header);
                }
                if input.next().ok_or(Stop::UnexpectedEnd)? == 0 {
                    break;
                }
                count += 1;
            }
        }
    }
    if flags & HAS_SUM != 0 {
        let sum = crc32(0, &input.bytes[start..input.at]);
        let mut given = [0; 2];
        input.read_full(&mut given).map_err(Stop::not_end)?;
        if u16::from_le_bytes(given) != sum as u16 {
            return Err(Stop::Header);
        }
    }
    Ok(())
}

fn crc32(sum: u32, bytes: &[u8]) -> u32 {
    /// Eight tables, for eight bytes at a time.
    static TABLES: [[u32; 256]; 8] = {
        let mut tables = [[0u32; 256]; 8];
        let mut i = 0;
        while i < 256 {
            let mut sum = i as u32;
            let mut bit = 0;
            while bit < 8 {
                sum = if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 };
                bit += 1;
            }
            tables[0][i] = sum;
            i += 1;
        }
        let mut table = 1;
        while table < 8 {
            let mut i = 0;
            while i < 256 {
                let before = tables[table - 1][i];
                tables[table][i] = (before >> 8) ^ tables[0][(before & 0xFF) as usize];
                i += 1;
            }
            table += 1;
        }
        tables
    };
    let mut sum = !sum;
    let (chunks, rest) = bytes.as_chunks::<8>();
    for chunk in chunks {
        let low = sum ^ u32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]);
        sum = TABLES[7][(low & 0xFF) as usize]
            ^ TABLES[6][(low >> 8 & 0xFF) as usize]
            ^ TABLES[5][(low >> 16 & 0xFF) as usize]
            ^ TABLES[4][(low >> 24) as usize]
            ^ TABLES[3][usize::from(chunk[4])]
            ^ TABLES[2][usize::from(chunk[5])]
            ^ TABLES[1][usize::from(chunk[6])]
            ^ TABLES[0][usize::from(chunk[7])];
    }
    for &byte in rest {
        sum = (sum >> 8) ^ TABLES[0][usize::from(sum as u8 ^ byte)];
    }
    !sum
}

/// The state of unpacking one member. Bits are read no sooner than Go reads them, so that errors name its offset.
#[derive(Default)]
struct Inflate {
    bits: u32,
    count: u32,
    /// How many bytes were read.
    offset: u64,
    /// Where the member's own data starts in the output.
    history: usize,
    /// Whether the block is the last one of the member.
    is_last: bool,
    block: Block,
    literals: Huffman,
    distances: Huffman,
}

/// What is being unpacked.
#[derive(Default, Clone, Copy)]
enum Block {
    /// The header of a block comes next.
    #[default]
    None,
    /// So many bytes that are not packed.
    Stored(usize),
    /// Symbols of the codes given in the format's description.
    Fixed,
    /// Symbols of codes given in the data.
    Dynamic,
}

const MAX_LITERALS: usize = 286;
const MAX_DISTANCES: usize = 30;
const END_OF_BLOCK: usize = 256;

impl Inflate {
    /// Unpacks until the output has `limit` bytes; `Err(Stop::End)` at the end of the member.
    fn run(&mut self, input: &mut Input<'_>, out: &mut Vec<u8>, limit: usize) -> Result<(), Stop> {
        while out.len() < limit {
            match self.block {
                Block::None => {
                    if self.is_last {
                        return Err(Stop::End);
                    }
                    self.start_block(input)?;
                }
                Block::Stored(left) => {
                    let rest = &input.bytes[input.at..];
                    let count = left.min(limit - out.len()).min(rest.len());
                    if count == 0 && left > 0 {
                        return Err(Stop::UnexpectedEnd);
                    }
                    out.extend_from_slice(&rest[..count]);
                    input.at += count;
                    self.offset += count as u64;
                    self.block = if left == count { Block::None } else { Block::Stored(left - count) };
                }
                Block::Fixed => {
                    static FIXED: std::sync::OnceLock<Huffman> = std::sync::OnceLock::new();
                    let literals = FIXED.get_or_init(|| {
                        let lengths: Vec<u8> = (0..288)
                            .map(|symbol| match symbol {
                                0..144 => 8,
                                144..256 => 9,
                                256..280 => 7,
                                _ => 8,
                            })
                            .collect();
                        Huffman::new(&lengths).unwrap_or_default()
                    });
                    self.symbols(input, out, limit, literals, None)?;
                }
                Block::Dynamic => {
                    let literals = std::mem::take(&mut self.literals);
                    let distances = std::mem::take(&mut self.distances);
                    let result = self.symbols(input, out, limit, &literals, Some(&distances));
                    (self.literals, self.distances) = (literals, distances);
                    result?;
                }
            }
        }
        Ok(())
    }

    fn corrupt(&self) -> Stop {
        Stop::Corrupt(self.offset)
    }

    fn more_bits(&mut self, input: &mut Input<'_>) -> Result<(), Stop> {
        let byte = input.next().ok_or(Stop::UnexpectedEnd)?;
        self.offset += 1;
        self.bits |= u32::from(byte) << self.count;
        self.count += 8;
        Ok(())
    }

    fn need(&mut self, input: &mut Input<'_>, count: u32) -> Result<(), Stop> {
        while self.count < count {
            self.more_bits(input)?;
        }
        Ok(())
    }

    fn take(&mut self, count: u32) -> usize {
        let value = self.bits & ((1 << count) - 1);
        self.bits >>= count;
        self.count -= count;
        value as usize
    }

    fn start_block(&mut self, input: &mut Input<'_>) -> Result<(), Stop> {
        self.need(input, 3)?;
        self.is_last = self.take(1) == 1;
        self.block = match self.take(2) {
            0 => {
                // What is left of the byte is skipped.
                (self.bits, self.count) = (0, 0);
                let mut lengths = [0; 4];
                let before = input.at;
                let result = input.read_full(&mut lengths).map_err(Stop::not_end);
                self.offset += (input.at - before) as u64;
                result?;
                let length = u16::from_le_bytes([lengths[0], lengths[1]]);
                if u16::from_le_bytes([lengths[2], lengths[3]]) != !length {
                    return Err(self.corrupt());
                }
                Block::Stored(usize::from(length))
            }
            1 => Block::Fixed,
            2 => {
                self.read_codes(input)?;
                Block::Dynamic
            }
            _ => return Err(self.corrupt()),
        };
        Ok(())
    }

    fn read_codes(&mut self, input: &mut Input<'_>) -> Result<(), Stop> {
        const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        self.need(input, 14)?;
        let literals = self.take(5) + 257;
        let distances = self.take(5) + 1;
        if literals > MAX_LITERALS || distances > MAX_DISTANCES {
            return Err(self.corrupt());
        }
        let codes = self.take(4) + 4;
        let mut code_lengths = [0; 19];
        for &code in &ORDER[..codes] {
            self.need(input, 3)?;
            code_lengths[code] = self.take(3) as u8;
        }
        let code = Huffman::new(&code_lengths).ok_or_else(|| self.corrupt())?;
        let mut lengths = [0; MAX_LITERALS + MAX_DISTANCES];
        let all = literals + distances;
        let mut at = 0;
        while at < all {
            let symbol = self.symbol(input, &code)?;
            let (length, least, bits) = match symbol {
                0..16 => {
                    lengths[at] = symbol as u8;
                    at += 1;
                    continue;
                }
                16 if at == 0 => return Err(self.corrupt()),
                16 => (lengths[at - 1], 3, 2),
                17 => (0, 3, 3),
                _ => (0, 11, 7),
            };
            self.need(input, bits)?;
            let repeat = least + self.take(bits);
            if at + repeat > all {
                return Err(self.corrupt());
            }
            lengths[at..at + repeat].fill(length);
            at += repeat;
        }
        self.literals = Huffman::new(&lengths[..literals]).ok_or_else(|| self.corrupt())?;
        self.distances = Huffman::new(&lengths[literals..all]).ok_or_else(|| self.corrupt())?;
        // Every block has an end, so that many bits can always be read.
        self.literals.shortest = self.literals.shortest.max(u32::from(lengths[END_OF_BLOCK]));
        Ok(())
    }

    /// Unpacks symbols up to the end of the block or to `limit`.
    fn symbols(
        &mut self,
        input: &mut Input<'_>,
        out: &mut Vec<u8>,
        limit: usize,
        literals: &Huffman,
        distances: Option<&Huffman>,
    ) -> Result<(), Stop> {
        while out.len() < limit {
            let symbol = self.symbol(input, literals)?;
            if symbol < END_OF_BLOCK {
                out.push(symbol as u8);
                continue;
            }
            if symbol == END_OF_BLOCK {
                self.block = Block::None;
                return Ok(());
            }
            let (length, bits) = match symbol {
                257..265 => (symbol - 254, 0),
                265..269 => (symbol * 2 - 519, 1),
                269..273 => (symbol * 4 - 1057, 2),
                273..277 => (symbol * 8 - 2149, 3),
                277..281 => (symbol * 16 - 4365, 4),
                281..285 => (symbol * 32 - 8861, 5),
                285 => (258, 0),
                _ => return Err(self.corrupt()),
            };
            self.need(input, bits)?;
            let length = length + self.take(bits);
            let code = match distances {
                Some(code) => self.symbol(input, code)?,
                None => {
                    self.need(input, 5)?;
                    usize::from(((self.take(5) as u8) << 3).reverse_bits())
                }
            };
            let distance = match code {
                0..4 => code + 1,
                4..MAX_DISTANCES => {
                    let bits = (code as u32 - 2) >> 1;
                    let high = (code & 1) << bits;
                    self.need(input, bits)?;
                    (1 << (bits + 1)) + 1 + (high | self.take(bits))
                }
                _ => return Err(self.corrupt()),
            };
            if distance > out.len() - self.history.min(out.len()) {
                return Err(self.corrupt());
            }
            let from = out.len() - distance;
            if distance >= length {
                out.extend_from_within(from..from + length);
            } else {
                out.reserve(length);
                for at in from..from + length {
                    out.push(out[at]);
                }
            }
        }
        Ok(())
    }

    #[inline]
    fn symbol(&mut self, input: &mut Input<'_>, code: &Huffman) -> Result<usize, Stop> {
        let mut needed = code.shortest;
        loop {
            self.need(input, needed)?;
            let mut chunk = code.chunks[self.bits as usize % CHUNKS];
            if u32::from(chunk.length) > CHUNK_BITS {
                let link = usize::from(chunk.value) * code.link_size
                    + (self.bits >> CHUNK_BITS) as usize % code.link_size;
                chunk = code.links.get(link).copied().unwrap_or_default();
            }
            needed = u32::from(chunk.length);
            if needed <= self.count {
                if needed == 0 {
                    return Err(self.corrupt());
                }
                self.bits >>= needed;
                self.count -= needed;
                return Ok(usize::from(chunk.value));
            }
        }
    }
}

const CHUNK_BITS: u32 = 9;
const CHUNKS: usize = 1 << CHUNK_BITS;

/// A symbol and the length of its code; a length above [`CHUNK_BITS`] in the first table leads to the second.
#[derive(Clone, Copy, Default)]
struct Chunk {
    value: u16,
    length: u8,
}

/// A prefix code.
struct Huffman {
    /// The length of the shortest code.
    shortest: u32,
    chunks: [Chunk; CHUNKS],
    links: Vec<Chunk>,
    link_size: usize,
}

impl Default for Huffman {
    fn default() -> Huffman {
        Huffman { shortest: 0, chunks: [Chunk::default(); CHUNKS], links: Vec::new(), link_size: 1 }
    }
}

impl Huffman {
    /// The code of these lengths; `None` if there is no such code. No symbols at all is fine until one is read.
    fn new(lengths: &[u8]) -> Option<Huffman> {
        let mut count = [0u32; 16];
        for &length in lengths.iter().filter(|&&length| length != 0) {
            count[usize::from(length)] += 1;
        }
        let mut huffman = Huffman::default();
        let Some(shortest) = count.iter().position(|&count| count != 0) else { return Some(huffman) };
        let longest = count.iter().rposition(|&count| count != 0).unwrap_or(shortest);
        let mut next = [0u32; 16];
        let mut code = 0;
        for length in shortest..=longest {
            code <<= 1;
            next[length] = code;
            code += count[length];
        }
        if code != 1 << longest && !(code == 1 && longest == 1) {
            return None;
        }
        huffman.shortest = shortest as u32;
        let chunk_bits = CHUNK_BITS as usize;
        if longest > chunk_bits {
            huffman.link_size = 1 << (longest - chunk_bits);
            let first_link = (next[chunk_bits + 1] >> 1) as usize;
            huffman.links = vec![Chunk::default(); (CHUNKS - first_link) * huffman.link_size];
            for prefix in first_link..CHUNKS {
                let reversed = reverse(prefix as u32, CHUNK_BITS);
                huffman.chunks[reversed] =
                    Chunk { value: (prefix - first_link) as u16, length: CHUNK_BITS as u8 + 1 };
            }
        }
        for (symbol, &length) in lengths.iter().enumerate().filter(|(_, length)| **length != 0) {
            let code = next[usize::from(length)];
            next[usize::from(length)] += 1;
            let chunk = Chunk { value: symbol as u16, length };
            let reversed = reverse(code, u32::from(length));
            if usize::from(length) <= chunk_bits {
                for at in (reversed..CHUNKS).step_by(1 << length) {
                    huffman.chunks[at] = chunk;
                }
            } else {
                let link = usize::from(huffman.chunks[reversed % CHUNKS].value) * huffman.link_size;
                for at in (reversed >> chunk_bits..huffman.link_size)
                    .step_by(1 << (usize::from(length) - chunk_bits))
                {
                    huffman.links[link + at] = chunk;
                }
            }
        }
        Some(huffman)
    }
}

fn reverse(code: u32, length: u32) -> usize {
    (code.reverse_bits() >> (u32::BITS - length)) as usize
}
