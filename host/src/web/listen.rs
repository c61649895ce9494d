//! Answering on an address until told to stop.

use std::future::{Future, pending};
use std::io;
use std::net::TcpListener;
use std::pin::Pin;

use axum::{Extension, Router};
use axum_server::Handle;
use axum_server::accept::Accept;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use hyper_util::rt::TokioTimer;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::connection::Capped;
use super::guard::Certified;
use super::limits::Limits;

/// Requests that are under way when it is told to stop are finished, if they
/// are soon.
pub(crate) async fn listen(
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    router: Router,
    limits: Limits,
    stop: &CancellationToken,
) -> io::Result<()> {
    let handle = Handle::new();
    let mut server = axum_server::from_tcp(listener)?
        .acceptor(Capped::new(limits))
        .handle(handle.clone());
    server
        .http_builder()
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header);
    let app = router.into_make_service();
    let serve = async {
        match tls {
            None => server.http1_only().serve(app).await,
            Some(tls) => {
                let server =
                    server.map(|capped| Identifying(RustlsAcceptor::new(tls).acceptor(capped)));
                server.http1_only().serve(app).await
            }
        }
    };
    let shut_down = async {
        stop.cancelled().await;
        handle.graceful_shutdown(Some(limits.shutdown));
        pending().await
    };
    tokio::select! {
        ended = serve => ended,
        never = shut_down => never,
    }
}

/// Tells requests whether a certificate was shown on their connection.
#[derive(Clone)]
struct Identifying(RustlsAcceptor<Capped>);

type Tls = RustlsAcceptor<Capped>;

impl Accept<TcpStream, Router> for Identifying {
    type Stream = <Tls as Accept<TcpStream, Router>>::Stream;
    type Service = Router;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Router)>> + Send>>;

    fn accept(&self, stream: TcpStream, router: Router) -> Self::Future {
        let accepted = self.0.accept(stream, router);
        Box::pin(async move {
            let (stream, router) = accepted.await?;
            let (_, session) = stream.get_ref();
            let router = match session.peer_certificates() {
                Some([_, ..]) => router.layer(Extension(Certified)),
                _ => router,
            };
            Ok((stream, router))
        })
    }
}
