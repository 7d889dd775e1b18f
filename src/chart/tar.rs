//! Reading tar archives as Go's `archive/tar` does: USTAR, PAX, GNU and the old forms, sparse files included, with
//! the same refusals.

use std::collections::BTreeMap;

use super::gzip::{Gunzip, Stop};

/// Why an archive cannot be read on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum TarError {
    /// The packed data stops.
    Stop(Stop),
    /// `tar.ErrHeader`
    Header,
    /// `tar.ErrFieldTooLong`
    FieldTooLong,
    /// Sparse files whose parts do not fit together.
    MissingData,
    /// Likewise.
    UnreferencedData,
    /// Likewise.
    SparseTooLong,
}

impl std::fmt::Display for TarError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            TarError::Stop(stop) => return stop.fmt(f),
            TarError::Header => "archive/tar: invalid tar header",
            TarError::FieldTooLong => "archive/tar: header field too long",
            TarError::MissingData => "archive/tar: sparse file references non-existent data",
            TarError::UnreferencedData => "archive/tar: sparse file contains unreferenced data",
            TarError::SparseTooLong => "archive/tar: sparse map too long",
        })
    }
}

impl From<Stop> for TarError {
    fn from(stop: Stop) -> TarError {
        TarError::Stop(stop)
    }
}

type Result<T> = std::result::Result<T, TarError>;

const BLOCK: usize = 512;

/// The largest PAX header, long name or sparse map.
const MAX_SPECIAL: usize = 1 << 20;

const TYPE_REGULAR_OLD: u8 = 0;
const TYPE_REGULAR: u8 = b'0';
const TYPE_FOLDER: u8 = b'5';
/// A PAX header for the next file.
pub(crate) const TYPE_PAX: u8 = b'x';
/// A PAX header for all files that follow.
pub(crate) const TYPE_PAX_GLOBAL: u8 = b'g';
const TYPE_GNU_SPARSE: u8 = b'S';
const TYPE_GNU_LONG_NAME: u8 = b'L';
const TYPE_GNU_LONG_LINK: u8 = b'K';

/// An entry of an archive.
#[derive(Debug, Default)]
pub(crate) struct Header {
    /// The path.
    pub(crate) name: Vec<u8>,
    /// The size that is claimed.
    pub(crate) size: i64,
    /// The kind of entry.
    pub(crate) type_flag: u8,
    mode: i64,
    pax: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Header {
    /// Whether it is a folder, by its type, its mode or its name, as `FileInfo().IsDir()` says.
    pub(crate) fn is_folder(&self) -> bool {
        self.type_flag == TYPE_FOLDER || self.mode & !0o7777 == 0o040000
    }

    /// Whether such an entry has no data, whatever its size says.
    fn has_no_data(&self) -> bool {
        matches!(self.type_flag, b'1'..=b'6')
    }
}

/// Reads the entries of a packed archive one by one.
pub(crate) struct Reader<'a> {
    input: Gunzip<'a>,
    /// What is left of the current entry's data.
    left: u64,
    /// What fills the last block after it.
    padding: usize,
    /// Of a sparse file: where its pieces go, and its whole size.
    sparse: Option<(Vec<Piece>, i64)>,
    error: Option<TarError>,
}

/// A piece of a sparse file.
#[derive(Clone, Copy, Debug)]
struct Piece {
    offset: i64,
    length: i64,
}

