//! `chart-lint template`: prints what `helm template` prints.
//!
//! Follows `pkg/cmd/template.go`, `pkg/cmd/install.go` and `pkg/action/install.go` in Helm, in the order in which they
//! find errors.

use std::fmt::Display;
use std::io::Write;
use std::mem::ManuallyDrop;
use std::path::Path;
use std::sync::Arc;

use chart_lint_template::{Limits, Origins, State, Str, TemplateSet, Value, parse};

use clap::Parser;

use super::args::{Cli, Command, TemplateArgs};
use super::values::{read_set_file, value_options};
use crate::chart::{Chart, LoadOptions, load};
use crate::render::engine::{RenderOptions, RenderedFile, TreeCache, render};
use crate::render::functions;
use crate::render::host::{Chance, Host};
use crate::render::manifests::{self, Document, Manifests, trim_space};
use crate::render::objects::{Capabilities, KubeVersion};
use crate::render::top::{Release, templates};
use crate::semver::{Constraints, Version};
use crate::source::SourceMap;
use crate::values::{Instance, PrepareOptions, ValueOrigins, merge_user_values, prepare};

/// An error in Helm's words, and a way out.
pub(crate) struct Refusal {
    message: String,
    help: Option<String>,
    /// What was rendered before it went wrong, for `--debug`.
    rendered: Vec<u8>,
}

impl Refusal {
    fn new(message: impl Display) -> Refusal {
        Refusal { message: message.to_string(), help: None, rendered: Vec::new() }
    }

    fn help(mut self, help: Option<&str>) -> Refusal {
        self.help = help.map(str::to_owned);
        self
    }
}

/// What the program prints for the arguments `template …`, for the fuzzer: the exit code, standard output and standard
/// error. Needs a thread with a large stack.
pub fn answer(args: &[String]) -> (u8, Vec<u8>, Vec<u8>) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let program = std::iter::once("chart-lint");
    let code = match Cli::try_parse_from(program.chain(args.iter().map(String::as_str))) {
        Ok(Cli { command: Some(Command::Template(args)), .. }) => run(&args, &mut out, &mut err).unwrap_or(2),
        Ok(_) => 2,
        Err(error) => {
            err = error.to_string().into_bytes();
            2
        }
    };
    (code, out, err)
}

/// Runs the command; gives the exit code.
pub(crate) fn run(args: &TemplateArgs, out: &mut dyn Write, err: &mut dyn Write) -> std::io::Result<u8> {
    let result = crate::render::with_large_stack(|| {
        let mut log = Vec::new();
        let result = template(args, &mut log);
        (result, log)
    });
    let (result, log) = result;
    err.write_all(&log)?;
    match result {
        Ok(output) => {
            out.write_all(&output)?;
            Ok(0)
        }
        Err(refusal) => {
            if args.debug {
                out.write_all(&refusal.rendered)?;
            }
            writeln!(err, "Error: {}", refusal.message)?;
            if let Some(help) = refusal.help {
                writeln!(err, "help: {help}")?;
            }
            Ok(1)
        }
    }
}

