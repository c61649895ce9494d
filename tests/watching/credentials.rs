//! Credentials that run out.

use crate::cluster::{Cluster, Login, Options};
use crate::follower::Follower;
use crate::{IMPATIENT, PATIENT, node};

#[tokio::test]
async fn every_way_to_log_in_works() {
    for login in [Login::Token, Login::TokenFile, Login::Exec] {
        let cluster = Cluster::with(Options { tls: true, login }).await;
        cluster.apply(node("a"));
        let mut follower = Follower::new(&cluster, PATIENT, &["Node"]).await;
        follower.until_told("listed nodes").await;
        assert_eq!(follower.names("Node"), ["a"], "{login:?}");
    }
}

#[tokio::test]
async fn a_token_that_has_expired_is_told_without_the_token() {
    let cluster = Cluster::with(Options {
        login: Login::Exec,
        ..Options::default()
    })
    .await;
    cluster.apply(node("a"));
    let mut follower = Follower::new(&cluster, IMPATIENT, &["Node"]).await;
    follower.until_told("listed nodes").await;
    cluster.expire_token();
    cluster.drop_watches();
    assert_eq!(
        follower.until_unreadable("Node").await,
        "the API server does not accept the credentials (Unauthorized); check that the token or \
         certificate is still valid"
    );

    // The program that prints the token is asked again.
    cluster.renew_token();
    cluster.apply(node("b"));
    assert_eq!(
        follower.until_told("put nodes b").await,
        ["readable nodes", "put nodes b"]
    );
}

#[tokio::test]
async fn a_program_that_prints_no_credential_is_named_and_not_quoted() {
    let cluster = Cluster::with(Options {
        login: Login::Exec,
        ..Options::default()
    })
    .await;
    let mut follower = Follower::new(&cluster, IMPATIENT, &["Node"]).await;
    follower.until_told("listed nodes").await;
    let folder = cluster.kubeconfig().parent().unwrap().to_owned();
    std::fs::write(folder.join("credential.json"), "secret-in-the-wrong-place").unwrap();
    cluster.drop_watches();
    assert_eq!(
        follower.until_unreadable("Node").await,
        "no credentials for the API server (what the plugin printed is no ExecCredential); run \
         what the kubeconfig names by hand"
    );
}
