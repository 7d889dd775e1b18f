//! Elliptic curves: the NIST curves with ECDSA, and Ed25519.
//!
//! Plain arithmetic on large numbers: simple rather than fast, and its time depends on the numbers. That is fine for
//! keys and certificates that this process makes and prints.

use std::sync::OnceLock;

use num_bigint::BigUint;
use sha2::{Digest, Sha512};

/// The curves that Go knows by their object identifiers.
struct Parameters {
    name: &'static str,
    object_id: &'static [u64],
    p: &'static str,
    n: &'static str,
    b: &'static str,
    x: &'static str,
    y: &'static str,
}

const CURVES: [Parameters; 4] = [
    Parameters {
        name: "P224",
        object_id: &[1, 3, 132, 0, 33],
        p: "ffffffffffffffffffffffffffffffff000000000000000000000001",
        n: "ffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3d",
        b: "b4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4",
        x: "b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21",
        y: "bd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34",
    },
    Parameters {
        name: "P256",
        object_id: &[1, 2, 840, 10045, 3, 1, 7],
        p: "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        n: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        b: "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
        x: "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
        y: "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
    },
    Parameters {
        name: "P384",
        object_id: &[1, 3, 132, 0, 34],
        p: "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
        n: "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
        b: "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
        x: "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
        y: "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
    },
    Parameters {
        name: "P521",
        object_id: &[1, 3, 132, 0, 35],
        p: "1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        n: "1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
        b: "51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
        x: "c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66",
        y: "11839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
    },
];

/// A curve y² = x³ - 3x + b.
pub(super) struct Curve {
    pub(super) name: &'static str,
    pub(super) object_id: &'static [u64],
    p: BigUint,
    /// How many points there are.
    pub(super) n: BigUint,
    b: BigUint,
    base: (BigUint, BigUint),
}

impl PartialEq for Curve {
    fn eq(&self, other: &Curve) -> bool {
        self.name == other.name
    }
}

/// A point in projective form: x/z², y/z³. It is at infinity if z is 0.
struct Jacobian {
    x: BigUint,
    y: BigUint,
    z: BigUint,
}

