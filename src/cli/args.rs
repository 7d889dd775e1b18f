//! The flags, as clap reads them. The only place that knows clap.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Finds what is wrong with a Helm chart before it reaches a cluster.
#[derive(Parser, Debug)]
#[command(
    name = "chart-lint",
    version,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    args_override_self = true
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) lint: LintArgs,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Print what `helm template` prints, without Helm
    Template(Box<TemplateArgs>),
    /// Show what a rule is about
    Explain {
        /// The rule's id
        rule: String,
    },
    /// List the rules
    Rules(RulesArgs),
    /// Write a configuration to start with, and show what to put into hooks and CI
    Init {
        /// Where to
        #[arg(value_name = "FOLDER", default_value = ".")]
        folder: PathBuf,
    },
    /// Print what makes a shell complete commands and flags
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
    /// Print the JSON Schema of the configuration
    Schema,
    /// Join the JSON reports of several runs into one report
    Merge(MergeArgs),
    /// List the branches of the templates that no set of values reaches
    Coverage(Box<CoverageArgs>),
    /// Answer what templates render to; for tests
    #[command(hide = true)]
    Oracle,
}

/// Values, as `helm template` takes them.
#[derive(Args, Debug, Clone, Default)]
pub(crate) struct ValuesArgs {
    /// Values file; may be given several times, `-` is standard input
    #[arg(short = 'f', long = "values", value_name = "FILE", value_delimiter = ',')]
    pub(crate) values: Vec<String>,
    /// Set values: `a.b=c,list[0]=x`
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// Set values that are strings whatever they look like
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set_string: Vec<String>,
    /// Set values from JSON: `a={"b":1}`
    #[arg(long, value_name = "KEY=JSON")]
    pub(crate) set_json: Vec<String>,
    /// Set values to the content of files: `a=path`
    #[arg(long, value_name = "KEY=PATH")]
    pub(crate) set_file: Vec<String>,
    /// Set one value to a text that is taken as it is
    #[arg(long, value_name = "KEY=TEXT")]
    pub(crate) set_literal: Vec<String>,
}

impl ValuesArgs {
    /// Whether none of the flags was given.
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
            && self.set.is_empty()
            && self.set_string.is_empty()
            && self.set_json.is_empty()
            && self.set_file.is_empty()
            && self.set_literal.is_empty()
    }
}

#[derive(Clone, Copy, Debug, ValueEnum, PartialEq, Eq)]
pub(crate) enum ColorArg {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Clone, Copy, Debug, ValueEnum, PartialEq, Eq)]
pub(crate) enum FormatArg {
    /// For people, with the source lines
    Pretty,
    /// One line for each finding
    Short,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// GitLab's code quality report
    Gitlab,
    /// JUnit's XML
    Junit,
    /// Checkstyle's XML
    Checkstyle,
    /// For pull-request comments and step summaries
    Markdown,
    /// A page for browsers, in one file
    Html,
}

