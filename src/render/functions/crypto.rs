//! Sprig's functions for hashes, passwords, keys, certificates and random text.
//!
//! With [`Chance::System`] keys and certificates are as random as Helm's. With [`Chance::Fixed`], for linting, they are
//! made of keys that come with the program, so that nothing differs between two runs and nothing takes long. Those
//! keys are known to everybody.

use std::any::Any;
use std::rc::Rc;

use aes::Aes256;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use chart_lint_template::value::Field;
use chart_lint_template::{
    Args, Data, Error, Function, List, NamedType, Object, Result, State, Type, UintKind, Underlying, Value,
    fmt,
};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use self::certificates::Template;
use self::keys::{PrivateKey, Rsa};
use crate::render::functions::encoding::{base64_decode, base64_encode};
use crate::render::functions::{dates, panics};
use crate::render::host::{Chance, host};

mod asn1;
mod certificates;
mod curves;
mod der;
mod keys;
mod pem;

const TEXT: Type = Type::String;
const COUNT: Type = Type::INT;
const LIST: Type = Type::LIST;

static CERTIFICATE_NAME: NamedType =
    NamedType { name: "sprig.certificate", underlying: Underlying::Struct, methods: &[] };
const CERTIFICATE: Type = Type::Named(&CERTIFICATE_NAME);

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "sha1sum",
        params: &[TEXT],
        variadic: false,
        run: |_, a| Ok(hex(&Sha1::digest(a.bytes(0)))),
    },
    Function {
        name: "sha256sum",
        params: &[TEXT],
        variadic: false,
        run: |_, a| Ok(hex(&Sha256::digest(a.bytes(0)))),
    },
    Function {
        name: "sha512sum",
        params: &[TEXT],
        variadic: false,
        run: |_, a| Ok(hex(&Sha512::digest(a.bytes(0)))),
    },
    Function { name: "adler32sum", params: &[TEXT], variadic: false, run: |_, a| Ok(adler32(a.bytes(0))) },
    Function {
        name: "bcrypt",
        params: &[TEXT],
        variadic: false,
        run: |s, a| Ok(Value::from(bcrypt_hash(s, a.bytes(0))?)),
    },
    Function { name: "htpasswd", params: &[TEXT, TEXT], variadic: false, run: htpasswd },
    Function {
        name: "derivePassword",
        params: &[Type::Uint(UintKind::Uint32), TEXT, TEXT, TEXT, TEXT],
        variadic: false,
        run: derive_password,
    },
    Function { name: "genPrivateKey", params: &[TEXT], variadic: false, run: gen_private_key },
    Function { name: "buildCustomCert", params: &[TEXT, TEXT], variadic: false, run: build_custom_cert },
    Function { name: "genCA", params: &[TEXT, COUNT], variadic: false, run: |s, a| authority(s, a, None) },
    Function {
        name: "genCAWithKey",
        params: &[TEXT, COUNT, TEXT],
        variadic: false,
        run: |s, a| authority(s, a, Some(2)),
    },
    Function {
        name: "genSelfSignedCert",
        params: &[TEXT, LIST, LIST, COUNT],
        variadic: false,
        run: |s, a| self_signed(s, a, None),
    },
    Function {
        name: "genSelfSignedCertWithKey",
        params: &[TEXT, LIST, LIST, COUNT, TEXT],
        variadic: false,
        run: |s, a| self_signed(s, a, Some(4)),
    },
    Function {
        name: "genSignedCert",
        params: &[TEXT, LIST, LIST, COUNT, CERTIFICATE],
        variadic: false,
        run: |s, a| signed(s, a, None),
    },
    Function {
        name: "genSignedCertWithKey",
        params: &[TEXT, LIST, LIST, COUNT, CERTIFICATE, TEXT],
        variadic: false,
        run: |s, a| signed(s, a, Some(5)),
    },
    Function { name: "encryptAES", params: &[TEXT, TEXT], variadic: false, run: encrypt },
    Function {
        name: "decryptAES",
        params: &[TEXT, TEXT],
        variadic: false,
        run: |_, a| decrypt(a.bytes(0), a.bytes(1)),
    },
    Function { name: "randBytes", params: &[COUNT], variadic: false, run: rand_bytes },
    Function {
        name: "randAlphaNum",
        params: &[COUNT],
        variadic: false,
        run: |s, a| rand_text(s, a, ALPHANUMERIC),
    },
    Function {
        name: "randAlpha",
        params: &[COUNT],
        variadic: false,
        run: |s, a| rand_text(s, a, &ALPHANUMERIC[10..]),
    },
    Function {
        name: "randNumeric",
        params: &[COUNT],
        variadic: false,
        run: |s, a| rand_text(s, a, &ALPHANUMERIC[..10]),
    },
    Function { name: "randAscii", params: &[COUNT], variadic: false, run: rand_ascii },
    Function { name: "randInt", params: &[COUNT, COUNT], variadic: false, run: rand_int },
    Function { name: "uuidv4", params: &[], variadic: false, run: uuid },
];

