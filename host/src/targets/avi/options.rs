//! What a user says about a controller.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use clap::builder::BoolishValueParser;
use reqwest::Url;

use super::credentials::{Credentials, Trust};
use super::seg::Group;
use super::selectors::selectors;
use super::session::{Session, Settings};
use super::version;
use super::vrf_context::{CloudWide, VrfContext};
use crate::targets::Bound;

const CONTROLLER: &str = "Avi Controller";
const CREDENTIALS: &str = "Avi Controller: credentials";
const PLACE: &str = "Avi Controller: where the routes go";

#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The controller: a host name or address, or an https:// URL
    #[arg(long, env = "PODROUTE_AVI_CONTROLLER", value_name = "URL", help_heading = CONTROLLER)]
    controller: String,

    /// The API version to speak (X-Avi-Version)
    ///
    /// Without it the controller's own version is spoken: with an older one the controller leaves
    /// out fields that the older version does not know. Never above the controller's version.
    #[arg(long, env = "PODROUTE_AVI_API_VERSION", value_name = "VERSION", help_heading = CONTROLLER)]
    api_version: Option<String>,

    /// How many seconds to wait for an answer
    #[arg(long, env = "PODROUTE_AVI_TIMEOUT", value_name = "SECONDS", default_value_t = 60,
          value_parser = clap::value_parser!(u64).range(1..=3600), help_heading = CONTROLLER)]
    timeout: u64,

    /// The authority that signed the controller's certificate, as PEM; instead of those that the system trusts
    ///
    /// Read again when it changes.
    #[arg(long, env = "PODROUTE_AVI_CA_FILE", value_name = "FILE", help_heading = CONTROLLER)]
    ca_file: Option<PathBuf>,

    /// Accept any certificate: whoever is between here and the controller can read the password
    #[arg(long, env = "PODROUTE_AVI_INSECURE_SKIP_TLS_VERIFY",
          value_parser = BoolishValueParser::new(), help_heading = CONTROLLER)]
    insecure_skip_tls_verify: bool,

    /// A folder with the files of AKO's Secret avi-secret: username, password or authtoken, certificateAuthorityData
    ///
    /// If both password and authtoken have a value, authtoken counts. Other options count before
    /// these files. All are read again at each login.
    #[arg(long, env = "PODROUTE_AVI_CREDENTIALS", value_name = "DIR", help_heading = CREDENTIALS)]
    credentials: Option<PathBuf>,

    /// The user to log in as
    #[arg(long, env = "PODROUTE_AVI_USERNAME", value_name = "NAME", help_heading = CREDENTIALS)]
    username: Option<String>,

    /// A file with the user's name
    #[arg(long, env = "PODROUTE_AVI_USERNAME_FILE", value_name = "FILE",
          conflicts_with = "username", help_heading = CREDENTIALS)]
    username_file: Option<PathBuf>,

    /// A file with the password
    #[arg(long, env = "PODROUTE_AVI_PASSWORD_FILE", value_name = "FILE", help_heading = CREDENTIALS)]
    password_file: Option<PathBuf>,

    /// A file with an authentication token, instead of a password
    #[arg(long, env = "PODROUTE_AVI_TOKEN_FILE", value_name = "FILE",
          conflicts_with = "password_file", help_heading = CREDENTIALS)]
    token_file: Option<PathBuf>,

    /// The tenant to act as
    ///
    /// A VRF context that only tenant admin may write is written as admin.
    #[arg(long, env = "PODROUTE_AVI_TENANT", value_name = "TENANT", default_value = "admin",
          help_heading = PLACE)]
    tenant: String,

    /// The cloud that the VRF contexts belong to
    #[arg(long, env = "PODROUTE_AVI_CLOUD", value_name = "CLOUD", default_value = "Default-Cloud",
          help_heading = PLACE)]
    cloud: String,

    /// A VRF context that gets the routes; may be repeated
    ///
    /// Without --vrf-label each gets the routes of all nodes.
    #[arg(long, env = "PODROUTE_AVI_VRF", value_name = "VRF", value_delimiter = ',',
          default_value = "global", help_heading = PLACE)]
    vrf: Vec<String>,

    /// The label of a Node that names its VRF context
    ///
    /// Nodes without the label, or with a value that is none of --vrf, belong to the first one.
    #[arg(long, env = "PODROUTE_AVI_VRF_LABEL", value_name = "KEY", help_heading = PLACE)]
    vrf_label: Option<String>,

    /// The service engine group to check for the label clustername; empty for none
    ///
    /// Routes of a cluster reach only service engines of groups with the label clustername=CLUSTER.
    #[arg(long, env = "PODROUTE_AVI_SERVICE_ENGINE_GROUP", value_name = "GROUP",
          default_value = "Default-Group", help_heading = PLACE)]
    service_engine_group: String,

    /// Write that label, if the group has no labels at all
    #[arg(long, env = "PODROUTE_AVI_WRITE_SE_GROUP_LABELS",
          value_parser = BoolishValueParser::new(), help_heading = PLACE)]
    write_se_group_labels: bool,
}

