//! X.509 certificates: read as strictly as Go's `crypto/x509` does, with its errors, and made as Sprig makes them.

use chart_lint_template::quote::go_quote;
use num_bigint::BigUint;
use sha2::{Digest, Sha256};

use super::curves::Curve;
use super::der::{
    self, BIT_STRING, BOOLEAN, GENERALIZED_TIME, INTEGER, OBJECT_ID, OCTET_STRING, Reader, SEQUENCE, SET,
    UTC_TIME, bit_string, components, constructed, context, element, integer, sequence, unsigned,
};
use super::keys::{PrivateKey, PublicKey, Random, object_id};

type Result<T> = std::result::Result<T, String>;

/// What the signer of another certificate has to say.
pub(super) struct Certificate {
    /// Its subject, with its head.
    pub(super) subject: Vec<u8>,
    /// `None` if Go does not know the algorithm.
    public_key: Option<PublicKey>,
    subject_key_id: Vec<u8>,
}

fn x509<T>(message: &str) -> Result<T> {
    Err(format!("x509: {message}"))
}

/// Gives the message if there is nothing.
trait OrError<T> {
    fn or_error(self, message: &str) -> Result<T>;
}

impl<T> OrError<T> for Option<T> {
    fn or_error(self, message: &str) -> Result<T> {
        self.ok_or_else(|| format!("x509: {message}"))
    }
}

/// Reads a certificate.
pub(super) fn parse(bytes: &[u8]) -> Result<Certificate> {
    let mut input = Reader(bytes).whole(SEQUENCE).or_error("malformed certificate")?;
    let length = input.0.len();
    let mut input = input.read(SEQUENCE).or_error("malformed certificate")?;
    let mut tbs = input.whole(SEQUENCE).or_error("malformed tbs certificate")?;
    let mut tbs = tbs.read(SEQUENCE).or_error("malformed tbs certificate")?;
    let version = version(&mut tbs)?;
    let serial = tbs.integer().or_error("malformed serial number")?;
    if serial[0] & 0x80 != 0 {
        return x509("negative serial number");
    }
    let inner = tbs.read(SEQUENCE).or_error("malformed signature algorithm identifier")?;
    let outer = input.read(SEQUENCE).or_error("malformed algorithm identifier")?;
    if inner.0 != outer.0 {
        return x509("inner and outer signature algorithm identifiers don't match");
    }
    algorithm(inner)?;
    let issuer = tbs.whole(SEQUENCE).or_error("malformed issuer")?;
    name(issuer)?;
    let mut validity = tbs.read(SEQUENCE).or_error("malformed validity")?;
    time(&mut validity)?;
    time(&mut validity)?;
    let subject = tbs.whole(SEQUENCE).or_error("malformed issuer")?;
    name(subject)?;
    let mut key = tbs.whole(SEQUENCE).or_error("malformed spki")?;
    let mut key = key.read(SEQUENCE).or_error("malformed spki")?;
    let whole_algorithm = key;
    let key_algorithm = key.read(SEQUENCE).or_error("malformed public key algorithm identifier")?;
    let algorithm_length = whole_algorithm.0.len() - key.0.len();
    let (key_type, parameters) = algorithm(key_algorithm)?;
    let (bits, bit_length) = key.bit_string().or_error("malformed subjectPublicKey")?;
    let known = public_key(&key_type, parameters, &right_aligned(bits, bit_length))?;
    let public_key = known.then(|| PublicKey {
        algorithm: whole_algorithm.0[..algorithm_length].to_vec(),
        bytes: bits.to_vec(),
    });
    let subject_key_id = if version > 1 { extensions(&mut tbs, version)? } else { Vec::new() };
    input.bit_string().or_error("malformed signature")?;
    if length != bytes.len() {
        return x509("trailing data");
    }
    Ok(Certificate { subject: subject.0.to_vec(), public_key, subject_key_id })
}

fn version(tbs: &mut Reader<'_>) -> Result<i64> {
    let version = match tbs.optional(constructed(0)).or_error("malformed version")? {
        None => 0,
        Some(mut content) => {
            let version = content.int64(INTEGER).or_error("malformed version")?;
            if !content.is_empty() || version < 0 {
                return x509("malformed version");
            }
            version
        }
    };
    if version > 2 {
        return x509("invalid version");
    }
    Ok(version + 1)
}

