//! Which certificate podroute makes for itself, and who is told of it.

use clap::Args;

const HEADING: &str = "Certificate";

#[derive(Args, Clone, Debug)]
#[group(id = "certificate-options")]
pub struct Options {
    /// Serve with a certificate of podroute's own making for these DNS names, such as podroute-webhook.podroute.svc
    #[arg(long = "self-signed", value_name = "DNS-NAME", value_delimiter = ',',
          env = "PODROUTE_SELF_SIGNED", help_heading = HEADING)]
    names: Vec<String>,

    /// The Secret that keeps it for all replicas, in the namespace of the pod
    #[arg(long = "self-signed-secret", value_name = "NAME", default_value = "podroute-webhook-certificate",
          env = "PODROUTE_SELF_SIGNED_SECRET", help_heading = HEADING)]
    secret: String,

    /// The ValidatingWebhookConfiguration that is told to trust it
    #[arg(long = "patch-webhook", value_name = "NAME", requires = "names",
          env = "PODROUTE_PATCH_WEBHOOK", help_heading = HEADING)]
    webhook: Option<String>,
}

impl Options {
    /// Sorted, each once. None: no certificate is made.
    pub(super) fn names(&self) -> Vec<String> {
        let names = self.names.iter().map(|name| name.trim().to_lowercase());
        let mut names: Vec<_> = names.filter(|name| !name.is_empty()).collect();
        names.sort();
        names.dedup();
        names
    }

    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    pub(super) fn webhook(&self) -> Option<&str> {
        self.webhook.as_deref().filter(|name| !name.is_empty())
    }
}
