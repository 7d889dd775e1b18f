//! Private keys: read from PEM with Go's errors, written as Go writes them, generated, and used to sign.

use num_bigint::BigUint;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::asn1::{self, Parsed, unmarshal};
use super::curves::{Curve, ed25519_public, ed25519_sign, padded};
use super::der::{self, bit_string, constructed, element, integer, sequence};
use super::pem;

/// A private key, as Go's packages have them.
#[derive(Clone)]
pub(super) enum PrivateKey {
    Rsa(Box<Rsa>),
    Ecdsa(&'static Curve, BigUint),
    /// The seed.
    Ed25519(Vec<u8>),
    /// P, Q, G, Y, X.
    Dsa([BigUint; 5]),
    /// Can be read, but not used to sign.
    X25519,
}

#[derive(Clone)]
pub(super) struct Rsa {
    n: BigUint,
    e: u32,
    d: BigUint,
    p: BigUint,
    q: BigUint,
}

/// A public key: its algorithm, what Go calls its type, and its bytes in a certificate.
#[derive(Clone, PartialEq)]
pub(super) struct PublicKey {
    /// The algorithm identifier in DER.
    pub(super) algorithm: Vec<u8>,
    pub(super) bytes: Vec<u8>,
}

/// Random numbers, from the host.
pub(super) type Random<'r> = dyn FnMut(&mut [u8]) + 'r;

const RSA: &[u64] = &[1, 2, 840, 113549, 1, 1, 1];
const ECDSA: &[u64] = &[1, 2, 840, 10045, 2, 1];
const ED25519: &[u64] = &[1, 3, 101, 112];
const X25519: &[u64] = &[1, 3, 101, 110];

/// An object identifier in DER.
pub(super) fn object_id(numbers: &[u64]) -> Vec<u8> {
    let mut out = Vec::new();
    let first = 40 * numbers[0] + numbers[1];
    for number in std::iter::once(&first).chain(&numbers[2..]) {
        let groups = (64 - number.leading_zeros()).div_ceil(7).max(1);
        for group in (0..groups).rev() {
            let more = if group > 0 { 0x80 } else { 0 };
            out.push((number >> (7 * group)) as u8 & 0x7F | more);
        }
    }
    element(der::OBJECT_ID, &out)
}

const NULL: &[u8] = &[der::NULL, 0];

/// Sprig's `parsePrivateKeyPEM`.
pub(super) fn parse_pem(text: &[u8]) -> Result<PrivateKey, String> {
    let block = pem::decode(text).ok_or("no PEM data in input")?;
    let label = chart_lint_template::text::to_utf8(&block.label).into_owned();
    if label == "PRIVATE KEY" {
        return parse_pkcs8(&block.bytes).map_err(|error| format!("decoding PEM as PKCS#8: {error}"));
    }
    let Some(kind) = label.strip_suffix(" PRIVATE KEY") else {
        return Err(format!("no private key data in PEM block of type {label}"));
    };
    let key = match kind {
        "RSA" => parse_pkcs1(&block.bytes),
        "EC" => parse_ec(None, &block.bytes),
        "DSA" => unmarshal(&block.bytes, asn1::DSA).map(|(parsed, _)| {
            let number = |index: usize| parsed.field(index).big();
            PrivateKey::Dsa([number(1), number(2), number(3), number(4), number(5)])
        }),
        _ => return Err(format!("invalid private key type {label}")),
    };
    key.map_err(|error| format!("parsing {kind} private key from PEM: {error}"))
}

fn other_format(function: &str) -> String {
    format!("x509: failed to parse private key (use {function} instead for this key format)")
}

fn parse_pkcs1(bytes: &[u8]) -> Result<PrivateKey, String> {
    let (key, rest) = unmarshal(bytes, asn1::PKCS1).map_err(|error| {
        if unmarshal(bytes, asn1::EC).is_ok() {
            return other_format("ParseECPrivateKey");
        }
        if unmarshal(bytes, asn1::PKCS8).is_ok() {
            return other_format("ParsePKCS8PrivateKey");
        }
        error
    })?;
    if !rest.is_empty() {
        return Err("asn1: syntax error: trailing data".to_owned());
    }
    if key.field(0).int() > 1 {
        return Err("x509: unsupported private key version".to_owned());
    }
    let not_positive = "x509: private key contains zero or negative value";
    let positive = |index: usize| key.field(index).positive().ok_or(not_positive);
    let (n, d, p, q) = (positive(1)?, positive(3)?, positive(4)?, positive(5)?);
    for index in 6..9 {
        if !key.field(index).is_absent() {
            positive(index)?;
        }
    }
    let precomputed = match (key.field(6), key.field(7), key.field(8)) {
        (Parsed::Big(_, dp), Parsed::Big(_, dq), Parsed::Big(_, inverse)) => Some([dp, dq, inverse]),
        _ => None,
    };
    let e = key.field(2).int();
    if let Parsed::List(primes) = key.field(9)
        && !primes.is_empty()
    {
        let positive = |prime: &Parsed| prime.field(0).positive().is_some();
        if !primes.iter().all(positive) {
            return Err("x509: private key contains zero or negative prime".to_owned());
        }
        check_public(n, e)?;
    } else {
        check_rsa(n, e, d, p, q, precomputed)?;
    }
    let rsa = Rsa { n: n.clone(), e: e as u32, d: d.clone(), p: p.clone(), q: q.clone() };
    Ok(PrivateKey::Rsa(Box::new(rsa)))
}

/// Go's check of the public part of an RSA key.
fn check_public(n: &BigUint, e: i64) -> Result<(), String> {
    let message = match e {
        _ if !n.bit(0) => "crypto/rsa: public modulus is even",
        ..2 => "crypto/rsa: public exponent too small or negative",
        _ if e & 1 == 0 => "crypto/rsa: public exponent is even",
        _ if e > i64::from(i32::MAX) => "crypto/rsa: public exponent too large",
        _ => return Ok(()),
    };
    Err(message.to_owned())
}

/// A number that has to be below a modulus; Go counts its words first.
fn below<'n>(n: &'n BigUint, modulus: &BigUint) -> Result<&'n BigUint, String> {
    let words = modulus.bits().div_ceil(64);
    if n.bits().div_ceil(8) > 8 * words {
        return Err("input overflows the modulus size".to_owned());
    }
    if n >= modulus { Err("input overflows the modulus".to_owned()) } else { Ok(n) }
}