fn hex(bytes: &[u8]) -> Value {
    let mut out = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        out.extend([byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0')));
    }
    Value::from(out)
}

fn adler32(bytes: &[u8]) -> Value {
    const MODULUS: u32 = 65_521;
    let (mut a, mut b) = (1, 0);
    for chunk in bytes.chunks(5552) {
        for &byte in chunk {
            a += u32::from(byte);
            b += a;
        }
        a %= MODULUS;
        b %= MODULUS;
    }
    Value::from((b << 16 | a).to_string())
}

/// Steps that something slow is worth.
const SLOW: u64 = 200_000;

fn is_fixed(state: &mut State<'_>) -> bool {
    host(state).is_none_or(|host| host.chance == Chance::Fixed)
}

fn fill(state: &mut State<'_>, buffer: &mut [u8]) {
    if let Some(host) = host(state) {
        host.random(buffer);
    }
}

// ---- passwords ----

fn bcrypt_hash(state: &mut State<'_>, password: &[u8]) -> Result<String> {
    /// Go's default.
    const COST: u32 = 10;
    const FAST: u32 = 4;
    if password.len() > 72 {
        let error = "bcrypt: password length exceeds 72 bytes";
        return Ok(format!("failed to encrypt string with bcrypt: {error}"));
    }
    let fixed = is_fixed(state);
    if !fixed {
        state.spend_steps(SLOW)?;
    }
    let mut salt = [0; 16];
    fill(state, &mut salt);
    let cost = if fixed { FAST } else { COST };
    let hash = bcrypt::hash_with_salt(password, cost, salt)
        .map_err(|error| Error::new(format!("failed to encrypt string with bcrypt: {error}")))?
        .format_for_version(bcrypt::Version::TwoA);
    // While linting only the form counts.
    Ok(hash.replacen("$2a$04$", "$2a$10$", 1))
}

fn htpasswd(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let user = args.text(0);
    if user.as_bytes().contains(&b':') {
        return Ok(Value::from([b"invalid username: ", user.as_bytes()].concat()));
    }
    let hash = bcrypt_hash(state, args.bytes(1))?;
    Ok(Value::from([user.as_bytes(), b":", hash.as_bytes()].concat()))
}

/// The forms of derived passwords; each letter stands for one of [`characters`].
fn password_templates(kind: &[u8]) -> Option<&'static [&'static str]> {
    Some(match kind {
        b"maximum" => &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
        b"long" => &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
        b"medium" => &["CvcnoCvc", "CvcCvcno"],
        b"short" => &["Cvcn"],
        b"basic" => &["aaanaaan", "aannaaan", "aaannaaa"],
        b"pin" => &["nnnn"],
        _ => return None,
    })
}