fn template(args: &TemplateArgs, log: &mut Vec<u8>) -> Result<Vec<u8>, Refusal> {
    let sources = SourceMap::new();
    let mut capabilities = Capabilities::default();
    if let Some(version) = args.kube_version.as_deref().filter(|version| !version.is_empty()) {
        capabilities.kube_version = KubeVersion::parse(version)
            .map_err(|error| Refusal::new(format!("invalid kube version '{version}': {error}")))?;
    }
    let lists = args.api_versions.iter().filter(|list| !list.is_empty());
    capabilities.api_versions.extend(lists.flat_map(|list| list.split(',')).map(str::to_owned));
    if args.repo.is_some() {
        let help = "fetch the chart first with `helm pull`, then name the folder or the file";
        return Err(Refusal::new("--repo needs the network, which chart-lint does not use").help(Some(help)));
    }
    let (name, path) = name_and_chart(args)?;
    // Helm looks for the chart before it reads values.
    if !Path::new(path.trim()).exists() {
        load(&path, &LoadOptions::default(), &sources)
            .map_err(|error| Refusal::new(&error).help(error.help()))?;
    }
    let refuse = |error: crate::values::ValuesError| Refusal::new(&error).help(error.help());
    let value_options = value_options(&args.values, &sources).map_err(refuse)?;
    let mut origins = Origins::disabled();
    let mut value_origins = ValueOrigins::new();
    let user_values = merge_user_values(&value_options, &mut read_set_file, &mut origins, &mut value_origins)
        .map_err(refuse)?;
    let loaded = load(&path, &LoadOptions::default(), &sources)
        .map_err(|error| Refusal::new(&error).help(error.help()))?;
    for line in &loaded.log {
        let _ = writeln!(log, "{line}");
    }
    // The program ends when this is printed: taking the values and the chart apart before would be work for nothing.
    let chart = ManuallyDrop::new(loaded.chart);
    crate::values::check_installable(&chart).map_err(refuse)?;
    crate::values::check_dependencies(&chart).map_err(refuse)?;
    check_release_name(&name)?;
    let options =
        PrepareOptions { skip_schema_validation: args.skip_schema_validation, ..PrepareOptions::default() };
    let prepared = ManuallyDrop::new(
        prepare(&chart, &user_values, &options, &mut origins, &mut value_origins).map_err(refuse)?,
    );
    for line in &prepared.log {
        let _ = writeln!(log, "{line}");
    }
    check_kube_version(&chart, &capabilities)?;
    let release = Release { name, namespace: args.namespace.clone(), is_upgrade: args.is_upgrade };
    let templates = templates(&prepared, &release, &capabilities, &mut origins, &mut value_origins);
    let options =
        RenderOptions { chance: Chance::System, limits: Limits::default(), stop_at_error: true, only: None };
    let rendered = render(templates.renderables, &TreeCache::default(), origins, &options);
    if let Some(error) = rendered.errors.first() {
        return Err(needs_debug(&error.message, Vec::new()));
    }
    print(args, &release, &prepared.instance, &rendered.files)
}

/// Helm's hint below errors that come after rendering has begun.
fn needs_debug(message: &str, rendered: Vec<u8>) -> Refusal {
    let message = format!("{message}\n\nUse --debug flag to render out invalid YAML");
    Refusal { message, help: None, rendered }
}

/// `NameAndChart`: the release's name and the chart.
fn name_and_chart(args: &TemplateArgs) -> Result<(String, String), Refusal> {
    match args.args.as_slice() {
        [name, chart] => {
            if args.generate_name {
                return Err(Refusal::new("cannot set --generate-name and also specify a name"));
            }
            if args.name_template.is_some() {
                return Err(Refusal::new("cannot set --name-template and also specify a name"));
            }
            Ok((name.clone(), chart.clone()))
        }
        [chart] => match args.name_template.as_deref().filter(|template| !template.is_empty()) {
            Some(template) => Ok((render_name(template)?, chart.clone())),
            None => Ok(("release-name".to_owned(), chart.clone())),
        },
        [_, _, rest @ ..] => {
            let rest = rest.join(", ");
            Err(Refusal::new(format!("expected at most two arguments, unexpected arguments: {rest}")))
        }
        [] => Err(Refusal::new("\"template\" requires at least 1 argument")),
    }
}

/// Renders `--name-template`.
fn render_name(template: &str) -> Result<String, Refusal> {
    let table = functions::table();
    let name = Str::from("name-template");
    let tree = parse(&name, &Str::from(template), &table.resolver()).map_err(Refusal::new)?;
    let mut templates = TemplateSet::default();
    templates.add(&Arc::new(tree));
    let host = Box::new(Host::new(Chance::System));
    let mut state = State::new(table, templates, Origins::disabled(), Limits::default(), host);
    let output = state.execute(&name, Value::INVALID, "name-template").map_err(Refusal::new)?;
    Ok(output.to_utf8().into_owned())
}