/// Go's checks of an RSA key.
fn check_rsa(
    n: &BigUint,
    e: i64,
    d: &BigUint,
    p: &BigUint,
    q: &BigUint,
    precomputed: Option<[&BigUint; 3]>,
) -> Result<(), String> {
    let one = BigUint::from(1u32);
    let modulus = |n: &BigUint| if *n <= one { Err("modulus must be > 1".to_owned()) } else { Ok(()) };
    let error = |message: &str| Err(format!("crypto/rsa: {message}"));
    modulus(n)?;
    modulus(p)?;
    modulus(q)?;
    below(d, n)?;
    let (p1, q1) = (p - &one, q - &one);
    let (dp, dq, inverse) = match precomputed {
        Some([dp, dq, inverse]) => {
            below(inverse, p)?;
            (dp.clone(), dq.clone(), inverse.clone())
        }
        None => {
            modulus(&p1)?;
            modulus(&q1)?;
            if !p.bit(0) {
                return error("p is even");
            }
            (d % &p1, d % &q1, (q % p).modpow(&(p - 2u32), p))
        }
    };
    check_public(n, e)?;
    if p >= n || q >= n {
        return error("invalid prime");
    }
    if p * q % n != BigUint::ZERO {
        return error("p * q != n");
    }
    for (d, prime1) in [(&dp, &p1), (&dq, &q1)] {
        if *prime1 <= one {
            return error("invalid prime");
        }
        if d >= prime1 || d * BigUint::from(e as u64) % prime1 != one {
            return error("invalid CRT exponent");
        }
    }
    if q * &inverse % p != one {
        return error("invalid CRT coefficient");
    }
    if d % &p1 != dp {
        return error("d does not match dP");
    }
    if d % &q1 != dq {
        return error("d does not match dQ");
    }
    let difference = match p.cmp(q) {
        std::cmp::Ordering::Equal => return error("p == q"),
        std::cmp::Ordering::Less => q - p,
        std::cmp::Ordering::Greater => p - q,
    };
    if difference.bits() as i64 <= n.bits() as i64 / 2 - 100 {
        return error("|p - q| too small");
    }
    if d.bits() <= n.bits() / 2 {
        return error("d too small");
    }
    Ok(())
}