impl Options {
    /// A target for each VRF context. Asks the controller nothing yet.
    pub fn open(&self) -> Result<Vec<Bound>, String> {
        // Fails if the process has one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let settings = Settings {
            url: parse_url(&self.controller)?,
            tenant: header_value("--tenant", &self.tenant)?,
            version: self.version()?,
            timeout: Duration::from_secs(self.timeout),
            credentials: self.credentials(),
            trust: self.trust(),
        };
        if self.insecure_skip_tls_verify && self.ca_file.is_some() {
            return Err(
                "--ca-file and --insecure-skip-tls-verify contradict each other: leave out the latter"
                    .to_owned(),
            );
        }
        settings.credentials.read()?;
        settings.trust.read()?;
        let selectors = selectors(&self.vrf, self.vrf_label.as_deref())?;
        if self.insecure_skip_tls_verify {
            tracing::warn!(
                "the Avi Controller's certificate is not checked: whoever is between here and there can read the password; use --ca-file instead of --insecure-skip-tls-verify"
            );
        }

        let session = Arc::new(Session::new(settings));
        let group = (!self.service_engine_group.is_empty()).then(|| Group {
            session: Arc::clone(&session),
            cloud: self.cloud.clone(),
            name: self.service_engine_group.clone(),
            write: self.write_se_group_labels,
        });
        let mut cloud_wide = Some(CloudWide {
            configured: self.vrf.clone(),
            group,
        });
        let bound = self.vrf.iter().zip(selectors).map(|(vrf, nodes)| Bound {
            target: Box::new(VrfContext::new(
                &session,
                &self.cloud,
                vrf,
                cloud_wide.take(),
            )),
            nodes,
        });
        Ok(bound.collect())
    }

    fn version(&self) -> Result<Option<String>, String> {
        match &self.api_version {
            Some(version) if !version::is_valid(version) => Err(format!(
                "--api-version {version:?}: is no version; write it like 22.1.3"
            )),
            other => Ok(other.clone()),
        }
    }

    fn credentials(&self) -> Credentials {
        Credentials {
            username: self.username.clone(),
            username_file: self.username_file.clone(),
            password_file: self.password_file.clone(),
            token_file: self.token_file.clone(),
            folder: self.credentials.clone(),
        }
    }

    fn trust(&self) -> Trust {
        match (&self.ca_file, &self.credentials) {
            _ if self.insecure_skip_tls_verify => Trust::Anything,
            (Some(file), _) => Trust::File(file.clone()),
            (None, Some(folder)) => Trust::Folder(folder.clone()),
            (None, None) => Trust::System,
        }
    }
}

/// `avi.example.com`, `192.0.2.1:8443`, `2001:db8::1`, `https://...`.
fn parse_url(controller: &str) -> Result<Url, String> {
    let bad = |reason: &str| {
        format!(
            "--controller {controller:?}: {reason}; write it like avi.example.com or https://192.0.2.1:8443"
        )
    };
    if controller.contains('@') {
        // Not repeated: there may be a password in it.
        return Err(
            "--controller: no user or password belongs there; use --credentials".to_owned(),
        );
    }
    let text = if controller.contains("://") {
        controller.to_owned()
    } else if controller.parse::<std::net::Ipv6Addr>().is_ok() {
        format!("https://[{controller}]")
    } else {
        format!("https://{controller}")
    };
    let url = Url::parse(&text).map_err(|error| bad(&error.to_string()))?;
    if url.scheme() != "https" {
        return Err(bad(
            "only https is spoken, the password would be readable otherwise",
        ));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(bad("no host"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(bad("only host and port belong there"));
    }
    Ok(url)
}

fn header_value(option: &str, value: &str) -> Result<String, String> {
    if value.is_empty() || value.chars().any(char::is_control) {
        return Err(format!("{option} {value:?}: is no name"));
    }
    Ok(value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::parse_url;

    #[test]
    fn a_controller_is_a_host_or_an_https_url() {
        for (given, url) in [
            ("avi.example.com", "https://avi.example.com/"),
            ("192.0.2.1:8443", "https://192.0.2.1:8443/"),
            ("2001:db8::1", "https://[2001:db8::1]/"),
            ("[2001:db8::1]:8443", "https://[2001:db8::1]:8443/"),
            ("https://avi.example.com/", "https://avi.example.com/"),
        ] {
            assert_eq!(parse_url(given).unwrap().as_str(), url, "{given}");
        }
        for bad in [
            "",
            "http://avi",
            "https://avi/api",
            "avi?x=1",
            "a b",
            "https://",
        ] {
            assert!(parse_url(bad).is_err(), "{bad}");
        }
        let with_password = parse_url("https://admin:hunter2@avi").unwrap_err();
        assert!(!with_password.contains("hunter2"), "{with_password}");
    }
}
