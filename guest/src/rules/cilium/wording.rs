//! What all rules about an agent that refuses its configuration say.

/// What happens to an agent that ends with this message.
pub(super) fn refused(message: &str) -> String {
    format!(
        "the agents end as soon as they start (\"{message}\"): new pods there get no network, a new node gets no pod CIDR and so no route; agents that run go on until they are restarted"
    )
}
