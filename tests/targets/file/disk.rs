//! Permissions, owners, symbolic links, and disks that refuse.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::process::Command;

use crate::support::{
    BOTH, FIRST, Folder, OWNER, open, parse, reconcile, refused, route, unavailable, worker_1,
    worker_2,
};

fn mode(folder: &Folder, name: &str) -> u32 {
    fs::metadata(folder.path(name)).unwrap().mode() & 0o7777
}

#[tokio::test]
async fn the_mode_of_the_file_is_kept() {
    let folder = Folder::new();
    let mut target = folder.target(&[]);
    reconcile(&mut *target, &[worker_1()]).await.unwrap();
    assert_eq!(mode(&folder, "routes.conf"), 0o644);

    fs::set_permissions(folder.path("routes.conf"), Permissions::from_mode(0o660)).unwrap();
    assert!(!target.read().await.unwrap().stale);
    reconcile(&mut *target, &[worker_1(), worker_2()])
        .await
        .unwrap();
    assert_eq!(mode(&folder, "routes.conf"), 0o660);
}

#[tokio::test]
async fn the_mode_that_is_asked_for_is_kept_up() {
    let folder = Folder::new();
    let mut target = folder.target(&["--mode", "600"]);
    reconcile(&mut *target, &[worker_1()]).await.unwrap();
    assert_eq!(mode(&folder, "routes.conf"), 0o600);

    fs::set_permissions(folder.path("routes.conf"), Permissions::from_mode(0o666)).unwrap();
    assert!(target.read().await.unwrap().stale);
    assert!(reconcile(&mut *target, &[worker_1()]).await.unwrap());
    assert_eq!(mode(&folder, "routes.conf"), 0o600);
    assert!(!target.read().await.unwrap().stale);
}

#[tokio::test]
async fn the_owner_of_the_file_is_kept() {
    let folder = Folder::new();
    let output = folder.put("routes.conf", "");
    if let Err(error) = chown(&output, Some(4711), Some(4712)) {
        eprintln!("not tested: giving a file away needs root: {error}");
        return;
    }
    fs::set_permissions(&output, Permissions::from_mode(0o640)).unwrap();
    let mut target = folder.target(&[]);
    reconcile(&mut *target, &[worker_1()]).await.unwrap();
    let metadata = fs::metadata(&output).unwrap();
    assert_eq!((metadata.uid(), metadata.gid()), (4711, 4712));
    assert_eq!(mode(&folder, "routes.conf"), 0o640);
    assert_eq!(folder.text("routes.conf"), FIRST);
}

#[tokio::test]
async fn a_link_stays_and_the_file_it_points_to_is_replaced() {
    let folder = Folder::new();
    fs::create_dir(folder.path("real")).unwrap();
    symlink("second", folder.path("routes.conf")).unwrap();
    symlink("real/file", folder.path("second")).unwrap();

    // The file need not be there yet.
    let mut target = folder.target(&[]);
    reconcile(&mut *target, &[worker_1()]).await.unwrap();
    assert_eq!(folder.text("real/file"), FIRST);
    reconcile(&mut *target, &[worker_1(), worker_2()])
        .await
        .unwrap();
    assert_eq!(folder.text("real/file"), BOTH);

    for (link, to) in [("routes.conf", "second"), ("second", "real/file")] {
        let target = fs::read_link(folder.path(link)).unwrap();
        assert_eq!(target.to_str(), Some(to));
    }
    assert_eq!(
        folder.names(),
        ["real", "routes.conf", "routes.conf.podroute.json", "second"]
    );
}