fn characters(letter: u8) -> &'static [u8] {
    match letter {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'A' => b"AEIOUBCDFGHJKLMNPQRSTVWXYZ",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

/// The algorithm of Master Password, without randomness.
fn derive_password(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    const SEED: &[u8] = b"com.lyndir.masterpassword";
    let counter = match args.value(0).data {
        Data::Uint(n, _) => n as u32,
        _ => 0,
    };
    let kind = args.bytes(1);
    let Some(templates) = password_templates(kind) else {
        return Ok(Value::from([b"cannot find password template ", kind].concat()));
    };
    let (password, user, site) = (args.bytes(2), args.bytes(3), args.bytes(4));
    state.spend_steps(SLOW)?;
    let length = |bytes: &[u8]| (bytes.len() as u32).to_be_bytes();
    let salt = [SEED, &length(user), user].concat();
    let mut key = [0; 64];
    let params = scrypt::Params::new(15, 8, 2).map_err(|error| Error::new(error.to_string()))?;
    scrypt::scrypt(password, &salt, &params, &mut key).map_err(|error| Error::new(error.to_string()))?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|error| Error::new(error.to_string()))?;
    mac.update(&[SEED, &length(site), site, &counter.to_be_bytes()].concat());
    let seed = mac.finalize().into_bytes();
    let template = templates[usize::from(seed[0]) % templates.len()];
    let letters = template.bytes().zip(&seed[1..]).map(|(letter, &number)| {
        let choice = characters(letter);
        choice[usize::from(number) % choice.len()]
    });
    Ok(Value::from(letters.collect::<Vec<u8>>()))
}

// ---- AES ----

fn cipher(password: &[u8]) -> Aes256 {
    let mut key = [0; 32];
    let length = password.len().min(key.len());
    key[..length].copy_from_slice(&password[..length]);
    Aes256::new(&key.into())
}

const BLOCK: usize = 16;

fn encrypt(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let text = args.bytes(1);
    if text.is_empty() {
        return Ok(Value::from(""));
    }
    state.spend_bytes(2 * text.len())?;
    let padding = BLOCK - text.len() % BLOCK;
    let mut content = text.to_vec();
    content.extend(std::iter::repeat_n(padding as u8, padding));
    let mut previous = [0; BLOCK];
    fill(state, &mut previous);
    let mut out = previous.to_vec();
    let cipher = cipher(args.bytes(0));
    for chunk in content.chunks_exact(BLOCK) {
        let mut block: [u8; BLOCK] = std::array::from_fn(|i| chunk[i] ^ previous[i]);
        let mixed = (&mut block).into();
        cipher.encrypt_block(mixed);
        out.extend_from_slice(&block);
        previous = block;
    }
    let mut base64 = Vec::new();
    base64_encode(&out, &mut base64);
    Ok(Value::from(base64))
}

fn decrypt(password: &[u8], text: &[u8]) -> Result<Value> {
    if text.is_empty() {
        return Ok(Value::from(""));
    }
    let bytes = base64_decode(text).map_err(Error::new)?;
    let out_of_range = |what: String| Err(Error::new(format!("runtime error: {what}")));
    if bytes.len() < BLOCK {
        // Go's slice reaches as far as its buffer, which was made for text without line breaks.
        let capacity = text.len() / 4 * 3;
        return out_of_range(match capacity {
            0..BLOCK => format!("slice bounds out of range [:{BLOCK}] with capacity {capacity}"),
            _ => format!("slice bounds out of range [{BLOCK}:{}]", bytes.len()),
        });
    }
    if bytes.len() % BLOCK != 0 {
        return Err(Error::new("crypto/cipher: input not full blocks"));
    }
    let cipher = cipher(password);
    let mut out = Vec::with_capacity(bytes.len());
    for pair in bytes.windows(2 * BLOCK).step_by(BLOCK) {
        let (previous, chunk) = pair.split_at(BLOCK);
        let mut block: [u8; BLOCK] = std::array::from_fn(|i| chunk[i]);
        cipher.decrypt_block((&mut block).into());
        out.extend(block.iter().zip(previous).map(|(a, b)| a ^ b));
    }
    let Some(&padding) = out.last() else {
        return out_of_range("index out of range [-1]".to_owned());
    };
    match out.len().checked_sub(padding.into()) {
        Some(length) => {
            out.truncate(length);
            Ok(Value::from(out))
        }
        None => {
            let missing = usize::from(padding) - out.len();
            out_of_range(format!("slice bounds out of range [:-{missing}]"))
        }
    }
}

