//! Files in a folder of their own, and a plan as the policy would make it.

use std::fs;
use std::path::PathBuf;

use clap::Parser;
use podroute::targets::file::Options;
use podroute::targets::{Changes, Error, Table, Target, Wanted};
use tempfile::TempDir;

pub(crate) const OWNER: &str = "shop";

#[derive(Parser)]
pub(crate) struct Cli {
    #[command(flatten)]
    options: Options,
}

pub(crate) fn parse(arguments: &[&str]) -> Result<Cli, clap::Error> {
    Cli::try_parse_from([&["test"], arguments].concat())
}

/// The target that the command line would open.
pub(crate) fn open(owner: &str, arguments: &[&str]) -> Result<Box<dyn Target>, Error> {
    let mut bound = parse(arguments).unwrap().options.open(owner)?;
    assert_eq!(bound.len(), 1);
    let bound = bound.remove(0);
    assert_eq!(bound.nodes, None);
    Ok(bound.target)
}

/// A folder with an output file, `routes.conf`, and its state file.
pub(crate) struct Folder(pub(crate) TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn put(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.0.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    pub(crate) fn target_of(&self, owner: &str, arguments: &[&str]) -> Box<dyn Target> {
        let output = self.path("routes.conf");
        let fixed = ["--output", output.as_str(), "--template", "frr"];
        let own_template = arguments.contains(&"--template");
        let fixed = if own_template {
            &fixed[..2]
        } else {
            &fixed[..]
        };
        open(owner, &[fixed, arguments].concat()).unwrap()
    }

    pub(crate) fn target(&self, arguments: &[&str]) -> Box<dyn Target> {
        self.target_of(OWNER, arguments)
    }
}

pub(crate) fn route(prefix: &str, next_hop: &str, node: &str) -> Wanted {
    Wanted {
        id: format!("shop-{prefix}"),
        prefix: prefix.parse().unwrap(),
        next_hop: next_hop.parse().unwrap(),
        node: node.to_owned(),
    }
}

pub(crate) fn worker_1() -> Wanted {
    route("10.0.1.0/24", "192.0.2.11", "worker-1")
}

pub(crate) fn worker_2() -> Wanted {
    route("10.0.2.0/24", "192.0.2.12", "worker-2")
}

/// `routes.conf` with the routes of both workers, by the template `frr`.
pub(crate) const BOTH: &str = "\
! podroute: routes to the pods of shop. Changes by hand are undone.
ip route 10.0.1.0/24 192.0.2.11
ip route 10.0.2.0/24 192.0.2.12
";

/// The same with that of the first only.
pub(crate) const FIRST: &str = "\
! podroute: routes to the pods of shop. Changes by hand are undone.
ip route 10.0.1.0/24 192.0.2.11
";

/// What has to be done to a table so that it holds these routes.
pub(crate) fn plan(table: &Table, all: &[Wanted]) -> Changes {
    let held = |wanted: &&Wanted| table.routes.iter().any(|route| route.id == wanted.id);
    let is_right = |wanted: &&Wanted| {
        table.routes.iter().any(|route| {
            route.id == wanted.id && route.next_hop == Some(wanted.next_hop.to_string())
        })
    };
    Changes {
        owner: OWNER.to_owned(),
        adds: all.iter().filter(|route| !held(route)).cloned().collect(),
        updates: all
            .iter()
            .filter(|route| held(route) && !is_right(route))
            .cloned()
            .collect(),
        deletes: table
            .routes
            .iter()
            .filter(|route| all.iter().all(|wanted| wanted.id != route.id))
            .cloned()
            .collect(),
        all: all.to_vec(),
    }
}

/// One round of the daemon: reads, plans, and writes if there is a reason to.
/// Returns whether there was one.
pub(crate) async fn reconcile(target: &mut dyn Target, all: &[Wanted]) -> Result<bool, Error> {
    let table = target.read().await?;
    let changes = plan(&table, all);
    if changes.is_empty() && !table.stale {
        return Ok(false);
    }
    let written = target.write(&changes).await?;
    assert_eq!(written.failed, []);
    Ok(true)
}

pub(crate) fn prefixes(table: &Table) -> Vec<&str> {
    table.routes.iter().map(|route| &*route.prefix).collect()
}

pub(crate) fn refused(error: Error) -> String {
    match error {
        Error::Refused(message) => message,
        other => panic!("expected a refusal, not {other:?}"),
    }
}

pub(crate) fn unavailable(error: Error) -> String {
    match error {
        Error::Unavailable(message) => message,
        other => panic!("expected to be told to wait, not {other:?}"),
    }
}

pub(crate) fn state_file(folder: &Folder) -> PathBuf {
    folder.0.path().join("routes.conf.podroute.json")
}
