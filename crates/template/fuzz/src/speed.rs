//! How fast a template is parsed: `speed [FILE]`, by default one of 502 lines with 251 actions.

use std::time::Instant;

use chart_lint_template::function::FunctionId;
use chart_lint_template::parser::parse;
use chart_lint_template::text::Str;

fn main() {
    let text = match std::env::args().nth(1) {
        Some(path) => Str::from(std::fs::read(path).expect("a readable file")),
        None => {
            let pair = "  name: {{ .Values.name | quote }}\n  image: nginx\n";
            Str::from(format!("{{{{ $x := . }}}}\n{}a: b\n", pair.repeat(250)))
        }
    };
    let name = Str::from("t.yaml");
    let functions =
        |name: &[u8]| Some(FunctionId(name.len() as u32)).filter(|_| name != b"break" && name != b"continue");
    let mut best = f64::INFINITY;
    let mut total = 0.0;
    const ROUNDS: u32 = 5_000;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let tree = parse(&name, &text, &functions);
        let time = start.elapsed().as_secs_f64() * 1e6;
        drop(std::hint::black_box(tree));
        best = best.min(time);
        total += time;
    }
    let lines = text.iter().filter(|&&byte| byte == b'\n').count();
    let actions = text.windows(2).filter(|pair| pair == b"{{").count();
    println!("{lines} lines, {actions} actions: mean {:.1} µs, best {best:.1} µs", total / f64::from(ROUNDS));
}