/// Helm's rule for the names of releases.
fn check_release_name(name: &str) -> Result<(), Refusal> {
    const LONGEST: usize = 53;
    let why = if name.is_empty() {
        Some("no name provided".to_owned())
    } else if name.len() > LONGEST || !is_valid_name(name) {
        Some(format!(
            "invalid release name, must match regex ^{part}(\\.{part})*$ and the length must not be longer than {LONGEST}",
            part = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
        ))
    } else {
        None
    };
    match why {
        None => Ok(()),
        Some(why) => {
            let name = chart_lint_template::quote::go_quote(name.as_bytes());
            Err(Refusal::new(format!("release name check failed: release name {name}: {why}")))
        }
    }
}

fn is_valid_name(name: &str) -> bool {
    let is_edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.split('.').all(|part| {
        part.starts_with(is_edge) && part.ends_with(is_edge) && part.chars().all(|c| is_edge(c) || c == '-')
    })
}

/// The chart's `kubeVersion` has to admit the cluster's version.
fn check_kube_version(chart: &Chart, capabilities: &Capabilities) -> Result<(), Refusal> {
    let wanted = &chart.metadata.kube_version;
    let version = &capabilities.kube_version;
    let fits = || {
        let range = Constraints::parse(wanted.as_bytes()).ok()?;
        let version = Version::parse(version.normalized.as_bytes()).ok()?;
        Some(range.check(&version))
    };
    if wanted.is_empty() || fits() == Some(true) {
        return Ok(());
    }
    let message = format!(
        "chart requires kubeVersion: {wanted} which is incompatible with Kubernetes {}",
        version.version
    );
    Err(needs_debug(&message, Vec::new()))
}

fn print(
    args: &TemplateArgs,
    release: &Release,
    instance: &Instance,
    files: &[RenderedFile],
) -> Result<Vec<u8>, Refusal> {
    let sorted = manifests::sort(files);
    if let Some(error) = sorted.errors.first() {
        let mut rendered = Vec::new();
        for file in files.iter().filter(|file| !trim_space(&file.text).is_empty() && !is_notes(file)) {
            add_document(&mut rendered, &file.name.to_utf8(), &file.text);
        }
        return Err(needs_debug(&error.message, rendered));
    }
    match &args.output_dir {
        Some(folder) => write_files(args, release, instance, files, &sorted, folder),
        None => {
            let all = all_documents(args, instance, files, &sorted);
            if args.show_only.is_empty() { Ok(all) } else { show_only(args, &all) }
        }
    }
}

fn is_notes(file: &RenderedFile) -> bool {
    file.name.ends_with(b"NOTES.txt")
}

fn add_document(out: &mut Vec<u8>, name: &str, text: &[u8]) {
    out.extend_from_slice(format!("---\n# Source: {name}\n").as_bytes());
    out.extend_from_slice(text);
    out.push(b'\n');
}

/// All that is printed: the CRDs if they are wanted, the objects, and the hooks.
fn all_documents(
    args: &TemplateArgs,
    instance: &Instance,
    files: &[RenderedFile],
    sorted: &Manifests,
) -> Vec<u8> {
    let mut manifest = Vec::new();
    if args.include_crds {
        for (name, data) in crds(instance) {
            add_document(&mut manifest, &name, &data);
        }
    }
    for document in &sorted.manifests {
        add_document(&mut manifest, &files[document.file].name.to_utf8(), text_of(files, document));
    }
    let mut all = trim_space(&manifest).to_vec();
    all.push(b'\n');
    for document in hooks(args, sorted) {
        add_document(&mut all, &files[document.file].name.to_utf8(), text_of(files, document));
    }
    all
}

fn text_of<'f>(files: &'f [RenderedFile], document: &Document) -> &'f [u8] {
    &files[document.file].text[document.range.clone()]
}

