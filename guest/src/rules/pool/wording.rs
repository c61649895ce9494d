//! What several rules of the family say.

use crate::detect::cilium::pools::{Owner, Pool};

/// What happens to a pool that the operator refuses.
pub(super) fn refusal(pool: &Pool<'_>) -> &'static str {
    match pool.owner {
        Owner::ClusterPool(_) => {
            "Cilium's operator does not start: nodes that join get no pod CIDR, so there is no route to their pods"
        }
        Owner::Object(_) | Owner::ToCreate(..) => {
            "Cilium's operator does not take the pool over as it is written: nodes get no CIDR of it"
        }
    }
}

/// Up to three of them, with commas.
pub(super) fn first_three(texts: impl IntoIterator<Item = String>) -> String {
    let mut texts = texts.into_iter();
    let mut first: Vec<String> = texts.by_ref().take(3).collect();
    if texts.next().is_some() {
        first.push("...".to_owned());
    }
    first.join(", ")
}

#[cfg(test)]
mod tests {
    use super::first_three;

    #[test]
    fn names_at_most_three() {
        let of = |texts: &[&str]| first_three(texts.iter().map(ToString::to_string));
        assert_eq!(of(&["a"]), "a");
        assert_eq!(of(&["a", "b", "c"]), "a, b, c");
        assert_eq!(of(&["a", "b", "c", "d"]), "a, b, c, ...");
    }
}
