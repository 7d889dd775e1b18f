//! Base64 and base32 as Go's packages do them, with their errors.

use chart_lint_template::{Args, Function, Result, State, Type, Value};

const TEXT: &[Type] = &[Type::String];

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "b64enc",
        params: TEXT,
        variadic: false,
        run: |state, args| encoded(state, args, base64_encode),
    },
    Function {
        name: "b64dec",
        params: TEXT,
        variadic: false,
        run: |_, args| Ok(or_message(base64_decode(args.bytes(0)))),
    },
    Function {
        name: "b32enc",
        params: TEXT,
        variadic: false,
        run: |state, args| encoded(state, args, base32_encode),
    },
    Function {
        name: "b32dec",
        params: TEXT,
        variadic: false,
        run: |_, args| Ok(or_message(base32_decode(args.bytes(0)))),
    },
];

fn encoded(state: &mut State<'_>, args: &mut Args<'_>, encode: fn(&[u8], &mut Vec<u8>)) -> Result<Value> {
    let bytes = args.bytes(0);
    // Encoding again and again grows without a loop that counts steps.
    state.spend_bytes(2 * bytes.len())?;
    let mut out = Vec::new();
    encode(bytes, &mut out);
    Ok(Value::from(out))
}

/// Sprig gives the text of an error as the result.
fn or_message(result: std::result::Result<Vec<u8>, String>) -> Value {
    result.map_or_else(Value::from, Value::from)
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The value of each byte as a digit; 255 for what is none.
const fn digits(alphabet: &[u8]) -> [u8; 256] {
    let mut table = [NO_DIGIT; 256];
    let mut i = 0;
    while i < alphabet.len() {
        table[alphabet[i] as usize] = i as u8;
        i += 1;
    }
    table
}

const NO_DIGIT: u8 = 0xFF;
static BASE64_DIGITS: [u8; 256] = digits(BASE64);
static BASE32_DIGITS: [u8; 256] = digits(BASE32);

/// Appends bytes in base64, with padding.
pub(crate) fn base64_encode(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let digit = BASE64[(bits >> (18 - 6 * i)) as usize & 63];
            out.push(if i <= chunk.len() { digit } else { b'=' });
        }
    }
}

fn base32_encode(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len().div_ceil(5) * 8);
    for chunk in bytes.chunks(5) {
        let bits = (0..5).fold(0, |bits, i| bits << 8 | u64::from(chunk.get(i).copied().unwrap_or(0)));
        let digits = (8 * chunk.len()).div_ceil(5);
        for i in 0..8 {
            let digit = BASE32[(bits >> (35 - 5 * i)) as usize & 31];
            out.push(if i < digits { digit } else { b'=' });
        }
    }
}

fn is_line_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Decodes base64; line breaks are skipped. The error is Go's, with the offset it names.
pub(crate) fn base64_decode(text: &[u8]) -> std::result::Result<Vec<u8>, String> {
    let corrupt = |at: usize| Err(format!("illegal base64 data at input byte {at}"));
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let mut at = 0;
    let skip_line_breaks = |mut at: usize| {
        while text.get(at).copied().is_some_and(is_line_break) {
            at += 1;
        }
        at
    };
    loop {
        let mut group = [0; 4];
        let mut count = 0;
        let mut ended = false;
        while count < 4 {
            let Some(&byte) = text.get(at) else {
                if count == 0 {
                    return Ok(out);
                }
                return corrupt(at - count);
            };
            at += 1;
            let digit = BASE64_DIGITS[usize::from(byte)];
            if digit != NO_DIGIT {
                group[count] = digit;
                count += 1;
                continue;
            }
            if is_line_break(byte) {
                continue;
            }
            if byte != b'=' || count < 2 {
                return corrupt(at - 1);
            }
            if count == 2 {
                at = skip_line_breaks(at);
                match text.get(at) {
                    None => return corrupt(text.len()),
                    Some(b'=') => at += 1,
                    Some(_) => return corrupt(at - 1),
                }
            }
            at = skip_line_breaks(at);
            if at < text.len() {
                return corrupt(at);
            }
            ended = true;
            break;
        }
        let bits = group.iter().fold(0, |bits, &digit| bits << 6 | u32::from(digit));
        out.extend_from_slice(&bits.to_be_bytes()[1..count]);
        if ended {
            return Ok(out);
        }
    }
}

fn base32_decode(text: &[u8]) -> std::result::Result<Vec<u8>, String> {
    let text: Vec<u8> = text.iter().copied().filter(|&byte| !is_line_break(byte)).collect();
    let corrupt = |at: usize| Err(format!("illegal base32 data at input byte {at}"));
    let mut out = Vec::with_capacity(text.len() / 8 * 5);
    let mut at = 0;
    while at < text.len() {
        let mut group = [0; 8];
        let mut count = 0;
        let mut ended = false;
        while count < 8 {
            let Some(&byte) = text.get(at) else { return corrupt(at - count) };
            at += 1;
            let rest = &text[at..];
            if byte == b'=' && count >= 2 && rest.len() < 8 {
                if rest.len() + count < 7 {
                    return corrupt(text.len());
                }
                if let Some(wrong) = rest.iter().take(7 - count).position(|&byte| byte != b'=') {
                    return corrupt(at + wrong - 1);
                }
                if matches!(count, 1 | 3 | 6) {
                    return corrupt(at - 1);
                }
                ended = true;
                break;
            }
            group[count] = BASE32_DIGITS[usize::from(byte)];
            if group[count] == NO_DIGIT {
                return corrupt(at - 1);
            }
            count += 1;
        }
        let bits = group.iter().fold(0, |bits, &digit| bits << 5 | u64::from(digit));
        out.extend_from_slice(&bits.to_be_bytes()[3..3 + count * 5 / 8]);
        if ended {
            break;
        }
    }
    Ok(out)
}