/// Lint charts: the default command.
#[derive(Args, Debug)]
pub(crate) struct LintArgs {
    /// Charts: folders, packed charts, or folders with charts in them [default: .]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) values: ValuesArgs,
    /// The namespace of the release
    #[arg(short, long, value_name = "NAME")]
    pub(crate) namespace: Option<String>,
    /// The name of the release
    #[arg(long, value_name = "NAME")]
    pub(crate) release_name: Option<String>,
    /// The Kubernetes version to render for; of several each is rendered for
    #[arg(long, value_name = "VERSION", value_delimiter = ',')]
    pub(crate) kube_version: Vec<String>,
    /// More API versions that the cluster has
    #[arg(short = 'a', long, value_name = "VERSION", value_delimiter = ',')]
    pub(crate) api_versions: Vec<String>,
    /// The configuration, instead of the nearest .chart-lint.yaml above each chart
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(crate) config: Option<PathBuf>,
    /// Read no configuration
    #[arg(long)]
    pub(crate) no_config: bool,
    /// Which rules are on: essential, recommended, strict, pss-baseline, pss-restricted, cis, nsa [default: recommended]
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    /// Report only these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(crate) select: Vec<String>,
    /// Do not report these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,
    /// Report a rule with another severity, or switch it `off`: RULE=LEVEL
    #[arg(long, value_name = "RULE=LEVEL", value_delimiter = ',')]
    pub(crate) severity: Vec<String>,
    /// Fold findings below this severity: critical, high, medium, low, info [default: medium]
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) min_severity: Option<String>,
    /// Fail when there is a finding at or above this severity [default: high]
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<String>,
    /// Report only what this baseline does not know
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write what was found into a baseline, and pass
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    pub(crate) write_baseline: Option<PathBuf>,
    /// Ignore no finding: neither by comments nor by annotations, the configuration or a baseline
    #[arg(long)]
    pub(crate) no_ignores: bool,
    /// Pass over paths that lead to no chart and no manifest: hooks give all files that changed
    #[arg(long)]
    pub(crate) skip_others: bool,
    /// Only charts with files that differ from this revision of git
    #[arg(long, value_name = "REVISION")]
    pub(crate) changed_since: Option<String>,
    /// Only the K-th of N parts of the charts, for the jobs of a matrix
    #[arg(long, value_name = "K/N")]
    pub(crate) shard: Option<String>,
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: FormatArg,
    /// Write a report to a file as well; the format is told by the extension or given: `sarif=FILE`
    #[arg(short, long, value_name = "[FORMAT=]FILE")]
    pub(crate) output: Vec<String>,
    /// Check the objects of dependencies too
    #[arg(long)]
    pub(crate) include_dependencies: bool,
    /// Do not look at the repository around a chart: README, documents, CI
    #[arg(long)]
    pub(crate) no_repo: bool,
    /// How many threads to use [default: as many as there are cores]
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Print where the time went
    #[arg(long)]
    pub(crate) timings: bool,
    /// Print findings only, no summary
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Show every finding in full, with the rendered lines
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorArg,
}

#[derive(Clone, Copy, Debug, ValueEnum, PartialEq, Eq)]
pub(crate) enum CoverageFormat {
    /// For people
    Pretty,
    /// For programs
    Json,
}

/// Which branches are reached.
#[derive(Args, Debug)]
pub(crate) struct CoverageArgs {
    /// Charts: folders, packed charts, or folders with charts in them [default: .]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) values: ValuesArgs,
    /// The Kubernetes version to render for
    #[arg(long, value_name = "VERSION")]
    pub(crate) kube_version: Option<String>,
    /// More API versions that the cluster has
    #[arg(short = 'a', long, value_name = "VERSION", value_delimiter = ',')]
    pub(crate) api_versions: Vec<String>,
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: CoverageFormat,
}

/// Which rules to list, and how.
#[derive(Args, Debug)]
pub(crate) struct RulesArgs {
    /// Only those that a profile switches on
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: RulesFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum, PartialEq, Eq)]
pub(crate) enum RulesFormat {
    /// A table
    Pretty,
    /// For programs
    Json,
}

/// Join reports.
#[derive(Args, Debug)]
pub(crate) struct MergeArgs {
    /// Reports that `--format json` or `--output json=FILE` wrote
    #[arg(value_name = "REPORT", required = true)]
    pub(crate) reports: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "short")]
    pub(crate) format: FormatArg,
    /// Write a report to a file as well; the format is told by the extension or given: `sarif=FILE`
    #[arg(short, long, value_name = "[FORMAT=]FILE")]
    pub(crate) output: Vec<String>,
}

