//! ipam/mode-unknown: `ipam` is no IPAM mode of this Cilium version.

use crate::detect::ipam::IpamMode;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::version::Version;

pub const RULE: Rule = Rule {
    id: "ipam/mode-unknown",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("mode_unknown.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let Some(config) = context.cilium_config()? else {
        return Ok(());
    };
    // A missing key is for ipam/mode-defaulted.
    let Some(value) = config.ipam() else {
        return Ok(());
    };
    let version = context.cilium_version();
    let what = match (IpamMode::named(value), &version) {
        (None, _) => format!("`ipam: \"{value}\"` is no IPAM mode of any Cilium version"),
        (Some(mode), Ok(version)) => match first_line_after(mode, *version) {
            None => return Ok(()),
            Some((major, minor)) => format!(
                "`ipam: {value}` does not exist in Cilium {version}: the mode came with {major}.{minor}"
            ),
        },
        (Some(mode), Err(_)) if is_in_every_version(mode) => return Ok(()),
        (Some(_), Err(missing)) => return Err(missing.clone()),
    };
    verdict.report(
        Draft::new(what)
            .effect("the agents stop as soon as they start (\"Unknown IPAM backend\"), so pods get no addresses; podroute cannot tell from the mode where pod CIDRs stand")
            .fix(format!(
                "set `ipam` in ConfigMap {}/{} to the mode that the cluster was installed with, exactly as written here: {}",
                config.object.metadata.namespace,
                config.object.metadata.name,
                modes_of(version.ok())
            ))
            .object(config.key_ref("ipam")),
    );
    Ok(())
}

/// The release line with which a mode came, where this version is older. A
/// mode that has gone since is for ipam/mode-removed.
fn first_line_after(mode: IpamMode, version: Version) -> Option<(u32, u32)> {
    let (first, _) = mode.lines();
    (!version.at_least(first.0, first.1)).then_some(first)
}

/// Whether the mode exists in every version that still matters: those from
/// 1.8 on.
fn is_in_every_version(mode: IpamMode) -> bool {
    let (first, last) = mode.lines();
    first <= (1, 8) && last.is_none()
}

/// The modes of a version; of an unknown version, those that still exist.
fn modes_of(version: Option<Version>) -> String {
    let names: Vec<&str> = IpamMode::ALL
        .into_iter()
        .filter(|mode| match version {
            Some(version) => mode.exists_in(version),
            None => mode.lines().1.is_none(),
        })
        .map(IpamMode::name)
        .collect();
    names.join(", ")
}
