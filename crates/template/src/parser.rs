//! Builds the syntax tree of a template, or says what is wrong in Go's words.
//!
//! All of Go's checks are here: functions and variables must exist, `{{ break }}` must be in a `{{ range }}`. Whatever
//! can be nested is kept on explicit stacks, so that no template can overflow the thread's.

use std::fmt;
use std::mem;

use rustc_hash::FxHashMap;

use crate::ast::{Branch, Definition, Node, NodeId, NodeKind, Number, Slice, Span, Symbol, Tree};
use crate::function::FunctionId;
use crate::lexer::{LexError, Lexer, Token, TokenKind, count_actions};
use crate::number::Constant;
use crate::quote::{go_quote, unquote};
use crate::text::Str;
use crate::unicode::decode;

/// How deep parentheses may be nested; a limit of Go's parser.
const MAX_PAREN_DEPTH: u32 = 10_000;

/// What is wrong with a template. Parsing stops at the first error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Go's text: `template: NAME:LINE: DETAIL`. (Go garbles a name with `%`, which it takes for a verb of `Printf`.)
    pub message: Str,
    /// The text without the place.
    pub detail: Str,
    /// The line that Go names: that of the last token it had read, which may be after the place of the error.
    pub line: usize,
    /// What the error is about.
    pub span: Span,
    /// The action that opened what is not closed, or not closed yet where the error is.
    pub opening: Option<Span>,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.message, f)
    }
}

impl std::error::Error for ParseError {}

/// Parses a template and all templates that it defines. `functions` knows the functions by name.
///
/// ```
/// use chart_lint_template::function::FunctionId;
/// use chart_lint_template::parser::parse;
///
/// let functions = |name: &[u8]| (name == b"quote").then_some(FunctionId(0));
/// let tree = parse(&"a.yaml".into(), &"a: {{ .Values.a | quote }}".into(), &functions).unwrap();
/// let main = tree.definitions.last().unwrap();
/// assert_eq!(tree.node_string(main.root), "a: {{.Values.a | quote}}");
///
/// let error = parse(&"a.yaml".into(), &"a: {{ .Values.a | quot }}".into(), &functions).unwrap_err();
/// assert_eq!(error.to_string(), r#"template: a.yaml:1: function "quot" not defined"#);
/// ```
pub fn parse(
    name: &Str,
    text: &Str,
    functions: &dyn Fn(&[u8]) -> Option<FunctionId>,
) -> Result<Tree, ParseError> {
    Parser::new(name, text, functions).parse().map_err(|error| *error)
}

/// The keyword of a control structure with a body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keyword {
    If,
    With,
    Range,
}

/// Where a pipeline stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    Action,
    Branch(Keyword),
    Block,
    Template,
    /// With the place of the parenthesis.
    Paren(u32),
}

impl Context {
    fn name(self) -> &'static str {
        match self {
            Context::Action => "command",
            Context::Branch(Keyword::If) => "if",
            Context::Branch(Keyword::With) => "with",
            Context::Branch(Keyword::Range) => "range",
            Context::Block => "block clause",
            Context::Template => "template clause",
            Context::Paren(_) => "parenthesized pipeline",
        }
    }

    fn closing(self) -> TokenKind {
        match self {
            Context::Paren(_) => TokenKind::RightParen,
            _ => TokenKind::RightDelim,
        }
    }
}

/// What belongs to one template while it is parsed; the body of a `define` or `block` starts with a new one.
#[derive(Clone, Copy)]
struct Scope {
    /// The last token of the lexer is at index 0. Those that were put back stand after it, the next one last.
    tokens: [Token; 3],
    /// How many of the tokens are to be read again.
    pending: usize,
    /// The left delimiter of the action that is being read. Like Go's, it is forgotten when an inner action ends.
    action: Option<u32>,
    range_depth: u32,
    paren_depth: u32,
    /// Variables declared before this one are out of sight.
    first_variable: usize,
}

impl Scope {
    fn new(first_variable: usize) -> Scope {
        let none = Token::new(TokenKind::Eof, 0, 0);
        Scope { tokens: [none; 3], pending: 0, action: None, range_depth: 0, paren_depth: 0, first_variable }
    }
}

/// A list that is being filled.
#[derive(Clone, Copy)]
struct OpenList {
    /// Go's position of it: its first token.
    pos: u32,
    /// Where its source starts.
    start: u32,
    /// Index of its first element among [`Parser::items`].
    first: usize,
}

/// A control structure or definition that is not closed yet.
struct Frame {
    kind: FrameKind,
    /// The action that opened it.
    opening: Span,
    list: OpenList,
}