impl Curve {
    /// The curve of an object identifier.
    pub(super) fn find(object_id: &[u64]) -> Option<&'static Curve> {
        static ALL: OnceLock<Vec<Curve>> = OnceLock::new();
        let number = |text: &str| BigUint::parse_bytes(text.as_bytes(), 16).unwrap_or_default();
        let all = ALL.get_or_init(|| {
            let curves = CURVES.iter().map(|curve| Curve {
                name: curve.name,
                object_id: curve.object_id,
                p: number(curve.p),
                n: number(curve.n),
                b: number(curve.b),
                base: (number(curve.x), number(curve.y)),
            });
            curves.collect()
        });
        all.iter().find(|curve| curve.object_id == object_id)
    }

    /// P-256, which Sprig uses for new keys.
    pub(super) fn p256() -> &'static Curve {
        static P256: OnceLock<&'static Curve> = OnceLock::new();
        P256.get_or_init(|| Curve::find(CURVES[1].object_id).unwrap_or_else(|| unreachable!()))
    }

    /// Bytes of a coordinate.
    pub(super) fn size(&self) -> usize {
        (self.p.bits() as usize).div_ceil(8)
    }

    fn sub(&self, a: &BigUint, b: &BigUint) -> BigUint {
        if a >= b { a - b } else { a + &self.p - b }
    }

    fn double(&self, point: &Jacobian) -> Jacobian {
        let p = &self.p;
        let delta = &point.z * &point.z % p;
        let gamma = &point.y * &point.y % p;
        let beta = &point.x * &gamma % p;
        let alpha = 3u32 * self.sub(&point.x, &delta) * (&point.x + &delta) % p;
        let x = self.sub(&(&alpha * &alpha % p), &(8u32 * &beta % p));
        let sum = &point.y + &point.z;
        let z = self.sub(&self.sub(&(&sum * &sum % p), &gamma), &delta);
        let y = self.sub(&(&alpha * self.sub(&(4u32 * &beta % p), &x) % p), &(8u32 * &gamma * &gamma % p));
        Jacobian { x, y, z }
    }

    fn add(&self, a: &Jacobian, b: &Jacobian) -> Jacobian {
        let p = &self.p;
        let is_infinite = |point: &Jacobian| point.z == BigUint::ZERO;
        let copy = |point: &Jacobian| Jacobian { x: point.x.clone(), y: point.y.clone(), z: point.z.clone() };
        if is_infinite(a) {
            return copy(b);
        }
        if is_infinite(b) {
            return copy(a);
        }
        let (az, bz) = (&a.z * &a.z % p, &b.z * &b.z % p);
        let (ax, bx) = (&a.x * &bz % p, &b.x * &az % p);
        let (ay, by) = (&a.y * &b.z * &bz % p, &b.y * &a.z * &az % p);
        let (h, r) = (self.sub(&bx, &ax), self.sub(&by, &ay));
        if h == BigUint::ZERO {
            if r == BigUint::ZERO {
                return self.double(a);
            }
            return Jacobian { x: BigUint::from(1u32), y: BigUint::from(1u32), z: BigUint::ZERO };
        }
        let h2 = &h * &h % p;
        let h3 = &h * &h2 % p;
        let v = &ax * &h2 % p;
        let x = self.sub(&self.sub(&(&r * &r % p), &h3), &(2u32 * &v % p));
        let y = self.sub(&(&r * self.sub(&v, &x) % p), &(&ay * &h3 % p));
        Jacobian { x, y, z: &a.z * &b.z * &h % p }
    }

    /// A multiple of the base point; `None` at infinity.
    fn multiple(&self, scalar: &BigUint) -> Option<(BigUint, BigUint)> {
        let one = BigUint::from(1u32);
        let base = Jacobian { x: self.base.0.clone(), y: self.base.1.clone(), z: one.clone() };
        let mut sum = Jacobian { x: one.clone(), y: one, z: BigUint::ZERO };
        for bit in (0..scalar.bits()).rev() {
            sum = self.double(&sum);
            if scalar.bit(bit) {
                sum = self.add(&sum, &base);
            }
        }
        let inverse = sum.z.modinv(&self.p)?;
        let square = &inverse * &inverse % &self.p;
        Some((sum.x * &square % &self.p, sum.y * square % &self.p * inverse % &self.p))
    }

    /// The public key of a private key: an uncompressed point.
    pub(super) fn public_key(&self, private: &BigUint) -> Option<Vec<u8>> {
        let (x, y) = self.multiple(private)?;
        Some([&[4][..], &padded(&x, self.size()), &padded(&y, self.size())].concat())
    }

    /// Whether some bytes are a point of the curve. The error is Go's.
    pub(super) fn check_point(&self, bytes: &[u8]) -> Result<(), String> {
        let name = self.name;
        if bytes.first() != Some(&4) {
            return Err("ecdsa: invalid uncompressed public key".to_owned());
        }
        if bytes.len() != 1 + 2 * self.size() {
            return Err(format!("invalid {name} point encoding"));
        }
        let (x, y) = bytes[1..].split_at(self.size());
        let (x, y) = (BigUint::from_bytes_be(x), BigUint::from_bytes_be(y));
        if x >= self.p || y >= self.p {
            // P-256 is written in assembly, with other words.
            let element = if name == "P256" { "P256 element".to_owned() } else { format!("{name}Element") };
            return Err(format!("invalid {element} encoding"));
        }
        let right = self.sub(&(&x * &x * &x + &self.b), &(3u32 * x % &self.p)) % &self.p;
        if y.modpow(&BigUint::from(2u32), &self.p) != right {
            return Err(format!("{name} point not on curve"));
        }
        Ok(())
    }

    /// An ECDSA signature of a hash, `r` and `s`. `random` gives numbers below the order of the curve.
    pub(super) fn sign(
        &self,
        private: &BigUint,
        hash: &[u8],
        mut random: impl FnMut(&BigUint) -> BigUint,
    ) -> (BigUint, BigUint) {
        // The leftmost bits of the hash, as many as the order has.
        let excess = (8 * hash.len() as u64).saturating_sub(self.n.bits());
        let hash = BigUint::from_bytes_be(hash) >> excess;
        loop {
            let k = random(&self.n);
            let (Some((x, _)), Some(inverse)) = (self.multiple(&k), k.modinv(&self.n)) else { continue };
            let r = x % &self.n;
            let s = inverse * (&hash + &r * private) % &self.n;
            if r != BigUint::ZERO && s != BigUint::ZERO {
                return (r, s);
            }
        }
    }
}