// ---- keys and certificates ----

/// A certificate with its key, as templates see it.
struct Certificate {
    cert: Vec<u8>,
    key: Vec<u8>,
}

impl Object for Certificate {
    fn type_of(&self) -> Type {
        CERTIFICATE
    }

    fn fields(&self) -> Vec<Field> {
        vec![Field::new("Cert", self.cert.clone()), Field::new("Key", self.key.clone())]
    }

    fn equals(&self, other: &dyn Object) -> bool {
        let other = other.as_any().downcast_ref::<Certificate>();
        other.is_some_and(|other| self.cert == other.cert && self.key == other.key)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn certificate(cert: impl Into<Vec<u8>>, key: impl Into<Vec<u8>>) -> Value {
    let certificate = Certificate { cert: cert.into(), key: key.into() };
    Value::from(Rc::new(certificate) as Rc<dyn Object>)
}

/// The keys that come with the program.
#[derive(Clone, Copy)]
enum Known {
    Rsa4096,
    Authority,
    Server,
    Ecdsa,
    Ed25519,
    Dsa,
}

fn known(which: Known) -> &'static str {
    match which {
        Known::Rsa4096 => include_str!("keys/rsa-4096.pem"),
        Known::Authority => include_str!("keys/rsa-2048-authority.pem"),
        Known::Server => include_str!("keys/rsa-2048-server.pem"),
        Known::Ecdsa => include_str!("keys/ecdsa.pem"),
        Known::Ed25519 => include_str!("keys/ed25519.pem"),
        Known::Dsa => include_str!("keys/dsa.pem"),
    }
}

fn known_key(which: Known) -> Result<PrivateKey> {
    keys::parse_pem(known(which).as_bytes()).map_err(Error::new)
}

fn gen_private_key(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let which = match args.bytes(0) {
        b"" | b"rsa" => Known::Rsa4096,
        b"dsa" => Known::Dsa,
        b"ecdsa" => Known::Ecdsa,
        b"ed25519" => Known::Ed25519,
        other => return Ok(Value::from([b"Unknown type ", other].concat())),
    };
    if is_fixed(state) {
        return Ok(Value::from(known(which)));
    }
    state.spend_steps(SLOW)?;
    let mut random = |buffer: &mut [u8]| fill(state, buffer);
    let key = match which {
        Known::Dsa => keys::generate_dsa(&known_key(Known::Dsa)?, &mut random),
        Known::Ecdsa => Some(keys::generate_ecdsa(&mut random)),
        Known::Ed25519 => {
            let mut seed = vec![0; 32];
            random(&mut seed);
            Some(PrivateKey::Ed25519(seed))
        }
        _ => Some(PrivateKey::Rsa(Box::new(Rsa::generate(4096, &mut random)))),
    };
    Ok(Value::from(key.and_then(|key| key.to_pem()).unwrap_or_default()))
}

/// A key for a certificate: the one given, or a new one.
fn certificate_key(
    state: &mut State<'_>,
    args: &Args<'_>,
    given: Option<usize>,
    which: Known,
) -> Result<PrivateKey> {
    if let Some(index) = given {
        return keys::parse_pem(args.bytes(index))
            .map_err(|error| Error::new(format!("parsing private key: {error}")));
    }
    if is_fixed(state) {
        return known_key(which);
    }
    state.spend_steps(SLOW)?;
    let key = Rsa::generate(2048, &mut |buffer: &mut [u8]| fill(state, buffer));
    Ok(PrivateKey::Rsa(Box::new(key)))
}

fn build_custom_cert(_: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let error = |message: String| Error::new(message);
    let cert =
        base64_decode(args.bytes(0)).map_err(|_| error("unable to decode base64 certificate".to_owned()))?;
    let key =
        base64_decode(args.bytes(1)).map_err(|_| error("unable to decode base64 private key".to_owned()))?;
    let block = pem::decode(&cert).ok_or_else(|| error("unable to decode certificate".to_owned()))?;
    certificates::parse(&block.bytes)
        .map_err(|message| error(format!("error parsing certificate: decodedCert.Bytes: {message}")))?;
    keys::parse_pem(&key).map_err(|message| error(format!("error parsing private key: {message}")))?;
    Ok(certificate(cert, key))
}

/// Sprig's `getBaseCertTemplate`.
fn template<'t>(
    state: &mut State<'_>,
    common_name: &'t [u8],
    addresses: &List,
    domains: &List,
    days: i64,
    is_authority: bool,
) -> Result<Template<'t>> {
    let mut template = Template {
        common_name,
        addresses: Vec::new(),
        domains: Vec::new(),
        validity: validity(state, days),
        is_authority,
    };
    for address in addresses.iter() {
        let text = address.as_text();
        let text = text.ok_or_else(|| {
            Error::new(format!("error parsing ip: {} is not a string", fmt::sprint_value(address)))
        })?;
        let parsed = text.to_utf8().parse::<std::net::IpAddr>();
        let parsed = parsed.map_err(|_| Error::new(format!("error parsing ip: {}", text.to_utf8())))?;
        template.addresses.push(match parsed.to_canonical() {
            std::net::IpAddr::V4(address) => address.octets().to_vec(),
            std::net::IpAddr::V6(address) => address.octets().to_vec(),
        });
    }
    for domain in domains.iter() {
        let text = domain.as_text().ok_or_else(|| {
            let shown = fmt::sprint_value(domain);
            Error::new(format!("error processing alternate dns name: {shown} is not a string"))
        })?;
        template.domains.push(text.as_bytes().to_vec());
    }
    Ok(template)
}

