//! A reader for configuration files of nginx: directives and blocks, with the rules of its own reader for quotes,
//! escapes and variables. What `include` brings in is unknown.

use std::ops::Range;

/// A directive: `listen 80;` or `location / { … }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Directive {
    /// The first word.
    pub(crate) name: String,
    /// The words after it, without quotes.
    pub(crate) args: Vec<String>,
    /// From the name to the last word before `;` or `{`.
    pub(crate) span: Range<usize>,
    /// The directives between the braces, if it has them.
    pub(crate) block: Option<Vec<Directive>>,
}

/// Why a text is not a configuration of nginx.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Where it went wrong.
    pub(crate) at: Range<usize>,
    /// What is wrong there.
    pub(crate) message: String,
}

/// Blocks nest no deeper than this in any real file.
const MAX_DEPTH: usize = 64;

impl Directive {
    /// An argument.
    pub(crate) fn arg(&self, index: usize) -> &str {
        self.args.get(index).map_or("", String::as_str)
    }

    /// The directives of its block; none if it has no block.
    pub(crate) fn children(&self) -> &[Directive] {
        self.block.as_deref().unwrap_or_default()
    }
}

/// All directives in a list and in the blocks below it, from the first to the last.
pub(crate) fn all(directives: &[Directive]) -> impl Iterator<Item = &Directive> {
    let mut pending: Vec<&Directive> = directives.iter().rev().collect();
    std::iter::from_fn(move || {
        let next = pending.pop()?;
        pending.extend(next.children().iter().rev());
        Some(next)
    })
}

/// A virtual server for HTTP.
pub(crate) struct Server<'c> {
    /// The `server` directive.
    pub(crate) directive: &'c Directive,
    /// The lists of directives around it, outermost first.
    around: Vec<&'c [Directive]>,
}

impl<'c> Server<'c> {
    /// Directives of a name that hold for the server or for something in it: in its block, and in what it inherits.
    pub(crate) fn find<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'c Directive> + 's {
        let inside = all(self.directive.children());
        let outside = self.around.iter().flat_map(|list| list.iter());
        inside.chain(outside).filter(move |directive| directive.name == name)
    }

    /// The names of the response headers that are set anywhere in it, in small letters.
    pub(crate) fn headers(&self) -> Vec<String> {
        let added = self.find("add_header").map(|directive| directive.arg(0).to_ascii_lowercase());
        let more = ["more_set_headers", "more_add_headers"].into_iter().flat_map(|name| self.find(name));
        let more = more.flat_map(|directive| &directive.args).filter_map(|arg| arg.split_once(':'));
        added.chain(more.map(|(name, _)| name.trim().to_ascii_lowercase())).collect()
    }

    /// Whether it includes files that may hold anything.
    pub(crate) fn has_unknown_includes(&self) -> bool {
        self.find("include").any(|include| {
            let file = include.arg(0);
            let base = file.rsplit('/').next().unwrap_or(file);
            let brings_servers = file.ends_with("conf.d/*.conf") || file.contains("sites-enabled/");
            !(base.ends_with("_params") || base == "mime.types" || base == "fastcgi.conf" || brings_servers)
        })
    }

    /// Whether it passes requests on to another HTTP server.
    pub(crate) fn proxies(&self) -> bool {
        all(self.directive.children()).any(|directive| directive.name == "proxy_pass")
    }

    /// Whether it answers with pages of its own or of a server behind it: not only with redirects or its status.
    pub(crate) fn serves(&self) -> bool {
        const SERVING: &[&str] =
            &["proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "root", "alias", "try_files"];
        let is_local = self.listens().all(|listen| {
            let address = listen.arg(0);
            address.starts_with("127.") || address.starts_with("[::1]") || address.starts_with("unix:")
        });
        let listens_somewhere = self.listens().next().is_some();
        !(is_local && listens_somewhere)
            && all(self.directive.children()).any(|directive| SERVING.contains(&directive.name.as_str()))
    }

    fn listens(&self) -> impl Iterator<Item = &'c Directive> {
        self.directive.children().iter().filter(|directive| directive.name == "listen")
    }

    /// Whether it speaks TLS.
    pub(crate) fn has_tls(&self) -> bool {
        self.listens().any(|listen| listen.args.iter().any(|arg| arg == "ssl" || arg == "quic"))
            || self.directive.children().iter().any(|other| other.name == "ssl" && other.arg(0) == "on")
    }
}

/// The servers for HTTP of a file: whole, or one that is included into the `http` block.
pub(crate) fn servers(directives: &[Directive]) -> Vec<Server<'_>> {
    let mut servers = Vec::new();
    let http = directives.iter().filter(|directive| directive.name == "http").map(Directive::children);
    for list in std::iter::once(directives).chain(http) {
        let around = if std::ptr::eq(list, directives) { vec![list] } else { vec![directives, list] };
        let blocks = list.iter().filter(|directive| directive.name == "server" && directive.block.is_some());
        servers.extend(blocks.map(|directive| Server { directive, around: around.clone() }));
    }
    servers
}

