//! The repository that a chart lies in: its documents and its CI, from the chart's folder up to the folder that holds
//! `.git`, or `.github/workflows` if there is no `.git`. Nothing else outside of a chart's folder is ever read, and `--no-repo` switches this off too.

use std::path::{Path, PathBuf};

use crate::source::{FileId, SourceFile, SourceMap};

/// The files of a repository that say something about a chart.
#[derive(Debug, Default)]
pub struct Repo {
    /// The root of the repository, if there is one around the chart.
    pub root: Option<PathBuf>,
    /// `README*`, `docs/**/*.md`, `UPGRADING.md` and the like, the nearest to the chart first.
    pub documents: Vec<RepoFile>,
    /// Workflows and pipelines: GitHub Actions, GitLab, CircleCI, Woodpecker, Makefiles, configuration of chart tools.
    pub workflows: Vec<RepoFile>,
    /// Configuration of Dependabot and Renovate.
    pub updaters: Vec<RepoFile>,
    /// Shell scripts in `scripts/`, `hack/`, `deploy/` and the like.
    pub scripts: Vec<RepoFile>,
}

/// A file of a repository.
#[derive(Debug, Clone)]
pub struct RepoFile {
    /// The path from the root of the repository (or the chart's folder).
    pub name: String,
    /// The file.
    pub source: FileId,
    /// The text.
    pub text: String,
}

/// Larger files say nothing that matters here.
const MAX_BYTES: u64 = 1 << 20;
/// More files of a kind are not read.
const MAX_FILES: usize = 200;
/// How far up the root is looked for.
const MAX_UP: usize = 12;

impl Repo {
    /// Reads what lies around a chart's folder. `shown` is the folder as the user gave it.
    pub fn read(folder: &Path, shown: &str, sources: &SourceMap) -> Repo {
        let Ok(folder) = folder.canonicalize() else { return Repo::default() };
        // A repository that was exported has no `.git`, but its workflows still lie at its root.
        let holds = |name: &str| folder.ancestors().take(MAX_UP).find(|above| above.join(name).exists());
        let root = holds(".git").or_else(|| holds(".github/workflows")).map(Path::to_path_buf);
        let top = root.clone().unwrap_or_else(|| folder.clone());
        let mut reader = Reader { sources, top: &top, chart: &folder, shown };
        let mut repo = Repo { root, ..Repo::default() };
        // From the chart's folder upwards, so that what is nearest comes first.
        for above in folder.ancestors().take_while(|above| above.starts_with(&top)) {
            reader.documents(above, &mut repo.documents);
        }
        for name in ["docs", "doc", "documentation"] {
            reader.tree(&top.join(name), &["md", "adoc", "rst"], 4, &mut repo.documents);
        }
        reader.tree(&top.join(".github/workflows"), &["yml", "yaml"], 1, &mut repo.workflows);
        reader.tree(&top.join(".woodpecker"), &["yml", "yaml"], 1, &mut repo.workflows);
        for name in [
            ".gitlab-ci.yml",
            ".gitlab-ci.yaml",
            ".circleci/config.yml",
            ".woodpecker.yml",
            ".drone.yml",
            ".travis.yml",
            "azure-pipelines.yml",
            "Jenkinsfile",
            "Makefile",
            "Taskfile.yml",
            "Taskfile.yaml",
            "justfile",
            ".pre-commit-config.yaml",
            "ct.yaml",
            ".github/ct.yaml",
            "cr.yaml",
        ] {
            reader.file(&top.join(name), &mut repo.workflows);
        }
        for name in [
            ".github/dependabot.yml",
            ".github/dependabot.yaml",
            "renovate.json",
            "renovate.json5",
            ".renovaterc",
            ".renovaterc.json",
            ".github/renovate.json",
            ".github/renovate.json5",
            ".gitlab/renovate.json",
        ] {
            reader.file(&top.join(name), &mut repo.updaters);
        }
        for name in ["scripts", "hack", "deploy", "bin", "tools", "ci"] {
            reader.tree(&top.join(name), &["sh", "bash"], 2, &mut repo.scripts);
        }
        repo
    }
}

struct Reader<'a> {
    sources: &'a SourceMap,
    top: &'a Path,
    chart: &'a Path,
    shown: &'a str,
}

impl Reader<'_> {
    /// Documents that lie in a folder itself.
    fn documents(&mut self, folder: &Path, into: &mut Vec<RepoFile>) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
            let is_text = name.ends_with(".md")
                || name.ends_with(".adoc")
                || name.ends_with(".rst")
                || name.ends_with(".txt");
            if is_text || name == "readme" {
                self.file(&path, into);
            }
        }
    }

    /// All files below a folder with one of some extensions.
    fn tree(&mut self, folder: &Path, extensions: &[&str], depth: usize, into: &mut Vec<RepoFile>) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                if depth > 1 {
                    self.tree(&path, extensions, depth - 1, into);
                }
            } else if path
                .extension()
                .is_some_and(|extension| extensions.contains(&&*extension.to_string_lossy()))
            {
                self.file(&path, into);
            }
        }
    }

    fn file(&mut self, path: &Path, into: &mut Vec<RepoFile>) {
        let small =
            std::fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() <= MAX_BYTES);
        if !small || into.len() >= MAX_FILES {
            return;
        }
        let Ok(bytes) = std::fs::read(path) else { return };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let name = path.strip_prefix(self.top).unwrap_or(path).to_string_lossy().replace('\\', "/");
        let source = self.sources.add(SourceFile::new(self.shown_path(path), bytes));
        into.push(RepoFile { name, source, text });
    }

    /// A path as the user would write it: relative to the chart's folder as it was given.
    fn shown_path(&self, path: &Path) -> String {
        if let Ok(inside) = path.strip_prefix(self.chart) {
            let inside = inside.to_string_lossy().replace('\\', "/");
            return if self.shown.is_empty() { inside } else { format!("{}/{inside}", self.shown) };
        }
        let below = path.strip_prefix(self.top).unwrap_or(path).to_string_lossy().replace('\\', "/");
        let ups = self.chart.strip_prefix(self.top).map_or(0, |way| way.components().count());
        // Parts of the given path are taken off before `..` is put in front.
        let mut given: Vec<&str> =
            self.shown.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        let mut shown = Vec::new();
        for _ in 0..ups {
            match given.last() {
                Some(&"..") | None => shown.push(".."),
                Some(_) => {
                    given.pop();
                }
            }
        }
        let prefix = if self.shown.starts_with('/') { "/" } else { "" };
        let parts: Vec<&str> = given.into_iter().chain(shown).chain([below.as_str()]).collect();
        format!("{prefix}{}", parts.join("/"))
    }
}
