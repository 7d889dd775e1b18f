//! Which charts a run is about: those at the paths, of `ct.yaml`, those that changed, a part of them.

use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use chart_lint_yaml::{Target, decode};

use super::lint::Stop;
use crate::input::{Input, discover};

/// What lies at the paths, each once. Without paths it is what `ct.yaml` names, or the folder that we are in.
pub(super) fn inputs(paths: &[PathBuf], skip_others: bool) -> Result<Vec<Input>, Stop> {
    let mut excluded = HashSet::new();
    let own;
    let paths = if paths.is_empty() {
        let testing = ChartTesting::read(Path::new("ct.yaml"));
        excluded = testing.excluded;
        own = if testing.paths.is_empty() { vec![PathBuf::from(".")] } else { testing.paths };
        &own
    } else {
        paths
    };
    let mut inputs: Vec<Input> = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            std::io::stdin().lock().read_to_end(&mut bytes).map_err(|error| {
                let message = format!("cannot read standard input: {error}");
                Stop::new(message, "pipe manifests into `chart-lint -`")
            })?;
            inputs.push(Input::Stdin(bytes));
            continue;
        }
        // A file that a commit takes away is no mistake of the hook.
        if skip_others && !path.exists() {
            continue;
        }
        if !path.exists() {
            let message = format!("there is nothing at `{}`", path.display());
            return Err(Stop::new(
                message,
                "give the path of a chart (a folder with a Chart.yaml, or a .tgz file), of a Kustomize folder or of manifests",
            ));
        }
        let found = discover(path);
        if found.is_empty() && !skip_others {
            let message = format!("there is no chart and no manifest in `{}`", path.display());
            return Err(Stop::new(
                message,
                "a chart is a folder with a Chart.yaml, or a .tgz file; a manifest has `apiVersion` and `kind`",
            ));
        }
        inputs.extend(found);
    }
    let mut known = HashSet::new();
    inputs.retain(|input| {
        let name = input.path().rsplit('/').next().unwrap_or_default();
        !excluded.contains(name) && known.insert(input.path().to_owned())
    });
    Ok(inputs)
}

/// What chart-testing is told about charts.
#[derive(Default)]
struct ChartTesting {
    paths: Vec<PathBuf>,
    excluded: HashSet<String>,
}

impl ChartTesting {
    fn read(path: &Path) -> ChartTesting {
        let Ok(text) = std::fs::read(path) else { return ChartTesting::default() };
        let Ok(tree) = decode(&text, Target::Any) else { return ChartTesting::default() };
        let Some(root) = tree.root().as_map() else { return ChartTesting::default() };
        let list = |key: &str| -> Vec<String> {
            let items = root.get(key.as_bytes()).and_then(chart_lint_yaml::Value::as_seq);
            let texts = items
                .into_iter()
                .flat_map(chart_lint_yaml::Seq::iter)
                .filter_map(|item| item.to_string_field());
            texts.map(|text| String::from_utf8_lossy(&text).into_owned()).collect()
        };
        let charts = list("charts");
        let folders = if charts.is_empty() { list("chart-dirs") } else { charts };
        // What chart-testing assumes if nothing is said.
        let folders = if folders.is_empty() { vec!["charts".to_owned()] } else { folders };
        ChartTesting {
            paths: folders.into_iter().map(PathBuf::from).filter(|path| path.exists()).collect(),
            excluded: list("excluded-charts").into_iter().collect(),
        }
    }
}

