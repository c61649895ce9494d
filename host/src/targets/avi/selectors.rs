//! Which nodes belong to which VRF context.

use std::collections::BTreeSet;

/// For each VRF context, which nodes belong to it.
pub(super) fn selectors(
    vrfs: &[String],
    label: Option<&str>,
) -> Result<Vec<Option<String>>, String> {
    let names: BTreeSet<&String> = vrfs.iter().collect();
    if names.len() < vrfs.len() || names.iter().any(|name| name.is_empty()) {
        return Err("--vrf: a name is empty or given twice; name each VRF context once".to_owned());
    }
    let (Some(label), [_, others @ ..]) = (label, vrfs) else {
        return Ok(vec![None; vrfs.len()]);
    };
    if others.is_empty() {
        return Ok(vec![None]);
    }
    if !is_label_key(label) {
        return Err(format!(
            "--vrf-label {label:?}: is no label's key; write it like example.com/vrf"
        ));
    }
    if let Some(bad) = others.iter().find(|name| !is_label_value(name)) {
        return Err(format!(
            "--vrf {bad:?}: no label can have this value, so no node can name it; put it first, or leave out --vrf-label"
        ));
    }
    // In Kubernetes `notin` also selects what lacks the label.
    let first = format!("{label} notin ({})", others.join(","));
    let others = others.iter().map(|name| format!("{label}={name}"));
    Ok(std::iter::once(first).chain(others).map(Some).collect())
}

fn is_label_key(key: &str) -> bool {
    match key.split_once('/') {
        Some((prefix, name)) => {
            is_label_value(name) && prefix.split('.').all(is_label_value) && prefix.len() <= 253
        }
        None => is_label_value(key),
    }
}

/// The names and values of labels, empty ones left out.
fn is_label_value(text: &str) -> bool {
    let ends = |edge: Option<char>| edge.is_some_and(|edge| edge.is_ascii_alphanumeric());
    ends(text.chars().next())
        && ends(text.chars().last())
        && text.len() <= 63
        && text
            .chars()
            .all(|each| each.is_ascii_alphanumeric() || "-_.".contains(each))
}

#[cfg(test)]
mod tests {
    use super::selectors;

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn one_vrf_or_no_label_takes_all_nodes() {
        assert_eq!(
            selectors(&strings(&["global"]), Some("vrf")),
            Ok(vec![None])
        );
        assert_eq!(selectors(&strings(&["a", "b"]), None), Ok(vec![None, None]));
    }

    #[test]
    fn the_first_vrf_takes_the_nodes_that_no_other_one_takes() {
        let selectors = selectors(
            &strings(&["global", "t1-b", "t1-c"]),
            Some("net.example/vrf"),
        );
        assert_eq!(
            selectors,
            Ok(vec![
                Some("net.example/vrf notin (t1-b,t1-c)".to_owned()),
                Some("net.example/vrf=t1-b".to_owned()),
                Some("net.example/vrf=t1-c".to_owned()),
            ])
        );
    }

    #[test]
    fn names_that_cannot_be_told_apart_are_refused() {
        assert!(selectors(&strings(&["a", "a"]), None).is_err());
        assert!(selectors(&strings(&["a", ""]), None).is_err());
        assert!(selectors(&strings(&["a", "b c"]), Some("vrf")).is_err());
        assert!(selectors(&strings(&["a", "b"]), Some("vrf in (x)")).is_err());
        assert!(selectors(&strings(&["a b", "c"]), Some("vrf")).is_ok());
    }
}
