//! What is not ours is not replaced.

use std::fs;

use podroute::targets::{Changes, Wanted};

use crate::support::{
    BOTH, FIRST, Folder, OWNER, open, prefixes, reconcile, refused, state_file, worker_1, worker_2,
};

const THEIRS: &str = "ip route 0.0.0.0/0 192.0.2.1\n";

#[tokio::test]
async fn a_file_of_somebody_else_stays() {
    let folder = Folder::new();
    folder.put("routes.conf", THEIRS);
    let mut target = folder.target(&[]);
    let table = target.read().await.unwrap();
    assert_eq!((prefixes(&table).len(), table.stale), (0, true));
    let note = format!(
        "{} holds text that podroute may not have written (its state file {} is not there), and is \
         not replaced; move it away, choose another --output, or give --overwrite if podroute may \
         replace it",
        folder.path("routes.conf"),
        state_file(&folder).display()
    );
    assert_eq!(table.notes, std::slice::from_ref(&note));

    let message = refused(reconcile(&mut *target, &[worker_1()]).await.unwrap_err());
    assert_eq!(message, note);
    assert_eq!(folder.text("routes.conf"), THEIRS);
    assert_eq!(folder.names(), ["routes.conf"]);

    let mut target = folder.target(&["--overwrite"]);
    assert!(reconcile(&mut *target, &[worker_1()]).await.unwrap());
    assert_eq!(folder.text("routes.conf"), FIRST);

    // From here on it is ours.
    let mut target = folder.target(&[]);
    assert!(
        reconcile(&mut *target, &[worker_1(), worker_2()])
            .await
            .unwrap()
    );
    assert_eq!(folder.text("routes.conf"), BOTH);
}

#[tokio::test]
async fn an_empty_file_and_one_that_is_right_are_taken_over() {
    for text in ["", "\n", FIRST] {
        let folder = Folder::new();
        folder.put("routes.conf", text);
        let mut target = folder.target(&[]);
        assert!(reconcile(&mut *target, &[worker_1()]).await.unwrap());
        assert_eq!(folder.text("routes.conf"), FIRST);
        assert!(!reconcile(&mut *target, &[worker_1()]).await.unwrap());
    }
}

#[tokio::test]
async fn a_damaged_state_file_is_no_leave_to_replace_the_file() {
    let damages: [(&str, &str); 5] = [
        ("", "is damaged or not podroute's: EOF"),
        (
            "{\"schema\": \"podroute.file-st",
            "is damaged or not podroute's: EOF",
        ),
        ("[]", "is damaged or not podroute's: invalid"),
        ("\u{0}\u{1}", "is damaged or not podroute's: expected value"),
        (
            r#"{"schema":"podroute.file-state/v2","output":"","owner":"shop","reloadPending":false,"routes":[]}"#,
            "is of the form `podroute.file-state/v2`",
        ),
    ];
    for (damage, reason) in damages {
        let folder = Folder::new();
        let mut target = folder.target(&[]);
        reconcile(&mut *target, &[worker_1(), worker_2()])
            .await
            .unwrap();
        folder.put("routes.conf.podroute.json", damage);

        let message = refused(reconcile(&mut *target, &[worker_1()]).await.unwrap_err());
        assert!(message.contains(reason), "{message}");
        assert_eq!(folder.text("routes.conf"), BOTH);
        assert_eq!(folder.text("routes.conf.podroute.json"), damage);

        // The same routes need no leave, and mend the state.
        assert!(
            reconcile(&mut *target, &[worker_1(), worker_2()])
                .await
                .unwrap()
        );
        assert!(reconcile(&mut *target, &[worker_1()]).await.unwrap());
        assert_eq!(folder.text("routes.conf"), FIRST);
    }
}

#[tokio::test]
async fn without_an_output_file_a_damaged_state_file_harms_nobody() {
    let folder = Folder::new();
    folder.put("routes.conf.podroute.json", "{");
    let mut target = folder.target(&[]);
    assert!(reconcile(&mut *target, &[worker_1()]).await.unwrap());
    assert!(!reconcile(&mut *target, &[worker_1()]).await.unwrap());
    assert_eq!(folder.text("routes.conf"), FIRST);
}