/// The numbers of an algorithm's identifier, and its parameters with their head.
fn algorithm<'a>(mut content: Reader<'a>) -> Result<(Vec<u32>, &'a [u8])> {
    let numbers = content.object_id().and_then(components).or_error("malformed OID")?;
    if content.is_empty() {
        return Ok((numbers, &[]));
    }
    Ok((numbers, content.any_whole().or_error("malformed parameters")?))
}

fn name(mut raw: Reader<'_>) -> Result<()> {
    let mut raw = raw.read(SEQUENCE).or_error("invalid RDNSequence")?;
    while !raw.is_empty() {
        let mut set = raw.read(SET).or_error("invalid RDNSequence")?;
        while !set.is_empty() {
            let mut pair = set.read(SEQUENCE).or_error("invalid RDNSequence: invalid attribute")?;
            pair.object_id().or_error("invalid RDNSequence: invalid attribute type")?;
            let (tag, value) = pair.any().or_error("invalid RDNSequence: invalid attribute value")?;
            string(tag, value)
                .map_err(|error| format!("x509: invalid RDNSequence: invalid attribute value: {error}"))?;
        }
    }
    Ok(())
}

/// Whether a string holds what its tag allows.
fn string(tag: u8, value: &[u8]) -> Result<()> {
    let is_printable = |byte: &u8| byte.is_ascii_alphanumeric() || b"'()+,-./ :=?*&".contains(byte);
    let is_numeric = |byte: &u8| byte.is_ascii_digit() || *byte == b' ';
    let (good, what) = match tag {
        0x14 => (true, ""),
        0x13 => (value.iter().all(is_printable), "PrintableString"),
        0x0C => (std::str::from_utf8(value).is_ok(), "UTF-8 string"),
        0x1E => (is_bmp(value), "BMPString"),
        0x16 => (value.is_ascii(), "IA5String"),
        0x12 => (value.iter().all(is_numeric), "NumericString"),
        _ => return Err(format!("unsupported string type: {tag}")),
    };
    if good { Ok(()) } else { Err(format!("invalid {what}")) }
}

fn is_bmp(value: &[u8]) -> bool {
    let value = value.strip_suffix(&[0, 0]).unwrap_or(value);
    let bad = |pair: &[u8]| {
        let unit = u16::from(pair[0]) << 8 | u16::from(pair[1]);
        matches!(unit, 0xFFFE | 0xFFFF | 0xFDD0..=0xFDEF | 0xD800..=0xDFFF)
    };
    value.len().is_multiple_of(2) && !value.chunks_exact(2).any(bad)
}

fn time(validity: &mut Reader<'_>) -> Result<()> {
    let (tag, message) = if validity.peek(UTC_TIME) {
        (UTC_TIME, "malformed UTCTime")
    } else if validity.peek(GENERALIZED_TIME) {
        (GENERALIZED_TIME, "malformed GeneralizedTime")
    } else {
        return x509("unsupported time format");
    };
    if validity.time(tag) { Ok(()) } else { x509(message) }
}

/// The bits of a string moved to the right end of its bytes.
fn right_aligned(bits: &[u8], length: usize) -> Vec<u8> {
    let padding = bits.len() * 8 - length;
    (BigUint::from_bytes_be(bits) >> padding)
        .to_bytes_be()
        .into_iter()
        .rev()
        .chain(std::iter::repeat(0))
        .take(bits.len())
        .collect::<Vec<u8>>()
        .into_iter()
        .rev()
        .collect()
}

/// Whether Go knows the key's algorithm. A key that does not fit its algorithm is an error.
fn public_key(key_type: &[u32], parameters: &[u8], data: &[u8]) -> Result<bool> {
    match key_type {
        [1, 2, 840, 113549, 1, 1, 1] => {
            if parameters != [der::NULL, 0] {
                return x509("RSA key missing NULL parameters");
            }
            let mut key = Reader(data).read(SEQUENCE).or_error("invalid RSA public key")?;
            let modulus = key.integer().or_error("invalid RSA modulus")?;
            let exponent = key.int64(INTEGER).or_error("invalid RSA public exponent")?;
            if unsigned(modulus).is_none_or(|modulus| modulus == BigUint::ZERO) {
                return x509("RSA modulus is not a positive number");
            }
            if exponent <= 0 {
                return x509("RSA public exponent is not a positive number");
            }
        }
        [1, 2, 840, 10045, 2, 1] => {
            let numbers =
                Reader(parameters).object_id().and_then(components).or_error("invalid ECDSA parameters")?;
            let numbers: Vec<u64> = numbers.into_iter().map(u64::from).collect();
            let curve = Curve::find(&numbers).or_error("unsupported elliptic curve")?;
            curve.check_point(data)?;
        }
        [1, 3, 101, 112] => {
            if !parameters.is_empty() {
                return x509("Ed25519 key encoded with illegal parameters");
            }
            if data.len() != 32 {
                return x509("wrong Ed25519 public key size");
            }
        }
        [1, 2, 840, 10040, 4, 1] => dsa_public_key(parameters, data)?,
        _ => return Ok(false),
    }
    Ok(true)
}