/// Keeps the inputs that have changed since a revision: files of their own, or of a chart beside them that they depend
/// on.
pub(super) fn changed_since(inputs: &mut Vec<Input>, revision: &str) -> Result<(), Stop> {
    let git = |args: &[&str]| -> Result<String, Stop> {
        let help = "it needs git, a repository, and a revision that was fetched: try `git fetch --depth=50 origin main`";
        let output = Command::new("git").args(args).output();
        let output = output.map_err(|error| Stop::new(format!("cannot run git: {error}"), help))?;
        if !output.status.success() {
            let error = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(Stop::new(
                format!("git does not know what changed since `{revision}`: {error}"),
                help,
            ));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    if revision.starts_with('-') {
        return Err(Stop::new(format!("`{revision}` is no revision"), "give a branch, a tag or a commit"));
    }
    let root = PathBuf::from(git(&["rev-parse", "--show-toplevel"])?.trim());
    let changed = git(&["diff", "--name-only", "-z", "--no-renames", &format!("{revision}..."), "--"])?
        + &git(&["diff", "--name-only", "-z", "--no-renames", "HEAD", "--"])?
        + &git(&["ls-files", "--others", "--exclude-standard", "--full-name", "-z"])?;
    let changed: Vec<PathBuf> =
        changed.split('\0').filter(|name| !name.is_empty()).map(|name| root.join(name)).collect();
    // A configuration says what is checked: when it changes, everything has.
    if changed.iter().any(|path| crate::config::NAMES.iter().any(|name| path.ends_with(name))) {
        return Ok(());
    }
    inputs.retain(|input| {
        folders_of(input).iter().any(|folder| changed.iter().any(|path| path.starts_with(folder)))
    });
    Ok(())
}

/// The folders that an input is made of.
fn folders_of(input: &Input) -> Vec<PathBuf> {
    let own = Path::new(input.path()).canonicalize().unwrap_or_else(|_| PathBuf::from(input.path()));
    let mut folders = vec![own.clone()];
    if let Input::Kustomization(_) = input {
        folders.extend(crate::kustomize::bases_of(&own));
    }
    let Ok(text) = std::fs::read(own.join("Chart.yaml")) else { return folders };
    let Ok(tree) = decode(&text, Target::Any) else { return folders };
    let dependencies = tree.root().as_map().and_then(|root| root.get(b"dependencies")?.as_seq());
    for dependency in dependencies.into_iter().flat_map(chart_lint_yaml::Seq::iter) {
        let repository = dependency.as_map().and_then(|map| map.get(b"repository")?.to_string_field());
        let repository = repository.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        if let Some(path) = repository.as_deref().and_then(|repository| repository.strip_prefix("file://"))
            && let Ok(path) = own.join(path).canonicalize()
        {
            folders.push(path);
        }
    }
    folders
}

/// Keeps the part of the inputs that one job of a matrix works on: `2/4`. The parts have about the same size.
pub(super) fn shard(inputs: &mut Vec<Input>, text: &str) -> Result<(), Stop> {
    let parts = text
        .split_once('/')
        .and_then(|(part, of)| Some((part.parse::<usize>().ok()?, of.parse::<usize>().ok()?)));
    let Some((part, of)) = parts.filter(|(part, of)| (1..=*of).contains(part)) else {
        let help = "write it as K/N with K from 1 to N: --shard 1/4";
        return Err(Stop::new(format!("`{text}` is not a part of a run"), help));
    };
    // The largest first, each to the part that has least: every job comes to the same parts by itself.
    let mut by_size: Vec<(u64, usize)> =
        inputs.iter().enumerate().map(|(index, input)| (size(input), index)).collect();
    by_size.sort_by_key(|&(size, index)| (std::cmp::Reverse(size), index));
    let mut loads = vec![0u64; of];
    let mut mine = HashSet::new();
    for (size, index) in by_size {
        let least = (0..of).min_by_key(|&at| (loads[at], at)).unwrap_or(0);
        loads[least] += size.max(1);
        if least == part - 1 {
            mine.insert(index);
        }
    }
    let mut index = 0;
    inputs.retain(|_| {
        index += 1;
        mine.contains(&(index - 1))
    });
    Ok(())
}

/// How many bytes an input has on disk.
fn size(input: &Input) -> u64 {
    let mut total = 0;
    let mut pending = vec![PathBuf::from(input.path())];
    while let Some(path) = pending.pop() {
        let Ok(data) = path.symlink_metadata() else { continue };
        if data.is_dir() {
            let entries = std::fs::read_dir(&path).into_iter().flatten().flatten();
            pending.extend(entries.map(|entry| entry.path()));
        } else {
            total += data.len();
        }
    }
    total
}