fn parse_pkcs8(bytes: &[u8]) -> Result<PrivateKey, String> {
    let (key, _) = unmarshal(bytes, asn1::PKCS8).map_err(|error| {
        if unmarshal(bytes, asn1::EC).is_ok() {
            return other_format("ParseECPrivateKey");
        }
        if unmarshal(bytes, asn1::PKCS1).is_ok() {
            return other_format("ParsePKCS1PrivateKey");
        }
        error
    })?;
    let algorithm = key.field(1);
    let parameters = algorithm.field(1).bytes();
    let private = key.field(2).bytes();
    match algorithm.field(0).object_id() {
        RSA => parse_pkcs1(private)
            .map_err(|error| format!("x509: failed to parse RSA private key embedded in PKCS#8: {error}")),
        ECDSA => {
            let curve = asn1::read_object_id(parameters);
            parse_ec(curve.as_deref(), private)
                .map_err(|error| format!("x509: failed to parse EC private key embedded in PKCS#8: {error}"))
        }
        numbers @ (ED25519 | X25519) => {
            let name = if numbers == ED25519 { "Ed25519" } else { "X25519" };
            if !parameters.is_empty() {
                return Err(format!("x509: invalid {name} private key parameters"));
            }
            let seed = asn1::read_bytes(private)
                .map_err(|error| format!("x509: invalid {name} private key: {error}"))?;
            match (name, seed.len()) {
                ("Ed25519", 32) => Ok(PrivateKey::Ed25519(seed)),
                ("Ed25519", length) => Err(format!("x509: invalid Ed25519 private key length: {length}")),
                (_, 32) => Ok(PrivateKey::X25519),
                _ => Err("crypto/ecdh: invalid private key size".to_owned()),
            }
        }
        numbers => {
            let shown: Vec<String> = numbers.iter().map(u64::to_string).collect();
            let shown = shown.join(".");
            Err(format!("x509: PKCS#8 wrapping contained private key with unknown algorithm: {shown}"))
        }
    }
}

fn parse_ec(curve: Option<&[u64]>, bytes: &[u8]) -> Result<PrivateKey, String> {
    let (key, _) = unmarshal(bytes, asn1::EC).map_err(|error| {
        if unmarshal(bytes, asn1::PKCS8).is_ok() {
            return other_format("ParsePKCS8PrivateKey");
        }
        if unmarshal(bytes, asn1::PKCS1).is_ok() {
            return other_format("ParsePKCS1PrivateKey");
        }
        format!("x509: failed to parse EC private key: {error}")
    })?;
    let version = key.field(0).int();
    if version != 1 {
        return Err(format!("x509: unknown EC private key version {version}"));
    }
    let curve = Curve::find(curve.unwrap_or(key.field(2).object_id()));
    let curve = curve.ok_or("x509: unknown elliptic curve")?;
    let size = (curve.n.bits() as usize).div_ceil(8);
    let mut private = key.field(1).bytes();
    while private.len() > size {
        if private[0] != 0 {
            return Err("x509: invalid private key length".to_owned());
        }
        private = &private[1..];
    }
    let private = BigUint::from_bytes_be(private);
    if &private % &curve.n == BigUint::ZERO {
        return Err("ecdsa: invalid public key encoding".to_owned());
    }
    if private >= curve.n {
        return Err("input overflows the modulus".to_owned());
    }
    Ok(PrivateKey::Ecdsa(curve, private))
}

impl PrivateKey {
    /// Sprig's `pemBlockForKey`.
    pub(super) fn to_pem(&self) -> Option<String> {
        let zero = integer(&BigUint::ZERO);
        Some(match self {
            PrivateKey::Rsa(key) => {
                let one = BigUint::from(1u32);
                let (p1, q1) = (&key.p - &one, &key.q - &one);
                let inverse = key.q.modinv(&key.p).unwrap_or_default();
                let numbers = [
                    key.n.clone(),
                    key.e.into(),
                    key.d.clone(),
                    key.p.clone(),
                    key.q.clone(),
                    &key.d % p1,
                    &key.d % q1,
                    inverse,
                ];
                let parts: Vec<Vec<u8>> = numbers.iter().map(integer).collect();
                pem::encode("RSA PRIVATE KEY", &element(der::SEQUENCE, &[zero, parts.concat()].concat()))
            }
            PrivateKey::Dsa(numbers) => {
                let parts: Vec<Vec<u8>> = numbers.iter().map(integer).collect();
                pem::encode("DSA PRIVATE KEY", &element(der::SEQUENCE, &[zero, parts.concat()].concat()))
            }
            PrivateKey::Ecdsa(curve, private) => {
                let size = (curve.n.bits() as usize).div_ceil(8);
                let key = sequence(&[
                    &integer(&BigUint::from(1u32)),
                    &element(der::OCTET_STRING, &padded(private, size)),
                    &element(constructed(0), &object_id(curve.object_id)),
                    &element(constructed(1), &bit_string(&curve.public_key(private)?)),
                ]);
                pem::encode("EC PRIVATE KEY", &key)
            }
            PrivateKey::Ed25519(seed) => {
                let seed = element(der::OCTET_STRING, seed);
                let algorithm = sequence(&[&object_id(ED25519)]);
                let key = sequence(&[&zero, &algorithm, &element(der::OCTET_STRING, &seed)]);
                pem::encode("PRIVATE KEY", &key)
            }
            PrivateKey::X25519 => return None,
        })
    }