/// Whether a text looks like a configuration of nginx: it has one of its blocks, and one of its directives.
pub(crate) fn is_like(text: &str) -> bool {
    const BLOCKS: &[&str] = &["server", "http", "location", "upstream", "events"];
    const DIRECTIVES: &[&str] = &[
        "listen",
        "server_name",
        "proxy_pass",
        "root",
        "try_files",
        "return",
        "add_header",
        "worker_connections",
        "worker_processes",
        "fastcgi_pass",
        "uwsgi_pass",
        "proxy_set_header",
        "access_log",
        "error_log",
        "rewrite",
    ];
    if !text.contains('{') || !text.contains(';') {
        return false;
    }
    let mut has_block = false;
    let mut has_directive = false;
    for line in text.lines() {
        let line = line.trim();
        let first = line.split(|c: char| c.is_whitespace() || c == '{').next().unwrap_or_default();
        has_block = has_block || (BLOCKS.contains(&first) && line.contains('{') && !line.contains('='));
        // No `=` before the value and no colon after the name: other languages with braces have those.
        let rest = line.get(first.len()..).unwrap_or_default();
        has_directive = has_directive
            || (DIRECTIVES.contains(&first) && rest.starts_with([' ', '\t']) && line.contains(';'));
    }
    has_block && has_directive
}

/// Reads a file.
///
/// # Errors
/// The first thing that nginx would not read.
pub(crate) fn parse(text: &str) -> Result<Vec<Directive>, Problem> {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0 };
    // The blocks that are open, each with the directive it belongs to.
    let mut open: Vec<(Directive, Vec<Directive>)> = Vec::new();
    let mut list: Vec<Directive> = Vec::new();
    let mut words: Vec<(String, Range<usize>)> = Vec::new();
    loop {
        match reader.token()? {
            Token::Word(word, span) => words.push((word, span)),
            Token::Semicolon(at) => {
                let directive = directive(&mut words)
                    .ok_or(Problem { at, message: "there is nothing before `;`".to_owned() })?;
                list.push(directive);
            }
            Token::Open(at) => {
                let directive = directive(&mut words).ok_or_else(|| Problem {
                    at: at.clone(),
                    message: "there is nothing before `{`".to_owned(),
                })?;
                if open.len() >= MAX_DEPTH {
                    return Err(Problem { at, message: format!("blocks nest deeper than {MAX_DEPTH}") });
                }
                if directive.name.ends_with("_by_lua_block") {
                    reader.skip_block(&directive)?;
                    list.push(Directive { block: Some(Vec::new()), ..directive });
                } else {
                    open.push((directive, std::mem::take(&mut list)));
                }
            }
            Token::Close(at) => {
                if let Some(directive) = directive(&mut words) {
                    return Err(unfinished(&directive));
                }
                let (directive, outer) =
                    open.pop().ok_or(Problem { at, message: "`}` closes no block".to_owned() })?;
                let block = std::mem::replace(&mut list, outer);
                list.push(Directive { block: Some(block), ..directive });
            }
            Token::End => break,
        }
    }
    if let Some(directive) = directive(&mut words) {
        return Err(unfinished(&directive));
    }
    match open.pop() {
        Some((directive, _)) => Err(unclosed(&directive)),
        None => Ok(list),
    }
}

fn directive(words: &mut Vec<(String, Range<usize>)>) -> Option<Directive> {
    let mut words = std::mem::take(words).into_iter();
    let (name, mut span) = words.next()?;
    let mut args = Vec::new();
    for (word, place) in words {
        span.end = place.end;
        args.push(word);
    }
    Some(Directive { name, args, span, block: None })
}

fn unfinished(directive: &Directive) -> Problem {
    Problem { at: directive.span.clone(), message: format!("`{}` does not end with `;`", directive.name) }
}

fn unclosed(directive: &Directive) -> Problem {
    let message = format!("the block of `{}` is not closed: a `}}` is missing", directive.name);
    Problem { at: directive.span.clone(), message }
}

enum Token {
    Word(String, Range<usize>),
    Semicolon(Range<usize>),
    Open(Range<usize>),
    Close(Range<usize>),
    End,
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
}

