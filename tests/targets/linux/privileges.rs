//! Who may change routes.

use std::process::Command;

use podroute::targets::Error;

use crate::namespace::story_under;
use crate::plan::{target, try_converge};

#[test]
fn without_the_capability_reads_work_and_writes_say_what_is_missing() {
    if Command::new("setpriv").arg("--version").output().is_err() {
        println!("skipped: there is no setpriv");
        return;
    }
    story_under(&["setpriv", "--bounding-set=-net_admin"], async || {
        let mut target = target(&[]);
        assert_eq!(target.read().await.unwrap().routes, []);
        let error = try_converge(&mut *target, &[("10.244.1.0/24", "192.0.2.11")])
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{error}");
        assert!(
            error.to_string().contains("it needs CAP_NET_ADMIN"),
            "{error}"
        );
    });
}