/// A number in so many bytes.
pub(super) fn padded(n: &BigUint, size: usize) -> Vec<u8> {
    let bytes = n.to_bytes_be();
    let mut out = vec![0; size.saturating_sub(bytes.len())];
    out.extend_from_slice(&bytes[bytes.len().saturating_sub(size)..]);
    out
}

// ---- Ed25519 ----

struct Edwards {
    p: BigUint,
    d: BigUint,
    /// How many points the base point reaches.
    order: BigUint,
    base: (BigUint, BigUint),
}

fn edwards() -> &'static Edwards {
    static EDWARDS: OnceLock<Edwards> = OnceLock::new();
    EDWARDS.get_or_init(|| {
        let number = |text: &[u8]| BigUint::parse_bytes(text, 16).unwrap_or_default();
        Edwards {
            p: number(b"7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed"),
            d: number(b"52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3"),
            order: number(b"1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed"),
            base: (
                number(b"216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51a"),
                number(b"6666666666666666666666666666666666666666666666666666666666666658"),
            ),
        }
    })
}

impl Edwards {
    /// The sum of two points in projective form (x/z, y/z).
    fn add(&self, a: &[BigUint; 3], b: &[BigUint; 3]) -> [BigUint; 3] {
        let p = &self.p;
        let [ax, ay, az] = a;
        let [bx, by, bz] = b;
        let zz = az * bz % p;
        let square = &zz * &zz % p;
        let (xx, yy) = (ax * bx % p, ay * by % p);
        let e = &self.d * &xx % p * &yy % p;
        let (f, g) = ((&square + p - &e) % p, (&square + &e) % p);
        let cross = ((ax + ay) * (bx + by) + p + p - &xx - &yy) % p;
        [&zz * &f % p * cross % p, &zz * &g % p * (yy + xx) % p, f * g % p]
    }

    fn multiple(&self, scalar: &BigUint) -> [u8; 32] {
        let one = BigUint::from(1u32);
        let base = [self.base.0.clone(), self.base.1.clone(), one.clone()];
        let mut sum = [BigUint::ZERO, one.clone(), one];
        for bit in (0..scalar.bits()).rev() {
            sum = self.add(&sum, &sum);
            if scalar.bit(bit) {
                sum = self.add(&sum, &base);
            }
        }
        let inverse = sum[2].modinv(&self.p).unwrap_or_default();
        let (x, y) = (&sum[0] * &inverse % &self.p, &sum[1] * &inverse % &self.p);
        let mut out = little_endian(&y);
        out[31] |= u8::from(x.bit(0)) << 7;
        out
    }
}

fn little_endian(n: &BigUint) -> [u8; 32] {
    let mut out = [0; 32];
    for (to, from) in out.iter_mut().zip(n.to_bytes_le()) {
        *to = from;
    }
    out
}

/// The secret number and the prefix that a seed stands for.
fn expand(seed: &[u8]) -> (BigUint, Vec<u8>) {
    let mut hash = Sha512::digest(seed).to_vec();
    let prefix = hash.split_off(32);
    hash[0] &= 248;
    hash[31] = hash[31] & 127 | 64;
    (BigUint::from_bytes_le(&hash), prefix)
}

/// The public key of an Ed25519 seed.
pub(super) fn ed25519_public(seed: &[u8]) -> [u8; 32] {
    edwards().multiple(&expand(seed).0)
}

/// An Ed25519 signature of a message.
pub(super) fn ed25519_sign(seed: &[u8], message: &[u8]) -> Vec<u8> {
    let edwards = edwards();
    let (secret, prefix) = expand(seed);
    let hash = |parts: &[&[u8]]| BigUint::from_bytes_le(&Sha512::digest(parts.concat())) % &edwards.order;
    let r = hash(&[&prefix, message]);
    let point = edwards.multiple(&r);
    let public = edwards.multiple(&secret);
    let s = (r + hash(&[&point, &public, message]) * secret) % &edwards.order;
    [point, little_endian(&s)].concat()
}