impl Reader<'_> {
    fn token(&mut self) -> Result<Token, Problem> {
        loop {
            let start = self.at;
            let Some(&byte) = self.bytes.get(start) else { return Ok(Token::End) };
            let one = start..start + 1;
            match byte {
                _ if byte.is_ascii_whitespace() => self.at += 1,
                b'#' => {
                    let rest = &self.bytes[start..];
                    self.at += rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
                }
                b';' => {
                    self.at += 1;
                    return Ok(Token::Semicolon(one));
                }
                b'{' => {
                    self.at += 1;
                    return Ok(Token::Open(one));
                }
                b'}' => {
                    self.at += 1;
                    return Ok(Token::Close(one));
                }
                b'"' | b'\'' => return self.quoted(byte),
                _ => return Ok(self.word()),
            }
        }
    }

    fn quoted(&mut self, quote: u8) -> Result<Token, Problem> {
        let start = self.at;
        let mut end = start + 1;
        while let Some(&byte) = self.bytes.get(end) {
            match byte {
                b'\\' => end += 1,
                _ if byte == quote => {
                    self.at = end + 1;
                    let inner = self.text.get(start + 1..end).unwrap_or_default();
                    return Ok(Token::Word(unescape(inner), start..end + 1));
                }
                _ => {}
            }
            end += 1;
        }
        Err(Problem { at: start..start + 1, message: "a quote is not closed".to_owned() })
    }

    fn word(&mut self) -> Token {
        let start = self.at;
        let mut end = start;
        while let Some(&byte) = self.bytes.get(end) {
            match byte {
                b'\\' => end += 1,
                // `${name}` is a variable, not a block.
                b'$' if self.bytes.get(end + 1) == Some(&b'{') => end += 1,
                b';' | b'{' => break,
                _ if byte.is_ascii_whitespace() => break,
                _ => {}
            }
            end += 1;
        }
        self.at = end.min(self.bytes.len());
        let word = self.text.get(start..self.at).unwrap_or_default();
        Token::Word(unescape(word), start..self.at)
    }

    /// Skips a block in another language up to its closing brace.
    fn skip_block(&mut self, directive: &Directive) -> Result<(), Problem> {
        let mut depth = 1;
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(());
            }
        }
        Err(unclosed(directive))
    }
}

fn unescape(word: &str) -> String {
    if !word.contains('\\') {
        return word.to_owned();
    }
    let mut text = String::with_capacity(word.len());
    let mut letters = word.chars();
    while let Some(letter) = letters.next() {
        match (letter, letters.clone().next()) {
            ('\\', Some(quoted @ ('"' | '\'' | '\\'))) => {
                text.push(quoted);
                letters.next();
            }
            _ => text.push(letter),
        }
    }
    text
}

/// A size as nginx writes it: `8k`, `10m`, `1024`. In bytes.
pub(crate) fn size(text: &str) -> Option<u64> {
    let (digits, unit) = match text.as_bytes().last()? {
        b'k' | b'K' => (&text[..text.len() - 1], 1 << 10),
        b'm' | b'M' => (&text[..text.len() - 1], 1 << 20),
        b'g' | b'G' => (&text[..text.len() - 1], 1 << 30),
        _ => (text, 1),
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::{all, is_like, parse, servers, size};

    #[test]
    fn directives_and_blocks_are_read() {
        let text = "user nginx; # a comment\nhttp {\n  log_format main '$a \"{\"';\n  server { listen 443 ssl;\n\
                    if ($x ~* \"a{2}\") { return 301 https://$host${uri}x; }\n location ~ \\.php$ { root /a\\ b; } } }";
        let config = parse(text).expect("it is a configuration");
        let names: Vec<&str> = all(&config).map(|directive| directive.name.as_str()).collect();
        assert_eq!(
            names,
            ["user", "http", "log_format", "server", "listen", "if", "return", "location", "root"]
        );
        let found = servers(&config);
        assert!(found.len() == 1 && found[0].has_tls() && found[0].serves());
        let redirect = all(&config).find(|directive| directive.name == "return").expect("it is there");
        assert_eq!(redirect.args, ["301", "https://$host${uri}x"]);
        assert_eq!(&text[redirect.span.clone()], "return 301 https://$host${uri}x");
    }

    #[test]
    fn headers_are_inherited_and_includes_are_unknown() {
        let text = "http { add_header A 1; server { listen 80; include x.conf; location / { more_set_headers 'B: 2'; } } \
                    server { listen 127.0.0.1:1; root /x; } } stream { server { listen 1; proxy_pass x; } }";
        let config = parse(text).expect("it is a configuration");
        let found = servers(&config);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].headers(), ["a", "b"]);
        assert!(found[0].has_unknown_includes() && !found[1].has_unknown_includes());
        assert!(!found[1].serves());
    }

    #[test]
    fn what_nginx_cannot_read_is_named() {
        for (text, message) in [
            ("server { listen 80 }", "`listen` does not end with `;`"),
            ("server { listen 80;", "the block of `server` is not closed: a `}` is missing"),
            ("server { } }", "`}` closes no block"),
            ("log_format a 'b;", "a quote is not closed"),
            ("a_by_lua_block { if x { ", "the block of `a_by_lua_block` is not closed: a `}` is missing"),
            ("listen 80", "`listen` does not end with `;`"),
        ] {
            assert_eq!(parse(text).expect_err(text).message, message, "{text}");
        }
        assert!(parse("a_by_lua_block { if x { ; } } listen 80;").is_ok());
    }

    #[test]
    fn nginx_is_told_from_its_likes() {
        assert!(is_like("server {\n  listen 80;\n}"));
        assert!(!is_like("zone \"x\" {\n  type master;\n};"));
        assert!(!is_like("server:\n  listen: {a: 80};"));
        assert_eq!(size("8k"), Some(8192));
        assert_eq!(size("x"), None);
    }
}
