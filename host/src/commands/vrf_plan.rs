//! `podroute check --vrf`: what podroute would do to an exported VRF.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::Args;
use podroute::observed::{self, Source};
use podroute::policy::{Cluster, ObservedRoute, Plan, PlanRequest, Report};
use podroute::targets::{Wanted, plan};

use super::Failure;
use super::owner_options;

#[derive(Args)]
pub(super) struct VrfOptions {
    /// Plan against this VRF: JSON as GET /api/vrfcontext of an Avi Controller answers
    #[arg(long, value_name = "FILE", help_heading = "Plan")]
    vrf: Option<PathBuf>,

    /// Name of the cluster: the owner mark of its routes [default: AKO's clusterName in the snapshot]
    #[arg(long, value_name = "NAME", env = "PODROUTE_CLUSTER_NAME", value_parser = owner_options::name,
          help_heading = "Plan")]
    cluster_name: Option<String>,

    /// Share of our routes above which deletes would wait for a confirmation, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 25, requires = "vrf", help_heading = "Plan",
          value_parser = clap::value_parser!(u32).range(0..=100))]
    delete_share: u32,
}

/// A plan, and the file that it is for.
pub(super) struct VrfPlan {
    pub(super) table: String,
    pub(super) plan: Plan,
}

impl VrfOptions {
    pub(super) fn is_asked_for(&self) -> bool {
        self.vrf.is_some()
    }

    /// The plan, if a VRF is given.
    pub(super) fn plan(
        &self,
        cluster: &mut Cluster,
        report: &Report,
    ) -> Result<Option<VrfPlan>, Failure> {
        let Some(path) = &self.vrf else {
            return Ok(None);
        };
        let observed = observed(path, &Source::AviVrf, "")?;
        let plan = cluster.plan(&PlanRequest {
            owner: owner(self.cluster_name.as_ref(), report)?,
            former_owners: Vec::new(),
            node_selector: None,
            observed,
            delete_share: self.delete_share,
            confirmed: None,
            withdraw: false,
        })?;
        Ok(Some(VrfPlan {
            table: path.display().to_string(),
            plan,
        }))
    }

    /// Every route with the id that it gets in an empty table, and the owner
    /// mark.
    pub(super) fn all(
        &self,
        cluster: &mut Cluster,
        report: &Report,
    ) -> Result<(String, Vec<Wanted>), Failure> {
        let owner = owner(self.cluster_name.as_ref(), report)?;
        let plan = cluster.plan(&PlanRequest {
            owner: owner.clone(),
            former_owners: Vec::new(),
            node_selector: None,
            observed: Vec::new(),
            delete_share: 100,
            confirmed: None,
            withdraw: false,
        })?;
        let changes = plan::changes(&plan, &owner).map_err(Failure::Usage)?;
        Ok((owner, changes.adds))
    }
}

/// The owner mark: as given, else the cluster name of the only AKO.
pub(super) fn owner(given: Option<&String>, report: &Report) -> Result<String, Failure> {
    if let Some(name) = given {
        return Ok(name.clone());
    }
    let akos = report.cluster.ako.iter();
    let mut names: Vec<&String> = akos.filter_map(|ako| ako.cluster_name.as_ref()).collect();
    names.dedup();
    match names.as_slice() {
        [name] => Ok((*name).clone()),
        _ => Err(Failure::Usage(
            "--vrf and --format avi need to know which routes are this cluster's: set --cluster-name to AKO's clusterName, or to the name that podroute runs with".to_owned(),
        )),
    }
}

/// The routes in a file; `-` is standard input.
pub(super) fn observed(
    path: &Path,
    source: &Source,
    owner: &str,
) -> Result<Vec<ObservedRoute>, Failure> {
    let failed = |error: &dyn Display| Failure::Usage(format!("{}: {error}", path.display()));
    let text = match path.to_str() {
        Some("-") => io::read_to_string(io::stdin()),
        _ => fs::read_to_string(path),
    };
    let text = text.map_err(|error| failed(&error))?;
    observed::parse(source, &text, owner).map_err(|error| failed(&error))
}