fn dsa_public_key(parameters: &[u8], data: &[u8]) -> Result<()> {
    let y = Reader(data).integer().or_error("invalid DSA public key")?;
    let numbers = Reader(parameters).read(SEQUENCE).and_then(|mut content| {
        let (p, q, g) = (content.integer()?, content.integer()?, content.integer()?);
        Some([y, p, q, g])
    });
    let numbers = numbers.or_error("invalid DSA parameters")?;
    let is_positive = |bytes: &&[u8]| unsigned(bytes).is_some_and(|n| n != BigUint::ZERO);
    if numbers.iter().all(is_positive) { Ok(()) } else { x509("zero or negative DSA parameter") }
}

/// Reads what follows the key; gives the identifier of the subject's key.
fn extensions(tbs: &mut Reader<'_>, version: i64) -> Result<Vec<u8>> {
    for (tag, message) in [(1, "malformed issuerUniqueID"), (2, "malformed subjectUniqueID")] {
        tbs.optional(context(tag)).or_error(message)?;
    }
    let mut subject_key_id = Vec::new();
    if version != 3 {
        return Ok(subject_key_id);
    }
    let Some(mut all) = tbs.optional(constructed(3)).or_error("malformed extensions")? else {
        return Ok(subject_key_id);
    };
    let mut all = all.read(SEQUENCE).or_error("malformed extensions")?;
    let mut found: Vec<(Vec<u32>, bool, &[u8])> = Vec::new();
    while !all.is_empty() {
        let mut extension = all.read(SEQUENCE).or_error("malformed extension")?;
        let numbers = extension.object_id().and_then(components).or_error("malformed extension OID field")?;
        let critical = match extension.peek(BOOLEAN) {
            true => extension.boolean().or_error("malformed extension critical field")?,
            false => false,
        };
        let value = extension.read(OCTET_STRING).or_error("malformed extension value field")?.0;
        if found.iter().any(|(known, ..)| *known == numbers) {
            let shown: Vec<String> = numbers.iter().map(u32::to_string).collect();
            let shown = go_quote(shown.join(".").as_bytes());
            return x509(&format!("certificate contains duplicate extension with OID {shown}"));
        }
        found.push((numbers, critical, value));
    }
    for (numbers, critical, value) in found {
        match *numbers {
            [2, 5, 29, 14] => {
                if critical {
                    return x509("subject key identifier incorrectly marked critical");
                }
                let id = Reader(value).read(OCTET_STRING).or_error("invalid subject key identifier")?;
                subject_key_id = id.0.to_vec();
            }
            [2, 5, 29, number] => extension(number, critical, Reader(value))?,
            [1, 3, 6, 1, 5, 5, 7, 1, 1] => authority_info(critical, Reader(value))?,
            _ => {}
        }
    }
    Ok(subject_key_id)
}

