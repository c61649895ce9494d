//! `podroute check --vrf`: what podroute would do to an exported VRF.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use podroute::policy::{Cluster, Plan, PlanRequest, Report};
use podroute::targets::{Wanted, avi, plan};

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
        let observed = read(path)?;
        let plan = cluster.plan(&PlanRequest {
            owner: self.owner(report)?,
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
        let owner = self.owner(report)?;
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

    fn owner(&self, report: &Report) -> Result<String, Failure> {
        if let Some(name) = &self.cluster_name {
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
}

fn read(path: &Path) -> Result<Vec<podroute::policy::ObservedRoute>, Failure> {
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
    let routes = avi::parse_vrf(&text)
        .map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
    Ok(routes.iter().map(Into::into).collect())
}