impl<'a> Reader<'a> {
    /// Starts to read.
    pub(crate) fn new(input: Gunzip<'a>) -> Reader<'a> {
        Reader { input, left: 0, padding: 0, sparse: None, error: None }
    }

    /// How much more may be unpacked.
    pub(crate) fn budget_left(&self) -> u64 {
        self.input.budget_left()
    }

    /// The next entry, `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Header>> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        match self.read_next() {
            Err(TarError::Stop(Stop::End)) => Ok(None),
            Err(error) => {
                self.error = Some(error.clone());
                Err(error)
            }
            Ok(header) => Ok(Some(header)),
        }
    }

    fn read_next(&mut self) -> Result<Header> {
        let mut pax = BTreeMap::new();
        let mut long_name = Vec::new();
        loop {
            self.skip_data()?;
            let (mut header, block) = self.read_header()?;
            self.start_data(&header)?;
            match header.type_flag {
                TYPE_PAX | TYPE_PAX_GLOBAL => {
                    pax = self.read_pax()?;
                    if header.type_flag == TYPE_PAX_GLOBAL {
                        // Its own errors do not matter.
                        let _ = header.merge(pax);
                        return Ok(Header {
                            name: header.name,
                            type_flag: TYPE_PAX_GLOBAL,
                            ..Header::default()
                        });
                    }
                }
                TYPE_GNU_LONG_NAME => long_name = text(&self.read_special()?).to_vec(),
                TYPE_GNU_LONG_LINK => {
                    self.read_special()?;
                }
                _ => {
                    header.merge(pax)?;
                    if !long_name.is_empty() {
                        header.name = long_name;
                    }
                    if header.type_flag == TYPE_REGULAR_OLD {
                        header.type_flag =
                            if header.name.ends_with(b"/") { TYPE_FOLDER } else { TYPE_REGULAR };
                    }
                    self.start_data(&header)?;
                    self.start_sparse(&mut header, block)?;
                    return Ok(header);
                }
            }
        }
    }

    /// The data of the current entry. `limit` is the most that will be given.
    pub(crate) fn read_data(&mut self, limit: u64) -> Result<Vec<u8>> {
        let result = match self.sparse.take() {
            Some((pieces, size)) => self.read_sparse(&pieces, size, limit),
            None => self.read_plain(limit),
        };
        if let Err(error) = &result {
            self.error = Some(error.clone());
        }
        result
    }

    fn read_plain(&mut self, limit: u64) -> Result<Vec<u8>> {
        let count = usize::try_from(self.left.min(limit)).unwrap_or(usize::MAX);
        let mut data = Vec::new();
        // What the header claims is believed only as the data comes.
        while data.len() < count {
            let start = data.len();
            data.resize(count.min(start + (64 << 10)), 0);
            let (done, result) = self.input.read(&mut data[start..]);
            self.left -= done as u64;
            data.truncate(start + done);
            if data.len() < count {
                result.map_err(Stop::not_end)?;
            }
        }
        Ok(data)
    }

    fn read_sparse(&mut self, pieces: &[Piece], size: i64, limit: u64) -> Result<Vec<u8>> {
        let size = usize::try_from(size.min(i64::try_from(limit).unwrap_or(i64::MAX))).unwrap_or(0);
        let mut data = vec![0; size];
        for piece in pieces {
            let start = usize::try_from(piece.offset).unwrap_or(usize::MAX).min(size);
            let end =
                usize::try_from(piece.offset.saturating_add(piece.length)).unwrap_or(usize::MAX).min(size);
            if end - start > usize::try_from(self.left).unwrap_or(usize::MAX) {
                return Err(TarError::MissingData);
            }
            let (done, result) = self.input.read(&mut data[start..end]);
            self.left -= done as u64;
            if done < end - start {
                result.map_err(Stop::not_end)?;
            }
        }
        if self.left > 0 {
            return Err(TarError::UnreferencedData);
        }
        Ok(data)
    }

    /// Goes to the end of the current entry.
    fn skip_data(&mut self) -> Result<()> {
        self.sparse = None;
        let left = std::mem::take(&mut self.left);
        self.input.skip(left).map_err(Stop::not_end)?;
        let mut padding = [0; BLOCK];
        let count = std::mem::take(&mut self.padding);
        let (done, result) = self.input.read(&mut padding[..count]);
        if done < count {
            result?;
        }
        Ok(())
    }

    fn start_data(&mut self, header: &Header) -> Result<()> {
        let size = if header.has_no_data() { 0 } else { header.size };
        self.left = u64::try_from(size).map_err(|_| TarError::Header)?;
        self.padding = (BLOCK - (self.left % BLOCK as u64) as usize) % BLOCK;
        Ok(())
    }

    /// A whole block. The end is expected only before its first byte.
    fn read_block(&mut self) -> Result<[u8; BLOCK]> {
        let mut block = [0; BLOCK];
        match self.input.read(&mut block) {
            (BLOCK, _) => Ok(block),
            (0, Err(stop)) => Err(stop.into()),
            (_, Err(stop)) => Err(stop.not_end().into()),
            (_, Ok(())) => Err(Stop::UnexpectedEnd.into()),
        }
    }

    fn read_header(&mut self) -> Result<(Header, [u8; BLOCK])> {
        let mut block = self.read_block()?;
        if block == [0; BLOCK] {
            block = self.read_block()?;
            return Err(if block == [0; BLOCK] { Stop::End.into() } else { TarError::Header });
        }
        let format = Format::of(&block).ok_or(TarError::Header)?;
        let mut header = Header {
            name: text(&block[0..100]).to_vec(),
            type_flag: block[156],
            size: numeric(&block[124..136])?,
            mode: numeric(&block[100..108])?,
            pax: BTreeMap::new(),
        };
        for field in [108..116, 116..124, 136..148] {
            numeric(&block[field])?;
        }
        if format != Format::V7 {
            numeric(&block[329..337])?;
            numeric(&block[337..345])?;
            let prefix = match format {
                Format::Ustar => text(&block[345..500]),
                Format::Star => {
                    numeric(&block[476..488])?;
                    numeric(&block[488..500])?;
                    text(&block[345..476])
                }
                _ => {
                    // Old versions of Go wrote a prefix where GNU's format has times.
                    let is_good = |field: &[u8]| field[0] == 0 || numeric(field).is_ok();
                    let prefix = text(&block[345..500]);
                    let is_prefix =
                        !(is_good(&block[345..357]) && is_good(&block[357..369])) && prefix.is_ascii();
                    if is_prefix { prefix } else { b"" }
                }
            };
            if !prefix.is_empty() {
                header.name = [prefix, b"/", &header.name].concat();
            }
        }
        Ok((header, block))
    }

    /// The data of a meta entry.
    fn read_special(&mut self) -> Result<Vec<u8>> {
        let data = self.read_plain(MAX_SPECIAL as u64 + 1)?;
        if data.len() > MAX_SPECIAL { Err(TarError::FieldTooLong) } else { Ok(data) }
    }

    fn read_pax(&mut self) -> Result<BTreeMap<Vec<u8>, Vec<u8>>> {
        let data = self.read_special()?;
        let mut rest = data.as_slice();
        let mut records = BTreeMap::new();
        let mut sparse: Vec<&[u8]> = Vec::new();
        while !rest.is_empty() {
            let (key, value, after) = pax_record(rest).ok_or(TarError::Header)?;
            rest = after;
            match key {
                b"GNU.sparse.offset" | b"GNU.sparse.numbytes" => {
                    let wanted: &[u8] = if sparse.len().is_multiple_of(2) {
                        b"GNU.sparse.offset"
                    } else {
                        b"GNU.sparse.numbytes"
                    };
                    if key != wanted || value.contains(&b',') {
                        return Err(TarError::Header);
                    }
                    sparse.push(value);
                }
                _ => {
                    records.insert(key.to_vec(), value.to_vec());
                }
            }
        }
        if !sparse.is_empty() {
            records.insert(b"GNU.sparse.map".to_vec(), sparse.join(&b','));
        }
        Ok(records)
    }

    fn start_sparse(&mut self, header: &mut Header, block: [u8; BLOCK]) -> Result<()> {
        let pieces = if header.type_flag == TYPE_GNU_SPARSE {
            Some(self.read_old_sparse(header, block)?)
        } else {
            self.read_pax_sparse(header)?
        };
        let Some(pieces) = pieces else { return Ok(()) };
        if header.has_no_data() || !are_good(&pieces, header.size) {
            return Err(TarError::Header);
        }
        self.sparse = Some((pieces, header.size));
        Ok(())
    }

    fn read_old_sparse(&mut self, header: &mut Header, block: [u8; BLOCK]) -> Result<Vec<Piece>> {
        if Format::of(&block) != Some(Format::Gnu) {
            return Err(TarError::Header);
        }
        header.size = numeric(&block[483..495])?;
        let mut map = block[386..483].to_vec();
        let mut pieces = Vec::new();
        let mut total = map.len();
        while total < MAX_SPECIAL {
            let entries = map.len() / 24;
            for entry in map.chunks_exact(24).take(entries) {
                if entry[0] == 0 {
                    break;
                }
                pieces.push(Piece { offset: numeric(&entry[..12])?, length: numeric(&entry[12..])? });
            }
            if map[24 * entries] == 0 {
                return Ok(pieces);
            }
            map = self.read_block().map_err(unexpected)?.to_vec();
            total += map.len();
        }
        Err(TarError::SparseTooLong)
    }

    fn read_pax_sparse(&mut self, header: &mut Header) -> Result<Option<Vec<Piece>>> {
        let record = |key: &str| header.pax.get(key.as_bytes()).cloned().unwrap_or_default();
        let version = (record("GNU.sparse.major"), record("GNU.sparse.minor"));
        let is_1_0 = match (version.0.as_slice(), version.1.as_slice()) {
            (b"0", b"0" | b"1") => false,
            (b"1", b"0") => true,
            (b"", b"") if !record("GNU.sparse.map").is_empty() => false,
            _ => return Ok(None),
        };
        let (name, size, real_size) =
            (record("GNU.sparse.name"), record("GNU.sparse.size"), record("GNU.sparse.realsize"));
        let (count, map) = (record("GNU.sparse.numblocks"), record("GNU.sparse.map"));
        if !name.is_empty() {
            header.name = name;
        }
        let size = if size.is_empty() { real_size } else { size };
        if !size.is_empty() {
            header.size = decimal(&size).ok_or(TarError::Header)?;
        }
        if is_1_0 {
            return self.read_sparse_map().map(Some);
        }
        let count = decimal(&count).and_then(|count| usize::try_from(count).ok()).ok_or(TarError::Header)?;
        let numbers: Vec<&[u8]> =
            if map.is_empty() { Vec::new() } else { map.split(|&byte| byte == b',').collect() };
        if count.checked_mul(2) != Some(numbers.len()) {
            return Err(TarError::Header);
        }
        pieces_of(&numbers).map(Some)
    }

    /// The map of version 1.0, at the start of the data.
    fn read_sparse_map(&mut self) -> Result<Vec<Piece>> {
        let mut data = Vec::new();
        let mut lines = 0;
        let mut need = |reader: &mut Self, data: &mut Vec<u8>, wanted: usize| -> Result<()> {
            while lines < wanted {
                if data.len() + BLOCK > MAX_SPECIAL {
                    return Err(TarError::SparseTooLong);
                }
                let block = reader.read_plain(BLOCK as u64)?;
                if block.len() < BLOCK {
                    return Err(Stop::UnexpectedEnd.into());
                }
                lines += block.iter().filter(|&&byte| byte == b'\n').count();
                data.extend_from_slice(&block);
            }
            Ok(())
        };
        need(self, &mut data, 1)?;
        let first = data.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let count = decimal(first).and_then(|count| usize::try_from(count).ok()).ok_or(TarError::Header)?;
        let numbers =
            count.checked_mul(2).filter(|&numbers| numbers < i64::MAX as usize).ok_or(TarError::Header)?;
        need(self, &mut data, numbers.saturating_add(1))?;
        let lines: Vec<&[u8]> = data.split(|&byte| byte == b'\n').skip(1).take(numbers).collect();
        pieces_of(&lines)
    }
}

