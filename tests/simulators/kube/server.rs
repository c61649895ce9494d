//! The port, the certificate, and the kubeconfig.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::json;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::access::{Access, Login};
use super::{Options, Shared, request};

pub(super) struct Server {
    address: SocketAddr,
    options: Options,
    tls: Option<RustlsConfig>,
    folder: TempDir,
    running: Option<(Handle<SocketAddr>, JoinHandle<()>)>,
}

impl Server {
    pub(super) async fn start(shared: Arc<Shared>, options: Options) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let tls = if options.tls {
            Some(certificate(&folder).await)
        } else {
            None
        };
        let mut server = Self {
            address: listener.local_addr().unwrap(),
            options,
            tls,
            folder,
            running: None,
        };
        server.write_credentials(&shared.state().access);
        server.serve(listener, shared);
        server
    }

    pub(super) fn url(&self) -> String {
        let scheme = if self.options.tls { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    pub(super) async fn stop(&mut self) {
        if let Some((handle, task)) = self.running.take() {
            handle.shutdown();
            task.await.unwrap();
            // Connections end by themselves; until then a watch could still
            // tell of what changes while the server is away.
            while handle.connection_count() > 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    }

    pub(super) async fn open(&mut self, shared: Arc<Shared>) {
        for _ in 0..500 {
            if let Ok(listener) = TcpListener::bind(self.address) {
                return self.serve(listener, shared);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("somebody else has taken {}", self.address);
    }

    fn serve(&mut self, listener: TcpListener, shared: Arc<Shared>) {
        listener.set_nonblocking(true).unwrap();
        let app = Router::new()
            .fallback(request::answer)
            .with_state(shared)
            .into_make_service();
        let handle = Handle::new();
        let task = if let Some(tls) = self.tls.clone() {
            let server = axum_server::from_tcp_rustls(listener, tls).unwrap();
            let server = server.handle(handle.clone());
            tokio::spawn(async move { server.serve(app).await.unwrap() })
        } else {
            let server = axum_server::from_tcp(listener).unwrap();
            let server = server.handle(handle.clone());
            tokio::spawn(async move { server.serve(app).await.unwrap() })
        };
        self.running = Some((handle, task));
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What the kubeconfig's user points to.
    pub(super) fn write_credentials(&self, access: &Access) {
        let token = access.token();
        fs::write(self.file("token"), &token).unwrap();
        // So soon that a client asks again each time.
        let expires = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(30);
        let credential = json!({
            "apiVersion": "client.authentication.k8s.io/v1",
            "kind": "ExecCredential",
            "status": {"token": token, "expirationTimestamp": expires.to_string()},
        });
        fs::write(self.file("credential.json"), credential.to_string()).unwrap();
    }

    pub(super) fn kubeconfig(&self, access: &Access) -> PathBuf {
        let user = match self.options.login {
            Login::Token => json!({"token": access.token()}),
            Login::TokenFile => json!({"tokenFile": self.file("token")}),
            Login::Exec => json!({"exec": {
                "apiVersion": "client.authentication.k8s.io/v1",
                "command": "cat",
                "args": [self.file("credential.json")],
                "interactiveMode": "Never",
            }}),
        };
        let mut cluster = json!({"server": self.url()});
        if self.options.tls {
            cluster["certificate-authority"] = json!(self.file("ca.crt"));
        }
        // JSON is YAML.
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "simulated", "cluster": cluster}],
            "users": [{"name": "podroute", "user": user}],
            "contexts": [{
                "name": "simulated",
                "context": {"cluster": "simulated", "user": "podroute"},
            }],
            "current-context": "simulated",
        });
        let path = self.file("kubeconfig");
        fs::write(&path, config.to_string()).unwrap();
        path
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some((handle, _)) = self.running.take() {
            handle.shutdown();
        }
    }
}

/// A certificate for this host by an authority of its own.
async fn certificate(folder: &TempDir) -> RustlsConfig {
    // Fails when there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let leaf = CertificateParams::new(names).unwrap();
    let leaf = leaf.signed_by(&key, &authority).unwrap();
    fs::write(folder.path().join("ca.crt"), authority.pem()).unwrap();
    RustlsConfig::from_pem(leaf.pem().into_bytes(), key.serialize_pem().into_bytes())
        .await
        .unwrap()
}