fn hooks<'s>(args: &TemplateArgs, sorted: &'s Manifests) -> impl Iterator<Item = &'s Document> {
    let (no_hooks, skip_tests) = (args.no_hooks, args.skip_tests);
    sorted.hooks.iter().filter(move |hook| !no_hooks && !(skip_tests && hook.head.is_test()))
}

/// The custom resource definitions of a chart and its subcharts that are on, with the names that Helm gives them.
fn crds(instance: &Instance) -> Vec<(String, Str)> {
    let own = instance
        .chart
        .crds()
        .map(|file| (format!("{}/{}", instance.full_path, file.name), file.data.clone()));
    own.chain(instance.dependencies.iter().flat_map(crds)).collect()
}

/// `--show-only`: the documents of the named templates, in the order of the flags.
fn show_only(args: &TemplateArgs, all: &[u8]) -> Result<Vec<u8>, Refusal> {
    let documents: Vec<&[u8]> = manifests::split(all).into_iter().map(|range| &all[range]).collect();
    let mut out = Vec::new();
    for wanted in &args.show_only {
        let mut missing = true;
        for document in &documents {
            let Some(path) = source_path(document) else { continue };
            if !crate::chart::paths::matches(wanted.as_bytes(), path).unwrap_or(false) {
                continue;
            }
            out.extend_from_slice(b"---\n");
            out.extend_from_slice(document);
            out.push(b'\n');
            missing = false;
        }
        if missing {
            return Err(Refusal::new(format!("could not find template {wanted} in chart")));
        }
    }
    Ok(out)
}

/// The path behind the chart's name in the first `# Source:` line.
fn source_path(document: &[u8]) -> Option<&[u8]> {
    const MARK: &[u8] = b"# Source: ";
    let start = bstr::ByteSlice::find(document, MARK)? + MARK.len();
    let line = document[start..].split(|&byte| byte == b'\n').next()?;
    let slash = line.iter().position(|&byte| byte == b'/')?;
    Some(&line[slash + 1..]).filter(|path| !path.is_empty())
}

/// `--output-dir`: each template's documents go to a file of its name.
fn write_files(
    args: &TemplateArgs,
    release: &Release,
    instance: &Instance,
    files: &[RenderedFile],
    sorted: &Manifests,
    folder: &str,
) -> Result<Vec<u8>, Refusal> {
    let folder_of_release = format!("{folder}/{}", release.name);
    let folder_of_objects = if args.release_name { &folder_of_release } else { folder };
    let mut writer = FileWriter { written: Vec::new(), out: Vec::new() };
    if args.include_crds {
        for (name, data) in crds(instance) {
            writer.write(folder, &name, &data)?;
        }
    }
    for document in &sorted.manifests {
        writer.write(folder_of_objects, &files[document.file].name.to_utf8(), text_of(files, document))?;
    }
    // What Helm prints where it would print the manifest.
    let mut out = std::mem::take(&mut writer.out);
    for document in hooks(args, sorted) {
        writer.write(folder_of_objects, &files[document.file].name.to_utf8(), text_of(files, document))?;
    }
    out.append(&mut writer.out);
    out.push(b'\n');
    Ok(out)
}

struct FileWriter {
    /// Files that were written already: more documents of the same template are added to them.
    written: Vec<String>,
    out: Vec<u8>,
}

impl FileWriter {
    fn write(&mut self, folder: &str, name: &str, text: &[u8]) -> Result<(), Refusal> {
        let path = format!("{folder}/{name}");
        let failed =
            |error: std::io::Error| Refusal::new(crate::chart::error::go_io_error("open", &path, &error));
        if let Some(parent) = Path::new(&path).parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        let append = self.written.contains(&path);
        let mut options = std::fs::OpenOptions::new();
        let mut file =
            options.write(true).create(true).append(append).truncate(!append).open(&path).map_err(failed)?;
        let mut document = Vec::new();
        add_document(&mut document, name, text);
        file.write_all(&document).map_err(failed)?;
        self.out.extend_from_slice(format!("wrote {path}\n").as_bytes());
        self.written.push(path);
        Ok(())
    }
}
