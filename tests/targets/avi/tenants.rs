//! Tenants: whose VRF context it is, and who may write to it.

use podroute::targets::Error;

use crate::simulator::{CLOUD, Fault};
use crate::{GET, PUT, add, controller, one_add, read, target, target_with, vrf};

#[tokio::test]
async fn a_vrf_of_admin_is_written_as_admin_and_that_is_remembered() {
    let controller = controller(&[]);
    controller.add_tenant("shop");
    let (changes, route) = one_add();
    let mut target = target_with(&controller, &["--tenant", "shop"]);
    read(&mut target).await;
    target.write(&changes).await.unwrap();
    read(&mut target).await;
    target
        .write(&add("shop", "shop-2", "10.244.2.0/24", "192.0.2.12"))
        .await
        .unwrap();

    let puts: Vec<_> = controller
        .requests(PUT)
        .into_iter()
        .map(|put| (put.tenant.unwrap(), put.status.unwrap()))
        .collect();
    assert_eq!(
        puts,
        [
            ("shop".to_owned(), 400),
            ("admin".to_owned(), 200),
            ("admin".to_owned(), 200),
        ]
    );
    let puts = controller.requests(PUT);
    assert_eq!(puts[0].body, puts[1].body);
    assert!(controller.vrf("global").contains(&route));
    let reads = controller.requests(GET);
    assert!(
        reads
            .iter()
            .all(|read| read.tenant.as_deref() == Some("shop"))
    );
}

#[tokio::test]
async fn a_vrf_of_the_tenant_itself_is_written_as_that() {
    let controller = controller(&[]);
    controller.add_tenant("shop");
    controller.set_vrf_in(CLOUD, "shop", &vrf("shop-default", "u-shop", &[]));
    let more = ["--tenant", "shop", "--vrf", "shop-default"];
    let mut target = target_with(&controller, &more);
    read(&mut target).await;
    target.write(&one_add().0).await.unwrap();
    let puts = controller.requests(PUT);
    assert_eq!(puts.len(), 1);
    assert_eq!(puts[0].tenant.as_deref(), Some("shop"));
}

#[tokio::test]
async fn a_vrf_of_another_tenant_is_not_there() {
    let controller = controller(&[]);
    controller.add_tenant("shop");
    controller.add_tenant("bank");
    controller.set_vrf_in(CLOUD, "bank", &vrf("bank-default", "u-bank", &[]));
    let more = ["--tenant", "shop", "--vrf", "bank-default"];
    let mut target = target_with(&controller, &more);
    let Err(Error::Refused(message)) = target.read().await else {
        panic!("not refused");
    };
    assert!(
        message.contains("that tenant shop can see; there: global;")
            && message.contains("--tenant"),
        "{message}"
    );
}

#[tokio::test]
async fn what_admin_may_not_modify_either_is_refused() {
    let body = r#"{"error":"Cannot modify VrfContext object"}"#;
    for (tenant, puts) in [("shop", 2), ("admin", 1)] {
        let controller = controller(&[]);
        controller.add_tenant("shop");
        controller.fail_times(9, PUT, Fault::Answer(400, body.to_owned()));
        let mut target = target_with(&controller, &["--tenant", tenant]);
        read(&mut target).await;
        let Err(Error::Refused(message)) = target.write(&one_add().0).await else {
            panic!("not refused");
        };
        assert!(message.contains("Cannot modify VrfContext"), "{message}");
        assert_eq!(controller.requests(PUT).len(), puts);
    }
}

#[tokio::test]
async fn a_tenant_that_does_not_exist_is_refused() {
    let controller = controller(&[]);
    let mut target = target_with(&controller, &["--tenant", "nobody"]);
    let Err(Error::Refused(message)) = target.read().await else {
        panic!("not refused");
    };
    assert!(message.contains("Tenant not found"), "{message}");
    // The default is admin.
    read(&mut self::target(&controller)).await;
}
