//! TLS on a port of this machine, on a thread of its own, with a certificate
//! that an authority made for this one controller.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

pub(super) struct Listener {
    runtime: Option<Runtime>,
    router: Router,
    tls: RustlsConfig,
    address: SocketAddr,
    running: Option<(Handle<SocketAddr>, JoinHandle<()>)>,
}

impl Listener {
    /// Writes the authority's certificate to a file and listens.
    pub(super) fn start(router: Router, ca_file: &Path) -> Self {
        let (tls, ca) = certificate();
        std::fs::write(ca_file, ca).expect("written");
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let mut listener = Self {
            runtime: Some(runtime),
            router,
            tls,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            running: None,
        };
        listener.listen();
        listener
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn listen(&mut self) {
        let socket = TcpListener::bind(self.address).expect("a free port");
        socket.set_nonblocking(true).expect("a socket");
        self.address = socket.local_addr().expect("an address");
        let handle = Handle::new();
        let service = self.router.clone().into_make_service();
        let (tls, its_handle) = (self.tls.clone(), handle.clone());
        let runtime = self.runtime.as_ref().expect("running");
        let serving = runtime.spawn(async move {
            axum_server::from_tcp_rustls(socket, tls)
                .expect("a server")
                .handle(its_handle)
                .serve(service)
                .await
                .expect("served");
        });
        self.running = Some((handle, serving));
    }

    pub(super) fn stop(&mut self) {
        let Some((handle, serving)) = self.running.take() else {
            return;
        };
        handle.shutdown();
        // Until the port is free again and its connections are closed.
        while !serving.is_finished() || handle.connection_count() > 0 {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Tests are often asynchronous, where waiting for it is not allowed.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn certificate() -> (RustlsConfig, String) {
    let ca_key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = params.self_signed(&ca_key).expect("an authority");
    let issuer = Issuer::new(params, ca_key);

    let key = KeyPair::generate().expect("a key");
    let certificate = CertificateParams::new(["127.0.0.1".to_owned()])
        .expect("an address")
        .signed_by(&key, &issuer)
        .expect("a certificate");
    let chain = vec![CertificateDer::from(certificate.der().to_vec())];
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("TLS versions")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("a certificate");
    (RustlsConfig::from_config(Arc::new(config)), ca.pem())
}