    /// The public key for a certificate.
    pub(super) fn public_key(&self) -> Result<PublicKey, String> {
        let (algorithm, bytes) = match self {
            PrivateKey::Rsa(key) => {
                (sequence(&[&object_id(RSA), NULL]), sequence(&[&integer(&key.n), &integer(&key.e.into())]))
            }
            PrivateKey::Ecdsa(curve, private) => (
                sequence(&[&object_id(ECDSA), &object_id(curve.object_id)]),
                curve.public_key(private).unwrap_or_default(),
            ),
            PrivateKey::Ed25519(seed) => (sequence(&[&object_id(ED25519)]), ed25519_public(seed).to_vec()),
            PrivateKey::Dsa(_) => return Err("x509: unsupported public key type: *dsa.PublicKey".to_owned()),
            PrivateKey::X25519 => {
                return Err("x509: unsupported public key type: *ecdh.PublicKey".to_owned());
            }
        };
        Ok(PublicKey { algorithm, bytes })
    }

    /// The identifier in DER of how this key signs.
    pub(super) fn signature_algorithm(&self) -> Result<Vec<u8>, String> {
        let (numbers, parameters): (&[u64], &[u8]) = match self {
            PrivateKey::Rsa(_) => (&[1, 2, 840, 113549, 1, 1, 11], NULL),
            PrivateKey::Ecdsa(curve, _) => match curve.name {
                "P384" => (&[1, 2, 840, 10045, 4, 3, 3], &[]),
                "P521" => (&[1, 2, 840, 10045, 4, 3, 4], &[]),
                _ => (&[1, 2, 840, 10045, 4, 3, 2], &[]),
            },
            PrivateKey::Ed25519(_) => (ED25519, &[]),
            PrivateKey::Dsa(_) | PrivateKey::X25519 => {
                return Err("x509: certificate private key does not implement crypto.Signer".to_owned());
            }
        };
        Ok(sequence(&[&object_id(numbers), parameters]))
    }

    /// Signs a certificate's content.
    pub(super) fn sign(&self, message: &[u8], random: &mut Random<'_>) -> Result<Vec<u8>, String> {
        match self {
            PrivateKey::Rsa(key) => key.sign(message),
            PrivateKey::Ecdsa(curve, private) => {
                let hash = match curve.name {
                    "P384" => Sha384::digest(message).to_vec(),
                    "P521" => Sha512::digest(message).to_vec(),
                    _ => Sha256::digest(message).to_vec(),
                };
                let (r, s) = curve.sign(private, &hash, |limit| below_limit(limit, random));
                Ok(sequence(&[&integer(&r), &integer(&s)]))
            }
            PrivateKey::Ed25519(seed) => Ok(ed25519_sign(seed, message)),
            PrivateKey::Dsa(_) | PrivateKey::X25519 => self.signature_algorithm(),
        }
    }
}

/// A random number from 1 to below a limit.
pub(super) fn below_limit(limit: &BigUint, random: &mut Random<'_>) -> BigUint {
    let bits = limit.bits();
    let mut bytes = vec![0; bits.div_ceil(8) as usize];
    loop {
        random(&mut bytes);
        let n = BigUint::from_bytes_be(&bytes) >> (8 * bytes.len() as u64 - bits);
        if n != BigUint::ZERO && n < *limit {
            return n;
        }
    }
}

