//! Routes of ours in VRF contexts that no setting names any more.

use podroute::targets::{Changes, Error};

use crate::simulator::Fault;
use crate::{BY_HAND, controller, observed, open, read, route, target, vrf};

const LIST: &str = "GET /api/vrfcontext?include_name";

#[tokio::test]
async fn strays_are_found_on_every_page_and_can_be_emptied() {
    let ours = route("shop-1", "10.244.1.0/24", "192.0.2.11", "shop");
    let similar = route("shop-b-1", "10.245.1.0/24", "192.0.2.12", "shop-b");
    let controller = controller(&[&ours]);
    for number in 0..250 {
        let routes: &[&str] = match number {
            7 | 249 => &[BY_HAND, &ours],
            8 => &[&similar],
            9 => &[BY_HAND],
            _ => &[],
        };
        let name = format!("t1-{number}");
        controller.set_vrf(&vrf(&name, &format!("u-{number}"), routes));
    }
    controller.set_vrf_in("elsewhere", "admin", &vrf("far", "u-far", &[&ours]));
    let mut target = target(&controller);

    let mut strays = target.strays("shop").await.unwrap();

    let names: Vec<&str> = strays.iter().map(|stray| stray.name()).collect();
    assert_eq!(names, ["avi vrf t1-7", "avi vrf t1-249"]);
    // 251 in pages of 100.
    assert_eq!(controller.requests(LIST).len(), 3);

    let stray = &mut strays[1];
    let ours = observed("shop-1", "10.244.1.0/24", "192.0.2.11", Some("shop"));
    assert_eq!(read(stray).await.routes[1], ours);
    stray
        .write(&Changes {
            owner: "shop".to_owned(),
            deletes: vec![ours],
            ..Changes::default()
        })
        .await
        .unwrap();
    assert_eq!(controller.vrf("t1-249"), vrf("t1-249", "u-249", &[BY_HAND]));
}

#[tokio::test]
async fn no_vrf_of_the_settings_is_a_stray() {
    let ours = route("shop-1", "10.244.1.0/24", "192.0.2.11", "shop");
    let controller = controller(&[&ours]);
    controller.set_vrf(&vrf("b", "u-b", &[&ours]));
    controller.set_vrf(&vrf("c", "u-c", &[&ours]));
    let mut names = Vec::new();
    for bound in &mut open(&controller, &["--vrf", "global", "--vrf", "b"]) {
        for stray in bound.target.strays("shop").await.unwrap() {
            names.push(stray.name().to_owned());
        }
    }
    // Each once, whichever of the targets is asked.
    assert_eq!(names, ["avi vrf c"]);
}

#[tokio::test]
async fn half_a_list_is_an_error() {
    let controller = controller(&[]);
    for number in 0..150 {
        let name = format!("t1-{number}");
        controller.set_vrf(&vrf(&name, &format!("u-{number}"), &[]));
    }
    let mut target = target(&controller);
    let second = format!("{LIST}=true&cloud_ref.name=Default-Cloud&page_size=100&page=2");
    for fault in [
        Fault::Half,
        Fault::Cut,
        Fault::Answer(200, "{}".to_owned()),
        Fault::Answer(200, r#"{"count":151,"results":[]}"#.to_owned()),
        Fault::Answer(503, String::new()),
    ] {
        controller.fail_next(&second, fault);
        let result = target.strays("shop").await;
        assert!(matches!(result, Err(Error::Unavailable(_))));
    }
    assert_eq!(target.strays("shop").await.unwrap().len(), 0);
}
