//! Options that say which routes are ours.

use clap::Args;

#[derive(Args)]
pub(super) struct OwnerOptions {
    /// Name of this cluster: the owner mark of its routes. With AKO in use, its clusterName, and its routes are taken over
    #[arg(long, value_name = "NAME", env = "PODROUTE_CLUSTER_NAME", value_parser = name)]
    cluster_name: String,

    /// A name that this cluster had before: its routes get the new one; may be repeated
    #[arg(long, value_name = "NAME", value_parser = name, env = "PODROUTE_FORMER_CLUSTER_NAMES", value_delimiter = ',')]
    former_cluster_name: Vec<String>,
}

impl OwnerOptions {
    pub(super) fn owner(&self) -> &str {
        &self.cluster_name
    }

    pub(super) fn former_owners(&self) -> &[String] {
        &self.former_cluster_name
    }
}

/// As AKO takes its clusterName, but not empty and not endless.
pub(super) fn name(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if text.is_empty() || text.len() > 63 || !text.chars().all(allowed) {
        return Err("expected 1 to 63 letters, digits, - and _".to_owned());
    }
    Ok(text.to_owned())
}