enum FrameKind {
    Source,
    Define {
        name: Str,
    },
    Block {
        name: Str,
        name_pos: u32,
        pipe: NodeId,
    },
    Branch {
        keyword: Keyword,
        pipe: NodeId,
        /// How many variables there were before it.
        variables: usize,
        /// The list before `{{ else }}`, once that has been read.
        body: Option<NodeId>,
        /// Made by `{{ else if }}` or `{{ else with }}`: the same `{{ end }}` closes the structure around it.
        is_chained: bool,
    },
}

/// A pipeline that is not closed yet, and its last command.
struct OpenPipe {
    context: Context,
    pos: u32,
    /// End of its last operand.
    end: u32,
    decl: Slice,
    is_assign: bool,
    /// Index of its first command among [`Parser::commands`].
    first_command: usize,
    command_pos: u32,
    /// Index of the command's first argument among [`Parser::arguments`].
    first_argument: usize,
}

struct Parser<'t> {
    text: &'t [u8],
    functions: &'t dyn Fn(&[u8]) -> Option<FunctionId>,
    lexer: Lexer<'t>,
    tree: Tree,
    scope: Scope,
    /// The scopes around `scope`.
    outer_scopes: Vec<Scope>,
    frames: Vec<Frame>,
    pipes: Vec<OpenPipe>,
    // Children of nodes that are not complete yet.
    items: Vec<NodeId>,
    commands: Vec<NodeId>,
    arguments: Vec<NodeId>,
    /// The variables that are declared, each with what `declared` held of it before.
    variables: Vec<(Symbol, usize)>,
    /// By symbol: one more than the index of its last declaration among `variables`.
    declared: Vec<usize>,
    symbols: FxHashMap<&'t [u8], Symbol>,
    /// Names that were seen already, so that each is kept once.
    names: FxHashMap<&'t [u8], Str>,
    known_functions: FxHashMap<&'t [u8], (Str, FunctionId)>,
    /// By name: index among the tree's definitions, and whether the definition is empty.
    definitions: FxHashMap<Str, (usize, bool)>,
}