fn validity(state: &mut State<'_>, days: i64) -> std::result::Result<Vec<u8>, String> {
    let mut out = Vec::new();
    for (year, text) in dates::days_from_now(state, days) {
        if !(0..=9999).contains(&year) {
            return Err("asn1: structure error: cannot represent time as GeneralizedTime".to_owned());
        }
        let tag = if (1950..2050).contains(&year) { der::UTC_TIME } else { der::GENERALIZED_TIME };
        out.extend(der::element(tag, &text));
    }
    Ok(der::element(der::SEQUENCE, &out))
}

/// Makes a certificate and gives it with its key.
fn make(
    state: &mut State<'_>,
    template: &Template<'_>,
    key: &PrivateKey,
    parent: Option<(&certificates::Certificate, &PrivateKey)>,
) -> Result<Value> {
    let made = certificates::create(template, key, parent, &mut |buffer: &mut [u8]| fill(state, buffer));
    let made = made.map_err(|error| Error::new(format!("error creating certificate: {error}")))?;
    Ok(certificate(pem::encode("CERTIFICATE", &made), key.to_pem().unwrap_or_default()))
}

fn authority(state: &mut State<'_>, args: &mut Args<'_>, key: Option<usize>) -> Result<Value> {
    let key = certificate_key(state, args, key, Known::Authority)?;
    let none = List::nil(Type::LIST);
    let template = template(state, args.bytes(0), &none, &none, args.int(1), true)?;
    make(state, &template, &key, None)
}

fn self_signed(state: &mut State<'_>, args: &mut Args<'_>, key: Option<usize>) -> Result<Value> {
    let key = certificate_key(state, args, key, Known::Server)?;
    let template = template(state, args.bytes(0), &args.list(1), &args.list(2), args.int(3), false)?;
    make(state, &template, &key, None)
}