/// Reads an extension of the family 2.5.29, of which nothing is used.
fn extension(number: u32, critical: bool, mut value: Reader<'_>) -> Result<()> {
    match number {
        15 => value.bit_string().or_error("invalid key usage").map(drop),
        17 => alternative_names(value),
        19 => basic_constraints(value).or_error("invalid basic constraints"),
        30 => name_constraints(value),
        31 => distribution_points(value),
        32 => policies(value).or_error("invalid certificate policies"),
        33 => policy_mappings(value).or_error("invalid policy mappings extension"),
        35 => {
            if critical {
                return x509("authority key identifier incorrectly marked critical");
            }
            let mut id = value.read(SEQUENCE).or_error("invalid authority key identifier")?;
            match id.peek(context(0)) {
                true => id.read(context(0)).or_error("invalid authority key identifier").map(drop),
                false => Ok(()),
            }
        }
        36 => {
            let mut constraints = value.read(SEQUENCE).or_error("invalid policy constraints extension")?;
            for tag in [context(0), context(1)] {
                if constraints.peek(tag) {
                    constraints.int64(tag).or_error("invalid policy constraints extension")?;
                }
            }
            Ok(())
        }
        37 => {
            let mut usages = value.read(SEQUENCE).or_error("invalid extended key usages")?;
            while !usages.is_empty() {
                usages.object_id().or_error("invalid extended key usages")?;
            }
            Ok(())
        }
        54 => value.int64(INTEGER).or_error("invalid inhibit any policy extension").map(drop),
        _ => Ok(()),
    }
}

fn basic_constraints(mut value: Reader<'_>) -> Option<()> {
    let mut value = value.read(SEQUENCE)?;
    if value.peek(BOOLEAN) {
        value.boolean()?;
    }
    if value.peek(INTEGER) {
        let length = unsigned(value.integer()?)?;
        i64::try_from(length).ok()?;
    }
    Some(())
}

fn policy_mappings(mut value: Reader<'_>) -> Option<()> {
    let mut value = value.read(SEQUENCE)?;
    while !value.is_empty() {
        let mut mapping = value.read(SEQUENCE)?;
        mapping.read(OBJECT_ID)?;
        mapping.read(OBJECT_ID)?;
    }
    Some(())
}

fn policies(mut value: Reader<'_>) -> Option<()> {
    let mut value = value.read(SEQUENCE)?;
    let mut seen: Vec<&[u8]> = Vec::new();
    while !value.is_empty() {
        let id = value.read(SEQUENCE)?.read(OBJECT_ID)?.0;
        // Go takes numbers of any size here.
        let is_minimal = |at: usize| id[at] != 0x80 || (at > 0 && id[at - 1] & 0x80 != 0);
        let good = id.last().is_some_and(|last| last & 0x80 == 0) && (0..id.len()).all(is_minimal);
        if !good || seen.contains(&id) {
            return None;
        }
        seen.push(id);
    }
    Some(())
}

fn authority_info(critical: bool, mut value: Reader<'_>) -> Result<()> {
    const INVALID: &str = "invalid authority info access";
    if critical {
        return x509("authority info access incorrectly marked critical");
    }
    let mut value = value.read(SEQUENCE).or_error(INVALID)?;
    while !value.is_empty() {
        let mut access = value.read(SEQUENCE).or_error(INVALID)?;
        access.object_id().or_error(INVALID)?;
        if access.peek(context(6)) {
            access.read(context(6)).or_error(INVALID)?;
        }
    }
    Ok(())
}

fn distribution_points(mut value: Reader<'_>) -> Result<()> {
    const INVALID: &str = "invalid CRL distribution point";
    let mut value = value.read(SEQUENCE).or_error("invalid CRL distribution points")?;
    while !value.is_empty() {
        let mut point = value.read(SEQUENCE).or_error(INVALID)?;
        let Some(mut name) = point.optional(constructed(0)).or_error(INVALID)? else { continue };
        let mut name = name.read(constructed(0)).or_error(INVALID)?;
        while name.peek(context(6)) {
            name.read(context(6)).or_error(INVALID)?;
        }
    }
    Ok(())
}