/// Flags of `helm template`. Those that speak to a cluster or a registry are taken and do nothing, so that a command
/// line for Helm works.
#[derive(Args, Debug)]
pub(crate) struct TemplateArgs {
    /// NAME and CHART, or CHART alone
    #[arg(value_name = "NAME] [CHART", required = true)]
    pub(crate) args: Vec<String>,
    #[command(flatten)]
    pub(crate) values: ValuesArgs,
    /// The namespace of the release
    #[arg(short, long, default_value = "default")]
    pub(crate) namespace: String,
    /// Print only what these templates render
    #[arg(short, long, value_name = "PATH")]
    pub(crate) show_only: Vec<String>,
    /// Write files into this folder instead of printing
    #[arg(long, value_name = "DIR")]
    pub(crate) output_dir: Option<String>,
    /// With --output-dir: into a folder with the name of the release
    #[arg(long)]
    pub(crate) release_name: bool,
    /// Print the files in `crds/` too
    #[arg(long)]
    pub(crate) include_crds: bool,
    /// Leave out the objects of `helm test`
    #[arg(long)]
    pub(crate) skip_tests: bool,
    /// Leave out hooks
    #[arg(long)]
    pub(crate) no_hooks: bool,
    /// Render as for an upgrade
    #[arg(long)]
    pub(crate) is_upgrade: bool,
    /// The Kubernetes version
    #[arg(long, value_name = "VERSION")]
    pub(crate) kube_version: Option<String>,
    /// More API versions that the cluster has
    #[arg(short, long, value_name = "VERSION")]
    pub(crate) api_versions: Vec<String>,
    /// Do not check values against `values.schema.json`
    #[arg(long)]
    pub(crate) skip_schema_validation: bool,
    /// A template for the name of the release
    #[arg(long, value_name = "TEMPLATE")]
    pub(crate) name_template: Option<String>,
    /// Make up a name
    #[arg(short, long)]
    pub(crate) generate_name: bool,
    /// On invalid YAML print what was rendered
    #[arg(long)]
    pub(crate) debug: bool,
    /// The repository to fetch from: chart-lint fetches nothing
    #[arg(long, hide = true)]
    pub(crate) repo: Option<String>,
    #[command(flatten)]
    pub(crate) ignored: IgnoredArgs,
}

/// Flags of Helm that mean nothing without a cluster or a registry.
#[derive(Args, Debug)]
#[command(next_help_heading = "Taken for Helm's sake")]
#[allow(dead_code)]
pub(crate) struct IgnoredArgs {
    #[arg(long, hide = true)]
    ca_file: Option<String>,
    #[arg(long, hide = true)]
    cert_file: Option<String>,
    #[arg(long, hide = true)]
    create_namespace: bool,
    #[arg(long, hide = true)]
    dependency_update: bool,
    #[arg(long, hide = true)]
    description: Option<String>,
    #[arg(long, hide = true)]
    devel: bool,
    #[arg(long, hide = true)]
    disable_openapi_validation: bool,
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true)]
    dry_run: Option<Option<String>>,
    #[arg(long, hide = true)]
    enable_dns: bool,
    #[arg(long, hide = true)]
    force_conflicts: bool,
    #[arg(long, hide = true)]
    force_replace: bool,
    #[arg(long, hide = true)]
    insecure_skip_tls_verify: bool,
    #[arg(long, hide = true)]
    key_file: Option<String>,
    #[arg(long, hide = true)]
    keyring: Option<String>,
    #[arg(short, long, hide = true)]
    labels: Vec<String>,
    #[arg(long, hide = true)]
    pass_credentials: bool,
    #[arg(long, hide = true)]
    password: Option<String>,
    #[arg(long, hide = true)]
    plain_http: bool,
    #[arg(long, hide = true)]
    replace: bool,
    #[arg(long, hide = true)]
    rollback_on_failure: bool,
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true)]
    server_side: Option<Option<String>>,
    #[arg(long, hide = true)]
    skip_crds: bool,
    #[arg(long, hide = true)]
    take_ownership: bool,
    #[arg(long, hide = true)]
    timeout: Option<String>,
    #[arg(long, hide = true)]
    username: Option<String>,
    #[arg(long, hide = true)]
    validate: bool,
    #[arg(long, hide = true)]
    verify: bool,
    #[arg(long = "version", hide = true)]
    chart_version: Option<String>,
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true)]
    wait: Option<Option<String>>,
    #[arg(long, hide = true)]
    wait_for_jobs: bool,
    #[arg(long, hide = true, alias = "colour")]
    color: Option<String>,
    #[arg(long, hide = true)]
    kubeconfig: Option<String>,
    #[arg(long, hide = true)]
    kube_context: Option<String>,
}
