//! The real program, and a client that speaks to it as the engines do.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use reqwest::Certificate;
use reqwest::blocking::Client;
use reqwest::tls::Version;
use tempfile::TempDir;

use crate::files;

/// `podroute webhook` with a cluster from files, and a certificate of a CA of
/// its own.
pub struct Podroute {
    process: Child,
    address: String,
    ca: String,
    _certificates: TempDir,
}

impl Podroute {
    /// Starts it with the cluster of the examples.
    pub fn with_examples() -> Self {
        Self::start(&files::policies("examples/cluster"))
    }

    fn start(snapshot: &Path) -> Self {
        let (certificates, ca) = certificates();
        let mut process = Command::new(binary())
            .arg("webhook")
            .arg("--snapshot")
            .arg(snapshot)
            .args(["--listen", "127.0.0.1:0"])
            .arg("--tls-cert")
            .arg(certificates.path().join("tls.crt"))
            .arg("--tls-key")
            .arg(certificates.path().join("tls.key"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("podroute does not start; build it, or set PODROUTE to its path");
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
        let mut said = Vec::new();
        let address = loop {
            let line = log
                .next()
                .unwrap_or_else(|| panic!("podroute ended: {}", said.join("\n")))
                .unwrap();
            if let Some(address) = listening_address(&line) {
                break address;
            }
            said.push(line);
        };
        // The log must be read, or a full pipe stops the program.
        std::thread::spawn(move || log.for_each(drop));
        Self {
            process,
            address,
            ca,
            _certificates: certificates,
        }
    }

    /// The URL of a path, under the name that the certificate is for.
    pub fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.address)
    }

    /// The CA's certificate as PEM.
    pub fn ca(&self) -> &str {
        &self.ca
    }
}

impl Drop for Podroute {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs `podroute check` to its end.
pub fn check(arguments: &[&str]) -> Output {
    Command::new(binary())
        .arg("check")
        .args(arguments)
        .output()
        .expect("podroute does not start; build it, or set PODROUTE to its path")
}

/// The program under test.
pub fn binary() -> PathBuf {
    std::env::var_os("PODROUTE").map_or_else(
        || files::policies("../target/release/podroute"),
        PathBuf::from,
    )
}

/// A client that trusts one CA and no other.
pub fn client(ca: &str, oldest: Version, timeout: Duration) -> Result<Client, String> {
    // Whoever comes second finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let certificates =
        Certificate::from_pem_bundle(ca.as_bytes()).map_err(|error| error.to_string())?;
    if certificates.is_empty() {
        return Err("no certificate in the CA bundle".to_owned());
    }
    Client::builder()
        .tls_certs_only(certificates)
        .tls_version_min(oldest)
        .https_only(true)
        .timeout(timeout)
        .build()
        .map_err(|error| error.to_string())
}

/// Where the log says that it listens.
fn listening_address(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("127.0.0.1:")?;
    let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (port.parse::<u16>().ok()? != 0).then(|| format!("127.0.0.1:{port}"))
}

fn certificates() -> (TempDir, String) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["127.0.0.1".to_owned()])
        .unwrap()
        .signed_by(&key, &authority)
        .unwrap();
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("tls.crt"), certificate.pem()).unwrap();
    fs::write(directory.path().join("tls.key"), key.serialize_pem()).unwrap();
    (directory, authority.pem())
}