impl Rsa {
    /// PKCS #1 v1.5 with SHA-256.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        const PREFIX: &[u8] = &[
            0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
            0x00, 0x04, 0x20,
        ];
        let bits = self.n.bits();
        if bits < 1024 {
            return Err(format!(
                "crypto/rsa: {bits}-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)"
            ));
        }
        let size = bits.div_ceil(8) as usize;
        let hash = Sha256::digest(message);
        let padding = vec![0xFF; size - 3 - PREFIX.len() - hash.len()];
        let block = [&[0, 1][..], &padding, &[0], PREFIX, &hash].concat();
        let block = BigUint::from_bytes_be(&block);
        // By the Chinese remainder theorem: four times as fast.
        let one = BigUint::from(1u32);
        let power = |prime: &BigUint| (&block % prime).modpow(&(&self.d % (prime - &one)), prime);
        let (by_p, by_q) = (power(&self.p), power(&self.q));
        let inverse = self.q.modinv(&self.p).unwrap_or_default();
        let h = (by_p + &self.p - &by_q % &self.p) * inverse % &self.p;
        Ok(padded(&(by_q + h * &self.q), size))
    }

    /// A new key.
    pub(super) fn generate(bits: u64, random: &mut Random<'_>) -> Rsa {
        const E: u32 = 65537;
        let one = BigUint::from(1u32);
        loop {
            let (p, q) = (prime(bits / 2, random), prime(bits / 2, random));
            let (p1, q1) = (&p - &one, &q - &one);
            // Any multiple of the least common multiple will do, but Go takes the least.
            let common = &p1 * &q1 / gcd(&p1, &q1);
            let n = &p * &q;
            if let Some(d) = BigUint::from(E).modinv(&common)
                && check_rsa(&n, E.into(), &d, &p, &q, None).is_ok()
                && n.bits() == bits
            {
                return Rsa { n, e: E, d, p, q };
            }
        }
    }
}

fn gcd(a: &BigUint, b: &BigUint) -> BigUint {
    let (mut a, mut b) = (a.clone(), b.clone());
    while b != BigUint::ZERO {
        (a, b) = (b.clone(), a % b);
    }
    a
}

/// A random prime of so many bits, the two highest of which are set.
fn prime(bits: u64, random: &mut Random<'_>) -> BigUint {
    let small = small_primes();
    let mut bytes = vec![0; bits.div_ceil(8) as usize];
    loop {
        random(&mut bytes);
        let mut start = BigUint::from_bytes_be(&bytes) >> (8 * bytes.len() as u64 - bits);
        for bit in [0, bits - 1, bits - 2] {
            start.set_bit(bit, true);
        }
        // Looks at the odd numbers from a random one on; most have a small factor.
        let remainders: Vec<u32> =
            small.iter().map(|prime| (&start % prime).try_into().unwrap_or(0)).collect();
        for step in (0..1 << 13).step_by(2) {
            let has_factor = |(prime, remainder): (&u32, &u32)| (remainder + step) % prime == 0;
            if small.iter().zip(&remainders).any(has_factor) {
                continue;
            }
            let candidate = &start + step;
            if candidate.bits() == bits && is_prime(&candidate, random) {
                return candidate;
            }
        }
    }
}

fn small_primes() -> Vec<u32> {
    let mut primes: Vec<u32> = Vec::new();
    for n in (3..4096).step_by(2) {
        if primes.iter().take_while(|&&prime| prime * prime <= n).all(|prime| n % prime != 0) {
            primes.push(n);
        }
    }
    primes
}

/// Miller and Rabin's test, often enough for random numbers of this size.
fn is_prime(n: &BigUint, random: &mut Random<'_>) -> bool {
    const ROUNDS: usize = 8;
    let one = BigUint::from(1u32);
    let less = n - &one;
    let twos = less.trailing_zeros().unwrap_or(0);
    let odd = &less >> twos;
    (0..ROUNDS).all(|_| {
        let mut x = below_limit(&less, random).modpow(&odd, n);
        if x == one || x == less {
            return true;
        }
        (1..twos).any(|_| {
            x = &x * &x % n;
            x == less
        })
    })
}

/// A new key on P-256.
pub(super) fn generate_ecdsa(random: &mut Random<'_>) -> PrivateKey {
    let curve = Curve::p256();
    PrivateKey::Ecdsa(curve, below_limit(&curve.n, random))
}

/// A new DSA key with the numbers P, Q and G of another: those may be shared.
pub(super) fn generate_dsa(parameters: &PrivateKey, random: &mut Random<'_>) -> Option<PrivateKey> {
    let PrivateKey::Dsa([p, q, g, ..]) = parameters else { return None };
    let x = below_limit(q, random);
    Some(PrivateKey::Dsa([p.clone(), q.clone(), g.clone(), g.modpow(&x, p), x]))
}