impl<'t> Parser<'t> {
    fn new(name: &Str, text: &'t Str, functions: &'t dyn Fn(&[u8]) -> Option<FunctionId>) -> Parser<'t> {
        // An action such as `{{ .Values.a | quote }}` and the text before it make seven nodes.
        let actions = count_actions(text).min(1 << 13);
        let tree = Tree {
            name: name.clone(),
            text: text.clone(),
            definitions: Vec::new(),
            comments: Vec::new(),
            nodes: Vec::with_capacity(8 * actions + 4),
            node_pool: Vec::with_capacity(8 * actions + 4),
            name_pool: Vec::with_capacity(2 * actions),
            numbers: Vec::new(),
            symbols: vec![Str::from("$")],
        };
        Parser {
            text,
            functions,
            lexer: Lexer::new(text, functions(b"break").is_none(), functions(b"continue").is_none()),
            tree,
            scope: Scope::new(0),
            outer_scopes: Vec::new(),
            frames: Vec::new(),
            pipes: Vec::new(),
            items: Vec::new(),
            commands: Vec::new(),
            arguments: Vec::new(),
            variables: Vec::new(),
            declared: vec![0],
            symbols: FxHashMap::default(),
            names: FxHashMap::default(),
            known_functions: FxHashMap::default(),
            definitions: FxHashMap::default(),
        }
    }

    fn parse(mut self) -> Result<Tree, Box<ParseError>> {
        if u32::try_from(self.text.len()).is_err() {
            return Err(self.error(Span::default(), "source is too large"));
        }
        self.declare(Symbol(0));
        let first = self.peek().start();
        let list = OpenList { pos: first, start: 0, first: 0 };
        let opening = Span::default();
        self.frames.push(Frame { kind: FrameKind::Source, opening, list });
        loop {
            let token = self.next_non_space();
            match token.kind {
                TokenKind::Text => {
                    let kind = NodeKind::Text(Str::from(self.source(token.span())));
                    let node = self.node(kind, token.span(), token.start());
                    self.items.push(node);
                }
                TokenKind::LeftDelim => {
                    self.scope.action = Some(token.start());
                    self.action(token.start())?;
                }
                TokenKind::Eof => break,
                _ => return Err(self.unexpected(token, "input")),
            }
        }
        if let Some(Frame { kind, opening, .. }) = self.frames.pop()
            && !matches!(kind, FrameKind::Source)
        {
            let end = Span::new(self.text.len(), self.text.len());
            return Err(self.error_with_opening(end, opening, "unexpected EOF"));
        }
        let whole = Span::new(0, self.text.len());
        let root = self.close_list(list, whole.end);
        let name = self.tree.name.clone();
        self.define(name.clone(), root, whole)?;
        // A definition in the file that has the file's name wins over a file that is empty otherwise.
        if let Some(&(index, _)) = self.definitions.get(&name) {
            let main = self.tree.definitions.remove(index);
            self.tree.definitions.push(main);
        }
        self.tree.comments = mem::take(&mut self.lexer.comments);
        Ok(self.tree)
    }

    // Tokens.

    fn next(&mut self) -> Token {
        match self.scope.pending.checked_sub(1) {
            Some(pending) => {
                self.scope.pending = pending;
                self.scope.tokens[pending]
            }
            None => {
                let token = self.lexer.next_token();
                self.scope.tokens[0] = token;
                token
            }
        }
    }

    fn back_up(&mut self) {
        self.scope.pending += 1;
    }

    fn peek(&mut self) -> Token {
        let token = self.next();
        self.back_up();
        token
    }

    fn next_non_space(&mut self) -> Token {
        loop {
            let token = self.next();
            if token.kind != TokenKind::Space {
                return token;
            }
        }
    }

    fn peek_non_space(&mut self) -> Token {
        let token = self.next_non_space();
        self.back_up();
        token
    }

    fn expect(&mut self, kind: TokenKind, context: &str) -> Result<Token, Box<ParseError>> {
        let token = self.next_non_space();
        if token.kind == kind { Ok(token) } else { Err(self.unexpected(token, context)) }
    }

    fn source(&self, span: Span) -> &'t [u8] {
        &self.text[span.range()]
    }

    // Actions.

    /// What follows a left delimiter.
    fn action(&mut self, delim: u32) -> Result<(), Box<ParseError>> {
        let token = self.next_non_space();
        match token.kind {
            TokenKind::If => return self.branch(delim, Keyword::If, false),
            TokenKind::With => return self.branch(delim, Keyword::With, false),
            TokenKind::Range => return self.branch(delim, Keyword::Range, false),
            TokenKind::Else => return self.else_action(delim),
            TokenKind::End => return self.end_action(delim),
            TokenKind::Block => return self.block_action(delim),
            TokenKind::Define if matches!(self.frame().kind, FrameKind::Source) => {
                return self.define_action(delim);
            }
            TokenKind::Template => self.template_action(delim)?,
            TokenKind::Break => self.loop_action(delim, token, NodeKind::Break, "{{break}}")?,
            TokenKind::Continue => self.loop_action(delim, token, NodeKind::Continue, "{{continue}}")?,
            _ => {
                self.back_up();
                let (pipe, end) = self.pipeline(Context::Action)?;
                let node = self.node(NodeKind::Action(pipe), Span { start: delim, end }, token.start());
                self.items.push(node);
            }
        }
        self.scope.action = None;
        Ok(())
    }

    /// `{{ break }}` and `{{ continue }}`.
    fn loop_action(
        &mut self,
        delim: u32,
        token: Token,
        kind: NodeKind,
        name: &str,
    ) -> Result<(), Box<ParseError>> {
        let close = self.expect(TokenKind::RightDelim, name)?;
        let span = Span { start: delim, end: close.end() };
        if self.scope.range_depth == 0 {
            return Err(self.error(span, format!("{name} outside {{{{range}}}}")));
        }
        let node = self.node(kind, span, token.start());
        self.items.push(node);
        Ok(())
    }

    fn template_action(&mut self, delim: u32) -> Result<(), Box<ParseError>> {
        const CONTEXT: Context = Context::Template;
        let (token, name) = self.template_name(CONTEXT.name())?;
        let next = self.next_non_space();
        let (pipe, end) = if next.kind == TokenKind::RightDelim {
            (None, next.end())
        } else {
            self.back_up();
            let (pipe, end) = self.pipeline(CONTEXT)?;
            (Some(pipe), end)
        };
        let node = self.node(NodeKind::Template { name, pipe }, Span { start: delim, end }, token.start());
        self.items.push(node);
        Ok(())
    }

    fn template_name(&mut self, context: &str) -> Result<(Token, Str), Box<ParseError>> {
        let token = self.next_non_space();
        match token.kind {
            TokenKind::String | TokenKind::RawString => Ok((token, self.string_value(token)?)),
            _ => Err(self.unexpected(token, context)),
        }
    }

    /// `{{ define "name" }}`. Go knows it only outside of all other structures.
    fn define_action(&mut self, delim: u32) -> Result<(), Box<ParseError>> {
        const CONTEXT: &str = "define clause";
        self.scope.action = None;
        self.enter_scope();
        let (_, name) = self.template_name(CONTEXT)?;
        let close = self.expect(TokenKind::RightDelim, CONTEXT)?;
        self.open(FrameKind::Define { name }, Span { start: delim, end: close.end() });
        Ok(())
    }

    /// `{{ block "name" pipeline }}`: a definition, and a call of it where it stands.
    fn block_action(&mut self, delim: u32) -> Result<(), Box<ParseError>> {
        let (token, name) = self.template_name(Context::Block.name())?;
        let (pipe, end) = self.pipeline(Context::Block)?;
        self.enter_scope();
        self.open(FrameKind::Block { name, name_pos: token.start(), pipe }, Span { start: delim, end });
        Ok(())
    }

    /// `{{ if }}`, `{{ with }}` or `{{ range }}`, whose keyword has been read.
    fn branch(&mut self, delim: u32, keyword: Keyword, is_chained: bool) -> Result<(), Box<ParseError>> {
        let variables = self.variables.len();
        let (pipe, end) = self.pipeline(Context::Branch(keyword))?;
        if keyword == Keyword::Range {
            self.scope.range_depth += 1;
        }
        let kind = FrameKind::Branch { keyword, pipe, variables, body: None, is_chained };
        self.open(kind, Span { start: delim, end });
        Ok(())
    }

    /// Starts the body of a structure.
    fn open(&mut self, kind: FrameKind, opening: Span) {
        let list = self.open_list(opening.end);
        self.frames.push(Frame { kind, opening, list });
    }

    fn frame(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("the source's own frame is closed last")
    }

    fn open_list(&mut self, start: u32) -> OpenList {
        OpenList { pos: self.peek_non_space().start(), start, first: self.items.len() }
    }

    fn close_list(&mut self, list: OpenList, end: u32) -> NodeId {
        let items = move_nodes(&mut self.items, list.first, &mut self.tree.node_pool);
        self.node(NodeKind::List(items), Span { start: list.start, end }, list.pos)
    }

    fn else_action(&mut self, delim: u32) -> Result<(), Box<ParseError>> {
        let next = self.peek_non_space();
        let chained = match next.kind {
            TokenKind::If => Some(Keyword::If),
            TokenKind::With => Some(Keyword::With),
            _ => {
                self.expect(TokenKind::RightDelim, "else")?;
                None
            }
        };
        self.scope.action = None;
        let span = Span { start: delim, end: next.end() };
        let &mut Frame { kind: FrameKind::Branch { keyword, body, .. }, opening, list } = self.frame() else {
            return Err(self.misplaced_else(span));
        };
        if body.is_some() {
            return Err(self.error_with_opening(span, opening, "expected end; found {{else}}"));
        }
        let closed = self.close_list(list, delim);
        if keyword == Keyword::Range {
            self.scope.range_depth -= 1;
        }
        let is_chain = chained == Some(keyword);
        let else_list = if is_chain {
            self.next();
            OpenList { pos: next.start(), start: delim, first: self.items.len() }
        } else {
            self.open_list(span.end)
        };
        let frame = self.frame();
        frame.list = else_list;
        if let FrameKind::Branch { body, .. } = &mut frame.kind {
            *body = Some(closed);
        }
        if is_chain { self.branch(delim, keyword, true) } else { Ok(()) }
    }

    fn end_action(&mut self, delim: u32) -> Result<(), Box<ParseError>> {
        let close = self.expect(TokenKind::RightDelim, "end")?;
        self.scope.action = None;
        let mut list_end = delim;
        while let Some(Frame { kind, opening, list }) = self.frames.pop() {
            let span = Span { start: opening.start, end: close.end() };
            match kind {
                FrameKind::Source => break,
                FrameKind::Define { name } => {
                    let root = self.close_list(list, list_end);
                    self.define(name, root, span)?;
                    self.leave_scope();
                    return Ok(());
                }
                FrameKind::Block { name, name_pos, pipe } => {
                    let root = self.close_list(list, list_end);
                    self.define(name.clone(), root, span)?;
                    self.leave_scope();
                    self.scope.action = None;
                    let node = self.node(NodeKind::Template { name, pipe: Some(pipe) }, span, name_pos);
                    self.items.push(node);
                    return Ok(());
                }
                FrameKind::Branch { keyword, pipe, variables, body, is_chained } => {
                    let list = self.close_list(list, list_end);
                    if keyword == Keyword::Range && body.is_none() {
                        self.scope.range_depth -= 1;
                    }
                    self.forget_variables(variables);
                    let branch = match body {
                        Some(body) => Branch { pipe, list: body, else_list: Some(list) },
                        None => Branch { pipe, list, else_list: None },
                    };
                    let kind = match keyword {
                        Keyword::If => NodeKind::If(branch),
                        Keyword::With => NodeKind::With(branch),
                        Keyword::Range => NodeKind::Range(branch),
                    };
                    let pos = self.tree.node(pipe).pos;
                    let node = self.node(kind, span, pos);
                    self.items.push(node);
                    if !is_chained {
                        return Ok(());
                    }
                    list_end = close.end();
                }
            }
        }
        Err(self.error(Span { start: delim, end: close.end() }, "unexpected {{end}}"))
    }

    /// Adds a definition to the tree. One that is empty gives way to any other of the same name.
    fn define(&mut self, name: Str, root: NodeId, span: Span) -> Result<(), Box<ParseError>> {
        let is_empty = self.tree.is_empty_list(root);
        let definition = Definition { name: name.clone(), root, span };
        match self.definitions.get_mut(&name) {
            None => {
                self.definitions.insert(name, (self.tree.definitions.len(), is_empty));
                self.tree.definitions.push(definition);
            }
            Some((index, old_is_empty)) => {
                let old = &mut self.tree.definitions[*index];
                if *old_is_empty {
                    *old_is_empty = is_empty;
                    *old = definition;
                } else if !is_empty {
                    let first = old.span;
                    let detail = format!("template: multiple definition of template {}", go_quote(&name));
                    return Err(self.error_with_opening(self.content(root, span), first, detail));
                }
            }
        }
        Ok(())
    }

    /// For the source itself, whose span would be everything: the first of its items that is not blank.
    fn content(&self, root: NodeId, span: Span) -> Span {
        let list = self.tree.node(root);
        let NodeKind::List(items) = list.kind else { return span };
        let is_blank = |item: &NodeId| matches!(&self.tree.node(*item).kind, NodeKind::Text(text) if text.to_utf8().trim().is_empty());
        match self.tree.children(items).iter().find(|item| !is_blank(item)) {
            Some(&first) if list.span == span => self.tree.node(first).span,
            _ => span,
        }
    }

    // Scopes and variables.

    fn enter_scope(&mut self) {
        self.outer_scopes.push(self.scope);
        self.scope = Scope::new(self.variables.len());
        self.declare(Symbol(0));
    }

    fn leave_scope(&mut self) {
        self.forget_variables(self.scope.first_variable);
        if let Some(scope) = self.outer_scopes.pop() {
            self.scope = scope;
        }
    }

    fn symbol(&mut self, token: Token) -> Symbol {
        let name = self.source(token.span());
        if name == b"$" {
            return Symbol(0);
        }
        *self.symbols.entry(name).or_insert_with(|| {
            let symbol = Symbol(self.tree.symbols.len() as u32);
            self.tree.symbols.push(Str::from(name));
            self.declared.push(0);
            symbol
        })
    }

    fn declare(&mut self, symbol: Symbol) {
        let last = &mut self.declared[symbol.0 as usize];
        self.variables.push((symbol, *last));
        *last = self.variables.len();
    }

    fn is_declared(&self, symbol: Symbol) -> bool {
        self.declared[symbol.0 as usize] > self.scope.first_variable
    }

    fn forget_variables(&mut self, count: usize) {
        while self.variables.len() > count {
            if let Some((symbol, before)) = self.variables.pop() {
                self.declared[symbol.0 as usize] = before;
            }
        }
    }

    // Pipelines.

    /// Reads a pipeline with all that is in its parentheses, and gives the end of the token that closes it.
    fn pipeline(&mut self, context: Context) -> Result<(NodeId, u32), Box<ParseError>> {
        let outermost = self.pipes.len();
        self.open_pipe(context)?;
        loop {
            let token = self.next_non_space();
            let context = self.pipe().context;
            if token.kind == context.closing() {
                let pipe = self.close_pipe(token)?;
                let Context::Paren(start) = context else {
                    debug_assert_eq!(self.pipes.len(), outermost, "only parentheses are nested");
                    return Ok((pipe, token.end()));
                };
                self.scope.paren_depth -= 1;
                self.operand(pipe, Span { start, end: token.end() })?;
                if self.command_goes_on()? {
                    self.operands()?;
                }
            } else if starts_operand(token.kind) {
                self.back_up();
                let first_argument = self.arguments.len();
                let pipe = self.pipe();
                pipe.command_pos = token.start();
                pipe.first_argument = first_argument;
                self.operands()?;
            } else {
                return Err(self.unexpected(token, context.name()));
            }
        }
    }

    fn pipe(&mut self) -> &mut OpenPipe {
        self.pipes.last_mut().expect("commands are read only while a pipeline is open")
    }

    /// Starts a pipeline and reads its declarations: `$x :=`, `$x =`, or in a `range` `$i, $x :=`.
    fn open_pipe(&mut self, context: Context) -> Result<(), Box<ParseError>> {
        let first = self.peek_non_space();
        let mut decl = Slice { start: self.tree.node_pool.len() as u32, len: 0 };
        let mut is_assign = false;
        loop {
            let variable = self.peek_non_space();
            if variable.kind != TokenKind::Variable {
                break;
            }
            self.next();
            // `$x foo` is only known not to be a declaration at `foo`, and then the space has to be put back, too.
            let after = self.peek();
            let next = self.peek_non_space();
            let is_comma = next.kind == TokenKind::Char && self.source(next.span()) == b",";
            if !is_comma && !matches!(next.kind, TokenKind::Assign | TokenKind::Declare) {
                if after.kind == TokenKind::Space {
                    self.scope.tokens[1] = after;
                    self.scope.tokens[2] = variable;
                    self.scope.pending = 3;
                } else {
                    self.scope.tokens[1] = variable;
                    self.scope.pending = 2;
                }
                break;
            }
            self.next_non_space();
            let symbol = self.symbol(variable);
            let kind = NodeKind::Variable { symbol, fields: self.no_names() };
            let node = self.node(kind, variable.span(), variable.start());
            self.tree.node_pool.push(node);
            decl.len += 1;
            self.declare(symbol);
            if !is_comma {
                is_assign = next.kind == TokenKind::Assign;
                break;
            }
            if context != Context::Branch(Keyword::Range) || decl.len > 1 {
                let span = Span { start: first.start(), end: next.end() };
                return Err(self.error(span, format!("too many declarations in {}", context.name())));
            }
            let second = self.peek_non_space();
            if !matches!(second.kind, TokenKind::Variable | TokenKind::RightDelim | TokenKind::RightParen) {
                return Err(self.error(second.span(), "range can only initialize variables"));
            }
        }
        self.pipes.push(OpenPipe {
            context,
            pos: first.start(),
            end: first.start(),
            decl,
            is_assign,
            first_command: self.commands.len(),
            command_pos: 0,
            first_argument: 0,
        });
        Ok(())
    }

    /// Checks the innermost pipeline and makes its node. `close` is the token that closes it.
    fn close_pipe(&mut self, close: Token) -> Result<NodeId, Box<ParseError>> {
        let pipe = self.pipes.pop().expect("the pipeline was open");
        let commands = &self.commands[pipe.first_command..];
        if commands.is_empty() {
            let start = match pipe.context {
                Context::Paren(start) => start,
                _ => self.lexer.action_start,
            };
            let detail = format!("missing value for {}", pipe.context.name());
            return Err(self.error(Span { start, end: close.end() }, detail));
        }
        for (index, &command) in commands.iter().enumerate().skip(1) {
            if self.is_constant_command(command) {
                let detail = format!("non executable command in pipeline stage {}", index + 1);
                return Err(self.error(self.tree.node(command).span, detail));
            }
        }
        let commands = move_nodes(&mut self.commands, pipe.first_command, &mut self.tree.node_pool);
        let kind = NodeKind::Pipe { decl: pipe.decl, is_assign: pipe.is_assign, commands };
        Ok(self.node(kind, Span { start: pipe.pos, end: pipe.end }, pipe.pos))
    }

    /// Whether a command starts with what cannot take the value of the command before it.
    fn is_constant_command(&self, command: NodeId) -> bool {
        let NodeKind::Command(arguments) = self.tree.node(command).kind else { return false };
        let Some(&first) = self.tree.children(arguments).first() else { return false };
        is_constant(&self.tree.node(first).kind)
    }

    /// Reads operands up to the end of their command, or up to a parenthesis, whose pipeline it opens.
    fn operands(&mut self) -> Result<(), Box<ParseError>> {
        loop {
            let token = self.next_non_space();
            match token.kind {
                TokenKind::LeftParen => {
                    if self.scope.paren_depth >= MAX_PAREN_DEPTH {
                        return Err(self.error(token.span(), "max expression depth exceeded"));
                    }
                    self.scope.paren_depth += 1;
                    return self.open_pipe(Context::Paren(token.start()));
                }
                kind if starts_operand(kind) => {
                    let kind = self.term(token)?;
                    let node = self.node(kind, token.span(), token.start());
                    self.operand(node, token.span())?;
                }
                _ => self.back_up(),
            }
            if !self.command_goes_on()? {
                return Ok(());
            }
        }
    }

    /// A term that is one token.
    fn term(&mut self, token: Token) -> Result<NodeKind, Box<ParseError>> {
        let source = self.source(token.span());
        Ok(match token.kind {
            TokenKind::Dot => NodeKind::Dot,
            TokenKind::Nil => NodeKind::Nil,
            TokenKind::Bool => NodeKind::Bool(source == b"true"),
            TokenKind::Field => {
                let fields = self.no_names();
                let name = self.name(&source[1..]);
                self.tree.name_pool.push(name);
                NodeKind::Field(Slice { len: 1, ..fields })
            }
            TokenKind::Variable => {
                let symbol = self.symbol(token);
                if !self.is_declared(symbol) {
                    return Err(self.error(token.span(), format!("undefined variable {}", go_quote(source))));
                }
                NodeKind::Variable { symbol, fields: self.no_names() }
            }
            TokenKind::CharConstant => self.number(token, Constant::Char)?,
            TokenKind::Complex => self.number(token, Constant::Complex)?,
            TokenKind::Number => self.number(token, Constant::Real)?,
            TokenKind::String | TokenKind::RawString => NodeKind::String(self.string_value(token)?),
            _ => self.function(token)?,
        })
    }

    fn function(&mut self, token: Token) -> Result<NodeKind, Box<ParseError>> {
        let source = self.source(token.span());
        if let Some((name, function)) = self.known_functions.get(source) {
            return Ok(NodeKind::Identifier { name: name.clone(), function: *function });
        }
        let Some(function) = (self.functions)(source) else {
            return Err(self.error(token.span(), format!("function {} not defined", go_quote(source))));
        };
        let name = Str::from(source);
        self.known_functions.insert(source, (name.clone(), function));
        Ok(NodeKind::Identifier { name, function })
    }

    fn number(&mut self, token: Token, constant: Constant) -> Result<NodeKind, Box<ParseError>> {
        let text = self.name(self.source(token.span()));
        let number = Number::parse(text, constant).map_err(|detail| self.error(token.span(), detail))?;
        let index = self.tree.numbers.len() as u32;
        self.tree.numbers.push(number);
        Ok(NodeKind::Number(index))
    }

    fn string_value(&self, token: Token) -> Result<Str, Box<ParseError>> {
        match unquote(self.source(token.span())) {
            Ok(value) => Ok(Str::from(&*value)),
            Err(error) => Err(self.error(token.span(), error.to_string())),
        }
    }

    /// Adds an operand to the command, after it has taken the fields that follow it.
    fn operand(&mut self, node: NodeId, span: Span) -> Result<(), Box<ParseError>> {
        let (node, span) = self.fields(node, span)?;
        self.arguments.push(node);
        self.pipe().end = span.end;
        Ok(())
    }

    fn fields(&mut self, term: NodeId, span: Span) -> Result<(NodeId, Span), Box<ParseError>> {
        let first = self.peek();
        if first.kind != TokenKind::Field {
            return Ok((term, span));
        }
        let mut fields = self.no_names();
        let mut span = span;
        while self.peek().kind == TokenKind::Field {
            let field = self.next().span();
            let name = self.name(&self.source(field)[1..]);
            self.tree.name_pool.push(name);
            fields.len += 1;
            span.end = field.end;
        }
        let node = &mut self.tree.nodes[term.0 as usize];
        match &mut node.kind {
            // Its own names are the last ones of the pool.
            NodeKind::Field(names) | NodeKind::Variable { fields: names, .. } => {
                names.len += fields.len;
                node.span = span;
                node.pos = first.start();
                Ok((term, span))
            }
            kind if is_constant(kind) => {
                let detail = format!("unexpected . after term {}", go_quote(&self.tree.node_string(term)));
                Err(self.error(span, detail))
            }
            _ => Ok((self.node(NodeKind::Chain { node: term, fields }, span, first.start()), span)),
        }
    }

    /// Reads what separates operands: whether there may be another one. If not, the command is complete.
    fn command_goes_on(&mut self) -> Result<bool, Box<ParseError>> {
        let token = self.next();
        match token.kind {
            TokenKind::Space => return Ok(true),
            TokenKind::RightDelim | TokenKind::RightParen => self.back_up(),
            TokenKind::Pipe => {}
            _ => return Err(self.unexpected(token, "operand")),
        }
        let &mut OpenPipe { command_pos, first_argument, end, .. } = self.pipe();
        if self.arguments.len() == first_argument {
            return Err(self.error(token.span(), "empty command"));
        }
        let arguments = move_nodes(&mut self.arguments, first_argument, &mut self.tree.node_pool);
        let node = self.node(NodeKind::Command(arguments), Span { start: command_pos, end }, command_pos);
        self.commands.push(node);
        Ok(false)
    }

    // Nodes.

    fn node(&mut self, kind: NodeKind, span: Span, pos: u32) -> NodeId {
        let id = NodeId(self.tree.nodes.len() as u32);
        self.tree.nodes.push(Node { kind, span, pos });
        id
    }

    /// An empty slice at the end of the name pool.
    fn no_names(&self) -> Slice {
        Slice { start: self.tree.name_pool.len() as u32, len: 0 }
    }

    fn name(&mut self, name: &'t [u8]) -> Str {
        self.names.entry(name).or_insert_with(|| Str::from(name)).clone()
    }

    // Errors.

    #[cold]
    fn error(&self, span: Span, detail: impl Into<Vec<u8>>) -> Box<ParseError> {
        self.error_of(&self.scope, span, detail.into())
    }

    fn error_with_opening(&self, span: Span, opening: Span, detail: impl Into<Vec<u8>>) -> Box<ParseError> {
        let mut error = self.error(span, detail);
        error.opening = Some(opening);
        error
    }

    fn error_of(&self, scope: &Scope, span: Span, detail: Vec<u8>) -> Box<ParseError> {
        let line = self.line(scope.tokens[0].start());
        let mut message = b"template: ".to_vec();
        message.extend_from_slice(&self.tree.name);
        message.extend_from_slice(format!(":{line}: ").as_bytes());
        message.extend_from_slice(&detail);
        Box::new(ParseError { message: message.into(), detail: detail.into(), line, span, opening: None })
    }

    #[cold]
    fn unexpected(&self, token: Token, context: &str) -> Box<ParseError> {
        let Some(error) = self.lexer.error.as_ref().filter(|_| token.kind == TokenKind::Error) else {
            let detail = format!("unexpected {} in {context}", self.describe(token));
            return self.error(token.span(), detail);
        };
        let mut detail = error.message(self.source(token.span())).into_bytes();
        if let Some(action) = self.scope.action
            && self.line(action) != self.line(token.start())
        {
            // Not "unclosed action in action".
            let start: &[u8] =
                if detail.ends_with(b" action") { b" started at " } else { b" in action started at " };
            detail.extend_from_slice(start);
            detail.extend_from_slice(&self.tree.name);
            detail.extend_from_slice(format!(":{}", self.line(action)).as_bytes());
        }
        let delim = Span { start: self.lexer.action_start, end: self.lexer.action_start + 2 };
        let span = match (error, self.pipes.last()) {
            (LexError::UnclosedAction, _) => delim,
            (LexError::UnclosedParen, Some(OpenPipe { context: Context::Paren(start), .. })) => {
                Span { start: *start, end: start + 1 }
            }
            _ => token.span(),
        };
        self.error(span, detail)
    }

    /// An `{{ else }}` that has no `if`, `with` or `range`.
    #[cold]
    fn misplaced_else(&self, span: Span) -> Box<ParseError> {
        let (scope, place, opening) = match self.frames.last() {
            Some(Frame { kind: FrameKind::Define { .. }, opening, .. }) => {
                (&self.scope, " in define clause", Some(*opening))
            }
            // It is the template around the block that complains, and it has read nothing since the block began.
            Some(Frame { kind: FrameKind::Block { .. }, opening, .. }) => {
                (self.outer_scopes.last().unwrap_or(&self.scope), " in block clause", Some(*opening))
            }
            _ => (&self.scope, "", None),
        };
        let mut error = self.error_of(scope, span, format!("unexpected {{{{else}}}}{place}").into());
        error.opening = opening;
        error
    }

    fn line(&self, offset: u32) -> usize {
        self.tree.line_and_column(offset as usize).0
    }

    /// A token as messages show it.
    fn describe(&self, token: Token) -> String {
        let source = self.source(token.span());
        match token.kind {
            TokenKind::Eof => "EOF".to_owned(),
            kind if kind.is_keyword() => format!("<{}>", Str::from(source)),
            _ if source.len() > 10 => {
                let mut length = 0;
                for _ in 0..10 {
                    if length < source.len() {
                        length += decode(&source[length..]).1;
                    }
                }
                format!("{}...", go_quote(&source[..length]))
            }
            _ => go_quote(source),
        }
    }
}

/// Moves the nodes from `first` on to the end of a tree's pool.
fn move_nodes(nodes: &mut Vec<NodeId>, first: usize, pool: &mut Vec<NodeId>) -> Slice {
    let slice = Slice { start: pool.len() as u32, len: (nodes.len() - first) as u32 };
    pool.extend(nodes.drain(first..));
    slice
}

/// Whether a term can start with this token.
fn starts_operand(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Bool
            | TokenKind::CharConstant
            | TokenKind::Complex
            | TokenKind::Dot
            | TokenKind::Field
            | TokenKind::Identifier
            | TokenKind::Number
            | TokenKind::Nil
            | TokenKind::RawString
            | TokenKind::String
            | TokenKind::Variable
            | TokenKind::LeftParen
    )
}

/// Constants and the dot: what has no fields that could be named in the template, and cannot be called.
fn is_constant(kind: &NodeKind) -> bool {
    matches!(
        kind,
        NodeKind::Bool(_) | NodeKind::Dot | NodeKind::Nil | NodeKind::Number(_) | NodeKind::String(_)
    )
}