fn unexpected(error: TarError) -> TarError {
    match error {
        TarError::Stop(stop) => TarError::Stop(stop.not_end()),
        other => other,
    }
}

fn pieces_of(numbers: &[&[u8]]) -> Result<Vec<Piece>> {
    let piece = |pair: &[&[u8]]| Some(Piece { offset: decimal(pair[0])?, length: decimal(pair[1])? });
    numbers.chunks_exact(2).map(piece).collect::<Option<_>>().ok_or(TarError::Header)
}

fn are_good(pieces: &[Piece], size: i64) -> bool {
    let mut end = 0;
    size >= 0
        && pieces.iter().all(|piece| {
            let is_after = piece.offset >= end && piece.length >= 0;
            end = piece.offset.checked_add(piece.length).unwrap_or(i64::MAX);
            is_after && end <= size && end != i64::MAX
        })
}

impl Header {
    fn merge(&mut self, pax: BTreeMap<Vec<u8>, Vec<u8>>) -> Result<()> {
        for (key, value) in pax.iter().filter(|(_, value)| !value.is_empty()) {
            match key.as_slice() {
                b"path" => self.name = value.clone(),
                b"size" => self.size = decimal(value).ok_or(TarError::Header)?,
                b"uid" | b"gid" => {
                    decimal(value).ok_or(TarError::Header)?;
                }
                b"atime" | b"mtime" | b"ctime" => {
                    let mut parts = value.splitn(2, |&byte| byte == b'.');
                    decimal(parts.next().unwrap_or_default()).ok_or(TarError::Header)?;
                    if !parts.next().unwrap_or_default().iter().all(u8::is_ascii_digit) {
                        return Err(TarError::Header);
                    }
                }
                _ => {}
            }
        }
        self.pax = pax;
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    V7,
    Ustar,
    Gnu,
    Star,
}

impl Format {
    /// The format of a header whose sum is right.
    fn of(block: &[u8; BLOCK]) -> Option<Format> {
        let given = octal(&block[148..156]).ok()?;
        let byte = |at: usize| if (148..156).contains(&at) { b' ' } else { block[at] };
        let unsigned: i64 = (0..BLOCK).map(|at| i64::from(byte(at))).sum();
        let signed: i64 = (0..BLOCK).map(|at| i64::from(byte(at) as i8)).sum();
        if given != unsigned && given != signed {
            return None;
        }
        Some(match (&block[257..263], &block[263..265], &block[508..512]) {
            (b"ustar\0", _, b"tar\0") => Format::Star,
            (b"ustar\0", ..) => Format::Ustar,
            (b"ustar ", b" \0", _) => Format::Gnu,
            _ => Format::V7,
        })
    }
}

/// Text up to the first NUL.
fn text(field: &[u8]) -> &[u8] {
    field.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// A number, binary if its first bit is set, octal otherwise.
fn numeric(field: &[u8]) -> Result<i64> {
    if field.first().is_none_or(|byte| byte & 0x80 == 0) {
        return octal(field);
    }
    let invert = if field[0] & 0x40 != 0 { 0xFF } else { 0 };
    let mut value: u64 = 0;
    for (at, &byte) in field.iter().enumerate() {
        let byte = byte ^ invert;
        let byte = if at == 0 { byte & 0x7F } else { byte };
        if value >> 56 > 0 {
            return Err(TarError::Header);
        }
        value = value << 8 | u64::from(byte);
    }
    let value = i64::try_from(value).map_err(|_| TarError::Header)?;
    Ok(if invert == 0 { value } else { !value })
}

fn octal(field: &[u8]) -> Result<i64> {
    let is_filler = |byte: &u8| matches!(byte, b' ' | 0);
    let start = field.iter().position(|byte| !is_filler(byte));
    let end = field.iter().rposition(|byte| !is_filler(byte));
    let (Some(start), Some(end)) = (start, end) else { return Ok(0) };
    let digits = std::str::from_utf8(text(&field[start..=end])).map_err(|_| TarError::Header)?;
    if digits.starts_with('+') {
        return Err(TarError::Header);
    }
    u64::from_str_radix(digits, 8).map(|value| value as i64).map_err(|_| TarError::Header)
}

/// A decimal number with a sign, as `strconv.ParseInt`.
fn decimal(digits: &[u8]) -> Option<i64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// The first record of a PAX header, `length key=value\n`, and what follows.
fn pax_record(data: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = data.iter().position(|&byte| byte == b' ')?;
    let length = decimal(&data[..space]).and_then(|length| usize::try_from(length).ok())?;
    if length < 5 || length > data.len() || length <= space + 1 {
        return None;
    }
    let record = data[space + 1..length].strip_suffix(b"\n")?;
    let equals = record.iter().position(|&byte| byte == b'=')?;
    let (key, value) = (&record[..equals], &record[equals + 1..]);
    let checked = if matches!(key, b"path" | b"linkpath" | b"uname" | b"gname") { value } else { key };
    (!key.is_empty() && !checked.contains(&0)).then_some((key, value, &data[length..]))
}