#[tokio::test]
async fn two_files_cannot_share_a_state_file() {
    let folder = Folder::new();
    let state = folder.path("state.json");
    let mut target = folder.target(&["--state", &state]);
    reconcile(&mut *target, &[worker_1()]).await.unwrap();
    assert_eq!(folder.names(), ["routes.conf", "state.json"]);

    let moved = folder.path("moved.conf");
    let arguments = ["--output", &moved, "--template", "frr", "--state", &state];
    let mut other = open(OWNER, &arguments).unwrap();
    assert_eq!(
        refused(other.read().await.unwrap_err()),
        format!(
            "the state file {state} is that of {}, not of {moved}; give each file a --state of its \
             own (if the file was moved: give --overwrite once)",
            folder.path("routes.conf")
        )
    );

    fs::rename(folder.path("routes.conf"), &moved).unwrap();
    let mut other = open(OWNER, &[&arguments[..], &["--overwrite"]].concat()).unwrap();
    assert_eq!(prefixes(&other.read().await.unwrap()), ["10.0.1.0/24"]);
    assert!(
        reconcile(&mut *other, &[worker_1(), worker_2()])
            .await
            .unwrap()
    );
    assert_eq!(folder.text("moved.conf"), BOTH);
}

/// What the policy makes of routes that carry another cluster's mark.
fn plan_of(owner: &str, adds: &[Wanted]) -> Changes {
    Changes {
        owner: owner.to_owned(),
        adds: adds.to_vec(),
        all: adds.to_vec(),
        ..Changes::default()
    }
}

#[tokio::test]
async fn two_clusters_cannot_share_a_file() {
    let folder = Folder::new();
    let mut shop = folder.target(&[]);
    reconcile(&mut *shop, &[worker_1()]).await.unwrap();

    let mut bank = folder.target_of("bank", &[]);
    let table = bank.read().await.unwrap();
    assert_eq!(table.routes[0].owner.as_deref(), Some("shop"));
    assert!(table.stale);
    let message = refused(
        bank.write(&plan_of("bank", &[worker_2()]))
            .await
            .unwrap_err(),
    );
    assert_eq!(
        message,
        format!(
            "{} holds 1 routes of `shop`, and a file holds those of one cluster only; give each \
             cluster an --output of its own (if `bank` is the new name of that cluster: give \
             --overwrite once)",
            folder.path("routes.conf")
        )
    );
    assert_eq!(folder.text("routes.conf"), FIRST);

    let mut bank = folder.target_of("bank", &["--overwrite"]);
    bank.read().await.unwrap();
    bank.write(&plan_of("bank", &[worker_2()])).await.unwrap();
    let theirs = "\
! podroute: routes to the pods of bank. Changes by hand are undone.
ip route 10.0.2.0/24 192.0.2.12
";
    assert_eq!(folder.text("routes.conf"), theirs);
    let table = bank.read().await.unwrap();
    assert_eq!(table.routes[0].owner.as_deref(), Some("bank"));
    assert!(!table.stale);
}

#[tokio::test]
async fn a_cluster_that_was_renamed_keeps_its_file() {
    let folder = Folder::new();
    let mut shop = folder.target(&[]);
    reconcile(&mut *shop, &[worker_1()]).await.unwrap();

    // The policy knows the former name: the route is ours and needs the new
    // mark.
    let mut store = folder.target_of("store", &[]);
    assert!(store.read().await.unwrap().stale);
    let changes = Changes {
        owner: "store".to_owned(),
        updates: vec![worker_1()],
        all: vec![worker_1()],
        ..Changes::default()
    };
    store.write(&changes).await.unwrap();
    assert_eq!(folder.text("routes.conf"), FIRST.replace("shop", "store"));
    let table = store.read().await.unwrap();
    assert_eq!(table.routes[0].owner.as_deref(), Some("store"));
    assert!(!table.stale);
}

#[tokio::test]
async fn a_file_that_does_not_name_its_owner_has_one_all_the_same() {
    let folder = Folder::new();
    let template = folder.put("own.j2", "{{ routes | length }} routes\n");
    let own = ["--template", template.as_str()];
    let mut shop = folder.target(&own);
    reconcile(&mut *shop, &[]).await.unwrap();

    // The text would be the same for both.
    let mut bank = folder.target_of("bank", &own);
    assert!(bank.read().await.unwrap().stale);
    bank.write(&plan_of("bank", &[])).await.unwrap();
    assert!(!bank.read().await.unwrap().stale);
}