#[tokio::test]
async fn what_is_no_file_is_refused() {
    let folder = Folder::new();
    fs::create_dir(folder.path("folder")).unwrap();
    let folder_path = folder.path("folder");
    for output in ["/dev/full", "/dev/null", folder_path.as_str()] {
        let state = folder.path("state.json");
        let arguments = ["--output", output, "--template", "frr", "--state", &state];
        let mut target = open(OWNER, &arguments).unwrap();
        assert_eq!(
            refused(target.read().await.unwrap_err()),
            format!("{output} is no regular file of at most 64 MiB; choose another path")
        );
    }
    for output in ["/", ".."] {
        let arguments = ["--output", output, "--template", "frr"];
        let message = refused(open(OWNER, &arguments).err().unwrap());
        assert!(message.contains("is not the path of a file"), "{message}");
    }
}

#[tokio::test]
async fn a_folder_that_is_missing_is_not_made() {
    let folder = Folder::new();
    let output = folder.path("missing/routes.conf");
    let mut target = open(OWNER, &["--output", &output, "--template", "frr"]).unwrap();
    let message = refused(reconcile(&mut *target, &[worker_1()]).await.unwrap_err());
    assert!(
        message.starts_with(&format!("cannot write {output}: ")),
        "{message}"
    );
    assert!(
        message.ends_with("make its folder, or choose another path"),
        "{message}"
    );
    assert_eq!(folder.names(), [""; 0]);
}

#[test]
fn a_mode_is_three_octal_digits() {
    for mode in ["640", "0640", "777"] {
        assert!(parse(&["--output", "x", "--template", "frr", "--mode", mode]).is_ok());
    }
    for mode in ["1777", "648", "rw", "-1"] {
        assert!(parse(&["--output", "x", "--template", "frr", "--mode", mode]).is_err());
    }
}

/// Sixteen kilobytes of disk, mounted where only the child sees it.
#[test]
fn a_full_disk_leaves_the_old_file() {
    let folder = Folder::new();
    let mount = "mount -t tmpfs -o size=16k podroute-test \"$1\" && exec \"$2\" --exact \
                 disk::on_a_disk_of_16_kilobytes --ignored --nocapture";
    let child = Command::new("unshare")
        .args(["--mount", "--map-root-user", "sh", "-c", mount, "sh"])
        .arg(folder.0.path())
        .arg(std::env::current_exe().unwrap())
        .env("PODROUTE_TEST_FOLDER", folder.0.path())
        .output();
    match child {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let complained = String::from_utf8_lossy(&output.stderr).into_owned();
            if !said.contains("running 1 test") {
                eprintln!("not tested: a small disk cannot be mounted here: {complained}");
                return;
            }
            assert!(output.status.success(), "{said}{complained}");
        }
        Err(error) => eprintln!("not tested: `unshare` cannot be run: {error}"),
    }
}

#[tokio::test]
#[ignore = "another test runs it, on a small disk"]
async fn on_a_disk_of_16_kilobytes() {
    let path = std::env::var("PODROUTE_TEST_FOLDER").unwrap();
    let output = format!("{path}/routes.conf");
    let mut target = open(OWNER, &["--output", &output, "--template", "frr"]).unwrap();
    reconcile(&mut *target, &[worker_1()]).await.unwrap();

    // The text alone is larger than the disk; then only the state file that
    // comes with it is.
    for count in [2000, 100] {
        let many: Vec<_> = (0..count)
            .map(|n| {
                route(
                    &format!("10.{}.{}.0/24", n / 250, n % 250),
                    "192.0.2.11",
                    "worker-1",
                )
            })
            .collect();
        let message = unavailable(reconcile(&mut *target, &many).await.unwrap_err());
        assert!(
            message.starts_with(&format!("cannot write {output}")),
            "{message}"
        );
        assert!(message.ends_with("make room there"), "{message}");
        assert_eq!(fs::read_to_string(&output).unwrap(), FIRST);
        assert!(!target.read().await.unwrap().stale);
    }

    reconcile(&mut *target, &[worker_1(), worker_2()])
        .await
        .unwrap();
    assert_eq!(fs::read_to_string(&output).unwrap(), BOTH);
    let names = fs::read_dir(&path).unwrap().count();
    assert_eq!(names, 2);
}