fn signed(state: &mut State<'_>, args: &mut Args<'_>, key: Option<usize>) -> Result<Value> {
    let key = certificate_key(state, args, key, Known::Server)?;
    let empty = Certificate { cert: Vec::new(), key: Vec::new() };
    let authority = match &args.value(4).data {
        Data::Object(object) => object.as_any().downcast_ref::<Certificate>(),
        _ => None,
    };
    let authority = authority.unwrap_or(&empty);
    let block = pem::decode(&authority.cert).ok_or_else(|| Error::new("unable to decode certificate"))?;
    let signer = certificates::parse(&block.bytes).map_err(|error| {
        Error::new(format!("error parsing certificate: decodedSignerCert.Bytes: {error}"))
    })?;
    let signer_key = keys::parse_pem(&authority.key)
        .map_err(|error| Error::new(format!("error parsing private key: {error}")))?;
    let template = template(state, args.bytes(0), &args.list(1), &args.list(2), args.int(3), false)?;
    make(state, &template, &key, Some((&signer, &signer_key)))
}

// ---- random ----

const ALPHANUMERIC: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

fn rand_text(state: &mut State<'_>, args: &mut Args<'_>, alphabet: &[u8]) -> Result<Value> {
    // Sprig drops the error for a negative number.
    let count = usize::try_from(args.int(0)).unwrap_or(0);
    state.spend_bytes(count)?;
    let mut out = Vec::with_capacity(count);
    let mut buffer = [0; 64];
    // Numbers that would make some characters more likely than others are left out.
    let limit = 256 / alphabet.len() * alphabet.len();
    while out.len() < count {
        fill(state, &mut buffer);
        let good = buffer.iter().map(|&byte| usize::from(byte)).filter(|&number| number < limit);
        let missing = count - out.len();
        out.extend(good.take(missing).map(|number| alphabet[number % alphabet.len()]));
    }
    Ok(Value::from(out))
}

fn rand_ascii(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let printable: Vec<u8> = (b' '..=b'~').collect();
    rand_text(state, args, &printable)
}

fn rand_bytes(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    /// More than Go can address.
    const TOO_LARGE: i64 = 1 << 48;
    let count = args.int(0);
    let count = usize::try_from(count).ok().filter(|_| count <= TOO_LARGE).ok_or_else(panics::makeslice)?;
    state.spend_bytes(count.saturating_mul(3))?;
    let mut bytes = vec![0; count];
    fill(state, &mut bytes);
    let mut out = Vec::new();
    base64_encode(&bytes, &mut out);
    Ok(Value::from(out))
}

fn rand_int(state: &mut State<'_>, args: &mut Args<'_>) -> Result<Value> {
    let (min, max) = (args.int(0), args.int(1));
    let count = max.wrapping_sub(min);
    if count <= 0 {
        return Err(Error::new("invalid argument to Intn"));
    }
    let count = count as u64;
    let limit = u64::MAX - u64::MAX % count;
    let mut bytes = [0; 8];
    loop {
        fill(state, &mut bytes);
        let number = u64::from_le_bytes(bytes);
        if number < limit {
            return Ok(Value::int(min.wrapping_add((number % count) as i64)));
        }
    }
}

fn uuid(state: &mut State<'_>, _: &mut Args<'_>) -> Result<Value> {
    let mut bytes = [0; 16];
    fill(state, &mut bytes);
    bytes[6] = bytes[6] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let number = u128::from_be_bytes(bytes);
    let part = |from: u32, digits: usize| {
        let value = number >> (128 - from - 4 * digits as u32) & ((1 << (4 * digits)) - 1);
        format!("{value:0digits$x}")
    };
    Ok(Value::from([part(0, 8), part(32, 4), part(48, 4), part(64, 4), part(80, 12)].join("-")))
}
