//! A wire to an API server that can be cut, for one client alone.

use std::path::PathBuf;

use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::kube::Cluster;

pub(crate) struct Wire {
    folder: TempDir,
    is_whole: watch::Sender<bool>,
}

impl Wire {
    pub(crate) async fn to(cluster: &Cluster) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = format!("http://{}", listener.local_addr().unwrap());
        let there = cluster.url();
        let folder = tempfile::tempdir().unwrap();
        let config = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
        assert!(config.contains(&there), "{config}");
        let config = config.replace(&there, &here);
        std::fs::write(folder.path().join("kubeconfig"), config).unwrap();
        let (is_whole, watched) = watch::channel(true);
        let there = there.strip_prefix("http://").unwrap().to_owned();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (there, mut watched) = (there.clone(), watched.clone());
                tokio::spawn(async move {
                    if !*watched.borrow() {
                        return;
                    }
                    let Ok(mut server) = TcpStream::connect(there).await else {
                        return;
                    };
                    tokio::select! {
                        _ = copy_bidirectional(&mut client, &mut server) => {}
                        _ = watched.wait_for(|is_whole| !is_whole) => {}
                    }
                });
            }
        });
        Self { folder, is_whole }
    }

    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.folder.path().join("kubeconfig")
    }

    pub(crate) fn cut(&self) {
        self.is_whole.send_replace(false);
    }

    pub(crate) fn mend(&self) {
        self.is_whole.send_replace(true);
    }
}