fn alternative_names(mut value: Reader<'_>) -> Result<()> {
    let mut names = value.read(SEQUENCE).or_error("invalid subject alternative names")?;
    while !names.is_empty() {
        let (tag, data) = names.any().or_error("invalid subject alternative name")?;
        match tag ^ 0x80 {
            1 if !data.is_ascii() => return x509("SAN rfc822Name is malformed"),
            2 if !data.is_ascii() => return x509("SAN dNSName is malformed"),
            6 if !data.is_ascii() => return x509("SAN uniformResourceIdentifier is malformed"),
            6 => check_uri(data)?,
            7 if !matches!(data.len(), 4 | 16) => {
                return x509(&format!("cannot parse IP address of length {}", data.len()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// An address has to have a valid domain, if it has one at all.
fn check_uri(uri: &[u8]) -> Result<()> {
    let shown = go_quote(uri);
    let host = crate::render::functions::urls::host_of(uri)
        .map_err(|error| format!("x509: cannot parse URI {shown}: {error}"))?;
    if !host.is_empty() && !is_domain(&host, false) {
        return x509(&format!("cannot parse URI {shown}: invalid domain"));
    }
    Ok(())
}

/// Go's `domainNameValid`, which leaves out most of what a domain must be.
fn is_domain(domain: &[u8], constraint: bool) -> bool {
    if domain.is_empty() {
        return true;
    }
    let domain = if constraint { domain.strip_prefix(b".").unwrap_or(domain) } else { domain };
    let is_label = |label: &[u8]| !label.is_empty() && label.iter().all(|byte| (b'!'..=b'~').contains(byte));
    domain.split(|&byte| byte == b'.').all(is_label)
}

fn name_constraints(mut value: Reader<'_>) -> Result<()> {
    const INVALID: &str = "invalid NameConstraints extension";
    let mut top = value.read(SEQUENCE).or_error(INVALID)?;
    let is_last = value.is_empty();
    let permitted = is_last.then(|| top.optional(constructed(0))).flatten().or_error(INVALID)?;
    let excluded = top.optional(constructed(1)).or_error(INVALID)?;
    if !top.is_empty() {
        return x509(INVALID);
    }
    let trees = [permitted, excluded].map(|tree| tree.unwrap_or(Reader(&[])));
    if trees.iter().all(|tree| tree.is_empty()) {
        return x509("empty name constraints extension");
    }
    for mut tree in trees {
        while !tree.is_empty() {
            let mut constraint = tree.read(SEQUENCE).or_error(INVALID)?;
            let (tag, value) = constraint.any().or_error(INVALID)?;
            name_constraint(tag, value)?;
        }
    }
    Ok(())
}

fn name_constraint(tag: u8, value: &[u8]) -> Result<()> {
    let shown = go_quote(value);
    let (domain, email, uri, ip) = (context(2), context(1), context(6), context(7));
    if [domain, email, uri].contains(&tag) && !value.is_ascii() {
        return x509(&format!("invalid constraint value: x509: {shown} cannot be encoded as an IA5String"));
    }
    let kind = match tag {
        _ if tag == domain => "dnsName",
        _ if tag == email => "rfc822Name",
        _ if tag == uri => "URI",
        _ if tag == ip => {
            if !matches!(value.len(), 8 | 32) {
                return x509(&format!("IP constraint contained value of length {}", value.len()));
            }
            let mask = &value[value.len() / 2..];
            let ones = mask.iter().take_while(|&&byte| byte == 0xFF).count();
            let valid = mask.get(ones).is_none_or(|byte| byte.leading_ones() + byte.trailing_zeros() == 8)
                && mask.iter().skip(ones + 1).all(|&byte| byte == 0);
            if !valid {
                let mask: String = mask.iter().map(|byte| format!("{byte:02x}")).collect();
                return x509(&format!("IP constraint contained invalid mask {mask}"));
            }
            return Ok(());
        }
        _ => return Ok(()),
    };
    let text = String::from_utf8_lossy(value);
    if tag == uri && text.parse::<std::net::IpAddr>().is_ok() {
        return x509(&format!("failed to parse URI constraint {shown}: cannot be IP address"));
    }
    let valid = match value.iter().rposition(|&byte| byte == b'@').filter(|_| tag == email) {
        Some(at) => at > 0 && is_domain(&value[at + 1..], false),
        None => is_domain(value, true),
    };
    if valid { Ok(()) } else { x509(&format!("failed to parse {kind} constraint {shown}")) }
}

// ---- making ----

/// What Sprig puts into a certificate.
pub(super) struct Template<'t> {
    pub(super) common_name: &'t [u8],
    /// Four or sixteen bytes each.
    pub(super) addresses: Vec<Vec<u8>>,
    pub(super) domains: Vec<Vec<u8>>,
    /// From and until when it is valid, in ASN.1; or why that cannot be written.
    pub(super) validity: Result<Vec<u8>>,
    pub(super) is_authority: bool,
}

/// Makes a certificate of a key; `parent` is `None` if it signs itself.
pub(super) fn create(
    template: &Template<'_>,
    key: &PrivateKey,
    parent: Option<(&Certificate, &PrivateKey)>,
    random: &mut Random<'_>,
) -> Result<Vec<u8>> {
    let mut serial = [0; 16];
    random(&mut serial);
    let signer = parent.map_or(key, |(_, signer)| signer);
    let algorithm = signer.signature_algorithm()?;
    let public_key = key.public_key()?;
    // Go writes the name of the issuer first, which is the same one if the certificate signs itself.
    let subject = subject(template.common_name);
    let issuer = match parent {
        Some((parent, _)) => parent.subject.clone(),
        None => subject.clone()?,
    };
    let subject = subject?;
    let authority_key = parent.map(|(parent, _)| &parent.subject_key_id).filter(|_| issuer != subject);
    if let Some((Certificate { public_key: Some(known), .. }, signer)) = parent
        && *known != signer.public_key()?
    {
        return x509("provided PrivateKey doesn't match parent's PublicKey");
    }
    let extensions =
        extension_list(template, &public_key, authority_key.map(Vec::as_slice), subject == EMPTY)?;
    let tbs = sequence(&[
        &element(constructed(0), &integer(&BigUint::from(2u32))),
        &integer(&BigUint::from_bytes_be(&serial)),
        &algorithm,
        &issuer,
        template.validity.as_ref().map_err(Clone::clone)?,
        &subject,
        &sequence(&[&public_key.algorithm, &bit_string(&public_key.bytes)]),
        &element(constructed(3), &element(SEQUENCE, &extensions.concat())),
    ]);
    let signature = signer.sign(&tbs, random)?;
    Ok(sequence(&[&tbs, &algorithm, &bit_string(&signature)]))
}

const EMPTY: [u8; 2] = [SEQUENCE, 0];

/// A name that has only a common name.
fn subject(common_name: &[u8]) -> Result<Vec<u8>> {
    if common_name.is_empty() {
        return Ok(EMPTY.to_vec());
    }
    let is_printable = |byte: &u8| byte.is_ascii_alphanumeric() || b"'()+,-./ :=?".contains(byte);
    let tag = match common_name.iter().all(is_printable) {
        true => der::PRINTABLE_STRING,
        false if std::str::from_utf8(common_name).is_ok() => der::UTF8_STRING,
        false => return Err("asn1: string not valid UTF-8".to_owned()),
    };
    let pair = sequence(&[&object_id(&[2, 5, 4, 3]), &element(tag, common_name)]);
    Ok(element(SEQUENCE, &element(SET, &pair)))
}

fn extension_list(
    template: &Template<'_>,
    key: &PublicKey,
    authority_key: Option<&[u8]>,
    subject_is_empty: bool,
) -> Result<Vec<Vec<u8>>> {
    let extension = |number: u64, critical: bool, value: &[u8]| {
        let flag: &[u8] = if critical { &[BOOLEAN, 1, 0xFF] } else { &[] };
        sequence(&[&object_id(&[2, 5, 29, number]), flag, &element(OCTET_STRING, value)])
    };
    // Digital signature, key encipherment; an authority also signs certificates.
    let usage: &[u8] = if template.is_authority { &[2, 0xA4] } else { &[5, 0xA0] };
    let server_and_client =
        sequence(&[&object_id(&[1, 3, 6, 1, 5, 5, 7, 3, 1]), &object_id(&[1, 3, 6, 1, 5, 5, 7, 3, 2])]);
    let constraints: &[u8] = if template.is_authority { &[SEQUENCE, 3, BOOLEAN, 1, 0xFF] } else { &EMPTY };
    let mut out = vec![
        extension(15, true, &element(BIT_STRING, usage)),
        extension(37, false, &server_and_client),
        extension(19, true, constraints),
    ];
    if template.is_authority {
        let id = &Sha256::digest(&key.bytes)[..20];
        out.push(extension(14, false, &element(OCTET_STRING, id)));
    }
    if let Some(id) = authority_key.filter(|id| !id.is_empty()) {
        out.push(extension(35, false, &sequence(&[&element(context(0), id)])));
    }
    if !template.domains.is_empty() || !template.addresses.is_empty() {
        let mut names = Vec::new();
        for domain in &template.domains {
            if !domain.is_ascii() {
                return x509(&format!("{} cannot be encoded as an IA5String", go_quote(domain)));
            }
            names.extend(element(context(2), domain));
        }
        for address in &template.addresses {
            names.extend(element(context(7), address));
        }
        out.push(extension(17, subject_is_empty, &element(SEQUENCE, &names)));
    }
    Ok(out)
}
